//! Opening, finding and changing tickets.

mod change;
mod delete;
mod open;
mod read;
mod watch;

pub use open::NewTicket;
pub use read::{Page, TicketDetail, TicketPage};

use super::{Desk, Error};
use crate::domain::{access::Action, actor::Actor, id::TicketId, ticket::Ticket};

/// The use cases of tickets. From [`Desk::tickets`].
///
/// Each that changes something has a twin `plan_…` that decides without committing, for hosts that put the change into
/// a transaction of their own.
#[derive(Debug, Clone, Copy)]
pub struct Tickets<'a>(pub(super) &'a Desk);

/// Which ticket: by its id or by its number. Both open only what the actor may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketRef {
    /// By id.
    Id(TicketId),
    /// By number.
    Number(String),
}

impl From<TicketId> for TicketRef {
    fn from(id: TicketId) -> Self {
        Self::Id(id)
    }
}

impl From<uuid::Uuid> for TicketRef {
    fn from(id: uuid::Uuid) -> Self {
        Self::Id(id.into())
    }
}

impl From<String> for TicketRef {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&str> for TicketRef {
    /// A UUID is an id; everything else is a number.
    fn from(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Number(text.to_owned()), Self::Id)
    }
}

impl Desk {
    /// The ticket, if the actor may do `action` to it, and if it is still as the caller knows it.
    pub(super) async fn load(&self, actor: &Actor, ticket: &TicketRef, action: Action) -> Result<Ticket, Error> {
        let ticket = self.load_beside(actor, ticket, action).await?;
        if !matches!(action, Action::Read | Action::ReadTrail) {
            self.check_expected(&ticket)?;
        }
        Ok(ticket)
    }

    /// As [`Desk::load`], for a ticket beside the one that the caller's expectations are about.
    pub(super) async fn load_beside(&self, actor: &Actor, ticket: &TicketRef, action: Action) -> Result<Ticket, Error> {
        if *actor == Actor::Guest {
            return Err(Error::Unauthenticated);
        }
        let found = match ticket {
            TicketRef::Id(id) => self.0.store.ticket(*id).await?,
            TicketRef::Number(number) => self.0.store.ticket_by_number(number).await?,
        };
        // A deleted ticket is there for those alone who can bring it back.
        let there = |ticket: &Ticket| ticket.deleted_at.is_none() || self.may(actor, Action::Delete, Some(ticket));
        let ticket = found.filter(there).ok_or(Error::NotFound)?;
        self.authorise_on(actor, action, &ticket)?;
        // What is deleted or merged away can be read, brought back and taken apart again; the domain says how.
        if !matches!(action, Action::Read | Action::ReadTrail | Action::Delete | Action::Merge) {
            ticket.must_stand()?;
        }
        Ok(ticket)
    }
}
