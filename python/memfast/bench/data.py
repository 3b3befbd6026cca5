"""Synthetic memories shaped like real ones: equal for equal seeds, made in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Generator = np.random.Generator

HEAVY = "user-0"
SECOND = "user-1"
STEADY = "steady"
LIGHT = "light"
STEADY_ROWS = 1_000
LIGHT_ROWS = 64
AGENTS = 10
CATEGORIES = 20
BUCKETS = 100
THIRD_SHARE = 0.3
ROWS_PER_USER = 50
QUERIES = 256

CENTRES = 1_024
RANK = 64
CHUNK_BYTES = 32 << 20
CHUNK_ROWS = 20_000
YEAR_BEGIN = np.datetime64("2025-01-01T00:00:00", "s")
YEAR_SECONDS = 365 * 86_400

# The second number of a seed: each purpose has a random stream of its own.
SHAPE, STEADY_STREAM, CHUNK_STREAM, QUERY_STREAM = range(4)

VOCABULARY = """
the a my her his our their this that every and but or because when after before with without
for from about near likes prefers needs wants owns bought sold moved lives works plays reads
writes cooks travels sleeps plans visits remembers forgot asked told called met helped tea
coffee bread rice soup garden kitchen house flat street city village river mountain sea train
bicycle car flight ticket hotel holiday birthday wedding meeting project report deadline
customer invoice contract salary office school teacher student doctor dentist allergy nuts milk
medicine running swimming chess guitar piano music film novel poem painting museum dog cat
horse bird sister brother mother father daughter son friend neighbour colleague monday tuesday
friday weekend morning evening night january march june october winter summer blue green red
yellow black white small large old new quiet loud cheap expensive early late never always often
twice again python rust database server laptop phone keyboard password backup
"""
WORDS = np.array(VOCABULARY.split())


class Mixture:
    """Unit vectors around many centres.

    Like embeddings of text, they share a direction, form topics of unequal size, and scatter more
    along a few dozen directions (dense, not parallel to the axes) than along the rest.
    """

    def __init__(self, dim: int, seed: int) -> None:
        rng = np.random.default_rng([seed, SHAPE, dim])
        fall: Matrix = (1 / np.sqrt(1 + np.arange(RANK)))[:, None].astype(np.float32)
        self.dim = dim
        self.spread = _scaled(_normal(rng, RANK, dim) * fall, 0.55)
        topics = _scaled(_normal(rng, RANK, dim) * fall, 0.67)
        mean = _scaled(_normal(rng, 1, dim), 0.4)
        self.centres: Matrix = _normal(rng, CENTRES, RANK) @ topics + mean
        weights = rng.pareto(1.5, CENTRES) + 0.1
        self.edges = np.cumsum(weights / weights.sum())

    def draw(self, rng: Generator, rows: int) -> Matrix:
        """Return random vectors."""
        at = np.minimum(np.searchsorted(self.edges, rng.random(rows)), CENTRES - 1)
        vectors = _normal(rng, rows, self.dim)
        vectors *= np.float32(0.3 / np.sqrt(self.dim))
        vectors += _normal(rng, rows, RANK) @ self.spread
        vectors += self.centres[at]
        return _unit(vectors)


class RowMetadata(TypedDict):
    """Values to filter by: each category holds 5 % of the rows, each bucket 1 %."""

    category: str
    bucket: int
    third: bool


class Row(TypedDict):
    """A row of an import."""

    memory: str
    user_id: str
    agent_id: str
    metadata: RowMetadata
    created_at: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows for `Memory.import_`, and their vectors."""

    rows: list[Row]
    vectors: Matrix

    @property
    def text_bytes(self) -> int:
        """Return the length of all texts in UTF-8."""
        return sum(len(row["memory"].encode()) for row in self.rows)


class Synthetic:
    """The rows of a tier.

    Most belong to users whose sizes follow Zipf's law; `HEAVY` is the largest. `LIGHT` has 64 rows
    and `STEADY` 1,000 (fewer in a small tier), spread evenly over all rows. The rows of `STEADY`
    and the queries are the same in every tier of a seed and dimension.

    Args:
        rows: How many rows.
        dim: Dimensions of the vectors.
        seed: Equal seeds give equal data.
    """

    def __init__(self, rows: int, dim: int, seed: int = 0) -> None:
        self.rows = rows
        self.dim = dim
        self.seed = seed
        self.steady_rows = min(STEADY_ROWS, rows // 8)
        self.light_rows = min(LIGHT_ROWS, rows // 16)
        self.users = max(2, rows // ROWS_PER_USER)
        shares = 1 / np.arange(1, self.users + 1)
        self._edges = np.cumsum(shares / shares.sum())
        self.mixture = Mixture(dim, seed)

    @cached_property
    def steady(self) -> Chunk:
        """All rows of the steady user in a large tier."""
        rng = np.random.default_rng([self.seed, STEADY_STREAM, self.dim])
        when = np.arange(STEADY_ROWS) / STEADY_ROWS
        return Chunk(
            _records(rng, [STEADY] * STEADY_ROWS, when), self.mixture.draw(rng, STEADY_ROWS)
        )

    @cached_property
    def queries(self) -> Matrix:
        """Vectors near rows of the steady user, at a cosine of about 0.85."""
        rng = np.random.default_rng([self.seed, QUERY_STREAM, self.dim])
        near = self.steady.vectors[np.arange(QUERIES) % 32]
        return _unit(near + _normal(rng, QUERIES, self.dim) * np.float32(0.6 / np.sqrt(self.dim)))

    def chunks(self) -> Iterator[Chunk]:
        """Make the rows, in chunks of at most 20,000 rows and 32 MiB of vectors."""
        step = min(CHUNK_ROWS, CHUNK_BYTES // (4 * self.dim))
        for start in range(0, self.rows, step):
            yield self._chunk(start, min(start + step, self.rows))

    def some_users(self, count: int) -> list[str]:
        """Return users for some calls, drawn with the frequencies of their rows."""
        rng = np.random.default_rng([self.seed, QUERY_STREAM])
        return self._draw_users(rng, count)

    def _chunk(self, start: int, end: int) -> Chunk:
        rng = np.random.default_rng([self.seed, CHUNK_STREAM, self.dim, self.rows, start])
        at = np.arange(start, end)
        users = self._draw_users(rng, len(at))
        # The rows of the steady and the light user are spread evenly among the others.
        special = self.steady_rows + self.light_rows
        turn = at * special // self.rows
        taken = (at + 1) * special // self.rows != turn
        light = (turn + 1) * self.light_rows // special != turn * self.light_rows // special
        steady_turn = turn - turn * self.light_rows // special
        for row in np.flatnonzero(taken & light).tolist():
            users[row] = LIGHT
        rows = _records(rng, users, at / self.rows)
        vectors = self.mixture.draw(rng, len(at))
        own = np.flatnonzero(taken & ~light)
        vectors[own] = self.steady.vectors[steady_turn[own]]
        for row in own.tolist():
            rows[row] = self.steady.rows[int(steady_turn[row])]
        return Chunk(rows, vectors)

    def _draw_users(self, rng: Generator, count: int) -> list[str]:
        ranks = np.minimum(np.searchsorted(self._edges, rng.random(count)), self.users - 1)
        return [f"user-{rank}" for rank in ranks.tolist()]


def day(fraction: float) -> str:
    """Return a time in the year of the rows, as ISO text."""
    return f"{YEAR_BEGIN + np.timedelta64(int(fraction * YEAR_SECONDS), 's')}Z"


def _records(rng: Generator, users: list[str], when: NDArray[np.float64]) -> list[Row]:
    count = len(users)
    seconds = (when * YEAR_SECONDS).astype("timedelta64[s]")
    times = np.datetime_as_string(YEAR_BEGIN + seconds, unit="s", timezone="UTC").tolist()
    lengths = rng.integers(5, 26, count)
    words = WORDS[rng.integers(0, len(WORDS), int(lengths.sum()))].tolist()
    ends = np.cumsum(lengths).tolist()
    starts = [0, *ends[:-1]]
    agents = rng.integers(0, AGENTS, count).tolist()
    categories = rng.integers(0, CATEGORIES, count).tolist()
    buckets = rng.integers(0, BUCKETS, count).tolist()
    thirds = (rng.random(count) < THIRD_SHARE).tolist()
    return [
        {
            "memory": " ".join(words[start:end]),
            "user_id": user,
            "agent_id": f"agent-{agent}",
            "metadata": {"category": f"c{category}", "bucket": bucket, "third": third},
            "created_at": time,
        }
        for start, end, user, agent, category, bucket, third, time in zip(
            starts, ends, users, agents, categories, buckets, thirds, times, strict=True
        )
    ]


def _normal(rng: Generator, rows: int, dim: int) -> Matrix:
    return rng.standard_normal((rows, dim), dtype=np.float32)


def _scaled(directions: Matrix, size: float) -> Matrix:
    """Scale directions so that a sum of them with normal weights has about this length."""
    scaled: Matrix = directions * np.float32(size / np.linalg.norm(directions))
    return scaled


def _unit(vectors: Matrix) -> Matrix:
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
