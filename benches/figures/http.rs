use crate::{
    client::{bytes, rate},
    report::{Promise, Report, median, say},
};
use async_trait::async_trait;
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, request::Parts},
    routing::{get, post},
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use support_desk::{
    Actor, Desk, Profile, SqliteStore,
    desk::{messages::NewMessage, tickets::NewTicket},
    http::{AuthError, Authenticate, router},
    ports::{
        clock::{Clock, SystemClock},
        ids::{IdSource, RandomIds},
    },
    sqlite::rusqlite::{Connection, Row, params},
};
use tokio::net::TcpListener;
use uuid::Uuid;

const CONNECTIONS: usize = 64;
const TICKETS: usize = 2_000;
const ROUNDS: usize = 5;

/// Everybody is the same admin: signing in is the host's, and not measured.
struct Everybody;

#[async_trait]
impl Authenticate for Everybody {
    async fn actor(&self, _: &Parts) -> Result<Actor, AuthError> {
        Ok(Actor::admin(Uuid::from_u128(0xad), "Joan"))
    }
}

type Plain = Arc<Mutex<Connection>>;

const PLAIN_TABLES: &str = "
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE tickets (id BLOB PRIMARY KEY, number TEXT UNIQUE, customer BLOB, subject TEXT, status TEXT,
        priority TEXT, created_at INTEGER, updated_at INTEGER);
    CREATE INDEX tickets_created ON tickets (created_at);
    CREATE TABLE messages (id BLOB PRIMARY KEY, ticket BLOB, author TEXT, body TEXT, sent_at INTEGER);
    CREATE INDEX messages_ticket ON messages (ticket);
    CREATE TABLE events (id BLOB PRIMARY KEY, ticket BLOB, kind TEXT, at INTEGER);
    CREATE INDEX events_ticket ON events (ticket);";

/// What somebody writes in an afternoon: one connection behind a mutex, three inserts in one transaction.
fn plain(connection: Connection) -> Router {
    Router::new()
        .route("/tickets", post(plain_create).get(plain_list))
        .route("/tickets/{id}", get(plain_read))
        .with_state(Arc::new(Mutex::new(connection)))
}

fn insert(plain: &Plain, subject: &str, message: &str) -> Result<Uuid, Box<dyn std::error::Error>> {
    let now = SystemClock.now();
    let [ticket, first, event] = [0; 3].map(|_| RandomIds.id(now).into_bytes());
    let at = now.timestamp_millis();
    let mut connection = plain.lock().map_err(|_| "poisoned")?;
    let transaction = connection.transaction()?;
    transaction.prepare_cached("INSERT INTO tickets VALUES (?, ?, ?, ?, 'open', 'medium', ?, ?)")?.execute(params![
        ticket,
        Uuid::from_bytes(ticket).to_string(),
        7_u128.to_be_bytes(),
        subject,
        at,
        at
    ])?;
    transaction
        .prepare_cached("INSERT INTO messages VALUES (?, ?, 'customer', ?, ?)")?
        .execute(params![first, ticket, message, at])?;
    transaction.prepare_cached("INSERT INTO events VALUES (?, ?, 'opened', ?)")?.execute(params![event, ticket, at])?;
    transaction.commit()?;
    Ok(Uuid::from_bytes(ticket))
}

async fn plain_create(
    State(plain): State<Plain>,
    Json(body): Json<Value>,
) -> Result<(StatusCode, Json<Value>), StatusCode> {
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    let ticket = insert(&plain, &text("subject"), &text("message")).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok((StatusCode::CREATED, Json(json!({ "ticketId": ticket, "status": "open" }))))
}

fn ticket_json(row: &Row<'_>) -> Result<Value, support_desk::sqlite::rusqlite::Error> {
    Ok(json!({
        "ticketId": Uuid::from_bytes(row.get(0)?), "ticketNumber": row.get::<_, String>(1)?,
        "customerId": Uuid::from_bytes(row.get(2)?), "subject": row.get::<_, String>(3)?,
        "status": row.get::<_, String>(4)?, "priority": row.get::<_, String>(5)?,
        "createdAt": row.get::<_, i64>(6)?, "updatedAt": row.get::<_, i64>(7)?,
    }))
}

async fn plain_read(State(plain): State<Plain>, Path(id): Path<Uuid>) -> Result<Json<Value>, StatusCode> {
    let read = || -> Result<Value, Box<dyn std::error::Error>> {
        let connection = plain.lock().map_err(|_| "poisoned")?;
        let mut ticket = connection
            .prepare_cached("SELECT * FROM tickets WHERE id = ?")?
            .query_row([id.into_bytes()], ticket_json)?;
        let mut statement = connection.prepare_cached("SELECT author, body, sent_at FROM messages WHERE ticket = ?")?;
        let messages = statement.query_map([id.into_bytes()], |row| {
            Ok(json!({ "from": row.get::<_, String>(0)?, "message": row.get::<_, String>(1)?, "sentAt": row.get::<_, i64>(2)? }))
        })?;
        ticket["messages"] = Value::Array(messages.collect::<Result<_, _>>()?);
        Ok(ticket)
    };
    read().map(Json).map_err(|_| StatusCode::NOT_FOUND)
}

async fn plain_list(State(plain): State<Plain>) -> Result<Json<Value>, StatusCode> {
    let read = || -> Result<Value, Box<dyn std::error::Error>> {
        let connection = plain.lock().map_err(|_| "poisoned")?;
        let sql = "SELECT t.*, (SELECT body FROM messages WHERE ticket = t.id ORDER BY sent_at DESC LIMIT 1)
                   FROM tickets t ORDER BY created_at DESC LIMIT 20";
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map((), |row| {
            let mut ticket = ticket_json(row)?;
            ticket["lastMessage"] = row.get::<_, String>(8)?.into();
            Ok(ticket)
        })?;
        let total: i64 = connection
            .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM tickets LIMIT 1000)")?
            .query_row((), |row| row.get(0))?;
        Ok(json!({ "tickets": rows.collect::<Result<Vec<_>, _>>()?, "pagination": { "total": total } }))
    };
    read().map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn listen(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Both servers with the same tickets, and their ids.
async fn servers(folder: &std::path::Path) -> [(SocketAddr, Vec<Uuid>); 2] {
    let store = SqliteStore::open(folder.join("desk.db")).await.expect("a new file");
    let desk = Desk::builder(store).profile(Profile::bookings()).build().expect("a shipped profile");
    let connection = Connection::open(folder.join("plain.db")).expect("a new file");
    connection.execute_batch(PLAIN_TABLES).expect("tables");
    let shared = Arc::new(Mutex::new(connection));
    let (customer, admin) = (Actor::customer(Uuid::from_u128(7), "Ada"), Actor::admin(Uuid::from_u128(0xad), "Joan"));
    let (mut ours, mut plains) = (Vec::new(), Vec::new());
    let text = "It was promised for Monday and nobody called. ".repeat(6);
    for n in 0..TICKETS {
        let subject = format!("Parcel {n} is late");
        let opened = desk.tickets().open(&customer, NewTicket::new(&subject, &text)).await.expect("a ticket");
        let reply = desk.messages().add(&admin, opened.ticket.id, NewMessage::public(text.as_str())).await;
        ours.push(reply.expect("a message").ticket.id.uuid());
        let ticket = insert(&shared, &subject, &text).expect("a ticket");
        let connection = shared.lock().expect("nobody has panicked");
        connection
            .prepare_cached("INSERT INTO messages VALUES (?, ?, 'agent', ?, 0)")
            .and_then(|mut statement| {
                statement.execute(params![RandomIds.id(SystemClock.now()).into_bytes(), ticket.into_bytes(), text])
            })
            .expect("a message");
        plains.push(ticket);
    }
    let connection = Arc::into_inner(shared).and_then(|shared| shared.into_inner().ok()).expect("nobody else holds it");
    [(listen(router(desk, Everybody)).await, ours), (listen(plain(connection)).await, plains)]
}

pub(crate) fn run(report: &mut Report) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder is writable");
    runtime.block_on(async {
        let [(ours, our_ids), (plain, plain_ids)] = servers(folder.path()).await;
        let body = json!({ "subject": "Parcel is late", "message": "It was promised for Monday. ".repeat(8), "customerId": Uuid::from_u128(7) });
        let create = bytes("POST", "/tickets", &body.to_string());
        let create = move |_: usize, _: usize| create.clone();
        let read = |ids: Vec<Uuid>| {
            move |connection: usize, n: usize| {
                let id = ids[(connection * 31 + n * 17) % ids.len()];
                bytes("GET", &format!("/tickets/{id}"), "")
            }
        };
        let list = |_: usize, _: usize| bytes("GET", "/tickets?limit=20", "");

        let (mut ratios, mut rates) = ([const { Vec::new() }; 3], [const { Vec::new() }; 6]);
        for _ in 0..ROUNDS {
            let figures = [
                (rate(ours, CONNECTIONS, 300, read(our_ids.clone())).await, rate(plain, CONNECTIONS, 300, read(plain_ids.clone())).await),
                (rate(ours, CONNECTIONS, 150, list).await, rate(plain, CONNECTIONS, 150, list).await),
                (rate(ours, CONNECTIONS, 60, create.clone()).await, rate(plain, CONNECTIONS, 60, create.clone()).await),
            ];
            for (n, (ours, plain)) in figures.into_iter().enumerate() {
                ratios[n].push(ours / plain);
                rates[2 * n].push(ours);
                rates[2 * n + 1].push(plain);
            }
        }
        let promises = [("read a ticket with its messages", 1.5), ("list 20", 1.0), ("create", 3.0)];
        for (n, (what, least)) in promises.into_iter().enumerate() {
            let (ours, plain) = (median(rates[2 * n].clone()), median(rates[2 * n + 1].clone()));
            say(&format!("{what}: {ours:.0}/s, plain handler {plain:.0}/s"));
            let ratio = median(std::mem::take(&mut ratios[n]));
            report.check(&format!("64 connections {what}, to a plain handler"), ratio, "x", &Promise::AtLeast(least));
        }
    });
}
