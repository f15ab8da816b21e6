//! Callers who all answer tickets.

use crate::{
    dice::Dice,
    report::{now, per_second},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use support_desk::{
    Actor, Desk, Profile, SqlxStore,
    desk::{messages::NewMessage, tickets::NewTicket},
    domain::{event::Fact, id::TicketId},
    ports::{
        ChangeSet, Guard, Store as _, Write,
        clock::{Clock as _, SystemClock},
        ids::{IdSource as _, RandomIds},
    },
    sqlx::SqlxOptions,
};
use uuid::Uuid;

pub(super) const CALLERS: usize = 16;
pub(super) const TICKETS: usize = 2_000;

/// What everybody answers.
pub(super) fn text() -> String {
    "We have found it, you will have it tomorrow. ".repeat(4)
}

pub(super) fn agent() -> Actor {
    Actor::agent(Uuid::from_u128(0xa1), "Grace Hopper")
}

/// A desk whose tickets have been answered once. No clock hears a second answer, so that one is a message, a touch on the
/// ticket's row and an entry of its trail: what most answers are.
pub(super) struct Replies {
    store: SqlxStore,
    desk: Desk,
    /// A second answer to each of the tickets, decided.
    decided: Arc<Vec<ChangeSet>>,
}

impl Replies {
    pub(super) async fn seed(options: SqlxOptions) -> Self {
        let (store, desk) = open(options).await;
        let task = |caller: usize| {
            let desk = desk.clone();
            tokio::spawn(async move {
                let mut decided = Vec::new();
                for n in (caller..TICKETS).step_by(CALLERS) {
                    decided.push(answered(&desk, n).await);
                }
                decided
            })
        };
        let mut decided = Vec::new();
        for running in (0..CALLERS).map(task).collect::<Vec<_>>() {
            decided.extend(running.await.expect("nobody panics"));
        }
        Self { store, desk, decided: Arc::new(decided) }
    }

    /// The same tickets, reached in another way.
    pub(super) async fn on(&self, options: SqlxOptions) -> Self {
        let (store, desk) = open(options).await;
        Self { store, desk, decided: self.decided.clone() }
    }

    pub(super) fn tickets(&self) -> Vec<Uuid> {
        self.decided.iter().map(|changes| ticket_of(changes).uuid()).collect()
    }

    /// Answers a second that the store commits, once they are decided.
    pub(super) async fn commits(&self, time: Duration) -> f64 {
        rate(time, |caller, end| {
            let (store, decided) = (self.store.clone(), self.decided.clone());
            async move {
                let (mut dice, mut done) = (Dice::new(caller as u64), 0);
                while now() < end {
                    let changes = anew(dice.pick(&decided));
                    store.commit(changes).await.expect("a commit");
                    done += 1;
                }
                done
            }
        })
        .await
    }

    /// Answers a second by the use case: read, decided and committed.
    pub(super) async fn answers(&self, time: Duration) -> f64 {
        rate(time, |caller, end| {
            let (desk, decided) = (self.desk.clone(), self.decided.clone());
            async move {
                let (mut dice, mut done) = (Dice::new(caller as u64), 0);
                while now() < end {
                    let ticket = ticket_of(dice.pick(&decided));
                    desk.messages().add(&agent(), ticket, NewMessage::public(text())).await.expect("a message");
                    done += 1;
                }
                done
            }
        })
        .await
    }
}

/// A desk of which one ticket was opened and answered.
pub(super) async fn one(options: SqlxOptions) {
    let (_, desk) = open(options).await;
    answered(&desk, 0).await;
}

async fn open(options: SqlxOptions) -> (SqlxStore, Desk) {
    let store = options.open().await.expect("a store");
    let desk = Desk::builder(store.clone()).profile(Profile::bookings()).build().expect("a shipped profile");
    (store, desk)
}

/// Opens the `n`-th ticket, answers it, and decides a second answer.
async fn answered(desk: &Desk, n: usize) -> ChangeSet {
    let customer = Actor::customer(Uuid::from_u128(n as u128 % 500), "Ada Lovelace");
    let ticket = NewTicket::new(format!("Parcel {n} is late"), "It was promised for Monday. ".repeat(10));
    let ticket = desk.tickets().open(&customer, ticket).await.expect("a ticket").ticket.id;
    desk.messages().add(&agent(), ticket, NewMessage::public(text())).await.expect("a message");
    let planned = desk.messages().plan_add(&agent(), ticket, NewMessage::public(text())).await;
    let changes = planned.expect("a message").changes;
    assert!(
        matches!(
            (changes.guards.as_slice(), changes.writes.as_slice(), changes.events.as_slice()),
            ([Guard::TicketVersion { .. }], [Write::AddMessage { touch: true, .. }], [_])
        ),
        "{changes:?}"
    );
    changes
}

fn ticket_of(changes: &ChangeSet) -> TicketId {
    changes.events[0].ticket
}

/// The same answer once more, as if it had just been written.
fn anew(decided: &ChangeSet) -> ChangeSet {
    let (mut changes, at) = (decided.clone(), SystemClock.now());
    let id = RandomIds.id(at).into();
    for write in &mut changes.writes {
        if let Write::AddMessage { message, .. } = write {
            (message.id, message.sent_at) = (id, at);
        }
    }
    for event in &mut changes.events {
        (event.id, event.at, event.fact) = (RandomIds.id(at).into(), at, Fact::MessageAdded { message: id });
    }
    changes
}

/// What all callers get done in a second.
pub(super) async fn rate<F>(time: Duration, caller: impl Fn(usize, Instant) -> F) -> f64
where
    F: Future<Output = usize> + Send + 'static,
{
    let start = now();
    let running: Vec<_> = (0..CALLERS).map(|n| tokio::spawn(caller(n, start + time))).collect();
    let mut done = 0;
    for task in running {
        done += task.await.expect("no caller panics");
    }
    per_second(done, start)
}
