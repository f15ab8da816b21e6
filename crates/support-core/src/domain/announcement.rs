//! What the desk tells the outside: every event of the specification (S0, "Domain Events"; S4, "Events Published") and what
//! else a trail knows, under stable names.
//!
//! An announcement is made when it is told, of what the store holds then. So what waits to be told holds ids and no words, and
//! nobody who was erased is told about later.

mod kind;
mod payload;

pub use kind::{AnnouncementKind, Naming};

use crate::domain::{
    document::{Document, DocumentKind, Kept, Placement, list},
    event::Event,
    id::{AnnouncementId, CustomerId, TicketId},
    message::Message,
    ticket::Ticket,
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The form of all payloads. It rises when a field is taken away or comes to mean something else; never for one that is new.
pub const VERSION: u32 = 1;

/// How a desk speaks to the outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventRule {
    /// In which of the specification's two ways events are named.
    pub naming: Naming,
    /// Who speaks: the `source` of every event, a URI or path. It tells the desks of one broker apart.
    pub source: String,
}

impl Default for EventRule {
    fn default() -> Self {
        Self { naming: Naming::default(), source: "/support-desk".to_owned() }
    }
}

/// Who listens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Other parts of the host, and whoever a webhook belongs to: nothing of internal notes, nor of what staff wrote for
    /// each other; but the reason of an escalation, which belongs to its payload (S0, `IssueEscalated`).
    #[default]
    Outside,
    /// Staff alone: all of it.
    Staff,
}

/// Something that happened, as it is told to the outside.
#[derive(Debug, Clone, PartialEq)]
pub struct Announcement {
    /// Known by this, however often it is told.
    pub id: Uuid,
    /// What happened.
    pub kind: AnnouncementKind,
    /// What that is called here.
    pub name: &'static str,
    /// Who speaks.
    pub source: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// On which ticket, if on one. What is about one ticket is told in order.
    pub ticket: Option<TicketId>,
    /// What it is about, such as `tickets/0190…`.
    pub subject: String,
    /// What there is to say, in the spelling of the naming.
    pub data: Map<String, Value>,
}

impl Announcement {
    /// What an entry of a trail comes to; none where this audience has no business with it. `message` is the one that it tells of,
    /// as it reads now.
    pub fn of_event(
        event: &Event,
        ticket: &Ticket,
        message: Option<&Message>,
        rule: &EventRule,
        audience: Audience,
    ) -> Option<Self> {
        let kind = AnnouncementKind::of_event(event);
        if audience == Audience::Outside && kind.is_internal(event) {
            return None;
        }
        let data = payload::of_event(event, ticket, message, audience);
        let mut told = Self::new(event.id.uuid(), kind, event.at, rule, data);
        told.ticket = Some(ticket.id);
        told.subject = format!("tickets/{}", ticket.id);
        Some(told)
    }

    /// What something beside tickets comes to. `thing` is what it is about; without it, it is gone, and only ids are told.
    pub fn of_thing(announced: &Announced, thing: Option<&Document>, rule: &EventRule) -> Self {
        let data = payload::of_thing(announced, thing);
        let mut told = Self::new(announced.id.uuid(), announced.kind, announced.at, rule, data);
        told.subject = format!("{}/{}", announced.kind.noun(), announced.about);
        told
    }

    /// One that says nothing and means nothing, for people who try whether they are heard.
    pub fn trial(id: Uuid, at: DateTime<Utc>, rule: &EventRule) -> Self {
        let data = payload::object(json!({ "message": "This is a test. Nothing has happened." }));
        Self { subject: "tests".to_owned(), ..Self::new(id, AnnouncementKind::Test, at, rule, data) }
    }

    fn new(id: Uuid, kind: AnnouncementKind, at: DateTime<Utc>, rule: &EventRule, data: Map<String, Value>) -> Self {
        let name = kind.name(rule.naming);
        let data = payload::spelled(kind, data, rule.naming);
        Self { id, kind, name, source: rule.source.clone(), at, ticket: None, subject: String::new(), data }
    }

    /// The whole of it as JSON: an event of the specification `CloudEvents` 1.0. In the naming of S4 it also has the two fields of that document's
    /// messages, `event` and `timestamp`, as extensions.
    ///
    /// ```
    /// use support_core::domain::announcement::{Announcement, EventRule};
    /// let told = Announcement::trial(uuid::Uuid::nil(), chrono::DateTime::UNIX_EPOCH, &EventRule::default());
    /// assert_eq!(told.envelope()["specversion"], "1.0");
    /// assert_eq!(told.envelope()["event"], "desk.test");
    /// ```
    pub fn envelope(&self) -> Value {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut envelope = json!({
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.name,
            "subject": self.subject,
            "time": at,
            "datacontenttype": "application/json",
            "dataversion": VERSION.to_string(),
            "data": self.data,
        });
        if self.name.contains('.') {
            envelope["event"] = self.name.into();
            envelope["timestamp"] = at.into();
        }
        envelope
    }
}

/// That something happened beside tickets, until everybody was told. It holds ids and no words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// Its id.
    pub id: AnnouncementId,
    /// What happened.
    pub kind: AnnouncementKind,
    /// To which thing.
    pub about: Uuid,
    /// Whose affair it is; forgotten with them.
    pub customer: Option<CustomerId>,
    /// Which of several ratings, or which purchase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Its place among all of them, given by one node at a time: whoever reads on behind a place misses none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u64>,
}

impl Announced {
    /// Those that have no place yet, by when they happened.
    pub const UNPLACED: &'static str = "unplaced";
    /// Those that have one, by it.
    pub const PLACED: &'static str = "placed";

    /// What kind of document it is about.
    pub fn thing(&self) -> Option<DocumentKind> {
        self.kind.thing()
    }
}

impl Kept for Announced {
    const KIND: DocumentKind = DocumentKind::Announcement;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Option<CustomerId> {
        self.customer
    }

    fn placement(&self) -> Placement {
        let (name, place) = match self.place {
            None => (Self::UNPLACED, self.at.timestamp_millis()),
            Some(place) => (Self::PLACED, i64::try_from(place).unwrap_or(i64::MAX)),
        };
        Placement { lists: [(list([name]), place)].into(), ..Placement::default() }
    }
}
