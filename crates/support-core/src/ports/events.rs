//! Reading the audit trail.

use super::{Slice, StoreError};
use crate::domain::{
    event::Event,
    id::{EventId, TicketId},
};
use async_trait::async_trait;

/// The audit trail of tickets.
#[async_trait]
pub trait EventStore {
    /// The trail of a ticket, oldest first.
    async fn events(&self, query: &EventQuery) -> Result<Slice<Event>, StoreError>;
}

/// Which entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventQuery {
    /// Of which ticket.
    pub ticket: TicketId,
    /// Those that were committed after this one; nothing where that is no event of the ticket.
    pub after: Option<EventId>,
    /// How many.
    pub limit: u32,
}
