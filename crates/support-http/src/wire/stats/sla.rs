use super::{Compliance, Period, two_places};
use serde::Serialize;
use support_core::{
    desk::stats::{AgentFigures, SlaFigures},
    domain::{key::PriorityKey, stats::Tally},
};
use utoipa::ToSchema;
use uuid::Uuid;

/// Whether promises were kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SlaReport)]
pub(crate) struct SlaReportBody<'a> {
    /// The range.
    period: Period,
    /// Of all clocks together.
    #[serde(flatten)]
    overall: Compliance,
    /// Of first responses.
    first_response: Compliance,
    /// Of later responses.
    next_response: Compliance,
    /// Of resolutions.
    resolution: Compliance,
    /// Minutes to the first answer, on average.
    average_response_minutes: Option<f64>,
    /// Minutes to the end, on average.
    average_resolution_minutes: Option<f64>,
    /// Tickets whose clocks run beyond a target now, counted up to 1,000.
    currently_breached: u32,
    /// Tickets with a clock at risk now, counted up to 1,000.
    currently_at_risk: u32,
    /// By priority, highest first.
    by_priority: Vec<PriorityCompliance<'a>>,
    /// By agent.
    by_agent: Vec<AgentCompliance<'a>>,
}

/// Promises to tickets of one priority.
#[derive(Serialize, ToSchema)]
pub(crate) struct PriorityCompliance<'a> {
    /// Which.
    #[schema(value_type = String)]
    priority: &'a PriorityKey,
    /// How they were kept.
    #[serde(flatten)]
    clocks: Clocks,
}

/// Promises that one agent had to keep.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentCompliance<'a> {
    /// Who.
    agent_id: Uuid,
    /// Their name.
    name: &'a str,
    /// How they were kept.
    #[serde(flatten)]
    clocks: Clocks,
}

/// Promises by clock.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Clocks {
    /// Of all clocks together.
    #[serde(flatten)]
    overall: Compliance,
    /// Of first responses.
    first_response: Compliance,
    /// Of later responses.
    next_response: Compliance,
    /// Of resolutions.
    resolution: Compliance,
}

impl From<&Tally> for Clocks {
    fn from(tally: &Tally) -> Self {
        Self {
            overall: Compliance::new(tally.targets()),
            first_response: Compliance::new((tally.first_kept, tally.first_missed)),
            next_response: Compliance::new((tally.next_kept, tally.next_missed)),
            resolution: Compliance::new((tally.resolution_kept, tally.resolution_missed)),
        }
    }
}

impl<'a> From<&'a SlaFigures> for SlaReportBody<'a> {
    fn from(figures: &'a SlaFigures) -> Self {
        let Clocks { overall, first_response, next_response, resolution } = Clocks::from(&figures.desk);
        let priority =
            |(priority, tally): &'a (PriorityKey, Tally)| PriorityCompliance { priority, clocks: tally.into() };
        let agent = |row: &'a AgentFigures| AgentCompliance {
            agent_id: row.id.uuid(),
            name: &row.name,
            clocks: Clocks::from(&row.tally),
        };
        Self {
            period: figures.range.into(),
            overall,
            first_response,
            next_response,
            resolution,
            average_response_minutes: figures.desk.minutes_to_answer().map(two_places),
            average_resolution_minutes: figures.desk.minutes_to_resolve().map(two_places),
            currently_breached: figures.breached,
            currently_at_risk: figures.at_risk,
            by_priority: figures.by_priority.iter().map(priority).collect(),
            by_agent: figures.by_agent.iter().map(agent).collect(),
        }
    }
}
