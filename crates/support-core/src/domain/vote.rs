//! That somebody found something helpful, or not: once for each person.

use crate::domain::{
    document::{DocumentKind, Kept, Placement, list},
    id::{ArticleId, CustomerId, ReviewId, VoteId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What can be voted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VotedOn {
    /// A help article.
    Article(ArticleId),
    /// A published review.
    Review(ReviewId),
}

/// Who votes: one vote each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voter {
    /// A customer.
    Customer(CustomerId),
    /// Somebody on the staff.
    Staff(Uuid),
    /// Somebody without a sign-in: a digest of what tells visitors apart.
    Visitor(String),
}

/// A vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Its id.
    pub id: VoteId,
    /// On what.
    pub on: VotedOn,
    /// Whose.
    pub by: Voter,
    /// Whether it was helpful.
    pub helpful: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// What all votes on something come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Votes {
    /// So many found it helpful.
    pub helpful: u64,
    /// So many did not.
    pub not_helpful: u64,
}

impl VotedOn {
    fn name(self) -> String {
        match self {
            Self::Article(id) => format!("article/{id}"),
            Self::Review(id) => format!("review/{id}"),
        }
    }

    /// The lists of those who found it helpful, and of those who did not.
    pub fn lists(self) -> [String; 2] {
        ["helpful", "not_helpful"].map(|said| format!("{}/{said}", self.name()))
    }
}

impl Vote {
    /// By what the vote of this person is found.
    pub fn key(on: VotedOn, by: &Voter) -> String {
        let who = match by {
            Voter::Customer(id) => list(["customer", id.to_string().as_str()]),
            Voter::Staff(id) => list(["staff", id.to_string().as_str()]),
            Voter::Visitor(digest) => list(["visitor", digest]),
        };
        format!("{}/{who}", on.name())
    }
}

impl Kept for Vote {
    const KIND: DocumentKind = DocumentKind::Vote;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Option<CustomerId> {
        match self.by {
            Voter::Customer(id) => Some(id),
            Voter::Staff(_) | Voter::Visitor(_) => None,
        }
    }

    fn placement(&self) -> Placement {
        let [helpful, not] = self.on.lists();
        let list = if self.helpful { helpful } else { not };
        Placement { keys: [Self::key(self.on, &self.by)].into(), lists: [(list, self.at.timestamp_millis())].into() }
    }
}
