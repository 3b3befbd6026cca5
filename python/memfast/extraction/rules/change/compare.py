"""Whether a statement outdates another one of the same subject.

A cue must say that something changed, or an attribute with one value at a time must be stated
again, and both must share what they are about. In doubt nothing is outdated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from memfast.extraction.grounding import content
from memfast.extraction.rules.change import cues
from memfast.extraction.rules.change.reading import COMMON, KIN, Reading, are_of_one
from memfast.extraction.rules.change.vetoes import is_no_change
from memfast.extraction.rules.words import lexicon

Law = Callable[[Reading, Reading], bool]

# Shares of common words, of all words of both, from which two statements have one form.
ONE_FORM = 0.6
SIMILAR = 0.5
# Measures that are stated in other words too.
FAMILIES = tuple(
    content(words)
    for words in (
        "weigh weight scale scales kilos kg lbs pounds",
        "rent landlord",
        "deadline due",
        "salary pay wage raise",
    )
)
# "It's been moved to 9 May" names nothing that was moved.
SHIFTING = content("moved pushed postponed rescheduled shifted extended delayed changed")
# A measure that is stated again lies within this factor.
NEAR = 2.0
# The last word of what ended is what ended, unless it names a sort: "quit the plumber job".
HEAD = re.compile(r"[\w'-]+\Z")
PREPOSITION = re.compile(r" (?:on|in|at|for|to|of|from|with|because|after|since|last|this|and) ?\b")
GENERAL = lexicon(
    """
    job work post position subscription membership lessons lesson class classes account
    habit contract plan one today yesterday recently now already
    """
)
OWN_LEADS = lexicon("i we i've we've and but so then just finally recently have now also")
# "I have room 12": the number names the thing, and another one is another thing.
LABELLED = re.compile(
    r"\b(?:have|has|had|got|own|in|from|use|read|see|the|my|our|this) [a-z]+ \d+\W*\Z"
)
# Words above which a statement says too much for its cue to be about the memory.
LONGEST = 25


def outdates(fact: Reading, memory: Reading) -> bool:
    """Return whether a memory no longer holds after a fact that was said later."""
    laws = laws_of(fact)
    if not laws or max(fact.low.count(" "), memory.low.count(" ")) > LONGEST:
        return False
    if _dies in laws:
        return _dies(fact, memory)
    if _separates in laws and _separates(fact, memory):
        return not is_no_change(fact, memory)
    if not are_of_one(fact, memory) or _is_over(memory) or _is_open(memory):
        return False
    return any(law(fact, memory) for law in laws) and not is_no_change(fact, memory)


@lru_cache(maxsize=8192)
def laws_of(fact: Reading) -> tuple[Law, ...]:
    """Return the laws by which a fact may outdate others; most facts have none."""
    if _is_open(fact):
        return ()
    laws = [law for cue, law in CUED if cue.search(fact.low)]
    if fact.numbers:
        laws.append(_is_adjusted)
    # Several cues bring in one law.
    return tuple(dict.fromkeys(laws))


def may_contradict(fact: Reading, memory: Reading) -> bool:
    """Return whether two statements of one form have different values, and both may hold."""
    differ = _differ(fact.numbers, memory.numbers) or _differ(fact.dates, memory.dates)
    return (
        differ
        and _form(fact, memory) >= ONE_FORM
        and are_of_one(fact, memory)
        and not _is_open(fact)
        and not _is_over(memory)
        and not _is_event(fact)
    )


def is_cut_short(fact: Reading) -> bool:
    """Return whether a statement says nothing but a new value: "Down to 88!"."""
    return fact.stems <= SHIFTING and bool(fact.numbers or fact.dates)


@lru_cache(maxsize=8192)
def _is_open(statement: Reading) -> bool:
    """Return whether a statement is supposed, wished or asked."""
    return cues.OPEN.search(statement.low) is not None


@lru_cache(maxsize=8192)
def _is_over(memory: Reading) -> bool:
    return cues.NO_MORE.search(memory.low) is not None or (
        cues.END.match(memory.low) is not None
        or re.match(r"(?:i|we)(?:'ve| have)? (?:sold|quit|stopped|cancel+ed)\b", memory.low)
        is not None
    )


@lru_cache(maxsize=8192)
def _is_event(reading: Reading) -> bool:
    event = cues.EVENT.search(reading.low)
    return event is not None and not re.search(
        r"(?:'ve|have|has) (?:\w+ )?\Z", reading.low[: event.start()]
    )


def _differ(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one - other and other - one)


def _form(fact: Reading, memory: Reading) -> float:
    """Return the share of meaning words that two statements have in common."""
    every = fact.stems | memory.stems
    return len(fact.stems & memory.stems) / len(every) if every else 0.0


def _shares(fact: Reading, memory: Reading) -> bool:
    """Return whether two statements share what they are about: a third of the shorter one."""
    shared = len(fact.stems & memory.stems)
    if shared and shared * 3 >= min(len(fact.stems), len(memory.stems)):
        return True
    return _are_of_one_measure(fact, memory)


def _other_names(fact: Reading, memory: Reading) -> bool:
    return _differ(fact.names, memory.names)


def _mentions_other_kin(fact: Reading, memory: Reading) -> bool:
    """Return whether a statement is about somebody whom the other does not mention."""
    mine, theirs = (
        {word for word in re.findall(r"\w+", one.low) if word in KIN} for one in (fact, memory)
    )
    return bool(mine - theirs) and mine.isdisjoint(theirs) and fact.names.isdisjoint(memory.names)


def _dies(fact: Reading, memory: Reading) -> bool:
    who = fact.subject
    return not _is_over(memory) and (
        (who not in {"user", "thing", "third"} and (who in memory.names or who == memory.subject))
        or (who == "thing" and len(fact.stems & memory.stems) > 0 and not _is_event(memory))
    )


def _separates(fact: Reading, memory: Reading) -> bool:
    """Return whether a memory names the partner, or the relation, that a separation ends."""
    return (
        _is_personal(fact)
        and memory.speaker == fact.speaker
        and cues.STATUS.search(memory.low) is not None
        and not _other_names(fact, memory)
        and (memory.subject in cues.PARTNERS or memory.subject == "user")
        and cues.BROKE_UP.search(memory.low) is None
    )


def _is_in(word: str, memory: Reading) -> bool:
    stems = content(word) - COMMON
    return not stems or stems <= memory.stems


def _objects(fact: Reading, memory: Reading) -> Iterator[frozenset[str]]:
    for match in cues.END.finditer(fact.low):
        what = next(filter(None, match.groups()), "")
        named = HEAD.search(PREPOSITION.split(what.strip())[0])
        if named is None or named.group() in GENERAL or _is_in(named.group(), memory):
            yield content(what) - COMMON
    if cues.NO_MORE.search(fact.low):
        # The clause says what is over; what follows a comma may say what came instead.
        clause = re.split(r"[,;.!]", fact.low[: _end_of_clause(fact)])[-1] or fact.low
        yield content(clause) - COMMON


def _end_of_clause(fact: Reading) -> int:
    match = cues.NO_MORE.search(fact.low)
    if match is None:
        return len(fact.low)
    end = re.search(r"[,;.!]", fact.low[match.end() :])
    return match.end() + end.start() if end else len(fact.low)


def _ends(fact: Reading, memory: Reading) -> bool:
    if _is_event(memory) or _mentions_other_kin(fact, memory) or memory.negated:
        return False
    for ended in _objects(fact, memory):
        shared = ended & memory.stems
        if shared and len(shared) * 2 >= len(ended):
            return not (_other_names(fact, memory) and len(shared) < len(ended))
    return False


def _finishes(fact: Reading, memory: Reading) -> bool:
    match = cues.FINISHED.search(fact.low)
    if match is None or not cues.UNDER_WAY.search(memory.low):
        return False
    done = content(match["object"]) - COMMON
    return bool(done) and len(done & memory.stems) * 2 >= len(done)


def _hands_over(fact: Reading, memory: Reading) -> bool:
    """Return whether somebody else has a role now."""
    now, then = (cues.ROLE.search(one.low) for one in (fact, memory))
    if now is None or then is None:
        return False
    role, before = (content(one["role"] or one["held"]) - COMMON for one in (now, then))
    changed = re.search(r"\b(?:now|new|instead|took over)\b", fact.low)
    who, whom = now["who"] or now["holder"], then["who"] or then["holder"]
    return bool(role) and role == before and changed is not None and who != whom


def _goes_vegan(fact: Reading, memory: Reading) -> bool:
    return (
        cues.DIET.search(fact.low) is not None
        and not fact.negated
        and re.search(r"\b(?:became|went|turned|am|i'm|gone|become)\b", fact.low) is not None
        and cues.EATS.search(memory.low) is not None
        and not memory.negated
    )


def _leaves(fact: Reading, memory: Reading) -> bool:
    match = cues.LEFT.search(fact.low)
    return (
        match is not None
        and cues.WORKPLACE.search(memory.low) is not None
        and not _is_event(memory)
        and not (content(match["object"]) - COMMON).isdisjoint(memory.stems)
    )


def _moves(fact: Reading, memory: Reading) -> bool:
    match = cues.MOVED.search(fact.low)
    lives = cues.HOME.search(memory.low) or cues.MOVED.search(memory.low)
    if match is None or lives is None or _mentions_other_kin(fact, memory):
        return False
    if cues.PRODUCTS.search(fact.low) or cues.PRODUCTS.search(memory.low):
        return False
    where = next((part for part in match.groupdict().values() if part), "")
    if match["where"] and _is_by_another(fact.low[: match.start()], match.group()):
        return False
    place = content(where) - COMMON
    # A place is written with a capital letter; its script may have none.
    written = fact.text[fact.text.lower().find(where.strip()) :][:1] if where.strip() else ""
    return (bool(place) and not place <= memory.stems and written.lower() != written.upper()) or (
        bool(place) and not where.isascii()
    )


def _is_by_another(before: str, moved: str) -> bool:
    """Return whether "moved to" has a subject of its own: "my company moved to Seville"."""
    own = moved.startswith(("i ", "i'", "we ", "we'"))
    last = before.rsplit(maxsplit=1)[-1] if before.split() else ""
    return not own and last[-1:].isalnum() and last not in OWN_LEADS


def _changes_job(fact: Reading, memory: Reading) -> bool:
    return (
        cues.JOB_BEGINS.search(fact.low) is not None
        and cues.JOB.search(memory.low) is not None
        and cues.BESIDES.search(fact.low) is None
        and not _mentions_other_kin(fact, memory)
    )


def _is_rescheduled(fact: Reading, memory: Reading) -> bool:
    cued = cues.RESCHEDULED.search(fact.low) is not None
    if not cued or (_is_event(memory) and not cues.RESCHEDULED.search(memory.low)):
        return False
    if is_cut_short(fact):
        return _differ(fact.dates, memory.dates)
    if not _shares(fact, memory) or _other_names(fact, memory):
        return False
    times = _differ(fact.numbers, memory.numbers) and not fact.dates
    return _differ(fact.dates, memory.dates) or times


def _is_adjusted(fact: Reading, memory: Reading) -> bool:
    if not _differ(fact.numbers, memory.numbers) or _is_event(memory):
        return False
    if _mentions_other_kin(fact, memory) or _other_names(fact, memory):
        return False
    cued = cues.ADJUSTED.search(fact.low) is not None
    if is_cut_short(fact):
        return cued and _are_near(fact, memory)
    if cued:
        return _shares(fact, memory)
    if _are_of_one_measure(fact, memory):
        return _are_near(fact, memory)
    restated = not _is_event(fact) and not LABELLED.search(fact.low)
    return restated and _form(fact, memory) >= ONE_FORM


def _are_of_one_measure(fact: Reading, memory: Reading) -> bool:
    return any(
        not fact.stems.isdisjoint(family) and not memory.stems.isdisjoint(family)
        for family in FAMILIES
    )


def _are_near(fact: Reading, memory: Reading) -> bool:
    def value(number: str) -> float:
        try:
            return float(number.replace(":", ".").replace(",", "."))
        except ValueError:
            return 0.0

    return any(
        0 < value(one) <= NEAR * value(other) and value(other) <= NEAR * value(one)
        for one in fact.numbers
        for other in memory.numbers
    )


def _is_switched(fact: Reading, memory: Reading) -> bool:
    if _is_event(memory) or _mentions_other_kin(fact, memory):
        return False
    if match := cues.SWITCHED.search(fact.low):
        old = content(next(part for part in match.groupdict().values() if part)) - COMMON
        return bool(old) and len(old & memory.stems) * 2 > len(old)
    return cues.SWITCHED_TO.search(fact.low) is not None and _shares(fact, memory)


def _is_corrected(fact: Reading, memory: Reading) -> bool:
    if not cues.CORRECTED.match(fact.low):
        return False
    shared = fact.stems & memory.stems
    return bool(shared) and len(shared) * 2 >= len(fact.stems)


def _is_resumed(fact: Reading, memory: Reading) -> bool:
    """Return whether what a memory denies holds again."""
    return (
        memory.negated
        and not fact.negated
        and cues.AGAIN.search(fact.low) is not None
        and not fact.stems.isdisjoint(memory.stems)
        and _form(fact, memory) >= SIMILAR
    )


def _is_renewed(fact: Reading, memory: Reading) -> bool:
    """Return whether "my new dentist is ..." follows "my dentist is ..."."""
    match = cues.NEW.search(fact.low)
    if match is None or _is_event(memory) or _mentions_other_kin(fact, memory):
        return False
    what = match["what"] or match["bare"]
    stated = re.search(
        rf"\b(?:my|our|the) (?:\w+ )?{re.escape(what)}(?:'s| is| are| was)\b", memory.low
    )
    return stated is not None and bool(fact.names | fact.numbers | fact.dates | fact.stems)


def _changes_status(fact: Reading, memory: Reading) -> bool:
    stated = cues.STATUS.findall(memory.low)
    if not stated or not _is_personal(fact) or memory.subject != "user":
        return False
    now = cues.NOW_STATUS.search(fact.low)
    return now is not None and now["status"] not in stated


def _is_personal(fact: Reading) -> bool:
    return re.search(r"\b(?:i|we|i'm|my|me)\b", fact.low) is not None


# Each cue, and the law that it may bring in.
CUED: tuple[tuple[re.Pattern[str], Law], ...] = (
    (cues.DIED, _dies),
    (cues.BROKE_UP, _separates),
    (cues.END, _ends),
    (cues.NO_MORE, _ends),
    (cues.FINISHED, _finishes),
    (cues.ROLE, _hands_over),
    (cues.DIET, _goes_vegan),
    (cues.LEFT, _leaves),
    (cues.MOVED, _moves),
    (cues.JOB_BEGINS, _changes_job),
    (cues.RESCHEDULED, _is_rescheduled),
    (cues.SWITCHED, _is_switched),
    (cues.SWITCHED_TO, _is_switched),
    (cues.CORRECTED, _is_corrected),
    (cues.AGAIN, _is_resumed),
    (cues.NEW, _is_renewed),
    (cues.STATUS, _changes_status),
)
