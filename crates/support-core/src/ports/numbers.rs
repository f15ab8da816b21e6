//! Counters for ticket numbers.

use super::StoreError;
use async_trait::async_trait;

/// Counters that never answer the same number twice.
#[async_trait]
pub trait NumberStore {
    /// Takes `count` consecutive numbers of a series for the caller alone and answers the first; a new series starts
    /// at 1. Numbers taken and not used are gaps; no number is ever handed out twice, whatever crashes.
    async fn reserve_numbers(&self, series: &str, count: u32) -> Result<u64, StoreError>;
}
