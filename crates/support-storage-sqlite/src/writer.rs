//! The one thread that writes.
//!
//! A commit costs a sync of the disk, whatever it holds. So whatever is queued when the last commit is done goes into
//! the next one together: the more callers, the larger the groups. A lone caller waits for nobody. Counters, which all
//! change sets share, are added up over the group and written once.

use crate::{commit::whole, error::Error, stats::counts::Counts};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::panic::{AssertUnwindSafe, catch_unwind};
use support_core::ports::StoreError;
use tokio::sync::{mpsc, oneshot};

/// Callers that may wait in line; the next one waits for a place in it.
const QUEUE: usize = 1024;
/// The largest group: bounds how long the first in it waits for the last.
const GROUP: usize = 256;

/// Hands work to the thread. When the last clone is dropped, the thread finishes what is queued and ends.
#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Order>,
}

/// The other end, for the thread.
pub(crate) struct Jobs(mpsc::Receiver<Order>);

/// What stands in the queue.
enum Order {
    /// To be committed together with what stands beside it.
    Grouped(Box<dyn Job>),
    /// To be done outside of any transaction, after what stands before it.
    Alone(Box<dyn FnOnce(&Connection) + Send>),
}

impl Writer {
    pub(crate) fn new() -> (Self, Jobs) {
        let (jobs, queue) = mpsc::channel(QUEUE);
        (Self { jobs }, Jobs(queue))
    }

    /// Does `work` in a transaction and answers after the commit, or with the reason why nothing of it was kept.
    /// `work` may run twice; only one run is kept. Once queued, it is done even if nobody waits for it any more.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run_counting(move |conn| Ok((work(conn)?, Counts::default()))).await
    }

    /// As [`Writer::run`]. What `work` counts is written together with what others count, just before the commit.
    pub(crate) async fn run_counting<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> Result<(T, Counts), Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let gone = || StoreError::unavailable("the writer of the store has ended");
        let (answer, answered) = oneshot::channel();
        let job = Box::new(Task { work, outcome: Err(StoreError::unavailable("the work was never begun")), answer });
        self.jobs.send(Order::Grouped(job)).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    /// Does `work` outside of any transaction. Whoever wants to write waits for it.
    pub(crate) async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let gone = || StoreError::unavailable("the writer of the store has ended");
        let (answer, answered) = oneshot::channel();
        let job = move |conn: &Connection| {
            let done = catch_unwind(AssertUnwindSafe(|| work(conn)));
            let outcome = done.map_or_else(|_| Err(panicked()), |outcome| outcome.map_err(StoreError::from));
            let _ = answer.send(outcome);
        };
        self.jobs.send(Order::Alone(Box::new(job))).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

impl Jobs {
    /// Serves the queue until every [`Writer`] is gone.
    pub(crate) fn serve(mut self, conn: &Connection) {
        while let Some(first) = self.0.blocking_recv() {
            let (mut group, mut alone) = (Vec::new(), None);
            let mut next = Some(first);
            while let Some(order) = next {
                match order {
                    Order::Grouped(job) => group.push(job),
                    Order::Alone(job) => alone = Some(job),
                }
                next = if group.len() < GROUP && alone.is_none() { self.0.try_recv().ok() } else { None };
            }
            if !group.is_empty() {
                serve_group(conn, group);
            }
            if let Some(job) = alone {
                job(conn);
            }
        }
    }
}

fn serve_group(conn: &Connection, mut group: Vec<Box<dyn Job>>) {
    match commit(conn, &mut group) {
        // It may be the fault of one of them; the others shall not have to bear it.
        Err(failure) if group.len() > 1 && !is_everybodys(&failure) => {
            for job in group {
                finish(conn, vec![job]);
            }
        }
        Err(failure) => tell(group, Some(&failure)),
        Ok(()) => tell(group, None),
    }
}

fn panicked() -> StoreError {
    StoreError::backend("the work panicked in the writer")
}

/// A caller's work, and the caller.
trait Job: Send {
    /// Does it and keeps the outcome; answers what it counted, or why it failed.
    fn attempt(&mut self, conn: &Connection) -> Result<Counts, StoreError>;

    /// Tells the caller the outcome of the last attempt, or the failure of the whole group.
    fn answer(self: Box<Self>, failure: Option<&StoreError>);
}

struct Task<T, F> {
    work: F,
    outcome: Result<T, StoreError>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: Fn(&Connection) -> Result<(T, Counts), Error> + Send> Job for Task<T, F> {
    fn attempt(&mut self, conn: &Connection) -> Result<Counts, StoreError> {
        // What a panic leaves behind is SQL statements half-way, and those are rolled back like any failure.
        let done = catch_unwind(AssertUnwindSafe(|| (self.work)(conn)));
        let done = done.map_or_else(|_| Err(panicked()), |done| done.map_err(StoreError::from));
        let (outcome, counts) = match done {
            Ok((outcome, counts)) => (Ok(outcome), Ok(counts)),
            Err(failure) => (Err(failure.clone()), Err(failure)),
        };
        self.outcome = outcome;
        counts
    }

    fn answer(self: Box<Self>, failure: Option<&StoreError>) {
        let outcome = failure.cloned().map_or(self.outcome, Err);
        // A caller who has gone away does not want to know.
        let _ = self.answer.send(outcome);
    }
}

fn finish(conn: &Connection, mut group: Vec<Box<dyn Job>>) {
    let failure = commit(conn, &mut group).err();
    tell(group, failure.as_ref());
}

fn tell(group: Vec<Box<dyn Job>>, failure: Option<&StoreError>) {
    for job in group {
        job.answer(failure);
    }
}

/// A store that is locked, read-only or gone is so for whoever asks.
fn is_everybodys(failure: &StoreError) -> bool {
    matches!(failure, StoreError::Unavailable(_))
}

/// Commits a group. Each job keeps its own outcome; an error is everybody's.
fn commit(conn: &Connection, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    if !commit_at_once(conn, group)? && group.len() > 1 {
        commit_apart(conn, group)?;
    }
    Ok(())
}

/// Tries the group without savepoints, and answers whether that went well.
///
/// FTS5 writes its index out at every savepoint, so 64 openings in one commit came to 4,300–6,700 a second with savepoints
/// and to 10,000 without (2026-11-20, two cores). And a change set that fails mostly fails at a guard, before its first
/// write. Only one that fails half-way spoils the attempt.
fn commit_at_once(conn: &Connection, group: &mut [Box<dyn Job>]) -> Result<bool, StoreError> {
    let transaction = begin(conn)?;
    let mut counts = Counts::default();
    for job in group {
        let before = conn.total_changes();
        match job.attempt(conn) {
            Ok(counted) => counts += counted,
            Err(failure) => {
                still_open(conn, failure)?;
                if conn.total_changes() != before {
                    transaction.rollback().map_err(Error::from)?;
                    return Ok(false);
                }
            }
        }
    }
    close(transaction, &counts)?;
    Ok(true)
}

/// Commits the group with a savepoint around each job, so that one that fails half-way takes nobody with it.
fn commit_apart(conn: &Connection, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let transaction = begin(conn)?;
    let mut counts = Counts::default();
    for job in group {
        match whole(conn, || job.attempt(conn)).map_err(Error::from)? {
            Ok(counted) => counts += counted,
            Err(failure) => still_open(conn, failure)?,
        }
    }
    close(transaction, &counts)
}

/// Writes what the jobs of a group have counted, and commits. Where that fails, nothing of the group stays.
fn close(transaction: Transaction<'_>, counts: &Counts) -> Result<(), StoreError> {
    counts.write(&transaction)?;
    Ok(transaction.commit().map_err(Error::from)?)
}

fn begin(conn: &Connection) -> Result<Transaction<'_>, StoreError> {
    Ok(Transaction::new_unchecked(conn, TransactionBehavior::Immediate).map_err(Error::from)?)
}

/// `SQLite` gives the whole transaction up after some errors, such as a failing disk. Then the failure is everybody's, and
/// nothing more may run: it would commit by itself.
fn still_open(conn: &Connection, failure: StoreError) -> Result<(), StoreError> {
    if conn.is_autocommit() { Err(failure) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
