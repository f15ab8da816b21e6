//! Figures: how tickets stand, what happened, and who did it.

use super::{Desk, Error, tickets::Page};
use crate::{
    domain::{
        access::Action,
        actor::Actor,
        agent::Agent,
        id::AgentId,
        key::{CategoryKey, PriorityKey, StatusKey},
        stats::{Holder, Point, Range, Step, Tally, TallyKind, TallyScope, edges},
        ticket::{AssigneeFilter, SlaFilter, Sort, TicketFilter, TicketSummary},
    },
    ports::agents::AgentQuery,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// Reads figures. From [`Desk::stats`].
///
/// What happened is counted by quarters of an hour: a range is widened to whole ones.
#[derive(Debug, Clone, Copy)]
pub struct Stats<'a>(pub(super) &'a Desk);

/// How the tickets of a range stand, and what happened in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The range, in whole quarters of an hour.
    pub range: Range,
    /// Tickets that were opened in it.
    pub total: u64,
    /// Those by their status now, in the order of the profile.
    pub by_status: Vec<(StatusKey, u64)>,
    /// Those by their priority now, highest first.
    pub by_priority: Vec<(PriorityKey, u64)>,
    /// Those by their category now, the most frequent first; without one last.
    pub by_category: Vec<(Option<CategoryKey>, u64)>,
    /// How many of them have not ended.
    pub open: u64,
    /// What happened in it.
    pub tally: Tally,
    /// Whose figures these are; everybody's where absent.
    pub agent: Option<AgentId>,
}

/// Whether promises were kept.
#[derive(Debug, Clone, PartialEq)]
pub struct SlaFigures {
    /// The range, in whole quarters of an hour.
    pub range: Range,
    /// Of the whole desk.
    pub desk: Tally,
    /// By the priority that tickets had when a clock stopped, highest first.
    pub by_priority: Vec<(PriorityKey, Tally)>,
    /// By agent, with the name they have now.
    pub by_agent: Vec<AgentFigures>,
    /// Tickets with a clock whose target is used up now, up to [`COUNTED`].
    pub breached: u32,
    /// Tickets with a clock at risk now, up to [`COUNTED`].
    pub at_risk: u32,
}

/// What one agent did.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentFigures {
    /// Who.
    pub id: AgentId,
    /// Their name; empty where nobody of that id is known any more.
    pub name: String,
    /// What they did in the range.
    pub tally: Tally,
    /// Tickets they hold now that have not ended.
    pub open: u32,
}

/// What somebody sees first in the morning (S1, "Get Dashboard").
#[derive(Debug, Clone, PartialEq)]
pub struct Dashboard {
    /// Open tickets that the actor has, the oldest first.
    pub assigned: Vec<TicketSummary>,
    /// Open tickets that nobody has, the oldest first.
    pub unassigned: Vec<TicketSummary>,
    /// Open tickets of the highest priority that the actor may see, the oldest first.
    pub urgent: Vec<TicketSummary>,
    /// Open tickets that the actor has.
    pub workload: u32,
    /// Open tickets that the actor may see, up to [`COUNTED`].
    pub open: u32,
    /// Of those, the ones that nobody has.
    pub waiting: u32,
    /// Of those, the ones with a clock whose target is used up.
    pub breached: u32,
    /// Of those, the ones with a clock at risk.
    pub at_risk: u32,
    /// The actor's colleagues and their load, in the order of their ids, at most a page of them.
    pub agents: Vec<Agent>,
}

/// Counts for people stop here: they read "1000+".
pub const COUNTED: u32 = 1_000;
/// Rows of each list of the dashboard.
const ROWS: u32 = 20;

impl Stats<'_> {
    /// How the tickets of a range stand and what happened in it; of one agent, or of the whole desk.
    ///
    /// # Errors
    /// Actors who may not read figures; an agent may read their own.
    #[tracing::instrument(name = "stats.report", skip_all, fields(ticket, actor))]
    pub async fn report(self, actor: &Actor, range: Range, agent: Option<AgentId>) -> Result<Report, Error> {
        self.authorise(actor, agent)?;
        let range = range.in_quarters();
        let store = &self.0.0.store;
        let cells = store.cells(agent.map_or(Holder::Anybody, Holder::Agent), range).await?;
        let tally = match agent {
            None => store.tally_sums(TallyKind::Desk, range).await?.into_iter().map(|(_, tally)| tally).sum(),
            Some(id) => {
                let edges =
                    [range.from.unwrap_or(DateTime::<Utc>::MIN_UTC), range.to.unwrap_or(DateTime::<Utc>::MAX_UTC)];
                store.tally_series(&TallyScope::Agent(id), &edges).await?.into_iter().sum()
            }
        };
        let (mut status, mut priority, mut category) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (cell, count) in &cells {
            *status.entry(cell.status.clone()).or_insert(0) += count;
            *priority.entry(cell.priority.clone()).or_insert(0) += count;
            *category.entry(cell.category.clone()).or_insert(0) += count;
        }
        let profile = self.0.profile();
        let done = |key: &StatusKey| profile.workflow.status(key.as_str()).is_some_and(|status| status.phase.is_done());
        let mut by_status: Vec<(StatusKey, u64)> = status.into_iter().collect();
        let place = |key: &StatusKey| profile.workflow.statuses.iter().position(|status| status.key == *key);
        by_status.sort_by_key(|(key, _)| place(key).unwrap_or(usize::MAX));
        let mut by_category: Vec<(Option<CategoryKey>, u64)> = category.into_iter().collect();
        by_category.sort_by_key(|(key, count)| (key.is_none(), std::cmp::Reverse(*count)));
        Ok(Report {
            range,
            total: cells.iter().map(|(_, count)| count).sum(),
            open: by_status.iter().filter(|(key, _)| !done(key)).map(|(_, count)| count).sum(),
            by_status,
            by_priority: self.highest_first(priority),
            by_category,
            tally,
            agent,
        })
    }

    fn highest_first<T>(self, by: BTreeMap<PriorityKey, T>) -> Vec<(PriorityKey, T)> {
        let mut rows: Vec<(PriorityKey, T)> = by.into_iter().collect();
        rows.sort_by_key(|(key, _)| std::cmp::Reverse(self.0.profile().priorities.rank(key.as_str())));
        rows
    }

    /// Whether promises were kept, by priority and by agent.
    ///
    /// # Errors
    /// Actors who may not read figures.
    #[tracing::instrument(name = "stats.sla", skip_all, fields(ticket, actor))]
    pub async fn sla(self, actor: &Actor, range: Range) -> Result<SlaFigures, Error> {
        self.authorise(actor, None)?;
        let range = range.in_quarters();
        let store = &self.0.0.store;
        let desk = store.tally_sums(TallyKind::Desk, range).await?.into_iter().map(|(_, tally)| tally).sum();
        let priorities = store.tally_sums(TallyKind::Priority, range).await?;
        let priorities = priorities.into_iter().filter_map(|(scope, tally)| match scope {
            TallyScope::Priority(key) => Some((key, tally)),
            _ => None,
        });
        Ok(SlaFigures {
            range,
            desk,
            by_priority: self.highest_first(priorities.collect()),
            by_agent: self.agents_of(range).await?,
            breached: self.count(actor, self.with_clock(SlaFilter::Breached)).await?,
            at_risk: self.count(actor, self.with_clock(SlaFilter::AtRisk)).await?,
        })
    }

    /// What each agent did in a range: those who did something, and those who are known.
    ///
    /// # Errors
    /// Actors who may not read figures.
    #[tracing::instrument(name = "stats.agents", skip_all, fields(ticket, actor))]
    pub async fn agents(self, actor: &Actor, range: Range) -> Result<Vec<AgentFigures>, Error> {
        self.authorise(actor, None)?;
        self.agents_of(range.in_quarters()).await
    }

    async fn agents_of(self, range: Range) -> Result<Vec<AgentFigures>, Error> {
        let sums = self.0.0.store.tally_sums(TallyKind::Agent, range).await?;
        let mut did: BTreeMap<AgentId, Tally> = sums
            .into_iter()
            .filter_map(|(scope, tally)| match scope {
                TallyScope::Agent(id) => Some((id, tally)),
                _ => None,
            })
            .collect();
        let known = super::agents::every_agent(self.0, AgentQuery::default()).await?;
        let mut rows: Vec<AgentFigures> = known
            .into_iter()
            .map(|agent| AgentFigures {
                id: agent.id,
                tally: did.remove(&agent.id).unwrap_or_default(),
                open: agent.open_tickets,
                name: agent.name,
            })
            .collect();
        rows.extend(did.into_iter().map(|(id, tally)| AgentFigures { id, name: String::new(), tally, open: 0 }));
        Ok(rows)
    }

    /// What happened, step by step on the clocks of a time zone. Without ends, the last thirty days.
    ///
    /// # Errors
    /// Too many points; actors who may not read figures.
    #[tracing::instrument(name = "stats.series", skip_all, fields(ticket, actor))]
    pub async fn series(
        self,
        actor: &Actor,
        range: Range,
        step: Step,
        zone: Tz,
        agent: Option<AgentId>,
    ) -> Result<Vec<Point>, Error> {
        self.authorise(actor, agent)?;
        let (from, to) = range.or_last(30, self.0.now());
        let whole = Range { from: Some(from), to: Some(to) }.in_quarters();
        let (from, to) = (whole.from.unwrap_or(from), whole.to.unwrap_or(to));
        let edges = edges(from, to, step, zone)?;
        let scope = agent.map_or(TallyScope::Desk, TallyScope::Agent);
        let tallies = self.0.0.store.tally_series(&scope, &edges).await?;
        let point = |(pair, tally): (&[DateTime<Utc>], Tally)| Point { from: pair[0], to: pair[1], tally };
        Ok(edges.windows(2).zip(tallies).map(point).collect())
    }

    /// What the actor sees first in the morning.
    ///
    /// # Errors
    /// Actors who are not staff.
    #[tracing::instrument(name = "stats.dashboard", skip_all, fields(ticket, actor))]
    pub async fn dashboard(self, actor: &Actor) -> Result<Dashboard, Error> {
        self.0.authorise(actor, Action::ReadDesk)?;
        let own = actor.agent_id();
        let mine = TicketFilter { assignee: own.map(AssigneeFilter::Is), ..self.open() };
        let unassigned = TicketFilter { assignee: Some(AssigneeFilter::Nobody), ..self.open() };
        let highest = self.0.profile().priorities.ranked.last().cloned();
        let urgent = TicketFilter { priorities: highest.into_iter().collect(), ..self.open() };
        let assigned = if own.is_some() { self.rows(actor, mine.clone()).await? } else { Vec::new() };
        let workload = match own {
            Some(id) => self.0.0.store.agent(id).await?.map_or(0, |agent| agent.open_tickets),
            None => 0,
        };
        let page = AgentQuery { limit: self.0.profile().limits.page, ..AgentQuery::default() };
        Ok(Dashboard {
            assigned,
            unassigned: self.rows(actor, unassigned.clone()).await?,
            urgent: self.rows(actor, urgent).await?,
            workload,
            open: self.count(actor, self.open()).await?,
            waiting: self.count(actor, unassigned).await?,
            breached: self.count(actor, self.with_clock(SlaFilter::Breached)).await?,
            at_risk: self.count(actor, self.with_clock(SlaFilter::AtRisk)).await?,
            agents: self.0.0.store.agents(&page).await?.items,
        })
    }

    fn authorise(self, actor: &Actor, agent: Option<AgentId>) -> Result<(), Error> {
        let own = agent.is_some() && agent == actor.agent_id();
        self.0.authorise(actor, if own { Action::ReadOwnReport } else { Action::ReadReports })
    }

    fn open(self) -> TicketFilter {
        TicketFilter { statuses: self.0.open_statuses(), ..TicketFilter::default() }
    }

    fn with_clock(self, state: SlaFilter) -> TicketFilter {
        TicketFilter { sla: Some((state, self.0.now())), ..TicketFilter::default() }
    }

    async fn rows(self, actor: &Actor, filter: TicketFilter) -> Result<Vec<TicketSummary>, Error> {
        let oldest = Sort { ascending: true, ..Sort::default() };
        Ok(self.0.tickets().list(actor, filter, oldest, Page::first(ROWS)).await?.tickets)
    }

    async fn count(self, actor: &Actor, filter: TicketFilter) -> Result<u32, Error> {
        self.0.tickets().count(actor, filter, COUNTED).await
    }
}

impl Desk {
    /// The statuses of tickets that have not ended.
    pub(super) fn open_statuses(&self) -> Vec<StatusKey> {
        let statuses = self.profile().workflow.statuses.iter();
        let open: BTreeSet<&StatusKey> =
            statuses.filter(|status| !status.phase.is_done()).map(|status| &status.key).collect();
        open.into_iter().cloned().collect()
    }
}
