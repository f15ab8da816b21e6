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
use support_core::{desk::Desk, domain::id::AgentId};
use utoipa::ToSchema;

/// To whom a ticket goes.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Assignment {
    /// The agent, or `null` to put the ticket back into the queue; also `agent_id` or `assignedTo`.
    #[schema(value_type = Uuid, nullable)]
    agent_id: Option<AgentId>,
}

impl FromFields for Assignment {
    fn from_fields(fields: &mut Fields) -> Self {
        let agent_id = fields.field(&["agentId", "assignedTo"]).present().id_or_nobody();
        Self { agent_id: agent_id.flatten() }
    }
}

/// Gives a ticket to an agent
#[utoipa::path(method(put, post), path = "/tickets/{ticket}/assign", tag = "Handling", request_body = Assignment,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn assign_ticket(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Body(wanted, names): Body<Assignment>,
) -> Answer {
    let assigned = match wanted.agent_id {
        Some(agent) => desk.tickets().assign(&actor, ticket, agent).await,
        None => desk.tickets().unassign(&actor, ticket).await,
    };
    let ticket = names.restore(assigned)?;
    Ok(Json(TicketBody::changed(&desk, &actor, &ticket)).into_response())
}

/// Takes a ticket that nobody has
#[utoipa::path(post, path = "/tickets/{ticket}/claim", tag = "Handling",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn claim_ticket(State(desk): State<Desk>, Caller(actor): Caller, Which(ticket): Which) -> Answer {
    let ticket = desk.tickets().claim(&actor, ticket).await?;
    Ok(Json(TicketBody::changed(&desk, &actor, &ticket)).into_response())
}

/// Puts a ticket back into the queue
#[utoipa::path(post, path = "/tickets/{ticket}/unassign", tag = "Handling",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn unassign_ticket(State(desk): State<Desk>, Caller(actor): Caller, Which(ticket): Which) -> Answer {
    let ticket = desk.tickets().unassign(&actor, ticket).await?;
    Ok(Json(TicketBody::changed(&desk, &actor, &ticket)).into_response())
}
