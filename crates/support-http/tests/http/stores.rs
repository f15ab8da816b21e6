//! A store in memory that can fail in every way, and one that several desks have.

use async_trait::async_trait;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use support_core::{
    forward_store,
    memory::MemoryStore,
    ports::{ChangeSet, Store, StoreError},
};

/// How a store fails.
pub(crate) enum Failing {
    /// Everything is answered with this error.
    Always(StoreError),
    /// Of this many commits in a row the first ones are done, and answered with an error all the same.
    AfterCommits(u64),
    /// Nothing is answered, ever.
    Silent,
}

/// A store that fails.
pub(crate) struct Failed {
    store: MemoryStore,
    how: Failing,
    commits: AtomicU64,
}

impl Failed {
    pub(crate) fn new(how: Failing) -> Self {
        Self { store: MemoryStore::new(), how, commits: AtomicU64::new(0) }
    }

    async fn may(&self) -> Result<&MemoryStore, StoreError> {
        match &self.how {
            Failing::Always(error) => Err(error.clone()),
            Failing::Silent => std::future::pending().await,
            Failing::AfterCommits(_) => Ok(&self.store),
        }
    }
}

forward_store!(Failed, this => this.may().await?);

#[async_trait]
impl Store for Failed {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        self.may().await?.commit(changes).await?;
        let number = self.commits.fetch_add(1, Ordering::Relaxed);
        match self.how {
            Failing::AfterCommits(every) if number % every != every - 1 => {
                Err(StoreError::unavailable("the commit was done, and nobody was told"))
            }
            _ => Ok(()),
        }
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.may().await?.scrub().await
    }
}

/// A store in memory that several desks have.
#[derive(Clone, Default)]
pub(crate) struct Shared(pub(crate) Arc<MemoryStore>);

forward_store!(Shared, this => this.0);

#[async_trait]
impl Store for Shared {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        self.0.commit(changes).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.0.scrub().await
    }
}
