"""Forms of relative dates."""

from __future__ import annotations

import re
from typing import NamedTuple

from memfast.extraction.rules import date_readers as read
from memfast.extraction.rules import named_days
from memfast.extraction.rules.date_readers import NUMERALS, Reader
from memfast.extraction.rules.spans import MONTHS, WEEKDAYS

NUMBER = (
    r"(?P<n>\d{1,4}|an? couple(?: of)?|couple of|an?|fifteen|twenty|thirty|ninety"
    rf"|{'|'.join(NUMERALS)})"
)
UNIT = r"(?P<unit>day|night|week|fortnight|weekend|month|year|decade|hour|minute)s?"
WEEKDAY = r"(?P<weekday>" + "|".join(WEEKDAYS) + ")"
# In lower case "may" and "march" are verbs; `spellings` writes the months among them large.
MONTH = (
    r"(?P<month>(?!(?-i:may|mar))(?:"
    + "|".join(MONTHS)
    + r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec))\b(?:\.(?= ?\d))?"
)
A_MONTH = MONTH.replace("?P<month>", "?:")
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
# "3-12 March" is resolved to its first day.
DAYS = rf"{DAY}(?: ?[-\u2013] ?\d{{1,2}}(?:st|nd|rd|th)?)?\b"
YEAR = r"(?P<year>(?:19|20)\d\d)"
PART = r"(?: (?:morning|afternoon|evening|night)\b)?(?! (?:morning|afternoon|evening|night)s)"
# "The last week" is ambiguous: the last one of something, or the past seven days.
TURN = r"(?P<turn>(?<!the )(?:last|past|next)|this coming|this|coming)"
LED = r"(?:on|by|until|till|before|for|to|from|since|around|is|was|due) "


class Rule(NamedTuple):
    """A form of a relative date.

    Attributes:
        needs: Group of `HINT` without which the rule is skipped.
        pattern: Its pattern.
        reader: Returns its meaning; None if ambiguous.
        whole: Whether the expression is an absolute date already.
        cased: Whether the pattern needs the original case; others read lower-case text.
    """

    needs: str
    pattern: re.Pattern[str]
    reader: Reader
    whole: bool
    cased: bool


def _rule(needs: str, pattern: str, reader: Reader, whole: bool = False) -> Rule:
    cased = needs in {"month", "weekday"} or MONTH in pattern
    return Rule(needs, re.compile(pattern, re.IGNORECASE if cased else 0), reader, whole, cased)


# The first rule that matches a position wins, so longer forms come before shorter ones.
RULES = tuple(
    _rule(*rule)
    for rule in (
        ("iso", rf"\b{YEAR}-(?P<m>\d\d)-(?P<day>\d\d)\b", read.iso, True),
        (
            "slash",
            (
                r"(?<![\d/.])(?P<one>\d{1,2})/(?P<two>\d{1,2})/(?P<year>(?:19|20)\d\d|\d\d)"
                r"(?![\d/])"
            ),
            read.slashed,
            True,
        ),
        ("month", rf"\b(?:the )?{DAYS} (?:of )?{MONTH},? {YEAR}\b", read.full_date, True),
        ("month", rf"\b{MONTH} (?:the )?{DAYS},? {YEAR}\b", read.full_date, True),
        ("month", rf"\b{MONTH},? (?:of )?{YEAR}\b", read.month_year, True),
        (
            "turn",
            rf"\b(?P<turn>last|this|next) year,? in {MONTH}",
            read.month_of_year,
        ),
        (
            "turn",
            rf"\b{MONTH} (?:of )?(?P<turn>last|this|next) year\b",
            read.month_of_year,
        ),
        (
            "nth",
            (
                r"\b(?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th) (?:of )?(?P<turn>this|next|last) month"
                r"\b"
            ),
            read.day_of_month,
        ),
        ("month", rf"\b(?:the )?{DAYS} (?:of )?{MONTH}(?!\w)", read.day_month),
        ("month", rf"\b{MONTH} (?:the )?{DAYS}(?! ?(?:%|percent|people))", read.day_month),
        (
            "named",
            (
                rf"(?:\b(?P<turn>last|this coming|this|next|coming) )?\b(?P<name>{named_days.NAMES})"
                r"\b(?!'s| (?:party|song|movie|card|present|gift|tree|dinner|costume|candy|eve"
                r"|decoration|shopping|market|carol|lights|music|vibe|spirit|egg|bunny|time))"
            ),
            read.named,
        ),
        (
            "slash",
            (
                r"\b(?:on|by|for|due|until|till|before|since|from) (?P<one>\d{1,2})/(?P<two>\d{1,2})"
                r"(?P<year>(?!))?(?![\d/%])(?! of\b)"
            ),
            read.slashed,
        ),
        (
            "day",
            # "It feels like yesterday" names no day.
            (
                r"(?<!like )(?<!like just )(?<!like only )\b"
                r"(?P<word>(?:the )?day (?:before yesterday|after tomorrow)|yesterday|tomorrow)\b"
                rf"{PART}"
            ),
            read.day_word,
        ),
        (
            "day",
            (
                r"\b(?P<word>last night|tonight|this (?:morning|afternoon|evening)"
                r"|(?:earlier |later )?(?<!ago )(?<!from )today(?!'s))\b"
            ),
            read.day_word,
        ),
        ("ago", rf"(?<!half )\b{NUMBER} {UNIT} (?:ago\b|back(?=[.,!;]|\Z))", read.ago),
        ("in", rf"\bin (?:about |around )?{NUMBER} {UNIT}(?:'?s?'? time)?\b", read.ahead),
        ("ago", rf"\b{NUMBER} {UNIT} from (?P<start>now|today|tomorrow)\b", read.from_now),
        (
            "weekday",
            rf"\b(?P<n>a|one|two|three) (?P<unit>week|fortnight)s? (?:from|on) {WEEKDAY}\b{PART}",
            read.from_weekday,
        ),
        (
            "turn",
            rf"\b(?P<turn>last|this|next) week,? (?:on )?{WEEKDAY}\b{PART}",
            read.weekday_of_week,
        ),
        (
            "turn",
            rf"\b{WEEKDAY}{PART} (?:of )?(?P<turn>last|this|next) week\b",
            read.weekday_of_week,
        ),
        (
            "turn",
            (
                r"\b(?P<turn>this past|this coming|(?<!the )(?:last|past|next)|this|coming)"
                rf" {WEEKDAY}\b{PART}"
            ),
            read.turned_weekday,
        ),
        (
            "turn",
            (
                r"\bthe (?P<unit>week|weekend|month|year) before (?P<turn>last)\b"
                r"(?=[.,;!)]|\Z| (?:i|we|he|she|they|my|and|but)\b)"
            ),
            read.before_last,
        ),
        (
            "turn",
            r"\b(?:the )?(?P<unit>week|weekend|month|year) after (?P<turn>next)\b",
            read.before_last,
        ),
        (
            "end",
            r"\b(?:the )?end of (?P<turn>the|this|next|last) month\b",
            read.end_of,
        ),
        ("end", rf"\b(?:the )?end of {MONTH}", read.end_of_month),
        ("turn", rf"\b{TURN} (?P<unit>week|weekend|month|year|decade)\b", read.turned),
        ("turn", rf"\b(?P<turn>last|this|next) {MONTH}", read.turned_month),
        (
            "nth",
            (
                rf"\b{LED}the (?P<day>\d{{1,2}})(?:st|nd|rd|th)\b"
                r"(?=[.,;!?)]|\Z| (?:at|and|but|so|because|instead|around|with|if|when|lol|already"
                r"|i|we|he|she|it|they|for|in the)\b)(?! in the (?:list|row|line))"
            ),
            read.day_only,
        ),
        (
            "weekday",
            (
                rf"\b{WEEKDAY}\b{PART}"
                rf"(?!,? (?:the )?(?:\d{{1,2}}(?:st|nd|rd|th| {A_MONTH})|{A_MONTH}))"
            ),
            read.plain_weekday,
        ),
        (
            "month",
            rf"\b(?:in|since|during|by|until|till) (?:early |mid-? ?|late )?{MONTH}",
            read.plain_month,
        ),
    )
)
