//! Whether a question asks for what the assistant said.

/// Words of saying, by their beginnings, as they follow "you".
const SAYING: [&str; 16] = [
    "say",
    "said",
    "told",
    "suggest",
    "recommend",
    "mention",
    "give",
    "gave",
    "write",
    "wrote",
    "explain",
    "describ",
    "advise",
    "propos",
    "list",
    "show",
];
/// What may stand between "you" and such a word.
const BETWEEN: [&str; 5] = ["", "'ve", " had", " have", " once"];
/// What "your" is followed by, by its beginning.
const SAID: [&str; 8] = [
    "suggestion",
    "recommendation",
    "advice",
    "answer",
    "reply",
    "list",
    "plan",
    "explanation",
];
/// Words before "you" that ask for what was.
const PAST: [&str; 4] = ["did ", "have ", "had ", "were "];
/// Words before "you" that ask for something to be done now.
const REQUEST: [&str; 4] = ["can ", "could ", "would ", "will "];

fn ends_word(text: &str) -> bool {
    !text.ends_with(|sign: char| sign.is_alphanumeric() || sign == '_')
}

fn starts_word(text: &str) -> bool {
    !text.starts_with(|sign: char| sign.is_alphanumeric() || sign == '_')
}

/// Whether a lower-case question asks for what the assistant said: "did you", "you recommended",
/// "your advice"; not "could you tell".
pub(super) fn asks_assistant(lower: &str) -> bool {
    lower.match_indices("you").any(|(at, you)| {
        let (before, after) = (&lower[..at], &lower[at + you.len()..]);
        if !ends_word(before) {
            return false;
        }
        let past = |word: &str| before.strip_suffix(word).is_some_and(ends_word);
        if starts_word(after) && PAST.iter().any(|word| past(word)) {
            return true;
        }
        if let Some(said) = after.strip_prefix("r ") {
            return SAID.iter().any(|word| said.starts_with(word));
        }
        let requested = REQUEST.iter().any(|word| before.ends_with(word));
        let says = |between: &str| {
            let rest = after.strip_prefix(between);
            let rest = rest.and_then(|rest| rest.strip_prefix(' '));
            rest.is_some_and(|rest| SAYING.iter().any(|word| rest.starts_with(word)))
        };
        !requested && BETWEEN.iter().any(|between| says(between))
    })
}

#[cfg(test)]
mod tests {
    use super::asks_assistant;

    #[test]
    fn questions_for_what_the_assistant_said() {
        for question in [
            "what did you tell me for the starter?",
            "which book you recommended",
            "what was your advice on tires?",
            "you've suggested a hotel",
            "the tool you once mentioned",
            "your explanation of tides",
        ] {
            assert!(asks_assistant(question), "{question}");
        }
    }

    #[test]
    fn requests_and_other_words_are_not() {
        for question in [
            "could you tell me where ann lives?",
            "would you recommend a hotel?",
            "what do you like?",
            "bayou shows",
            "your dog",
            "",
            "you",
        ] {
            assert!(!asks_assistant(question), "{question}");
        }
    }
}
