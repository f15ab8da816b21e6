use super::{add, edit, remove};
use crate::{
    Answer, App,
    auth::Caller,
    body::{Body, FromFields},
    extract::{Named, NoParams, Which},
    fields::Fields,
    openapi::{ChangeProblems, ListProblems, ReadProblems},
    terms::{Reply, Terms},
    wire::Moment,
};
use axum::{
    Json,
    extract::{OriginalUri, State},
    http::StatusCode,
    response::IntoResponse,
};
use serde::Serialize;
use support_core::{
    desk::{Desk, Error},
    domain::{
        catalogue::{CannedResponse, Entry, Item, ItemKind},
        id::EntryId,
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_canned_responses, add_canned_response))
        .routes(routes!(read_canned_response, edit_canned_response, remove_canned_response))
        .routes(routes!(answer_with_canned_response))
}

/// A text to answer with.
#[derive(ToSchema)]
pub(crate) struct WriteCannedResponse {
    /// A short name to type, such as `refund-sent`; also `shortcut`.
    #[schema(value_type = String)]
    slug: Option<String>,
    /// In one line; also `name`.
    #[schema(value_type = String)]
    title: Option<String>,
    /// The text; also `content` or `message`. `{{ticket.number}}`, `{{ticket.subject}}`, `{{ticket.status}}`,
    /// `{{ticket.priority}}`, `{{ticket.category}}`, `{{customer.name}}` and `{{agent.name}}` stand for what they say.
    #[schema(value_type = String)]
    body: Option<String>,
    /// For which team; for everybody as without. Also `department`.
    team: Option<String>,
}

impl FromFields for WriteCannedResponse {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            slug: fields.field(&["slug", "shortcut"]).required().text(),
            title: fields.field(&["title", "name"]).required().text(),
            body: fields.field(&["body", "content", "message"]).required().text(),
            team: fields.field(&["team", "department"]).text(),
        }
    }
}

impl From<WriteCannedResponse> for Item {
    fn from(wanted: WriteCannedResponse) -> Self {
        Self::CannedResponse(CannedResponse {
            slug: wanted.slug.unwrap_or_default(),
            title: wanted.title.unwrap_or_default(),
            body: wanted.body.unwrap_or_default(),
            team: wanted.team,
        })
    }
}

/// A canned response.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CannedResponse)]
pub(crate) struct CannedResponseBody<'a> {
    /// Its id.
    id: Uuid,
    /// The name to type.
    slug: &'a str,
    /// In one line.
    title: &'a str,
    /// The text, with placeholders.
    body: &'a str,
    /// For which team; for everybody where absent.
    team: Option<&'a str>,
    /// When it was made.
    created_at: Moment,
    /// When it was last changed.
    updated_at: Moment,
}

impl<'a> CannedResponseBody<'a> {
    /// None for an entry of another list.
    fn new(entry: &'a Entry) -> Option<Self> {
        let Item::CannedResponse(response) = &entry.item else { return None };
        Some(Self {
            id: entry.id.uuid(),
            slug: &response.slug,
            title: &response.title,
            body: &response.body,
            team: response.team.as_deref(),
            created_at: Moment(entry.created_at),
            updated_at: Moment(entry.updated_at),
        })
    }
}

fn show(status: StatusCode, entry: &Entry) -> Reply {
    Reply::json(status, &CannedResponseBody::new(entry))
}

/// The canned responses.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CannedResponseList<'a> {
    /// In the order of their slugs.
    canned_responses: Vec<CannedResponseBody<'a>>,
}

/// Lists the canned responses
#[utoipa::path(get, path = "/canned-responses", tag = "Lists", responses(
    (status = 200, description = "The responses", body = CannedResponseList), ListProblems))]
pub(crate) async fn list_canned_responses(State(desk): State<Desk>, Caller(actor): Caller, _: NoParams) -> Answer {
    let entries = desk.catalogue().list(&actor, ItemKind::CannedResponse).await?;
    let canned_responses = entries.iter().filter_map(CannedResponseBody::new).collect();
    Ok(Json(CannedResponseList { canned_responses }).into_response())
}

/// Adds a canned response
#[utoipa::path(post, path = "/canned-responses", tag = "Lists", request_body = WriteCannedResponse, responses(
    (status = 201, description = "The response", body = CannedResponseBody, headers(("Location" = String))),
    ChangeProblems))]
pub(crate) async fn add_canned_response(
    Caller(actor): Caller,
    OriginalUri(here): OriginalUri,
    terms: Terms,
    Body(wanted, names): Body<WriteCannedResponse>,
) -> Answer {
    add(&actor, terms, &names, here.path(), wanted.into(), show).await
}

/// Reads a canned response
#[utoipa::path(get, path = "/canned-responses/{entry}", tag = "Lists",
    params(("entry" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The response", body = CannedResponseBody), ReadProblems))]
pub(crate) async fn read_canned_response(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(id): Named<EntryId>,
) -> Answer {
    let entry = desk.catalogue().get(&actor, ItemKind::CannedResponse, id).await?;
    let body = CannedResponseBody::new(&entry).ok_or(Error::NotFound)?;
    Ok(Json(body).into_response())
}

/// Makes a canned response what the body says
#[utoipa::path(put, path = "/canned-responses/{entry}", tag = "Lists", request_body = WriteCannedResponse,
    params(("entry" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The response", body = CannedResponseBody), ChangeProblems))]
pub(crate) async fn edit_canned_response(
    Caller(actor): Caller,
    Named(id): Named<EntryId>,
    terms: Terms,
    Body(wanted, names): Body<WriteCannedResponse>,
) -> Answer {
    edit(&actor, terms, &names, id, wanted.into(), show).await
}

/// Removes a canned response
#[utoipa::path(delete, path = "/canned-responses/{entry}", tag = "Lists",
    params(("entry" = Uuid, Path, description = "Its id")),
    responses((status = 204, description = "It is gone"), ChangeProblems))]
pub(crate) async fn remove_canned_response(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(id): Named<EntryId>,
) -> Answer {
    remove(&desk, &actor, ItemKind::CannedResponse, id).await
}

/// A text for a ticket.
#[derive(Serialize, ToSchema)]
pub(crate) struct FilledIn {
    /// The text, ready to be sent.
    message: String,
}

/// Reads a canned response with what it says of a ticket put in
#[utoipa::path(get, path = "/tickets/{ticket}/canned-responses/{entry}", tag = "Lists",
    params(("ticket" = String, Path, description = "Its id or its number"),
        ("entry" = Uuid, Path, description = "The id of the response")),
    responses((status = 200, description = "The text", body = FilledIn), ReadProblems))]
pub(crate) async fn answer_with_canned_response(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(id): Named<EntryId>,
) -> Answer {
    let message = desk.catalogue().answer(&actor, id, ticket).await?;
    Ok(Json(FilledIn { message }).into_response())
}
