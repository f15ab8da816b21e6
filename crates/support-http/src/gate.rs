//! What every request passes before its handler: who asks, how often, and whether they have asked this before.

use crate::{App, auth::SignedIn, body, problem::Problem, telemetry};
use axum::{
    body::{Body, Bytes},
    extract::{FromRequest as _, OriginalUri, Request, State},
    http::{HeaderMap, HeaderName, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use sha2::{Digest as _, Sha256};
use support_core::{desk::Once, domain::actor::Actor};

/// Names the caller, counts the request, and reads what is to be done once. A caller who is not known is the handler's to
/// turn away: nothing is read of theirs.
pub(crate) async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = SignedIn(app.auth.actor(&parts).await);
    telemetry::note_role(&caller);
    if let Err(problem) = app.rates.count(&caller, &parts) {
        return problem.into_response();
    }
    let known = matches!(&caller.0, Ok(actor) if *actor != Actor::Guest);
    parts.extensions.insert(caller);
    // An upload is not read before it is handed on; sent again, it is found to be there already.
    let body = if known && parts.method == Method::POST && !is_form(&parts.headers) {
        match once(&mut parts, body).await {
            Ok(body) => body,
            Err(problem) => return problem.into_response(),
        }
    } else {
        body
    };
    next.run(Request::from_parts(parts, body)).await
}

/// Whether it brings files.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(axum::http::HeaderValue::as_bytes).unwrap_or_default();
    kind.get(..10).is_some_and(|start| start.eq_ignore_ascii_case(b"multipart/"))
}

const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Reads the body of a request that has a key, so that the request can be told from another one with the same key.
async fn once(parts: &mut Parts, body: Body) -> Result<Body, Problem> {
    let Some(key) = key(&parts.headers)? else { return Ok(body) };
    let request = Request::from_parts(parts.clone(), body);
    let bytes = Bytes::from_request(request, &()).await.map_err(|rejection| body::unread(&rejection))?;
    let digest = digest(parts, &bytes);
    parts.extensions.insert(Once { key, digest });
    Ok(Body::from(bytes))
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let plain = (1..=255).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(key) if plain && values.next().is_none() => Ok(Some(key.to_owned())),
        _ => Err(Problem::header("Idempotency-Key", "must be 1 to 255 visible ASCII characters, sent once")),
    }
}

/// Everything that the request asks for. Each part says how long it is, so that no two requests run together alike.
fn digest(parts: &Parts, body: &[u8]) -> [u8; 32] {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    let kind = parts.headers.get(header::CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
    let mut hash = Sha256::new();
    for part in [parts.method.as_str().as_bytes(), target.as_bytes(), kind, body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: &str, uri: &str, kind: &str, body: &str) -> [u8; 32] {
        let request = Request::builder().method(method).uri(uri).header(header::CONTENT_TYPE, kind);
        let (parts, ()) = request.body(()).unwrap().into_parts();
        digest(&parts, body.as_bytes())
    }

    #[test]
    fn every_part_of_a_request_counts() {
        let one = of("POST", "/a?b=c", "application/json", "{}");
        assert_eq!(one, of("POST", "/a?b=c", "application/json", "{}"));
        for other in [
            of("PUT", "/a?b=c", "application/json", "{}"),
            of("POST", "/b?b=c", "application/json", "{}"),
            of("POST", "/a?b=d", "application/json", "{}"),
            of("POST", "/a", "application/json", "{}"),
            of("POST", "/a?b=c", "application/x+json", "{}"),
            of("POST", "/a?b=c", "application/json", "{ }"),
            of("POST", "/a?b=", "capplication/json", "{}"),
            of("POST", "/a?b=c", "application/json{", "}"),
        ] {
            assert_ne!(one, other);
        }
    }
}
