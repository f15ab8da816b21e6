//! The trail as an outbox. There is one writer at a time, so `seq` counts events in the order of commits, and no number comes
//! twice: the schema lets no event go.

use crate::{
    SqliteStore,
    error::Error,
    events,
    row::{Fields, id_value, integer, one, uuid},
};
use async_trait::async_trait;
use rusqlite::Connection;
use support_core::{
    domain::{event::Event, id::EventId},
    ports::{StoreError, outbox::OutboxStore},
};

pub(crate) const BEGINS: &str = "SELECT begins FROM support_outbox WHERE one = 1";
pub(crate) const PLACE: &str = "SELECT seq FROM support_events \
     WHERE id = ?1 AND seq > (SELECT begins FROM support_outbox WHERE one = 1)";
pub(crate) const LAST: &str = "SELECT id FROM support_events \
     WHERE seq > (SELECT begins FROM support_outbox WHERE one = 1) ORDER BY seq DESC LIMIT 1";

#[async_trait]
impl OutboxStore for SqliteStore {
    async fn has_unplaced_events(&self) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn placed_events(&self, after: Option<EventId>, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.readers.read(|conn| {
            let Some(place) = place(conn, after)? else { return Ok(Vec::new()) };
            Ok(events::behind(conn, place, limit)?.into_iter().map(|(_, event)| event).collect())
        })
    }

    async fn last_placed_event(&self) -> Result<Option<EventId>, StoreError> {
        self.readers
            .read(|conn| one(conn, LAST, [], |row| Fields::new("support_events", row).read("id", uuid::<EventId>)))
    }
}

/// Behind what to read; none where the event is none, or older than the outbox.
fn place(conn: &Connection, after: Option<EventId>) -> Result<Option<i64>, Error> {
    match after {
        None => one(conn, BEGINS, [], |row| Fields::new("support_outbox", row).read("begins", integer)),
        Some(id) => {
            one(conn, PLACE, [id_value(id.uuid())], |row| Fields::new("support_events", row).read("seq", integer))
        }
    }
}
