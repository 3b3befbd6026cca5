//! Search by words over the memories as they were known at a time.
//!
//! The versions that were stored then, of what has not been deleted since, are made a shard of their
//! own for the search: counts and neighbours are those of these versions.

use super::hybrid::Place;
use super::listed::{self, Listed};
use super::read::matches;
use super::search::reach;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::query::{Mode, Query};
use crate::shard::Part;
use crate::store::{Snapshot, decode_head, decode_record};
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
        listed::place(snapshot, part, versions, |head, record| {
            let in_scope = scopes
                .as_ref()
                .is_none_or(|scopes| scopes.get(head.scope as usize))
                && scope
                    .as_ref()
                    .is_none_or(|scope| Filter::matches(scope, record));
            in_scope && matches(&query.selection, head, record)
        })
    });
    places.collect()
}

/// The versions of a part that were stored at a time.
fn versions(snapshot: &Snapshot, part: Part, at: Micros) -> Result<Vec<Listed>> {
    let partitions = match part {
        Part::One(partition) => vec![partition],
        Part::All => snapshot.partitions()?,
    };
    let mut versions = Vec::new();
    for partition in partitions {
        snapshot.visit_at(Some(at), partition, 0, |row, bytes| {
            versions.push(Listed {
                id: (partition, row),
                head: decode_head(bytes)?,
                record: decode_record(bytes)?,
                vector: None,
            });
            Ok(true)
        })?;
    }
    Ok(versions)
}
