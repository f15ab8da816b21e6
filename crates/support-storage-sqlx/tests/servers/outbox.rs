//! Places in the outbox: each is given once, in the order of trails, and only by whoever has the lease.

use crate::common::{Schema, desk, on_every_server};
use std::time::Duration;
use support_core::{
    contract::sample::{at, document, event, id, open, put_document, ticket},
    domain::id::EventId,
    ports::{
        ChangeSet, Guard, Store as _, StoreError, Write,
        leases::{LeaseRequest, LeaseStore as _},
        outbox::OutboxStore as _,
    },
};
use support_storage_sqlx::{
    SqlxStore,
    sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, PgConnection, raw_sql},
};
use tokio::task::JoinHandle;

on_every_server! {
    what_was_there_before_is_not_told,
    an_overtaken_placer_writes_nothing,
    one_placer_waits_for_the_other,
    no_place_is_given_twice,
    a_place_that_was_given_stays,
    nobody_waits_for_a_commit_that_is_under_way,
    of_many_who_give_places_each_gives_others,
}

const JOB: &str = "outbox";

/// Another node, in the middle of something.
enum Rival {
    Postgres(PgConnection),
    MySql(MySqlConnection),
}

impl Rival {
    /// In a transaction, at the beginning of which these statements are run.
    async fn in_the_middle_of(schema: &Schema, statements: &[&str]) -> Self {
        let mut rival = if schema.is_postgres() {
            Self::Postgres(PgConnection::connect(&schema.url).await.expect("a connection"))
        } else {
            let mut rival = Self::MySql(MySqlConnection::connect(&schema.url).await.expect("a connection"));
            // As on the connections of a store.
            rival.run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await;
            rival
        };
        for sql in ["BEGIN"].iter().chain(statements) {
            rival.run(&sql.replace("{desk}", &schema.name)).await;
        }
        rival
    }

    async fn run(&mut self, sql: &str) {
        let sql = raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::Postgres(link) => link.execute(sql).await.map(drop),
            Self::MySql(link) => link.execute(sql).await.map(drop),
        }
        .expect("the server does it");
    }
}

/// A desk with three events, and the lease.
async fn told(url: String) -> (SqlxStore, Schema, u64) {
    let (store, schema) = desk(url, &[]).await;
    let one = ticket(1);
    open(&store, &one, 1).await;
    let events = vec![event(2, &one), event(3, &one)];
    store.commit(ChangeSet { events, ..ChangeSet::default() }).await.expect("a commit");
    let token = lease(&store).await;
    (store, schema, token)
}

async fn lease(store: &SqlxStore) -> u64 {
    let wanted = LeaseRequest { job: JOB.into(), holder: id(10, 1), now: at(0), until: at(1) };
    store.take_lease(&wanted).await.expect("an answer").expect("the lease").token
}

fn under(token: u64, writes: Vec<Write>) -> ChangeSet {
    ChangeSet { guards: vec![Guard::Lease { job: JOB.into(), token }], writes, events: Vec::new() }
}

fn place(store: &SqlxStore, token: u64) -> JoinHandle<Result<(), StoreError>> {
    let (store, changes) = (store.clone(), under(token, vec![Write::PlaceEvents { limit: 100 }]));
    tokio::spawn(async move { store.commit(changes).await })
}

async fn waits<T>(work: &JoinHandle<T>) {
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!work.is_finished(), "it has to wait");
}

async fn placed(store: &SqlxStore) -> Vec<EventId> {
    store.placed_events(None, 1_000).await.expect("a page").iter().map(|event| event.id).collect()
}

/// A schema of the version before the outbox.
async fn what_was_there_before_is_not_told(url: String) {
    let (store, schema, token) = told(url).await;
    drop(store);
    if !schema.is_postgres() {
        schema.run("DROP INDEX support_events_place ON {desk}.support_events").await;
    }
    schema.run("ALTER TABLE {desk}.support_events DROP COLUMN place").await;
    schema.run("DELETE FROM {desk}.support_schema WHERE version = 5").await;

    let store = schema.options().open().await.unwrap();
    assert!(!store.has_unplaced_events().await.unwrap());
    assert_eq!((placed(&store).await, store.last_placed_event().await.unwrap()), (vec![], None));
    store.commit(ChangeSet { events: vec![event(4, &ticket(1))], ..ChangeSet::default() }).await.unwrap();
    assert!(store.has_unplaced_events().await.unwrap());
    assert_eq!(placed(&store).await, [], "it has none yet");
    place(&store, token).await.unwrap().unwrap();
    assert_eq!(placed(&store).await, [id(5, 4)]);
    assert_eq!(store.placed_events(Some(id(5, 3)), 9).await.unwrap(), [], "it has no place");
}

/// It stood still behind its guard, or before it, while somebody else got the lease.
async fn an_overtaken_placer_writes_nothing(url: String) {
    let (store, schema, token) = told(url).await;
    let passes_on = "UPDATE {desk}.support_leases SET token = token + 1";
    let mut rival = Rival::in_the_middle_of(&schema, &[passes_on]).await;
    let placing = place(&store, token);
    waits(&placing).await;
    rival.run("COMMIT").await;
    let refused = placing.await.unwrap();
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(placed(&store).await, []);
    place(&store, token + 1).await.unwrap().unwrap();
    assert_eq!(placed(&store).await, [1, 2, 3].map(|n| id(5, n)));
}

/// Two of one node have the same token. Whoever does something else under the lease does not wait.
async fn one_placer_waits_for_the_other(url: String) {
    let (store, schema, token) = told(url).await;
    let lock = if schema.is_postgres() { "FOR SHARE" } else { "LOCK IN SHARE MODE" };
    let holds = format!("SELECT 1 FROM {{desk}}.support_leases {lock}");
    let mut rival = Rival::in_the_middle_of(&schema, &[&holds]).await;
    store.commit(under(token, vec![put_document(&document(1), None)])).await.unwrap();
    let placing = place(&store, token);
    waits(&placing).await;
    rival.run("COMMIT").await;
    placing.await.unwrap().unwrap();
    assert_eq!(placed(&store).await.len(), 3);
}

/// Whoever waited may have seen less than whoever was first.
async fn no_place_is_given_twice(url: String) {
    let (store, schema, token) = told(url).await;
    let gives =
        ["SELECT 1 FROM {desk}.support_leases FOR UPDATE", "UPDATE {desk}.support_events SET place = 1 WHERE seq = 2"];
    let mut rival = Rival::in_the_middle_of(&schema, &gives).await;
    let placing = place(&store, token);
    waits(&placing).await;
    rival.run("COMMIT").await;
    match placing.await.unwrap() {
        Ok(()) => {}
        // It sees what the other did only when it begins anew.
        Err(StoreError::Conflict) => place(&store, token).await.unwrap().unwrap(),
        other => panic!("{other:?}"),
    }
    assert_eq!(placed(&store).await, [2, 1, 3].map(|n| id(5, n)));
    let places = "SELECT count(DISTINCT place) FROM {desk}.support_events WHERE place BETWEEN 1 AND 3";
    assert_eq!(schema.count(places).await, 3);
}

/// Even where nobody keeps the two apart.
async fn a_place_that_was_given_stays(url: String) {
    let (store, schema, _) = told(url).await;
    let gives = "UPDATE {desk}.support_events SET place = 5 WHERE seq = 1";
    let mut rival = Rival::in_the_middle_of(&schema, &[gives]).await;
    let changes = ChangeSet { writes: vec![Write::PlaceEvents { limit: 100 }], ..ChangeSet::default() };
    let placing = tokio::spawn({
        let store = store.clone();
        async move { store.commit(changes).await }
    });
    waits(&placing).await;
    rival.run("COMMIT").await;
    placing.await.unwrap().unwrap();
    assert_eq!(schema.count("SELECT place FROM {desk}.support_events WHERE seq = 1").await, 5);
    assert_eq!(placed(&store).await.len(), 3);
}

/// Nor is anything seen that came to stand while places were looked for: of a trail that would be a middle without a beginning.
async fn nobody_waits_for_a_commit_that_is_under_way(url: String) {
    let (store, schema, token) = told(url).await;
    let tells = "INSERT INTO {desk}.support_events \
                 (id, ticket, at, actor_role, actor_name, cause, kind, internal, data) \
                 SELECT {id}, ticket, at, actor_role, actor_name, cause, kind, internal, data \
                 FROM {desk}.support_events WHERE seq = 1";
    let other = if schema.is_postgres() { "gen_random_uuid()" } else { "UNHEX(REPLACE(UUID(), '-', ''))" };
    let mut rival = Rival::in_the_middle_of(&schema, &[&tells.replace("{id}", other)]).await;
    let two = ticket(2);
    open(&store, &two, 5).await;
    place(&store, token).await.unwrap().unwrap();
    assert_eq!(placed(&store).await, [1, 2, 3, 5].map(|n| id(5, n)));
    assert!(!store.has_unplaced_events().await.unwrap());
    rival.run("COMMIT").await;
    assert!(store.has_unplaced_events().await.unwrap());
    place(&store, token).await.unwrap().unwrap();
    let last = store.last_placed_event().await.unwrap();
    assert_eq!(placed(&store).await[4..], [last.unwrap()]);
}

async fn of_many_who_give_places_each_gives_others(url: String) {
    const WRITERS: u32 = 4;
    const EACH: u32 = 40;
    let (store, schema) = desk(url, &[]).await;
    let other = schema.options().open().await.unwrap();
    let token = lease(&store).await;
    for n in 0..WRITERS {
        open(&store, &ticket(n), n).await;
    }
    let writers = (0..WRITERS).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            for step in 0..EACH {
                let events = vec![event(1_000 + n * EACH + step, &ticket(n))];
                store.commit(ChangeSet { events, ..ChangeSet::default() }).await.unwrap();
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let placers = [&store, &store, &other, &other].map(|store| {
        let store = store.clone();
        tokio::spawn(async move {
            let place = || under(token, vec![Write::PlaceEvents { limit: 3 }]);
            loop {
                match store.commit(place()).await {
                    Ok(()) | Err(StoreError::Conflict) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
        })
    });
    for writer in writers {
        writer.await.unwrap();
    }
    while store.has_unplaced_events().await.unwrap() {
        tokio::task::yield_now().await;
    }
    for placer in placers {
        placer.abort();
    }
    let total = i64::from(WRITERS + WRITERS * EACH);
    let distinct = "SELECT count(DISTINCT place) FROM {desk}.support_events WHERE place > 0";
    assert_eq!(schema.count(distinct).await, total);
    let against_the_trail = "SELECT count(*) FROM {desk}.support_events AS a JOIN {desk}.support_events AS b \
                             ON b.ticket = a.ticket AND b.seq > a.seq AND b.place < a.place";
    assert_eq!(schema.count(against_the_trail).await, 0);
}
