use super::{Desk, Error, messages::Posted};
use crate::{
    domain::{
        actor::{Actor, Role},
        event::Event,
        message::Message,
        ticket::{Change, Post, Ticket},
    },
    ports::{ChangeSet, Guard, StoreError, Write, notifier::Notice},
};
use std::future::Future;

/// A use case that was decided and not committed: for hosts that commit it in a transaction of their own, with the
/// store's `commit_in`, and then call [`Desk::committed`].
#[derive(Debug, Clone)]
pub struct Planned<T> {
    /// What is to be written; nothing where the ticket is as it should be already.
    pub changes: ChangeSet,
    /// What the use case answers once it is; with what only staff may see, whoever asked.
    pub outcome: T,
}

/// What a use case answers.
pub trait Outcome {
    /// The ticket after it.
    fn ticket(&self) -> &Ticket;

    /// The message it wrote, if it wrote one.
    fn message(&self) -> Option<&Message>;

    /// The same, as the ticket's customer may see it.
    #[must_use]
    fn for_customer(self) -> Self;
}

impl Outcome for Ticket {
    fn ticket(&self) -> &Ticket {
        self
    }

    fn message(&self) -> Option<&Message> {
        None
    }

    fn for_customer(self) -> Self {
        Ticket::for_customer(self)
    }
}

impl Outcome for Posted {
    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn message(&self) -> Option<&Message> {
        Some(&self.message)
    }

    fn for_customer(self) -> Self {
        Self { ticket: self.ticket.for_customer(), ..self }
    }
}

/// How often a use case is decided again when others change what it read.
const ATTEMPTS: u32 = 4;

impl Desk {
    /// Decides and commits, and decides again where the store says that the decision is out of date.
    ///
    /// What only staff may know is told to the notifier, and not to an actor who is not staff.
    pub(super) async fn run<T, F>(&self, actor: &Actor, plan: impl Fn() -> F) -> Result<T, Error>
    where
        T: Outcome,
        F: Future<Output = Result<Planned<T>, Error>>,
    {
        for _ in 0..ATTEMPTS {
            let planned = plan().await?;
            if planned.changes.is_empty() {
                return Ok(self.seen_by(actor, planned.outcome));
            }
            let Planned { changes, outcome } = planned;
            let events = changes.events.clone();
            match self.0.store.commit(changes).await {
                Ok(()) => {
                    self.tell(&events, &outcome);
                    return Ok(self.seen_by(actor, outcome));
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Conflict)
    }

    fn seen_by<T: Outcome>(&self, actor: &Actor, outcome: T) -> T {
        if self.sees_own_change(actor, outcome.ticket()) { outcome } else { outcome.for_customer() }
    }

    /// Tells the notifier of a plan that the host has committed itself. Call it after the commit, never before.
    pub fn committed<T: Outcome>(&self, planned: &Planned<T>) {
        if !planned.changes.is_empty() {
            self.tell(&planned.changes.events, &planned.outcome);
        }
    }

    fn tell(&self, events: &[Event], outcome: &impl Outcome) {
        self.0.notifier.notify(&Notice { events, ticket: outcome.ticket(), message: outcome.message() });
    }

    /// The change set of a new ticket.
    pub(super) fn plan_opening(&self, actor: &Actor, post: Post) -> Planned<Posted> {
        let Post { change, message } = post;
        let events = self.events_of(actor, &change);
        let ticket = change.ticket;
        let write = Write::OpenTicket { ticket: Box::new(ticket.clone()), message: Box::new(message.clone()) };
        let changes = ChangeSet { guards: Vec::new(), writes: vec![write], events };
        Planned { changes, outcome: Posted { ticket, message } }
    }

    /// The change set of a change to a ticket that was read at `read`.
    pub(super) fn plan_change(&self, actor: &Actor, change: Change, read: u64) -> Planned<Ticket> {
        let events = self.events_of(actor, &change);
        let mut ticket = change.ticket;
        let mut writes = Vec::new();
        if change.row_changed {
            ticket.version = read + 1;
            writes.push(Write::UpdateTicket { ticket: Box::new(ticket.clone()), read });
        }
        Planned { changes: ChangeSet { guards: Vec::new(), writes, events }, outcome: ticket }
    }

    /// The change set of a message on a ticket that was read at `read`.
    ///
    /// Whether a message moves the ticket was read off its row, so a message that moves nothing guards that row. It
    /// leaves the version alone, so messages never conflict with each other. A note looks at nothing.
    pub(super) fn plan_post(&self, actor: &Actor, post: Post, read: u64) -> Planned<Posted> {
        let Post { change, message } = post;
        // A note is not to be seen from outside, not even by the clock.
        let touch = !change.row_changed && !message.internal;
        let guarded = touch && message.author.role != Role::System;
        let Planned { mut changes, outcome: ticket } = self.plan_change(actor, change, read);
        if guarded {
            changes.guards.push(Guard::TicketVersion { ticket: ticket.id, version: read });
        }
        changes.writes.push(Write::AddMessage { message: Box::new(message.clone()), touch });
        Planned { changes, outcome: Posted { ticket, message } }
    }

    fn events_of(&self, actor: &Actor, change: &Change) -> Vec<Event> {
        let at = change.at;
        let event = |(cause, fact): &(_, crate::domain::event::Fact)| Event {
            id: self.0.ids.id(at).into(),
            ticket: change.ticket.id,
            at,
            actor: actor.signature(),
            cause: Clone::clone(cause),
            fact: fact.clone(),
        };
        change.facts.iter().map(event).collect()
    }
}
