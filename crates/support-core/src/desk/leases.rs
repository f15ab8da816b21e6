//! Working under a lease.

use super::{Desk, Error};
use crate::ports::{
    ChangeSet, Guard, Write,
    leases::{Lease, LeaseRequest},
};
use chrono::TimeDelta;
use uuid::Uuid;

impl Lease {
    /// What keeps whoever was overtaken from writing.
    pub(super) fn guard(&self) -> Guard {
        Guard::Lease { job: self.job.clone(), token: self.token }
    }
}

impl Desk {
    /// Takes or renews the lease of a job for so long from now; none where another node has it.
    pub(super) async fn take_lease(&self, job: &str, holder: Uuid, length: TimeDelta) -> Result<Option<Lease>, Error> {
        let now = self.now();
        let wanted = LeaseRequest { job: job.to_owned(), holder, now, until: now + length };
        Ok(self.0.store.take_lease(&wanted).await?)
    }

    /// Writes as long as the lease is held; a conflict where it is not, or something was changed meanwhile.
    pub(super) async fn commit_under(&self, lease: &Lease, writes: Vec<Write>) -> Result<(), Error> {
        Ok(self.0.store.commit(ChangeSet { guards: vec![lease.guard()], writes, events: Vec::new() }).await?)
    }
}
