//! Files that people upload: what may come in, under which name, and who may have it.

mod kind;
mod name;

pub use kind::{FileKind, Inspection};
pub use name::{file_name, key_name};

use crate::domain::{
    actor::{Actor, Signature},
    document::{DocumentKind, Kept, Placement, list},
    fault::{Fault, Faults},
    id::{AttachmentId, CustomerId, MessageId, ReviewId, TicketId},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// What it hangs on.
    pub on: AttachedTo,
    /// Whose data it is.
    pub customer: Option<CustomerId>,
    /// Who uploaded it.
    pub uploader: Signature,
    /// Its name, as it was uploaded.
    pub file_name: String,
    /// What it is, by its content.
    pub kind: FileKind,
    /// Bytes.
    pub size: u64,
    /// The SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// Under which key the file store keeps it.
    pub key: String,
    /// Whether it can be fetched.
    pub safety: Safety,
    /// Whether only staff may have it.
    pub internal: bool,
    /// When it came.
    pub created_at: DateTime<Utc>,
}

/// What a file hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum AttachedTo {
    /// Nothing yet: its uploader can name it when they write something. What nobody names within [`STAGED`] goes.
    Nothing,
    /// A ticket.
    Ticket {
        /// Which.
        ticket: TicketId,
        /// With this message, if with one.
        message: Option<MessageId>,
    },
    /// A review, whose state says who may see its photos.
    Review {
        /// Which.
        review: ReviewId,
    },
}

/// Whether a file can be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Safety {
    /// This desk has no scanner.
    Unscanned,
    /// Not before it was scanned.
    Quarantined,
    /// A scanner found nothing.
    Clean,
    /// A scanner found something. The bytes are gone, the entry stays.
    Infected {
        /// What.
        name: String,
    },
}

impl Safety {
    /// Whether the file can be fetched.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Unscanned | Self::Clean)
    }

    /// The word on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unscanned => "unscanned",
            Self::Quarantined => "quarantined",
            Self::Clean => "clean",
            Self::Infected { .. } => "infected",
        }
    }
}

/// The most files that wait to be named, for each person.
pub const STAGED_EACH: u64 = 50;

/// How long a file waits to be named.
pub const STAGED: TimeDelta = TimeDelta::hours(24);

/// What a desk takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttachmentRule {
    /// Bytes of a file.
    pub max_bytes: u64,
    /// Files in one upload, or named by one message.
    pub at_once: usize,
    /// Files on one ticket.
    pub per_ticket: u32,
    /// What kinds.
    pub kinds: BTreeSet<FileKind>,
}

impl Default for AttachmentRule {
    fn default() -> Self {
        Self {
            max_bytes: 10 * 1_024 * 1_024,
            at_once: 10,
            per_ticket: 200,
            kinds: FileKind::ALL.iter().copied().collect(),
        }
    }
}

impl AttachmentRule {
    pub(crate) fn validate(&self, path: &str, faults: &mut Faults) {
        if self.max_bytes == 0 {
            faults.push(Fault::new(format!("{path}.max_bytes"), "must be more than nothing"));
        }
        if self.at_once == 0 || self.per_ticket == 0 {
            faults.push(Fault::new(path, "must take at least one file"));
        }
    }
}

/// A file that is about to come, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewFile {
    /// What the input calls it, for faults.
    pub field: String,
    /// Its name.
    pub name: String,
    /// What the client says it is, as a media type.
    pub declared: Option<String>,
    /// Whether only staff may have it.
    pub internal: bool,
}

impl NewFile {
    /// The name, and what the file has to be by it.
    pub(crate) fn check(&self, rule: &AttachmentRule) -> Result<(String, FileKind), Fault> {
        let name = file_name(&self.field, &self.name)?;
        let kind = FileKind::of_name(&name).filter(|kind| rule.kinds.contains(kind)).ok_or_else(|| {
            let known = rule.kinds.iter().flat_map(|kind| kind.extensions().iter().copied());
            Fault {
                allowed: known.map(str::to_owned).collect(),
                ..Fault::new(&self.field, "is of a type that is not taken")
            }
        })?;
        match self.declared.as_deref() {
            Some(declared) if !kind.may_be_called(declared) => {
                let message = format!("is named as {}, but declared as something else", kind.media_type());
                Err(Fault::new(&self.field, message))
            }
            _ => Ok((name, kind)),
        }
    }
}

impl Attachment {
    /// Those that wait to be scanned, by when they came.
    pub const QUARANTINE: &'static str = "quarantine";
    /// Those that wait to be named, by when they came.
    pub const STAGED: &'static str = "staged";

    /// Those that wait to be named by this person.
    pub fn staged_by(uploader: Uuid) -> String {
        list([Self::STAGED, uploader.to_string().as_str()])
    }

    /// Those of a ticket, by when they came.
    pub fn of_ticket(ticket: TicketId) -> String {
        list(["ticket", ticket.to_string().as_str()])
    }

    /// Those that came with a message, by when they came.
    pub fn of_message(message: MessageId) -> String {
        list(["message", message.to_string().as_str()])
    }

    /// Those of a review, by when they came.
    pub fn of_review(review: ReviewId) -> String {
        list(["review", review.to_string().as_str()])
    }

    /// Where a file with this content stands on this ticket, if it was uploaded before.
    pub fn twins(ticket: TicketId, sha256: &str) -> String {
        list(["ticket", ticket.to_string().as_str(), sha256])
    }

    /// Whether the actor uploaded it.
    pub fn is_by(&self, actor: &Actor) -> bool {
        let own = actor.signature();
        own.id.is_some() && own.id == self.uploader.id && own.role.is_staff() == self.uploader.role.is_staff()
    }

    /// Which ticket it hangs on.
    pub fn ticket(&self) -> Option<TicketId> {
        match self.on {
            AttachedTo::Ticket { ticket, .. } => Some(ticket),
            AttachedTo::Nothing | AttachedTo::Review { .. } => None,
        }
    }
}

impl Kept for Attachment {
    const KIND: DocumentKind = DocumentKind::Attachment;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Option<CustomerId> {
        self.customer
    }

    fn placement(&self) -> Placement {
        let at = self.created_at.timestamp_millis();
        let mut lists = BTreeMap::new();
        match self.on {
            AttachedTo::Nothing => {
                lists.insert(Self::STAGED.to_owned(), at);
                lists.extend(self.uploader.id.map(|id| (Self::staged_by(id), at)));
            }
            AttachedTo::Ticket { ticket, message } => {
                lists.insert(Self::of_ticket(ticket), at);
                lists.insert(Self::twins(ticket, &self.sha256), at);
                lists.extend(message.map(|message| (Self::of_message(message), at)));
            }
            AttachedTo::Review { review } => {
                lists.insert(Self::of_review(review), at);
            }
        }
        if self.safety == Safety::Quarantined {
            lists.insert(Self::QUARANTINE.to_owned(), at);
        }
        Placement { lists, ..Placement::default() }
    }
}
