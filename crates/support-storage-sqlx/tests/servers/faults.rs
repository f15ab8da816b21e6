//! Wires that are cut, servers that are killed, and what is left then: everything or nothing, and never less than what was
//! acknowledged.

use crate::common::{
    Schema, on_every_server,
    proxy::{Cut, Proxy},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};
use support_core::{
    contract::sample::{add, message, open, ticket},
    desk::{Desk, Error, Once, messages::Posted, tickets::NewTicket},
    domain::{
        actor::Actor,
        profile::Profile,
        ticket::{TicketFilter, TicketQuery},
    },
    ports::{
        Store as _, StoreError,
        events::{EventQuery, EventStore as _},
        messages::{MessageQuery, MessageStore as _},
        tickets::TicketStore as _,
    },
};
use support_storage_sqlx::{SqlxOptions, SqlxStore};
use test_servers::{MariaDb, Postgres, Setup};
use uuid::Uuid;

on_every_server! {
    a_wire_that_is_cut_leaves_no_half_and_a_key_finds_the_answer,
    a_connection_that_was_lost_while_idle_is_not_noticed_by_readers,
    a_server_that_says_nothing_is_given_up,
    a_reader_that_goes_away_spoils_no_connection,
}

/// The port of the server.
fn port(url: &str) -> u16 {
    let tail = url.rsplit(':').next().unwrap();
    tail.split('/').next().unwrap().parse().unwrap()
}

fn ada() -> Actor {
    Actor::customer(Uuid::from_u128(7), "Ada")
}

fn everything() -> TicketQuery {
    TicketQuery {
        scope: support_core::domain::access::TicketScope::All,
        filter: TicketFilter::default(),
        sort: support_core::domain::ticket::Sort::default(),
        after: None,
        skip: 0,
        limit: 100,
        reader: None,
    }
}

fn once(store: &SqlxStore, key: &str) -> Desk {
    let desk = Desk::builder(store.clone()).profile(Profile::bookings()).build().unwrap();
    let once = Once { key: key.to_owned(), digest: [1; 32] };
    desk.once(once, |posted: &Posted| posted.ticket.number.clone().into_bytes())
}

async fn a_wire_that_is_cut_leaves_no_half_and_a_key_finds_the_answer(url: String) {
    let schema = Schema::new(url.clone());
    let direct = schema.options().open().await.unwrap();
    let proxy = Proxy::start(port(&url)).await;
    let (mut cuts, mut keys) = (0, 0);
    for speech in 0..40 {
        let mut was_cut = false;
        for cut in [Cut::Before, Cut::After] {
            let through = SqlxOptions::new(proxy.url(&url)).schema(schema.name.as_str()).connections(1);
            let store = through.open().await.unwrap();
            // Numbers are taken beforehand, so that what is cut is the commit.
            let key = format!("{speech} {cut:?}");
            store.ticket_by_number("none").await.unwrap();
            proxy.cut(speech, cut);
            let first = once(&store, &key).tickets().open(&ada(), NewTicket::new("No parcel", "Where is it?")).await;
            keys += 1;
            if !proxy.was_cut() {
                first.unwrap();
                continue;
            }
            was_cut = true;
            cuts += 1;
            // Whoever heard nothing asks again, of a node whose wire is whole.
            let again = once(&direct, &key).tickets().open(&ada(), NewTicket::new("No parcel", "Where is it?")).await;
            let number = match (first, again) {
                (Ok(posted), Err(Error::Repeated(answer))) => {
                    assert_eq!(answer.0, posted.ticket.number.as_bytes(), "{key}");
                    posted.ticket.number
                }
                (Err(Error::Store(StoreError::Unavailable(_))), Err(Error::Repeated(answer))) => {
                    String::from_utf8(answer.0).unwrap()
                }
                (Err(Error::Store(StoreError::Unavailable(_))), Ok(posted)) => posted.ticket.number,
                other => panic!("{key}: {other:?}"),
            };
            whole(&direct, &number).await;
        }
        if !was_cut {
            break;
        }
    }
    assert!(cuts >= 4, "the wire was cut {cuts} times");
    assert_eq!(direct.tickets(&everything()).await.unwrap().items.len(), keys, "one ticket for each key");
}

/// A ticket that is there has its message and its trail.
async fn whole(store: &SqlxStore, number: &str) {
    let ticket = store.ticket_by_number(number).await.unwrap().expect("what was answered is there");
    let messages = MessageQuery { ticket: ticket.id, internal: true, after: None, limit: 9 };
    assert_eq!(store.messages(&messages).await.unwrap().items.len(), 1, "{number}");
    let events = EventQuery { ticket: ticket.id, after: None, limit: 9 };
    assert!(!store.events(&events).await.unwrap().items.is_empty(), "{number}");
}

async fn a_connection_that_was_lost_while_idle_is_not_noticed_by_readers(url: String) {
    let schema = Schema::new(url.clone());
    let proxy = Proxy::start(port(&url)).await;
    let through = SqlxOptions::new(proxy.url(&url)).schema(schema.name.as_str()).connections(1);
    let store = through.open().await.unwrap();
    open(&store, &ticket(1), 1).await;
    for cut in [Cut::Before, Cut::After, Cut::Before] {
        proxy.cut(0, cut);
        assert!(store.ticket(ticket(1).id).await.unwrap().is_some(), "{cut:?}");
        assert!(proxy.was_cut());
    }
}

async fn a_server_that_says_nothing_is_given_up(url: String) {
    let schema = Schema::new(url);
    let store = schema.options().statement_timeout(Duration::from_millis(300)).open().await.unwrap();
    open(&store, &ticket(1), 1).await;
    let holder = desk_lock(&schema).await;
    let late = store.commit(add(message(2, &ticket(1)), true)).await;
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
    drop(holder);
    // The lock goes with the connection that held it.
    let freed = async {
        while store.commit(add(message(2, &ticket(1)), true)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), freed).await.expect("the row is free again");
}

/// A connection of somebody else's who holds the ticket.
async fn desk_lock(schema: &Schema) -> Box<dyn Send> {
    use support_storage_sqlx::sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, PgConnection};
    let sql = AssertSqlSafe(format!("SELECT 1 FROM {}.support_tickets FOR UPDATE", schema.name));
    if schema.is_postgres() {
        let mut link = PgConnection::connect(&schema.url).await.unwrap();
        link.execute("BEGIN").await.unwrap();
        link.execute(sql).await.unwrap();
        Box::new(link)
    } else {
        let mut link = MySqlConnection::connect(&schema.url).await.unwrap();
        link.execute("BEGIN").await.unwrap();
        link.execute(sql).await.unwrap();
        Box::new(link)
    }
}

/// Requests are dropped at any moment, as when a client goes away; what comes after them is answered rightly.
async fn a_reader_that_goes_away_spoils_no_connection(url: String) {
    let schema = Schema::new(url);
    let store = schema.options().connections(2).open().await.unwrap();
    open(&store, &ticket(1), 1).await;
    open(&store, &ticket(2), 2).await;
    for round in 0..200_u32 {
        let patience = Duration::from_micros(u64::from(round % 40) * 20);
        let dropped = tokio::time::timeout(patience, store.tickets(&everything())).await;
        if let Ok(page) = dropped {
            assert_eq!(page.unwrap().items.len(), 2);
        }
        let commit = store.commit(add(message(10 + round, &ticket(1)), true));
        let _ = tokio::time::timeout(patience, commit).await;
        let n = 1 + round % 2;
        assert_eq!(store.ticket(ticket(n).id).await.unwrap().map(|row| row.number), Some(ticket(n).number));
    }
}

/// A server of one's own, to be killed.
enum Server {
    Postgres(Postgres),
    MariaDb(MariaDb),
}

impl Server {
    fn url(&self) -> String {
        match self {
            Self::Postgres(server) => server.url(),
            Self::MariaDb(server) => server.url(),
        }
    }

    fn kill(&mut self) {
        match self {
            Self::Postgres(server) => server.stop_immediately(),
            Self::MariaDb(server) => server.stop_immediately(),
        }
        .unwrap();
    }

    fn start_again(&mut self) {
        match self {
            Self::Postgres(server) => server.start_again(),
            Self::MariaDb(server) => server.start_again(),
        }
        .unwrap();
    }
}

const WRITERS: u32 = 8;

/// Writes messages until it is told to stop, and answers which were acknowledged.
async fn write(store: SqlxStore, writer: u32, stop: Arc<AtomicBool>, done: Arc<AtomicU32>) -> Vec<u32> {
    let mut acknowledged = Vec::new();
    for n in 0..100_000 {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let id = 1_000 + writer * 100_000 + n;
        match store.commit(add(message(id, &ticket(1 + writer)), true)).await {
            Ok(()) => {
                acknowledged.push(id);
                done.fetch_add(1, Ordering::SeqCst);
            }
            Err(StoreError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
            Err(other) => panic!("{other:?}"),
        }
    }
    acknowledged
}

async fn a_server_that_is_killed_under_load(mut server: Server) {
    let options = SqlxOptions::new(server.url()).connections(8).acquire_timeout(Duration::from_secs(1));
    let store = options.open().await.unwrap();
    for n in 1..=WRITERS {
        open(&store, &ticket(n), n).await;
    }
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(store.clone(), writer, Arc::clone(&stop), Arc::clone(&done))))
        .collect();
    for _ in 0..2 {
        until_more(&done, 200, Duration::from_mins(1)).await;
        server = tokio::task::spawn_blocking(move || {
            server.kill();
            server.start_again();
            server
        })
        .await
        .unwrap();
        // The pool heals within five seconds of the server's being ready.
        until_more(&done, WRITERS, Duration::from_secs(5)).await;
    }
    stop.store(true, Ordering::SeqCst);
    for (writer, task) in (0..).zip(writers) {
        let acknowledged = task.await.unwrap();
        let query = MessageQuery { ticket: ticket(1 + writer).id, internal: true, after: None, limit: 100_000 };
        let kept: std::collections::BTreeSet<_> =
            store.messages(&query).await.unwrap().items.into_iter().map(|message| message.id).collect();
        for id in acknowledged {
            assert!(kept.contains(&message(id, &ticket(1)).id), "message {id} was acknowledged and is lost");
        }
    }
}

async fn until_more(done: &AtomicU32, more: u32, patience: Duration) {
    let goal = done.load(Ordering::SeqCst) + more;
    let reached = async {
        while done.load(Ordering::SeqCst) < goal {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(patience, reached).await.expect("the writers go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_killed_under_load() {
    if test_servers::postgres_url().is_some() {
        a_server_that_is_killed_under_load(Server::Postgres(Postgres::start(Setup::default().durable()).unwrap()))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_is_killed_under_load() {
    if test_servers::mysql_url().is_some() {
        a_server_that_is_killed_under_load(Server::MariaDb(MariaDb::start(Setup::default().durable()).unwrap())).await;
    }
}
