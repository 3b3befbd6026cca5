//! What ranking needs of a shard: the words of its chunks, made where they are missing, the layout
//! of its sessions, and the counts of the partition.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::Shard;
use super::chunk::Chunk;
use super::spoken::{RowOf, Spoken};
use super::words::Made;
use crate::error::Result;
use crate::rank::{LaidRow, Layout, Matches, Run, Speaker, Votes};
use crate::record::Record;
use crate::rowid::RowId;
use crate::sync::Mutex;
use crate::text::{Language, Stemmer, Term, language_of};
use crate::threads;
use crate::vector::{Mean, Sum, kernels};

/// Rows from which words are made by all cores.
const PARALLEL_ROWS: usize = 256;
/// Rows whose words one task makes.
const TASK_ROWS: usize = 512;
/// Most speakers that are distinguished; sayings of further ones count as nobody's.
const SPEAKERS: usize = u16::MAX as usize;

/// Reads what the words of a shard are made of.
pub(crate) struct Reader<'a> {
    pub(crate) record: &'a (dyn Fn(RowId) -> Result<Option<Record>> + Sync),
    /// The vector of a row, where it has one.
    pub(crate) vector: &'a (dyn Fn(RowId) -> Result<Option<Vec<f32>>> + Sync),
    pub(crate) row_of: RowOf<'a>,
}

/// A shard as ranking sees it.
#[derive(Debug)]
pub(crate) struct Ranked {
    pub(crate) language: Language,
    pub(crate) layout: Layout,
    /// The mean of the vectors of the memories that count.
    pub(crate) mean: Mean,
    /// Words of each chunk, with the number of its first row in the shard.
    chunks: Vec<(u32, Arc<Made>)>,
}

/// The newest [`Ranked`] of a shard. The lock is held while it is made, which takes long for a large
/// shard: what a commit does with a shard must not wait for it.
#[derive(Debug, Default)]
pub(super) struct Latest(Mutex<Option<Arc<Ranked>>>);

impl Clone for Latest {
    /// Without one that is being made.
    fn clone(&self) -> Self {
        Self(Mutex::new(
            self.0.try_lock().and_then(|latest| latest.clone()),
        ))
    }
}

impl Latest {
    pub(super) fn forget(&mut self) {
        *self.0.get_mut() = None;
    }

    /// Its bytes; 0 while it is being made.
    pub(super) fn bytes(&self) -> usize {
        let latest = self.0.try_lock();
        let bytes = latest.and_then(|latest| latest.as_ref().map(|ranked| ranked.bytes()));
        bytes.unwrap_or(0)
    }
}

impl Shard {
    /// Languages that its words are made in; none if no chunk has words.
    pub(crate) fn languages(&self) -> Vec<Language> {
        let words = self.chunks.iter().filter_map(|chunk| chunk.words());
        let mut languages: Vec<Language> = words.map(|made| made.language).collect();
        languages.dedup();
        languages
    }

    /// Number of the first row of each chunk.
    pub(crate) fn firsts(&self) -> Vec<u32> {
        let mut next = 0;
        let first = |chunk: &Arc<Chunk>| {
            let first = next;
            next += chunk.len() as u32;
            first
        };
        self.chunks.iter().map(first).collect()
    }

    /// Whether its words are made.
    pub(crate) fn is_ranked(&self) -> bool {
        self.chunks.iter().all(|chunk| chunk.words().is_some())
    }

    /// What ranking needs of it.
    pub(crate) fn ranked(&self, reader: &Reader<'_>) -> Result<Arc<Ranked>> {
        let mut latest = self.ranked.0.lock();
        if let Some(ranked) = latest.as_ref() {
            return Ok(Arc::clone(ranked));
        }
        let ranked = Arc::new(self.rank(reader)?);
        *latest = Some(Arc::clone(&ranked));
        Ok(ranked)
    }

    fn rank(&self, reader: &Reader<'_>) -> Result<Ranked> {
        let held = self.languages().first().copied();
        let mut language = held.map_or_else(|| self.guess(reader), Ok)?;
        let mut words = self.words(language, reader)?;
        let mut votes = Votes::default();
        for made in &words {
            votes.join(&made.votes);
        }
        if votes.language() != language {
            language = votes.language();
            words = self.words(language, reader)?;
        }
        let firsts = self.firsts();
        let mut sum = Sum::new(self.dim);
        for made in &words {
            sum.join(&made.sum);
        }
        Ok(Ranked {
            language,
            layout: self.layout(&firsts, &words, language),
            mean: Mean::new(sum.mean()),
            chunks: firsts.into_iter().zip(words).collect(),
        })
    }

    /// The language of its first rows, which is most likely that of all.
    fn guess(&self, reader: &Reader<'_>) -> Result<Language> {
        let mut votes = Votes::default();
        if let Some(chunk) = self.chunks.first() {
            for at in 0..chunk.len().min(TASK_ROWS) {
                if !chunk.is_deleted(at)
                    && let Some(record) = (reader.record)(chunk.id(at))?
                {
                    votes.add(language_of(&record.text));
                }
            }
        }
        Ok(votes.language())
    }

    /// The words of all chunks in a language; those that are missing are made and kept.
    fn words(&self, language: Language, reader: &Reader<'_>) -> Result<Vec<Arc<Made>>> {
        let words = |chunk: &Arc<Chunk>| {
            let made = chunk.words().filter(|made| made.language == language);
            if let Some(made) = made {
                return Ok(made);
            }
            let made = Arc::new(make(chunk, language, self.dim, reader)?);
            chunk.keep_words(Arc::clone(&made));
            Ok(made)
        };
        threads::spread(
            self.chunks.len() > 1,
            &self.chunks,
            |chunks| chunks.par_iter().map(words).collect(),
            |chunks| chunks.iter().map(words).collect(),
        )
    }

    fn layout(&self, firsts: &[u32], words: &[Arc<Made>], language: Language) -> Layout {
        let mut speakers = vec![Speaker {
            is_name: false,
            name: String::new(),
        }];
        let mut numbers: HashMap<&Speaker, u16> = HashMap::new();
        let mut rows = Vec::with_capacity(self.rows);
        let number_of = |row: u64| {
            let (chunk, at) = self.find(row)?;
            let deleted = self.chunks[chunk].is_deleted(at);
            (!deleted).then(|| firsts[chunk] + at as u32)
        };
        for ((chunk, first), made) in self.chunks.iter().zip(firsts).zip(words) {
            let known: Vec<u16> = made
                .speakers
                .iter()
                .enumerate()
                .map(|(at, speaker)| {
                    if at == 0 {
                        return 0;
                    }
                    *numbers.entry(speaker).or_insert_with(|| {
                        if speakers.len() >= SPEAKERS {
                            return 0;
                        }
                        speakers.push(speaker.clone());
                        (speakers.len() - 1) as u16
                    })
                })
                .collect();
            let mut sources = made.sources.iter().peekable();
            for (at, doc) in made.docs.iter().enumerate() {
                let Some(mut doc) = *doc else { continue };
                doc.speaker = known.get(usize::from(doc.speaker)).copied().unwrap_or(0);
                let own = sources.next_if(|(other, _)| usize::from(*other) == at);
                rows.push(LaidRow {
                    row: first + at as u32,
                    session: chunk.head(at).scope,
                    doc,
                    sources: own.and_then(|(_, (a, b))| Some((number_of(*a)?, number_of(*b)?))),
                });
            }
        }
        Layout::new(self.rows, &rows, speakers, language)
    }
}

/// Makes the words of a chunk.
fn make(chunk: &Chunk, language: Language, dim: usize, reader: &Reader<'_>) -> Result<Made> {
    let task = |from: usize| {
        let mut stemmer = Stemmer::default();
        let mut sum = Sum::new(dim);
        let mut rows = Vec::with_capacity(TASK_ROWS);
        for at in from..(from + TASK_ROWS).min(chunk.len()) {
            let record = if chunk.is_deleted(at) {
                None
            } else {
                (reader.record)(chunk.id(at))?
            };
            let Some(record) = record else {
                rows.push(None);
                continue;
            };
            let spoken = Spoken::of(&record, language, &mut stemmer, reader.row_of)?;
            if !spoken.is_kept() {
                let norm = chunk.mark(at).inverse_norm;
                if let Some(vector) = chunk.vector(at) {
                    sum.add(norm, vector);
                } else if let Some(vector) = (reader.vector)(chunk.id(at))? {
                    sum.add(norm, &vector);
                }
            }
            rows.push(Some(spoken));
        }
        Ok((rows, sum))
    };
    let starts: Vec<usize> = (0..chunk.len()).step_by(TASK_ROWS).collect();
    let done: Result<Vec<_>> = threads::spread(
        chunk.len() >= PARALLEL_ROWS,
        starts,
        |starts| starts.into_par_iter().map(task).collect(),
        |starts| starts.into_iter().map(task).collect(),
    );
    let mut sum = Sum::new(dim);
    let mut rows = Vec::with_capacity(chunk.len());
    for (part, of_part) in done? {
        rows.extend(part);
        sum.join(&of_part);
    }
    Ok(Made::of(language, rows, sum))
}

/// The norm of a vector as sums scale it.
pub(crate) fn inverse_norm(vector: &[f32]) -> Result<f32> {
    kernels::check(0, vector, vector.len())
}

impl Ranked {
    fn bytes(&self) -> usize {
        self.layout.bytes() + self.mean.bytes() + size_of::<Self>()
    }
}

impl Matches for Ranked {
    fn holders(&self, term: Term) -> u32 {
        let mut holders = 0;
        for (_, made) in &self.chunks {
            made.postings.each(term, |rows, _| {
                for at in rows {
                    let doc = made.docs.get(usize::from(*at)).copied().flatten();
                    holders += u32::from(doc.is_some_and(|doc| !doc.kept));
                }
            });
        }
        holders
    }

    fn each(&self, term: Term, take: &mut dyn FnMut(Run<'_>)) {
        for (first, made) in &self.chunks {
            let first = *first;
            made.postings.each(term, |rows, counts| {
                take(Run {
                    first,
                    rows,
                    counts,
                });
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_and_a_measurement_do_not_wait_for_a_ranking_under_way() {
        let latest = Latest::default();
        let made = latest.0.lock();
        assert_eq!(latest.bytes(), 0);
        assert!(latest.clone().0.lock().is_none());
        drop(made);
    }
}
