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
    # What was booked, set or moved is ahead, though its verb is in the past.
    ("The meeting with Bob was moved to 4pm on Friday", "Friday (12 May 2023)", "2023-05-12"),
    ("We pushed the final exam to Friday", "to Friday (12 May 2023)", "2023-05-12"),
    ("We moved the meeting to Friday", "to Friday (12 May 2023)", "2023-05-12"),
    ("I booked a table for Friday", "for Friday (12 May 2023)", "2023-05-12"),
    ("I booked a table for 12 June", "12 June (12 June 2023)", "2023-06-12"),
    ("I signed up for a race on June 4", "June 4 (4 June 2023)", "2023-06-04"),
    ("The concert on 20 May was moved", "20 May (20 May 2023) was", "2023-05-20"),
    ("He moved me to the 24th", "the 24th (24 May 2023)", "2023-05-24"),
    # Days named in other ways.
    ("My exam is in a fortnight", "in a fortnight (22 May 2023)", "2023-05-22"),
    ("I came back a fortnight ago", "a fortnight ago (24 April 2023)", "2023-04-24"),
    ("My exam is 10 days from today", "10 days from today (18 May 2023)", "2023-05-18"),
    ("I am leaving a week from tomorrow", "from tomorrow (16 May 2023)", "2023-05-16"),
    ("We fly a week from Friday", "a week from Friday (19 May 2023)", "2023-05-19"),
    ("I will pay on the 20th", "on the 20th (20 May 2023)", "2023-05-20"),
    ("I paid on the 20th", "on the 20th (20 April 2023)", "2023-04-20"),
    ("The rent is due by the 1st", "by the 1st (1 June 2023)", "2023-06-01"),
    ("The audit is on the 3rd of next month", "next month (3 June 2023)", "2023-06-03"),
    ("I saw him on Christmas Eve", "Christmas Eve (24 December 2022)", "2022-12-24"),
    ("We will marry on New Year's Eve", "Eve (31 December 2023)", "2023-12-31"),
    ("I fell ill on Halloween", "Halloween (31 October 2022)", "2022-10-31"),
    ("He proposed on Valentine's Day", "Day (14 February 2023)", "2023-02-14"),
    ("She called on Easter Sunday", "Sunday (9 April 2023)", "2023-04-09"),
    ("We drove home on Thanksgiving", "Thanksgiving (24 November 2022)", "2022-11-24"),
    ("The dentist sees me on Thursday at 4", "Thursday (11 May 2023) at 4", "2023-05-11"),
    ("Piano lesson on Thursday at 4", "Thursday (11 May 2023) at 4", "2023-05-11"),
    ("My niece was born on Friday", "on Friday (5 May 2023)", "2023-05-05"),
    ("i start monday at the bakery", "monday (15 May 2023) at", "2023-05-15"),
    ("flight's on friday at 6am", "friday (12 May 2023) at 6am", "2023-05-12"),
    ("We meet this coming Friday", "this coming Friday (12 May 2023)", "2023-05-12"),
    ("I am off the week after next", "after next (week of 22 May 2023)", "2023-05-22"),
    ("I must pay by the end of the month", "end of the month (31 May 2023)", "2023-05-31"),
    ("They will be back in two weeks' time", "time (week of 22 May 2023)", "2023-05-22"),
    ("We fly the day after tomorrow", "after tomorrow (10 May 2023)", "2023-05-10"),
    ("I have been ill since last March", "last March (March 2023)", "2023-03-01"),
    ("We flew home on 4/25", "4/25 (25 April 2023)", "2023-04-25"),
    ("I paid it on 04/25/2023", "on 04/25/2023", "2023-04-25"),
    # Short and wrong spellings stay as they are.
    ("i will fly tmrw", "tmrw (9 May 2023)", "2023-05-09"),
    ("the exam is 2moro", "2moro (9 May 2023)", "2023-05-09"),
    ("i saw her last tues", "last tues (2 May 2023)", "2023-05-02"),
    ("exam on fri", "on fri (12 May 2023)", "2023-05-12"),
    ("i went running sat morning", "sat morning (6 May 2023)", "2023-05-06"),
    ("I met her on Wendsday at the gym", "Wendsday (3 May 2023)", "2023-05-03"),
    ("the exam is on Febuary 9th", "Febuary 9th (9 February 2024)", "2024-02-09"),
    ("we moved on march 3rd", "march 3rd (3 March 2023)", "2023-03-03"),
    ("i sold the car 2 wks ago", "2 wks ago (week of 24 April 2023)", "2023-04-24"),
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
        "My wedding feels like yesterday",
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
        "I had to work from Monday to Friday",
        "I had planned to leave on Friday",
        "I saw it a week after Friday",
        "I have to get up early on Monday mornings",
        "I will sing every Friday",
        "I thought it was Friday",
        "We bought a sofa on Black Friday",
        'My boss said "back tomorrow" and left',
        "I read The Day After Tomorrow",
        "I have been ill for the last week",
        "I was ill in the last week of school",
        "The next week we drove home",
        "We meet on 31 February 2023",
        "Our anniversary is on May 7",
        "I stayed home on 3/4",
        "I live on the 20th floor",
        "I ate 3/14 of the cake",
        "If it rains on Friday we will stay home",
        "I love Christmas Eve with my family at home in the snow",
        "On Christmas Eve we always eat carp",
        "I sat in the sun",
        "I can paint a room in two days",
        "It took a while but the last one was found in the end of it",
        "I work on Fridays and Sundays",
        "I have been away for two weeks",
        "I am glad that it's Friday",
        'My favourite song is "Last Friday Night"',
    ],
)
def test_ambiguous_dates_stay_unresolved(text: str) -> None:
    [fact] = facts(text)
    assert (fact.text, fact.event_at) == (text, None)


def test_dates_are_resolved_in_the_time_zone_of_the_speaker() -> None:
    [fact] = extract([Turn(0, "user", "I will fly tomorrow", None, WEDNESDAY)])
    assert "tomorrow (29 February 2024)" in fact.text
    assert fact.event_at == datetime(2024, 2, 29, tzinfo=WEDNESDAY.tzinfo)
