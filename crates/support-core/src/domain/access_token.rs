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
use std::collections::BTreeMap;
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
    /// A digest of the mail address to which it was sent; none of one that was given to whoever opened the ticket.
    #[serde(default)]
    pub mailed_to: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When somebody first came with it: of one that was sent by mail, that they read what is sent there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<DateTime<Utc>>,
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

    /// Those that were sent to this address, by when.
    pub fn mailed(address: &str) -> String {
        list(["mailed", address])
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
        let at = self.created_at.timestamp_millis();
        let mut lists = BTreeMap::from([(Self::list(self.ticket), at)]);
        lists.extend(self.mailed_to.as_deref().map(|address| (Self::mailed(address), at)));
        // Of two that are asked for at once, one is sent.
        let turn = (at / PAUSE.num_milliseconds()).to_string();
        let sent = self.mailed_to.is_some().then(|| list(["sent", self.ticket.to_string().as_str(), turn.as_str()]));
        Placement { keys: sent.into_iter().chain([Self::key(&self.digest)]).collect(), lists }
    }
}
