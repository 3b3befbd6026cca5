"""Memories as a text for a prompt, within a budget of tokens."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from memfast._flows.surroundings import is_turn
from memfast._flows.times import said_of

if TYPE_CHECKING:
    from memfast._flows.surroundings import Found, Surroundings
    from memfast.types import MemoryItem, MessageItem

    Item = MemoryItem | MessageItem

NOTHING = "No memory was found for this question."
# Two texts that share this part of their words say the same.
ALIKE = 0.8
LEAST_LENGTH = 40
CUT = " ..."
WORD = re.compile(r"\w+")
DAY = len("2026-05-10")


class Spot(NamedTuple):
    """Where a line stands in its session.

    Attributes:
        created_at: When it was stored.
        place: Its place among the turns.
        below: Empty for a turn; for a fact its id, so that it comes below the turn.
    """

    created_at: str
    place: int
    below: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One memory as a line.

    Attributes:
        id: The memory.
        session: Whose and which session; lines of one session stand together.
        said: When it was said, in ISO 8601.
        spot: Its place in the session.
        text: The line.
        words: The words of the text.
        named: The same with the speaker's name, as facts have it; None for a line of no turn.
    """

    id: str
    session: tuple[str, str, str]
    said: str
    spot: Spot
    text: str
    words: frozenset[str]
    named: frozenset[str] | None = None

    @property
    def day(self) -> str:
        """The day on which it was said, as YYYY-MM-DD."""
        return self.said[:DAY]

    def is_like(self, other: Line) -> bool:
        """Return whether two lines say the same."""
        if _alike(self.words, other.words):
            return True
        turn, fact = (self, other) if other.named is None else (other, self)
        if turn.named is None or fact.named is not None:
            return False
        return _alike(turn.named, fact.words)


class Digest(NamedTuple):
    """A text for a prompt, the hits that it shows, best first, and its tokens."""

    text: str
    ids: list[str]
    tokens: int


def digest(around: Surroundings, budget: int, count: Callable[[str], int]) -> Digest:
    """Return as many hits as fit, the best first, in order of time.

    A hit that does not fit with the turns around it is shown without them; one that does not fit at
    all is left out. What says the same as a line that is there already is not repeated.

    Args:
        around: The hits.
        budget: Most tokens of the text.
        count: Counts the tokens of a text.
    """
    if not around.found:
        tokens = count(NOTHING)
        return Digest(NOTHING, [], tokens) if tokens <= budget else Digest("", [], 0)
    best = ("", 0)
    lines: list[Line] = []
    users = len({found.hit.get("user_id") for found in around.found}) > 1
    longest = max(budget, LEAST_LENGTH)
    owns = [_own_lines(found, around, longest) for found in around.found]
    for found, own in zip(around.found, owns, strict=True):
        near = [_turn(turn, around, longest) for turn in found.near]
        for more in ([*own, *near], own, own[-1:]):
            added = _new(lines, more)
            if not any(line in own for line in added):
                break
            text = _rendered([*lines, *added], users=users)
            tokens = count(text)
            if tokens <= budget:
                lines += added
                best = (text, tokens)
                break
    return Digest(best[0], [own[-1].id for own in owns if _is_shown(own, lines)], best[1])


def _is_shown(own: Sequence[Line], lines: Sequence[Line]) -> bool:
    """Return whether a hit's line is there, or a turn that it comes from and that says the same."""
    hit, turns = own[-1], {line.id for line in own}
    return any(line.id == hit.id or (line.id in turns and line.is_like(hit)) for line in lines)


def _new(lines: Sequence[Line], more: Iterable[Line]) -> list[Line]:
    """Return the lines that say something which those before them do not."""
    added: list[Line] = []
    for line in more:
        if not any(line.id == other.id or line.is_like(other) for other in (*lines, *added)):
            added.append(line)
    return added


def _own_lines(found: Found, around: Surroundings, longest: int) -> list[Line]:
    """Return the line of a hit, below those of the turns that it comes from."""
    turns = [_turn(turn, around, longest) for turn in found.turns]
    hit = found.hit
    if is_turn(hit):
        return turns or [_turn(hit, around, longest)]
    text = _shortened(hit["memory"], longest)
    said, words = said_of(hit), _words(text)
    if not turns:
        spot = Spot(hit["created_at"], 0, hit["id"])
        line = f"- {text}{_dated(hit, said[:DAY])}"
        return [Line(hit["id"], _session(hit), said, spot, line, words)]
    last = turns[-1]
    spot = last.spot._replace(below=hit["id"])
    line = f"- {text}{_dated(hit, last.day)}"
    return [*turns, Line(hit["id"], last.session, last.said, spot, line, words)]


def _dated(hit: Item, day: str) -> str:
    """Return the day of what a fact tells, where it is another than the day above it."""
    event = hit.get("event_time", day)[:DAY]
    return "" if event == day else f" ({event})"


def _turn(turn: Item, around: Surroundings, longest: int) -> Line:
    who = " ".join((turn.get("actor_id") or turn.get("role") or "").split())
    text = _shortened(turn["memory"], longest)
    line = f"{who}: {text}" if who else f"- {text}"
    spot = Spot(turn["created_at"], around.places.get(turn["id"], 0))
    words, named = _words(text), _words(line)
    return Line(turn["id"], _session(turn), said_of(turn), spot, line, words, named)


def _rendered(lines: Sequence[Line], *, users: bool) -> str:
    """Return lines in order of time, those of a session and day below the day."""
    blocks: dict[tuple[str, tuple[str, str, str]], list[Line]] = defaultdict(list)
    for line in lines:
        blocks[line.day, line.session].append(line)
    ordered = sorted(blocks.values(), key=lambda block: min(line.said for line in block))
    return "\n\n".join("\n".join(_block(block, users=users)) for block in ordered)


def _block(lines: Sequence[Line], *, users: bool) -> Iterator[str]:
    first = lines[0]
    yield f"{first.day}, user {first.session[0]}" if users else first.day
    turn: Spot | None = None
    for line in sorted(lines, key=lambda line: line.spot):
        if line.spot.below:
            under = turn is not None and turn[:2] == line.spot[:2]
            yield f"  {line.text}" if under else line.text
            continue
        if turn is not None and line.spot.place > turn.place + 1:
            yield "..."
        turn = line.spot
        yield line.text


def _session(item: Item) -> tuple[str, str, str]:
    return (item.get("user_id", ""), item.get("agent_id", ""), item.get("run_id", ""))


def _shortened(text: str, longest: int) -> str:
    """Return a text on one line, so that it cannot look like another one's."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - len(CUT)] + CUT


def _words(text: str) -> frozenset[str]:
    """Return the words of a text; of one without words the text."""
    return frozenset(WORD.findall(text.casefold())) or frozenset({text})


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    if one == other:
        return True
    shared = len(one & other)
    return shared >= ALIKE * (len(one) + len(other) - shared)
