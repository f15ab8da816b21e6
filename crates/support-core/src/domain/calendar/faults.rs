//! What can be wrong with a calendar that reads well.

use chrono::{DateTime, Utc};

use super::Calendar;
use super::hours::{DAY, LocalTime, Weekly, Window};

/// Something wrong with a [`Calendar`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct CalendarFault {
    /// Where, in terms of the serialised form, e.g. `weekly.mon[1]` or
    /// `date_hours.2026-12-24[0]`.
    pub path: String,
    /// What, as a sentence for whoever wrote the calendar.
    pub message: String,
}

pub(super) fn of(calendar: &Calendar) -> Vec<CalendarFault> {
    let mut faults = Vec::new();
    let mut report = |path: String, message: String| faults.push(CalendarFault { path, message });

    let days = calendar.weekly.days();
    let following = days.iter().cycle().skip(1);
    for ((name, windows), following) in Weekly::NAMES.iter().zip(days).zip(following) {
        check(&format!("weekly.{name}"), windows, &mut report);
        check_crossing(&format!("weekly.{name}"), windows, following, &mut report);
    }
    for (field, dates) in [("date_hours", &calendar.date_hours), ("breaks", &calendar.breaks)] {
        for (date, windows) in dates {
            let path = format!("{field}.{date}");
            check(&path, windows, &mut report);
            if let Some(following) = date.succ_opt().and_then(|next| dates.get(&next)) {
                check_crossing(&path, windows, following, &mut report);
            }
        }
    }
    if calendar.next_open(DateTime::<Utc>::MIN_UTC).is_none() {
        report("weekly".into(), "the calendar never opens".into());
    }
    faults
}

fn check(path: &str, windows: &[Window], report: &mut impl FnMut(String, String)) {
    for (index, window) in windows.iter().enumerate() {
        let path = format!("{path}[{index}]");
        if window.from == LocalTime::END_OF_DAY {
            report(path.clone(), format!("{window} begins at 24:00; write it as 00:00 of the next day"));
        }
        if window.from == window.to && window.from != LocalTime::MIDNIGHT {
            report(path.clone(), format!("{window} ends when it begins; a whole day is 00:00-24:00"));
        }
        let earlier = windows.get(..index).unwrap_or_default();
        for other in earlier.iter().filter(|other| overlap(**other, *window, 0)) {
            report(path.clone(), format!("{window} overlaps {other}"));
        }
        if let Some(other) = earlier.last().filter(|other| window.from < other.from) {
            report(path, format!("{window} is listed after {other}, which begins later"));
        }
    }
}

fn check_crossing(path: &str, windows: &[Window], following: &[Window], report: &mut impl FnMut(String, String)) {
    for (index, window) in windows.iter().enumerate() {
        for next in following {
            if overlap(*window, *next, DAY) {
                report(
                    format!("{path}[{index}]"),
                    format!("{window} crosses midnight and overlaps {next} of the next day"),
                );
            }
        }
    }
}

fn overlap(first: Window, second: Window, shift: i64) -> bool {
    first.begin() < second.end() + shift && second.begin() + shift < first.end()
}
