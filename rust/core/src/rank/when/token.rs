//! A question as runs of letters and digits, with what stands between them.

use unicode_general_category::{GeneralCategory, get_general_category};

use crate::text::is_letter;

/// Digits at the start of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digits {
    /// How many there are.
    pub(super) count: usize,
    /// The number that the first four write.
    pub(super) value: i32,
    /// Bytes of the first four.
    pub(super) bytes: usize,
    /// Whether the token ends after them.
    pub(super) whole: bool,
}

impl Digits {
    /// The number of one or two digits that are a whole token.
    pub(super) fn short(self) -> Option<u8> {
        (self.whole && self.count <= 2).then(|| u8::try_from(self.value).ok())?
    }

    /// The number of four digits that are a whole token.
    pub(super) fn four(self) -> Option<i32> {
        (self.whole && self.count == 4).then_some(self.value)
    }
}

/// A longest run of letters, digits and underscores.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) digits: Option<Digits>,
}

/// A text and its tokens in order.
pub(super) struct Tokens<'a> {
    text: &'a str,
    list: Vec<Token>,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self::split(text, |_| false)
    }

    /// Tokens that also end where signs of scripts without blanks begin or end.
    pub(super) fn by_script(text: &'a str) -> Self {
        Self::split(text, is_unspaced)
    }

    fn split(text: &'a str, apart: impl Fn(char) -> bool) -> Self {
        let mut list = Vec::new();
        let mut start = None;
        let mut script = false;
        for (at, sign) in text.char_indices() {
            let (word, own) = (is_word(sign), apart(sign));
            if !word || own != script {
                if let Some(start) = start.take() {
                    list.push(Token::new(text, start, at));
                }
                script = own;
            }
            if word {
                start.get_or_insert(at);
            }
        }
        if let Some(start) = start {
            list.push(Token::new(text, start, text.len()));
        }
        Self { text, list }
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn start(&self, at: usize) -> usize {
        self.list
            .get(at)
            .map_or(self.text.len(), |token| token.start)
    }

    pub(super) fn end(&self, at: usize) -> usize {
        self.list.get(at).map_or(self.text.len(), |token| token.end)
    }

    /// The text of a token; empty after the last.
    pub(super) fn text(&self, at: usize) -> &'a str {
        let slice = self.list.get(at);
        slice.map_or("", |token| &self.text[token.start..token.end])
    }

    /// The text between a token and the one before it.
    pub(super) fn gap(&self, at: usize) -> &'a str {
        let before = at.checked_sub(1).and_then(|at| self.list.get(at));
        &self.text[before.map_or(0, |token| token.end)..self.start(at)]
    }

    /// The digits that a token starts with.
    pub(super) fn digits(&self, at: usize) -> Option<Digits> {
        self.list.get(at)?.digits
    }
}

impl Token {
    fn new(text: &str, start: usize, end: usize) -> Self {
        let digits = digits(&text[start..end]);
        Self { start, end, digits }
    }
}

pub(super) fn digits(token: &str) -> Option<Digits> {
    let mut digits = Digits {
        count: 0,
        value: 0,
        bytes: 0,
        whole: true,
    };
    for sign in token.chars() {
        let Some(digit) = digit(sign) else {
            digits.whole = false;
            break;
        };
        if digits.count < 4 {
            digits.value = digits.value * 10 + digit;
            digits.bytes += sign.len_utf8();
        }
        digits.count += 1;
    }
    (digits.count > 0).then_some(digits)
}

/// Whether a sign is a letter, a number or an underscore; combining marks are not.
fn is_word(sign: char) -> bool {
    if sign.is_ascii() {
        return sign.is_ascii_alphanumeric() || sign == '_';
    }
    is_letter(get_general_category(sign))
}

/// Whether a sign is Han or kana, written without blanks between words.
pub(super) fn is_unspaced(sign: char) -> bool {
    matches!(sign, '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// The value of a decimal digit of any script.
fn digit(sign: char) -> Option<i32> {
    if sign.is_ascii() {
        return sign.to_digit(10).map(u32::cast_signed);
    }
    let is_digit =
        |sign: char| matches!(get_general_category(sign), GeneralCategory::DecimalNumber);
    if !is_digit(sign) {
        return None;
    }
    // Unicode encodes the digits of a script in one ascending run of ten, or of several tens.
    let before = (1..50).take_while(|back| {
        let sign = u32::from(sign).checked_sub(*back).and_then(char::from_u32);
        sign.is_some_and(is_digit)
    });
    i32::try_from(before.count() % 10).ok()
}
