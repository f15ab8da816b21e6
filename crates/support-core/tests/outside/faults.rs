//! Whatever fails, and wherever: nothing is lost, and nothing of a ticket comes out of its order.

use super::{ADA, Ear, ada, customer, joan};
use async_trait::async_trait;
use chrono::TimeDelta;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use support_core::{
    desk::{
        Desk,
        messages::NewMessage,
        tickets::{NewTicket, Page},
        workers::{Job, Workers},
    },
    domain::{
        id::TicketId,
        notification::{Letter, Person, Way},
        profile::Profile,
        ticket::{Sort, TicketFilter},
    },
    forward_store,
    memory::MemoryStore,
    ports::{
        ChangeSet, Store, StoreError,
        channels::{Channel, ChannelError},
        clock::FixedClock,
        directory::{MemoryDirectory, ReachCard},
        intake::{Incoming, Intake, Taken},
        sinks::SinkError,
    },
};
use uuid::Uuid;

/// Fails at one call and those behind it, as long as it is told to. A commit may have been done although it says that it was
/// not: so it is where the way to a server is cut.
#[derive(Clone)]
struct Flaky {
    store: MemoryStore,
    calls: Arc<AtomicU64>,
    fails: Arc<Mutex<Option<(u64, u64, bool)>>>,
}

impl Flaky {
    fn new() -> Self {
        Self { store: MemoryStore::new(), calls: Arc::default(), fails: Arc::default() }
    }

    /// From now on, the calls of these numbers fail.
    fn fail(&self, from: u64, count: u64, done: bool) {
        self.calls.store(0, Ordering::Relaxed);
        *self.fails.lock().unwrap() = Some((from, from + count, done));
    }

    fn heal(&self) -> u64 {
        *self.fails.lock().unwrap() = None;
        self.calls.load(Ordering::Relaxed)
    }

    /// Whether this call fails, and whether it is done all the same.
    fn next(&self) -> Option<bool> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        self.fails.lock().unwrap().filter(|(from, to, _)| (*from..*to).contains(&call)).map(|(.., done)| done)
    }

    fn get(&self) -> Result<&MemoryStore, StoreError> {
        match self.next() {
            None => Ok(&self.store),
            Some(_) => Err(StoreError::unavailable("the disk is away")),
        }
    }
}

forward_store!(Flaky, this => this.get()?);

#[async_trait]
impl Store for Flaky {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        match self.next() {
            None => self.store.commit(changes).await,
            Some(done) => {
                if done {
                    self.store.commit(changes).await?;
                }
                Err(StoreError::unavailable("no answer came"))
            }
        }
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

struct World {
    store: Flaky,
    desk: Desk,
    workers: Workers,
    clock: Arc<FixedClock>,
    ear: Arc<Ear>,
    mail: Arc<Mail>,
}

#[derive(Default)]
struct Mail(Mutex<Vec<Letter>>);

#[async_trait]
impl Channel for Mail {
    async fn send(&self, letter: &Letter) -> Result<(), ChannelError> {
        self.0.lock().unwrap().push(letter.clone());
        Ok(())
    }
}

impl World {
    fn new() -> Self {
        let (store, clock) = (Flaky::new(), Arc::new(FixedClock::at(super::start())));
        let (ear, mail) = (Ear::new("one"), Arc::new(Mail::default()));
        let card = ReachCard { email: Some("ada@example.org".into()), email_is_verified: true, ..ReachCard::default() };
        let directory = MemoryDirectory::new().with_reach(Person::Customer(customer(ADA)), card);
        let desk = Desk::builder(store.clone())
            .profile(Profile::after_sales())
            .clock(clock.clone())
            .directory(directory)
            .sink(ear.clone())
            .channel(Way::Email, mail.clone())
            .build()
            .unwrap();
        Self { store, workers: desk.workers(), desk, clock, ear, mail }
    }

    /// Some tickets, each with messages.
    async fn write(&self) -> Vec<TicketId> {
        let mut tickets = Vec::new();
        for n in 0..3 {
            let new = NewTicket::new(format!("{n}"), "x");
            let ticket = self.desk.tickets().open(&ada(), new).await.unwrap().ticket.id;
            for m in 0..2 {
                self.desk.messages().add(&joan(), ticket, NewMessage::public(format!("{m}"))).await.unwrap();
            }
            tickets.push(ticket);
        }
        tickets
    }

    /// The jobs, as workers do them: one that fails is done again at its next turn.
    async fn work(&self, rounds: u32) {
        for _ in 0..rounds {
            let _ = self.workers.tick(Job::Relay).await;
            let _ = self.workers.tick(Job::Notify).await;
            self.clock.advance(TimeDelta::minutes(6));
        }
    }

    async fn trail(&self, ticket: TicketId) -> Vec<Uuid> {
        let trail = self.desk.events().list(&joan(), ticket, None, 100).await.unwrap();
        trail.items.iter().map(|event| event.id.uuid()).collect()
    }

    /// Everything was told, and of each ticket in the order of its trail where what came twice is passed over.
    async fn check(&self, tickets: &[TicketId], when: &str) {
        let mut told: BTreeMap<TicketId, Vec<Uuid>> = BTreeMap::new();
        for one in self.ear.take_told() {
            let line = told.entry(one.ticket.unwrap()).or_default();
            if !line.contains(&one.id) {
                line.push(one.id);
            }
        }
        for ticket in tickets {
            let public = self.trail(*ticket).await;
            assert_eq!(told.get(ticket), Some(&public), "{when}");
        }
        let letters: BTreeSet<_> = self.mail.0.lock().unwrap().iter().map(|letter| letter.id).collect();
        // A confirmation and two answers each.
        assert_eq!(letters.len(), tickets.len() * 3, "{when}");
    }
}

async fn calls_of_a_run() -> u64 {
    let world = World::new();
    world.work(1).await;
    let tickets = world.write().await;
    world.store.fail(u64::MAX, 0, false);
    world.work(2).await;
    let calls = world.store.heal();
    world.check(&tickets, "nothing fails").await;
    calls
}

/// At every single call of the store, once and for a while, with and without having done it.
#[tokio::test]
async fn a_store_that_fails_loses_nothing() {
    let calls = calls_of_a_run().await;
    assert!(calls > 50, "{calls}");
    for at in 0..calls {
        for (count, done) in [(1, false), (1, true), (4, false)] {
            let world = World::new();
            world.work(1).await;
            let tickets = world.write().await;
            world.store.fail(at, count, done);
            world.work(2).await;
            world.store.heal();
            world.work(4).await;
            world.check(&tickets, &format!("call {at}, {count} fail, done: {done}")).await;
        }
    }
}

/// Whatever a sink refuses while news comes: in the end it was told everything, or an admin has it; and nothing waits behind what
/// was settled.
#[tokio::test]
async fn a_sink_that_refuses_now_and_then_loses_nothing() {
    for seed in 0..24_u32 {
        let world = World::new();
        world.work(1).await;
        let mut tickets = Vec::new();
        for round in 0..4 {
            let answer = |n: u32| match (seed >> ((n + round) % 5)) & 1 {
                0 => Err(SinkError::Refused("not now".into())),
                _ => Ok(()),
            };
            for _ in 0..4 {
                world.ear.answers.lock().unwrap().push_back((0..3).map(answer).collect());
            }
            if round == 0 {
                tickets = world.write().await;
            } else {
                for ticket in &tickets {
                    let more = NewMessage::public("more");
                    world.desk.messages().add(&ada(), *ticket, more).await.unwrap();
                }
            }
            world.work(1).await;
            world.ear.answers.lock().unwrap().clear();
        }
        world.work(8).await;
        world.check(&tickets, &format!("{seed:b}")).await;
    }
}

/// Whatever a broker takes of a batch before it goes away.
#[tokio::test]
async fn a_broker_that_goes_away_anywhere_loses_nothing() {
    for taken in 0..8_u32 {
        let world = World::new();
        world.work(1).await;
        let tickets = world.write().await;
        let answer = |n: u32| match taken & (1 << n) {
            0 => Err(SinkError::Unavailable("gone".into())),
            _ => Ok(()),
        };
        for _ in 0..3 {
            world.ear.answers.lock().unwrap().push_back((0..3).map(answer).collect());
        }
        world.work(6).await;
        world.check(&tickets, &format!("{taken:b}")).await;
    }
}

/// Handed over again until it says that it was taken, a message has one effect, whatever failed.
#[tokio::test]
async fn a_message_is_acted_upon_once_whatever_fails() {
    let body = json!({ "user_id": customer(ADA), "order_id": 7, "description": "It never came" }).to_string();
    let message = Incoming { id: "m".into(), name: "order.issue".into(), body: body.into_bytes() };
    for at in 0..30 {
        for done in [false, true] {
            let world = World::new();
            world.store.fail(at, 1, done);
            let mut answers = Vec::new();
            while answers.len() < 5 && !matches!(answers.last(), Some(Ok(Taken::Done | Taken::Repeated))) {
                answers.push(world.desk.take(&message).await);
            }
            world.store.heal();
            assert!(matches!(answers.last(), Some(Ok(Taken::Done | Taken::Repeated))), "{at} {done}: {answers:?}");
            let list =
                world.desk.tickets().list(&ada(), TicketFilter::default(), Sort::default(), Page::first(9)).await;
            assert_eq!(list.unwrap().tickets.len(), 1, "{at} {done}: {answers:?}");
        }
    }
}
