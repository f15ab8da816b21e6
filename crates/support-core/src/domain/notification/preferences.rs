use super::{Person, Topic, Way};
use crate::domain::{
    document::{DocumentKind, Kept, Placement, list},
    id::CustomerId,
};
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How a person wants to be told things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// An id of its own.
    pub id: Uuid,
    /// Who.
    pub person: Person,
    /// On which ways they want to be told of a topic; as the desk does it where a topic is not named.
    #[serde(default)]
    pub topics: BTreeMap<Topic, BTreeSet<Way>>,
    /// When they want to be left alone; the inbox is quiet anyway.
    #[serde(default)]
    pub quiet: Option<QuietHours>,
    /// Whether mails come one by one.
    #[serde(default)]
    pub digest: Digest,
    /// On whose clock hours are meant, as an IANA name.
    #[serde(default = "utc")]
    pub time_zone: Tz,
}

fn utc() -> Tz {
    Tz::UTC
}

/// Hours in which nobody is told anything that can wait, on the person's clock; from 22 to 7 goes over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// From this time on.
    pub from: NaiveTime,
    /// Up to this one.
    pub to: NaiveTime,
}

/// Whether mails come one by one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Digest {
    /// One by one.
    #[default]
    Off,
    /// What came up in an hour, at the full hour.
    Hourly,
    /// What came up in a day, at eight in the morning.
    Daily,
}

impl Preferences {
    /// Those of a person who said nothing.
    pub fn of(id: Uuid, person: Person) -> Self {
        Self { id, person, topics: BTreeMap::new(), quiet: None, digest: Digest::Off, time_zone: Tz::UTC }
    }

    /// By what they are found.
    pub fn key(person: Person) -> String {
        list([person.to_string().as_str()])
    }

    /// When something that happened now is told on a way.
    pub fn due(&self, way: Way, topic: Topic, now: DateTime<Utc>) -> DateTime<Utc> {
        // Whoever asks for a link waits for it.
        if way == Way::InApp || topic == Topic::AccessLink {
            return now;
        }
        let local = now.with_timezone(&self.time_zone).naive_local();
        let collected = match self.digest {
            Digest::Hourly if way == Way::Email => next_at(local, |local| {
                local.date().and_hms_opt(local.hour(), 0, 0).map(|hour| hour + TimeDelta::hours(1))
            }),
            Digest::Daily if way == Way::Email => next_at(local, |local| {
                let eight = local.date().and_hms_opt(8, 0, 0)?;
                Some(if eight > local { eight } else { eight + TimeDelta::days(1) })
            }),
            _ => local,
        };
        let due = self.quiet.map_or(collected, |quiet| quiet.end(collected));
        if due == local { now } else { self.moment(due).max(now) }
    }

    /// The moment at which that time is on their clock; where the clock is put forward over it, the first behind.
    fn moment(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let found = (0..=4).find_map(|quarters| {
            self.time_zone.from_local_datetime(&(local + TimeDelta::minutes(30 * quarters))).earliest()
        });
        found.map_or_else(|| local.and_utc(), |moment| moment.to_utc())
    }
}

fn next_at(local: NaiveDateTime, next: impl Fn(NaiveDateTime) -> Option<NaiveDateTime>) -> NaiveDateTime {
    next(local).unwrap_or(local)
}

impl QuietHours {
    /// The end of the quiet hours in which that time lies; the time itself where it lies in none.
    fn end(self, local: NaiveDateTime) -> NaiveDateTime {
        let (time, date) = (local.time(), local.date());
        let quiet = if self.from <= self.to {
            (self.from..self.to).contains(&time)
        } else {
            time >= self.from || time < self.to
        };
        if !quiet {
            return local;
        }
        let day = if time < self.to { date } else { date.succ_opt().unwrap_or(date) };
        day.and_time(self.to)
    }
}

impl Kept for Preferences {
    const KIND: DocumentKind = DocumentKind::Preferences;

    fn id(&self) -> Uuid {
        self.id
    }

    fn owner(&self) -> Option<CustomerId> {
        self.person.customer()
    }

    fn placement(&self) -> Placement {
        Placement { keys: [Self::key(self.person)].into(), ..Placement::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::AgentId;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn preferences(digest: Digest, quiet: Option<(u32, u32)>, time_zone: Tz) -> Preferences {
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        let quiet = quiet.map(|(from, to)| QuietHours { from: hour(from), to: hour(to) });
        Preferences { quiet, digest, time_zone, ..Preferences::of(Uuid::nil(), Person::Agent(AgentId(Uuid::nil()))) }
    }

    fn due(preferences: &Preferences, way: Way, now: &str) -> String {
        preferences.due(way, Topic::ReplySent, at(now)).to_rfc3339()
    }

    #[test]
    fn nobody_is_woken() {
        let berlin = preferences(Digest::Off, Some((22, 7)), chrono_tz::Europe::Berlin);
        assert_eq!(due(&berlin, Way::Email, "2026-01-05T22:30:00Z"), "2026-01-06T06:00:00+00:00");
        assert_eq!(due(&berlin, Way::Sms, "2026-01-06T03:00:00Z"), "2026-01-06T06:00:00+00:00");
        assert_eq!(due(&berlin, Way::Email, "2026-01-06T06:00:00Z"), "2026-01-06T06:00:00+00:00");
        assert_eq!(due(&berlin, Way::Email, "2026-01-06T20:59:59Z"), "2026-01-06T20:59:59+00:00");
        assert_eq!(due(&berlin, Way::InApp, "2026-01-05T22:30:00Z"), "2026-01-05T22:30:00+00:00");
        let midday = preferences(Digest::Off, Some((12, 13)), Tz::UTC);
        assert_eq!(due(&midday, Way::Push, "2026-01-06T12:20:00Z"), "2026-01-06T13:00:00+00:00");
        // The clock is put forward from two to three.
        let spring = preferences(Digest::Off, Some((22, 2)), chrono_tz::Europe::Berlin);
        assert_eq!(due(&spring, Way::Email, "2026-03-29T00:30:00Z"), "2026-03-29T01:00:00+00:00");
        let link = berlin.due(Way::Email, Topic::AccessLink, at("2026-01-05T22:30:00Z"));
        assert_eq!(link, at("2026-01-05T22:30:00Z"));
    }

    #[test]
    fn a_digest_collects_mails_alone() {
        let hourly = preferences(Digest::Hourly, None, Tz::UTC);
        assert_eq!(due(&hourly, Way::Email, "2026-01-05T10:20:00Z"), "2026-01-05T11:00:00+00:00");
        assert_eq!(due(&hourly, Way::Push, "2026-01-05T10:20:00Z"), "2026-01-05T10:20:00+00:00");
        let daily = preferences(Digest::Daily, None, chrono_tz::America::New_York);
        assert_eq!(due(&daily, Way::Email, "2026-01-05T10:20:00Z"), "2026-01-05T13:00:00+00:00");
        assert_eq!(due(&daily, Way::Email, "2026-01-05T13:00:00Z"), "2026-01-06T13:00:00+00:00");
        let both = preferences(Digest::Daily, Some((7, 9)), Tz::UTC);
        assert_eq!(due(&both, Way::Email, "2026-01-05T10:20:00Z"), "2026-01-06T09:00:00+00:00");
    }
}
