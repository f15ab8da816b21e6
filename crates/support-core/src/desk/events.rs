//! The audit trail.

use super::{Desk, Error, tickets::TicketRef};
use crate::{
    domain::{access::Action, actor::Actor, event::Event, id::EventId},
    ports::{Slice, events::EventQuery},
};

/// Reads the audit trail. From [`Desk::events`].
#[derive(Debug, Clone, Copy)]
pub struct Events<'a>(pub(super) &'a Desk);

impl Events<'_> {
    /// What happened to a ticket, oldest first: who did it, why, before and after.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs; customers have no business here.
    #[tracing::instrument(name = "events.list", skip_all, fields(ticket, actor))]
    pub async fn list(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        after: Option<EventId>,
        limit: u32,
    ) -> Result<Slice<Event>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::ReadTrail).await?;
        let limit = limit.clamp(1, self.0.profile().limits.page);
        Ok(self.0.0.store.events(&EventQuery { ticket: ticket.id, after, limit }).await?)
    }
}
