//! Opening files of every kind.

use support_core::{
    contract::sample::{opening, ticket},
    ports::{Store, tickets::TicketStore},
};
use support_storage_sqlite::{OpenError, SqliteOptions, SqliteStore, rusqlite::Connection};

#[tokio::test]
async fn a_store_is_opened_again_with_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("support.db");
    let first = SqliteStore::open(&path).await.unwrap();
    first.commit(opening(&ticket(1), 1)).await.unwrap();
    // Beside the first, as a second process would; and after it.
    let second = SqliteStore::open(&path).await.unwrap();
    assert_eq!(second.ticket(ticket(1).id).await.unwrap(), Some(ticket(1)));
    drop(first);
    second.commit(opening(&ticket(2), 2)).await.unwrap();
    drop(second);
    let third = SqliteOptions::new(&path).readers(0).open().await.unwrap();
    assert_eq!(third.ticket(ticket(2).id).await.unwrap(), Some(ticket(2)));
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("support.db");
    drop(SqliteStore::open(&path).await.unwrap());
    let conn = Connection::open(&path).unwrap();
    conn.execute("INSERT INTO support_schema (version) VALUES (99)", []).unwrap();
    let refused = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(refused, OpenError::TooNew { found: 99, known: 2 }), "{refused:?}");
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("notes.txt");
    std::fs::write(&text, "not a database, and longer than a header".repeat(99)).unwrap();
    assert!(matches!(SqliteStore::open(&text).await, Err(OpenError::NotADatabase)));
    assert!(matches!(SqliteStore::open(dir.path()).await, Err(OpenError::Io(_))));
    let missing = dir.path().join("missing/support.db");
    assert!(matches!(SqliteStore::open(missing).await, Err(OpenError::Io(_))));
}

/// Many openings of a file that is not there yet make one schema.
#[tokio::test(flavor = "multi_thread")]
async fn openings_at_once_agree() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("support.db");
    let openings: Vec<_> = (0..8).map(|_| tokio::spawn(SqliteStore::open(path.clone()))).collect();
    for opening in openings {
        opening.await.unwrap().unwrap();
    }
}
