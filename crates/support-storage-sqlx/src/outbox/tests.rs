//! Which way the servers go to what has no place yet, and to what is next, whatever they believe of the table.

use super::*;
use crate::{SqlxOptions, names::Dialect, value::Value};
use sqlx::Row as _;
use std::sync::atomic::{AtomicU32, Ordering};
use support_core::{
    contract::sample::{event, id, open, ticket},
    ports::{ChangeSet, Store as _, Write},
};

/// Events, of which all but the last few have a place.
const EVENTS: u32 = 6_000;

async fn make(url: &str) -> SqlxStore {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let prefix = format!("outbox_{}_{}_", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let store = SqlxOptions::new(url).prefix(prefix).connections(1).open().await.expect("a store");
    let one = ticket(1);
    open(&store, &one, EVENTS).await;
    for thousand in 0..EVENTS / 1_000 {
        let events = (0..1_000).map(|n| event(thousand * 1_000 + n, &one)).collect();
        store.commit(ChangeSet { events, ..ChangeSet::default() }).await.expect("a commit");
    }
    store
}

async fn run(store: &SqlxStore, sql: &str) {
    let mut taken = store.primary.take().await.expect("a connection");
    let done = taken.session().run(sql).await;
    taken.finish(done).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn give(store: &SqlxStore, limit: u32) {
    let changes = ChangeSet { writes: vec![Write::PlaceEvents { limit }], ..ChangeSet::default() };
    store.commit(changes).await.expect("a commit");
}

/// The statements, what they are given, and the index that leads to the rows.
fn asked(dialect: Dialect) -> Vec<(String, Vec<Value>, &'static str)> {
    let (unplaced, first) = dialect.choose(("events_unplaced", "pkey"), ("events_place", "PRIMARY"));
    let mut asked = vec![
        (UNPLACED.to_owned(), values![], unplaced),
        (LAST.to_owned(), values![], "events_place"),
        (PLACE.to_owned(), values![id::<EventId>(5, 7).uuid()], first),
        (events::PLACED.to_owned(), values![2_000_i64, 9_i64], "events_place"),
    ];
    if dialect == Dialect::Postgres {
        let Step { sql, values, .. } = placing(9);
        asked.push((sql.into_owned(), values, unplaced));
    } else {
        asked.push((FIRST.to_owned(), values![9_i64], unplaced));
        asked.push((HIGHEST.to_owned(), values![], "events_place"));
        asked.push((GIVE.to_owned(), values!["[3,4]", 7_i64], "events_seq"));
    }
    asked
}

/// The lines of a plan, and those that read a table from its start or sort it.
fn lines(rows: &[Row]) -> (Vec<String>, Vec<String>) {
    let line = |row: &Row| match row {
        Row::Postgres(row) => row.try_get::<String, _>(0).expect("a line"),
        Row::MySql(row) => {
            let text = |column: &str| row.try_get::<Option<String>, _>(column).expect("a text").unwrap_or_default();
            format!("{}: {} by {} ({})", text("table"), text("type"), text("key"), text("Extra"))
        }
    };
    let lines: Vec<String> = rows.iter().map(line).collect();
    let reads_all = |line: &&String| {
        let derived = line.starts_with('<') || line.starts_with("j:");
        let (scans, sorts) = (["Seq Scan", ": ALL", ": index "], line.contains("Sort Key"));
        // The few that get a place are sorted once they are found.
        scans.iter().any(|scan| line.contains(scan)) && !derived || sorts && !line.contains("u.seq")
    };
    let bad = lines.iter().filter(reads_all).cloned().collect();
    (lines, bad)
}

async fn check(store: &SqlxStore) {
    let mut taken = store.primary.take().await.expect("a connection");
    for (sql, values, index) in asked(store.names.dialect) {
        let rows = taken.session().rows(&format!("EXPLAIN {sql}"), values).await.expect("a plan");
        let (lines, bad) = lines(&rows);
        let led = lines.iter().any(|line| line.contains(index));
        assert!(led && bad.is_empty(), "{sql}\n{lines:#?}");
    }
    taken.finish(Ok(())).expect("nothing went wrong");
}

async fn indexes_lead_there(url: String) {
    let store = make(&url).await;
    let analyse = store.names.dialect.choose("ANALYZE {events}", "ANALYZE TABLE {events}");
    // Nothing has a place, almost everything has one and the server does not know it, and now it does.
    run(&store, analyse).await;
    check(&store).await;
    give(&store, EVENTS - 20).await;
    check(&store).await;
    run(&store, analyse).await;
    check(&store).await;
    let tables = crate::migrations::TABLES.map(|table| format!("{{{table}}}")).join(", ");
    let keys = store.names.dialect.choose("", "SET foreign_key_checks = 0; ");
    run(&store, &format!("{keys}DROP TABLE {tables}")).await;
}

#[tokio::test]
async fn postgres() {
    if let Some(url) = test_servers::postgres_url() {
        indexes_lead_there(url).await;
    }
}

#[tokio::test]
async fn mysql() {
    if let Some(url) = test_servers::mysql_url() {
        indexes_lead_there(url).await;
    }
}
