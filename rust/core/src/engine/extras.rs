//! What a commit brings for shards that keep words: read from the snapshots on both sides of it.

use std::collections::HashSet;

use super::Inner;
use crate::error::Result;
use crate::rowid::RowId;
use crate::shard::{Extra, Extras, Part, Spoken, inverse_norm};
use crate::store::{RowChange, RowChanges, Snapshot};
use crate::text::{Language, Stemmer};

/// Row changes of a commit up to which words are kept up with it. After a larger one the chunks
/// that it touched make theirs again when they are next ranked.
const MOST: usize = 256;

impl Inner {
    /// Languages in which the shards of a partition keep words.
    fn languages(&self, partition: u32) -> Vec<Language> {
        let state = self.state.read();
        let parts = [Part::One(partition), Part::All];
        let shards = parts.iter().filter_map(|part| state.shards.peek(*part));
        let mut languages: Vec<Language> = shards.flat_map(|shard| shard.languages()).collect();
        languages.dedup();
        languages
    }

    /// Reads the extras of a commit. A failure to read costs no more than that the words are made
    /// again.
    pub(super) fn extras(
        &self,
        before: &Snapshot,
        after: &Snapshot,
        changes: &RowChanges,
    ) -> Extras {
        let mut extras = Extras::default();
        if changes.len() > MOST {
            return extras;
        }
        let mut known: Option<(u32, Vec<Language>)> = None;
        let mut stemmer = Stemmer::default();
        let mut seen: HashSet<RowId> = HashSet::new();
        for (partition, change) in changes {
            if known.as_ref().is_none_or(|(of, _)| of != partition) {
                known = Some((*partition, self.languages(*partition)));
            }
            let languages = known.as_ref().map_or(&[][..], |(_, languages)| languages);
            let (RowChange::Push { row, .. }
            | RowChange::Set { row, .. }
            | RowChange::Remove { row }) = change;
            let id = (*partition, *row);
            if languages.is_empty() || !seen.insert(id) {
                continue;
            }
            let extra = extra(before, after, id, languages, &mut stemmer);
            extras.insert(id, extra.unwrap_or_default());
        }
        extras
    }
}

fn extra(
    before: &Snapshot,
    after: &Snapshot,
    id: RowId,
    languages: &[Language],
    stemmer: &mut Stemmer,
) -> Result<Extra> {
    let mut extra = Extra::default();
    let mut vector = Vec::new();
    if before.head(id)?.is_some() && before.find_vector(id, &mut vector)? {
        extra.before = Some((inverse_norm(&vector)?, vector));
    }
    if let Some(record) = after.record(id)? {
        let row_of = |id: &str| Ok(after.row_id(id)?.map(|(_, row)| row));
        for language in languages {
            extra
                .spoken
                .push(Spoken::of(&record, *language, stemmer, &row_of)?);
        }
    }
    Ok(extra)
}
