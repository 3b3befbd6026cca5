//! The fields of a memory, one row each: the table behind the dicts of Python, the columns of
//! exports and imports, the names in filters and the columns of the history.
//!
//! To add a field, add it to [`Provenance`] and add a row here.

use std::borrow::Cow;

use crate::record::{CountsAs, Kind, Metadata, Provenance, Record, Scope, hex};
use crate::time::{Day, Micros};

/// One field of a memory.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name, the same everywhere.
    pub name: &'static str,
    /// Reads it from a record.
    pub get: for<'a> fn(&'a Record) -> Held<'a>,
    /// Writes it, from a value of its type.
    pub set: Set,
    /// Whether dicts have it.
    pub in_dicts: InDicts,
    /// Whether filters can name it.
    pub filterable: bool,
    /// Whether the history has it as a column.
    pub in_history: bool,
    /// The store format that first had it.
    pub since: u32,
}

/// What a record holds in a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Held<'a> {
    /// Nothing.
    Missing,
    /// Text.
    Text(Cow<'a, str>),
    /// An instant.
    Instant(Micros),
    /// A day.
    Day(Day),
    /// Texts; empty where there are none.
    Texts(&'a [String]),
    /// Hashes; empty where there are none.
    Hashes(&'a [[u8; 16]]),
    /// An object.
    Object(&'a Metadata),
    /// A truth value.
    Flag(bool),
    /// A number.
    Number(f64),
}

/// The type of a field, apart from rules about its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// An instant.
    Instant,
    /// A day.
    Day,
    /// A list of texts.
    Texts,
    /// An object with text keys.
    Object,
    /// A truth value.
    Flag,
    /// A number.
    Number,
}

impl Type {
    /// Its name: `text`, `instant`, `day`, `texts`, `object`, `flag` or `number`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Instant => "instant",
            Self::Day => "day",
            Self::Texts => "texts",
            Self::Object => "object",
            Self::Flag => "flag",
            Self::Number => "number",
        }
    }
}

/// Writes a field of a memory that is being made. The variant names the rule for its values.
#[derive(Debug, Clone, Copy)]
pub enum Set {
    /// It follows from the text.
    Derived,
    /// Any text.
    Text(fn(&mut Parts, String)),
    /// The id of a memory.
    MemoryId(fn(&mut Parts, String)),
    /// The ids of memories.
    MemoryIds(fn(&mut Parts, Vec<String>)),
    /// The id of a user, an agent or a run.
    ScopeId(fn(&mut Parts, String)),
    /// Text, or an integer that stands for it.
    Name(fn(&mut Parts, String)),
    /// An instant of the years 1 to 9999.
    Instant(fn(&mut Parts, Micros)),
    /// A day of the years 1 to 9999.
    Day(fn(&mut Parts, Day)),
    /// Texts.
    Texts(fn(&mut Parts, Vec<String>)),
    /// 128-bit hashes, which are written as hexadecimal texts.
    Hashes(fn(&mut Parts, Vec<[u8; 16]>)),
    /// An object.
    Object(fn(&mut Parts, Metadata)),
    /// The name of a [`Kind`].
    Kind(fn(&mut Parts, Kind)),
    /// A truth value.
    Flag(fn(&mut Parts, bool)),
    /// A number from 0 to 1.
    Share(fn(&mut Parts, f64)),
}

/// When the dict of a memory has a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InDicts {
    /// In every dict.
    Always,
    /// Where the memory has a value.
    WhereSet,
    /// In dicts of kept messages.
    OfMessages,
    /// Never.
    Never,
}

impl InDicts {
    /// Its name: `always`, `where set`, `of messages` or `never`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::WhereSet => "where set",
            Self::OfMessages => "of messages",
            Self::Never => "never",
        }
    }
}

/// The fields of a memory that is being made.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs)] // as in `Record`
pub struct Parts {
    pub id: Option<String>,
    pub kind: Kind,
    pub scope: Scope,
    pub text: String,
    pub metadata: Metadata,
    pub created_at: Option<Micros>,
    pub updated_at: Option<Micros>,
    pub provenance: Provenance,
}

impl Field {
    /// The field of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name == name)
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> Type {
        match self.set {
            Set::Derived
            | Set::Text(_)
            | Set::MemoryId(_)
            | Set::ScopeId(_)
            | Set::Name(_)
            | Set::Kind(_) => Type::Text,
            Set::Instant(_) => Type::Instant,
            Set::Day(_) => Type::Day,
            Set::MemoryIds(_) | Set::Texts(_) | Set::Hashes(_) => Type::Texts,
            Set::Object(_) => Type::Object,
            Set::Flag(_) => Type::Flag,
            Set::Share(_) => Type::Number,
        }
    }

    /// Whether it says whose a memory is, or who said it: metadata must not have such a key.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        matches!(self.set, Set::ScopeId(_)) || self.name == "actor_id"
    }

    /// Whether metadata may have a key of this name that means something else, as metadata of
    /// stores from before the field may: what is not of its type is taken for that key.
    #[must_use]
    pub fn shares_name(&self) -> bool {
        self.since >= 4 && !matches!(self.set, Set::Instant(_)) || self.name == "categories"
    }

    /// What the dict of a record has of it; `None` if the dict does not have it.
    #[must_use]
    pub fn for_dict<'a>(&self, record: &'a Record) -> Option<Held<'a>> {
        let is_in = match self.in_dicts {
            InDicts::Always | InDicts::WhereSet => true,
            InDicts::OfMessages => record.kind == Kind::Message,
            InDicts::Never => false,
        };
        let held = is_in.then(|| (self.get)(record))?;
        (self.in_dicts == InDicts::Always || !held.is_empty()).then_some(held)
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Field {}

impl std::hash::Hash for Field {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Held<'_> {
    /// Whether there is no value, a list or object without items, or `false`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::Text(_) | Self::Instant(_) | Self::Day(_) | Self::Number(_) => false,
            Self::Texts(texts) => texts.is_empty(),
            Self::Hashes(hashes) => hashes.is_empty(),
            Self::Object(map) => map.is_empty(),
            Self::Flag(flag) => !flag,
        }
    }
}

fn text(text: &str) -> Held<'_> {
    Held::Text(Cow::Borrowed(text))
}

fn any(text: Option<&str>) -> Held<'_> {
    text.map_or(Held::Missing, self::text)
}

fn day<'a>(day: Option<Day>) -> Held<'a> {
    day.map_or(Held::Missing, Held::Day)
}

fn at<'a>(instant: Option<Micros>) -> Held<'a> {
    instant.map_or(Held::Missing, Held::Instant)
}

fn share<'a>(share: f64) -> Held<'a> {
    if share == 0.0 {
        Held::Missing
    } else {
        Held::Number(share)
    }
}

/// A field that dicts have where it is set.
const fn field(
    name: &'static str,
    get: for<'a> fn(&'a Record) -> Held<'a>,
    set: Set,
    since: u32,
) -> Field {
    Field {
        name,
        get,
        set,
        in_dicts: InDicts::WhereSet,
        filterable: false,
        in_history: false,
        since,
    }
}

impl Field {
    const fn filter(self) -> Self {
        Self {
            filterable: true,
            ..self
        }
    }

    const fn history(self) -> Self {
        Self {
            in_history: true,
            ..self
        }
    }

    const fn shown(self, in_dicts: InDicts) -> Self {
        Self { in_dicts, ..self }
    }
}

use InDicts::{Always, Never, OfMessages};
use Set::{
    Derived, Flag, Hashes, Instant, MemoryId, MemoryIds, Name, Object, ScopeId, Share, Text, Texts,
};

/// All fields, in the order of the columns of an export.
#[rustfmt::skip] // one row per field
pub static FIELDS: [Field; 31] = [
    field("id", |r| text(&r.id), MemoryId(|p, v| p.id = Some(v)), 1).shown(Always),
    field("memory", |r| text(&r.text), Text(|p, v| p.text = v), 1).shown(Always),
    field("hash", |r| Held::Text(Cow::Owned(hex(&r.hash))), Derived, 1).shown(Always).filter().history(),
    field("user_id", |r| any(r.scope.user_id.as_deref()), ScopeId(|p, v| p.scope.user_id = Some(v)), 1).filter().history(),
    field("agent_id", |r| any(r.scope.agent_id.as_deref()), ScopeId(|p, v| p.scope.agent_id = Some(v)), 1).filter().history(),
    field("run_id", |r| any(r.scope.run_id.as_deref()), ScopeId(|p, v| p.scope.run_id = Some(v)), 1).filter().history(),
    field("actor_id", |r| any(r.provenance.actor_id.as_deref()), Text(|p, v| p.provenance.actor_id = Some(v)), 1).filter().history(),
    field("role", |r| any(r.provenance.role.as_deref()), Text(|p, v| p.provenance.role = Some(v)), 1).filter().history(),
    field("memory_type", |r| any(r.provenance.memory_type.as_deref()), Text(|p, v| p.provenance.memory_type = Some(v)), 1).filter().history(),
    field("categories", |r| Held::Texts(&r.provenance.categories), Texts(|p, v| p.provenance.categories = v), 1).filter(),
    field("kind", |r| text(r.kind.name()), Set::Kind(|p, v| p.kind = v), 1).shown(OfMessages).history(),
    field("metadata", |r| Held::Object(&r.metadata), Object(|p, v| p.metadata = v), 1).shown(Always),
    field("created_at", |r| Held::Instant(r.created_at), Instant(|p, v| p.created_at = Some(v)), 1).shown(Always).filter().history(),
    field("updated_at", |r| Held::Instant(r.updated_at), Instant(|p, v| p.updated_at = Some(v)), 1).shown(Always).filter(),
    field("expiration_date", |r| day(r.provenance.expires_on), Set::Day(|p, v| p.provenance.expires_on = Some(v)), 1).filter().history(),
    field("event_time", |r| at(r.provenance.told.event_at), Instant(|p, v| p.provenance.told.event_at = Some(v)), 1).filter().history(),
    field("said_at", |r| at(r.provenance.said_at), Instant(|p, v| p.provenance.said_at = Some(v)), 4).filter().history(),
    field("valid_from", |r| at(r.provenance.valid_from), Instant(|p, v| p.provenance.valid_from = Some(v)), 1),
    field("valid_to", |r| at(r.provenance.valid_to), Instant(|p, v| p.provenance.valid_to = Some(v)), 1),
    field("superseded_by", |r| any(r.provenance.superseded_by.as_deref()), Name(|p, v| p.provenance.superseded_by = Some(v)), 1).history(),
    field("subject", |r| any(r.provenance.told.subject.as_deref()), Text(|p, v| p.provenance.told.subject = Some(v)), 4).filter().history(),
    field("attribute", |r| any(r.provenance.told.attribute.as_deref()), Text(|p, v| p.provenance.told.attribute = Some(v)), 4).filter().history(),
    field("value", |r| any(r.provenance.told.value.as_deref()), Text(|p, v| p.provenance.told.value = Some(v)), 4).filter().history(),
    field("entities", |r| Held::Texts(&r.provenance.told.entities), Texts(|p, v| p.provenance.told.entities = v), 4).filter(),
    field("may_contradict", |r| Held::Texts(&r.provenance.told.may_contradict), MemoryIds(|p, v| p.provenance.told.may_contradict = v), 4),
    field("worth", |r| share(r.provenance.told.worth), Share(|p, v| p.provenance.told.worth = v), 4).filter().history(),
    field("trust", |r| any(r.provenance.told.trust.as_deref()), Text(|p, v| p.provenance.told.trust = Some(v)), 4).filter().history(),
    field("origin", |r| any(r.provenance.origin.as_deref()), Text(|p, v| p.provenance.origin = Some(v)), 1).shown(Never),
    field("is_note", |r| Held::Flag(r.counts_as() == CountsAs::Note), Flag(|p, v| p.provenance.note = v), 3).shown(Never),
    field("source_ids", |r| Held::Texts(&r.provenance.source_ids), MemoryIds(|p, v| p.provenance.source_ids = v), 3).shown(Never),
    field("source_hashes", |r| Held::Hashes(&r.provenance.source_hashes), Hashes(|p, v| p.provenance.source_hashes = v), 1).shown(Never),
];

/// What conditions on time read. Filters cannot name these fields, and nothing shows them.
#[rustfmt::skip] // one row per field
pub(crate) static BEGINS: Field = field("begins", |r| Held::Instant(r.begins_at()), Derived, 1).shown(Never);
#[rustfmt::skip]
pub(crate) static ENDS: Field = field("ends", |r| at(r.provenance.valid_to), Derived, 1).shown(Never);
#[rustfmt::skip]
pub(crate) static SUCCESSOR: Field = field("successor", |r| any(r.provenance.superseded_by.as_deref()), Derived, 1).shown(Never);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::record::{Told, Value};

    /// A record with a value in every field.
    fn full() -> Record {
        let mut parts = Parts::default();
        let text = || "t".to_owned();
        for field in &FIELDS {
            match field.set {
                Derived => {}
                Text(set) | MemoryId(set) | ScopeId(set) | Name(set) => set(&mut parts, text()),
                Instant(set) => set(&mut parts, 7),
                Set::Day(set) => set(&mut parts, 7),
                Texts(set) | MemoryIds(set) => set(&mut parts, vec![text()]),
                Hashes(set) => set(&mut parts, vec![[7; 16]]),
                Object(set) => set(&mut parts, Metadata::from([(text(), Value::Null)])),
                Set::Kind(set) => set(&mut parts, Kind::Memory),
                Flag(set) => set(&mut parts, true),
                Share(set) => set(&mut parts, 0.5),
            }
        }
        Record {
            id: parts.id.unwrap_or_default(),
            kind: parts.kind,
            scope: parts.scope,
            text: parts.text,
            hash: [0; 16],
            metadata: parts.metadata,
            created_at: parts.created_at.unwrap_or_default(),
            updated_at: parts.updated_at.unwrap_or_default(),
            revision: 0,
            last_seq: 0,
            provenance: parts.provenance,
        }
    }

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = FIELDS.iter().map(|field| field.name).collect();
        assert_eq!(names.len(), FIELDS.len());
    }

    #[test]
    fn every_field_reads_what_it_writes_in_its_type() {
        let record = full();
        for field in &FIELDS {
            let held = (field.get)(&record);
            assert!(!held.is_empty(), "{}", field.name);
            let kind = match held {
                Held::Missing => None,
                Held::Text(_) => Some(Type::Text),
                Held::Instant(_) => Some(Type::Instant),
                Held::Day(_) => Some(Type::Day),
                Held::Texts(_) | Held::Hashes(_) => Some(Type::Texts),
                Held::Object(_) => Some(Type::Object),
                Held::Flag(_) => Some(Type::Flag),
                Held::Number(_) => Some(Type::Number),
            };
            assert_eq!(kind, Some(field.kind()), "{}", field.name);
            let shown = matches!(field.in_dicts, Always | InDicts::WhereSet);
            assert_eq!(field.for_dict(&record).is_some(), shown, "{}", field.name);
        }
    }

    #[test]
    fn every_field_of_the_provenance_has_a_row() {
        let Provenance {
            source_ids,
            source_hashes,
            note,
            origin,
            role,
            actor_id,
            said_at,
            valid_from,
            valid_to,
            superseded_by,
            expires_on,
            memory_type,
            categories,
            told,
        } = full().provenance;
        let Told {
            event_at,
            worth,
            trust,
            may_contradict,
            subject,
            attribute,
            value,
            entities,
        } = told;
        let texts = [origin, role, actor_id, superseded_by, memory_type];
        let facets = [trust, subject, attribute, value];
        let texts = texts.iter().chain(&facets);
        assert!(texts.clone().all(|text| text.as_deref() == Some("t")));
        assert_eq!([event_at, said_at, valid_from, valid_to], [Some(7); 4]);
        assert!(worth > 0.0);
        assert_eq!([may_contradict, entities], [["t"], ["t"]]);
        assert_eq!(expires_on, Some(7));
        assert_eq!(source_ids, ["t"]);
        assert_eq!(source_hashes, [[7; 16]]);
        assert!(note);
        assert_eq!(categories, ["t"]);
    }
}
