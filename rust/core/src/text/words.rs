//! Words: NFKC, lower case, letters and digits with their combining marks, and the n-grams of
//! scripts that are written without blanks.

use std::borrow::Cow;

use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Calls `emit` with each word of a text, in order, in lower case.
///
/// A word is a letter or digit, then letters, digits and combining marks. A run of Han, kana or
/// Hangul is cut into all pairs of neighbouring characters, a run of Thai, Lao, Khmer or Burmese
/// into all triples; a shorter run is a word as it is.
pub fn words(text: &str, emit: impl FnMut(&str)) {
    words_in(text, &mut String::new(), emit);
}

/// As [`words`], with a buffer for the text in lower case.
pub(super) fn words_in(text: &str, lower: &mut String, emit: impl FnMut(&str)) {
    lower.clear();
    if text.is_ascii() {
        lower.push_str(text);
        lower.make_ascii_lowercase();
        ascii_words(lower, emit);
    } else {
        *lower = composed(text).to_lowercase();
        wide_words(lower, emit);
    }
}

/// A text in NFKC.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfkc().collect()),
    }
}

/// The words of an ASCII text in lower case.
fn ascii_words(lower: &str, mut emit: impl FnMut(&str)) {
    let bytes = lower.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_alphanumeric() {
            let start = at;
            while at < bytes.len() && bytes[at].is_ascii_alphanumeric() {
                at += 1;
            }
            emit(&lower[start..at]);
        } else {
            at += 1;
        }
    }
}

/// The words of any normalised text in lower case.
fn wide_words(lower: &str, mut emit: impl FnMut(&str)) {
    // Where the word under way starts, and whether a run is in it.
    let mut word: Option<(usize, bool)> = None;
    for (at, c) in lower.char_indices() {
        let sign = sign(c);
        word = match (word, sign) {
            (None, Sign::Letter) => Some((at, is_run(c))),
            (Some((start, run)), Sign::Letter | Sign::Mark) => Some((start, run || is_run(c))),
            (Some((start, run)), Sign::Other) => {
                end_word(&lower[start..at], run, &mut emit);
                None
            }
            (None, Sign::Mark | Sign::Other) => None,
        };
    }
    if let Some((start, run)) = word {
        end_word(&lower[start..], run, &mut emit);
    }
}

fn end_word(word: &str, run: bool, emit: &mut impl FnMut(&str)) {
    if !run {
        return emit(word);
    }
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let of_run = is_run(first);
        let end = rest.find(|c| is_run(c) != of_run).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        if of_run {
            grams(part, if first >= '\u{2e80}' { 2 } else { 3 }, emit);
        } else {
            emit(part);
        }
        rest = after;
    }
}

/// All strings of `length` neighbouring characters, or the whole run if it is shorter.
fn grams(run: &str, length: usize, emit: &mut impl FnMut(&str)) {
    let mut starts = run.char_indices().map(|(at, _)| at);
    let ends = run.char_indices().map(|(at, c)| at + c.len_utf8());
    let mut any = false;
    for end in ends.skip(length - 1) {
        if let Some(start) = starts.next() {
            emit(&run[start..end]);
            any = true;
        }
    }
    if !any {
        emit(run);
    }
}

/// What a character does to words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// Starts and continues a word.
    Letter,
    /// Continues a word.
    Mark,
    /// Ends a word.
    Other,
}

#[inline]
fn sign(c: char) -> Sign {
    use GeneralCategory as G;
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() {
            Sign::Letter
        } else {
            Sign::Other
        };
    }
    let category = get_general_category(c);
    if is_letter(category) {
        return Sign::Letter;
    }
    let mark = matches!(
        category,
        G::NonspacingMark | G::SpacingMark | G::EnclosingMark
    );
    if mark && ('\u{300}'..'\u{1c00}').contains(&c) {
        Sign::Mark
    } else {
        Sign::Other
    }
}

/// Whether the characters of a category are letters or digits.
pub(crate) fn is_letter(category: GeneralCategory) -> bool {
    use GeneralCategory as G;
    matches!(
        category,
        G::UppercaseLetter
            | G::LowercaseLetter
            | G::TitlecaseLetter
            | G::ModifierLetter
            | G::OtherLetter
            | G::DecimalNumber
            | G::LetterNumber
            | G::OtherNumber
    )
}

/// Whether a character is of a script whose words are not set apart, or of Hangul.
#[inline]
fn is_run(c: char) -> bool {
    c >= '\u{e00}'
        && matches!(c,
            '\u{e00}'..='\u{eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7af}'
            | '\u{f900}'..='\u{faff}')
}
