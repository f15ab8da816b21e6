//! Files that were uploaded first and are named now.

use crate::{
    desk::{Desk, Error, documents::Held, messages::Posted},
    domain::{
        actor::Actor,
        attachment::{AttachedTo, Attachment},
        fault::{Fault, Faults},
        id::{AttachmentId, ReviewId},
    },
    ports::Write,
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
            if let Some(file) = faults.keep(change(held.value.clone())) {
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
        posted: &Posted,
        files: &[(usize, AttachmentId)],
    ) -> Result<Vec<Write>, Error> {
        let Posted { ticket, message } = posted;
        let on = AttachedTo::Ticket { ticket: ticket.id, message: Some(message.id) };
        let change = |file| Ok(Attachment { on, customer: Some(ticket.customer), internal: message.internal, ..file });
        self.claim(actor, "attachments", files, change).await
    }

    pub(in crate::desk) async fn claim_photos(
        &self,
        actor: &Actor,
        review: ReviewId,
        photos: &[AttachmentId],
    ) -> Result<Vec<Write>, Error> {
        let on = AttachedTo::Review { review };
        let change = |file: Attachment| {
            file.kind.must_be_image("photos".to_owned())?;
            Ok(Attachment { on, ..file })
        };
        let photos: Vec<(usize, AttachmentId)> = photos.iter().copied().enumerate().collect();
        self.claim(actor, "photos", &photos, change).await
    }
}
