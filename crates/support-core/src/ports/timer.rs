//! Waiting.

use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

/// Waits for the workers. Apart from [`Clock`](super::clock::Clock), because a test that moves its clock does not want to
/// wait for it.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Comes back after this long.
    async fn sleep(&self, length: Duration);
}

/// Waits on a thread of its own, whatever the runtime.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThreadTimer;

#[async_trait]
impl Timer for ThreadTimer {
    async fn sleep(&self, length: Duration) {
        futures_timer::Delay::new(length).await;
    }
}

#[async_trait]
impl<T: Timer + ?Sized> Timer for Arc<T> {
    async fn sleep(&self, length: Duration) {
        (**self).sleep(length).await;
    }
}
