//! The storage of support-desk in one `SQLite` file.
//!
//! [`SqliteStore`] is a [`Store`]: one thread writes, and commits whatever is queued as one group; a few connections
//! read beside it. It needs no async runtime. A commit that was answered survives a crash of the process, and with
//! [`Synchronous::Full`], the default, one of the machine.
//!
//! ```
//! use support_core::desk::{Desk, tickets::NewTicket};
//! use support_core::domain::{actor::Actor, profile::Profile};
//! use support_storage_sqlite::SqliteStore;
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(async {
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("support.db");
//! let store = SqliteStore::open(path).await?;
//! let desk = Desk::builder(store).profile(Profile::bookings()).build()?;
//! let customer = Actor::customer(uuid::Uuid::from_u128(7), "Ada");
//! let opened = desk.tickets().open(&customer, NewTicket::new("Cannot pay", "Card is refused")).await?;
//! let read = desk.tickets().get(&customer, opened.ticket.id).await?;
//! assert_eq!(read.ticket, opened.ticket);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # In the host's own transaction
//!
//! A host that keeps its data in `SQLite` too can have an order and its ticket come into being together: [`migrate`] puts
//! the tables into the host's file, and [`commit_in`] applies a plan of the desk inside the host's transaction.
//!
//! # Searching
//!
//! The store is also an index ([`Search`](support_core::ports::search::Search)) for desks that are given no better one. It
//! knows no stems and no slips of the keyboard. A search costs as much as there are hits: some 1.5 µs for each, and each word
//! that is looked for (measured on 2026-11-21, 50,000 tickets: 50 hits in 0.5 ms, 5,000 in 10 ms, 50,000 in 70 ms).
//! A ticket that is indexed anew takes the writer half a millisecond.
//!
//! # What was erased
//!
//! [`scrub`](Store::scrub) writes the whole file anew, because copies of what is deleted may lie anywhere in it. That costs
//! as much as copying the file, needs room for two copies, and whoever wants to write waits for it; readers do not. In a
//! file that is shared with the host it is the host's `VACUUM` too: rows of tables without an `INTEGER PRIMARY KEY` may get
//! other `rowid`s.

mod agents;
mod archive;
mod catalogue;
mod commit;
mod documents;
mod erasure;
mod error;
mod events;
mod leases;
mod messages;
mod migrations;
mod numbers;
mod open;
mod operations;
mod outbox;
mod readers;
mod requests;
mod row;
mod scrub;
mod search;
mod stats;
mod stretch;
mod tickets;
mod time_entries;
mod writer;

pub use commit::commit_in;
pub use migrations::migrate;
pub use open::{OpenError, SqliteOptions, Synchronous};
pub use rusqlite;

use async_trait::async_trait;
use readers::Readers;
use std::{fmt, path::Path};
use support_core::ports::{ChangeSet, Store, StoreError};
use writer::Writer;

/// A store in one `SQLite` file. Clones share it; the file is closed behind the last of them, once what is queued is done.
#[derive(Clone)]
pub struct SqliteStore {
    readers: Readers,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the file at `path`, which is created where it is missing. For more choices, see [`SqliteOptions`].
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        SqliteOptions::new(path).open().await
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        self.writer.run_counting(move |conn| Ok(((), commit::apply(conn, &changes)?))).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.writer.alone(scrub::scrub).await
    }
}
