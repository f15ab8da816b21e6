use super::{Change, Ticket};
use crate::domain::{
    actor::Actor,
    event::Fact,
    id::AgentId,
    sla::ClockKind,
    stats::{Tally, TallyEntry, TallyScope, quarter},
};
use std::collections::BTreeMap;

impl Change {
    /// What the change adds to the counters of the desk, of the ticket's priority, and of the agents who have to do with it.
    ///
    /// An answer is credited to whoever gave it; everything else to whoever has the ticket, or else to the member of staff
    /// who did it. `before` is the ticket before the change; none where the change opened it.
    pub fn tallies(&self, before: Option<&Ticket>, actor: &Actor) -> Vec<TallyEntry> {
        let mut sums = Sums::default();
        let holder = self.ticket.assignee.as_ref().map(|agent| agent.id);
        let credited = holder.or(before.and_then(|ticket| ticket.assignee.as_ref()).map(|agent| agent.id));
        let credited = credited.or(actor.agent_id());
        let seconds = (self.at - self.ticket.created_at).num_seconds();

        let answered_before = before.is_some_and(|ticket| ticket.first_response_at.is_some());
        if self.ticket.first_response_at.is_some() && !answered_before {
            let by = Tally { answered: 1, answer_seconds: seconds, ..Tally::default() };
            sums.add(actor.agent_id().or(credited), by);
        }
        if self.ticket.phase.is_done() && !before.is_some_and(|ticket| ticket.phase.is_done()) {
            sums.add(credited, Tally { resolved: 1, resolve_seconds: seconds, ..Tally::default() });
        }
        for (_, fact) in &self.facts {
            let whom = match fact {
                Fact::Assigned { to, .. } => to.as_ref().map(|agent| agent.id),
                Fact::SlaFulfilled { clock: ClockKind::FirstResponse | ClockKind::NextResponse, .. } => {
                    actor.agent_id().or(credited)
                }
                _ => credited,
            };
            sums.add(whom, counted(fact));
        }
        let entry = |(scope, by)| TallyEntry { scope, quarter: quarter(self.at), by };
        let priority = TallyScope::Priority(self.ticket.priority.clone());
        let shared = [(TallyScope::Desk, sums.desk), (priority, sums.desk)];
        let agents = sums.agents.into_iter().map(|(id, by)| (TallyScope::Agent(id), by));
        shared.into_iter().chain(agents).filter(|(_, by)| !by.is_empty()).map(entry).collect()
    }
}

#[derive(Default)]
struct Sums {
    desk: Tally,
    agents: BTreeMap<AgentId, Tally>,
}

impl Sums {
    fn add(&mut self, whom: Option<AgentId>, by: Tally) {
        self.desk += by;
        if let Some(whom) = whom {
            *self.agents.entry(whom).or_default() += by;
        }
    }
}

/// What one fact counts for by itself.
fn counted(fact: &Fact) -> Tally {
    let none = Tally::default();
    match fact {
        Fact::TicketOpened { .. } => Tally { opened: 1, ..none },
        Fact::Assigned { to: Some(_), .. } => Tally { assigned: 1, ..none },
        Fact::Closed { .. } => Tally { closed: 1, ..none },
        Fact::Reopened { .. } => Tally { reopened: 1, ..none },
        Fact::Escalated { .. } => Tally { escalated: 1, ..none },
        Fact::Rated { satisfaction } => Tally {
            rated: i64::from(satisfaction.rating.is_some()),
            stars: satisfaction.rating.map_or(0, i64::from),
            satisfied: i64::from(satisfaction.satisfied == Some(true)),
            dissatisfied: i64::from(satisfaction.satisfied == Some(false)),
            ..none
        },
        Fact::SlaFulfilled { clock, breached, .. } => {
            let (kept, missed) = (i64::from(!*breached), i64::from(*breached));
            match clock {
                ClockKind::FirstResponse => Tally { first_kept: kept, first_missed: missed, ..none },
                ClockKind::NextResponse => Tally { next_kept: kept, next_missed: missed, ..none },
                ClockKind::Resolution => Tally { resolution_kept: kept, resolution_missed: missed, ..none },
            }
        }
        _ => none,
    }
}
