"""Long messages and replies are read in linear time."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable

import pytest

from memfast.extraction.facts import Turn
from memfast.extraction.repair import MOST_ITEMS
from memfast.extraction.reply import read_reply
from memfast.extraction.rules import extract, extracting
from memfast.extraction.rules.merge import MOST_ALIKE
from memfast.extraction.rules.sentences import LONGEST
from memfast.types import Reply

SHORT = 8_000
TIMES = 4
# Quadratic work takes 16 times as long for four times the input.
MOST_TIMES = 8


def numbered(sentence: str) -> Callable[[int], str]:
    return lambda length: " ".join(
        sentence.format(number) for number in range(length // len(sentence))
    )


def repeated(part: str) -> Callable[[int], str]:
    return lambda length: part * (length // len(part))


def shuffled(length: int) -> str:
    order = random.Random(1)
    words = ["like", "tea", "milk", "rain", "snow", "cake"]
    return " ".join(f"I {' '.join(order.sample(words, 6))}." for _ in range(length // 32))


def seconds(work: Callable[[], object]) -> float:
    """Return the least CPU time of three runs, in seconds."""

    def once() -> float:
        begin = time.process_time()
        work()
        return time.process_time() - begin

    return min(once() for _ in range(3))


def times(work: Callable[[int], object]) -> float:
    """Return the ratio of times for inputs of `TIMES * SHORT` and `SHORT` characters."""
    work(SHORT)
    # Shorter times are below the resolution of the clock.
    return seconds(lambda: work(TIMES * SHORT)) / max(0.002, seconds(lambda: work(SHORT)))


@pytest.mark.parametrize(
    "text",
    [
        numbered("I bought boat {}."),
        repeated("I like tea. "),
        repeated("I live in Oslo, "),
        repeated("I live in Oslo. I live in Rome. "),
        numbered("- likes tea {}\n"),
        repeated("Translate this. "),
        repeated("[a: b] "),
        repeated("I said ?[ "),
        shuffled,
    ],
    ids=["sentences", "alike", "commas", "moves", "list", "orders", "notes", "marks", "shuffled"],
)
def test_extraction_time_is_linear_in_text_length(text: Callable[[int], str]) -> None:
    assert times(lambda length: extract([Turn(0, "user", text(length))])) < MOST_TIMES


def test_extraction_time_is_linear_in_message_length() -> None:
    def talk(length: int) -> list[Turn]:
        said = Turn(0, "assistant", "I see. " * (length // 7))
        return [said, Turn(1, "user", "Yes. " * (length // 5))]

    assert times(lambda length: extract(talk(length))) < MOST_TIMES


@pytest.mark.parametrize(
    "text",
    [
        repeated("</think>"),
        repeated("<think></think>"),
        lambda length: '{"facts":[' + "0" * length,
        lambda length: '{"facts":[' + "0," * length,
        lambda length: '{"facts":["' + 'a" b' * (length // 4) + '"]}',
    ],
    ids=["thoughts", "empty thoughts", "digits", "numbers", "quotes"],
)
def test_reply_reading_time_is_linear_in_reply_length(text: Callable[[int], str]) -> None:
    turns = [Turn(0, "user", "I live in Oslo")]
    assert times(lambda length: read_reply(Reply(text(length)), turns, {})) < MOST_TIMES


@pytest.mark.parametrize("part", ["I bought boat {}. ", "- boat {}\n"])
def test_extraction_can_be_interrupted_after_each_sentence(part: str) -> None:
    def interruptions(count: int) -> int:
        text = "".join(map(part.format, range(count)))
        return sum(1 for _ in extracting([Turn(0, "user", text)]))

    assert interruptions(1_000) >= 8 * interruptions(100) >= 80


def test_an_overlong_sentence_is_split_without_losing_a_word() -> None:
    said = ", ".join(f"we walked to river {number}" for number in range(500))
    kept = [fact.text for fact in extract([Turn(0, "user", said)])]
    assert " ".join(kept).split() == said.split()
    assert max(map(len, kept)) <= LONGEST
    assert all(text.endswith(",") for text in kept[:-1])
    blob = "".join(map(str, range(2_000)))
    assert "".join(fact.text for fact in extract([Turn(0, "user", blob)])) == blob


def test_the_last_value_holds_after_any_number_of_changes() -> None:
    cities = ["Oslo", "Rome"] * (2 * MOST_ALIKE) + ["Paris"]
    facts = extract([Turn(0, "user", " ".join(f"I live in {city}." for city in cities))])
    assert [fact.text for fact in facts][-2:] == ["I live in Rome.", "I live in Paris."]
    assert len(facts) == len(cities)


def test_reply_items_beyond_the_limit_are_counted() -> None:
    rows = [{"text": f"likes jazz {number}"} for number in range(MOST_ITEMS + 7)]
    reading = read_reply(Reply(json.dumps({"facts": rows})), [Turn(0, "user", "I like jazz")], {})
    assert reading.decisions
    assert reading.rejected[-1].reason.startswith("7 items come after")
