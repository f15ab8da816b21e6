use crate::{
    Answer,
    auth::Caller,
    extract::Which,
    openapi::ChangeProblems,
    terms::{Reply, Terms},
    wire::ticket::TicketBody,
};
use axum::http::StatusCode;
use serde::Serialize;
use support_core::domain::ticket::Ticket;
use utoipa::ToSchema;
use uuid::Uuid;

/// What became of a ticket that was deleted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deleted<'a> {
    /// Always true.
    success: bool,
    /// In words.
    message: &'static str,
    /// Which ticket.
    ticket_id: Uuid,
    /// Its number.
    ticket_number: &'a str,
}

/// Deletes a ticket; an admin can bring it back
#[utoipa::path(delete, path = "/tickets/{ticket}", tag = "Handling",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "It is deleted", body = Deleted), ChangeProblems))]
pub(crate) async fn delete_ticket(Caller(actor): Caller, Which(ticket): Which, terms: Terms) -> Answer {
    let asked = terms.answering(&actor, |_, _, ticket: &Ticket| {
        let (ticket_id, ticket_number) = (ticket.id.uuid(), ticket.number.as_str());
        let message = "the ticket is deleted; it can be restored";
        Reply::json(StatusCode::OK, &Deleted { success: true, message, ticket_id, ticket_number })
    });
    asked.answer(asked.desk.tickets().delete(&actor, ticket).await)
}

/// Brings a deleted ticket back
#[utoipa::path(post, path = "/tickets/{ticket}/restore", tag = "Handling",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn restore_ticket(Caller(actor): Caller, Which(ticket): Which, terms: Terms) -> Answer {
    let asked = terms.ticket(&actor);
    asked.answer(asked.desk.tickets().restore(&actor, ticket).await)
}
