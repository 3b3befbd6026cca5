//! Plain data: what a memory is, and where it belongs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::{Day, Micros};

/// A metadata value: JSON, with integers and floats kept apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// JSON `null`.
    Null,
    /// A truth value; never equal to a number.
    Bool(bool),
    /// A 64-bit integer; compares with floats by value.
    Int(i64),
    /// A finite float.
    Float(f64),
    /// Unicode text.
    Text(String),
    /// An ordered list.
    List(Vec<Value>),
    /// An object with text keys.
    Map(Metadata),
}

/// Metadata: an object with text keys, kept in key order.
pub type Metadata = BTreeMap<String, Value>;

/// Who a memory belongs to. At least one id is set on every stored memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scope {
    /// The user the memory is about.
    pub user_id: Option<String>,
    /// The agent that holds the memory.
    pub agent_id: Option<String>,
    /// The run (session) the memory came from.
    pub run_id: Option<String>,
}

impl Scope {
    /// Whether no id is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.user_id.is_none() && self.agent_id.is_none() && self.run_id.is_none()
    }
}

/// What a record is: a memory, or a message kept as the provenance of memories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// A memory: what `get_all` and `search` return.
    #[default]
    Memory,
    /// A raw message kept beside the memories made from it.
    Message,
}

impl Kind {
    /// Its name, as exports and filters write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Message => "message",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Memory, Self::Message]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// Where a memory came from and how long it holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Ids of the kept messages it comes from, in the order they were given.
    pub source_ids: Vec<String>,
    /// XXH3-128 of each source message, in the order they were given, where the messages are not
    /// kept; before format 3 in any case.
    pub source_hashes: Vec<[u8; 16]>,
    /// Nobody said it, although it has a role or a name: a text that was given without a speaker
    /// is shown as the user's. What has neither of them needs no mark ([`Record::counts_as`]).
    pub note: bool,
    /// Free label of the origin (a tool, an import), when not a conversation.
    pub origin: Option<String>,
    /// `role` of the message (`user`, `assistant`, `tool`).
    pub role: Option<String>,
    /// `name` of the speaker.
    pub actor_id: Option<String>,
    /// When it was said.
    pub said_at: Option<Micros>,
    /// Start of the memory's validity.
    pub valid_from: Option<Micros>,
    /// End of the memory's validity; `None` while it holds.
    pub valid_to: Option<Micros>,
    /// Id of the memory that replaced this one.
    pub superseded_by: Option<String>,
    /// Last day on which the memory is shown.
    pub expires_on: Option<Day>,
    /// `semantic`, `episodic` or `procedural_memory`, where known.
    pub memory_type: Option<String>,
    /// What the memory is about, where known.
    pub categories: Vec<String>,
    /// What its text tells, as far as that was read.
    pub told: Told,
}

/// What a text tells, as an extractor read it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// When the event that it describes happened: only a time that the text states.
    pub event_at: Option<Micros>,
    /// How useful it is on its own, from 0 to 1; 0 where nothing judged it.
    pub worth: f64,
    /// `untrusted` where the text gives orders to the assistant.
    pub trust: Option<String>,
    /// Ids of memories that it may contradict, while all of them hold.
    pub may_contradict: Vec<String>,
    /// Whose attribute it states.
    pub subject: Option<String>,
    /// Which one.
    pub attribute: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// The names in it, as they are written.
    pub entities: Vec<String>,
}

impl Told {
    /// What is left of it when the memory gets a text that nobody read.
    pub(crate) fn without_facets(&self) -> Self {
        Self {
            event_at: self.event_at,
            worth: self.worth,
            trust: self.trust.clone(),
            ..Self::default()
        }
    }
}

impl Provenance {
    /// Whether nothing names who said it or what it comes from.
    fn names_nobody(&self) -> bool {
        self.role.is_none()
            && self.actor_id.is_none()
            && self.source_ids.is_empty()
            && self.source_hashes.is_empty()
    }
}

/// What a record counts as where it matters who said it, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountsAs {
    /// Somebody said these words: a message, kept beside memories or as a memory of its own.
    Message,
    /// A text that nobody said.
    Note,
    /// Found in messages.
    Fact,
}

/// One memory as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The memory's id, unique in the store.
    pub id: String,
    /// Memory or kept message.
    pub kind: Kind,
    /// Who it belongs to; never changes.
    pub scope: Scope,
    /// The text.
    pub text: String,
    /// MD5 of the text (mem0's `hash`; an identity, not a security measure).
    pub hash: [u8; 16],
    /// User metadata.
    pub metadata: Metadata,
    /// Creation time.
    pub created_at: Micros,
    /// Time of the last change.
    pub updated_at: Micros,
    /// Number of changes since creation, starting at 0.
    pub revision: u32,
    /// Sequence number of the event that made this version.
    pub last_seq: u64,
    /// Where it came from and how long it holds.
    pub provenance: Provenance,
}

impl Record {
    /// What it counts as.
    ///
    /// A memory that holds its message as it is named that message by its hash before format 3.
    #[must_use]
    pub fn counts_as(&self) -> CountsAs {
        let from = &self.provenance;
        if self.kind == Kind::Message {
            return CountsAs::Message;
        }
        if from.note || from.names_nobody() {
            return CountsAs::Note;
        }
        let found = match from.source_hashes.as_slice() {
            [] => !from.source_ids.is_empty(),
            [hash] => !from.source_ids.is_empty() || *hash != message_hash(&self.text),
            _ => true,
        };
        if found {
            CountsAs::Fact
        } else {
            CountsAs::Message
        }
    }

    /// When what it tells began to hold: the start of its validity, else when it was said, else
    /// when it happened, else its creation.
    #[must_use]
    pub fn begins_at(&self) -> Micros {
        let from = &self.provenance;
        let said = from.valid_from.or(from.said_at);
        said.or(from.told.event_at).unwrap_or(self.created_at)
    }

    /// When it was said, else when what it tells happened, else its creation: ages count from it.
    #[must_use]
    pub fn dates_from(&self) -> Micros {
        let from = &self.provenance;
        from.said_at
            .or(from.told.event_at)
            .unwrap_or(self.created_at)
    }

    /// Drops the mark of a note where the record needs none.
    pub(crate) fn settle_note(&mut self) {
        let from = &mut self.provenance;
        from.note &= self.kind == Kind::Memory && !from.names_nobody();
    }
}

/// XXH3-128 of a message's text, by which memories name their sources.
#[must_use]
pub fn message_hash(text: &str) -> [u8; 16] {
    xxhash_rust::xxh3::xxh3_128(text.as_bytes()).to_be_bytes()
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('?');
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

/// Metadata as JSON text.
#[must_use]
pub fn to_json(metadata: &Metadata) -> String {
    let map: serde_json::Map<_, _> = metadata
        .iter()
        .map(|(key, value)| (key.clone(), value.to_json()))
        .collect();
    serde_json::Value::Object(map).to_string()
}

impl Value {
    fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(flag) => (*flag).into(),
            Self::Int(number) => (*number).into(),
            Self::Float(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
            Self::List(values) => values.iter().map(Self::to_json).collect(),
            Self::Map(map) => map
                .iter()
                .map(|(key, value)| (key.clone(), value.to_json()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(provenance: Provenance) -> CountsAs {
        let record = Record {
            text: "text".into(),
            provenance,
            ..Record::default()
        };
        record.counts_as()
    }

    #[test]
    fn what_nobody_said_and_nothing_made_is_a_note() {
        assert_eq!(from(Provenance::default()), CountsAs::Note);
        let marked = Provenance {
            note: true,
            role: Some("user".into()),
            ..Provenance::default()
        };
        assert_eq!(from(marked), CountsAs::Note);
    }

    #[test]
    fn what_has_a_role_or_a_name_is_a_message_unless_it_was_found_in_others() {
        let said = Provenance {
            role: Some("user".into()),
            ..Provenance::default()
        };
        let named = Provenance {
            actor_id: Some("Ann".into()),
            ..Provenance::default()
        };
        let by_hash = |text: &str| Provenance {
            source_hashes: vec![message_hash(text)],
            ..said.clone()
        };
        let by_id = Provenance {
            source_ids: vec!["message".into()],
            ..Provenance::default()
        };
        assert_eq!(from(said.clone()), CountsAs::Message);
        assert_eq!(from(named), CountsAs::Message);
        // As messages that were stored as they are have it before format 3.
        assert_eq!(from(by_hash("text")), CountsAs::Message);
        assert_eq!(from(by_hash("another text")), CountsAs::Fact);
        assert_eq!(from(by_id), CountsAs::Fact);
        let kept = Record {
            kind: Kind::Message,
            ..Record::default()
        };
        assert_eq!(kept.counts_as(), CountsAs::Message);
    }
}
