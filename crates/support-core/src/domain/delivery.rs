//! An announcement on its way to one listener: what was tried, what is tried again, and what was given up.

use crate::domain::{
    announcement::AnnouncementKind,
    document::{DocumentKind, Kept, Placement, list},
    fault::Refusal,
    id::{DeliveryId, EventId, TicketId},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// An announcement and one who is told of it. It holds ids and no words: what is told is found anew each time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Its number among all of its sink: what happened first has the lower one.
    pub number: u64,
    /// To whom: the name of a sink, or `webhook/` and an id.
    pub sink: String,
    /// What happened.
    pub source: Source,
    /// As what it is told.
    pub kind: AnnouncementKind,
    /// What was tried, the oldest first.
    pub attempts: Vec<Attempt>,
    /// How it stands.
    pub state: DeliveryState,
    /// When it became one.
    pub created_at: DateTime<Utc>,
}

/// Where what is told is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Source {
    /// In the trail of a ticket.
    Event {
        /// Which entry.
        event: EventId,
        /// Of which ticket.
        ticket: TicketId,
    },
    /// Beside tickets.
    Thing {
        /// Which [`Announced`](crate::domain::announcement::Announced).
        announced: Uuid,
        /// About what.
        about: Uuid,
    },
}

impl Source {
    /// What stands in line: things about the same are told one behind the other.
    pub fn line(self) -> Uuid {
        match self {
            Self::Event { ticket, .. } => ticket.uuid(),
            Self::Thing { about, .. } => about,
        }
    }

    /// The id by which whoever listens knows it.
    pub fn id(self) -> Uuid {
        match self {
            Self::Event { event, .. } => event.uuid(),
            Self::Thing { announced, .. } => announced,
        }
    }
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// What was answered, where it was HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it was not taken; none where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum DeliveryState {
    /// It is tried again.
    Waiting {
        /// When.
        at: DateTime<Utc>,
    },
    /// What is about the same thing and happened before is told first.
    Behind,
    /// It was taken.
    Delivered {
        /// When.
        at: DateTime<Utc>,
    },
    /// It was tried as often as it is; an admin can have it tried again, or drop it.
    Dead {
        /// When it was given up.
        at: DateTime<Utc>,
    },
    /// An admin dropped it.
    Dropped {
        /// When.
        at: DateTime<Utc>,
    },
}

impl DeliveryState {
    /// The words on the wire.
    pub const WORDS: [&'static str; 5] = ["waiting", "behind", "delivered", "dead", "dropped"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Behind => "behind",
            Self::Delivered { .. } => "delivered",
            Self::Dead { .. } => "dead",
            Self::Dropped { .. } => "dropped",
        }
    }

    /// Whether it is still to be told.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting { .. } | Self::Behind)
    }
}

/// How often, and how long after the try before, something is told again that was not taken.
pub(crate) fn pause(schedule: &[TimeDelta], failures: usize, random: u64) -> Option<TimeDelta> {
    let pause = *schedule.get(failures.checked_sub(1)?)?;
    // Up to a tenth more, so that what failed together is not tried together for ever.
    let most = u64::try_from(pause.num_milliseconds() / 10).unwrap_or(0);
    let more = if most == 0 { 0 } else { random % most };
    Some(pause + TimeDelta::milliseconds(i64::try_from(more).unwrap_or(0)))
}

impl Delivery {
    /// Those that are tried again, of one sink, by when.
    pub fn due(sink: &str) -> String {
        list(["due", sink])
    }

    /// Those of one sink that are still to be told about the same, in their order.
    pub fn line(sink: &str, line: Uuid) -> String {
        list(["line", sink, line.to_string().as_str()])
    }

    /// Those of one sink that are still to be told.
    pub fn open(sink: &str) -> String {
        list(["open", sink])
    }

    /// Those of a sink, or of all, in one state or in any, by their age.
    pub fn list(sink: Option<&str>, state: Option<&str>) -> String {
        list(["all", sink.unwrap_or("*"), state.unwrap_or("*")])
    }

    /// By what the delivery of an announcement to a sink is found.
    pub fn key(sink: &str, announcement: Uuid) -> String {
        list([sink, announcement.to_string().as_str()])
    }

    /// The delivery as it is tried again now, because an admin wants it.
    pub(crate) fn retry(self, now: DateTime<Utc>) -> Result<Self, Refusal> {
        match self.state {
            DeliveryState::Delivered { .. } => Err(Refusal::State("it was delivered already")),
            DeliveryState::Behind => Err(Refusal::State("what happened before it is told first")),
            _ => Ok(Self { state: DeliveryState::Waiting { at: now }, ..self }),
        }
    }

    /// The delivery as given up by an admin.
    pub(crate) fn drop(self, now: DateTime<Utc>) -> Result<Self, Refusal> {
        match self.state {
            DeliveryState::Delivered { .. } => Err(Refusal::State("it was delivered already")),
            DeliveryState::Dropped { .. } => Err(Refusal::State("it was dropped already")),
            _ => Ok(Self { state: DeliveryState::Dropped { at: now }, ..self }),
        }
    }
}

impl Kept for Delivery {
    const KIND: DocumentKind = DocumentKind::Delivery;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn placement(&self) -> Placement {
        let (sink, word) = (self.sink.as_str(), self.state.as_str());
        let made = self.created_at.timestamp_millis();
        let place = i64::try_from(self.number).unwrap_or(i64::MAX);
        let mut lists = BTreeMap::new();
        for sink in [None, Some(sink)] {
            for state in [None, Some(word)] {
                lists.insert(Self::list(sink, state), made);
            }
        }
        if self.state.is_open() {
            lists.insert(Self::open(sink), place);
            lists.insert(Self::line(sink, self.source.line()), place);
        }
        if let DeliveryState::Waiting { at } = self.state {
            lists.insert(Self::due(sink), at.timestamp_millis());
        }
        Placement { keys: [Self::key(sink, self.source.id())].into(), lists }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_follow_the_schedule_and_end() {
        let schedule = [TimeDelta::seconds(5), TimeDelta::minutes(5)];
        assert_eq!(pause(&schedule, 1, 0), Some(TimeDelta::seconds(5)));
        assert_eq!(pause(&schedule, 1, 499), Some(TimeDelta::milliseconds(5_499)));
        assert_eq!(pause(&schedule, 2, 30_000), Some(TimeDelta::minutes(5)));
        assert_eq!(pause(&schedule, 3, 0), None);
        assert_eq!(pause(&schedule, 0, 0), None);
    }
}
