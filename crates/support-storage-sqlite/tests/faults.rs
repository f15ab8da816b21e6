//! What breaks below is told by its kind, leaves nothing half-done, and is over when its cause is.

use std::time::Duration;
use support_core::{
    contract::sample::{id, message, opening, ticket},
    domain::{
        access::TicketScope,
        ticket::{Sort, TicketFilter, TicketQuery},
    },
    ports::{
        ChangeSet, Store, StoreError, Write,
        events::{EventQuery, EventStore},
        messages::{MessageQuery, MessageStore},
        numbers::NumberStore,
        tickets::TicketStore,
    },
};
use support_storage_sqlite::{
    SqliteOptions, SqliteStore,
    rusqlite::{Connection, params},
};
use tempfile::TempDir;

fn options() -> (SqliteOptions, TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    (SqliteOptions::new(dir.path().join("support.db")).busy_timeout(Duration::from_millis(20)), dir)
}

fn raw(dir: &TempDir) -> Connection {
    Connection::open(dir.path().join("support.db")).expect("the file")
}

/// Opens the `n`-th ticket with a long message.
fn large(n: u32) -> ChangeSet {
    let mut row = message(n, &ticket(n));
    row.body = "long words ".repeat(10_000);
    let writes = vec![Write::OpenTicket { ticket: Box::new(ticket(n)), message: Box::new(row) }];
    ChangeSet { writes, ..opening(&ticket(n), n) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_says_so_and_goes_on_when_there_is_room() {
    let (options, dir) = options();
    let store = options.clone().max_bytes(2_000_000).open().await.unwrap();
    let mut acknowledged = 0;
    let refused = loop {
        match store.commit(large(acknowledged)).await {
            Ok(()) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Full), "{refused:?}");
    assert!(acknowledged > 3);
    // In a group too: those that find no room fail, and the others do not.
    let tasks: Vec<_> = (100..132)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { (n, store.commit(large(n)).await) })
        })
        .collect();
    for task in tasks {
        let (n, result) = task.await.unwrap();
        assert_eq!(store.ticket(ticket(n).id).await.unwrap().is_some(), result.is_ok());
        assert!(matches!(result, Ok(()) | Err(StoreError::Full)), "{result:?}");
    }
    assert_eq!(store.ticket(ticket(acknowledged).id).await.unwrap(), None);
    assert!(store.ticket(ticket(acknowledged - 1).id).await.unwrap().is_some());
    drop(store);

    // The thread of the first one may still be closing the file.
    let store = options.busy_timeout(Duration::from_secs(5)).open().await.unwrap();
    store.commit(large(acknowledged)).await.unwrap();
    let check: String = raw(&dir).query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_store_is_unavailable_until_the_lock_is_gone() {
    let (options, dir) = options();
    let store = options.open().await.unwrap();
    store.commit(opening(&ticket(1), 1)).await.unwrap();
    let other = raw(&dir);
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for n in 2..4 {
        let result = store.commit(opening(&ticket(n), n)).await;
        assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
    }
    let result = store.reserve_numbers("a", 1).await;
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
    assert!(store.ticket(ticket(1).id).await.unwrap().is_some());
    other.execute_batch("ROLLBACK").unwrap();
    store.commit(opening(&ticket(2), 2)).await.unwrap();
    assert_eq!(store.reserve_numbers("a", 1).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupt_row_is_named() {
    let (options, dir) = options();
    let store = options.open().await.unwrap();
    store.commit(opening(&ticket(1), 1)).await.unwrap();
    let spoil = |sql: &str, bytes: &[u8]| {
        assert_eq!(raw(&dir).execute(sql, params![bytes]).unwrap(), 1);
    };
    let named = |error: StoreError| match error {
        StoreError::Corrupt { table, column, id, .. } => (table, column, id),
        other => panic!("{other:?}"),
    };
    let row = ticket(1).id;

    spoil("UPDATE support_messages SET author_role = CAST(?1 AS TEXT)", b"pirate");
    let query = MessageQuery { ticket: row, internal: true, after: None, limit: 9 };
    let error = store.messages(&query).await.unwrap_err();
    let message: support_core::domain::id::MessageId = id(2, 1);
    assert_eq!(named(error), ("support_messages", "author_role", message.to_string()));

    spoil("UPDATE support_events SET data = CAST(?1 AS TEXT)", b"{");
    let query = EventQuery { ticket: row, after: None, limit: 9 };
    let error = store.events(&query).await.unwrap_err();
    let event: support_core::domain::id::EventId = id(5, 1);
    assert_eq!(named(error), ("support_events", "data", event.to_string()));

    // The list does not read this column, so it still answers.
    spoil("UPDATE support_tickets SET metadata = CAST(?1 AS TEXT)", b"\xff not UTF-8");
    let error = store.ticket(row).await.unwrap_err();
    assert_eq!(named(error), ("support_tickets", "metadata", row.to_string()));
    let list = TicketQuery {
        reader: None,
        scope: TicketScope::All,
        filter: TicketFilter::default(),
        sort: Sort::default(),
        after: None,
        skip: 0,
        limit: 9,
    };
    assert_eq!(store.tickets(&list).await.unwrap().items.len(), 1);

    spoil("UPDATE support_tickets SET phase = CAST(?1 AS TEXT)", b"limbo");
    let error = store.tickets(&list).await.unwrap_err();
    assert_eq!(named(error), ("support_tickets", "phase", row.to_string()));
}

/// A word that a ticket no longer holds is not to be found in its file either.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_overwritten_leaves_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("support.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let mut row = ticket(1);
    row.subject = "Zanzibar 4111111111111111".into();
    store.commit(opening(&row, 1)).await.unwrap();
    let holds = |word: &[u8]| {
        raw(&dir).query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
    };
    assert!(holds(b"zanzibar"));
    row.subject = "Parcel".into();
    store.commit(support_core::contract::sample::update(&row, 1)).await.unwrap();
    assert!(!holds(b"zanzibar") && !holds(b"anziba") && !holds(b"4111111111111111"));
}
