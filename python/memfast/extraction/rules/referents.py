"""What "he", "she", "it", "they" and "there" mean: the one name or noun before that fits.

A pronoun is resolved by agreement and recency: of what the last messages mention, the most recent
that agrees in gender, number and kind, unless something else that agrees is as near. Where two fit
or none does, the pronoun stays alone: a missing name is better than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from memfast.extraction.rules.mentions import Mention, Sort, mentions

# Messages behind the nearest mention in which another one that fits makes it doubtful.
AS_NEAR = 2
# Longest sentence that is looked at, in characters: patterns are tried at each of its words.
LONGEST = 300
LEAD = r"(?:(?:and|but|so|then|now|also|well|oh|yeah|yes|no|anyway|actually|apparently|luckily)[\s,]+)*"
PERSON = re.compile(
    r"\b(?P<m>he|him|his|himself)(?:'(?:s|d|ll))?(?![\w'])"
    r"|\b(?P<f>she|her|hers|herself)(?:'(?:s|d|ll))?(?![\w'])",
    re.IGNORECASE,
)
OTHERWISE = re.compile(
    r"\A(?:(?P<m>er|il(?! (?:y|faut|pleut|neige|s'agit|para\u00eet|fait (?:beau|froid|chaud|mauvais)"
    r"|est (?:tard|temps|possible|difficile|important|\d)))|\u00e9l|lui)"
    r"|(?P<f>elle|ella|lei|sie(?= \w+t\b)))(?= [^\W\d_])",
    re.IGNORECASE,
)
THEY = re.compile(
    rf"\A{LEAD}(?P<group>they|their)(?P<rest>'(?:re|ve|d|ll))?(?![\w'])", re.IGNORECASE
)
IT = re.compile(
    rf"\A{LEAD}(?P<thing>it(?:'s|'ll)?) (?:(?:has|needs?|broke|costs?|arrive[sd]?|stopped|weighs"
    r"|belongs|died|fits|opens|closes|leaks|smells|lasts)\b"
    r"|(?:(?:is|was|will be|now|still|already|only) )*(?:in|on|at|from|called|named|parked"
    r"|broken|stolen|due|red|blue|green|black|white|grey|gray|yellow|brown|booked|scheduled|\d+)\b"
    r"(?! (?:me|you|us|fun|purpose|course|sure|least|last|once|about time|the (?:way|moment))\b))",
    re.IGNORECASE,
)
# The verb tells that "it" is a thing: "I sold it".
TAKEN = re.compile(
    r"\b(?:sold|bought|lost|broke|returned|cancell?ed|moved|postponed|repaired|fixed|named|called"
    r"|ride|drive|rented|borrowed|rescheduled) (?P<thing>it)\b(?! (?:that|is|was|to)\b)",
    re.IGNORECASE,
)
THERE = re.compile(
    r"(?<!hi )(?<!hey )(?<!hello )(?<!out )(?<!over )(?<!up )(?<!\bin )(?<!down )(?<!almost )"
    r"\b(?P<place>there)\b(?!'|,? (?:is|are|was|were|will|has|have|had|must|might|may|can|could|should"
    r"|would|isn't|aren't|for (?:me|us|you|him|her)|you)\b)",
    re.IGNORECASE,
)
FITS: dict[str, frozenset[Sort]] = {
    "m": frozenset(("m", "mf")),
    "f": frozenset(("f", "mf")),
    "group": frozenset(("group",)),
    "thing": frozenset(("thing",)),
    "place": frozenset(("place",)),
}
OWNED = frozenset(("his", "her", "their"))


@dataclass(frozen=True, slots=True)
class _Pronoun:
    """A pronoun, with what agrees with it and where it ends in its sentence."""

    agrees: str
    begin: int
    end: int
    owner: bool


def has_pronoun(words: Collection[str]) -> bool:
    """Return whether a sentence of these words may hold a pronoun that can be resolved."""
    return not PRONOUNS.isdisjoint(words)


PRONOUNS = frozenset(
    word + ending
    for word in [
        "he",
        "him",
        "his",
        "himself",
        "she",
        "her",
        "hers",
        "herself",
        "it",
        "they",
        "their",
        "there",
        "er",
        "sie",
        "il",
        "elle",
        "él",
        "ella",
        "lui",
        "lei",
    ]
    for ending in ("", "'s", "'d", "'ll", "'re", "'ve")
)


def explains(question: str) -> bool:
    """Return whether a question names a person or group, which its answer's pronoun may mean."""
    return any(one.sort in {"m", "f", "mf", "group"} for one in mentions(question))


def resolved(
    sentence: str,
    before: Sequence[Sequence[str]],
    speakers: Collection[str] = (),
    beside: str = "",
) -> str:
    """Return a sentence with a name or noun behind its pronoun, where exactly one fits.

    No word of it is changed: "He starts in July." becomes "He (Marek) starts in July."

    Args:
        sentence: The sentence.
        before: The sentences before it, by message, oldest first; the last ones are of its own.
        speakers: The names of the speakers, in lower case: nobody speaks of them so.
        beside: What is stored before the sentence, in one text with it.
    """
    pronoun = _pronoun(sentence, beside)
    if pronoun is None:
        return sentence
    label = _meant(pronoun.agrees, before, speakers)
    if not label:
        return sentence
    owned = "'s" if pronoun.owner and not label.endswith("s") else ""
    return f"{sentence[: pronoun.end]} ({label}{owned}){sentence[pronoun.end :]}"


def _pronoun(sentence: str, beside: str) -> _Pronoun | None:
    """Return the first pronoun that nothing in the sentence itself explains."""
    if len(sentence) > LONGEST:
        return None
    plain = sentence.replace("\u2019", "'")
    person = OTHERWISE.match(plain) or PERSON.search(plain)
    for match in (
        person,
        THEY.match(plain),
        IT.match(plain),
        TAKEN.search(plain),
        THERE.search(plain),
    ):
        if match is None:
            continue
        agrees = next(name for name in FITS if name in match.re.groupindex and match[name])
        fits = FITS[agrees]
        said = plain[: match.start(agrees)]
        if (
            any(mention.sort in fits for mention in (*mentions(beside), *mentions(said)))
            or '"' in said
        ):
            continue
        if agrees in {"m", "f"} and not _is_plain(plain, match):
            continue
        word = match[agrees].lower()
        owner = word in OWNED and bool(re.match(r" [^\W\d_]", plain[match.end(agrees) :]))
        end = match.end() if agrees in {"m", "f", "group"} else match.end(agrees)
        if agrees in {"m", "f"} and word == "her":
            # "Her cello", but "I called her on Monday".
            owner = owner and not said.strip()
        return _Pronoun(agrees, match.start(agrees), end, owner)
    return None


def _is_plain(plain: str, match: re.Match[str]) -> bool:
    """Return whether nobody else's name or noun stands before a pronoun in its sentence."""
    return not any(mention.sort == "name" for mention in mentions(plain[: match.start()]))


def _meant(agrees: str, before: Sequence[Sequence[str]], speakers: Collection[str]) -> str:
    """Return how the one that a pronoun means is named; empty where none or several fit."""
    fits = FITS[agrees]
    every = [[one for said in message for one in mentions(said[:LONGEST])] for message in before]
    sorts = _known(every)
    nearest: int | None = None
    # A thing is taken up at once, or something else is meant.
    reach = AS_NEAR if agrees == "thing" else len(every)
    found: dict[str, Mention] = {}
    for distance, message in enumerate(reversed(every)):
        if distance >= reach or (nearest is not None and distance > nearest + AS_NEAR):
            break
        for mention in message:
            sort = sorts.get(mention.key, mention.sort)
            doubtful = sort == "name" and agrees in {"m", "f", "place"}
            if (sort not in fits and not doubtful) or _is_speaker(mention.key, speakers):
                continue
            if agrees == "group" and not mention.label and distance > 1:
                continue
            nearest = distance if nearest is None else nearest
            known = found.get(mention.key)
            if known is None or not known.label:
                found[mention.key] = mention
    if len(found) > 1:
        # "My nephew Oskar" and "my nephew" are one.
        nouns = {mention.noun for mention in found.values() if mention.key != mention.noun}
        found = {
            key: mention
            for key, mention in found.items()
            if not (mention.key == mention.noun and mention.noun in nouns)
        }
    if len(found) != 1:
        return ""
    (only,) = found.values()
    return "" if sorts.get(only.key, only.sort) == "name" else only.label


def _is_speaker(key: str, speakers: Collection[str]) -> bool:
    """Return whether a name is that of a speaker, or a short form of it."""
    return any(name.startswith(key) for name in speakers)


def _known(every: Sequence[Sequence[Mention]]) -> dict[str, Sort]:
    """Return what all mentions together say of each: "my nephew Robin" tells of "Robin"."""
    sorts: dict[str, Sort] = {}
    for message in every:
        for mention in message:
            if sorts.get(mention.key, "mf") in {"mf", "name"}:
                sorts[mention.key] = mention.sort
    return sorts
