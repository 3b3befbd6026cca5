//! Reads that need no vectors.

use super::Engine;
use crate::error::Result;
use crate::filter::ScopeQuery;
use crate::query::{Cursor, Order, Page, Pending, Receipt, Selection, Signed, Slice, SortKey};
use crate::record::{Kind, Record};
use crate::store::{Event, Head, Snapshot, Target, decode_head, decode_record};
use crate::time::Micros;

/// Whether a selection shows a record with this head, apart from its scope and filter.
pub(super) fn shows(selection: &Selection, head: &Head) -> bool {
    let expired = head.expires_on.is_some_and(|day| day < selection.today);
    (selection.include_messages || head.kind == Kind::Memory)
        && (selection.show_expired || !expired)
        && (selection.include_superseded || !head.superseded)
}

/// Whether a selection shows a record of a target with this head, apart from its filter.
fn shows_in(selection: &Selection, target: &Target, head: &Head) -> bool {
    let scopes = target.1.as_ref();
    shows(selection, head) && scopes.is_none_or(|scopes| scopes.contains(&head.scope))
}

/// Whether a record with this head belongs to a selection, apart from its scope.
pub(super) fn matches(selection: &Selection, head: &Head, record: &Record) -> bool {
    let filter = selection.filter.as_ref();
    shows(selection, head) && filter.is_none_or(|filter| filter.matches(record))
}

/// Decodes a record if it belongs to a selection.
pub(super) fn select(
    selection: &Selection,
    target: &Target,
    bytes: &[u8],
) -> Result<Option<Record>> {
    if !shows_in(selection, target, &decode_head(bytes)?) {
        return Ok(None);
    }
    let record = decode_record(bytes)?;
    let matches = selection.scope.matches(&record.scope)
        && selection
            .filter
            .as_ref()
            .is_none_or(|filter| filter.matches(&record));
    Ok(matches.then_some(record))
}

fn page(
    snapshot: &Snapshot,
    selection: &Selection,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page> {
    let mut page = Page::default();
    let mut last = None;
    for target in snapshot.targets(&selection.scope)? {
        let start = match after {
            Some(cursor) if target.0 < cursor.partition => continue,
            Some(cursor) if target.0 == cursor.partition => cursor.row + 1,
            _ => 0,
        };
        snapshot.visit_at(selection.known_at, target.0, start, |row, bytes| {
            let Some(record) = select(selection, &target, bytes)? else {
                return Ok(true);
            };
            if page.records.len() == limit {
                page.next = last;
                return Ok(false);
            }
            last = Some(Cursor {
                partition: target.0,
                row,
            });
            page.records.push(record);
            Ok(true)
        })?;
        if page.next.is_some() {
            break;
        }
    }
    Ok(page)
}

fn count(snapshot: &Snapshot, selection: &Selection) -> Result<u64> {
    let mut count = 0;
    for target in snapshot.targets(&selection.scope)? {
        snapshot.visit_at(selection.known_at, target.0, 0, |_, bytes| {
            let counted = match selection.filter {
                Some(_) => select(selection, &target, bytes)?.is_some(),
                None => shows_in(selection, &target, &decode_head(bytes)?),
            };
            count += u64::from(counted);
            Ok(true)
        })?;
    }
    Ok(count)
}

/// What a projection compares to check that it holds events of this log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// Id of the log; `reset` begins another one.
    pub log_id: String,
    /// Number of the last event; 0 if there is none.
    pub last_seq: u64,
    /// The requested event.
    pub seq: u64,
    /// Hash of that event; 0 for event 0, `None` if the log has no such event.
    pub fingerprint: Option<u128>,
}

fn time_of(record: &Record, key: SortKey) -> Option<Micros> {
    match key {
        SortKey::CreatedAt => Some(record.created_at),
        SortKey::UpdatedAt => Some(record.updated_at),
        SortKey::EventTime => record.provenance.told.event_at,
        SortKey::SaidAt => record.provenance.said_at,
    }
}

fn slice(
    snapshot: &Snapshot,
    selection: &Selection,
    order: Order,
    offset: usize,
    limit: usize,
) -> Result<Slice> {
    let mut slice = Slice::default();
    let mut keyed = Vec::new();
    for target in snapshot.targets(&selection.scope)? {
        snapshot.visit_at(selection.known_at, target.0, 0, |row, bytes| {
            let wanted = usize::try_from(slice.total)
                .is_ok_and(|at| at >= offset && slice.records.len() < limit);
            let shown = shows_in(selection, &target, &decode_head(bytes)?);
            // Counting needs no more than the head, unless a filter asks for more.
            if !shown || (order == Order::Added && !wanted && selection.filter.is_none()) {
                slice.total += u64::from(shown);
                return Ok(true);
            }
            let Some(record) = select(selection, &target, bytes)? else {
                return Ok(true);
            };
            slice.total += 1;
            match order {
                Order::Added if wanted => slice.records.push(record),
                Order::Added => {}
                Order::By { key, .. } => keyed.push((time_of(&record, key), (target.0, row))),
            }
            Ok(true)
        })?;
    }
    if let Order::By { descending, .. } = order {
        keyed.sort_by(|(a, _), (b, _)| match (a, b) {
            (Some(a), Some(b)) if descending => b.cmp(a),
            (Some(a), Some(b)) => a.cmp(b),
            _ => b.is_some().cmp(&a.is_some()),
        });
        for (_, row_id) in keyed.into_iter().skip(offset).take(limit) {
            slice
                .records
                .extend(snapshot.record_at(selection.known_at, row_id)?);
        }
    }
    Ok(slice)
}

impl Engine {
    /// The memory with an id; `None` if there is none.
    pub fn get(&self, id: &str) -> Result<Option<Record>> {
        self.read(|snapshot| snapshot.by_id(id))
    }

    /// The memories with some ids, as of one moment; `None` for one that is not found.
    pub fn get_many(&self, ids: &[String]) -> Result<Vec<Option<Record>>> {
        self.read(|snapshot| ids.iter().map(|id| snapshot.by_id(id)).collect())
    }

    /// The same as they were stored at a time; `None` for one that was not stored then, or has been
    /// deleted since.
    pub fn get_many_at(&self, ids: &[String], at: Micros) -> Result<Vec<Option<Record>>> {
        let get = |snapshot: &Snapshot, id: &String| match snapshot.row_id(id)? {
            Some(place) => snapshot.record_at(Some(at), place),
            None => Ok(None),
        };
        self.read(|snapshot| ids.iter().map(|id| get(snapshot, id)).collect())
    }

    /// A page of a selection's memories, those of a partition together, in the order they were
    /// added. `after` is the `next` of the page before.
    pub fn scan(&self, selection: &Selection, after: Option<Cursor>, limit: usize) -> Result<Page> {
        if limit == 0 {
            return Ok(Page::default());
        }
        self.read(|snapshot| page(snapshot, selection, after, limit))
    }

    /// Up to `limit` memories of a selection from number `offset` on, in an order, and how many it
    /// holds.
    pub fn slice(
        &self,
        selection: &Selection,
        order: Order,
        offset: usize,
        limit: usize,
    ) -> Result<Slice> {
        self.read(|snapshot| slice(snapshot, selection, order, offset, limit))
    }

    /// How many memories a selection holds.
    pub fn count(&self, selection: &Selection) -> Result<u64> {
        self.read(|snapshot| count(snapshot, selection))
    }

    /// Pending input of a scope, oldest first.
    pub fn pending(&self, scope: &ScopeQuery) -> Result<Vec<Pending>> {
        self.read(|snapshot| snapshot.pending(scope))
    }

    /// What is kept of the committed batch of this name; `None` if there is none.
    pub fn signed(&self, receipt: &Receipt) -> Result<Option<Signed>> {
        self.read(|snapshot| snapshot.signed(receipt))
    }

    /// All events of a memory, oldest first, also of one that was deleted.
    pub fn history(&self, id: &str) -> Result<Vec<Event>> {
        self.read(|snapshot| snapshot.history(id))
    }

    /// Up to `limit` events after sequence number `seq`, in order.
    pub fn events_after(&self, seq: u64, limit: usize) -> Result<Vec<Event>> {
        self.read(|snapshot| snapshot.events_after(seq, limit))
    }

    /// The log as of now, with the fingerprint of the event `seq`.
    pub fn log_state(&self, seq: u64) -> Result<LogState> {
        self.read(|snapshot| LogState::new(snapshot, seq))
    }

    /// Up to `limit` events after `seq`, in order, and the state of the log at the last of them,
    /// both as of one moment.
    pub fn log_piece(&self, seq: u64, limit: usize) -> Result<(LogState, Vec<Event>)> {
        self.read(|snapshot| {
            let events = snapshot.events_after(seq, limit)?;
            let end = events.last().map_or(seq, |event| event.seq);
            Ok((LogState::new(snapshot, end)?, events))
        })
    }
}

impl LogState {
    fn new(snapshot: &Snapshot, seq: u64) -> Result<Self> {
        Ok(Self {
            log_id: snapshot.identity.log_id.clone(),
            last_seq: snapshot.last_seq(),
            seq,
            fingerprint: snapshot.fingerprint(seq)?,
        })
    }
}
