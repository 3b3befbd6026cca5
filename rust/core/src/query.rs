//! Requests and results: plain data with documented defaults.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::filter::{Filter, ScopeQuery, Select};
use crate::rank::{Numbers, Weights};
use crate::record::{Kind, Metadata, Provenance, Record, Scope, Told, Value};
use crate::time::{Day, Micros};

/// What a [`Put`] does where the store already holds what it would add.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Existing {
    /// The id is in use: [`Error::Exists`](crate::Error::Exists), and nothing of the write is kept.
    #[default]
    Refuse,
    /// The id is in use: keep the memory that has it, and change nothing.
    KeepId,
    /// As `KeepId`; and where the scope holds a record of the same kind and text, keep that one.
    KeepText,
    /// The id is in use: the memory that has it gets the put's text, vector and metadata, as by an
    /// [`Patch`]. All else of the put is for a memory that is new.
    Update {
        /// New last day of the memory, as in [`Patch`].
        expires_on: Option<Option<Day>>,
    },
}

/// A new memory.
#[derive(Debug, Clone, Default)]
pub struct Put {
    /// Its id; a time-ordered UUID where `None`.
    pub id: Option<String>,
    /// Memory or kept message.
    pub kind: Kind,
    /// Who it belongs to.
    pub scope: Scope,
    /// The text.
    pub text: String,
    /// Its vector; empty for a kept message that has none.
    pub vector: Vec<f32>,
    /// User metadata.
    pub metadata: Metadata,
    /// Where it came from and how long it holds.
    pub provenance: Provenance,
    /// Creation time; now where `None`.
    pub created_at: Option<Micros>,
    /// Time of the last change; the creation time where `None`.
    pub updated_at: Option<Micros>,
    /// What to do where the store already holds it. A put that is left out is a [`Change`] with
    /// the same record before and after.
    pub existing: Existing,
}

/// What an update makes of a memory's text and vector, which belong together.
#[derive(Debug, Clone, PartialEq)]
pub enum Rewrite {
    /// This text, with its vector.
    Text {
        /// The text.
        text: String,
        /// Its vector.
        vector: Vec<f32>,
    },
    /// This text, which the memory has already: its vector stays. If the memory has another text,
    /// [`Error::Changed`](crate::Error::Changed), and nothing of the write is kept.
    Same(String),
    /// Another vector of the text that the memory has. If it has another text,
    /// [`Error::Changed`](crate::Error::Changed), and nothing of the write is kept.
    Vector {
        /// The text that the vector is of.
        of: String,
        /// The vector.
        vector: Vec<f32>,
    },
}

impl Rewrite {
    /// The vector that it brings.
    #[must_use]
    pub fn vector(&self) -> Option<&Vec<f32>> {
        match self {
            Self::Text { vector, .. } | Self::Vector { vector, .. } => Some(vector),
            Self::Same(_) => None,
        }
    }

    /// The text that it names.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text { text, .. } | Self::Same(text) | Self::Vector { of: text, .. } => text,
        }
    }
}

/// Who says a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Speaker {
    /// `role` of the message.
    pub role: Option<String>,
    /// `name` of the speaker.
    pub actor_id: Option<String>,
}

/// The messages that a text comes from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sources {
    /// Kept messages, by id.
    pub ids: Vec<String>,
    /// Others, by [`message_hash`](crate::message_hash).
    pub hashes: Vec<[u8; 16]>,
}

/// A change to a memory; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    /// The memory.
    pub id: String,
    /// New text or vector.
    pub rewrite: Option<Rewrite>,
    /// Keys to set; others stay.
    pub metadata: Option<Metadata>,
    /// New categories, in place of those it has.
    pub categories: Option<Vec<String>>,
    /// New last day, or `Some(None)` for no end.
    pub expires_on: Option<Option<Day>>,
    /// When the new text began to hold.
    pub valid_from: Option<Micros>,
    /// When the memory ceased to hold: it is superseded from now on.
    pub valid_to: Option<Micros>,
    /// Id of the memory that takes its place.
    pub superseded_by: Option<String>,
    /// Keep the version before this change as a memory of its own, with its vector and its
    /// messages, superseded by this one. It held until this time, or until its begin if that is
    /// later.
    pub archive_to: Option<Micros>,
    /// When the new text was said.
    pub said_at: Option<Micros>,
    /// What the new text tells, in place of what the old one told. Where it is `None`, a new text
    /// has no facets, and the rest stays.
    pub told: Option<Told>,
    /// Who says the new text, in place of who said the old one.
    pub speaker: Option<Speaker>,
    /// Messages that the new text comes from, in place of all that the memory names.
    pub sources: Option<Sources>,
    /// MD5 of the text that the caller has seen: if it is another one, or holds no longer,
    /// [`Error::Changed`](crate::Error::Changed), and nothing of the write is kept.
    pub expects: Option<[u8; 16]>,
}

/// Pending input: queued for another attempt to extract memories from it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// Its number; ignored where it is new.
    pub id: u64,
    /// Whose memories it would become; it is erased with the scope.
    pub scope: Scope,
    /// When it was queued.
    pub at: Micros,
    /// Why.
    pub reason: String,
    /// What it is, in a form that the core does not look into.
    pub body: String,
}

/// One change of a write.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // a write is mostly puts, which a box would only slow
pub enum Op {
    /// Add a memory.
    Put(Put),
    /// Change one.
    Patch(Patch),
    /// Delete the one with this id.
    Delete(String),
}

/// Changes that are committed together or not at all.
#[derive(Debug, Clone, Default)]
pub struct Write {
    /// In order; later ones see earlier ones.
    pub ops: Vec<Op>,
    /// Vector space of its vectors; `None` skips the check.
    pub space: Option<u32>,
    /// Input to queue as pending, in the same commit.
    pub pending: Vec<Pending>,
    /// Numbers of pending input that is processed; one that is not found fails the write with
    /// [`Error::Processed`](crate::Error::Processed).
    pub processed: Vec<u64>,
    /// Names the write, so that it is committed once.
    pub receipt: Option<Receipt>,
    /// Updates and deletions reach only memories of these scopes: the id of another one is
    /// [`Error::NotFound`](crate::Error::NotFound). `None` for all.
    pub within: Option<ScopeQuery>,
}

/// The name of a write. A second write of that name in the scope is rejected with
/// [`Error::Repeated`](crate::Error::Repeated), until the scope is erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Whose it is.
    pub scope: Scope,
    /// The caller's name for it; only its hash is stored.
    pub key: String,
    /// What the caller keeps of it; erased with the name.
    pub note: String,
}

/// What is kept of a named write. Stores of older versions kept nothing: no ids, an empty note.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The memory of each operation; `None` for a put that changed nothing.
    pub ids: Vec<Option<String>>,
    /// The note of its receipt.
    pub note: String,
}

impl From<Vec<Op>> for Write {
    fn from(ops: Vec<Op>) -> Self {
        Self {
            ops,
            ..Self::default()
        }
    }
}

/// The memories of a read.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Whose.
    pub scope: ScopeQuery,
    /// Further conditions.
    pub filter: Option<Filter>,
    /// Show kept messages beside memories. Default: no.
    pub include_messages: bool,
    /// Show what has expired. Default: no.
    pub show_expired: bool,
    /// Show what another memory has replaced. Default: no.
    pub include_superseded: bool,
    /// The day "today" is, for expiry.
    pub today: Day,
    /// Show memories as they were stored at this time, by the event log, without those that have
    /// been deleted since. Reads, and searches by words, go by it. Default: as they are stored now.
    pub known_at: Option<Micros>,
}

impl Selection {
    /// The live memories of a scope.
    #[must_use]
    pub fn new(scope: ScopeQuery) -> Self {
        Self {
            scope,
            filter: None,
            include_messages: false,
            show_expired: false,
            include_superseded: false,
            today: crate::time::today(),
            known_at: None,
        }
    }

    /// Those of them that held at a time, as is known today: they had begun
    /// ([`Record::begins_at`]) and had not ended. Expiry counts from the day of that time.
    #[must_use]
    pub fn held_at(self, at: Micros) -> Self {
        let today = crate::time::day_of(at).unwrap_or(self.today);
        Self {
            include_superseded: true,
            today,
            ..self.and(Filter::held_at(at))
        }
    }

    /// Those of them that no other memory has replaced, or had replaced at a time.
    #[must_use]
    pub fn not_replaced(self, by: Option<Micros>) -> Self {
        self.and(Filter::not_replaced(by))
    }

    fn and(self, condition: Filter) -> Self {
        let filters = self.filter.into_iter().chain([condition]);
        Self {
            filter: Some(Filter::And(filters.collect())),
            ..self
        }
    }

    /// Whether it holds all memories of all scopes that are shown.
    pub(crate) fn names_all(&self) -> bool {
        let selects = [&self.scope.user, &self.scope.agent, &self.scope.run];
        self.filter.is_none() && selects.iter().all(|select| matches!(select, Select::Any))
    }

    /// The live memories of the scopes that `ids` (values of user, agent and run; `"*"` is any)
    /// and the filter name together. What either leaves out the other may give, and where both
    /// name an id, both must hold.
    ///
    /// # Errors
    ///
    /// [`Error::NoScope`](crate::Error::NoScope) if neither names a scope,
    /// [`Error::Filter`](crate::Error::Filter) if the filter is malformed.
    pub fn parse(ids: [Option<Vec<String>>; 3], filter: Option<&Value>) -> Result<Self> {
        let given = ids.map(|ids| {
            ids.map(|ids| {
                if ids.iter().any(|id| id == "*") {
                    Select::Any
                } else {
                    Select::In(ids.into_iter().collect())
                }
            })
        });
        let (filter, bounds) = match filter {
            Some(Value::Null) | None => (None, [None, None, None]),
            Some(value) => {
                let (filter, bounds) = Filter::parse_query(value)?;
                (Some(filter), bounds)
            }
        };
        let named = given.iter().chain(&bounds).any(Option::is_some)
            || filter.as_ref().is_some_and(Filter::names_scope);
        if !named {
            return Err(crate::error::Error::NoScope);
        }
        let [user, agent, run] = given;
        let [user_bound, agent_bound, run_bound] = bounds;
        let both = |given: Option<Select>, bound: Option<Select>| {
            given
                .unwrap_or(Select::Any)
                .intersect(&bound.unwrap_or(Select::Any))
        };
        let scope = ScopeQuery {
            user: both(user, user_bound),
            agent: both(agent, agent_bound),
            run: both(run, run_bound),
        };
        // A filter that only named the scope is dropped: counting and scanning need no records then.
        let filter =
            filter.filter(|filter| !matches!(filter, Filter::And(parts) if parts.is_empty()));
        Ok(Self {
            filter,
            ..Self::new(scope)
        })
    }
}

/// What a search ranks by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Words, context, time, speaker and vector. A vector without a text is searched as
    /// [`Semantic`](Self::Semantic), a text without a vector as [`Lexical`](Self::Lexical) where
    /// the engine cannot embed it.
    #[default]
    Hybrid,
    /// The cosine of the vectors alone.
    Semantic,
    /// All of [`Hybrid`](Self::Hybrid) but the vector.
    Lexical,
}

/// What one search looks for: a text, a vector, or both.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Input {
    /// The question.
    pub text: Option<String>,
    /// Its vector, of any length; `None` lets the engine embed the text.
    pub vector: Option<Vec<f32>>,
}

impl From<Vec<f32>> for Input {
    fn from(vector: Vec<f32>) -> Self {
        Self {
            text: None,
            vector: Some(vector),
        }
    }
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            vector: None,
        }
    }
}

/// How memories are searched.
#[derive(Debug, Clone)]
pub struct Query {
    /// The memories to search.
    pub selection: Selection,
    /// What is searched for.
    pub input: Input,
    /// What the memories are ranked by.
    pub mode: Mode,
    /// Vector space of the inputs' vectors; `None` skips the check.
    pub space: Option<u32>,
    /// Most hits returned.
    pub limit: usize,
    /// Least score of a hit; `None` for no cut.
    pub threshold: Option<f32>,
    /// Require the exact scan. Default: no; only a search over the whole store may skip it.
    pub exact: bool,
    /// Rows that the approximate index visits; more rows raise the recall. Default: by the limit.
    pub ef: Option<usize>,
    /// What each number of a memory counts.
    pub weights: Weights,
    /// The day that "yesterday" and the like count from; `None` reads no such dates.
    pub reference: Option<Day>,
    /// Return the parts of each score.
    pub explain: bool,
    /// What changes the order after the threshold.
    pub adjustments: Adjustments,
}

/// What changes scores and order after the threshold; the best 4 × limit hits, or 200, take part.
#[derive(Debug, Clone, Default)]
pub struct Adjustments {
    /// Days in which a memory's age takes half of the fifth of its score that fades.
    pub half_life: Option<f64>,
    /// The time from which ages count.
    pub now: Micros,
    /// Factors of the scores of memories that match a filter.
    pub boosts: Vec<(Filter, f32)>,
    /// From 0 to 1: what the score counts beside being unlike the hits before; near-doubles are
    /// left out.
    pub mmr: Option<f32>,
}

impl Adjustments {
    /// Whether nothing is adjusted.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.half_life.is_none() && self.boosts.is_empty() && self.mmr.is_none()
    }
}

impl Query {
    /// The best `limit` memories of a selection, ranked as by default.
    #[must_use]
    pub fn new(selection: Selection, input: impl Into<Input>, limit: usize) -> Self {
        Self {
            selection,
            input: input.into(),
            mode: Mode::default(),
            space: None,
            limit,
            threshold: None,
            exact: false,
            ef: None,
            weights: Weights::default(),
            reference: None,
            explain: false,
            adjustments: Adjustments::default(),
        }
    }
}

/// A memory found, with its score.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The memory.
    pub record: Record,
    /// From 0 to 1, rounded to six decimals; higher is better. Of a semantic search the cosine, of
    /// others that of the sum.
    pub score: f32,
    /// The parts of the score, if the query asks for them and it is not a cosine.
    pub explanation: Option<Explanation>,
}

/// The parts of a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The sum that the score is made from.
    pub sum: f32,
    /// The numbers of the memory.
    pub numbers: Numbers,
    /// What each counts.
    pub weights: Weights,
    /// What all memories of the partition may owe to the question, and the score does not count.
    pub common: f32,
    /// Stems of the question that the memory holds.
    pub words: Vec<String>,
    /// Ids of the memories beside it in its session whose words it is ranked by too; only those that
    /// the search may show.
    pub neighbours: Vec<String>,
}

/// The time that [`Order::By`] sorts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// Creation time.
    CreatedAt,
    /// Time of the last change.
    UpdatedAt,
    /// When the event that the memory describes happened; memories without one come last.
    EventTime,
    /// When the memory was said; memories without such a time come last.
    SaidAt,
}

/// The order of a [`Slice`]; what is equal stays in the order of being added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Those of a partition together, in the order of being added.
    #[default]
    Added,
    /// By a time.
    By {
        /// The time.
        key: SortKey,
        /// Latest first.
        descending: bool,
    },
}

/// Some of a selection's memories, and how many it has, as of one moment.
#[derive(Debug, Clone, Default)]
pub struct Slice {
    /// The memories, in the requested order.
    pub records: Vec<Record>,
    /// Memories of the selection in all.
    pub total: u64,
}

/// A page of a scan.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The memories, in order of partition and of being added.
    pub records: Vec<Record>,
    /// Where the next page starts; `None` after the last.
    pub next: Option<Cursor>,
}

/// A position in a scan; later pages see changes made meanwhile, and no memory twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// Partition of the last record seen.
    pub partition: u32,
    /// Its row.
    pub row: u64,
}

/// The outcome of one change of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The memory before; `None` if it was added.
    pub before: Option<Arc<Record>>,
    /// The memory after; `None` if it was deleted.
    pub after: Option<Arc<Record>>,
}

impl Change {
    /// Whether a put found its memory in the store and changed nothing.
    #[must_use]
    pub fn kept(&self) -> bool {
        self.before.is_some() && self.before == self.after
    }

    /// The id of the memory.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        let record = self.after.as_ref().or(self.before.as_ref());
        record.map(|record| record.id.as_str())
    }
}
