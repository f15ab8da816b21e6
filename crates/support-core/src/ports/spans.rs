//! Stretches of time for which backends keep something added up, in milliseconds since 1970.
//!
//! A sum over years is read as a few long spans, the days at both of its ends, and what is left at the ends of those.

use crate::domain::stats::Range;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// The shorter span.
pub const DAY: i64 = 86_400_000;
/// The longer span: long enough for years to be few, short enough for the days at its ends to be few.
pub const LONG: i64 = 32 * DAY;
/// What stands for no end: a whole number of spans, and behind every moment there is.
const FOREVER: i64 = LONG * 4_000_000;

/// Where the span that holds a moment begins.
pub fn start(at: i64, span: i64) -> i64 {
    at - at.rem_euclid(span)
}

/// The first whole millisecond that is not before `at`: stored moments are whole, and those that come to compare may not be.
pub fn not_before(at: DateTime<Utc>) -> DateTime<Utc> {
    let whole = at.trunc_subsecs(3);
    // Behind the end of time comes nothing.
    if whole == at { at } else { whole.checked_add_signed(TimeDelta::milliseconds(1)).unwrap_or(at) }
}

/// A part of a range, from its first moment up to and without its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Of which spans it is made; none where it is shorter than any.
    pub span: Option<i64>,
    /// Its first moment.
    pub from: i64,
    /// The first moment behind it.
    pub to: i64,
}

/// The first moment of a range, and the first one behind it. Stored moments are whole milliseconds.
pub fn bounds(range: Range) -> (i64, i64) {
    let whole = |at| not_before(at).timestamp_millis();
    (range.from.map_or(-FOREVER, whole), range.to.map_or(FOREVER, whole))
}

/// Parts that cover the range once, each made of spans as long as possible.
pub fn parts(range: Range) -> Vec<Part> {
    let (from, to) = bounds(range);
    let mut parts = Vec::new();
    cut(from, to, &[LONG, DAY], &mut parts);
    parts
}

fn cut(from: i64, to: i64, spans: &[i64], parts: &mut Vec<Part>) {
    if from >= to {
        return;
    }
    let [span, shorter @ ..] = spans else {
        parts.push(Part { span: None, from, to });
        return;
    };
    let (first, last) = (start(from + span - 1, *span), start(to, *span));
    if first >= last {
        return cut(from, to, shorter, parts);
    }
    cut(from, first, shorter, parts);
    parts.push(Part { span: Some(*span), from: first, to: last });
    cut(last, to, shorter, parts);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(millis).unwrap()
    }

    proptest! {
        #[test]
        fn parts_cover_a_range_once(from in -3 * LONG..3 * LONG, length in -DAY..5 * LONG) {
            let range = Range { from: Some(at(from)), to: Some(at(from + length)) };
            let mut reached = from;
            for part in parts(range) {
                prop_assert_eq!(part.from, reached);
                prop_assert!(part.to > part.from);
                if let Some(span) = part.span {
                    prop_assert_eq!((part.from % span, part.to % span), (0, 0));
                } else {
                    prop_assert!(part.to - part.from < 2 * DAY);
                }
                reached = part.to;
            }
            prop_assert_eq!(reached, from + length.max(0));
            let days = parts(range).iter().filter(|part| part.span == Some(DAY)).map(|part| (part.to - part.from) / DAY).sum::<i64>();
            prop_assert!(days <= 62);
        }
    }

    #[test]
    fn all_of_time_is_one_part() {
        let [only] = parts(Range::ALWAYS)[..] else { panic!() };
        assert_eq!(only.span, Some(LONG));
        assert!(only.from < DateTime::<Utc>::MIN_UTC.timestamp_millis());
        assert!(only.to > DateTime::<Utc>::MAX_UTC.timestamp_millis());
        let since = Range { from: Some(at(DAY + 1)), to: None };
        assert_eq!(parts(since).iter().map(|part| part.span).collect::<Vec<_>>(), [None, Some(DAY), Some(LONG)]);
    }

    #[test]
    fn a_bound_between_two_milliseconds_lies_behind_the_first() {
        let between = at(5) + TimeDelta::nanoseconds(1);
        assert_eq!(bounds(Range { from: Some(between), to: Some(between) }), (6, 6));
    }
}
