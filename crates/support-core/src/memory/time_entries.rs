use super::{operations::latest, store::MemoryStore};
use crate::{
    domain::{
        id::{TicketId, TimeEntryId},
        time_entry::TimeEntry,
    },
    ports::{StoreError, time_entries::TimeEntryStore},
};
use async_trait::async_trait;

#[async_trait]
impl TimeEntryStore for MemoryStore {
    async fn time_entry(&self, ticket: TicketId, id: TimeEntryId) -> Result<Option<TimeEntry>, StoreError> {
        let rows = self.rows();
        let entry = rows.time_entries.get(&id).map(|(_, entry)| entry);
        Ok(entry.filter(|entry| entry.ticket == ticket).cloned())
    }

    async fn time_entries(&self, ticket: TicketId, limit: u32) -> Result<Vec<TimeEntry>, StoreError> {
        let rows = self.rows();
        Ok(latest(rows.time_entries.values().filter(|(_, entry)| entry.ticket == ticket), limit))
    }
}
