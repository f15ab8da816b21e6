//! A file while it comes in.

use super::Attachments;
use crate::{
    desk::{
        Desk, Error, Planned,
        digest::hex,
        documents::{Held, add},
        tickets::TicketRef,
    },
    domain::{
        access::Action,
        actor::Actor,
        attachment::{AttachedTo, Attachment, Inspection, NewFile, STAGED_EACH, Safety, key_name},
        document::DocumentKind,
        event::Fact,
        fault::{Fault, Refusal},
        id::{AttachmentId, CustomerId, MessageId},
        ticket::Ticket,
    },
    ports::{ChangeSet, Guard, documents::DocumentQuery, files::Upload, scanner},
};
use bytes::Bytes;
use sha2::{Digest, Sha256};

/// Where a file is uploaded to.
#[derive(Debug, Clone)]
pub enum UploadTo {
    /// To nothing yet: it is named later, in a ticket, message or review of the same person.
    Nothing,
    /// To a ticket.
    Ticket {
        /// Which.
        ticket: TicketRef,
        /// To this message of it, which the uploader wrote.
        message: Option<MessageId>,
    },
}

/// A file that comes in, chunk by chunk. Dropped before [`finish`](Self::finish), nothing of it is left.
pub struct Receiving {
    desk: Desk,
    actor: Actor,
    upload: Box<dyn Upload>,
    inspection: Inspection,
    digest: Sha256,
    size: u64,
    field: String,
    file: Attachment,
}

impl Attachments<'_> {
    /// Begins an upload. What can be told of the file before it comes is checked: name, declared type, and whether the
    /// actor may put it there.
    ///
    /// # Errors
    /// A name or type that is not taken; a ticket or message that is not there or not theirs; too many files.
    #[tracing::instrument(name = "attachments.receive", skip_all, fields(ticket, actor))]
    pub async fn receive(self, actor: &Actor, to: &UploadTo, new: &NewFile) -> Result<Receiving, Error> {
        let (on, customer, internal) = self.target(actor, to, new.internal).await?;
        let (file_name, kind) = new.check(self.rule())?;
        let now = self.0.now();
        let id: AttachmentId = self.0.0.ids.id(now).into();
        let place = match on {
            AttachedTo::Ticket { ticket, .. } => format!("tickets/{ticket}"),
            AttachedTo::Nothing | AttachedTo::Review { .. } => "staged".to_owned(),
        };
        let key = format!("{place}/{id}/{}", key_name(&file_name));
        let safety = if self.0.0.scanner.is_there() { Safety::Quarantined } else { Safety::Unscanned };
        let file = Attachment {
            id,
            on,
            customer,
            uploader: actor.signature(),
            file_name,
            kind,
            size: 0,
            sha256: String::new(),
            key,
            safety,
            internal,
            created_at: now,
        };
        let upload = self.0.0.files.upload(&file.key).await?;
        Ok(Receiving {
            desk: self.0.clone(),
            actor: actor.clone(),
            upload,
            inspection: Inspection::of(kind),
            digest: Sha256::new(),
            size: 0,
            field: new.field.clone(),
            file,
        })
    }

    async fn target(
        self,
        actor: &Actor,
        to: &UploadTo,
        internal: bool,
    ) -> Result<(AttachedTo, Option<CustomerId>, bool), Error> {
        let UploadTo::Ticket { ticket, message } = to else {
            self.0.authorise(actor, Action::Attach)?;
            self.must_wait_no_more(actor).await?;
            return Ok((AttachedTo::Nothing, actor.customer_id(), false));
        };
        let ticket = self.0.load(actor, ticket, Action::Attach).await?;
        self.must_take(&ticket, 1).await?;
        let internal = internal && self.0.sees_notes(actor, &ticket);
        let internal = match message {
            None => internal,
            Some(id) => {
                let message = self.0.message(actor, &ticket, *id).await?;
                if !message.is_by(&actor.signature()) || message.deleted_at.is_some() {
                    return Err(Fault::new("messageId", "is no message of yours").into());
                }
                internal || message.internal
            }
        };
        let on = AttachedTo::Ticket { ticket: ticket.id, message: *message };
        Ok((on, Some(ticket.customer), internal))
    }

    /// Nobody fills the store with files that hang on nothing.
    async fn must_wait_no_more(self, actor: &Actor) -> Result<(), Error> {
        let Some(own) = actor.signature().id else { return Err(Error::Forbidden(Action::Attach)) };
        let waiting = self.0.counts_on::<Attachment>(&[Attachment::staged_by(own)]).await?;
        if waiting.first().is_some_and(|waiting| *waiting >= STAGED_EACH) {
            return Err(Refusal::State("many of your uploads wait to be named; name some, or wait a day").into());
        }
        Ok(())
    }

    /// Whether so many more files fit on the ticket.
    pub(super) async fn must_take(self, ticket: &Ticket, more: usize) -> Result<(), Error> {
        let counts = self.0.counts_on::<Attachment>(&[Attachment::of_ticket(ticket.id)]).await?;
        let most = u64::from(self.rule().per_ticket);
        if counts.first().is_some_and(|files| *files + more as u64 > most) {
            return Err(Refusal::State("the ticket has as many files as it can have").into());
        }
        Ok(())
    }
}

impl Receiving {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// A file that is too large, or is not what it says it is. Drop it then.
    #[tracing::instrument(name = "attachments.write", skip_all, fields(ticket, actor))]
    pub async fn write(&mut self, chunk: Bytes) -> Result<(), Error> {
        let most = self.desk.profile().attachments.max_bytes;
        self.size = self.size.saturating_add(chunk.len() as u64);
        if self.size > most {
            return Err(Fault::new(&self.field, format!("must not be larger than {most} bytes")).into());
        }
        self.inspection.see(&chunk);
        if self.inspection.can_tell() && !self.inspection.is_what_it_says() {
            return Err(self.not_what_it_says());
        }
        self.digest.update(&chunk);
        Ok(self.upload.write(chunk).await?)
    }

    fn not_what_it_says(&self) -> Error {
        let message = format!("is named as {}, but its content is something else", self.file.kind.media_type());
        Fault::new(&self.field, message).into()
    }

    /// Puts the file in its place: its bytes first, then the entry that leads to them. The same file by the same person
    /// on the same ticket is there once: the earlier one is answered.
    ///
    /// # Errors
    /// A file that is empty or not what it says it is; failures of the stores. Nothing is left of it then.
    #[tracing::instrument(name = "attachments.finish", skip_all, fields(ticket, actor))]
    pub async fn finish(self) -> Result<Attachment, Error> {
        if !self.inspection.is_whole() {
            let error =
                if self.size == 0 { Fault::new(&self.field, "is empty").into() } else { self.not_what_it_says() };
            self.upload.abort().await?;
            return Err(error);
        }
        let Self { desk, actor, upload, digest, size, file, .. } = self;
        let sha256 = hex(&digest.finalize());
        let file = Attachment { size, sha256, ..file };
        if let Some(twin) = desk.twin(&file).await? {
            upload.abort().await?;
            return Ok(twin);
        }
        upload.finish().await?;
        let file = match desk.judge(file.clone()).await {
            Ok(file) => file,
            // Not now: the job tries again, and until then nobody can fetch it.
            Err(_) => file,
        };
        let plan = || async {
            let fact = Fact::FileAdded { file: file.id, internal: file.internal };
            let event = file.ticket().map(|ticket| desk.told_of_file(&actor, ticket, fact));
            // What goes up on a ticket that is gone by then would be found by nobody.
            let guards = file.ticket().map(|ticket| Guard::TicketStands { ticket }).into_iter().collect();
            let changes = ChangeSet { guards, writes: vec![add(&file)?], events: event.into_iter().collect() };
            Ok(Planned { changes, outcome: file.clone() })
        };
        match desk.run(&actor, plan).await {
            Ok(file) => {
                desk.drop_harmful(&file).await;
                Ok(file)
            }
            Err(error) => {
                // An answer that was lost on its way may have been a yes; then the entry leads to these bytes.
                if matches!(desk.held::<Attachment>(file.id.uuid()).await, Ok(None)) {
                    desk.forget_file(&file.key).await;
                }
                Err(error)
            }
        }
    }
}

impl Desk {
    async fn twin(&self, file: &Attachment) -> Result<Option<Attachment>, Error> {
        let AttachedTo::Ticket { ticket, .. } = file.on else { return Ok(None) };
        let query = DocumentQuery::rising(DocumentKind::Attachment, Attachment::twins(ticket, &file.sha256), 10);
        let same = |twin: &Held<Attachment>| {
            let twin = &twin.value;
            (twin.on, &twin.uploader.id, &twin.file_name, twin.internal)
                == (file.on, &file.uploader.id, &file.file_name, file.internal)
        };
        let twins = self.held_list::<Attachment>(&query).await?.items;
        Ok(twins.into_iter().find(same).map(|held| held.value))
    }

    /// The file as the scanner finds it.
    pub(super) async fn judge(&self, file: Attachment) -> Result<Attachment, Error> {
        if file.safety != Safety::Quarantined {
            return Ok(file);
        }
        let mut bytes = self.0.files.download(&file.key).await?;
        let verdict = self.0.scanner.scan(&mut *bytes).await.map_err(|error| Error::Outside(error.to_string()))?;
        Ok(match verdict {
            scanner::Verdict::Clean => Attachment { safety: Safety::Clean, ..file },
            scanner::Verdict::Infected { name } => {
                Attachment { safety: Safety::Infected { name: name.chars().take(200).collect() }, ..file }
            }
        })
    }

    /// Takes the bytes of a harmful file away, once its entry says that it is one: an entry must never lead to bytes that are
    /// gone without saying so.
    pub(super) async fn drop_harmful(&self, file: &Attachment) {
        if matches!(file.safety, Safety::Infected { .. }) {
            self.forget_file(&file.key).await;
        }
    }
}
