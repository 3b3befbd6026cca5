//! Bytes of stored structs: each field that is not empty behind its tag.
//!
//! A row without a field is read with the field empty, so that a new field leaves older rows as
//! they are. A tag that is not known is damage: a store whose format is newer is not opened.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A struct whose bytes lie in a table.
pub(super) trait Stored: Sized {
    /// Its name and, line by line, the tag, name and type of each field.
    #[cfg(test)]
    const LAYOUT: &'static str;

    /// Appends its bytes.
    fn write(&self, bytes: Vec<u8>) -> Result<Vec<u8>>;

    /// The struct that has these bytes.
    fn read(bytes: &[u8]) -> Result<Self>;

    fn to_bytes(&self) -> Result<Vec<u8>> {
        self.write(Vec::new())
    }
}

/// Implements [`Stored`]: the struct, its name in errors, a pattern that names all its fields, and
/// the tag and type of each that is stored. A tag is never used for two fields, not even one after
/// the other; a field with another type gets another tag.
macro_rules! stored {
    (
        $name:ident, $what:literal, $pattern:pat,
        { $($tag:literal => $field:ident: $type:ty),+ $(,)? }
    ) => {
        impl $crate::store::stored::Stored for $name {
            #[cfg(test)]
            const LAYOUT: &'static str = concat!(
                stringify!($name),
                $("\n  ", stringify!($tag), " ", stringify!($field), ": ", stringify!($type)),+
            );

            fn write(&self, mut bytes: Vec<u8>) -> $crate::error::Result<Vec<u8>> {
                let $pattern = self;
                $(bytes = $crate::store::stored::write_field::<$type>(bytes, $tag, $field)?;)+
                Ok(bytes)
            }

            fn read(mut bytes: &[u8]) -> $crate::error::Result<Self> {
                let mut value = Self::default();
                {
                    let $pattern = &mut value;
                    while let Some((tag, rest)) = bytes.split_first() {
                        bytes = match tag {
                            $($tag => {
                                $crate::store::stored::read_field::<$type>(rest, $field, $what)?
                            })+
                            _ => return Err($crate::store::stored::damaged($what)),
                        };
                    }
                }
                Ok(value)
            }
        }
    };
}
pub(super) use stored;

pub(super) fn damaged(what: &str) -> Error {
    Error::Corrupt {
        path: Path::new(super::DATABASE).to_owned(),
        problem: format!("a {what} cannot be read"),
    }
}

pub(super) fn write_field<T: Default + PartialEq + Serialize>(
    mut bytes: Vec<u8>,
    tag: u8,
    value: &T,
) -> Result<Vec<u8>> {
    if *value == T::default() {
        return Ok(bytes);
    }
    bytes.push(tag);
    extend_by_position(value, bytes)
}

/// Reads a field; returns the bytes after it.
pub(super) fn read_field<'a, T: DeserializeOwned>(
    bytes: &'a [u8],
    value: &mut T,
    what: &str,
) -> Result<&'a [u8]> {
    let (found, rest) = postcard::take_from_bytes(bytes).map_err(|_| damaged(what))?;
    *value = found;
    Ok(rest)
}

/// Appends a value by position: its layout never changes.
pub(super) fn extend_by_position<T: Serialize>(value: &T, bytes: Vec<u8>) -> Result<Vec<u8>> {
    postcard::to_extend(value, bytes).map_err(|error| Error::Database(error.to_string()))
}

/// The bytes of a value by position: its layout never changes.
pub(super) fn by_position<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    extend_by_position(value, Vec::new())
}

/// The value that has these bytes, by position.
pub(super) fn from_position<'a, T: Deserialize<'a>>(bytes: &'a [u8], what: &str) -> Result<T> {
    postcard::from_bytes(bytes).map_err(|_| damaged(what))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Before {
        name: String,
        count: Option<u32>,
    }

    #[derive(Debug, Default, PartialEq)]
    struct After {
        name: String,
        count: Option<u32>,
        labels: Vec<String>,
    }

    stored!(Before, "row", Before { name, count }, { 1 => name: String, 2 => count: Option<u32> });
    stored!(After, "row", After { name, count, labels }, {
        1 => name: String,
        2 => count: Option<u32>,
        3 => labels: Vec<String>,
    });

    #[test]
    fn a_row_without_a_later_field_is_read_with_the_field_empty() {
        let before = Before {
            name: "ann".into(),
            count: Some(0),
        };
        let after = After::read(&before.to_bytes().unwrap()).unwrap();
        assert_eq!((after.name.as_str(), after.count), ("ann", Some(0)));
        assert!(after.labels.is_empty());
        assert_eq!(after.to_bytes().unwrap(), before.to_bytes().unwrap());
    }

    #[test]
    fn a_row_with_an_unknown_field_or_cut_off_is_damaged() {
        let after = After {
            name: "ann".into(),
            count: Some(7),
            labels: vec!["a".into()],
        };
        let bytes = after.to_bytes().unwrap();
        assert_eq!(After::read(&bytes).unwrap(), after);
        assert!(matches!(Before::read(&bytes), Err(Error::Corrupt { .. })));
        // A row cut between two fields is a row without the later ones.
        let whole: Vec<usize> = (0..=bytes.len())
            .filter(|end| After::read(&bytes[..*end]).is_ok())
            .collect();
        assert_eq!(whole, [0, 5, 8, bytes.len()]);
    }
}
