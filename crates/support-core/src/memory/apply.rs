//! Applies change sets, write by write, and takes them back where one fails.

use super::store::Rows;
use crate::{
    domain::{
        actor::AgentRef,
        agent::Agent,
        catalogue::{Entry, ItemKind},
        erasure::Erasure,
        event::Event,
        id::{AgentId, EntryId, MessageId, OperationId, TicketId, TimeEntryId},
        message::{Message, Side},
        operation::{Operation, Undone},
        request::{Request, RequestKey},
        stats::TallyEntry,
        ticket::Ticket,
        time_entry::TimeEntry,
    },
    ports::{ChangeSet, Guard, StoreError, Write},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

pub(super) type Done = Result<(), StoreError>;
type Undo = Box<dyn FnOnce(&mut Rows)>;

/// A change set in the course of being applied. Dropped before [`Journal::keep`], it leaves the rows as they were.
pub(super) struct Journal<'a> {
    pub(super) rows: &'a mut Rows,
    undo: Vec<Undo>,
}

impl Drop for Journal<'_> {
    fn drop(&mut self) {
        for step in self.undo.drain(..).rev() {
            step(self.rows);
        }
    }
}

pub(super) fn must(holds: bool) -> Done {
    if holds { Ok(()) } else { Err(StoreError::Conflict) }
}

impl<'a> Journal<'a> {
    pub(super) fn new(rows: &'a mut Rows) -> Self {
        Self { rows, undo: Vec::new() }
    }

    /// Nothing will be taken back.
    pub(super) fn keep(mut self) {
        self.undo.clear();
    }

    /// Puts a row into a table, or takes it out, and remembers what was there.
    pub(super) fn set<K: Ord + Clone + 'static, V: 'static>(
        &mut self,
        table: fn(&mut Rows) -> &mut BTreeMap<K, V>,
        key: K,
        value: Option<V>,
    ) {
        fn put<K: Ord, V>(table: &mut BTreeMap<K, V>, key: K, value: Option<V>) -> Option<V> {
            match value {
                Some(value) => table.insert(key, value),
                None => table.remove(&key),
            }
        }
        let old = put(table(self.rows), key.clone(), value);
        self.undo.push(Box::new(move |rows| {
            put(table(rows), key, old);
        }));
    }

    pub(super) fn place(&mut self) -> u64 {
        self.rows.last += 1;
        self.rows.last
    }

    pub(super) fn apply(&mut self, changes: ChangeSet) -> Done {
        for guard in changes.guards {
            match guard {
                Guard::TicketVersion { ticket, version } => must(self.version(ticket) == Some(version))?,
                Guard::TicketStands { ticket } => {
                    let stands = |row: &Ticket| row.deleted_at.is_none() && row.merged_into.is_none();
                    must(self.rows.ticket(ticket).is_some_and(stands))?;
                }
                Guard::TicketUntouched { ticket, updated_at } => {
                    must(self.rows.ticket(ticket).is_some_and(|row| row.updated_at == updated_at))?;
                }
                Guard::LastMessage { ticket, message } => {
                    must(self.rows.thread(ticket).next_back().is_some_and(|last| last.id == message))?;
                }
                Guard::Lease { job, token } => {
                    must(self.rows.leases.get(&job).is_some_and(|(_, lease)| lease.token == token))?;
                }
            }
        }
        for write in changes.writes {
            self.write(write)?;
        }
        changes.events.into_iter().try_for_each(|event| self.add_event(event))
    }

    pub(super) fn version(&self, ticket: TicketId) -> Option<u64> {
        self.rows.ticket(ticket).map(|row| row.version)
    }

    fn write(&mut self, write: Write) -> Done {
        match write {
            Write::OpenTicket { ticket, message } => self.open(*ticket, *message),
            Write::UpdateTicket { ticket, read } => self.update(*ticket, read),
            Write::AddMessage { message, touch } => self.add_message(*message, touch),
            Write::UpdateMessage { message, read } => self.update_message(*message, read),
            Write::MarkRead { ticket, message, by, at } => self.mark_read(ticket, message, by, at),
            Write::MoveMessages { from, to, messages } => self.move_messages(from, to, messages),
            Write::PutAgent { agent, read } => self.put_agent(*agent, read),
            Write::Occupy { agent, read, most, at } => self.occupy(agent, read, most, at),
            Write::Release { agent } => self.release(agent),
            Write::Tally(entries) => {
                for entry in entries {
                    self.tally(entry);
                }
                Ok(())
            }
            Write::PutEntry { entry, read } => self.put_entry(*entry, read),
            Write::RemoveEntry { kind, id, read } => self.remove_entry(kind, id, read),
            Write::PutDocument { document, read, before: _ } => self.put_document(*document, read),
            Write::RemoveDocument { kind, id, read, before: _ } => self.remove_document(kind, id, read),
            Write::AddOperation(operation) => self.add_operation(*operation),
            Write::UndoOperation { id, undone } => self.undo_operation(id, undone),
            Write::AddTimeEntry(entry) => self.add_time_entry(*entry),
            Write::RemoveTimeEntry { ticket, id } => self.remove_time_entry(ticket, id),
            Write::RememberRequest { request, expired } => self.remember(*request, expired),
            Write::ForgetRequests { until } => {
                self.forget(|request| request.at <= until);
                Ok(())
            }
            Write::PlaceEvents { limit: _ } => Ok(()),
            Write::Erase(erasure) => {
                self.erase(&erasure);
                Ok(())
            }
            Write::Restore(record) => self.restore(record),
        }
    }

    fn open(&mut self, ticket: Ticket, message: Message) -> Done {
        must(message.ticket == ticket.id)?;
        self.restore_ticket(ticket)?;
        self.add_message(message, false)
    }

    fn update(&mut self, ticket: Ticket, read: u64) -> Done {
        let (place, row) = self.rows.tickets.get(&ticket.id).cloned().ok_or(StoreError::Conflict)?;
        must(row.version == read)?;
        let updated_at = row.updated_at.max(ticket.updated_at);
        let ticket = Ticket { version: read + 1, updated_at, ..ticket };
        self.set(|rows| &mut rows.tickets, ticket.id, Some((place, ticket)));
        Ok(())
    }

    pub(super) fn add_message(&mut self, message: Message, touch: bool) -> Done {
        let (place, row) = self.rows.tickets.get(&message.ticket).cloned().ok_or(StoreError::Conflict)?;
        must(!self.rows.messages.contains_key(&message.id))?;
        if touch && row.updated_at < message.sent_at {
            let row = Ticket { updated_at: message.sent_at, ..row };
            self.set(|rows| &mut rows.tickets, row.id, Some((place, row)));
        }
        let place = self.place();
        self.set(|rows| &mut rows.threads, (message.ticket, place), Some(message.id));
        self.set(|rows| &mut rows.messages, message.id, Some((place, message)));
        Ok(())
    }

    fn update_message(&mut self, message: Message, read: u32) -> Done {
        let (place, row) = self.rows.messages.get(&message.id).cloned().ok_or(StoreError::Conflict)?;
        must(row.revision == read && row.ticket == message.ticket)?;
        let Message { body, attachments, edited_at, deleted_at, .. } = message;
        let row = Message { body, attachments, edited_at, deleted_at, revision: read + 1, ..row };
        self.set(|rows| &mut rows.messages, row.id, Some((place, row)));
        Ok(())
    }

    fn mark_read(&mut self, ticket: TicketId, only: Option<MessageId>, by: Side, at: DateTime<Utc>) -> Done {
        must(self.version(ticket).is_some())?;
        let unread = |message: &&Message| message.is_unread_by(by) && only.is_none_or(|id| id == message.id);
        let ids: Vec<MessageId> = self.rows.thread(ticket).filter(unread).map(|message| message.id).collect();
        for id in ids {
            if let Some((place, message)) = self.rows.messages.get(&id).cloned() {
                self.set(|rows| &mut rows.messages, id, Some((place, Message { read_at: Some(at), ..message })));
            }
        }
        Ok(())
    }

    fn move_messages(&mut self, from: TicketId, to: TicketId, messages: Vec<MessageId>) -> Done {
        must(self.version(to).is_some())?;
        for id in messages {
            let (place, message) = self.rows.messages.get(&id).cloned().ok_or(StoreError::Conflict)?;
            must(message.ticket == from)?;
            self.set(|rows| &mut rows.threads, (from, place), None);
            self.set(|rows| &mut rows.threads, (to, place), Some(id));
            self.set(|rows| &mut rows.messages, id, Some((place, Message { ticket: to, ..message })));
        }
        Ok(())
    }

    fn put_agent(&mut self, agent: Agent, read: u64) -> Done {
        let row = self.rows.agents.get(&agent.id);
        must(row.map_or(0, |row| row.version) == read)?;
        let (open_tickets, assigned_at) = row.map_or((0, None), |row| (row.open_tickets, row.assigned_at));
        let created_at = row.map_or(agent.created_at, |row| row.created_at);
        let agent = Agent { version: read + 1, open_tickets, assigned_at, created_at, ..agent };
        self.set(|rows| &mut rows.agents, agent.id, Some(agent));
        Ok(())
    }

    fn occupy(&mut self, agent: AgentRef, read: u64, most: Option<u32>, at: DateTime<Utc>) -> Done {
        let row = self.rows.agents.get(&agent.id).cloned();
        must(row.as_ref().map_or(0, |row| row.version) == read)?;
        let mut row = row.unwrap_or_else(|| Agent { version: 1, ..Agent::new(agent.id, "", at) });
        must(most.is_none_or(|most| row.open_tickets < most))?;
        if row.name.is_empty() {
            row.name = agent.name;
        }
        let assigned_at = row.assigned_at.max(Some(at));
        let row = Agent { open_tickets: row.open_tickets + 1, assigned_at, ..row };
        self.set(|rows| &mut rows.agents, row.id, Some(row));
        Ok(())
    }

    fn release(&mut self, agent: AgentId) -> Done {
        let row = self.rows.agents.get(&agent).cloned().ok_or(StoreError::Conflict)?;
        let row = Agent { open_tickets: row.open_tickets.saturating_sub(1), ..row };
        self.set(|rows| &mut rows.agents, agent, Some(row));
        Ok(())
    }

    pub(super) fn tally(&mut self, entry: TallyEntry) {
        let key = (entry.scope, entry.quarter);
        let mut sum = self.rows.tallies.get(&key).copied().unwrap_or_default();
        sum += entry.by;
        self.set(|rows| &mut rows.tallies, key, Some(sum));
    }

    fn put_entry(&mut self, entry: Entry, read: u64) -> Done {
        let row = self.rows.entries.get(&entry.id);
        must(row.map_or(0, |row| row.version) == read && row.is_none_or(|row| row.item.kind() == entry.item.kind()))?;
        let created_at = row.map_or(entry.created_at, |row| row.created_at);
        let name = |entry: &Entry| (entry.item.kind(), entry.item.key());
        let taken = |other: &Entry| other.id != entry.id && name(other) == name(&entry);
        must(!self.rows.entries.values().any(taken))?;
        self.set(|rows| &mut rows.entries, entry.id, Some(Entry { version: read + 1, created_at, ..entry }));
        Ok(())
    }

    fn remove_entry(&mut self, kind: ItemKind, id: EntryId, read: u64) -> Done {
        let row = self.rows.entries.get(&id);
        must(row.is_some_and(|row| row.version == read && row.item.kind() == kind))?;
        self.set(|rows| &mut rows.entries, id, None);
        Ok(())
    }

    pub(super) fn add_operation(&mut self, operation: Operation) -> Done {
        let both = self.version(operation.ticket).is_some() && self.version(operation.other).is_some();
        must(both && !self.rows.operations.contains_key(&operation.id))?;
        let place = self.place();
        self.set(|rows| &mut rows.operations, operation.id, Some((place, operation)));
        Ok(())
    }

    fn undo_operation(&mut self, id: OperationId, undone: Undone) -> Done {
        let (place, row) = self.rows.operations.get(&id).cloned().ok_or(StoreError::Conflict)?;
        must(row.undone.is_none())?;
        let row = Operation { undone: Some(undone), ..row };
        self.set(|rows| &mut rows.operations, id, Some((place, row)));
        Ok(())
    }

    pub(super) fn add_time_entry(&mut self, entry: TimeEntry) -> Done {
        must(self.version(entry.ticket).is_some() && !self.rows.time_entries.contains_key(&entry.id))?;
        let place = self.place();
        self.set(|rows| &mut rows.time_entries, entry.id, Some((place, entry)));
        Ok(())
    }

    fn remove_time_entry(&mut self, ticket: TicketId, id: TimeEntryId) -> Done {
        must(self.rows.time_entries.get(&id).is_some_and(|(_, entry)| entry.ticket == ticket))?;
        self.set(|rows| &mut rows.time_entries, id, None);
        Ok(())
    }

    fn remember(&mut self, request: Request, expired: DateTime<Utc>) -> Done {
        let row = self.rows.requests.get(&request.key);
        must(row.is_none_or(|row| row.at <= expired))?;
        self.set(|rows| &mut rows.requests, request.key.clone(), Some(request));
        Ok(())
    }

    fn forget(&mut self, which: impl Fn(&Request) -> bool) {
        let gone: Vec<RequestKey> =
            self.rows.requests.values().filter(|request| which(request)).map(|request| request.key.clone()).collect();
        for key in gone {
            self.set(|rows| &mut rows.requests, key, None);
        }
    }

    fn erase(&mut self, erasure: &Erasure) {
        let theirs = |(place, ticket): &(u64, Ticket)| {
            (ticket.customer == erasure.customer).then(|| (*place, erasure.ticket(ticket.clone())))
        };
        let tickets: Vec<(u64, Ticket)> = self.rows.tickets.values().filter_map(theirs).collect();
        for (place, ticket) in tickets {
            let id = ticket.id;
            let ticket = Ticket { version: ticket.version + 1, ..ticket };
            self.set(|rows| &mut rows.tickets, id, Some((place, ticket)));
            let messages: Vec<Message> = self.rows.thread(id).cloned().collect();
            for message in messages {
                if let Some((place, row)) = self.rows.messages.get(&message.id).cloned() {
                    self.set(|rows| &mut rows.messages, message.id, Some((place, erasure.message(row))));
                }
            }
            let trail = self.rows.trails.range((id, 0)..=(id, u64::MAX)).map(|(_, event)| *event).collect::<Vec<_>>();
            for event in trail {
                if let Some((place, row)) = self.rows.events.get(&event).cloned() {
                    self.set(|rows| &mut rows.events, event, Some((place, erasure.event(row))));
                }
            }
            let spent = self.rows.time_entries.values().filter(|(_, entry)| entry.ticket == id).cloned();
            for (place, entry) in spent.collect::<Vec<_>>() {
                self.set(|rows| &mut rows.time_entries, entry.id, Some((place, erasure.time_entry(entry))));
            }
            let done = self.rows.operations.values().filter(|(_, deed)| deed.ticket == id || deed.other == id).cloned();
            for (place, operation) in done.collect::<Vec<_>>() {
                self.set(|rows| &mut rows.operations, operation.id, Some((place, erasure.operation(operation))));
            }
        }
        let said = self.rows.messages.values().filter(|(_, message)| erasure.is_by(&message.author)).cloned();
        for (place, message) in said.collect::<Vec<_>>() {
            self.set(|rows| &mut rows.messages, message.id, Some((place, erasure.message(message))));
        }
        let done = self.rows.events.values().filter(|(_, event)| erasure.is_by(&event.actor)).cloned();
        for (place, event) in done.collect::<Vec<_>>() {
            self.set(|rows| &mut rows.events, event.id, Some((place, erasure.event(event))));
        }
        self.forget(|request| request.about.contains(&erasure.customer));
    }

    pub(super) fn add_event(&mut self, event: Event) -> Done {
        must(self.version(event.ticket).is_some() && !self.rows.events.contains_key(&event.id))?;
        let place = self.place();
        self.set(|rows| &mut rows.trails, (event.ticket, place), Some(event.id));
        self.set(|rows| &mut rows.placed, place, Some(event.id));
        self.set(|rows| &mut rows.events, event.id, Some((place, event)));
        Ok(())
    }
}
