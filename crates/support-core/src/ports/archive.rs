//! Reading everything that a store holds, record by record, in an order in which it can be put back.

use super::StoreError;
use crate::domain::{
    agent::Agent,
    catalogue::Entry,
    document::Document,
    event::Event,
    message::Message,
    operation::Operation,
    request::{Request, RequestKey},
    stats::TallyEntry,
    ticket::Ticket,
    time_entry::TimeEntry,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt;

/// A whole store, for copies of it.
///
/// What belongs to a running process is no record: leases. Neither is what follows from records: figures of how tickets
/// stand, and what text is found by.
#[async_trait]
pub trait ArchiveStore {
    /// The records of a kind behind a place, in the order of [`RecordKind`]; none where there are no more.
    ///
    /// A place stays one while the store is written to: what is there stays in its order.
    async fn records(
        &self,
        kind: RecordKind,
        after: Option<&Place>,
        limit: u32,
    ) -> Result<Vec<(Place, Record)>, StoreError>;

    /// How many records of a kind there are. It may cost as much as reading them.
    async fn record_count(&self, kind: RecordKind) -> Result<u64, StoreError>;
}

/// What there is to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// Tickets, deleted ones too, in the order in which they were opened.
    Tickets,
    /// Messages and notes of all tickets, in the order of commits: those of a ticket that is merged into another come to
    /// stand among the other's in it.
    Messages,
    /// The audit trails of all tickets, in the order of commits.
    Events,
    /// Agents, with what is counted of them, by id.
    Agents,
    /// The small lists that staff keep, by id.
    Catalogue,
    /// What is kept as a whole, by the words of [`DocumentKind`](crate::domain::document::DocumentKind) and ids.
    Documents,
    /// What was done to several tickets at once, in the order of commits.
    Operations,
    /// Time that was spent, in the order of commits.
    TimeEntries,
    /// Remembered requests, by principal and key, compared byte by byte.
    Requests,
    /// How far the series of ticket numbers have come, by their names, compared byte by byte.
    Counters,
    /// What happened, by the words of [`TallyKind`](crate::domain::stats::TallyKind), the keys of the scopes and the quarters
    /// of an hour. A quarter in which everything came to nothing is no record.
    Tallies,
}

impl RecordKind {
    /// All of them, in an order in which they can be put back: what refers to something comes behind it.
    pub const ALL: &'static [Self] = &[
        Self::Tickets,
        Self::Messages,
        Self::Events,
        Self::Agents,
        Self::Catalogue,
        Self::Documents,
        Self::Operations,
        Self::TimeEntries,
        Self::Requests,
        Self::Counters,
        Self::Tallies,
    ];

    /// What people call them.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tickets => "tickets",
            Self::Messages => "messages",
            Self::Events => "events",
            Self::Agents => "agents",
            Self::Catalogue => "catalogue entries",
            Self::Documents => "documents",
            Self::Operations => "operations",
            Self::TimeEntries => "time entries",
            Self::Requests => "requests",
            Self::Counters => "counters",
            Self::Tallies => "tallies",
        }
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that a store holds, whole: with its version, and with everything that is counted on it.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A ticket, without its messages.
    Ticket(Box<Ticket>),
    /// A message.
    Message(Box<Message>),
    /// An entry of an audit trail.
    Event(Box<Event>),
    /// An agent.
    Agent(Box<Agent>),
    /// An entry of a small list.
    Entry(Box<Entry>),
    /// A thing that is kept as a whole.
    Document(Box<Document>),
    /// An operation, undone or not.
    Operation(Box<Operation>),
    /// An entry of time.
    TimeEntry(Box<TimeEntry>),
    /// A remembered request.
    Request(Box<Request>),
    /// A series of ticket numbers.
    Counter {
        /// What it is called.
        series: String,
        /// The last number that was handed out.
        last: u64,
    },
    /// What happened in a quarter of an hour.
    Tally(Box<TallyEntry>),
}

impl Record {
    /// Among which it stands.
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Ticket(_) => RecordKind::Tickets,
            Self::Message(_) => RecordKind::Messages,
            Self::Event(_) => RecordKind::Events,
            Self::Agent(_) => RecordKind::Agents,
            Self::Entry(_) => RecordKind::Catalogue,
            Self::Document(_) => RecordKind::Documents,
            Self::Operation(_) => RecordKind::Operations,
            Self::TimeEntry(_) => RecordKind::TimeEntries,
            Self::Request(_) => RecordKind::Requests,
            Self::Counter { .. } => RecordKind::Counters,
            Self::Tally(_) => RecordKind::Tallies,
        }
    }
}

/// What it is called, for people who look for it. Nothing of what stands in it.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ticket(ticket) => write!(f, "ticket {} ({})", ticket.number, ticket.id),
            Self::Message(message) => write!(f, "message {} of ticket {}", message.id, message.ticket),
            Self::Event(event) => write!(f, "event {} of ticket {}", event.id, event.ticket),
            Self::Agent(agent) => write!(f, "agent {}", agent.id),
            Self::Entry(entry) => write!(f, "{} {}", entry.item.kind().as_str(), entry.id),
            Self::Document(document) => write!(f, "{} {}", document.kind, document.id),
            Self::Operation(operation) => write!(f, "operation {} of ticket {}", operation.id, operation.ticket),
            Self::TimeEntry(entry) => write!(f, "time entry {} of ticket {}", entry.id, entry.ticket),
            Self::Request(request) => {
                let RequestKey { principal, key } = &request.key;
                write!(f, "request `{key}` of {principal}")
            }
            Self::Counter { series, last } => write!(f, "counter `{series}` at {last}"),
            Self::Tally(entry) => {
                let (kind, key) = (entry.scope.kind().as_str(), entry.scope.key());
                write!(f, "tally {kind} {key} of {}", entry.quarter.to_rfc3339())
            }
        }
    }
}

/// Where a record stands in its store. What is in it is the store's own affair; it is kept and handed back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place(String);

impl Place {
    /// For stores: the place of a record that is found by this.
    ///
    /// # Errors
    /// [`StoreError::Backend`] where it cannot be written down.
    pub fn of(found_by: &impl Serialize) -> Result<Self, StoreError> {
        serde_json::to_string(found_by).map(Self).map_err(StoreError::backend)
    }

    /// For stores: the place of a record of a kind that is not in an order of commits, which is found by its own key.
    ///
    /// # Errors
    /// As [`Place::of`].
    pub fn of_key(record: &Record) -> Result<Self, StoreError> {
        match record {
            Record::Ticket(ticket) => Self::of(&ticket.id),
            Record::Message(message) => Self::of(&message.id),
            Record::Event(event) => Self::of(&event.id),
            Record::Agent(agent) => Self::of(&agent.id),
            Record::Entry(entry) => Self::of(&entry.id),
            Record::Document(document) => Self::of(&(document.kind.as_str(), document.id)),
            Record::Operation(operation) => Self::of(&operation.id),
            Record::TimeEntry(entry) => Self::of(&entry.id),
            Record::Request(request) => Self::of(&(&request.key.principal, &request.key.key)),
            Record::Counter { series, .. } => Self::of(series),
            Record::Tally(entry) => {
                let TallyEntry { scope, quarter, .. } = &**entry;
                Self::of(&(scope.kind().as_str(), scope.key(), quarter.timestamp_millis()))
            }
        }
    }

    /// For stores: what the record is found by.
    ///
    /// # Errors
    /// [`StoreError::Backend`] where it is no place of such a store.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.0)
            .map_err(|error| StoreError::backend(format!("`{}` is no place of this store: {error}", self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let keys = ("customer 7".to_owned(), "a \"b\"".to_owned());
        let place = Place::of(&keys).unwrap();
        assert_eq!(place.read::<(String, String)>().unwrap(), keys);
        assert!(matches!(place.read::<u64>(), Err(StoreError::Backend(_))));
        let kept = serde_json::to_string(&place).unwrap();
        assert_eq!(serde_json::from_str::<Place>(&kept).unwrap(), place);
    }
}
