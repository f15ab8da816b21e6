//! From readings of a local clock to real time.

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::hours::DAY;

/// A time zone over a limited range, as stretches of constant offset.
pub(in crate::domain) struct LocalClock {
    stretches: Vec<Stretch>,
}

/// Real time in seconds since the epoch, `[from, to)`, during which the clock
/// reads `offset` seconds more than UTC.
struct Stretch {
    from: i64,
    to: i64,
    offset: i64,
}

impl LocalClock {
    /// The clock of `time_zone`, right for all readings that occur between
    /// `from` and `to` (seconds since the epoch, `from < to`).
    pub(in crate::domain) fn new(time_zone: Tz, from: i64, to: i64) -> Self {
        let mut stretches = Vec::new();
        let mut offset = offset_at(time_zone, from);
        let mut begin = from;
        let mut at = from;
        while at < to {
            // No zone has ever left an offset and returned to it within a day of
            // UTC, so looking once a day finds every change.
            let next = (at + DAY).min(to);
            let next_offset = offset_at(time_zone, next);
            while offset != next_offset {
                let (mut before, mut after) = (at, next);
                while after - before > 1 {
                    let middle = before.midpoint(after);
                    if offset_at(time_zone, middle) == offset {
                        before = middle;
                    } else {
                        after = middle;
                    }
                }
                stretches.push(Stretch { from: begin, to: after, offset });
                (begin, at) = (after, after);
                offset = offset_at(time_zone, after);
            }
            at = next;
        }
        stretches.push(Stretch { from: begin, to, offset });
        Self { stretches }
    }

    /// The first instant at which the clock reads `reading` or later.
    pub(in crate::domain) fn first_not_before(&self, reading: i64) -> i64 {
        let stretch = self.stretches.iter().find(|stretch| stretch.to + stretch.offset > reading);
        stretch.map_or(i64::MAX, |stretch| stretch.from.max(reading - stretch.offset))
    }

    /// The instant from which on the clock never reads earlier than `reading`.
    pub(super) fn last_before(&self, reading: i64) -> i64 {
        let stretch = self.stretches.iter().rfind(|stretch| stretch.from + stretch.offset < reading);
        stretch.map_or(i64::MIN, |stretch| stretch.to.min(reading - stretch.offset))
    }
}

pub(in crate::domain) fn offset_at(time_zone: Tz, seconds: i64) -> i64 {
    // At the ends of what chrono can tell, clocks just go on as they were.
    let end = if seconds < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    let at = DateTime::from_timestamp(seconds, 0).unwrap_or(end);
    let offset = time_zone.offset_from_utc_datetime(&at.naive_utc());
    i64::from(offset.fix().local_minus_utc())
}
