//! Which column holds which part of a memory.

use std::collections::{HashMap, HashSet};

use memfast_core::ids::brief;

use crate::error::{Error, Result};

#[allow(missing_docs)] // a variant is the field of its name
/// The part of a memory that a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Id,
    Memory,
    Vector,
    /// An object, or the JSON text of one.
    Metadata,
    UserId,
    AgentId,
    RunId,
    ActorId,
    Role,
    MemoryType,
    CreatedAt,
    UpdatedAt,
    EventTime,
    ValidFrom,
    ValidTo,
    ExpirationDate,
    SupersededBy,
    SourceHashes,
    Origin,
    Kind,
    Categories,
    /// One key of the metadata.
    Key(String),
    /// Nothing of a memory: it is derived, or no one asked for it.
    Nothing,
}

const PARTS: [(&str, Part); 21] = [
    ("id", Part::Id),
    ("memory", Part::Memory),
    ("vector", Part::Vector),
    ("metadata", Part::Metadata),
    ("user_id", Part::UserId),
    ("agent_id", Part::AgentId),
    ("run_id", Part::RunId),
    ("actor_id", Part::ActorId),
    ("role", Part::Role),
    ("memory_type", Part::MemoryType),
    ("created_at", Part::CreatedAt),
    ("updated_at", Part::UpdatedAt),
    ("event_time", Part::EventTime),
    ("valid_from", Part::ValidFrom),
    ("valid_to", Part::ValidTo),
    ("expiration_date", Part::ExpirationDate),
    ("superseded_by", Part::SupersededBy),
    ("source_hashes", Part::SourceHashes),
    ("origin", Part::Origin),
    ("kind", Part::Kind),
    ("categories", Part::Categories),
];
/// Columns of exports and search results that follow from other parts.
const DERIVED: [&str; 2] = ["hash", "score"];
/// The prefix of index columns that pandas writes.
const INDEX: &str = "__index_level_";

/// Which part of a memory each column holds.
#[derive(Debug)]
pub struct Mapping {
    parts: HashMap<String, Part>,
    /// The columns that become metadata; `None` for all that hold no part.
    keys: Option<HashSet<String>>,
}

impl Mapping {
    /// `columns` maps a part to its column where their names differ. `keys` are the columns that
    /// become metadata; `None` for all that hold no part.
    pub fn new(columns: &HashMap<String, String>, keys: Option<Vec<String>>) -> Result<Self> {
        let unknown = |name: &&String| !PARTS.iter().any(|(part, _)| part == name);
        if let Some(name) = columns.keys().find(unknown) {
            return Err(Error::Invalid(format!(
                "columns: {:?} is not a part of a memory; known are {}",
                brief(name),
                Self::names().join(", ")
            )));
        }
        let parts = PARTS
            .iter()
            .filter(|(name, _)| keys.is_none() || *name != "metadata");
        let parts = parts.map(|(name, part)| {
            let column = columns.get(*name).map_or(*name, String::as_str);
            (column.to_owned(), part.clone())
        });
        Ok(Self {
            parts: parts.collect(),
            keys: keys.map(|keys| keys.into_iter().collect()),
        })
    }

    /// The part that a column holds.
    #[must_use]
    pub fn part(&self, column: &str) -> Part {
        if let Some(part) = self.parts.get(column) {
            return part.clone();
        }
        let wanted = match &self.keys {
            Some(keys) => keys.contains(column),
            None => !DERIVED.contains(&column) && !column.starts_with(INDEX),
        };
        if wanted {
            Part::Key(column.to_owned())
        } else {
            Part::Nothing
        }
    }

    /// The names of the parts.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        PARTS.iter().map(|(name, _)| *name).collect()
    }
}
