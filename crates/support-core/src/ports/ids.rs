//! New ids and random draws.

use chrono::{DateTime, Utc};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::{NoContext, Timestamp, Uuid};

/// Draws ids and random numbers. The only source of them in the whole desk.
pub trait IdSource: Send + Sync {
    /// An id that nobody else ever draws. Ids drawn at later moments should sort later, so that indexes grow at one end.
    fn id(&self, now: DateTime<Utc>) -> Uuid;

    /// A number that cannot be guessed.
    fn random(&self) -> u64;
}

/// Version 7 UUIDs (RFC 9562): a time stamp and 74 random bits.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn id(&self, now: DateTime<Utc>) -> Uuid {
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
    }

    fn random(&self) -> u64 {
        // The low half of a version 7 UUID is two fixed bits and 62 random ones; one such draw fills the number.
        Uuid::new_v7(Timestamp::from_unix(NoContext, 0, 0)).as_u64_pair().1 << 2
    }
}

/// Ids that count up from 1, for tests that compare whole answers.
#[derive(Debug, Default)]
pub struct CountingIds(AtomicU64);

impl IdSource for CountingIds {
    fn id(&self, _now: DateTime<Utc>) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1)
    }

    fn random(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
