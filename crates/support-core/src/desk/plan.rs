use super::{Desk, Error, messages::Posted, telemetry::log};
use crate::{
    domain::{
        actor::{Actor, Role},
        event::{Event, Fact},
        message::Message,
        profile::Profile,
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

impl<T> Planned<T> {
    /// A plan that writes, and neither guards nor tells anything.
    pub(super) fn writing(writes: Vec<Write>, outcome: T) -> Self {
        Self { changes: ChangeSet { writes, ..ChangeSet::default() }, outcome }
    }

    /// A plan that changes nothing.
    pub(super) fn nothing(outcome: T) -> Self {
        Self::writing(Vec::new(), outcome)
    }
}

/// What a use case answers.
pub trait Outcome: Send + 'static {
    /// The ticket after it, if it is about one.
    fn ticket(&self) -> Option<&Ticket>;

    /// The other ticket after it, if it is about two.
    fn other(&self) -> Option<&Ticket> {
        None
    }

    /// All tickets that it is about.
    fn tickets(&self) -> Vec<&Ticket> {
        [self.ticket(), self.other()].into_iter().flatten().collect()
    }

    /// The message it wrote, if it wrote one.
    fn message(&self) -> Option<&Message>;

    /// The same, as the ticket's customer may see it.
    #[must_use]
    fn for_customer(self, profile: &Profile) -> Self;
}

impl Outcome for Ticket {
    fn ticket(&self) -> Option<&Ticket> {
        Some(self)
    }

    fn message(&self) -> Option<&Message> {
        None
    }

    fn for_customer(self, profile: &Profile) -> Self {
        Ticket::for_customer(self, profile)
    }
}

impl Outcome for Posted {
    fn ticket(&self) -> Option<&Ticket> {
        Some(&self.ticket)
    }

    fn message(&self) -> Option<&Message> {
        Some(&self.message)
    }

    fn for_customer(self, profile: &Profile) -> Self {
        Self { ticket: self.ticket.for_customer(profile), ..self }
    }
}

macro_rules! not_about_a_ticket {
    ($($kind:ty),* $(,)?) => {$(
        /// Only staff are answered such a thing.
        impl $crate::desk::Outcome for $kind {
            fn ticket(&self) -> Option<&$crate::domain::ticket::Ticket> {
                None
            }

            fn message(&self) -> Option<&$crate::domain::message::Message> {
                None
            }

            fn for_customer(self, _: &$crate::domain::profile::Profile) -> Self {
                self
            }
        }
    )*};
}
pub(super) use not_about_a_ticket;

/// What the notifier hears of, with all that only staff may see.
struct Noticed {
    tickets: Vec<Ticket>,
    message: Option<Message>,
}

impl Noticed {
    fn of<T: Outcome>(outcome: &T) -> Self {
        let tickets = outcome.tickets().into_iter().cloned().collect();
        Self { tickets, message: outcome.message().cloned() }
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
            self.check_once(actor).await?;
            let Planned { mut changes, outcome } = match plan().await {
                Ok(planned) => planned,
                // What the plan found out to be out of date while it was made.
                Err(Error::Conflict) => continue,
                // Its twin may have been done since it was looked for, and be the very reason for the refusal.
                Err(error) => return Err(self.check_once(actor).await.err().unwrap_or(error)),
            };
            let noticed = Noticed::of(&outcome);
            let outcome = self.seen_by(actor, outcome);
            self.add_terms(actor, &outcome, &noticed.tickets, &mut changes)?;
            if changes.is_empty() {
                return Ok(outcome);
            }
            let events = changes.events.clone();
            match self.0.store.commit(changes).await {
                Ok(()) => {
                    self.tell(&events, &noticed);
                    return Ok(outcome);
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Conflict)
    }

    fn seen_by<T: Outcome>(&self, actor: &Actor, outcome: T) -> T {
        match outcome.ticket() {
            Some(ticket) if !self.sees_own_change(actor, ticket) => outcome.for_customer(self.profile()),
            _ => outcome,
        }
    }

    /// Tells the notifier of a plan that the host has committed itself. Call it after the commit, never before.
    pub fn committed<T: Outcome>(&self, planned: &Planned<T>) {
        self.tell(&planned.changes.events, &Noticed::of(&planned.outcome));
    }

    /// One notice for each ticket, with what happened to it and to no other: the other may be another customer's.
    fn tell(&self, events: &[Event], noticed: &Noticed) {
        for ticket in &noticed.tickets {
            let events: Vec<Event> = events.iter().filter(|event| event.ticket == ticket.id).cloned().collect();
            let message = noticed.message.as_ref().filter(|message| message.ticket == ticket.id);
            if !events.is_empty() {
                log(&events, ticket);
                self.tell_live(&events, ticket);
                self.0.notifier.notify(&Notice { events: &events, ticket, message });
            }
        }
    }

    /// The change set of a new ticket.
    pub(super) async fn plan_opening(&self, actor: &Actor, post: Post) -> Result<Planned<Posted>, Error> {
        let Post { change, message } = post;
        let change = self.offer(actor, change).await?;
        let (change, mut writes) = self.follow(actor, None, change).await?;
        let events = self.events_of(actor, &change);
        writes.extend(tallies(actor, None, &change));
        let ticket = change.ticket;
        let open = Write::OpenTicket { ticket: Box::new(ticket.clone()), message: Box::new(message.clone()) };
        writes.insert(0, open);
        let changes = ChangeSet { guards: Vec::new(), writes, events };
        Ok(Planned { changes, outcome: Posted { ticket, message } })
    }

    /// The change set of a change to a ticket that was `before`.
    pub(super) async fn plan_change(
        &self,
        actor: &Actor,
        before: &Ticket,
        change: Change,
    ) -> Result<Planned<Ticket>, Error> {
        let (change, follow) = self.follow(actor, Some(before), change).await?;
        let survey = self.plan_survey(&change).await?;
        let events = self.events_of(actor, &change);
        let counted = tallies(actor, Some(before), &change);
        let guards = self.expected_guard(before).into_iter().collect();
        let (mut writes, mut ticket) = (Vec::new(), change.ticket);
        if change.row_changed {
            ticket.version = before.version + 1;
            writes.push(Write::UpdateTicket { ticket: Box::new(ticket.clone()), read: before.version });
        }
        writes.extend(follow);
        writes.extend(survey);
        writes.extend(counted);
        Ok(Planned { changes: ChangeSet { guards, writes, events }, outcome: ticket })
    }

    /// The change set of a message on a ticket that was `before`.
    ///
    /// Whether a message moves the ticket was read off its row, so a message that moves nothing guards that row. It
    /// leaves the version alone, so messages never conflict with each other. A note asks only that the ticket stands.
    pub(super) async fn plan_post(&self, actor: &Actor, before: &Ticket, post: Post) -> Result<Planned<Posted>, Error> {
        let Post { change, message } = post;
        // A note is not to be seen from outside, not even by the clock.
        let moves = change.row_changed;
        let touch = !moves && !message.internal;
        let guarded = touch && message.author.role != Role::System;
        let Planned { mut changes, outcome: ticket } = self.plan_change(actor, before, change).await?;
        if guarded {
            changes.guards.push(Guard::TicketVersion { ticket: ticket.id, version: before.version });
        } else if !moves {
            // A note on a ticket that has gone up in another in the meantime would be read by nobody.
            changes.guards.push(Guard::TicketStands { ticket: ticket.id });
        }
        changes.writes.push(Write::AddMessage { message: Box::new(message.clone()), touch });
        Ok(Planned { changes, outcome: Posted { ticket, message } })
    }

    pub(super) fn events_of(&self, actor: &Actor, change: &Change) -> Vec<Event> {
        let at = change.at;
        let event = |(cause, fact): &(_, Fact)| Event {
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

fn tallies(actor: &Actor, before: Option<&Ticket>, change: &Change) -> Option<Write> {
    let entries = change.tallies(before, actor);
    (!entries.is_empty()).then_some(Write::Tally(entries))
}
