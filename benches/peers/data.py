"""What all rivals store and are asked: rows, vectors, queries, and the exact answers.

Everything follows from rows, dimensions and seed. Vectors lie around topics in a space of few
dimensions, as embeddings of sentences do; the users' sizes fall off as one over their rank.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

K = 10
START = 1_735_689_600
YEAR = 365 * 86_400
EXTRA = 60
HEAVY, MIDDLE, LIGHT = "user-heavy", "user-1000", "user-light"
# How many dimensions the vectors really fill, and how far a text lies from its topic.
LATENT = 48
SPREAD = 0.8
NOISE = 0.25
BATCH = 50_000

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


class Row(TypedDict):
    row: int
    text: str
    user: str
    category: str
    bucket: int
    third: int
    created_at: int


@dataclass(frozen=True)
class Case:
    """One kind of search: in the scope of a user (None: all), with conditions on fields."""

    name: str
    title: str
    user: str | None
    equal: dict[str, str | int]
    since: int | None = None
    until: int | None = None

    def holds(self, row: Row) -> bool:
        """Whether a row is in the scope."""
        return (
            (self.user is None or row["user"] == self.user)
            and all(row[key] == value for key, value in self.equal.items())  # type: ignore[literal-required]
            and (self.since is None or row["created_at"] >= self.since)
            and (self.until is None or row["created_at"] < self.until)
        )


CASES = (
    Case("heavy", "heavy user", HEAVY, {}),
    Case("light", "light user", LIGHT, {}),
    Case("middle", "1,000-row user", MIDDLE, {}),
    Case(
        "narrow", "user+cat+time", HEAVY, {"category": "c3"}, START + YEAR // 4, START + YEAR // 2
    ),
    Case("one", "metadata 1 %", None, {"bucket": 7}),
    Case("thirty", "metadata 30 %", None, {"third": 1}),
    Case("all", "unscoped", None, {}),
)


@dataclass
class Data:
    """Rows and vectors to store, rows to add one by one, queries with their exact answers."""

    rows: list[Row]
    vectors: Floats
    extra: list[Row]
    extra_vectors: Floats
    queries: Floats
    cases: list[Case]
    members: dict[str, Ints]
    truth: dict[str, Ints]

    @property
    def dim(self) -> int:
        return int(self.vectors.shape[1])


def users_of(rows: int, rng: np.random.Generator) -> list[str]:
    """The user of each row: a heavy one, one of 64 rows, one of 1,000, and many by Zipf's law."""
    heavy, light, middle = rows * 12 // 100, min(64, rows // 20), min(1000, rows // 5)
    # The shift keeps the first of the many below the heavy user.
    weights = 1 / (np.arange(max(20, rows // 200)) + 4.0)
    many = rng.choice(len(weights), rows - heavy - light - middle, p=weights / weights.sum())
    named = [HEAVY] * heavy + [LIGHT] * light + [MIDDLE] * middle
    users = named + [f"user-{rank}" for rank in many.tolist()]
    return [users[place] for place in rng.permutation(rows).tolist()]


class Topics:
    """Draws unit vectors around topics, some topics more often than others."""

    def __init__(self, count: int, dim: int, rng: np.random.Generator) -> None:
        self.rng = rng
        self.centres = rng.standard_normal((count, LATENT)).astype(np.float32)
        self.spread = rng.standard_normal((LATENT, dim)).astype(np.float32) / np.sqrt(LATENT)
        # Embeddings share a direction; without it, scores would lie around zero.
        self.common = rng.standard_normal(dim).astype(np.float32) * 0.7
        weights = 1 / (np.arange(count) + 10.0)
        self.weights = weights / weights.sum()

    def draw(self, count: int) -> tuple[Floats, list[int]]:
        """Vectors, and the topic of each."""
        vectors = np.empty((count, self.common.size), np.float32)
        topics = self.rng.choice(len(self.centres), count, p=self.weights)
        for start in range(0, count, BATCH):
            some = topics[start : start + BATCH]
            latent = self.centres[some] + SPREAD * self._normal(len(some), LATENT)
            full = latent @ self.spread + self.common
            full += NOISE * self._normal(len(some), full.shape[1])
            vectors[start : start + BATCH] = full / np.linalg.norm(full, axis=1, keepdims=True)
        return vectors, topics.tolist()

    def _normal(self, rows: int, columns: int) -> Floats:
        return self.rng.standard_normal((rows, columns), dtype=np.float32)


def make_rows(
    first: int, users: Sequence[str], topics: Sequence[int], rng: np.random.Generator
) -> list[Row]:
    """Rows numbered from `first`; a text begins with its row's number."""
    count = len(users)
    columns = zip(
        users,
        topics,
        rng.integers(20, size=count).tolist(),
        rng.integers(100, size=count).tolist(),
        (rng.random(count) < 0.3).astype(int).tolist(),
        rng.integers(START, START + YEAR, size=count).tolist(),
        strict=True,
    )
    return [
        Row(
            row=first + index,
            text=f"{first + index} is what was said of topic {topic} on some day, kept verbatim",
            user=user,
            category=f"c{category}",
            bucket=bucket,
            third=third,
            created_at=at,
        )
        for index, (user, topic, category, bucket, third, at) in enumerate(columns)
    ]


def members_of(case: Case, rows: Iterable[Row]) -> Ints:
    """The numbers of the rows in a case's scope."""
    return np.array([row["row"] for row in rows if case.holds(row)], np.int64)


def exact(queries: Floats, vectors: Floats, members: Ints, k: int = K) -> Ints:
    """The k best members for each query by cosine, best first; -1 where there are fewer."""
    pool = vectors if len(members) == len(vectors) else vectors[members]
    best = np.full((len(queries), k), -1, np.int64)
    for index, query in enumerate(queries):
        scores = pool @ query
        order = np.lexsort((members, -scores)) if len(scores) <= k else _top(scores, k)
        best[index, : len(order)] = members[order[:k]]
    return best


def _top(scores: Floats, k: int) -> Ints:
    some = np.argpartition(-scores, k - 1)[:k]
    return some[np.argsort(-scores[some], kind="stable")]


def recall(found: Sequence[Sequence[int]], truth: Ints) -> float:
    """The share of the exact answers that was found, over all queries; 1.0 where there are none."""
    wanted = [{row for row in line if row >= 0} for line in truth.tolist()]
    total = sum(map(len, wanted))
    hits = sum(len(want & set(got)) for want, got in zip(wanted, found, strict=False))
    return hits / total if total else 1.0


def make(rows: int, dim: int, queries: int, seed: int) -> Data:
    """Draw everything, and work out the exact answers."""
    rng = np.random.default_rng(seed)
    source = Topics(max(32, rows // 200), dim, rng)
    vectors, topics = source.draw(rows)
    extra_vectors, extra_topics = source.draw(EXTRA)
    asked, _ = source.draw(queries)
    table = make_rows(0, users_of(rows, rng), topics, rng)
    members = {case.name: members_of(case, table) for case in CASES}
    return Data(
        rows=table,
        vectors=vectors,
        extra=make_rows(rows, [MIDDLE] * EXTRA, extra_topics, rng),
        extra_vectors=extra_vectors,
        queries=asked,
        cases=list(CASES),
        members=members,
        truth={name: exact(asked, vectors, some) for name, some in members.items()},
    )


def save(data: Data, place: Path) -> None:
    """Write what `load` reads."""
    np.save(place / "vectors.npy", data.vectors)
    np.save(place / "extra.npy", data.extra_vectors)
    np.save(place / "queries.npy", data.queries)
    np.savez(place / "members.npz", **data.members)  # type: ignore[arg-type]
    np.savez(place / "truth.npz", **data.truth)  # type: ignore[arg-type]
    (place / "cases.json").write_text(json.dumps([asdict(case) for case in data.cases]))
    for name, rows in (("rows", data.rows), ("extra", data.extra)):
        with (place / f"{name}.jsonl").open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row) + "\n" for row in rows)


def load(place: Path) -> Data:
    """Read what `save` wrote."""

    def rows(name: str) -> list[Row]:
        with (place / f"{name}.jsonl").open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    return Data(
        rows=rows("rows"),
        vectors=np.load(place / "vectors.npy"),
        extra=rows("extra"),
        extra_vectors=np.load(place / "extra.npy"),
        queries=np.load(place / "queries.npy"),
        cases=[Case(**case) for case in json.loads((place / "cases.json").read_text())],
        members=dict(np.load(place / "members.npz")),
        truth=dict(np.load(place / "truth.npz")),
    )
