//! A store in memory that can fail in every way.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::sync::atomic::{AtomicU64, Ordering};
use support_core::{
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
    memory::MemoryStore,
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

/// How a store fails.
pub(crate) enum Failing {
    /// Everything is answered with this error.
    Always(StoreError),
    /// Of this many commits in a row the first ones are done, and answered with an error all the same.
    AfterCommits(u64),
}

/// A store that fails.
pub(crate) struct Failed {
    store: MemoryStore,
    how: Failing,
    commits: AtomicU64,
}

impl Failed {
    pub(crate) fn new(how: Failing) -> Self {
        Self { store: MemoryStore::new(), how, commits: AtomicU64::new(0) }
    }

    fn may(&self) -> Result<&MemoryStore, StoreError> {
        match &self.how {
            Failing::Always(error) => Err(error.clone()),
            Failing::AfterCommits(_) => Ok(&self.store),
        }
    }
}

macro_rules! forward {
    ($($of:ident { $($name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)* })*) => {$(
        #[async_trait]
        impl $of for Failed {
            $(async fn $name(&self, $($arg: $type),*) -> Result<$answer, StoreError> {
                self.may()?.$name($($arg),*).await
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
impl Store for Failed {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        self.may()?.commit(changes).await?;
        let number = self.commits.fetch_add(1, Ordering::Relaxed);
        match self.how {
            Failing::AfterCommits(every) if number % every != every - 1 => {
                Err(StoreError::unavailable("the commit was done, and nobody was told"))
            }
            _ => Ok(()),
        }
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.may()?.scrub().await
    }
}
