//! A question as a row of meanings: what the grammar of relative dates and spans reads.

use super::languages::{ENGLISH, LANGUAGES, Vocabulary};
use super::lexicon::{Lexicon, Word, folded};
use super::plain;
use super::sense::{Sense, Unit};
use super::token::{Digits, Tokens, is_unspaced};
use crate::text::{Count, WHOLE};

/// Letters behind the number of a day of a month in some language.
const SUFFIXES: [&str; 9] = ["st", "nd", "rd", "th", "er", "re", "o", "a", "e"];
/// What a word of time counts for each language that has it: less than a word that one language
/// alone has, for Italian says "mai" of no month.
const TIMELY: u32 = WHOLE / 4 * 3;
/// The longest word that a point may follow as an abbreviation.
const ABBREVIATION: usize = 4;

/// A meaning and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) sense: Sense,
    /// Bytes of the text.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The tokens, up to the one after the last.
    pub(super) tokens: (usize, usize),
    /// Whether it is written in signs without blanks.
    pub(super) is_unspaced: bool,
}

/// The items of a question in the language that most of its words belong to.
pub(super) struct Items {
    pub(super) list: Vec<Item>,
    pub(super) language: &'static Vocabulary,
    pub(super) is_english: bool,
}

/// Reads the items; `None` where no word, sign or number of time is.
pub(super) fn items(text: &str, tokens: &Tokens, names: &dyn Fn(&str) -> bool) -> Option<Items> {
    let lexicon = Lexicon::shared();
    let mut words: Vec<Option<&Word>> = Vec::with_capacity(tokens.len());
    let mut timely = false;
    for at in 0..tokens.len() {
        let token = tokens.text(at);
        let other_script = token.starts_with(is_unspaced);
        let word = if other_script {
            None
        } else {
            lexicon.word(token)
        };
        timely |= word.is_some_and(|word| word.begins_time);
        timely |= other_script || tokens.digits(at).is_some();
        words.push(word);
    }
    if !timely {
        return None;
    }
    let language = language(tokens, &words);
    let mut reader = Reader {
        text,
        tokens,
        names,
        words,
        language,
        list: Vec::new(),
    };
    let mut at = 0;
    while at < tokens.len() {
        at = reader.token(at);
    }
    Some(Items {
        list: reader.list,
        language: LANGUAGES[language],
        is_english: language == ENGLISH,
    })
}

/// The place of the language that most words belong to: English where none has more.
fn language(tokens: &Tokens, words: &[Option<&Word>]) -> usize {
    let mut count = Count::new();
    let mut timely = [0; LANGUAGES.len()];
    for (at, word) in words.iter().enumerate() {
        count.add(&tokens.text(at).to_lowercase());
        let Some(word) = word else { continue };
        for (language, sum) in timely.iter_mut().enumerate() {
            let has = |languages: u8| u32::from(languages >> language & 1);
            let share = WHOLE / word.languages.count_ones().max(1);
            let timely = TIMELY * has(word.timely);
            *sum += timely.max(share * has(word.languages));
        }
    }
    let sums = LANGUAGES.iter().zip(timely);
    let sums = sums.map(|(table, timely)| timely + count.of(table.language));
    let mut best = (ENGLISH, 0);
    for (language, sum) in sums.enumerate() {
        if sum > best.1 {
            best = (language, sum);
        }
    }
    best.0
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a Tokens<'a>,
    names: &'a dyn Fn(&str) -> bool,
    words: Vec<Option<&'static Word>>,
    language: usize,
    list: Vec<Item>,
}

/// What stands between two tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    Near,
    Dash,
    Far,
}

impl Reader<'_> {
    /// Reads what starts at a token, and returns the token after it.
    fn token(&mut self, at: usize) -> usize {
        let gap = self.gap(at);
        if gap != Gap::Near {
            let sense = if gap == Gap::Dash {
                Sense::Dash
            } else {
                Sense::Other
            };
            let start = self.tokens.start(at);
            self.push(sense, (start, start), (at, at));
        }
        let (sense, after) = if let Some(digits) = self.tokens.digits(at) {
            self.number(at, digits)
        } else if self.tokens.text(at).starts_with(is_unspaced) {
            self.unspaced(at);
            return at + 1;
        } else {
            self.word(at)
        };
        let end = self.tokens.end(after - 1);
        self.push(sense, (self.tokens.start(at), end), (at, after));
        after
    }

    fn push(&mut self, sense: Sense, (start, end): (usize, usize), tokens: (usize, usize)) {
        self.list.push(Item {
            sense,
            start,
            end,
            tokens,
            is_unspaced: self.text[start..end].starts_with(is_unspaced),
        });
    }

    /// The gap before a token.
    fn gap(&self, at: usize) -> Gap {
        let Some(before) = at.checked_sub(1) else {
            return Gap::Near;
        };
        match self.tokens.gap(at).trim() {
            "" | "'" | "’" | "°" => Gap::Near,
            "-" | "–" | "—" | "~" | "〜" => Gap::Dash,
            "." if self.tokens.digits(before).is_some()
                || self.tokens.text(before).len() <= ABBREVIATION =>
            {
                Gap::Near
            }
            "," | ".," if self.tokens.digits(at).is_some() => Gap::Near,
            _ => Gap::Far,
        }
    }

    /// The meaning of a word or of the phrase that it begins, and the token after it.
    fn word(&self, at: usize) -> (Sense, usize) {
        let meanings = self.words[at].iter().flat_map(|word| &word.meanings);
        let own = meanings.filter(|meaning| meaning.language == self.language);
        for meaning in own {
            let follows = meaning.rest.iter().zip(at + 1..).all(|(word, at)| {
                self.gap(at) != Gap::Far && folded(self.tokens.text(at)) == word.as_str()
            });
            if follows {
                return (self.checked(at, meaning.sense), at + 1 + meaning.rest.len());
            }
        }
        (Sense::Other, at + 1)
    }

    /// A meaning, less what the name of a speaker or another word may be.
    fn checked(&self, at: usize, sense: Sense) -> Sense {
        let text = self.tokens.text(at);
        let named = || (self.names)(&text.to_lowercase());
        let starts = self.tokens.start(at) == 0;
        match sense {
            Sense::Month(month) if self.language == ENGLISH => {
                if plain::is_lone_month(text, starts, self.names) {
                    sense
                } else {
                    Sense::ShortMonth(month)
                }
            }
            Sense::Month(month) if named() || self.is_capital_name(at) => Sense::ShortMonth(month),
            Sense::Weekday(_) | Sense::Season(_) if named() => Sense::Other,
            _ => sense,
        }
    }

    fn is_capital_name(&self, at: usize) -> bool {
        let capital = self.tokens.text(at).starts_with(char::is_uppercase);
        LANGUAGES[self.language].capital_is_name && capital && self.tokens.start(at) > 0
    }

    /// A number, or a date of numbers, and the token after it.
    fn number(&self, at: usize, digits: Digits) -> (Sense, usize) {
        if let Some((sense, after)) = self.date(at, digits) {
            return (sense, after);
        }
        let tail = &self.tokens.text(at)[digits.bytes..];
        let sense = match (digits.count, tail) {
            (1..=4, "") => Sense::Number(digits.value, digits.count),
            (4, "s") if digits.value % 10 == 0 => Sense::Decade(digits.value),
            (1..=2, tail) if SUFFIXES.contains(&tail.to_lowercase().as_str()) => {
                Sense::Number(digits.value, digits.count)
            }
            _ => Sense::Other,
        };
        (sense, at + 1)
    }

    /// `19.7.2023`, `19/07/2023`, `2023/07/19`, `2023-07`, `07/2023`. English writes the month of
    /// two numbers with slashes on either side, so that such a date needs a number over 12.
    fn date(&self, at: usize, digits: Digits) -> Option<(Sense, usize)> {
        let tokens = self.tokens;
        let sign = tokens.gap(at + 1);
        if !["-", "/", "."].contains(&sign) || self.in_version(at) {
            return None;
        }
        let part = |at: usize| tokens.digits(at).filter(|digits| digits.whole);
        let short = |at: usize| part(at).and_then(Digits::short);
        let third = part(at + 2).filter(|_| tokens.gap(at + 2) == sign);
        let after = at + if third.is_some() { 3 } else { 2 };
        if ["-", "/", "."].contains(&tokens.gap(after)) && part(after).is_some() {
            return None;
        }
        let real = |year: i32, month: u8, day: u8| {
            super::calendar::date(year, month, day.max(1))?;
            Some((Sense::Date(year, month, day), after))
        };
        if let Some(year) = digits.four().filter(|year| is_year(*year)) {
            let padded = part(at + 1).is_some_and(|digits| digits.count == 2);
            let month = short(at + 1).filter(|_| padded || third.is_some())?;
            return match third {
                Some(day) if sign != "-" => real(year, month, day.short().filter(|day| *day > 0)?),
                // The whole ISO date is read with the plain forms.
                Some(_) => None,
                None if sign == "." => None,
                None => real(year, month, 0),
            };
        }
        let first = digits.short()?;
        let Some(year) = third else {
            let year = part(at + 1)?.four().filter(|year| is_year(*year))?;
            return (sign == "/").then(|| real(year, first, 0))?;
        };
        let (second, year) = (short(at + 1)?, year.four().filter(|year| is_year(*year))?);
        let day_first = second <= 12;
        let ambiguous = day_first && first <= 12 && first != second;
        if ambiguous && sign != "." && self.language == ENGLISH {
            return None;
        }
        let (day, month) = if day_first {
            (first, second)
        } else {
            (second, first)
        };
        real(year, month, day)
    }

    /// Whether numbers at a token continue or name a version.
    fn in_version(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        let word = self.tokens.text(before).to_lowercase();
        let continues =
            self.tokens.digits(before).is_some() && ["-", "/", "."].contains(&self.tokens.gap(at));
        continues || ["v", "version", "release", "build"].contains(&word.as_str())
    }

    /// Reads a run of signs that are written without blanks.
    fn unspaced(&mut self, at: usize) {
        let (start, token) = (self.tokens.start(at), self.tokens.text(at));
        let mut done = 0;
        while let Some(sign) = token[done..].chars().next() {
            let rest = &token[done..];
            let (length, sense) = if let Some((phrase, sense)) = Lexicon::shared().phrase(rest) {
                (phrase.len(), sense)
            } else if let Some((length, value, digits)) = numeral(rest) {
                (length, Sense::Number(value, digits))
            } else {
                (sign.len_utf8(), Sense::Other)
            };
            let span = (start + done, start + done + length);
            let sense = self.after_week(sense, span.0).unwrap_or(sense);
            self.push(sense, span, (at, at + 1));
            done += length;
        }
    }

    /// The weekday of a sign that stands right behind a week: `上周五`.
    fn after_week(&self, sense: Sense, start: usize) -> Option<Sense> {
        let before = self.list.last().filter(|item| item.end == start)?;
        let weekday = match sense {
            Sense::Number(day @ 1..=6, _) => u8::try_from(day - 1).ok()?,
            Sense::Mark(Unit::Day) | Sense::Length(Unit::Day) => 6,
            _ => return None,
        };
        let week = matches!(before.sense, Sense::Period(Unit::Week, _));
        (week && self.text.is_char_boundary(start)).then_some(Sense::Weekday(weekday))
    }
}

/// A year, and not another number of four digits.
pub(super) fn is_year(number: i32) -> bool {
    (1900..=2099).contains(&number)
}

/// A Chinese number under 100, or the digits of a year: its bytes, its value and its digits.
fn numeral(text: &str) -> Option<(usize, i32, usize)> {
    let digit = |sign: char| {
        Some(match sign {
            '〇' | '零' => 0,
            '一' => 1,
            '二' | '两' | '兩' => 2,
            '三' => 3,
            '四' => 4,
            '五' => 5,
            '六' => 6,
            '七' => 7,
            '八' => 8,
            '九' => 9,
            _ => return None,
        })
    };
    let (mut length, mut count, mut value) = (0, 0, 0);
    let mut ten = None;
    for sign in text.chars() {
        if sign == '十' && ten.is_none() && count <= 1 {
            ten = Some(if count == 0 { 10 } else { value * 10 });
            (count, value) = (0, 0);
        } else if let Some(digit) = digit(sign).filter(|_| count < 4) {
            value = value * 10 + digit;
            count += 1;
        } else {
            break;
        }
        length += sign.len_utf8();
    }
    match ten {
        Some(ten) if count <= 1 => Some((length, ten + value, 2)),
        None if count > 0 => Some((length, value, count)),
        _ => None,
    }
}
