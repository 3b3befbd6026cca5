//! The thesaurus: stems of near meaning, made from the static embedding table.
//!
//! The file beside the table is written by `tools/make_thesaurus.py`, whose head states its format.

use std::path::Path;

use super::term::{Term, TermMap, term};
use crate::error::{Error, Result};

/// The file's name, in the directory of the table.
const FILE: &str = "thesaurus.bin";
const MAGIC: &[u8] = b"MEMTHES1";

/// Cosines are stored as whole numbers of 1 / `SCALE`, from `LEAST` to `SCALE`.
const SCALE: u16 = 10_000;
const LEAST: u16 = 3_500;

/// Bits of a position in the number of a pair.
const POSITION_BITS: u32 = 15;
const POSITION: u32 = (1 << POSITION_BITS) - 1;
/// A neighbour: its position among the stems, and its cosine times `SCALE`.
type Near = (u16, u16);

/// The neighbours of English stems; 1.3 MB.
pub struct Thesaurus {
    /// The position of each stem.
    positions: TermMap<u16>,
    /// The stems by position.
    terms: Vec<Term>,
    /// Where the neighbours of each stem start; one more at the end.
    starts: Vec<u32>,
    /// The neighbours of all stems, those of each greatest cosine first.
    near: Vec<Near>,
}

impl std::fmt::Debug for Thesaurus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Thesaurus({} stems, {} pairs)",
            self.len(),
            self.near.len()
        )
    }
}

impl Thesaurus {
    /// Loads `thesaurus.bin` from the directory of a static embedding table.
    pub fn open(dir: &Path) -> Result<Self> {
        let path = dir.join(FILE);
        let file = std::fs::read(&path).map_err(|source| Error::Io {
            path: path.clone(),
            action: "reading",
            source,
        })?;
        Self::parse(&file).map_err(|problem| Error::Corrupt { path, problem })
    }

    /// The number of stems.
    #[must_use]
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether it has no stem.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The neighbours of a stem, at most 16, with their squared cosines (0.1225 to 1), greatest
    /// first; none of a stem that is not known.
    #[must_use]
    pub fn near(&self, term: Term) -> impl DoubleEndedIterator<Item = (Term, f32)> + '_ {
        let near = self.positions.get(&term).and_then(|position| {
            let at = usize::from(*position);
            let (start, end) = (*self.starts.get(at)?, *self.starts.get(at + 1)?);
            self.near.get(start as usize..end as usize)
        });
        near.into_iter().flatten().filter_map(|(position, cosine)| {
            let term = self.terms.get(usize::from(*position))?;
            let cosine = f64::from(*cosine) / f64::from(SCALE);
            Some((*term, (cosine * cosine) as f32))
        })
    }

    fn parse(file: &[u8]) -> std::result::Result<Self, String> {
        let (body, sum) = file
            .split_last_chunk()
            .filter(|(body, _)| body.starts_with(MAGIC))
            .ok_or("it is not a thesaurus of this version")?;
        if checksum(body) != u64::from_le_bytes(*sum) {
            return Err("its checksum is not that of its content".to_owned());
        }
        let mut bytes = Bytes(&body[MAGIC.len()..]);
        let count = usize::from(u16::from_le_bytes(bytes.take()?));
        let pair_count = u32::from_le_bytes(bytes.take()?) as usize;
        let terms = terms(&mut bytes, count)?;

        let mut cosines = Vec::new();
        for cosine in (LEAST..=SCALE).rev() {
            let times = u16::from_le_bytes(bytes.take()?);
            cosines.push((cosine, usize::from(times)));
        }
        let (pairs, rest) = bytes.0.as_chunks::<4>();
        let counted: usize = cosines.iter().map(|(_, times)| times).sum();
        if pairs.len() != pair_count || counted != pair_count || !rest.is_empty() {
            let found = pairs.len();
            return Err(format!(
                "it has {found} pairs, of {pair_count} with {counted} cosines"
            ));
        }
        let (starts, near) = neighbours(pairs, &cosines, count)?;
        let positions: TermMap<u16> = terms.iter().copied().zip(0..).collect();
        if positions.len() != count {
            return Err("it repeats a stem".to_owned());
        }
        Ok(Self {
            positions,
            terms,
            starts,
            near,
        })
    }
}

/// The numbers of two stems, one of which is a neighbour of the other.
#[derive(Clone, Copy)]
struct Pair(u32);

impl Pair {
    fn first(self) -> usize {
        (self.0 & POSITION) as usize
    }

    fn second(self) -> usize {
        (self.0 >> POSITION_BITS & POSITION) as usize
    }

    /// 1 if the second is a neighbour of the first, else 0.
    fn second_of_first(self) -> u32 {
        self.0 >> 30 & 1
    }

    /// 1 if the first is a neighbour of the second, else 0.
    fn first_of_second(self) -> u32 {
        self.0 >> 31
    }
}

/// The neighbours of all stems in one list, and where those of each start. The pairs come greatest
/// cosine first; how many have each cosine is counted.
fn neighbours(
    pairs: &[[u8; 4]],
    cosines: &[(u16, usize)],
    count: usize,
) -> std::result::Result<(Vec<u32>, Vec<Near>), String> {
    let pairs = pairs.iter().map(|bytes| Pair(u32::from_le_bytes(*bytes)));
    let mut starts = vec![0_u32; count + 1];
    for pair in pairs.clone() {
        let (first, second) = (pair.first(), pair.second());
        if first >= second || second >= count {
            return Err(format!(
                "it pairs the stems {first} and {second} of {count}"
            ));
        }
        starts[first + 1] += pair.second_of_first();
        starts[second + 1] += pair.first_of_second();
    }
    for at in 0..count {
        starts[at + 1] += starts[at];
    }
    let mut near = vec![(0, 0); starts[count] as usize];
    let mut next = starts.clone();
    let mut pairs = pairs;
    for (cosine, times) in cosines {
        for pair in pairs.by_ref().take(*times) {
            let (first, second) = (pair.first(), pair.second());
            if pair.second_of_first() == 1 {
                near[next[first] as usize] = (second as u16, *cosine);
                next[first] += 1;
            }
            if pair.first_of_second() == 1 {
                near[next[second] as usize] = (first as u16, *cosine);
                next[second] += 1;
            }
        }
    }
    Ok((starts, near))
}

/// The stems by position: each shares its first letters with the one before, and its last letter
/// has 128 added.
fn terms(bytes: &mut Bytes, count: usize) -> std::result::Result<Vec<Term>, String> {
    let mut terms = Vec::with_capacity(count);
    let mut stem = String::new();
    while terms.len() < count {
        let shared = usize::from(u8::from_le_bytes(bytes.take()?));
        if !stem.is_char_boundary(shared) {
            return Err(format!(
                "stem {} shares {shared} letters of `{stem}`",
                terms.len()
            ));
        }
        stem.truncate(shared);
        loop {
            let letter = u8::from_le_bytes(bytes.take()?);
            stem.push(char::from(letter & 0x7f));
            if letter > 0x7f {
                break;
            }
        }
        terms.push(term(&stem));
    }
    Ok(terms)
}

/// The sum of all sums of the first numbers: a changed number and changed places both show.
fn checksum(bytes: &[u8]) -> u64 {
    let (numbers, rest) = bytes.as_chunks::<4>();
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    let last = (!rest.is_empty()).then_some(&last);
    let (mut sum, mut sums) = (0_u64, 0_u64);
    for number in numbers.iter().chain(last) {
        sum = sum.wrapping_add(u64::from(u32::from_le_bytes(*number)));
        sums = sums.wrapping_add(sum);
    }
    sums
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const COUNT: usize>(&mut self) -> std::result::Result<[u8; COUNT], String> {
        let (taken, rest) = self
            .0
            .split_first_chunk()
            .ok_or("it ends in the middle of its content")?;
        self.0 = rest;
        Ok(*taken)
    }
}
