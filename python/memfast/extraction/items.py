"""Turns an item of a reply into a decision, or a reason to reject it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache

from memfast.extraction import fields
from memfast.extraction import instructions as say
from memfast.extraction.decisions import ITEM, SPEAKERS, Decision, Rejected
from memfast.extraction.evidence import Evidence
from memfast.extraction.facts import Fact, Turn
from memfast.extraction.grounding import content, plain, shared, telling, unknown, words
from memfast.extraction.names import are_foreign
from memfast.extraction.shapes import TEXT_KEYS, folded
from memfast.extraction.signs import (
    ENDINGS,
    FORM_WORDS,
    NOTHING,
    REFUSAL,
    denies,
    gives_orders,
    is_about_user,
    is_order,
)

LONGEST_TEXT = 64 * 1024
UNTRUSTED = "untrusted"
UNREADABLE = "the item has no text"
REFUSED = "the text is a refusal"
UNTOLD = "the text has nothing to do with the messages"
BY_TOOL = "the text rests on the output of a tool, which is no evidence about the user"
ORDERED = "the text gives orders to the assistant, which change no memory"
TOOLS = frozenset({"tool", "function"})

_JSON = re.compile(
    rf"""["'\u201c](?:{"|".join(ITEM)})["'\u201d]\s*[:\uff1a]|^\s*[{{\[]\s*["\u201c{{]"""
)
_LETTER = re.compile(r"[^\W_]")
_PROMPT = (say.RULES, say.USER_ONLY, say.AGENT, say.CONTRACT, say.FURTHER, say.EXAMPLE, say.DECIDE)
_ECHO = plain(" ".join(_PROMPT))
_SHORTEST_ECHO = 20


@dataclass
class Ground:
    """The texts that a reply must be grounded in: the messages and the memories in the prompt.

    Attributes:
        turns: The messages.
        memories: The text of each memory by alias; None if not given.
        known: Known texts, in the form of `plain`.
        asked: The instructions, in the form of `plain`.
        evidence: What numbers, dates and names may come from.
        agent: Whether the memories belong to an agent.
        by_index: The messages by index.
        spoken: The words of each message, with the name of its speaker.
    """

    turns: Sequence[Turn]
    memories: Mapping[str, str | None]
    known: frozenset[str]
    asked: str = ""
    evidence: Evidence = field(default_factory=lambda: Evidence(()))
    agent: bool = False
    by_index: dict[int, Turn] = field(init=False)
    spoken: dict[int, set[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_index = {turn.index: turn for turn in self.turns}
        self.spoken = self._words(lambda turn: words(f"{turn.name or ''} {turn.content}"))

    def _words(self, of: Callable[[Turn], set[str]]) -> dict[int, set[str]]:
        """Return words by message index; messages may share an index."""
        found: dict[int, set[str]] = {index: set() for index in self.by_index}
        for turn in self.turns:
            found[turn.index] |= of(turn)
        return found

    @cached_property
    def heard(self) -> set[str]:
        """The words of all messages and names of speakers."""
        return set().union(*self.spoken.values())

    @cached_property
    def fresh(self) -> dict[int, set[str]]:
        """The words of each message that carry meaning, without known texts."""
        return self._words(lambda turn: telling(words(unknown(turn.content, self.known))))

    @cached_property
    def stems(self) -> list[frozenset[str]]:
        """The stems of each message, without known texts."""
        return [content(unknown(turn.content, self.known)) for turn in self.turns]

    @cached_property
    def by_tools(self) -> frozenset[str]:
        """The stems of the outputs of tools."""
        return self._stems_of(tools=True)

    @cached_property
    def by_speakers(self) -> frozenset[str]:
        """The stems of the other messages."""
        return self._stems_of(tools=False)

    def _stems_of(self, *, tools: bool) -> frozenset[str]:
        pairs = zip(self.turns, self.stems, strict=True)
        return frozenset().union(*(said for turn, said in pairs if (turn.role in TOOLS) is tools))

    @cached_property
    def orders(self) -> bool:
        """Whether the output of a tool gives orders to the assistant."""
        return any(turn.role in TOOLS and gives_orders(turn.content) for turn in self.turns)

    @cached_property
    def speakers(self) -> set[str]:
        """The words of the speakers' names and of the ids of the scope."""
        return words(" ".join(self.evidence.names))

    @cached_property
    def known_stems(self) -> frozenset[str]:
        """The stems of all known texts."""
        return frozenset().union(*(content(text) for text in self.known))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a prompt shows beside the messages and memories.

    Attributes:
        earlier: The messages before: no evidence, but names and numbers may come from them.
        ids: The ids of the scope.
        days: The days behind the memories, as ISO dates.
        agent: Whether the memories belong to an agent.
    """

    earlier: Sequence[Turn] = ()
    ids: Collection[str] = ()
    days: Collection[str] = ()
    agent: bool = False


ALONE = Surroundings()


def ground_of(
    turns: Sequence[Turn],
    aliases: Collection[str],
    known: Sequence[str],
    asked: str = "",
    around: Surroundings = ALONE,
) -> Ground:
    """Return the ground of a reply; `aliases` may map each alias to the text of its memory."""
    texts = aliases if isinstance(aliases, Mapping) else {}
    memories = {alias: texts.get(alias) for alias in aliases}
    known_texts = [*known, *(text for text in memories.values() if text)]
    said = [*around.earlier, *turns]
    names = [*(turn.name for turn in said if turn.name), *around.ids]
    return Ground(
        turns,
        memories,
        frozenset(plain(text) for text in known_texts),
        _kept_plain(asked),
        Evidence(said, known_texts, names, around.days),
        around.agent,
    )


_kept_plain = lru_cache(maxsize=8)(plain)


def read_item(  # noqa: PLR0911 - one per fault
    item: object, ground: Ground, vocabulary: set[str] | None, warnings: list[str]
) -> Decision | Rejected:
    """Return the decision that an item states, or a reason to reject it.

    Args:
        item: The item.
        ground: The texts it must be grounded in.
        vocabulary: The words of the reply if it was repaired: the item may contain no others.
        warnings: Receives a note for each value that was corrected.
    """
    held = {"text": item} if isinstance(item, str) else item
    if not isinstance(held, dict):
        return Rejected(UNREADABLE, item)
    row = folded(held)
    text = _text_of(row, ground)
    if text is None:
        return Rejected(UNREADABLE, item)
    own = words(text)
    wrong = _wrong(text, own, ground, vocabulary)
    if wrong:
        return Rejected(wrong, item)
    event, alias, wrong = _decide(row, text, ground)
    if wrong:
        return Rejected(wrong, item)
    if is_order(text, own):
        warnings.append(f"a fact reads like an instruction: {text!r:.80}")
        if fields.event_of(row.get("event")) == "DELETE":
            return Rejected(ORDERED, item)
        event, alias = ("ADD", None) if event == "UPDATE" else (event, alias)
    # A denial or a known fact needs no message as its source.
    named = alias if event in {"DELETE", "NONE"} else None
    stored = event in {"ADD", "UPDATE"}
    fact = _fact(text, own, row, named, ground, warnings, stored=stored)
    if isinstance(fact, str):
        return Rejected(fact, item)
    sure = event != "ADD" or fields.event_of(row.get("event")) == "ADD"
    return Decision(fact, event, alias, sure=sure)


def _text_of(row: Mapping[str, object], ground: Ground) -> str | None:
    """Return the text of an item; for a DELETE or NONE without text, that of its memory."""
    texts = (row.get(key) for key in TEXT_KEYS)
    text = next((text.strip() for text in texts if isinstance(text, str)), None)
    if not text and fields.event_of(row.get("event")) in {"DELETE", "NONE"}:
        alias = fields.alias_of(row.get("id"), ground.memories)
        return ground.memories.get(alias or "") or text
    return text


def _wrong(  # noqa: PLR0911 - one per fault
    text: str, own: set[str], ground: Ground, vocabulary: set[str] | None
) -> str | None:
    """Return why a text is invalid whatever its event; None if it is valid."""
    if not _LETTER.search(text):
        return "the text holds no word"
    if len(text.encode("utf-8", "replace")) > LONGEST_TEXT:
        return f"the text is longer than {LONGEST_TEXT} bytes"
    if vocabulary is not None and not own <= vocabulary and plain(text) not in ground.known:
        return "the text holds words that the reply does not"
    if own <= ground.heard:
        return None
    if _JSON.search(text) and not telling(own) <= ground.heard:
        return UNREADABLE
    if REFUSAL.match(text):
        return REFUSED
    if NOTHING.fullmatch(text):
        return "the text says that there is nothing"
    if all(word in FORM_WORDS or word.isdigit() for word in own):
        return "the text is a form that is not filled in"
    return "the text repeats the prompt" if _is_echo(text, own, ground) else None


def _is_echo(text: str, own: set[str], ground: Ground) -> bool:
    strange = (own & say.EXAMPLE_WORDS) - ground.heard
    if strange and strange - words(" ".join(ground.known)):
        return True
    said = plain(text)
    if said not in say.EXAMPLES and (
        len(said) < _SHORTEST_ECHO or not (said in _ECHO or said in ground.asked)
    ):
        return False
    # The example may be true of somebody. Dates are computed and seldom appear in messages.
    stems = {stem for stem in content(text) if not stem.isdigit()}
    heard = content(" ".join(ground.heard))
    return 2 * len(stems & heard) <= len(stems)


def _decide(row: Mapping[str, object], text: str, ground: Ground) -> tuple[str, str | None, str]:
    """Return the event and alias, and the reason if the item is rejected."""
    event = fields.event_of(row.get("event"))
    name = row.get("id")
    alias = fields.alias_of(name, ground.memories)
    old = plain(text) in ground.known
    if event == "NONE" and (alias is not None or old or _is_told(text, ground)):
        return event, alias, ""
    if event == "REMOVE" or (event == "DELETE" and alias is None):
        asked = "DELETE" if event == "DELETE" else row.get("event")
        return "", None, f"{asked!r:.60} of {name!r:.60}, which names no memory that was shown"
    if event == "DELETE":
        replaced = not old and _replaces(text, ground.memories.get(alias or ""), ground)
        return ("UPDATE" if replaced else event), alias, ""
    if event == "UPDATE" and alias is not None:
        # The text of any known memory is not new.
        return ("NONE" if old else event), alias, ""
    if old and event != "ADD":
        asked = row.get("event")
        return "", None, f"event {asked!r:.60} with id {name!r:.60}, and the text is known"
    return ("NONE" if old else "ADD"), None, ""


def _is_told(text: str, ground: Ground) -> bool:
    """Return whether known texts contain most stems of a text."""
    stems = content(text)
    return 2 * len(stems & ground.known_stems) > len(stems)


def _replaces(text: str, memory: str | None, ground: Ground) -> bool:
    """Return whether a text replaces a memory with something from the messages.

    A model may delete a memory that a new fact contradicts and state the fact only there.
    """
    if memory is None:
        return False
    stems, held = content(text), content(memory)
    said = frozenset().union(*ground.stems)
    if not held <= stems and not (stems - held - ENDINGS).isdisjoint(said):
        return True
    # That something holds no longer is news as well, where the messages say so.
    foreign = are_foreign([turn.content for turn in ground.turns], text)
    # Whose it is, the first word, says nothing of what.
    denied = stems - ENDINGS - content(text.rpartition(" ")[0].partition(" ")[0])
    return denies(text) and (foreign or 2 * len(denied & said) >= len(denied) > 0)


def _fact(  # noqa: PLR0917 - all parsed parts of an item
    text: str,
    own: set[str],
    row: Mapping[str, object],
    alias: str | None,
    ground: Ground,
    warnings: list[str],
    *,
    stored: bool,
) -> Fact | str:
    """Return the fact, or a reason to reject it."""
    sources = fields.sources_of(row.get("sources"), ground.by_index)
    if stored and ground.by_tools and _is_by_tool(text, sources, ground):
        return BY_TOOL
    # Most facts share a word with a message they name; stems are compared only for the others.
    if not any(not own.isdisjoint(ground.fresh[source]) for source in sources):
        found = _sources(text, own, alias, sources, ground, warnings)
        if isinstance(found, str):
            return found
        sources = found
    # Words of the messages alone hold no name and no number that these do not.
    if stored and not own <= ground.heard:
        fault = ground.evidence.fault_in(text, [ground.by_index[source] for source in sources])
        if fault:
            return fault
    first = ground.by_index[sources[0]]
    categories = fields.categories_of(row.get("categories"))
    trusted = not is_order(text, own)
    if not trusted:
        categories = (*(name for name in categories if name != UNTRUSTED), UNTRUSTED)
    by = row.get("by")
    speaker = by.strip().casefold() if isinstance(by, str) else ""
    if speaker not in SPEAKERS:
        speaker = "assistant" if first.role == "assistant" else "user"
    return Fact(
        text=text,
        sources=tuple(sources),
        kind=fields.kind_of(row.get("kind"), warnings),
        event_at=_time_of(row, first, ground, warnings),
        categories=categories,
        attributed_to=speaker,
        trusted=trusted,
    )


def _time_of(
    row: Mapping[str, object], first: Turn, ground: Ground, warnings: list[str]
) -> datetime | None:
    """Return the time of a fact, where its year can be meant."""
    zone = first.at.tzinfo if first.at else None
    at = fields.time_of(row.get("time"), zone, warnings)
    if at is None or ground.evidence.may_be_in(at.year):
        return at
    warnings.append(f"no message tells the year of {row.get('time')!r:.40}; the time was dropped")
    return None


def _is_by_tool(text: str, sources: list[int], ground: Ground) -> bool:
    """Return whether a fact rests on the output of a tool where that is no evidence.

    It is evidence for what an agent saw, and not for what the user is, says or wants. What an
    output with orders in it says is evidence for nothing.
    """
    stems = content(text)
    alone = (stems & ground.by_tools) - ground.by_speakers
    shared_too = stems & ground.by_speakers
    if ground.orders and alone:
        return True
    cited = {ground.by_index[source].role in TOOLS for source in sources}
    if cited == {True}:
        rests = bool(alone) or not shared_too
    else:
        rests = bool(alone) and (not shared_too or (not cited and len(alone) > len(shared_too)))
    return rests and (not ground.agent or is_about_user(text))


def _sources(  # noqa: PLR0917 - all parsed parts of an item
    text: str,
    own: set[str],
    alias: str | None,
    sources: list[int],
    ground: Ground,
    warnings: list[str],
) -> list[int] | str:
    """Return the indexes of the messages that state a fact, or a reason to reject it."""
    places = [ground.turns[place].index for place in shared(text, ground.stems)]
    if not places and alias is None and _may_reword(text, own, sources, ground):
        return sources or [turn.index for turn in ground.turns if turn.role not in TOOLS]
    if not places:
        memory = ground.memories.get(alias or "")
        rests = content(memory) if memory is not None else ground.known_stems
        if alias is None and plain(text) not in ground.known:
            return UNTOLD
        if content(text).isdisjoint(rests) or not ground.turns:
            return f"{UNTOLD}, nor with the memory it names"
    elif sources and not set(sources) & set(places):
        warnings.append(f"the messages {sources} do not tell {text!r:.80}; others do")
        return sorted({*sources, *places})
    return sources or places or list(ground.by_index)


def _may_reword(text: str, own: set[str], sources: list[int], ground: Ground) -> bool:
    """Return whether a text without a word of the messages may say the same as they do.

    It must speak of the user or of a speaker, unless it is written in another script, and say more
    than known memories do.
    """
    stems = content(text)
    if not stems or not any(ground.stems):
        return False
    told = [ground.by_index[source] for source in sources] or ground.turns
    foreign = are_foreign([turn.content for turn in told], text)
    if _is_told(text, ground):
        return foreign and denies(text)
    return foreign or is_about_user(text) or not own.isdisjoint(ground.speakers)
