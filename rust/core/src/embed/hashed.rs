//! Vectors for texts without any known token, such as emoji alone.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Characters that count one by one; the whole text counts beside them.
const CHARACTERS: usize = 4096;

/// Writes a sum of random signs, one set for each character, each three in a row, and the whole
/// text; lower-cased and without white space. Never zero.
pub(super) fn fill(text: &str, vector: &mut [f32]) {
    let text: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    let starts: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .take(CHARACTERS + 1)
        .collect();
    vector.fill(0.0);
    add(text.as_bytes(), vector);
    for length in [1, 3] {
        for window in starts.windows(length + 1) {
            add(&text.as_bytes()[window[0]..window[length]], vector);
        }
    }
    if vector.iter().all(|value| *value == 0.0) {
        add(text.as_bytes(), vector);
    }
}

/// Adds 1 or -1 to each component, by the hash of the bytes.
fn add(bytes: &[u8], vector: &mut [f32]) {
    for (seed, block) in (0..).zip(vector.chunks_mut(64)) {
        let signs = xxh3_64_with_seed(bytes, seed);
        for (bit, value) in block.iter_mut().enumerate() {
            *value += if signs >> bit & 1 == 0 { -1.0 } else { 1.0 };
        }
    }
}
