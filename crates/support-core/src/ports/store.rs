use super::{
    agents::AgentStore,
    archive::{ArchiveStore, Record},
    catalogue::CatalogueStore,
    documents::DocumentStore,
    events::EventStore,
    leases::LeaseStore,
    messages::MessageStore,
    numbers::NumberStore,
    operations::OperationStore,
    outbox::OutboxStore,
    requests::RequestStore,
    search::Search,
    stats::StatsStore,
    tickets::TicketStore,
    time_entries::TimeEntryStore,
};
use crate::domain::{
    actor::AgentRef,
    agent::Agent,
    catalogue::{Entry, ItemKind},
    document::{Document, DocumentKind, Placement},
    erasure::Erasure,
    event::Event,
    id::{AgentId, EntryId, MessageId, OperationId, TicketId, TimeEntryId},
    message::{Message, Side},
    operation::{Operation, Undone},
    request::Request,
    stats::TallyEntry,
    ticket::Ticket,
    time_entry::TimeEntry,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::{error::Error, sync::Arc};
use uuid::Uuid;

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
pub trait Store:
    TicketStore
    + MessageStore
    + EventStore
    + OutboxStore
    + NumberStore
    + AgentStore
    + StatsStore
    + CatalogueStore
    + DocumentStore
    + OperationStore
    + TimeEntryStore
    + RequestStore
    + LeaseStore
    + ArchiveStore
    + Search
    + Send
    + Sync
    + 'static
{
    /// Applies everything or nothing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where a guard does not hold; the others where the backend fails.
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError>;

    /// Takes what was erased out of every place where a copy may still lie: logs, free pages, indexes. When it answers
    /// `Ok`, no byte of it is left in the store's own files. A store whose files are a server's says in its own documents
    /// how far it reaches.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where something still reads what has to go; later it may work.
    async fn scrub(&self) -> Result<(), StoreError>;
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// The ticket has still this version.
    TicketVersion {
        /// Which.
        ticket: TicketId,
        /// The version that was read.
        version: u64,
    },
    /// The ticket is there, and neither deleted nor merged into another.
    TicketStands {
        /// Which.
        ticket: TicketId,
    },
    /// Nothing that its customer may know of has happened to the ticket: its `updated_at` is still this one.
    TicketUntouched {
        /// Which.
        ticket: TicketId,
        /// The moment that was read.
        updated_at: DateTime<Utc>,
    },
    /// This is still the last message of the ticket in the order of commits, notes among them.
    LastMessage {
        /// Of which ticket.
        ticket: TicketId,
        /// Which.
        message: MessageId,
    },
    /// The lease of a job is still the one of this token.
    Lease {
        /// Of which job.
        job: String,
        /// The token.
        token: u64,
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
    /// both `updated_at`: a message may have touched it in between. Id, number and `created_at` never change; whose it is
    /// may, and then it is found from the new customer alone.
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
    /// A message as it shall be. The row gets revision `read + 1`, whatever `message.revision` says. Id, ticket, author,
    /// `internal`, `sent_at` and `read_at` never change by it.
    UpdateMessage {
        /// The message.
        message: Box<Message>,
        /// The revision that the decision read.
        read: u32,
    },
    /// Messages that `by` has now read: sets `read_at` where [`Message::is_unread_by`] is true, and nothing else.
    MarkRead {
        /// Of which ticket, which must be there.
        ticket: TicketId,
        /// Which one; all where absent. One that is not there, or not unread, changes nothing.
        message: Option<MessageId>,
        /// Who reads.
        by: Side,
        /// When.
        at: DateTime<Utc>,
    },
    /// Messages that belong to another ticket from now on. Every one must be of `from`.
    MoveMessages {
        /// Where they are.
        from: TicketId,
        /// Where they go; must be there.
        to: TicketId,
        /// Which.
        messages: Vec<MessageId>,
    },
    /// An agent as they shall be, but for `open_tickets` and `assigned_at`, which stay as they are. The row gets version
    /// `read + 1`. Where `read` is 0 there must be no row yet: it is made, with nothing counted.
    PutAgent {
        /// The agent.
        agent: Box<Agent>,
        /// The version that the decision read; 0 where there was none.
        read: u64,
    },
    /// One more open ticket for an agent. Refused as a conflict where the agent has another version, or has `most` open
    /// tickets already. Where `read` is 0 there must be no row yet: one is made, as [`Agent::new`] makes it, with version 1.
    Occupy {
        /// Who; the name is that of a new row, and of one that has none yet.
        agent: AgentRef,
        /// The version that the decision read; 0 where there was none.
        read: u64,
        /// The most open tickets; any number where absent.
        most: Option<u32>,
        /// When: becomes `assigned_at`, never an earlier one.
        at: DateTime<Utc>,
    },
    /// One open ticket less for an agent, who must be there; never below zero.
    Release {
        /// Who.
        agent: AgentId,
    },
    /// Counters to be added.
    Tally(Vec<TallyEntry>),
    /// An entry of a small list. The row gets version `read + 1`. Where `read` is 0 there must be no entry of this id yet.
    /// An entry whose [key](crate::domain::catalogue::Item::key) another of its list has is a conflict. `created_at`
    /// never changes.
    PutEntry {
        /// The entry.
        entry: Box<Entry>,
        /// The version that the decision read; 0 where there was none.
        read: u64,
    },
    /// An entry of a small list goes.
    RemoveEntry {
        /// From which list.
        kind: ItemKind,
        /// Which.
        id: EntryId,
        /// The version that the decision read.
        read: u64,
    },
    /// A document as it shall be. The row gets version `read + 1`, whatever `document.version` says. Where `read` is 0 there
    /// must be none of this id yet. A key that another of its kind has is a conflict. Whose it is may change, too.
    PutDocument {
        /// The document.
        document: Box<Document>,
        /// The version that the decision read; 0 where there was none.
        read: u64,
        /// By what it was found in that version.
        before: Box<Placement>,
    },
    /// A document goes.
    RemoveDocument {
        /// What it is.
        kind: DocumentKind,
        /// Which.
        id: Uuid,
        /// The version that the decision read.
        read: u64,
        /// By what it was found in that version.
        before: Box<Placement>,
    },
    /// Something was done to two tickets, which must be there.
    AddOperation(Box<Operation>),
    /// It was undone: a conflict where it was already, or is not there.
    UndoOperation {
        /// What.
        id: OperationId,
        /// By whom, and when.
        undone: Undone,
    },
    /// Time that was spent on a ticket, which must be there.
    AddTimeEntry(Box<TimeEntry>),
    /// It is taken back: a conflict where it is not there.
    RemoveTimeEntry {
        /// On which ticket.
        ticket: TicketId,
        /// Which.
        id: TimeEntryId,
    },
    /// A request and its answer. A conflict where one of the same key is there whose `at` is later than `expired`; an older
    /// one is replaced.
    RememberRequest {
        /// The request.
        request: Box<Request>,
        /// Requests of this moment and before are forgotten.
        expired: DateTime<Utc>,
    },
    /// Requests of this moment and before are forgotten, or, where there are many, some thousands of them, the oldest first.
    ForgetRequests {
        /// The moment.
        until: DateTime<Utc>,
    },
    /// Of the events that have no place in the [outbox](OutboxStore) yet, so many of the first get theirs, in their order.
    /// It comes with the lease of whoever gives places as a guard: two that do so at once are in each other's way. Nothing
    /// where a store gives places by itself, or none is without.
    PlaceEvents {
        /// How many.
        limit: u32,
    },
    /// A person is forgotten: every ticket of theirs becomes [`Erasure::ticket`] with its version raised by one, every
    /// message on it [`Erasure::message`], every event [`Erasure::event`], every time entry and operation likewise. So does
    /// what is [theirs](Erasure::is_by) among the messages and events of other tickets. Requests about them go. Nothing else changes; that there is no such person is no conflict.
    Erase(Box<Erasure>),
    /// A record as another store has it, to the version and everything that is counted on it; behind all records of its kind
    /// where those stand in an order of commits. A conflict where one of the same id, number or key is there, or what it
    /// belongs to is not. Two kinds are never a conflict: a counter stands at the higher of both numbers afterwards, and a
    /// tally is added. What follows from a record follows as it does from other writes, but nothing else is touched: neither
    /// the moment of a ticket's last change, nor what is counted.
    Restore(Record),
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
    /// It cannot be reached, is locked or read-only. Later it may work. Nothing was written, or, where the way to a server
    /// was cut before its answer came, all of it may have been: a request with a key finds out when it is sent again.
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
