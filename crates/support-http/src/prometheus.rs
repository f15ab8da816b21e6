//! Figures for whoever collects them, in the text format of Prometheus.

use axum::{
    Router,
    http::{HeaderValue, header},
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// `/metrics`: what the recorder of this process has counted.
///
/// It asks nobody to sign in, and belongs where only the host's own collector comes: on a port of its own, or behind a layer
/// of the host's. Routes and roles stand in it, never a path, a name or a word of anybody.
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// use axum::{Router, body::Body, http::Request};
/// use tower::ServiceExt as _;
///
/// let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
/// // The host installs it: `metrics::set_global_recorder(recorder)`.
/// let app: Router = support_http::metrics_router(recorder.handle());
/// assert_eq!(app.oneshot(Request::get("/metrics").body(Body::empty())?).await?.status(), 200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub fn metrics_router<S>(handle: PrometheusHandle) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let page = async move || ([(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, NO_STORE)], handle.render());
    Router::new().route("/metrics", get(page))
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
