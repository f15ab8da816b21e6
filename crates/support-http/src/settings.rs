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

async fn in_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(limit, next.run(request)).await;
    answer.unwrap_or_else(|_| Problem::too_slow().into_response())
}

/// The panic's own words stay on the server: its hook has printed them.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::internal().into_response()
}
