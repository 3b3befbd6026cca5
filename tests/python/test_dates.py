"""Relative dates in messages: resolved where they are certain, left unchanged elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from memfast.extraction.facts import Turn
from memfast.extraction.rules import extract
from tests.python.talks import WEDNESDAY, facts

RELATIVE = [
    ("I ran yesterday", "yesterday (7 May 2023)", "2023-05-07"),
    ("I met him the day before yesterday", "yesterday (6 May 2023)", "2023-05-06"),
    ("I woke early today", "today (8 May 2023)", "2023-05-08"),
    ("I slept badly last night", "last night (7 May 2023)", "2023-05-07"),
    ("I swam this morning", "this morning (8 May 2023)", "2023-05-08"),
    ("I will fly tomorrow", "tomorrow (9 May 2023)", "2023-05-09"),
    ("Yesterday's game was long", "Yesterday's (7 May 2023)", "2023-05-07"),
    ("I saw it 3 days ago", "3 days ago (5 May 2023)", "2023-05-05"),
    ("I joined two weeks ago", "two weeks ago (week of 24 April 2023)", "2023-04-24"),
    ("I left a month ago", "a month ago (April 2023)", "2023-04-01"),
    ("I started six months ago", "six months ago (November 2022)", "2022-11-01"),
    ("We met five years ago", "five years ago (2018)", None),
    ("I saw her last week", "last week (week of 1 May 2023)", "2023-05-01"),
    ("I went out last weekend", "last weekend (weekend of 6 May 2023)", "2023-05-06"),
    ("I moved last month", "last month (April 2023)", "2023-04-01"),
    # Letters of other scripts that equal those of the patterns without regard to case.
    ("I left in May la\u017ft year", "la\u017ft year (May 2022)", "2022-05-01"),
    ("I ran on \u017faturday", "\u017faturday (6 May 2023)", "2023-05-06"),
    ("I graduated last year", "last year (2022)", None),
    ("My exam is next month", "next month (June 2023)", "2023-06-01"),
    ("I ran a race last Saturday", "last Saturday (6 May 2023)", "2023-05-06"),
    ("I ran a race last Monday", "last Monday (1 May 2023)", "2023-05-01"),
    ("We meet this Friday", "this Friday (12 May 2023)", "2023-05-12"),
    ("We meet next Friday", "next Friday (19 May 2023)", "2023-05-19"),
    ("I went to the dentist on Friday", "on Friday (5 May 2023)", "2023-05-05"),
    ("I will see the dentist on Friday", "on Friday (12 May 2023)", "2023-05-12"),
    ("I am going to sing in 3 days", "in 3 days (11 May 2023)", "2023-05-11"),
    ("I was hired last August", "last August (August 2022)", "2022-08-01"),
    ("I was hired in June", "in June (June 2022)", "2022-06-01"),
    ("I will marry in June", "in June (June 2023)", "2023-06-01"),
    ("I went there on May 2", "May 2 (2 May 2023)", "2023-05-02"),
    ("We will sail on the 3rd of March", "3rd of March (3 March 2024)", "2024-03-03"),
    ("I was born on 4 July 1990", "4 July 1990", "1990-07-04"),
    ("I paid it on 2023-04-30", "2023-04-30", "2023-04-30"),
    ("It opened in March 2021", "March 2021", "2021-03-01"),
    ("It opened in Oct. 2020", "Oct. 2020", "2020-10-01"),
    ("I sang at the zoo this Sunday", "this Sunday (7 May 2023)", "2023-05-07"),
    ("I went hiking this weekend", "this weekend (weekend of 6 May 2023)", "2023-05-06"),
    ("I was ill in March of last year", "of last year (March 2022)", "2022-03-01"),
    ("Next year in June we will marry", "Next year in June (June 2024)", "2024-06-01"),
    ("I will sing next week on Friday", "next week on Friday (19 May 2023)", "2023-05-19"),
    ("I sang on Friday last week", "on Friday last week (5 May 2023)", "2023-05-05"),
    ("I saw him the week before last", "before last (week of 24 April 2023)", "2023-04-24"),
    ("I have been ill since Friday", "since Friday (5 May 2023)", "2023-05-05"),
    ("I have been here since March", "since March (March 2023)", "2023-03-01"),
    ("The shop is closed until Friday", "until Friday (12 May 2023)", "2023-05-12"),
    ("I need to pay it by Friday", "by Friday (12 May 2023)", "2023-05-12"),
    ("The council said on Friday that it will rain", "Friday (5 May 2023)", "2023-05-05"),
    ("ACME announced on Friday that it will close", "Friday (5 May 2023)", "2023-05-05"),
    ("We are leaving Friday after work", "Friday (12 May 2023) after", "2023-05-12"),
    ("I met him Friday", "met him Friday (5 May 2023)", "2023-05-05"),
    ("I will see him Friday at 3", "Friday (12 May 2023) at 3", "2023-05-12"),
    ("The show on Friday evening was long", "Friday evening (5 May 2023)", "2023-05-05"),
    ("We were in Bonn March 3-12", "March 3-12 (3 March 2023)", "2023-03-03"),
    ("We will sail 20-27 May", "20-27 May (20 May 2023)", "2023-05-20"),
    ("I ran on Sunday, May 7", "on Sunday, May 7 (7 May 2023)", "2023-05-07"),
    ("We married two years ago today", "two years ago (2021) today", None),
]


@pytest.mark.parametrize(("text", "written", "day"), RELATIVE)
def test_relative_dates_are_resolved(text: str, written: str, day: str | None) -> None:
    [fact] = facts(text)
    assert written in fact.text
    assert (fact.event_at and fact.event_at.date().isoformat()) == day
    assert fact.event_at is None or fact.event_at.tzinfo == UTC


@pytest.mark.parametrize(("text", "written", "day"), RELATIVE)
def test_dates_stay_unresolved_when_the_message_has_no_time(
    text: str, written: str, day: str | None
) -> None:
    [fact] = extract([Turn(0, "user", text)])
    assert (fact.text, fact.event_at) == (text, None), (written, day)


@pytest.mark.parametrize(
    "text",
    [
        "The meeting with Bob was moved to 4pm on Friday",
        "We pushed the final exam to Friday",
        "It feels like yesterday",
        "I read the whole book in two days",
        "I have yoga on Fridays",
        "My birthday is May 7",
        "I may march with them",
        "Last but not least I own a boat",
        "I lived there years ago",
        "It happened 9999 years ago",
        "I was born in May",
        "My son was born on 2 March",
        "2021 was hard: I lost my job in March",
        "I used to run in March",
        "I booked a table for 12 June",
        "I booked a table for Friday",
        "We moved the meeting to Friday",
        "I had to work from Monday to Friday",
        "I signed up for a race on June 4",
        "The concert on 20 May was moved",
        "I had planned to leave on Friday",
        "I saw it a week after Friday",
        "I have to get up early on Monday mornings",
        "I will sing every Friday",
        "I thought it was Friday",
        "We bought a sofa on Black Friday",
        'He said "see you tomorrow" and left',
        "I read The Day After Tomorrow",
        "I have been ill for the last week",
        "It was the last week of school",
        "The next week we drove home",
        "We meet on 31 February 2023",
    ],
)
def test_ambiguous_dates_stay_unresolved(text: str) -> None:
    [fact] = facts(text)
    assert (fact.text, fact.event_at) == (text, None)


def test_dates_are_resolved_in_the_time_zone_of_the_speaker() -> None:
    [fact] = extract([Turn(0, "user", "I will fly tomorrow", None, WEDNESDAY)])
    assert "tomorrow (29 February 2024)" in fact.text
    assert fact.event_at == datetime(2024, 2, 29, tzinfo=WEDNESDAY.tzinfo)
