use super::store::MemoryStore;
use crate::{
    domain::{event::Event, id::EventId},
    ports::{StoreError, outbox::OutboxStore},
};
use async_trait::async_trait;

/// Commits come one after the other here, so the place of a row is that of its commit.
#[async_trait]
impl OutboxStore for MemoryStore {
    async fn has_unplaced_events(&self) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn placed_events(&self, after: Option<EventId>, limit: u32) -> Result<Vec<Event>, StoreError> {
        let rows = self.rows();
        let from = match after.map(|id| rows.events.get(&id)) {
            None => 0,
            Some(Some((place, _))) => *place + 1,
            Some(None) => return Ok(Vec::new()),
        };
        let ids = rows.placed.range(from..).take(limit as usize);
        Ok(ids.filter_map(|(_, id)| rows.events.get(id).map(|(_, event)| event.clone())).collect())
    }

    async fn last_placed_event(&self) -> Result<Option<EventId>, StoreError> {
        Ok(self.rows().placed.last_key_value().map(|(_, id)| *id))
    }
}
