//! Working hours as JSON: every wrong place in them is named.

use crate::fields::{Field, Fields};
use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;
use serde_json::Value;
use support_core::domain::{
    calendar::{Calendar, LocalTime},
    fault::Fault,
};

/// The calendar in a field; `null` is none.
#[expect(clippy::option_option, reason = "absent, none and some are three different wishes")]
pub(super) fn read(field: Field<'_>) -> Option<Option<Calendar>> {
    match field.object_or_none(calendar)? {
        Some(read) => Some(Some(read?)),
        None => Some(None),
    }
}

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

type Window = (LocalTime, LocalTime);

fn calendar(fields: &mut Fields) -> Option<Calendar> {
    let time_zone = fields.field(&["timeZone"]).required().checked(time_zone);
    let weekly = fields.field(&["weekly"]).object_or_none(weekly).flatten().unwrap_or_default();
    let holidays = fields.field(&["holidays"]).checked_texts(date).unwrap_or_default();
    let date_hours = fields.field(&["dateHours"]).object_or_none(dates).flatten().unwrap_or_default();
    let breaks = fields.field(&["breaks"]).object_or_none(dates).flatten().unwrap_or_default();
    fields.nothing_else();
    let mut calendar = Calendar::new(time_zone?);
    for (day, windows) in weekly {
        calendar = windows.into_iter().fold(calendar, |calendar, (from, to)| calendar.with_hours(day, from, to));
    }
    // A date with no hours at all is closed, as a holiday is.
    let closed = date_hours.iter().filter(|(_, windows)| windows.is_empty()).map(|(date, _)| *date);
    calendar = holidays.into_iter().chain(closed).fold(calendar, Calendar::with_holiday);
    for (date, (from, to)) in each(date_hours) {
        calendar = calendar.with_date_hours(date, from, to);
    }
    for (date, (from, to)) in each(breaks) {
        calendar = calendar.with_break(date, from, to);
    }
    if fields.are_sound() {
        for fault in calendar.faults() {
            let place = fields.written(&path(&fault.path));
            fields.fault(Fault::new(place, fault.message));
        }
    }
    Some(calendar)
}

fn each(dates: Vec<(NaiveDate, Vec<Window>)>) -> impl Iterator<Item = (NaiveDate, Window)> {
    dates.into_iter().flat_map(|(date, windows)| windows.into_iter().map(move |window| (date, window)))
}

/// `date_hours.2026-12-24[0]` as a body would have it: `dateHours.2026-12-24.0`.
fn path(place: &str) -> String {
    place.replacen("date_hours", "dateHours", 1).replace('[', ".").replace(']', "")
}

fn weekly(fields: &mut Fields) -> Vec<(Weekday, Vec<Window>)> {
    let read = DAYS.into_iter().filter_map(|(name, day)| Some((day, fields.field(&[name]).items("windows", window)?)));
    let read = read.collect();
    fields.nothing_else();
    read
}

fn dates(fields: &mut Fields) -> Vec<(NaiveDate, Vec<Window>)> {
    let mut read = Vec::new();
    for name in fields.names_left() {
        match date(&name, &name) {
            Ok(date) => read.extend(fields.named(&name).items("windows", window).map(|windows| (date, windows))),
            Err(fault) => fields.fault(fault),
        }
    }
    read
}

fn window(fields: &mut Fields, path: String, value: Value) -> Option<Window> {
    let ends: Option<[Value; 2]> = match value {
        Value::Array(ends) => ends.try_into().ok(),
        _ => None,
    };
    let Some(ends) = ends else {
        fields.fault(Fault::new(path, "must be a list of two times, such as [\"09:00\", \"17:00\"]"));
        return None;
    };
    let mut end = |index: usize| -> Option<LocalTime> {
        let read = ends.get(index)?.as_str().and_then(|text| text.parse().ok());
        if read.is_none() {
            fields.fault(Fault::new(format!("{path}.{index}"), "must be a time of day from 00:00 to 24:00"));
        }
        read
    };
    let (from, to) = (end(0), end(1));
    Some((from?, to?))
}

fn time_zone(field: &str, text: &str) -> Result<Tz, Fault> {
    text.parse().map_err(|_| Fault::new(field, "must be a time zone, such as Europe/Berlin"))
}

fn date(field: &str, text: &str) -> Result<NaiveDate, Fault> {
    text.parse().map_err(|_| Fault::new(field, "must be a date, such as 2026-12-24"))
}
