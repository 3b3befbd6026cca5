//! The memories of a partition in the order of their sessions, and the counts of the partition.

use std::collections::{HashMap, HashSet};

use crate::rank::doc::{Doc, NO_DAY, Role};
use crate::text::{Language, Stemmer};
use crate::time::{Day, days_to_civil};

/// Empty cells between two sessions: neighbours are at most so far apart.
pub(super) const GAP: usize = 3;
/// The row of an empty cell, and the cell of a row that is deleted.
pub(crate) const NONE: u32 = u32::MAX;

/// Saturation and length norm of BM25.
const K1: f32 = 0.9;
const B: f32 = 0.75;
/// Length norm of the cover of notes.
const NOTE_B: f32 = 0.4;
/// A note counts as long as this many stems, whatever its length.
const NOTE_STEMS: f32 = 8.0;
/// A longer neighbour supports less, in proportion.
const CONTEXT_STEMS: f32 = 30.0;

/// A row for the layout.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LaidRow {
    /// Its number in the shard.
    pub(crate) row: u32,
    /// Its session.
    pub(crate) session: u32,
    pub(crate) doc: Doc,
    /// First and last row of the messages that it was made of, where they are kept.
    pub(crate) sources: Option<(u32, u32)>,
}

/// A speaker of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Speaker {
    /// A name that the caller gave, not a role.
    pub(crate) is_name: bool,
    pub(crate) name: String,
}

/// What the numbers of one cell need beside matches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    /// Cells of the first and the last source.
    pub(super) first: u32,
    pub(super) last: u32,
}

/// The cells of a partition: first the sessions, three empty cells before each and after the last;
/// then what has no neighbours (notes); then facts, whose neighbours are those of their sources.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// Cell of each row.
    pub(crate) cells: Vec<u32>,
    /// Row of each cell.
    pub(crate) rows: Vec<u32>,
    /// End of the sessions.
    pub(super) talk: usize,
    /// First cell of the facts, and their sources.
    pub(super) facts_from: usize,
    pub(super) facts: Vec<Facts>,
    /// Per cell: how much it supports its neighbours, K of BM25, the factor of its cover, and the
    /// logarithm of its length.
    pub(super) support: Vec<f32>,
    pub(super) norm: Vec<f32>,
    pub(super) short: Vec<f32>,
    pub(super) length: Vec<f32>,
    /// Cells of the assistant.
    pub(super) assistant: Vec<u32>,
    /// Memories that count.
    pub(crate) counted: u32,
    /// Their days, and the years of these, ascending.
    pub(super) counted_days: Vec<Day>,
    pub(crate) years: Vec<i32>,
    /// Per row: its day.
    pub(crate) days: Vec<Day>,
    /// Per row: the day of what it tells, beside that on which it was said; empty where no row has
    /// both.
    pub(super) events: Vec<Day>,
    /// Per cell: its worth; empty where no row has one.
    pub(super) worth: Vec<f32>,
    /// Mean worth of the memories that count.
    pub(super) mean_worth: f32,
    /// Per row: its speaker among `speakers`; 0 for nobody.
    pub(crate) speaker_of: Vec<u16>,
    pub(crate) speakers: Vec<Speaker>,
    /// Speakers by each part of their names; [`NONE`] where several share it.
    pub(super) parts: HashMap<String, u32>,
    /// Stems of these parts.
    pub(super) name_stems: HashSet<String>,
}

/// Letters of a part of a name.
const PART: usize = 3;

/// The parts of a text that can be a part of a name: runs of at least three letters, lower case.
pub(super) fn name_parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|sign: char| !is_letter(sign))
        .filter(|part| part.chars().nth(PART - 1).is_some())
}

fn is_letter(sign: char) -> bool {
    use unicode_general_category::GeneralCategory as Category;
    if sign.is_ascii() {
        return sign.is_ascii_alphabetic();
    }
    matches!(
        unicode_general_category::get_general_category(sign),
        Category::UppercaseLetter
            | Category::LowercaseLetter
            | Category::TitlecaseLetter
            | Category::ModifierLetter
            | Category::OtherLetter
            | Category::LetterNumber
            | Category::OtherNumber
    )
}

impl Layout {
    /// Lays out `rows`, ascending, of a shard that has `len` rows, deleted ones included.
    /// `speakers` are those that their docs name by position.
    pub(crate) fn new(
        len: usize,
        rows: &[LaidRow],
        speakers: Vec<Speaker>,
        language: Language,
    ) -> Self {
        let mut layout = Self {
            cells: vec![NONE; len],
            days: vec![NO_DAY; len],
            speaker_of: vec![0; len],
            speakers,
            ..Self::default()
        };
        let counted = rows.iter().filter(|row| !row.doc.kept);
        let (mut total, mut worth) = (0_u64, 0.0);
        let mut names = vec![false; layout.speakers.len()];
        for row in counted {
            layout.counted += 1;
            total += u64::from(row.doc.stems);
            worth += f64::from(row.doc.worth);
            let days = [row.doc.day, row.doc.event].into_iter();
            layout
                .counted_days
                .extend(days.filter(|day| *day != NO_DAY));
            if let Some(named) = names.get_mut(usize::from(row.doc.speaker)) {
                *named = true;
            }
        }
        layout.counted_days.sort_unstable();
        layout.counted_days.dedup();
        layout.years = layout
            .counted_days
            .iter()
            .map(|day| days_to_civil(*day).0 as i32)
            .collect();
        layout.years.dedup();
        layout.name(&names, language);
        layout.mean_worth = (worth / f64::from(layout.counted.max(1))) as f32;
        let mean = (total as f64 / f64::from(layout.counted.max(1))).max(1e-9) as f32;
        layout.place(rows);
        for row in rows {
            layout.measure(row, mean);
        }
        layout
    }

    /// Notes the names of the speakers that count.
    fn name(&mut self, counted: &[bool], language: Language) {
        for (at, speaker) in self.speakers.iter().enumerate() {
            if !speaker.is_name || !counted[at] {
                continue;
            }
            let lower = speaker.name.to_lowercase();
            for part in name_parts(&lower) {
                let known = self.parts.entry(part.to_owned()).or_insert(at as u32);
                if *known != at as u32 {
                    *known = NONE;
                }
            }
        }
        let mut stemmer = Stemmer::default();
        for part in self.parts.keys() {
            stemmer.stems(part, language, |stem| {
                self.name_stems.insert(stem.to_owned());
            });
        }
    }

    /// Gives each row its cell.
    fn place(&mut self, rows: &[LaidRow]) {
        let is_laid = |row: u32| rows.binary_search_by_key(&row, |laid| laid.row).is_ok();
        let is_fact = |laid: &LaidRow| {
            laid.sources
                .is_some_and(|(first, last)| is_laid(first) && is_laid(last))
        };
        // Sessions by their first row, and their rows in order.
        let mut sessions: HashMap<u32, usize> = HashMap::new();
        let mut members: Vec<Vec<u32>> = Vec::new();
        let (mut notes, mut facts) = (Vec::new(), Vec::new());
        let mut last = None;
        for laid in rows {
            if is_fact(laid) {
                facts.push(laid);
            } else if laid.doc.role == Role::Note {
                notes.push(laid.row);
            } else {
                let number = match last {
                    Some((session, number)) if session == laid.session => number,
                    _ => *sessions.entry(laid.session).or_insert_with(|| {
                        members.push(Vec::new());
                        members.len() - 1
                    }),
                };
                last = Some((laid.session, number));
                members[number].push(laid.row);
            }
        }
        self.rows = Vec::with_capacity(rows.len() + GAP * (members.len() + 1));
        for member in members {
            self.rows.extend([NONE; GAP]);
            self.rows.extend(member);
        }
        self.rows.extend([NONE; GAP]);
        self.talk = self.rows.len();
        self.rows.extend(notes);
        self.facts_from = self.rows.len();
        self.rows.extend(facts.iter().map(|laid| laid.row));
        for (cell, row) in self.rows.iter().enumerate() {
            if *row != NONE {
                self.cells[*row as usize] = cell as u32;
            }
        }
        let cell = |row: u32| self.cells[row as usize];
        let sources = facts.iter().filter_map(|laid| laid.sources);
        self.facts = sources
            .map(|(first, last)| Facts {
                first: cell(first),
                last: cell(last),
            })
            .collect();
        let len = self.rows.len();
        self.support = vec![0.0; len];
        self.norm = vec![1.0; len];
        self.short = vec![1.0; len];
        self.length = vec![0.0; len];
    }

    fn measure(&mut self, laid: &LaidRow, mean: f32) {
        let (row, doc) = (laid.row as usize, &laid.doc);
        let cell = self.cells[row] as usize;
        let stems = doc.stems as f32;
        self.days[row] = doc.day;
        if doc.event != NO_DAY {
            self.events.resize(self.days.len(), NO_DAY);
            self.events[row] = doc.event;
        }
        if doc.worth > 0.0 {
            self.worth.resize(self.rows.len(), 0.0);
            self.worth[cell] = doc.worth;
        }
        self.speaker_of[row] = doc.speaker;
        self.support[cell] = (CONTEXT_STEMS / stems.max(1.0)).min(1.0);
        self.norm[cell] = K1 * (1.0 - B + B * stems / mean);
        if doc.role == Role::Note {
            self.short[cell] = 1.0 / (1.0 - NOTE_B + NOTE_B * stems / mean);
            self.length[cell] = NOTE_STEMS.ln_1p();
        } else {
            self.length[cell] = stems.ln_1p();
        }
        if doc.role == Role::Assistant {
            self.assistant.push(cell as u32);
        }
    }

    /// Where the neighbours of a cell are counted from: before the first cell and after the second.
    /// `None` for a note.
    pub(super) fn ends_of(&self, cell: usize) -> Option<(usize, usize)> {
        if cell < self.talk {
            return Some((cell, cell));
        }
        let fact = self.facts.get(cell.checked_sub(self.facts_from)?)?;
        Some((fact.first as usize, fact.last as usize))
    }

    /// Whether a lower-case word is a part of a speaker's name.
    pub(crate) fn is_name(&self, word: &str) -> bool {
        self.parts.contains_key(word)
    }

    /// The only speaker whom a text names by a part that is nobody else's.
    pub(super) fn named_in(&self, lower: &str) -> Option<u16> {
        if self.parts.is_empty() {
            return None;
        }
        let mut named = None;
        for part in name_parts(lower) {
            match self.parts.get(part) {
                None | Some(&NONE) => {}
                Some(speaker) if named.is_none_or(|other| other == *speaker) => {
                    named = Some(*speaker);
                }
                Some(_) => return None,
            }
        }
        named.map(|speaker| speaker as u16)
    }

    /// Bytes on the heap.
    pub(crate) fn bytes(&self) -> usize {
        let cells = self.rows.capacity();
        cells * size_of::<u32>()
            + (4 * cells + self.worth.capacity()) * size_of::<f32>()
            + self.events.capacity() * size_of::<Day>()
            + self.cells.capacity() * (size_of::<u32>() + size_of::<Day>() + size_of::<u16>())
            + self.facts.capacity() * size_of::<Facts>()
            + self.speakers.len() * 64
            + self.parts.len() * 64
    }
}

/// Votes for the language of a partition: the one that most of its texts are in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Votes([u32; Language::ALL.len()]);

impl Votes {
    pub(crate) fn add(&mut self, vote: Option<Language>) {
        if let Some(language) = vote {
            self.0[language as usize] += 1;
        }
    }

    pub(crate) fn remove(&mut self, vote: Option<Language>) {
        if let Some(language) = vote {
            self.0[language as usize] -= 1;
        }
    }

    pub(crate) fn join(&mut self, other: &Self) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum += more;
        }
    }

    /// The language of more than half of the votes; English where there is none.
    pub(crate) fn language(&self) -> Language {
        let all: u32 = self.0.iter().sum();
        let of = |language: &Language| self.0[*language as usize] * 2 > all;
        Language::ALL
            .into_iter()
            .find(of)
            .unwrap_or(Language::English)
    }
}
