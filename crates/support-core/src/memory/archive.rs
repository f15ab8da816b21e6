//! Everything, in order.

use super::{
    apply::{Done, Journal, must},
    store::{MemoryStore, Rows},
};
use crate::{
    domain::{
        catalogue::Entry,
        document::Document,
        request::{Request, RequestKey},
        stats::TallyEntry,
        ticket::Ticket,
    },
    ports::{
        StoreError,
        archive::{ArchiveStore, Place, Record, RecordKind},
    },
};
use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use std::{collections::BTreeMap, ops::Bound};

type Page = Result<Vec<(Place, Record)>, StoreError>;

#[async_trait]
impl ArchiveStore for MemoryStore {
    async fn records(&self, kind: RecordKind, after: Option<&Place>, limit: u32) -> Page {
        let rows = self.rows();
        let page = Behind { after, limit: limit as usize };
        match kind {
            RecordKind::Tickets => page.committed(rows.tickets.values(), |row| Record::Ticket(Box::new(row))),
            RecordKind::Messages => page.committed(rows.messages.values(), |row| Record::Message(Box::new(row))),
            RecordKind::Events => page.committed(rows.events.values(), |row| Record::Event(Box::new(row))),
            RecordKind::Operations => page.committed(rows.operations.values(), |row| Record::Operation(Box::new(row))),
            RecordKind::TimeEntries => {
                page.committed(rows.time_entries.values(), |row| Record::TimeEntry(Box::new(row)))
            }
            RecordKind::Agents => page.keyed(&rows.agents, |_, row| Record::Agent(Box::new(row.clone()))),
            RecordKind::Catalogue => page.keyed(&rows.entries, |_, row| Record::Entry(Box::new(row.clone()))),
            RecordKind::Documents => {
                let by_words = |row: &Document| ((row.kind.as_str().to_owned(), row.id), row.clone());
                page.keyed(&rows.documents.rows.values().map(by_words).collect(), |_, row: &Document| {
                    Record::Document(Box::new(row.clone()))
                })
            }
            RecordKind::Requests => {
                let by_key = |(key, row): (&RequestKey, _)| ((key.principal.clone(), key.key.clone()), row);
                page.keyed(&rows.requests.iter().map(by_key).collect(), |_, row: &&Request| {
                    Record::Request(Box::new((*row).clone()))
                })
            }
            RecordKind::Counters => {
                page.keyed(&rows.counters, |series, last| Record::Counter { series: series.clone(), last: *last })
            }
            RecordKind::Tallies => page.keyed(&rows.tallies_by_words(), |_, row| Record::Tally(Box::new(row.clone()))),
        }
    }

    async fn record_count(&self, kind: RecordKind) -> Result<u64, StoreError> {
        let rows = self.rows();
        let count = match kind {
            RecordKind::Tickets => rows.tickets.len(),
            RecordKind::Messages => rows.messages.len(),
            RecordKind::Events => rows.events.len(),
            RecordKind::Agents => rows.agents.len(),
            RecordKind::Catalogue => rows.entries.len(),
            RecordKind::Documents => rows.documents.rows.len(),
            RecordKind::Operations => rows.operations.len(),
            RecordKind::TimeEntries => rows.time_entries.len(),
            RecordKind::Requests => rows.requests.len(),
            RecordKind::Counters => rows.counters.len(),
            RecordKind::Tallies => rows.tallies_by_words().len(),
        };
        Ok(count as u64)
    }
}

impl Rows {
    /// In the order of what SQL calls them.
    fn tallies_by_words(&self) -> BTreeMap<(String, String, i64), TallyEntry> {
        let told = self.tallies.iter().filter(|(_, by)| !by.is_empty());
        let row = |((scope, quarter), by): (&(_, _), &_)| {
            let entry = TallyEntry { scope: Clone::clone(scope), quarter: *quarter, by: *by };
            ((entry.scope.kind().as_str().to_owned(), entry.scope.key(), quarter.timestamp_millis()), entry)
        };
        told.map(row).collect()
    }
}

/// Which stretch of all rows.
struct Behind<'p> {
    after: Option<&'p Place>,
    limit: usize,
}

impl Behind<'_> {
    /// Rows that stand beside their place in the order of commits.
    fn committed<'r, T: Clone + 'r>(
        &self,
        rows: impl Iterator<Item = &'r (u64, T)>,
        record: impl Fn(T) -> Record,
    ) -> Page {
        let after = self.after.map_or(Ok(0), Place::read::<u64>)?;
        let mut rows: Vec<_> = rows.filter(|(place, _)| *place > after).collect();
        rows.sort_unstable_by_key(|(place, _)| *place);
        rows.into_iter().take(self.limit).map(|(place, row)| Ok((Place::of(place)?, record(row.clone())))).collect()
    }

    /// Rows that are found by a key of their own.
    fn keyed<K: Ord + Serialize + DeserializeOwned, V>(
        &self,
        rows: &BTreeMap<K, V>,
        record: impl Fn(&K, &V) -> Record,
    ) -> Page {
        let after: Bound<K> = match self.after {
            Some(place) => Bound::Excluded(place.read()?),
            None => Bound::Unbounded,
        };
        let behind = rows.range((after, Bound::Unbounded)).take(self.limit);
        behind.map(|(key, row)| Ok((Place::of(key)?, record(key, row)))).collect()
    }
}

impl Journal<'_> {
    /// Puts a record as another store had it.
    pub(super) fn restore(&mut self, record: Record) -> Done {
        match record {
            Record::Ticket(ticket) => self.restore_ticket(*ticket),
            Record::Message(message) => self.add_message(*message, false),
            Record::Event(event) => self.add_event(*event),
            Record::Agent(agent) => {
                must(!self.rows.agents.contains_key(&agent.id))?;
                self.set(|rows| &mut rows.agents, agent.id, Some(*agent));
                Ok(())
            }
            Record::Entry(entry) => self.restore_entry(*entry),
            Record::Document(document) => self.restore_document(*document),
            Record::Operation(operation) => self.add_operation(*operation),
            Record::TimeEntry(entry) => self.add_time_entry(*entry),
            Record::Request(request) => {
                must(!self.rows.requests.contains_key(&request.key))?;
                self.set(|rows| &mut rows.requests, request.key.clone(), Some(*request));
                Ok(())
            }
            Record::Counter { series, last } => {
                let last = self.rows.counters.get(&series).map_or(last, |known| last.max(*known));
                self.set(|rows| &mut rows.counters, series, Some(last));
                Ok(())
            }
            Record::Tally(entry) => {
                self.tally(*entry);
                Ok(())
            }
        }
    }

    /// Adds a ticket without messages.
    pub(super) fn restore_ticket(&mut self, ticket: Ticket) -> Done {
        must(self.version(ticket.id).is_none() && !self.rows.numbers.contains_key(&ticket.number))?;
        self.set(|rows| &mut rows.numbers, ticket.number.clone(), Some(ticket.id));
        let place = self.place();
        self.set(|rows| &mut rows.tickets, ticket.id, Some((place, ticket)));
        Ok(())
    }

    fn restore_entry(&mut self, entry: Entry) -> Done {
        let name = |entry: &Entry| (entry.item.kind(), entry.item.key());
        let taken = |other: &Entry| other.id == entry.id || name(other) == name(&entry);
        must(!self.rows.entries.values().any(taken))?;
        self.set(|rows| &mut rows.entries, entry.id, Some(entry));
        Ok(())
    }
}
