"""The days that a text names, and those that follow from its words and the time it was said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from memfast.extraction.numerals import values_in

_MONTH_LINES = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "январе феврале марте апреле мае июне июле августе сентябре октябре ноябре декабре",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
)
_DAY_LINES = (
    "monday tuesday wednesday thursday friday saturday sunday",
    "mon tue wed thu fri sat sun",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miércoles jueves viernes sábado domingo",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "segunda terça quarta quinta sexta sábado domingo",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "понедельник вторник среду четверг пятницу субботу воскресенье",
    "понедельник вторник среда четверг пятница суббота воскресенье",
)
MONTHS = {name: at for line in _MONTH_LINES for at, name in enumerate(line.split(), 1)}
MONTHS["sept"] = 9
WEEKDAYS = {name: at for line in _DAY_LINES for at, name in enumerate(line.split())}
WEEKDAYS |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3, "sonnabend": 5}
_CJK_WEEKDAY = re.compile(
    r"(?:星期|周|週|礼拜|禮拜)([一二三四五六日天])|([月火水木金土日])曜|([월화수목금토일])요일"
)
_CJK_DAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6} | {
    sign: at for line in ("月火水木金土日", "월화수목금토일") for at, sign in enumerate(line)
}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_NAMED = re.compile(
    rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|ª|\.)?(?: (?:of|de|di))? ?(?P<m>{_MONTH})\b\.?"
    r"(?:,?(?: (?:of|de|del))? (?P<y>\d{4})\b)?"
    rf"|\b(?P<m2>{_MONTH})\b\.?(?: (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:))?"
    r"(?:,?(?: (?:of|de|del))? (?P<y2>\d{4})\b)?",
    re.IGNORECASE,
)
_ISO = re.compile(r"\b(\d{4})-(\d\d)(?:-(\d\d))?(?!\d)")
_FIGURES = re.compile(r"\b(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d\d)?(?!\d)")
_CJK_DATE = re.compile(r"(?:(\d{4})[年년]\s?)?(\d{1,2})[月월](?:\s?(\d{1,2})[日号號일])?")
# Words that are months or days only with a capital.
_CAPITALS_WORDS = """
    may march mar mars jan dec sat sun mon wed mai maio segunda quarta quinta sexta среду
"""
_CAPITALS = frozenset(_CAPITALS_WORDS.split())
_SHIFTS: Mapping[int, str] = {
    -2: "day before yesterday|vorgestern|avant-hier|anteayer|antier|l'altro ieri"
    "|anteontem|eergisteren|позавчера|前天|一昨日|おととい|그저께",
    -1: "yesterday|yday|last night|gestern|hier|ayer|anoche|ieri|ontem|gisteren|вчера|昨天"
    "|昨日|昨晚|きのう|어제",
    0: "today|tonight|this (?:morning|afternoon|evening)|heute|aujourd'hui|hoy|oggi|hoje"
    "|vandaag|сегодня|今天|今日|오늘",
    2: "day after tomorrow|übermorgen|après-demain|pasado mañana|dopodomani"
    "|depois de amanhã|overmorgen|послезавтра|后天|後天|明後日|모레",
    1: "tomorrow|tmrw|tmr|tomoz|morgen|demain|mañana|domani|amanhã|завтра|明天|明日|내일",
}
_SHIFT = [(re.compile(rf"(?:{words})"), shift) for shift, words in _SHIFTS.items()]


def _whole(words: str) -> re.Pattern[str]:
    """Return a pattern of words that stand alone, or of signs between ideographs."""
    return re.compile(rf"(?<![^\W\d_])(?:{words})(?![^\W\d_])|(?:{words})(?<=[\u3000-\u9fff])")


_UNITS: tuple[tuple[str, int, int], ...] = (
    (r"days?|tage?n?|jours?|d[íi]as?|giorn[oi]|dias?|dagen|dag|дн\w+|день|天|日|일", 1, 0),
    (r"weeks?|wks?|wochen?|semaines?|semanas?|settiman[ae]|weken|недел\w+|周|週|星期|礼拜", 7, 6),
    (r"weekends?|wochenende|week-end|fin de semana|finde|周末|週末|выходн\w+", 7, 9),
    (r"fortnight|quinzaine|quincena", 14, 2),
    (r"months?|monate?n?|mois|mes(?:es)?|mes[ei]|mês|maand(?:en)?|месяц\w*|个月|月|달", 30, 31),
    (r"years?|yrs?|jahre?n?|ans?|années?|año?s?|ann[oi]|anos?|jaar|год\w*|лет|年|년", 365, 366),
    (r"decades?|jahrzehnt\w*", 3652, 1830),
)  # fmt: skip
_UNIT = [(_whole(words), days, slack) for words, days, slack in _UNITS]
# Times of the year, as month and day of their begin, and their days.
_SEASONS: tuple[tuple[str, int, int, int], ...] = (
    (r"spring|frühling|frühjahr|printemps|primavera|lente|весн\w+|春", 3, 1, 112),
    (r"summer|sommer|été|verano|estate|verão|zomer|л\u0435т\w{1,2}|夏", 6, 1, 112),
    (r"autumn|fall|herbst|automne|otoño|autunno|outono|herfst|осен\w+|秋", 9, 1, 112),
    (r"winter|hiver|invierno|inverno|зим\w+|冬", 12, 1, 112),
    (r"christmas|xmas|weihnacht\w*|noël|navidad|natale?|kerst\w*|рождеств\w+|圣诞", 12, 24, 3),
    (r"new year\w*|nye|silvester|neujahr|réveillon|nochevieja|capodanno|новый год", 12, 31, 2),
    (r"easter|ostern|pâques|pascua|pasqua|páscoa|pasen|пасх\w+", 3, 21, 40),
    (r"halloween", 10, 31, 1),
    (r"valentine\w*", 2, 14, 1),
    (r"thanksgiving", 11, 20, 11),
)  # fmt: skip
_SEASON = [
    (re.compile(rf"(?<![^\W\d_])(?:{words})"), month, day, length)
    for words, month, day, length in _SEASONS
]
_CARDINAL = re.compile(
    r"\b(?:the|on|le|el|il|o|am|den|dem|zum|op|de|dia|día|до)\s(\d{1,2})\b|\b(\d{1,2})(?:st|nd|rd|th|[日号號일]|\.(?!\d))"
)
# Scripts for which the words above hold nothing.
_UNREAD = re.compile(r"[\u0370-\u03ff\u0530-\u0e7f\u1000-\u10ff\u1780-\u17ff]{2}")
_WINDOW = 31
# Days from which a unit (a month, a year) names no single day, and the tolerance of a date that is
# computed, in days.
_COARSE = 30
_DRIFT = 4
_MOST = 400


@dataclass(frozen=True, slots=True)
class Day:
    """A day as a text writes it; what it leaves out is None."""

    year: int | None
    month: int | None
    day: int | None
    begin: int
    end: int


def days_in(text: str) -> Iterator[Day]:
    """Yield the days and months that a text names, in its own letters."""
    for match in _ISO.finditer(text):
        year, month, day = match.groups()
        yield Day(int(year), int(month), int(day) if day else None, *match.span())
    for match in _FIGURES.finditer(text):
        first, _, second, year = match.groups()
        if year is None and match[2] != ".":
            continue
        whole = None if year is None else int(year) + (2000 if len(year) == 2 else 0)  # noqa: PLR2004
        for day, month in {(int(first), int(second)), (int(second), int(first))}:
            if 1 <= month <= 12 and 1 <= day <= 31:  # noqa: PLR2004 - the calendar
                yield Day(whole, month, day, *match.span())
    for match in _CJK_DATE.finditer(text):
        year, month, day = match.groups()
        yield Day(int(year) if year else None, int(month), int(day) if day else None, *match.span())
    for match in _NAMED.finditer(text):
        name = match["m"] or match["m2"]
        day, year = match["d"] or match["d2"], match["y"] or match["y2"]
        if name.casefold() in _CAPITALS and not name[0].isupper() and not (day or year):
            continue
        month = MONTHS[name.casefold()]
        yield Day(int(year) if year else None, month, int(day) if day else None, *match.span())


def weekdays_in(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield the weekdays that a text names, Monday is 0, with where they begin and end."""
    for match in re.finditer(r"[^\W\d_]+", text):
        word = match.group().casefold()
        at = WEEKDAYS.get(word, WEEKDAYS.get(word.removesuffix("s")))
        if at is not None and (word not in _CAPITALS or match.group()[0].isupper()):
            yield at, *match.span()
    for match in _CJK_WEEKDAY.finditer(text):
        yield _CJK_DAYS[next(filter(None, match.groups()))], *match.span()


class Calendar:
    """The days that texts name or that follow from them."""

    def __init__(self) -> None:
        self._named: list[Day] = []
        self._spans: set[tuple[date, date]] = set()
        # Spans that are known by their months or years alone.
        self._coarse: set[tuple[date, date]] = set()
        self._weekdays: set[int] = set()
        # Whether a text names days from a time that is not known: then any day may be meant.
        self._open = False

    def read(self, text: str, at: date | None, *, dated: bool = True) -> None:
        """Take what a text names, and what follows from the day on which it was said.

        Args:
            text: The text.
            at: The day; None if it is not known.
            dated: Whether its relative days count from a day at all; False for memories.
        """
        named = list(days_in(text))[:_MOST]
        self._named += named
        weekdays = {weekday for weekday, _, _ in weekdays_in(text)}
        self._weekdays |= weekdays
        if at is None:
            self._open |= dated and (bool(weekdays) or _is_relative(text.casefold()))
            return
        self._weekdays.add(at.weekday())
        with suppress(OverflowError, ValueError):  # the ends of the calendar
            self._follow(text.casefold(), at, weekdays)

    def _near(self, day: date, slack: int = 0, *, coarse: bool = False) -> None:
        spans = self._coarse if coarse else self._spans
        spans.add((day - timedelta(slack), day + timedelta(slack)))

    def _follow(self, low: str, at: date, weekdays: set[int]) -> None:
        self._near(at)
        for words, shift in _SHIFT:
            if words.search(low):
                self._near(at + timedelta(shift))
        for shift in range(-14, 15):
            if (at + timedelta(shift)).weekday() in weekdays:
                self._near(at + timedelta(shift))
        self._count(low, at)
        for words, month, day, length in _SEASON:
            if words.search(low):
                for year in range(at.year - 1, at.year + 2):
                    begin = date(year, month, day)
                    self._spans.add((begin, begin + timedelta(length - 1)))
        self._number(low, at)
        if _UNREAD.search(low):
            self._near(at, _WINDOW)

    def _number(self, low: str, at: date) -> None:
        """Take the days of the months around that have the number of a text: "on the 20th"."""
        for match in _CARDINAL.finditer(low):
            for shift in range(-2, 3):
                year, month = divmod(at.year * 12 + at.month - 1 + shift, 12)
                with suppress(ValueError):  # a month that has no such day
                    self._near(date(year, month + 1, int(match[1] or match[2])))

    def _count(self, low: str, at: date) -> None:
        """Take the days that lie so many days, weeks, months or years away."""
        counts = {1, *(int(value) for value in values_in(low) if value < _MOST)}
        for words, days, slack in _UNIT:
            if not words.search(low):
                continue
            coarse = days >= _COARSE
            self._near(at, days + slack if slack else 0, coarse=coarse)
            for shift in {way * count * days for count in counts for way in (-1, 1)}:
                with suppress(OverflowError):
                    self._near(at + timedelta(shift), slack, coarse=coarse)
                    self._near(at + timedelta(shift), _DRIFT * coarse)

    def holds(self, day: Day, years: set[int] | None) -> bool:
        """Return whether a day is named or follows.

        Args:
            day: The day.
            years: The years that a day without a year may be in; None for any.
        """
        if self._open:
            return True
        for one in self._named:
            month = one.month == day.month
            number = day.day is None or one.day == day.day
            fits = one.year == day.year or (
                one.year is None and (years is None or day.year in years)
            )
            year = day.year is None or fits
            if month and number and year:
                return True
        whole = day.day is None or day.day == 1
        spans = self._spans | self._coarse if whole else self._spans
        return any(_is_within(day, begin, end) for begin, end in spans)

    def holds_year(self, year: int) -> bool:
        """Return whether a day of a year follows."""
        return self._open or any(
            begin.year <= year <= end.year for begin, end in self._spans | self._coarse
        )

    def holds_weekday(self, weekday: int) -> bool:
        """Return whether a weekday is named, or one that follows is that weekday."""
        return (
            self._open
            or weekday in self._weekdays
            or any(
                (begin + timedelta(shift)).weekday() == weekday
                for begin, end in self._spans
                for shift in range(min(7, (end - begin).days + 1))
            )
        )


def _is_relative(low: str) -> bool:
    words = [*(one[0] for one in _SHIFT), *(one[0] for one in _UNIT), *(one[0] for one in _SEASON)]
    return any(one.search(low) for one in words)


def _is_within(day: Day, begin: date, end: date) -> bool:
    for year in [day.year] if day.year is not None else range(begin.year, end.year + 1):
        with suppress(ValueError):
            first = date(year, day.month or 1, day.day or 1)
            last = first if day.day else date(year, day.month or 12, 28) + timedelta(4)
            last = last if day.day else last - timedelta(last.day)
            if first <= end and begin <= last:
                return True
    return False
