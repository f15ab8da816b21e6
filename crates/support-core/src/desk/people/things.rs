//! What is a person's beside their tickets.

use super::People;
use crate::{
    desk::{Desk, Error, Planned, documents::Held, plan::not_about_a_ticket},
    domain::{
        actor::Actor,
        announcement::Announced,
        attachment::Attachment,
        document::{Document, DocumentKind, Kept},
        feedback::Feedback,
        id::CustomerId,
        review::Review,
        vote::{Vote, Voter},
    },
    ports::Write,
};

/// The keys of files whose entries are gone.
struct Gone(Vec<String>);

not_about_a_ticket!(Gone);

/// Read at a time, and changed in one commit.
const BATCH: u32 = 100;

/// What of a body is the desk's affair and no data about the person: what staff noted, and what opens things.
const PRIVATE: [&str; 6] = ["reasons", "decision_note", "decided_by", "outcome", "digest", "key"];

impl People<'_> {
    /// All of it, as the person may read it.
    pub(super) async fn things_of(self, customer: CustomerId) -> Result<Vec<Document>, Error> {
        let (mut things, mut after) = (Vec::new(), None);
        loop {
            let page = self.0.0.store.documents_of(customer, after, BATCH).await?;
            let Some(last) = page.last() else { return Ok(things) };
            after = Some((last.kind, last.id));
            // What opens things is nobody's to read, and what waits to be told says nothing that is not said elsewhere.
            let is_told = |thing: &Document| !matches!(thing.kind, DocumentKind::Access | DocumentKind::Announcement);
            things.extend(page.into_iter().filter(is_told).filter_map(readable));
        }
    }

    /// Forgets all of it: what counts stays as a number, the rest goes, files too.
    pub(super) async fn erase_things(self, desk: &Desk, actor: &Actor, customer: CustomerId) -> Result<(), Error> {
        loop {
            let Gone(files) = desk.run(actor, || self.plan_erase_things(customer)).await?;
            for key in &files {
                // Where that fails the bytes are orphans, which the sweep takes; but whoever is told that a person is forgotten
                // must be able to believe it, so it is no small failure here.
                self.0.0.files.delete(key).await?;
            }
            if self.0.0.store.documents_of(customer, None, 1).await?.is_empty() {
                return Ok(());
            }
        }
    }

    async fn plan_erase_things(self, customer: CustomerId) -> Result<Planned<Gone>, Error> {
        let (mut writes, mut files) = (Vec::new(), Vec::new());
        for document in self.0.0.store.documents_of(customer, None, BATCH).await? {
            if document.kind == DocumentKind::Attachment {
                let held: Held<Attachment> = Held::of(document.clone())?;
                files.push(held.value.key);
            }
            writes.push(forgotten(document)?);
        }
        Ok(Planned::writing(writes, Gone(files)))
    }
}

fn forgotten(document: Document) -> Result<Write, Error> {
    match document.kind {
        DocumentKind::Review => put(document, |review: Review| review.forget(super::NAME)),
        DocumentKind::Feedback => put(document, Feedback::forget),
        // Its place is a place in a row: without it, the next would be given twice.
        DocumentKind::Announcement => {
            put(document, |announced: Announced| Announced { customer: None, detail: None, ..announced })
        }
        // The vote counts on; whose it was is nobody's business any more.
        DocumentKind::Vote => put(document, |vote: Vote| Vote { by: Voter::Visitor(vote.id.to_string()), ..vote }),
        DocumentKind::Access
        | DocumentKind::Article
        | DocumentKind::Attachment
        | DocumentKind::Callback
        | DocumentKind::Delivery
        | DocumentKind::Inquiry
        | DocumentKind::Intake
        | DocumentKind::Notification
        | DocumentKind::Preferences
        | DocumentKind::Revision
        | DocumentKind::Sink
        | DocumentKind::Survey
        | DocumentKind::Webhook => {
            let before = Box::new(document.placement);
            Ok(Write::RemoveDocument { kind: document.kind, id: document.id, read: document.version, before })
        }
    }
}

fn put<T: Kept + Clone>(document: Document, forget: impl Fn(T) -> T) -> Result<Write, Error> {
    let held: Held<T> = Held::of(document)?;
    held.put(&forget(held.value.clone()))
}

/// A thing without what is the desk's own; none of it where it is a file for staff alone.
fn readable(mut document: Document) -> Option<Document> {
    let internal = document.kind == DocumentKind::Attachment && document.body["internal"] == true;
    if let Some(body) = document.body.as_object_mut() {
        body.retain(|field, _| !PRIVATE.contains(&field.as_str()));
    }
    (!internal).then_some(document)
}
