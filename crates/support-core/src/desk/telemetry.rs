//! What operators see: lines in a log, counters and gauges. Ids, numbers and words of the profile; never what people wrote,
//! nor who they are.
//!
//! Everything goes to the facades of `tracing` and `metrics`: without a subscriber or a recorder of the host it costs next to
//! nothing and goes nowhere.

use super::{Desk, Error};
use crate::{
    domain::{
        event::{Event, Fact},
        stats::{Holder, Range, Tally, TallyKind},
        ticket::Ticket,
    },
    ports::{StoreError, agents::AgentQuery},
};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// Averages are those of so many days.
const DAYS: i64 = 30;
/// Agents whose load is told.
const AGENTS: u32 = 1_000;

impl Desk {
    /// Whether the store answers.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.0.store.ticket_by_number("").await.map(|_| ())
    }

    /// Sets the gauges of S4, "Metrics to Track". Every figure is kept as things happen, so this reads some rows.
    ///
    /// # Errors
    /// Failures of the store.
    pub async fn publish_metrics(&self) -> Result<(), Error> {
        let store = &self.0.store;
        let (mut by_status, mut by_priority) = (BTreeMap::new(), BTreeMap::new());
        for (cell, count) in store.cells(Holder::Anybody, Range::ALWAYS).await? {
            *by_status.entry(cell.status).or_insert(0_u64) += count;
            *by_priority.entry(cell.priority).or_insert(0_u64) += count;
        }
        // A status that nobody has any more is told as 0, not as it was.
        for status in &self.profile().workflow.statuses {
            gauge("support_tickets", &[("status", status.key.as_str())], by_status.get(&status.key).copied());
        }
        for priority in &self.profile().priorities.ranked {
            let count = by_priority.get(priority).copied();
            gauge("support_tickets_by_priority", &[("priority", priority.as_str())], count);
        }
        let range = Range { from: Some(self.now() - TimeDelta::days(DAYS)), ..Range::ALWAYS }.in_quarters();
        let tally: Tally = store.tally_sums(TallyKind::Desk, range).await?.into_iter().map(|(_, tally)| tally).sum();
        averages(&tally);
        let agents = store.agents(&AgentQuery { limit: AGENTS, ..AgentQuery::default() }).await?.items;
        for agent in agents {
            let id = agent.id.to_string();
            gauge("support_agent_open_tickets", &[("agent", id.as_str())], Some(u64::from(agent.open_tickets)));
        }
        Ok(())
    }
}

/// One line and one count for each thing that happened (S4, "Logging").
pub(super) fn log(events: &[Event], ticket: &Ticket) {
    for event in events {
        let what = event.fact.name();
        metrics::counter!("support_events_total", "event" => what).increment(1);
        tracing::info!(
            target: "support_desk::events",
            event = what,
            id = %event.id,
            ticket = %ticket.id,
            number = %ticket.number,
            actor_role = event.actor.role.as_str(),
            actor = event.actor.id.map(tracing::field::display),
            status = %ticket.status,
            priority = %ticket.priority,
            detail = detail(&event.fact),
            "{what}"
        );
    }
}

/// Words of the profile, ids and numbers that say more than the name of what happened.
fn detail(fact: &Fact) -> Option<String> {
    match fact {
        Fact::StatusChanged { from, to, .. } => Some(format!("{from} -> {to}")),
        Fact::PriorityChanged { from, to } => Some(format!("{from} -> {to}")),
        Fact::Assigned { to, .. } => {
            Some(to.as_ref().map_or_else(|| "nobody".to_owned(), |agent| agent.id.to_string()))
        }
        Fact::Escalated { to_level, .. } => Some(format!("level {to_level}")),
        Fact::MessageAdded { message } | Fact::NoteAdded { message } => Some(message.to_string()),
        Fact::FileAdded { file, .. } => Some(file.to_string()),
        Fact::SlaAtRisk { clock, percent, .. } => Some(format!("{clock:?} {percent} %")),
        Fact::SlaBreached { clock, .. } | Fact::SlaFulfilled { clock, .. } => Some(format!("{clock:?}")),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody counts 2^52 tickets")]
fn gauge(name: &'static str, labels: &[(&'static str, &str)], count: Option<u64>) {
    let labels: Vec<metrics::Label> =
        labels.iter().map(|(key, value)| metrics::Label::new(*key, (*value).to_owned())).collect();
    metrics::gauge!(name, labels).set(count.unwrap_or(0) as f64);
}

#[expect(clippy::cast_precision_loss, reason = "nobody counts 2^52 tickets")]
fn averages(tally: &Tally) {
    let seconds = |minutes: Option<f64>| minutes.map(|minutes| minutes * 60.0);
    let share = (tally.opened > 0).then(|| tally.escalated as f64 / tally.opened as f64);
    for (name, value) in [
        ("support_first_response_seconds_average", seconds(tally.minutes_to_answer())),
        ("support_resolution_seconds_average", seconds(tally.minutes_to_resolve())),
        ("support_satisfaction_average", tally.rating()),
        ("support_escalation_ratio", share),
    ] {
        // Of nothing there is no average; whatever is told of none would be taken for a very good or a very bad one.
        if let Some(value) = value {
            metrics::gauge!(name).set(value);
        }
    }
}
