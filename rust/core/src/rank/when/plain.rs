//! Days, months and years as English writes them: what the ranking's reference reads.
//!
//! The first form that a question holds decides: ISO dates, else days before a month, else days
//! behind one, else a month and a year, else a month alone, else a year. Several days are one span.

use super::calendar::{self, Grain};
use super::token::{Digits, Tokens};
use super::{Asked, Span, add_words};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const SUFFIXES: [&str; 4] = ["st", "nd", "rd", "th"];

/// A day and month, with the year where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: Option<i32>,
    pub(super) month: u8,
    pub(super) day: u8,
}

/// What of a question is left to read.
#[derive(Clone, Copy)]
pub(super) struct Rest<'a> {
    /// Which tokens are read already; those after the last are not.
    pub(super) taken: &'a [bool],
    /// Whether words are read as English months.
    pub(super) months: bool,
}

impl Rest<'_> {
    pub(super) fn all() -> Self {
        Self {
            taken: &[],
            months: true,
        }
    }
}

/// Reads what is left of a question and adds what it asks for. Returns whether that is a day with
/// its year.
pub(super) fn read(
    tokens: &Tokens,
    rest: Rest,
    years: &[i32],
    names: &dyn Fn(&str) -> bool,
    asked: &mut Asked,
) -> bool {
    let text = Reader { tokens, rest };
    let mut found = Found::default();
    for at in 0..tokens.len() {
        if !text.free(at) {
            continue;
        }
        if let Some(digits) = tokens.digits(at) {
            text.number(at, digits, &mut found, asked);
        } else if let Some(month) = text.month_at(at) {
            text.month(at, month, names, &mut found, asked);
        }
    }
    let is_full = found.dates().iter().any(|date| date.year.is_some());
    asked.spans.extend(found.spans(years));
    is_full
}

/// What a question holds of each form.
#[derive(Default)]
struct Found {
    iso: Vec<Date>,
    day_month: Vec<Date>,
    month_day: Vec<Date>,
    month_year: Option<(u8, i32)>,
    month: Option<u8>,
    year: Option<i32>,
}

impl Found {
    /// The dates of the first form that there is.
    fn dates(&self) -> &[Date] {
        let forms = [&self.iso, &self.day_month, &self.month_day];
        let found = forms.into_iter().find(|dates| !dates.is_empty());
        found.map_or(&[], Vec::as_slice)
    }

    fn spans(&self, years: &[i32]) -> Vec<Span> {
        let days = days(self.dates(), years);
        if !days.is_empty() {
            return days;
        }
        if let Some((month, year)) = self.month_year {
            return calendar::month(year, month).into_iter().collect();
        }
        if let Some(month) = self.month {
            let spans = years
                .iter()
                .filter_map(|year| calendar::month(*year, month));
            return spans.collect();
        }
        self.year.and_then(calendar::year).into_iter().collect()
    }
}

/// One span over all dates. The last year that is written holds for all without one; if none is,
/// each year of the partition does. A year in which one of the dates is impossible gives no span.
pub(super) fn days(dates: &[Date], years: &[i32]) -> Vec<Span> {
    let written = dates.iter().filter_map(|date| date.year).next_back();
    let years = match &written {
        Some(year) => std::slice::from_ref(year),
        None if dates.is_empty() => &[],
        None => years,
    };
    let spans = years.iter().filter_map(|year| {
        let mut range = None;
        for date in dates {
            let day = calendar::date(date.year.unwrap_or(*year), date.month, date.day)?;
            let (first, last) = range.unwrap_or((day, day));
            range = Some((day.min(first), day.max(last)));
        }
        range.and_then(|(first, last)| calendar::span(first, last, Grain::Days))
    });
    spans.collect()
}

struct Reader<'a> {
    tokens: &'a Tokens<'a>,
    rest: Rest<'a>,
}

impl Reader<'_> {
    fn free(&self, at: usize) -> bool {
        !self.rest.taken.get(at).copied().unwrap_or(false)
    }

    fn digits(&self, at: usize) -> Option<Digits> {
        self.free(at).then(|| self.tokens.digits(at))?
    }

    fn month_at(&self, at: usize) -> Option<u8> {
        (self.free(at) && self.rest.months).then(|| month_of(self.tokens.text(at)))?
    }

    fn is_of(&self, at: usize) -> bool {
        self.tokens.text(at).eq_ignore_ascii_case("of")
    }

    /// A day of a month: one or two digits, with or without an English suffix.
    fn day_at(&self, at: usize) -> Option<u8> {
        let digits = self.digits(at).filter(|digits| digits.count <= 2)?;
        let tail = &self.tokens.text(at)[digits.bytes..];
        let suffix = SUFFIXES
            .iter()
            .any(|suffix| tail.eq_ignore_ascii_case(suffix));
        (tail.is_empty() || suffix).then(|| u8::try_from(digits.value).ok())?
    }

    /// A year of four digits behind one of these gaps; more letters or digits may follow it. The
    /// year 0 counts as none.
    fn year_after(&self, at: usize, gaps: &[&str]) -> Option<(i32, &str)> {
        let digits = self.digits(at).filter(|digits| digits.count >= 4)?;
        let text = &self.tokens.text(at)[..digits.bytes];
        gaps.contains(&self.tokens.gap(at))
            .then_some((digits.value, text))
    }

    /// What starts with the digits of a token.
    fn number(&self, at: usize, digits: Digits, found: &mut Found, asked: &mut Asked) {
        let tokens = self.tokens;
        if let Some(year) = digits.four() {
            if matches!(tokens.text(at).get(..2), Some("19" | "20")) {
                found.year.get_or_insert(year);
            }
            if let Some((month, day)) = self.iso_rest(at + 1) {
                let year = Some(year).filter(|year| *year > 0);
                found.iso.push(Date { year, month, day });
                add_words(&mut asked.words, (at..at + 3).map(|at| tokens.text(at)));
            }
        }
        let Some(day) = self.day_at(at) else { return };
        let of = usize::from(self.is_of(at + 1) && tokens.gap(at + 1) == " ");
        let name = at + 1 + of;
        let Some(month) = self.month_at(name).filter(|_| tokens.gap(name) == " ") else {
            return;
        };
        let year = self.year_after(name + 1, &[" ", ", ", ". ", "., "]);
        found.day_month.push(Date {
            year: year.map(|(year, _)| year).filter(|year| *year > 0),
            month,
            day,
        });
        add_words(&mut asked.words, [tokens.text(at), tokens.text(name)]);
        add_words(&mut asked.words, year.map(|(_, text)| text));
    }

    /// The month and day of an ISO date.
    fn iso_rest(&self, at: usize) -> Option<(u8, u8)> {
        let part = |at: usize| {
            let digits = self.digits(at).filter(|digits| digits.count == 2)?;
            (self.tokens.gap(at) == "-").then(|| digits.short())?
        };
        Some((part(at)?, part(at + 1)?))
    }

    /// What starts with the name of a month.
    fn month(
        &self,
        at: usize,
        month: u8,
        names: &dyn Fn(&str) -> bool,
        found: &mut Found,
        asked: &mut Asked,
    ) {
        let tokens = self.tokens;
        let name = tokens.text(at);
        let near = [" ", ". "].contains(&tokens.gap(at + 1));
        if let Some(day) = self.day_at(at + 1).filter(|_| near) {
            let year = self.year_after(at + 2, &[" ", ", "]);
            found.month_day.push(Date {
                year: year.map(|(year, _)| year).filter(|year| *year > 0),
                month,
                day,
            });
            add_words(&mut asked.words, [name, tokens.text(at + 1)]);
            add_words(&mut asked.words, year.map(|(_, text)| text));
        }
        let gaps = [" ", ". ", ", ", "., "];
        let of = self.is_of(at + 1) && gaps.contains(&tokens.gap(at + 1));
        let (year, gaps) = if of {
            (at + 2, &gaps[..1])
        } else {
            (at + 1, &gaps[..])
        };
        let whole = self.digits(year).and_then(Digits::four);
        if let Some(number) = whole.filter(|_| gaps.contains(&tokens.gap(year))) {
            found.month_year.get_or_insert((month, number));
            add_words(&mut asked.words, [name, tokens.text(year)]);
        }
        if is_lone_month(name, tokens.start(at) == 0, names) {
            found.month.get_or_insert(month);
            add_words(&mut asked.words, [name]);
        }
    }
}

/// The month that a token names, in full, by its first three letters, or as "sept".
pub(super) fn month_of(token: &str) -> Option<u8> {
    if !(3..=9).contains(&token.len()) || !token.is_ascii() {
        return None;
    }
    let is =
        |month: &&str| token.eq_ignore_ascii_case(month) || token.eq_ignore_ascii_case(&month[..3]);
    let sept = token.eq_ignore_ascii_case("sept").then_some(8);
    let index = MONTHS.iter().position(is).or(sept)?;
    u8::try_from(index + 1).ok()
}

/// Whether the name of a month means a month where neither a day nor a year stands beside it: not
/// "march" and "may" as verbs, nor a name of one of the partition's speakers.
pub(super) fn is_lone_month(name: &str, starts: bool, names: &dyn Fn(&str) -> bool) -> bool {
    let upper = name.starts_with(|sign: char| sign.is_ascii_uppercase());
    let lower = name.to_ascii_lowercase();
    let verb = lower == "may" && (!upper || starts);
    (upper || name.len() > 3 && name != "march") && !verb && !names(&lower)
}
