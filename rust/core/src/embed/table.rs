//! The files of the table: checked once on loading, so that lookups need no checks.

use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::wordpiece::Vocabulary;
use crate::error::{Error, Result};

/// The most components a vector may have.
const MAX_DIM: usize = 65_536;

/// Token vectors: row `i` is `rows[i] * scales[i]`.
pub(super) struct Table {
    dim: usize,
    rows: Vec<i8>,
    scales: Vec<f32>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Table({} x {})", self.scales.len(), self.dim)
    }
}

impl Table {
    pub(super) fn dim(&self) -> usize {
        self.dim
    }

    /// Adds a token's row times a weight.
    #[inline]
    pub(super) fn add(&self, token: u32, weight: f32, sum: &mut [f32]) {
        let at = token as usize;
        let (Some(scale), Some(row)) = (
            self.scales.get(at),
            self.rows.get(at * self.dim..(at + 1) * self.dim),
        ) else {
            return;
        };
        let scale = scale * weight;
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += scale * f32::from(*value);
        }
    }
}

/// Loads table and vocabulary, and hashes them.
pub(super) fn load(dir: &Path) -> Result<(Table, Vocabulary, String)> {
    let rows_path = dir.join("rows_int8.npy");
    let scales_path = dir.join("scales_f32.npy");
    let vocabulary_path = dir.join("vocab.txt");

    let rows_file = read(&rows_path)?;
    let (shape, rows) = array(&rows_file, "|i1", 1).map_err(|e| corrupt(&rows_path, e))?;
    let &[count, dim] = shape.as_slice() else {
        return Err(corrupt(
            &rows_path,
            format!("shape {shape:?} is not rows x components"),
        ));
    };
    if dim == 0 || dim > MAX_DIM {
        return Err(corrupt(
            &rows_path,
            format!("{dim} components are not 1 to {MAX_DIM}"),
        ));
    }

    let scales_file = read(&scales_path)?;
    let (shape, scales) = array(&scales_file, "<f4", 4).map_err(|e| corrupt(&scales_path, e))?;
    if shape != [count] {
        return Err(corrupt(
            &scales_path,
            format!("shape {shape:?} for {count} rows"),
        ));
    }
    let numbers: Vec<f32> = scales
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    if let Some(at) = numbers.iter().position(|scale| !scale.is_finite()) {
        return Err(corrupt(
            &scales_path,
            format!("scale {at} is {}", numbers[at]),
        ));
    }

    let text = String::from_utf8(read(&vocabulary_path)?)
        .map_err(|e| corrupt(&vocabulary_path, format!("not UTF-8: {e}")))?;
    let vocabulary = Vocabulary::new(&text).map_err(|e| corrupt(&vocabulary_path, e))?;
    if vocabulary.len() != count {
        let problem = format!("{} tokens for {count} rows", vocabulary.len());
        return Err(corrupt(&vocabulary_path, problem));
    }

    let mut hash = Xxh3::new();
    hash.update(&(count as u64).to_le_bytes());
    hash.update(&(dim as u64).to_le_bytes());
    hash.update(rows);
    hash.update(scales);
    hash.update(text.as_bytes());
    let fingerprint = format!("{:032x}", hash.digest128());

    let rows = rows.iter().map(|byte| byte.cast_signed()).collect();
    Ok((
        Table {
            dim,
            rows,
            scales: numbers,
        },
        vocabulary,
        fingerprint,
    ))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        action: "reading",
        source,
    })
}

fn corrupt(path: &Path, problem: String) -> Error {
    Error::Corrupt {
        path: path.to_owned(),
        problem,
    }
}

/// Shape and bytes of a `.npy` file of one type, in C order.
fn array<'a>(
    file: &'a [u8],
    descr: &str,
    item: usize,
) -> std::result::Result<(Vec<usize>, &'a [u8]), String> {
    let rest = file
        .strip_prefix(b"\x93NUMPY")
        .ok_or("no .npy magic at offset 0")?;
    let (length, rest) = match rest {
        [1, _, a, b, rest @ ..] => (usize::from(u16::from_le_bytes([*a, *b])), rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
        _ => return Err("unknown .npy version at offset 6".to_owned()),
    };
    let (header, data) = rest
        .split_at_checked(length)
        .ok_or_else(|| format!("header of {length} bytes is cut off"))?;
    let header = std::str::from_utf8(header).map_err(|e| format!("header is not text: {e}"))?;

    let found = field(header, "descr")?.trim_start_matches(['\'', '"']);
    if !found
        .strip_prefix(descr)
        .is_some_and(|rest| rest.starts_with(['\'', '"']))
    {
        return Err(format!(
            "type in header `{}` is not `{descr}`",
            header.trim_end()
        ));
    }
    if !field(header, "fortran_order")?.starts_with("False") {
        return Err("array is not in C order".to_owned());
    }
    let shape: Vec<usize> = field(header, "shape")?
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .and_then(|(shape, _)| {
            let sizes = shape
                .split(',')
                .map(str::trim)
                .filter(|size| !size.is_empty());
            sizes.map(|size| size.parse().ok()).collect()
        })
        .ok_or_else(|| format!("shape in header `{}` is malformed", header.trim_end()))?;
    let want = shape
        .iter()
        .try_fold(item, |bytes, size| bytes.checked_mul(*size));
    if want != Some(data.len()) {
        return Err(format!(
            "{} bytes of data do not fit shape {shape:?}",
            data.len()
        ));
    }
    Ok((shape, data))
}

/// What follows a key of the header.
fn field<'a>(header: &'a str, key: &str) -> std::result::Result<&'a str, String> {
    let quoted = format!("'{key}':");
    header
        .split_once(&quoted)
        .map(|(_, value)| value.trim_start())
        .ok_or_else(|| format!("header has no `{key}`"))
}
