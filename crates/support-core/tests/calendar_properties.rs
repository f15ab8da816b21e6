//! Laws of working time over random calendars, and agreement with a reference
//! which walks along the clock minute by minute.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use proptest::prelude::*;
use support_core::domain::calendar::{Calendar, LocalTime};

const ZONES: [Tz; 12] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::Europe__Dublin,
    Tz::America__New_York,
    // Skip or repeat an hour at midnight.
    Tz::America__Sao_Paulo,
    Tz::Asia__Beirut,
    // Changed at 00:01 until 2011, so that dates came twice.
    Tz::America__St_Johns,
    Tz::Asia__Kathmandu,
    Tz::Africa__Casablanca,
    // Changes by half an hour.
    Tz::Australia__Lord_Howe,
    // Skipped a whole date.
    Tz::Pacific__Apia,
    Tz::Antarctica__Troll,
];

const MINUTES_PER_DAY: i64 = 1_440;

/// In minutes of the clock; `to <= from` ends on the next date.
type Minutes = (i64, i64);

/// What a [`Calendar`] is made from, kept apart for the reference.
#[derive(Debug, Clone)]
struct Plan {
    zone: Tz,
    weekly: Vec<(Weekday, Minutes)>,
    holidays: Vec<NaiveDate>,
    date_hours: Vec<(NaiveDate, Minutes)>,
    breaks: Vec<(NaiveDate, Minutes)>,
}

impl Plan {
    fn calendar(&self) -> Calendar {
        let mut calendar = Calendar::new(self.zone);
        for &(weekday, (from, to)) in &self.weekly {
            calendar = calendar.with_hours(weekday, clock(from), clock(to));
        }
        for &date in &self.holidays {
            calendar = calendar.with_holiday(date);
        }
        for &(date, (from, to)) in &self.date_hours {
            calendar = calendar.with_date_hours(date, clock(from), clock(to));
        }
        for &(date, (from, to)) in &self.breaks {
            calendar = calendar.with_break(date, clock(from), clock(to));
        }
        calendar
    }

    fn hours(&self, date: NaiveDate) -> Vec<Minutes> {
        let own: Vec<Minutes> = of(&self.date_hours, date);
        if own.is_empty() && !self.holidays.contains(&date) { of(&self.weekly, date.weekday()) } else { own }
    }

    fn is_closed(&self, date: NaiveDate) -> bool {
        self.holidays.contains(&date) && of(&self.date_hours, date).is_empty()
    }

    /// Whether the minute is open which the clock has reached and will not
    /// read an earlier time than `lowest` after; both differ from what it
    /// reads only near repeated time.
    fn is_open(&self, highest: NaiveDateTime, lowest: NaiveDateTime) -> bool {
        let covers = |date: NaiveDate, (from, to): Minutes, cut: bool| {
            let end = if to <= from { to + MINUTES_PER_DAY } else { to };
            let end = if cut { end.min(MINUTES_PER_DAY) } else { end };
            let midnight = date.and_time(NaiveTime::MIN);
            highest >= midnight + TimeDelta::minutes(from) && lowest < midnight + TimeDelta::minutes(end)
        };
        let dates = || (lowest.date() - Days::new(2)).iter_days().take_while(|date| *date <= highest.date());
        dates().any(|date| {
            let cut = self.is_closed(date + Days::new(1));
            self.hours(date).iter().any(|hours| covers(date, *hours, cut))
        }) && !dates().any(|date| of(&self.breaks, date).iter().any(|hours| covers(date, *hours, false)))
    }

    /// For each minute of `[start, start + minutes)`, whether it is open.
    fn walk(&self, start: DateTime<Utc>, minutes: i64) -> Vec<bool> {
        // The clock may have been ahead, or fall back, by a day at most.
        let from = start - TimeDelta::days(1);
        let readings: Vec<NaiveDateTime> = (0..minutes + 2 * MINUTES_PER_DAY)
            .map(|minute| {
                let at = from + TimeDelta::minutes(minute);
                at.with_timezone(&self.zone).naive_local()
            })
            .collect();
        let mut highest = readings.clone();
        for index in 1..highest.len() {
            highest[index] = highest[index].max(highest[index - 1]);
        }
        let mut lowest = readings;
        for index in (1..lowest.len()).rev() {
            lowest[index - 1] = lowest[index].min(lowest[index - 1]);
        }
        let wanted = highest.into_iter().zip(lowest);
        wanted
            .skip(usize::try_from(MINUTES_PER_DAY).unwrap())
            .take(usize::try_from(minutes).unwrap())
            .map(|(highest, lowest)| self.is_open(highest, lowest))
            .collect()
    }
}

fn of<K: PartialEq + Copy>(entries: &[(K, Minutes)], key: K) -> Vec<Minutes> {
    let found = entries.iter().filter(|(other, _)| *other == key);
    found.map(|(_, hours)| *hours).collect()
}

fn clock(minute: i64) -> LocalTime {
    let part = |value: i64| u8::try_from(value).unwrap();
    LocalTime::new(part(minute / 60), part(minute % 60)).unwrap()
}

fn window() -> impl Strategy<Value = Minutes> {
    prop_oneof![
        4 => (0..MINUTES_PER_DAY, 0..=MINUTES_PER_DAY),
        2 => (0..24_i64, 0..=24_i64).prop_map(|(from, to)| (from * 60, to * 60)),
        // Where clocks change.
        2 => (0..240_i64, 0..240_i64),
        1 => Just((0, MINUTES_PER_DAY)),
        1 => Just((540, 1_020)),
    ]
}

/// Moments near which something remarkable happens, for dates to be drawn
/// close to one of them.
fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    let remarkable = [
        "2018-11-04T03:00:00Z",
        "2018-02-18T02:00:00Z",
        "2022-03-26T22:00:00Z",
        "2022-10-29T21:00:00Z",
        "2010-11-07T02:31:00Z",
        "2011-03-13T03:31:00Z",
        "2026-03-29T01:00:00Z",
        "2026-10-25T01:00:00Z",
        "2026-04-04T15:00:00Z",
        "2026-10-03T15:30:00Z",
        "2011-12-30T10:00:00Z",
        "2026-01-01T00:00:00Z",
    ];
    let remarkable: Vec<i64> =
        remarkable.iter().map(|text| text.parse::<DateTime<Utc>>().unwrap().timestamp()).collect();
    let (first, last) = (1_104_537_600_i64, 2_082_758_400_i64);
    prop_oneof![
        (first..last).boxed(),
        (proptest::sample::select(remarkable), -200_000..200_000_i64).prop_map(|(near, shift)| near + shift).boxed(),
    ]
    .prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
}

/// A plan whose special dates lie around the given moment.
fn plan_near(at: DateTime<Utc>) -> impl Strategy<Value = Plan> {
    let date = move || (0..9_u64).prop_map(move |day| at.date_naive() - Days::new(4) + Days::new(day));
    let weekday = (0..7_u8).prop_map(|day| Weekday::try_from(day).unwrap());
    (
        proptest::sample::select(&ZONES[..]),
        proptest::collection::vec((weekday, window()), 0..9),
        proptest::collection::vec(date(), 0..3),
        proptest::collection::vec((date(), window()), 0..3),
        proptest::collection::vec((date(), window()), 0..4),
    )
        .prop_map(|(zone, weekly, holidays, date_hours, breaks)| Plan {
            zone,
            weekly,
            holidays,
            date_hours,
            breaks,
        })
}

fn plan_and_moment() -> impl Strategy<Value = (Plan, DateTime<Utc>)> {
    moment().prop_flat_map(|at| (plan_near(at), Just(at)))
}

/// From nothing over a few days to some years.
fn span() -> impl Strategy<Value = TimeDelta> {
    prop_oneof![
        1 => Just(0),
        4 => 0..400_000_000_000_000_i64,
        4 => 0..40_000_000_000_000_000_i64,
        // Whole minutes meet openings and closings.
        4 => (0..20_000_i64).prop_map(|minutes| minutes * 60_000_000_000),
    ]
    .prop_map(TimeDelta::nanoseconds)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn open_time_is_additive_and_bounded(
        (plan, a) in plan_and_moment(), first in span(), second in span(),
    ) {
        let calendar = plan.calendar();
        let (b, c) = (a + first, a + first + second);
        let (ab, bc, ac) = (
            calendar.open_between(a, b),
            calendar.open_between(b, c),
            calendar.open_between(a, c),
        );
        prop_assert_eq!(ab + bc, ac);
        prop_assert!(TimeDelta::zero() <= ab && ab <= first);
        prop_assert!(TimeDelta::zero() <= bc && bc <= second);
        prop_assert_eq!(calendar.open_between(c, a), TimeDelta::zero());
    }

    #[test]
    fn what_was_added_is_measured((plan, from) in plan_and_moment(), amount in span()) {
        let calendar = plan.calendar();
        let Some(due) = calendar.add(from, amount) else {
            prop_assert!(plan.weekly.is_empty() || calendar.next_open(from).is_none());
            return Ok(());
        };
        prop_assert!(due >= from);
        prop_assert_eq!(calendar.open_between(from, due), amount);
        if amount > TimeDelta::zero() {
            // There is no earlier such instant.
            let before = due - TimeDelta::nanoseconds(1);
            prop_assert!(calendar.open_between(from, before) < amount);
            prop_assert!(calendar.is_open(before));
        }
    }

    #[test]
    fn adding_is_monotone(
        (plan, from) in plan_and_moment(), later in span(), amount in span(), more in span(),
    ) {
        let calendar = plan.calendar();
        // Never is later than any instant.
        let add = |from, amount| calendar.add(from, amount).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let due = add(from, amount);
        prop_assert!(due <= add(from + later, amount));
        prop_assert!(due <= add(from, amount + more));
    }

    #[test]
    fn adding_in_two_steps_is_adding_at_once(
        (plan, from) in plan_and_moment(), first in span(), second in span(),
    ) {
        // Adding nothing may still wait for an opening.
        let second = second + TimeDelta::nanoseconds(1);
        let calendar = plan.calendar();
        let steps = calendar.add(from, first).and_then(|at| calendar.add(at, second));
        prop_assert_eq!(steps, calendar.add(from, first + second));
    }

    #[test]
    fn next_opening_is_the_first_open_instant((plan, at) in plan_and_moment()) {
        let calendar = plan.calendar();
        let next = calendar.next_open(at);
        prop_assert_eq!(calendar.is_open(at), next == Some(at));
        prop_assert_eq!(calendar.add(at, TimeDelta::zero()), next);
        if let Some(next) = next {
            prop_assert!(calendar.is_open(next));
            prop_assert_eq!(calendar.open_between(at, next), TimeDelta::zero());
        }
    }

    #[test]
    fn serialised_calendar_is_the_same((plan, _) in plan_and_moment()) {
        let calendar = plan.calendar();
        let text = serde_json::to_string(&calendar).unwrap();
        prop_assert_eq!(serde_json::from_str::<Calendar>(&text).unwrap(), calendar);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_walking_along_the_clock(
        (plan, at) in plan_and_moment(), hours in 1..72_i64,
    ) {
        let calendar = plan.calendar();
        let start = at - TimeDelta::seconds(at.timestamp().rem_euclid(60)) - TimeDelta::hours(hours / 2);
        let walked = plan.walk(start, hours * 60);
        let mut open = 0;
        for (minute, expected) in (0..).zip(&walked) {
            let now = start + TimeDelta::minutes(minute);
            prop_assert_eq!(calendar.is_open(now), *expected, "{}", now);
            prop_assert_eq!(calendar.open_between(start, now), TimeDelta::minutes(open));
            if *expected {
                open += 1;
                let due = calendar.add(start, TimeDelta::minutes(open));
                prop_assert_eq!(due, Some(now + TimeDelta::minutes(1)));
            }
        }
        let first = (0..).zip(&walked).find(|(_, open)| **open);
        if let Some((minute, _)) = first {
            let opening = start + TimeDelta::minutes(minute);
            prop_assert_eq!(calendar.next_open(start), Some(opening));
        }
    }
}
