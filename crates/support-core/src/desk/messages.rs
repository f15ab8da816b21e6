//! Messages and internal notes.

mod change;
mod marks;

pub use marks::Unread;

use super::{Desk, Error, Planned, tickets::TicketRef};
use crate::{
    domain::{
        access::{Action, Decision},
        actor::Actor,
        id::MessageId,
        message::{Draft, Message},
        ticket::Ticket,
    },
    ports::{Slice, messages::MessageQuery},
};

/// Writes and reads messages. From [`Desk::messages`].
#[derive(Debug, Clone, Copy)]
pub struct Messages<'a>(pub(super) &'a Desk);

/// A message that was written, and its ticket afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Posted {
    /// The ticket.
    pub ticket: Ticket,
    /// The message.
    pub message: Message,
}

/// What a text on a ticket is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MessageKind {
    /// A message from one side to the other.
    #[default]
    Reply,
    /// A note that only staff see.
    Note,
    /// A line about the state of things, signed by the system; both sides see it, and no clock hears it.
    Update,
}

/// A text for a ticket.
#[derive(Debug, Clone, Default)]
pub struct NewMessage {
    /// Text and links.
    pub draft: Draft,
    /// Who may see it, and what it counts as.
    pub kind: MessageKind,
    /// What the input calls the text, for faults; `message` where empty.
    pub field: &'static str,
}

impl NewMessage {
    /// A message that both sides see.
    pub fn public(draft: impl Into<Draft>) -> Self {
        Self { draft: draft.into(), kind: MessageKind::Reply, field: "message" }
    }

    /// A note that only staff see.
    pub fn note(draft: impl Into<Draft>) -> Self {
        Self { kind: MessageKind::Note, ..Self::public(draft) }
    }
}

impl Messages<'_> {
    /// Writes a message, a note or an update.
    ///
    /// A customer's message may wake a ticket that waits for it, an agent's first one is the first response: the
    /// profile's hooks and clocks say what follows.
    ///
    /// # Errors
    /// Faults of the text; a closed ticket; a ticket that is not there or not theirs.
    #[tracing::instrument(name = "messages.add", skip_all, fields(ticket, actor))]
    pub async fn add(self, actor: &Actor, ticket: impl Into<TicketRef>, message: NewMessage) -> Result<Posted, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_add(actor, ticket.clone(), message.clone())).await
    }

    /// As [`Messages::add`], decided and not committed.
    pub async fn plan_add(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        mut message: NewMessage,
    ) -> Result<Planned<Posted>, Error> {
        let action = match message.kind {
            MessageKind::Reply => Action::Reply,
            MessageKind::Note | MessageKind::Update => Action::Note,
        };
        let ticket = self.0.load(actor, &ticket.into(), action).await?;
        if message.kind == MessageKind::Update {
            self.0.authorise_on(actor, Action::Reply, &ticket)?;
        }
        let cx = self.0.context(actor);
        let id = self.0.0.ids.id(cx.now).into();
        let field = if message.field.is_empty() { "message" } else { message.field };
        let files = message.draft.take_files();
        let post = match message.kind {
            MessageKind::Reply => ticket.reply(cx, id, message.draft, field)?,
            MessageKind::Note => ticket.add_note(cx, id, message.draft, field)?,
            MessageKind::Update => ticket.add_update(cx, id, message.draft, field)?,
        };
        let mut planned = self.0.plan_post(actor, &ticket, post).await?;
        self.0.claim_files(actor, &mut planned, &files).await?;
        Ok(planned)
    }

    /// The messages of a ticket, oldest first: notes are among them for staff alone.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs.
    #[tracing::instrument(name = "messages.list", skip_all, fields(ticket, actor))]
    pub async fn list(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        after: Option<MessageId>,
        limit: u32,
    ) -> Result<Slice<Message>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Read).await?;
        let internal = self.0.sees_notes(actor, &ticket);
        self.0.thread(&ticket, internal, after, limit).await
    }

    /// One message of a ticket. A note is there for staff alone.
    ///
    /// # Errors
    /// A message or a ticket that is not there or not theirs.
    #[tracing::instrument(name = "messages.get", skip_all, fields(ticket, actor))]
    pub async fn get(self, actor: &Actor, ticket: impl Into<TicketRef>, message: MessageId) -> Result<Message, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Read).await?;
        self.0.message(actor, &ticket, message).await
    }
}

impl Desk {
    /// The messages of a ticket that the actor has been found to be allowed to read, notes among them if `internal`.
    pub(super) async fn thread(
        &self,
        ticket: &Ticket,
        internal: bool,
        after: Option<MessageId>,
        limit: u32,
    ) -> Result<Slice<Message>, Error> {
        let limit = limit.clamp(1, self.0.profile.limits.page);
        Ok(self.0.store.messages(&MessageQuery { ticket: ticket.id, internal, after, limit }).await?)
    }

    /// A message of the ticket, if the actor may read it: a note that is not theirs to see answers as one that is not there.
    pub(super) async fn message(&self, actor: &Actor, ticket: &Ticket, id: MessageId) -> Result<Message, Error> {
        let found = self.0.store.message(ticket.id, id).await?;
        found.filter(|message| !message.internal || self.sees_notes(actor, ticket)).ok_or(Error::NotFound)
    }

    /// Whether an answer to what the actor has just done to the ticket may hold what only staff see. Staff who have given
    /// it away know what they did to it.
    pub fn sees_own_change(&self, actor: &Actor, ticket: &Ticket) -> bool {
        actor.is_staff() || self.sees_notes(actor, ticket)
    }

    /// Whether notes, private resolutions and the trail of this ticket are the actor's to read.
    pub fn sees_notes(&self, actor: &Actor, ticket: &Ticket) -> bool {
        self.0.access.decide(actor, Action::ReadTrail, Some(ticket.holding())) == Decision::Allow
    }
}
