//! Leases: which of many nodes does a job.

use super::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Who does which job.
#[async_trait]
pub trait LeaseStore {
    /// Takes or renews the lease of a job, or answers `None` where somebody else has it.
    ///
    /// It is free where nobody ever had it, where it was returned, and where `until` has come (`until <= now`). Whoever
    /// takes a free one gets a token higher than every token before. Whoever has it and asks again keeps the token, and has
    /// it until the new `until`.
    async fn take_lease(&self, wanted: &LeaseRequest) -> Result<Option<Lease>, StoreError>;

    /// Gives a lease back, if it is still the one of that token: it is free then. Until somebody takes it, its token still
    /// holds as a guard.
    async fn return_lease(&self, lease: &Lease) -> Result<(), StoreError>;
}

/// A wish for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRequest {
    /// Of which job.
    pub job: String,
    /// Who asks: one id for each process.
    pub holder: Uuid,
    /// The moment.
    pub now: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// The right to do a job. Every write under it carries the token as [`Guard::Lease`](super::Guard::Lease), so that a holder
/// who was overtaken while it stood still cannot write any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Which job.
    pub job: String,
    /// Rises each time that the lease passes to somebody.
    pub token: u64,
    /// Until when.
    pub until: DateTime<Utc>,
}
