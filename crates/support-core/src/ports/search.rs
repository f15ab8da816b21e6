//! An index of what articles and tickets say.

use super::StoreError;
use crate::domain::search::{Batch, Hits, SearchQuery};
use async_trait::async_trait;
use std::sync::Arc;

/// Finds articles and tickets by their words.
///
/// Every [`Store`](super::Store) is one, with what its database has; a better one is given to the desk beside it.
///
/// # Contract
///
/// The suite of `support_core::search_contract!` (feature `contract`).
///
/// * **Batches** are whole: when [`index`](Search::index) answers `Ok`, everything in the batch is found, survives a crash,
///   and the bookmark is kept with it.
/// * **The scope is part of the search**: what lies outside is not in the hits, the total or the facets.
/// * **Words** are compared without case and accents. Of an index that knows languages, they are also reduced to stems.
/// * **Text is never syntax**: quotes, operators, wildcards and the names of fields are words or nothing.
#[async_trait]
pub trait Search: Send + Sync {
    /// Takes a batch.
    ///
    /// # Errors
    /// Where the index fails. Nothing of the batch was taken.
    async fn index(&self, batch: &Batch) -> Result<(), StoreError>;

    /// The bookmark of the last batch that had one; `None` for an index that is empty or was found damaged, which has to be
    /// fed from the beginning.
    async fn bookmark(&self) -> Result<Option<String>, StoreError>;

    /// Empties the index, its bookmark too.
    async fn clear_index(&self) -> Result<(), StoreError>;

    /// What fits the query, the best first.
    async fn search(&self, query: &SearchQuery) -> Result<Hits, StoreError>;

    /// Takes what was removed out of every file of the index. When it answers `Ok`, no byte of it is left there.
    async fn scrub_index(&self) -> Result<(), StoreError>;
}

#[async_trait]
impl<S: Search + ?Sized> Search for Arc<S> {
    async fn index(&self, batch: &Batch) -> Result<(), StoreError> {
        (**self).index(batch).await
    }

    async fn bookmark(&self) -> Result<Option<String>, StoreError> {
        (**self).bookmark().await
    }

    async fn clear_index(&self) -> Result<(), StoreError> {
        (**self).clear_index().await
    }

    async fn search(&self, query: &SearchQuery) -> Result<Hits, StoreError> {
        (**self).search(query).await
    }

    async fn scrub_index(&self) -> Result<(), StoreError> {
        (**self).scrub_index().await
    }
}
