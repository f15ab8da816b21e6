//! Many nodes on one database: in one process and in several, one of which is killed.

use crate::common::{Schema, desk, on_every_server};
use chrono::TimeDelta;
use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};
use support_core::{
    desk::{Desk, Error, tickets::NewTicket, workers::Job},
    domain::{actor::Actor, profile::Profile},
    ports::{
        Store as _, StoreError,
        clock::{Clock as _, FixedClock, SystemClock},
        numbers::NumberStore as _,
        stats::StatsStore as _,
    },
};
use support_storage_sqlx::{SqlxOptions, SqlxStore};
use uuid::Uuid;

on_every_server! {
    of_sixty_four_agents_one_gets_the_ticket,
    a_node_that_is_killed_leaves_nothing_half_done,
    notes_are_added_up_whoever_wrote_them,
    numbers_of_two_nodes_are_never_the_same,
}

const LATE: usize = 150;
const RESOLVED: usize = 50;
const DATABASE: &str = "SUPPORT_DESK_NODES_DATABASE";
const SCHEMA: &str = "SUPPORT_DESK_NODES_SCHEMA";

/// Two promises, one rule of escalation, and tickets that close by themselves.
fn profile() -> Profile {
    let mut profile = Profile::bookings();
    profile.escalation.rules.truncate(1);
    profile.auto_close = Profile::vehicle_retail().auto_close;
    profile
}

fn ada() -> Actor {
    Actor::customer(Uuid::from_u128(7), "Ada")
}

fn joan() -> Actor {
    Actor::admin(Uuid::from_u128(0xad), "Joan")
}

async fn of_sixty_four_agents_one_gets_the_ticket(url: String) {
    let (store, schema) = desk(url, &[]).await;
    let other = schema.options().open().await.unwrap();
    let nodes = [store, other].map(|store| Desk::builder(store).profile(Profile::bookings()).build().unwrap());
    let ticket = nodes[0].tickets().open(&ada(), NewTicket::new("No parcel", "Where is it?")).await.unwrap().ticket;
    let claims = (0..64_u128).map(|n| {
        let desk = nodes[usize::from(n % 2 == 0)].clone();
        let agent = Actor::agent(Uuid::from_u128(0x100 + n), format!("Agent {n}"));
        tokio::spawn(async move { desk.tickets().claim(&agent, ticket.id).await })
    });
    let (mut won, mut lost) = (0, 0);
    for claim in claims.collect::<Vec<_>>() {
        match claim.await.unwrap() {
            Ok(_) => won += 1,
            Err(Error::Store(other)) => panic!("{other:?}"),
            Err(_) => lost += 1,
        }
    }
    assert_eq!((won, lost), (1, 63));
    let read = nodes[1].tickets().get(&joan(), ticket.id).await.unwrap().ticket;
    let winner = read.assignee.unwrap();
    let agent = nodes[1].agents().get(&joan(), winner.id).await.unwrap();
    assert_eq!(agent.open_tickets, 1);
}

/// Not a test of its own: a node, which the tests start. Works until nothing is due any more.
#[tokio::test(flavor = "multi_thread")]
async fn works_until_nothing_is_due() {
    let (Ok(url), Ok(schema)) = (env::var(DATABASE), env::var(SCHEMA)) else {
        return;
    };
    let store = SqlxOptions::new(url).schema(schema).connections(4).open().await.unwrap();
    let desk = Desk::builder(store).profile(profile()).build().unwrap();
    let workers = desk.workers().lease(TimeDelta::milliseconds(400));
    println!("\nready");
    loop {
        for job in [Job::SlaMonitor, Job::Escalation, Job::AutoClose] {
            match workers.tick(job).await {
                Ok(_) | Err(Error::Store(StoreError::Unavailable(_))) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A node, from outside. It does not outlive the test.
struct Node(Child);

impl Node {
    fn start(schema: &Schema) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "nodes::works_until_nothing_is_due", "--nocapture"])
            .env(DATABASE, &schema.url)
            .env(SCHEMA, &schema.name)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(said.any(|line| line == "ready"), "the node opens the database");
        Self(child)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Tickets whose promises were broken long ago, and tickets that were resolved long ago.
async fn fill(store: &SqlxStore) {
    let clock = FixedClock::at(SystemClock.now() - TimeDelta::days(10));
    let desk = Desk::builder(store.clone()).profile(profile()).clock(clock).build().unwrap();
    let tickets = (0..LATE + RESOLVED).map(|n| {
        let desk = desk.clone();
        tokio::spawn(async move {
            let ticket = desk.tickets().open(&ada(), NewTicket::new("No parcel", "Where is it?")).await.unwrap().ticket;
            if n >= LATE {
                desk.tickets().resolve(&joan(), ticket.id, "Found").await.unwrap();
            }
        })
    });
    for ticket in tickets.collect::<Vec<_>>() {
        ticket.await.unwrap();
    }
}

async fn a_node_that_is_killed_leaves_nothing_half_done(url: String) {
    let (store, schema) = desk(url, &[]).await;
    fill(&store).await;
    let breached = "SELECT count(*) FROM {desk}.support_events WHERE kind = 'sla_breached'";
    let first = Node::start(&schema);
    until("the first node has begun", &schema, breached, |count| count > 0).await;
    // In the middle of whatever it does.
    drop(first);
    let (_second, _third) = (Node::start(&schema), Node::start(&schema));
    let now = SystemClock.now().timestamp_millis();
    let due = format!(
        "SELECT count(*) FROM {{desk}}.support_tickets WHERE sla_at <= {now} OR escalation_at <= {now} OR auto_close_at <= {now}"
    );
    until("the others have done everything", &schema, &due, |count| count == 0).await;
    let count = async |sql: &str| usize::try_from(schema.count(sql).await).unwrap();
    for (kind, of, wanted) in [
        ("sla_at_risk", "data", 2 * LATE),
        ("sla_breached", "data", 2 * LATE),
        ("escalated", "kind", LATE),
        ("closed", "kind", RESOLVED),
    ] {
        let all = format!("SELECT count(*) FROM {{desk}}.support_events WHERE kind = '{kind}'");
        let distinct = format!(
            "SELECT count(*) FROM (SELECT DISTINCT ticket, {of} FROM {{desk}}.support_events WHERE kind = '{kind}') AS x"
        );
        assert_eq!((count(&all).await, count(&distinct).await), (wanted, wanted), "{kind}");
    }
    // The figures count what the trail tells.
    let desk = support_core::domain::stats::TallyScope::Desk;
    let ever = [SystemClock.now() - TimeDelta::days(30), SystemClock.now() + TimeDelta::days(1)];
    let tally = store.tally_series(&desk, &ever).await.unwrap()[0];
    assert_eq!((tally.escalated, tally.closed), (i64::try_from(LATE).unwrap(), i64::try_from(RESOLVED).unwrap()));
}

async fn until(what: &str, schema: &Schema, sql: &str, holds: impl Fn(i64) -> bool) {
    let reached = async {
        while !holds(schema.count(sql).await) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), reached).await.unwrap_or_else(|_| panic!("still not so: {what}"));
}

async fn notes_are_added_up_whoever_wrote_them(url: String) {
    use support_core::{
        contract::sample::{opening, ticket, update},
        domain::stats::{Holder, Range},
    };
    let (store, schema) = desk(url, &[]).await;
    let other = schema.options().open().await.unwrap();
    let nodes = [store, other];
    // Each note is of one node, which adds up whosever it finds.
    for n in 1..=600_u32 {
        let node = &nodes[n as usize % 2];
        node.commit(opening(&ticket(n), n)).await.unwrap();
        if n % 4 < 2 {
            let closed = support_core::domain::ticket::Ticket { status: "closed".into(), ..ticket(n) };
            node.commit(update(&closed, 1)).await.unwrap();
        }
    }
    let sum = async |store: &SqlxStore| {
        store.cells(Holder::Anybody, Range::ALWAYS).await.unwrap().iter().map(|(_, n)| n).sum::<u64>()
    };
    assert_eq!((sum(&nodes[0]).await, sum(&nodes[1]).await), (600, 600));
    let folded = "SELECT count(*) FROM {desk}.support_cells";
    until("somebody has added notes up", &schema, folded, |count| count > 0).await;
    assert_eq!(sum(&nodes[0]).await, 600);
    assert!(schema.count("SELECT count(*) FROM {desk}.support_cell_notes").await < 1_000);
}

async fn numbers_of_two_nodes_are_never_the_same(url: String) {
    let (store, schema) = desk(url, &[]).await;
    let other = schema.options().open().await.unwrap();
    let takers = (0..32).map(|n| {
        let store = if n % 2 == 0 { store.clone() } else { other.clone() };
        tokio::spawn(async move { store.reserve_numbers("T", 16).await.unwrap() })
    });
    let mut firsts = Vec::new();
    for taker in takers.collect::<Vec<_>>() {
        firsts.push(taker.await.unwrap());
    }
    firsts.sort_unstable();
    assert_eq!(firsts, (0..32).map(|n| n * 16 + 1).collect::<Vec<u64>>());
}
