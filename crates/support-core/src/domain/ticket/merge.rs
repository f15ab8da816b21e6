//! How two tickets about the same become one, and two again.

use super::{Change, Context, Resolution, ResolutionKind, Ticket, change::Pen};
use crate::domain::{
    actor::AgentRef,
    event::{Cause, Fact},
    fault::Refusal,
    id::OperationId,
    operation::Before,
    profile::{HookName, Phase},
    sla::SlaSignal,
};

impl Ticket {
    /// Lets this ticket go up in another one of the same customer: it closes as a duplicate, whatever the workflow says of
    /// such a step, and nobody works on it any more. Answers both changes, this ticket's first, and how it stood.
    ///
    /// # Errors
    /// The ticket itself, another customer's, one that is deleted or was merged already, a closed one to merge into.
    pub fn merge(
        &self,
        cx: Context<'_>,
        into: &Self,
        operation: OperationId,
    ) -> Result<(Change, Change, Before), Refusal> {
        if self.id == into.id {
            return Err(Refusal::State("a ticket cannot be merged into itself"));
        }
        if self.merged_into.is_some() {
            return Err(Refusal::State("the ticket has been merged already"));
        }
        self.must_stand()?;
        into.must_stand()?;
        if self.customer != into.customer {
            // Their messages would be read by somebody else.
            return Err(Refusal::State("the tickets are not of the same customer"));
        }
        // In a ticket that has ended, nobody would see that the customer still waits.
        if into.phase == Phase::Closed || into.phase.is_done() && !self.phase.is_done() {
            return Err(Refusal::State("the other ticket has ended: reopen it first"));
        }
        let before = Before {
            status: self.status.clone(),
            assignee: self.assignee.clone(),
            resolution: self.resolution.clone(),
        };
        let mut from = Pen::new(cx, self);
        from.note(Cause::Request, Fact::MergedInto { ticket: into.id, operation });
        from.ticket.merged_into = Some(into.id);
        from.end_as_duplicate(into)?;
        let mut to = Pen::new(cx, into);
        to.note(Cause::Request, Fact::Merged { ticket: self.id, operation });
        Ok((from.done(), to.done(), before))
    }

    /// Takes it back: the ticket is again what it was before. Its clocks are, too, as if it had never ended, because
    /// nobody has answered its customer by merging it. Answers both changes, this ticket's first.
    ///
    /// `assignee` is who gets it back: whoever had it, or nobody where they cannot take it.
    ///
    /// # Errors
    /// Tickets that are deleted, or not merged with each other any more; a status that the profile has no more.
    pub fn unmerge(
        &self,
        cx: Context<'_>,
        into: &Self,
        operation: OperationId,
        before: &Before,
        assignee: Option<AgentRef>,
    ) -> Result<(Change, Change), Refusal> {
        if self.deleted_at.is_some() {
            return Err(Refusal::State("the ticket is deleted: restore it first"));
        }
        if self.merged_into != Some(into.id) {
            return Err(Refusal::State("the tickets are not merged any more"));
        }
        into.must_stand()?;
        let mut from = Pen::undone(cx, self, operation);
        from.ticket.merged_into = None;
        if before.status != self.status {
            from.go_back(before)?;
        }
        from.ticket.resolution.clone_from(&before.resolution);
        match (assignee, &before.assignee) {
            (Some(agent), _) => from.hold(Some(agent), Cause::Request),
            (None, Some(_)) => from.hook(HookName::OnUnassign),
            (None, None) => {}
        }
        Ok((from.done(), Pen::undone(cx, into, operation).done()))
    }
}

impl Pen<'_> {
    fn end_as_duplicate(&mut self, of: &Ticket) -> Result<(), Refusal> {
        let summary = format!("Merged into {}", of.number);
        let resolution = Resolution { kind: ResolutionKind::Duplicate, summary, notes: None };
        if self.ticket.phase != Phase::Closed {
            let workflow = &self.cx.profile.workflow;
            let closed = workflow.find("status", workflow.hooks.close.as_str())?;
            let told = Fact::Closed { resolution: Some(resolution.clone()) };
            self.enter(closed, Cause::Request, None, Some(told));
            self.hush_clocks();
        }
        self.ticket.resolution = Some(resolution);
        if self.ticket.assignee.is_some() {
            self.hold(None, Cause::Request);
        }
        Ok(())
    }

    /// Back to the status before the end, of which the clocks hear nothing, and forget that they heard of the end.
    fn go_back(&mut self, before: &Before) -> Result<(), Refusal> {
        let Some(status) = self.cx.profile.workflow.status(before.status.as_str()) else {
            return Err(Refusal::State("the status that the ticket had before is none any more"));
        };
        let log = &self.ticket.sla;
        let ended = matches!(log.entries().last(), Some(entry) if entry.is == SlaSignal::Phase(Phase::Closed));
        let log = log.first(log.entries().len() - usize::from(ended));
        self.enter(status, Cause::Request, None, None);
        self.ticket.sla = log;
        Ok(())
    }
}
