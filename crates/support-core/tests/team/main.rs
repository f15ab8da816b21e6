//! A team at work: who gets which ticket, what happens by itself, what the figures say.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod assignment;
mod catalogue;
mod escalation;
mod figures;
mod once;
mod people;
mod workers;

use chrono::TimeDelta;
use std::sync::Arc;
use support_core::{
    desk::{Desk, messages::NewMessage, tickets::NewTicket, workers::Job},
    domain::{
        actor::Actor,
        agent::{AgentEdit, Availability},
        assignment::{Assignment, AssignmentRule, OnOffline},
        event::{Event, Fact},
        id::TicketId,
        profile::{Profile, When},
        ticket::{Closing, Ticket},
    },
    memory::MemoryStore,
    ports::{clock::FixedClock, ids::CountingIds},
};
use uuid::Uuid;

fn ada() -> Actor {
    Actor::customer(Uuid::from_u128(0xada), "Ada")
}

fn admin() -> Actor {
    Actor::admin(Uuid::from_u128(0xad), "Joan")
}

/// The `n`-th agent; none has anything to do with the others.
fn agent(n: u128) -> Actor {
    Actor::agent(Uuid::from_u128(0xa000 + n), format!("Agent {n}"))
}

struct Team {
    desk: Desk,
    store: MemoryStore,
    clock: Arc<FixedClock>,
}

impl Team {
    fn new(profile: Profile) -> Self {
        let store = MemoryStore::new();
        let clock = Arc::new(FixedClock::at("2026-01-05T09:00:00Z".parse().unwrap()));
        let desk = Desk::builder(store.clone()).profile(profile).clock(clock.clone()).ids(CountingIds::default());
        Self { desk: desk.build().unwrap(), store, clock }
    }

    /// A desk that gives out tickets by itself.
    fn automatic(assignment: Assignment) -> Self {
        let assignment = Assignment { automatic: true, ..assignment };
        Self::new(Profile::bookings().to_builder().assignment(assignment).build().unwrap())
    }

    async fn open(&self, ticket: NewTicket) -> Ticket {
        self.desk.tickets().open(&ada(), ticket).await.unwrap().ticket
    }

    async fn available(&self, n: u128, edit: AgentEdit) {
        let name = Some(format!("Agent {n}"));
        let edit = AgentEdit { availability: Some(Availability::Available), name, ..edit };
        self.desk.agents().edit(&admin(), agent(n).agent_id().unwrap(), edit).await.unwrap();
    }

    async fn ticket(&self, id: TicketId) -> Ticket {
        self.desk.tickets().get(&admin(), id).await.unwrap().ticket
    }

    async fn trail(&self, id: TicketId) -> Vec<Event> {
        self.desk.events().list(&admin(), id, None, 100).await.unwrap().items
    }

    async fn facts(&self, id: TicketId) -> Vec<Fact> {
        self.trail(id).await.into_iter().map(|event| event.fact).collect()
    }

    async fn tick(&self, job: Job) -> u32 {
        self.desk.workers().tick(job).await.unwrap().done
    }

    fn pass(&self, time: &str) {
        let span: support_core::domain::span::Span = time.parse().unwrap();
        self.clock.advance(span.delta());
    }
}

fn parcel() -> NewTicket {
    NewTicket::new("No parcel", "It should have come on Monday")
}
