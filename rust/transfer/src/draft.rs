//! A row on its way to a put: each part is checked as it is set, the whole when it is finished.

use memfast_core::ids::{brief, is_space};
use memfast_core::vector::kernels;
use memfast_core::{Existing, Metadata, Put, Scope};

use crate::cell::Cell;
use crate::error::{Error, Result};
use crate::mapping::Part;
use crate::{parts, vector};

/// Metadata keys that would change an identity; they are left out.
const IDENTITY: [&str; 4] = ["user_id", "agent_id", "run_id", "actor_id"];

/// What happens to a row that the store holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// Rows with a stored id are skipped; rows without an id are skipped if their text is stored.
    Id,
    /// As `Id`, and rows with an id are skipped if their text is stored.
    Hash,
    /// A stored id is an error; texts may repeat.
    Fail,
}

impl Conflict {
    /// The choice of a name: `id`, `hash` or `fail`.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "id" => Ok(Self::Id),
            "hash" => Ok(Self::Hash),
            "fail" => Ok(Self::Fail),
            other => Err(Error::Invalid(format!(
                "on_conflict must be \"id\", \"hash\" or \"fail\", not {:?}",
                brief(other)
            ))),
        }
    }

    fn existing(self, has_id: bool) -> Existing {
        match self {
            Self::Id if has_id => Existing::KeepId,
            Self::Id | Self::Hash => Existing::KeepText,
            Self::Fail => Existing::Refuse,
        }
    }
}

/// The parts of a row that were set so far.
#[derive(Debug, Default)]
pub struct Draft {
    put: Put,
    keys: Metadata,
}

impl Draft {
    /// Sets the vector.
    pub fn vector(&mut self, vector: Vec<f32>) {
        self.put.vector = vector;
    }

    /// Sets a part; null leaves it unset. The error says what is wrong with the cell.
    pub fn set(&mut self, part: &Part, cell: Cell) -> Result<(), String> {
        if cell.is_null() {
            return Ok(());
        }
        let put = &mut self.put;
        let from = &mut put.provenance;
        match part {
            Part::Id => put.id = Some(parts::memory_id(&parts::name(cell, "id")?)?),
            Part::Memory => put.text = parts::text(cell, "memory")?,
            Part::Vector => put.vector = vector::of_value(cell.into_value())?,
            Part::Metadata => put.metadata = parts::metadata(cell)?,
            Part::UserId => put.scope.user_id = Some(parts::scope_id("user_id", cell)?),
            Part::AgentId => put.scope.agent_id = Some(parts::scope_id("agent_id", cell)?),
            Part::RunId => put.scope.run_id = Some(parts::scope_id("run_id", cell)?),
            Part::ActorId => from.actor_id = Some(parts::text(cell, "actor_id")?),
            Part::Role => from.role = Some(parts::text(cell, "role")?),
            Part::MemoryType => from.memory_type = Some(parts::text(cell, "memory_type")?),
            Part::CreatedAt => put.created_at = Some(parts::instant(cell, "created_at")?),
            Part::UpdatedAt => put.updated_at = Some(parts::instant(cell, "updated_at")?),
            Part::EventTime => from.event_at = Some(parts::instant(cell, "event_time")?),
            Part::ValidFrom => from.valid_from = Some(parts::instant(cell, "valid_from")?),
            Part::ValidTo => from.valid_to = Some(parts::instant(cell, "valid_to")?),
            Part::ExpirationDate => from.expires_on = Some(parts::day(cell)?),
            Part::SupersededBy => from.superseded_by = Some(parts::name(cell, "superseded_by")?),
            Part::SourceHashes => from.source_hashes = parts::hashes(cell.into_value())?,
            Part::Origin => from.origin = Some(parts::text(cell, "origin")?),
            Part::Kind => put.kind = parts::kind(cell)?,
            Part::Categories => match parts::categories(cell.into_value()) {
                Ok(categories) => from.categories = categories,
                // A metadata key of this name.
                Err(value) => {
                    parts::finite(&value, "categories")?;
                    self.keys.insert("categories".to_owned(), value);
                }
            },
            Part::Key(key) => {
                let value = cell.into_value();
                parts::finite(&value, key)?;
                self.keys.insert(key.clone(), value);
            }
            Part::Nothing => {}
        }
        Ok(())
    }

    /// The put, and how many metadata keys were left out because they name an identity; the error
    /// says why it cannot be stored.
    ///
    /// `default` has the ids for what the row leaves out. The vector must have `dim` components;
    /// where that is 0, the first vector sets it.
    pub(crate) fn finish(
        self,
        default: &Scope,
        conflict: Conflict,
        embeds: bool,
        dim: &mut usize,
    ) -> Result<(Put, u64), String> {
        let Self { mut put, mut keys } = self;
        if put.text.chars().all(is_space) {
            return Err("no memory text".to_owned());
        }
        let scope = &mut put.scope;
        for (own, default) in [
            (&mut scope.user_id, &default.user_id),
            (&mut scope.agent_id, &default.agent_id),
            (&mut scope.run_id, &default.run_id),
        ] {
            if own.is_none() {
                own.clone_from(default);
            }
        }
        if scope.is_empty() {
            return Err("no scope: one of user_id, agent_id and run_id is needed".to_owned());
        }
        let mut left_out = 0;
        for map in [&mut put.metadata, &mut keys] {
            let named = IDENTITY.iter().filter_map(|key| map.remove(*key));
            left_out += named.count() as u64;
        }
        put.metadata.append(&mut keys);
        if put.vector.is_empty() {
            if !embeds {
                return Err("no vector, and the memory has no embedder".to_owned());
            }
        } else {
            let want = if *dim == 0 { put.vector.len() } else { *dim };
            kernels::check(0, &put.vector, want).map_err(|error| {
                if let memfast_core::Error::Vector { problem, .. } = &error {
                    format!("vector: {problem}")
                } else {
                    error.to_string()
                }
            })?;
            *dim = want;
        }
        put.existing = conflict.existing(put.id.is_some());
        Ok((put, left_out))
    }
}
