//! The people who help, over HTTP.

mod shifts;

use crate::{
    Answer, App,
    auth::Caller,
    body::{Body, FromFields},
    extract::{Named, Params},
    fields::Fields,
    link::{Listed, behind},
    openapi::{ChangeProblems, ListProblems, ReadProblems},
    problem::Problem,
    wire::agent::ProfileBody,
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::IntoResponse,
};
use serde::Serialize;
use support_core::{
    desk::Desk,
    domain::{
        agent::{AgentEdit, Availability},
        calendar::Calendar,
        fault::Fault,
        id::AgentId,
    },
    ports::agents::AgentQuery,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of agents, for staff alone; S3 would look for them under `/agent`.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_agents))
        .routes(routes!(read_agent, edit_agent))
        .routes(routes!(set_availability))
}

/// A stretch of the list of agents.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentList<'a> {
    /// The agents, in the order of their ids.
    agents: Vec<ProfileBody<'a>>,
    /// Whether more follow.
    has_more: bool,
}

/// What a query of the list asks for.
pub(crate) struct AgentListQuery(AgentQuery);

impl FromRequestParts<App> for AgentListQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Params(mut fields) = Params::from_request_parts(parts, app).await?;
        let most = app.desk.profile().limits.page;
        let query = AgentQuery {
            team: fields.field(&["team", "department"]).text(),
            availability: fields.field(&["availability", "status"]).checked(availability),
            after: fields.field(&["after"]).id(),
            limit: fields.field(&["limit"]).count(most).unwrap_or(most),
        };
        fields.end_of_query().map_err(Problem::parameters)?;
        Ok(Self(query))
    }
}

/// Lists the agents, for staff
#[utoipa::path(get, path = "/agents", tag = "Agents", params(
    ("team" = Option<String>, Query, description = "Of this team; also `department`"),
    ("availability" = Option<String>, Query, description = "`available`, `busy`, `away` or `offline`; also `status`"),
    ("after" = Option<uuid::Uuid>, Query, description = "The id of the last agent that is known"),
    ("limit" = Option<u32>, Query, description = "The most agents; as many as the profile allows as without"),
), responses((status = 200, description = "The agents", body = AgentList), ListProblems))]
pub(crate) async fn list_agents(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    listed: Listed,
    AgentListQuery(query): AgentListQuery,
) -> Answer {
    let found = desk.agents().list(&actor, query).await?;
    let agents = found.items.iter().map(ProfileBody::from).collect();
    let (has_more, next) = (found.more, behind(&found, |agent| agent.id.uuid()));
    Ok((listed.links(None, next), Json(AgentList { agents, has_more })).into_response())
}

/// Reads an agent, for staff
#[utoipa::path(get, path = "/agents/{agent}", tag = "Agents",
    params(("agent" = uuid::Uuid, Path, description = "Their id")),
    responses((status = 200, description = "The agent", body = ProfileBody), ReadProblems))]
pub(crate) async fn read_agent(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(agent): Named<AgentId>,
) -> Answer {
    let agent = desk.agents().get(&actor, agent).await?;
    Ok(Json(ProfileBody::from(&agent)).into_response())
}

/// What shall be different about an agent. What is absent stays as it is; lists are replaced whole; `null` takes away.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(clippy::option_option, reason = "absent, none and some are three different wishes")]
pub(crate) struct EditAgent {
    /// Another name.
    name: Option<String>,
    /// Another personnel number.
    #[schema(value_type = Option<String>)]
    employee_id: Option<Option<String>>,
    /// Another team; also `department`.
    #[schema(value_type = Option<String>)]
    team: Option<Option<String>>,
    /// These skills and no others; also `specializations`.
    skills: Option<Vec<String>>,
    /// These languages and no others, as tags such as `en`.
    languages: Option<Vec<String>>,
    /// These working hours; also `shiftSchedule`: `timeZone`, and windows such as `["09:00", "17:00"]` for days of the week
    /// (`weekly`), for dates (`dateHours`) and for `breaks`; `holidays` are dates.
    #[schema(value_type = Option<Object>)]
    shifts: Option<Option<Calendar>>,
    /// `available`, `busy`, `away` or `offline`; also `status`.
    #[schema(value_type = Option<String>)]
    availability: Option<Availability>,
    /// The most open tickets at once; also `maxConcurrentTickets`.
    #[schema(value_type = Option<u32>)]
    max_tickets: Option<Option<u32>>,
    /// The most chats at once; also `maxConcurrentChats`.
    #[schema(value_type = Option<u32>)]
    max_chats: Option<Option<u32>>,
}

impl FromFields for EditAgent {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            name: fields.field(&["name"]).text(),
            employee_id: fields.field(&["employeeId"]).text_or_none(),
            team: fields.field(&["team", "department"]).text_or_none(),
            skills: fields.field(&["skills", "specializations", "specialisations"]).texts(),
            languages: fields.field(&["languages"]).texts(),
            shifts: shifts::read(fields.field(&["shifts", "shiftSchedule"])),
            availability: fields.field(&["availability", "status"]).checked(availability),
            max_tickets: fields.field(&["maxTickets", "maxConcurrentTickets"]).number_or_none(),
            max_chats: fields.field(&["maxChats", "maxConcurrentChats"]).number_or_none(),
        }
    }
}

impl From<EditAgent> for AgentEdit {
    fn from(wanted: EditAgent) -> Self {
        Self {
            name: wanted.name,
            employee_id: wanted.employee_id,
            team: wanted.team,
            skills: wanted.skills,
            languages: wanted.languages,
            shifts: wanted.shifts,
            availability: wanted.availability,
            max_tickets: wanted.max_tickets,
            max_chats: wanted.max_chats,
        }
    }
}

/// Describes an agent, for admins
///
/// An agent who was not known becomes known.
#[utoipa::path(method(patch, put), path = "/agents/{agent}", tag = "Agents", request_body = EditAgent,
    params(("agent" = uuid::Uuid, Path, description = "Their id")),
    responses((status = 200, description = "The agent", body = ProfileBody), ChangeProblems))]
pub(crate) async fn edit_agent(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(agent): Named<AgentId>,
    Body(wanted, names): Body<EditAgent>,
) -> Answer {
    let agent = names.restore(desk.agents().edit(&actor, agent, wanted.into()).await)?;
    Ok(Json(ProfileBody::from(&agent)).into_response())
}

/// Whether one takes tickets.
#[derive(ToSchema)]
pub(crate) struct AvailabilityGiven {
    /// `available`, `busy`, `away` or `offline`; also `availability`.
    #[schema(value_type = String)]
    status: Option<Availability>,
}

impl FromFields for AvailabilityGiven {
    fn from_fields(fields: &mut Fields) -> Self {
        Self { status: fields.field(&["status", "availability"]).required().checked(availability) }
    }
}

/// Says whether one takes tickets, for agents
#[utoipa::path(put, path = "/availability", tag = "Agents", request_body = AvailabilityGiven,
    responses((status = 200, description = "The agent", body = ProfileBody), ChangeProblems))]
pub(crate) async fn set_availability(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Body(wanted, _): Body<AvailabilityGiven>,
) -> Answer {
    let said = wanted.status.unwrap_or(Availability::Offline);
    let agent = desk.agents().set_availability(&actor, said).await?;
    Ok(Json(ProfileBody::from(&agent)).into_response())
}

/// In the words of S1; S3 calls the first one `active`.
fn availability(field: &str, word: &str) -> Result<Availability, Fault> {
    if word == "active" { Ok(Availability::Available) } else { Availability::find(field, word) }
}
