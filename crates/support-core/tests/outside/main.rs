//! What the desk tells the outside, what it is told, and who looks on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod deliveries;
mod faults;
mod intake;
mod live;
mod notifications;
mod relay;
mod telemetry;
mod webhooks;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use support_core::{
    desk::{
        Desk, DeskBuilder,
        tickets::NewTicket,
        workers::{Job, Ticked, Workers},
    },
    domain::{
        actor::Actor,
        announcement::{Announcement, AnnouncementKind, Audience},
        id::{CustomerId, TicketId},
        profile::Profile,
    },
    memory::MemoryStore,
    ports::{
        clock::FixedClock,
        sinks::{Sink, SinkError},
    },
};
use uuid::Uuid;

const ADA: u128 = 0xada;
const GRACE: u128 = 0x9ace;

fn ada() -> Actor {
    Actor::customer(Uuid::from_u128(ADA), "Ada")
}

fn eve() -> Actor {
    Actor::customer(Uuid::from_u128(0xe7e), "Eve")
}

fn grace() -> Actor {
    Actor::agent(Uuid::from_u128(GRACE), "Grace")
}

fn alan() -> Actor {
    Actor::agent(Uuid::from_u128(0xa1a), "Alan")
}

fn joan() -> Actor {
    Actor::admin(Uuid::from_u128(0x10a), "Joan")
}

fn customer(n: u128) -> CustomerId {
    Uuid::from_u128(n).into()
}

struct Setup {
    desk: Desk,
    clock: Arc<FixedClock>,
    workers: Workers,
}

impl Setup {
    fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    async fn tick(&self, job: Job) -> Ticked {
        self.workers.tick(job).await.unwrap()
    }

    async fn open(&self, subject: &str) -> TicketId {
        self.desk.tickets().open(&ada(), NewTicket::new(subject, "It is so")).await.unwrap().ticket.id
    }
}

fn start() -> DateTime<Utc> {
    "2026-01-05T09:00:00Z".parse().unwrap()
}

fn setup_with(profile: Profile, more: impl FnOnce(DeskBuilder) -> DeskBuilder) -> Setup {
    let clock = Arc::new(FixedClock::at(start()));
    let builder = Desk::builder(MemoryStore::new()).profile(profile).clock(clock.clone());
    let desk = more(builder).build().unwrap();
    Setup { workers: desk.workers(), desk, clock }
}

/// Keeps what it is told, and answers as it is told to.
#[derive(Default)]
struct Ear {
    name: &'static str,
    staff: bool,
    only: Option<AnnouncementKind>,
    told: Mutex<Vec<Announcement>>,
    answers: Mutex<VecDeque<Vec<Result<(), SinkError>>>>,
    down: Mutex<bool>,
    refuses: Mutex<Option<Uuid>>,
}

impl Ear {
    fn new(name: &'static str) -> Arc<Self> {
        Arc::new(Self { name, ..Self::default() })
    }

    fn names(&self) -> Vec<&'static str> {
        self.told.lock().unwrap().iter().map(|told| told.name).collect()
    }

    fn take_told(&self) -> Vec<Announcement> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    fn is_down(&self, down: bool) {
        *self.down.lock().unwrap() = down;
    }
}

#[async_trait]
impl Sink for Ear {
    fn name(&self) -> &str {
        self.name
    }

    fn audience(&self) -> Audience {
        if self.staff { Audience::Staff } else { Audience::Outside }
    }

    fn wants(&self, kind: AnnouncementKind) -> bool {
        self.only.is_none_or(|only| only == kind)
    }

    async fn take(&self, batch: &[Announcement]) -> Vec<Result<(), SinkError>> {
        let mut tickets: Vec<_> = batch.iter().filter_map(|told| told.ticket).collect();
        let all = tickets.len();
        tickets.sort_unstable();
        tickets.dedup();
        assert_eq!(tickets.len(), all, "two of one ticket at once");
        if *self.down.lock().unwrap() {
            return vec![Err(SinkError::Unavailable("down".into())); batch.len()];
        }
        let planned = self.answers.lock().unwrap().pop_front();
        let refused = *self.refuses.lock().unwrap();
        let answer = |told: &Announcement| {
            if refused.is_some_and(|id| told.ticket.is_some_and(|ticket| ticket.uuid() == id)) {
                Err(SinkError::Refused("not this one".into()))
            } else {
                Ok(())
            }
        };
        let answers = planned.unwrap_or_else(|| batch.iter().map(answer).collect());
        for (told, answer) in batch.iter().zip(&answers) {
            if answer.is_ok() {
                self.told.lock().unwrap().push(told.clone());
            }
        }
        answers
    }
}
