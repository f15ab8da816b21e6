//! Sharing a database with the host.

use support_core::{
    contract::sample::{
        agent, at, colleague, entry, erasure, event, id, message, opening, operation, request, tally, ticket,
        time_entry, update, writes,
    },
    domain::{
        message::{Message, Side},
        operation::Undone,
        stats::{Range, Tally, TallyKind, TallyScope},
    },
    ports::{
        Store, StoreError, Write, agents::AgentStore, messages::MessageStore, operations::OperationStore,
        requests::RequestStore, stats::StatsStore, tickets::TicketStore,
    },
};
use support_storage_sqlite::{
    OpenError, SqliteStore, commit_in, migrate,
    rusqlite::{Connection, Transaction, TransactionBehavior},
};
use tempfile::TempDir;

/// A database of the host with marks of its own, and tables for the nouns that a help desk has too.
fn host() -> (Connection, TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let conn = Connection::open(dir.path().join("host.db")).expect("a database");
    conn.execute_batch(
        "PRAGMA application_id = 77; PRAGMA user_version = 5; CREATE TABLE orders (id INTEGER PRIMARY KEY);
         CREATE TABLE tickets (gate TEXT); CREATE INDEX tickets_created ON tickets (gate);
         CREATE TABLE messages (sms TEXT); CREATE TABLE events (concert TEXT); CREATE TABLE counters (till TEXT);",
    )
    .expect("a table");
    (conn, dir)
}

fn begin(conn: &mut Connection) -> Transaction<'_> {
    conn.transaction_with_behavior(TransactionBehavior::Immediate).expect("a transaction")
}

fn orders(conn: &Connection) -> i64 {
    conn.query_row("SELECT count(*) FROM orders", [], |row| row.get(0)).expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_and_its_ticket_come_into_being_together() {
    let (mut conn, dir) = host();
    migrate(&mut conn).unwrap();
    let store = SqliteStore::open(dir.path().join("host.db")).await.unwrap();
    let id = ticket(1).id;

    let tx = begin(&mut conn);
    tx.execute("INSERT INTO orders DEFAULT VALUES", []).unwrap();
    commit_in(&tx, &opening(&ticket(1), 1)).unwrap();
    tx.rollback().unwrap();
    assert_eq!((orders(&conn), store.ticket(id).await.unwrap()), (0, None));

    let tx = begin(&mut conn);
    tx.execute("INSERT INTO orders DEFAULT VALUES", []).unwrap();
    commit_in(&tx, &opening(&ticket(1), 1)).unwrap();
    tx.commit().unwrap();
    assert_eq!((orders(&conn), store.ticket(id).await.unwrap()), (1, Some(ticket(1))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_leaves_the_hosts_transaction_as_it_was() {
    let (mut conn, dir) = host();
    migrate(&mut conn).unwrap();
    let store = SqliteStore::open(dir.path().join("host.db")).await.unwrap();
    store.commit(opening(&ticket(1), 1)).await.unwrap();
    store.commit(update(&ticket(1), 1)).await.unwrap();

    let tx = begin(&mut conn);
    tx.execute("INSERT INTO orders DEFAULT VALUES", []).unwrap();
    let stale = commit_in(&tx, &update(&ticket(1), 1));
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    // This one fails after its ticket and message were written.
    let mut half = opening(&ticket(2), 2);
    half.events.push(event(1, &ticket(1)));
    let half = commit_in(&tx, &half);
    assert!(matches!(half, Err(StoreError::Conflict)), "{half:?}");
    commit_in(&tx, &update(&ticket(1), 2)).unwrap();
    tx.commit().unwrap();

    assert_eq!(orders(&conn), 1);
    let row = store.ticket(ticket(1).id).await.unwrap().unwrap();
    assert_eq!(row.version, 3);
    assert_eq!(store.ticket(ticket(2).id).await.unwrap(), None);
}

/// The counters stand in the transaction as soon as what they count does.
#[test]
fn what_is_counted_is_there_at_once() {
    let (mut conn, _dir) = host();
    migrate(&mut conn).unwrap();
    let counted = |n: u32| {
        let mut set = opening(&ticket(n), n);
        set.writes.push(Write::Tally(vec![tally(TallyScope::Desk, 1, Tally { opened: 1, ..Tally::default() })]));
        set
    };
    let counters = |conn: &Connection| -> (i64, i64) {
        let sql = "SELECT (SELECT sum(opened) FROM support_tallies WHERE span = 86400000), \
                   (SELECT sum(n) FROM support_cells WHERE span = 86400000 AND holder = 'anybody')";
        conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("two sums")
    };
    let tx = begin(&mut conn);
    commit_in(&tx, &counted(1)).unwrap();
    assert_eq!(counters(&tx), (1, 1));
    let mut half = counted(2);
    half.events.push(event(1, &ticket(1)));
    assert!(matches!(commit_in(&tx, &half), Err(StoreError::Conflict)));
    assert_eq!(counters(&tx), (1, 1));
    commit_in(&tx, &counted(2)).unwrap();
    tx.commit().unwrap();
    assert_eq!(counters(&conn), (2, 2));
}

/// Whatever the desk plans, a host can commit; and where its transaction is taken back, so is all of it.
#[tokio::test(flavor = "multi_thread")]
async fn every_write_goes_into_the_hosts_transaction() {
    let (mut conn, dir) = host();
    migrate(&mut conn).unwrap();
    let store = SqliteStore::open(dir.path().join("host.db")).await.unwrap();
    store.commit(opening(&ticket(1), 1)).await.unwrap();
    store.commit(opening(&ticket(2), 2)).await.unwrap();
    let (one, two) = (ticket(1).id, ticket(2).id);
    let undone = Undone { by: operation(1, one, two).by, at: at(1) };
    let row = Message { body: "Corrected".into(), ..message(1, &ticket(1)) };
    let (key, erased) = (request(1, 5).key, erasure(2));
    let changes = writes([
        Write::UpdateMessage { message: Box::new(row), read: 0 },
        Write::MarkRead { ticket: one, message: None, by: Side::Staff, at: at(1) },
        Write::MoveMessages { from: one, to: two, messages: vec![id(2, 1)] },
        Write::PutAgent { agent: Box::new(colleague(1, 0)), read: 0 },
        Write::Occupy { agent: agent(1), read: 1, most: Some(1), at: at(1) },
        Write::Release { agent: id(4, 1) },
        Write::Tally(vec![tally(TallyScope::Desk, 1, Tally { opened: 1, ..Tally::default() })]),
        Write::PutEntry { entry: Box::new(entry(1, 0)), read: 0 },
        Write::RemoveEntry { kind: entry(1, 0).item.kind(), id: id(8, 1), read: 1 },
        Write::AddOperation(Box::new(operation(1, one, two))),
        Write::UndoOperation { id: id(6, 1), undone },
        Write::AddTimeEntry(Box::new(time_entry(1, one))),
        Write::RemoveTimeEntry { ticket: one, id: id(9, 1) },
        Write::RememberRequest { request: Box::new(request(1, 5)), expired: at(0) },
        Write::ForgetRequests { until: at(1) },
        Write::Erase(Box::new(erased.clone())),
    ]);
    let tx = begin(&mut conn);
    commit_in(&tx, &changes).unwrap();
    tx.rollback().unwrap();
    assert_eq!((store.agent(id(4, 1)).await.unwrap(), store.request(&key).await.unwrap()), (None, None));

    let tx = begin(&mut conn);
    commit_in(&tx, &changes).unwrap();
    tx.commit().unwrap();
    let moved = store.message(two, id(2, 1)).await.unwrap().unwrap();
    assert_eq!((moved.revision, moved.body), (1, erased.message(message(1, &ticket(1))).body));
    assert_eq!(store.ticket(two).await.unwrap().unwrap().customer, erased.pseudonym);
    assert_eq!(store.agent(id(4, 1)).await.unwrap().unwrap().open_tickets, 0);
    assert_eq!(store.tally_sums(TallyKind::Desk, Range::ALWAYS).await.unwrap().len(), 1);
    assert!(store.operation(id(6, 1)).await.unwrap().unwrap().undone.is_some());
    assert!(store.request(&key).await.unwrap().is_some());
    store.scrub().await.unwrap();
}

#[tokio::test]
async fn a_foreign_database_is_refused_and_left_alone() {
    let (conn, dir) = host();
    let path = dir.path().join("host.db");
    drop(conn);
    let before = std::fs::read(&path).unwrap();
    let refused = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(refused, OpenError::Foreign { application_id: 77 }), "{refused:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn migrating_leaves_the_hosts_marks_alone() {
    let (mut conn, _dir) = host();
    migrate(&mut conn).unwrap();
    migrate(&mut conn).unwrap();
    let marks: (i32, i32) = (
        conn.pragma_query_value(None, "application_id", |row| row.get(0)).unwrap(),
        conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap(),
    );
    assert_eq!(marks, (77, 5));
}

#[test]
fn a_table_of_the_host_under_our_name_stops_the_migration_whole() {
    let (mut conn, _dir) = host();
    conn.execute_batch("CREATE TABLE support_events (id INTEGER PRIMARY KEY)").unwrap();
    assert!(matches!(migrate(&mut conn), Err(OpenError::Sqlite(_))));
    assert!(!conn.table_exists(None, "support_tickets").unwrap());
    assert!(!conn.table_exists(None, "support_schema").unwrap());
}
