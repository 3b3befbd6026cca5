//! Times that count from the reference day, and seasons.

use super::{At, Grammar};
use crate::rank::when::Span;
use crate::rank::when::calendar;
use crate::rank::when::relative::Which;
use crate::rank::when::sense::{Sense, Unit};

impl Grammar<'_> {
    fn which(&self, at: usize) -> Option<Which> {
        match self.sense(at) {
            Sense::Last => Some(Which::Last),
            Sense::This => Some(Which::This),
            Sense::Next => Some(Which::Next),
            _ => None,
        }
    }

    /// "last" or "next" behind what it belongs to, where the language puts it there.
    fn which_after(&self, at: usize) -> Option<Which> {
        let which = self.which(at).filter(|which| *which != Which::This)?;
        self.items.language.adjectives_follow.then_some(which)
    }

    fn length(&self, at: usize) -> At<Unit> {
        match self.sense(at) {
            Sense::Length(unit) | Sense::Mark(unit @ (Unit::Day | Unit::Year)) => {
                Some((unit, at + 1))
            }
            _ => None,
        }
    }

    /// A counted length: "three days".
    fn counted(&self, at: usize) -> At<(i32, Unit)> {
        let Sense::Number(count @ 1.., _) = self.sense(at) else {
            return None;
        };
        let (unit, next) = self.length(at + 1)?;
        Some(((count, unit), next))
    }

    /// A whole unit and its distance from the one of the reference day: "last week".
    pub(super) fn period(&self, at: usize) -> At<(Unit, i32)> {
        if let Sense::Period(unit, offset) = self.sense(at) {
            return Some(((unit, offset), at + 1));
        }
        // "the last day" may be that of anything.
        let long = |unit: &Unit| *unit != Unit::Day;
        if let (Some(which), Sense::Length(unit)) = (self.which(at), self.sense(at + 1)) {
            return long(&unit).then_some(((unit, which.offset()), at + 2));
        }
        let Sense::Length(unit) = self.sense(at) else {
            return None;
        };
        let which = self.which_after(at + 1).filter(|_| long(&unit))?;
        Some(((unit, which.offset()), at + 2))
    }

    pub(super) fn relative(&self, at: usize) -> At<Span> {
        let today = self.today;
        if let Some(((unit, offset), next)) = self.period(at) {
            return self.inside(at, unit, offset, next);
        }
        if let Some(day) = self.day_of_period(at) {
            return Some(day);
        }
        match self.sense(at) {
            Sense::Since => self.since(at),
            Sense::Past => {
                if let Some(((count, unit), next)) = self.counted(at + 1) {
                    return Some((today.window(count, unit, false)?, next));
                }
                let (unit, next) = self.length(at + 1)?;
                let span = match unit {
                    Unit::Day => None,
                    Unit::Weekend => today.latest_weekend(),
                    Unit::Week | Unit::Month | Unit::Year => today.window(1, unit, false),
                };
                Some((span?, next))
            }
            Sense::Last | Sense::This | Sense::Next => self.named(at),
            Sense::AgoBefore => {
                let ((count, unit), next) = self.counted(at + 1)?;
                Some((today.ago(count, unit)?, next))
            }
            Sense::Number(count, _) => self.number(at, count),
            Sense::Weekday(weekday) => {
                if let Some(which) = self.which_after(at + 1) {
                    return Some((today.weekday(weekday, which)?, at + 2));
                }
                // "Monday of last week".
                let ((unit, week), next) = self.period(self.skip(at + 1))?;
                (unit == Unit::Week).then_some((today.weekday_of(weekday, week)?, next))
            }
            Sense::Month(month) => {
                let which = self.which_after(at + 1)?;
                Some((today.month(month, which)?, at + 2))
            }
            Sense::Season(season) => {
                if let Some(which) = self.which_after(at + 1) {
                    return Some((today.season(season, which)?, at + 2));
                }
                let ((year, _), next) = self.year(at + 1)?;
                Some((calendar::season(year, season)?, next))
            }
            Sense::Decade(year) => Some((calendar::decade(year)?, at + 1)),
            _ => None,
        }
    }

    /// A period, or the day or season of it that is named behind it.
    fn inside(&self, at: usize, unit: Unit, offset: i32, next: usize) -> At<Span> {
        let after = self.skip(next);
        match (unit, self.sense(after)) {
            (Unit::Week, Sense::Weekday(weekday)) => {
                Some((self.today.weekday_of(weekday, offset)?, after + 1))
            }
            (Unit::Month, Sense::Number(..)) => {
                let day = self.marked(after, Unit::Day, 31);
                let day = day.and_then(|(day, next)| {
                    let day = u8::try_from(day).ok()?;
                    Some((self.today.day_of_month(offset, day)?, next))
                });
                day.or_else(|| Some((self.today.period(unit, offset)?, next)))
            }
            (Unit::Year, Sense::Season(season)) => {
                let year = self.today.year.checked_add(offset)?;
                Some((calendar::season(year, season)?, after + 1))
            }
            // A date whose year this is.
            (Unit::Year, _) if self.marked_part(at).is_some() => None,
            (Unit::Year, Sense::In | Sense::On) => {
                let year = self.today.year.checked_add(offset)?;
                let part = self.part_of_year(self.skip(after + 1), year);
                part.or_else(|| Some((self.today.period(unit, offset)?, next)))
            }
            _ => Some((self.today.period(unit, offset)?, next)),
        }
    }

    /// A day, month or season that stands behind its year: "last year in May".
    fn part_of_year(&self, at: usize, year: i32) -> At<Span> {
        if let Sense::Season(season) = self.sense(at) {
            return Some((calendar::season(year, season)?, at + 1));
        }
        let (part, next) = self.part(at).filter(|(part, _)| part.year.is_none())?;
        let span = match part.day {
            Some(day) => calendar::day(year, part.month?, day),
            None if part.doubtful => None,
            None => calendar::month(year, part.month?),
        };
        Some((span?, next))
    }

    /// "the third of last month".
    fn day_of_period(&self, at: usize) -> At<Span> {
        let (day, _) = self.day(at)?;
        let of = self.skip(at + 1);
        let ((unit, offset), next) = self.period(of)?;
        // English says "of"; "3 last month" counts something else.
        let said = unit == Unit::Month && (of > at + 1 || !self.items.is_english);
        said.then(|| Some((self.today.day_of_month(offset, day)?, next)))?
    }

    /// "since last Friday", "since May", "seit zwei Wochen".
    fn since(&self, at: usize) -> At<Span> {
        let (today, start) = (self.today, self.skip(at + 1));
        if let Some(((count, unit), next)) = self.counted(start)
            && self.sense(next) != Sense::Ago
        {
            return Some((today.window(count, unit, false)?, next));
        }
        let (first, next) = if let Some((span, next)) = self.relative(start) {
            (span.first, next)
        } else if let Sense::Weekday(weekday) = self.sense(start) {
            (today.latest_weekday(weekday)?.first, start + 1)
        } else {
            let (part, next) = self.part(start).filter(|(part, _)| !part.doubtful)?;
            (today.latest(part.year, part.month, part.day)?, next)
        };
        Some((today.since(first)?, next))
    }

    /// "last Friday", "next May", "this summer", "the last three days".
    fn named(&self, at: usize) -> At<Span> {
        let (today, which) = (self.today, self.which(at)?);
        let next = at + 2;
        let span = match self.sense(at + 1) {
            Sense::Weekday(weekday) => today.weekday(weekday, which),
            Sense::Season(season) if self.year(next).is_none() => today.season(season, which),
            // With a day or a year it is a date.
            Sense::Month(month) if self.year(next).is_none() && self.day(next).is_none() => {
                today.month(month, which)
            }
            // "this may be", "the last march of".
            Sense::ShortMonth(month)
                if which != Which::This
                    && self.year(next).is_none()
                    && self.day(next).is_none()
                    && self.sense(next) != Sense::Of =>
            {
                today.month(month, which)
            }
            Sense::Number(..) if which != Which::This => {
                let ((count, unit), next) = self.counted(at + 1)?;
                return Some((today.window(count, unit, which == Which::Next)?, next));
            }
            _ => None,
        };
        Some((span?, next))
    }

    /// "two days ago", "les trois derniers jours", "2022年夏天".
    fn number(&self, at: usize, count: i32) -> At<Span> {
        let today = self.today;
        if let Some((year, next)) = self.marked(at, Unit::Year, 9999) {
            let after = self.skip(next);
            if let Sense::Season(season) = self.sense(after) {
                return Some((calendar::season(year, season)?, after + 1));
            }
        }
        if let Some(((count, unit), next)) = self.counted(at) {
            if self.sense(next) == Sense::Ago {
                return Some((today.ago(count, unit)?, next + 1));
            }
            let which = self.which_after(next)?;
            return Some((today.window(count, unit, which == Which::Next)?, next + 1));
        }
        let which = self.which_after(at + 1).filter(|_| count > 0)?;
        let (unit, next) = self.length(at + 2)?;
        Some((today.window(count, unit, which == Which::Next)?, next))
    }
}
