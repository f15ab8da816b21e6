use super::{Range, Tally, quarter};
use crate::domain::{
    calendar::local_clock::{LocalClock, offset_at},
    fault::{Fault, Faults},
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// How long each point of a series is, on the clocks of a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// From one full hour to the next.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Monday (ISO 8601).
    Week,
}

impl Step {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Hour, Self::Day, Self::Week];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// The one that is called `word`.
    ///
    /// # Errors
    /// A fault of `field` that lists the known words.
    pub fn find(field: &str, word: &str) -> Result<Self, Fault> {
        let found = Self::ALL.iter().copied().find(|known| known.as_str() == word);
        found.ok_or_else(|| Fault::unknown(field, word, Self::ALL.iter().map(|known| known.as_str())))
    }

    fn length(self) -> TimeDelta {
        match self {
            Self::Hour => TimeDelta::hours(1),
            Self::Day => TimeDelta::days(1),
            Self::Week => TimeDelta::days(7),
        }
    }
}

/// What happened in one step of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub to: DateTime<Utc>,
    /// What happened.
    pub tally: Tally,
}

/// The most points of a series.
pub const MOST_POINTS: i32 = 1_000;

/// Where the points of a series over `[from, to)` begin, and where the last one ends: at both ends, and where the clocks of
/// `zone` begin a new step. The first and the last point may be shorter than the others, and a day in which clocks change
/// has 23 or 25 hours, as it has for people.
///
/// # Errors
/// A range that is empty, or of more than [`MOST_POINTS`] points.
pub fn edges(from: DateTime<Utc>, to: DateTime<Utc>, step: Step, zone: Tz) -> Result<Vec<DateTime<Utc>>, Faults> {
    if to <= from {
        return Err(Fault::new("to", "must be later than `from`").into());
    }
    if to - from > step.length() * MOST_POINTS {
        let message = format!("must not be more than {MOST_POINTS} {}s after `from`", step.as_str());
        return Err(Fault::new("to", message).into());
    }
    let mut edges = vec![from];
    edges.extend(cuts(from, to, step, zone).into_iter().filter(|edge| *edge > from && *edge < to));
    edges.push(to);
    edges.dedup();
    Ok(edges)
}

fn cuts(from: DateTime<Utc>, to: DateTime<Utc>, step: Step, zone: Tz) -> Vec<DateTime<Utc>> {
    const DAY: i64 = 86_400;
    let (first, last) = (from.timestamp(), to.timestamp());
    let at = |seconds: i64| DateTime::from_timestamp(seconds, 0);
    if step == Step::Hour {
        // Clocks are a whole number of quarters away from UTC, so every full hour is one of these.
        let quarters = (quarter(from).timestamp()..last).step_by(900);
        return quarters.filter(|at| (at + offset_at(zone, *at)).rem_euclid(3_600) == 0).filter_map(at).collect();
    }
    let clock = LocalClock::new(zone, first - 2 * DAY, last + 2 * DAY);
    let local_day = |at: i64| (at + offset_at(zone, at)).div_euclid(DAY);
    // The first of January 1970 was a Thursday, so the fourth day after it began a week.
    let begins = |day: &i64| step == Step::Day || day.rem_euclid(7) == 4;
    let days = (local_day(first)..=local_day(last) + 1).filter(begins);
    days.filter_map(|day| at(clock.first_not_before(day * DAY))).collect()
}

impl Range {
    /// The range as it is shown in a series: with both ends, which are `days` apart where they are not said.
    pub fn or_last(self, days: i64, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let to = self.to.unwrap_or(now);
        let from = to.checked_sub_signed(TimeDelta::days(days)).unwrap_or(to);
        (self.from.unwrap_or(from), to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn cut(from: &str, to: &str, step: Step, zone: Tz) -> Vec<String> {
        let edges = edges(at(from), at(to), step, zone).unwrap();
        edges.iter().map(|at| at.format("%m-%dT%H:%M").to_string()).collect()
    }

    #[test]
    fn days_are_those_of_the_zone_over_clock_changes() {
        let days = cut("2026-03-28T12:00:00Z", "2026-03-31T00:00:00Z", Step::Day, chrono_tz::Europe::Berlin);
        assert_eq!(days, ["03-28T12:00", "03-28T23:00", "03-29T22:00", "03-30T22:00", "03-31T00:00"]);
    }

    #[test]
    fn a_day_without_midnight_begins_when_it_begins() {
        // Clocks in Beirut went from 00:00 to 01:00 on that day.
        let days = cut("2024-03-30T00:00:00Z", "2024-04-01T00:00:00Z", Step::Day, chrono_tz::Asia::Beirut);
        assert_eq!(days, ["03-30T00:00", "03-30T22:00", "03-31T21:00", "04-01T00:00"]);
    }

    #[test]
    fn hours_of_a_zone_between_hours() {
        let hours = cut("2026-01-01T00:00:00Z", "2026-01-01T02:00:00Z", Step::Hour, chrono_tz::Asia::Kathmandu);
        assert_eq!(hours, ["01-01T00:00", "01-01T00:15", "01-01T01:15", "01-01T02:00"]);
    }

    #[test]
    fn weeks_begin_on_monday() {
        let weeks = cut("2026-01-01T00:00:00Z", "2026-01-20T00:00:00Z", Step::Week, Tz::UTC);
        assert_eq!(weeks, ["01-01T00:00", "01-05T00:00", "01-12T00:00", "01-19T00:00", "01-20T00:00"]);
    }

    #[test]
    fn too_many_points_and_empty_ranges_are_refused() {
        let from = at("2026-01-01T00:00:00Z");
        assert!(edges(from, from + TimeDelta::hours(1_001), Step::Hour, Tz::UTC).is_err());
        assert!(edges(from, from + TimeDelta::hours(1_000), Step::Hour, Tz::UTC).is_ok());
        assert!(edges(from, from, Step::Day, Tz::UTC).is_err());
    }
}
