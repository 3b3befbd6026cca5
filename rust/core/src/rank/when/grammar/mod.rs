//! Relative dates, spans, and dates in other languages than English.

mod dates;
mod relative;

use super::Span;
use super::items::Items;
use super::languages::Weekday;
use super::plain::{self, Date};
use super::relative::Today;
use super::sense::{Sense, Unit};

/// What a question says beside the plain English forms.
#[derive(Default)]
pub(super) struct Said {
    /// Dates, months, years and what lies between them.
    pub(super) dated: Vec<Span>,
    /// Whether a day with its year is among the dates.
    pub(super) is_full: bool,
    /// Times that count from the reference day.
    pub(super) relative: Vec<Span>,
    /// What counts only where nothing else is said: a bare weekday or year.
    pub(super) weak: Vec<Span>,
    /// The items that say it, up to the one after the last.
    pub(super) ranges: Vec<(usize, usize)>,
}

/// What an expression says.
enum Meaning {
    Dated(Vec<Span>),
    Relative(Span),
    Weak(Span),
    /// One of the days that together are one span.
    Day(Date),
}

/// Reads all expressions, in time linear in the number of items.
pub(super) fn read(items: &Items, years: &[i32], today: Today) -> Said {
    let grammar = Grammar {
        items,
        years,
        today,
    };
    let (mut said, mut dates) = (Said::default(), Vec::new());
    let mut at = 0;
    while at < items.list.len() {
        let Some((meaning, next)) = grammar.expression(at) else {
            at += 1;
            continue;
        };
        match meaning {
            Meaning::Dated(spans) => said.dated.extend(spans),
            Meaning::Relative(span) => said.relative.push(span),
            Meaning::Weak(span) => said.weak.push(span),
            Meaning::Day(date) => dates.push(date),
        }
        said.ranges.push((at, next));
        at = next;
    }
    said.is_full = dates.iter().any(|date| date.year.is_some());
    said.dated.extend(plain::days(&dates, years));
    said
}

struct Grammar<'a> {
    items: &'a Items,
    years: &'a [i32],
    today: Today,
}

/// What is read at an item, and the item after it.
type At<T> = Option<(T, usize)>;

impl Grammar<'_> {
    fn sense(&self, at: usize) -> Sense {
        let item = self.items.list.get(at);
        item.map_or(Sense::Other, |item| item.sense)
    }

    /// The first item that is not "of" or an article.
    fn skip(&self, mut at: usize) -> usize {
        let end = at + 3;
        while at < end && matches!(self.sense(at), Sense::Of | Sense::Article) {
            at += 1;
        }
        at
    }

    fn expression(&self, at: usize) -> At<Meaning> {
        let range = self.range(at);
        let range = range.map(|(spans, next)| (Meaning::Dated(spans), next));
        let relative = || {
            let (span, next) = self.relative(at)?;
            Some((Meaning::Relative(span), next))
        };
        let dated = range.or_else(relative).or_else(|| self.single(at));
        dated.or_else(|| self.weak(at))
    }

    /// A weekday or weekend that nothing counts: the latest.
    fn weak(&self, at: usize) -> At<Meaning> {
        let article = |at: usize| self.sense(at) == Sense::Article;
        let (behind, name) = if self.sense(at) == Sense::On {
            (true, self.skip(at + 1))
        } else {
            (false, at)
        };
        let unspaced = self
            .items
            .list
            .get(name)
            .is_some_and(|item| item.is_unspaced);
        let alone = match self.items.language.weekday {
            _ if unspaced => true,
            Weekday::AfterPreposition => behind,
            Weekday::WithoutArticle => !at.checked_sub(1).is_some_and(article),
            Weekday::Anywhere => true,
        };
        let is_weekday = matches!(self.sense(name), Sense::Weekday(_));
        if let Some((span, next)) = self.relative(name).filter(|_| behind && is_weekday) {
            return Some((Meaning::Relative(span), next));
        }
        let span = match self.sense(name) {
            Sense::Weekday(weekday) if alone => self.today.latest_weekday(weekday)?,
            Sense::Length(Unit::Weekend) if behind || unspaced => self.today.latest_weekend()?,
            _ => return None,
        };
        Some((Meaning::Weak(span), name + 1))
    }
}
