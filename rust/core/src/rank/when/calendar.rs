//! Spans of days: how a day, a month or a year counts for the date of a memory.

use super::Span;
use crate::time::{Day, real_day};

/// Days of grace around days and spans of days.
const DAYS_GRACE: f32 = 7.;
/// Days of grace around months and longer spans.
const MONTHS_GRACE: f32 = 15.;
/// A year says little about the day.
const YEAR_WEIGHT: f32 = 0.5;

/// What a span is made of, which decides its grace and weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grain {
    Days,
    Months,
    Years,
}

/// From one day to another; `None` if they are out of order.
pub(super) fn span(first: Day, last: Day, grain: Grain) -> Option<Span> {
    let grace = match grain {
        Grain::Days => DAYS_GRACE,
        Grain::Months | Grain::Years => MONTHS_GRACE,
    };
    let weight = match grain {
        Grain::Years => YEAR_WEIGHT,
        Grain::Days | Grain::Months => 1.,
    };
    (first <= last).then_some(Span {
        first,
        last,
        grace,
        weight,
    })
}

/// A day of a year from 1 to 9999.
pub(super) fn date(year: i32, month: u8, day: u8) -> Option<Day> {
    let day = real_day(year.into(), month.into(), day.into())?;
    (year <= 9999).then_some(day)
}

pub(super) fn day(year: i32, month: u8, day: u8) -> Option<Span> {
    let day = date(year, month, day)?;
    span(day, day, Grain::Days)
}

/// The last day of a month.
pub(super) fn month_end(year: i32, month: u8) -> Option<Day> {
    (28..=31).rev().find_map(|day| date(year, month, day))
}

/// The span of a month. December 9999 has none: its end is the end of the calendar.
pub(super) fn month(year: i32, month: u8) -> Option<Span> {
    if year == 9999 && month == 12 {
        return None;
    }
    span(
        date(year, month, 1)?,
        month_end(year, month)?,
        Grain::Months,
    )
}

pub(super) fn year(year: i32) -> Option<Span> {
    span(date(year, 1, 1)?, date(year, 12, 31)?, Grain::Years)
}

/// Three months from spring, 0, to winter, 3, which ends in the year after.
pub(super) fn season(year: i32, season: u8) -> Option<Span> {
    let begin = date(year, 3 * season + 3, 1)?;
    let end = if season == 3 {
        month_end(year + 1, 2)?
    } else {
        month_end(year, 3 * season + 5)?
    };
    span(begin, end, Grain::Months)
}

/// Ten years from this one on.
pub(super) fn decade(year: i32) -> Option<Span> {
    span(date(year, 1, 1)?, date(year + 9, 12, 31)?, Grain::Years)
}
