//! Search by words over a list of memories, which are made a shard of their own for the search: what
//! was known at a time, or the best by their vectors, where a search reaches so many memories of
//! several partitions that the words of all would not fit in memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::Inner;
use super::hybrid::{Place, answer};
use super::scan::Rows;
use super::search::reach;
use crate::bits::Bits;
use crate::error::Result;
use crate::query::{Adjustments, Hit, Input, Mode, Query};
use crate::record::Record;
use crate::rowid::RowId;
use crate::shard::{Part, Reader, Shard};
use crate::store::{Head, Snapshot};

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
        let Some(found) = self.search_rows(&nearest, &vectors, snapshot)? else {
            return Ok(None);
        };
        let thesaurus = self.lexicon.thesaurus()?;
        let answers = inputs.iter().zip(units).zip(found);
        let answers = answers.map(|((input, unit), hits)| {
            let place = candidates_of(hits, snapshot)?;
            let question = self.question(query, input, snapshot)?;
            let (unit, thesaurus) = (unit.as_deref(), thesaurus.as_deref());
            answer(query, &question, unit, &[place], thesaurus, snapshot)
        });
        answers.collect::<Result<_>>().map(Some)
    }
}

/// A memory of a list.
pub(super) struct Listed {
    pub(super) id: RowId,
    pub(super) head: Head,
    pub(super) record: Record,
    pub(super) vector: Option<Vec<f32>>,
}

/// The memories that a search by vectors found.
fn candidates_of(hits: Vec<Hit>, snapshot: &Snapshot) -> Result<Place> {
    let mut listed = Vec::with_capacity(hits.len());
    for Hit { record, .. } in hits {
        let Some(id) = snapshot.row_id(&record.id)? else {
            continue;
        };
        let Some(head) = snapshot.head(id)? else {
            continue;
        };
        let mut vector = Vec::new();
        let vector = snapshot.find_vector(id, &mut vector)?.then_some(vector);
        listed.push(Listed {
            id,
            head,
            record,
            vector,
        });
    }
    place(snapshot, Part::All, listed, |_, _| true)
}

/// A list of memories of a part, ready to be ranked, of which the search may find those `shown`.
pub(super) fn place(
    snapshot: &Snapshot,
    part: Part,
    mut listed: Vec<Listed>,
    shown: impl Fn(&Head, &Record) -> bool,
) -> Result<Place> {
    listed.sort_unstable_by_key(|one| one.id.1);
    let dim = listed
        .iter()
        .find_map(|one| Some(one.vector.as_ref()?.len()));
    let rows = listed
        .iter()
        .map(|one| (one.id, one.head, one.vector.as_deref()));
    let shard = Shard::listed(dim.unwrap_or(1), rows)?;
    let mut rows = Vec::new();
    let mut from = 0;
    for chunk in shard.chunks() {
        let mut chosen = Bits::none(chunk.len());
        for (at, one) in listed.iter().skip(from).take(chunk.len()).enumerate() {
            chosen.set(at, shown(&one.head, &one.record));
        }
        rows.extend(Rows::new(Arc::clone(chunk), from as u32, chosen));
        from += chunk.len();
    }
    let mut vectors = HashMap::new();
    let mut known = HashMap::with_capacity(listed.len());
    for one in listed {
        vectors.extend(one.vector.map(|vector| (one.id, vector)));
        known.insert(one.id, one.record);
    }
    let ranked = shard.ranked(&Reader {
        record: &|id| Ok(known.get(&id).cloned()),
        vector: &|id| Ok(vectors.get(&id).cloned()),
        row_of: &|id| Ok(snapshot.row_id(id)?.map(|(_, row)| row)),
    })?;
    Ok(Place {
        part,
        shard: Arc::new(shard),
        ranked,
        rows,
        known,
    })
}
