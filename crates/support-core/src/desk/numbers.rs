use super::{Desk, Error};
use async_lock::Mutex;
use chrono::{DateTime, TimeDelta, Utc};

/// The rest of the block of numbers that this desk has taken from the store.
///
/// Taking them one at a time would make every ticket two commits. What is left when the process ends is a gap. One
/// caller at a time refills, or many that find it empty at once would each take a block and leave a gap.
#[derive(Debug, Default)]
pub(super) struct Numbers(Mutex<Block>);

#[derive(Debug, Default)]
struct Block {
    series: String,
    next: u64,
    end: u64,
    size: u32,
    taken: DateTime<Utc>,
}

/// A quiet desk leaves small gaps, a busy one waits seldom: a block that lasts less than a minute is followed by one of
/// twice the size, and one that lasts longer by one of half.
const SIZES: (u32, u32) = (16, 1_024);
const LASTS: TimeDelta = TimeDelta::minutes(1);

impl Block {
    fn next_size(&self, now: DateTime<Utc>) -> u32 {
        let size = if now - self.taken < LASTS { self.size.saturating_mul(2) } else { self.size / 2 };
        size.clamp(SIZES.0, SIZES.1)
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
        let mut block = self.0.numbers.0.lock().await;
        if block.series != series || block.next >= block.end {
            let size = block.next_size(now);
            let next = self.0.store.reserve_numbers(&series, size).await?;
            *block = Block { series, next, end: next + u64::from(size), size, taken: now };
        }
        let seq = block.next;
        block.next += 1;
        drop(block);
        Ok(format.write(seq, now, self.0.ids.random()))
    }
}
