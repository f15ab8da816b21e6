use super::{Pace, Ticket};
use crate::domain::{
    actor::Actor,
    event::{Cause, Fact},
    fault::Refusal,
    id::MessageId,
    message::{Draft, Message},
    profile::{HookName, Phase, Profile, Status},
    sla::{self, SlaSignal},
};
use chrono::{DateTime, Utc};

/// What every decision looks at besides the ticket.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The rules.
    pub profile: &'a Profile,
    /// Who asks.
    pub actor: &'a Actor,
    /// The moment.
    pub now: DateTime<Utc>,
}

/// A decision: the ticket as it shall be, what is written on it, and what to tell of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The ticket after the change.
    pub ticket: Ticket,
    /// Whether its row differs from before; a message alone leaves the row to the store, which only touches it.
    pub row_changed: bool,
    /// What happened, in order.
    pub facts: Vec<(Cause, Fact)>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A decision that writes a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// What it changes about the ticket.
    pub change: Change,
    /// The message.
    pub message: Message,
}

/// A ticket in the course of a decision.
pub(super) struct Pen<'a> {
    pub(super) cx: Context<'a>,
    pub(super) ticket: Ticket,
    row_changed: bool,
    facts: Vec<(Cause, Fact)>,
}

impl<'a> Pen<'a> {
    pub(super) fn new(cx: Context<'a>, ticket: &Ticket) -> Self {
        // The clock of another machine may have been ahead; a log that went back would stop the clocks.
        let latest = ticket.sla.entries().last().map_or(cx.now, |entry| entry.at);
        let cx = Context { now: cx.now.max(latest), ..cx };
        Self { cx, ticket: ticket.clone(), row_changed: false, facts: Vec::new() }
    }

    /// The pen of a ticket that nobody has stored yet.
    pub(super) fn fresh(cx: Context<'a>, ticket: Ticket) -> Self {
        Self { cx, ticket, row_changed: true, facts: Vec::new() }
    }

    /// Tells of something that changed the row.
    pub(super) fn note(&mut self, cause: Cause, fact: Fact) {
        self.row_changed = true;
        self.facts.push((cause, fact));
    }

    /// Tells of something that leaves the row alone.
    pub(super) fn tell(&mut self, fact: Fact) {
        self.facts.push((Cause::Request, fact));
    }

    /// A message of the actor on this ticket.
    pub(super) fn message(&self, id: MessageId, draft: Draft, internal: bool) -> Message {
        Message {
            id,
            ticket: self.ticket.id,
            author: self.cx.actor.signature(),
            body: draft.body,
            internal,
            attachments: draft.attachments,
            sent_at: self.cx.now,
        }
    }

    /// Lets the clocks hear something.
    pub(super) fn signal(&mut self, signal: SlaSignal) {
        let before = self.ticket.sla.entries().len();
        self.ticket.sla.push(self.cx.now, signal);
        self.row_changed |= self.ticket.sla.entries().len() != before;
    }

    /// Moves the ticket where the hook leads, if it applies here.
    pub(super) fn hook(&mut self, name: HookName) {
        if let Some(status) = self.cx.profile.workflow.hooked(name, &self.ticket.status)
            && status.key != self.ticket.status
        {
            self.enter(status, Cause::Hook(name), None, None);
        }
    }

    /// Moves the ticket along the workflow. `told` is what to tell of its ending or new beginning, if it is more than
    /// that it happened.
    pub(super) fn step(&mut self, to: &Status, notes: Option<String>, told: Option<Fact>) -> Result<(), Refusal> {
        let here = self.cx.profile.workflow.status(self.ticket.status.as_str());
        // A profile may have lost the status of an older ticket; then every way out is open.
        let allowed = here.map(|status| status.to.clone());
        match allowed {
            Some(allowed) if !allowed.contains(&to.key) => {
                Err(Refusal::Transition { from: self.ticket.status.clone(), to: to.key.clone(), allowed })
            }
            _ => {
                self.enter(to, Cause::Request, notes, told);
                Ok(())
            }
        }
    }

    fn enter(&mut self, status: &Status, cause: Cause, notes: Option<String>, told: Option<Fact>) {
        let from = std::mem::replace(&mut self.ticket.status, status.key.clone());
        self.note(cause.clone(), Fact::StatusChanged { from, to: status.key.clone(), notes });
        let before = std::mem::replace(&mut self.ticket.phase, status.phase);
        let (now, after) = (self.cx.now, status.phase);
        if before == after {
            return;
        }
        if after.is_done() {
            self.ticket.resolved_at.get_or_insert(now);
            self.ticket.closed_at = (after == Phase::Closed).then_some(now);
        } else if before.is_done() {
            // How it ended and what was said of that belong to an ending that is no more; the trail keeps them.
            self.ticket.resolved_at = None;
            self.ticket.closed_at = None;
            self.ticket.resolution = None;
            self.ticket.satisfaction = None;
        }
        let crossing = match (before.is_done(), after) {
            (_, Phase::Closed) => Some(Fact::Closed { resolution: None }),
            (false, Phase::Resolved) => Some(Fact::Resolved { resolution: None }),
            (true, after) if !after.is_done() => Some(Fact::Reopened { reason: None }),
            _ => None,
        };
        if let Some(fact) = crossing {
            self.note(cause, told.unwrap_or(fact));
        }
        self.signal(SlaSignal::Phase(after));
    }

    /// Applies the policy that fits the ticket as it is now, if it is another one.
    pub(super) fn apply_policy(&mut self) {
        let ticket = &self.ticket;
        let tier = ticket.customer_tier.as_deref();
        let policy = self.cx.profile.sla.policy_for(&ticket.priority, ticket.category.as_ref(), tier);
        let policy = policy.map(sla::AppliedPolicy::from);
        if policy.as_ref() != ticket.sla.policy() {
            self.signal(SlaSignal::Policy(policy));
        }
    }

    pub(super) fn done(mut self) -> Change {
        // Customers read this moment: it must not tell them that staff have written a note or raised the ticket.
        if self.facts.iter().any(|(_, fact)| !fact.is_internal()) {
            self.ticket.updated_at = self.ticket.updated_at.max(self.cx.now);
        }
        if self.row_changed {
            self.ticket.pace = Pace::of(&self.ticket.sla, self.cx.profile, self.cx.now);
        }
        Change { ticket: self.ticket, row_changed: self.row_changed, facts: self.facts, at: self.cx.now }
    }
}
