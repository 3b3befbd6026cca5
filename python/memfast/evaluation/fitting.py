"""Fits the weights of the numbers that memories are ranked by to the questions of a file.

One deep search a question, explained, gives the numbers of its candidates; the rest is computed on
these. Each weight in turn is multiplied by each of `STEPS`, and the best change is kept, until none
helps: a coordinate search (Hooke and Jeeves, "Direct search solution of numerical and statistical
problems", J. ACM 8, 1961, without its pattern moves). Half of the questions decide, by searches of
their own, whether the weights found are better than those that the fit began with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from memfast.errors import ValidationError
from memfast.evaluation.measures import DEPTHS, HIT_AT, mean, measure
from memfast.evaluation.run import Asked, Search, Tell, chosen, stored

if TYPE_CHECKING:
    from memfast.evaluation.files import Conversation
    from memfast.evaluation.storing import Form, TurnsOf
    from memfast.memory import Memory

# What each number counts by default.
WEIGHTS = {
    "bm25": 4.1,
    "cover": 4.9,
    "before": 6.4,
    "after": 4.6,
    "vector": 3.1,
    "length": 0.91,
    "long": -1.5,
    "speaker": 1.3,
    "assistant": -3.0,
    "assistant_asked": 3.0,
    "date": 6.5,
    "worth": 0.5,
}
# What a weight is multiplied by.
STEPS = (0.0, 0.5, 0.7, 0.85, 1.2, 1.4, 2.0)
# Most times that all weights are gone through.
PASSES = 8
# Least gain in recall@10 + MRR for which a weight is changed.
LEAST_GAIN = 0.001
# Candidates of a question.
DEPTH = 200
LEAST_QUESTIONS = 20
# A half may hold so small a share of the questions.
LEAST_SHARE = 0.25
# Standard errors above which a gain is not an accident.
SURE = 2.0
RECALL = f"recall@{HIT_AT}"


@dataclass(frozen=True, slots=True)
class Half:
    """Means of recall@10 and MRR over a half of the questions.

    Attributes:
        questions: How many there are.
        before: With the weights that the fit began with.
        after: With those that it found.
    """

    questions: int
    before: Mapping[str, float]
    after: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Fit:
    """What a fit found.

    Attributes:
        better: Whether the weights found are surely better on the questions held out.
        weights: What to pass as `weights=`: those found, if they are better, and those left out.
        found: The changed weights, whatever the held out questions say of them.
        learned: The questions that they were fitted on.
        held_out: Those that decide.
        gain: Mean gain in recall@10 + MRR over the questions held out.
        error: Its standard error.
    """

    better: bool
    weights: Mapping[str, float]
    found: Mapping[str, float]
    learned: Half
    held_out: Half
    gain: float
    error: float


class Case(NamedTuple):
    """A question with its candidates, in the order of their ids.

    Attributes:
        numbers: By name one value for each candidate; no name whose values are all 0.
        covers: The evidence that each candidate holds.
        evidence: How much evidence there is.
    """

    numbers: Mapping[str, list[float]]
    covers: list[frozenset[str]]
    evidence: int

    def sums(self, weights: Mapping[str, float]) -> list[float]:
        """Return the sum of each candidate."""
        sums = [0.0] * len(self.covers)
        for name, values in self.numbers.items():
            weight = weights[name]
            sums = [total + weight * value for total, value in zip(sums, values, strict=True)]
        return sums

    def value(self, sums: Sequence[float]) -> float:
        """Return recall@10 + reciprocal rank in the order of the sums."""
        if not any(self.covers):
            return 0.0
        first = nlargest(HIT_AT, range(len(sums)), key=sums.__getitem__)
        covered = frozenset[str]().union(*(self.covers[at] for at in first))
        at = max((at for at, held in enumerate(self.covers) if held), key=sums.__getitem__)
        best = sums[at]
        rank = 1 + sum(total > best for total in sums) + sums[:at].count(best)
        return len(covered) / self.evidence + (1 / rank if rank <= DEPTHS[-1] else 0.0)


def fit(
    memory: Memory,
    conversations: Sequence[Conversation],
    form: Form,
    *,
    without: Sequence[str] = (),
    limit: int | None = None,
    options: Mapping[str, Any] | None = None,
    storing: Tell = lambda _done, _total: None,
    asking: Tell = lambda _done, _total: None,
) -> Fit:
    """Store conversations, and fit the weights of hybrid searches to their questions.

    Args:
        memory: An empty memory.
        conversations: The conversations.
        form: How they are stored.
        without: Numbers that count nothing.
        limit: Use so many questions, the first of the file.
        options: More arguments of each search.
        storing: Called with how many turns are stored, and how many will be.
        asking: The same for searches.

    Raises:
        ValidationError: There are too few questions.
    """
    asked = chosen(conversations, limit)
    if len(asked) < LEAST_QUESTIONS:
        raise ValidationError(
            f"a fit needs {LEAST_QUESTIONS} questions with evidence or more, not {len(asked)}"
        )
    turns_of = stored(memory, conversations, asked, form, storing)
    begin = {name: 0.0 if name in without else weight for name, weight in WEIGHTS.items()}
    if memory.config.vector_weight is not None and "vector" not in without:
        begin["vector"] = memory.config.vector_weight
    learned, held_out = halves(asked)
    total = len(learned) + 2 * len(asked)
    cases = []
    for one in learned:
        user = conversations[one.own].id
        turns_of_hit = turns_of[one.own]
        cases.append(_case(memory, one, user, turns_of_hit, weights=begin, options=options or {}))
        asking(len(cases), total)
    weights = fitted(cases, begin)
    done = len(learned)
    values = []
    for half in (learned, held_out):
        for now in (begin, weights):
            search = Search(memory, conversations, {**(options or {}), "weights": now})
            values.append([_measured(search, one, turns_of[one.own]) for one in half])
            done += len(half)
            asking(done, total)
    means = [mean(rows) for rows in values]
    before, after = ([row[RECALL] + row["mrr"] for row in rows] for rows in values[2:])
    gains = [new - old for old, new in zip(before, after, strict=True)]
    gain, error = _gain(gains)
    found = {name: weight for name, weight in weights.items() if weight != begin[name]}
    zeros = dict.fromkeys(without, 0.0)
    better = gain > SURE * error
    return Fit(
        better,
        {**zeros, **found} if better else zeros,
        found,
        Half(len(learned), means[0], means[1]),
        Half(len(held_out), means[2], means[3]),
        gain,
        error,
    )


def halves(asked: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """Return the questions to learn from, and those to judge by.

    Conversations are not divided, unless one holds most of the questions.
    """
    counts = Counter(one.own for one in asked)
    mine: set[int] = set()
    sizes = [0, 0]
    for own, count in counts.most_common():
        if sizes[0] <= sizes[1]:
            mine.add(own)
            sizes[0] += count
        else:
            sizes[1] += count
    if min(sizes) < LEAST_SHARE * len(asked):
        return list(asked[::2]), list(asked[1::2])
    return [one for one in asked if one.own in mine], [one for one in asked if one.own not in mine]


def fitted(cases: Sequence[Case], begin: Mapping[str, float]) -> dict[str, float]:
    """Return the weights that a coordinate search finds.

    Args:
        cases: Questions with their candidates.
        begin: The weights that it starts with. One of 0 stays 0.
    """
    weights = dict(begin)
    sums = [case.sums(weights) for case in cases]
    values = [case.value(totals) for case, totals in zip(cases, sums, strict=True)]
    for _ in range(PASSES):
        changed = False
        for name, weight in weights.items():
            wanted, best = sum(values) + LEAST_GAIN * len(cases), (sums, values)
            for new in [round(weight * step, 6) for step in STEPS if weight]:
                moved = _moved(cases, sums, values, name, new - weight)
                if sum(moved[1]) > wanted:
                    wanted, weights[name], best = sum(moved[1]), new, moved
            sums, values = best
            changed |= weights[name] != weight
        if not changed:
            break
    return weights


def _moved(
    cases: Sequence[Case],
    sums: Sequence[list[float]],
    values: Sequence[float],
    name: str,
    change: float,
) -> tuple[list[list[float]], list[float]]:
    """Return sums and values with another weight of a number."""
    moved, measured = [], []
    for case, totals, value in zip(cases, sums, values, strict=True):
        column = case.numbers.get(name)
        if column is None:
            moved.append(totals)
            measured.append(value)
            continue
        new = [total + change * own for total, own in zip(totals, column, strict=True)]
        moved.append(new)
        measured.append(case.value(new))
    return moved, measured


def _case(
    memory: Memory,
    one: Asked,
    user: str,
    turns_of: TurnsOf,
    *,
    weights: Mapping[str, float],
    options: Mapping[str, Any],
) -> Case:
    found = memory.search(
        one.question.question,
        user_id=user,
        limit=DEPTH,
        explain=True,
        weights=weights,
        **options,
    )
    # The order in which equal sums are found.
    hits = sorted(found["results"], key=lambda hit: hit["id"])
    parts = [hit["score_details"].get("parts", {}) for hit in hits]
    names = {name for part in parts for name in part}
    numbers = {name: [part.get(name, 0.0) / weights[name] for part in parts] for name in names}
    evidence = frozenset(one.question.evidence)
    return Case(numbers, [turns_of(hit["id"]) & evidence for hit in hits], len(evidence))


def _measured(search: Search, one: Asked, turns_of: TurnsOf) -> dict[str, float]:
    answer = search.answer(one.question, one.own, turns_of)
    return measure(answer.ranked, frozenset(one.question.evidence))


def _gain(gains: Sequence[float]) -> tuple[float, float]:
    """Return the mean of gains and its standard error."""
    gain = sum(gains) / len(gains)
    spread = sum((one - gain) ** 2 for one in gains) / max(1, len(gains) - 1)
    return gain, sqrt(spread / len(gains))
