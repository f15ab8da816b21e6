//! The help desk over HTTP: an axum router that a host nests where it likes.
//!
//! ```
//! use async_trait::async_trait;
//! use axum::{Router, body::Body, http::{Request, StatusCode, request::Parts}};
//! use support_core::{desk::Desk, domain::{actor::Actor, profile::Profile}, memory::MemoryStore};
//! use support_http::{AuthError, Authenticate};
//! use tower::ServiceExt as _;
//!
//! struct HostSignIn;
//!
//! #[async_trait]
//! impl Authenticate for HostSignIn {
//!     async fn actor(&self, parts: &Parts) -> Result<Actor, AuthError> {
//!         match parts.headers.get("authorization").map(|value| value.as_bytes()) {
//!             None => Ok(Actor::Guest),
//!             Some(b"Bearer ada") => Ok(Actor::customer(uuid::Uuid::from_u128(7), "Ada")),
//!             Some(_) => Err(AuthError::Invalid("this token is not known".to_owned())),
//!         }
//!     }
//! }
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
//! # runtime.block_on(async {
//! let profile = Profile::vehicle_retail();
//! let mount = profile.wire.mount.clone();
//! let desk = Desk::builder(MemoryStore::new()).profile(profile).build()?;
//! let app: Router = Router::new().nest(&mount, support_http::router(desk, HostSignIn));
//!
//! let request = Request::post("/api/v1/support/tickets")
//!     .header("authorization", "Bearer ada")
//!     .header("content-type", "application/json")
//!     .body(Body::from(r#"{"topic": "delivery", "subject": "Late", "message": "Where is my car?"}"#))?;
//! let answer = app.oneshot(request).await?;
//! assert_eq!(answer.status(), StatusCode::CREATED);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! A `POST` with an `Idempotency-Key` is done once, however often it is sent: for 24 hours whoever repeats it gets the
//! same answer, marked `Idempotency-Replayed: true`. Answers with a ticket have an `ETag`; a change that sends it back as
//! `If-Match` is made only if the ticket is still as the client knows it.
//!
//! Every refusal is a problem document (RFC 9457) that names each wrong field. A ticket that is not the caller's
//! answers exactly as one that does not exist.

mod agents;
mod articles;
mod attachments;
mod auth;
mod body;
mod callbacks;
mod catalogue;
mod dates;
mod deliveries;
mod etag;
mod events;
mod extract;
mod feedback;
mod fields;
mod gate;
mod health;
mod inquiries;
mod json;
mod link;
mod live;
mod messages;
mod mount;
mod notifications;
mod openapi;
mod operations;
mod people;
mod problem;
#[cfg(feature = "prometheus")]
mod prometheus;
mod public;
mod rates;
mod request_id;
mod reviews;
mod search;
mod secret;
mod settings;
mod stats;
mod telemetry;
mod terms;
mod tickets;
mod time_entries;
mod webhooks;
mod wire;

pub use auth::{AuthError, Authenticate};
pub use health::health;
pub use live::{Drain, LiveSettings};
pub use mount::{mounted, mounted_openapi, mounted_with};
#[cfg(feature = "docs")]
pub use openapi::docs;
pub use openapi::openapi;
#[cfg(feature = "prometheus")]
pub use prometheus::metrics_router;
pub use rates::{Forwarded, Rate};
pub use request_id::RequestId;
pub use secret::Secret;
pub use settings::{ArticleCache, Settings};

use articles::Shelf;
use auth::StaffOnly;
use axum::{Extension, Router, extract::FromRef};
use live::Streams;
use problem::Problem;
use rates::Rates;
use settings::Limits;
use std::sync::Arc;
use support_core::{desk::Desk, ports::ids::IdSource};
use utoipa_axum::router::OpenApiRouter;

/// What a handler answers: its own answer or a problem.
type Answer = Result<axum::response::Response, Problem>;

/// What every handler can reach.
#[derive(Clone)]
struct App {
    desk: Desk,
    auth: Arc<dyn Authenticate>,
    rates: Arc<Rates>,
    secret: Secret,
    shelf: Arc<Shelf>,
    streams: Arc<Streams>,
    request_ids: Arc<dyn IdSource>,
}

impl App {
    fn new(desk: Desk, auth: impl Authenticate, settings: Settings) -> (Self, Limits) {
        let limits = settings.limits();
        let app = Self {
            desk,
            auth: Arc::new(auth),
            rates: Arc::new(Rates::new(settings.requests, settings.openings, settings.forwarded)),
            secret: settings.secret,
            shelf: Arc::new(Shelf::new(&settings.articles)),
            streams: Arc::new(Streams::new(settings.live)),
            request_ids: settings.request_ids,
        };
        (app, limits)
    }
}

impl FromRef<App> for Desk {
    fn from_ref(app: &App) -> Self {
        app.desk.clone()
    }
}

/// The whole desk over HTTP: `/tickets…` and `/articles…` for everybody, `/agent/tickets…` for staff.
///
/// [`mounted`] is the same at the paths of the profile's document, with nothing left to nest. To put it elsewhere, nest this: where the profile's document mounts it ([`Wire::mount`](support_core::domain::profile::Wire)); where that is
/// empty, merge it, or hand it to `fallback_service` if the host has a fallback of its own.
pub fn router<S>(desk: Desk, auth: impl Authenticate) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router_with(desk, auth, Settings::default())
}

/// As [`router`], with other limits.
///
/// Which other sites' pages may call it (CORS) is the host's to say, with a layer around this router: only the host knows
/// them. Such a layer has to expose the headers that its pages read: `ETag`, `Link`, `Location`, `Retry-After`,
/// `X-Request-Id` and `Idempotency-Replayed`.
pub fn router_with<S>(desk: Desk, auth: impl Authenticate, settings: Settings) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let (routes, _) = api().split_for_parts();
    let (app, limits) = App::new(desk, auth, settings);
    limits.around(routes, &app).with_state(app)
}

/// Routes and their description, from the same lines.
fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(tickets::routes())
        .merge(messages::routes())
        .merge(events::routes())
        .merge(stats::routes())
        .merge(catalogue::routes())
        .merge(people::routes())
        .merge(operations::routes())
        .merge(time_entries::routes())
        .merge(agents::routes())
        .merge(articles::routes())
        .merge(attachments::routes())
        .merge(callbacks::routes())
        .merge(deliveries::routes())
        .merge(inquiries::routes())
        .merge(live::routes())
        .merge(notifications::routes())
        .merge(public::routes())
        .merge(search::routes())
        .merge(webhooks::routes())
        .merge(for_everybody())
        .nest("/agent", for_staff())
}

/// What S0 puts beside `/support`, not below it.
fn for_everybody() -> OpenApiRouter<App> {
    OpenApiRouter::new().nest("/help", articles::help_routes()).merge(feedback::routes()).merge(reviews::routes())
}

/// The same handlers under `/agent`, closed to everybody else (S3, "Agent APIs").
fn for_staff() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(tickets::staff_routes())
        .merge(messages::staff_routes())
        .merge(stats::staff_routes())
        .merge(agents::routes())
        .route_layer(Extension(StaffOnly))
}
