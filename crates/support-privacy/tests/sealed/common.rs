//! A sealed store, the rows under it, and people who write on its tickets.

use support_core::{
    contract::sample::{at, id},
    domain::{
        access::TicketScope,
        actor::{Role, Signature},
        event::Event,
        id::TicketId,
        message::Message,
        ticket::{Sort, Ticket, TicketFilter, TicketQuery},
    },
    memory::MemoryStore,
    ports::{ChangeSet, Store, StoreError, Write, events::EventQuery, messages::MessageQuery},
};
use support_privacy::{Key, Keys, LookupKey, Resealing, SealedStore};

pub(crate) fn key(id: &str, secret: u8) -> Key {
    Key::new(id, [secret; 32]).unwrap()
}

/// Under the key `a`.
pub(crate) fn keys() -> Keys {
    Keys::new(key("a", 1), LookupKey::new([9; 32]))
}

pub(crate) fn sealed(rows: &MemoryStore) -> SealedStore<MemoryStore> {
    SealedStore::new(rows.clone(), keys())
}

pub(crate) fn both() -> (SealedStore<MemoryStore>, MemoryStore) {
    let rows = MemoryStore::new();
    (sealed(&rows), rows)
}

/// What the `n`-th customer signs as.
pub(crate) fn customer(n: u32, name: &str) -> Signature {
    Signature { role: Role::Customer, id: Some(id(3, n)), name: name.to_owned() }
}

pub(crate) fn write(write: Write) -> ChangeSet {
    ChangeSet { writes: vec![write], ..ChangeSet::default() }
}

pub(crate) async fn messages(store: &impl Store, ticket: TicketId) -> Vec<Message> {
    let query = MessageQuery { ticket, internal: true, after: None, limit: 100 };
    store.messages(&query).await.unwrap().items
}

pub(crate) async fn authors(store: &impl Store, ticket: TicketId) -> Vec<String> {
    messages(store, ticket).await.into_iter().map(|message| message.author.name).collect()
}

pub(crate) async fn events(store: &impl Store, ticket: TicketId) -> Vec<Event> {
    store.events(&EventQuery { ticket, after: None, limit: 100 }).await.unwrap().items
}

pub(crate) async fn row(store: &impl Store, ticket: &Ticket) -> Ticket {
    store.ticket(ticket.id).await.unwrap().unwrap()
}

pub(crate) fn query(filter: TicketFilter) -> TicketQuery {
    TicketQuery {
        reader: None,
        scope: TicketScope::All,
        filter,
        sort: Sort::default(),
        after: None,
        skip: 0,
        limit: 100,
    }
}

pub(crate) async fn find(store: &impl Store, email_key: &str) -> Vec<TicketId> {
    let query = query(TicketFilter { email_key: Some(email_key.to_owned()), ..TicketFilter::default() });
    let rows = store.tickets(&query).await.unwrap().items;
    assert_eq!(store.ticket_count(&query, 100).await.unwrap() as usize, rows.len());
    rows.into_iter().map(|row| row.id).collect()
}

/// The table, column and row that are said to be corrupt.
pub(crate) fn corrupt<T: std::fmt::Debug>(
    result: Result<T, StoreError>,
) -> (&'static str, &'static str, String, String) {
    match result {
        Err(StoreError::Corrupt { table, column, id, reason }) => (table, column, id, reason),
        other => panic!("not corrupt: {other:?}"),
    }
}

pub(crate) async fn reseal(store: &SealedStore<MemoryStore>) -> Resealing {
    let mut walk = Resealing::default();
    while !walk.is_done() {
        walk = store.reseal(walk, 2).await.unwrap();
    }
    walk
}

/// The moment at which people are forgotten.
pub(crate) fn later() -> chrono::DateTime<chrono::Utc> {
    at(5_000)
}
