use crate::{
    Answer,
    auth::Caller,
    body::{Body, FromFields},
    extract::Which,
    fields::Fields,
    openapi::ChangeProblems,
    wire::ticket::TicketBody,
};
use axum::{Json, extract::State, response::IntoResponse};
use serde_json::{Map, Value};
use support_core::{
    desk::Desk,
    domain::{
        actor::AgentRef,
        id::AgentId,
        ticket::{Contact, Edit, Related},
    },
};
use utoipa::ToSchema;

/// What shall be different. What is absent stays as it is; lists and objects are replaced whole.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct EditTicket {
    /// Another subject.
    subject: Option<String>,
    /// Another category; also `topic`.
    category: Option<String>,
    /// These tags and no others.
    tags: Option<Vec<String>>,
    /// This metadata and no other.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    /// These links and no others: objects with `kind` and `id`.
    #[schema(value_type = Option<Vec<Object>>)]
    related: Option<Vec<Related>>,
    /// `email`, `phone` or `either`.
    #[schema(value_type = Option<String>)]
    preferred_contact: Option<Contact>,
    /// A status of the profile, one step along the workflow.
    status: Option<String>,
    /// A priority of the profile.
    priority: Option<String>,
    /// An agent, or `null` for nobody; also `agentId`.
    #[schema(value_type = Option<Uuid>)]
    #[expect(clippy::option_option, reason = "absent, nobody and somebody are three different wishes")]
    assigned_to: Option<Option<AgentId>>,
}

impl FromFields for EditTicket {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            subject: fields.field(&["subject"]).text(),
            category: fields.field(&["category", "topic", "categoryId"]).text(),
            tags: fields.field(&["tags"]).texts(),
            metadata: fields.field(&["metadata"]).object(),
            related: fields.field(&["related"]).related(),
            preferred_contact: fields.field(&["preferredContact"]).checked(Contact::find),
            status: fields.field(&["status"]).text(),
            priority: fields.field(&["priority"]).text(),
            assigned_to: fields.field(&["assignedTo", "agentId", "assignedAgentId"]).id_or_nobody(),
        }
    }
}

impl From<EditTicket> for Edit {
    fn from(wanted: EditTicket) -> Self {
        // The desk asks the directory for the name.
        let unnamed = |id| AgentRef { id, name: String::new() };
        Self {
            status: wanted.status,
            priority: wanted.priority,
            assignee: wanted.assigned_to.map(|agent| agent.map(unnamed)),
            subject: wanted.subject,
            category: wanted.category,
            tags: wanted.tags,
            metadata: wanted.metadata,
            related: wanted.related,
            contact: wanted.preferred_contact,
        }
    }
}

/// Changes several things of a ticket at once
#[utoipa::path(method(patch, put), path = "/tickets/{ticket}", tag = "Handling", request_body = EditTicket,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn edit_ticket(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Body(wanted, names): Body<EditTicket>,
) -> Answer {
    let ticket = names.restore(desk.tickets().edit(&actor, ticket, wanted.into()).await)?;
    Ok(Json(TicketBody::changed(&desk, &actor, &ticket)).into_response())
}
