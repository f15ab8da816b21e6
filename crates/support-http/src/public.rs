//! Tickets without an account, over HTTP (S4, "Public Ticket Access").
//!
//! S4 lets whoever knows a ticket's number read it. A number is a label: it stands in mails and is easily guessed. So opening
//! a ticket answers with a token, which is sent back in `X-Ticket-Token`. Whoever asks by the number alone gets the same
//! answer whatever the number is, and whoever opened the ticket gets a mail with a link.

use crate::{
    Answer, App,
    auth::Caller,
    body::{FromFields, Unchecked},
    extract::Which,
    fields::{Fields, Names},
    messages::WriteMessage,
    openapi::{ChangeProblems, ReadProblems},
    problem::Problem,
    rates::CountedOpening,
    terms::Reply,
    wire::{message::MessageBody, ticket::TicketBody},
};
use axum::{
    extract::{FromRequest as _, OriginalUri, Request, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::IntoResponse,
};
use serde::Serialize;
use serde_json::{Map, Value};
use support_core::{
    desk::{Desk, Error, public::OpenedPublicly, tickets::TicketRef},
    domain::{
        actor::Actor,
        id::TicketId,
        message::Draft,
        ticket::{NewReach, Opening},
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of tickets without an account.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open_public_ticket))
        .routes(routes!(read_public_ticket))
        .routes(routes!(write_public_message))
        .routes(routes!(revoke_tokens))
}

const TOKEN: HeaderName = HeaderName::from_static("x-ticket-token");

/// A request for help by somebody without an account.
#[derive(ToSchema)]
pub(crate) struct OpenPublicTicket {
    /// Where the way back to the ticket is sent; also `contactEmail`.
    #[schema(value_type = String)]
    email: Option<String>,
    /// What to call them; also `contactName`.
    name: Option<String>,
    /// A phone number; also `contactPhone`.
    phone: Option<String>,
    /// In one line.
    #[schema(value_type = String)]
    subject: Option<String>,
    /// What is wrong; also `message`, `content` or `body`.
    #[schema(value_type = String)]
    description: Option<String>,
    /// A category of the profile; also `topic`.
    category: Option<String>,
    /// A priority of the profile: a wish, which the profile may lower.
    priority: Option<String>,
    /// The language it is written in, as a tag such as `en`.
    language: Option<String>,
    /// Values of the profile's custom fields; also `customFields`.
    #[schema(value_type = Option<Object>)]
    fields: Option<Map<String, Value>>,
}

impl FromFields for OpenPublicTicket {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            email: fields.field(&["email", "contactEmail"]).required().text(),
            name: fields.field(&["name", "contactName", "customerName"]).text(),
            phone: fields.field(&["phone", "contactPhone"]).text(),
            subject: fields.field(&["subject"]).required().text(),
            description: fields.field(&["description", "message", "content", "body"]).required().text(),
            category: fields.field(&["category", "topic", "categoryId"]).text(),
            priority: fields.field(&["priority"]).text(),
            language: fields.field(&["language"]).text(),
            fields: fields.field(&["fields", "customFields"]).object(),
        }
    }
}

/// A ticket that was opened without an account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenedPublicTicket<'a> {
    #[serde(flatten)]
    ticket: TicketBody<'a>,
    /// What opens the ticket from now on, in `X-Ticket-Token`. It is told this once.
    access_token: &'a str,
}

/// Opens a ticket without an account
///
/// The answer holds a token, which opens this ticket and no other. It is not kept; a lost one is replaced by mail.
#[utoipa::path(post, path = "/public/tickets", tag = "Public", security(()), request_body = OpenPublicTicket, responses(
    (status = 201, description = "The ticket and its token", body = OpenedPublicTicket, headers(("Location" = String))),
    ChangeProblems))]
pub(crate) async fn open_public_ticket(
    State(desk): State<Desk>,
    _: CountedOpening,
    OriginalUri(here): OriginalUri,
    Unchecked(wanted, mut names, unread): Unchecked<OpenPublicTicket>,
) -> Answer {
    unread.check().map_err(Problem::invalid)?;
    let name = wanted.name.clone().unwrap_or_default();
    let opened = desk.public().open(&name, wanted.into_opening(&mut names)).await;
    let OpenedPublicly { posted, token } = names.restore(opened)?;
    let ticket = TicketBody::new(&desk, &posted.ticket, false);
    let ticket = ticket.with_messages(&desk, std::slice::from_ref(&posted.message), false);
    let location = format!("{}/{}", here.path().trim_end_matches('/'), posted.ticket.number);
    let body = OpenedPublicTicket { ticket, access_token: token.as_str() };
    Ok(Reply::json(StatusCode::CREATED, &body).with(&header::LOCATION, location).into_response())
}

impl OpenPublicTicket {
    /// What the desk takes; `names` learns by which names it calls the contact.
    fn into_opening(self, names: &mut Names) -> Opening {
        for (own, ours) in [("contactEmail", "email"), ("contactPhone", "phone")] {
            let written = names.written(ours);
            names.add(own, written);
        }
        Opening {
            subject: self.subject.unwrap_or_default(),
            message: Draft { body: self.description.unwrap_or_default(), ..Draft::default() },
            category: self.category,
            priority: self.priority,
            reach: NewReach { email: self.email, phone: self.phone },
            language: self.language,
            fields: self.fields.unwrap_or_default(),
            ..Opening::default()
        }
    }
}

/// What is answered to whoever asks by a number alone.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkPromised {
    /// Always the same.
    message: &'static str,
}

/// Reads a ticket without an account
///
/// With the token of the ticket in `X-Ticket-Token`. Without one, the answer is the same for every number; if there is such a
/// ticket and it was opened without an account, its customer gets a mail with a link.
#[utoipa::path(get, path = "/public/tickets/{ticket}", tag = "Public", security(()), params(
    ("ticket" = String, Path, description = "Its number or its id"),
    ("X-Ticket-Token" = Option<String>, Header, description = "The token of the ticket"),
), responses(
    (status = 200, description = "The ticket and its messages", body = TicketBody),
    (status = 202, description = "If there is such a ticket, a mail is on its way", body = LinkPromised),
    ReadProblems))]
pub(crate) async fn read_public_ticket(State(app): State<App>, Which(ticket): Which, request: Request) -> Answer {
    let desk = &app.desk;
    let Some(token) = token(request.headers())? else {
        let (parts, _) = request.into_parts();
        CountedOpening::count(&parts, &app).await?;
        return Ok(promise_link(desk, ticket));
    };
    let (actor, ticket) = desk.public().enter(ticket, &token).await?;
    let detail = desk.tickets().get(&actor, ticket).await?;
    let body = TicketBody::new(desk, &detail.ticket, false);
    let body = body.with_messages(desk, &detail.messages.items, detail.messages.more);
    Ok(body.reply(StatusCode::OK, &actor).into_response())
}

/// Answers before anything is looked up: neither the words nor the time say whether there is such a ticket.
fn promise_link(desk: &Desk, ticket: TicketRef) -> axum::response::Response {
    if let TicketRef::Number(number) = ticket {
        let desk = desk.clone();
        tokio::spawn(async move {
            // Nobody is told of a failure: whoever gets no mail asks again.
            let _ = desk.public().send_link(&number).await;
        });
    }
    let message = "if there is such a ticket, a link to it was sent to whoever opened it";
    Reply::json(StatusCode::ACCEPTED, &LinkPromised { message }).into_response()
}

/// Writes a message on a ticket without an account
#[utoipa::path(post, path = "/public/tickets/{ticket}/messages", tag = "Public", security(()),
    request_body = WriteMessage, params(
        ("ticket" = String, Path, description = "Its number or its id"),
        ("X-Ticket-Token" = String, Header, description = "The token of the ticket"),
    ), responses((status = 201, description = "The message", body = MessageBody), ChangeProblems))]
pub(crate) async fn write_public_message(State(app): State<App>, Which(ticket): Which, request: Request) -> Answer {
    // Nothing is read of whoever has no token.
    let token = token(request.headers())?.ok_or(Error::Unauthenticated)?;
    let (actor, ticket): (Actor, TicketId) = app.desk.public().enter(ticket, &token).await?;
    let Unchecked(wanted, names, unread) = Unchecked::<WriteMessage>::from_request(request, &app).await?;
    unread.check().map_err(Problem::invalid)?;
    let posted = names.restore(app.desk.messages().add(&actor, ticket, wanted.into()).await)?;
    Ok(Reply::json(StatusCode::CREATED, &MessageBody::posted(&app.desk, &actor, &posted)).into_response())
}

/// The token that was sent, if one was.
fn token(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(TOKEN).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let plain = (1..=255).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(token) if plain && values.next().is_none() => Ok(Some(token.to_owned())),
        _ => Err(Problem::header("X-Ticket-Token", "must be 1 to 255 visible ASCII characters, sent once")),
    }
}

/// What was taken back.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokensRevoked {
    /// How many tokens there were.
    revoked: u32,
}

/// Makes all tokens of a ticket open nothing any more, for staff
#[utoipa::path(delete, path = "/tickets/{ticket}/access-tokens", tag = "Public",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "They open nothing now", body = TokensRevoked), ChangeProblems))]
pub(crate) async fn revoke_tokens(State(desk): State<Desk>, Caller(actor): Caller, Which(ticket): Which) -> Answer {
    let revoked = desk.public().revoke(&actor, ticket).await?;
    Ok(Reply::json(StatusCode::OK, &TokensRevoked { revoked }).into_response())
}
