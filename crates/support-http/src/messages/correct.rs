use super::text;
use crate::{
    Answer,
    auth::Caller,
    body::{Body, FromFields},
    extract::{Named, Which},
    fields::Fields,
    openapi::{ChangeProblems, ReadProblems},
    terms::{Reply, Terms},
    wire::message::MessageBody,
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use support_core::{
    desk::{Desk, messages::Posted},
    domain::{
        actor::Actor,
        fault::Fault,
        id::MessageId,
        message::{Attachment, NewText},
    },
};
use utoipa::ToSchema;

/// Reads a message of a ticket
#[utoipa::path(get, path = "/tickets/{ticket}/messages/{message}", tag = "Messages", params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("message" = uuid::Uuid, Path, description = "Its id"),
), responses((status = 200, description = "The message", body = MessageBody), ReadProblems))]
pub(crate) async fn read_message(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(id): Named<MessageId>,
) -> Answer {
    let message = desk.messages().get(&actor, ticket, id).await?;
    Ok(Json(MessageBody::new(desk.profile(), &message, actor.is_staff())).into_response())
}

/// What a message shall say.
#[derive(ToSchema)]
pub(crate) struct CorrectMessage {
    /// The text; also `content`, `body` or `description`.
    #[schema(value_type = String)]
    message: Option<String>,
    /// These links and no others; those that are there stay as without.
    #[schema(value_type = Option<Vec<Value>>)]
    attachments: Option<Vec<Attachment>>,
}

impl FromFields for CorrectMessage {
    fn from_fields(fields: &mut Fields) -> Self {
        for name in ["isInternal", "type"] {
            // Whoever believes to have made a note of it would write there what the customer must not read.
            if let Some(written) = fields.written_as(name) {
                fields.fault(Fault::new(written, "cannot be changed: write another message or note"));
            }
        }
        Self {
            attachments: fields.field(&["attachments"]).attachments_if_there(),
            message: text(fields, ["message", "content", "body", "description"]),
        }
    }
}

/// Corrects a message of one's own, while the profile allows it
#[utoipa::path(method(put, patch), path = "/tickets/{ticket}/messages/{message}", tag = "Messages",
    request_body = CorrectMessage, params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("message" = uuid::Uuid, Path, description = "Its id"),
), responses((status = 200, description = "The message", body = MessageBody), ChangeProblems))]
pub(crate) async fn edit_message(
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(id): Named<MessageId>,
    terms: Terms,
    Body(wanted, names): Body<CorrectMessage>,
) -> Answer {
    let asked = terms.answering(&actor, shown);
    let body = wanted.message.unwrap_or_default();
    let text = NewText { body, attachments: wanted.attachments, ..NewText::default() };
    asked.answer(names.restore(asked.desk.messages().edit(&actor, ticket, id, text).await))
}

/// Withdraws a message
///
/// Authors may for a while, admins at any time. What is left says that something was there.
#[utoipa::path(delete, path = "/tickets/{ticket}/messages/{message}", tag = "Messages", params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("message" = uuid::Uuid, Path, description = "Its id"),
), responses((status = 200, description = "What is left of the message", body = MessageBody), ChangeProblems))]
pub(crate) async fn delete_message(
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(id): Named<MessageId>,
    terms: Terms,
) -> Answer {
    let asked = terms.answering(&actor, shown);
    asked.answer(asked.desk.messages().delete(&actor, ticket, id).await)
}

fn shown(desk: &Desk, actor: &Actor, posted: &Posted) -> Reply {
    Reply::json(StatusCode::OK, &MessageBody::posted(desk, actor, posted))
}
