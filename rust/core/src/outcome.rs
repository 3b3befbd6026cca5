//! What events and changes are called, and what holds after them: one rule for results, the history
//! of a memory and the exported log.

use crate::query::Change;
use crate::record::Record;
use crate::store::{Event, EventKind};

fn holds(record: &Record) -> bool {
    record.provenance.valid_to.is_none()
}

impl Event {
    /// `ADD`, `UPDATE` or `DELETE`. An update that ends a memory is a `DELETE`: the memory no longer
    /// holds, although its record stays.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let held = self.before.as_ref().is_some_and(holds);
        let still = self.after.as_ref().is_some_and(holds);
        match self.kind {
            EventKind::Add => "ADD",
            EventKind::Update if held && !still => "DELETE",
            EventKind::Update => "UPDATE",
            EventKind::Delete => "DELETE",
        }
    }

    /// The memory after the event; `None` after a `DELETE`.
    #[must_use]
    pub fn held_after(&self) -> Option<&Record> {
        self.after.as_ref().filter(|_| self.name() != "DELETE")
    }
}

impl Change {
    /// `ADD`, `UPDATE`, `DELETE`, or `NONE` for a put that found its memory and changed nothing.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match (&self.before, &self.after) {
            (None, _) => "ADD",
            (Some(_), None) => "DELETE",
            (Some(_), Some(_)) if self.kept() => "NONE",
            (Some(_), Some(_)) => "UPDATE",
        }
    }
}
