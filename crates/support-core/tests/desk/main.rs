//! The use cases as a host uses them: what is kept, what is told, what happens when others are faster.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contended;
mod contention;
mod corrections;
mod deleted;
mod fields;
mod life;
mod pairs;
mod spent;
mod told;

use async_trait::async_trait;
use chrono::TimeDelta;
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use support_core::{
    desk::{Desk, Error, messages::NewMessage, tickets::NewTicket},
    domain::{
        actor::Actor,
        event::{Cause, Event, Fact},
        fault::Refusal,
        id::TicketId,
        message::{Attachment, Message},
        profile::{HookName, Profile},
        ticket::{Closing, CustomerClosing, Edit, Ticket, TicketFilter},
    },
    memory::MemoryStore,
    ports::{
        ChangeSet, Guard, Store, StoreError,
        clock::FixedClock,
        directory::MemoryDirectory,
        ids::CountingIds,
        messages::{MessageQuery, MessageStore},
        notifier::Recorder,
        tickets::TicketStore,
    },
};
use uuid::Uuid;

fn ada() -> Actor {
    Actor::customer(Uuid::from_u128(0xada), "Ada")
}

fn grace() -> Actor {
    Actor::agent(Uuid::from_u128(0x9ace), "Grace")
}

fn hedy() -> Actor {
    Actor::agent(Uuid::from_u128(0x5ed), "Hedy")
}

fn joan() -> Actor {
    Actor::admin(Uuid::from_u128(0x10a), "Joan")
}

/// The reason why the ticket stands where this cannot be done.
fn state<T: std::fmt::Debug>(answer: Result<T, Error>) -> &'static str {
    match answer {
        Err(Error::Refused(Refusal::State(reason))) => reason,
        other => panic!("{other:?}"),
    }
}

struct Setup {
    desk: Desk,
    clock: Arc<FixedClock>,
    heard: Arc<Recorder>,
}

fn setup(store: impl Store, profile: Profile) -> Setup {
    let clock = Arc::new(FixedClock::at("2026-01-05T09:00:00Z".parse().unwrap()));
    let heard = Arc::new(Recorder::default());
    let desk = Desk::builder(store)
        .profile(profile)
        .clock(clock.clone())
        .ids(CountingIds::default())
        .notifier(heard.clone())
        .build()
        .unwrap();
    Setup { desk, clock, heard }
}

fn names(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.fact.name()).collect()
}

async fn trail(desk: &Desk, ticket: TicketId) -> Vec<Event> {
    desk.events().list(&Actor::system("test"), ticket, None, 100).await.unwrap().items
}
