//! Business hours and the arithmetic of working time.
//!
//! A [`Calendar`] says in local wall-clock terms when a team works. All
//! questions are asked and answered in UTC instants and real elapsed time
//! ([`TimeDelta`]), exact to the nanosecond and across clock changes.
//!
//! # Rules
//!
//! * A window is half-open, `[from, to)`, and belongs to the local date on
//!   which it begins. `to <= from` means that it ends on the next date.
//! * Hours of a date: its `date_hours` if it has any entry there, else nothing
//!   if it is a holiday, else the `weekly` hours of its weekday. Thus
//!   `date_hours` win over a holiday. An empty `date_hours` list closes the
//!   date just as a holiday does.
//! * A closed date (holiday, or empty `date_hours`) stays closed altogether: a
//!   window which crosses midnight into it is cut at midnight, and the date's
//!   own windows, with whatever part lies beyond its end, do not happen.
//!   A window crossing into a date that merely has other hours is kept.
//! * `breaks` are cut out of whatever is open. They may cross midnight too.
//! * A window (or break) lasts from the first instant at which the local clock
//!   reads `from` or later, until the last instant at which it reads earlier
//!   than `to`. So wall-clock time which a clock change skips does not exist,
//!   and a window touching a repeated hour covers both passes through it.
//! * Windows that meet or overlap in real time count once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

mod faults;
mod hours;
pub(in crate::domain) mod local_clock;
mod table;
mod timeline;

pub use faults::CalendarFault;
pub use hours::{LocalTime, LocalTimeError};

use hours::{Weekly, Window};
use table::Instant;
use timeline::Timeline;

/// Opening hours of a team, in one time zone.
///
/// Serialised form; all but `time_zone` may be left out, unknown fields are
/// refused:
///
/// ```toml
/// time_zone = "Europe/Berlin"
/// weekly = { mon = [["09:00", "12:00"], ["13:00", "17:00"]], fri = [["22:00", "02:00"]] }
/// holidays = ["2026-12-25"]
/// date_hours = { "2026-12-24" = [["09:00", "12:00"]] }
/// breaks = { "2026-05-04" = [["10:00", "11:30"]] }
/// ```
///
/// Reading accepts any well-formed calendar, sensible or not; [`faults`]
/// lists what is wrong with it. Every operation gives an answer for a faulty
/// calendar as well: overlapping windows, for instance, count once.
///
/// The [module documentation](self) has the precise rules. The open time of
/// the years asked for is computed on first use and kept; clones share it, and
/// it takes no part in comparison or serialisation.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, TimeDelta, Utc, Weekday};
/// use support_core::domain::calendar::{Calendar, LocalTime};
///
/// let (nine, five): (LocalTime, LocalTime) = ("09:00".parse()?, "17:00".parse()?);
/// let calendar = Calendar::new(chrono_tz::Europe::Berlin)
///     .with_hours(Weekday::Fri, nine, five)
///     .with_hours(Weekday::Mon, nine, five);
/// assert!(calendar.faults().is_empty());
///
/// // Friday 16:30 in Berlin; the clocks change during the weekend.
/// let friday: DateTime<Utc> = "2026-03-27T15:30:00Z".parse()?;
/// assert!(calendar.is_open(friday));
///
/// // One working hour later it is Monday 09:30 in Berlin.
/// let due = calendar.add(friday, TimeDelta::hours(1));
/// let monday: DateTime<Utc> = "2026-03-30T07:30:00Z".parse()?;
/// assert_eq!(due, Some(monday));
/// assert_eq!(calendar.open_between(friday, monday), TimeDelta::hours(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`faults`]: Calendar::faults
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    time_zone: Tz,
    #[serde(default, skip_serializing_if = "Weekly::is_empty")]
    weekly: Weekly,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    holidays: BTreeSet<NaiveDate>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    date_hours: BTreeMap<NaiveDate, Vec<Window>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    breaks: BTreeMap<NaiveDate, Vec<Window>>,
    // Holds facts derived from the fields above, so whoever changes one of
    // them has to start a new timeline.
    #[serde(skip)]
    timeline: Timeline,
}

impl Calendar {
    /// A calendar which is open at every instant, in UTC.
    ///
    /// All operations on it (and on any other calendar open 24 hours on all
    /// seven days without exceptions) take constant time.
    #[must_use]
    pub fn always_open() -> Self {
        Self { weekly: Weekly::always_open(), ..Self::new(Tz::UTC) }
    }

    /// A calendar without any open hours yet.
    #[must_use]
    pub fn new(time_zone: Tz) -> Self {
        Self {
            time_zone,
            weekly: Weekly::default(),
            holidays: BTreeSet::new(),
            date_hours: BTreeMap::new(),
            breaks: BTreeMap::new(),
            timeline: Timeline::default(),
        }
    }

    /// Adds a window to those of a weekday. `to <= from` means that it ends on
    /// the next day.
    #[must_use]
    pub fn with_hours(mut self, weekday: Weekday, from: impl Into<LocalTime>, to: impl Into<LocalTime>) -> Self {
        self.weekly.of_mut(weekday).push(Window::new(from.into(), to.into()));
        self.changed()
    }

    /// Closes a whole local date, unless it has hours of its own.
    #[must_use]
    pub fn with_holiday(mut self, date: NaiveDate) -> Self {
        self.holidays.insert(date);
        self.changed()
    }

    /// Adds a window to those which replace the weekly hours of a local date.
    /// They win over a holiday on that date.
    #[must_use]
    pub fn with_date_hours(mut self, date: NaiveDate, from: impl Into<LocalTime>, to: impl Into<LocalTime>) -> Self {
        let window = Window::new(from.into(), to.into());
        self.date_hours.entry(date).or_default().push(window);
        self.changed()
    }

    /// Cuts a break, beginning on a local date, out of the open hours.
    #[must_use]
    pub fn with_break(mut self, date: NaiveDate, from: impl Into<LocalTime>, to: impl Into<LocalTime>) -> Self {
        let window = Window::new(from.into(), to.into());
        self.breaks.entry(date).or_default().push(window);
        self.changed()
    }

    fn changed(mut self) -> Self {
        self.timeline = Timeline::default();
        self
    }

    /// The time zone in which the hours are meant.
    #[must_use]
    pub fn time_zone(&self) -> Tz {
        self.time_zone
    }

    /// Everything that is wrong with the calendar, in the order of its fields;
    /// empty if it is sound.
    ///
    /// Faults are: windows of one list that overlap or are out of order, a
    /// weekly window running into those of the next day, a window beginning at
    /// 24:00, a window which ends at the time it begins (only `00:00` to
    /// `00:00` is taken to be a whole day without doubt), and a calendar which
    /// never opens.
    #[must_use]
    pub fn faults(&self) -> Vec<CalendarFault> {
        faults::of(self)
    }

    /// Whether the instant lies in open hours. Opening instants do, closing
    /// instants do not.
    #[must_use]
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        if self.is_always_open() {
            return true;
        }
        let instant = Instant::of(at);
        self.stretch(at.year()).is_some_and(|stretch| stretch.table.next_open(instant) == Some(instant))
    }

    /// The first open instant which is not before `at`: `at` itself when open.
    ///
    /// `None` if the calendar never opens again within the range of dates that
    /// [`DateTime`] can tell.
    #[must_use]
    pub fn next_open(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.is_always_open() {
            return Some(at);
        }
        let mut instant = Instant::of(at);
        let mut year = at.year();
        loop {
            let stretch = self.stretch(year)?;
            match stretch.table.next_open(instant) {
                Some(open) if open == Instant::of(at) => return Some(at),
                Some(open) if open < stretch.end => return open.to_utc(),
                _ => (instant, year) = (stretch.end, stretch.next_year),
            }
        }
    }

    /// The open time between two instants, zero when `to` is not after `from`.
    ///
    /// Never negative, never more than `to - from`, and additive:
    /// `open_between(a, b) + open_between(b, c) == open_between(a, c)` for
    /// `a <= b <= c`. An instant written as a leap second counts as the last
    /// nanosecond of the second before it.
    #[must_use]
    pub fn open_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        if to <= from {
            return TimeDelta::zero();
        }
        let (mut start, end) = (Instant::of(from), Instant::of(to));
        if self.is_always_open() {
            return table::time_delta(end.nanos_since(start));
        }
        let mut open = 0;
        let mut year = from.year();
        while let Some(stretch) = self.stretch(year) {
            let until = stretch.end.min(end);
            open += stretch.table.measure(until) - stretch.table.measure(start);
            if until == end {
                break;
            }
            (start, year) = (stretch.end, stretch.next_year);
        }
        table::time_delta(open)
    }

    /// The first instant at which `amount` of open time since `from` has
    /// passed.
    ///
    /// An amount used up exactly at closing time gives the closing time, not
    /// the next opening. An amount of zero or less gives the first open
    /// instant from `from` on, as [`next_open`](Self::next_open) does.
    ///
    /// For an amount that is not negative, and an answer `due`,
    /// `open_between(from, due) == amount`. A later `from` or a greater
    /// `amount` never gives an earlier answer.
    ///
    /// `None` if so much open time does not come within the range of dates
    /// that [`DateTime`] can tell.
    #[must_use]
    pub fn add(&self, from: DateTime<Utc>, amount: TimeDelta) -> Option<DateTime<Utc>> {
        if amount <= TimeDelta::zero() {
            return self.next_open(from);
        }
        let mut start = Instant::of(from);
        let mut missing = table::nanos(amount);
        if self.is_always_open() {
            return start.plus_nanos(missing)?.to_utc();
        }
        let mut year = from.year();
        loop {
            let stretch = self.stretch(year)?;
            let passed = stretch.table.measure(start);
            let available = stretch.table.measure(stretch.end) - passed;
            if missing <= available {
                return stretch.table.reach(passed + missing)?.to_utc();
            }
            missing -= available;
            (start, year) = (stretch.end, stretch.next_year);
        }
    }

    fn is_always_open(&self) -> bool {
        self.holidays.is_empty() && self.date_hours.is_empty() && self.breaks.is_empty() && self.weekly.is_always_open()
    }
}

#[cfg(test)]
mod tests;
