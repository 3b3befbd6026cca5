//! Which column holds which part of a memory.

use std::collections::{HashMap, HashSet};

use memfast_core::fields::{FIELDS, Field, Set};
use memfast_core::ids::brief;

use crate::error::{Error, Result};

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A field of the memory.
    Field(&'static Field),
    /// The vector.
    Vector,
    /// One key of the metadata.
    Key(String),
    /// Nothing of a memory: it is derived, or no one asked for it.
    Nothing,
}

impl Part {
    /// The part of this name; `None` if it is not a part of a memory.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if name == VECTOR {
            return Some(Self::Vector);
        }
        let field = Field::named(name).filter(|field| !matches!(field.set, Set::Derived));
        field.map(Self::Field)
    }
}

/// The column of the vectors.
pub(crate) const VECTOR: &str = "vector";
/// A column of search results that is not a part of the memory.
const SCORE: &str = "score";
/// The column of a time that `add` takes under this name, and its part.
const TIMESTAMP: (&str, &str) = ("timestamp", "said_at");
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
        if let Some(name) = columns.keys().find(|name| Part::named(name).is_none()) {
            return Err(Error::Invalid(format!(
                "columns: {:?} is not a part of a memory; known are {}",
                brief(name),
                Self::names().join(", ")
            )));
        }
        let names = Self::names().into_iter();
        let parts = names
            .filter(|name| keys.is_none() || *name != "metadata")
            .filter_map(|name| {
                let column = columns.get(name).map_or(name, String::as_str);
                Some((column.to_owned(), Part::named(name)?))
            });
        let mut parts: HashMap<String, Part> = parts.collect();
        let (column, part) = TIMESTAMP;
        let wanted = keys
            .as_ref()
            .is_some_and(|keys| keys.iter().any(|key| key == column));
        if !wanted
            && !columns.contains_key(part)
            && let Some(part) = Part::named(part)
        {
            parts.entry(column.to_owned()).or_insert(part);
        }
        Ok(Self {
            parts,
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
            None => column != SCORE && Field::named(column).is_none() && !column.starts_with(INDEX),
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
        let fields = FIELDS.iter().map(|field| field.name);
        let parts = fields.filter(|name| Part::named(name).is_some());
        parts.chain([VECTOR]).collect()
    }
}
