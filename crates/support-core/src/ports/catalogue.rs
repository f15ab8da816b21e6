//! Reading the small lists that staff keep.

use super::StoreError;
use crate::domain::{
    catalogue::{Entry, ItemKind},
    id::EntryId,
};
use async_trait::async_trait;

/// Categories, canned responses, saved views.
#[async_trait]
pub trait CatalogueStore {
    /// The whole list, in the order of [`Item::key`](crate::domain::catalogue::Item::key), compared byte by byte. Lists are
    /// short: the desk keeps them below a thousand entries.
    async fn entries(&self, kind: ItemKind) -> Result<Vec<Entry>, StoreError>;

    /// The entry of that id, if it stands on that list.
    async fn entry(&self, kind: ItemKind, id: EntryId) -> Result<Option<Entry>, StoreError>;
}
