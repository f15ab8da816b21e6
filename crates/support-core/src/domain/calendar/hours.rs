//! Wall-clock times and windows, as they are written in a calendar.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveTime, Timelike, Weekday};
use serde::{Deserialize, Serialize};

pub(super) const DAY: i64 = 86_400;

/// A reading of the local clock to the second, from `00:00` to `24:00`.
///
/// Written `HH:MM` or `HH:MM:SS`, always with two digits each. `24:00` is the
/// end of a day; it makes sense as an end only, and a window which begins at
/// it is reported as a fault.
///
/// ```
/// use support_core::domain::calendar::LocalTime;
///
/// let end: LocalTime = "24:00".parse()?;
/// assert_eq!(end, LocalTime::END_OF_DAY);
/// assert_eq!(LocalTime::new(9, 30).map(|time| time.to_string()), Some("09:30".into()));
/// assert!("24:01".parse::<LocalTime>().is_err());
/// # Ok::<(), support_core::domain::calendar::LocalTimeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime {
    /// Seconds of the clock since `00:00`, at most a day.
    seconds: u32,
}

/// A text which is no [`LocalTime`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no time of day between \"00:00\" and \"24:00\"")]
pub struct LocalTimeError {
    text: String,
}

impl LocalTime {
    /// `00:00`.
    pub const MIDNIGHT: Self = Self { seconds: 0 };
    /// `24:00`.
    pub const END_OF_DAY: Self = Self { seconds: 86_400 };

    /// A full minute; `None` outside `00:00..=24:00`.
    #[must_use]
    pub const fn new(hour: u8, minute: u8) -> Option<Self> {
        Self::with_second(hour, minute, 0)
    }

    const fn with_second(hour: u8, minute: u8, second: u8) -> Option<Self> {
        // Lossless, but `u32::from` is not callable in a constant.
        let seconds = hour as u32 * 3_600 + minute as u32 * 60 + second as u32;
        if minute < 60 && second < 60 && seconds <= Self::END_OF_DAY.seconds { Some(Self { seconds }) } else { None }
    }

    pub(super) fn seconds(self) -> i64 {
        i64::from(self.seconds)
    }
}

/// Drops fractions of a second.
impl From<NaiveTime> for LocalTime {
    fn from(time: NaiveTime) -> Self {
        Self { seconds: time.num_seconds_from_midnight() }
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (minutes, second) = (self.seconds / 60, self.seconds % 60);
        write!(f, "{:02}:{:02}", minutes / 60, minutes % 60)?;
        if second > 0 {
            write!(f, ":{second:02}")?;
        }
        Ok(())
    }
}

impl FromStr for LocalTime {
    type Err = LocalTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split(':').map(two_digits);
        let time = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(hour)), Some(Some(minute)), None, None) => Self::new(hour, minute),
            (Some(Some(hour)), Some(Some(minute)), Some(Some(second)), None) => Self::with_second(hour, minute, second),
            _ => None,
        };
        time.ok_or_else(|| LocalTimeError { text: text.to_owned() })
    }
}

/// Stricter than `u8::from_str`, which also takes `+9` and `009`.
fn two_digits(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some((tens - b'0') * 10 + (ones - b'0')),
        _ => None,
    }
}

impl TryFrom<String> for LocalTime {
    type Error = LocalTimeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<LocalTime> for String {
    fn from(time: LocalTime) -> Self {
        time.to_string()
    }
}

/// A half-open range of wall-clock time which begins on some local date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(LocalTime, LocalTime)", into = "(LocalTime, LocalTime)")]
pub(super) struct Window {
    pub(super) from: LocalTime,
    pub(super) to: LocalTime,
}

impl Window {
    pub(super) fn new(from: LocalTime, to: LocalTime) -> Self {
        Self { from, to }
    }

    /// Seconds of the clock from the midnight at which the date begins.
    pub(super) fn begin(self) -> i64 {
        self.from.seconds()
    }

    /// Like [`begin`](Self::begin), beyond [`DAY`] when on the next date.
    pub(super) fn end(self) -> i64 {
        let end = self.to.seconds();
        if self.to <= self.from { end + DAY } else { end }
    }

    fn is_whole_day(self) -> bool {
        self.begin() == 0 && self.end() == DAY
    }
}

impl From<(LocalTime, LocalTime)> for Window {
    fn from((from, to): (LocalTime, LocalTime)) -> Self {
        Self { from, to }
    }
}

impl From<Window> for (LocalTime, LocalTime) {
    fn from(window: Window) -> Self {
        (window.from, window.to)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.to)
    }
}

/// The windows of each weekday.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Weekly {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mon: Vec<Window>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tue: Vec<Window>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    wed: Vec<Window>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    thu: Vec<Window>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fri: Vec<Window>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sat: Vec<Window>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sun: Vec<Window>,
}

impl Weekly {
    pub(super) const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    pub(super) fn always_open() -> Self {
        let day = || vec![Window::new(LocalTime::MIDNIGHT, LocalTime::END_OF_DAY)];
        Self { mon: day(), tue: day(), wed: day(), thu: day(), fri: day(), sat: day(), sun: day() }
    }

    /// From Monday to Sunday.
    pub(super) fn days(&self) -> [&[Window]; 7] {
        [&self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun]
    }

    pub(super) fn of_mut(&mut self, weekday: Weekday) -> &mut Vec<Window> {
        match weekday {
            Weekday::Mon => &mut self.mon,
            Weekday::Tue => &mut self.tue,
            Weekday::Wed => &mut self.wed,
            Weekday::Thu => &mut self.thu,
            Weekday::Fri => &mut self.fri,
            Weekday::Sat => &mut self.sat,
            Weekday::Sun => &mut self.sun,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.days().iter().all(|day| day.is_empty())
    }

    pub(super) fn is_always_open(&self) -> bool {
        self.days().iter().all(|day| day.iter().any(|window| window.is_whole_day()))
    }
}
