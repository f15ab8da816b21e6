//! Lengths of time as people write them in a profile.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A length of time in whole seconds, written `15m`, `2h 30m`, `5d`.
///
/// A day is 24 hours of counted time: under business hours `1d` is 24 open hours, not one business day.
///
/// ```
/// use support_core::domain::span::Span;
/// let target: Span = "2h 30m".parse()?;
/// assert_eq!(target.seconds(), 9_000);
/// assert_eq!(target.to_string(), "2h 30m");
/// # Ok::<(), support_core::domain::span::BadSpan>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(i64);

/// A text that is not a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a length of time: write numbers with d, h, m or s, such as `2h 30m`, ten years at most")]
pub struct BadSpan(String);

const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
const LONGEST: i64 = 3_660 * 86_400;

impl Span {
    /// From hours.
    pub const fn hours(hours: u32) -> Self {
        Self::capped(hours as i64 * 3_600)
    }

    /// From minutes.
    pub const fn minutes(minutes: u32) -> Self {
        Self::capped(minutes as i64 * 60)
    }

    /// From days of 24 hours.
    pub const fn days(days: u32) -> Self {
        Self::capped(days as i64 * 86_400)
    }

    /// Ten years are the longest that can be written, so nothing longer can be made.
    const fn capped(seconds: i64) -> Self {
        Self(if seconds > LONGEST { LONGEST } else { seconds })
    }

    /// In seconds; never negative.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// As chrono's difference of two instants.
    pub const fn delta(self) -> chrono::TimeDelta {
        chrono::TimeDelta::seconds(self.0)
    }
}

impl FromStr for Span {
    type Err = BadSpan;

    fn from_str(text: &str) -> Result<Self, BadSpan> {
        let bad = || BadSpan(text.chars().take(40).collect());
        let mut total = 0_i64;
        let mut parts = 0;
        for part in text.split_whitespace() {
            let unit = part.chars().last().ok_or_else(bad)?;
            let (_, seconds) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or_else(bad)?;
            let count: u32 = part[..part.len() - 1].parse().map_err(|_| bad())?;
            total = total.saturating_add(i64::from(count) * seconds);
            parts += 1;
        }
        if parts == 0 || total > LONGEST { Err(bad()) } else { Ok(Self(total)) }
    }
}

impl TryFrom<String> for Span {
    type Error = BadSpan;

    fn try_from(text: String) -> Result<Self, BadSpan> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        let mut gap = "";
        for (name, seconds) in UNITS {
            let count = rest / seconds;
            rest %= seconds;
            if count > 0 {
                write!(f, "{gap}{count}{name}")?;
                gap = " ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_is_no_length_of_time() {
        for text in ["", "15", "m", "-1h", "1.5h", "2w", "h2", "99999999d", "1é"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(seconds in 0_i64..=LONGEST) {
            prop_assert_eq!(Span(seconds).to_string().parse::<Span>().unwrap(), Span(seconds));
        }
    }
}
