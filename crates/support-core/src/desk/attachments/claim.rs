//! Files that were uploaded first and are named now.

use crate::{
    desk::{Desk, Error, Planned, documents::Held, messages::Posted},
    domain::{
        actor::Actor,
        attachment::{AttachedTo, Attachment},
        document::DocumentKind,
        fault::{Fault, Faults},
        id::{AttachmentId, MessageId, ReviewId, TicketId},
        message::{Attachment as Link, Message},
    },
    ports::{Write, documents::DocumentQuery},
};

impl Desk {
    /// Puts files that the actor has uploaded where `on` says.
    ///
    /// # Errors
    /// Each that is not there, not theirs, or hangs on something already: to whoever asks all three are the same.
    pub(in crate::desk) async fn claim(
        &self,
        actor: &Actor,
        field: &str,
        ids: &[(usize, AttachmentId)],
        change: impl Fn(Attachment) -> Result<Attachment, Fault>,
    ) -> Result<Vec<Write>, Error> {
        let (mut writes, mut faults) = (Vec::new(), Faults::new());
        let most = self.profile().attachments.at_once;
        if ids.len() > most {
            return Err(Fault::new(field, format!("must not be more than {most}")).into());
        }
        for (n, (place, id)) in ids.iter().enumerate() {
            let held: Option<Held<Attachment>> = self.held(id.uuid()).await?;
            let own = |held: &Held<Attachment>| held.value.on == AttachedTo::Nothing && held.value.is_by(actor);
            let twice = ids[..n].iter().any(|(_, other)| other == id);
            let Some(held) = held.filter(|held| own(held) && !twice) else {
                faults.push(Fault::new(
                    format!("{field}.{place}"),
                    "is none of your uploads that still waits to be named",
                ));
                continue;
            };
            let named = |fault: Fault| Fault { field: format!("{field}.{place}"), ..fault };
            if let Some(file) = faults.keep(change(held.value.clone()).map_err(named)) {
                writes.push(held.put(&file)?);
            }
        }
        faults.check()?;
        Ok(writes)
    }

    /// Puts them on a ticket, with a message that is written in the same commit.
    pub(in crate::desk) async fn claim_files(
        &self,
        actor: &Actor,
        planned: &mut Planned<Posted>,
        files: &[(usize, AttachmentId)],
    ) -> Result<(), Error> {
        if files.is_empty() {
            return Ok(());
        }
        let Posted { ticket, message } = &planned.outcome;
        self.attachments().must_take(ticket, files.len()).await?;
        let on = AttachedTo::Ticket { ticket: ticket.id, message: Some(message.id) };
        let change = |file| Ok(Attachment { on, customer: Some(ticket.customer), internal: message.internal, ..file });
        let claimed = self.claim(actor, "attachments", files, change).await?;
        let links: Vec<Link> = files.iter().map(|(_, id)| Link::file(*id)).collect();
        let named = |message: &mut Message| message.attachments.extend(links.iter().cloned());
        for write in &mut planned.changes.writes {
            if let Write::OpenTicket { message, .. } | Write::AddMessage { message, .. } = write {
                named(message);
            }
        }
        named(&mut planned.outcome.message);
        planned.changes.writes.extend(claimed);
        Ok(())
    }

    /// Files go where the messages go that they came with; all that hang on the ticket where no messages are named. A file
    /// that hangs on no message goes back to the ticket to which it was uploaded, as its key says.
    pub(in crate::desk) async fn move_files(
        &self,
        from: TicketId,
        to: TicketId,
        messages: Option<&[MessageId]>,
    ) -> Result<Vec<Write>, Error> {
        let home = format!("tickets/{to}/");
        let goes = |file: &Attachment| match (file.on, messages) {
            (_, None) => true,
            (AttachedTo::Ticket { message: Some(id), .. }, Some(messages)) => messages.contains(&id),
            (_, Some(_)) => file.key.starts_with(&home),
        };
        let files = self.files_on(&Attachment::of_ticket(from)).await?;
        let moved = files.iter().filter(|held| goes(&held.value)).map(|held| {
            let message = match held.value.on {
                AttachedTo::Ticket { message, .. } => message,
                AttachedTo::Nothing | AttachedTo::Review { .. } => None,
            };
            held.put(&Attachment { on: AttachedTo::Ticket { ticket: to, message }, ..held.value.clone() })
        });
        moved.collect()
    }

    /// Every file of a list.
    pub(in crate::desk) async fn files_on(&self, list: &str) -> Result<Vec<Held<Attachment>>, Error> {
        let mut query = DocumentQuery::rising(DocumentKind::Attachment, list, 200);
        let mut files = Vec::new();
        loop {
            let slice = self.held_list::<Attachment>(&query).await?;
            files.extend(slice.items);
            match files.last().filter(|_| slice.more) {
                Some(Held { value: end, .. }) => {
                    query.after = Some((end.created_at.timestamp_millis(), end.id.uuid()));
                }
                None => return Ok(files),
            }
        }
    }

    pub(in crate::desk) async fn claim_photos(
        &self,
        actor: &Actor,
        review: ReviewId,
        photos: &[AttachmentId],
    ) -> Result<Vec<Write>, Error> {
        let on = AttachedTo::Review { review };
        let change = |file: Attachment| {
            if file.kind.is_image() {
                Ok(Attachment { on, ..file })
            } else {
                Err(Fault::new("photos", "is no picture"))
            }
        };
        let photos: Vec<(usize, AttachmentId)> = photos.iter().copied().enumerate().collect();
        self.claim(actor, "photos", &photos, change).await
    }
}
