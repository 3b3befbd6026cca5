//! Which column holds which part of a memory.

use std::collections::{HashMap, HashSet};

/// The part of a memory that a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
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
    /// Follows from the rest, or is no one's.
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
/// Follows from the text, and stands in what `export` and `search` give out.
const DERIVED: [&str; 2] = ["hash", "score"];
/// What pandas calls a table's index.
const INDEX: &str = "__index_level_";

#[derive(Debug)]
pub(super) struct Mapping {
    parts: HashMap<String, Part>,
    /// The columns that become metadata; all that hold nothing else where `None`.
    keys: Option<HashSet<String>>,
}

impl Mapping {
    /// `columns` names the column of a part where it is not called as the part is. A key that is no
    /// part is the error.
    pub(super) fn new(
        columns: &HashMap<String, String>,
        keys: Option<Vec<String>>,
    ) -> Result<Self, String> {
        let unknown = |name: &&String| !PARTS.iter().any(|(part, _)| part == name);
        if let Some(name) = columns.keys().find(unknown) {
            return Err(name.clone());
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

    pub(super) fn part(&self, column: &str) -> Part {
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

    /// Names of the parts, in the order of the documentation.
    pub(super) fn names() -> Vec<&'static str> {
        PARTS.iter().map(|(name, _)| *name).collect()
    }
}
