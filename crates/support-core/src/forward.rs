//! Stores around stores.

#[doc(hidden)]
pub use chrono::{DateTime, Utc};
#[doc(hidden)]
pub use uuid::Uuid;

/// Implements every port that [`Store`](crate::ports::Store) is made of for a store around another one, by asking that one;
/// `commit` and `scrub` are left to the wrapper.
///
/// `this => inner` says where the other one is; `inner` may end early with a `StoreError`. The caller depends on
/// `async-trait`, as everybody does who implements a store.
///
/// ```
/// use support_core::{forward_store, memory::MemoryStore, ports::{ChangeSet, Store, StoreError}};
///
/// struct ReadOnly(MemoryStore);
///
/// forward_store!(ReadOnly, this => this.0);
///
/// #[async_trait::async_trait]
/// impl Store for ReadOnly {
///     async fn commit(&self, _: ChangeSet) -> Result<(), StoreError> {
///         Err(StoreError::unavailable("nothing is written here"))
///     }
///
///     async fn scrub(&self) -> Result<(), StoreError> {
///         Ok(())
///     }
/// }
/// ```
#[macro_export]
macro_rules! forward_store {
    ($wrapper:ty, $this:ident => $inner:expr) => {
        const _: () = {
            use $crate::{
                forward::{DateTime, Utc, Uuid},
                domain::{
                    agent::Agent,
                    catalogue::{Entry, ItemKind},
                    document::{Document, DocumentKind},
                    event::Event,
                    id::{AgentId, CustomerId, EntryId, EventId, MessageId, OperationId, TicketId, TimeEntryId},
                    message::{Message, Side},
                    operation::Operation,
                    request::{Request, RequestKey},
                    search::{Batch, Hits, SearchQuery},
                    stats::{Cell, Holder, Range, Tally, TallyKind, TallyScope},
                    ticket::{AlarmKind, Ticket, TicketQuery, TicketSummary},
                    time_entry::TimeEntry,
                },
                ports::{
                    Slice, StoreError,
                    agents::{AgentQuery, AgentStore},
                    archive::{ArchiveStore, Place, Record, RecordKind},
                    catalogue::CatalogueStore,
                    documents::{DocumentQuery, DocumentStore},
                    events::{EventQuery, EventStore},
                    leases::{Lease, LeaseRequest, LeaseStore},
                    messages::{MessageQuery, MessageStore},
                    numbers::NumberStore,
                    operations::OperationStore,
                    outbox::OutboxStore,
                    requests::RequestStore,
                    search::Search,
                    stats::StatsStore,
                    tickets::TicketStore,
                    time_entries::TimeEntryStore,
                },
            };
            $crate::forward_store! { @each $wrapper, $this => $inner;
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
                    OutboxStore {
                        has_unplaced_events() -> bool;
                        placed_events(after: Option<EventId>, limit: u32) -> Vec<Event>;
                        last_placed_event() -> Option<EventId>;
                    }
                    NumberStore { reserve_numbers(series: &str, count: u32) -> u64; }
                    AgentStore {
                        agent(id: AgentId) -> Option<Agent>;
                        agents(query: &AgentQuery) -> Slice<Agent>;
                    }
                    CatalogueStore {
                        entries(kind: ItemKind) -> Vec<Entry>;
                        entry(kind: ItemKind, id: EntryId) -> Option<Entry>;
                    }
                    DocumentStore {
                        document(kind: DocumentKind, id: Uuid) -> Option<Document>;
                        document_by_key(kind: DocumentKind, key: &str) -> Option<Document>;
                        documents(query: &DocumentQuery) -> Slice<Document>;
                        document_counts(kind: DocumentKind, prefix: &str, limit: u32) -> Vec<(String, u64)>;
                        document_counts_on(kind: DocumentKind, lists: &[String]) -> Vec<u64>;
                        documents_of(
                            owner: CustomerId,
                            after: Option<(DocumentKind, Uuid)>,
                            limit: u32
                        ) -> Vec<Document>;
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
                    Search {
                        index(batch: &Batch) -> ();
                        bookmark() -> Option<String>;
                        clear_index() -> ();
                        search(query: &SearchQuery) -> Hits;
                        scrub_index() -> ();
                    }
                    ArchiveStore {
                        records(kind: RecordKind, after: Option<&Place>, limit: u32) -> Vec<(Place, Record)>;
                        record_count(kind: RecordKind) -> u64;
                    }
            }
        };
    };
    (@each $wrapper:ty, $this:ident => $inner:expr;
        $($of:ident { $($name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)* })*) => {$(
        #[::async_trait::async_trait]
        impl $of for $wrapper {
            $(async fn $name(&self, $($arg: $type),*) -> Result<$answer, StoreError> {
                let $this = self;
                $inner.$name($($arg),*).await
            })*
        }
    )*};
}
