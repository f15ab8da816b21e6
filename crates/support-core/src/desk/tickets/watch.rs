use super::{TicketRef, Tickets};
use crate::{
    desk::{Error, Planned},
    domain::{access::Action, actor::Actor, fault::Refusal, id::AgentId, ticket::Ticket},
};

impl Tickets<'_> {
    /// Lets somebody on the staff hear of the ticket: the actor, or `agent`, whom only those may name who may give tickets
    /// to others. It gives them no right to see it.
    ///
    /// # Errors
    /// Nobody of that id; as many watchers as the profile allows; a ticket that is not there or not theirs.
    #[tracing::instrument(name = "tickets.watch", skip_all, fields(ticket, actor))]
    pub async fn watch(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        agent: Option<AgentId>,
    ) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_watch(actor, ticket.clone(), agent)).await
    }

    /// As [`Tickets::watch`], decided and not committed.
    pub async fn plan_watch(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        agent: Option<AgentId>,
    ) -> Result<Planned<Ticket>, Error> {
        let (ticket, agent) = self.watched(actor, &ticket.into(), agent).await?;
        let agent = self.0.agent(actor, "agentId", agent).await?;
        let change = ticket.watch(self.0.context(actor), agent)?;
        self.0.plan_change(actor, &ticket, change).await
    }

    /// Lets somebody hear of the ticket no more; whom, as for [`Tickets::watch`].
    ///
    /// # Errors
    /// A ticket that is not there or not theirs.
    #[tracing::instrument(name = "tickets.unwatch", skip_all, fields(ticket, actor))]
    pub async fn unwatch(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        agent: Option<AgentId>,
    ) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_unwatch(actor, ticket.clone(), agent)).await
    }

    /// As [`Tickets::unwatch`], decided and not committed.
    pub async fn plan_unwatch(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        agent: Option<AgentId>,
    ) -> Result<Planned<Ticket>, Error> {
        let (ticket, agent) = self.watched(actor, &ticket.into(), agent).await?;
        let change = ticket.unwatch(self.0.context(actor), agent);
        self.0.plan_change(actor, &ticket, change).await
    }

    async fn watched(
        self,
        actor: &Actor,
        ticket: &TicketRef,
        agent: Option<AgentId>,
    ) -> Result<(Ticket, AgentId), Error> {
        let ticket = self.0.load(actor, ticket, Action::Watch).await?;
        let own = actor.agent_id();
        if agent.is_some() && agent != own {
            self.0.authorise_on(actor, Action::Assign, &ticket)?;
        }
        let agent = agent.or(own).ok_or(Refusal::State("only an agent can watch a ticket: say who shall"))?;
        Ok((ticket, agent))
    }
}
