"""Whether a clause ends what an old one states: sold, quit, no longer, cancelled, moved away."""

from __future__ import annotations

import re
from collections.abc import Callable

from memfast.extraction.rules.change import cues
from memfast.extraction.rules.change.readings import (
    ARTICLES,
    Clause,
    Reading,
    noun_phrase,
    stem,
)
from memfast.extraction.rules.words import words_of

SMOKING = "smok"
TIMES = frozenset({"day", "week", "month", "year", "ago"})
THIRD = frozenset({"he", "she", "they", "his", "her", "their", "your", "you"})
# Behind "left ...": what was forgotten somewhere, and somebody who left early.
MISLAID = re.compile(r"\b(?:on|in|at|with|early|late)\b")
EPISODE = re.compile(r"\b(?:at|for|before|because)\b")
INDEFINITE = frozenset({"a", "an", "some", "another", "one", "two", "three", "his", "her"})

Rule = Callable[[Clause, Clause, Reading, Reading], bool]


def ends(new: Clause, old: Clause, says: Reading, held: Reading) -> bool:
    """Return whether a clause ends what an old one states.

    Args:
        new: The clause.
        old: A clause of the old statement.
        says: The statement that holds the clause.
        held: The old statement.
    """
    if cues.NEGATED.search(old.low):
        return False
    if off := cues.CALLED_OFF.match(new.low):
        return _is_off(off["what"], old)
    if old.subject != "user":
        return False
    return any(rule(new, old, says, held) for rule in RULES)


def _died(new: Clause, old: Clause, _: Reading, held: Reading) -> bool:
    died = cues.DIED.match(new.low)
    if died is None:
        return False
    words = [word for word in words_of(died["what"] or died["down"]) if word not in ARTICLES]
    if old.verb not in POSSESSING or len(words) != 1:
        return False
    if words[0] in held.names:
        return len(held.names) == 1
    return bool(old.thing) and stem(words[0]) == old.thing[-1]


def _parted(new: Clause, old: Clause, says: Reading, held: Reading) -> bool:
    parted = cues.PARTED.match(new.low)
    if parted is None or old.past or cues.COUPLED.search(old.low) is None:
        return False
    named = {name for name in parted.groupdict().values() if name} & says.names
    mine = bool(parted["who"] or parted["whom"]) or not _mentions_others(new)
    return mine and (not named or not held.names or named <= held.names)


def _moved(new: Clause, old: Clause, _says: Reading, _held: Reading) -> bool:
    if not _is_own(new):
        return False
    place, before = moved_to(new), moved_to(old)
    lives = cues.LIVES.match(old.low) is not None or before is not None
    return lives and place is not None and place not in words_of(old.low)


def moved_to(clause: Clause) -> str | None:
    """Return the first word of the place that a clause says its speaker moved to."""
    moved = cues.MOVED.match(clause.low)
    words = words_of(moved["place"]) if moved else ()
    words = words[1:] if words[:1] == ("the",) else words
    if not words or words[0] in cues.PRODUCTS or words[0] in ARTICLES:
        return None
    named = re.search(rf"\b{re.escape(words[0])}\b", clause.plain, re.IGNORECASE)
    return words[0] if named and named.group()[0].isupper() else None


def _changed_work(new: Clause, old: Clause, says: Reading, _: Reading) -> bool:
    if old.past or not _is_own(new) or cues.WORKS.match(old.low) is None:
        return False
    if (hired := cues.HIRED.match(new.low)) and not cues.EXTRA_JOB.search(says.low):
        at = hired["at"] or ""
        return not at or not set(map(stem, words_of(at))) <= old.stems
    if left := cues.LEFT_WORK.match(new.low):
        kind = {stem(word) for word in words_of(left["kind"] or "") if word not in ARTICLES}
        return kind <= old.stems
    return False


def _denied(new: Clause, old: Clause, says: Reading, _: Reading) -> bool:
    denied = cues.DENIED.match(new.low)
    if denied is None or old.past or not _is_own(new):
        return False
    if "no longer" not in new.low and not denied["more"]:
        return False
    verb = stem(denied["verb"])
    if not denied["what"]:
        return verb == old.verb
    alike = verb == old.verb or {verb, old.verb} <= CONSUMING
    return alike and _is_object(denied["what"], old, says)


def _sold(new: Clause, old: Clause, says: Reading, _: Reading) -> bool:
    sold = cues.SOLD.match(new.low)
    if sold is None or old.past or not _is_own(new):
        return False
    return old.verb in POSSESSING and _is_object(sold["what"], old, says)


def _quit(new: Clause, old: Clause, says: Reading, _: Reading) -> bool:
    left = cues.QUIT.match(new.low)
    if left is None or old.past or not old.verb or not _is_own(new):
        return False
    what = left["what"]
    words = words_of(what)
    if words and words[0].endswith("ing"):
        if EPISODE.search(what):
            return False
        rest, _after = noun_phrase(words[1:])
        verb = stem(words[0])
        known = verb == old.verb or (verb == SMOKING and verb in old.stems)
        return known and (not rest or rest[-1] in TIMES or rest[-1] in old.thing)
    if "left" in words_of(new.low) and MISLAID.search(what):
        return False
    return _is_object(what, old, says)


def _switched(new: Clause, old: Clause, says: Reading, _: Reading) -> bool:
    switched = cues.SWITCHED.match(new.low)
    if switched is None or old.past or not old.verb or not _is_own(new):
        return False
    return _is_object(switched["old"] or switched["given"], old, says)


def _is_object(what: str, old: Clause, says: Reading) -> bool:
    """Return whether words name the object of an old clause."""
    words = words_of(what)
    if not words or words[0] in INDEFINITE:
        return False
    thing, _ = noun_phrase(words)
    if not thing or not old.thing:
        return False
    named = thing[-1] in {stem(name) for name in says.names} and thing[-1] in old.stems
    return (thing[-1] == old.thing[-1] or named) and set(thing[:-1]) <= old.stems


def _is_off(what: str, old: Clause) -> bool:
    """Return whether words name the plan, or the thing, that an old clause states."""
    thing = {stem(word) for word in words_of(what) if word not in ARTICLES}
    planned = any(value.kind in {"day", "clock"} for value in old.values)
    named = bool(old.thing) and old.thing[-1] in thing and old.subject == "user"
    return bool(thing) and thing <= old.stems and not old.past and (planned or named)


def _is_own(clause: Clause) -> bool:
    """Return whether a clause is about its speaker, and mentions no one else."""
    return clause.subject == "user" and not _mentions_others(clause)


def _mentions_others(clause: Clause) -> bool:
    return not THIRD.isdisjoint(words_of(clause.low))


def stems(words: frozenset[str]) -> frozenset[str]:
    """Return words with their stems."""
    return words | frozenset(map(stem, words))


POSSESSING = stems(cues.POSSESSING)
CONSUMING = stems(cues.CONSUMING)
RULES: tuple[Rule, ...] = (_died, _parted, _moved, _changed_work, _denied, _sold, _quit, _switched)
