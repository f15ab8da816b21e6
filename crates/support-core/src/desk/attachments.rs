//! Files that people upload.

mod claim;
mod receive;
mod sweep;

pub use receive::{Receiving, UploadTo};

use super::{Desk, Error, Planned, documents::Held, plan::not_about_a_ticket, tickets::TicketRef};
use crate::{
    domain::{
        access::Action,
        actor::Actor,
        attachment::{AttachedTo, Attachment, AttachmentRule},
        document::DocumentKind,
        event::{Cause, Event, Fact},
        fault::Refusal,
        id::{AttachmentId, MessageId, TicketId},
        review::ReviewState,
        ticket::Ticket,
    },
    ports::{
        ChangeSet, StoreError,
        files::{Download, FileError, LinkTerms},
    },
};

/// Uploading, listing and fetching files. From [`Desk::attachments`].
#[derive(Debug, Clone, Copy)]
pub struct Attachments<'a>(pub(super) &'a Desk);

not_about_a_ticket!(Attachment, Vec<Attachment>);

impl Attachments<'_> {
    /// What this desk takes.
    pub fn rule(&self) -> &AttachmentRule {
        &self.0.profile().attachments
    }

    /// The files of a ticket, in the order in which they came: those for staff alone are left out for others.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs.
    #[tracing::instrument(name = "attachments.list", skip_all, fields(ticket, actor))]
    pub async fn list(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<Vec<Attachment>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Read).await?;
        self.on(actor, &ticket, Attachment::of_ticket(ticket.id)).await
    }

    /// The files that came with a message.
    ///
    /// # Errors
    /// A message or ticket that is not there or not theirs.
    #[tracing::instrument(name = "attachments.of_message", skip_all, fields(ticket, actor))]
    pub async fn of_message(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        message: MessageId,
    ) -> Result<Vec<Attachment>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Read).await?;
        self.0.message(actor, &ticket, message).await?;
        self.on(actor, &ticket, Attachment::of_message(message)).await
    }

    async fn on(self, actor: &Actor, ticket: &Ticket, list: String) -> Result<Vec<Attachment>, Error> {
        let items = self.0.files_on(&list).await?.into_iter().map(|held| held.value);
        let notes = self.0.sees_notes(actor, ticket);
        Ok(items.filter(|file| (notes || !file.internal) && file.ticket() == Some(ticket.id)).collect())
    }

    /// A file of a ticket.
    ///
    /// # Errors
    /// One that is not there, not on this ticket, or not theirs.
    #[tracing::instrument(name = "attachments.get", skip_all, fields(ticket, actor))]
    pub async fn get(self, actor: &Actor, ticket: impl Into<TicketRef>, id: AttachmentId) -> Result<Attachment, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Read).await?;
        Ok(self.of(actor, &ticket, id).await?.value)
    }

    async fn of(self, actor: &Actor, ticket: &Ticket, id: AttachmentId) -> Result<Held<Attachment>, Error> {
        let held: Held<Attachment> = self.0.held(id.uuid()).await?.ok_or(Error::NotFound)?;
        let seen = !held.value.internal || self.0.sees_notes(actor, ticket);
        if held.value.ticket() == Some(ticket.id) && seen { Ok(held) } else { Err(Error::NotFound) }
    }

    /// A file wherever it hangs: on a ticket that the actor may read, on a review that they may read, or on nothing yet and
    /// theirs.
    ///
    /// # Errors
    /// One that is not there, or not theirs.
    #[tracing::instrument(name = "attachments.find", skip_all, fields(ticket, actor))]
    pub async fn find(self, actor: &Actor, id: AttachmentId) -> Result<Attachment, Error> {
        let held: Held<Attachment> = self.0.held(id.uuid()).await?.ok_or(Error::NotFound)?;
        match held.value.on {
            AttachedTo::Ticket { ticket, .. } => {
                let ticket = self.0.load(actor, &ticket.into(), Action::Read).await?;
                Ok(self.of(actor, &ticket, id).await?.value)
            }
            AttachedTo::Review { review } => {
                let review = self.0.reviews().get(actor, review).await?;
                let shown = review.state == ReviewState::Published || held.value.is_by(actor);
                if shown || self.0.may(actor, Action::Moderate, None) { Ok(held.value) } else { Err(Error::NotFound) }
            }
            AttachedTo::Nothing if held.value.is_by(actor) => Ok(held.value),
            AttachedTo::Nothing => Err(Error::NotFound),
        }
    }

    /// An address under which the file can be fetched straight from where it is kept; `None` where the host's own route
    /// serves it. Made after the access check of [`find`](Self::find) or [`get`](Self::get), and for at most five minutes.
    ///
    /// # Errors
    /// A file that cannot be fetched: it waits to be scanned, or something was found in it.
    #[tracing::instrument(name = "attachments.link", skip_all, fields(ticket, actor))]
    pub async fn link(self, file: &Attachment, terms: &LinkTerms) -> Result<Option<String>, Error> {
        must_be_open(file)?;
        Ok(self.0.0.files.link(&file.key, terms).await?)
    }

    /// The bytes of a file, for a host's own route that has found out who may have them: the file as it is now, and its
    /// content.
    ///
    /// # Errors
    /// One that is not there, or cannot be fetched.
    #[tracing::instrument(name = "attachments.open", skip_all, fields(ticket, actor))]
    pub async fn open(self, id: AttachmentId) -> Result<(Attachment, Box<dyn Download>), Error> {
        let held: Held<Attachment> = self.0.held(id.uuid()).await?.ok_or(Error::NotFound)?;
        must_be_open(&held.value)?;
        match self.0.0.files.download(&held.value.key).await {
            Ok(bytes) => Ok((held.value, bytes)),
            // The entry is there and its bytes are not: that is no wrong address, but a loss that somebody must hear of.
            Err(FileError::Missing) => Err(Error::Store(StoreError::Corrupt {
                table: DocumentKind::Attachment.as_str(),
                column: "key",
                id: id.to_string(),
                reason: "its file is gone".to_owned(),
            })),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a file away: its uploader can, and whoever may delete messages of others.
    ///
    /// # Errors
    /// One that is not there, or not theirs to take away.
    #[tracing::instrument(name = "attachments.delete", skip_all, fields(ticket, actor))]
    pub async fn delete(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        id: AttachmentId,
    ) -> Result<Attachment, Error> {
        let ticket = ticket.into();
        let plan = || async {
            let ticket = self.0.load(actor, &ticket, Action::Read).await?;
            let held = self.of(actor, &ticket, id).await?;
            if held.value.is_by(actor) {
                self.0.authorise_on(actor, Action::Attach, &ticket)?;
            } else {
                self.0.authorise_on(actor, Action::DeleteMessage, &ticket)?;
            }
            let fact = Fact::FileRemoved { file: id, internal: held.value.internal };
            let events = vec![self.0.told_of_file(actor, ticket.id, fact)];
            let changes = ChangeSet { writes: vec![held.remove()], events, ..ChangeSet::default() };
            Ok(Planned { changes, outcome: held.value })
        };
        let file = self.0.run(actor, plan).await?;
        self.0.forget_file(&file.key).await;
        Ok(file)
    }
}

/// What is said of a file that cannot be fetched.
fn must_be_open(file: &Attachment) -> Result<(), Error> {
    use crate::domain::attachment::Safety;
    match file.safety {
        Safety::Unscanned | Safety::Clean => Ok(()),
        Safety::Quarantined => Err(Refusal::State("the file is being scanned; try again in a moment").into()),
        Safety::Infected { .. } => Err(Refusal::State("the file was found to be harmful and cannot be fetched").into()),
    }
}

impl Desk {
    /// What the trail of its ticket says of a file.
    pub(super) fn told_of_file(&self, actor: &Actor, ticket: TicketId, fact: Fact) -> Event {
        let at = self.now();
        let id = self.0.ids.id(at).into();
        Event { id, ticket, at, actor: actor.signature(), cause: Cause::Request, fact }
    }

    /// Takes the bytes away. Where that fails, the sweep finds them later: nothing leads to them any more.
    pub(super) async fn forget_file(&self, key: &str) {
        let _ = self.0.files.delete(key).await;
    }
}
