use crate::{
    Answer,
    auth::Caller,
    extract::{Named, Which},
    openapi::{ChangeProblems, ReadProblems},
    terms::{Reply, Terms},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::Serialize;
use support_core::{
    desk::{Desk, messages::Unread},
    domain::{actor::Actor, id::MessageId},
};
use utoipa::ToSchema;

/// How many messages are left to read.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnreadCount {
    /// Public ones of the other side.
    count: u32,
}

/// What is left after reading.
#[derive(Serialize, ToSchema)]
pub(crate) struct MarkedRead {
    /// Always true.
    success: bool,
    /// How many messages are left to read.
    count: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what writes answers borrows whatever the desk answers")]
fn marked(_: &Desk, _: &Actor, left: &Unread) -> Reply {
    Reply::json(StatusCode::OK, &MarkedRead { success: true, count: left.0 })
}

/// Counts the messages that the caller's side has yet to read
#[utoipa::path(get, path = "/tickets/{ticket}/messages/unread-count", tag = "Messages",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The count", body = UnreadCount), ReadProblems))]
pub(crate) async fn unread_count(State(desk): State<Desk>, Caller(actor): Caller, Which(ticket): Which) -> Answer {
    let unread = desk.messages().unread_count(&actor, ticket).await?;
    Ok(Json(UnreadCount { count: unread.0 }).into_response())
}

/// Marks every message of the other side as read
#[utoipa::path(post, path = "/tickets/{ticket}/messages/mark-all-read", tag = "Messages",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "What is left", body = MarkedRead), ChangeProblems))]
pub(crate) async fn mark_all_read(Caller(actor): Caller, Which(ticket): Which, terms: Terms) -> Answer {
    let asked = terms.answering(&actor, marked);
    asked.answer(asked.desk.messages().mark_all_read(&actor, ticket).await)
}

/// Marks a message as read
#[utoipa::path(post, path = "/tickets/{ticket}/messages/{message}/mark-read", tag = "Messages", params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("message" = uuid::Uuid, Path, description = "Its id"),
), responses((status = 200, description = "What is left", body = MarkedRead), ChangeProblems))]
pub(crate) async fn mark_read(
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(id): Named<MessageId>,
    terms: Terms,
) -> Answer {
    let asked = terms.answering(&actor, marked);
    asked.answer(asked.desk.messages().mark_read(&actor, ticket, id).await)
}
