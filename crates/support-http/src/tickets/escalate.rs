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

/// To whom a ticket rises, and why. Without a person or a team it rises one level with whoever has it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Escalation {
    /// To this agent; also `agentId`.
    #[schema(value_type = Option<Uuid>)]
    escalated_to: Option<AgentId>,
    /// To this team.
    team: Option<String>,
    /// Why.
    #[schema(value_type = String)]
    reason: Option<String>,
}

impl FromFields for Escalation {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            escalated_to: fields.field(&["escalatedTo", "agentId"]).id(),
            team: fields.field(&["team"]).text(),
            reason: fields.field(&["reason"]).required().text(),
        }
    }
}

/// Raises a ticket one level
#[utoipa::path(method(put, post), path = "/tickets/{ticket}/escalate", tag = "Handling", request_body = Escalation,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn escalate_ticket(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<Escalation>,
) -> Answer {
    let asked = terms.ticket(&actor);
    let (to, team) = (wanted.escalated_to, wanted.team.as_deref());
    let reason = wanted.reason.unwrap_or_default();
    asked.answer(names.restore(asked.desk.tickets().escalate(&actor, ticket, to, team, &reason).await))
}
