//! Finding tickets by what was said on them, and keeping the index in step.
//!
//! The index is fed from what the store holds, never by those who write: what was committed is found, whoever committed it
//! and on whichever node, and what was not is not. How far the feed has come is kept in the index itself, with the batch
//! that brought it there. So an index that is lost, damaged or left behind by a crash is fed again from where it stands.

mod feed;

use super::{Desk, Error, documents::Paging};
use crate::domain::{
    access::Action,
    actor::Actor,
    id::TicketId,
    search::{Hits, Label, Matching, SearchKey, SearchQuery, SearchScope},
    ticket::Ticket,
};
pub(super) use feed::Feed;

/// Finding tickets by their words. From [`Desk::search`].
#[derive(Debug, Clone, Copy)]
pub struct SearchDesk<'a>(pub(super) &'a Desk);

/// Which tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketSearch {
    /// What is looked for.
    pub text: String,
    /// Whether each word must be there.
    pub all: bool,
    /// Only with these properties.
    pub labels: Vec<(Label, String)>,
    /// The language of `text`, where it is known.
    pub language: Option<String>,
}

/// A page of tickets that were found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundTickets {
    /// The tickets as the actor may see them, the best first, each with what the index says of it.
    pub items: Vec<(Ticket, crate::domain::search::Hit)>,
    /// How many there are in all, and how many of each status, priority, category and tag.
    pub hits: Hits,
}

impl SearchDesk<'_> {
    /// Tickets that say this, among those that the actor may see; for staff, notes are searched too.
    ///
    /// # Errors
    /// Actors who may list no tickets; failures of the index.
    #[tracing::instrument(name = "search.tickets", skip_all, fields(ticket, actor))]
    pub async fn tickets(self, actor: &Actor, search: &TicketSearch, page: Paging) -> Result<FoundTickets, Error> {
        self.0.authorise(actor, Action::List)?;
        let (skip, limit) = page.rows(self.0.profile().limits.page)?;
        let notes = self.0.may(actor, Action::ReadTrail, None);
        let query = SearchQuery {
            matching: if search.all { Matching::All } else { Matching::Any },
            labels: search.labels.clone(),
            language: search.language.clone(),
            facets: vec![Label::Status, Label::Priority, Label::Category, Label::Tag],
            skip,
            limit,
            ..SearchQuery::new(&search.text, SearchScope::Tickets { scope: self.0.0.access.scope(actor), notes })
        };
        let mut hits = self.0.index().search(&query).await?;
        let mut items = Vec::new();
        for hit in std::mem::take(&mut hits.items) {
            // The index runs a little behind; whether somebody may see a ticket is asked of the ticket as it is now.
            let Some(ticket) = self.0.0.store.ticket(hit.key.id.into()).await? else { continue };
            if ticket.deleted_at.is_some() || !self.0.may(actor, Action::Read, Some(&ticket)) {
                continue;
            }
            let seen = self.0.sees_notes(actor, &ticket);
            items.push((if seen { ticket } else { ticket.for_customer(self.0.profile()) }, hit));
        }
        Ok(FoundTickets { items, hits })
    }

    /// Feeds the index anew, from the beginning. It answers from what it has until the new feed has come as far; asked by
    /// whoever runs the desk.
    ///
    /// # Errors
    /// Failures of the index or the store.
    #[tracing::instrument(name = "search.rebuild", skip_all, fields(ticket, actor))]
    pub async fn rebuild(self) -> Result<(), Error> {
        self.0.rebuild_index().await
    }

    /// Feeds what has happened since the last time. Answers how many articles and tickets were looked at. The workers do it
    /// twice a second.
    ///
    /// # Errors
    /// Failures of the index or the store.
    #[tracing::instrument(name = "search.keep_in_step", skip_all, fields(ticket, actor))]
    pub async fn keep_in_step(self) -> Result<u32, Error> {
        self.0.keep_index().await
    }
}

impl Desk {
    /// Takes tickets out of the index and its files.
    pub(super) async fn forget_in_index(&self, tickets: &[TicketId]) -> Result<(), Error> {
        let index = self.index();
        for some in tickets.chunks(500) {
            let remove = some.iter().map(|id| SearchKey::ticket(*id)).collect();
            index.index(&crate::domain::search::Batch { remove, ..Default::default() }).await?;
        }
        Ok(index.scrub_index().await?)
    }
}
