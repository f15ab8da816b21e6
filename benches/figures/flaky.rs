//! A store that answers two of three commits with a failure, and has done one of the two.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use support_desk::{
    SqliteStore,
    domain::{
        agent::Agent,
        catalogue::{Entry, ItemKind},
        event::Event,
        id::{AgentId, EntryId, MessageId, OperationId, TicketId, TimeEntryId},
        message::{Message, Side},
        operation::Operation,
        request::{Request, RequestKey},
        stats::{Cell, Holder, Range, Tally, TallyKind, TallyScope},
        ticket::{AlarmKind, Ticket, TicketQuery, TicketSummary},
        time_entry::TimeEntry,
    },
    ports::{
        ChangeSet, Slice, Store, StoreError,
        agents::{AgentQuery, AgentStore},
        catalogue::CatalogueStore,
        events::{EventQuery, EventStore},
        leases::{Lease, LeaseRequest, LeaseStore},
        messages::{MessageQuery, MessageStore},
        numbers::NumberStore,
        operations::OperationStore,
        requests::RequestStore,
        stats::StatsStore,
        tickets::TicketStore,
        time_entries::TimeEntryStore,
    },
};

/// What came of commits.
#[derive(Default)]
pub(crate) struct Commits {
    /// How many were asked for.
    pub(crate) asked: AtomicU64,
    /// How many were done, and nobody was told.
    pub(crate) untold: AtomicU64,
}

/// Fails before the commit, then after it, then not, by turns.
pub(crate) struct Flaky {
    store: SqliteStore,
    commits: Arc<Commits>,
}

impl Flaky {
    pub(crate) fn new(store: SqliteStore, commits: Arc<Commits>) -> Self {
        Self { store, commits }
    }
}

macro_rules! forward {
    ($($of:ident { $($name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)* })*) => {$(
        #[async_trait]
        impl $of for Flaky {
            $(async fn $name(&self, $($arg: $type),*) -> Result<$answer, StoreError> {
                self.store.$name($($arg),*).await
            })*
        }
    )*};
}

forward! {
    TicketStore {
        ticket(id: TicketId) -> Option<Ticket>;
        ticket_by_number(number: &str) -> Option<Ticket>;
        tickets(query: &TicketQuery) -> Slice<TicketSummary>;
        ticket_count(query: &TicketQuery, most: u32) -> u32;
        due_tickets(alarm: AlarmKind, now: DateTime<Utc>, limit: u32) -> Vec<TicketId>;
    }
    MessageStore {
        messages(query: &MessageQuery) -> Slice<Message>;
        message(ticket: TicketId, id: MessageId) -> Option<Message>;
        unread_messages(ticket: TicketId, side: Side) -> u32;
    }
    EventStore { events(query: &EventQuery) -> Slice<Event>; }
    NumberStore { reserve_numbers(series: &str, count: u32) -> u64; }
    AgentStore {
        agent(id: AgentId) -> Option<Agent>;
        agents(query: &AgentQuery) -> Slice<Agent>;
    }
    CatalogueStore {
        entries(kind: ItemKind) -> Vec<Entry>;
        entry(kind: ItemKind, id: EntryId) -> Option<Entry>;
    }
    OperationStore {
        operation(id: OperationId) -> Option<Operation>;
        operations(ticket: TicketId, limit: u32) -> Vec<Operation>;
    }
    StatsStore {
        cells(holder: Holder, range: Range) -> Vec<(Cell, u64)>;
        tally_series(scope: &TallyScope, edges: &[DateTime<Utc>]) -> Vec<Tally>;
        tally_sums(kind: TallyKind, range: Range) -> Vec<(TallyScope, Tally)>;
    }
    TimeEntryStore {
        time_entry(ticket: TicketId, id: TimeEntryId) -> Option<TimeEntry>;
        time_entries(ticket: TicketId, limit: u32) -> Vec<TimeEntry>;
    }
    RequestStore { request(key: &RequestKey) -> Option<Request>; }
    LeaseStore {
        take_lease(wanted: &LeaseRequest) -> Option<Lease>;
        return_lease(lease: &Lease) -> ();
    }
}

#[async_trait]
impl Store for Flaky {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        let turn = self.commits.asked.fetch_add(1, Ordering::Relaxed) % 3;
        if turn == 0 {
            return Err(StoreError::unavailable("the line broke before the commit"));
        }
        self.store.commit(changes).await?;
        if turn == 1 {
            self.commits.untold.fetch_add(1, Ordering::Relaxed);
            return Err(StoreError::unavailable("the commit was done, and nobody was told"));
        }
        Ok(())
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.store.scrub().await
    }
}
