//! Questions that are asked somewhere and logged.

use super::{
    Desk, Error, Planned,
    documents::{Held, Paged, Paging, add},
    messages::Posted,
    plan::not_about_a_ticket,
    tickets::NewTicket,
};
use crate::domain::{
    access::Action,
    actor::Actor,
    announcement::AnnouncementKind,
    fault::{Fault, Refusal},
    id::InquiryId,
    inquiry::{Inquiry, InquiryState, NewInquiry},
    ticket::{Opening, Source},
};

/// Logging and settling inquiries. From [`Desk::inquiries`].
#[derive(Debug, Clone, Copy)]
pub struct Inquiries<'a>(pub(super) &'a Desk);

not_about_a_ticket!(Inquiry);

impl Inquiries<'_> {
    /// Logs a question. Whoever asks it themselves over the web must be signed in, or say where to answer.
    ///
    /// # Errors
    /// Every wrong field; a customer who asks for another.
    #[tracing::instrument(name = "inquiries.log", skip_all, fields(ticket, actor))]
    pub async fn log(self, actor: &Actor, new: NewInquiry) -> Result<Inquiry, Error> {
        self.0.run(actor, || async { self.plan_log(actor, new.clone()) }).await
    }

    fn plan_log(self, actor: &Actor, new: NewInquiry) -> Result<Planned<Inquiry>, Error> {
        self.0.authorise(actor, Action::Inquire)?;
        let staff = self.0.may(actor, Action::ManageInquiries, None);
        let customer = match (actor.customer_id(), new.customer) {
            (own, None) => own,
            (own, named) if staff || own == named => named,
            _ => {
                return Err(Fault::new("customerId", "is taken from your sign-in and cannot be somebody else's").into());
            }
        };
        let name = new.name.clone().or_else(|| actor.customer_id().map(|_| actor.signature().name));
        // How it came in is for whoever took it down to say.
        let channel = if staff { new.channel } else { Some(Source::Web) };
        let now = self.0.now();
        let id = self.0.0.ids.id(now).into();
        let inquiry = NewInquiry { name, channel, ..new }.check(id, customer, actor.signature(), now)?;
        let told = self.0.announce(AnnouncementKind::InquiryReceived, inquiry.id.uuid(), inquiry.customer, None)?;
        Ok(Planned::writing(vec![add(&inquiry)?, told], inquiry))
    }

    /// A page of inquiries, the latest first.
    ///
    /// # Errors
    /// A state that there is not; actors who are not staff.
    #[tracing::instrument(name = "inquiries.list", skip_all, fields(ticket, actor))]
    pub async fn list(
        self,
        actor: &Actor,
        channel: Option<Source>,
        state: Option<&str>,
        page: Paging,
    ) -> Result<Paged<Inquiry>, Error> {
        self.0.authorise(actor, Action::ManageInquiries)?;
        if let Some(state) = state.filter(|state| !InquiryState::WORDS.contains(state)) {
            return Err(Fault::unknown("status", state, InquiryState::WORDS).into());
        }
        self.0.page_of(&Inquiry::list(channel, state), true, page).await
    }

    /// An inquiry.
    ///
    /// # Errors
    /// One that is not there; actors who are not staff.
    #[tracing::instrument(name = "inquiries.get", skip_all, fields(ticket, actor))]
    pub async fn get(self, actor: &Actor, id: InquiryId) -> Result<Inquiry, Error> {
        Ok(self.own(actor, id).await?.value)
    }

    /// Puts an inquiry away that needs nothing more.
    ///
    /// # Errors
    /// One that is a ticket already, or was dismissed; actors who are not staff.
    #[tracing::instrument(name = "inquiries.dismiss", skip_all, fields(ticket, actor))]
    pub async fn dismiss(self, actor: &Actor, id: InquiryId) -> Result<Inquiry, Error> {
        let plan = || async {
            let held = self.own(actor, id).await?;
            let inquiry = held.value.clone().settle(InquiryState::Dismissed)?;
            Ok(Planned::writing(vec![held.put(&inquiry)?], inquiry))
        };
        self.0.run(actor, plan).await
    }

    /// Opens a ticket with what was asked, for whoever asked it, in the same commit that settles the inquiry.
    ///
    /// # Errors
    /// As those of opening a ticket; an inquiry that is settled already.
    #[tracing::instrument(name = "inquiries.convert", skip_all, fields(ticket, actor))]
    pub async fn convert(self, actor: &Actor, id: InquiryId) -> Result<Posted, Error> {
        let plan = || async {
            let held = self.own(actor, id).await?;
            let inquiry = &held.value;
            if inquiry.state != InquiryState::Open {
                return Err(Refusal::State("the inquiry is settled already").into());
            }
            let opening = Opening {
                subject: inquiry.subject.clone(),
                message: inquiry.message.as_str().into(),
                source: Some(inquiry.channel),
                reach: inquiry.reach(),
                ..Opening::default()
            };
            let mut planned = match inquiry.customer {
                Some(customer) => {
                    let customer_name = inquiry.name.clone();
                    let ticket = NewTicket { opening, customer: Some(customer), customer_name };
                    self.0.tickets().plan_open(actor, ticket).await?
                }
                None => self.0.plan_open_for_stranger(actor, opening, inquiry.name.clone()).await?,
            };
            let ticket = &planned.outcome.ticket;
            // From now on it is theirs, and is forgotten with them.
            let owned = Inquiry { customer: Some(ticket.customer), ..inquiry.clone() };
            let settled = owned.settle(InquiryState::Converted { ticket: ticket.id })?;
            planned.changes.writes.push(held.put(&settled)?);
            Ok(planned)
        };
        self.0.run(actor, plan).await
    }

    async fn own(self, actor: &Actor, id: InquiryId) -> Result<Held<Inquiry>, Error> {
        self.0.authorise(actor, Action::ManageInquiries)?;
        self.0.held(id.uuid()).await?.ok_or(Error::NotFound)
    }
}
