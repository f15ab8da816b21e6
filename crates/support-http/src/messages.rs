//! Messages over HTTP.

mod correct;
mod marks;

use crate::{
    Answer, App,
    auth::Caller,
    body::{Body, FromFields},
    extract::{Behind, Which},
    fields::Fields,
    link::{Listed, behind},
    openapi::{ChangeProblems, ListProblems},
    terms::{Reply, Terms},
    wire::message::MessageBody,
};
use axum::{
    Json,
    extract::{OriginalUri, State},
    http::{StatusCode, Uri, header},
    response::IntoResponse,
};
use serde::Serialize;
use support_core::{
    desk::{
        Desk,
        messages::{MessageKind, NewMessage, Posted},
    },
    domain::{
        actor::Actor,
        fault::Fault,
        id::MessageId,
        message::{Attachment, Draft},
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes of messages.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_messages, add_message))
        .routes(routes!(reply))
        .routes(routes!(communicate))
        .routes(routes!(correct::read_message, correct::edit_message, correct::delete_message))
        .routes(routes!(marks::unread_count))
        .routes(routes!(marks::mark_all_read))
        .routes(routes!(marks::mark_read))
}

/// That of them which S3 lists under `/agent`.
pub(crate) fn staff_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(add_message))
}

/// A text for a ticket.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct WriteMessage {
    /// The text; also `content`, `body` or `description`.
    #[schema(value_type = String)]
    message: Option<String>,
    /// Links: strings, or objects with `url` and `fileName`.
    #[schema(value_type = Option<Vec<Value>>)]
    attachments: Vec<Attachment>,
    /// Whether it is a note among staff.
    is_internal: Option<bool>,
}

impl FromFields for WriteMessage {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            message: text(fields, ["message", "content", "body", "description"]),
            attachments: fields.field(&["attachments"]).attachments(),
            is_internal: fields.field(&["isInternal"]).flag(),
        }
    }
}

/// The text under any of its names; the first is the one to be called missing.
fn text(fields: &mut Fields, names: [&'static str; 4]) -> Option<String> {
    fields.field(&names).required().text()
}

impl From<WriteMessage> for NewMessage {
    fn from(wanted: WriteMessage) -> Self {
        let draft = Draft { body: wanted.message.unwrap_or_default(), attachments: wanted.attachments };
        match wanted.is_internal {
            Some(true) => Self::note(draft),
            _ => Self::public(draft),
        }
    }
}

fn written(status: StatusCode, desk: &Desk, actor: &Actor, posted: &Posted) -> Reply {
    Reply::json(status, &MessageBody::posted(desk, actor, posted))
}

/// Where the message can be read, seen from `…/tickets/{ticket}/messages` or what stands beside it. Staff have written to
/// some of these paths under `/agent`, where nobody reads.
fn location(here: &Uri, posted: &Posted) -> String {
    let ticket = here.path().trim_end_matches('/').rsplit_once('/').map_or("", |(ticket, _)| ticket);
    let ticket = match ticket.rsplit_once("/agent/tickets/") {
        Some((mount, name)) => format!("{mount}/tickets/{name}"),
        None => ticket.to_owned(),
    };
    format!("{ticket}/messages/{}", posted.message.id)
}

/// Writes a message, or a note among staff
#[utoipa::path(post, path = "/tickets/{ticket}/messages", tag = "Messages", request_body = WriteMessage,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 201, description = "The message", body = MessageBody, headers(("Location" = String))),
        ChangeProblems))]
pub(crate) async fn add_message(
    Caller(actor): Caller,
    Which(ticket): Which,
    OriginalUri(here): OriginalUri,
    terms: Terms,
    Body(wanted, names): Body<WriteMessage>,
) -> Answer {
    let asked = terms.answering(&actor, move |desk, actor, posted| {
        written(StatusCode::CREATED, desk, actor, posted).with(&header::LOCATION, location(&here, posted))
    });
    asked.answer(names.restore(asked.desk.messages().add(&actor, ticket, wanted.into()).await))
}

/// Replies to a ticket
#[utoipa::path(post, path = "/tickets/{ticket}/reply", tag = "Messages", request_body = WriteMessage,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The message", body = MessageBody), ChangeProblems))]
pub(crate) async fn reply(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<WriteMessage>,
) -> Answer {
    let asked = terms.answering(&actor, |desk, actor, posted| written(StatusCode::OK, desk, actor, posted));
    asked.answer(names.restore(asked.desk.messages().add(&actor, ticket, wanted.into()).await))
}

/// An entry of the communication log.
#[derive(ToSchema)]
pub(crate) struct WriteCommunication {
    /// `Internal Note`, `Customer Response` or `System Update`.
    #[schema(value_type = String)]
    r#type: Option<MessageKind>,
    /// The text; also `message`, `body` or `description`.
    #[schema(value_type = String)]
    content: Option<String>,
    /// Links: strings, or objects with `url` and `fileName`.
    #[schema(value_type = Option<Vec<Value>>)]
    attachments: Vec<Attachment>,
}

impl FromFields for WriteCommunication {
    fn from_fields(fields: &mut Fields) -> Self {
        let kind = fields.field(&["type"]).required().checked(kind);
        let internal = fields.field(&["isInternal"]).flag();
        if let (Some(kind), Some(internal)) = (kind, internal)
            && internal != (kind == MessageKind::Note)
        {
            // A note must not reach the customer because two fields disagree.
            fields.fault(Fault::new("isInternal", "contradicts `type`"));
        }
        Self {
            r#type: kind,
            content: text(fields, ["content", "message", "body", "description"]),
            attachments: fields.field(&["attachments"]).attachments(),
        }
    }
}

impl From<WriteCommunication> for NewMessage {
    fn from(wanted: WriteCommunication) -> Self {
        let draft = Draft { body: wanted.content.unwrap_or_default(), attachments: wanted.attachments };
        Self { kind: wanted.r#type.unwrap_or_default(), field: "content", ..Self::public(draft) }
    }
}

/// The words of S2 for kinds of messages.
const KINDS: [(&str, MessageKind); 3] = [
    ("Internal Note", MessageKind::Note),
    ("Customer Response", MessageKind::Reply),
    ("System Update", MessageKind::Update),
];

fn kind(field: &str, word: &str) -> Result<MessageKind, Fault> {
    let found = KINDS.into_iter().find(|(name, _)| *name == word);
    let known = KINDS.map(|(name, _)| name);
    found.map(|(_, kind)| kind).ok_or_else(|| Fault::unknown(field, word, known))
}

/// An entry that was written.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Communication<'a> {
    /// Its id.
    #[expect(clippy::struct_field_names, reason = "S2 calls it so on the wire")]
    communication_id: Uuid,
    /// `Internal Note`, `Customer Response` or `System Update`.
    r#type: &'static str,
    /// Who wrote it; none for the system.
    created_by: Option<Uuid>,
    #[serde(flatten)]
    message: MessageBody<'a>,
}

/// Adds an entry to the communication log of a ticket
#[utoipa::path(post, path = "/tickets/{ticket}/communicate", tag = "Messages", request_body = WriteCommunication,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 201, description = "The entry", body = Communication, headers(("Location" = String))),
        ChangeProblems))]
pub(crate) async fn communicate(
    Caller(actor): Caller,
    Which(ticket): Which,
    OriginalUri(here): OriginalUri,
    terms: Terms,
    Body(wanted, names): Body<WriteCommunication>,
) -> Answer {
    let wanted = NewMessage::from(wanted);
    let kind = wanted.kind;
    let asked = terms.answering(&actor, move |desk, actor, posted| {
        entered(kind, desk, actor, posted).with(&header::LOCATION, location(&here, posted))
    });
    asked.answer(names.restore(asked.desk.messages().add(&actor, ticket, wanted).await))
}

fn entered(kind: MessageKind, desk: &Desk, actor: &Actor, posted: &Posted) -> Reply {
    let entry = Communication {
        communication_id: posted.message.id.uuid(),
        r#type: KINDS.into_iter().find(|(_, known)| *known == kind).map_or("", |(name, _)| name),
        created_by: posted.message.author.id,
        message: MessageBody::posted(desk, actor, posted),
    };
    Reply::json(StatusCode::CREATED, &entry)
}

/// A stretch of the messages of a ticket.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageList<'a> {
    /// The messages, oldest first.
    messages: Vec<MessageBody<'a>>,
    /// Whether more follow.
    has_more: bool,
}

/// Lists the messages of a ticket, oldest first
#[utoipa::path(get, path = "/tickets/{ticket}/messages", tag = "Messages", params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("after" = Option<Uuid>, Query, description = "The id of the last message that is known"),
    ("limit" = Option<u32>, Query, description = "The most messages; as many as the profile allows as without"),
), responses((status = 200, description = "The messages", body = MessageList), ListProblems))]
pub(crate) async fn list_messages(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    listed: Listed,
    Behind { after, limit }: Behind<MessageId>,
) -> Answer {
    let thread = desk.messages().list(&actor, ticket, after, limit).await?;
    let body = |message| MessageBody::new(desk.profile(), message, actor.is_staff());
    let messages = thread.items.iter().map(body).collect();
    let has_more = thread.more;
    let next = behind(&thread, |message| message.id.uuid());
    Ok((listed.links(None, next), Json(MessageList { messages, has_more })).into_response())
}
