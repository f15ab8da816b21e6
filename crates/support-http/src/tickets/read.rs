use crate::{
    Answer,
    auth::Caller,
    etag::Known,
    extract::Which,
    openapi::ReadProblems,
    wire::{sla::SlaBody, ticket::TicketBody},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use support_core::desk::Desk;

/// Reads a ticket and its messages
#[utoipa::path(get, path = "/tickets/{ticket}", tag = "Tickets",
    params(
        ("ticket" = String, Path, description = "Its id or its number"),
        ("If-None-Match" = Option<String>, Header, description = "`ETag`s of answers that the client has"),
    ),
    responses(
        (status = 200, description = "The ticket", body = TicketBody, headers(("ETag" = String))),
        (status = 304, description = "The client has it"),
        ReadProblems,
    ))]
pub(crate) async fn read_ticket(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    known: Known,
) -> Answer {
    let detail = desk.tickets().get(&actor, ticket).await?;
    let body = TicketBody::new(&desk, &detail.ticket, detail.internal);
    let body = body.with_messages(&desk, &detail.messages.items, detail.messages.more);
    Ok(known.or(body.reply(StatusCode::OK, &actor)))
}

/// Reads the clocks of a ticket, for staff
#[utoipa::path(get, path = "/tickets/{ticket}/sla", tag = "Tickets",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "Every cycle of every clock", body = SlaBody), ReadProblems))]
pub(crate) async fn read_sla(State(desk): State<Desk>, Caller(actor): Caller, Which(ticket): Which) -> Answer {
    let (ticket, report) = desk.tickets().clocks(&actor, ticket).await?;
    let state = SlaBody::state(ticket.pace.at(desk.now()));
    Ok(Json(state.with_clocks(&report)).into_response())
}
