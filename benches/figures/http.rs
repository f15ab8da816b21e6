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
    http::{AuthError, Authenticate, Settings, router_with},
    ports::{
        clock::{Clock, SystemClock},
        ids::{IdSource, RandomIds},
    },
    sqlite::{
        migrate,
        rusqlite::{self, Connection, Row, params, types::ValueRef},
    },
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

/// What somebody writes in an afternoon over the same tables: one connection behind a mutex, three inserts in one
/// transaction, the same rows read, all of a ticket's columns shown. It keeps no counters and no words to search by, which
/// the desk does: whoever writes it counts tickets when somebody asks.
fn plain(connection: Connection) -> Router {
    Router::new()
        .route("/tickets", post(plain_create).get(plain_list))
        .route("/tickets/{id}", get(plain_read))
        .with_state(Arc::new(Mutex::new(connection)))
}

type Failure = Box<dyn std::error::Error>;

const INSERT_TICKET: &str = "INSERT INTO support_tickets (id, number, version, customer_id, customer_name, subject, category,
    priority, status, phase, escalation_level, tags, risk_at, due_at, created_at, updated_at, opened_by, source, related, sla,
    metadata, sla_at, escalation_at)
    VALUES (?1, ?2, 1, ?3, 'Ada', ?4, 'general', 'medium', 'open', 'new', 0, '[]', ?5 + 2880000, ?5 + 3600000, ?5, ?5, '{}',
    'web', '[]', '[]', '{}', ?5 + 2880000, ?5 + 3600000)";
const INSERT_MESSAGE: &str =
    "INSERT INTO support_messages (id, ticket, author_role, author_name, internal, attachments, sent_at, body)
    VALUES (?, ?, 'customer', 'Ada', 0, '[]', ?, ?)";
const INSERT_EVENT: &str =
    "INSERT INTO support_events (id, ticket, at, actor_role, actor_name, cause, kind, internal, data)
    VALUES (?, ?, ?, 'customer', 'Ada', '{}', 'ticket_opened', 0, '{}')";

fn insert(plain: &Plain, subject: &str, message: &str) -> Result<(i64, Uuid), Failure> {
    let now = SystemClock.now();
    let [ticket, first, event] = [0; 3].map(|_| RandomIds.id(now).into_bytes());
    let (at, number) = (now.timestamp_millis(), Uuid::from_bytes(ticket).to_string());
    let mut connection = plain.lock().map_err(|_| "poisoned")?;
    let transaction = connection.transaction()?;
    let customer = 7_u128.to_be_bytes();
    transaction.execute(INSERT_TICKET, params![ticket, number, customer, subject, at])?;
    let seq = transaction.last_insert_rowid();
    transaction.execute(INSERT_MESSAGE, params![first, seq, at, message])?;
    transaction.execute(INSERT_EVENT, params![event, seq, at])?;
    transaction.commit()?;
    Ok((seq, Uuid::from_bytes(ticket)))
}

async fn plain_create(
    State(plain): State<Plain>,
    Json(body): Json<Value>,
) -> Result<(StatusCode, Json<Value>), StatusCode> {
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    let inserted = insert(&plain, &text("subject"), &text("message"));
    let (_, ticket) = inserted.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok((StatusCode::CREATED, Json(json!({ "ticketId": ticket, "status": "open" }))))
}

/// Every column under its name.
fn object(row: &Row<'_>) -> Result<Value, rusqlite::Error> {
    let names = row.as_ref().column_names();
    let mut object = serde_json::Map::new();
    for (n, name) in names.into_iter().enumerate() {
        let value = match row.get_ref(n)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => number.into(),
            ValueRef::Real(number) => number.into(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
            ValueRef::Blob(bytes) => Uuid::from_slice(bytes).map_or(Value::Null, |id| id.to_string().into()),
        };
        object.insert(name.to_owned(), value);
    }
    Ok(object.into())
}

async fn plain_read(State(plain): State<Plain>, Path(id): Path<Uuid>) -> Result<Json<Value>, StatusCode> {
    let read = || -> Result<Value, Failure> {
        let connection = plain.lock().map_err(|_| "poisoned")?;
        let mut ticket =
            connection.query_row("SELECT * FROM support_tickets WHERE id = ?", [id.into_bytes()], object)?;
        let mut statement = connection.prepare("SELECT * FROM support_messages WHERE ticket = ? ORDER BY seq")?;
        let messages = statement.query_map([ticket["seq"].as_i64()], object)?;
        ticket["messages"] = Value::Array(messages.collect::<Result<_, _>>()?);
        Ok(ticket)
    };
    read().map(Json).map_err(|_| StatusCode::NOT_FOUND)
}

async fn plain_list(State(plain): State<Plain>) -> Result<Json<Value>, StatusCode> {
    let read = || -> Result<Value, Failure> {
        let connection = plain.lock().map_err(|_| "poisoned")?;
        let sql = "SELECT seq, id, number, customer_id, customer_name, subject, category, priority, status, phase,
                       assignee_id, assignee_name, escalation_level, tags, risk_at, due_at, created_at, updated_at,
                       (SELECT substr(body, 1, 140) FROM support_messages
                        WHERE ticket = support_tickets.seq AND internal = 0 AND support_messages.deleted_at IS NULL
                        ORDER BY seq DESC LIMIT 1) AS last_message
                   FROM support_tickets WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 20";
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map((), object)?.collect::<Result<Vec<_>, _>>()?;
        let sql = "SELECT count(*) FROM (SELECT 1 FROM support_tickets WHERE deleted_at IS NULL LIMIT 1001)";
        let total: i64 = connection.query_row(sql, (), |row| row.get(0))?;
        Ok(json!({ "tickets": rows, "pagination": { "total": total } }))
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
    let mut connection = Connection::open(folder.join("plain.db")).expect("a new file");
    migrate(&mut connection).expect("the same tables");
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;").expect("pragmas");
    let shared = Arc::new(Mutex::new(connection));
    let (customer, admin) = (Actor::customer(Uuid::from_u128(7), "Ada"), Actor::admin(Uuid::from_u128(0xad), "Joan"));
    let (mut ours, mut plains) = (Vec::new(), Vec::new());
    let text = "It was promised for Monday and nobody called. ".repeat(6);
    for n in 0..TICKETS {
        let subject = format!("Parcel {n} is late");
        let opened = desk.tickets().open(&customer, NewTicket::new(&subject, &text)).await.expect("a ticket");
        let reply = desk.messages().add(&admin, opened.ticket.id, NewMessage::public(text.as_str())).await;
        ours.push(reply.expect("a message").ticket.id.uuid());
        let (seq, ticket) = insert(&shared, &subject, &text).expect("a ticket");
        let reply = RandomIds.id(SystemClock.now()).into_bytes();
        let connection = shared.lock().expect("nobody has panicked");
        connection.execute(INSERT_MESSAGE, params![reply, seq, 0, text]).expect("a message");
        plains.push(ticket);
    }
    let connection = Arc::into_inner(shared).and_then(|shared| shared.into_inner().ok()).expect("nobody else holds it");
    // Nobody shall wait for a turn: what is measured is the work.
    let settings = Settings { requests: None, openings: None, ..Settings::default() };
    [(listen(router_with(desk, Everybody, settings)).await, ours), (listen(plain(connection)).await, plains)]
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
