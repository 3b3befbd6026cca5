//! Search by the sum of all numbers: words, context, time, speaker and vector.
//!
//! All numbers but that of the vector are known for every memory before a vector is touched. The
//! best of those sums are completed first, by the exact vectors; then only memories whose sum can
//! still reach the k-th best are looked at: by the bound of their codes, then exactly. So the result
//! is that of a full scan.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::Inner;
use super::best::{Best, Scored};
use super::centred::Centred;
use super::known;
use super::scan::{Prepared, Rows, select};
use super::search::reach;
use crate::error::{Error, Result};
use crate::query::{Explanation, Hit, Input, Query};
use crate::rank::{Number, Question, Reading, Sums, lenders};
use crate::record::Record;
use crate::rowid::RowId;
use crate::shard::{Part, Ranked, Reader, Shard};
use crate::store::Snapshot;
use crate::text::{Language, Stemmer, Thesaurus};
use crate::threads;

/// Memories whose sums are completed before any other is left out.
const FIRST: usize = 16;
/// Sums above the cutoff that a sample must have.
const LEAST_SAMPLED: usize = 8;
/// Memories that tie with the last hit and are ordered by their ids, which must be read. Of more,
/// those added first take part.
const TIES: usize = 64;
/// Memories from which several questions are answered by several cores.
const PARALLEL_ROWS: usize = 2_000;

/// A part that is searched, and the rows of it that may be found.
pub(super) struct Place {
    pub(super) part: Part,
    pub(super) shard: Arc<Shard>,
    pub(super) ranked: Arc<Ranked>,
    pub(super) rows: Vec<Rows>,
    /// Its records, where they are not those of the snapshot.
    pub(super) known: HashMap<RowId, Record>,
}

impl Place {
    /// Whether a row belongs to its part.
    fn holds(&self, id: RowId) -> bool {
        match self.part {
            Part::One(partition) => partition == id.0,
            Part::All => true,
        }
    }

    /// The id of a row by its number in the shard, if the search may show it.
    fn shown(&self, row: u32) -> Option<RowId> {
        let rows = self.rows.iter().find(|rows| {
            let at = row.checked_sub(rows.first);
            at.is_some_and(|at| (at as usize) < rows.chunk.len())
        })?;
        let at = (row - rows.first) as usize;
        rows.chosen.get(at).then(|| rows.chunk.id(at))
    }
}

/// What one input is in a part.
struct Answering<'a> {
    place: &'a Place,
    reading: &'a Reading,
    sums: Sums<'a>,
    /// The question's vector less the mean; `None` where the vector counts nothing.
    centred: Option<Centred<'a>>,
    /// What the cosine counts.
    weight: f32,
    /// Least sum wanted.
    floor: f32,
}

/// A row that may be found, with the sum of all numbers but that of its vector.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    sum: f32,
    place: u32,
    rows: u32,
    at: u32,
}

impl Inner {
    /// Answers inputs that have texts; `None` if a commit came between.
    pub(super) fn by_words(
        &self,
        query: &Query,
        inputs: &[Input],
        units: &[Option<Vec<f32>>],
        snapshot: &Arc<Snapshot>,
    ) -> Result<Option<Vec<Vec<Hit>>>> {
        let Some(places) = self.places(query, snapshot)? else {
            return Ok(None);
        };
        let thesaurus = self.lexicon.thesaurus()?;
        let answer = |(input, unit): (&Input, &Option<Vec<f32>>)| {
            let question = self.question(query, input, snapshot)?;
            answer(
                query,
                &question,
                unit.as_deref(),
                &places,
                thesaurus.as_deref(),
                snapshot,
            )
        };
        let count: usize = places
            .iter()
            .flat_map(|place| &place.rows)
            .map(Rows::count)
            .sum();
        let pairs: Vec<_> = inputs.iter().zip(units).collect();
        let answers: Result<Vec<_>> = threads::spread(
            pairs.len() > 1 && count * pairs.len() >= PARALLEL_ROWS,
            pairs,
            |pairs| pairs.into_par_iter().map(answer).collect(),
            |pairs| pairs.into_iter().map(answer).collect(),
        );
        answers.map(Some)
    }

    /// Reads the text of an input.
    pub(super) fn question(
        &self,
        query: &Query,
        input: &Input,
        snapshot: &Snapshot,
    ) -> Result<Question> {
        let table = self.lexicon.table(&snapshot.identity.embedder)?;
        let knows = table.as_ref().map(|table| |word: &str| table.knows(word));
        let knows = knows.as_ref().map(|knows| knows as &dyn Fn(&str) -> bool);
        let text = input.text.as_deref().unwrap_or_default();
        Ok(Question::new(text, knows, query.reference))
    }

    /// The parts that a query reaches, ready to be ranked; `None` if a commit came between.
    fn places(&self, query: &Query, snapshot: &Arc<Snapshot>) -> Result<Option<Vec<Place>>> {
        let selection = &query.selection;
        if let Some(at) = selection.known_at {
            return known::places(query, snapshot, at).map(Some);
        }
        let (reach, scope) = reach(snapshot, &selection.scope)?;
        let conditions = scope.iter().chain(&selection.filter);
        let filters: Vec<Prepared<'_>> = conditions.map(Prepared::new).collect();
        let record = |id: RowId| snapshot.record(id);
        let vector = |id: RowId| {
            let mut vector = Vec::new();
            Ok(snapshot.find_vector(id, &mut vector)?.then_some(vector))
        };
        let row_of = |id: &str| Ok(snapshot.row_id(id)?.map(|(_, row)| row));
        let reader = Reader {
            record: &record,
            vector: &vector,
            row_of: &row_of,
        };
        let mut places = Vec::new();
        for (part, scopes) in reach {
            let Some(shard) = self.view(snapshot, part)? else {
                return Ok(None);
            };
            let before = shard.bytes();
            let rows = select(snapshot, &shard, selection, scopes.as_ref(), &filters)?;
            let ranked = shard.ranked(&reader)?;
            if shard.bytes() != before {
                self.recharge(part);
            }
            places.push(Place {
                part,
                shard,
                ranked,
                rows,
                known: HashMap::new(),
            });
        }
        Ok(Some(places))
    }
}

/// The best memories of places for a question.
pub(super) fn answer(
    query: &Query,
    question: &Question,
    unit: Option<&[f32]>,
    places: &[Place],
    thesaurus: Option<&Thesaurus>,
    snapshot: &Snapshot,
) -> Result<Vec<Hit>> {
    let readings: Vec<_> = places
        .iter()
        .map(|place| {
            let ranked = &place.ranked;
            question.read(&ranked.layout, ranked.language, thesaurus, &**ranked)
        })
        .collect();
    let answering: Vec<Answering<'_>> = places
        .iter()
        .zip(&readings)
        .map(|(place, reading)| {
            let ranked = &*place.ranked;
            let sums = Sums::new(&ranked.layout, reading, ranked, &query.weights);
            let floor = query
                .threshold
                .map_or(f32::NEG_INFINITY, |threshold| sums.common.sum_of(threshold));
            let weight = query.weights.of(Number::Vector) * reading.vector_share;
            let unit = unit.filter(|_| weight != 0.0);
            Answering {
                place,
                reading,
                sums,
                centred: unit.and_then(|unit| Centred::new(unit, &ranked.mean)),
                weight,
                floor,
            }
        })
        .collect();
    let scored = best(query, &answering, snapshot)?;
    hits(query, question, &answering, scored, snapshot)
}

/// The best rows by their whole sums: at least `limit` where there are as many, and all that tie
/// with the last.
fn best(query: &Query, answering: &[Answering<'_>], snapshot: &Snapshot) -> Result<Vec<Scored>> {
    let sums = sums(answering);
    let cutoff = cutoff(&sums, query.limit.saturating_mul(2).max(FIRST));
    let mut best = Best::new(query.limit, f32::NEG_INFINITY);
    let mut vector = Vec::new();
    // Those above the cutoff; of many equal sums only bounds tell which can matter.
    for candidate in candidates(answering, &sums, |_, sum| sum > cutoff) {
        complete(answering, candidate, &mut best, &mut vector, snapshot)?;
    }
    let floor = best.floor();
    let rest = candidates(answering, &sums, |(wanted, most), sum| {
        sum <= cutoff && sum + most >= floor.max(wanted)
    });
    for (most, candidate) in bounded(answering, &rest, floor) {
        if most < best.floor() {
            break;
        }
        complete(answering, candidate, &mut best, &mut vector, snapshot)?;
    }
    Ok(best.into_scored())
}

/// A sum that about `first` of the sums exceed, estimated from a sample. Any value is correct: it
/// only decides which sums are completed before the others are bounded.
fn cutoff(sums: &[f32], first: usize) -> f32 {
    let stride = (first / LEAST_SAMPLED).max(1);
    let rank = first.div_ceil(stride);
    let mut sample: Vec<f32> = sums.iter().step_by(stride).copied().collect();
    if rank >= sample.len() {
        return f32::NEG_INFINITY;
    }
    let (_, cutoff, _) = sample.select_nth_unstable_by(rank, |a, b| b.total_cmp(a));
    *cutoff
}

/// The sums of all rows that the search may find, without their vectors, part after part.
fn sums(answering: &[Answering<'_>]) -> Vec<f32> {
    let rows = answering.iter().flat_map(|one| &one.place.rows);
    let mut sums = Vec::with_capacity(rows.map(Rows::count).sum());
    for one in answering {
        for rows in &one.place.rows {
            let of_chunk = one.sums.of_rows(rows.first, rows.chunk.len());
            if rows.count() == rows.chunk.len() {
                sums.extend(of_chunk);
            } else {
                let of_chunk: Vec<f32> = of_chunk.collect();
                sums.extend(rows.chosen.iter().map(|at| of_chunk[at]));
            }
        }
    }
    sums
}

/// The rows whose sums pass, in the order of `sums`. `passes` gets the least sum that is wanted in
/// the part, the most that a vector adds to one there, and the sum.
fn candidates(
    answering: &[Answering<'_>],
    sums: &[f32],
    passes: impl Fn((f32, f32), f32) -> bool,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    let (mut at, mut sums) = (Vec::new(), sums);
    for (place, one) in (0_u32..).zip(answering) {
        let of_part = (one.floor, one.most());
        for (number, rows) in (0_u32..).zip(&one.place.rows) {
            let (of_rows, further) = sums.split_at(rows.count().min(sums.len()));
            sums = further;
            at.resize(at.len().max(of_rows.len()), (0, 0.0));
            let mut count = 0;
            let mut take = |(row, sum): (usize, &f32)| {
                // No branch: which sums pass cannot be predicted.
                at[count] = (row as u32, *sum);
                count += usize::from(passes(of_part, *sum));
            };
            if rows.count() == rows.chunk.len() {
                of_rows.iter().enumerate().for_each(&mut take);
            } else {
                rows.chosen.iter().zip(of_rows).for_each(&mut take);
            }
            found.extend(at[..count].iter().map(|(at, sum)| Candidate {
                sum: *sum,
                place,
                rows: number,
                at: *at,
            }));
        }
    }
    found
}

/// Those that can reach a sum, by the bounds of their codes, the best bound first.
fn bounded(
    answering: &[Answering<'_>],
    candidates: &[Candidate],
    floor: f32,
) -> Vec<(f32, Candidate)> {
    let mut bounded = Vec::new();
    let (mut at, mut products) = (Vec::new(), Vec::new());
    for group in candidates.chunk_by(|a, b| (a.place, a.rows) == (b.place, b.rows)) {
        let Some(first) = group.first() else { continue };
        let one = &answering[first.place as usize];
        // A weight below zero turns bounds around: the least cosine is -1.
        let Some(centred) = one.centred.as_ref().filter(|_| one.weight > 0.0) else {
            let most = one.most();
            bounded.extend(
                group
                    .iter()
                    .map(|candidate| (candidate.sum + most, *candidate)),
            );
            continue;
        };
        let chunk = &one.place.rows[first.rows as usize].chunk;
        at.clear();
        at.extend(group.iter().map(|candidate| candidate.at));
        centred.along(chunk.codes(), &at, &mut products);
        for (candidate, along) in group.iter().zip(&products) {
            let mark = chunk.mark(candidate.at as usize);
            if mark.is_bare() {
                bounded.push((candidate.sum, *candidate)); // a message without a vector
                continue;
            }
            let reaches = |most: f32| candidate.sum + one.weight * most >= floor;
            if !reaches(centred.most_by_direction(*along, mark)) {
                continue;
            }
            let most = centred.most(*along, centred.shared(chunk.codes(), candidate.at), mark);
            if reaches(most) {
                bounded.push((candidate.sum + one.weight * most, *candidate));
            }
        }
    }
    bounded.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    bounded
}

impl Answering<'_> {
    /// Names the neighbours that lend context to the part's hits, those that the search may show.
    fn name_neighbours(&self, hits: &mut [Hit], snapshot: &Snapshot) -> Result<()> {
        let ranked = &*self.place.ranked;
        let (mut rows, mut own) = (Vec::new(), Vec::new());
        for hit in hits {
            let Some(id) = snapshot.row_id(&hit.record.id)? else {
                continue;
            };
            if let (true, Some(row)) = (self.place.holds(id), self.place.shard.number_of(id.1)) {
                rows.push(row);
                own.push(hit);
            }
        }
        let lenders = lenders(&ranked.layout, self.reading, ranked, &rows);
        for (hit, lenders) in own.into_iter().zip(lenders) {
            for id in lenders.into_iter().filter_map(|row| self.place.shown(row)) {
                let record = snapshot.record(id)?;
                if let (Some(explanation), Some(record)) = (&mut hit.explanation, record) {
                    explanation.neighbours.push(record.id);
                }
            }
        }
        Ok(())
    }

    /// The most that the vector can add to a sum.
    fn most(&self) -> f32 {
        if self.centred.is_some() {
            self.weight.abs()
        } else {
            0.0
        }
    }
}

/// Completes a candidate's sum by its vector, unless it cannot be among the best any more.
fn complete(
    answering: &[Answering<'_>],
    candidate: Candidate,
    best: &mut Best,
    vector: &mut Vec<f32>,
    snapshot: &Snapshot,
) -> Result<()> {
    let one = &answering[candidate.place as usize];
    if candidate.sum + one.most() < best.floor() {
        return Ok(());
    }
    let chunk = &one.place.rows[candidate.rows as usize].chunk;
    let at = candidate.at as usize;
    let id = chunk.id(at);
    let mut sum = candidate.sum;
    let norm = chunk.mark(at).inverse_norm;
    if let Some(centred) = one.centred.as_ref().filter(|_| norm > 0.0) {
        if let Some(vector) = chunk.vector(at) {
            sum += one.weight * centred.cosine(vector, norm);
        } else if snapshot.find_vector(id, vector)? {
            sum += one.weight * centred.cosine(vector, norm);
        }
    }
    if sum >= one.floor {
        best.push(Scored {
            id,
            score: rounded(sum),
        });
    }
    Ok(())
}

/// A sum rounded to five decimals, so that a difference in the last bits of f32 is a tie.
fn rounded(sum: f32) -> f32 {
    ((f64::from(sum) * 1e5).round() / 1e5) as f32
}

/// The best `limit` of the rows with their records, best first, ties by id.
fn hits(
    query: &Query,
    question: &Question,
    answering: &[Answering<'_>],
    mut scored: Vec<Scored>,
    snapshot: &Snapshot,
) -> Result<Vec<Hit>> {
    let most = query.limit.saturating_add(TIES);
    if scored.len() > most {
        let first = |a: &Scored, b: &Scored| {
            let by_sum = b.score.total_cmp(&a.score);
            by_sum.then_with(|| a.id.cmp(&b.id))
        };
        scored.select_nth_unstable_by(most, first);
        scored.truncate(most);
    }
    let mut found = Vec::with_capacity(scored.len());
    for one in &scored {
        let known = answering
            .iter()
            .find_map(|one_of| one_of.place.known.get(&one.id));
        let record = known
            .cloned()
            .map_or_else(|| snapshot.record(one.id), |record| Ok(Some(record)))?;
        let record = record.ok_or_else(|| Error::Corrupt {
            path: "memfast.redb".into(),
            problem: format!("the record at {:?} is missing", one.id),
        })?;
        found.push((one, record));
    }
    found.sort_by(|a, b| {
        let by_sum = b.0.score.total_cmp(&a.0.score);
        by_sum.then_with(|| a.1.id.cmp(&b.1.id))
    });
    let mut hits = Vec::with_capacity(found.len().min(query.limit));
    for (one, record) in found {
        if hits.len() == query.limit {
            break;
        }
        let part = answering.iter().find(|part| part.place.holds(one.id));
        let Some(part) = part else { continue };
        let score = part.sums.common.score(one.score);
        if query.threshold.is_some_and(|threshold| score < threshold) {
            continue;
        }
        let explanation = query
            .explain
            .then(|| explain(query, question, part, one, &record, snapshot))
            .transpose()?;
        hits.push(Hit {
            record,
            score,
            explanation,
        });
    }
    if query.explain {
        for part in answering {
            part.name_neighbours(&mut hits, snapshot)?;
        }
    }
    Ok(hits)
}

fn explain(
    query: &Query,
    question: &Question,
    part: &Answering<'_>,
    one: &Scored,
    record: &Record,
    snapshot: &Snapshot,
) -> Result<Explanation> {
    let ranked = &part.place.ranked;
    let row = part.place.shard.number_of(one.id.1);
    let mut numbers = row
        .and_then(|row| part.sums.numbers(row))
        .unwrap_or_default();
    if let Some(centred) = &part.centred {
        let mut vector = Vec::new();
        if snapshot.find_vector(one.id, &mut vector)? {
            let norm = crate::shard::inverse_norm(&vector)?;
            let share = part.weight / query.weights.of(Number::Vector);
            numbers.set(Number::Vector, share * centred.cosine(&vector, norm));
        }
    }
    Ok(Explanation {
        sum: one.score,
        numbers,
        weights: query.weights,
        common: part.sums.common.0,
        words: shared_words(question, ranked.language, &record.text),
        neighbours: Vec::new(),
    })
}

/// Stems of the question that a text has.
fn shared_words(question: &Question, language: Language, text: &str) -> Vec<String> {
    let mut held = std::collections::HashSet::new();
    Stemmer::default().stems(text, language, |stem| {
        held.insert(stem.to_owned());
    });
    let mut stems = question.stems(language);
    stems.retain(|stem| held.contains(stem));
    stems
}
