//! A desk moves: everything that one store holds goes into another, of any kind.
//!
//! A [`Transfer`] streams records from a source into an empty target, many in a commit, and each commit carries a bookmark
//! of how far it has come. So it can be interrupted anywhere, and the next one goes on exactly there. Then it reads both
//! stores side by side and compares every record.
//!
//! ```
//! use support_core::desk::{Desk, tickets::NewTicket};
//! use support_core::domain::{actor::Actor, profile::Profile};
//! use support_core::{memory::MemoryStore, ports::archive::RecordKind, transfer::Transfer};
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(async {
//! let (source, target) = (MemoryStore::new(), MemoryStore::new());
//! let desk = Desk::builder(source.clone()).profile(Profile::bookings()).build()?;
//! let customer = Actor::customer(uuid::Uuid::from_u128(7), "Ada");
//! let opened = desk.tickets().open(&customer, NewTicket::new("Cannot pay", "Card is refused")).await?;
//!
//! let transfer = Transfer::new(&source, &target);
//! transfer.run(|progress| println!("{}: {} of {}", progress.kind, progress.done, progress.total)).await?;
//! let compared = transfer.check(|_| {}).await?;
//! assert_eq!(compared.of(RecordKind::Tickets), 1);
//!
//! let desk = Desk::builder(target).profile(Profile::bookings()).build()?;
//! assert_eq!(desk.tickets().get(&customer, opened.ticket.id).await?.ticket, opened.ticket);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! Both stores must be at rest: stop the desk before. What somebody writes to the source behind the place that a copy has
//! reached is not copied, and the check says so. Leases are not copied, because they belong to running processes.
//!
//! What a sealed store (`support-privacy`) keeps comes out of it opened, and goes into one sealed. To seal a desk under other
//! keys, wrap each store with its own. Where the keys stay, copy between the stores that are wrapped: sealed rows open
//! wherever they stand.

mod bookmark;
mod check;

use crate::ports::{
    ChangeSet, Store, StoreError, Write,
    archive::{Place, Record, RecordKind},
};
use bookmark::Bookmark;
use std::collections::BTreeMap;

/// Records that go into one commit. More of them cost room, fewer cost time.
const BATCH: u32 = 200;

/// Copies everything from one store into another. See the [module's documentation](self).
#[derive(Debug)]
pub struct Transfer<'a, S: ?Sized, T: ?Sized> {
    source: &'a S,
    target: &'a T,
    batch: u32,
}

/// How far a copy, or its check, has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it is at.
    pub kind: RecordKind,
    /// How many of that are done, those of before an interruption too.
    pub done: u64,
    /// How many of that there are.
    pub total: u64,
    /// How many records of all kinds are done.
    pub done_in_all: u64,
    /// How many records there are of all kinds.
    pub total_in_all: u64,
}

/// How many records there are of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<RecordKind, u64>);

impl Counts {
    /// How many there are of one.
    pub fn of(&self, kind: RecordKind) -> u64 {
        self.0.get(&kind).copied().unwrap_or_default()
    }

    /// How many there are in all.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Each kind, in the order of copying.
    pub fn iter(&self) -> impl Iterator<Item = (RecordKind, u64)> {
        RecordKind::ALL.iter().map(|kind| (*kind, self.of(*kind)))
    }

    fn progress(&self, kind: RecordKind, done: u64) -> Progress {
        let before: u64 = self.0.range(..kind).map(|(_, count)| count).sum();
        Progress { kind, done, total: self.of(kind), done_in_all: before + done, total_in_all: self.total() }
    }
}

/// Why a store was not copied, or is not the same.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// The source does not answer.
    #[error("the source: {0}")]
    Source(#[source] StoreError),
    /// The target does not answer. What was copied is there, and the next copy goes on behind it.
    #[error("the target: {0}")]
    Target(#[source] StoreError),
    /// The source is a copy that was never finished: it does not hold everything.
    #[error("the source is itself a copy that was not finished; finish it first")]
    Unfinished,
    /// The target holds a desk already, and no copy was begun there.
    #[error("the target is not empty: it holds {count} {kind}, and no copy of this desk was begun there")]
    NotEmpty {
        /// What it holds.
        kind: RecordKind,
        /// How many.
        count: u64,
    },
    /// The copy that was begun in the target is one of another desk.
    #[error("the copy that was begun in the target is one of another desk: {0}")]
    AnotherDesk(String),
    /// The bookmark in the target is none that this program can read.
    #[error("the bookmark in the target cannot be read: {0}")]
    Bookmark(String),
    /// Somebody has written to the target since the copy began; another copy, or a desk.
    #[error("somebody else writes to the target, where the {0} go: it must be at rest")]
    Overtaken(RecordKind),
    /// Something was written to one of the two that the other does not hold.
    #[error("the source holds {source_count} {kind}, the target {target_count}")]
    Counts {
        /// What.
        kind: RecordKind,
        /// How many the source holds.
        source_count: u64,
        /// How many the target holds.
        target_count: u64,
    },
    /// The first record that is not the same in both.
    #[error("they differ at the {nth}. of the {kind}: {source_record} in the source, {target_record} in the target")]
    Differs {
        /// What.
        kind: RecordKind,
        /// Which, counted from one.
        nth: u64,
        /// What the source holds there, by its name.
        source_record: String,
        /// What the target holds there, by its name.
        target_record: String,
    },
}

impl<'a, S: Store + ?Sized, T: Store + ?Sized> Transfer<'a, S, T> {
    /// Out of `source`, into `target`.
    pub fn new(source: &'a S, target: &'a T) -> Self {
        Self { source, target, batch: BATCH }
    }

    /// Copies so many records in a commit; 200 where nobody says.
    pub fn batch(self, records: u32) -> Self {
        Self { batch: records.max(1), ..self }
    }

    /// Copies what is not there yet, and answers what the source holds. Dropped or failed half-way, it goes on where it was
    /// when it is run again, by another process too, until [`check`](Self::check) has found both equal.
    ///
    /// # Errors
    /// [`TransferError`]; whatever it is, the target holds what was copied so far, and a bookmark of it.
    pub async fn run(&self, mut on_progress: impl FnMut(Progress)) -> Result<Counts, TransferError> {
        let mut bookmark = self.begin().await?;
        let counts = self.counts().await?;
        let begun = bookmark.kind;
        for kind in RecordKind::ALL.iter().copied().filter(|kind| *kind >= begun) {
            bookmark = bookmark.at(kind);
            on_progress(counts.progress(kind, bookmark.done));
            while let Some(next) = self.copy_some(&bookmark).await? {
                bookmark = next;
                on_progress(counts.progress(kind, bookmark.done));
            }
        }
        Ok(counts)
    }

    /// Copies the records behind a bookmark, and moves it; nothing where there are no more of its kind.
    async fn copy_some(&self, bookmark: &Bookmark) -> Result<Option<Bookmark>, TransferError> {
        let page = self.source.records(bookmark.kind, bookmark.after.as_ref(), self.batch).await;
        let page = page.map_err(TransferError::Source)?;
        let Some((last, _)) = page.last() else { return Ok(None) };
        let next = bookmark.behind(last.clone(), page.len() as u64);
        let mut writes: Vec<Write> = page.into_iter().map(|(_, record)| Write::Restore(record)).collect();
        // In the same commit: either both are there or neither is.
        writes.push(next.write().map_err(TransferError::Bookmark)?);
        self.target.commit(ChangeSet { writes, ..ChangeSet::default() }).await.map_err(|error| match error {
            StoreError::Conflict => TransferError::Overtaken(next.kind),
            error => TransferError::Target(error),
        })?;
        Ok(Some(next))
    }

    /// Where to go on, after a look at whether that may be.
    async fn begin(&self) -> Result<Bookmark, TransferError> {
        if Bookmark::find(self.source).await.map_err(TransferError::Source)?.is_some() {
            return Err(TransferError::Unfinished);
        }
        if let Some(kept) = Bookmark::find(self.target).await.map_err(TransferError::Target)? {
            self.same_desk().await?;
            return Bookmark::read(&kept).map_err(TransferError::Bookmark);
        }
        for kind in RecordKind::ALL {
            let count = self.target.record_count(*kind).await.map_err(TransferError::Target)?;
            if count > 0 {
                return Err(TransferError::NotEmpty { kind: *kind, count });
            }
        }
        Ok(Bookmark::default())
    }

    /// A copy that goes on out of another source would mix two desks. Their first tickets tell them apart; what differs
    /// elsewhere, the check finds.
    async fn same_desk(&self) -> Result<(), TransferError> {
        let source = self.source.records(RecordKind::Tickets, None, 1).await.map_err(TransferError::Source)?;
        let target = self.target.records(RecordKind::Tickets, None, 1).await.map_err(TransferError::Target)?;
        let name = |page: &[(Place, Record)]| page.first().map(|(_, record)| record.to_string());
        match (name(&source), name(&target)) {
            (ours, Some(theirs)) if ours.as_ref() != Some(&theirs) => Err(TransferError::AnotherDesk(format!(
                "its first is {theirs}, that of the source {}",
                ours.unwrap_or_else(|| "is none".to_owned())
            ))),
            _ => Ok(()),
        }
    }

    async fn counts(&self) -> Result<Counts, TransferError> {
        let mut counts = BTreeMap::new();
        for kind in RecordKind::ALL {
            counts.insert(*kind, self.source.record_count(*kind).await.map_err(TransferError::Source)?);
        }
        Ok(Counts(counts))
    }
}
