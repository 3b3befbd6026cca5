//! The static embedding table: a text's vector is the mean of its tokens' rows.
//!
//! No model runs. The sums are plain f32 in a fixed order, so a text has the same vector on every
//! machine.

mod hashed;
mod table;
mod wordpiece;

use std::path::Path;

use rayon::prelude::*;

use crate::error::Result;
use crate::threads;
use crate::vector::kernels;

use table::Table;
use wordpiece::{Scratch, Vocabulary};

/// Texts that a thread takes at a time; a batch of fewer stays on the calling thread.
const CHUNK: usize = 128;

/// A sum of rows shorter than this has lost its direction.
const SHORTEST: f64 = 1e-30;

/// A table of token vectors with its tokenizer.
#[derive(Debug)]
pub struct StaticEmbedder {
    table: Table,
    vocabulary: Vocabulary,
    fingerprint: String,
}

impl StaticEmbedder {
    /// Loads `rows_int8.npy`, `scales_f32.npy` and `vocab.txt` from a directory.
    pub fn open(dir: &Path) -> Result<Self> {
        let (table, vocabulary, fingerprint) = table::load(dir)?;
        Ok(Self {
            table,
            vocabulary,
            fingerprint,
        })
    }

    /// Components of a vector.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.table.dim()
    }

    /// A hash of table and vocabulary, in hex; equal means equal vectors.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The tokens of a text, as numbers of rows, with [`unknown`](Self::unknown) for each word
    /// that the vocabulary cannot spell.
    #[must_use]
    pub fn tokens(&self, text: &str) -> Vec<u32> {
        let mut scratch = Scratch::default();
        self.vocabulary.tokenize(text, &mut scratch);
        scratch.tokens
    }

    /// The token of an unknown word; it has no part in vectors.
    #[must_use]
    pub fn unknown(&self) -> u32 {
        self.vocabulary.unknown()
    }

    /// Whether a word in lower case is a whole token of the vocabulary.
    #[must_use]
    pub fn knows(&self, word: &str) -> bool {
        self.vocabulary.knows(word)
    }

    /// One vector of length 1 per text, row-major.
    ///
    /// A text without any known token gets a vector from its characters, so equal texts meet.
    #[must_use]
    pub fn embed<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Vec<f32> {
        let dim = self.dim();
        let mut vectors = vec![0.0; texts.len() * dim];
        let fill = |scratch: &mut Scratch, texts: &[T], vectors: &mut [f32]| {
            for (text, vector) in texts.iter().zip(vectors.chunks_exact_mut(dim)) {
                self.fill(text.as_ref(), |_| 1.0, scratch, vector);
            }
        };
        let spread = |vectors: &mut [f32]| {
            let texts = texts.par_chunks(CHUNK);
            let pairs = texts.zip(vectors.par_chunks_mut(CHUNK * dim));
            pairs.for_each_init(Scratch::default, |scratch, (texts, vectors)| {
                fill(scratch, texts, vectors);
            });
        };
        let alone = |vectors: &mut [f32]| fill(&mut Scratch::default(), texts, vectors);
        let worth = texts.len() > CHUNK;
        threads::spread(worth, vectors.as_mut_slice(), spread, alone);
        vectors
    }

    /// The vector of a text with each known token weighted, such as by its rarity in a scope.
    ///
    /// Weights that leave no direction (all zero, or not finite) count as all equal.
    #[must_use]
    pub fn embed_weighted(&self, text: &str, weight: &dyn Fn(u32) -> f32) -> Vec<f32> {
        let mut vector = vec![0.0; self.dim()];
        self.fill(text, weight, &mut Scratch::default(), &mut vector);
        vector
    }

    /// Writes the vector of a text over `vector`.
    fn fill(
        &self,
        text: &str,
        weight: impl Fn(u32) -> f32,
        scratch: &mut Scratch,
        vector: &mut [f32],
    ) {
        self.vocabulary.tokenize(text, scratch);
        self.sum(&scratch.tokens, weight, vector);
        if unit(vector) {
            return;
        }
        self.sum(&scratch.tokens, |_| 1.0, vector);
        if !unit(vector) {
            hashed::fill(text, vector);
            unit(vector);
        }
    }

    /// Writes the weighted sum of the tokens' rows over `vector`.
    fn sum(&self, tokens: &[u32], weight: impl Fn(u32) -> f32, vector: &mut [f32]) {
        vector.fill(0.0);
        for token in tokens {
            if *token != self.vocabulary.unknown() {
                self.table.add(*token, weight(*token), vector);
            }
        }
    }
}

/// Scales to length 1; false, with the vector as it was, if it has no direction.
fn unit(vector: &mut [f32]) -> bool {
    let length = kernels::norm(vector);
    if !length.is_finite() || length < SHORTEST {
        return false;
    }
    let inverse = 1.0 / length;
    for value in vector {
        *value = (f64::from(*value) * inverse) as f32;
    }
    true
}
