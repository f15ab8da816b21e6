use crate::{App, problem::Problem};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use std::{any::Any, time::Duration};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};

/// What a request may cost.
///
/// ```
/// use std::time::Duration;
/// let settings = support_http::Settings { timeout: Duration::from_secs(5), ..Default::default() };
/// assert_eq!(settings.body_bytes, 1024 * 1024);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of a body; a larger one is 413.
    pub body_bytes: usize,
    /// Time for an answer, sign-in and body included; a slower one is 504.
    pub timeout: Duration,
}

impl Default for Settings {
    /// 1 MiB and 30 seconds.
    fn default() -> Self {
        Self { body_bytes: 1024 * 1024, timeout: Duration::from_secs(30) }
    }
}

impl Settings {
    /// Puts the limits around the routes. Whatever goes wrong inside answers with a problem and the same headers.
    pub(crate) fn around(self, routes: Router<App>) -> Router<App> {
        let private = HeaderValue::from_static("no-store");
        let as_declared = HeaderValue::from_static("nosniff");
        routes
            .fallback(async || Problem::no_route())
            .method_not_allowed_fallback(async || Problem::no_method())
            .layer(DefaultBodyLimit::max(self.body_bytes))
            .layer(middleware::from_fn_with_state(self.timeout, in_time))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, private))
            .layer(SetResponseHeaderLayer::overriding(header::X_CONTENT_TYPE_OPTIONS, as_declared))
    }
}

/// Answers in time. What changes something goes on when the client has gone away or the time is over: a commit that is
/// on its way cannot be called back, and whoever has to be told of it must be told.
async fn in_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        let answer = tokio::time::timeout(limit, next.run(request)).await;
        return answer.unwrap_or_else(|_| Problem::too_slow("the answer took too long; try again").into_response());
    }
    if is_forged(&request) {
        return Problem::forged().into_response();
    }
    match tokio::time::timeout(limit, tokio::spawn(next.run(request))).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Problem::internal().into_response(),
        Err(_) => {
            Problem::too_slow("the answer took too long; look whether it was done before you try again").into_response()
        }
    }
}

/// A browser that another site has made send this, with the cookies of the person in front of it. A page that was given
/// a token sends it along; one that forges a request has none.
fn is_forged(request: &Request) -> bool {
    let headers = request.headers();
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    site == Some(b"cross-site") && !headers.contains_key(header::AUTHORIZATION)
}

/// The panic's own words stay on the server: its hook has printed them.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::internal().into_response()
}
