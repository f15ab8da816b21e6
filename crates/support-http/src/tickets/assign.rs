use crate::{
    Answer,
    auth::Caller,
    body::{Body, FromFields},
    extract::Which,
    fields::Fields,
    openapi::ChangeProblems,
    terms::Terms,
    wire::ticket::TicketBody,
};
use support_core::domain::id::AgentId;
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
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<Assignment>,
) -> Answer {
    let asked = terms.ticket(&actor);
    let assigned = match wanted.agent_id {
        Some(agent) => asked.desk.tickets().assign(&actor, ticket, agent).await,
        None => asked.desk.tickets().unassign(&actor, ticket).await,
    };
    asked.answer(names.restore(assigned))
}

/// Takes a ticket that nobody has
#[utoipa::path(post, path = "/tickets/{ticket}/claim", tag = "Handling",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn claim_ticket(Caller(actor): Caller, Which(ticket): Which, terms: Terms) -> Answer {
    let asked = terms.ticket(&actor);
    asked.answer(asked.desk.tickets().claim(&actor, ticket).await)
}

/// Puts a ticket back into the queue
#[utoipa::path(post, path = "/tickets/{ticket}/unassign", tag = "Handling",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn unassign_ticket(Caller(actor): Caller, Which(ticket): Which, terms: Terms) -> Answer {
    let asked = terms.ticket(&actor);
    asked.answer(asked.desk.tickets().unassign(&actor, ticket).await)
}
