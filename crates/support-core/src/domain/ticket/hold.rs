//! Who works on a ticket.

use super::{Change, Context, Ticket, change::Pen};
use crate::domain::{
    actor::AgentRef,
    event::{Cause, Fact},
    fault::Refusal,
    profile::{HookName, Phase},
};

impl Ticket {
    /// Gives the ticket to somebody.
    ///
    /// # Errors
    /// A closed ticket is nobody's work.
    pub fn assign(&self, cx: Context<'_>, to: AgentRef) -> Result<Change, Refusal> {
        if self.phase == Phase::Closed {
            return Err(Refusal::State("the ticket is closed: reopen it before assigning it"));
        }
        let mut pen = Pen::new(cx, self);
        if self.assignee.as_ref().map(|agent| agent.id) != Some(to.id) {
            pen.hold(Some(to), Cause::Request);
            pen.hook(HookName::OnAssign);
        }
        Ok(pen.done())
    }

    /// Takes the ticket: only one that nobody has. Taking one's own again changes nothing.
    ///
    /// # Errors
    /// Somebody else has it, or it is closed.
    pub fn claim(&self, cx: Context<'_>, agent: AgentRef) -> Result<Change, Refusal> {
        match &self.assignee {
            Some(holder) if holder.id != agent.id => Err(Refusal::State("somebody else has taken this ticket")),
            _ => self.assign(cx, agent),
        }
    }

    /// Gives the ticket to whom a rule has chosen.
    ///
    /// # Errors
    /// A ticket that has ended or was deleted, or that somebody has by now.
    pub fn assign_by_rule(&self, cx: Context<'_>, to: AgentRef, rule: &str, why: String) -> Result<Change, Refusal> {
        if self.phase.is_done() || self.assignee.is_some() || self.must_stand().is_err() {
            return Err(Refusal::State("the ticket is not in the queue any more"));
        }
        let mut pen = Pen::new(cx, self);
        pen.give(Some(to), Cause::Rule(rule.to_owned()), Some(why));
        pen.hook(HookName::OnAssign);
        Ok(pen.done())
    }

    /// Takes the ticket away from somebody who does not work on it any more.
    pub fn hand_back(&self, cx: Context<'_>, rule: &str, why: String) -> Change {
        let mut pen = Pen::new(cx, self);
        if self.assignee.is_some() {
            pen.give(None, Cause::Rule(rule.to_owned()), Some(why));
            pen.hook(HookName::OnUnassign);
        }
        pen.done()
    }

    /// Puts the ticket back into the queue.
    ///
    /// # Errors
    /// A closed ticket has left the queue for good.
    pub fn unassign(&self, cx: Context<'_>) -> Result<Change, Refusal> {
        if self.phase == Phase::Closed {
            return Err(Refusal::State("the ticket is closed: reopen it before putting it back"));
        }
        let mut pen = Pen::new(cx, self);
        if self.assignee.is_some() {
            pen.hold(None, Cause::Request);
            pen.hook(HookName::OnUnassign);
        }
        Ok(pen.done())
    }
}

impl Pen<'_> {
    pub(super) fn hold(&mut self, to: Option<AgentRef>, cause: Cause) {
        self.give(to, cause, None);
    }

    /// As [`Pen::hold`], with the reason why it is they.
    pub(super) fn give(&mut self, to: Option<AgentRef>, cause: Cause, why: Option<String>) {
        let from = std::mem::replace(&mut self.ticket.assignee, to.clone());
        self.note(cause, Fact::Assigned { from, to, why });
    }
}
