//! Copies of a fact: each run of a user keeps its own, and a search over several runs finds the
//! newest.
//!
//! Copies are facts of one user and agent with the same text and the same end, in several runs. The
//! answer is that of a search over a selection without the older ones. The rows of each text that
//! is found are looked up among all that the selection shows; over several users only the
//! memories found are compared.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Inner;
use super::scan::Rows;
use crate::error::Result;
use crate::filter::{ScopeQuery, Select};
use crate::query::{Hit, Input, Query, Selection};
use crate::record::{CountsAs, Kind, Record, Scope};
use crate::rowid::RowId;
use crate::store::{Snapshot, mark_of};
use crate::time::Micros;

/// User, agent, text and end.
type Key = (Option<String>, Option<String>, [u8; 16], Option<Micros>);

/// Bits of a set of marks that tells most texts apart.
const BITS: u32 = 4096;

/// What is known of the copies of the memories found.
#[derive(Default)]
struct Known {
    looked_up: HashSet<Key>,
    /// Ids of copies that are not the newest.
    older: HashSet<String>,
}

impl Inner {
    /// The best memories of a selection, of copies the newest; `None` if a commit came between.
    pub(super) fn search(
        &self,
        query: &Query,
        inputs: &[Input],
        snapshot: &Arc<Snapshot>,
    ) -> Result<Option<Vec<Vec<Hit>>>> {
        let selection = &query.selection;
        let limit = query.limit;
        if limit == 0 || selection.known_at.is_some() || only_run(&selection.scope) {
            return self.search_rows(query, inputs, snapshot);
        }
        let (mut known, mut fetched) = (Known::default(), limit);
        loop {
            let wider = Query {
                limit: fetched,
                ..query.clone()
            };
            let Some(mut answers) = self.search_rows(&wider, inputs, snapshot)? else {
                return Ok(None);
            };
            let full: Vec<bool> = answers.iter().map(|hits| hits.len() >= fetched).collect();
            if !self.drop_older(&mut answers, limit, &mut known, selection, snapshot)? {
                return Ok(None);
            }
            let mut each = answers.iter().zip(full);
            if !each.any(|(hits, full)| full && hits.len() < limit) {
                for hits in &mut answers {
                    hits.truncate(limit);
                }
                return Ok(Some(answers));
            }
            fetched = fetched
                .saturating_add(known.older.len())
                .max(fetched.saturating_mul(2));
        }
    }

    /// Leaves older copies out of answers; `false` if a commit came between.
    fn drop_older(
        &self,
        answers: &mut [Vec<Hit>],
        limit: usize,
        known: &mut Known,
        selection: &Selection,
        snapshot: &Snapshot,
    ) -> Result<bool> {
        if !one_partition(&selection.scope) {
            let found = answers.iter().flatten().map(|hit| &hit.record);
            let mut copies = Copies::default();
            for record in found.filter(|record| may_have_copies(record)) {
                if let Some(id) = snapshot.row_id(&record.id)? {
                    copies.take(id, record);
                }
            }
            known.older.extend(copies.older());
            drop_all(answers, &known.older);
            return Ok(true);
        }
        loop {
            drop_all(answers, &known.older);
            // Those that are left out bring up others.
            let shown = answers.iter().flat_map(|hits| hits.iter().take(limit));
            let fresh: HashMap<Key, &Record> = shown
                .map(|hit| &hit.record)
                .filter(|record| may_have_copies(record))
                .map(|record| (key_of(record), record))
                .filter(|(key, _)| !known.looked_up.contains(key))
                .collect();
            let Some(record) = fresh.values().next() else {
                return Ok(true);
            };
            if snapshot.has_scopes(&record.scope)? {
                let Some(parts) = self.parts(selection, snapshot)? else {
                    return Ok(false);
                };
                let marks = fresh.values().map(|record| mark_of(&record.hash));
                let mut copies = Copies::default();
                for id in rows_marked(&parts, &marks.collect::<Vec<_>>()) {
                    let record = snapshot.record(id)?;
                    let record = record.filter(may_have_copies);
                    if let Some(record) = record.filter(|one| fresh.contains_key(&key_of(one))) {
                        copies.take(id, &record);
                    }
                }
                known.older.extend(copies.older());
            }
            known.looked_up.extend(fresh.into_keys());
        }
    }
}

fn drop_all(answers: &mut [Vec<Hit>], older: &HashSet<String>) {
    if !older.is_empty() {
        for hits in answers {
            hits.retain(|hit| !older.contains(&hit.record.id));
        }
    }
}

/// When a copy was stored, its row, its id and its run.
type Copy = (Micros, RowId, String, Option<String>);

#[derive(Default)]
struct Copies(HashMap<Key, Vec<Copy>>);

impl Copies {
    fn take(&mut self, id: RowId, record: &Record) {
        let run = record.scope.run_id.clone();
        let copy = (record.created_at, id, record.id.clone(), run);
        self.0.entry(key_of(record)).or_default().push(copy);
    }

    /// Ids of those in other runs than the newest.
    fn older(self) -> impl Iterator<Item = String> {
        self.0.into_values().flat_map(|copies| {
            let newest = copies.iter().max().map(|(_, _, _, run)| run.clone());
            let others = copies.into_iter();
            others.filter_map(move |(_, _, id, run)| (Some(run) != newest).then_some(id))
        })
    }
}

/// The rows whose texts have one of some marks.
fn rows_marked(parts: &[Rows], marks: &[u32]) -> Vec<RowId> {
    let mut bits = [0_u64; BITS as usize / 64];
    for mark in marks {
        let at = mark % BITS;
        bits[at as usize / 64] |= 1 << (at % 64);
    }
    let mut found = Vec::new();
    for part in parts {
        for at in part.chosen.iter() {
            let mark = part.chunk.head(at).mark;
            let low = mark % BITS;
            if bits[low as usize / 64] >> (low % 64) & 1 == 1 && marks.contains(&mark) {
                found.push(part.chunk.id(at));
            }
        }
    }
    found
}

/// Whether a scope query names one run at most.
fn only_run(scope: &ScopeQuery) -> bool {
    match &scope.run {
        Select::Any => false,
        Select::Absent => true,
        Select::In(runs) => runs.len() < 2,
    }
}

/// Whether a scope query reaches one partition at most.
fn one_partition(scope: &ScopeQuery) -> bool {
    match (&scope.user, &scope.agent) {
        (Select::In(users), _) => users.len() < 2,
        (Select::Absent, Select::In(agents)) => agents.len() < 2,
        _ => false,
    }
}

fn may_have_copies(record: &Record) -> bool {
    record.kind == Kind::Memory && record.counts_as() == CountsAs::Fact
}

fn key_of(record: &Record) -> Key {
    let Scope {
        user_id, agent_id, ..
    } = &record.scope;
    let end = record.provenance.valid_to;
    (user_id.clone(), agent_id.clone(), record.hash, end)
}
