//! When calls can be made.

use crate::domain::{
    calendar::Calendar,
    fault::{Fault, Faults},
    span::Span,
};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// How a desk calls people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallbackRule {
    /// The calendar in which calls are made, by its name in the profile; at any hour where absent.
    pub calendar: Option<String>,
    /// How long a slot is.
    pub slot: Span,
    /// How many people can be called in each slot.
    pub capacity: u32,
    /// How long before a call it must be asked for.
    pub notice: Span,
    /// How far ahead calls are arranged.
    pub horizon: Span,
    /// The most calls that a customer can have ahead of them.
    pub per_customer: u32,
    /// The region in which a phone number without a country is, as two letters (ISO 3166); such numbers are refused where
    /// absent.
    pub region: Option<String>,
}

impl Default for CallbackRule {
    fn default() -> Self {
        Self {
            calendar: None,
            slot: Span::minutes(30),
            capacity: 2,
            notice: Span::hours(1),
            horizon: Span::days(30),
            per_customer: 3,
            region: None,
        }
    }
}

/// A stretch of time in which somebody is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slot {
    /// Its first moment.
    pub start: DateTime<Utc>,
    /// The first moment after it.
    pub end: DateTime<Utc>,
}

/// A part of the day (S0, `preferredTime`), on the customer's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayPart {
    /// From 8 to 12.
    Morning,
    /// From 12 to 17.
    Afternoon,
    /// From 17 to 21.
    Evening,
}

impl DayPart {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Morning, Self::Afternoon, Self::Evening];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
            Self::Evening => "evening",
        }
    }

    fn hours(self) -> (u32, u32) {
        match self {
            Self::Morning => (8, 12),
            Self::Afternoon => (12, 17),
            Self::Evening => (17, 21),
        }
    }
}

/// On which day somebody wants to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantedDay {
    /// On this date of the customer's calendar.
    Date(NaiveDate),
    /// In the slot that begins then; with a part of the day, on the date on which that is.
    At(DateTime<Utc>),
}

impl CallbackRule {
    /// The slots of a day, or of a part of it, in which calls can still be arranged: wholly within the calendar's open hours,
    /// not sooner than the notice and not beyond the horizon.
    ///
    /// ```
    /// use support_core::domain::{calendar::Calendar, callback::{CallbackRule, DayPart, WantedDay}};
    /// let rule = CallbackRule::default();
    /// let now = "2026-11-23T09:00:00Z".parse()?;
    /// let day = WantedDay::Date("2026-11-23".parse()?);
    /// let slots = rule.slots(&Calendar::always_open(), chrono_tz::Europe::Berlin, day, Some(DayPart::Morning), now);
    /// // In Berlin it is 10 o'clock; an hour's notice leaves 11:00 and 11:30.
    /// let starts: Vec<String> = slots.iter().map(|slot| slot.start.to_rfc3339()).collect();
    /// assert_eq!(starts, ["2026-11-23T10:00:00+00:00", "2026-11-23T10:30:00+00:00"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn slots(
        &self,
        calendar: &Calendar,
        time_zone: Tz,
        day: WantedDay,
        part: Option<DayPart>,
        now: DateTime<Utc>,
    ) -> Vec<Slot> {
        let length = self.slot.delta();
        let (earliest, latest) = (now + self.notice.delta(), now + self.horizon.delta());
        let can = |slot: &Slot| {
            slot.start >= earliest && slot.start <= latest && calendar.open_between(slot.start, slot.end) == length
        };
        let date = match (day, part) {
            (WantedDay::At(start), None) => {
                let slot = Slot { start, end: start.checked_add_signed(length).unwrap_or(start) };
                let begins = start.timestamp_subsec_nanos() == 0 && start.timestamp() % self.slot.seconds().max(1) == 0;
                return Some(slot).filter(|slot| begins && can(slot)).into_iter().collect();
            }
            (WantedDay::At(at), Some(_)) => at.with_timezone(&time_zone).date_naive(),
            (WantedDay::Date(date), _) => date,
        };
        let (from, to) = part.map_or((0, 24), DayPart::hours);
        self.on(time_zone, date, from, to).into_iter().filter(can).collect()
    }

    /// Slots between two hours of a date on the clock of the time zone. They begin on full multiples of their length in real
    /// time, the same for everybody: two customers on different clocks cannot be called in halves of the same time.
    fn on(&self, time_zone: Tz, date: NaiveDate, from: u32, to: u32) -> Vec<Slot> {
        let length = self.slot.seconds().max(1);
        let at = |hour: u32| {
            let local = date.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::hours(i64::from(hour)))?;
            // Where a change of the clock skips it, what comes next.
            let later = || local.checked_add_signed(TimeDelta::hours(1));
            let found = time_zone.from_local_datetime(&local).earliest();
            Some(found.or_else(|| time_zone.from_local_datetime(&later()?).earliest())?.timestamp())
        };
        let Some((from, to)) = at(from).zip(at(to)) else { return Vec::new() };
        let first = from.div_euclid(length) * length;
        let starts = (0..).map(|n| first + n * length).skip_while(|start| *start < from);
        let slot = |start| {
            let start = DateTime::from_timestamp(start, 0)?;
            Some(Slot { start, end: start.checked_add_signed(self.slot.delta())? })
        };
        starts.take_while(|start| start + length <= to).filter_map(slot).collect()
    }

    pub(crate) fn validate(&self, path: &str, known: &[&str], faults: &mut Faults) {
        if let Some(name) = self.calendar.as_deref().filter(|name| !known.contains(name)) {
            faults.push(Fault::unknown(format!("{path}.calendar"), name, known));
        }
        let slot = self.slot.seconds();
        if !(300..=14_400).contains(&slot) || slot % 60 != 0 {
            faults.push(Fault::new(format!("{path}.slot"), "must be whole minutes, from 5m to 4h"));
        }
        if self.capacity == 0 || self.capacity > 1_000 {
            faults.push(Fault::new(format!("{path}.capacity"), "must be 1 to 1000"));
        }
        if self.horizon <= self.notice || self.horizon > Span::days(366) {
            faults.push(Fault::new(format!("{path}.horizon"), "must be longer than `notice`, and 366d at most"));
        }
        if self.region.as_ref().is_some_and(|code| code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase())) {
            faults.push(Fault::new(format!("{path}.region"), "must be two capital letters, such as `DE`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::LocalTime;
    use chrono::Weekday;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn office() -> Calendar {
        let time = |text: &str| text.parse::<LocalTime>().unwrap();
        Calendar::new(chrono_tz::Europe::Berlin)
            .with_hours(Weekday::Mon, time("09:00"), time("12:15"))
            .with_hours(Weekday::Mon, time("13:00"), time("17:00"))
            .with_hours(Weekday::Sun, time("00:00"), time("06:00"))
    }

    fn starts(rule: &CallbackRule, zone: Tz, day: WantedDay, part: Option<DayPart>, now: &str) -> Vec<String> {
        let slots = rule.slots(&office(), zone, day, part, at(now));
        slots.iter().map(|slot| slot.start.format("%d %H:%M").to_string()).collect()
    }

    #[test]
    fn a_slot_lies_wholly_in_open_hours() {
        let rule = CallbackRule { slot: Span::hours(1), ..CallbackRule::default() };
        let monday = WantedDay::Date("2026-11-23".parse().unwrap());
        let all = starts(&rule, chrono_tz::Europe::Berlin, monday, None, "2026-11-20T00:00:00Z");
        assert_eq!(all, ["23 08:00", "23 09:00", "23 10:00", "23 12:00", "23 13:00", "23 14:00", "23 15:00"]);
        let tuesday = WantedDay::Date("2026-11-24".parse().unwrap());
        assert!(starts(&rule, chrono_tz::Europe::Berlin, tuesday, None, "2026-11-20T00:00:00Z").is_empty());
    }

    #[test]
    fn parts_of_the_day_are_the_customers() {
        let rule = CallbackRule { slot: Span::hours(1), ..CallbackRule::default() };
        let monday = WantedDay::Date("2026-11-23".parse().unwrap());
        // It is six hours earlier in New York: the office is open in the morning there, and not in the afternoon.
        let zone = chrono_tz::America::New_York;
        let morning = starts(&rule, zone, monday, Some(DayPart::Morning), "2026-11-20T00:00:00Z");
        assert_eq!(morning, ["23 13:00", "23 14:00", "23 15:00"]);
        assert!(starts(&rule, zone, monday, Some(DayPart::Evening), "2026-11-20T00:00:00Z").is_empty());
    }

    #[test]
    fn neither_the_past_nor_what_is_too_far_can_be_had() {
        let rule = CallbackRule::default();
        let monday = WantedDay::Date("2026-11-23".parse().unwrap());
        let zone = chrono_tz::Europe::Berlin;
        assert_eq!(starts(&rule, zone, monday, Some(DayPart::Afternoon), "2026-11-23T14:31:00Z"), Vec::<String>::new());
        assert_eq!(starts(&rule, zone, monday, Some(DayPart::Afternoon), "2026-11-23T14:30:00Z"), ["23 15:30"]);
        assert!(starts(&rule, zone, monday, None, "2026-11-30T00:00:00Z").is_empty());
        assert!(starts(&rule, zone, monday, None, "2026-10-01T00:00:00Z").is_empty());
    }

    #[test]
    fn an_exact_moment_is_a_slot_or_nothing() {
        let rule = CallbackRule::default();
        let zone = chrono_tz::Europe::Berlin;
        let now = "2026-11-20T00:00:00Z";
        for (moment, expected) in
            [("2026-11-23T09:30:00Z", 1), ("2026-11-23T09:40:00Z", 0), ("2026-11-23T11:00:00Z", 0)]
        {
            assert_eq!(starts(&rule, zone, WantedDay::At(at(moment)), None, now).len(), expected, "{moment}");
        }
    }

    #[test]
    fn everybody_is_called_in_the_same_slots() {
        let rule = CallbackRule::default();
        let monday = WantedDay::Date("2026-11-23".parse().unwrap());
        let now = "2026-11-20T00:00:00Z";
        let berlin = starts(&rule, chrono_tz::Europe::Berlin, monday, None, now);
        let kathmandu = starts(&rule, chrono_tz::Asia::Kathmandu, monday, None, now);
        assert!(!kathmandu.is_empty() && kathmandu.iter().all(|start| berlin.contains(start)), "{kathmandu:?}");
    }

    #[test]
    fn the_end_of_time_is_no_trouble() {
        let rule = CallbackRule::default();
        for day in [NaiveDate::MAX, NaiveDate::MIN] {
            assert!(
                starts(&rule, chrono_tz::Asia::Kathmandu, WantedDay::Date(day), None, "2026-11-20T00:00:00Z")
                    .is_empty()
            );
        }
        for moment in [DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC] {
            assert!(starts(&rule, chrono_tz::UTC, WantedDay::At(moment), None, "2026-11-20T00:00:00Z").is_empty());
            assert!(
                starts(&rule, chrono_tz::UTC, WantedDay::At(moment), Some(DayPart::Morning), "2026-11-20T00:00:00Z")
                    .is_empty()
            );
        }
    }

    #[test]
    fn an_hour_that_does_not_exist_has_no_slots() {
        let rule = CallbackRule { slot: Span::hours(1), horizon: Span::days(300), ..CallbackRule::default() };
        let sunday = WantedDay::Date("2026-03-29".parse().unwrap());
        let all = starts(&rule, chrono_tz::Europe::Berlin, sunday, None, "2026-03-01T00:00:00Z");
        assert_eq!(all, ["28 23:00", "29 00:00", "29 01:00", "29 02:00", "29 03:00"]);
    }
}
