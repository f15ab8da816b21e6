use super::{Operated, Operations, moved, together};
use crate::{
    desk::{Error, Planned},
    domain::{
        access::Action,
        actor::{Actor, AgentRef},
        fault::Refusal,
        id::{MessageId, OperationId},
        operation::{Before, Deed, Operation, Undone},
        ticket::{Change, Context, Ticket},
    },
    ports::{Guard, Write},
};
use std::collections::BTreeSet;

impl Operations<'_> {
    /// Takes back what was done to two tickets, as far as nothing was built upon it since.
    ///
    /// * A merge: its messages go back, and the ticket stands again as it did, in the hands of whoever had it, or in
    ///   nobody's where they cannot take it.
    /// * A split: its messages go back, and the ticket that was split off is deleted.
    /// * A link is gone.
    ///
    /// # Errors
    /// It was undone before; messages have moved on; somebody has written on the ticket that was split off; one of the
    /// tickets is deleted; it, or one of its tickets, is not there or not theirs.
    #[tracing::instrument(name = "operations.undo", skip_all, fields(ticket, actor))]
    pub async fn undo(self, actor: &Actor, operation: OperationId) -> Result<Operated, Error> {
        self.0.run(actor, || self.plan_undo(actor, operation)).await
    }

    /// As [`Operations::undo`], decided and not committed.
    pub async fn plan_undo(self, actor: &Actor, operation: OperationId) -> Result<Planned<Operated>, Error> {
        self.0.authorise(actor, Action::Merge)?;
        let operation = self.0.0.store.operation(operation).await?.ok_or(Error::NotFound)?;
        let (ticket, other) = self.both(actor, &operation.ticket.into(), &operation.other.into()).await?;
        if operation.undone.is_some() {
            return Err(Refusal::State("it has been undone already").into());
        }
        let cx = self.0.context(actor);
        // Before the others are looked at: what comes later than this one is then either seen or guarded against.
        let is_split = matches!(operation.deed, Deed::Split { .. });
        let last = if is_split { self.last_message(other.id).await? } else { None };
        let (one, two, back) = self.taken_back(cx, &operation, &ticket, &other).await?;
        let one = self.0.plan_change(actor, &ticket, one).await?;
        let two = self.0.plan_change(actor, &other, two).await?;
        let undone = Undone { by: actor.signature(), at: cx.now };
        let (id, ticket, other) = (operation.id, ticket.id, other.id);
        let mut planned = together(one, two, Operation { undone: Some(undone.clone()), ..operation });
        // What somebody writes in the meantime must not be left behind on a ticket that goes.
        planned.changes.guards.extend(last.map(|message| Guard::LastMessage { ticket: other, message }));
        planned.changes.writes.extend(self.0.move_files(other, ticket, Some(&back)).await?);
        planned.changes.writes.extend(moved(other, ticket, back));
        planned.changes.writes.push(Write::UndoOperation { id, undone });
        Ok(planned)
    }

    /// Both changes, and the messages that go back.
    async fn taken_back(
        self,
        cx: Context<'_>,
        operation: &Operation,
        ticket: &Ticket,
        other: &Ticket,
    ) -> Result<(Change, Change, Vec<MessageId>), Error> {
        match &operation.deed {
            Deed::Merge { messages, before } => {
                let assignee = self.who_takes_back(before).await?;
                let (one, two) = ticket.unmerge(cx, other, operation.id, before, assignee)?;
                self.must_be_there(other, messages, false).await?;
                Ok((one, two, messages.clone()))
            }
            Deed::Split { messages } => {
                let (one, two) = ticket.unsplit(cx, other, operation.id)?;
                self.must_be_there(other, messages, true).await?;
                Ok((one, two, messages.clone()))
            }
            Deed::Link { .. } => {
                let (one, two) = ticket.unlink(cx, other, operation.id);
                Ok((one, two, Vec::new()))
            }
        }
    }

    /// Whether all of these messages are still where they went, and, if they are to be `alone`, nothing was written beside.
    async fn must_be_there(self, ticket: &Ticket, messages: &[MessageId], alone: bool) -> Result<(), Error> {
        let mut missing: BTreeSet<MessageId> = messages.iter().copied().collect();
        self.each_message(ticket.id, |message| {
            if missing.remove(&message.id) || !alone || ticket.is_split_line(message) {
                Ok(())
            } else {
                Err(Refusal::State("somebody has written on the ticket that was split off"))
            }
        })
        .await?;
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Refusal::State("some of the messages have moved on since: undo that first").into())
        }
    }

    /// Whoever had the ticket, if they can have it back.
    async fn who_takes_back(self, before: &Before) -> Result<Option<AgentRef>, Error> {
        let Some(agent) = &before.assignee else { return Ok(None) };
        let status = self.0.profile().workflow.status(before.status.as_str());
        let row = self.0.0.store.agent(agent.id).await?;
        let free = status.is_none_or(|status| status.phase.is_done()) || self.0.refuses(row.as_ref()).is_none();
        Ok(free.then(|| agent.clone()))
    }
}
