//! A desk on a file, and a real broker: nothing that was committed is lost, whatever happens to either.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use chrono::TimeDelta;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use support_desk::{
    Actor, Desk, Profile, SqliteStore,
    desk::{messages::NewMessage, tickets::NewTicket, workers::Job},
    domain::announcement::Announcement,
    events::RabbitSink,
    ports::{
        clock::FixedClock,
        sinks::{Sink, SinkError},
    },
};
use test_servers::{RabbitMq, Setup, find_or_install_rabbitmq};
use uuid::Uuid;

const TICKETS: u32 = 20;

fn ada() -> Actor {
    Actor::customer(Uuid::from_u128(0xada), "Ada")
}

/// A broker that a test may take down; none where only embedded tests run.
fn broker() -> Option<RabbitMq> {
    test_servers::amqp_url()?;
    find_or_install_rabbitmq().unwrap();
    Some(RabbitMq::start(Setup::default()).unwrap())
}

/// Its address; the client takes a slash at the end for a virtual host without a name.
fn plain(broker: &RabbitMq) -> String {
    broker.url().trim_end_matches('/').to_owned()
}

/// What a queue holds, taken out: of each ticket the ids in the order in which they came.
async fn take(url: &str, queue: &str) -> BTreeMap<String, Vec<String>> {
    use lapin::{Connection, ConnectionProperties, options::BasicGetOptions};
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(message) = channel.basic_get(queue.into(), BasicGetOptions { no_ack: true }).await.unwrap() {
        let body: serde_json::Value = serde_json::from_slice(&message.delivery.data).unwrap();
        let line = told.entry(body["subject"].as_str().unwrap().to_owned()).or_default();
        line.push(body["id"].as_str().unwrap().to_owned());
    }
    told
}

async fn bind(url: &str, queue: &str) {
    use lapin::{
        Connection, ConnectionProperties, ExchangeKind,
        options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
        types::FieldTable,
    };
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let exchange = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    channel.exchange_declare("support".into(), ExchangeKind::Topic, exchange, FieldTable::default()).await.unwrap();
    let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(queue.into(), options, FieldTable::default()).await.unwrap();
    let bound = QueueBindOptions::default();
    channel.queue_bind(queue.into(), "support".into(), "#".into(), bound, FieldTable::default()).await.unwrap();
}

async fn desk(file: &Path, clock: Arc<FixedClock>, sink: impl Sink + 'static) -> Desk {
    let store = SqliteStore::open(file).await.unwrap();
    Desk::builder(store).profile(Profile::after_sales()).clock(clock).sink(sink).build().unwrap()
}

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at("2026-01-05T09:00:00Z".parse().unwrap()))
}

async fn trails(desk: &Desk) -> BTreeMap<String, Vec<String>> {
    use support_desk::{
        desk::tickets::Page,
        domain::ticket::{Sort, TicketFilter},
    };
    let admin = Actor::admin(Uuid::from_u128(1), "Joan");
    let list = desk.tickets().list(&admin, TicketFilter::default(), Sort::default(), Page::first(100)).await.unwrap();
    let mut trails = BTreeMap::new();
    for row in list.tickets {
        let trail = desk.events().list(&admin, row.id, None, 100).await.unwrap();
        let ids = trail.items.iter().map(|event| event.id.to_string()).collect();
        trails.insert(format!("tickets/{}", row.id), ids);
    }
    trails
}

async fn write(desk: &Desk, clock: &FixedClock) {
    for n in 0..TICKETS {
        let ticket = desk.tickets().open(&ada(), NewTicket::new(format!("{n}"), "x")).await.unwrap().ticket.id;
        for m in 0..3 {
            desk.messages().add(&ada(), ticket, NewMessage::public(format!("{m}"))).await.unwrap();
        }
        clock.advance(TimeDelta::minutes(3));
    }
}

/// An hour without the broker, on the desk's clock: whoever writes notices nothing, and afterwards every event is in the
/// queue, once, and in the order of its ticket.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_was_down_for_an_hour_is_told_everything() {
    let Some(mut broker) = broker() else { return };
    let (url, folder, clock) = (plain(&broker), tempfile::tempdir().unwrap(), clock());
    bind(&url, "all").await;
    let sink = RabbitSink::builder(&url).build().unwrap();
    let desk = desk(&folder.path().join("desk.db"), clock.clone(), sink).await;
    let workers = desk.workers();
    workers.tick(Job::Relay).await.unwrap();
    broker.stop().unwrap();
    for _ in 0..3 {
        workers.tick(Job::Relay).await.unwrap();
    }
    write(&desk, &clock).await;
    assert_eq!(workers.tick(Job::Relay).await.unwrap().done, 0);
    broker.start_again().unwrap();
    clock.advance(TimeDelta::minutes(6));
    assert_eq!(workers.tick(Job::Relay).await.unwrap().done, TICKETS * 4);
    assert_eq!(take(&url, "all").await, trails(&desk).await);
}

/// Publishes, and then the process is gone: nothing was marked.
struct Doomed(RabbitSink);

#[async_trait]
impl Sink for Doomed {
    fn name(&self) -> &str {
        self.0.name()
    }

    async fn take(&self, batch: &[Announcement]) -> Vec<Result<(), SinkError>> {
        let answers = self.0.take(batch).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        std::process::abort();
    }
}

/// Tells the child of this program which file and which broker are meant.
const CHILD: &str = "SUPPORT_TEST_DOOMED";

/// Only ever run by the test below, in a process of its own.
#[test]
#[ignore = "it kills the process that runs it"]
fn doomed() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let (file, url) = told.split_once('|').unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let clock = clock();
        let sink = Doomed(RabbitSink::builder(url).build().unwrap());
        let desk = desk(Path::new(file), clock.clone(), sink).await;
        let workers = desk.workers();
        workers.tick(Job::Relay).await.unwrap();
        write(&desk, &clock).await;
        workers.tick(Job::Relay).await.unwrap();
    });
    unreachable!("the sink has ended this process");
}

/// Killed between publishing and marking: what was published comes again under the same id, and nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_before_it_has_marked_tells_again() {
    let Some(broker) = broker() else { return };
    let (url, folder) = (plain(&broker), tempfile::tempdir().unwrap());
    bind(&url, "all").await;
    let file: PathBuf = folder.path().join("desk.db");
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["doomed", "--exact", "--ignored"])
        .env(CHILD, format!("{}|{url}", file.display()))
        .output()
        .unwrap();
    assert!(!child.status.success(), "{child:?}");
    let before = take(&url, "all").await;
    assert_eq!(before.len(), TICKETS as usize, "the first of each ticket was published: {child:?}");

    let clock = clock();
    clock.advance(TimeDelta::hours(2));
    let desk = desk(&file, clock, RabbitSink::builder(&url).build().unwrap()).await;
    desk.workers().tick(Job::Relay).await.unwrap();
    let after = take(&url, "all").await;
    assert_eq!(after, trails(&desk).await, "all of it, once by this process, and in order");
    for (ticket, told) in before {
        assert_eq!(told[..], after[&ticket][..told.len()], "under the same ids");
    }
}
