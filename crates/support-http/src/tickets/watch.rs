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

/// Who watches.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Watcher {
    /// This agent; the caller as without. Only admins name others.
    #[schema(value_type = Option<Uuid>)]
    agent_id: Option<AgentId>,
}

impl FromFields for Watcher {
    const OPTIONAL: bool = true;

    fn from_fields(fields: &mut Fields) -> Self {
        Self { agent_id: fields.field(&["agentId", "userId"]).id() }
    }
}

/// Watches a ticket: hears of it, whoever works on it
#[utoipa::path(post, path = "/tickets/{ticket}/watch", tag = "Handling", request_body(content = Option<Watcher>),
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn watch_ticket(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<Watcher>,
) -> Answer {
    let asked = terms.ticket(&actor);
    asked.answer(names.restore(asked.desk.tickets().watch(&actor, ticket, wanted.agent_id).await))
}

/// Watches a ticket no more
#[utoipa::path(post, path = "/tickets/{ticket}/unwatch", tag = "Handling", request_body(content = Option<Watcher>),
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn unwatch_ticket(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<Watcher>,
) -> Answer {
    let asked = terms.ticket(&actor);
    asked.answer(names.restore(asked.desk.tickets().unwatch(&actor, ticket, wanted.agent_id).await))
}
