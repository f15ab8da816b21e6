use super::store::{MemoryStore, behind};
use crate::{
    domain::event::Event,
    ports::{
        Slice, StoreError,
        events::{EventQuery, EventStore},
    },
};
use async_trait::async_trait;

#[async_trait]
impl EventStore for MemoryStore {
    async fn events(&self, query: &EventQuery) -> Result<Slice<Event>, StoreError> {
        let rows = self.rows();
        let places = rows.trails.range((query.ticket, 0)..=(query.ticket, u64::MAX));
        let trail = places.filter_map(|(_, id)| rows.events.get(id).map(|(_, event)| event));
        Ok(behind(trail, |event| event.id, query.after, query.limit))
    }
}
