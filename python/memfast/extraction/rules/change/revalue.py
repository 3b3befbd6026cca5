"""Whether a clause gives another value to what an old one states."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memfast.extraction.rules.change import cues
from memfast.extraction.rules.change.ends import POSSESSING
from memfast.extraction.rules.change.readings import Clause, Reading, noun_phrase
from memfast.extraction.rules.change.values import Value, differ
from memfast.extraction.rules.change.verdicts import DOUBT, ENDS, NOTHING, Outcome, Verdict
from memfast.extraction.rules.words import words_of

# How far a weight may lie from the one that it replaces.
FACTOR = 1.6
WEIGHT = "weigh"
TOPIC = re.compile(
    r"\b(?:my|our|the) (?:[a-z][\w'-]* ){0,2}?[a-z][\w'-]*(?= (?:is|are|was|were|on|to|at|from|for"
    r"|leaves?|starts?|will|has|have|in|moved|by|goes)\b|[.,;!?]|\Z)",
    re.IGNORECASE,
)
EACH = re.compile(r"\b(?:a|an|per|each|every) (?:day|night|week|month|year|morning)\b|\bdaily\b")
INDEFINITE = re.compile(r"\b(?:an?|another|some|other|second) ")
DEFINITE = re.compile(r"\b(?:my|our|the|me|us)\b")
OWNED = re.compile(r"\b(?:my|our|the|i|we)\b")
CUMULATIVE = re.compile(r"\b(?:i've|i have|we've|we have)\b")
ONCE = re.compile(r"\b(?:today|this (?:morning|week)|yesterday)\b")
ORDINAL = re.compile(r"\b(?:page|chapter|level|episode|season|lesson|week)\b")
TOWARD = re.compile(r"\b(?:up|down|back) to\b")
THIRD = frozenset({"his", "her", "their", "your"})
# Beside a count these narrow nothing.
DEGREES = frozenset({"more", "already", "total", "over"})
COPULAS = frozenset({"ar", "is", "was"})
IS = re.compile(
    r"(?:my|our|the) (?P<what>[\w' -]+?) (?:is|are)(?P<now> now| actually)? (?P<value>[\w' -]+)"
)
MADE = re.compile(r"\b(?:make (?:it|that)|i meant) (?P<what>[\w' -]+)")


def revalued(new: Clause, old: Clause, says: Reading) -> Verdict:
    """Return whether a clause gives another value to what an old one states.

    Args:
        new: The clause.
        old: A clause of the old statement.
        says: The statement that holds the clause.
    """
    if cues.ADDED.search(says.low) or not _have_one_owner(new, old):
        return NOTHING
    if another := cues.ANOTHER.search(new.low):
        return _one_more(another["what"], old, new)
    if not new.values:
        return _replaced(new, old, says)
    pair = _pair(new, old)
    shifted = cues.SHIFTED.search(new.low) is not None
    if pair is None or _is_episode(new, shifted=shifted):
        return NOTHING
    value, before = pair
    if value.kind == "count":
        return _recounted(new, value, old, before)
    return _set_again(new, value, old, shifted=shifted)


def _set_again(new: Clause, value: Value, old: Clause, *, shifted: bool) -> Verdict:
    """Return whether a clause says another date, time or amount of what an old one names."""
    over = old.past and not cues.SHIFTED.search(old.low)
    if over or (new.past and not shifted):
        return NOTHING
    if shifted and not new.stems:
        topic = _topic(old)
        return Verdict(Outcome.ENDS, topic) if topic else DOUBT
    if shifted and new.stems & old.stems and (new.stems <= old.stems or old.stems <= new.stems):
        return ENDS
    return _restated(new, old, value) if new.stems == old.stems else NOTHING


def _restated(new: Clause, old: Clause, value: Value) -> Verdict:
    """Return what a statement in the same words with another value does, without a cue."""
    vague = INDEFINITE.search(new.low) or INDEFINITE.search(old.low)
    owned = OWNED.search(new.low) or OWNED.search(old.low)
    # Of "an appointment" there can be several; "the deadline" is one.
    several = value.kind in {"day", "clock"} and (vague or not owned)
    return DOUBT if several else ENDS


def _is_episode(new: Clause, *, shifted: bool) -> bool:
    return new.past and not shifted and WEIGHT not in new.stems and ONCE.search(new.low) is not None


def _pair(new: Clause, old: Clause) -> tuple[Value, Value] | None:
    """Return the value of a clause that differs from an old one, and that one.

    None where none or more than one differs, or where it is not clear which value is meant.
    """
    found = list(_pairs(new, old))
    return found[0] if len(found) == 1 else None


def _pairs(new: Clause, old: Clause) -> Iterator[tuple[Value, Value]]:
    for kind in {value.kind for value in new.values}:
        mine = [value for value in new.values if value.kind == kind]
        known = [value for value in old.values if value.kind == kind]
        if len(known) != 1:
            continue
        stays = any(value.key == known[0].key for value in mine)
        left = len(mine) > 1 and " from " in f" {new.low}"
        if (not stays or left) and differ(mine[-1], known[0]):
            yield mine[-1], known[0]


def _recounted(new: Clause, value: Value, old: Clause, before: Value) -> Verdict:
    """Return whether a clause says another number of what an old one counts."""
    if old.past and CUMULATIVE.search(old.low) is None:
        return NOTHING
    cued = cues.SHIFTED.search(new.low) is not None
    if ORDINAL.search(new.low[: value.begin]):
        same = new.stems == old.stems or (cued and new.stems <= old.stems)
        return ENDS if same and not new.past else NOTHING
    if WEIGHT in old.stems:
        return _reweighed(new, value, old, before, cued=cued)
    unit, narrowed = _unit(new, value)
    known, before_narrowed = _unit(old, before)
    if not unit or unit != known:
        bare = not unit and not known and cued and bool(new.stems & old.stems)
        return ENDS if bare and new.stems <= old.stems else NOTHING
    apart = narrowed and before_narrowed
    if apart and not (narrowed <= before_narrowed or before_narrowed <= narrowed):
        return NOTHING
    other = narrowed | before_narrowed | {unit}
    return _more_or_fewer(new, old, other, cued=cued)


def _more_or_fewer(new: Clause, old: Clause, counted: frozenset[str], *, cued: bool) -> Verdict:
    """Return whether a clause says another number of the same things.

    Args:
        new: The clause.
        old: The old clause.
        counted: Stems of what both count.
        cued: Whether the clause says that something changed.
    """
    lasting = not new.past or CUMULATIVE.search(new.low) is not None
    if not cued:
        rate = EACH.search(old.low) is None or EACH.search(new.low) is not None
        same = new.stems == old.stems and new.verb == old.verb
        return ENDS if rate and lasting and same else NOTHING
    if not lasting and not TOWARD.search(new.low):
        return NOTHING
    mine, theirs = new.stems - counted, old.stems - counted
    alike = {new.verb, old.verb} <= POSSESSING or TOWARD.search(new.low)
    return ENDS if alike or not mine or not theirs or mine & theirs else DOUBT


def _reweighed(new: Clause, value: Value, old: Clause, before: Value, *, cued: bool) -> Verdict:
    unit, narrowed = _unit(new, value)
    known, _ = _unit(old, before)
    said = WEIGHT in new.stems or (cued and new.stems <= {unit})
    if not said or narrowed or unit not in {"", known, "kilo", "pound"}:
        return NOTHING
    factor = _number(value) / max(_number(before), 1.0)
    if not 1 / FACTOR < factor < FACTOR:
        return NOTHING
    named = any(word.startswith(WEIGHT) for word in words_of(new.low))
    return Verdict(Outcome.ENDS, "" if named else "my weight")


def _number(value: Value) -> float:
    digits = re.match(r"\d+(?:\.\d+)?", value.key)
    return float(digits.group()) if digits else 0.0


def _unit(clause: Clause, value: Value) -> tuple[str, frozenset[str]]:
    """Return what a number counts, and the words that narrow it."""
    behind = clause.low[value.end :]
    if behind[:1] not in {" ", "-"}:
        return "", frozenset()
    thing, _ = noun_phrase(words_of(re.split(r"[,;(]", behind)[0]))
    thing = tuple(word for word in thing if word not in DEGREES)
    end = next((at for at, word in enumerate(thing) if at and word in COPULAS), None)
    thing = thing[:end][:3]
    return (thing[-1], frozenset(thing[:-1])) if thing else ("", frozenset())


def _one_more(what: str, old: Clause, new: Clause) -> Verdict:
    """Return whether another one ends that there is one."""
    thing, _ = noun_phrase(words_of(what))
    getting = new.verb in cues.GETTING and old.verb in cues.GETTING
    if not thing or not getting or not new.subject == old.subject == "user":
        return NOTHING
    ones = (_unit(old, one)[0] for one in old.values if one.kind == "count" and one.key == "1")
    return ENDS if thing[-1] in ones else NOTHING


def _replaced(new: Clause, old: Clause, says: Reading) -> Verdict:
    """Return whether a clause names another thing of the sort of an old one."""
    mine, theirs = IS.match(new.low), IS.match(old.low)
    if mine and theirs and mine["now"] and mine["what"] == theirs["what"]:
        return ENDS if mine["value"] != theirs["value"] else NOTHING
    made = MADE.search(new.low)
    if made is None or cues.CORRECTED.search(says.low) is None or cues.NEGATED.search(new.low):
        return NOTHING
    thing, _ = noun_phrase(words_of(made["what"]))
    if thing[-1:] == () or thing[-1] not in old.stems or set(thing) <= old.stems:
        return NOTHING
    topic = _topic(old)
    return Verdict(Outcome.ENDS, "" if thing[-1] in topic else topic)


def _have_one_owner(new: Clause, old: Clause) -> bool:
    """Return whether two clauses can be about the same one's thing."""
    mine = new.subject in {"user", "it"} or _shifts_a_thing(new)
    theirs = old.subject in {"user", "it"} or _shifts_a_thing(old)
    if mine and theirs:
        return THIRD.isdisjoint(words_of(new.low)) == THIRD.isdisjoint(words_of(old.low))
    return new.subject == old.subject or new.subject in old.stems or old.subject in new.stems


def _shifts_a_thing(clause: Clause) -> bool:
    """Return whether anyone shifts the thing that a clause is about: "They moved my test"."""
    return cues.BY_ANYONE.search(clause.low) is not None and (
        DEFINITE.search(clause.low) is not None
    )


def _topic(old: Clause) -> str:
    """Return the thing that a clause is about, as it is named there; empty where none is."""
    match = TOPIC.search(old.plain)
    if match is None:
        return ""
    first, _, rest = match.group().partition(" ")
    return f"{first.lower()} {rest}"
