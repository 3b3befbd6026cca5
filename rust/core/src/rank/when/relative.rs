//! Days and periods counted from a reference day. Weeks begin on Monday.

use super::Span;
use super::calendar::{self, Grain, date, month_end, span};
use super::sense::Unit;
use crate::time::{Day, days_to_civil};

/// Which of the days, months or seasons with a name is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// The latest that is over.
    Last,
    /// That of the week or year of the reference day.
    This,
    /// The first that is still to come.
    Next,
}

impl Which {
    /// The place among periods counted from the one of the reference day.
    pub(super) fn offset(self) -> i32 {
        match self {
            Which::Last => -1,
            Which::This => 0,
            Which::Next => 1,
        }
    }
}

/// The day that relative dates count from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Today {
    day: Day,
    pub(super) year: i32,
    month: u8,
    in_month: u8,
}

impl Today {
    /// `None` for a day outside the years 1 to 9999.
    pub(super) fn new(day: Day) -> Option<Self> {
        let (year, month, in_month) = days_to_civil(day);
        let known = (1..=9999).contains(&year);
        known.then_some(Self {
            day,
            year: i32::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            in_month: u8::try_from(in_month).ok()?,
        })
    }

    /// The Monday of the week.
    fn monday(self) -> Day {
        // 1970-01-01 was a Thursday.
        self.day - (self.day + 3).rem_euclid(7)
    }

    /// The day so many units away; of a month that is too short the last.
    fn moved(self, count: i32, unit: Unit) -> Option<Day> {
        let months = match unit {
            Unit::Day => return day(self.day, count, 1),
            Unit::Week | Unit::Weekend => return day(self.day, count, 7),
            Unit::Month => count,
            Unit::Year => count.checked_mul(12)?,
        };
        let (year, month) = self.month_away(months)?;
        date(year, month, self.in_month).or_else(|| month_end(year, month))
    }

    fn month_away(self, months: i32) -> Option<(i32, u8)> {
        let index = (self.year * 12 + i32::from(self.month) - 1).checked_add(months)?;
        let month = u8::try_from(index.rem_euclid(12) + 1).ok()?;
        Some((index.div_euclid(12), month))
    }

    /// A whole unit, so many after the one of the reference day.
    pub(super) fn period(self, unit: Unit, offset: i32) -> Option<Span> {
        match unit {
            Unit::Day => days(day(self.day, offset, 1)?, 1),
            Unit::Week => days(day(self.monday(), offset, 7)?, 7),
            Unit::Weekend => days(day(self.monday() + 5, offset, 7)?, 2),
            Unit::Month => {
                let (year, month) = self.month_away(offset)?;
                calendar::month(year, month)
            }
            Unit::Year => calendar::year(self.year.checked_add(offset)?),
        }
    }

    /// So many units up to the reference day, or from it on.
    pub(super) fn window(self, count: i32, unit: Unit, ahead: bool) -> Option<Span> {
        let grain = match unit {
            Unit::Day | Unit::Week | Unit::Weekend => Grain::Days,
            Unit::Month => Grain::Months,
            Unit::Year => Grain::Years,
        };
        if ahead {
            span(self.day, self.moved(count, unit)?, grain)
        } else {
            span(self.moved(-count, unit)?, self.day, grain)
        }
    }

    /// About so many units before: a day is meant to the day, a week or month to half of it, and a
    /// year is the whole year.
    pub(super) fn ago(self, count: i32, unit: Unit) -> Option<Span> {
        let about = self.moved(-count, unit)?;
        match unit {
            Unit::Day => days(about, 1),
            Unit::Week => days(day(about, -3, 1)?, 7),
            Unit::Weekend | Unit::Year => self.period(unit, -count),
            Unit::Month => span(day(about, -15, 1)?, day(about, 15, 1)?, Grain::Months),
        }
    }

    /// A day of the month so many after that of the reference day.
    pub(super) fn day_of_month(self, months: i32, day: u8) -> Option<Span> {
        let (year, month) = self.month_away(months)?;
        calendar::day(year, month, day)
    }

    /// The first day of a date; without a year the latest that is not after the reference day.
    pub(super) fn latest(
        self,
        year: Option<i32>,
        month: Option<u8>,
        day: Option<u8>,
    ) -> Option<Day> {
        let of = |year: i32| date(year, month.unwrap_or(1), day.unwrap_or(1));
        if let Some(year) = year {
            return of(year);
        }
        let this = of(self.year).filter(|day| *day <= self.day);
        this.or_else(|| of(self.year - 1))
    }

    /// From a day to the reference day.
    pub(super) fn since(self, first: Day) -> Option<Span> {
        let grain = match self.day.checked_sub(first)? {
            ..=31 => Grain::Days,
            32..=366 => Grain::Months,
            367.. => Grain::Years,
        };
        span(first, self.day, grain)
    }

    /// A day of the week, 0 for Monday, of the week so many after that of the reference day.
    pub(super) fn weekday_of(self, weekday: u8, week: i32) -> Option<Span> {
        days(day(self.monday() + i32::from(weekday), week, 7)?, 1)
    }

    pub(super) fn weekday(self, weekday: u8, which: Which) -> Option<Span> {
        let monday = self.monday();
        let this = monday + i32::from(weekday);
        let week = match which {
            Which::Last => -i32::from(this >= self.day),
            Which::This => 0,
            Which::Next => i32::from(this <= self.day),
        };
        self.weekday_of(weekday, week)
    }

    /// The last such day, or the reference day.
    pub(super) fn latest_weekday(self, weekday: u8) -> Option<Span> {
        let this = self.monday() + i32::from(weekday);
        self.weekday_of(weekday, -i32::from(this > self.day))
    }

    /// The last weekend that has begun.
    pub(super) fn latest_weekend(self) -> Option<Span> {
        let begun = self.day >= self.monday() + 5;
        self.period(Unit::Weekend, i32::from(begun) - 1)
    }

    pub(super) fn month(self, month: u8, which: Which) -> Option<Span> {
        let year = match which {
            Which::Last => self.year - i32::from(month >= self.month),
            Which::This => self.year,
            Which::Next => self.year + i32::from(month <= self.month),
        };
        calendar::month(year, month)
    }

    pub(super) fn season(self, season: u8, which: Which) -> Option<Span> {
        let years = self.year - 2..=self.year + 1;
        let mut near = years.filter_map(|year| calendar::season(year, season));
        match which {
            Which::Last => near.rfind(|span| span.last < self.day),
            Which::This => {
                // In January a winter is that of the year before.
                let before = season == 3 && self.month <= 2;
                calendar::season(self.year - i32::from(before), season)
            }
            Which::Next => near.find(|span| span.first > self.day),
        }
    }
}

/// A day so many steps away, within the years 1 to 9999.
fn day(from: Day, count: i32, step: i32) -> Option<Day> {
    let day = from.checked_add(count.checked_mul(step)?)?;
    Today::new(day).map(|today| today.day)
}

/// So many days from one on.
fn days(first: Day, count: i32) -> Option<Span> {
    span(first, day(first, count - 1, 1)?, Grain::Days)
}
