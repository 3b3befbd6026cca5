//! A set of positions in a run of rows.

/// A fixed number of bits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    pub(crate) fn none(len: usize) -> Self {
        Self {
            words: vec![0; len.div_ceil(64)],
            len,
        }
    }

    pub(crate) fn all(len: usize) -> Self {
        let mut bits = Self {
            words: vec![u64::MAX; len.div_ceil(64)],
            len,
        };
        bits.trim();
        bits
    }

    /// Clears the bits beyond the end.
    fn trim(&mut self) {
        if let (Some(last), rest @ 1..) = (self.words.last_mut(), self.len % 64) {
            *last &= (1 << rest) - 1;
        }
    }

    pub(crate) fn get(&self, at: usize) -> bool {
        self.words
            .get(at / 64)
            .is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    pub(crate) fn set(&mut self, at: usize, value: bool) {
        if let Some(word) = self.words.get_mut(at / 64) {
            let bit = 1 << (at % 64);
            *word = if value { *word | bit } else { *word & !bit };
        }
    }

    /// Makes room for more positions, which are not in the set.
    pub(crate) fn grow(&mut self, len: usize) {
        self.len = self.len.max(len);
        self.words.resize(self.len.div_ceil(64), 0);
    }

    /// Bytes it takes on the heap.
    pub(crate) fn bytes(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
    }

    pub(crate) fn count(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    pub(crate) fn invert(&mut self) {
        for word in &mut self.words {
            *word = !*word;
        }
        self.trim();
    }

    pub(crate) fn and(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    pub(crate) fn or(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// The positions in the set, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                if left == 0 {
                    return None;
                }
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn bits_are_a_set_of_positions(
            len in 0_usize..200,
            a in proptest::collection::btree_set(0_usize..200, 0..40),
            b in proptest::collection::btree_set(0_usize..200, 0..40),
        ) {
            let inside = |set: &BTreeSet<usize>| -> BTreeSet<usize> {
                set.iter().copied().filter(|at| *at < len).collect()
            };
            let (a, b) = (inside(&a), inside(&b));
            let bits = |set: &BTreeSet<usize>| {
                let mut bits = Bits::none(len);
                for at in set {
                    bits.set(*at, true);
                }
                bits
            };
            let back = |bits: &Bits| bits.iter().collect::<BTreeSet<_>>();
            let (mut and, mut or, mut not) = (bits(&a), bits(&a), bits(&a));
            and.and(&bits(&b));
            or.or(&bits(&b));
            not.invert();
            prop_assert_eq!(back(&and), a.intersection(&b).copied().collect());
            prop_assert_eq!(back(&or), a.union(&b).copied().collect());
            let all: BTreeSet<usize> = (0..len).collect();
            prop_assert_eq!(back(&not), all.difference(&a).copied().collect());
            prop_assert_eq!(not.count(), len - a.len());
            prop_assert_eq!(back(&Bits::all(len)), all);
        }
    }
}
