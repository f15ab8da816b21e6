use super::Moment;
use crate::fields::camel_case;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use support_core::domain::{
    agent::{Agent, Availability},
    calendar::Calendar,
};
use utoipa::ToSchema;
use uuid::Uuid;

/// A member of the staff, as colleagues see them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AgentProfile)]
pub(crate) struct ProfileBody<'a> {
    /// Who.
    id: Uuid,
    /// The same.
    agent_id: Uuid,
    /// The name that customers see.
    name: &'a str,
    /// Their number with the host's personnel department.
    employee_id: Option<&'a str>,
    /// The department they belong to.
    team: Option<&'a str>,
    /// The same.
    department: Option<&'a str>,
    /// What they know.
    #[schema(value_type = Vec<String>)]
    skills: &'a BTreeSet<String>,
    /// The same.
    #[schema(value_type = Vec<String>)]
    specializations: &'a BTreeSet<String>,
    /// What they speak, as short tags.
    #[schema(value_type = Vec<String>)]
    languages: &'a BTreeSet<String>,
    /// When they work; always where absent.
    #[schema(value_type = Option<Object>)]
    shifts: Option<Value>,
    /// `available`, `busy`, `away` or `offline`; none where they have not said yet.
    #[schema(example = "available")]
    availability: Option<&'static str>,
    /// The same.
    status: Option<&'static str>,
    /// The most open tickets at once; as many as the profile says where absent.
    max_tickets: Option<u32>,
    /// The most chats at once.
    max_chats: Option<u32>,
    /// Tickets they have that have not ended.
    open_tickets: u32,
    /// When they last got a ticket.
    last_assigned_at: Option<Moment>,
    /// When they became known.
    created_at: Moment,
    /// When they were last described, or said whether they are available.
    updated_at: Moment,
    /// Rises with every change of that.
    version: u64,
}

impl<'a> From<&'a Agent> for ProfileBody<'a> {
    fn from(agent: &'a Agent) -> Self {
        let availability = agent.availability.map(Availability::as_str);
        Self {
            id: agent.id.uuid(),
            agent_id: agent.id.uuid(),
            name: &agent.name,
            employee_id: agent.employee_id.as_deref(),
            team: agent.team.as_deref(),
            department: agent.team.as_deref(),
            skills: &agent.skills,
            specializations: &agent.skills,
            languages: &agent.languages,
            shifts: agent.shifts.as_ref().map(calendar),
            availability,
            status: availability,
            max_tickets: agent.max_tickets,
            max_chats: agent.max_chats,
            open_tickets: agent.open_tickets,
            last_assigned_at: agent.assigned_at.map(Moment),
            created_at: Moment(agent.created_at),
            updated_at: Moment(agent.updated_at),
            version: agent.version,
        }
    }
}

/// A calendar as profiles write it, with its members in camel case.
fn calendar(calendar: &Calendar) -> Value {
    // A struct with string keys, which JSON can always write.
    match serde_json::to_value(calendar) {
        Ok(Value::Object(members)) => {
            members.into_iter().map(|(name, value)| (camel_case(&name), value)).collect::<Map<_, _>>().into()
        }
        _ => Value::Null,
    }
}
