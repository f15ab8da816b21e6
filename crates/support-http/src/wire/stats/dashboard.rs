use crate::wire::row::RowBody;
use chrono::{DateTime, Utc};
use serde::Serialize;
use support_core::{
    desk::stats::Dashboard,
    domain::agent::{Agent, Availability},
};
use utoipa::ToSchema;
use uuid::Uuid;

/// What somebody sees first in the morning.
#[derive(Serialize, ToSchema)]
#[schema(as = DashboardAnswer)]
pub(crate) struct DashboardBody<'a> {
    /// Always true.
    success: bool,
    /// The dashboard.
    dashboard: DashboardContent<'a>,
}

/// The dashboard itself.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Dashboard)]
pub(crate) struct DashboardContent<'a> {
    /// Open tickets that the caller has, the oldest first, 20 at most.
    assigned_tickets: Vec<RowBody<'a>>,
    /// Open tickets that nobody has.
    unassigned_tickets: Vec<RowBody<'a>>,
    /// Open tickets of the highest priority that the caller may see.
    urgent_tickets: Vec<RowBody<'a>>,
    /// Open tickets that the caller has.
    current_workload: u32,
    /// How many tickets stand how.
    metrics: DashboardMetrics,
    /// How much everybody has.
    workloads: Vec<Workload<'a>>,
}

/// Open tickets that the caller may see, counted up to 1,000.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DashboardMetrics {
    /// All of them.
    open: u32,
    /// Those that nobody has.
    unassigned: u32,
    /// Those with a clock whose target is used up.
    breached: u32,
    /// Those with a clock at risk.
    at_risk: u32,
}

/// How much an agent has.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Workload<'a> {
    /// Who.
    agent_id: Uuid,
    /// Their name.
    name: &'a str,
    /// Their team.
    team: Option<&'a str>,
    /// What they last said about themselves.
    status: Option<&'static str>,
    /// Tickets they hold that have not ended.
    open_tickets: u32,
    /// The most they take; the profile's capacity, or any number, where absent.
    max_tickets: Option<u32>,
}

impl<'a> DashboardBody<'a> {
    /// As staff see it at `now`.
    pub(crate) fn new(board: &'a Dashboard, now: DateTime<Utc>) -> Self {
        let rows = |rows: &'a [_]| rows.iter().map(|row| RowBody::new(row, Some(now))).collect();
        Self {
            success: true,
            dashboard: DashboardContent {
                assigned_tickets: rows(&board.assigned),
                unassigned_tickets: rows(&board.unassigned),
                urgent_tickets: rows(&board.urgent),
                current_workload: board.workload,
                metrics: DashboardMetrics {
                    open: board.open,
                    unassigned: board.waiting,
                    breached: board.breached,
                    at_risk: board.at_risk,
                },
                workloads: board.agents.iter().map(Workload::from).collect(),
            },
        }
    }
}

impl<'a> From<&'a Agent> for Workload<'a> {
    fn from(agent: &'a Agent) -> Self {
        Self {
            agent_id: agent.id.uuid(),
            name: &agent.name,
            team: agent.team.as_deref(),
            status: agent.availability.map(Availability::as_str),
            open_tickets: agent.open_tickets,
            max_tickets: agent.max_tickets,
        }
    }
}
