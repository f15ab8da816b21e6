//! Reading time that was spent.

use super::StoreError;
use crate::domain::{
    id::{TicketId, TimeEntryId},
    time_entry::TimeEntry,
};
use async_trait::async_trait;

/// Time entries of tickets.
#[async_trait]
pub trait TimeEntryStore {
    /// The entry of that id, if it is one of this ticket.
    async fn time_entry(&self, ticket: TicketId, id: TimeEntryId) -> Result<Option<TimeEntry>, StoreError>;

    /// The entries of a ticket in the order of commits, at most `limit` of the latest.
    async fn time_entries(&self, ticket: TicketId, limit: u32) -> Result<Vec<TimeEntry>, StoreError>;
}
