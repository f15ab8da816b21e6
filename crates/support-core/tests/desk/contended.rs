//! A store in which others are faster.

use super::*;
use support_core::forward_store;

/// Lets somebody else change each ticket just before it is committed, a chosen number of times.
#[derive(Clone)]
pub(super) struct Contended {
    pub(super) inner: MemoryStore,
    pub(super) conflicts: Arc<AtomicU32>,
}

#[async_trait]
impl Store for Contended {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        let left = self.conflicts.load(Ordering::SeqCst);
        if left > 0 {
            self.conflicts.store(left - 1, Ordering::SeqCst);
            return Err(StoreError::Conflict);
        }
        self.inner.commit(changes).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.inner.scrub().await
    }
}

forward_store!(Contended, this => this.inner);
