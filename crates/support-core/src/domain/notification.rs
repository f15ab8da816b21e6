//! What people are told, on which way, and when.

mod preferences;
mod rule;

pub use preferences::{Digest, Preferences, QuietHours};
pub use rule::NotificationRule;

use crate::domain::{
    document::{DocumentKind, Kept, Placement, list},
    id::{AgentId, CustomerId, NotificationId, TicketId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};
use uuid::Uuid;

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "id")]
pub enum Person {
    /// A customer.
    Customer(CustomerId),
    /// Somebody on the staff.
    Agent(AgentId),
}

impl Person {
    /// The id with the host.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Customer(id) => id.uuid(),
            Self::Agent(id) => id.uuid(),
        }
    }

    /// The customer, if it is one.
    pub fn customer(self) -> Option<CustomerId> {
        match self {
            Self::Customer(id) => Some(id),
            Self::Agent(_) => None,
        }
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(id) => write!(f, "customer {id}"),
            Self::Agent(id) => write!(f, "agent {id}"),
        }
    }
}

/// A way to tell somebody something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The inbox inside the application.
    InApp,
    /// Mail.
    Email,
    /// A text message.
    Sms,
    /// A notice on their devices.
    Push,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::InApp, Self::Email, Self::Sms, Self::Push];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InApp => "in_app",
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Push => "push",
        }
    }
}

macro_rules! topics {
    ($($(#[$doc:meta])* $topic:ident $word:literal $staff:literal;)*) => {
        /// What somebody is told.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Topic {
            $($(#[$doc])* $topic,)*
        }

        impl Topic {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$topic,)*];

            /// The word on the wire, and the name of its templates.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$topic => $word,)*
                }
            }

            /// Whether it is for staff; the others are for customers.
            pub fn is_for_staff(self) -> bool {
                match self {
                    $(Self::$topic => $staff,)*
                }
            }
        }
    };
}

topics! {
    /// To the customer: we have your ticket.
    TicketReceived "ticket_received" false;
    /// To the customer: somebody has answered.
    ReplySent "reply_sent" false;
    /// To the customer: the status is another one.
    StatusChanged "status_changed" false;
    /// To the customer: it is solved.
    TicketResolved "ticket_resolved" false;
    /// To the customer: it is closed.
    TicketClosed "ticket_closed" false;
    /// To the customer: how did it go?
    Survey "survey" false;
    /// To the customer: the call is arranged, moved or cancelled.
    Callback "callback" false;
    /// To the customer: would you write a review?
    ReviewRequest "review_request" false;
    /// To whoever opened a ticket without an account: this is the way back to it.
    AccessLink "access_link" false;
    /// To an agent: it is yours.
    TicketAssigned "ticket_assigned" true;
    /// To the agent and the watchers: the customer wrote.
    CustomerReplied "customer_replied" true;
    /// To the agent and the watchers: a colleague left a note.
    NoteAdded "note_added" true;
    /// To the agent and the watchers: it was opened again.
    TicketReopened "ticket_reopened" true;
    /// To whoever it went to, and the watchers.
    TicketEscalated "ticket_escalated" true;
    /// To the agent and the watchers: it will soon be late.
    SlaAtRisk "sla_at_risk" true;
    /// To the agent and the watchers: it is late.
    SlaBreached "sla_breached" true;
    /// To the agent: the customer rated the help.
    TicketRated "ticket_rated" true;
    /// To whoever set it up: a webhook was switched off.
    WebhookDisabled "webhook_disabled" true;
}

impl Topic {
    /// The topic of that word.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|topic| topic.as_str() == word)
    }
}

/// Something that a person is told on one way. It holds ids and no words: those are found when it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Who.
    pub person: Person,
    /// How.
    pub way: Way,
    /// What.
    pub topic: Topic,
    /// On which ticket.
    pub ticket: Option<TicketId>,
    /// Which message, callback, survey or webhook it is about.
    pub about: Option<Uuid>,
    /// What happened: the same is told to a person once on each way.
    pub cause: Uuid,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// How it stands.
    pub state: NotificationState,
}

/// How a notification stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum NotificationState {
    /// It will be told.
    Due {
        /// When.
        at: DateTime<Utc>,
        /// How often it was tried.
        attempts: u32,
    },
    /// It was told; in the inbox, it lies there.
    Told {
        /// When.
        at: DateTime<Utc>,
        /// A digest of the address it went to, to count what one address gets.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// When they have read it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        read: Option<DateTime<Utc>>,
    },
    /// It could not be told.
    Failed {
        /// When it was given up.
        at: DateTime<Utc>,
        /// Why.
        why: String,
    },
}

impl Notification {
    /// Those that will be told on some way, by when.
    pub const DUE: &'static str = "due";

    /// The inbox of a person, by when things happened.
    pub fn inbox(person: Person) -> String {
        list(["inbox", person.to_string().as_str()])
    }

    /// What they have not read of it.
    pub fn unread(person: Person) -> String {
        list(["unread", person.to_string().as_str()])
    }

    /// What one address was sent, by when; for the digest of an address.
    pub fn sent_to(address: &str) -> String {
        list(["sent", address])
    }

    /// Once for each cause, person and way.
    pub fn key(cause: Uuid, person: Person, way: Way) -> String {
        list([cause.to_string().as_str(), person.to_string().as_str(), way.as_str()])
    }
}

impl Kept for Notification {
    const KIND: DocumentKind = DocumentKind::Notification;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Option<CustomerId> {
        self.person.customer()
    }

    fn placement(&self) -> Placement {
        let mut lists = BTreeMap::new();
        match &self.state {
            NotificationState::Due { at, .. } => {
                lists.insert(Self::DUE.to_owned(), at.timestamp_millis());
            }
            NotificationState::Told { read, .. } if self.way == Way::InApp => {
                lists.insert(Self::inbox(self.person), self.at.timestamp_millis());
                if read.is_none() {
                    lists.insert(Self::unread(self.person), self.at.timestamp_millis());
                }
            }
            NotificationState::Told { at, to, .. } => {
                lists.extend(to.as_deref().map(|to| (Self::sent_to(to), at.timestamp_millis())));
            }
            NotificationState::Failed { .. } => {}
        }
        // What has become old is found by its age, whatever it is.
        lists.insert("all".to_owned(), self.at.timestamp_millis());
        Placement { keys: [Self::key(self.cause, self.person, self.way)].into(), lists }
    }
}

/// What a person is told, with all the words that are needed for it.
#[derive(Clone, PartialEq)]
pub struct Letter {
    /// The same when it is sent again.
    pub id: NotificationId,
    /// To whom.
    pub person: Person,
    /// Where to: a mail address, a phone number, or what a device is reached by.
    pub address: String,
    /// What they are called; empty where nobody knows.
    pub name: String,
    /// The language they read, as a tag such as `de`.
    pub language: Option<String>,
    /// What they are told; several in a digest, the oldest first.
    pub stories: Vec<Story>,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("id", &self.id).field("stories", &self.stories.len()).finish_non_exhaustive()
    }
}

/// One thing that somebody is told.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Story {
    /// What.
    pub topic: Topic,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// On which ticket.
    pub ticket: Option<TicketId>,
    /// What people call that.
    pub number: Option<String>,
    /// What it is about, in one line.
    pub subject: Option<String>,
    /// Who wrote or did it, where that may be known.
    pub actor: Option<String>,
    /// What was written.
    pub text: Option<String>,
    /// What else there is to say: `status`, `priority`, `assignee`, `clock`, `dueAt`, `scheduledTime`, `token`, `rating`,
    /// `surveyId`, `reason`.
    pub data: serde_json::Map<String, serde_json::Value>,
}

impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Story").field("topic", &self.topic).field("ticket", &self.ticket).finish_non_exhaustive()
    }
}
