//! Requests that were answered already: who repeats one gets the same answer, and the thing is not done twice.

use crate::domain::id::CustomerId;
use chrono::{DateTime, TimeDelta, Utc};

/// A request that had an effect, remembered together with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who called it what.
    pub key: RequestKey,
    /// A digest of everything it asked for.
    pub digest: [u8; 32],
    /// What was answered, as the caller of the desk wrote it.
    pub answer: Vec<u8>,
    /// Whose data may stand in the answer.
    pub about: Vec<CustomerId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What a client calls a request. Each principal has names of their own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey {
    /// Who sent it: their role and id.
    pub principal: String,
    /// What they call it: 1 to 255 characters.
    pub key: String,
}

/// How long a request is remembered.
pub const REMEMBERED: TimeDelta = TimeDelta::hours(24);
