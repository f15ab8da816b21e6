//! Moments as people write them.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Utc};
use support_core::domain::fault::Fault;

/// A date.
pub(crate) fn date(field: &str, text: &str) -> Result<NaiveDate, Fault> {
    let date = text.parse::<NaiveDate>().ok().filter(|date| (0..=9999).contains(&date.year()));
    date.ok_or_else(|| Fault::new(field, "must be a date such as 2026-01-31"))
}

/// A moment, or the beginning of a date.
pub(crate) fn moment(field: &str, text: &str) -> Result<DateTime<Utc>, Fault> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.to_utc());
    }
    let date = date(field, text).ok();
    date.map(|date| date.and_time(NaiveTime::MIN).and_utc())
        .ok_or_else(|| Fault::new(field, "must be a date such as 2026-01-31, or a moment as RFC 3339"))
}
