//! Reading what was done to several tickets at once.

use super::StoreError;
use crate::domain::{
    id::{OperationId, TicketId},
    operation::Operation,
};
use async_trait::async_trait;

/// Merges, splits and links.
#[async_trait]
pub trait OperationStore {
    /// The operation of that id.
    async fn operation(&self, id: OperationId) -> Result<Option<Operation>, StoreError>;

    /// Those that concern a ticket, from either side, undone or not, in the order of commits, at most `limit` of the latest.
    async fn operations(&self, ticket: TicketId, limit: u32) -> Result<Vec<Operation>, StoreError>;
}
