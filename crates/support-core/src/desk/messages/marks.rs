//! What each side has read. It is no change of the ticket: no version, no trail.

use super::Messages;
use crate::{
    desk::{Error, Planned, plan::Outcome, tickets::TicketRef},
    domain::{
        access::Action,
        actor::Actor,
        id::MessageId,
        message::{Message, Side},
        profile::Profile,
        ticket::Ticket,
    },
    ports::Write,
};

/// How many messages a side has yet to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread(pub u32);

impl Outcome for Unread {
    fn ticket(&self) -> Option<&Ticket> {
        None
    }

    fn message(&self) -> Option<&Message> {
        None
    }

    fn for_customer(self, _: &Profile) -> Self {
        self
    }
}

impl Messages<'_> {
    /// Marks a message as read by the actor's side; answers what is left to read. One's own side's messages, notes and
    /// messages that are read already stay as they are.
    ///
    /// # Errors
    /// A message or a ticket that is not there or not theirs.
    #[tracing::instrument(name = "messages.mark_read", skip_all, fields(ticket, actor))]
    pub async fn mark_read(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        message: MessageId,
    ) -> Result<Unread, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_mark_read(actor, ticket.clone(), message)).await
    }

    /// As [`Messages::mark_read`], decided and not committed.
    pub async fn plan_mark_read(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        message: MessageId,
    ) -> Result<Planned<Unread>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Read).await?;
        let (message, by) = (self.0.message(actor, &ticket, message).await?, Side::of(actor.role()));
        let unread = self.0.0.store.unread_messages(ticket.id, by).await?;
        if !message.is_unread_by(by) {
            return Ok(Planned::nothing(Unread(unread)));
        }
        Ok(self.marked(&ticket, Some(message.id), by, unread.saturating_sub(1)))
    }

    /// Marks every message of the ticket as read by the actor's side.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs.
    #[tracing::instrument(name = "messages.mark_all_read", skip_all, fields(ticket, actor))]
    pub async fn mark_all_read(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<Unread, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_mark_all_read(actor, ticket.clone())).await
    }

    /// As [`Messages::mark_all_read`], decided and not committed.
    pub async fn plan_mark_all_read(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
    ) -> Result<Planned<Unread>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Read).await?;
        let by = Side::of(actor.role());
        if self.0.0.store.unread_messages(ticket.id, by).await? == 0 {
            return Ok(Planned::nothing(Unread(0)));
        }
        Ok(self.marked(&ticket, None, by, 0))
    }

    /// How many messages of the ticket the actor's side has yet to read.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs.
    #[tracing::instrument(name = "messages.unread_count", skip_all, fields(ticket, actor))]
    pub async fn unread_count(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<Unread, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Read).await?;
        Ok(Unread(self.0.0.store.unread_messages(ticket.id, Side::of(actor.role())).await?))
    }

    fn marked(self, ticket: &Ticket, message: Option<MessageId>, by: Side, left: u32) -> Planned<Unread> {
        let write = Write::MarkRead { ticket: ticket.id, message, by, at: self.0.now() };
        Planned::writing(vec![write], Unread(left))
    }
}
