//! What is kept about a person: all of it for them to have, and none of it when they want to be forgotten.

use super::{Desk, Error, Planned, plan::not_about_a_ticket};
use crate::{
    domain::{
        access::{Action, ScopeTerm, TicketScope},
        actor::Actor,
        catalogue::{Item, ItemKind, SavedView},
        document::Document,
        erasure::Erasure,
        event::{Cause, Event, Fact},
        id::{CustomerId, TicketId},
        message::Message,
        ticket::{Reach, Sort, Ticket, TicketFilter, TicketQuery},
    },
    ports::{ChangeSet, Write, events::EventQuery, messages::MessageQuery},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

mod things;

/// Exports and forgets people. From [`Desk::people`].
#[derive(Debug, Clone, Copy)]
pub struct People<'a>(pub(super) &'a Desk);

/// Everything that is kept about a person (GDPR, article 15), as they may read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// Who.
    pub customer: CustomerId,
    /// When it was put together.
    pub at: DateTime<Utc>,
    /// Their tickets, the oldest first; deleted ones too.
    pub tickets: Vec<ExportedTicket>,
    /// Everything else that is theirs, by what it is: reviews, feedback, calls, inquiries, votes, and what is known of
    /// their files.
    pub things: Vec<Document>,
}

/// A ticket with everything that hangs on it, as its customer may read it.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedTicket {
    /// The ticket.
    pub ticket: Ticket,
    /// Its public messages, oldest first.
    pub messages: Vec<Message>,
    /// What happened to it, as far as its customer may hear, oldest first.
    pub events: Vec<Event>,
}

/// What was forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    /// Who has the tickets now: nobody whom the host knows.
    pub pseudonym: CustomerId,
    /// How many tickets were theirs.
    pub tickets: u32,
}

not_about_a_ticket!(Forgotten);

/// The name in place of the person's.
const NAME: &str = "Erased person";
/// Rows that are read at a time.
const PAGE: u32 = 500;

impl People<'_> {
    /// All that is kept about a customer. They may ask for it themselves.
    ///
    /// # Errors
    /// Actors who may not; a customer who asks for another.
    #[tracing::instrument(name = "people.export", skip_all, fields(ticket, actor))]
    pub async fn export(self, actor: &Actor, customer: CustomerId) -> Result<Export, Error> {
        if actor.customer_id() != Some(customer) {
            self.0.authorise(actor, Action::ExportPerson)?;
        }
        let mut tickets = Vec::new();
        for id in self.tickets_of(customer).await? {
            if let Some(ticket) = self.0.0.store.ticket(id).await? {
                tickets.push(self.export_ticket(ticket).await?);
            }
        }
        tickets.sort_by_key(|exported| (exported.ticket.created_at, exported.ticket.id));
        let things = self.things_of(customer).await?;
        Ok(Export { customer, at: self.0.now(), tickets, things })
    }

    async fn export_ticket(self, ticket: Ticket) -> Result<ExportedTicket, Error> {
        let store = &self.0.0.store;
        let mut query = MessageQuery { ticket: ticket.id, internal: false, after: None, limit: PAGE };
        let mut messages: Vec<Message> = Vec::new();
        loop {
            let slice = store.messages(&query).await?;
            messages.extend(slice.items);
            query.after = messages.last().map(|message| message.id);
            if !slice.more {
                break;
            }
        }
        let mut query = EventQuery { ticket: ticket.id, after: None, limit: PAGE };
        let mut events = Vec::new();
        loop {
            let slice = store.events(&query).await?;
            query.after = slice.items.last().map(|event| event.id);
            events.extend(slice.items.into_iter().filter_map(Event::for_customer));
            if !slice.more {
                break;
            }
        }
        Ok(ExportedTicket { ticket: ticket.for_customer(self.0.profile()), messages, events })
    }

    /// Forgets a customer: their tickets stay, with a pseudonym in place of the person and without anything that anybody
    /// wrote on them, and the store is scrubbed of what was there before. Asked again, it does what was left undone.
    /// Saved views that name the person go too: by id, whole name, mail address or phone number.
    ///
    /// The host's own copies are the host's to erase: its directory, its mails, its backups, and what its notifier kept.
    ///
    /// # Errors
    /// Actors who may not; a store that cannot be scrubbed now: then the rows are erased, and asking again scrubs.
    #[tracing::instrument(name = "people.erase", skip_all, fields(ticket, actor))]
    pub async fn erase(self, actor: &Actor, customer: CustomerId) -> Result<Forgotten, Error> {
        self.0.authorise(actor, Action::ErasePerson)?;
        // Never a remembered answer: whoever asks again after a scrub that failed wants it to be done.
        let desk = Desk(self.0.0.clone(), super::terms::Terms::default());
        let tickets = self.tickets_of(customer).await?;
        let forgotten = desk.run(actor, || self.plan_erase(actor, customer)).await?;
        self.erase_things(&desk, actor, customer).await?;
        self.0.forget_in_index(&tickets).await?;
        self.0.0.store.scrub().await?;
        Ok(forgotten)
    }

    async fn plan_erase(self, actor: &Actor, customer: CustomerId) -> Result<Planned<Forgotten>, Error> {
        let at = self.0.now();
        let pseudonym: CustomerId = self.0.0.ids.id(at).into();
        let tickets = self.tickets_of(customer).await?;
        let event = |ticket: &TicketId| Event {
            id: self.0.0.ids.id(at).into(),
            ticket: *ticket,
            at,
            actor: actor.signature(),
            cause: Cause::Request,
            fact: Fact::Erased {},
        };
        let events = tickets.iter().map(event).collect();
        let own = self.0.categories().await?.into_iter().map(|category| category.slug);
        let categories = own.chain(self.0.profile().categories.known.iter().cloned()).collect();
        let erasure = Erasure { customer, pseudonym, name: NAME.to_owned(), categories, at };
        let mut writes = self.views_about(customer, &tickets).await?;
        writes.push(Write::Erase(Box::new(erasure)));
        let changes = ChangeSet { guards: Vec::new(), writes, events };
        let count = u32::try_from(tickets.len()).unwrap_or(u32::MAX);
        Ok(Planned { changes, outcome: Forgotten { pseudonym, tickets: count } })
    }

    /// What takes the saved views away in which somebody looks for this customer.
    async fn views_about(self, customer: CustomerId, tickets: &[TicketId]) -> Result<Vec<Write>, Error> {
        let kind = ItemKind::SavedView;
        let views = self.0.0.store.entries(kind).await?;
        if views.is_empty() {
            return Ok(Vec::new());
        }
        let mut words = BTreeSet::from([customer.to_string()]);
        for id in tickets {
            let Some(ticket) = self.0.0.store.ticket(*id).await? else { continue };
            let Reach { email, phone, .. } = ticket.reach;
            let said = [Some(ticket.customer_name), email, phone].into_iter().flatten();
            words.extend(said.map(|word| word.trim().to_lowercase()).filter(|word| !word.is_empty()));
        }
        let about = |view: &SavedView| {
            let mut texts = std::iter::once(&view.name).chain(view.query.values());
            texts.any(|text| words.iter().any(|word| mentions(&text.to_lowercase(), word)))
        };
        let theirs = views.into_iter().filter(|entry| matches!(&entry.item, Item::SavedView(view) if about(view)));
        Ok(theirs.map(|entry| Write::RemoveEntry { kind, id: entry.id, read: entry.version }).collect())
    }

    /// Every ticket of a customer, the deleted ones too.
    async fn tickets_of(self, customer: CustomerId) -> Result<Vec<TicketId>, Error> {
        let mut ids = Vec::new();
        for deleted in [false, true] {
            let filter = TicketFilter { deleted, ..TicketFilter::default() };
            let scope = TicketScope::AnyOf(vec![ScopeTerm::Customer(customer)]);
            let sort = Sort::default();
            let mut query = TicketQuery { reader: None, scope, filter, sort, after: None, skip: 0, limit: PAGE };
            loop {
                let slice = self.0.0.store.tickets(&query).await?;
                ids.extend(slice.items.iter().map(|row| row.id));
                match slice.items.last().filter(|_| slice.more) {
                    Some(last) => query.after = Some(last.cursor(sort.key)),
                    None => break,
                }
            }
        }
        Ok(ids)
    }
}

/// Whether the word stands in the text by itself: Ada is not in Canada.
fn mentions(text: &str, word: &str) -> bool {
    let apart = |next: Option<char>| next.is_none_or(|next| !next.is_alphanumeric());
    text.match_indices(word)
        .any(|(at, found)| apart(text[..at].chars().next_back()) && apart(text[at + found.len()..].chars().next()))
}
