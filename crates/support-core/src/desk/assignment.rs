//! Finding somebody for a ticket, and keeping everybody's count of open tickets true.

use super::{Desk, Error, Planned, agents::every_agent};
use crate::{
    domain::{
        access::TicketScope,
        actor::{Actor, AgentRef},
        agent::{Agent, Availability},
        assignment::{Choice, OnOffline},
        fault::Refusal,
        id::{AgentId, TicketId},
        key::PriorityKey,
        ticket::{AssigneeFilter, Change, Cursor, Sort, SortKey, Ticket, TicketFilter, TicketQuery},
    },
    ports::{Write, agents::AgentQuery},
};

/// The name of the rule that looks for somebody where no rule of the profile holds.
pub(super) const RULE: &str = "assignment";

impl Desk {
    /// The writes by which counts of open tickets follow a change of who has the ticket, or whether it is open; and the
    /// change itself, which is another one where whoever had the ticket has no room for it any more.
    pub(super) async fn follow(
        &self,
        actor: &Actor,
        before: Option<&Ticket>,
        change: Change,
    ) -> Result<(Change, Vec<Write>), Error> {
        let held = |ticket: &Ticket| ticket.occupies().map(|agent| agent.id);
        let released = before.and_then(held);
        let mut change = change;
        let mut writes = Vec::new();
        if let Some(to) = change.ticket.occupies().filter(|to| Some(to.id) != released).cloned() {
            let row = self.0.store.agent(to.id).await?;
            let given = before.is_none_or(|ticket| ticket.assignee.as_ref().map(|agent| agent.id) != Some(to.id));
            match self.refuses(row.as_ref(), given) {
                None => writes.push(self.occupy(to, row.as_ref(), &change)),
                Some(why) if given => return Err(Refusal::State(why).into()),
                Some(why) => {
                    let (other, occupy) = self.somebody_else(actor, change, why).await?;
                    change = other;
                    writes.extend(occupy);
                }
            }
        }
        if let Some(agent) = released.filter(|released| held(&change.ticket) != Some(*released)) {
            writes.push(Write::Release { agent });
        }
        Ok((change, writes))
    }

    /// Why an agent does not get a ticket: whoever is given one needs room for it; whoever is to have one back must be
    /// there, too.
    pub(super) fn refuses(&self, agent: Option<&Agent>, given: bool) -> Option<&'static str> {
        let agent = agent?;
        if !agent.has_room(self.profile().assignment.capacity) {
            Some("the agent has as many open tickets as they can take")
        } else if !given && agent.availability.is_some_and(|said| !said.is_present()) {
            Some("the agent is not there")
        } else {
            None
        }
    }

    pub(super) fn occupy(&self, agent: AgentRef, row: Option<&Agent>, change: &Change) -> Write {
        let most = row.and_then(|row| row.max_tickets).or(self.profile().assignment.capacity);
        Write::Occupy { agent, read: row.map_or(0, |row| row.version), most, at: change.at }
    }

    /// Takes the ticket from whoever cannot have it back, and gives it to somebody else where that is automatic.
    async fn somebody_else(&self, actor: &Actor, change: Change, why: &str) -> Result<(Change, Option<Write>), Error> {
        let cx = self.context(actor);
        let change = change.given_to(cx, None, RULE, why.to_owned());
        self.offer(actor, change).await
    }

    /// Gives a ticket that nobody has to somebody, where assignment is automatic and somebody can take it.
    pub(super) async fn offer(&self, actor: &Actor, change: Change) -> Result<(Change, Option<Write>), Error> {
        let rules = &self.profile().assignment;
        let ticket = &change.ticket;
        if !rules.automatic || ticket.assignee.is_some() || ticket.phase.is_done() {
            return Ok((change, None));
        }
        let agents = self.available_agents().await?;
        let Ok(Choice { agent, why, rule }) = rules.choose(ticket, &agents, change.at) else {
            return Ok((change, None));
        };
        let change = change.given_to(self.context(actor), Some(agent.into()), rule.unwrap_or(RULE), why);
        let write = self.occupy(agent.into(), Some(agent), &change);
        Ok((change, Some(write)))
    }

    pub(super) async fn available_agents(&self) -> Result<Vec<Agent>, Error> {
        let query = AgentQuery { availability: Some(Availability::Available), ..AgentQuery::default() };
        every_agent(self, query).await
    }

    /// Gives waiting tickets to whoever can take them, the most urgent and the oldest first, until nobody has room or the
    /// queue is at its end; at most `most` of them. Answers how many found somebody.
    ///
    /// A ticket that nobody can take is passed over, so it keeps no other waiting.
    pub(super) async fn assign_waiting(&self, most: Option<u32>) -> Result<u32, Error> {
        if !self.profile().assignment.automatic {
            return Ok(0);
        }
        let mut given = 0;
        for priority in self.profile().priorities.ranked.iter().rev() {
            let mut after = None;
            while most.is_none_or(|most| given < most) {
                let agents = self.available_agents().await?;
                let capacity = self.profile().assignment.capacity;
                if !agents.iter().any(|agent| agent.has_room(capacity)) {
                    return Ok(given);
                }
                let (tickets, next) = self.queue(priority, after).await?;
                for ticket in tickets {
                    given += u32::from(self.assign_one(ticket).await?);
                }
                after = next;
                if next.is_none() {
                    break;
                }
            }
        }
        Ok(given)
    }

    /// A stretch of the queue of one priority, the oldest first.
    async fn queue(
        &self,
        priority: &PriorityKey,
        after: Option<Cursor>,
    ) -> Result<(Vec<TicketId>, Option<Cursor>), Error> {
        let open = self.profile().workflow.statuses.iter().filter(|status| !status.phase.is_done());
        let filter = TicketFilter {
            statuses: open.map(|status| status.key.clone()).collect(),
            priorities: vec![priority.clone()],
            assignee: Some(AssigneeFilter::Nobody),
            ..TicketFilter::default()
        };
        let sort = Sort { key: SortKey::Created, ascending: true };
        let query = TicketQuery { scope: TicketScope::All, filter, sort, after, skip: 0, limit: 100 };
        let slice = self.0.store.tickets(&query).await?;
        let next = slice.items.last().filter(|_| slice.more).map(|row| row.cursor(sort.key));
        Ok((slice.items.into_iter().map(|row| row.id).collect(), next))
    }

    /// Gives a waiting ticket to somebody; answers whether somebody got it.
    async fn assign_one(&self, ticket: TicketId) -> Result<bool, Error> {
        let actor = Actor::system(RULE);
        let outcome = self.run(&actor, || self.plan_assign_one(&actor, ticket)).await;
        match outcome {
            Ok(ticket) => Ok(ticket.assignee.is_some()),
            // Somebody else was faster: with the ticket, or with the last room there was. The next look will tell.
            Err(Error::Refused(Refusal::State(_)) | Error::Conflict | Error::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn plan_assign_one(&self, actor: &Actor, ticket: TicketId) -> Result<Planned<Ticket>, Error> {
        let ticket = self.0.store.ticket(ticket).await?.ok_or(Error::NotFound)?;
        let agents = self.available_agents().await?;
        let cx = self.context(actor);
        let choice = self.profile().assignment.choose(&ticket, &agents, cx.now);
        let Ok(Choice { agent, why, rule }) = choice else {
            return Ok(Planned { changes: crate::ports::ChangeSet::default(), outcome: ticket });
        };
        let change = ticket.assign_by_rule(cx, agent.into(), rule.unwrap_or(RULE), why)?;
        self.plan_change(actor, &ticket, change).await
    }

    /// Takes the open tickets of somebody who went offline back into the queue, where the profile wants that, and looks for
    /// somebody else. Answers how many tickets came back.
    pub(super) async fn hand_over(&self, agent: AgentId) -> Result<u32, Error> {
        if self.profile().assignment.on_offline == OnOffline::Keep {
            return Ok(0);
        }
        let actor = Actor::system("hand-over");
        let mut handed = 0;
        let open = self.profile().workflow.statuses.iter().filter(|status| !status.phase.is_done());
        let filter = TicketFilter {
            statuses: open.map(|status| status.key.clone()).collect(),
            assignee: Some(AssigneeFilter::Is(agent)),
            ..TicketFilter::default()
        };
        let mut query =
            TicketQuery { scope: TicketScope::All, filter, sort: Sort::default(), after: None, skip: 0, limit: 100 };
        loop {
            let slice = self.0.store.tickets(&query).await?;
            for row in &slice.items {
                let back = self.run(&actor, || self.plan_hand_back(&actor, row.id, agent)).await?;
                handed += u32::from(back.assignee.as_ref().map(|agent| agent.id) != Some(agent));
            }
            match slice.items.last().filter(|_| slice.more) {
                Some(last) => query.after = Some(last.cursor(query.sort.key)),
                None => break,
            }
        }
        self.assign_waiting(None).await?;
        Ok(handed)
    }

    async fn plan_hand_back(&self, actor: &Actor, ticket: TicketId, agent: AgentId) -> Result<Planned<Ticket>, Error> {
        let ticket = self.0.store.ticket(ticket).await?.ok_or(Error::NotFound)?;
        if ticket.occupies().map(|holder| holder.id) != Some(agent) {
            return Ok(Planned { changes: crate::ports::ChangeSet::default(), outcome: ticket });
        }
        let change = ticket.hand_back(self.context(actor), "hand-over", "went offline".to_owned());
        self.plan_change(actor, &ticket, change).await
    }
}
