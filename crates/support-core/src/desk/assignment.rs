//! Finding somebody for a ticket, and keeping everybody's count of open tickets true.

use super::{Desk, Error, Planned, agents::every_agent};
use crate::{
    domain::{
        access::TicketScope,
        actor::Actor,
        agent::{Agent, Availability},
        assignment::{Choice, OnOffline},
        fault::Refusal,
        id::{AgentId, TicketId},
        ticket::{AssigneeFilter, Change, Cursor, Sort, SortKey, Ticket, TicketFilter, TicketQuery, TicketSummary},
    },
    ports::{Write, agents::AgentQuery},
};

/// How far to go at one time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    /// Give out no more than so many tickets, or what a page of the queue holds above that.
    pub(super) tickets: u32,
    /// Look through no more than so many pages of the queue.
    pub(super) pages: u32,
}

impl Effort {
    /// While somebody waits for an answer; what is left is the job's.
    pub(super) const IN_PASSING: Self = Self { tickets: 20, pages: 3 };
    /// A batch of the job.
    pub(super) const BATCH: Self = Self { tickets: 100, pages: 20 };
}

/// Where one stands in the queue.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// Of which priority, from 0, the highest.
    priority: usize,
    after: Option<Cursor>,
}

/// The name of the rule that looks for somebody where no rule of the profile holds.
pub(super) const RULE: &str = "assignment";

impl Desk {
    /// The writes by which counts of open tickets follow a change of who has the ticket, or whether it is open; and the
    /// change itself, which is another one where whoever had the ticket cannot have it back.
    pub(super) async fn follow(
        &self,
        actor: &Actor,
        before: Option<&Ticket>,
        change: Change,
    ) -> Result<(Change, Vec<Write>), Error> {
        let held = |ticket: &Ticket| ticket.occupies().map(|agent| agent.id);
        let released = before.and_then(held);
        let change = self.unless_gone(actor, before, change).await?;
        let mut writes = Vec::new();
        if let Some(to) = change.ticket.occupies().filter(|to| Some(to.id) != released) {
            let row = self.0.store.agent(to.id).await?;
            let capacity = self.profile().assignment.capacity;
            if row.as_ref().is_some_and(|row| !row.has_room(capacity)) {
                // Whom a rule has chosen had room a moment ago: whoever waits for an answer did not ask for them.
                return Err(if change.is_assigned_by_rule() {
                    Error::Conflict
                } else {
                    Refusal::State("the agent has as many open tickets as they can take").into()
                });
            }
            let most = row.as_ref().and_then(|row| row.max_tickets).or(capacity);
            let read = row.map_or(0, |row| row.version);
            writes.push(Write::Occupy { agent: to.clone(), read, most, at: change.at });
        }
        if let Some(agent) = released.filter(|released| held(&change.ticket) != Some(*released)) {
            writes.push(Write::Release { agent });
        }
        Ok((change, writes))
    }

    /// A ticket that is open again goes back to whoever had it, unless they are not there or have no room: then somebody
    /// else is looked for (S1, "Original agent (or new agent) reassigned").
    async fn unless_gone(&self, actor: &Actor, before: Option<&Ticket>, change: Change) -> Result<Change, Error> {
        let had = before.filter(|ticket| ticket.occupies().is_none()).and_then(|ticket| ticket.assignee.as_ref());
        let back = change.ticket.occupies().filter(|to| had.is_some_and(|had| had.id == to.id));
        let Some(back) = back else { return Ok(change) };
        let row = self.0.store.agent(back.id).await?;
        let Some(why) = self.refuses(row.as_ref()) else { return Ok(change) };
        let why = format!("{} {why}", back.name);
        self.offer(actor, change.given_to(self.context(actor), None, RULE, why)).await
    }

    /// Why somebody cannot have a ticket back that they had.
    pub(super) fn refuses(&self, agent: Option<&Agent>) -> Option<&'static str> {
        let agent = agent?;
        if !agent.has_room(self.profile().assignment.capacity) {
            Some("has no room for it")
        } else if agent.availability.is_some_and(|said| !said.is_present()) {
            Some("is not there")
        } else {
            None
        }
    }

    /// Gives a ticket that nobody has to somebody, where assignment is automatic and somebody can take it.
    pub(super) async fn offer(&self, actor: &Actor, change: Change) -> Result<Change, Error> {
        let (rules, ticket) = (&self.profile().assignment, &change.ticket);
        if !rules.automatic || ticket.assignee.is_some() || ticket.phase.is_done() || ticket.deleted_at.is_some() {
            return Ok(change);
        }
        let agents = self.available_agents().await?;
        let Ok(Choice { agent, why, rule }) = rules.choose(ticket, &agents, change.at) else {
            return Ok(change);
        };
        Ok(change.given_to(self.context(actor), Some(agent.into()), rule.unwrap_or(RULE), why))
    }

    pub(super) async fn available_agents(&self) -> Result<Vec<Agent>, Error> {
        let query = AgentQuery { availability: Some(Availability::Available), ..AgentQuery::default() };
        every_agent(self, query).await
    }

    /// Gives waiting tickets to whoever can take them, the most urgent and the oldest first, until nobody has room, the
    /// queue is at its end, or as far as `effort` goes. Answers how many found somebody, and where to go on.
    ///
    /// A ticket that nobody can take is passed over, so it keeps no other waiting.
    pub(super) async fn assign_waiting(
        &self,
        from: Option<Place>,
        effort: Effort,
    ) -> Result<(u32, Option<Place>), Error> {
        let (mut given, mut place) = (0, from.filter(|_| self.profile().assignment.automatic));
        for _ in 0..effort.pages {
            let Some(here) = place.filter(|_| given < effort.tickets) else { break };
            let agents = self.available_agents().await?;
            if !self.somebody_is_free(&agents) {
                return Ok((given, None));
            }
            let (tickets, next) = self.queue(here).await?;
            for ticket in tickets {
                // Most of a long queue may be for nobody who is there: those cost a read, and no plan.
                let Some(row) = self.0.store.ticket(ticket).await? else { continue };
                if self.profile().assignment.choose(&row, &agents, self.now()).is_ok() {
                    given += u32::from(self.assign_one(ticket).await?);
                }
            }
            place = next;
        }
        Ok((given, place))
    }

    /// A stretch of the queue, and where the next one begins: the priorities of the profile, the highest first, and then
    /// those that it knows no more.
    async fn queue(&self, place: Place) -> Result<(Vec<TicketId>, Option<Place>), Error> {
        let ranked = &self.profile().priorities.ranked;
        let priority = ranked.iter().rev().nth(place.priority);
        let mut query = self.waiting(100);
        query.filter.priorities.extend(priority.cloned());
        let slice = self.0.store.tickets(&TicketQuery { after: place.after, ..query }).await?;
        let next = match slice.items.last().filter(|_| slice.more) {
            Some(last) => Some(Place { after: Some(last.cursor(SortKey::Created)), ..place }),
            None => priority.map(|_| Place { priority: place.priority + 1, after: None }),
        };
        let meant = |row: &TicketSummary| priority.is_some() || !ranked.contains(&row.priority);
        Ok((slice.items.into_iter().filter(meant).map(|row| row.id).collect(), next))
    }

    /// Open tickets that nobody has, the oldest first.
    fn waiting(&self, limit: u32) -> TicketQuery {
        let assignee = Some(AssigneeFilter::Nobody);
        let filter = TicketFilter { statuses: self.open_statuses(), assignee, ..TicketFilter::default() };
        let sort = Sort { key: SortKey::Created, ascending: true };
        TicketQuery { reader: None, scope: TicketScope::All, filter, sort, after: None, skip: 0, limit }
    }

    /// Agents who are offline and still have open tickets.
    async fn gone_with_tickets(&self) -> Result<Vec<Agent>, Error> {
        let query = AgentQuery { availability: Some(Availability::Offline), ..AgentQuery::default() };
        let mut gone = every_agent(self, query).await?;
        gone.retain(|agent| agent.open_tickets > 0);
        Ok(gone)
    }

    /// What was left undone when they went.
    pub(super) async fn hand_over_of_all(&self) -> Result<(), Error> {
        if self.profile().assignment.on_offline == OnOffline::Release {
            for agent in self.gone_with_tickets().await? {
                self.hand_over(agent.id).await?;
            }
        }
        Ok(())
    }

    /// Whether a ticket waits, and somebody could take one; or somebody has gone and left tickets behind.
    pub(super) async fn has_somebody_free(&self) -> Result<bool, Error> {
        let rules = &self.profile().assignment;
        let hands_over = rules.on_offline == OnOffline::Release;
        if hands_over && !self.gone_with_tickets().await?.is_empty() {
            return Ok(true);
        }
        if !rules.automatic || self.0.store.ticket_count(&self.waiting(1), 1).await? == 0 {
            return Ok(false);
        }
        Ok(self.somebody_is_free(&self.available_agents().await?))
    }

    fn somebody_is_free(&self, agents: &[Agent]) -> bool {
        let (capacity, now) = (self.profile().assignment.capacity, self.now());
        agents.iter().any(|agent| agent.has_room(capacity) && agent.is_on_shift(now))
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
            return Ok(Planned::nothing(ticket));
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
        let filter = TicketFilter {
            statuses: self.open_statuses(),
            assignee: Some(AssigneeFilter::Is(agent)),
            ..TicketFilter::default()
        };
        let mut query = TicketQuery {
            reader: None,
            scope: TicketScope::All,
            filter,
            sort: Sort::default(),
            after: None,
            skip: 0,
            limit: 100,
        };
        loop {
            let slice = self.0.store.tickets(&query).await?;
            for row in &slice.items {
                match self.run(&actor, || self.plan_hand_back(&actor, row.id, agent)).await {
                    Ok(back) => handed += u32::from(back.assignee.as_ref().map(|agent| agent.id) != Some(agent)),
                    // Somebody else is at it; the job looks again.
                    Err(Error::Refused(_) | Error::Conflict | Error::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
            match slice.items.last().filter(|_| slice.more) {
                Some(last) => query.after = Some(last.cursor(query.sort.key)),
                None => break,
            }
        }
        Ok(handed)
    }

    async fn plan_hand_back(&self, actor: &Actor, ticket: TicketId, agent: AgentId) -> Result<Planned<Ticket>, Error> {
        let ticket = self.0.store.ticket(ticket).await?.ok_or(Error::NotFound)?;
        if ticket.occupies().map(|holder| holder.id) != Some(agent) {
            return Ok(Planned::nothing(ticket));
        }
        let change = ticket.hand_back(self.context(actor), "hand-over", "went offline".to_owned());
        self.plan_change(actor, &ticket, change).await
    }
}
