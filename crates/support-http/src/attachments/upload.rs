//! Files that come in. They are handed on chunk by chunk: whatever the size of a file, only a few of its chunks are in memory.

use super::form::{Form, unread};
use crate::{
    Answer, App,
    auth::Caller,
    extract::Which,
    openapi::ChangeProblems,
    problem::Problem,
    wire::attachment::{FileBody, FileList},
};
use axum::{
    Json,
    extract::{Request, State, multipart::Field},
    http::StatusCode,
    response::IntoResponse,
};
use support_core::{
    desk::{Desk, Error, attachments::UploadTo},
    domain::{
        actor::Actor,
        attachment::{Attachment, NewFile},
        fault::Fault,
        id::MessageId,
    },
};
use utoipa::ToSchema;

/// A form with a file.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "it describes a form; the form is read as it comes")]
pub(crate) struct UploadForm {
    /// The file, under any name.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The message that it belongs to, which the uploader wrote. Stands before the file.
    message_id: Option<String>,
    /// Whether only staff may have it. Stands before the file.
    is_internal: Option<bool>,
}

/// A form with several files.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "it describes a form; the form is read as it comes")]
pub(crate) struct UploadsForm {
    /// The files, under any names.
    #[schema(value_type = Vec<String>, format = Binary)]
    files: Vec<Vec<u8>>,
    /// The message that they belong to, which the uploader wrote. Stands before the files.
    message_id: Option<String>,
    /// Whether only staff may have them. Stands before the files.
    is_internal: Option<bool>,
}

/// Uploads a file to a ticket
///
/// The same file again, by the same person, is the same attachment.
#[utoipa::path(post, path = "/tickets/{ticket}/attachments", tag = "Attachments",
    params(("ticket" = String, Path, description = "Its id or its number")),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The file", body = FileBody), ChangeProblems))]
pub(crate) async fn upload_to_ticket(
    State(app): State<App>,
    Caller(actor): Caller,
    Which(ticket): Which,
    request: Request,
) -> Answer {
    let to = UploadTo::Ticket { ticket, message: None };
    one(&receive(&app, &actor, to, request, 1).await?)
}

/// Uploads several files to a ticket
///
/// Where one is refused, the answer names it, and none of them is there.
#[utoipa::path(post, path = "/tickets/{ticket}/attachments/multiple", tag = "Attachments",
    params(("ticket" = String, Path, description = "Its id or its number")),
    request_body(content = UploadsForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The files", body = FileList), ChangeProblems))]
pub(crate) async fn upload_several(
    State(app): State<App>,
    Caller(actor): Caller,
    Which(ticket): Which,
    request: Request,
) -> Answer {
    let most = app.desk.attachments().rule().at_once;
    let to = UploadTo::Ticket { ticket, message: None };
    let files = receive(&app, &actor, to, request, most).await?;
    Ok((StatusCode::CREATED, Json(FileList::new(&files))).into_response())
}

/// Uploads a file that is to be named later
///
/// Its id can stand among the `attachments` of a new ticket or message, or the `photos` of a review, of the same person
/// within a day.
#[utoipa::path(post, path = "/attachments", tag = "Attachments",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The file", body = FileBody), ChangeProblems))]
pub(crate) async fn upload_alone(State(app): State<App>, Caller(actor): Caller, request: Request) -> Answer {
    one(&receive(&app, &actor, UploadTo::Nothing, request, 1).await?)
}

fn one(files: &[Attachment]) -> Answer {
    let file = files.first().ok_or_else(|| Problem::invalid(Fault::new("file", "must be given").into()))?;
    Ok((StatusCode::CREATED, Json(FileBody::from(file))).into_response())
}

/// Bytes of everything in a form that is no file.
const REST: u64 = 64 * 1_024;
/// Bytes of a word in a form.
const WORD: usize = 200;

/// All files of a form, or none of them.
async fn receive(
    app: &App,
    actor: &Actor,
    to: UploadTo,
    request: Request,
    most: usize,
) -> Result<Vec<Attachment>, Problem> {
    let (mut files, began) = (Vec::new(), app.desk.now());
    let ticket = match &to {
        UploadTo::Ticket { ticket, .. } => Some(ticket.clone()),
        UploadTo::Nothing => None,
    };
    let outcome = receive_into(&mut files, app, actor, to, request, most).await;
    if outcome.is_err()
        && let Some(ticket) = ticket
    {
        // What was there before is not taken away with what came now. What hangs on nothing nobody sees, and the sweep takes.
        for file in files.iter().filter(|file: &&Attachment| file.created_at >= began) {
            let _ = app.desk.attachments().delete(actor, ticket.clone(), file.id).await;
        }
    }
    outcome.map(|()| files)
}

async fn receive_into(
    files: &mut Vec<Attachment>,
    app: &App,
    actor: &Actor,
    mut to: UploadTo,
    request: Request,
    most: usize,
) -> Result<(), Problem> {
    // Twice as much as may come: a file that is too large is refused by its name, not by the size of the form.
    let whole =
        app.desk.attachments().rule().max_bytes.saturating_mul(2).saturating_add(REST).saturating_mul(most as u64);
    let whole = usize::try_from(whole).unwrap_or(usize::MAX);
    let mut form = Form::of(request, whole, app).await?;
    let mut internal = false;
    while let Some(mut field) = form.next().await? {
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_none() {
            let word = word(&mut field).await?;
            if !files.is_empty() && ["messageId", "message_id", "isInternal", "is_internal"].contains(&name.as_str()) {
                return Err(fault(name, "must stand before the file in the form"));
            }
            match (name.as_str(), &mut to) {
                ("messageId" | "message_id", UploadTo::Ticket { message, .. }) => *message = message_id(&name, &word)?,
                ("isInternal" | "is_internal", _) => internal = flag(&name, &word)?,
                _ => {}
            }
            continue;
        }
        if files.len() >= most {
            return Err(fault("files", format!("must not be more than {most}")));
        }
        let place = if most == 1 { "file".to_owned() } else { format!("files.{}", files.len()) };
        files.push(hand_on(&app.desk, actor, &to, &mut field, place, internal).await?);
    }
    if files.is_empty() {
        return Err(fault("file", "must be given"));
    }
    Ok(())
}

async fn hand_on(
    desk: &Desk,
    actor: &Actor,
    to: &UploadTo,
    field: &mut Field<'_>,
    place: String,
    internal: bool,
) -> Result<Attachment, Problem> {
    let file = NewFile {
        field: place,
        name: field.file_name().unwrap_or_default().to_owned(),
        declared: field.content_type().map(str::to_owned),
        internal,
    };
    let mut receiving = desk.attachments().receive(actor, to, &file).await?;
    // Dropped wherever this ends early, and then nothing of it is left.
    while let Some(chunk) = field.chunk().await.map_err(|error| unread(&error))? {
        receiving.write(chunk).await?;
    }
    Ok(receiving.finish().await?)
}

async fn word(field: &mut Field<'_>) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| unread(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > WORD {
            let name = field.name().unwrap_or_default().to_owned();
            return Err(fault(name, format!("must not be longer than {WORD} bytes")));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

fn message_id(name: &str, word: &str) -> Result<Option<MessageId>, Problem> {
    if word.is_empty() {
        return Ok(None);
    }
    word.parse().map(Some).map_err(|_| fault(name, "must be the id of a message"))
}

fn flag(name: &str, word: &str) -> Result<bool, Problem> {
    match word {
        "true" | "1" => Ok(true),
        "false" | "0" | "" => Ok(false),
        _ => Err(fault(name, "must be true or false")),
    }
}

fn fault(field: impl Into<String>, message: impl Into<String>) -> Problem {
    Error::from(Fault::new(field, message)).into()
}
