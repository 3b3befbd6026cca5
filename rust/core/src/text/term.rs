//! Stems as numbers.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64;

/// A stem, numbered by its xxh3 hash of 64 bits: the same in every store and process.
pub type Term = u64;

/// The number of a stem.
#[inline]
#[must_use]
pub fn term(stem: &str) -> Term {
    xxh3_64(stem.as_bytes())
}

/// A map with terms as keys.
pub type TermMap<V> = HashMap<Term, V, BuildHasherDefault<TermHasher>>;

/// Hashes a term as itself: it is a hash already.
#[derive(Debug, Clone, Copy, Default)]
pub struct TermHasher(u64);

impl Hasher for TermHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes) ^ self.0.rotate_left(5);
    }

    #[inline]
    fn write_u64(&mut self, term: u64) {
        self.0 = term;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
