use crate::{
    domain::{
        event::Event,
        id::{EventId, MessageId, TicketId},
        message::Message,
        ticket::Ticket,
    },
    ports::{
        ChangeSet, Guard, Slice, Store, StoreError, Write,
        events::{EventQuery, EventStore},
        messages::{MessageQuery, MessageStore},
        numbers::NumberStore,
    },
};
use async_trait::async_trait;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A store in memory. Clones share it; it is gone with the last of them.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Rows>>);

/// What is stored. Rows of one kind stand in the order in which they were committed.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) tickets: Vec<Ticket>,
    pub(super) by_id: HashMap<TicketId, usize>,
    pub(super) threads: HashMap<TicketId, Vec<Message>>,
    pub(super) by_number: HashMap<String, TicketId>,
    message_ids: HashSet<MessageId>,
    event_ids: HashSet<EventId>,
    trails: HashMap<TicketId, Vec<Event>>,
    counters: HashMap<String, u64>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn rows(&self) -> MutexGuard<'_, Rows> {
        // Every change is checked whole before its first write, so a panic elsewhere leaves nothing half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    pub(super) fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.by_id.get(&id).map(|place| &self.tickets[*place])
    }

    fn ticket_mut(&mut self, id: TicketId) -> Option<&mut Ticket> {
        self.by_id.get(&id).map(|place| &mut self.tickets[*place])
    }

    /// Whether the whole change set can be applied; after that, nothing can fail half-way.
    fn check(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut versions: HashMap<TicketId, u64> = HashMap::new();
        let (mut numbers, mut messages, mut events) = (HashSet::new(), HashSet::new(), HashSet::new());
        let version = |versions: &HashMap<TicketId, u64>, id: TicketId| {
            versions.get(&id).copied().or_else(|| self.ticket(id).map(|row| row.version))
        };
        for Guard::TicketVersion { ticket, version: read } in &changes.guards {
            must(version(&versions, *ticket) == Some(*read))?;
        }
        for write in &changes.writes {
            let message = match write {
                Write::OpenTicket { ticket, message } => {
                    must(version(&versions, ticket.id).is_none())?;
                    must(!self.by_number.contains_key(&ticket.number) && numbers.insert(&ticket.number))?;
                    versions.insert(ticket.id, ticket.version);
                    Some(message)
                }
                Write::UpdateTicket { ticket, read } => {
                    must(version(&versions, ticket.id) == Some(*read))?;
                    versions.insert(ticket.id, read + 1);
                    None
                }
                Write::AddMessage { message, .. } => Some(message),
            };
            if let Some(message) = message {
                must(version(&versions, message.ticket).is_some())?;
                must(!self.message_ids.contains(&message.id) && messages.insert(message.id))?;
            }
        }
        for event in &changes.events {
            must(version(&versions, event.ticket).is_some())?;
            must(!self.event_ids.contains(&event.id) && events.insert(event.id))?;
        }
        Ok(())
    }

    fn apply(&mut self, write: Write) {
        match write {
            Write::OpenTicket { ticket, message } => {
                self.by_id.insert(ticket.id, self.tickets.len());
                self.by_number.insert(ticket.number.clone(), ticket.id);
                self.tickets.push(*ticket);
                self.add_message(*message);
            }
            Write::UpdateTicket { ticket, read } => {
                if let Some(row) = self.ticket_mut(ticket.id) {
                    let updated_at = row.updated_at.max(ticket.updated_at);
                    *row = Ticket { version: read + 1, updated_at, ..*ticket };
                }
            }
            Write::AddMessage { message, touch } => {
                if let Some(row) = self.ticket_mut(message.ticket).filter(|_| touch) {
                    row.updated_at = row.updated_at.max(message.sent_at);
                }
                self.add_message(*message);
            }
        }
    }

    fn add_message(&mut self, message: Message) {
        self.message_ids.insert(message.id);
        self.threads.entry(message.ticket).or_default().push(message);
    }
}

fn must(holds: bool) -> Result<(), StoreError> {
    if holds { Ok(()) } else { Err(StoreError::Conflict) }
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        let mut rows = self.rows();
        rows.check(&changes)?;
        for write in changes.writes {
            rows.apply(write);
        }
        for event in changes.events {
            rows.event_ids.insert(event.id);
            rows.trails.entry(event.ticket).or_default().push(event);
        }
        Ok(())
    }
}

/// The rows behind the one called `after`, up to `limit` and one more to know whether there are more.
fn behind<'a, T: Clone + 'a, I: PartialEq>(
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
impl MessageStore for MemoryStore {
    async fn messages(&self, query: &MessageQuery) -> Result<Slice<Message>, StoreError> {
        let rows = self.rows();
        let thread = rows.threads.get(&query.ticket).into_iter().flatten();
        let shown = thread.filter(|message| query.internal || !message.internal);
        Ok(behind(shown, |message| message.id, query.after, query.limit))
    }
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn events(&self, query: &EventQuery) -> Result<Slice<Event>, StoreError> {
        let rows = self.rows();
        let trail = rows.trails.get(&query.ticket).into_iter().flatten();
        Ok(behind(trail, |event| event.id, query.after, query.limit))
    }
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
