//! From the hours of a calendar to tables of open time, year by year.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Datelike, NaiveDate};

use super::Calendar;
use super::hours::{DAY, Window};
use super::local_clock::LocalClock;
use super::table::{Instant, Table};

/// Years whose tables are kept.
const KEPT_YEARS: RangeInclusive<i32> = 1970..=2169;

/// Years outside of which no time zone changes its offset: its history begins
/// later, and chrono-tz foretells changes until 2100 at most.
const CHANGING_YEARS: RangeInclusive<i32> = 1800..=2169;

/// One more than the last year chrono can tell.
const END_YEAR: i32 = 262_143;

/// Days by which real time can lie away from the local date it belongs to: the
/// offset of the zone, and a window which ends on the next date.
const MARGIN_DAYS: i64 = 4;

const DAYS_PER_WEEK: i64 = 7;

/// The tables made so far. Equal to any other, as it holds only what follows
/// from the calendar it is part of.
#[derive(Clone, Default)]
pub(super) struct Timeline {
    years: Arc<OnceLock<Box<[OnceLock<Table>]>>>,
}

impl PartialEq for Timeline {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Timeline {}

impl fmt::Debug for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeline").finish_non_exhaustive()
    }
}

impl Timeline {
    fn slot(&self, year: i32) -> Option<&OnceLock<Table>> {
        let index = usize::try_from(year.checked_sub(*KEPT_YEARS.start())?).ok()?;
        let years = self.years.get_or_init(|| KEPT_YEARS.map(|_| OnceLock::new()).collect());
        years.get(index)
    }
}

/// A part of time which one table describes.
pub(super) struct Stretch<'a> {
    pub(super) table: Cow<'a, Table>,
    /// Start of `next_year`.
    pub(super) end: Instant,
    pub(super) next_year: i32,
}

impl Calendar {
    /// The stretch which begins no later than the given year of UTC, and ends
    /// after it; `None` beyond the years chrono can tell.
    ///
    /// There is a limited number of them: those of [`CHANGING_YEARS`], at most
    /// two for each date the calendar lists, and those between.
    pub(super) fn stretch(&self, year: i32) -> Option<Stretch<'_>> {
        if year >= END_YEAR {
            return None;
        }
        let (table, next_year) = if !CHANGING_YEARS.contains(&year) && !self.lists_date_near(year) {
            let start_day = first_day(year);
            let week = self.table(start_day, start_day + DAYS_PER_WEEK);
            (Cow::Owned(week), self.next_special_year(year))
        } else {
            let make = || self.table(first_day(year), first_day(year + 1));
            let table = match self.timeline.slot(year) {
                Some(slot) => Cow::Borrowed(slot.get_or_init(make)),
                None => Cow::Owned(make()),
            };
            (table, year + 1)
        };
        Some(Stretch { table, end: Instant::at_second(first_day(next_year) * DAY), next_year })
    }

    fn lists_date_near(&self, year: i32) -> bool {
        self.first_listed_day(first_day(year) - MARGIN_DAYS).is_some_and(|day| day < first_day(year + 1) + MARGIN_DAYS)
    }

    /// The first year after one without special dates in which more than the
    /// weekly hours may matter.
    fn next_special_year(&self, year: i32) -> i32 {
        let listed = self
            .first_listed_day(first_day(year + 1))
            .and_then(|day| DateTime::from_timestamp((day - MARGIN_DAYS) * DAY, 0))
            .map_or(END_YEAR, |at| at.year());
        if year < *CHANGING_YEARS.start() { listed.min(*CHANGING_YEARS.start()) } else { listed }
    }

    fn first_listed_day(&self, from_day: i64) -> Option<i64> {
        let from = match date(from_day) {
            Some(date) => date,
            None if from_day < 0 => NaiveDate::MIN,
            None => return None,
        };
        let firsts = [
            self.holidays.range(from..).next(),
            self.date_hours.range(from..).next().map(|(date, _)| date),
            self.breaks.range(from..).next().map(|(date, _)| date),
        ];
        let first = firsts.into_iter().flatten().min()?;
        Some(i64::from(first.to_epoch_days()))
    }

    /// The table of the days `[start, end)` of UTC, counted from the epoch.
    fn table(&self, start: i64, end: i64) -> Table {
        let days = start - MARGIN_DAYS..end + MARGIN_DAYS;
        let clock = LocalClock::new(self.time_zone, (days.start - MARGIN_DAYS) * DAY, (days.end + MARGIN_DAYS) * DAY);
        let real = |day: i64, begin: i64, end: i64| {
            let midnight = day * DAY;
            (clock.first_not_before(midnight + begin), clock.last_before(midnight + end))
        };

        let mut open = Vec::new();
        let mut next_hours = self.hours(days.start);
        for day in days.clone() {
            let hours = next_hours;
            next_hours = self.hours(day + 1);
            for window in hours.windows() {
                let end = if matches!(next_hours, Hours::Closed) { window.end().min(DAY) } else { window.end() };
                open.push(real(day, window.begin(), end));
            }
        }

        let mut cuts = Vec::new();
        if let (Some(first), Some(last)) = (date(days.start), date(days.end)) {
            for (date, windows) in self.breaks.range(first..last) {
                let day = i64::from(date.to_epoch_days());
                cuts.extend(windows.iter().map(|cut| real(day, cut.begin(), cut.end())));
            }
        }
        Table::new(start * DAY, end * DAY, open, cuts)
    }

    fn hours(&self, day: i64) -> Hours<'_> {
        let date = date(day);
        let listed = date.and_then(|date| self.date_hours.get(&date));
        match (date, listed) {
            (_, Some(windows)) if windows.is_empty() => Hours::Closed,
            (_, Some(windows)) => Hours::Windows(windows),
            (Some(date), None) if self.holidays.contains(&date) => Hours::Closed,
            _ => {
                // The epoch was a Thursday.
                let weekday = (day + 3).rem_euclid(DAYS_PER_WEEK);
                let days = self.weekly.days().into_iter();
                let windows = (0..).zip(days).find(|(index, _)| *index == weekday);
                Hours::Windows(windows.map_or(&[], |(_, windows)| windows))
            }
        }
    }
}

/// The hours of a local date.
#[derive(Clone, Copy)]
enum Hours<'a> {
    /// Nothing, not even what comes over from the date before.
    Closed,
    Windows(&'a [Window]),
}

impl<'a> Hours<'a> {
    fn windows(self) -> &'a [Window] {
        match self {
            Self::Closed => &[],
            Self::Windows(windows) => windows,
        }
    }
}

fn date(day: i64) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(i32::try_from(day).ok()?)
}

/// The day on which a year begins, counted from the epoch. Holds for any year,
/// which chrono's dates do not.
fn first_day(year: i32) -> i64 {
    /// From the start of the year 1 to the epoch.
    const DAYS_TO_EPOCH: i64 = 719_162;
    let years = i64::from(year) - 1;
    years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400) - DAYS_TO_EPOCH
}
