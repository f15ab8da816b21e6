use super::Tickets;
use crate::{
    desk::{Desk, Error, Planned, messages::Posted},
    domain::{
        access::{Action, Holding},
        actor::Actor,
        fault::{Fault, Faults},
        id::CustomerId,
        text::TextRule,
        ticket::{self, CheckedOpening, Context, ForCustomer, NewIds, Opening, Related},
    },
    ports::directory::Lookup,
};

/// A ticket to be opened.
///
/// ```
/// use support_core::desk::tickets::NewTicket;
/// let ticket = NewTicket::new("No parcel", "It should have come on Monday")
///     .category("delivery")
///     .related("order", "A-1001");
/// ```
#[derive(Debug, Clone, Default)]
pub struct NewTicket {
    /// What it says.
    pub opening: Opening,
    /// For whom; needed from staff, and from customers nobody but themselves.
    pub customer: Option<CustomerId>,
    /// The name of that customer, where the host's directory does not tell it.
    pub customer_name: Option<String>,
}

impl NewTicket {
    /// A ticket with a subject and a first message.
    pub fn new(subject: impl Into<String>, message: impl Into<String>) -> Self {
        let opening = Opening { subject: subject.into(), message: message.into().into(), ..Opening::default() };
        Self { opening, customer: None, customer_name: None }
    }

    /// In this category.
    pub fn category(mut self, category: impl Into<String>) -> Self {
        self.opening.category = Some(category.into());
        self
    }

    /// With this priority; from a customer it is a wish.
    pub fn priority(mut self, priority: impl Into<String>) -> Self {
        self.opening.priority = Some(priority.into());
        self
    }

    /// For this customer, when staff open it.
    pub fn customer(mut self, customer: CustomerId) -> Self {
        self.customer = Some(customer);
        self
    }

    /// With this tag.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.opening.tags.push(tag.into());
        self
    }

    /// About this thing of the host.
    pub fn related(mut self, kind: impl Into<String>, id: impl Into<String>) -> Self {
        self.opening.related.push(Related { kind: kind.into(), id: id.into(), label: None });
        self
    }
}

impl Tickets<'_> {
    /// Opens a ticket. Without a priority the profile's rules give one.
    ///
    /// # Errors
    /// Every fault of the input at once; actors who may not open tickets.
    #[tracing::instrument(name = "tickets.open", skip_all, fields(ticket, actor))]
    pub async fn open(self, actor: &Actor, ticket: NewTicket) -> Result<Posted, Error> {
        self.0.run(actor, || self.plan_open(actor, ticket.clone())).await
    }

    /// As [`Tickets::open`], decided and not committed: a number is taken, and nothing else.
    pub async fn plan_open(self, actor: &Actor, ticket: NewTicket) -> Result<Planned<Posted>, Error> {
        let desk = self.0;
        let categories = desk.categories().await?;
        let cx = Context { categories: &categories, ..desk.context(actor) };
        let mut ticket = ticket;
        let files = ticket.opening.message.take_files();
        let (checked, customer) = self.checked(cx, ticket).await?;
        let mut planned = desk.plan_checked(cx, checked, customer).await?;
        desk.claim_files(actor, &mut planned, &files).await?;
        Ok(planned)
    }

    /// Whether [`Tickets::open`] would take the ticket: for forms that say what is wrong before they are sent.
    ///
    /// # Errors
    /// As [`Tickets::open`].
    #[tracing::instrument(name = "tickets.check", skip_all, fields(ticket, actor))]
    pub async fn check(self, actor: &Actor, mut ticket: NewTicket) -> Result<(), Error> {
        ticket.opening.message.take_files();
        let categories = self.0.categories().await?;
        let cx = Context { categories: &categories, ..self.0.context(actor) };
        self.checked(cx, ticket).await.map(drop)
    }

    async fn checked(self, cx: Context<'_>, ticket: NewTicket) -> Result<(CheckedOpening, ForCustomer), Error> {
        let (desk, actor) = (self.0, cx.actor);
        desk.authorise(actor, Action::Open)?;
        let NewTicket { mut opening, customer, customer_name } = ticket;
        let mut faults = Faults::new();
        let customer = match faults.keep(ticket::owner(actor, customer)) {
            Some(id) => faults.keep(desk.for_customer(actor, id, customer_name).await?),
            None => None,
        };
        if let Some(customer) = &customer {
            desk.authorise_holding(actor, Action::Open, Holding { customer: customer.id, assignee: None })?;
            faults.0.extend(desk.look_up(customer.id, &mut opening.related).await?.0);
        }
        let checked = opening.check(cx, customer.as_ref().and_then(|customer| customer.tier.as_deref()));
        match (checked, customer) {
            (Ok(checked), Some(customer)) if faults.0.is_empty() => Ok((checked, customer)),
            (checked, _) => {
                faults.0.extend(checked.err().unwrap_or_default().0);
                Err(faults.into())
            }
        }
    }
}

impl Desk {
    /// Opens what was checked: a number is taken, and the ids are drawn.
    pub(in crate::desk) async fn plan_checked(
        &self,
        cx: Context<'_>,
        checked: CheckedOpening,
        customer: ForCustomer,
    ) -> Result<Planned<Posted>, Error> {
        let number = self.ticket_number(cx.now).await?;
        let ids = NewIds { ticket: self.0.ids.id(cx.now).into(), message: self.0.ids.id(cx.now).into() };
        self.plan_opening(cx.actor, checked.open(cx, customer, &ids, number)).await
    }

    async fn for_customer(
        &self,
        actor: &Actor,
        id: CustomerId,
        told: Option<String>,
    ) -> Result<Result<ForCustomer, Fault>, Error> {
        let own = match actor {
            Actor::Customer { name, .. } => Some(name.clone()),
            _ => told,
        };
        Ok(match self.0.directory.customer(id).await? {
            Lookup::Found(card) => Ok(ForCustomer {
                id,
                name: card.name,
                tier: card.tier,
                language: card.language.map(|tag| tag.to_lowercase()),
            }),
            Lookup::NotKept => {
                let name = TextRule::line(200).optional("customerName", own.as_deref().unwrap_or_default());
                name.map(|name| ForCustomer { id, name: name.unwrap_or_default(), tier: None, language: None })
            }
            Lookup::Missing => Err(Fault::new("customerId", "is none of the customers")),
        })
    }

    /// Asks the host about each link, in the form in which it will be kept, and writes down what it is called. One that
    /// is not this customer's is a fault; what is wrong with the link itself is the domain's to say.
    pub(super) async fn look_up(&self, customer: CustomerId, links: &mut [Related]) -> Result<Faults, Error> {
        let mut faults = Faults::new();
        // More links than a ticket takes are refused by the domain; the host is not asked about each of a million.
        for (index, link) in links.iter_mut().enumerate().take(self.profile().limits.related) {
            let Ok(clean) = ticket::link(index, link) else { continue };
            *link = clean;
            match self.0.directory.related(customer, &link.kind, &link.id).await? {
                Lookup::Found(card) => link.label = card.label,
                Lookup::NotKept => link.label = None,
                Lookup::Missing => {
                    let message = format!("the customer has no {} of this id", link.kind);
                    faults.push(Fault::new(format!("related.{index}.id"), message));
                }
            }
        }
        Ok(faults)
    }
}
