//! A store that answers two of three commits with a failure, and has done one of the two.

use async_trait::async_trait;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use support_desk::{
    SqliteStore, forward_store,
    ports::{ChangeSet, Store, StoreError},
};

/// What came of commits.
#[derive(Default)]
pub(crate) struct Commits {
    /// How many were asked for.
    pub(crate) asked: AtomicU64,
    /// How many were done, and nobody was told.
    pub(crate) untold: AtomicU64,
}

/// Fails before the commit, then after it, then not, by turns.
pub(crate) struct Flaky {
    store: SqliteStore,
    commits: Arc<Commits>,
}

impl Flaky {
    pub(crate) fn new(store: SqliteStore, commits: Arc<Commits>) -> Self {
        Self { store, commits }
    }
}

forward_store!(Flaky, this => this.store);

#[async_trait]
impl Store for Flaky {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        let turn = self.commits.asked.fetch_add(1, Ordering::Relaxed) % 3;
        if turn == 0 {
            return Err(StoreError::unavailable("the line broke before the commit"));
        }
        self.store.commit(changes).await?;
        if turn == 1 {
            self.commits.untold.fetch_add(1, Ordering::Relaxed);
            return Err(StoreError::unavailable("the commit was done, and nobody was told"));
        }
        Ok(())
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.store.scrub().await
    }
}
