//! Files over HTTP (S4, `…/attachments`).
//!
//! A file is uploaded to a ticket, or first for itself to `/attachments`, and named by its id afterwards in what is written:
//! among the `attachments` of a ticket or message, or the `photos` of a review. It is fetched under an address that works for
//! five minutes, which is given to whoever may have the file.

mod fetch;
mod form;
mod upload;

use crate::{
    Answer, App,
    auth::Caller,
    extract::{Named, NoParams, Which},
    openapi::{ChangeProblems, ReadProblems},
    terms::{Reply, Terms},
    wire::attachment::{FileBody, FileList},
};
use axum::{
    Json,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::IntoResponse,
};
use support_core::{
    desk::Desk,
    domain::id::{AttachmentId, MessageId},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of files.
pub(crate) fn routes() -> OpenApiRouter<App> {
    let uploads = OpenApiRouter::new()
        .routes(routes!(upload::upload_to_ticket))
        .routes(routes!(upload::upload_several))
        .routes(routes!(upload::upload_alone))
        // How large an upload may be is the profile's to say, and each handler's to see to.
        .layer(DefaultBodyLimit::disable());
    OpenApiRouter::new()
        .merge(uploads)
        .routes(routes!(list_attachments))
        .routes(routes!(list_attachments_of_message))
        .routes(routes!(read_attachment, delete_attachment))
        .routes(routes!(fetch::link_to_attachment))
        .routes(routes!(fetch::link_to_file))
        .routes(routes!(fetch::fetch_file))
}

/// Lists the files of a ticket
#[utoipa::path(get, path = "/tickets/{ticket}/attachments", tag = "Attachments",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The files", body = FileList), ReadProblems))]
pub(crate) async fn list_attachments(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    _: NoParams,
) -> Answer {
    let files = desk.attachments().list(&actor, ticket).await?;
    Ok(Json(FileList::new(&files)).into_response())
}

/// Lists the files that came with a message
#[utoipa::path(get, path = "/tickets/{ticket}/attachments/message/{message}", tag = "Attachments", params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("message" = Uuid, Path, description = "The id of the message"),
), responses((status = 200, description = "The files", body = FileList), ReadProblems))]
pub(crate) async fn list_attachments_of_message(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(message): Named<MessageId>,
    _: NoParams,
) -> Answer {
    let files = desk.attachments().of_message(&actor, ticket, message).await?;
    Ok(Json(FileList::new(&files)).into_response())
}

/// Reads what is known of a file
#[utoipa::path(get, path = "/tickets/{ticket}/attachments/{attachment}", tag = "Attachments", params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("attachment" = Uuid, Path, description = "The id of the file"),
), responses((status = 200, description = "The file", body = FileBody), ReadProblems))]
pub(crate) async fn read_attachment(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(file): Named<AttachmentId>,
    _: NoParams,
) -> Answer {
    let file = desk.attachments().get(&actor, ticket, file).await?;
    Ok(Json(FileBody::from(&file)).into_response())
}

/// Takes a file away
///
/// Its uploader can, and an admin.
#[utoipa::path(delete, path = "/tickets/{ticket}/attachments/{attachment}", tag = "Attachments", params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("attachment" = Uuid, Path, description = "The id of the file"),
), responses((status = 200, description = "The file that is gone", body = FileBody), ChangeProblems))]
pub(crate) async fn delete_attachment(
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(file): Named<AttachmentId>,
    terms: Terms,
) -> Answer {
    let asked = terms.answering(&actor, |_, _, file| Reply::json(StatusCode::OK, &FileBody::from(file)));
    asked.answer(asked.desk.attachments().delete(&actor, ticket, file).await)
}
