//! The desk at the paths of its profile's document.

use crate::{App, Authenticate, Settings, api, for_everybody, health, openapi};
use axum::Router;
use support_core::desk::Desk;

/// The desk at the paths of its profile's document, to be merged into the host's router.
///
/// Everything stands below [`Wire::mount`](support_core::domain::profile::Wire), as [`router`](crate::router) has it. Where
/// the mount ends with `/support`, what S0 puts beside that and not below it stands there too, the same in both places:
/// with `/api/v1/support`, that is `/api/v1/help/articles…`, `/api/v1/help/suggestions`,
/// `/api/v1/feedback…` and `/api/v1/reviews…`. Both count together what somebody
/// asks, and answer from one memory. At the root stand `/health`, `/status` and `/ready`, unless
/// [`Settings::health`] says otherwise.
///
/// ```
/// # use support_core::{desk::Desk, domain::{actor::Actor, profile::Profile}, memory::MemoryStore};
/// # struct HostSignIn;
/// # #[async_trait::async_trait]
/// # impl support_http::Authenticate for HostSignIn {
/// #     async fn actor(&self, _: &axum::http::request::Parts) -> Result<Actor, support_http::AuthError> {
/// #         Ok(Actor::Guest)
/// #     }
/// # }
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// # runtime.block_on(async {
/// use axum::{Router, body::Body, http::Request};
/// use tower::ServiceExt as _;
///
/// let desk = Desk::builder(MemoryStore::new()).profile(Profile::vehicle_retail()).build()?;
/// let app: Router = Router::new().merge(support_http::mounted(desk, HostSignIn));
/// for path in ["/api/v1/help/articles", "/api/v1/support/help/articles", "/api/v1/support/articles"] {
///     assert_eq!(app.clone().oneshot(Request::get(path).body(Body::empty())?).await?.status(), 200);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub fn mounted<S>(desk: Desk, auth: impl Authenticate) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    mounted_with(desk, auth, Settings::default())
}

/// As [`mounted`], with other limits.
pub fn mounted_with<S>(desk: Desk, auth: impl Authenticate, settings: Settings) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let mount = desk.profile().wire.mount.clone();
    let watched_over = settings.health.then(|| health::health(desk.clone()));
    let (app, limits) = App::new(desk, auth, settings);
    let (below, _) = api().split_for_parts();
    let below = at(&mount, limits.around(below, &app));
    let routes = match parent(&mount) {
        Some(parent) => {
            let (beside, _) = for_everybody().split_for_parts();
            below.merge(at(parent, limits.around_some(beside, &app)))
        }
        None => below,
    };
    routes.with_state(app).merge(watched_over.unwrap_or_default())
}

/// The `OpenAPI` 3.1 document of [`mounted`], for a profile with this mount.
///
/// ```
/// let document = support_http::mounted_openapi("/api/v1/support");
/// assert!(document.paths.paths.contains_key("/api/v1/help/articles/{article}"));
/// ```
pub fn mounted_openapi(mount: &str) -> utoipa::openapi::OpenApi {
    let below = openapi::openapi(mount).merge_from(health::described());
    match parent(mount) {
        Some(parent) => openapi::with_neighbours(below, parent, for_everybody().into_openapi()),
        None => below,
    }
}

/// Where what belongs beside `/support` stands.
fn parent(mount: &str) -> Option<&str> {
    mount.trim_end_matches('/').strip_suffix("/support")
}

fn at(path: &str, routes: Router<App>) -> Router<App> {
    match path.trim_end_matches('/') {
        "" => routes,
        path => Router::new().nest(path, routes),
    }
}
