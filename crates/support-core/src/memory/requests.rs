use super::store::MemoryStore;
use crate::{
    domain::request::{Request, RequestKey},
    ports::{StoreError, requests::RequestStore},
};
use async_trait::async_trait;

#[async_trait]
impl RequestStore for MemoryStore {
    async fn request(&self, key: &RequestKey) -> Result<Option<Request>, StoreError> {
        Ok(self.rows().requests.get(key).cloned())
    }
}
