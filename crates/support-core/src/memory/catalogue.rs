use super::store::MemoryStore;
use crate::{
    domain::{
        catalogue::{Entry, ItemKind},
        id::EntryId,
    },
    ports::{StoreError, catalogue::CatalogueStore},
};
use async_trait::async_trait;

#[async_trait]
impl CatalogueStore for MemoryStore {
    async fn entries(&self, kind: ItemKind) -> Result<Vec<Entry>, StoreError> {
        let rows = self.rows();
        let mut entries: Vec<Entry> =
            rows.entries.values().filter(|entry| entry.item.kind() == kind).cloned().collect();
        entries.sort_by_key(|entry| entry.item.key());
        Ok(entries)
    }

    async fn entry(&self, kind: ItemKind, id: EntryId) -> Result<Option<Entry>, StoreError> {
        Ok(self.rows().entries.get(&id).filter(|entry| entry.item.kind() == kind).cloned())
    }
}
