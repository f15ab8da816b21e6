//! What the outbox of a file rests on.

use rusqlite::Connection;
use support_core::{
    contract::sample::{event, id, opening, ticket},
    domain::id::EventId,
    ports::{
        ChangeSet, Store,
        events::{EventQuery, EventStore},
        outbox::OutboxStore,
    },
};
use support_storage_sqlite::SqliteStore;

async fn told(store: &SqliteStore, after: Option<EventId>) -> Vec<EventId> {
    store.placed_events(after, 9).await.expect("a page").iter().map(|event| event.id).collect()
}

/// Somebody has read as far as the last event; were its number given again, what comes next would stand in front of them.
#[tokio::test]
async fn an_event_never_goes_so_no_place_comes_twice() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("support.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.commit(opening(&ticket(1), 1)).await.unwrap();
    let conn = Connection::open(&path).unwrap();
    for by_hand in ["DELETE FROM support_events", "DELETE FROM support_events WHERE seq = 1"] {
        assert!(conn.execute(by_hand, []).unwrap_err().to_string().starts_with("events stay"), "{by_hand}");
    }
    assert_eq!(told(&store, None).await, [id(5, 1)]);
    store.commit(ChangeSet { events: vec![event(2, &ticket(1))], ..ChangeSet::default() }).await.unwrap();
    assert_eq!(told(&store, Some(id(5, 1))).await, [id(5, 2)]);
}

/// A file of the version before the outbox, with what had happened until then.
#[tokio::test]
async fn what_was_there_before_the_outbox_is_not_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("support.db");
    let one = ticket(1);
    let store = SqliteStore::open(&path).await.unwrap();
    store.commit(opening(&one, 1)).await.unwrap();
    drop(store);
    let before =
        "DROP TRIGGER support_events_stay; DROP TABLE support_outbox; DELETE FROM support_schema WHERE version = 5";
    Connection::open(&path).unwrap().execute_batch(before).unwrap();

    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!((told(&store, None).await, store.last_placed_event().await.unwrap()), (vec![], None));
    store.commit(ChangeSet { events: vec![event(2, &one), event(3, &one)], ..ChangeSet::default() }).await.unwrap();
    assert_eq!(told(&store, None).await, [id(5, 2), id(5, 3)]);
    assert_eq!(told(&store, Some(id(5, 2))).await, [id(5, 3)]);
    assert_eq!(told(&store, Some(id(5, 1))).await, [], "it has no place");
    assert_eq!(store.last_placed_event().await.unwrap(), Some(id(5, 3)));
    let trail = store.events(&EventQuery { ticket: one.id, after: None, limit: 9 }).await.unwrap();
    assert_eq!(trail.items.len(), 3, "the trail has all of it");
}
