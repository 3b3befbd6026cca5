//! Search: scope, filter to an exact set of rows, best rows, records.

use std::sync::Arc;

use rayon::prelude::*;

use super::adjust;
use super::approx::row_set;
use super::best::Scored;
use super::known;
use super::scan::{PARALLEL_BYTES, Prepared, Probe, Rows, best, select};
use super::{Engine, Inner};
use crate::bits::Bits;
use crate::error::{Error, Result};
use crate::filter::{Field, Filter, Op, Operand, ScopeQuery, Select};
use crate::ids;
use crate::query::{Hit, Input, Mode, Query, Selection};
use crate::record::Value;
use crate::shard::Part;
use crate::store::{Snapshot, Target};
use crate::threads;
use crate::vector::kernels;

/// Scopes from which a search takes whole partitions, or the whole store, and filters memories by
/// their ids instead.
const MANY: usize = 64;

impl Engine {
    /// The memories of a selection that best answer the input, best first; equal ones by id.
    pub fn search(&self, query: &Query) -> Result<Vec<Hit>> {
        let hits = self.search_many(query, std::slice::from_ref(&query.input))?;
        Ok(hits.into_iter().next().unwrap_or_default())
    }

    /// The answers to several inputs, as [`Engine::search`] gives them, in one pass.
    /// `query.input` is ignored.
    pub fn search_many(&self, query: &Query, inputs: &[Input]) -> Result<Vec<Vec<Hit>>> {
        let inner = self.inner()?;
        loop {
            // A commit between taking the snapshot and its shards makes them differ; take both
            // again.
            let hits = inner.read(|snapshot| inner.adjusted(query, inputs, snapshot))?;
            if let Some(hits) = hits {
                return Ok(hits);
            }
        }
    }

    /// How many candidates a search by text and vector ranks: the nearest by their vectors. `None`
    /// for one that ranks every memory, as all do inside a partition, over up to 100,000 memories,
    /// and with `exact`.
    pub fn candidates(&self, query: &Query) -> Result<Option<usize>> {
        let inner = self.inner()?;
        inner.read(|snapshot| inner.candidates(query, snapshot))
    }

    /// Rows that a search of a scope scans, if all of them are in memory, with their words where
    /// it goes by words; `None` if some must be read first.
    pub fn rows_in_memory(&self, scope: &ScopeQuery, by_words: bool) -> Result<Option<usize>> {
        let inner = self.inner()?;
        let (reach, _) = inner.read(|snapshot| reach(snapshot, scope))?;
        let state = inner.state.read();
        let rows = |(part, _): &(Part, _)| {
            let shard = state.shards.get(*part)?;
            let ready = !by_words || shard.is_ranked();
            ready.then(|| shard.rows())
        };
        Ok(reach.iter().map(rows).sum())
    }
}

impl Inner {
    /// Searches for more where adjustments may change the order.
    fn adjusted(
        &self,
        query: &Query,
        inputs: &[Input],
        snapshot: &Arc<Snapshot>,
    ) -> Result<Option<Vec<Vec<Hit>>>> {
        let adjustments = &query.adjustments;
        if adjustments.is_none() {
            return self.search(query, inputs, snapshot);
        }
        let wider = Query {
            limit: adjust::fetched(adjustments, query.limit),
            ..query.clone()
        };
        let Some(answers) = self.search(&wider, inputs, snapshot)? else {
            return Ok(None);
        };
        let answers = answers.into_iter();
        let adjusted = answers.map(|hits| adjust::adjust(adjustments, hits, query.limit, snapshot));
        adjusted.collect::<Result<_>>().map(Some)
    }

    /// The best rows of a selection, older copies among them; `None` if a commit came between.
    pub(super) fn search_rows(
        &self,
        query: &Query,
        inputs: &[Input],
        snapshot: &Arc<Snapshot>,
    ) -> Result<Option<Vec<Vec<Hit>>>> {
        known::check(query)?;
        let units = self.units(query, inputs, snapshot)?;
        if query.limit == 0 {
            return Ok(Some(vec![Vec::new(); inputs.len()]));
        }
        let has_text = inputs.iter().all(|input| input.text.is_some());
        if query.mode != Mode::Semantic && has_text {
            return match self.candidates(query, snapshot)? {
                Some(count) if units.iter().all(Option::is_some) => {
                    self.by_candidates(query, count, inputs, &units, snapshot)
                }
                _ => self.by_words(query, inputs, &units, snapshot),
            };
        }
        let probes = units
            .into_iter()
            .map(|unit| {
                let unit = unit.ok_or_else(|| {
                    Error::Invalid(
                        "a semantic search needs a vector: nothing here embeds its text".to_owned(),
                    )
                })?;
                Ok(Probe::new(unit, query.limit, query.threshold))
            })
            .collect::<Result<Vec<_>>>()?;
        let selection = &query.selection;
        if selection.names_all()
            && self.prefers_index(query, snapshot.records_len as usize, snapshot)
        {
            let answers = self.by_index(query, &probes, snapshot, None)?;
            if answers.is_some() {
                return Ok(answers);
            }
        }
        let Some(parts) = self.parts(selection, snapshot)? else {
            return Ok(None);
        };
        let count: usize = parts.iter().map(Rows::count).sum();
        if self.prefers_index(query, count, snapshot) {
            let allowed = row_set(&parts, snapshot.counters.row);
            let answers = self.by_index(query, &probes, snapshot, Some(&allowed))?;
            if answers.is_some() {
                return Ok(answers);
            }
        }
        let answer = |probe: &Probe| {
            let scored = best(snapshot, probe, &parts)?;
            hits(snapshot, &scored, query.limit)
        };
        // Each core takes whole queries rather than a share of each, if that is worth waking it.
        let work = count * snapshot.identity.embedder.dim * probes.len();
        let answers: Result<Vec<_>> = threads::spread(
            probes.len() > 1 && work >= PARALLEL_BYTES,
            &probes,
            |probes| probes.par_iter().map(answer).collect(),
            |probes| probes.iter().map(answer).collect(),
        );
        answers.map(Some)
    }

    /// The answers of the approximate index; `None` if it cannot answer.
    fn by_index(
        &self,
        query: &Query,
        probes: &[Probe],
        snapshot: &Snapshot,
        allowed: Option<&Bits>,
    ) -> Result<Option<Vec<Vec<Hit>>>> {
        let answer = |probe: &Probe| {
            let scored = self.nearest(query, probe, snapshot, allowed)?;
            scored
                .map(|scored| hits(snapshot, &scored, query.limit))
                .transpose()
        };
        threads::spread(
            probes.len() > 1,
            probes,
            |probes| probes.par_iter().map(answer).collect(),
            |probes| probes.iter().map(answer).collect(),
        )
    }
}

impl Inner {
    /// The vectors of inputs, checked and scaled to length 1; `None` for a text that cannot be
    /// embedded here, or need not be.
    fn units(
        &self,
        query: &Query,
        inputs: &[Input],
        snapshot: &Snapshot,
    ) -> Result<Vec<Option<Vec<f32>>>> {
        let identity = &snapshot.identity;
        if let Some(given) = query.space.filter(|space| *space != identity.space) {
            return Err(Error::Space {
                given,
                current: identity.space,
            });
        }
        let embeds = inputs.iter().any(|input| input.vector.is_none());
        let table = if embeds && query.mode != Mode::Lexical {
            self.lexicon.table(&identity.embedder)?
        } else {
            None
        };
        let unit = |(index, input): (usize, &Input)| {
            if query.mode == Mode::Lexical {
                return Ok(None);
            }
            let embedded;
            let vector = match (&input.vector, &input.text, &table) {
                (Some(vector), ..) => vector,
                (None, Some(text), Some(table)) => {
                    embedded = table.embed(&[text]);
                    &embedded
                }
                _ => return Ok(None),
            };
            // A store that has no vector yet has no dimension to check against.
            let dim = if identity.embedder.dim == 0 {
                vector.len()
            } else {
                identity.embedder.dim
            };
            let checked = kernels::check(index, vector, dim);
            if checked.is_err() && input.vector.is_none() {
                return Ok(None); // an empty text
            }
            let inverse_norm = checked?;
            Ok(Some(
                vector.iter().map(|value| value * inverse_norm).collect(),
            ))
        };
        inputs.iter().enumerate().map(unit).collect()
    }

    /// The rows that a selection holds; `None` if a commit came between.
    pub(super) fn parts(
        &self,
        selection: &Selection,
        snapshot: &Snapshot,
    ) -> Result<Option<Vec<Rows>>> {
        let (reach, scope) = reach(snapshot, &selection.scope)?;
        let filters: Vec<Prepared<'_>> = scope
            .iter()
            .chain(&selection.filter)
            .map(Prepared::new)
            .collect();
        let mut parts = Vec::new();
        for (part, scopes) in reach {
            let Some(shard) = self.view(snapshot, part)? else {
                return Ok(None);
            };
            let (scopes, before) = (scopes.as_ref(), shard.bytes());
            parts.extend(select(snapshot, &shard, selection, scopes, &filters)?);
            if shard.bytes() != before {
                self.recharge(part);
            }
        }
        Ok(Some(parts))
    }
}

/// Parts to search, each with the numbers of its selected scopes; `None` for all.
pub(super) type Reach = Vec<(Part, Option<Bits>)>;

/// The parts that can hold memories of a scope query, and a filter that excludes all others in
/// them.
pub(super) fn reach(snapshot: &Snapshot, scope: &ScopeQuery) -> Result<(Reach, Option<Filter>)> {
    if let Some(targets) = snapshot.few_targets(scope, MANY)? {
        let parts = targets
            .iter()
            .map(|target| (Part::One(target.0), scopes(target)));
        return Ok((parts.collect(), None));
    }
    let parts = match &scope.user {
        Select::In(users) if users.len() < MANY => {
            let partitions = snapshot.partitions_of(users.iter())?;
            partitions.into_iter().map(Part::One).collect()
        }
        Select::In(_) | Select::Any | Select::Absent => vec![Part::All],
    };
    let parts = parts.into_iter().map(|part| (part, None));
    Ok((parts.collect(), scope_filter(scope)))
}

/// The numbers of a target's scopes as a set; `None` if all of the partition's are selected.
fn scopes(target: &Target) -> Option<Bits> {
    let scopes = target.1.as_ref()?;
    let len = scopes.iter().max().map_or(0, |most| *most as usize + 1);
    let mut bits = Bits::none(len);
    for scope in scopes {
        bits.set(*scope as usize, true);
    }
    Some(bits)
}

/// A scope query as a filter; `None` for one that names all scopes.
fn scope_filter(scope: &ScopeQuery) -> Option<Filter> {
    let fields = ids::SCOPE_IDS.into_iter().map(Field::named);
    let conditions: Vec<Filter> = fields
        .zip([&scope.user, &scope.agent, &scope.run])
        .filter_map(|(field, select)| match select {
            Select::Any => None,
            Select::Absent => Some(Filter::Not(vec![Filter::Condition {
                field,
                op: Op::Exists,
            }])),
            Select::In(ids) => {
                let ids = ids
                    .iter()
                    .map(|id| Operand::Value(Value::Text(id.clone())))
                    .collect();
                Some(Filter::Condition {
                    field,
                    op: Op::In(ids),
                })
            }
        })
        .collect();
    (!conditions.is_empty()).then_some(Filter::And(conditions))
}

/// The best `limit` of the scored rows with their records, best first, ties by id.
fn hits(snapshot: &Snapshot, scored: &[Scored], limit: usize) -> Result<Vec<Hit>> {
    let mut hits = Vec::with_capacity(scored.len());
    for one in scored {
        let record = snapshot.record(one.id)?.ok_or_else(|| Error::Corrupt {
            path: "memfast.redb".into(),
            problem: format!("the record at {:?} is missing", one.id),
        })?;
        hits.push(Hit {
            record,
            score: one.score,
            explanation: None,
        });
    }
    hits.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| a.record.id.cmp(&b.record.id))
    });
    hits.truncate(limit);
    // Negative cosines keep their order but are returned as 0: nothing in common.
    for hit in &mut hits {
        hit.score = hit.score.clamp(0.0, 1.0);
    }
    Ok(hits)
}
