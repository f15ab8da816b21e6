//! Tickets without an account (S4, "Public Endpoints").
//!
//! What opens such a ticket is its token, in the header `X-Ticket-Token`; the number is a label and opens nothing. Whoever
//! asks without a token is always answered the same, and a link is sent to where the ticket's customer can be reached, if
//! there is such a ticket.

use crate::{
    Answer, App,
    body::{Body, FromFields, Unchecked},
    extract::{NoParams, Which},
    fields::Fields,
    openapi::{ChangeProblems, ReadProblems},
    problem::Problem,
    rates::CountedOpening,
    terms::Reply,
    wire::{message::MessageBody, ticket::TicketBody},
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{HeaderName, StatusCode, request::Parts},
    response::IntoResponse,
};
use serde::Serialize;
use support_core::{
    desk::{Desk, Error, messages::NewMessage, tickets::TicketRef},
    domain::{
        actor::Actor,
        fault::Fault,
        id::TicketId,
        message::Draft,
        ticket::{NewReach, Opening},
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of tickets without an account.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(open_publicly)).routes(routes!(read_publicly)).routes(routes!(write_publicly))
}

const TOKEN: HeaderName = HeaderName::from_static("x-ticket-token");

/// What the client sends to open a ticket; nothing where it sends none, or what can be none: that is counted as an opening
/// is, because it may send a mail.
pub(crate) struct Token(Option<String>);

impl FromRequestParts<App> for Token {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = parts.headers.get(TOKEN).and_then(|token| token.to_str().ok());
        let token = token.filter(|token| !token.is_empty() && token.len() <= 200).map(str::to_owned);
        if token.is_none() {
            CountedOpening::from_request_parts(parts, app).await?;
        }
        Ok(Self(token))
    }
}

/// A ticket of somebody without an account.
#[derive(ToSchema)]
pub(crate) struct OpenPublicly {
    /// Where they can be reached.
    #[schema(value_type = String)]
    email: Option<String>,
    /// What they are called.
    name: Option<String>,
    /// In one line.
    #[schema(value_type = String)]
    subject: Option<String>,
    /// The text; also `message`.
    #[schema(value_type = String)]
    description: Option<String>,
    /// A category of the profile; also `topic`.
    category: Option<String>,
    /// A priority of the profile; a wish.
    priority: Option<String>,
    /// The language it is written in, as a tag such as `en`.
    language: Option<String>,
}

impl FromFields for OpenPublicly {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            email: fields.field(&["email", "contactEmail"]).text(),
            name: fields.field(&["name", "contactName"]).text(),
            subject: fields.field(&["subject"]).text(),
            description: fields.field(&["description", "message", "content", "body"]).text(),
            category: fields.field(&["category", "topic"]).text(),
            priority: fields.field(&["priority"]).text(),
            language: fields.field(&["language"]).text(),
        }
    }
}

impl OpenPublicly {
    fn into_opening(self) -> Opening {
        Opening {
            subject: self.subject.unwrap_or_default(),
            message: Draft::from(self.description.unwrap_or_default()),
            category: self.category,
            priority: self.priority,
            reach: NewReach { email: self.email, phone: None },
            language: self.language,
            ..Opening::default()
        }
    }
}

/// A ticket that was just opened, and what opens it from now on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenedPublicly<'a> {
    #[serde(flatten)]
    ticket: TicketBody<'a>,
    /// To be sent as `X-Ticket-Token`. It is shown this once; keep it.
    access_token: &'a str,
}

/// Opens a ticket without an account
#[utoipa::path(post, path = "/public/tickets", tag = "Without an account", request_body = OpenPublicly, responses(
    (status = 201, description = "The ticket and its token", body = OpenedPublicly), ChangeProblems))]
pub(crate) async fn open_publicly(
    State(desk): State<Desk>,
    _: CountedOpening,
    Unchecked(wanted, mut names, unread): Unchecked<OpenPublicly>,
) -> Answer {
    unread.check().map_err(Problem::invalid)?;
    let written = names.written("email");
    names.add("contactEmail", written);
    let name = wanted.name.clone().unwrap_or_default();
    let opened = names.restore(desk.public().open(&name, wanted.into_opening()).await)?;
    let ticket = TicketBody::new(&desk, &opened.posted.ticket, false);
    let ticket = ticket.with_messages(&desk, std::slice::from_ref(&opened.posted.message), false);
    let body = OpenedPublicly { ticket, access_token: opened.token.as_str() };
    Ok(Reply::json(StatusCode::CREATED, &body).into_response())
}

/// What is answered to whoever has no token.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkSent {
    /// The same for every number.
    message: &'static str,
}

/// Reads a ticket with its token
///
/// Without a token the answer is 202 whatever the number, and a link with a new token is sent to the recorded address where
/// there is such a ticket: at most every ten minutes.
#[utoipa::path(get, path = "/public/tickets/{ticket}", tag = "Without an account", params(
    ("ticket" = String, Path, description = "Its number or its id"),
    ("X-Ticket-Token" = Option<String>, Header, description = "What opens it"),
), responses(
    (status = 200, description = "The ticket, with the messages that its customer may read", body = TicketBody),
    (status = 202, description = "A link is sent, if there is such a ticket", body = LinkSent),
    ReadProblems,
))]
pub(crate) async fn read_publicly(
    State(app): State<App>,
    Which(ticket): Which,
    Token(token): Token,
    _: NoParams,
) -> Answer {
    let Some(token) = token else { return Ok(send_link(&app.desk, ticket)) };
    let (actor, id) = app.desk.public().enter(ticket, &token).await?;
    let detail = app.desk.tickets().get(&actor, id).await?;
    let body = TicketBody::new(&app.desk, &detail.ticket, false);
    let body = body.with_messages(&app.desk, &detail.messages.items, detail.messages.more);
    Ok(body.reply(StatusCode::OK, &actor).into_response())
}

/// Answers at once, and looks for the ticket then: how long that takes would tell whether there is one.
fn send_link(desk: &Desk, ticket: TicketRef) -> axum::response::Response {
    if let TicketRef::Number(number) = ticket {
        let desk = desk.clone();
        tokio::spawn(async move {
            // There is nobody any more to whom a failure could be told; they will ask again.
            let _ = desk.public().send_link(&number).await;
        });
    }
    let message = "If there is such a ticket, a link to it is sent to the address that was given with it, ten minutes after the last one \
                   at the earliest.";
    (StatusCode::ACCEPTED, Json(LinkSent { message })).into_response()
}

/// A message of somebody without an account.
#[derive(ToSchema)]
pub(crate) struct WritePublicly {
    /// The text; also `message`.
    #[schema(value_type = String)]
    content: Option<String>,
}

impl FromFields for WritePublicly {
    fn from_fields(fields: &mut Fields) -> Self {
        if fields.field(&["isInternal"]).flag() == Some(true) {
            fields.fault(Fault::new("isInternal", "is for staff"));
        }
        Self { content: fields.field(&["content", "message", "body", "description"]).required().text() }
    }
}

/// Replies to a ticket with its token
#[utoipa::path(post, path = "/public/tickets/{ticket}/messages", tag = "Without an account", request_body = WritePublicly,
    params(
        ("ticket" = String, Path, description = "Its number or its id"),
        ("X-Ticket-Token" = String, Header, description = "What opens it"),
    ),
    responses((status = 201, description = "The message", body = MessageBody), ChangeProblems))]
pub(crate) async fn write_publicly(
    State(desk): State<Desk>,
    Which(ticket): Which,
    Token(token): Token,
    Body(wanted, names): Body<WritePublicly>,
) -> Answer {
    let (actor, id) = entered(&desk, ticket, token).await?;
    let message = NewMessage { field: "content", ..NewMessage::public(wanted.content.unwrap_or_default()) };
    let posted = names.restore(desk.messages().add(&actor, id, message).await)?;
    let body = MessageBody::posted(&desk, &actor, &posted);
    Ok(Reply::json(StatusCode::CREATED, &body).into_response())
}

async fn entered(desk: &Desk, ticket: TicketRef, token: Option<String>) -> Result<(Actor, TicketId), Problem> {
    let token = token.ok_or(Error::Unauthenticated)?;
    Ok(desk.public().enter(ticket, &token).await?)
}
