use super::{Moment, row::RowBody};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use support_core::{
    desk::stats::{AgentFigures, Dashboard, Report, SlaFigures},
    domain::{
        agent::Agent,
        key::{CategoryKey, PriorityKey},
        stats::{Point, Range, Tally, compliance},
    },
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
            status: agent.availability.map(support_core::domain::agent::Availability::as_str),
            open_tickets: agent.open_tickets,
            max_tickets: agent.max_tickets,
        }
    }
}

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

/// How many tickets have one value.
#[derive(Serialize, ToSchema)]
pub(crate) struct Share {
    /// The value; none for tickets without.
    #[serde(rename = "_id")]
    id: Option<String>,
    /// How many.
    count: u64,
}

/// Figures as S1 prints them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Stats)]
pub(crate) struct StatsBody<'a> {
    /// Always true.
    success: bool,
    /// The range.
    period: Period,
    /// Tickets that were opened in it.
    total: u64,
    /// Those that have not ended.
    open: u64,
    /// Those by status.
    status_breakdown: Vec<Share>,
    /// Those by priority, highest first.
    priority_breakdown: Vec<Share>,
    /// Those by category, the most frequent first.
    category_breakdown: Vec<Share>,
    /// What happened in the range.
    performance: Performance,
    /// The figures of the agent who was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_stats: Option<AgentStats>,
    /// What each agent did; absent where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    agents: Option<Vec<AgentRow<'a>>>,
}

impl<'a> StatsBody<'a> {
    /// Of one agent where the report is theirs.
    pub(crate) fn new(report: &Report, agents: Option<&'a [AgentFigures]>) -> Self {
        let shares =
            |rows: Vec<(Option<String>, u64)>| rows.into_iter().map(|(id, count)| Share { id, count }).collect();
        let category = |key: &Option<CategoryKey>| key.as_ref().map(ToString::to_string);
        Self {
            success: true,
            period: report.range.into(),
            total: report.total,
            open: report.open,
            status_breakdown: shares(report.by_status.iter().map(|(key, n)| (Some(key.to_string()), *n)).collect()),
            priority_breakdown: shares(report.by_priority.iter().map(|(key, n)| (Some(key.to_string()), *n)).collect()),
            category_breakdown: shares(report.by_category.iter().map(|(key, n)| (category(key), *n)).collect()),
            performance: Performance::from(&report.tally),
            agent_stats: report.agent.map(|_| AgentStats::new(report)),
            agents: agents.map(|rows| rows.iter().map(AgentRow::from).collect()),
        }
    }
}

/// An agent's figures as S1 prints them: times in whole minutes, the others as texts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentStats {
    /// Tickets of the range that they have.
    total: u64,
    /// Those that have not ended.
    open: u64,
    /// Tickets that they closed in the range.
    closed: i64,
    /// Tickets that they brought to an end in the range.
    resolved: i64,
    /// Tickets that they were given in the range.
    handled: i64,
    /// Minutes to their first answers, on average.
    avg_response_time: Option<i64>,
    /// Minutes to the end of their tickets, on average.
    avg_resolution_time: Option<i64>,
    /// Their average rating, from 1 to 5.
    #[schema(example = "4.6")]
    satisfaction_rating: Option<String>,
    /// How many ratings they got.
    rating_count: i64,
    /// The share of their targets that were met, in percent.
    #[schema(example = "92.50")]
    sla_compliance: Option<String>,
}

impl AgentStats {
    fn new(report: &Report) -> Self {
        let tally = &report.tally;
        let (kept, missed) = tally.targets();
        Self {
            total: report.total,
            open: report.open,
            closed: tally.closed,
            resolved: tally.resolved,
            handled: tally.assigned,
            avg_response_time: tally.minutes_to_answer().map(whole),
            avg_resolution_time: tally.minutes_to_resolve().map(whole),
            satisfaction_rating: tally.rating().map(|stars| format!("{stars:.1}")),
            rating_count: tally.rated,
            sla_compliance: compliance(kept, missed).map(|percent| format!("{percent:.2}")),
        }
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

/// What one agent did.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AgentPerformance)]
pub(crate) struct AgentRow<'a> {
    /// Who.
    agent_id: Uuid,
    /// Their name.
    name: &'a str,
    /// Tickets they hold now that have not ended.
    open_tickets: u32,
    /// Tickets that they were given.
    handled: i64,
    /// What they did.
    #[serde(flatten)]
    performance: Performance,
}

impl<'a> From<&'a AgentFigures> for AgentRow<'a> {
    fn from(figures: &'a AgentFigures) -> Self {
        Self {
            agent_id: figures.id.uuid(),
            name: &figures.name,
            open_tickets: figures.open,
            handled: figures.tally.assigned,
            performance: Performance::from(&figures.tally),
        }
    }
}

/// Figures by name, for charts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Analytics)]
pub(crate) struct AnalyticsBody<'a> {
    /// The range.
    period: Period,
    /// Tickets that were opened in it.
    total: u64,
    /// Those that have not ended.
    open: u64,
    /// Those by status.
    by_status: BTreeMap<&'a str, u64>,
    /// Those by priority.
    by_priority: BTreeMap<&'a str, u64>,
    /// Those by category; tickets without one are left out.
    by_category: BTreeMap<&'a str, u64>,
    /// What happened in the range.
    #[serde(flatten)]
    performance: Performance,
    /// What each agent did; absent where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    agents: Option<Vec<AgentRow<'a>>>,
    /// What happened, step by step; absent where it was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<Vec<PointBody>>,
}

impl<'a> AnalyticsBody<'a> {
    /// Of a report, with what else was asked for.
    pub(crate) fn new(report: &'a Report, agents: Option<&'a [AgentFigures]>, series: Option<&[Point]>) -> Self {
        Self {
            period: report.range.into(),
            total: report.total,
            open: report.open,
            by_status: report.by_status.iter().map(|(key, count)| (key.as_str(), *count)).collect(),
            by_priority: report.by_priority.iter().map(|(key, count)| (key.as_str(), *count)).collect(),
            by_category: report
                .by_category
                .iter()
                .filter_map(|(key, count)| Some((key.as_ref()?.as_str(), *count)))
                .collect(),
            performance: Performance::from(&report.tally),
            agents: agents.map(|rows| rows.iter().map(AgentRow::from).collect()),
            series: series.map(|points| points.iter().map(PointBody::from).collect()),
        }
    }
}

/// What happened in one step of a series.
#[derive(Serialize, ToSchema)]
#[schema(as = SeriesPoint)]
pub(crate) struct PointBody {
    /// Its first moment.
    from: Moment,
    /// The first moment after it.
    to: Moment,
    /// What happened.
    #[serde(flatten)]
    performance: Performance,
}

impl From<&Point> for PointBody {
    fn from(point: &Point) -> Self {
        Self { from: Moment(point.from), to: Moment(point.to), performance: Performance::from(&point.tally) }
    }
}

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

/// People read minutes and percents with two places.
fn two_places(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[expect(clippy::cast_possible_truncation, reason = "minutes between two moments fit, and saturate where they do not")]
fn whole(minutes: f64) -> i64 {
    minutes.round() as i64
}
