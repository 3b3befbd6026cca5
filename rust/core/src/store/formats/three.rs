//! Format 3: the time of a message was that of its event.

use crate::record::{CountsAs, Record};

/// Moves the time of a record of format 1 to 3 to where it is since: that of a message is when it
/// was said, that of a fact or a note when what it tells happened.
pub(in super::super) fn separate_times(record: &mut Record) {
    if record.counts_as() == CountsAs::Message {
        record.provenance.said_at = record.provenance.told.event_at.take();
    }
}
