//! Files over HTTP.
//!
//! A file comes in chunk by chunk and goes out so, too: it is never held as a whole. It is fetched with a sign-in from
//! `…/download`, or without one from an address that was given out after the access check and works for five minutes: that
//! of the file store itself where it has such a thing, else one of this router, signed with the [`Secret`].
//!
//! [`Secret`]: crate::Secret

mod fetch;
mod form;
mod upload;

use crate::{
    Answer, App,
    auth::{Anyone, Caller},
    extract::{Named, NoParams, Which},
    openapi::{ChangeProblems, ListProblems, ReadProblems},
    wire::file::FileBody,
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse as _};
use serde::Serialize;
use support_core::{
    desk::Desk,
    domain::{
        attachment::Attachment,
        id::{AttachmentId, MessageId},
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of files.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_attachments, upload::upload_attachment))
        .routes(routes!(upload::upload_attachments))
        .routes(routes!(list_attachments_of_message))
        .routes(routes!(read_attachment, delete_attachment))
        .routes(routes!(fetch::download_attachment))
        .routes(routes!(fetch::link_attachment))
        .routes(routes!(upload::upload_file))
        .routes(routes!(read_file))
        .routes(routes!(fetch::download_file))
        .routes(routes!(fetch::link_file))
        .routes(routes!(fetch::fetch_file))
}

/// Files.
#[derive(Serialize, ToSchema)]
pub(crate) struct FileList<'a> {
    /// In the order in which they came.
    attachments: Vec<FileBody<'a>>,
}

impl<'a> FileList<'a> {
    fn new(files: &'a [Attachment], staff: bool) -> Self {
        Self { attachments: files.iter().map(|file| FileBody::new(file, staff)).collect() }
    }
}

/// Lists the files of a ticket
#[utoipa::path(get, path = "/tickets/{ticket}/attachments", tag = "Files",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The files", body = FileList), ListProblems))]
pub(crate) async fn list_attachments(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    _: NoParams,
) -> Answer {
    let files = desk.attachments().list(&actor, ticket).await?;
    Ok(Json(FileList::new(&files, actor.is_staff())).into_response())
}

/// Lists the files that came with a message
#[utoipa::path(get, path = "/tickets/{ticket}/attachments/message/{message}", tag = "Files",
    params(("ticket" = String, Path, description = "Its id or its number"),
        ("message" = Uuid, Path, description = "The id of the message")),
    responses((status = 200, description = "The files", body = FileList), ListProblems))]
pub(crate) async fn list_attachments_of_message(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(message): Named<MessageId>,
    _: NoParams,
) -> Answer {
    let files = desk.attachments().of_message(&actor, ticket, message).await?;
    Ok(Json(FileList::new(&files, actor.is_staff())).into_response())
}

/// Reads what is known of a file of a ticket
#[utoipa::path(get, path = "/tickets/{ticket}/attachments/{attachment}", tag = "Files",
    params(("ticket" = String, Path, description = "Its id or its number"),
        ("attachment" = Uuid, Path, description = "The id of the file")),
    responses((status = 200, description = "The file", body = FileBody), ReadProblems))]
pub(crate) async fn read_attachment(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(id): Named<AttachmentId>,
    _: NoParams,
) -> Answer {
    let file = desk.attachments().get(&actor, ticket, id).await?;
    Ok(Json(FileBody::new(&file, actor.is_staff())).into_response())
}

/// Reads what is known of a file, wherever it hangs
#[utoipa::path(get, path = "/attachments/{attachment}", tag = "Files", security((), ("bearer" = [])),
    params(("attachment" = Uuid, Path, description = "The id of the file")),
    responses((status = 200, description = "The file", body = FileBody), ReadProblems))]
pub(crate) async fn read_file(
    State(desk): State<Desk>,
    Anyone(actor): Anyone,
    Named(id): Named<AttachmentId>,
    _: NoParams,
) -> Answer {
    let file = desk.attachments().find(&actor, id).await?;
    Ok(Json(FileBody::new(&file, actor.is_staff())).into_response())
}

/// Takes a file away
///
/// Its uploader can, and whoever may withdraw messages of others.
#[utoipa::path(delete, path = "/tickets/{ticket}/attachments/{attachment}", tag = "Files",
    params(("ticket" = String, Path, description = "Its id or its number"),
        ("attachment" = Uuid, Path, description = "The id of the file")),
    responses((status = 204, description = "It is gone"), ChangeProblems))]
pub(crate) async fn delete_attachment(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(id): Named<AttachmentId>,
) -> Answer {
    desk.attachments().delete(&actor, ticket, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
