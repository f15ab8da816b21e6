use super::{apply::Journal, documents::Documents, search::Index};
use crate::{
    domain::{
        agent::Agent,
        catalogue::Entry,
        event::Event,
        id::{AgentId, EntryId, EventId, MessageId, OperationId, TicketId, TimeEntryId},
        message::Message,
        operation::Operation,
        request::{Request, RequestKey},
        stats::{Tally, TallyScope},
        ticket::Ticket,
        time_entry::TimeEntry,
    },
    ports::{ChangeSet, Slice, Store, StoreError, leases::Lease, numbers::NumberStore},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// A store in memory. Clones share it; it is gone with the last of them.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Rows>>);

/// What is stored. Where the order of commits counts, a row stands beside its place in that order.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) last: u64,
    pub(super) tickets: BTreeMap<TicketId, (u64, Ticket)>,
    pub(super) numbers: BTreeMap<String, TicketId>,
    pub(super) messages: BTreeMap<MessageId, (u64, Message)>,
    pub(super) threads: BTreeMap<(TicketId, u64), MessageId>,
    pub(super) events: BTreeMap<EventId, (u64, Event)>,
    pub(super) trails: BTreeMap<(TicketId, u64), EventId>,
    pub(super) placed: BTreeMap<u64, EventId>,
    pub(super) agents: BTreeMap<AgentId, Agent>,
    pub(super) tallies: BTreeMap<(TallyScope, DateTime<Utc>), Tally>,
    pub(super) entries: BTreeMap<EntryId, Entry>,
    pub(super) documents: Documents,
    pub(super) operations: BTreeMap<OperationId, (u64, Operation)>,
    pub(super) time_entries: BTreeMap<TimeEntryId, (u64, TimeEntry)>,
    pub(super) requests: BTreeMap<RequestKey, Request>,
    pub(super) index: Index,
    pub(super) leases: HashMap<String, (Uuid, Lease)>,
    pub(super) counters: BTreeMap<String, u64>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn rows(&self) -> MutexGuard<'_, Rows> {
        // A change set that fails, by a panic too, is taken back by its journal.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    pub(super) fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.get(&id).map(|(_, ticket)| ticket)
    }

    /// The messages of a ticket in the order of commits.
    pub(super) fn thread(&self, ticket: TicketId) -> impl DoubleEndedIterator<Item = &Message> {
        let places = self.threads.range((ticket, 0)..=(ticket, u64::MAX));
        places.filter_map(|(_, id)| self.messages.get(id).map(|(_, message)| message))
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        let mut rows = self.rows();
        let mut journal = Journal::new(&mut rows);
        journal.apply(changes)?;
        journal.keep();
        Ok(())
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The rows behind the one called `after`, up to `limit` and one more to know whether there are more.
pub(super) fn behind<'a, T: Clone + 'a, I: PartialEq>(
    rows: impl Iterator<Item = &'a T>,
    id: impl Fn(&T) -> I,
    after: Option<I>,
    limit: u32,
) -> Slice<T> {
    let limit = limit as usize;
    let mut rows = rows;
    if let Some(after) = after
        && !rows.any(|row| id(row) == after)
    {
        return Slice { items: Vec::new(), more: false };
    }
    Slice::cut(rows.take(limit + 1).cloned().collect(), limit)
}

#[async_trait]
impl NumberStore for MemoryStore {
    async fn reserve_numbers(&self, series: &str, count: u32) -> Result<u64, StoreError> {
        let mut rows = self.rows();
        let last = rows.counters.entry(series.to_owned()).or_default();
        let first = *last + 1;
        *last += u64::from(count);
        Ok(first)
    }
}
