//! Search by words over a list of records: the best by their vectors, where a search reaches so many
//! memories of several partitions that the words of all would not fit in memory.

use std::sync::Arc;

use super::Inner;
use super::centred::Centred;
use super::hybrid::{rounded, shared_words};
use super::search::reach;
use crate::error::Result;
use crate::query::{Adjustments, Explanation, Hit, Input, Mode, Query};
use crate::rank::{Number, Sums};
use crate::record::Record;
use crate::shard::{Part, Ranked, inverse_norm};
use crate::store::Snapshot;

/// Memories of several partitions above which a search ranks candidates.
const MANY: u64 = 100_000;
/// The least number of candidates, and how many there are for each hit.
const CANDIDATES: usize = 1_000;
const EACH: usize = 4;
/// The most candidates; a search for more ranks all memories.
const MOST: usize = 20_000;

impl Inner {
    /// How many candidates a search ranks; `None` for one that ranks all memories.
    pub(super) fn candidates(
        &self,
        query: &Query,
        snapshot: &Arc<Snapshot>,
    ) -> Result<Option<usize>> {
        if query.exact || query.mode != Mode::Hybrid || snapshot.records_len <= MANY {
            return Ok(None);
        }
        let count = query.limit.saturating_mul(EACH).max(CANDIDATES);
        let (reach, _) = reach(snapshot, &query.selection.scope)?;
        if reach.len() < 2 && reach.iter().all(|(part, _)| *part != Part::All) || count > MOST {
            return Ok(None);
        }
        let mut rows = 0;
        for (part, _) in reach {
            rows += match part {
                Part::All => snapshot.records_len,
                // A shard that a commit changes meanwhile has about as many rows.
                Part::One(_) => self
                    .view(snapshot, part)?
                    .map_or(0, |shard| shard.rows() as u64),
            };
        }
        Ok((rows > MANY).then_some(count))
    }

    /// Answers inputs that have texts and vectors by ranking candidates; `None` if a commit came
    /// between.
    pub(super) fn by_candidates(
        &self,
        query: &Query,
        count: usize,
        inputs: &[Input],
        units: &[Option<Vec<f32>>],
        snapshot: &Arc<Snapshot>,
    ) -> Result<Option<Vec<Vec<Hit>>>> {
        let nearest = Query {
            mode: Mode::Semantic,
            limit: count,
            threshold: None,
            explain: false,
            adjustments: Adjustments::default(),
            ..query.clone()
        };
        let vectors: Vec<Input> = units.iter().flatten().cloned().map(Input::from).collect();
        let Some(found) = self.search(&nearest, &vectors, snapshot)? else {
            return Ok(None);
        };
        let answers = inputs
            .iter()
            .zip(units)
            .zip(found)
            .map(|((input, unit), hits)| {
                let records = hits.into_iter().map(|hit| hit.record).collect();
                self.rank_records(query, input, unit.as_deref(), records, snapshot)
            });
        answers.collect::<Result<_>>().map(Some)
    }

    /// The best of a list of records, ranked as if they were a partition.
    pub(super) fn rank_records(
        &self,
        query: &Query,
        input: &Input,
        unit: Option<&[f32]>,
        records: Vec<Record>,
        snapshot: &Snapshot,
    ) -> Result<Vec<Hit>> {
        let mut placed = Vec::with_capacity(records.len());
        for record in records {
            let id = snapshot.row_id(&record.id)?;
            let mut vector = Vec::new();
            let norm = match id {
                Some(id) if snapshot.find_vector(id, &mut vector)? => inverse_norm(&vector)?,
                _ => 0.0,
            };
            placed.push((id, record, (norm, vector)));
        }
        // The order in which they were said.
        placed.sort_by_key(|(id, ..)| *id);
        let (records, vectors): (Vec<_>, Vec<_>) = placed
            .into_iter()
            .map(|(_, record, vector)| (record, vector))
            .unzip();
        let ranked = Ranked::of_records(&records, &vectors)?;
        let question = self.question(query, input, snapshot)?;
        let thesaurus = self.lexicon.thesaurus()?;
        let reading = question.read(
            &ranked.layout,
            ranked.language,
            thesaurus.as_deref(),
            &ranked,
        );
        let sums = Sums::new(&ranked.layout, &reading, &ranked, &query.weights);
        let weight = query.weights.of(Number::Vector) * reading.vector_share;
        let centred = unit
            .filter(|unit| weight != 0.0 && unit.len() == ranked.mean.len())
            .and_then(|unit| Centred::new(unit, &ranked.mean));
        let mut hits = Vec::with_capacity(records.len());
        let rows = sums.of_rows(0, records.len());
        for (at, ((record, (norm, vector)), sum)) in
            records.into_iter().zip(vectors).zip(rows).enumerate()
        {
            let cosine = centred
                .as_ref()
                .filter(|_| !vector.is_empty())
                .map_or(0.0, |centred| centred.cosine(&vector, norm));
            let sum = rounded(sum + weight * cosine);
            let score = sums.common.score(sum);
            if query.threshold.is_some_and(|threshold| score < threshold) {
                continue;
            }
            let explanation = query.explain.then(|| {
                let mut numbers = sums.numbers(at as u32).unwrap_or_default();
                numbers.set(Number::Vector, reading.vector_share * cosine);
                Explanation {
                    sum,
                    numbers,
                    weights: query.weights,
                    common: sums.common.0,
                    words: shared_words(&question, ranked.language, &record.text),
                    neighbours: Vec::new(),
                }
            });
            hits.push((
                sum,
                Hit {
                    record,
                    score,
                    explanation,
                },
            ));
        }
        hits.sort_by(|a, b| {
            let by_sum = b.0.total_cmp(&a.0);
            by_sum.then_with(|| a.1.record.id.cmp(&b.1.record.id))
        });
        hits.truncate(query.limit);
        Ok(hits.into_iter().map(|(_, hit)| hit).collect())
    }
}
