//! Finding requests that were answered before.

use super::StoreError;
use crate::domain::request::{Request, RequestKey};
use async_trait::async_trait;

/// Requests by what their senders call them.
#[async_trait]
pub trait RequestStore {
    /// The request of that key, however old.
    async fn request(&self, key: &RequestKey) -> Result<Option<Request>, StoreError>;
}
