//! The people who help.

use super::{
    Desk, Error, Planned,
    assignment::{Effort, Place},
    plan::not_about_a_ticket,
};
use crate::{
    domain::{
        access::Action,
        actor::Actor,
        agent::{Agent, AgentEdit, Availability},
        id::AgentId,
    },
    ports::{Slice, Write, agents::AgentQuery},
};

/// Describes agents and hears whether they take tickets. From [`Desk::agents`].
#[derive(Debug, Clone, Copy)]
pub struct Agents<'a>(pub(super) &'a Desk);

not_about_a_ticket!(Agent);

impl Agents<'_> {
    /// The agents, in the order of their ids, for staff.
    ///
    /// # Errors
    /// Actors who are not staff.
    #[tracing::instrument(name = "agents.list", skip_all, fields(ticket, actor))]
    pub async fn list(self, actor: &Actor, query: AgentQuery) -> Result<Slice<Agent>, Error> {
        self.0.authorise(actor, Action::ReadDesk)?;
        let limit = query.limit.clamp(1, self.0.profile().limits.page);
        let team = query.team.map(|team| team.trim().to_lowercase());
        Ok(self.0.0.store.agents(&AgentQuery { team, limit, ..query }).await?)
    }

    /// One agent, for staff.
    ///
    /// # Errors
    /// Nobody of that id; actors who are not staff.
    #[tracing::instrument(name = "agents.get", skip_all, fields(ticket, actor))]
    pub async fn get(self, actor: &Actor, agent: AgentId) -> Result<Agent, Error> {
        self.0.authorise(actor, Action::ReadDesk)?;
        self.0.0.store.agent(agent).await?.ok_or(Error::NotFound)
    }

    /// Describes an agent; one who was not known becomes known.
    ///
    /// Where that makes them available, the queue is looked through for them; where it takes them away for good, the
    /// profile says what becomes of their tickets.
    ///
    /// # Errors
    /// Every wrong field; nobody of that id in the host's directory; actors who are no admins.
    #[tracing::instrument(name = "agents.edit", skip_all, fields(ticket, actor))]
    pub async fn edit(self, actor: &Actor, agent: AgentId, edit: AgentEdit) -> Result<Agent, Error> {
        self.0.authorise(actor, Action::ManageAgents)?;
        let edited = self.0.run(actor, || self.plan_edit(actor, agent, edit.clone())).await?;
        self.consequences(edited, edit.availability).await
    }

    /// Says whether the actor takes tickets (S1, "Update Availability").
    ///
    /// # Errors
    /// Actors who are no agents.
    #[tracing::instrument(name = "agents.set_availability", skip_all, fields(ticket, actor))]
    pub async fn set_availability(self, actor: &Actor, availability: Availability) -> Result<Agent, Error> {
        self.0.authorise(actor, Action::SetAvailability)?;
        let own = actor.agent_id().ok_or(Error::Forbidden(Action::SetAvailability))?;
        let edit = AgentEdit { availability: Some(availability), ..AgentEdit::default() };
        let edited = self.0.run(actor, || self.plan_edit(actor, own, edit.clone())).await?;
        self.consequences(edited, Some(availability)).await
    }

    async fn plan_edit(self, actor: &Actor, agent: AgentId, edit: AgentEdit) -> Result<Planned<Agent>, Error> {
        let now = self.0.now();
        let row = self.0.0.store.agent(agent).await?;
        let read = row.as_ref().map_or(0, |row| row.version);
        let mut row = match row {
            Some(row) => row,
            // Nobody of whom the host knows is found under this id.
            None => match self.0.agent(actor, "agentId", agent).await {
                Ok(known) => Agent::new(agent, known.name, now),
                Err(Error::Refused(_)) => return Err(Error::NotFound),
                Err(error) => return Err(error),
            },
        };
        // An admin may have described somebody whose name the host tells only when they sign in.
        if row.name.is_empty() && actor.agent_id() == Some(agent) {
            row.name = actor.signature().name;
        }
        let edited = Agent { version: read + 1, ..row.edit(edit, now)? };
        let write = Write::PutAgent { agent: Box::new(edited.clone()), read };
        Ok(Planned::writing(vec![write], edited))
    }

    async fn consequences(self, agent: Agent, said: Option<Availability>) -> Result<Agent, Error> {
        let desk = Desk(self.0.0.clone(), super::terms::Terms::default());
        // What they said is kept. What follows from it is the job's too: where it fails here, it is done there.
        let followed = async {
            match said {
                Some(Availability::Available) => {
                    desk.assign_waiting(Some(Place::default()), Effort::IN_PASSING).await?;
                }
                Some(Availability::Offline) if desk.hand_over(agent.id).await? > 0 => {
                    desk.assign_waiting(Some(Place::default()), Effort::IN_PASSING).await?;
                }
                _ => return Ok(None),
            }
            Ok::<_, Error>(desk.0.store.agent(agent.id).await?)
        };
        Ok(followed.await.ok().flatten().unwrap_or(agent))
    }
}

/// Every agent whom the query describes.
pub(super) async fn every_agent(desk: &Desk, query: AgentQuery) -> Result<Vec<Agent>, Error> {
    let mut query = AgentQuery { limit: 1_000, ..query };
    let mut agents: Vec<Agent> = Vec::new();
    loop {
        let slice = desk.0.store.agents(&query).await?;
        agents.extend(slice.items);
        query.after = agents.last().map(|agent| agent.id);
        if !slice.more {
            return Ok(agents);
        }
    }
}
