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
use utoipa::ToSchema;

/// Where a ticket goes in the workflow.
#[derive(ToSchema)]
pub(crate) struct StatusChange {
    /// A status of the profile.
    #[schema(value_type = String)]
    status: Option<String>,
    /// A word about it, for the trail.
    notes: Option<String>,
}

impl FromFields for StatusChange {
    fn from_fields(fields: &mut Fields) -> Self {
        Self { status: fields.field(&["status"]).required().text(), notes: fields.field(&["notes"]).text() }
    }
}

/// Moves a ticket along the workflow
#[utoipa::path(put, path = "/tickets/{ticket}/status", tag = "Handling", request_body = StatusChange,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn set_status(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<StatusChange>,
) -> Answer {
    let asked = terms.ticket(&actor);
    let (status, notes) = (wanted.status.unwrap_or_default(), wanted.notes.as_deref());
    asked.answer(names.restore(asked.desk.tickets().set_status(&actor, ticket, &status, notes).await))
}

/// How urgent a ticket is.
#[derive(ToSchema)]
pub(crate) struct PriorityChange {
    /// A priority of the profile.
    #[schema(value_type = String)]
    priority: Option<String>,
}

impl FromFields for PriorityChange {
    fn from_fields(fields: &mut Fields) -> Self {
        Self { priority: fields.field(&["priority"]).required().text() }
    }
}

/// Changes the priority, and with it the targets of the running clocks
#[utoipa::path(put, path = "/tickets/{ticket}/priority", tag = "Handling", request_body = PriorityChange,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn set_priority(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<PriorityChange>,
) -> Answer {
    let asked = terms.ticket(&actor);
    let priority = wanted.priority.unwrap_or_default();
    asked.answer(names.restore(asked.desk.tickets().set_priority(&actor, ticket, &priority).await))
}
