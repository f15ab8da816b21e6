use super::{Messages, Posted};
use crate::{
    desk::{Desk, Error, Planned, documents::Held, tickets::TicketRef},
    domain::{
        access::Action,
        actor::Actor,
        attachment::Attachment,
        id::MessageId,
        message::{Message, NewText},
        ticket::{Post, Ticket, Withdrawal},
    },
    ports::{Guard, Write, messages::MessageQuery},
};

impl Messages<'_> {
    /// Corrects a message or a note of the actor's own, as long as the profile lets them. The trail keeps what it said.
    ///
    /// # Errors
    /// Faults of the text; somebody else's message, one that was withdrawn or is too old, a closed ticket; a message or a
    /// ticket that is not there or not theirs.
    #[tracing::instrument(name = "messages.edit", skip_all, fields(ticket, actor))]
    pub async fn edit(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        message: MessageId,
        text: impl Into<NewText>,
    ) -> Result<Posted, Error> {
        let (ticket, text) = (ticket.into(), text.into());
        self.0.run(actor, || self.plan_edit(actor, ticket.clone(), message, text.clone())).await
    }

    /// As [`Messages::edit`], decided and not committed.
    pub async fn plan_edit(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        message: MessageId,
        text: impl Into<NewText>,
    ) -> Result<Planned<Posted>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::EditMessage).await?;
        let message = self.0.message(actor, &ticket, message).await?;
        if !message.is_by(&actor.signature()) {
            return Err(Error::Forbidden(Action::EditMessage));
        }
        let post = ticket.edit_message(self.0.context(actor), &message, text.into())?;
        self.0.plan_correction(actor, &ticket, &message, post).await
    }

    /// Withdraws a message or a note: its place stays, its text and links go, and the trail keeps what it said. Authors may
    /// for as long as the profile lets them; those who may withdraw what others wrote, always.
    ///
    /// # Errors
    /// One that was withdrawn before or is too old, the first of its ticket, a closed ticket; somebody else's message; a
    /// message or a ticket that is not there or not theirs.
    #[tracing::instrument(name = "messages.delete", skip_all, fields(ticket, actor))]
    pub async fn delete(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        message: MessageId,
    ) -> Result<Posted, Error> {
        let ticket = ticket.into();
        let files = self.0.files_on(&Attachment::of_message(message)).await?;
        let posted = self.0.run(actor, || self.plan_delete(actor, ticket.clone(), message)).await?;
        for held in files {
            self.0.forget_file(&held.value.key).await;
        }
        Ok(posted)
    }

    /// As [`Messages::delete`], decided and not committed.
    pub async fn plan_delete(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        message: MessageId,
    ) -> Result<Planned<Posted>, Error> {
        let ticket = ticket.into();
        let ticket = match self.0.load(actor, &ticket, Action::EditMessage).await {
            Err(Error::Forbidden(_)) => self.0.load(actor, &ticket, Action::DeleteMessage).await?,
            loaded => loaded?,
        };
        let message = self.0.message(actor, &ticket, message).await?;
        let right = if self.0.may(actor, Action::DeleteMessage, Some(&ticket)) {
            Withdrawal::Any
        } else if message.is_by(&actor.signature()) {
            Withdrawal::Own { opening: self.0.first_message(&ticket).await? == Some(message.id) }
        } else {
            return Err(Error::Forbidden(Action::DeleteMessage));
        };
        let post = ticket.withdraw_message(self.0.context(actor), &message, right)?;
        let mut planned = self.0.plan_correction(actor, &ticket, &message, post).await?;
        // What came with it goes with it. Its bytes go after the commit; where a host commits itself, the sweep takes them.
        let files = self.0.files_on(&Attachment::of_message(message.id)).await?;
        planned.changes.writes.extend(files.iter().map(Held::remove));
        Ok(planned)
    }
}

impl Desk {
    /// The text with which the ticket begins, as its customer reads it.
    pub(in crate::desk) async fn first_message(&self, ticket: &Ticket) -> Result<Option<MessageId>, Error> {
        let query = MessageQuery { ticket: ticket.id, internal: false, after: None, limit: 1 };
        Ok(self.0.store.messages(&query).await?.items.first().map(|message| message.id))
    }

    /// The change set of a message on a ticket that both were `before`. It is refused on a ticket that has ended by then, so
    /// it guards the ticket even where it leaves it alone.
    async fn plan_correction(
        &self,
        actor: &Actor,
        ticket: &Ticket,
        before: &Message,
        post: Post,
    ) -> Result<Planned<Posted>, Error> {
        let Post { change, message } = post;
        let guarded = !change.row_changed;
        let version = ticket.version;
        let Planned { mut changes, outcome: ticket } = self.plan_change(actor, ticket, change).await?;
        if message != *before {
            if guarded {
                changes.guards.push(Guard::TicketVersion { ticket: ticket.id, version });
            }
            changes.writes.push(Write::UpdateMessage { message: Box::new(message.clone()), read: before.revision });
        }
        Ok(Planned { changes, outcome: Posted { ticket, message } })
    }
}
