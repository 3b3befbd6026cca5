//! Dates, their parts, and spans from one to another.

use super::{At, Grammar, Meaning};
use crate::rank::when::Span;
use crate::rank::when::calendar::{self, Grain, date, month_end, span};
use crate::rank::when::items::is_year;
use crate::rank::when::plain::Date;
use crate::rank::when::sense::{Sense, Unit};

/// A date or a part of one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Part {
    pub(super) year: Option<i32>,
    pub(super) month: Option<u8>,
    pub(super) day: Option<u8>,
    /// Whether the plain forms do not read it.
    extra: bool,
    /// Whether it is a month that may also be another word.
    pub(super) doubtful: bool,
}

impl Part {
    fn grain(self) -> Grain {
        match (self.day, self.month) {
            (Some(_), _) => Grain::Days,
            (None, Some(_)) => Grain::Months,
            (None, None) => Grain::Years,
        }
    }
}

impl Grammar<'_> {
    /// A day of a month in digits or, in other languages than English, a word.
    pub(super) fn day(&self, at: usize) -> Option<(u8, bool)> {
        match self.sense(at) {
            Sense::Ordinal(day) => Some((day, true)),
            Sense::Number(day @ 1..=31, digits)
                if digits <= 2 && (digits > 0 || !self.items.is_english) =>
            {
                Some((u8::try_from(day).ok()?, false))
            }
            _ => None,
        }
    }

    fn month(&self, at: usize) -> Option<(u8, bool)> {
        match self.sense(at) {
            Sense::Month(month) => Some((month, false)),
            Sense::ShortMonth(month) => Some((month, true)),
            _ => None,
        }
    }

    /// A number with its sign in Chinese and Japanese.
    pub(super) fn marked(&self, at: usize, unit: Unit, most: i32) -> At<i32> {
        let Sense::Number(number, _) = self.sense(at) else {
            return None;
        };
        let fits = (1..=most).contains(&number) && self.sense(at + 1) == Sense::Mark(unit);
        fits.then_some((number, at + 2))
    }

    /// The year behind a month or season: "2023", "of last year".
    pub(super) fn year(&self, at: usize) -> At<(i32, bool)> {
        let at = self.skip(at);
        if let Sense::Number(year @ 1.., 4) = self.sense(at) {
            return Some(((year, false), at + 1));
        }
        if let (Sense::Length(Unit::Year), Sense::Number(year, 4)) =
            (self.sense(at), self.sense(at + 1))
        {
            return Some(((year, true), at + 2));
        }
        let ((unit, offset), next) = self.period(at)?;
        (unit == Unit::Year).then_some(((self.today.year.checked_add(offset)?, true), next))
    }

    /// A date with year, month and day from the longest to the shortest, as Chinese writes it.
    pub(super) fn marked_part(&self, at: usize) -> At<Part> {
        let (year, relative) = if let Sense::Period(Unit::Year, offset) = self.sense(at) {
            (Some((self.today.year.checked_add(offset)?, at + 1)), true)
        } else {
            let written = matches!(self.sense(at), Sense::Number(_, 4));
            (self.marked(at, Unit::Year, 9999).filter(|_| written), false)
        };
        let after = year.map_or(at, |(_, next)| self.skip(next));
        let mut part = Part {
            year: year.map(|(year, _)| year),
            extra: true,
            ..Part::default()
        };
        let Some((month, next)) = self.marked(after, Unit::Month, 12) else {
            let (_, next) = year.filter(|_| !relative)?;
            return Some((part, next));
        };
        part.month = u8::try_from(month).ok();
        let Some((day, next)) = self.marked(next, Unit::Day, 31) else {
            return Some((part, next));
        };
        part.day = u8::try_from(day).ok();
        Some((part, next))
    }

    pub(super) fn part(&self, at: usize) -> At<Part> {
        if let Sense::Date(year, month, day) = self.sense(at) {
            let part = Part {
                year: Some(year),
                month: Some(month),
                day: Some(day).filter(|day| *day > 0),
                extra: true,
                doubtful: false,
            };
            return Some((part, at + 1));
        }
        if let Some(marked) = self.marked_part(at) {
            return Some(marked);
        }
        let foreign = !self.items.is_english;
        let first = self.day(at).and_then(|(day, word)| {
            let name = self.skip(at + 1);
            let (month, _) = self.month(name)?;
            // "the second May" is not a date in English.
            let said = !word || foreign || name > at + 1;
            said.then_some((month, Some(day), word, name + 1))
        });
        let behind = || {
            let (month, doubtful) = self.month(at)?;
            let number = self.skip(at + 1);
            let day = self.day(number).filter(|(_, word)| *word || !foreign);
            Some(match day {
                Some((day, word)) => (month, Some(day), word, number + 1),
                None => (month, None, doubtful, at + 1),
            })
        };
        if let Some((month, day, flag, next)) = first.or_else(behind) {
            let year = self.year(next);
            let (word, doubtful) = if day.is_some() {
                (flag, false)
            } else {
                (false, flag)
            };
            let relative = year.is_some_and(|((_, relative), _)| relative);
            let part = Part {
                year: year.map(|((year, _), _)| year),
                month: Some(month),
                day,
                extra: foreign || word || relative,
                doubtful: doubtful && year.is_none(),
            };
            return Some((part, year.map_or(next, |(_, next)| next)));
        }
        let Sense::Number(year, 4) = self.sense(at) else {
            return None;
        };
        let part = Part {
            year: Some(year),
            ..Part::default()
        };
        is_year(year).then_some((part, at + 1))
    }

    /// A day whose month stands at the other end of its span.
    fn bare_day(&self, at: usize) -> At<Part> {
        let (day, _) = self.day(at)?;
        let marked = usize::from(self.sense(at + 1) == Sense::Mark(Unit::Day));
        let part = Part {
            day: Some(day),
            ..Part::default()
        };
        Some((part, at + 1 + marked))
    }

    /// A date that the plain forms do not read.
    pub(super) fn single(&self, at: usize) -> At<Meaning> {
        let (part, next) = self
            .part(at)
            .filter(|(part, _)| part.extra && !part.doubtful)?;
        let meaning = match (part.year, part.month, part.day) {
            (year, Some(month), Some(day)) => Meaning::Day(Date { year, month, day }),
            (Some(year), Some(month), None) => Meaning::Dated(vec![calendar::month(year, month)?]),
            (None, Some(month), None) => {
                let years = self.years.iter();
                let spans = years.filter_map(|year| calendar::month(*year, month));
                Meaning::Dated(spans.collect())
            }
            (Some(year), None, _) => Meaning::Weak(calendar::year(year)?),
            (None, None, _) => return None,
        };
        Some((meaning, next))
    }

    pub(super) fn range(&self, at: usize) -> At<Vec<Span>> {
        let opener = self.sense(at);
        let framed = matches!(opener, Sense::From | Sense::Since | Sense::Between);
        let start = if framed { self.skip(at + 1) } else { at };
        let (left, middle) = self.part(start).or_else(|| self.bare_day(start))?;
        let joined = match self.sense(middle) {
            Sense::To | Sense::Dash => true,
            Sense::And => opener == Sense::Between,
            _ => false,
        };
        if !joined {
            return None;
        }
        let end = self.skip(middle + 1);
        let (right, next) = self.part(end).or_else(|| self.last_day(end))?;
        if !framed && (left.doubtful || right.doubtful) {
            return None;
        }
        let spans = self.between(left, right);
        (!spans.is_empty()).then_some((spans, next))
    }

    /// The last day of a span whose month stands before its first, and perhaps the year.
    fn last_day(&self, at: usize) -> At<Part> {
        let (part, next) = self.bare_day(at)?;
        if matches!(self.sense(next), Sense::Length(_)) {
            return None;
        }
        let year = self.year(next);
        let part = Part {
            year: year.map(|((year, _), _)| year),
            ..part
        };
        Some((part, year.map_or(next, |(_, next)| next)))
    }

    /// The spans from one date to another. A month or year that only one of them names holds for both.
    fn between(&self, mut left: Part, mut right: Part) -> Vec<Span> {
        let grain = left.grain();
        if grain != right.grain() {
            return Vec::new();
        }
        left.month = left.month.or(right.month);
        right.month = right.month.or(left.month);
        if grain == Grain::Days && left.month.is_none() {
            return Vec::new();
        }
        // November to February ends in the year after.
        let turns = i32::from((left.month, left.day) > (right.month, right.day));
        let pairs: Vec<(i32, i32)> = match (left.year, right.year) {
            (Some(from), Some(to)) => vec![(from, to)],
            (Some(from), None) => vec![(from, from + turns)],
            (None, Some(to)) => vec![(to - turns, to)],
            (None, None) => {
                let years = self.years.iter();
                years
                    .map(|year| (*year, year.saturating_add(turns)))
                    .collect()
            }
        };
        let spans = pairs.into_iter().filter_map(|(from, to)| {
            let first = date(from, left.month.unwrap_or(1), left.day.unwrap_or(1))?;
            let month = right.month.unwrap_or(12);
            let last = match right.day {
                Some(day) => date(to, month, day)?,
                None => month_end(to, month)?,
            };
            span(first, last, grain)
        });
        spans.collect()
    }
}
