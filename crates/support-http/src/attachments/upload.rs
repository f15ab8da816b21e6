use super::{
    FileList,
    form::{Form, chunk},
};
use crate::{
    Answer, auth::Caller, extract::Which, fields::camel_case, openapi::UploadProblems, problem::Problem,
    wire::file::FileBody,
};
use axum::{
    Json,
    extract::{OriginalUri, State, multipart::Field},
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use support_core::{
    desk::{Desk, attachments::UploadTo},
    domain::{
        actor::Actor,
        attachment::{Attachment, NewFile},
        fault::Fault,
        id::MessageId,
    },
};
use utoipa::ToSchema;
use uuid::Uuid;

/// Bytes of a part that is no file.
const TEXT_BYTES: usize = 256;
/// Characters of the name of a part, as faults tell it.
const NAME_CHARS: usize = 100;

/// What is said beside the files. It stands before them.
#[derive(Debug, Default)]
struct Said {
    internal: bool,
    message: Option<MessageId>,
}

impl Said {
    async fn hear(&mut self, field: Field<'_>) -> Result<(), Problem> {
        let name = name_of(&field);
        let fault = |message: &str| Problem::invalid(Fault::new(&name, message).into());
        let text = short_text(field).await?.ok_or_else(|| fault("is too long"))?;
        match camel_case(&name).as_str() {
            "isInternal" => self.internal = text.parse().map_err(|_| fault("must be true or false"))?,
            "messageId" => {
                let id: Uuid = text.parse().map_err(|_| fault("must be a UUID"))?;
                self.message = Some(id.into());
            }
            // Files under such a name would have a file name.
            "file" | "files" | "attachment" | "attachments" => return Err(fault("must be a file with a name")),
            _ => {}
        }
        Ok(())
    }
}

fn name_of(field: &Field<'_>) -> String {
    let name = field.name().filter(|name| !name.is_empty()).unwrap_or("file");
    name.chars().take(NAME_CHARS).collect()
}

async fn short_text(mut field: Field<'_>) -> Result<Option<String>, Problem> {
    let mut text = Vec::new();
    while let Some(chunk) = chunk(&mut field).await? {
        if text.len() + chunk.len() > TEXT_BYTES {
            return Ok(None);
        }
        text.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8(text).ok())
}

/// Takes the files of a form, at most so many; `to` says where they go.
async fn take(
    desk: &Desk,
    actor: &Actor,
    mut form: Form,
    most: usize,
    to: impl Fn(Option<MessageId>) -> UploadTo,
) -> Result<Vec<Attachment>, Problem> {
    let (mut said, mut files) = (Said::default(), Vec::new());
    while let Some(field) = form.next().await? {
        if field.file_name().is_none() {
            said.hear(field).await?;
            continue;
        }
        let name = name_of(&field);
        if files.len() == most {
            return Err(Problem::invalid(Fault::new(name, format!("must not be more than {most}")).into()));
        }
        files.push(receive(desk, actor, &to(said.message), field, name, said.internal).await?);
    }
    if files.is_empty() {
        return Err(Problem::invalid(Fault::new("file", "is missing").into()));
    }
    Ok(files)
}

/// Hands a file on as it comes. Where that ends too soon, nothing of it is left.
async fn receive(
    desk: &Desk,
    actor: &Actor,
    to: &UploadTo,
    mut field: Field<'_>,
    name: String,
    internal: bool,
) -> Result<Attachment, Problem> {
    let new = NewFile {
        field: name,
        name: field.file_name().unwrap_or_default().to_owned(),
        declared: field.content_type().map(str::to_owned),
        internal,
    };
    let mut receiving = desk.attachments().receive(actor, to, &new).await?;
    while let Some(chunk) = chunk(&mut field).await? {
        receiving.write(chunk).await?;
    }
    Ok(receiving.finish().await?)
}

/// A form with a file.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "it says in the document what a form holds; files are not held")]
pub(crate) struct UploadForm {
    /// Whether only staff may have it; stands before the file.
    is_internal: Option<bool>,
    /// The message of the same person that it belongs to; stands before the file.
    message_id: Option<Uuid>,
    /// The file.
    #[schema(value_type = String, format = Binary)]
    file: (),
}

/// A form with files.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "it says in the document what a form holds; files are not held")]
pub(crate) struct UploadsForm {
    /// Whether only staff may have them; stands before the files.
    is_internal: Option<bool>,
    /// The message of the same person that they belong to; stands before the files.
    message_id: Option<Uuid>,
    /// The files, each a part of its own.
    #[schema(value_type = Vec<String>, format = Binary)]
    files: (),
}

/// Uploads a file to a ticket
///
/// The same file by the same person is there once, however often it is sent.
#[utoipa::path(post, path = "/tickets/{ticket}/attachments", tag = "Files",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 201, description = "The file", body = FileBody, headers(("Location" = String))), UploadProblems))]
pub(crate) async fn upload_attachment(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    OriginalUri(here): OriginalUri,
    form: Form,
) -> Answer {
    let to = |message| UploadTo::Ticket { ticket: ticket.clone(), message };
    let files = take(&desk, &actor, form, 1, to).await?;
    Ok(one(&files, here.path(), &actor))
}

/// Uploads several files to a ticket
///
/// They are taken one after the other: those before one that is refused stay, and are there once when all are sent again.
#[utoipa::path(post, path = "/tickets/{ticket}/attachments/multiple", tag = "Files",
    request_body(content = UploadsForm, content_type = "multipart/form-data"),
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 201, description = "The files", body = FileList), UploadProblems))]
pub(crate) async fn upload_attachments(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    form: Form,
) -> Answer {
    let to = |message| UploadTo::Ticket { ticket: ticket.clone(), message };
    let files = take(&desk, &actor, form, desk.profile().attachments.at_once, to).await?;
    Ok((StatusCode::CREATED, Json(FileList::new(&files, actor.is_staff()))).into_response())
}

/// Uploads a file that is named later
///
/// By its id, in the `attachments` of a ticket or message of the same person, or in the `photos` of a review. What nobody
/// names within a day goes.
#[utoipa::path(post, path = "/attachments", tag = "Files",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The file", body = FileBody, headers(("Location" = String))), UploadProblems))]
pub(crate) async fn upload_file(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    OriginalUri(here): OriginalUri,
    form: Form,
) -> Answer {
    let files = take(&desk, &actor, form, 1, |_| UploadTo::Nothing).await?;
    Ok(one(&files, here.path(), &actor))
}

fn one(files: &[Attachment], here: &str, actor: &Actor) -> axum::response::Response {
    let Some(file) = files.first() else { return Problem::internal().into_response() };
    let location = format!("{}/{}", here.trim_end_matches('/'), file.id);
    (StatusCode::CREATED, [(header::LOCATION, location)], Json(FileBody::new(file, actor.is_staff()))).into_response()
}
