use super::store::MemoryStore;
use crate::ports::{
    StoreError,
    leases::{Lease, LeaseRequest, LeaseStore},
};
use async_trait::async_trait;

#[async_trait]
impl LeaseStore for MemoryStore {
    async fn take_lease(&self, wanted: &LeaseRequest) -> Result<Option<Lease>, StoreError> {
        let mut rows = self.rows();
        let token = match rows.leases.get(&wanted.job) {
            Some((holder, lease)) if lease.until > wanted.now && *holder != wanted.holder => return Ok(None),
            Some((_, lease)) if lease.until > wanted.now => lease.token,
            Some((_, lease)) => lease.token + 1,
            None => 1,
        };
        let lease = Lease { job: wanted.job.clone(), token, until: wanted.until };
        rows.leases.insert(wanted.job.clone(), (wanted.holder, lease.clone()));
        Ok(Some(lease))
    }

    async fn return_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut rows = self.rows();
        if let Some((_, row)) = rows.leases.get_mut(&lease.job).filter(|(_, row)| row.token == lease.token) {
            row.until = chrono::DateTime::UNIX_EPOCH;
        }
        Ok(())
    }
}
