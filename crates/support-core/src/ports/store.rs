use super::{events::EventStore, messages::MessageStore, numbers::NumberStore, tickets::TicketStore};
use crate::domain::{event::Event, id::TicketId, message::Message, ticket::Ticket};
use async_trait::async_trait;
use std::{error::Error, sync::Arc};

/// Everything a desk remembers.
///
/// # Contract
///
/// Every backend passes the suite of `support_core::contract` (feature `contract`); a third party's can too.
///
/// * **Atomic.** [`commit`](Store::commit) applies a whole change set or nothing of it, whatever fails. When it
///   answers `Ok`, everything in it survives a crash of the process; a durable backend says in its own documents what
///   it needs to survive a crash of the machine.
/// * **Order of events.** Writes are applied in their order, then all events are appended in theirs. Messages and
///   events of one ticket are read back in the order in which they were committed.
/// * **Guards.** Each holds at the moment of commit, or the answer is [`StoreError::Conflict`]. An
///   [`Write::UpdateTicket`] guards the version it read, and leaves `read + 1` behind. Nothing relies on an isolation
///   level: two updates that read the same version never both succeed.
/// * **Reads** see every commit that was answered before they began. `None` means that no such row exists; it never
///   stands for a failure. Access is not the store's business, but a [`TicketScope`](crate::domain::access::TicketScope)
///   in a query is part of its condition.
/// * **Time** is kept to the millisecond. Text is kept as it is, to the byte.
/// * **Ids and numbers** are unique, each kind for itself, compared to the letter. A change set that would repeat one is [`StoreError::Conflict`] and changes nothing.
/// * A row that cannot be a valid value is [`StoreError::Corrupt`], with its table, column and id; it is never skipped.
///
/// Wrappers must forward every method: none has a default body.
#[async_trait]
pub trait Store: TicketStore + MessageStore + EventStore + NumberStore + Send + Sync + 'static {
    /// Applies everything or nothing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where a guard does not hold; the others where the backend fails.
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError>;
}

/// What one decision changes, as one value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChangeSet {
    /// What must still be so.
    pub guards: Vec<Guard>,
    /// What is written.
    pub writes: Vec<Write>,
    /// What is told, in the audit trail and later to subscribers.
    pub events: Vec<Event>,
}

impl ChangeSet {
    /// Whether there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.guards.is_empty() && self.writes.is_empty() && self.events.is_empty()
    }
}

/// A row that a decision depended on without writing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// The ticket has still this version.
    TicketVersion {
        /// Which.
        ticket: TicketId,
        /// The version that was read.
        version: u64,
    },
}

/// One write. Exhaustive on purpose: a backend that misses one does not compile.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// A ticket that did not exist, and its first message.
    OpenTicket {
        /// The ticket, with version 1.
        ticket: Box<Ticket>,
        /// The message.
        message: Box<Message>,
    },
    /// A ticket as it shall be. The row gets version `read + 1`, whatever `ticket.version` says, and keeps the later of
    /// both `updated_at`: a message may have touched it in between. Id, number, customer and `created_at` never change.
    UpdateTicket {
        /// The ticket.
        ticket: Box<Ticket>,
        /// The version that the decision read.
        read: u64,
    },
    /// A message that did not exist.
    AddMessage {
        /// The message.
        message: Box<Message>,
        /// Whether the ticket's `updated_at` is raised to the message's time (never lowered), its version untouched.
        touch: bool,
    },
}

/// Why a store did not do it. Classified by kind, never by text.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Something has changed since it was read, or would stand twice. Read, decide and commit again.
    #[error("the data has changed in the meantime")]
    Conflict,
    /// No room is left. Nothing was written.
    #[error("the store is full")]
    Full,
    /// It cannot be reached, is locked or read-only. Nothing was written; later it may work.
    #[error("the store is not available: {0}")]
    Unavailable(Arc<dyn Error + Send + Sync>),
    /// A row that is no valid value.
    #[error("corrupt row: {table}.{column} of {id}: {reason}")]
    Corrupt {
        /// In which table.
        table: &'static str,
        /// In which column.
        column: &'static str,
        /// Which row.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Anything else that a backend meets.
    #[error("the store failed: {0}")]
    Backend(Arc<dyn Error + Send + Sync>),
}

impl StoreError {
    /// Wraps a backend's own error as [`StoreError::Unavailable`].
    pub fn unavailable(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(error.into()))
    }

    /// Wraps a backend's own error as [`StoreError::Backend`].
    pub fn backend(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Backend(Arc::from(error.into()))
    }
}
