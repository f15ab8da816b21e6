//! How the service does, for whoever watches over it (S4, "Health Check"): asked without a sign-in, as often as they like,
//! and answered without a word that could not stand in public.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use support_core::desk::Desk;
use tokio::{sync::Mutex, time::Instant};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::{
    ToSchema,
    openapi::{OpenApi, SecurityRequirement},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// A store that answers later than this is as good as none.
const PATIENCE: Duration = Duration::from_secs(2);
/// For so long nobody asks the store again: however many ask us, it is asked once a second.
const KNOWN: Duration = Duration::from_secs(1);

/// `/health`, `/status` and `/ready`, at the root of a host that nests [`router`](crate::router); [`mounted`](crate::mounted)
/// has them already.
///
/// Nobody needs to sign in for them, and they are not counted: they cost next to nothing, and say no more than whether the
/// desk is there.
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// # runtime.block_on(async {
/// use axum::{Router, body::Body, http::Request};
/// use support_core::{desk::Desk, memory::MemoryStore};
/// use tower::ServiceExt as _;
///
/// let desk = Desk::builder(MemoryStore::new()).build()?;
/// let app: Router = support_http::health(desk);
/// assert_eq!(app.oneshot(Request::get("/ready").body(Body::empty())?).await?.status(), 200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub fn health<S>(desk: Desk) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let (routes, _) = described_routes().split_for_parts();
    let (private, as_declared) = (HeaderValue::from_static("no-store"), HeaderValue::from_static("nosniff"));
    routes
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, private))
        .layer(SetResponseHeaderLayer::overriding(header::X_CONTENT_TYPE_OPTIONS, as_declared))
        .with_state(Pulse { desk, felt: Arc::default() })
}

/// The description of these routes.
pub(crate) fn described() -> OpenApi {
    let mut document = described_routes().into_openapi();
    for item in document.paths.paths.values_mut() {
        if let Some(operation) = &mut item.get {
            // Else the one of the whole document would be asked for.
            operation.security = Some(vec![SecurityRequirement::default()]);
        }
    }
    document
}

fn described_routes() -> OpenApiRouter<Pulse> {
    OpenApiRouter::new().routes(routes!(check_health)).routes(routes!(read_status)).routes(routes!(check_readiness))
}

/// Whether the store answers, as it was felt last.
#[derive(Clone)]
struct Pulse {
    desk: Desk,
    felt: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Pulse {
    /// Of many who ask at once, one asks the store, and the others get the same answer.
    async fn is_there(&self) -> bool {
        let mut felt = self.felt.lock().await;
        if let Some((at, answered)) = *felt
            && at.elapsed() < KNOWN
        {
            return answered;
        }
        let answered = tokio::time::timeout(PATIENCE, self.desk.ping()).await.is_ok_and(|answered| answered.is_ok());
        *felt = Some((Instant::now(), answered));
        answered
    }
}

/// That the service runs.
#[derive(Serialize, ToSchema)]
struct Health<'a> {
    /// Always `ok`.
    status: &'static str,
    /// What the desk is called.
    service: &'a str,
}

/// Whether the service runs
#[utoipa::path(get, path = "/health", tag = "Service", responses((status = 200, description = "It does", body = Health)))]
async fn check_health(State(pulse): State<Pulse>) -> Response {
    Json(Health { status: "ok", service: &pulse.desk.profile().name }).into_response()
}

/// Whether the store answers.
#[derive(Serialize, ToSchema)]
struct Standing {
    /// `ok` or `error`.
    status: &'static str,
    /// `connected` or `disconnected`.
    database: &'static str,
}

/// Whether the service has its store
#[utoipa::path(get, path = "/status", tag = "Service", responses(
    (status = 200, description = "It has", body = Standing), (status = 503, description = "It has not", body = Standing)))]
async fn read_status(State(pulse): State<Pulse>) -> Response {
    if pulse.is_there().await {
        Json(Standing { status: "ok", database: "connected" }).into_response()
    } else {
        let body = Standing { status: "error", database: "disconnected" };
        (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
    }
}

/// Whether requests can be sent here.
#[derive(Serialize, ToSchema)]
struct Readiness {
    /// `ready` or `not_ready`.
    status: &'static str,
    /// What is missing; absent where nothing is.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    failing: &'static [&'static str],
}

/// Whether requests can be sent here
///
/// A desk that was started has brought its store's schema up to date, so what is left to ask is whether the store answers.
#[utoipa::path(get, path = "/ready", tag = "Service", responses(
    (status = 200, description = "They can", body = Readiness),
    (status = 503, description = "Not now; `failing` says for want of what", body = Readiness)))]
async fn check_readiness(State(pulse): State<Pulse>) -> Response {
    if pulse.is_there().await {
        Json(Readiness { status: "ready", failing: &[] }).into_response()
    } else {
        let body = Readiness { status: "not_ready", failing: &["database"] };
        (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
    }
}
