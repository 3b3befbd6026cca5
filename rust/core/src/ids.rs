//! Ids: what may name a user, an agent, a run or a memory.

/// Most characters of an id of a memory or a scope.
pub const MAX_ID_CHARACTERS: usize = 65_536;

/// The names of the ids of a scope.
pub const SCOPE_IDS: [&str; 3] = ["user_id", "agent_id", "run_id"];

/// Whether Python strips this letter: Unicode whitespace and the four separators of ASCII.
#[must_use]
pub fn is_space(letter: char) -> bool {
    letter.is_whitespace() || ('\x1c'..='\x1f').contains(&letter)
}

/// Returns a scope id without the whitespace around it.
///
/// # Errors
///
/// What is wrong with it and what to do, to follow `Invalid user_id: `: it is empty, holds a
/// control character, or is longer than [`MAX_ID_CHARACTERS`].
pub fn scope_id(id: &str) -> Result<&str, String> {
    let id = id.trim_matches(is_space);
    if id.is_empty() {
        return Err("cannot be empty or whitespace-only. Provide a valid identifier.".to_owned());
    }
    if id.chars().any(char::is_control) {
        return Err(format!(
            "{:?} cannot contain whitespace other than blanks, or control characters. \
             Provide an identifier without them.",
            brief(id)
        ));
    }
    let length = id.chars().count();
    if length > MAX_ID_CHARACTERS {
        return Err(format!(
            "{length} characters are more than {MAX_ID_CHARACTERS}. Provide a shorter identifier."
        ));
    }
    Ok(id)
}

/// Returns the scope id of a new memory, as [`scope_id`] does.
///
/// # Errors
///
/// As [`scope_id`], and for `*`, which names all scopes.
pub fn owner_id(id: &str) -> Result<&str, String> {
    let id = scope_id(id)?;
    if id == "*" {
        return Err(
            "'*' names all scopes and cannot own a memory. Provide a valid identifier.".to_owned(),
        );
    }
    Ok(id)
}

/// Returns the id of a memory without the whitespace around it.
///
/// # Errors
///
/// What is wrong with it, to follow `Invalid memory_id: `: it is empty, or longer than
/// [`MAX_ID_CHARACTERS`].
pub fn memory_id(id: &str) -> Result<&str, String> {
    let trimmed = id.trim_matches(is_space);
    if trimmed.is_empty() {
        return Err(format!("{:?}. Must be a non-empty string.", brief(id)));
    }
    let length = id.chars().count();
    if length > MAX_ID_CHARACTERS {
        return Err(format!(
            "{length} characters are more than {MAX_ID_CHARACTERS}."
        ));
    }
    Ok(trimmed)
}

/// A text as an error shows it: at most 80 characters, the last three of a longer one dots.
#[must_use]
pub fn brief(text: &str) -> std::borrow::Cow<'_, str> {
    const MOST: usize = 80;
    if text.chars().nth(MOST).is_none() {
        return text.into();
    }
    let start: String = text.chars().take(MOST - 3).collect();
    format!("{start}...").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_inside_an_id_are_part_of_it() {
        assert_eq!(scope_id("\t Ann Lee\x1c\n"), Ok("Ann Lee"));
    }

    #[test]
    fn empty_ids_and_control_characters_are_refused() {
        for id in ["", " \n", "a\nb", "a\0b", "a\x7fb", "a\u{85}b"] {
            assert!(scope_id(id).is_err(), "{id:?}");
        }
        assert!(scope_id(&"x".repeat(MAX_ID_CHARACTERS)).is_ok());
        assert!(scope_id(&"x".repeat(MAX_ID_CHARACTERS + 1)).is_err());
    }

    #[test]
    fn the_name_of_all_scopes_owns_no_memory() {
        assert_eq!(owner_id(" ann "), Ok("ann"));
        assert_eq!(scope_id(" * "), Ok("*"));
        assert!(owner_id(" * ").is_err());
    }

    #[test]
    fn ids_of_memories_are_trimmed_and_not_empty() {
        assert_eq!(memory_id(" a\nb\t"), Ok("a\nb"));
        let empty = "\"\". Must be a non-empty string.";
        assert_eq!(memory_id(""), Err(empty.to_owned()));
        assert!(memory_id(&"x".repeat(MAX_ID_CHARACTERS)).is_ok());
        assert!(memory_id(&"x".repeat(MAX_ID_CHARACTERS + 1)).is_err());
    }

    #[test]
    fn a_long_text_is_shown_by_its_start() {
        assert_eq!(brief(&"é".repeat(80)), "é".repeat(80));
        assert_eq!(brief(&"é".repeat(81)), "é".repeat(77) + "...");
    }
}
