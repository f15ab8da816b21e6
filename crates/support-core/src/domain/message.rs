//! What people write on a ticket.

use crate::domain::{
    actor::{Role, Signature},
    fault::{Fault, Faults},
    id::{AttachmentId, MessageId, TicketId},
    profile::Limits,
    text::TextRule,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A message or an internal note. Its author may correct or withdraw it for a while; the trail keeps what it said.
///
/// The text with which a ticket was opened is its first message; no copy of it is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// On which ticket.
    pub ticket: TicketId,
    /// Who wrote it.
    pub author: Signature,
    /// What, as plain text: escaping belongs to whoever displays it.
    pub body: String,
    /// Whether it is a note that only staff may see.
    pub internal: bool,
    /// Links that came with it.
    pub attachments: Vec<Attachment>,
    /// When, kept to the millisecond.
    pub sent_at: DateTime<Utc>,
    /// How often it was changed; guards against two changes at once.
    pub revision: u32,
    /// When it was last corrected.
    pub edited_at: Option<DateTime<Utc>>,
    /// When it was withdrawn: text and links are empty then.
    pub deleted_at: Option<DateTime<Utc>>,
    /// When the other side first read it; always none for a note.
    pub read_at: Option<DateTime<Utc>>,
}

/// One of the two sides of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The customer.
    Customer,
    /// Staff, and the system on their behalf.
    Staff,
}

impl Side {
    /// On which side somebody in this role stands.
    pub fn of(role: Role) -> Self {
        if role.is_staff() { Self::Staff } else { Self::Customer }
    }
}

impl Message {
    /// Whether `side` has yet to read it: public, written by the other side, not withdrawn and not read.
    pub fn is_unread_by(&self, side: Side) -> bool {
        self.is_for(side) && self.read_at.is_none()
    }

    /// Whether it was written by whoever signs like that: on the same side and with the same id. What has no id is known
    /// by its name.
    pub fn is_by(&self, who: &Signature) -> bool {
        let author = &self.author;
        let same = Side::of(author.role) == Side::of(who.role) && author.id == who.id;
        same && (author.id.is_some() || author == who)
    }

    /// Whether it is something for `side` to read.
    pub fn is_for(&self, side: Side) -> bool {
        !self.internal && self.deleted_at.is_none() && Side::of(self.author.role) != side
    }
}

/// A link that came with a message. It is kept as text and never fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// An `http` or `https` address, or the id of a file that came with the message.
    pub url: String,
    /// What to call it; empty where nobody said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// A text somebody wants to write, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The text.
    pub body: String,
    /// Links.
    pub attachments: Vec<Attachment>,
}

impl From<&str> for Draft {
    fn from(body: &str) -> Self {
        Self { body: body.to_owned(), attachments: Vec::new() }
    }
}

impl From<String> for Draft {
    fn from(body: String) -> Self {
        Self { body, attachments: Vec::new() }
    }
}

/// Another text for a message that was written, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewText {
    /// The text.
    pub body: String,
    /// These links and no others; those that are there stay where absent.
    pub attachments: Option<Vec<Attachment>>,
    /// What the input calls the text, for faults; `message` where empty.
    pub field: &'static str,
}

impl From<&str> for NewText {
    fn from(body: &str) -> Self {
        Self { body: body.to_owned(), ..Self::default() }
    }
}

impl NewText {
    pub(crate) fn over(self, attachments: &[Attachment]) -> Draft {
        Draft { body: self.body, attachments: self.attachments.unwrap_or_else(|| attachments.to_vec()) }
    }
}

impl Attachment {
    /// A file that was uploaded before.
    pub(crate) fn file(id: AttachmentId) -> Self {
        Self { url: id.to_string(), name: String::new() }
    }

    /// Which uploaded file it is, if it is one.
    pub fn file_id(&self) -> Option<AttachmentId> {
        self.url.trim().parse().ok()
    }
}

impl Draft {
    /// Takes out what is named by id instead of by address: files that were uploaded before, each with its place in the
    /// list.
    pub(crate) fn take_files(&mut self) -> Vec<(usize, AttachmentId)> {
        let id = |(place, link): (usize, &Attachment)| Some((place, link.file_id()?));
        let files = self.attachments.iter().enumerate().filter_map(id).collect();
        self.attachments.retain(|link| link.file_id().is_none());
        files
    }

    /// Checks text and links; `field` is what the input calls the text.
    pub(crate) fn check(self, limits: &Limits, field: &str, faults: &mut Faults) -> Self {
        let body = faults.keep(limits.message().required(field, &self.body)).unwrap_or_default();
        if self.attachments.len() > limits.attachments {
            faults
                .push(Fault::new("attachments", format!("must not hold more than {} attachments", limits.attachments)));
            return Self { body, attachments: Vec::new() };
        }
        let link = |(index, link): (usize, Attachment)| {
            let url = faults.keep(checked_url(&format!("attachments.{index}.url"), &link.url))?;
            let name = TextRule::line(200).optional(&format!("attachments.{index}.fileName"), &link.name);
            Some(Attachment { url, name: faults.keep(name)?.unwrap_or_default() })
        };
        Self { body, attachments: self.attachments.into_iter().enumerate().filter_map(link).collect() }
    }
}

/// Only web addresses: a `javascript:` or `data:` link would run in the reader's page.
fn checked_url(field: &str, url: &str) -> Result<String, Fault> {
    let url = TextRule::line(2_000).required(field, url)?;
    let web = ["https://", "http://"].iter().any(|scheme| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)) && url.len() > scheme.len()
    });
    if web && !url.contains(char::is_whitespace) {
        Ok(url)
    } else {
        Err(Fault::new(field, "must be an http or https address"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Actor;
    use uuid::Uuid;

    /// The same id on the other side is another person; a machine has no id, and is known by its name.
    #[test]
    fn authors_are_known_by_side_and_id() {
        let id = Uuid::from_u128(7);
        let by = |author: Signature| Message {
            id: id.into(),
            ticket: id.into(),
            author,
            body: String::new(),
            internal: false,
            attachments: Vec::new(),
            sent_at: DateTime::UNIX_EPOCH,
            revision: 0,
            edited_at: None,
            deleted_at: None,
            read_at: None,
        };
        let agent = Actor::agent(id, "Grace").signature();
        let on_behalf = Signature { role: Role::System, ..agent.clone() };
        let (admin, customer) = (Actor::admin(id, "G. H.").signature(), Actor::customer(id, "Grace").signature());
        let (import, close) = (Actor::system("import").signature(), Actor::system("auto-close").signature());
        for (author, who, same) in [
            (&agent, &admin, true),
            (&on_behalf, &agent, true),
            (&agent, &customer, false),
            (&customer, &customer, true),
            (&agent, &Actor::agent(Uuid::from_u128(8), "Grace").signature(), false),
            (&import, &import, true),
            (&import, &close, false),
        ] {
            assert_eq!(by(author.clone()).is_by(who), same, "{author:?} {who:?}");
        }
    }
}
