//! Writing: one writer at a time, and one flush for all callers that wait for it (see [`queue`]).
//!
//! [`queue`]: super::queue

use std::cell::Cell;
use std::sync::Arc;

use super::queue::{Outcome, Request};
use super::recovery::{Need, check_poison, same};
use super::{Durability, Engine, Inner};
use crate::error::{Error, Result, guarded};
use crate::query::{Change, Op, Selection, Write};
use crate::store::{RowChanges, Snapshot, TextIndex, Txn, decode_head, decode_record};
use crate::sync::MutexGuard;
use crate::time::Micros;

/// The state of the writer.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// The first failure of a write; nothing is written after it.
    pub(super) poisoned: Option<String>,
    last_now: Micros,
    /// Some commits are not durable yet.
    pub(super) dirty: bool,
    /// Texts of the partitions that were read for it.
    pub(super) texts: TextIndex,
}

impl Writer {
    /// Keeps a failure after which nothing may be written.
    pub(super) fn note<T>(&mut self, outcome: Result<T>) -> Result<T> {
        if let Err(error) = &outcome
            && is_fatal(error)
        {
            self.poisoned = Some(error.to_string());
        }
        outcome
    }
}

impl Engine {
    /// Commits the changes of a write, all or nothing, and returns the outcome of each.
    ///
    /// Writes of callers that wait at the same time share a flush; each is still all or nothing by
    /// itself.
    pub fn apply(&self, write: impl Into<Write>) -> Result<Vec<Change>> {
        self.writable()?.apply(write.into())
    }

    /// Commits the writes of several callers as [`Engine::apply`] does when they wait at the same
    /// time: each is all or nothing and has its own outcome.
    pub fn apply_each(&self, writes: Vec<Write>) -> Result<Vec<Result<Vec<Change>>>> {
        Ok(self.writable()?.apply_each(writes))
    }

    /// Deletes all memories of a selection's scope that match its filter, expired, superseded and
    /// kept messages with them, in one commit. Returns how many. Without a filter, what they had
    /// taken the place of in other scopes holds again.
    pub fn delete_all(&self, selection: &Selection) -> Result<usize> {
        let inner = self.writable()?;
        let mut writer = inner.writer(Need::Must)?;
        inner.must(&mut writer, true, |txn| {
            let targets = inner.newest().targets(&selection.scope)?;
            let mut deleted = 0;
            for target @ (partition, scopes) in &targets {
                if selection.filter.is_none() {
                    txn.forget_receipts(target)?;
                }
                let choose = |bytes: &[u8]| {
                    let in_scope = match scopes {
                        Some(scopes) => scopes.contains(&decode_head(bytes)?.scope),
                        None => true,
                    };
                    Ok(in_scope
                        && match &selection.filter {
                            Some(filter) => filter.matches(&decode_record(bytes)?),
                            None => true,
                        })
                };
                let reopens = scopes.is_some() && selection.filter.is_none();
                deleted += txn.delete_where(*partition, choose, reopens)?;
            }
            if selection.filter.is_none() {
                txn.erase_pending(&selection.scope)?;
            }
            Ok(deleted)
        })
    }

    /// Makes all changes so far durable.
    pub fn flush(&self) -> Result<()> {
        self.writable()?.flush()
    }
}

fn apply(txn: &mut Txn<'_>, write: Write, newest: &Snapshot) -> Outcome {
    if let Some(given) = write.space.filter(|space| *space != txn.identity.space) {
        return Err(Error::Space {
            given,
            current: txn.identity.space,
        });
    }
    if let Some(receipt) = &write.receipt {
        txn.check_receipt(receipt)?;
    }
    let vector_of = |row_id| {
        let mut vector = Vec::new();
        newest.vector(row_id, &mut vector)?;
        Ok(vector)
    };
    let changes = txn.apply(write.ops, write.within.as_ref(), &vector_of)?;
    if let Some(receipt) = &write.receipt {
        txn.put_receipt(receipt, &changes)?;
    }
    for pending in &write.pending {
        txn.enqueue(pending)?;
    }
    for id in write.processed {
        txn.remove_pending(id)?;
    }
    Ok(changes)
}

/// Whether a write does nothing but delete.
fn deletes(write: &Write) -> bool {
    let deletion = |op: &Op| matches!(op, Op::Delete(_));
    write.pending.is_empty() && write.receipt.is_none() && write.ops.iter().all(deletion)
}

/// Whether nothing may be written after a failure, because the state of the store is unknown.
fn is_fatal(error: &Error) -> bool {
    matches!(
        error,
        Error::Io { .. } | Error::Database(_) | Error::Corrupt { .. } | Error::Internal(_)
    )
}

impl Inner {
    /// The right to write.
    pub(super) fn writer(&self, need: Need) -> Result<MutexGuard<'_, Writer>> {
        let mut writer = self.writer.lock();
        self.make_ready(&mut writer, need)?;
        Ok(writer)
    }

    /// The right to write, without a check that writes can succeed.
    pub(super) fn any_writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock()
    }

    /// Runs a change as the only writer, durably.
    pub(super) fn write<T>(&self, change: impl FnOnce(&mut Txn<'_>) -> Result<T>) -> Result<T> {
        self.commit(&mut *self.writer(Need::Room)?, true, change)
    }

    pub(super) fn reserve_segment(&self) -> Result<u64> {
        let _writer = self.writer(Need::Room)?;
        Ok(self.store.reserve_segment(&self.newest()))
    }

    pub(super) fn flush(&self) -> Result<()> {
        let mut writer = self.any_writer();
        check_poison(&writer)?;
        while writer.dirty {
            self.make_ready(&mut writer, Need::Must)?;
            match self.make_durable(&mut writer) {
                Err(Error::Full { .. }) if self.store.use_reserve() => {}
                outcome => return outcome,
            }
        }
        Ok(())
    }

    /// Makes earlier commits durable, so that a commit that fails after it loses nothing else.
    fn make_durable(&self, writer: &mut Writer) -> Result<()> {
        if writer.dirty {
            writer.note(self.store.flush())?;
            writer.dirty = false;
        }
        Ok(())
    }

    pub(super) fn commit<T>(
        &self,
        writer: &mut Writer,
        durable: bool,
        change: impl FnOnce(&mut Txn<'_>) -> Result<T>,
    ) -> Result<T> {
        if durable {
            self.make_durable(writer)?;
        }
        let outcome = guarded(|| {
            // Times in the log never decrease, even if the clock is set back.
            let now = crate::time::now().max(writer.last_now);
            writer.last_now = now;
            let written = self.store.write(now, durable, &mut writer.texts, change);
            let (value, changes): (T, RowChanges) = written?;
            self.publish(Arc::new(self.store.snapshot()?), &changes);
            Ok(value)
        });
        if matches!(outcome, Err(Error::Internal(_))) {
            // Shards may be half changed: they are read again.
            self.drop_shards();
        }
        if outcome.is_ok() {
            writer.dirty = !durable;
            self.bell.ring();
        }
        writer.note(outcome)
    }

    fn apply(&self, write: Write) -> Outcome {
        let outcome = self.apply_each(vec![write]).pop();
        outcome.unwrap_or(Err(Error::Closed))
    }

    fn apply_each(&self, writes: Vec<Write>) -> Vec<Outcome> {
        self.queue.submit(writes, || {
            // While another change holds the writer, more callers may come.
            let mut held = self.any_writer();
            self.apply_all(&mut held, self.queue.take());
        })
    }

    /// Commits writes in one transaction. If one fails, it is answered and the rest are tried
    /// again.
    fn apply_all(&self, writer: &mut Writer, mut waiting: Vec<Request>) {
        while !waiting.is_empty() {
            let must = waiting.iter().all(|request| deletes(&request.write));
            let need = if must { Need::Must } else { Need::Room };
            if let Err(error) = self.make_ready(writer, need) {
                waiting = reject(waiting, &error, must);
                continue;
            }
            let newest = self.newest();
            let durable = match self.durability {
                Durability::Commit => true,
                Durability::Batch => waiting.iter().any(|request| request.write.ops.len() > 1),
                Durability::None => false,
            };
            if waiting.len() == 1 && !must {
                let Some(mut request) = waiting.pop() else {
                    return;
                };
                let write = std::mem::take(&mut request.write);
                let done = self.commit(writer, durable, |txn| apply(txn, write, &newest));
                request.answer(done);
                return;
            }
            let failed = Cell::new(0);
            let change = |txn: &mut Txn<'_>| {
                let requests = waiting.iter().enumerate();
                let changes = requests.map(|(at, request)| {
                    failed.set(at);
                    apply(txn, request.write.clone(), &newest)
                });
                changes.collect::<Result<Vec<_>>>()
            };
            let done = if must {
                self.must(writer, durable, change)
            } else {
                self.commit(writer, durable, change)
            };
            match done {
                Ok(changes) => {
                    for (request, changes) in waiting.into_iter().zip(changes) {
                        request.answer(Ok(changes));
                    }
                    return;
                }
                // Not the fault of one write: those that only delete may still succeed.
                Err(error @ Error::Full { .. }) => waiting = reject(waiting, &error, must),
                Err(error) => {
                    waiting.remove(failed.get()).answer(Err(error));
                }
            }
        }
    }
}

/// Fails requests for a common reason. On a full disk those that only delete are kept, unless `all`
/// fail.
fn reject(waiting: Vec<Request>, error: &Error, all: bool) -> Vec<Request> {
    let all = all || !matches!(error, Error::Full { .. });
    let (kept, rejected): (Vec<_>, Vec<_>) = waiting
        .into_iter()
        .partition(|request| !all && deletes(&request.write));
    for request in rejected {
        request.answer(Err(same(error)));
    }
    kept
}
