//! The `WordPiece` tokenizer of uncased BERT.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::char::decompose_canonical;

/// Words of more characters are unknown.
const LONGEST_WORD: usize = 100;

/// A fast hash for short keys that nobody but the vocabulary chooses.
#[derive(Debug, Default)]
pub(super) struct KeyHasher(u64);

impl KeyHasher {
    #[inline]
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0xf135_7aea_2e62_a9c5);
    }
}

impl Hasher for KeyHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, tail) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        if !tail.is_empty() {
            self.add(
                tail.iter()
                    .fold(0, |word, byte| word << 8 | u64::from(*byte)),
            );
        }
    }

    #[inline]
    fn write_usize(&mut self, length: usize) {
        self.add(length as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}

/// The pieces of one place in a word.
#[derive(Debug, Default)]
struct Pieces {
    tokens: HashMap<Box<[u8]>, u32, BuildHasherDefault<KeyHasher>>,
    longest: usize,
}

impl Pieces {
    /// The longest piece that `text` starts with, and its length in bytes.
    #[inline]
    fn longest_match(&self, text: &[u8]) -> Option<(u32, usize)> {
        let mut end = text.len().min(self.longest);
        while end > 0 {
            // A cut inside a character matches nothing: pieces are whole characters.
            if let Some(token) = self.tokens.get(&text[..end]) {
                return Some((*token, end));
            }
            end -= 1;
        }
        None
    }
}

/// All pieces, by where in a word they stand.
#[derive(Debug)]
pub(super) struct Vocabulary {
    first: Pieces,
    later: Pieces,
    count: usize,
    unknown: u32,
}

/// Buffers for tokenizing one text after another without allocating.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// What the last text came to.
    pub(super) tokens: Vec<u32>,
    word: Vec<u8>,
    characters: usize,
}

impl Vocabulary {
    /// From the text of `vocab.txt`: one token a line, `##` before those inside a word.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let (mut first, mut later) = (Pieces::default(), Pieces::default());
        let mut count = 0;
        for (line, token) in (0_u32..).zip(text.lines()) {
            let (pieces, key) = match token.strip_prefix("##") {
                Some(key) if !key.is_empty() => (&mut later, key),
                _ => (&mut first, token),
            };
            if key.is_empty() {
                return Err(format!("line {} is empty", count + 1));
            }
            if pieces.tokens.insert(key.as_bytes().into(), line).is_some() {
                return Err(format!("line {} repeats the token `{token}`", count + 1));
            }
            pieces.longest = pieces.longest.max(key.len());
            count += 1;
        }
        let unknown = first.tokens.get(b"[UNK]".as_slice()).copied();
        let unknown = unknown.ok_or("there is no token `[UNK]`")?;
        Ok(Self {
            first,
            later,
            count,
            unknown,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn unknown(&self) -> u32 {
        self.unknown
    }

    /// Whether a word is one token, and not a piece inside a word.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.first.tokens.contains_key(word.as_bytes())
    }

    /// Puts the tokens of a text in `scratch.tokens`.
    pub(super) fn tokenize(&self, text: &str, scratch: &mut Scratch) {
        scratch.tokens.clear();
        scratch.word.clear();
        scratch.characters = 0;
        for c in text.chars() {
            if c.is_ascii() {
                let byte = c as u8;
                match ASCII[usize::from(byte)] {
                    Class::Word => scratch.push_ascii(byte.to_ascii_lowercase()),
                    Class::Space => self.end_word(scratch),
                    Class::Punctuation => {
                        self.end_word(scratch);
                        scratch.push_ascii(byte);
                        self.end_word(scratch);
                    }
                    Class::Nothing => {}
                }
            } else {
                self.wide(c, scratch);
            }
        }
        self.end_word(scratch);
    }

    /// A character beyond ASCII: controls go, ideographs stand alone, accents come off.
    ///
    /// Decomposed one by one: the order of marks between characters only matters to accents.
    #[cold]
    fn wide(&self, c: char, scratch: &mut Scratch) {
        if c == char::REPLACEMENT_CHARACTER || is_control(c) {
            return;
        }
        let alone = is_ideograph(c);
        if alone {
            self.end_word(scratch);
        }
        decompose_canonical(c, |part| {
            let category = get_general_category(part);
            if category == GeneralCategory::NonspacingMark {
            } else if part.is_whitespace() {
                self.end_word(scratch);
            } else if part.is_ascii_punctuation() || is_punctuation(category) {
                self.end_word(scratch);
                scratch.push(part);
                self.end_word(scratch);
            } else {
                part.to_lowercase().for_each(|lower| scratch.push(lower));
            }
        });
        if alone {
            self.end_word(scratch);
        }
    }

    /// Appends the pieces of the word, or the unknown token, and starts the next word.
    #[inline]
    fn end_word(&self, scratch: &mut Scratch) {
        if scratch.characters == 0 {
            return;
        }
        let start = scratch.tokens.len();
        let mut rest = scratch.word.as_slice();
        let mut pieces = &self.first;
        if scratch.characters > LONGEST_WORD {
            scratch.tokens.push(self.unknown);
            rest = &[];
        }
        while !rest.is_empty() {
            let Some((token, length)) = pieces.longest_match(rest) else {
                scratch.tokens.truncate(start);
                scratch.tokens.push(self.unknown);
                break;
            };
            scratch.tokens.push(token);
            rest = &rest[length..];
            pieces = &self.later;
        }
        scratch.word.clear();
        scratch.characters = 0;
    }
}

impl Scratch {
    #[inline]
    fn push_ascii(&mut self, byte: u8) {
        self.characters += 1;
        // The bytes of a word that is too long are of no use.
        if self.characters <= LONGEST_WORD {
            self.word.push(byte);
        }
    }

    fn push(&mut self, c: char) {
        self.characters += 1;
        if self.characters <= LONGEST_WORD {
            self.word
                .extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// What an ASCII character does to words.
#[derive(Clone, Copy)]
enum Class {
    Word,
    Space,
    Punctuation,
    Nothing,
}

static ASCII: [Class; 128] = {
    let mut classes = [Class::Nothing; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => Class::Space,
            _ if byte.is_ascii_punctuation() => Class::Punctuation,
            _ if byte.is_ascii_alphanumeric() => Class::Word,
            _ => Class::Nothing,
        };
        byte += 1;
    }
    classes
};

fn is_control(c: char) -> bool {
    use GeneralCategory as G;
    matches!(
        get_general_category(c),
        G::Control | G::Format | G::PrivateUse | G::Surrogate | G::Unassigned
    )
}

fn is_punctuation(category: GeneralCategory) -> bool {
    use GeneralCategory as G;
    matches!(
        category,
        G::ConnectorPunctuation
            | G::DashPunctuation
            | G::OpenPunctuation
            | G::ClosePunctuation
            | G::InitialPunctuation
            | G::FinalPunctuation
            | G::OtherPunctuation
    )
}

/// The ideographs of Chinese, which stand without white space; not kana or hangul.
fn is_ideograph(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{2a6df}'
        | '\u{2a700}'..='\u{2ceaf}'
        | '\u{2f800}'..='\u{2fa1f}')
}
