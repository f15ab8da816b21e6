use crate::{
    envelope::Place,
    keys::Keys,
    names::{Found, Signed},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry as Slot},
    sync::Arc,
};
use support_core::{
    domain::{
        event::Event,
        id::{EventId, MessageId, TicketId},
        message::{Message, Side},
        request::{Request, RequestKey},
        ticket::{AlarmKind, Ticket, TicketFilter, TicketQuery, TicketSummary},
    },
    ports::{
        Slice, Store, StoreError,
        events::{EventQuery, EventStore},
        messages::{MessageQuery, MessageStore},
        outbox::OutboxStore,
        requests::RequestStore,
        tickets::TicketStore,
    },
};

/// A store that keeps contact data of people sealed in the rows of another. See the [crate's documentation](crate).
///
/// Clones share keys and store.
#[derive(Debug, Clone)]
pub struct SealedStore<S> {
    inner: S,
    keys: Arc<Keys>,
}

impl<S: Store> SealedStore<S> {
    /// Seals what goes into `inner`, opens what comes out of it.
    pub fn new(inner: S, keys: Keys) -> Self {
        Self { inner, keys: Arc::new(keys) }
    }

    /// The wrapped store, whose rows are sealed.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Puts the names back into rows. Each ticket that has one of them is read once.
    pub(crate) async fn open_names<T: Signed>(&self, rows: &mut [T]) -> Result<(), StoreError> {
        let mut names: HashMap<TicketId, String> = HashMap::new();
        for row in rows {
            let name = match self.keys.find_name(row)? {
                Found::Name(name) => name,
                Found::On(ticket) => match names.entry(ticket) {
                    Slot::Occupied(known) => known.get().clone(),
                    Slot::Vacant(unknown) => unknown.insert(self.name_on(ticket, row.place()).await?).clone(),
                },
            };
            row.signature_mut().name = name;
        }
        Ok(())
    }

    async fn name_on(&self, ticket: TicketId, referring: Place) -> Result<String, StoreError> {
        let Some(row) = self.inner.ticket(ticket).await? else {
            return Err(referring.corrupt(format!("the name is that of ticket {ticket}, which is not there")));
        };
        self.keys.open_customer_name(ticket, row.customer, row.customer_name)
    }

    /// The query as the rows answer it: by the hash of an address.
    fn sealed_query<'a>(&self, query: &'a TicketQuery) -> Cow<'a, TicketQuery> {
        let Some(key) = &query.filter.email_key else { return Cow::Borrowed(query) };
        let filter = TicketFilter { email_key: Some(self.keys.lookup_hash(key)), ..query.filter.clone() };
        Cow::Owned(TicketQuery { filter, ..query.clone() })
    }
}

#[async_trait]
impl<S: Store> TicketStore for SealedStore<S> {
    async fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, StoreError> {
        let row = self.inner.ticket(id).await?;
        row.map(|row| self.keys.open_ticket(row)).transpose()
    }

    async fn ticket_by_number(&self, number: &str) -> Result<Option<Ticket>, StoreError> {
        let row = self.inner.ticket_by_number(number).await?;
        row.map(|row| self.keys.open_ticket(row)).transpose()
    }

    /// A name that does not open is shown as it stands in its row, and not as [`StoreError::Corrupt`], which reading
    /// the ticket answers. Many people's rows share a page: one of them, who may have typed what looks like a sealed
    /// value before values were sealed here, must not take the list away from everybody. Nothing is written from a
    /// list, so a name that was not opened cannot come to be sealed twice.
    async fn tickets(&self, query: &TicketQuery) -> Result<Slice<TicketSummary>, StoreError> {
        let mut page = self.inner.tickets(&self.sealed_query(query)).await?;
        for row in &mut page.items {
            if let Ok(name) = self.keys.open_customer_name(row.id, row.customer, row.customer_name.clone()) {
                row.customer_name = name;
            }
        }
        Ok(page)
    }

    async fn ticket_count(&self, query: &TicketQuery, most: u32) -> Result<u32, StoreError> {
        self.inner.ticket_count(&self.sealed_query(query), most).await
    }

    async fn due_tickets(&self, alarm: AlarmKind, now: DateTime<Utc>, limit: u32) -> Result<Vec<TicketId>, StoreError> {
        self.inner.due_tickets(alarm, now, limit).await
    }
}

#[async_trait]
impl<S: Store> MessageStore for SealedStore<S> {
    async fn messages(&self, query: &MessageQuery) -> Result<Slice<Message>, StoreError> {
        let mut page = self.inner.messages(query).await?;
        self.open_names(&mut page.items).await?;
        Ok(page)
    }

    async fn message(&self, ticket: TicketId, id: MessageId) -> Result<Option<Message>, StoreError> {
        let mut row = self.inner.message(ticket, id).await?;
        self.open_names(row.as_mut_slice()).await?;
        Ok(row)
    }

    async fn unread_messages(&self, ticket: TicketId, side: Side) -> Result<u32, StoreError> {
        self.inner.unread_messages(ticket, side).await
    }
}

#[async_trait]
impl<S: Store> EventStore for SealedStore<S> {
    async fn events(&self, query: &EventQuery) -> Result<Slice<Event>, StoreError> {
        let mut page = self.inner.events(query).await?;
        self.open_names(&mut page.items).await?;
        Ok(page)
    }
}

/// As in lists of tickets, a name that does not open is no [`StoreError::Corrupt`]: whoever is told what happens would never
/// come past it. It is left out, because what stands in its row is nothing to be told.
#[async_trait]
impl<S: Store> OutboxStore for SealedStore<S> {
    async fn has_unplaced_events(&self) -> Result<bool, StoreError> {
        self.inner.has_unplaced_events().await
    }

    async fn placed_events(&self, after: Option<EventId>, limit: u32) -> Result<Vec<Event>, StoreError> {
        let mut page = self.inner.placed_events(after, limit).await?;
        let mut opened = page.clone();
        match self.open_names(&mut opened).await {
            Err(StoreError::Corrupt { .. }) => {}
            done => return done.map(|()| opened),
        }
        for row in &mut page {
            match self.open_names(std::slice::from_mut(row)).await {
                Err(StoreError::Corrupt { .. }) => row.actor.name.clear(),
                done => done?,
            }
        }
        Ok(page)
    }

    async fn last_placed_event(&self) -> Result<Option<EventId>, StoreError> {
        self.inner.last_placed_event().await
    }
}

#[async_trait]
impl<S: Store> RequestStore for SealedStore<S> {
    async fn request(&self, key: &RequestKey) -> Result<Option<Request>, StoreError> {
        let row = self.inner.request(key).await?;
        row.map(|row| self.keys.open_request(row)).transpose()
    }
}
