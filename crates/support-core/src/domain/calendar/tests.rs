use chrono::NaiveTime;
use chrono_tz::Europe;

use super::*;

mod clock_changes;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect(text)
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect(text)
}

fn time(text: &str) -> LocalTime {
    text.parse().expect(text)
}

fn read(json: &str) -> Calendar {
    serde_json::from_str(json).expect(json)
}

/// The same hours on all seven days.
fn daily(time_zone: Tz, from: &str, to: &str) -> Calendar {
    let mut weekday = Weekday::Mon;
    let mut calendar = Calendar::new(time_zone);
    for _ in 0..7 {
        calendar = calendar.with_hours(weekday, time(from), time(to));
        weekday = weekday.succ();
    }
    calendar
}

fn nine_to_five() -> Calendar {
    read(
        r#"{ "time_zone": "Europe/Berlin", "weekly": {
            "mon": [["09:00", "17:00"]], "tue": [["09:00", "17:00"]], "wed": [["09:00", "17:00"]],
            "thu": [["09:00", "17:00"]], "fri": [["09:00", "17:00"]] } }"#,
    )
}

fn minutes_between(calendar: &Calendar, from: &str, to: &str) -> i64 {
    let open = calendar.open_between(utc(from), utc(to));
    assert_eq!(open, TimeDelta::minutes(open.num_minutes()));
    open.num_minutes()
}

#[test]
fn opening_is_open_and_closing_is_closed() {
    let calendar = nine_to_five();
    let nano = TimeDelta::nanoseconds(1);
    let (opening, closing) = (utc("2026-01-05T08:00:00Z"), utc("2026-01-05T16:00:00Z"));
    assert!(!calendar.is_open(opening - nano));
    assert!(calendar.is_open(opening));
    assert!(calendar.is_open(closing - nano));
    assert!(!calendar.is_open(closing));
    assert_eq!(calendar.open_between(opening - nano, opening + nano), nano);
    assert_eq!(calendar.next_open(opening - nano), Some(opening));
    assert_eq!(calendar.next_open(closing - nano), Some(closing - nano));
    assert_eq!(calendar.next_open(closing), Some(utc("2026-01-06T08:00:00Z")));
}

#[test]
fn amount_used_up_at_closing_is_due_at_closing() {
    let calendar = nine_to_five();
    let friday = utc("2026-01-09T15:00:00Z");
    let closing = utc("2026-01-09T16:00:00Z");
    assert_eq!(calendar.add(friday, TimeDelta::hours(1)), Some(closing));
    let more = TimeDelta::hours(1) + TimeDelta::nanoseconds(1);
    let monday = utc("2026-01-12T08:00:00Z") + TimeDelta::nanoseconds(1);
    assert_eq!(calendar.add(friday, more), Some(monday));
}

#[test]
fn zero_amount_waits_for_opening() {
    let calendar = nine_to_five();
    let zero = TimeDelta::zero();
    let saturday = utc("2026-01-10T12:00:00Z");
    let monday = utc("2026-01-12T08:00:00Z");
    assert_eq!(calendar.add(saturday, zero), Some(monday));
    assert_eq!(calendar.add(saturday, TimeDelta::hours(-1)), Some(monday));
    let inside = utc("2026-01-12T09:13:00.5Z");
    assert_eq!(calendar.add(inside, zero), Some(inside));
    assert_eq!(calendar.add(inside, TimeDelta::MIN), Some(inside));
}

#[test]
fn lunch_break_does_not_count() {
    let calendar = read(
        r#"{ "time_zone": "Europe/Berlin",
            "weekly": { "mon": [["09:00", "12:00"], ["13:00", "17:00"]] },
            "breaks": { "2026-05-04": [["10:00", "11:30"], ["11:45", "13:30"], ["16:00", "23:00"]] } }"#,
    );
    assert_eq!(calendar.faults(), []);
    // An ordinary Monday, and the one with breaks.
    assert_eq!(minutes_between(&calendar, "2026-04-27T00:00:00Z", "2026-04-28T00:00:00Z"), 7 * 60);
    assert_eq!(minutes_between(&calendar, "2026-05-04T00:00:00Z", "2026-05-05T00:00:00Z"), 60 + 15 + 150);
    assert_eq!(calendar.add(utc("2026-05-04T07:30:00Z"), TimeDelta::minutes(46)), Some(utc("2026-05-04T11:31:00Z")));
}

#[test]
fn holiday_cuts_nights_on_both_sides() {
    let night = daily(Tz::UTC, "22:00", "06:00");
    let calendar = night.clone().with_holiday(date("2026-12-25"));
    let eve = utc("2026-12-24T22:00:00Z");
    // Cut at midnight, and the holiday's own night does not happen at all.
    assert_eq!(calendar.add(eve, TimeDelta::hours(2)), Some(utc("2026-12-25T00:00:00Z")));
    assert_eq!(calendar.next_open(utc("2026-12-25T00:00:00Z")), Some(utc("2026-12-26T22:00:00Z")));
    assert_eq!(night.next_open(utc("2026-12-25T00:00:00Z")), Some(utc("2026-12-25T00:00:00Z")));
}

#[test]
fn date_hours_replace_weekly_hours_and_win_over_holidays() {
    let night = daily(Tz::UTC, "22:00", "06:00");
    let day = date("2026-12-25");
    let calendar = night.clone().with_holiday(day).with_date_hours(day, time("10:00"), time("12:00"));
    // The night before is kept whole, that of the day is replaced.
    assert_eq!(minutes_between(&calendar, "2026-12-25T00:00:00Z", "2026-12-26T22:00:00Z"), (6 + 2) * 60);
    let closed = read(
        r#"{ "time_zone": "UTC", "weekly": { "thu": [["22:00", "06:00"]], "fri": [["09:00", "17:00"]] },
            "date_hours": { "2026-12-25": [] } }"#,
    );
    assert_eq!(minutes_between(&closed, "2026-12-24T00:00:00Z", "2026-12-27T00:00:00Z"), 2 * 60);
}

#[test]
fn break_may_cross_midnight() {
    let calendar = daily(Tz::UTC, "22:00", "06:00").with_break(date("2026-12-24"), time("23:30"), time("00:30"));
    assert_eq!(minutes_between(&calendar, "2026-12-24T12:00:00Z", "2026-12-25T12:00:00Z"), 7 * 60);
}

#[test]
fn always_open_takes_no_table() {
    let calendar = Calendar::always_open();
    assert_eq!(calendar.faults(), []);
    let at = utc("2026-02-03T04:05:06.000000007Z");
    let later = at + TimeDelta::nanoseconds(8);
    assert!(calendar.is_open(at));
    assert_eq!(calendar.next_open(at), Some(at));
    assert_eq!(calendar.add(at, TimeDelta::nanoseconds(8)), Some(later));
    assert_eq!(calendar.open_between(at, later), TimeDelta::nanoseconds(8));
    assert_eq!(calendar.open_between(later, at), TimeDelta::zero());
    assert_eq!(calendar.add(at, TimeDelta::MAX), None);
    assert_eq!(
        calendar.open_between(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC),
        DateTime::<Utc>::MAX_UTC - DateTime::<Utc>::MIN_UTC
    );
}

#[test]
fn calendar_that_never_opens_again_says_so() {
    let past = Calendar::new(Europe::Berlin).with_date_hours(date("2020-02-29"), time("09:00"), time("10:00"));
    let now = utc("2026-01-01T00:00:00Z");
    assert_eq!(past.next_open(now), None);
    assert_eq!(past.add(now, TimeDelta::zero()), None);
    assert_eq!(past.add(now, TimeDelta::nanoseconds(1)), None);
    let before = utc("2000-01-01T00:00:00Z");
    assert_eq!(past.add(before, TimeDelta::hours(1)), Some(utc("2020-02-29T09:00:00Z")));
    assert_eq!(past.add(before, TimeDelta::minutes(61)), None);
    assert_eq!(Calendar::new(Europe::Berlin).next_open(DateTime::<Utc>::MIN_UTC), None);
}

#[test]
fn years_beyond_all_tables() {
    let (min, max) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    let calendar = nine_to_five()
        .with_holiday(date("2500-01-01"))
        .with_holiday(NaiveDate::MIN)
        .with_holiday(NaiveDate::MAX)
        .with_break(NaiveDate::MAX, time("00:00"), time("24:00"));
    assert!(calendar.next_open(min).is_some());
    assert_eq!(calendar.next_open(max), None);
    assert_eq!(calendar.add(max, TimeDelta::hours(1)), None);
    assert_eq!(calendar.add(min, TimeDelta::MAX), None);
    assert!(!calendar.is_open(max) && !calendar.is_open(min));
    let holiday_long_ago = nine_to_five().with_holiday(date("2026-12-25"));
    assert_eq!(holiday_long_ago.next_open(max), None);
    let all = calendar.open_between(min, max);
    assert_eq!(calendar.add(min, all + TimeDelta::seconds(1)), None);
    let middle = utc("2026-01-01T00:00:00Z");
    assert_eq!(calendar.open_between(min, middle) + calendar.open_between(middle, max), all);

    // 400 years hold 20 871 weeks, so of 40 hours each. Friday 2500-01-01 is
    // a holiday.
    let (from, to) = (utc("2200-01-01T00:00:00Z"), utc("2600-01-01T00:00:00Z"));
    let open = TimeDelta::hours(20_871 * 40 - 8);
    assert_eq!(calendar.open_between(from, to), open);
    let due = calendar.add(from, open).expect("in range");
    assert_eq!(due, utc("2599-12-31T16:00:00Z"));
    assert_eq!(calendar.next_open(utc("2500-01-01T10:00:00Z")), Some(utc("2500-01-04T08:00:00Z")));
}

#[test]
fn window_across_new_year_is_one() {
    let calendar = daily(Tz::UTC, "20:00", "04:00");
    for year in ["1970", "2026", "2170", "2171", "1800", "1799"] {
        let midnight = utc(&format!("{year}-01-01T00:00:00Z"));
        let eve = midnight - TimeDelta::hours(4);
        assert_eq!(calendar.add(eve, TimeDelta::hours(4)), Some(midnight), "{year}");
        assert_eq!(calendar.add(eve, TimeDelta::hours(8)), Some(midnight + TimeDelta::hours(4)), "{year}");
        assert!(calendar.is_open(midnight), "{year}");
        assert_eq!(calendar.next_open(midnight + TimeDelta::hours(4)), Some(midnight + TimeDelta::hours(20)), "{year}");
    }
}

#[test]
fn leap_second_keeps_the_order() {
    let calendar = Calendar::always_open();
    let leap = utc("2016-12-31T23:59:60.5Z");
    let next = utc("2017-01-01T00:00:00Z");
    assert!(leap < next);
    let before = utc("2016-12-31T23:59:59Z");
    assert!(calendar.open_between(before, leap) <= calendar.open_between(before, next));
    assert!(calendar.open_between(leap, next) >= TimeDelta::zero());
    assert!(calendar.add(leap, TimeDelta::nanoseconds(1)) <= calendar.add(next, TimeDelta::nanoseconds(1)));
}

#[test]
fn faults_are_all_listed() {
    let calendar = read(
        r#"{ "time_zone": "Europe/Berlin",
            "weekly": { "mon": [["13:00", "17:00"], ["09:00", "12:00"], ["11:00", "14:00"]],
                        "tue": [["09:00", "09:00"]], "wed": [["24:00", "08:00"]],
                        "sun": [["22:00", "14:00"]] },
            "date_hours": { "2026-12-24": [["09:00", "12:00"], ["11:00", "12:00"]] },
            "breaks": { "2026-05-04": [["10:00", "10:00"]] } }"#,
    );
    let faults = calendar.faults();
    let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "weekly.mon[1]",
            "weekly.mon[2]",
            "weekly.mon[2]",
            "weekly.tue[0]",
            "weekly.wed[0]",
            "weekly.sun[0]",
            "weekly.sun[0]",
            "weekly.sun[0]",
            "date_hours.2026-12-24[1]",
            "breaks.2026-05-04[0]",
        ]
    );
    assert_eq!(faults[0].to_string(), "weekly.mon[1]: 09:00-12:00 is listed after 13:00-17:00, which begins later");
    assert_eq!(
        Calendar::new(Tz::UTC).faults(),
        [CalendarFault { path: "weekly".into(), message: "the calendar never opens".into() }]
    );
    assert_eq!(daily(Tz::UTC, "00:00", "00:00").faults(), []);
}

#[test]
fn overlapping_windows_count_once() {
    let calendar = daily(Tz::UTC, "09:00", "13:00").with_hours(Weekday::Mon, time("11:00"), time("15:00"));
    assert_eq!(minutes_between(&calendar, "2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"), 6 * 60);
}

#[test]
fn serialised_form() {
    let json = r#"{"time_zone":"Europe/Berlin","weekly":{"mon":[["09:00","12:00"],["13:00:30","24:00"]]},"holidays":["2026-12-25"],"date_hours":{"2026-12-24":[["09:00","12:00"]]},"breaks":{"2026-05-04":[["10:00","11:30"]]}}"#;
    let calendar = read(json);
    let built = Calendar::new(Europe::Berlin)
        .with_hours(Weekday::Mon, time("09:00"), time("12:00"))
        .with_hours(Weekday::Mon, time("13:00:30"), LocalTime::END_OF_DAY)
        .with_holiday(date("2026-12-25"))
        .with_date_hours(date("2026-12-24"), time("09:00"), NaiveTime::from_hms_opt(12, 0, 0).expect("noon"))
        .with_break(date("2026-05-04"), time("10:00"), time("11:30"));
    assert_eq!(calendar, built);
    assert_eq!(serde_json::to_string(&calendar).expect("plain data"), json);
    assert_eq!(read(r#"{"time_zone":"UTC"}"#), Calendar::new(Tz::UTC));
    for wrong in [
        r"{}",
        r#"{"time_zone":"Europe/Bielefeld"}"#,
        r#"{"time_zone":"UTC","hours":{}}"#,
        r#"{"time_zone":"UTC","weekly":{"monday":[]}}"#,
        r#"{"time_zone":"UTC","weekly":{"mon":[["9:00","17:00"]]}}"#,
        r#"{"time_zone":"UTC","weekly":{"mon":[["09:00","24:01"]]}}"#,
        r#"{"time_zone":"UTC","weekly":{"mon":[["09:00"]]}}"#,
        r#"{"time_zone":"UTC","holidays":["2026-02-30"]}"#,
    ] {
        assert!(serde_json::from_str::<Calendar>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn tables_take_no_part_in_equality_and_follow_changes() {
    let used = nine_to_five();
    let monday = utc("2026-01-05T10:00:00Z");
    assert!(used.is_open(monday));
    assert_eq!(used, nine_to_five());
    let changed = used.clone().with_holiday(date("2026-01-05"));
    assert!(!changed.is_open(monday));
    assert!(used.is_open(monday));
    assert_ne!(used, changed);
}
