//! The lane of the words: postings, and what ranking knows of each row beside them.
//!
//! It is made of the stored texts when a search first ranks the chunk by words, and kept up with
//! every commit after that. A change that comes without what the lane needs of it drops the lane,
//! and the next such search makes it again.

use std::collections::HashMap;
use std::sync::Arc;

use super::lane::{ChangedRow, Lane, NewRow, RemovedRow};
use super::postings::Postings;
use super::spoken::Spoken;
use crate::rank::{Doc, Speaker, Votes};
use crate::sync::Mutex;
use crate::text::{Language, Term};
use crate::vector::Sum;

/// The words of a chunk.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// The language that its texts are stemmed in.
    pub(super) language: Language,
    /// By position; of a deleted row `None`.
    pub(super) docs: Vec<Option<Doc>>,
    pub(super) postings: Postings,
    /// Positions of facts, with the first and the last row of their messages.
    pub(super) sources: Vec<(u16, (u64, u64))>,
    /// Speakers by number; the first is nobody.
    pub(super) speakers: Vec<Speaker>,
    /// Votes of the memories that count, and the sum of their vectors.
    pub(super) votes: Votes,
    pub(super) sum: Sum,
}

/// A row's vector and one over its length.
pub(super) type Vector<'a> = (f32, &'a [f32]);

impl Made {
    /// Words of the rows of a chunk by position, `None` for a deleted one, and the sum of the
    /// vectors of those that count.
    pub(super) fn of(language: Language, rows: Vec<Option<Spoken>>, sum: Sum) -> Self {
        let mut made = Self {
            language,
            docs: Vec::with_capacity(rows.len()),
            postings: Postings::default(),
            sources: Vec::new(),
            speakers: vec![Speaker {
                is_name: false,
                name: String::new(),
            }],
            votes: Votes::default(),
            sum,
        };
        let mut numbers = HashMap::new();
        let mut terms: Vec<(u16, Vec<Term>)> = Vec::with_capacity(rows.len());
        for (at, spoken) in rows.into_iter().enumerate() {
            let Some(mut spoken) = spoken else {
                made.docs.push(None);
                continue;
            };
            spoken.doc.speaker = match spoken.speaker.take() {
                None => 0,
                Some(speaker) => *numbers.entry(speaker).or_insert_with_key(|speaker| {
                    made.speakers.push(speaker.clone());
                    (made.speakers.len() - 1) as u16
                }),
            };
            made.note(at as u16, &spoken);
            made.docs.push(Some(spoken.doc));
            terms.push((at as u16, spoken.terms));
        }
        made.postings = Postings::of(terms.into_iter());
        made
    }

    /// Takes up what a row has beside its words.
    fn note(&mut self, at: u16, spoken: &Spoken) {
        if let Some(sources) = spoken.sources {
            let place = self.sources.partition_point(|(other, _)| *other < at);
            self.sources.insert(place, (at, sources));
        }
        if !spoken.doc.kept {
            self.votes.add(spoken.doc.vote);
        }
    }

    /// The number of a speaker.
    fn number(&mut self, speaker: Option<&Speaker>) -> u16 {
        let Some(speaker) = speaker else { return 0 };
        let known = self.speakers.iter().position(|other| other == speaker);
        known.unwrap_or_else(|| {
            self.speakers.push(speaker.clone());
            self.speakers.len() - 1
        }) as u16
    }

    fn put(&mut self, at: usize, spoken: &Spoken, vector: Option<Vector<'_>>) {
        let doc = Doc {
            speaker: self.number(spoken.speaker.as_ref()),
            ..spoken.doc
        };
        self.note(at as u16, spoken);
        if !doc.kept
            && let Some((inverse_norm, vector)) = vector
        {
            self.sum.add(inverse_norm, vector);
        }
        self.postings.add(at as u16, spoken.terms.clone());
        if at == self.docs.len() {
            self.docs.push(Some(doc));
        } else {
            self.docs[at] = Some(doc);
        }
    }

    fn take(&mut self, at: usize, vector: Option<Vector<'_>>) {
        let Some(doc) = self.docs.get_mut(at).and_then(Option::take) else {
            return;
        };
        self.postings.remove(at as u16);
        self.sources.retain(|(other, _)| usize::from(*other) != at);
        if doc.kept {
            return;
        }
        self.votes.remove(doc.vote);
        if let Some((inverse_norm, vector)) = vector {
            self.sum.remove(inverse_norm, vector);
        }
    }

    /// The reading in its language.
    fn fitting<'s>(&self, spoken: &'s [Spoken]) -> Option<&'s Spoken> {
        spoken
            .iter()
            .find(|spoken| spoken.language == self.language)
    }

    fn bytes(&self) -> usize {
        self.docs.capacity() * size_of::<Option<Doc>>()
            + self.postings.bytes()
            + self.sources.capacity() * size_of::<(u16, (u64, u64))>()
            + self
                .speakers
                .iter()
                .map(|one| size_of::<Speaker>() + one.name.len())
                .sum::<usize>()
            + self.sum.bytes()
    }
}

/// The words of a chunk, if they are made.
#[derive(Debug, Default)]
pub(super) struct Words(Mutex<Option<Arc<Made>>>);

impl Clone for Words {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.0.lock().clone()))
    }
}

impl Words {
    pub(super) fn made(&self) -> Option<Arc<Made>> {
        self.0.lock().clone()
    }

    pub(super) fn keep(&self, made: Arc<Made>) {
        *self.0.lock() = Some(made);
    }

    /// Whether they are made: changes must come with what they need.
    pub(super) fn is_made(&mut self) -> bool {
        self.0.get_mut().is_some()
    }

    /// Applies a change, or forgets the words where the change lacks what they need.
    fn change(&mut self, change: impl FnOnce(&mut Made) -> Option<()>) {
        let made = self.0.get_mut();
        if let Some(words) = made
            && change(Arc::make_mut(words)).is_none()
        {
            *made = None;
        }
    }
}

impl Lane for Words {
    fn reserve(&mut self, _rows: usize) {}

    fn push(&mut self, row: &NewRow<'_>) {
        self.change(|made| {
            let spoken = made.fitting(row.spoken)?;
            let vector = row.vector.map(|vector| (row.mark.inverse_norm, vector));
            made.put(made.docs.len(), spoken, vector);
            Some(())
        });
    }

    fn set(&mut self, at: usize, row: &ChangedRow<'_>) {
        self.change(|made| {
            let spoken = made.fitting(row.spoken)?;
            let counts = made.docs.get(at)?.is_some_and(|doc| !doc.kept);
            let (before, after) = match row.vector {
                // The vector stays, and so does the sum.
                None => (None, None),
                Some(after) if counts => (Some(row.before?), Some(after)),
                Some(after) => (None, Some(after)),
            };
            made.take(at, before);
            made.put(at, spoken, after);
            Some(())
        });
    }

    fn remove(&mut self, at: usize, row: &RemovedRow<'_>) {
        self.change(|made| {
            let counts = made.docs.get(at)?.is_some_and(|doc| !doc.kept);
            made.take(at, if counts { Some(row.before?) } else { None });
            Some(())
        });
    }

    fn bytes(&self) -> usize {
        self.0.lock().as_ref().map_or(0, |made| made.bytes())
    }
}
