//! Figures on the wire: a module for each answer, and here what several of them hold.

mod dashboard;
mod report;
mod sla;

pub(crate) use dashboard::DashboardBody;
pub(crate) use report::{AnalyticsBody, StatsBody};
pub(crate) use sla::SlaReportBody;

use super::Moment;
use serde::Serialize;
use support_core::domain::stats::{Range, Tally, compliance};
use utoipa::ToSchema;

/// A range as it was counted: whole quarters of an hour.
#[derive(Serialize, ToSchema)]
pub(crate) struct Period {
    /// Its first moment; from the beginning where absent.
    from: Option<Moment>,
    /// The first moment after it; until now where absent.
    to: Option<Moment>,
}

impl From<Range> for Period {
    fn from(range: Range) -> Self {
        Self { from: range.from.map(Moment), to: range.to.map(Moment) }
    }
}

/// What happened in some stretch of time.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Performance {
    /// Tickets that were opened.
    opened: i64,
    /// Tickets that came to an end.
    resolved: i64,
    /// Tickets that were closed.
    closed: i64,
    /// Tickets that were opened again.
    reopened: i64,
    /// Times that a ticket went to a higher level.
    escalated: i64,
    /// Escalations for each hundred tickets that were opened.
    escalation_rate: Option<f64>,
    /// Tickets that ended, for each hundred that were opened.
    resolution_rate: Option<f64>,
    /// Minutes to the first answer, on average.
    average_response_minutes: Option<f64>,
    /// Minutes to the end, on average.
    average_resolution_minutes: Option<f64>,
    /// What customers said.
    satisfaction: SatisfactionFigures,
    /// Whether promises were kept.
    sla: Compliance,
}

/// What customers said.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SatisfactionFigures {
    /// The average rating, from 1 to 5.
    average: Option<f64>,
    /// How many ratings there were.
    count: i64,
    /// How many said that the help was good.
    satisfied: i64,
    /// How many said that it was not.
    dissatisfied: i64,
}

/// Promises of one kind, kept and not.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Compliance {
    /// Targets that were met.
    met: i64,
    /// Targets that were missed.
    breached: i64,
    /// The share that was met, in percent.
    compliance_rate: Option<f64>,
}

impl Compliance {
    fn new((met, breached): (i64, i64)) -> Self {
        Self { met, breached, compliance_rate: compliance(met, breached).map(two_places) }
    }
}

impl From<&Tally> for Performance {
    fn from(tally: &Tally) -> Self {
        let share = |part: i64| compliance(part, tally.opened - part).map(two_places);
        Self {
            opened: tally.opened,
            resolved: tally.resolved,
            closed: tally.closed,
            reopened: tally.reopened,
            escalated: tally.escalated,
            escalation_rate: share(tally.escalated),
            resolution_rate: share(tally.resolved),
            average_response_minutes: tally.minutes_to_answer().map(two_places),
            average_resolution_minutes: tally.minutes_to_resolve().map(two_places),
            satisfaction: SatisfactionFigures {
                average: tally.rating().map(two_places),
                count: tally.rated,
                satisfied: tally.satisfied,
                dissatisfied: tally.dissatisfied,
            },
            sla: Compliance::new(tally.targets()),
        }
    }
}

/// People read minutes and percents with two places.
fn two_places(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
