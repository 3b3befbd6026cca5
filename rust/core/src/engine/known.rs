//! Search by words over the memories as they were known at a time.
//!
//! The versions that were stored then, of what has not been deleted since, are made a shard of their
//! own for the search: counts and neighbours are those of these versions.

use std::collections::HashMap;
use std::sync::Arc;

use super::hybrid::Place;
use super::read::matches;
use super::scan::Rows;
use super::search::reach;
use crate::bits::Bits;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::query::{Mode, Query};
use crate::record::Record;
use crate::rowid::RowId;
use crate::shard::{Part, Reader, Shard};
use crate::store::{Head, Snapshot, decode_head, decode_record};
use crate::time::Micros;

/// Checks that a search asks for nothing that old versions do not have: vectors are kept of the
/// newest version alone.
pub(super) fn check(query: &Query) -> Result<()> {
    let by_vectors = query.mode != Mode::Lexical || query.adjustments.mmr.is_some();
    if query.selection.known_at.is_some() && by_vectors {
        return Err(Error::Invalid(
            "a search of what was known at a time goes by words: its mode must be lexical, without mmr"
                .to_owned(),
        ));
    }
    Ok(())
}

/// The parts that a query reaches, as they were known at a time.
pub(super) fn places(query: &Query, snapshot: &Snapshot, at: Micros) -> Result<Vec<Place>> {
    let (reach, scope) = reach(snapshot, &query.selection.scope)?;
    let places = reach.into_iter().map(|(part, scopes)| {
        let versions = versions(snapshot, part, at)?;
        place(query, snapshot, part, versions, |head, record| {
            scopes
                .as_ref()
                .is_none_or(|scopes| scopes.get(head.scope as usize))
                && scope
                    .as_ref()
                    .is_none_or(|scope| Filter::matches(scope, record))
        })
    });
    places.collect()
}

/// The versions of a part that were stored at a time, in the order of their rows.
fn versions(snapshot: &Snapshot, part: Part, at: Micros) -> Result<Vec<(RowId, Head, Record)>> {
    let partitions = match part {
        Part::One(partition) => vec![partition],
        Part::All => snapshot.partitions()?,
    };
    let mut versions = Vec::new();
    for partition in partitions {
        snapshot.visit_at(Some(at), partition, 0, |row, bytes| {
            let (head, record) = (decode_head(bytes)?, decode_record(bytes)?);
            versions.push(((partition, row), head, record));
            Ok(true)
        })?;
    }
    versions.sort_unstable_by_key(|(id, ..)| id.1);
    Ok(versions)
}

fn place(
    query: &Query,
    snapshot: &Snapshot,
    part: Part,
    versions: Vec<(RowId, Head, Record)>,
    in_scope: impl Fn(&Head, &Record) -> bool,
) -> Result<Place> {
    let shard = Shard::without_vectors(versions.iter().map(|(id, head, _)| (*id, *head)));
    let mut rows = Vec::new();
    let mut from = 0;
    for chunk in shard.chunks() {
        let mut chosen = Bits::none(chunk.len());
        for (at, (_, head, record)) in versions.iter().skip(from).take(chunk.len()).enumerate() {
            let shown = in_scope(head, record) && matches(&query.selection, head, record);
            chosen.set(at, shown);
        }
        rows.extend(Rows::new(Arc::clone(chunk), from as u32, chosen));
        from += chunk.len();
    }
    let known: HashMap<RowId, Record> = versions
        .into_iter()
        .map(|(id, _, record)| (id, record))
        .collect();
    let record = |id: RowId| Ok(known.get(&id).cloned());
    let vector = |_: RowId| Ok(None);
    let row_of = |id: &str| Ok(snapshot.row_id(id)?.map(|(_, row)| row));
    let ranked = shard.ranked(&Reader {
        record: &record,
        vector: &vector,
        row_of: &row_of,
    })?;
    Ok(Place {
        part,
        shard: Arc::new(shard),
        ranked,
        rows,
        known,
    })
}
