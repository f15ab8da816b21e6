//! The use cases. Each one reads, decides, commits; nothing else writes.

pub mod agents;
pub mod articles;
pub mod attachments;
pub mod callbacks;
pub mod catalogue;
pub mod deliveries;
pub mod documents;
pub mod events;
pub mod feedback;
pub mod inquiries;
pub mod intake;
pub mod live;
pub mod messages;
pub mod notifications;
pub mod operations;
pub mod people;
pub mod public;
pub mod reviews;
pub mod search;
pub mod stats;
pub mod tickets;
pub mod time_entries;
pub mod webhooks;
pub mod workers;

mod assignment;
mod builder;
mod digest;
mod error;
mod leases;
mod numbers;
mod plan;
mod relay;
mod surveys;
mod telemetry;
mod terms;
mod votes;

pub use builder::{BuildError, DeskBuilder};
pub use error::{Error, Repeated};
pub use plan::{Outcome, Planned};
pub use terms::{Expected, Once};

use crate::{
    domain::{
        access::{AccessPolicy, Action, Decision, Holding},
        actor::{Actor, AgentRef},
        fault::Fault,
        id::AgentId,
        notification::Way,
        profile::Profile,
        ticket::{Context, Ticket},
    },
    ports::{
        Store,
        bus::Bus,
        channels::Channel,
        clock::Clock,
        directory::{Directory, Lookup},
        files::Files,
        ids::IdSource,
        notifier::Notifier,
        phone::Phone,
        scanner::Scanner,
        search::Search,
        sinks::Sink,
        timer::Timer,
        webhooks::WebhookCaller,
    },
};
use chrono::{DateTime, SubsecRound, Utc};
use std::{collections::BTreeMap, fmt, sync::Arc};

/// A help desk: the profile's rules over a store. Cheap to clone; all clones are the same desk.
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// use support_core::{desk::{Desk, tickets::NewTicket}, domain::{actor::Actor, profile::Profile}, memory::MemoryStore};
/// let desk = Desk::builder(MemoryStore::new()).profile(Profile::after_sales()).build()?;
/// let customer = Actor::customer(uuid::Uuid::from_u128(1), "Ada");
/// let agent = Actor::agent(uuid::Uuid::from_u128(2), "Grace");
///
/// let opened = desk.tickets().open(&customer, NewTicket::new("No parcel", "It should have come on Monday")).await?;
/// let ticket = desk.tickets().claim(&agent, opened.ticket.id).await?;
/// assert_eq!(ticket.status.as_str(), "assigned");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Desk(Arc<Inner>, terms::Terms);

struct Inner {
    store: Arc<dyn Store>,
    profile: Profile,
    access: Box<dyn AccessPolicy>,
    clock: Box<dyn Clock>,
    ids: Box<dyn IdSource>,
    notifier: Box<dyn Notifier>,
    directory: Box<dyn Directory>,
    timer: Box<dyn Timer>,
    search: Option<Box<dyn Search>>,
    files: Box<dyn Files>,
    scanner: Box<dyn Scanner>,
    phone: Box<dyn Phone>,
    sinks: Vec<Arc<dyn Sink>>,
    webhooks: Box<dyn WebhookCaller>,
    channels: BTreeMap<Way, Box<dyn Channel>>,
    notifies: bool,
    bus: Option<Box<dyn Bus>>,
    hub: live::Hub,
    feed: search::Feed,
    numbers: numbers::Numbers,
}

impl Desk {
    /// Starts a desk over a store.
    pub fn builder(store: impl Store) -> DeskBuilder {
        DeskBuilder::new(Arc::new(store))
    }

    /// Opening, finding and changing tickets.
    pub fn tickets(&self) -> tickets::Tickets<'_> {
        tickets::Tickets(self)
    }

    /// Writing and reading messages and notes.
    pub fn messages(&self) -> messages::Messages<'_> {
        messages::Messages(self)
    }

    /// Merging, splitting and linking tickets.
    pub fn operations(&self) -> operations::Operations<'_> {
        operations::Operations(self)
    }

    /// Time that is spent on tickets.
    pub fn time_entries(&self) -> time_entries::TimeEntries<'_> {
        time_entries::TimeEntries(self)
    }

    /// The people who help.
    pub fn agents(&self) -> agents::Agents<'_> {
        agents::Agents(self)
    }

    /// Categories, canned responses and saved views.
    pub fn catalogue(&self) -> catalogue::Catalogue<'_> {
        catalogue::Catalogue(self)
    }

    /// Help articles.
    pub fn articles(&self) -> articles::Articles<'_> {
        articles::Articles(self)
    }

    /// Files.
    pub fn attachments(&self) -> attachments::Attachments<'_> {
        attachments::Attachments(self)
    }

    /// Phone calls that customers ask for.
    pub fn callbacks(&self) -> callbacks::Callbacks<'_> {
        callbacks::Callbacks(self)
    }

    /// What customers say of their purchases, and of the help they got.
    pub fn feedback(&self) -> feedback::FeedbackDesk<'_> {
        feedback::FeedbackDesk(self)
    }

    /// Questions that are asked somewhere and logged.
    pub fn inquiries(&self) -> inquiries::Inquiries<'_> {
        inquiries::Inquiries(self)
    }

    /// Tickets without an account.
    pub fn public(&self) -> public::Public<'_> {
        public::Public(self)
    }

    /// Reviews of what people bought.
    pub fn reviews(&self) -> reviews::Reviews<'_> {
        reviews::Reviews(self)
    }

    /// Finding tickets by what was said on them.
    pub fn search(&self) -> search::SearchDesk<'_> {
        search::SearchDesk(self)
    }

    /// What is kept about a person.
    pub fn people(&self) -> people::People<'_> {
        people::People(self)
    }

    /// Figures.
    pub fn stats(&self) -> stats::Stats<'_> {
        stats::Stats(self)
    }

    /// Addresses that are told what happens.
    pub fn webhooks(&self) -> webhooks::Webhooks<'_> {
        webhooks::Webhooks(self)
    }

    /// What is on its way to those outside.
    pub fn deliveries(&self) -> deliveries::Deliveries<'_> {
        deliveries::Deliveries(self)
    }

    /// What people are told.
    pub fn notifications(&self) -> notifications::Notifications<'_> {
        notifications::Notifications(self)
    }

    /// What happens while somebody looks on.
    pub fn live(&self) -> live::Live<'_> {
        live::Live(self)
    }

    /// The audit trail.
    pub fn events(&self) -> events::Events<'_> {
        events::Events(self)
    }

    /// The rules.
    pub fn profile(&self) -> &Profile {
        &self.0.profile
    }

    /// The moment, to the millisecond: what stores keep.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now().trunc_subsecs(3)
    }

    /// What articles and tickets are found by: the store itself where the host brought nothing better.
    fn index(&self) -> &dyn Search {
        match &self.0.search {
            Some(search) => &**search,
            None => &*self.0.store,
        }
    }

    fn context<'a>(&'a self, actor: &'a Actor) -> Context<'a> {
        Context { profile: &self.0.profile, categories: &[], actor, now: self.now() }
    }

    /// Whether the actor may do it where no ticket is concerned yet.
    fn authorise(&self, actor: &Actor, action: Action) -> Result<(), Error> {
        span_of(actor, None);
        verdict(actor, action, self.0.access.decide(actor, action, None))
    }

    /// Whether the actor may do it to this ticket. One that may not be known answers like one that is not there.
    fn authorise_on(&self, actor: &Actor, action: Action, ticket: &Ticket) -> Result<(), Error> {
        span_of(actor, Some(ticket));
        self.authorise_holding(actor, action, ticket.holding())
    }

    /// Whether the actor may do it, for what is asked beside the main thing.
    fn may(&self, actor: &Actor, action: Action, ticket: Option<&Ticket>) -> bool {
        self.0.access.decide(actor, action, ticket.map(Ticket::holding)) == Decision::Allow
    }

    fn authorise_holding(&self, actor: &Actor, action: Action, holding: Holding) -> Result<(), Error> {
        verdict(actor, action, self.0.access.decide(actor, action, Some(holding)))
    }

    /// The agent of that id, as the host knows them.
    async fn agent(&self, actor: &Actor, field: &str, id: AgentId) -> Result<AgentRef, Error> {
        if let Actor::Agent { id: own, name } | Actor::Admin { id: own, name } = actor
            && *own == id
        {
            return Ok(AgentRef { id, name: name.clone() });
        }
        match self.0.directory.agent(id).await? {
            Lookup::Found(card) => Ok(AgentRef { id, name: card.name }),
            Lookup::NotKept => {
                let row = self.0.store.agent(id).await?;
                Ok(AgentRef { id, name: row.map(|row| row.name).unwrap_or_default() })
            }
            Lookup::Missing => Err(Fault::new(field, "is none of the agents").into()),
        }
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("profile", &self.0.profile.name).finish_non_exhaustive()
    }
}

fn verdict(actor: &Actor, action: Action, decision: Decision) -> Result<(), Error> {
    match decision {
        Decision::Allow => Ok(()),
        Decision::Hide if *actor != Actor::Guest => Err(Error::NotFound),
        _ if *actor == Actor::Guest => Err(Error::Unauthenticated),
        _ => Err(Error::Forbidden(action)),
    }
}

/// Writes down in the span of the use case who acts, and on which ticket.
fn span_of(actor: &Actor, ticket: Option<&Ticket>) {
    let span = tracing::Span::current();
    if span.is_disabled() {
        return;
    }
    match actor.signature().id {
        Some(id) => span.record("actor", tracing::field::display(format_args!("{} {id}", actor.role().as_str()))),
        None => span.record("actor", actor.role().as_str()),
    };
    if let Some(ticket) = ticket {
        span.record("ticket", tracing::field::display(ticket.id));
    }
}
