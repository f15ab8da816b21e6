use super::{TicketRef, Tickets};
use crate::{
    desk::{Desk, Error, Planned},
    domain::{
        access::Action,
        actor::{Actor, AgentRef},
        fault::Refusal,
        id::AgentId,
        profile::Phase,
        ticket::{Change, Closing, Context, CustomerClosing, Edit, EscalateTo, Ticket},
    },
};

impl Tickets<'_> {
    /// Reads, authorises, decides: what all changes of one ticket have in common.
    pub(super) async fn plan(
        self,
        actor: &Actor,
        ticket: &TicketRef,
        action: Action,
        decide: impl FnOnce(&Ticket, Context<'_>) -> Result<Change, Refusal>,
    ) -> Result<Planned<Ticket>, Error> {
        let ticket = self.0.load(actor, ticket, action).await?;
        // Only a new priority asks what was promised for the ticket's category.
        let asks = action == Action::ChangePriority;
        let categories = if asks { self.0.categories().await? } else { Vec::new() };
        let change = decide(&ticket, Context { categories: &categories, ..self.0.context(actor) })?;
        self.0.plan_change(actor, &ticket, change).await
    }

    /// Gives the ticket to an agent. An agent may give it to themselves; to somebody else, an admin.
    ///
    /// # Errors
    /// Nobody of that id; a closed ticket; one that is not there or not theirs.
    #[tracing::instrument(name = "tickets.assign", skip_all, fields(ticket, actor))]
    pub async fn assign(self, actor: &Actor, ticket: impl Into<TicketRef>, to: AgentId) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_assign(actor, ticket.clone(), to)).await
    }

    /// As [`Tickets::assign`], decided and not committed.
    pub async fn plan_assign(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        to: AgentId,
    ) -> Result<Planned<Ticket>, Error> {
        let action = if actor.agent_id() == Some(to) { Action::Claim } else { Action::Assign };
        let ticket = self.0.load(actor, &ticket.into(), action).await?;
        self.0.authorise_on(actor, assigning(actor, &ticket, to), &ticket)?;
        let agent = self.0.agent(actor, "agentId", to).await?;
        let change = ticket.assign(self.0.context(actor), agent)?;
        self.0.plan_change(actor, &ticket, change).await
    }

    /// Takes a ticket that nobody has. Of many who try at once, one gets it.
    ///
    /// # Errors
    /// Somebody has it; it is closed, not there or not theirs to see; the actor is no agent.
    #[tracing::instrument(name = "tickets.claim", skip_all, fields(ticket, actor))]
    pub async fn claim(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_claim(actor, ticket.clone())).await
    }

    /// As [`Tickets::claim`], decided and not committed.
    pub async fn plan_claim(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<Planned<Ticket>, Error> {
        self.plan(actor, &ticket.into(), Action::Claim, |ticket, cx| match actor {
            Actor::Agent { id, name } | Actor::Admin { id, name } => {
                ticket.claim(cx, AgentRef { id: *id, name: name.clone() })
            }
            _ => Err(Refusal::State("only an agent can take a ticket")),
        })
        .await
    }

    /// Puts the ticket back into the queue.
    ///
    /// # Errors
    /// A closed ticket; one that is not there or not theirs.
    #[tracing::instrument(name = "tickets.unassign", skip_all, fields(ticket, actor))]
    pub async fn unassign(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_unassign(actor, ticket.clone())).await
    }

    /// As [`Tickets::unassign`], decided and not committed.
    pub async fn plan_unassign(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<Planned<Ticket>, Error> {
        self.plan(actor, &ticket.into(), Action::Unassign, Ticket::unassign).await
    }

    /// Moves the ticket along the workflow, with a word about it for the trail.
    ///
    /// # Errors
    /// An unknown status; a step the workflow has not; a ticket that is not there or not theirs.
    #[tracing::instrument(name = "tickets.set_status", skip_all, fields(ticket, actor))]
    pub async fn set_status(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        status: &str,
        notes: Option<&str>,
    ) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_set_status(actor, ticket.clone(), status, notes)).await
    }

    /// As [`Tickets::set_status`], decided and not committed.
    pub async fn plan_set_status(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        status: &str,
        notes: Option<&str>,
    ) -> Result<Planned<Ticket>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::ChangeStatus).await?;
        self.0.authorise_step(actor, &ticket, status)?;
        let change = ticket.set_status(self.0.context(actor), status, notes)?;
        self.0.plan_change(actor, &ticket, change).await
    }

    /// Changes the priority; running clocks get the new targets from the same start.
    ///
    /// # Errors
    /// An unknown priority; a ticket that is not there or not theirs.
    #[tracing::instrument(name = "tickets.set_priority", skip_all, fields(ticket, actor))]
    pub async fn set_priority(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        priority: &str,
    ) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_set_priority(actor, ticket.clone(), priority)).await
    }

    /// As [`Tickets::set_priority`], decided and not committed.
    pub async fn plan_set_priority(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        priority: &str,
    ) -> Result<Planned<Ticket>, Error> {
        self.plan(actor, &ticket.into(), Action::ChangePriority, |ticket, cx| ticket.set_priority(cx, priority)).await
    }

    /// Declares the problem solved.
    ///
    /// # Errors
    /// An empty resolution; a ticket that has ended, is not there or not theirs.
    #[tracing::instrument(name = "tickets.resolve", skip_all, fields(ticket, actor))]
    pub async fn resolve(self, actor: &Actor, ticket: impl Into<TicketRef>, resolution: &str) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_resolve(actor, ticket.clone(), resolution)).await
    }

    /// As [`Tickets::resolve`], decided and not committed.
    pub async fn plan_resolve(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        resolution: &str,
    ) -> Result<Planned<Ticket>, Error> {
        self.plan(actor, &ticket.into(), Action::Resolve, |ticket, cx| ticket.resolve(cx, resolution)).await
    }

    /// Ends the ticket, as staff.
    ///
    /// # Errors
    /// Faults of the texts; a ticket that is closed, not there or not theirs.
    #[tracing::instrument(name = "tickets.close", skip_all, fields(ticket, actor))]
    pub async fn close(self, actor: &Actor, ticket: impl Into<TicketRef>, closing: Closing) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_close(actor, ticket.clone(), closing.clone())).await
    }

    /// As [`Tickets::close`], decided and not committed.
    pub async fn plan_close(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        closing: Closing,
    ) -> Result<Planned<Ticket>, Error> {
        self.plan(actor, &ticket.into(), Action::Close, |ticket, cx| ticket.close(cx, closing)).await
    }

    /// Ends the ticket, as its customer, with an opinion if they have one.
    ///
    /// # Errors
    /// Faults of the feedback; a ticket that is closed, was rated before, is not there or not theirs.
    #[tracing::instrument(name = "tickets.close_as_customer", skip_all, fields(ticket, actor))]
    pub async fn close_as_customer(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        closing: CustomerClosing,
    ) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_close_as_customer(actor, ticket.clone(), closing.clone())).await
    }

    /// As [`Tickets::close_as_customer`], decided and not committed.
    pub async fn plan_close_as_customer(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        closing: CustomerClosing,
    ) -> Result<Planned<Ticket>, Error> {
        self.plan(actor, &ticket.into(), Action::CloseOwn, |ticket, cx| ticket.close_as_customer(cx, &closing)).await
    }

    /// Opens an ended ticket again; whoever worked on it has it back.
    ///
    /// # Errors
    /// A ticket that has not ended or cannot be opened again, is not there or not theirs.
    #[tracing::instrument(name = "tickets.reopen", skip_all, fields(ticket, actor))]
    pub async fn reopen(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        reason: Option<&str>,
    ) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_reopen(actor, ticket.clone(), reason)).await
    }

    /// As [`Tickets::reopen`], decided and not committed.
    pub async fn plan_reopen(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        reason: Option<&str>,
    ) -> Result<Planned<Ticket>, Error> {
        self.plan(actor, &ticket.into(), Action::Reopen, |ticket, cx| ticket.reopen(cx, reason)).await
    }

    /// Raises the ticket one level, to a person or a team if one is named.
    ///
    /// # Errors
    /// No reason; nobody of that id; a ticket that has ended, is at the highest level, not there or not theirs.
    #[tracing::instrument(name = "tickets.escalate", skip_all, fields(ticket, actor))]
    pub async fn escalate(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        to: Option<AgentId>,
        team: Option<&str>,
        reason: &str,
    ) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_escalate(actor, ticket.clone(), to, team, reason)).await
    }

    /// As [`Tickets::escalate`], decided and not committed.
    pub async fn plan_escalate(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        to: Option<AgentId>,
        team: Option<&str>,
        reason: &str,
    ) -> Result<Planned<Ticket>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Escalate).await?;
        let agent = match to {
            Some(id) => Some(self.0.agent(actor, "escalatedTo", id).await?),
            None => None,
        };
        let to = EscalateTo { agent, team: team.map(str::to_owned) };
        let change = ticket.escalate(self.0.context(actor), to, reason)?;
        self.0.plan_change(actor, &ticket, change).await
    }

    /// Changes several things at once: subject, category, tags, metadata, links, contact, status, priority, assignee. Of a
    /// new assignee only the id is asked; the name is the directory's.
    ///
    /// # Errors
    /// Faults of every wrong field; a ticket that is not there or not theirs.
    #[tracing::instrument(name = "tickets.edit", skip_all, fields(ticket, actor))]
    pub async fn edit(self, actor: &Actor, ticket: impl Into<TicketRef>, edit: Edit) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_edit(actor, ticket.clone(), edit.clone())).await
    }

    /// As [`Tickets::edit`], decided and not committed.
    pub async fn plan_edit(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        edit: Edit,
    ) -> Result<Planned<Ticket>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Edit).await?;
        let mut edit = edit;
        for (present, action) in [
            (edit.status.is_some(), Action::ChangeStatus),
            (edit.priority.is_some(), Action::ChangePriority),
            (edit.assignee == Some(None), Action::Unassign),
        ] {
            if present {
                self.0.authorise_on(actor, action, &ticket)?;
            }
        }
        if let Some(status) = &edit.status {
            self.0.authorise_step(actor, &ticket, status)?;
        }
        if let Some(Some(agent)) = &mut edit.assignee {
            self.0.authorise_on(actor, assigning(actor, &ticket, agent.id), &ticket)?;
            *agent = self.0.agent(actor, "assignedTo", agent.id).await?;
        }
        if let Some(links) = &mut edit.related {
            self.0.look_up(ticket.customer, links).await?.check()?;
        }
        let categories = self.0.categories().await?;
        let change = ticket.edit(Context { categories: &categories, ..self.0.context(actor) }, edit)?;
        self.0.plan_change(actor, &ticket, change).await
    }

    /// Rates the help from 1 to 5, once for each time that the ticket ends.
    ///
    /// # Errors
    /// A rating outside 1 to 5; a ticket that is open, was rated before, is not there or not theirs.
    #[tracing::instrument(name = "tickets.rate", skip_all, fields(ticket, actor))]
    pub async fn rate(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        rating: i64,
        feedback: Option<&str>,
    ) -> Result<Ticket, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_rate(actor, ticket.clone(), rating, feedback)).await
    }

    /// As [`Tickets::rate`], decided and not committed.
    pub async fn plan_rate(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        rating: i64,
        feedback: Option<&str>,
    ) -> Result<Planned<Ticket>, Error> {
        self.plan(actor, &ticket.into(), Action::Rate, |ticket, cx| ticket.rate(cx, rating, feedback)).await
    }
}

/// Giving a ticket that nobody has to oneself is taking it; all else is giving it.
fn assigning(actor: &Actor, ticket: &Ticket, to: AgentId) -> Action {
    let free = ticket.assignee.as_ref().is_none_or(|holder| holder.id == to);
    if free && actor.agent_id() == Some(to) { Action::Claim } else { Action::Assign }
}

impl Desk {
    /// Moving a ticket to its end or back to its beginning asks for the right to end it or to begin again, by whatever
    /// name the step goes.
    fn authorise_step(&self, actor: &Actor, ticket: &Ticket, status: &str) -> Result<(), Error> {
        let Some(to) = self.profile().workflow.status(status) else { return Ok(()) };
        let action = match to.phase {
            same if same == ticket.phase => return Ok(()),
            Phase::Closed => Action::Close,
            Phase::Resolved => Action::Resolve,
            _ if ticket.phase.is_done() => Action::Reopen,
            _ => return Ok(()),
        };
        self.authorise_on(actor, action, ticket)
    }
}
