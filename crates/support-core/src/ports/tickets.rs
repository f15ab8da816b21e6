//! Reading tickets.

use super::{Slice, StoreError};
use crate::domain::{
    id::TicketId,
    ticket::{Ticket, TicketQuery, TicketSummary},
};
use async_trait::async_trait;

/// Tickets, by id, by number and in lists.
#[async_trait]
pub trait TicketStore {
    /// The ticket of that id.
    async fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, StoreError>;

    /// The ticket of that number, compared to the letter.
    async fn ticket_by_number(&self, number: &str) -> Result<Option<Ticket>, StoreError>;

    /// A list.
    ///
    /// Rows are those that the scope admits and the filter describes, ordered by the sort key and then by id, both in
    /// the direction of the sort. `after` names a row that need not exist any more; the list goes on behind its place.
    /// With `filter.text`, rows are those whose number, subject, tags or first message hold every word of it, compared
    /// without case (what else counts as the same is the backend's), the last word, if it has two letters or more,
    /// also as the beginning of one; then they come in the order in which they
    /// were committed, the newest first unless the sort ascends, whatever its key, and behind a row that
    /// is not there any more, or outside the scope, comes nothing.
    async fn tickets(&self, query: &TicketQuery) -> Result<Slice<TicketSummary>, StoreError>;

    /// How many rows scope and filter of `query` have, counted up to `most` and no further.
    async fn ticket_count(&self, query: &TicketQuery, most: u32) -> Result<u32, StoreError>;
}
