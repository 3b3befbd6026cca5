//! Words of questions that say little about what is asked.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::language::Language;
use super::stem::stem_alone;

/// English words; their stems are the fillers.
const WORDS: &str = "mention mentioned describe described type types kind kinds many much long say \
    says said ask asked might consider according both other between conversation conversations \
    most do doing done think tell told discuss discussed talk talked happen happened after before \
    while during get got recently specific various several different name overall chat chats";

/// Fillers that are compared as they stand.
const STEMS: [&str; 3] = ["were", "n", "him"];

static FILLERS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let stems = WORDS
        .split_ascii_whitespace()
        .map(|word| stem_alone(word, Language::English));
    stems.chain(STEMS.map(str::to_owned)).collect()
});

/// Whether an English stem counts less in a question, such as those of "mention" and "kind".
#[must_use]
pub fn is_filler(stem: &str) -> bool {
    FILLERS.contains(stem)
}
