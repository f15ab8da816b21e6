//! The audit trail as what is still to be told to the outside.

use super::StoreError;
use crate::domain::{event::Event, id::EventId};
use async_trait::async_trait;

/// The events of all tickets, in an order in which somebody who reads on never misses one.
///
/// Commits come to stand in another order than they began in: whoever remembers the last row that was read would pass over
/// one that appears before it. So an event is told once it has a *place*, and what has a place stays in front of whatever
/// gets one later. Of one ticket, places are in the order of commits. A store that commits one change set after the other
/// gives places by itself; the others wait for [`Write::PlaceEvents`](super::Write::PlaceEvents), which one node at a time
/// commits under a lease.
#[async_trait]
pub trait OutboxStore {
    /// Whether events have no place yet. It costs one look into an index.
    async fn has_unplaced_events(&self) -> Result<bool, StoreError>;

    /// Events that have places behind this one's, in their order; from the first where `after` is `None`, and nothing where
    /// it is no event or has no place. What was there before the store kept places is never among them.
    async fn placed_events(&self, after: Option<EventId>, limit: u32) -> Result<Vec<Event>, StoreError>;

    /// The event of the last place.
    async fn last_placed_event(&self) -> Result<Option<EventId>, StoreError>;
}
