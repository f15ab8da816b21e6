//! Open time as a table which answers by binary search.

use chrono::{DateTime, TimeDelta, Utc};

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// A point of real time: seconds since the epoch, and nanoseconds below
/// `1_000_000_000`. Unlike [`DateTime`] it has neither leap seconds nor a
/// limited range of years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant {
    seconds: i64,
    nanos: u32,
}

impl Instant {
    pub(super) fn of(at: DateTime<Utc>) -> Self {
        Self {
            seconds: at.timestamp(),
            // chrono writes a leap second as more than a second of nanoseconds
            // and sorts it before the next second; carrying it over would
            // break that order.
            nanos: at.timestamp_subsec_nanos().min(999_999_999),
        }
    }

    pub(super) fn at_second(seconds: i64) -> Self {
        Self { seconds, nanos: 0 }
    }

    pub(super) fn to_utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.seconds, self.nanos)
    }

    pub(super) fn nanos_since(self, other: Self) -> i128 {
        combine(self.seconds, self.nanos) - combine(other.seconds, other.nanos)
    }

    pub(super) fn plus_nanos(self, nanos: i128) -> Option<Self> {
        let (seconds, nanos) = split(combine(self.seconds, self.nanos) + nanos)?;
        Some(Self { seconds, nanos })
    }
}

fn combine(seconds: i64, nanos: u32) -> i128 {
    i128::from(seconds) * NANOS_PER_SECOND + i128::from(nanos)
}

fn split(nanos: i128) -> Option<(i64, u32)> {
    let seconds = i64::try_from(nanos.div_euclid(NANOS_PER_SECOND)).ok()?;
    let rest = u32::try_from(nanos.rem_euclid(NANOS_PER_SECOND)).ok()?;
    Some((seconds, rest))
}

pub(super) fn nanos(delta: TimeDelta) -> i128 {
    i128::from(delta.num_seconds()) * NANOS_PER_SECOND + i128::from(delta.subsec_nanos())
}

/// Saturates, which no difference of two instants of chrono needs.
pub(super) fn time_delta(nanos: i128) -> TimeDelta {
    split(nanos).and_then(|(seconds, nanos)| TimeDelta::new(seconds, nanos)).unwrap_or(TimeDelta::MAX)
}

/// The open time of a cycle which repeats for ever in both directions.
///
/// A year uses only the cycle it is made for; ranges in which nothing but the
/// weekly hours matters use a cycle of one week.
#[derive(Debug, Clone)]
pub(super) struct Table {
    start: i64,
    length: i64,
    /// Not empty, ordered, inside the cycle, and apart from each other.
    spans: Box<[Span]>,
    /// Open seconds of a cycle.
    total: i64,
}

/// Open real time in seconds since the epoch, `[from, to)`.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: i64,
    to: i64,
    /// Open seconds of the cycle up to `to`.
    passed: i64,
}

impl Table {
    /// The table of the cycle `[start, end)`, `start < end`, which is open in
    /// `open` but for `cuts`; either may be in any order, overlap, lie outside
    /// the cycle or hold empty ranges.
    pub(super) fn new(start: i64, end: i64, open: Vec<(i64, i64)>, cuts: Vec<(i64, i64)>) -> Self {
        let mut total = 0;
        let spans = without(&merged(open), &merged(cuts))
            .into_iter()
            .map(|(from, to)| (from.max(start), to.min(end)))
            .filter(|(from, to)| from < to)
            .map(|(from, to)| {
                total += to - from;
                Span { from, to, passed: total }
            })
            .collect();
        Self { start, length: end - start, spans, total }
    }

    /// Which repetition a second lies in, and the second of the first cycle
    /// which corresponds to it.
    fn place(&self, second: i64) -> (i64, i64) {
        let passed = second - self.start;
        let cycle = passed.div_euclid(self.length);
        (cycle, second - cycle * self.length)
    }

    /// Open nanoseconds from the start of the table to `at`.
    pub(super) fn measure(&self, at: Instant) -> i128 {
        let (cycle, second) = self.place(at.seconds);
        let index = self.spans.partition_point(|span| span.to <= second);
        let (seconds, nanos) = match self.spans.get(index) {
            None => (self.total, 0),
            Some(span) if second < span.from => (span.passed - (span.to - span.from), 0),
            Some(span) => (span.passed - (span.to - second), at.nanos),
        };
        i128::from(cycle) * i128::from(self.total) * NANOS_PER_SECOND + combine(seconds, nanos)
    }

    /// The first instant which measures `measure`; `None` if never open.
    pub(super) fn reach(&self, measure: i128) -> Option<Instant> {
        let cycle_nanos = combine(self.total, 0);
        // An amount that ends with a cycle belongs to that cycle, not to the
        // start of the next, hence the `- 1`.
        let cycle = (measure - 1).checked_div_euclid(cycle_nanos)?;
        let (seconds, nanos) = split(measure - cycle * cycle_nanos)?;
        let needed = seconds + i64::from(nanos > 0);
        let index = self.spans.partition_point(|span| span.passed < needed);
        let span = self.spans.get(index)?;
        let offset = i64::try_from(cycle).ok()?.checked_mul(self.length)?;
        Some(Instant { seconds: (span.to - span.passed + seconds).checked_add(offset)?, nanos })
    }

    /// The first open instant which is not before `at`; `None` if never open.
    pub(super) fn next_open(&self, at: Instant) -> Option<Instant> {
        let (cycle, second) = self.place(at.seconds);
        let index = self.spans.partition_point(|span| span.to <= second);
        let (span, offset) = match self.spans.get(index) {
            Some(span) => (span, cycle * self.length),
            None => (self.spans.first()?, (cycle + 1) * self.length),
        };
        Some(at.max(Instant::at_second(span.from + offset)))
    }
}

fn merged(mut ranges: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    ranges.retain(|(from, to)| from < to);
    ranges.sort_unstable();
    ranges.dedup_by(|next, previous| {
        let meets = next.0 <= previous.1;
        if meets {
            previous.1 = previous.1.max(next.1);
        }
        meets
    });
    ranges
}

/// What is left of `open`; both must be [`merged`].
fn without(open: &[(i64, i64)], cuts: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut left = Vec::with_capacity(open.len() + cuts.len());
    for &(mut from, to) in open {
        let first = cuts.partition_point(|cut| cut.1 <= from);
        for cut in cuts.iter().skip(first).take_while(|cut| cut.0 < to) {
            left.push((from, cut.0));
            from = cut.1;
        }
        left.push((from, to));
    }
    left.retain(|(from, to)| from < to);
    left
}
