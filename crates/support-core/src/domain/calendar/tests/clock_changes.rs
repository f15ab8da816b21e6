use chrono_tz::{America, Asia, Australia, Europe, Pacific};

use super::*;

#[test]
fn long_sunday_has_25_hours_and_short_one_23() {
    let calendar = Calendar::new(Europe::Berlin).with_hours(Weekday::Sun, LocalTime::MIDNIGHT, LocalTime::END_OF_DAY);
    assert_eq!(minutes_between(&calendar, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"), 25 * 60);
    assert_eq!(minutes_between(&calendar, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"), 23 * 60);
}

#[test]
fn skipped_time_does_not_exist() {
    // Berlin goes from 02:00 to 03:00 at 01:00 UTC on 2026-03-29.
    let on_that_day = |from, to| {
        let calendar = Calendar::new(Europe::Berlin).with_hours(Weekday::Sun, time(from), time(to));
        minutes_between(&calendar, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z")
    };
    assert_eq!(on_that_day("02:10", "02:50"), 0);
    assert_eq!(on_that_day("01:30", "02:30"), 30);
    assert_eq!(on_that_day("02:30", "03:30"), 30);
    assert_eq!(on_that_day("01:30", "03:30"), 60);
}

#[test]
fn repeated_time_counts_twice() {
    // Berlin goes from 03:00 to 02:00 at 01:00 UTC on 2026-10-25.
    let on_that_day = |from, to| {
        let calendar = Calendar::new(Europe::Berlin).with_hours(Weekday::Sun, time(from), time(to));
        minutes_between(&calendar, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z")
    };
    assert_eq!(on_that_day("02:00", "03:00"), 120);
    assert_eq!(on_that_day("02:30", "04:00"), 150);
    assert_eq!(on_that_day("01:00", "02:30"), 150);
    assert_eq!(on_that_day("01:00", "02:00"), 60);
    assert_eq!(on_that_day("03:00", "04:00"), 60);
}

#[test]
fn adjoining_windows_in_a_repeated_hour_count_once() {
    let calendar = Calendar::new(Europe::Berlin).with_hours(Weekday::Sun, time("01:00"), time("02:30")).with_hours(
        Weekday::Sun,
        time("02:30"),
        time("04:00"),
    );
    assert_eq!(calendar.faults(), []);
    assert_eq!(minutes_between(&calendar, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"), 4 * 60);
}

#[test]
fn midnight_that_does_not_exist() {
    // 00:00 to 01:00 is skipped, so these days have 23 hours.
    for (zone, day, eve, morrow) in [
        (America::Sao_Paulo, "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
        (Asia::Beirut, "2022-03-27", "2022-03-26T22:00:00Z", "2022-03-27T21:00:00Z"),
    ] {
        let whole = Calendar::new(zone).with_date_hours(date(day), LocalTime::MIDNIGHT, LocalTime::END_OF_DAY);
        assert_eq!(whole.next_open(utc("2001-01-01T00:00:00Z")), Some(utc(eve)));
        assert_eq!(whole.add(utc(eve), TimeDelta::hours(23)), Some(utc(morrow)));
        let night = daily(zone, "22:00", "02:00");
        assert_eq!(
            night.open_between(utc(eve) - TimeDelta::hours(12), utc(eve) + TimeDelta::hours(12)),
            TimeDelta::hours(3)
        );
        // A holiday there cuts the night at the moment the clock jumps.
        let cut = night.with_holiday(date(day));
        assert_eq!(
            cut.open_between(utc(eve) - TimeDelta::hours(12), utc(eve) + TimeDelta::hours(12)),
            TimeDelta::hours(2)
        );
    }
}

#[test]
fn date_that_does_not_exist() {
    // Apia had no 2011-12-30; the 31st followed the 29th at 10:00 UTC.
    // The night that began on the 29th has its evening only, that of the 30th
    // its morning only: a single night in real time.
    let calendar = daily(Pacific::Apia, "20:00", "04:00");
    let evening = utc("2011-12-30T06:00:00Z");
    let morning = utc("2011-12-30T14:00:00Z");
    assert_eq!(calendar.next_open(utc("2011-12-30T00:00:00Z")), Some(evening));
    assert_eq!(calendar.add(evening, TimeDelta::hours(8)), Some(morning));
    assert!(!calendar.is_open(morning));
    let only =
        Calendar::new(Pacific::Apia).with_date_hours(date("2011-12-30"), LocalTime::MIDNIGHT, LocalTime::END_OF_DAY);
    assert_eq!(only.next_open(utc("2000-01-01T00:00:00Z")), None);
}

#[test]
fn clock_change_of_half_an_hour() {
    // Lord Howe repeats 01:30 to 02:00 on 2026-04-05.
    let calendar = daily(Australia::Lord_Howe, "00:00", "03:00");
    assert_eq!(minutes_between(&calendar, "2026-04-04T12:00:00Z", "2026-04-05T00:00:00Z"), 210);
}
