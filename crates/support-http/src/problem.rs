//! Every refusal, as `application/problem+json` (RFC 9457). The one place that knows which error is which status.

use crate::{auth::AuthError, terms::Reply};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::sync::Arc;
use support_core::{
    desk,
    domain::fault::{Fault, Faults, Refusal},
    ports::{StoreError, files::FileError},
};
use utoipa::ToSchema;

/// More faults than these are not told: nobody reads them, and an answer stays small.
pub(crate) const MOST_FAULTS: usize = 100;

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct Problem(Box<Content>);

#[derive(Debug)]
struct Content {
    kind: Kind,
    detail: String,
    errors: Vec<FieldError>,
    allowed: Vec<String>,
    /// Seconds after which it may be tried again.
    retry_after: Option<u64>,
    cause: Option<desk::Error>,
    /// What was answered to the same request before: no problem at all.
    again: Option<Reply>,
}

/// A problem document.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Which kind of problem; stable.
    #[schema(example = "urn:support-desk:problem:invalid")]
    r#type: String,
    /// The kind in words; the same for every problem of it.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What is wrong this time.
    detail: &'a str,
    /// Every wrong field or parameter.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    /// What would be lawful instead, where that is a list.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    allowed: &'a [String],
    /// What the request is called, as in `X-Request-Id`.
    #[serde(rename = "requestId", skip_serializing_if = "Option::is_none")]
    #[schema(rename = "requestId")]
    request_id: Option<&'a str>,
}

/// One wrong field or parameter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Its name, as the request wrote it.
    field: String,
    /// Where it stands in the body, as a JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// Which query parameter it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    /// Which header it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<String>,
    /// What is wrong with it.
    message: String,
    /// What would be right, where that is a list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Malformed,
    Parameters,
    Headers,
    Unauthenticated,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Transition,
    State,
    Conflict,
    Stale,
    TooLarge,
    MediaType,
    Invalid,
    KeyReused,
    TooMany,
    Internal,
    Unavailable,
    TooSlow,
    Full,
}

impl Kind {
    /// The end of its type, its status and its title.
    fn entry(self) -> (&'static str, StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::Malformed => ("malformed", S::BAD_REQUEST, "The body cannot be read"),
            Self::Parameters => ("parameters", S::BAD_REQUEST, "Query parameters are wrong"),
            Self::Headers => ("headers", S::BAD_REQUEST, "Headers are wrong"),
            Self::Unauthenticated => ("unauthenticated", S::UNAUTHORIZED, "Nobody is signed in"),
            Self::Forbidden => ("forbidden", S::FORBIDDEN, "Not allowed"),
            Self::NotFound => ("not-found", S::NOT_FOUND, "Not found"),
            Self::MethodNotAllowed => ("method-not-allowed", S::METHOD_NOT_ALLOWED, "Method not allowed"),
            Self::Transition => ("transition", S::CONFLICT, "The workflow has no such step"),
            Self::State => ("state", S::CONFLICT, "Not in this state"),
            Self::Conflict => ("conflict", S::CONFLICT, "Changed by others"),
            Self::Stale => ("stale", S::PRECONDITION_FAILED, "Changed since it was read"),
            Self::TooLarge => ("too-large", S::PAYLOAD_TOO_LARGE, "The body is too large"),
            Self::MediaType => ("media-type", S::UNSUPPORTED_MEDIA_TYPE, "The body is of another type"),
            Self::Invalid => ("invalid", S::UNPROCESSABLE_ENTITY, "Fields are wrong"),
            Self::KeyReused => ("key-reused", S::UNPROCESSABLE_ENTITY, "The key belongs to another request"),
            Self::TooMany => ("too-many", S::TOO_MANY_REQUESTS, "Too many requests"),
            Self::Internal => ("internal", S::INTERNAL_SERVER_ERROR, "Something broke"),
            Self::Unavailable => ("unavailable", S::SERVICE_UNAVAILABLE, "Not available now"),
            Self::TooSlow => ("timeout", S::GATEWAY_TIMEOUT, "Took too long"),
            Self::Full => ("full", S::INSUFFICIENT_STORAGE, "No room left"),
        }
    }
}

impl Problem {
    fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let retry_after = (kind == Kind::Unavailable).then_some(1);
        let (detail, errors, allowed) = (detail.into(), Vec::new(), Vec::new());
        Self(Box::new(Content { kind, detail, errors, allowed, retry_after, cause: None, again: None }))
    }

    /// The body is no JSON.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, detail)
    }

    /// The body does not say that it is JSON.
    pub(crate) fn media_type() -> Self {
        Self::new(Kind::MediaType, "send `Content-Type: application/json`")
    }

    /// The body is too large.
    /// As [`media_type`](Self::media_type), where something else than JSON is taken.
    pub(crate) fn media_type_of(taken: &str) -> Self {
        Self::new(Kind::MediaType, format!("the body must be {taken}"))
    }

    pub(crate) fn too_large() -> Self {
        Self::new(Kind::TooLarge, "the body is larger than this server takes")
    }

    /// Fields of the body are wrong.
    pub(crate) fn invalid(faults: Faults) -> Self {
        let mut problem = Self::new(Kind::Invalid, "see `errors` for every wrong field");
        problem.0.errors = listed(faults, FieldError::in_body);
        problem
    }

    /// What could not be read, and what the desk found wrong with the rest; a field that could not be read is told once.
    pub(crate) fn all_of(unread: Faults, checked: Result<(), desk::Error>) -> Self {
        let mut faults = unread;
        match checked {
            Err(desk::Error::Refused(Refusal::Invalid(more))) => {
                let told = |fault: &Fault| {
                    let above = |known: &Fault| known.field.split('.').next() == fault.field.split('.').next();
                    faults.0.iter().any(above)
                };
                let more: Vec<Fault> = more.0.into_iter().filter(|fault| !told(fault)).collect();
                faults.0.extend(more);
                Self::invalid(faults)
            }
            Err(other) => other.into(),
            Ok(()) => Self::invalid(faults),
        }
    }

    /// Parameters of the query are wrong.
    pub(crate) fn parameters(faults: Faults) -> Self {
        let mut problem = Self::new(Kind::Parameters, "see `errors` for every wrong parameter");
        problem.0.errors = listed(faults, FieldError::in_query);
        problem
    }

    /// A header is wrong.
    pub(crate) fn header(name: &str, message: &str) -> Self {
        let mut problem = Self::new(Kind::Headers, "see `errors` for every wrong header");
        problem.0.errors = vec![FieldError::in_header(Fault::new(name, message))];
        problem
    }

    /// The caller asks more often than they may, and may again after so many seconds.
    pub(crate) fn too_many(seconds: u64) -> Self {
        let mut problem = Self::new(Kind::TooMany, format!("too many requests; try again in {seconds} s"));
        problem.0.retry_after = Some(seconds);
        problem
    }

    /// The caller looks on as often as they may.
    pub(crate) fn too_many_streams(most: usize) -> Self {
        let mut problem = Self::new(Kind::TooMany, format!("{most} streams are open already; close one"));
        problem.0.retry_after = Some(5);
        problem
    }

    /// The server shuts down.
    pub(crate) fn closing() -> Self {
        Self::new(Kind::Unavailable, "this server shuts down; try again")
    }

    /// A path that is a websocket, and a request that opens none.
    pub(crate) fn no_socket() -> Self {
        Self::header("Upgrade", "must be `websocket`, with the headers that belong to it")
    }

    /// The status that it is answered with.
    pub(crate) fn status(&self) -> StatusCode {
        self.0.kind.entry().1
    }

    /// The key was used for another request.
    fn key_reused(detail: String) -> Self {
        let mut problem = Self::new(Kind::KeyReused, detail);
        problem.0.errors = vec![FieldError::in_header(Fault::new("Idempotency-Key", "belongs to another request"))];
        problem
    }

    /// The request was answered before: that answer.
    fn again(bytes: &[u8]) -> Self {
        let mut answered = Self::internal();
        answered.0.again = Reply::again(bytes);
        answered
    }

    /// What the desk finds wrong with parameters that could be read.
    pub(crate) fn of_query(error: desk::Error) -> Self {
        match error {
            desk::Error::Refused(Refusal::Invalid(faults)) => Self::parameters(faults),
            other => other.into(),
        }
    }

    /// A path that leads nowhere.
    pub(crate) fn no_route() -> Self {
        Self::new(Kind::NotFound, "there is nothing at this path")
    }

    /// A path that exists, but not with this method.
    pub(crate) fn no_method() -> Self {
        Self::new(Kind::MethodNotAllowed, "this path does not take this method; see `Allow`")
    }

    /// The answer was not ready in time.
    pub(crate) fn too_slow(detail: &'static str) -> Self {
        Self::new(Kind::TooSlow, detail)
    }

    /// Another site has made a browser send this.
    pub(crate) fn forged() -> Self {
        Self::new(
            Kind::Forbidden,
            "a browser sent this for a page of another site: let it sign in itself, or open a stream with a key of `live/ticket`",
        )
    }

    /// A failure that is ours; what it was stays here.
    pub(crate) fn internal() -> Self {
        Self::new(Kind::Internal, "something broke on our side")
    }

    fn refused(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            Refusal::Invalid(faults) => Self::invalid(faults),
            Refusal::State(_) => Self::new(Kind::State, detail),
            Refusal::Transition { allowed, .. } => {
                let mut problem = Self::new(Kind::Transition, detail);
                problem.0.allowed = allowed.iter().map(ToString::to_string).collect();
                problem
            }
        }
    }

    /// A failure of what stands behind the desk. Its own words may hold SQL or rows: only the host may read them.
    fn failed(cause: desk::Error) -> Self {
        let mut problem = match &cause {
            desk::Error::Store(StoreError::Full) | desk::Error::Files(FileError::Full) => {
                Self::new(Kind::Full, "nothing was written: the store has no room left")
            }
            desk::Error::Store(StoreError::Unavailable(_))
            | desk::Error::Files(FileError::Unavailable(_))
            | desk::Error::Outside(_)
            | desk::Error::Directory(_) => {
                Self::new(Kind::Unavailable, "something this needs does not answer; try again")
            }
            _ => Self::internal(),
        };
        problem.0.cause = Some(cause);
        problem
    }
}

impl From<desk::Error> for Problem {
    fn from(error: desk::Error) -> Self {
        let detail = error.to_string();
        match error {
            desk::Error::Refused(refusal) => Self::refused(refusal),
            desk::Error::NotFound => Self::new(Kind::NotFound, detail),
            desk::Error::Forbidden(_) => Self::new(Kind::Forbidden, "your role does not allow this"),
            desk::Error::Unauthenticated => Self::new(Kind::Unauthenticated, detail),
            desk::Error::Conflict => Self::new(Kind::Conflict, detail),
            desk::Error::Stale => Self::new(Kind::Stale, detail),
            desk::Error::KeyReused => Self::key_reused(detail),
            desk::Error::Repeated(desk::Repeated(bytes)) => Self::again(&bytes),
            failure @ (desk::Error::Store(_)
            | desk::Error::Directory(_)
            | desk::Error::Files(_)
            | desk::Error::Outside(_)) => Self::failed(failure),
        }
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        let kind = match error {
            AuthError::Invalid(_) => Kind::Unauthenticated,
            AuthError::Unavailable => Kind::Unavailable,
        };
        Self::new(kind, error.to_string())
    }
}

impl Content {
    fn document<'a>(&'a self, request_id: Option<&'a str>) -> Json<ProblemBody<'a>> {
        let (name, status, title) = self.kind.entry();
        Json(ProblemBody {
            r#type: format!("urn:support-desk:problem:{name}"),
            title,
            status: status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
            allowed: &self.allowed,
            request_id,
        })
    }
}

impl IntoResponse for Problem {
    /// A failure of ours travels with the answer as an extension, a [`desk::Error`], for the host's log.
    fn into_response(self) -> Response {
        let mut content = *self.0;
        if let Some(answer) = content.again.take() {
            return answer.into_response();
        }
        let (_, status, _) = content.kind.entry();
        let mut response = (status, content.document(None)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if content.kind == Kind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = content.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(cause) = content.cause.take() {
            response.extensions_mut().insert(cause);
        }
        response.extensions_mut().insert(Unsigned(Arc::new(content)));
        response
    }
}

/// A problem that does not say yet to which request it is the answer: where it is made, nobody knows.
#[derive(Clone)]
struct Unsigned(Arc<Content>);

/// The answer; a problem says in its document to which request. The router says how long a body is after this.
pub(crate) fn signed(mut response: Response, request_id: &str) -> Response {
    if let Some(Unsigned(content)) = response.extensions_mut().remove() {
        *response.body_mut() = content.document(Some(request_id)).into_response().into_body();
    }
    response
}

fn listed(faults: Faults, told: impl Fn(Fault) -> FieldError) -> Vec<FieldError> {
    faults.0.into_iter().take(MOST_FAULTS).map(told).collect()
}

impl FieldError {
    fn in_body(fault: Fault) -> Self {
        let mut error = Self::of(fault);
        error.pointer = Some(match error.field.as_str() {
            "" => String::new(),
            field => format!("/{}", field.replace('.', "/")),
        });
        error
    }

    fn in_header(fault: Fault) -> Self {
        let mut error = Self::of(fault);
        error.header = Some(error.field.clone());
        error
    }

    fn in_query(fault: Fault) -> Self {
        let mut error = Self::of(fault);
        error.parameter = Some(error.field.clone());
        error
    }

    fn of(fault: Fault) -> Self {
        Self {
            field: fault.field,
            pointer: None,
            parameter: None,
            header: None,
            message: fault.message,
            allowed: fault.allowed,
        }
    }
}
