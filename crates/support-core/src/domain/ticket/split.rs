//! How a part of a ticket becomes a ticket of its own, and a part again.

use super::{Alarms, Change, Context, NewIds, Pace, Post, Ticket, change::Pen};
use crate::domain::{
    actor::Role,
    event::{Cause, Fact},
    fault::{Faults, Refusal},
    id::OperationId,
    message::{Draft, Message},
    profile::Phase,
    sla::SlaLog,
};
use std::collections::BTreeSet;

impl Ticket {
    /// Whether something can be split off, under this subject; answers it as it will be kept. What is left to know is the
    /// number, which is drawn only for a ticket that will exist. `faults` are those of the chosen messages.
    ///
    /// # Errors
    /// These faults and one of the subject; a ticket that is deleted or was merged.
    pub(crate) fn check_split(&self, cx: Context<'_>, subject: &str, faults: Faults) -> Result<String, Refusal> {
        let mut faults = faults;
        let subject = faults.keep(cx.profile.limits.subject().required("subject", subject));
        faults.check()?;
        self.must_stand()?;
        Ok(subject.unwrap_or_default())
    }

    /// A new ticket of the same customer about something else, and what changes about this one. It begins anew: with the
    /// first status, with clocks of its own, and in nobody's hands.
    pub(crate) fn split(
        &self,
        cx: Context<'_>,
        subject: String,
        ids: &NewIds,
        number: String,
        operation: OperationId,
    ) -> (Change, Post) {
        let mut whole = Pen::new(cx, self);
        whole.note(Cause::Request, Fact::SplitInto { ticket: ids.ticket, operation });
        let part = self.part(cx, subject, ids, number);
        let opened = Fact::TicketOpened {
            status: part.status.clone(),
            priority: part.priority.clone(),
            wished: None,
            category: part.category.clone(),
            source: part.source,
        };
        let mut pen = Pen::fresh(cx, part);
        let mut message = pen.message(ids.message, Draft::from(format!("Split from {}", self.number)), false);
        message.author.role = Role::System;
        pen.note(Cause::Request, opened);
        pen.note(Cause::Request, Fact::SplitFrom { ticket: self.id, operation });
        pen.apply_rules();
        (whole.done(), Post { change: pen.done(), message })
    }

    /// Takes it back: `part`, which was split off, is deleted. Answers both changes, this ticket's first.
    ///
    /// # Errors
    /// Tickets that are deleted or were merged.
    pub fn unsplit(&self, cx: Context<'_>, part: &Self, operation: OperationId) -> Result<(Change, Change), Refusal> {
        self.must_stand()?;
        part.must_stand()?;
        let mut pen = Pen::undone(cx, part, operation);
        pen.delete();
        Ok((Pen::undone(cx, self, operation).done(), pen.done()))
    }

    /// Whether a message is the line with which this ticket was split off.
    pub(crate) fn is_split_line(&self, message: &Message) -> bool {
        message.author.role == Role::System && message.sent_at == self.created_at && !message.internal
    }

    fn part(&self, cx: Context<'_>, subject: String, ids: &NewIds, number: String) -> Self {
        let workflow = &cx.profile.workflow;
        let status = workflow.hooks.initial.clone();
        let phase = workflow.status(status.as_str()).map_or(Phase::New, |status| status.phase);
        let policy = cx.policy_for(&self.priority, self.category.as_ref(), self.customer_tier.as_deref());
        Self {
            id: ids.ticket,
            number,
            version: 1,
            opened_by: cx.actor.signature(),
            subject,
            status,
            phase,
            assignee: None,
            team: None,
            escalation_level: 0,
            // The host's own data speak of the ticket that it knows.
            metadata: serde_json::Map::new(),
            watchers: Vec::new(),
            resolution: None,
            satisfaction: None,
            sla: SlaLog::opened_under(phase, cx.now, policy),
            pace: Pace::default(),
            alarms: Alarms::default(),
            marks: BTreeSet::new(),
            merged_into: None,
            created_at: cx.now,
            updated_at: cx.now,
            first_response_at: None,
            resolved_at: None,
            closed_at: None,
            deleted_at: None,
            ..self.clone()
        }
    }
}
