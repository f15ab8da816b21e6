//! A store in which others are faster.

use super::*;
use support_core::{
    domain::{
        agent::Agent,
        catalogue::{Entry, ItemKind},
        id::{AgentId, EntryId, MessageId, OperationId, TimeEntryId},
        message::Side,
        operation::Operation,
        request::{Request, RequestKey},
        stats::{Cell, Holder, Range, Tally, TallyKind, TallyScope},
        ticket::AlarmKind,
        time_entry::TimeEntry,
    },
    ports::{
        agents::{AgentQuery, AgentStore},
        catalogue::CatalogueStore,
        leases::{Lease, LeaseRequest, LeaseStore},
        operations::OperationStore,
        requests::RequestStore,
        stats::StatsStore,
        time_entries::TimeEntryStore,
    },
};

/// Lets somebody else change each ticket just before it is committed, a chosen number of times.
#[derive(Clone)]
pub(super) struct Contended {
    pub(super) inner: MemoryStore,
    pub(super) conflicts: Arc<AtomicU32>,
}

#[async_trait]
impl Store for Contended {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        let left = self.conflicts.load(Ordering::SeqCst);
        if left > 0 {
            self.conflicts.store(left - 1, Ordering::SeqCst);
            return Err(StoreError::Conflict);
        }
        self.inner.commit(changes).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.inner.scrub().await
    }
}

macro_rules! forward {
    ($($port:ident { $(fn $name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)* })*) => {$(
        #[async_trait]
        impl $port for Contended {
            $(async fn $name(&self, $($arg: $type),*) -> Result<$answer, StoreError> {
                self.inner.$name($($arg),*).await
            })*
        }
    )*};
}

forward! {
    TicketStore {
        fn ticket(id: TicketId) -> Option<Ticket>;
        fn ticket_by_number(number: &str) -> Option<Ticket>;
        fn tickets(query: &TicketQuery) -> Slice<TicketSummary>;
        fn ticket_count(query: &TicketQuery, most: u32) -> u32;
        fn due_tickets(alarm: AlarmKind, now: DateTime<Utc>, limit: u32) -> Vec<TicketId>;
    }
    MessageStore {
        fn messages(query: &MessageQuery) -> Slice<Message>;
        fn message(ticket: TicketId, id: MessageId) -> Option<Message>;
        fn unread_messages(ticket: TicketId, side: Side) -> u32;
    }
    EventStore {
        fn events(query: &EventQuery) -> Slice<Event>;
    }
    NumberStore {
        fn reserve_numbers(series: &str, count: u32) -> u64;
    }
    AgentStore {
        fn agent(id: AgentId) -> Option<Agent>;
        fn agents(query: &AgentQuery) -> Slice<Agent>;
    }
    StatsStore {
        fn cells(holder: Holder, range: Range) -> Vec<(Cell, u64)>;
        fn tally_series(scope: &TallyScope, edges: &[DateTime<Utc>]) -> Vec<Tally>;
        fn tally_sums(kind: TallyKind, range: Range) -> Vec<(TallyScope, Tally)>;
    }
    CatalogueStore {
        fn entries(kind: ItemKind) -> Vec<Entry>;
        fn entry(kind: ItemKind, id: EntryId) -> Option<Entry>;
    }
    OperationStore {
        fn operation(id: OperationId) -> Option<Operation>;
        fn operations(ticket: TicketId, limit: u32) -> Vec<Operation>;
    }
    TimeEntryStore {
        fn time_entry(ticket: TicketId, id: TimeEntryId) -> Option<TimeEntry>;
        fn time_entries(ticket: TicketId, limit: u32) -> Vec<TimeEntry>;
    }
    RequestStore {
        fn request(key: &RequestKey) -> Option<Request>;
    }
    LeaseStore {
        fn take_lease(wanted: &LeaseRequest) -> Option<Lease>;
        fn return_lease(lease: &Lease) -> ();
    }
}
