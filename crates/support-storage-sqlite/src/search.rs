//! Finding articles and tickets by their words, for desks that are given no other index.
//!
//! FTS5 finds the rows; how well they fit is reckoned here, and not by its `bm25()`: that weighs a word by all rows of the
//! index and by the length of notes too, so that a customer could read from a score what they must not see.

pub(crate) mod find;
mod scope;
mod snippet;
mod words;
pub(crate) mod write;

use crate::{SqliteStore, scrub::scrub};
use async_trait::async_trait;
use rusqlite::OptionalExtension as _;
use support_core::{
    domain::search::{Batch, Hits, SearchQuery},
    ports::{StoreError, search::Search},
};

const BOOKMARK: &str = "SELECT bookmark FROM support_search_bookmark WHERE one = 1";

#[async_trait]
impl Search for SqliteStore {
    async fn index(&self, batch: &Batch) -> Result<(), StoreError> {
        let batch = batch.clone();
        self.writer.run(move |conn| write::index(conn, &batch)).await
    }

    async fn bookmark(&self) -> Result<Option<String>, StoreError> {
        self.readers.read(|conn| Ok(conn.prepare_cached(BOOKMARK)?.query_row([], |row| row.get(0)).optional()?))
    }

    async fn clear_index(&self) -> Result<(), StoreError> {
        self.writer.run(write::clear).await
    }

    async fn search(&self, query: &SearchQuery) -> Result<Hits, StoreError> {
        self.readers.read(|conn| find::find(conn, query))
    }

    /// The index lies in the file of everything else, so it costs what [`Store::scrub`](support_core::ports::Store::scrub)
    /// costs.
    async fn scrub_index(&self) -> Result<(), StoreError> {
        self.writer.alone(scrub).await
    }
}

#[cfg(test)]
mod tests;
