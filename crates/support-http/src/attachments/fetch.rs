use crate::{
    Answer, App,
    auth::{Anyone, Caller},
    extract::{Named, NoParams, Params, Which},
    openapi::ReadProblems,
    problem::Problem,
    wire::Moment,
};
use axum::{
    Json,
    body::Body,
    extract::{OriginalUri, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::fmt::Write as _;
use support_core::{
    desk::{Desk, Error},
    domain::{attachment::Attachment, fault::Fault, id::AttachmentId},
    ports::files::LinkTerms,
};
use utoipa::ToSchema;

/// How long an address works that was given out.
const LASTS: TimeDelta = TimeDelta::minutes(5);

/// Fetches a file of a ticket
#[utoipa::path(get, path = "/tickets/{ticket}/attachments/{attachment}/download", tag = "Files",
    params(("ticket" = String, Path, description = "Its id or its number"),
        ("attachment" = Uuid, Path, description = "The id of the file")),
    responses((status = 200, description = "The file", content_type = "application/octet-stream"), ReadProblems))]
pub(crate) async fn download_attachment(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(id): Named<AttachmentId>,
    _: NoParams,
) -> Answer {
    let file = desk.attachments().get(&actor, ticket, id).await?;
    download(&desk, file.id).await
}

/// Fetches a file, wherever it hangs
#[utoipa::path(get, path = "/attachments/{attachment}/download", tag = "Files", security((), ("bearer" = [])),
    params(("attachment" = Uuid, Path, description = "The id of the file")),
    responses((status = 200, description = "The file", content_type = "application/octet-stream"), ReadProblems))]
pub(crate) async fn download_file(
    State(desk): State<Desk>,
    Anyone(actor): Anyone,
    Named(id): Named<AttachmentId>,
    _: NoParams,
) -> Answer {
    let file = desk.attachments().find(&actor, id).await?;
    download(&desk, file.id).await
}

/// An address from which a file can be fetched without a sign-in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileLink {
    /// The address; that of this router begins with `/`.
    url: String,
    /// Until when it works.
    expires_at: Moment,
}

/// Gives out an address of a file of a ticket
#[utoipa::path(get, path = "/tickets/{ticket}/attachments/{attachment}/link", tag = "Files",
    params(("ticket" = String, Path, description = "Its id or its number"),
        ("attachment" = Uuid, Path, description = "The id of the file")),
    responses((status = 200, description = "The address", body = FileLink), ReadProblems))]
pub(crate) async fn link_attachment(
    State(app): State<App>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(id): Named<AttachmentId>,
    OriginalUri(here): OriginalUri,
    _: NoParams,
) -> Answer {
    let file = app.desk.attachments().get(&actor, ticket, id).await?;
    let mount = here.path().trim_end_matches('/').rsplitn(6, '/').last().unwrap_or_default();
    link(&app, &file, mount).await
}

/// Gives out an address of a file, wherever it hangs
#[utoipa::path(get, path = "/attachments/{attachment}/link", tag = "Files", security((), ("bearer" = [])),
    params(("attachment" = Uuid, Path, description = "The id of the file")),
    responses((status = 200, description = "The address", body = FileLink), ReadProblems))]
pub(crate) async fn link_file(
    State(app): State<App>,
    Anyone(actor): Anyone,
    Named(id): Named<AttachmentId>,
    OriginalUri(here): OriginalUri,
    _: NoParams,
) -> Answer {
    let file = app.desk.attachments().find(&actor, id).await?;
    let mount = here.path().trim_end_matches('/').rsplitn(4, '/').last().unwrap_or_default();
    link(&app, &file, mount).await
}

async fn link(app: &App, file: &Attachment, mount: &str) -> Answer {
    let until = app.desk.now() + LASTS;
    let terms = LinkTerms {
        lasts: LASTS,
        disposition: disposition(&file.file_name),
        content_type: file.kind.media_type().to_owned(),
    };
    let ours = || {
        let signature = app.secret.tag("file", signed(file.id, until.timestamp()).as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature);
        format!("{mount}/files/{}?until={}&signature={signature}", file.id, until.timestamp())
    };
    let url = app.desk.attachments().link(file, &terms).await?.unwrap_or_else(ours);
    Ok(Json(FileLink { url, expires_at: Moment(until) }).into_response())
}

/// What the signature of an address stands for.
fn signed(id: AttachmentId, until: i64) -> String {
    format!("{id} {until}")
}

/// Fetches a file from an address that was given out
#[utoipa::path(get, path = "/files/{attachment}", tag = "Files", security(()), params(
    ("attachment" = Uuid, Path, description = "The id of the file"),
    ("until" = i64, Query, description = "As it was given out"),
    ("signature" = String, Query, description = "As it was given out"),
), responses((status = 200, description = "The file", content_type = "application/octet-stream"), ReadProblems))]
pub(crate) async fn fetch_file(
    State(app): State<App>,
    Named(id): Named<AttachmentId>,
    Params(mut fields): Params,
) -> Answer {
    let number = |field: &str, text: &str| text.parse().map_err(|_| Fault::new(field, "must be a whole number"));
    let until: Option<i64> = fields.field(&["until"]).required().checked(number);
    let given = fields.field(&["signature"]).required().text();
    fields.end_of_query().map_err(Problem::parameters)?;
    let (until, given) = (until.unwrap_or_default(), given.unwrap_or_default());
    let given = URL_SAFE_NO_PAD.decode(given).unwrap_or_default();
    let in_time = DateTime::<Utc>::from_timestamp(until, 0).is_some_and(|until| app.desk.now() < until);
    // A wrong signature and one of yesterday answer as a file that is not there.
    if !(app.secret.verifies("file", signed(id, until).as_bytes(), &given) && in_time) {
        return Err(Error::NotFound.into());
    }
    download(&app.desk, id).await
}

async fn download(desk: &Desk, id: AttachmentId) -> Answer {
    let (file, bytes) = desk.attachments().open(id).await?;
    let chunks = futures_util::stream::try_unfold(bytes, |mut bytes| async move {
        // What fails now ends the answer too early, which its length tells.
        bytes.chunk().await.map(|chunk| chunk.map(|chunk| (chunk, bytes)))
    });
    let mut response = Response::new(Body::from_stream(chunks));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind.media_type()));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
    if let Ok(disposition) = HeaderValue::try_from(disposition(&file.file_name)) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    // Whatever a browser takes it for: it runs nothing, loads nothing and knows no site.
    let alone = HeaderValue::from_static("sandbox; default-src 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, alone);
    Ok(response)
}

/// To be saved, under that name (RFC 6266): as it is for those who read RFC 8187, and in plain letters for others.
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || " ._-()".contains(c) { c } else { '_' }).collect();
    let mut exact = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            exact.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(exact, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_is_said_for_old_and_new_readers() {
        assert_eq!(disposition("a b.png"), "attachment; filename=\"a b.png\"; filename*=UTF-8''a%20b.png");
        let tricky = disposition("x\"; filename=evil.exe\r\nSet-Cookie: a\u{202e}gnp.ö");
        assert!(tricky.bytes().all(|byte| (b' '..0x7f).contains(&byte)));
        assert_eq!(tricky.matches('"').count(), 2);
        assert!(
            tricky
                .ends_with("filename*=UTF-8''x%22%3B%20filename%3Devil.exe%0D%0ASet-Cookie%3A%20a%E2%80%AEgnp.%C3%B6")
        );
    }
}
