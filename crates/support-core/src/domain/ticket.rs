//! The ticket: what it is, and which changes of it are lawful.
//!
//! Every change is a method that looks at the ticket, the profile, the actor and the moment, and answers a [`Change`] or
//! a refusal. Nothing here stores anything.

mod adopt;
mod alarm;
mod change;
mod close;
mod correct;
mod deadlines;
mod delete;
mod edit;
mod escalate;
mod hold;
mod merge;
mod open;
mod query;
mod rate;
mod reach;
mod relate;
mod reply;
mod split;
mod status;
mod tally;
mod time;
mod watch;

pub use alarm::{AlarmKind, Alarms, Mark};
pub use change::{Change, Context, Post};
pub use close::{Closing, CustomerClosing};
pub use correct::Withdrawal;
pub use edit::Edit;
pub(crate) use edit::link;
pub use escalate::EscalateTo;
pub use open::Opening;
pub(crate) use open::{CheckedOpening, ForCustomer, NewIds, owner};
pub use query::{AssigneeFilter, Cursor, Pace, SlaFilter, Sort, SortKey, TicketFilter, TicketQuery, TicketSummary};
pub use reach::NewReach;

use crate::domain::{
    access::Holding,
    actor::{AgentRef, Signature},
    fault::Fault,
    id::{CustomerId, TicketId},
    key::{CategoryKey, PriorityKey, StatusKey},
    profile::{Phase, Profile},
    sla::SlaLog,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A request for help and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// What people call it. A label: knowing it opens nothing.
    pub number: String,
    /// Rises with every change that a decision depends on; messages that change nothing else leave it alone.
    pub version: u64,
    /// Whose it is.
    pub customer: CustomerId,
    /// Their name, for agents.
    pub customer_name: String,
    /// Their tier in the host's directory; rules ask for it.
    pub customer_tier: Option<String>,
    /// Who opened it: the customer, or staff for them.
    pub opened_by: Signature,
    /// In one line.
    pub subject: String,
    /// What it is about.
    pub category: Option<CategoryKey>,
    /// How urgent.
    pub priority: PriorityKey,
    /// Where it stands in the workflow.
    pub status: StatusKey,
    /// What that status means to the rules.
    pub phase: Phase,
    /// How it came in.
    pub source: Source,
    /// How the customer wants to be reached.
    pub contact: Option<Contact>,
    /// Where.
    pub reach: Reach,
    /// The language it is written in, as a short tag in lower case.
    pub language: Option<String>,
    /// Who works on it.
    pub assignee: Option<AgentRef>,
    /// Which team it was handed to.
    pub team: Option<String>,
    /// How often it was raised; 0 at first.
    pub escalation_level: u32,
    /// Free words to find it by, in lower case.
    pub tags: BTreeSet<String>,
    /// Data for the host's own use; only staff read it. It may have come from the customer.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// Values of the profile's custom fields.
    pub fields: serde_json::Map<String, serde_json::Value>,
    /// Things of the host that it is about.
    pub related: Vec<Related>,
    /// Staff who want to hear of it, whoever works on it. Watching gives no right to see it.
    pub watchers: Vec<AgentRef>,
    /// How it was solved.
    pub resolution: Option<Resolution>,
    /// What the customer says of the help.
    pub satisfaction: Option<Satisfaction>,
    /// What its clocks have heard.
    pub sla: SlaLog,
    /// Where the clocks stand, as of the last change.
    pub pace: Pace,
    /// When a job has to look at it again, as of the last change.
    pub alarms: Alarms,
    /// What the jobs have told and done already.
    pub marks: BTreeSet<Mark>,
    /// The ticket in which it went up.
    pub merged_into: Option<TicketId>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last changed or written on, as far as its customer may know: notes and escalations do not count.
    pub updated_at: DateTime<Utc>,
    /// When staff first answered in public.
    pub first_response_at: Option<DateTime<Utc>>,
    /// When it was resolved; none again after reopening.
    pub resolved_at: Option<DateTime<Utc>>,
    /// When it was closed; none again after reopening.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was deleted. It is in no list then, and only an admin can bring it back.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl Ticket {
    /// The ticket as its customer may see it: what only staff may know is empty.
    #[must_use]
    pub fn for_customer(mut self, profile: &Profile) -> Self {
        if let Some(resolution) = &mut self.resolution {
            resolution.notes = None;
        }
        self.fields.retain(|key, _| profile.fields.iter().any(|field| field.key == *key && !field.internal));
        Self {
            metadata: serde_json::Map::new(),
            team: None,
            escalation_level: 0,
            customer_tier: None,
            watchers: Vec::new(),
            alarms: Alarms::default(),
            marks: BTreeSet::new(),
            ..self
        }
    }

    /// Whose capacity it takes up: the assignee's, until it ends.
    pub fn occupies(&self) -> Option<&AgentRef> {
        self.assignee.as_ref().filter(|_| !self.phase.is_done() && self.deleted_at.is_none())
    }

    /// What access depends on.
    pub fn holding(&self) -> Holding {
        Holding { customer: self.customer, assignee: self.assignee.as_ref().map(|agent| agent.id) }
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word on the wire and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The one that is called `word`.
            ///
            /// # Errors
            /// A fault of `field` that lists the known words.
            pub fn find(field: &str, word: &str) -> Result<Self, Fault> {
                let found = Self::ALL.iter().copied().find(|known| known.as_str() == word);
                found.ok_or_else(|| Fault::unknown(field, word, Self::ALL.iter().map(|known| known.as_str())))
            }
        }
    )*};
}

words! {
    /// How a ticket came in.
    Source {
        /// A form or the API.
        Web = "web",
        /// A mail.
        Email = "email",
        /// A call.
        Phone = "phone",
        /// A chat.
        Chat = "chat",
    }

    /// How a customer wants to be reached.
    Contact {
        /// By mail.
        Email = "email",
        /// By phone.
        Phone = "phone",
        /// Any way.
        Either = "either",
    }

    /// How a ticket ended (S1, "Resolution Types").
    ResolutionKind {
        /// Completely.
        Solved = "solved",
        /// Another way was shown.
        Workaround = "workaround",
        /// Another ticket is about the same.
        Duplicate = "duplicate",
        /// It could not be seen.
        CannotReproduce = "cannot_reproduce",
        /// On purpose.
        WontFix = "wont_fix",
        /// In another way.
        Other = "other",
    }
}

/// Where a person can be reached, as far as the ticket itself knows: for people without an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Their mail address, as they wrote it.
    pub email: Option<String>,
    /// Their phone number, as they wrote it.
    pub phone: Option<String>,
    /// What the mail address is found by: itself in lower case, or a keyed hash of that where addresses are sealed.
    pub email_key: Option<String>,
}

/// A thing of the host that a ticket is about: a booking, an order, a vehicle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Related {
    /// What kind of thing, in the host's word.
    pub kind: String,
    /// Which one, in the host's id.
    pub id: String,
    /// What to call it, as the host's directory said when the link was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// How a ticket was solved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// In which way.
    pub kind: ResolutionKind,
    /// What was done; the customer may read it.
    pub summary: String,
    /// What staff should know; the customer never reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// What a customer says of the help. Given once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Satisfaction {
    /// One to five (S1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<u8>,
    /// Yes or no (S0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfied: Option<bool>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<String>,
}
