//! Telling the outside: how fast, and at whose cost.

use crate::{
    client::{bytes, paced},
    report::{Promise, Report, median, now, per_second, say, since},
};
use async_trait::async_trait;
use serde_json::json;
use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use support_desk::{
    Actor, Desk, DeskBuilder, Profile, SqliteStore,
    desk::{messages::NewMessage, tickets::NewTicket, workers::Job},
    domain::announcement::Announcement,
    http::{AuthError, Authenticate, Settings, router_with},
    ports::sinks::{Sink, SinkError},
};
use uuid::Uuid;

const TICKETS: usize = 4_000;
const MESSAGES: usize = 4;
/// Ten thousand tickets a minute, on so many connections.
const CONNECTIONS: u32 = 16;
const EVERY: Duration = Duration::from_millis(96);
const EACH: u32 = 80;
const ROUNDS: usize = 5;

/// Counts what it is told.
#[derive(Clone, Default)]
struct Counter(&'static str, Arc<AtomicUsize>);

#[async_trait]
impl Sink for Counter {
    fn name(&self) -> &str {
        self.0
    }

    async fn take(&self, batch: &[Announcement]) -> Vec<Result<(), SinkError>> {
        // What a sink does at least: make the bytes that would be sent.
        let bytes: usize = batch.iter().map(|told| told.envelope().to_string().len()).sum();
        assert!(bytes > 0 || batch.is_empty());
        self.1.fetch_add(batch.len(), Ordering::Relaxed);
        vec![Ok(()); batch.len()]
    }
}

struct Everybody;

#[async_trait]
impl Authenticate for Everybody {
    async fn actor(&self, _: &axum::http::request::Parts) -> Result<Actor, AuthError> {
        Ok(Actor::customer(Uuid::from_u128(7), "Ada"))
    }
}

async fn builder(file: &Path) -> DeskBuilder {
    let store = SqliteStore::open(file).await.expect("a new file");
    Desk::builder(store).profile(Profile::bookings())
}

/// What one sink is told a second, of tickets with some messages each.
async fn relay(file: &Path) -> f64 {
    let told = Counter("count", Arc::default());
    let desk = builder(file).await.sink(told.clone()).build().expect("a shipped profile");
    let workers = desk.workers();
    workers.tick(Job::Relay).await.expect("the store works");
    let mut writing = Vec::new();
    for caller in 0..32 {
        let desk = desk.clone();
        writing.push(tokio::spawn(async move {
            let (customer, agent) =
                (Actor::customer(Uuid::from_u128(7), "Ada"), Actor::agent(Uuid::from_u128(8), "Grace"));
            for n in 0..TICKETS / 32 {
                let new = NewTicket::new(format!("Parcel {caller} {n}"), "It was promised for Monday. ".repeat(6));
                let ticket = desk.tickets().open(&customer, new).await.expect("a ticket").ticket.id;
                for _ in 0..MESSAGES {
                    let message = NewMessage::public("We look into it. ".repeat(6));
                    desk.messages().add(&agent, ticket, message).await.expect("a message");
                }
            }
        }));
    }
    for task in writing {
        task.await.expect("it writes");
    }
    let start = now();
    workers.tick(Job::Relay).await.expect("the store works");
    let count = told.1.load(Ordering::Relaxed);
    assert!(count >= TICKETS * (1 + MESSAGES), "{count} were told");
    say(&format!("{count} events in {:.2} s", since(start).as_secs_f64()));
    per_second(count, start)
}

/// A desk with its workers, behind a socket.
async fn serve(builder: DeskBuilder) -> SocketAddr {
    let desk = builder.build().expect("a shipped profile");
    let jobs = desk.clone();
    tokio::spawn(async move { jobs.run_workers(std::future::pending()).await });
    let settings = Settings { requests: None, openings: None, ..Settings::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let app = router_with(desk, Everybody, settings);
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

fn p99(mut latencies: Vec<f64>) -> f64 {
    latencies.sort_by(f64::total_cmp);
    latencies[latencies.len() * 99 / 100]
}

pub(crate) fn run(report: &mut Report) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder is writable");
    runtime.block_on(async {
        let rate = relay(&folder.path().join("relay.db")).await;
        report.check("relay to a sink in the process", rate, "/s", &Promise::AtLeast(5_000.0));

        let plain = serve(builder(&folder.path().join("plain.db")).await).await;
        let told = Counter("one", Arc::default());
        let telling = builder(&folder.path().join("telling.db")).await;
        let telling =
            telling.sink(told.clone()).sink(Counter("two", Arc::default())).sink(Counter("three", Arc::default()));
        let telling = serve(telling).await;
        let body = json!({ "subject": "Parcel is late", "description": "It was promised for Monday. ".repeat(8) });
        let create = bytes("POST", "/tickets", &body.to_string());
        let (mut ratios, mut both) = (Vec::new(), [Vec::new(), Vec::new()]);
        for _ in 0..ROUNDS {
            let request = create.clone();
            let without = p99(paced(plain, CONNECTIONS, EACH, EVERY, move |_, _| request.clone()).await);
            let request = create.clone();
            let with = p99(paced(telling, CONNECTIONS, EACH, EVERY, move |_, _| request.clone()).await);
            ratios.push(with / without);
            both[0].push(without);
            both[1].push(with);
        }
        let [without, with] = both.map(median);
        say(&format!("10,000 tickets a minute over HTTP: p99 {without:.0} µs, with three sinks {with:.0} µs"));
        tokio::time::sleep(Duration::from_secs(2)).await;
        let opened = ROUNDS * (CONNECTIONS * EACH) as usize;
        let missing = opened.saturating_sub(told.1.load(Ordering::Relaxed));
        report.check(
            "of those, told to none",
            f64::from(u32::try_from(missing).unwrap_or(u32::MAX)),
            "",
            &Promise::Exactly(0.0),
        );
        report.check(
            "p99 of creating while relaying, to that without sinks",
            median(ratios),
            "x",
            &Promise::AtMost(1.2),
        );
    });
}
