//! What is done to several tickets at once: merging, splitting, linking. Each is recorded whole, so that it can be undone.

use crate::domain::{
    actor::{AgentRef, Signature},
    fault::Fault,
    id::{MessageId, OperationId, TicketId},
    key::StatusKey,
    ticket::Resolution,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Something that was done to two tickets.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// The ticket it was done from: the one merged away, split, or linked.
    pub ticket: TicketId,
    /// The other: the one merged into, split off, or linked to.
    pub other: TicketId,
    /// What, and what is needed to undo it.
    pub deed: Deed,
    /// Who did it.
    pub by: Signature,
    /// When.
    pub at: DateTime<Utc>,
    /// Who undid it, and when; nobody yet where absent.
    pub undone: Option<Undone>,
}

impl Operation {
    /// Whether it is a link of `ticket` to `other` in this way that still holds. Two tickets that have to do with each
    /// other in some way do so from either side.
    pub fn links(&self, ticket: TicketId, other: TicketId, relation: Relation) -> bool {
        let there = (self.ticket, self.other) == (ticket, other);
        let back = relation == Relation::RelatesTo && (self.ticket, self.other) == (other, ticket);
        self.undone.is_none() && self.deed == Deed::Link { relation } && (there || back)
    }

    /// The other ticket, seen from one of the two.
    pub fn seen_from(&self, ticket: TicketId) -> TicketId {
        if self.ticket == ticket { self.other } else { self.ticket }
    }
}

/// Who undid an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// Who.
    pub by: Signature,
    /// When, kept to the millisecond.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub at: DateTime<Utc>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Deed {
    /// One ticket went up in another: its messages moved there, and it closed as a duplicate.
    Merge {
        /// The messages that moved.
        messages: Vec<MessageId>,
        /// How the ticket stood before.
        before: Before,
    },
    /// Messages of one ticket became another.
    Split {
        /// The messages that moved.
        messages: Vec<MessageId>,
    },
    /// Two tickets have to do with each other.
    Link {
        /// In which way.
        relation: Relation,
    },
}

/// How a ticket stood before it was merged away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// Its status.
    pub status: StatusKey,
    /// Who had it.
    pub assignee: Option<AgentRef>,
    /// How it was solved.
    pub resolution: Option<Resolution>,
}

/// In which way one ticket has to do with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// In some way.
    RelatesTo,
    /// It is about the same.
    Duplicates,
    /// The other cannot end before it.
    Blocks,
    /// The other is a part of it.
    ParentOf,
}

impl Relation {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::RelatesTo, Self::Duplicates, Self::Blocks, Self::ParentOf];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RelatesTo => "relates_to",
            Self::Duplicates => "duplicates",
            Self::Blocks => "blocks",
            Self::ParentOf => "parent_of",
        }
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
