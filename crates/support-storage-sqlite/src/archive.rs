//! Everything, in order.

use crate::{
    SqliteStore, agents, catalogue, documents,
    error::Error,
    events, messages, numbers, operations, requests,
    stats::{counts::Counts, tallies},
    tickets::{self, write::Place as Seat},
    time_entries,
};
use async_trait::async_trait;
use rusqlite::Connection;
use support_core::{
    domain::{
        document::DocumentKind,
        id::{AgentId, EntryId},
    },
    ports::{
        StoreError,
        agents::{AgentQuery, AgentStore},
        archive::{ArchiveStore, Place, Record, RecordKind},
    },
};
use uuid::Uuid;

type Page = Result<Vec<(Place, Record)>, StoreError>;
/// Rows behind a place in the order of commits, and where they stand in it.
type Behind<T> = fn(&Connection, i64, u32) -> Result<Vec<(i64, T)>, Error>;

#[async_trait]
impl ArchiveStore for SqliteStore {
    async fn records(&self, kind: RecordKind, after: Option<&Place>, limit: u32) -> Page {
        match kind {
            RecordKind::Tickets => self.committed(after, limit, tickets::behind, Record::Ticket),
            RecordKind::Messages => self.committed(after, limit, messages::behind, Record::Message),
            RecordKind::Events => self.committed(after, limit, events::behind, Record::Event),
            RecordKind::Operations => self.committed(after, limit, operations::behind, Record::Operation),
            RecordKind::TimeEntries => self.committed(after, limit, time_entries::behind, Record::TimeEntry),
            RecordKind::Agents => {
                let after: Option<AgentId> = after.map(Place::read).transpose()?;
                let agents = self.agents(&AgentQuery { after, limit, ..AgentQuery::default() }).await?;
                by_key(agents.items, |row| Record::Agent(Box::new(row)))
            }
            RecordKind::Catalogue => {
                let after: Option<EntryId> = after.map(Place::read).transpose()?;
                let entries = self.readers.read(|conn| catalogue::behind(conn, after, limit))?;
                by_key(entries, |row| Record::Entry(Box::new(row)))
            }
            RecordKind::Documents => {
                let after: Option<(DocumentKind, Uuid)> = after.map(Place::read).transpose()?;
                let documents = self.readers.read(|conn| documents::behind(conn, after, limit))?;
                by_key(documents, |row| Record::Document(Box::new(row)))
            }
            RecordKind::Requests => {
                let after: Option<(String, String)> = after.map(Place::read).transpose()?;
                let requests = self.readers.read(|conn| requests::behind(conn, after.as_ref(), limit))?;
                by_key(requests, |row| Record::Request(Box::new(row)))
            }
            RecordKind::Counters => {
                let after: Option<String> = after.map(Place::read).transpose()?;
                let counters = self.readers.read(|conn| numbers::behind(conn, after.as_deref(), limit))?;
                by_key(counters, |(series, last)| Record::Counter { series, last })
            }
            RecordKind::Tallies => {
                let after: Option<(String, String, i64)> = after.map(Place::read).transpose()?;
                let tallies = self.readers.read(|conn| tallies::behind(conn, after.as_ref(), limit))?;
                by_key(tallies, |row| Record::Tally(Box::new(row)))
            }
        }
    }

    async fn record_count(&self, kind: RecordKind) -> Result<u64, StoreError> {
        self.readers.read(|conn| {
            let count: i64 = conn.prepare_cached(count(kind))?.query_row([], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
    }
}

impl SqliteStore {
    /// Rows in the order of commits.
    fn committed<T>(&self, after: Option<&Place>, limit: u32, behind: Behind<T>, record: fn(Box<T>) -> Record) -> Page {
        let after = after.map_or(Ok(0), Place::read)?;
        let rows = self.readers.read(|conn| behind(conn, after, limit))?;
        rows.into_iter().map(|(seq, row)| Ok((Place::of(&seq)?, record(Box::new(row))))).collect()
    }
}

fn by_key<T>(rows: Vec<T>, record: impl Fn(T) -> Record) -> Page {
    rows.into_iter().map(record).map(|record| Ok((Place::of_key(&record)?, record))).collect()
}

fn count(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Tickets => "SELECT count(*) FROM support_tickets",
        RecordKind::Messages => "SELECT count(*) FROM support_messages",
        RecordKind::Events => "SELECT count(*) FROM support_events",
        RecordKind::Agents => "SELECT count(*) FROM support_agents",
        RecordKind::Catalogue => "SELECT count(*) FROM support_catalogue",
        RecordKind::Documents => "SELECT count(*) FROM support_documents",
        RecordKind::Operations => "SELECT count(*) FROM support_operations",
        RecordKind::TimeEntries => "SELECT count(*) FROM support_time_entries",
        RecordKind::Requests => "SELECT count(*) FROM support_requests",
        RecordKind::Counters => "SELECT count(*) FROM support_counters",
        RecordKind::Tallies => &tallies::COUNT,
    }
}

/// Puts a record as another store had it.
pub(crate) fn restore(conn: &Connection, place: &Seat, counts: &mut Counts, record: &Record) -> Result<(), Error> {
    match record {
        Record::Ticket(ticket) => tickets::write::restore(conn, place, counts, ticket),
        Record::Message(message) => messages::add(conn, place, message),
        Record::Event(event) => events::insert(conn, place, event),
        Record::Agent(agent) => agents::insert(conn, agent),
        Record::Entry(entry) => catalogue::insert(conn, entry, entry.version),
        Record::Document(document) => documents::write::insert(conn, counts, document, document.version),
        Record::Operation(operation) => operations::insert(conn, place, operation),
        Record::TimeEntry(entry) => time_entries::insert(conn, place, entry),
        Record::Request(request) => requests::insert(conn, request),
        Record::Counter { series, last } => numbers::raise(conn, series, *last),
        Record::Tally(entry) => {
            counts.tally(entry);
            Ok(())
        }
    }
}
