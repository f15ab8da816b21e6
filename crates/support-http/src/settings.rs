use crate::{
    App, LiveSettings, gate,
    problem::Problem,
    rates::{Forwarded, Rate},
    request_id,
    secret::Secret,
    telemetry,
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use std::{any::Any, fmt, sync::Arc, time::Duration};
use support_core::ports::ids::{IdSource, RandomIds};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};
use tracing::Instrument as _;

/// What a request may cost.
///
/// ```
/// use std::time::Duration;
/// let settings = support_http::Settings { timeout: Duration::from_secs(5), ..Default::default() };
/// assert_eq!(settings.body_bytes, 1024 * 1024);
/// ```
#[derive(Clone)]
pub struct Settings {
    /// Bytes of a body; a larger one is 413.
    pub body_bytes: usize,
    /// Time for an answer, sign-in and body included; a slower one is 504.
    pub timeout: Duration,
    /// The same for uploads of files, which come as fast as their senders can.
    pub upload_timeout: Duration,
    /// How often one person may ask; `None` for as often as they like.
    ///
    /// Whoever is signed in is counted by role and id, wherever they call from. Who is not, or not validly, is counted by
    /// address: the one that [`forwarded`](Self::forwarded) tells, else that of the connection, where the host serves the
    /// router with [`ConnectInfo`](axum::extract::ConnectInfo). Where neither is known, all of them share one count: they
    /// are refused everything anyway, and nobody who is signed in is held up by them.
    ///
    /// Each process counts for itself. Paths that do not exist cost nothing and are not counted.
    pub requests: Option<Rate>,
    /// How many tickets one customer may open, or try to; `None` for as many as they like. Staff and the host's own code
    /// are not counted. Inquiries count too, and what is asked for without an account: tickets and links to them, by
    /// address.
    pub openings: Option<Rate>,
    /// Where the host's proxies write down who called them. Without it no such header is believed: anybody can send one.
    pub forwarded: Option<Forwarded>,
    /// Tells visitors apart who are not signed in, and signs addresses of files. One that is drawn at the start as without,
    /// which will do for one server.
    pub secret: Secret,
    /// How long answers with articles may be used again.
    pub articles: ArticleCache,
    /// What streams of updates may cost, and how long they last. No other limit here is theirs: they begin as a request does, and
    /// go on.
    pub live: LiveSettings,
    /// Whether [`mounted`](crate::mounted) answers at `/health`, `/status` and `/ready`. A host that has routes of its own there says no.
    pub health: bool,
    /// Draws the [ids](crate::RequestId) of requests whose clients gave them none.
    pub request_ids: Arc<dyn IdSource>,
}

/// How long answers with articles may be used again.
///
/// What everybody may read is answered to guests from memory for a while, without a word to the desk. A change that goes
/// through this router is seen by its guests at once; a change from elsewhere (another server, the host's own code) when
/// that while is over, and so are votes. Whoever is signed in is always answered by the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleCache {
    /// Bytes that are kept at most; with 0 nothing is.
    pub bytes: u64,
    /// How long an answer is given from memory.
    pub lasts: Duration,
    /// How long browsers and proxies may keep an answer (`Cache-Control: public, max-age`). Nobody can call it back from
    /// there.
    pub max_age: Duration,
}

impl Default for ArticleCache {
    /// 16 MiB, 10 seconds, one minute.
    fn default() -> Self {
        Self { bytes: 16 * 1024 * 1024, lasts: Duration::from_secs(10), max_age: Duration::from_mins(1) }
    }
}

impl Default for Settings {
    /// 1 MiB and 30 seconds, 5 minutes for uploads; 600 requests a minute, 120 at once; 30 new tickets a minute, 20 at once; no proxies; random
    /// ids.
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            timeout: Duration::from_secs(30),
            upload_timeout: Duration::from_mins(5),
            requests: Some(Rate { per_minute: 600, burst: 120 }),
            openings: Some(Rate { per_minute: 30, burst: 20 }),
            forwarded: None,
            secret: Secret::drawn(),
            articles: ArticleCache::default(),
            live: LiveSettings::default(),
            health: true,
            request_ids: Arc::new(RandomIds),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("body_bytes", &self.body_bytes)
            .field("timeout", &self.timeout)
            .field("upload_timeout", &self.upload_timeout)
            .field("requests", &self.requests)
            .field("openings", &self.openings)
            .field("forwarded", &self.forwarded)
            .field("articles", &self.articles)
            .field("live", &self.live)
            .field("health", &self.health)
            .finish_non_exhaustive()
    }
}

/// What stands around every route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    body_bytes: usize,
    timeout: Duration,
    upload_timeout: Duration,
}

impl Settings {
    pub(crate) fn limits(&self) -> Limits {
        Limits { body_bytes: self.body_bytes, timeout: self.timeout, upload_timeout: self.upload_timeout }
    }
}

impl Limits {
    /// Puts the limits around the routes. Whatever goes wrong inside answers with a problem and the same headers.
    pub(crate) fn around(self, routes: Router<App>, app: &App) -> Router<App> {
        self.around_some(routes.fallback(async || Problem::no_route()), app)
    }

    /// The same for routes among those of the host, who says what is answered at all other paths.
    pub(crate) fn around_some(self, routes: Router<App>, app: &App) -> Router<App> {
        let private = HeaderValue::from_static("no-store");
        let as_declared = HeaderValue::from_static("nosniff");
        routes
            .method_not_allowed_fallback(async || Problem::no_method())
            .route_layer(middleware::from_fn_with_state(app.clone(), gate::pass))
            .layer(DefaultBodyLimit::max(self.body_bytes))
            .layer(middleware::from_fn_with_state(self, in_time))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(middleware::from_fn(telemetry::observe))
            .layer(middleware::from_fn_with_state(app.clone(), request_id::name))
            // Whoever answers what everybody may keep says so; nothing else is kept.
            .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, private))
            .layer(SetResponseHeaderLayer::overriding(header::X_CONTENT_TYPE_OPTIONS, as_declared))
    }
}

/// Answers in time. What changes something goes on when the client has gone away or the time is over: a commit that is
/// on its way cannot be called back, and whoever has to be told of it must be told.
async fn in_time(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let limit = if gate::is_form(request.headers()) { limits.upload_timeout } else { limits.timeout };
    if request.method().is_safe() {
        let answer = tokio::time::timeout(limit, next.run(request)).await;
        return answer.unwrap_or_else(|_| Problem::too_slow("the answer took too long; try again").into_response());
    }
    if is_forged(&request) {
        return Problem::forged().into_response();
    }
    match tokio::time::timeout(limit, tokio::spawn(next.run(request).in_current_span())).await {
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
