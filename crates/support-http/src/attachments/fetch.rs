//! Files that go out. Who may have a file is looked at when an address is given out; the address itself is proof for five
//! minutes, of one file. What is fetched is saved, never shown: no browser runs what somebody else has uploaded.

use crate::{
    Answer, App,
    auth::{Anyone, Caller},
    extract::{Named, NoParams, Params, Which},
    openapi::ReadProblems,
    problem::Problem,
    secret::Secret,
    wire::{Moment, attachment::LinkBody},
};
use axum::{
    Json,
    body::Body,
    extract::{OriginalUri, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream;
use std::fmt::Write as _;
use support_core::{
    desk::Error,
    domain::{attachment::Attachment, id::AttachmentId},
    ports::files::{Download, LinkTerms},
};

/// How long an address works.
const LASTS: TimeDelta = TimeDelta::minutes(5);

/// Leads to the content of a file of a ticket
///
/// The address in the answer, which is also where it redirects to, works for five minutes.
#[utoipa::path(get, path = "/tickets/{ticket}/attachments/{attachment}/download", tag = "Attachments", params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("attachment" = Uuid, Path, description = "The id of the file"),
), responses((status = 302, description = "Where it is", body = LinkBody, headers(("Location" = String))), ReadProblems))]
pub(crate) async fn link_to_attachment(
    State(app): State<App>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(id): Named<AttachmentId>,
    OriginalUri(here): OriginalUri,
    _: NoParams,
) -> Answer {
    let file = app.desk.attachments().get(&actor, ticket, id).await?;
    let mount = here.path().rfind("/tickets/").map_or("", |at| &here.path()[..at]);
    let mount = mount.strip_suffix("/agent").unwrap_or(mount);
    link(&app, mount, &file).await
}

/// Leads to the content of any file that the caller may have
///
/// Photos of published reviews are everybody's.
#[utoipa::path(get, path = "/attachments/{attachment}/download", tag = "Attachments",
    params(("attachment" = Uuid, Path, description = "The id of the file")),
    responses((status = 302, description = "Where it is", body = LinkBody, headers(("Location" = String))), ReadProblems))]
pub(crate) async fn link_to_file(
    State(app): State<App>,
    Anyone(actor): Anyone,
    Named(id): Named<AttachmentId>,
    OriginalUri(here): OriginalUri,
    _: NoParams,
) -> Answer {
    let file = app.desk.attachments().find(&actor, id).await?;
    let mount = here.path().rfind("/attachments/").map_or("", |at| &here.path()[..at]);
    link(&app, mount, &file).await
}

async fn link(app: &App, mount: &str, file: &Attachment) -> Answer {
    let expires = app.desk.now() + LASTS;
    let terms = LinkTerms {
        lasts: LASTS,
        disposition: disposition(&file.file_name),
        content_type: content_type(file).to_owned(),
    };
    let url = match app.desk.attachments().link(file, &terms).await? {
        Some(url) => url,
        None => own_address(&app.secret, mount, file.id, expires),
    };
    let location = HeaderValue::from_str(&url).map_err(|_| Problem::internal())?;
    let body = Json(LinkBody { url, expires_at: Moment(expires) });
    Ok((StatusCode::FOUND, [(header::LOCATION, location)], body).into_response())
}

fn own_address(secret: &Secret, mount: &str, id: AttachmentId, expires: DateTime<Utc>) -> String {
    let until = expires.timestamp();
    let signature = URL_SAFE_NO_PAD.encode(secret.tag("file", signed(id, until).as_bytes()));
    format!("{mount}/files/{id}?expires={until}&signature={signature}")
}

/// What the signature of an address stands for.
fn signed(id: AttachmentId, until: i64) -> String {
    format!("{id} {until}")
}

/// The content of a file, for whoever was given its address
#[utoipa::path(get, path = "/files/{attachment}", tag = "Attachments", params(
    ("attachment" = Uuid, Path, description = "The id of the file"),
    ("expires" = i64, Query, description = "As the address has it"),
    ("signature" = String, Query, description = "As the address has it"),
), responses((status = 200, description = "Its bytes", content_type = "application/octet-stream"), ReadProblems))]
pub(crate) async fn fetch_file(
    State(app): State<App>,
    Named(id): Named<AttachmentId>,
    Params(mut fields): Params,
) -> Answer {
    let until = fields.field(&["expires"]).text().and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
    let given =
        fields.field(&["signature"]).text().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).unwrap_or_default();
    let right = app.secret.verifies("file", signed(id, until).as_bytes(), &given) && until > app.desk.now().timestamp();
    if !right {
        // An address that is over leads nowhere, like one that never was.
        return Err(Error::NotFound.into());
    }
    let (file, bytes) = app.desk.attachments().open(id).await?;
    Ok(content(&file, bytes))
}

fn content(file: &Attachment, bytes: Box<dyn Download>) -> Response {
    let chunks = stream::unfold(bytes, |mut bytes| async {
        // A store that fails halfway cuts the answer off: its length tells the client that something is missing.
        bytes.chunk().await.transpose().map(|chunk| (chunk, bytes))
    });
    let mut response = Response::new(Body::from_stream(chunks));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(file)));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    if let Ok(disposition) = HeaderValue::from_str(&disposition(&file.file_name)) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

fn content_type(file: &Attachment) -> &'static str {
    match file.kind.media_type() {
        "text/plain" => "text/plain; charset=utf-8",
        "text/csv" => "text/csv; charset=utf-8",
        other => other,
    }
}

/// To be saved under its name (RFC 6266): in ASCII for those who know nothing else, and in full (RFC 8187).
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || ". -_()".contains(c) { c } else { '_' }).collect();
    let mut full = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            full.push(char::from(byte));
        } else {
            let _ = write!(full, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_in_both_ways() {
        for (name, expected) in [
            ("a b.txt", r#"attachment; filename="a b.txt"; filename*=UTF-8''a%20b.txt"#),
            ("Maß.pdf", r#"attachment; filename="Ma_.pdf"; filename*=UTF-8''Ma%C3%9F.pdf"#),
            ("it's 5%.log", r#"attachment; filename="it_s 5_.log"; filename*=UTF-8''it%27s%205%25.log"#),
        ] {
            assert_eq!(disposition(name), expected);
            assert!(HeaderValue::from_str(&disposition(name)).is_ok());
        }
    }

    #[test]
    fn an_address_is_of_one_file_and_one_moment() {
        let (secret, id) = (Secret::new([7; 32]), AttachmentId(uuid::Uuid::from_u128(1)));
        let right = secret.tag("file", signed(id, 100).as_bytes());
        assert!(secret.verifies("file", signed(id, 100).as_bytes(), &right));
        for (id, until) in [(id, 101), (AttachmentId(uuid::Uuid::from_u128(2)), 100)] {
            assert!(!secret.verifies("file", signed(id, until).as_bytes(), &right));
        }
        assert!(!Secret::new([8; 32]).verifies("file", signed(id, 100).as_bytes(), &right));
        for wrong in [&right[..31], &[]] {
            assert!(!secret.verifies("file", signed(id, 100).as_bytes(), wrong));
        }
    }
}
