"""Values in a statement: counts, amounts, dates, times and rates."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from memfast.extraction.rules.spans import MONTHS, WEEKDAYS

Kind = Literal["day", "clock", "money", "rate", "count", "share"]

COUNTS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
)
NUMBER_OF = {word: str(number) for number, word in enumerate(COUNTS)}
NUMBER_OF |= {"once": "1", "twice": "2", "thrice": "3", "single": "1", "half a dozen": "6"}
MONTH_OF = {name.lower(): number for number, name in enumerate(MONTHS, 1)}
MONTH_OF |= {name.lower()[:3]: number for number, name in enumerate(MONTHS, 1)}
MONTH = "|".join(sorted(MONTH_OF, key=lambda name: -len(name)))
DAY = "|".join(WEEKDAYS)
COUNT = rf"\d[\d,]*(?:\.\d+)?|{'|'.join(COUNTS[1:])}"
SPAN = r"day|night|week|weekend|month|year|morning|evening"
CURRENCY = r"dollars?|euros?|pounds?|bucks|francs?|usd|eur|gbp|chf"
# In the order in which they are tried at one place of a text.
VALUE = re.compile(
    r"(?P<noted>\((?:[a-z ]*\b)?\d{1,2} [a-z]+ \d{4}\)|\([a-z0-9 ]{0,20}\d{4}\))"
    rf"|(?P<day>\b\d{{4}}-\d\d-\d\d\b|\b(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{MONTH})\b(?: \d{{4}}\b)?"
    rf"|\b(?:{MONTH})\.?(?: the)? \d{{1,2}}(?:st|nd|rd|th)?\b(?!:)|\bthe \d{{1,2}}(?:st|nd|rd|th)\b"
    rf"|\b(?:{DAY})s?\b)"
    r"|(?P<clock>\b\d{1,3}:\d\d(?::\d\d)?(?: ?[ap]m\b)?|\b\d{1,2} ?[ap]m\b"
    rf"|(?<=\bat )(?:\d{{1,2}}|{'|'.join(COUNTS[1:13])})\b(?! ?[\w%]| years))"
    rf"|(?P<money>[$\u20ac\u00a3]\d[\d,.]*\d|[$\u20ac\u00a3]\d|\b\d[\d,.]*k? (?:{CURRENCY})\b)"
    rf"|(?P<rate>\b(?:once|twice|(?:{COUNT}) times?) (?:a|per|every) (?:{SPAN})\b"
    rf"|\bevery (?:(?:other|second|{COUNT}) )?(?:{SPAN})s?\b|\b(?:daily|weekly|monthly)\b)"
    r"|(?P<share>\b\d[\d.,]*(?: ?%| percent\b))"
    rf"|(?P<count>(?<![\w.,:/-])(?:{COUNT})(?![\w:/]|[.,]\d|-\w))"
)


class Value(NamedTuple):
    """A value in a text.

    Attributes:
        kind: What sort of value it is.
        key: Equal for equal values.
        begin: Where it begins.
        end: Where it ends.
    """

    kind: Kind
    key: str
    begin: int
    end: int


def values_in(low: str) -> list[Value]:
    """Return the values in a text in lower case, in order; dates that rules noted are left out."""
    found: list[Value] = []
    for match in VALUE.finditer(low):
        kind = match.lastgroup
        if kind == "noted":
            continue
        said = match.group()
        found.append(Value(kind, _key(kind, said), match.start(), match.end()))  # type: ignore[arg-type]
    return found


def _key(kind: str | None, said: str) -> str:
    if kind == "day":
        return _day(said)
    if kind == "money":
        return "".join(letter for letter in said if letter.isdigit() or letter in ".k").rstrip(".")
    words = [NUMBER_OF.get(word, word) for word in re.findall(r"[\w:.]+", said.replace(",", ""))]
    if kind == "rate":
        return " ".join(word.rstrip("s") if word[0].isalpha() else word for word in words)
    return " ".join(words)


def _day(said: str) -> str:
    if said[0].isalpha() and said.rstrip("s") in WEEKDAYS:
        return said.rstrip("s")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", said):
        return f"{int(said[5:7])}-{int(said[8:])}"
    numbers = re.findall(r"\d+", said)
    month = next((MONTH_OF[word] for word in re.findall(r"[a-z]+", said) if word in MONTH_OF), 0)
    return f"{month}-{int(numbers[0])}"


def differ(one: Value, other: Value) -> bool:
    """Return whether two values of a kind exclude each other."""
    if one.kind != other.kind or one.key == other.key:
        return False
    if one.kind == "day" and "-" in one.key and "-" in other.key:
        (month, day), (known, place) = one.key.split("-"), other.key.split("-")
        return not (day == place and "0" in (month, known))
    return True
