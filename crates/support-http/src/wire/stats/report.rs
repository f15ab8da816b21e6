use super::{Performance, Period};
use crate::wire::Moment;
use serde::Serialize;
use std::collections::BTreeMap;
use support_core::{
    desk::stats::{AgentFigures, Report},
    domain::{
        key::CategoryKey,
        stats::{Point, compliance},
    },
};
use utoipa::ToSchema;
use uuid::Uuid;

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

#[expect(clippy::cast_possible_truncation, reason = "minutes between two moments fit, and saturate where they do not")]
fn whole(minutes: f64) -> i64 {
    minutes.round() as i64
}
