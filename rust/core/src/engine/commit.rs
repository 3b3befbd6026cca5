//! Writing: one writer at a time, and one flush for all callers that wait for it.

use std::cell::Cell;
use std::sync::Arc;
use std::thread::Thread;

use super::recovery::{Need, check_poison, same};
use super::{Durability, Engine, Inner};
use crate::error::{Error, Result, guarded};
use crate::query::{Batch, Change, Op, Selection};
use crate::store::{RowChanges, TextIndex, Txn, decode_head, decode_record};
use crate::sync::{Mutex, MutexGuard};
use crate::time::Micros;

/// What the writer knows.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// The first failure of a write; nothing is written after it.
    pub(super) poisoned: Option<String>,
    last_now: Micros,
    /// Some commits are not durable yet.
    pub(super) dirty: bool,
    /// Texts of the partitions that were asked for.
    pub(super) texts: TextIndex,
}

impl Writer {
    /// Remembers a failure after which nothing may be written.
    pub(super) fn note<T>(&mut self, outcome: Result<T>) -> Result<T> {
        if let Err(error) = &outcome
            && is_fatal(error)
        {
            self.poisoned = Some(error.to_string());
        }
        outcome
    }
}

type Outcome = Result<Vec<Change>>;

/// A batch that waits to be committed. One that is dropped without an outcome fails.
#[derive(Debug)]
struct Request {
    batch: Batch,
    caller: Arc<Caller>,
    answered: bool,
}

impl Request {
    fn new(batch: Batch) -> Self {
        let caller = Caller {
            thread: std::thread::current(),
            news: Mutex::new(News::Wait),
        };
        Self {
            batch,
            caller: Arc::new(caller),
            answered: false,
        }
    }

    fn answer(mut self, outcome: Outcome) {
        self.answered = true;
        self.caller.tell(News::Done(outcome));
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if !self.answered {
            let cause = "the commit of the batch broke off".to_owned();
            self.caller.tell(News::Done(Err(Error::Internal(cause))));
        }
    }
}

/// Where the caller of a batch waits.
#[derive(Debug)]
struct Caller {
    thread: Thread,
    news: Mutex<News>,
}

#[derive(Debug)]
enum News {
    /// Another caller commits.
    Wait,
    /// It is this caller's turn to commit what waits.
    Lead,
    /// Its batch is committed, or failed.
    Done(Outcome),
}

impl Caller {
    fn tell(&self, news: News) {
        *self.news.lock() = news;
        self.thread.unpark();
    }

    /// Waits for the outcome of its batch; `None` if it is to lead.
    fn wait(&self) -> Option<Outcome> {
        loop {
            // The lock must be let go before the thread sleeps, so that there can be news.
            let news = std::mem::replace(&mut *self.news.lock(), News::Wait);
            match news {
                News::Done(outcome) => return Some(outcome),
                News::Lead => return None,
                News::Wait => std::thread::park(),
            }
        }
    }
}

/// Batches that wait for the writer. The first caller to come leads: it commits what waits, and
/// hands the lead to one of those that came meanwhile.
#[derive(Debug, Default)]
pub(super) struct Queue(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    led: bool,
    requests: Vec<Request>,
}

/// The lead: handed on when it is dropped, whatever became of the commit.
struct Lead<'a>(&'a Queue);

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.0.lock();
        match queue.requests.first() {
            Some(next) => next.caller.tell(News::Lead),
            None => queue.led = false,
        }
    }
}

impl Engine {
    /// Commits the changes of a batch, all or nothing, and tells what became of each.
    ///
    /// Batches of callers that wait at the same time share a flush; each of them is still all or
    /// nothing by itself.
    pub fn apply(&self, batch: impl Into<Batch>) -> Result<Vec<Change>> {
        self.writable()?.apply(batch.into())
    }

    /// Commits batches of several callers as [`Engine::apply`] does when they wait at the same time:
    /// each is all or nothing, and told of by itself.
    pub fn apply_each(&self, batches: Vec<Batch>) -> Result<Vec<Result<Vec<Change>>>> {
        Ok(self.writable()?.apply_each(batches))
    }

    /// Deletes all memories of a selection's scope that match its filter, expired, superseded and
    /// kept messages with them, in one commit. Returns how many.
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
                deleted += txn.delete_where(*partition, |bytes| {
                    let in_scope = match scopes {
                        Some(scopes) => scopes.contains(&decode_head(bytes)?.scope),
                        None => true,
                    };
                    Ok(in_scope
                        && match &selection.filter {
                            Some(filter) => filter.matches(&decode_record(bytes)?),
                            None => true,
                        })
                })?;
            }
            if selection.filter.is_none() {
                txn.settle_all(&selection.scope)?;
            }
            Ok(deleted)
        })
    }

    /// Makes all changes so far durable.
    pub fn flush(&self) -> Result<()> {
        self.writable()?.flush()
    }
}

fn apply(txn: &mut Txn<'_>, batch: Batch) -> Outcome {
    if let Some(given) = batch.space.filter(|space| *space != txn.identity.space) {
        return Err(Error::Space {
            given,
            current: txn.identity.space,
        });
    }
    if let Some(receipt) = &batch.receipt {
        txn.sign(receipt)?;
    }
    let changes = txn.apply(batch.ops)?;
    if let Some(receipt) = &batch.receipt {
        txn.keep_signed(receipt, &changes)?;
    }
    for pending in &batch.pending {
        txn.put_aside(pending)?;
    }
    for id in batch.settled {
        txn.settle(id)?;
    }
    Ok(changes)
}

/// Whether a batch does nothing but delete.
fn deletes(batch: &Batch) -> bool {
    let deletion = |op: &Op| matches!(op, Op::Delete(_));
    batch.pending.is_empty() && batch.receipt.is_none() && batch.ops.iter().all(deletion)
}

/// Whether a failure leaves the store in doubt, so that nothing may be written after it.
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

    /// The right to write, whatever can be written.
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
            match self.settle(&mut writer) {
                Err(Error::Full { .. }) if self.store.use_reserve() => {}
                outcome => return outcome,
            }
        }
        Ok(())
    }

    /// Makes durable what is not, so that a commit that fails after it takes nothing else along.
    fn settle(&self, writer: &mut Writer) -> Result<()> {
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
            self.settle(writer)?;
        }
        let outcome = guarded(|| {
            // Time never runs backwards in the log, whatever the clock does.
            let now = crate::time::now().max(writer.last_now);
            writer.last_now = now;
            let written = self.store.write(now, durable, &mut writer.texts, change);
            let (value, changes): (T, RowChanges) = written?;
            self.publish(Arc::new(self.store.snapshot()?), &changes);
            Ok(value)
        });
        if matches!(outcome, Err(Error::Internal(_))) {
            // Shards may be half changed; they are read again.
            self.drop_shards();
        }
        if outcome.is_ok() {
            writer.dirty = !durable;
            self.bell.ring();
        }
        writer.note(outcome)
    }

    fn apply(&self, batch: Batch) -> Outcome {
        let outcome = self.apply_each(vec![batch]).pop();
        outcome.unwrap_or(Err(Error::Closed))
    }

    fn apply_each(&self, batches: Vec<Batch>) -> Vec<Outcome> {
        let requests: Vec<Request> = batches.into_iter().map(Request::new).collect();
        let callers: Vec<Arc<Caller>> = requests.iter().map(|r| Arc::clone(&r.caller)).collect();
        let Some(first) = callers.first() else {
            return Vec::new();
        };
        let leads = {
            let mut queue = self.queue.0.lock();
            queue.requests.extend(requests);
            !std::mem::replace(&mut queue.led, true)
        };
        // Whoever leads takes all that waits, so these are committed together, and only the first
        // of them is ever asked to lead.
        let mut told = if leads { None } else { first.wait() };
        if told.is_none() {
            self.lead();
        }
        let outcome = |caller: &Arc<Caller>| told.take().or_else(|| caller.wait());
        let outcomes = callers.iter().map(outcome);
        outcomes
            .map(|outcome| outcome.unwrap_or(Err(Error::Closed)))
            .collect()
    }

    /// Commits what waits, and hands the lead on.
    fn lead(&self) {
        let _lead = Lead(&self.queue);
        // While another change holds the writer, more callers may come.
        let mut writer = self.any_writer();
        let waiting = std::mem::take(&mut self.queue.0.lock().requests);
        self.apply_all(&mut writer, waiting);
    }

    /// Commits batches in one transaction; one that fails is left out and the rest tried again.
    fn apply_all(&self, writer: &mut Writer, mut waiting: Vec<Request>) {
        while !waiting.is_empty() {
            let must = waiting.iter().all(|request| deletes(&request.batch));
            let need = if must { Need::Must } else { Need::Room };
            if let Err(error) = self.make_ready(writer, need) {
                waiting = refuse(waiting, &error, must);
                continue;
            }
            let durable = match self.durability {
                Durability::Commit => true,
                Durability::Batch => waiting.iter().any(|request| request.batch.ops.len() > 1),
                Durability::None => false,
            };
            if waiting.len() == 1 && !must {
                let Some(mut request) = waiting.pop() else {
                    return;
                };
                let batch = std::mem::take(&mut request.batch);
                let done = self.commit(writer, durable, |txn| apply(txn, batch));
                request.answer(done);
                return;
            }
            let failed = Cell::new(0);
            let change = |txn: &mut Txn<'_>| {
                let requests = waiting.iter().enumerate();
                let changes = requests.map(|(at, request)| {
                    failed.set(at);
                    apply(txn, request.batch.clone())
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
                // No fault of one of them: what only deletes may still go through.
                Err(error @ Error::Full { .. }) => waiting = refuse(waiting, &error, must),
                Err(error) => {
                    waiting.remove(failed.get()).answer(Err(error));
                }
            }
        }
    }
}

/// Fails requests for a common reason. On a full disk those that only delete are kept, unless they
/// have failed by themselves.
fn refuse(waiting: Vec<Request>, error: &Error, all: bool) -> Vec<Request> {
    let all = all || !matches!(error, Error::Full { .. });
    let (kept, refused): (Vec<_>, Vec<_>) = waiting
        .into_iter()
        .partition(|request| !all && deletes(&request.batch));
    for request in refused {
        request.answer(Err(same(error)));
    }
    kept
}
