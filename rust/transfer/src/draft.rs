//! A row on its way to a put: each part is checked as it is set, the whole when it is finished.

use memfast_core::fields::{FIELDS, Field, Parts, Set};
use memfast_core::ids::{brief, is_space};
use memfast_core::vector::kernels;
use memfast_core::{Existing, Kind, Metadata, Put, Scope};

use crate::cell::Cell;
use crate::error::{Error, Result};
use crate::mapping::Part;
use crate::{parts, vector};

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
    parts: Parts,
    keys: Metadata,
    vector: Vec<f32>,
}

impl Draft {
    /// Sets the vector.
    pub fn vector(&mut self, vector: Vec<f32>) {
        self.vector = vector;
    }

    /// Sets a part; null leaves it unset. The error says what is wrong with the cell.
    pub fn set(&mut self, part: &Part, cell: Cell) -> Result<(), String> {
        if cell.is_null() {
            return Ok(());
        }
        match part {
            Part::Field(field) if field.shares_name() => self.set_or_keep(field, cell)?,
            Part::Field(field) => self.set_field(field, cell)?,
            Part::Vector => self.vector = vector::of_value(cell.into_value())?,
            Part::Key(key) => {
                let value = cell.into_value();
                parts::finite(&value, key)?;
                self.keys.insert(key.clone(), value);
            }
            Part::Nothing => {}
        }
        Ok(())
    }

    fn set_field(&mut self, field: &Field, cell: Cell) -> Result<(), String> {
        let (name, to) = (field.name, &mut self.parts);
        match field.set {
            Set::Derived => {}
            Set::Text(set) => set(to, parts::text(cell, name)?),
            Set::MemoryId(set) => set(to, parts::memory_id(cell, name)?),
            Set::MemoryIds(set) => set(to, parts::memory_ids(cell, name)?),
            Set::ScopeId(set) => set(to, parts::scope_id(cell, name)?),
            Set::Name(set) => set(to, parts::name(cell, name)?),
            Set::Instant(set) => set(to, parts::instant(cell, name)?),
            Set::Day(set) => set(to, parts::day(cell, name)?),
            Set::Hashes(set) => set(to, parts::hashes(cell.into_value(), name)?),
            Set::Object(set) => set(to, parts::object(cell, name)?),
            Set::Kind(set) => set(to, parts::kind(cell, name)?),
            Set::Flag(set) => set(to, parts::flag(cell, name)?),
            Set::Share(set) => set(to, parts::share(cell, name)?),
            Set::Texts(set) => set(to, parts::texts(cell.into_value(), name)?),
        }
        Ok(())
    }

    /// Sets a field, or keeps what is not of its type as the metadata key of this name.
    fn set_or_keep(&mut self, field: &Field, cell: Cell) -> Result<(), String> {
        if self.set_field(field, cell.clone()).is_err() {
            let value = cell.into_value();
            parts::finite(&value, field.name)?;
            self.keys.insert(field.name.to_owned(), value);
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
        let Self {
            parts,
            mut keys,
            vector,
        } = self;
        let mut put = put_of(parts, vector);
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
            let identity = FIELDS.iter().filter(|field| field.is_identity());
            let named = identity.filter_map(|field| map.remove(field.name));
            left_out += named.count() as u64;
        }
        put.metadata.append(&mut keys);
        if put.vector.is_empty() {
            if !embeds && put.kind == Kind::Memory {
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

fn put_of(parts: Parts, vector: Vec<f32>) -> Put {
    let Parts {
        id,
        kind,
        scope,
        text,
        metadata,
        created_at,
        updated_at,
        provenance,
    } = parts;
    Put {
        id,
        kind,
        scope,
        text,
        vector,
        metadata,
        created_at,
        updated_at,
        provenance,
        ..Put::default()
    }
}
