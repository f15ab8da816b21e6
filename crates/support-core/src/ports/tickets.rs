//! Reading tickets.

use super::{Slice, StoreError};
use crate::domain::{
    id::TicketId,
    ticket::{AlarmKind, Ticket, TicketQuery, TicketSummary},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// Tickets, by id, by number and in lists.
#[async_trait]
pub trait TicketStore {
    /// The ticket of that id, deleted or not.
    async fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, StoreError>;

    /// The ticket of that number, compared to the letter, deleted or not.
    async fn ticket_by_number(&self, number: &str) -> Result<Option<Ticket>, StoreError>;

    /// A list.
    ///
    /// Deleted tickets are in it only where the filter asks for them, and then they alone. Rows are those that the scope admits and the filter describes, ordered by the sort key and then by id, both in
    /// the direction of the sort. `after` names a row that need not exist any more; the list goes on behind its place.
    /// With `filter.text`, rows are those whose number, subject, tags or first public message hold every word of it, compared
    /// without case (what else counts as the same is the backend's), the last word, if it has two letters or more,
    /// also as the beginning of one; then they come in the order in which they
    /// were committed, the newest first unless the sort ascends, whatever its key, and behind a row that
    /// is not there any more, or outside the scope, comes nothing.
    async fn tickets(&self, query: &TicketQuery) -> Result<Slice<TicketSummary>, StoreError>;

    /// How many rows scope and filter of `query` have, counted up to `most` and no further.
    async fn ticket_count(&self, query: &TicketQuery, most: u32) -> Result<u32, StoreError>;

    /// Tickets whose alarm of that kind is at `now` or before, the earliest first, at most `limit` of them. Served by an
    /// index: it costs what it answers, however many tickets there are.
    async fn due_tickets(&self, alarm: AlarmKind, now: DateTime<Utc>, limit: u32) -> Result<Vec<TicketId>, StoreError>;
}
