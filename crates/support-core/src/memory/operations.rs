use super::store::MemoryStore;
use crate::{
    domain::{
        id::{OperationId, TicketId},
        operation::Operation,
    },
    ports::{StoreError, operations::OperationStore},
};
use async_trait::async_trait;

#[async_trait]
impl OperationStore for MemoryStore {
    async fn operation(&self, id: OperationId) -> Result<Option<Operation>, StoreError> {
        Ok(self.rows().operations.get(&id).map(|(_, operation)| operation.clone()))
    }

    async fn operations(&self, ticket: TicketId, limit: u32) -> Result<Vec<Operation>, StoreError> {
        let rows = self.rows();
        let theirs = rows.operations.values().filter(|(_, deed)| deed.ticket == ticket || deed.other == ticket);
        Ok(latest(theirs, limit))
    }
}

/// The rows that were committed last, in the order of commits.
pub(super) fn latest<'a, T: Clone + 'a>(rows: impl Iterator<Item = &'a (u64, T)>, limit: u32) -> Vec<T> {
    let mut rows: Vec<&(u64, T)> = rows.collect();
    rows.sort_by_key(|(place, _)| *place);
    let past = rows.len().saturating_sub(limit as usize);
    rows.into_iter().skip(past).map(|(_, row)| row.clone()).collect()
}
