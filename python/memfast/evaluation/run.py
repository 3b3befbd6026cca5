"""Asks the questions of a file, and measures the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from memfast.errors import ValidationError
from memfast.evaluation.files import Conversation, Question
from memfast.evaluation.measures import DEPTHS, mean, measure, percentile
from memfast.evaluation.storing import Form, TurnsOf, store

if TYPE_CHECKING:
    from memfast.memory import Memory

# Called with how many are done, and how many there are.
Tell = Callable[[int, int], object]
MODES = ("hybrid", "semantic", "lexical")


@dataclass(frozen=True, slots=True)
class Means:
    """How many questions there are, and the mean of each measure."""

    questions: int
    measures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one mode of search reached.

    Attributes:
        all: Over all questions.
        categories: Over those of each category.
        own: The share of questions with a hit that reaches the threshold.
        foreign: The same of the questions asked of the next conversation; None if there is none.
        p50_ms: Milliseconds of a search that half of the searches do not exceed.
        p99_ms: The same for 99 of 100.
    """

    all: Means
    categories: Mapping[str, Means]
    own: float
    foreign: float | None
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured.

    Attributes:
        memories: How many memories were searched.
        threshold: The least score of a hit that counts for `own` and `foreign`.
        modes: The figures of each mode.
    """

    memories: int
    threshold: float
    modes: Mapping[str, Figures] = field(default_factory=dict)


class Asked(NamedTuple):
    """A question with the numbers of its conversation, and of the one after it in the file."""

    question: Question
    own: int
    foreign: int


class Answer(NamedTuple):
    """What a search returned: the turns of its hits, the greatest score, and its seconds."""

    ranked: list[frozenset[str]]
    best: float
    seconds: float


def chosen(conversations: Sequence[Conversation], limit: int | None) -> list[Asked]:
    """Return the first questions that have evidence.

    Raises:
        ValidationError: There is none.
    """
    asked = [
        Asked(question, at, (at + 1) % len(conversations))
        for at, conversation in enumerate(conversations)
        for question in conversation.questions
        if question.evidence
    ]
    if not asked:
        raise ValidationError("no question of the file has evidence")
    return asked[:limit]


def evaluate(
    memory: Memory,
    conversations: Sequence[Conversation],
    form: Form,
    *,
    modes: Sequence[str],
    threshold: float = 0.5,
    limit: int | None = None,
    options: Mapping[str, Any] | None = None,
    storing: Tell = lambda _done, _total: None,
    asking: Tell = lambda _done, _total: None,
) -> Evaluation:
    """Store conversations, ask their questions, and measure the answers.

    Args:
        memory: An empty memory.
        conversations: The conversations.
        form: How they are stored.
        modes: The modes of search.
        threshold: Least score of a hit that counts as an answer.
        limit: Ask so many questions; only their conversations are stored. None for all.
        options: More arguments of each search.
        storing: Called with how many turns are stored, and how many will be.
        asking: The same for questions.

    Raises:
        ValidationError: No question has evidence.
    """
    asked = chosen(conversations, limit)
    turns_of = stored(memory, conversations, asked, form, storing)
    figures = {}
    total = len(asked) * len(modes)
    for at, mode in enumerate(modes):
        search = Search(memory, conversations, {**(options or {}), "mode": mode})
        answers, foreign = [], []
        for number, one in enumerate(asked, at * len(asked)):
            answers.append(search.answer(one.question, one.own, turns_of[one.own]))
            if one.foreign != one.own:
                foreign.append(search.best(one.question, one.foreign) >= threshold)
            asking(number + 1, total)
        figures[mode] = _figures([one.question for one in asked], answers, foreign, threshold)
    return Evaluation(memory.count(user_id="*"), threshold, figures)


def stored(
    memory: Memory,
    conversations: Sequence[Conversation],
    asked: Sequence[Asked],
    form: Form,
    tell: Tell,
) -> dict[int, TurnsOf]:
    """Store the conversations that are asked; return by number what their memories stand for."""
    wanted = sorted({at for one in asked for at in (one.own, one.foreign)})
    total = sum(len(conversations[at].turns) for at in wanted)
    done, turns_of = 0, {}
    for at in wanted:
        turns_of[at] = store(memory, conversations[at], form)
        done += len(conversations[at].turns)
        tell(done, total)
    return turns_of


@dataclass(frozen=True, slots=True)
class Search:
    """Searches in the memories of conversations.

    Attributes:
        memory: Where they are stored.
        conversations: The conversations.
        options: More arguments of each search.
    """

    memory: Memory
    conversations: Sequence[Conversation]
    options: Mapping[str, Any]

    def answer(self, question: Question, at: int, turns_of: TurnsOf) -> Answer:
        """Ask a question of the conversation with a number; its memories stand for turns."""
        user, begin = self.conversations[at].id, perf_counter()
        found = self.memory.search(
            question.question, user_id=user, limit=DEPTHS[-1], **self.options
        )
        seconds = perf_counter() - begin
        hits = found["results"]
        best = max((hit["score"] for hit in hits), default=0.0)
        return Answer([turns_of(hit["id"]) for hit in hits], best, seconds)

    def best(self, question: Question, at: int) -> float:
        """Return the greatest score in another conversation."""
        user = self.conversations[at].id
        found = self.memory.search(question.question, user_id=user, limit=1, **self.options)
        return max((hit["score"] for hit in found["results"]), default=0.0)


def _figures(
    questions: Sequence[Question],
    answers: Sequence[Answer],
    foreign: Sequence[bool],
    threshold: float,
) -> Figures:
    measured = [
        measure(answer.ranked, frozenset(question.evidence))
        for question, answer in zip(questions, answers, strict=True)
    ]
    milliseconds = [answer.seconds * 1000 for answer in answers]
    return Figures(
        Means(len(measured), mean(measured)),
        dict(_by_category(questions, measured)),
        sum(answer.best >= threshold for answer in answers) / len(answers),
        sum(foreign) / len(foreign) if foreign else None,
        percentile(milliseconds, 0.5),
        percentile(milliseconds, 0.99),
    )


def _by_category(
    questions: Sequence[Question], measured: Sequence[dict[str, float]]
) -> Iterator[tuple[str, Means]]:
    names = [str(one.category) if one.category is not None else "none" for one in questions]
    for name in sorted(set(names)):
        rows = [row for own, row in zip(names, measured, strict=True) if own == name]
        yield name, Means(len(rows), mean(rows))
