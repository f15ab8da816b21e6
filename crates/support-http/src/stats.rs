//! Figures over HTTP, each in the shape of the document that asks for it.

use crate::{
    Answer, App,
    auth::Caller,
    extract::{NoParams, Params},
    fields::Fields,
    openapi::ListProblems,
    problem::Problem,
    wire::stats::{AnalyticsBody, DashboardBody, SlaReportBody, StatsBody},
};
use axum::{Json, extract::State, response::IntoResponse};
use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use support_core::{
    desk::Desk,
    domain::{
        actor::Actor,
        fault::Fault,
        id::AgentId,
        stats::{Range, Step},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of figures.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(dashboard))
        .routes(routes!(stats))
        .routes(routes!(statistics))
        .routes(routes!(analytics))
        .routes(routes!(sla_report))
}

/// That of them which S3 lists under `/agent`.
pub(crate) fn staff_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(dashboard))
}

/// What figures are asked for.
struct FiguresQuery {
    range: Range,
    agent: Option<AgentId>,
    step: Option<Step>,
    zone: Tz,
}

impl FiguresQuery {
    /// Without a step: what nobody makes a series of must not ask for one.
    fn read(mut fields: Fields, actor: &Actor) -> Result<Self, Problem> {
        let query = Self::of(&mut fields, actor);
        fields.end_of_query().map_err(Problem::parameters)?;
        Ok(query)
    }

    /// With a step.
    fn read_series(mut fields: Fields, actor: &Actor) -> Result<Self, Problem> {
        let mut query = Self::of(&mut fields, actor);
        query.step = fields.field(&["step", "interval", "groupBy"]).checked(Step::find);
        fields.end_of_query().map_err(Problem::parameters)?;
        Ok(query)
    }

    fn of(fields: &mut Fields, actor: &Actor) -> Self {
        let (range, zone) = range(fields);
        let agent = fields.field(&["agentId", "agent"]).checked(|field, text| agent(field, text, actor));
        Self { range, agent, step: None, zone }
    }
}

/// The range, and the zone whose days it is made of.
fn range(fields: &mut Fields) -> (Range, Tz) {
    // Dates are days of this zone, so it is read first.
    let zone = fields.field(&["timeZone", "timezone", "tz"]).checked(zone).unwrap_or(Tz::UTC);
    let from = fields.field(&["from", "startDate"]).checked(|field, text| moment(field, text, zone, 0));
    // An end date holds its own day.
    let to = fields.field(&["to", "endDate"]).checked(|field, text| moment(field, text, zone, 1));
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        fields.fault(Fault::new("to", "must be later than `from`"));
    }
    (Range { from, to }, zone)
}

fn zone(field: &str, name: &str) -> Result<Tz, Fault> {
    name.parse().map_err(|_| Fault::new(field, "must be a time zone such as `Europe/Berlin`"))
}

fn agent(field: &str, text: &str, actor: &Actor) -> Result<AgentId, Fault> {
    let own = actor.agent_id().filter(|_| text == "me");
    own.or_else(|| text.parse().ok()).ok_or_else(|| Fault::new(field, "must be `me` or the id of an agent"))
}

/// A moment, or the beginning of the date so many days later, on the clocks of `zone`.
fn moment(field: &str, text: &str, zone: Tz, days: u64) -> Result<DateTime<Utc>, Fault> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.to_utc());
    }
    let date = text.parse::<NaiveDate>().ok().filter(|date| (0..=9999).contains(&date.year()));
    let day = date.and_then(|date| date.checked_add_days(Days::new(days)));
    let midnight = day.map(|day| day.and_time(NaiveTime::MIN));
    // Where clocks skip midnight, the day begins when they go on.
    let begins = midnight.and_then(|midnight| {
        let later = (0..=8).map(|quarters| midnight + TimeDelta::minutes(15 * quarters));
        later.filter_map(|reading| zone.from_local_datetime(&reading).earliest()).next()
    });
    begins
        .map(|moment| moment.to_utc())
        .ok_or_else(|| Fault::new(field, "must be a date such as 2026-01-31, or a moment as RFC 3339"))
}

/// What the caller sees first in the morning
#[utoipa::path(get, path = "/dashboard", tag = "Figures", responses(
    (status = 200, description = "The dashboard", body = DashboardBody), ListProblems))]
pub(crate) async fn dashboard(State(desk): State<Desk>, Caller(actor): Caller, _: NoParams) -> Answer {
    let board = desk.stats().dashboard(&actor).await?;
    Ok(Json(DashboardBody::new(&board, desk.now())).into_response())
}

/// Tickets of a range and what was done about them
///
/// With `agentId`, the figures of that agent; agents may ask for their own (`me`), admins for anybody's.
#[utoipa::path(get, path = "/stats", tag = "Figures", params(
    ("startDate" = Option<String>, Query, description = "Opened at or after this moment, or on or after this date; also `from`"),
    ("endDate" = Option<String>, Query, description = "Opened before this moment, or on or before this date; also `to`"),
    ("agentId" = Option<String>, Query, description = "Of this agent: an id, or `me`"),
    ("timeZone" = Option<String>, Query, description = "Whose days the dates are; UTC as without"),
), responses((status = 200, description = "The figures", body = StatsBody), ListProblems))]
pub(crate) async fn stats(State(desk): State<Desk>, Caller(actor): Caller, Params(fields): Params) -> Answer {
    let query = FiguresQuery::read(fields, &actor)?;
    let report = desk.stats().report(&actor, query.range, query.agent).await?;
    let agents = match query.agent {
        None => Some(desk.stats().agents(&actor, query.range).await?),
        Some(_) => None,
    };
    Ok(Json(StatsBody::new(&report, agents.as_deref())).into_response())
}

/// Figures of the desk, by name
///
/// With `step`, a series too, as in `/tickets/analytics`.
#[utoipa::path(get, path = "/tickets/statistics", tag = "Figures", params(
    ("from" = Option<String>, Query, description = "Opened at or after this moment, or on or after this date; also `startDate`"),
    ("to" = Option<String>, Query, description = "Opened before this moment, or on or before this date; also `endDate`"),
    ("agentId" = Option<String>, Query, description = "Of this agent: an id, or `me`"),
    ("step" = Option<String>, Query, description = "`hour`, `day` or `week`; no series as without"),
    ("timeZone" = Option<String>, Query, description = "Whose days the dates are; UTC as without"),
), responses((status = 200, description = "The figures", body = AnalyticsBody), ListProblems))]
pub(crate) async fn statistics(State(desk): State<Desk>, Caller(actor): Caller, Params(fields): Params) -> Answer {
    let query = FiguresQuery::read_series(fields, &actor)?;
    analyse(&desk, &actor, &query, query.step).await
}

/// Figures of the desk, and how they went
///
/// The series has a point for each `step` on the clocks of `timeZone`: of the range, or of the last thirty days.
#[utoipa::path(get, path = "/tickets/analytics", tag = "Figures", params(
    ("from" = Option<String>, Query, description = "Opened at or after this moment, or on or after this date; also `startDate`"),
    ("to" = Option<String>, Query, description = "Opened before this moment, or on or before this date; also `endDate`"),
    ("agentId" = Option<String>, Query, description = "Of this agent: an id, or `me`"),
    ("step" = Option<String>, Query, description = "`hour`, `day` (as without) or `week`; 1,000 points at most"),
    ("timeZone" = Option<String>, Query, description = "Whose hours, days and weeks these are; UTC as without"),
), responses((status = 200, description = "The figures", body = AnalyticsBody), ListProblems))]
pub(crate) async fn analytics(State(desk): State<Desk>, Caller(actor): Caller, Params(fields): Params) -> Answer {
    let query = FiguresQuery::read_series(fields, &actor)?;
    analyse(&desk, &actor, &query, Some(query.step.unwrap_or(Step::Day))).await
}

async fn analyse(desk: &Desk, actor: &Actor, query: &FiguresQuery, step: Option<Step>) -> Answer {
    let FiguresQuery { range, agent, zone, .. } = *query;
    let report = desk.stats().report(actor, range, agent).await?;
    let agents = match agent {
        None => Some(desk.stats().agents(actor, range).await?),
        Some(_) => None,
    };
    let series = match step {
        Some(step) => Some(desk.stats().series(actor, range, step, zone, agent).await.map_err(Problem::of_query)?),
        None => None,
    };
    Ok(Json(AnalyticsBody::new(&report, agents.as_deref(), series.as_deref())).into_response())
}

/// Whether promises were kept, by clock, priority and agent
#[utoipa::path(get, path = "/tickets/sla-report", tag = "Figures", params(
    ("from" = Option<String>, Query, description = "Clocks that stopped at or after this moment, or on or after this date; also `startDate`"),
    ("to" = Option<String>, Query, description = "Clocks that stopped before this moment, or on or before this date; also `endDate`"),
    ("timeZone" = Option<String>, Query, description = "Whose days the dates are; UTC as without"),
), responses((status = 200, description = "The report", body = SlaReportBody), ListProblems))]
pub(crate) async fn sla_report(State(desk): State<Desk>, Caller(actor): Caller, Params(mut fields): Params) -> Answer {
    let (range, _) = range(&mut fields);
    fields.end_of_query().map_err(Problem::parameters)?;
    let figures = desk.stats().sla(&actor, range).await?;
    Ok(Json(SlaReportBody::from(&figures)).into_response())
}
