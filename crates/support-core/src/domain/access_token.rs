//! What opens a ticket without a sign-in.
//!
//! A ticket number is a label: it stands in mails and is easily guessed. So a ticket that was opened without an account (S4)
//! is opened again with a token: random, kept only as a digest, good for that ticket alone, and revocable.

use crate::domain::{
    document::{DocumentKind, Kept, Placement, list},
    id::{AccessId, CustomerId, TicketId},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// That a token opens a ticket. The token itself is kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// Its id.
    pub id: AccessId,
    /// Which ticket.
    pub ticket: TicketId,
    /// As whom: the ticket's own customer, whom no host knows.
    pub customer: CustomerId,
    /// The digest of the token, in hexadecimal.
    pub digest: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// The most tokens of a ticket; the oldest goes first.
pub(crate) const MOST: usize = 5;

/// Between two mails with a link to the same ticket: whoever asks for it again and again fills nobody's mailbox.
pub(crate) const PAUSE: TimeDelta = TimeDelta::minutes(10);

impl AccessToken {
    /// By what a token of this digest is found.
    pub fn key(digest: &str) -> String {
        list(["digest", digest])
    }

    /// The tokens of a ticket, by when they were made.
    pub fn list(ticket: TicketId) -> String {
        list(["ticket", ticket.to_string().as_str()])
    }
}

impl Kept for AccessToken {
    const KIND: DocumentKind = DocumentKind::Access;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Option<CustomerId> {
        Some(self.customer)
    }

    fn placement(&self) -> Placement {
        Placement {
            keys: [Self::key(&self.digest)].into(),
            lists: [(Self::list(self.ticket), self.created_at.timestamp_millis())].into(),
        }
    }
}
