use super::{TicketRef, Tickets};
use crate::{
    desk::Error,
    domain::{
        access::Action,
        actor::Actor,
        fault::{Fault, Faults},
        message::Message,
        sla::{self, SlaReport},
        text::TextRule,
        ticket::{Cursor, Sort, Ticket, TicketFilter, TicketQuery, TicketSummary},
    },
    ports::Slice,
};

/// A ticket with what belongs to it, as the actor may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketDetail {
    /// The ticket.
    pub ticket: Ticket,
    /// Its messages, oldest first, up to the profile's page limit; notes are among them for staff alone.
    pub messages: Slice<Message>,
    /// Whether the actor may see what only staff may.
    pub internal: bool,
}

/// Which stretch of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Behind this row; from the beginning where absent.
    pub after: Option<Cursor>,
    /// Pass over so many rows first. A cursor is cheaper.
    pub skip: u32,
    /// How many rows; at most the profile's page limit.
    pub limit: u32,
}

impl Page {
    /// The first `limit` rows.
    pub fn first(limit: u32) -> Self {
        Self { after: None, skip: 0, limit }
    }
}

/// A stretch of a list of tickets.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketPage {
    /// The rows.
    pub tickets: Vec<TicketSummary>,
    /// Where the next stretch begins; none at the end.
    pub next: Option<Cursor>,
}

impl Tickets<'_> {
    /// Reads a ticket and its messages.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs.
    #[tracing::instrument(name = "tickets.get", skip_all, fields(ticket, actor))]
    pub async fn get(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<TicketDetail, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Read).await?;
        let internal = self.0.sees_notes(actor, &ticket);
        let messages = self.0.thread(&ticket, internal, None, u32::MAX).await?;
        let ticket = if internal { ticket } else { ticket.for_customer(self.0.profile()) };
        Ok(TicketDetail { ticket, messages, internal })
    }

    /// Lists the tickets that the actor may see and the filter describes.
    ///
    /// # Errors
    /// Actors who may not list; deleted ones for actors who may not delete.
    #[tracing::instrument(name = "tickets.list", skip_all, fields(ticket, actor))]
    pub async fn list(self, actor: &Actor, filter: TicketFilter, sort: Sort, page: Page) -> Result<TicketPage, Error> {
        let query = self.query(actor, filter, sort, page)?;
        let slice = self.0.0.store.tickets(&query).await?;
        let next = slice.items.last().filter(|_| slice.more).map(|row| row.cursor(sort.key));
        let rows = slice.items.into_iter();
        let tickets = if actor.is_staff() { rows.collect() } else { rows.map(TicketSummary::for_customer).collect() };
        Ok(TicketPage { tickets, next })
    }

    /// How many tickets the actor may see and the filter describes, counted up to `most`, 10,000 at most, and no further.
    ///
    /// # Errors
    /// Actors who may not list.
    #[tracing::instrument(name = "tickets.count", skip_all, fields(ticket, actor))]
    pub async fn count(self, actor: &Actor, filter: TicketFilter, most: u32) -> Result<u32, Error> {
        let query = self.query(actor, filter, Sort::default(), Page::first(1))?;
        Ok(self.0.0.store.ticket_count(&query, most.min(10_000)).await?)
    }

    fn query(self, actor: &Actor, filter: TicketFilter, sort: Sort, page: Page) -> Result<TicketQuery, Error> {
        self.0.authorise(actor, Action::List)?;
        if filter.deleted {
            self.0.authorise(actor, Action::Delete)?;
        }
        check_filter(&filter)?;
        let limit = page.limit.clamp(1, self.0.profile().limits.page);
        let scope = self.0.0.access.scope(actor);
        // Actors without an id are one reader together.
        let reader = Some(actor.signature().id.unwrap_or_default());
        Ok(TicketQuery { reader, scope, filter, sort, after: page.after, skip: page.skip, limit })
    }

    /// Reads a ticket without its messages, and where its clocks stand now.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs; customers have no business here.
    #[tracing::instrument(name = "tickets.clocks", skip_all, fields(ticket, actor))]
    pub async fn clocks(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<(Ticket, SlaReport), Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::ReadTrail).await?;
        let report = self.sla(&ticket);
        Ok((ticket, report))
    }

    /// Where the clocks of a ticket stand now.
    pub fn sla(self, ticket: &Ticket) -> SlaReport {
        let profile = self.0.profile();
        sla::evaluate(&ticket.sla, &profile.sla, &profile.calendars, self.0.now())
    }
}

/// A filter is typed by somebody, too: it has limits.
fn check_filter(filter: &TicketFilter) -> Result<(), Faults> {
    const MOST: usize = 50;
    let mut faults = Faults::new();
    let lists = [
        ("status", filter.statuses.len()),
        ("priority", filter.priorities.len()),
        ("category", filter.categories.len()),
    ];
    for (field, length) in lists {
        if length > MOST {
            faults.push(Fault::new(field, format!("must not hold more than {MOST} values")));
        }
    }
    if let Some(text) = &filter.text {
        faults.keep(TextRule::line(200).optional("q", text));
    }
    faults.check()
}
