//! A record as ranking by words takes it in.

use crate::error::Result;
use crate::rank::{Doc, NO_DAY, Role, Speaker};
use crate::record::{CountsAs, Kind, Record};
use crate::text::{Language, Stemmer, Term, language_of};
use crate::time::day_of;

/// The role whose sayings are those of the assistant, and roles that are no names.
const ASSISTANT: &str = "assistant";
const ROLES: [&str; 2] = ["user", ASSISTANT];

/// Finds the row of the record with an id, where there is one.
pub(crate) type RowOf<'a> = &'a (dyn Fn(&str) -> Result<Option<u64>> + Sync);

/// What the lane of words keeps of a record.
#[derive(Debug)]
pub(crate) struct Spoken {
    /// The language that its terms are of.
    pub(super) language: Language,
    /// Its speaker is not numbered yet.
    pub(super) doc: Doc,
    pub(super) speaker: Option<Speaker>,
    /// Terms of its text and of its speaker's name, with repetitions.
    pub(super) terms: Vec<Term>,
    /// First and last row of the messages that it was made of.
    pub(super) sources: Option<(u64, u64)>,
}

fn speaker_of(record: &Record) -> Option<Speaker> {
    let from = &record.provenance;
    let (name, is_name) = match (&from.actor_id, &from.role) {
        (Some(name), _) => (name, !ROLES.contains(&name.as_str())),
        (None, Some(role)) => (role, false),
        (None, None) => return None,
    };
    Some(Speaker {
        is_name,
        name: name.clone(),
    })
}

impl Spoken {
    /// Whether it is of a kept message.
    pub(super) fn is_kept(&self) -> bool {
        self.doc.kept
    }

    /// Reads a record in the language of its partition.
    pub(crate) fn of(
        record: &Record,
        language: Language,
        stemmer: &mut Stemmer,
        row_of: RowOf<'_>,
    ) -> Result<Self> {
        let from = &record.provenance;
        let counts_as = record.counts_as();
        let speaker = match counts_as {
            CountsAs::Note => None,
            CountsAs::Message | CountsAs::Fact => speaker_of(record),
        };
        let mut terms = Vec::new();
        if let Some(speaker) = &speaker {
            stemmer.terms(&speaker.name, language, |term| terms.push(term));
        }
        stemmer.terms(&record.text, language, |term| terms.push(term));
        let day = day_of(record.dates_from());
        // Where nobody said it, that day is already the one of the event.
        let event = from.said_at.and(from.told.event_at).and_then(day_of);
        let role = match &speaker {
            None if counts_as == CountsAs::Note => Role::Note,
            Some(speaker) if speaker.name == ASSISTANT => Role::Assistant,
            _ => Role::Said,
        };
        Ok(Self {
            language,
            doc: Doc {
                stems: u32::try_from(terms.len()).unwrap_or(u32::MAX),
                day: day.unwrap_or(NO_DAY),
                event: event.filter(|event| Some(*event) != day).unwrap_or(NO_DAY),
                worth: from.told.worth as f32,
                speaker: 0,
                vote: language_of(&record.text),
                role,
                kept: record.kind == Kind::Message,
            },
            speaker,
            terms,
            sources: match counts_as {
                CountsAs::Fact => sources(&from.source_ids, row_of)?,
                CountsAs::Message | CountsAs::Note => None,
            },
        })
    }
}

/// First and last row of the messages with these ids that are kept.
fn sources(ids: &[String], row_of: RowOf<'_>) -> Result<Option<(u64, u64)>> {
    let mut ends: Option<(u64, u64)> = None;
    for id in ids {
        if let Some(row) = row_of(id)? {
            let (first, last) = ends.unwrap_or((row, row));
            ends = Some((first.min(row), last.max(row)));
        }
    }
    Ok(ends)
}
