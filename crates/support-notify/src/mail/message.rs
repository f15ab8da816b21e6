use crate::{Composed, clean};
use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use support_core::{
    domain::{id::TicketId, notification::Letter},
    ports::channels::ChannelError,
};
use url::Host;

/// What is the same in the headers of all mails.
#[derive(Debug)]
pub(super) struct Heads {
    pub(super) from: Mailbox,
    pub(super) bounces: Address,
    pub(super) reply_to: Option<String>,
    pub(super) domain: String,
    pub(super) preferences: Option<String>,
}

/// What a server is told beside the mail.
pub(super) struct Envelope {
    pub(super) from: Address,
    pub(super) to: Address,
}

impl Heads {
    /// A letter as it goes over the wire. The same letter at the same moment is the same mail, byte by byte.
    pub(super) fn message(
        &self,
        letter: &Letter,
        composed: Composed,
        now: DateTime<Utc>,
    ) -> Result<(Envelope, Vec<u8>), ChannelError> {
        let to = recipient(&letter.address)?;
        let name = clean::name(&letter.name);
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new((!name.is_empty()).then_some(name), to.clone()))
            .subject(clean::line(&composed.subject, 250))
            .date(now.into())
            .message_id(Some(format!("<{}@{}>", letter.id, self.domain)))
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Auto-Response-Suppress", "All"));
        if let Some(ticket) = ticket(letter) {
            let root = self.root(ticket);
            builder = builder.in_reply_to(root.clone()).references(root);
        }
        if let Some(reply_to) = self.reply_to(letter) {
            builder = builder.reply_to(Mailbox::new(None, reply_to));
        }
        if let Some(preferences) = &self.preferences {
            builder = builder.raw_header(header("List-Unsubscribe", &format!("<{preferences}>")));
        }
        // Nobody who writes into a letter knows its id before it is sent, so nobody can write its boundary.
        let parts = MultiPart::alternative()
            .boundary(format!("letter-{}", letter.id.uuid().simple()))
            .singlepart(SinglePart::plain(composed.text))
            .singlepart(SinglePart::html(composed.html));
        let message = builder
            .multipart(parts)
            .map_err(|error| ChannelError::Refused(format!("no mail can be made of it: {error}")))?;
        Ok((Envelope { from: self.bounces.clone(), to }, message.formatted()))
    }

    /// What all mails about a ticket refer to. No mail has this id: whoever is first told of a ticket need not be told that
    /// it was received (staff never are, and a mail can be lost), and an id that two mails have is taken for a copy. Mail
    /// programs put mails that refer to the same id into one thread, whether or not they have the mail of that id.
    fn root(&self, ticket: TicketId) -> String {
        format!("<ticket.{ticket}@{}>", self.domain)
    }

    fn reply_to(&self, letter: &Letter) -> Option<Address> {
        let pattern = self.reply_to.as_ref()?;
        if !pattern.contains("{ticket}") {
            return pattern.parse().ok();
        }
        let ticket = ticket(letter)?;
        let number = letter.stories.first().and_then(|story| story.number.as_deref()).unwrap_or_default();
        let fits = |number: &str| {
            (1..=30).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let id = ticket.to_string();
        pattern.replace("{ticket}", if fits(number) { number } else { &id }).parse().ok()
    }
}

/// The ticket, if all of the letter is about one.
fn ticket(letter: &Letter) -> Option<TicketId> {
    let first = letter.stories.first()?.ticket?;
    letter.stories.iter().all(|story| story.ticket == Some(first)).then_some(first)
}

/// The address, with its domain as servers know it. What is wrong with it is said without it.
fn recipient(address: &str) -> Result<Address, ChannelError> {
    let refused = || ChannelError::Refused("the mail address is none".to_owned());
    let address: Address = address.trim().parse().map_err(|_| refused())?;
    // What the library lets through in quotes could end the line, and begin another.
    if address.to_string().contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(refused());
    }
    if address.domain().is_ascii() {
        return Ok(address);
    }
    let domain = Host::parse(address.domain()).map_err(|_| refused())?;
    Address::new(address.user(), domain.to_string()).map_err(|_| refused())
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}
