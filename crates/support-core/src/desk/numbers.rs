use super::{Desk, Error};
use chrono::{DateTime, Utc};
use std::sync::{Mutex, PoisonError};

/// The rest of the block of numbers that this desk has taken from the store.
///
/// Taking them one at a time would make every ticket two commits. What is left when the process ends is a gap.
#[derive(Debug, Default)]
pub(super) struct Numbers(Mutex<Block>);

#[derive(Debug, Default)]
struct Block {
    series: String,
    next: u64,
    end: u64,
}

/// Small, so that a restart leaves no large gap in numbers that people read.
const BLOCK: u32 = 32;

impl Numbers {
    fn take(&self, series: &str) -> Option<u64> {
        let mut block = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if block.series != series || block.next >= block.end {
            return None;
        }
        block.next += 1;
        Some(block.next - 1)
    }

    fn refill(&self, series: &str, next: u64, end: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Block { series: series.to_owned(), next, end };
    }
}

impl Desk {
    /// A number that no other ticket has.
    pub(super) async fn ticket_number(&self, now: DateTime<Utc>) -> Result<String, Error> {
        let format = &self.0.profile.numbers;
        if !format.counts() {
            return Ok(format.write(0, now, self.0.ids.random()));
        }
        let series = format.series(now);
        let seq = if let Some(seq) = self.0.numbers.take(&series) {
            seq
        } else {
            let first = self.0.store.reserve_numbers(&series, BLOCK).await?;
            // Two callers may refill at once; the later block replaces the earlier, whose rest becomes a gap.
            self.0.numbers.refill(&series, first + 1, first + u64::from(BLOCK));
            first
        };
        Ok(format.write(seq, now, self.0.ids.random()))
    }
}
