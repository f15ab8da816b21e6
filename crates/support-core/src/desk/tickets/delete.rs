use super::{TicketRef, Tickets};
use crate::{
    desk::{Error, Planned},
    domain::{access::Action, actor::Actor, ticket::Ticket},
};

impl Tickets<'_> {
    /// Takes the ticket out of every list. Nothing of it is lost, and whoever had it has room for another.
    ///
    /// # Errors
    /// A ticket that is deleted already or not there; actors who may not delete.
    #[tracing::instrument(name = "tickets.delete", skip_all, fields(ticket, actor))]
    pub async fn delete(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_delete(actor, ticket.clone())).await
    }

    /// As [`Tickets::delete`], decided and not committed.
    pub async fn plan_delete(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<Planned<Ticket>, Error> {
        self.plan(actor, &ticket.into(), Action::Delete, Ticket::delete).await
    }

    /// Brings a deleted ticket back. Whoever had it has it again; if they have no room any more or are not there,
    /// somebody else or nobody has.
    ///
    /// # Errors
    /// A ticket that is not deleted or not there; actors who may not delete.
    #[tracing::instrument(name = "tickets.restore", skip_all, fields(ticket, actor))]
    pub async fn restore(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_restore(actor, ticket.clone())).await
    }

    /// As [`Tickets::restore`], decided and not committed.
    pub async fn plan_restore(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<Planned<Ticket>, Error> {
        self.plan(actor, &ticket.into(), Action::Delete, Ticket::restore).await
    }
}
