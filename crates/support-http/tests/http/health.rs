//! How the service does, without a sign-in.

use crate::{
    harness::{Tokens, settings},
    stores::{Failed, Failing},
};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::time::Duration;
use support_core::{
    desk::Desk,
    domain::profile::Profile,
    memory::MemoryStore,
    ports::{Store, StoreError},
};
use support_http::{Rate, Settings};
use tower::ServiceExt as _;

fn app(store: impl Store, settings: Settings) -> Router {
    let desk = Desk::builder(store).profile(Profile::bookings()).build().unwrap();
    support_http::mounted_with(desk, Tokens, settings)
}

async fn ask(app: &Router, path: &str) -> (StatusCode, Value) {
    // A sign-in that would hang is not asked.
    let request = Request::get(path).header("authorization", "Bearer slow").body(Body::empty()).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    assert_eq!(parts.headers["cache-control"], "no-store", "{path}");
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_desk_that_is_well_says_so_in_the_words_of_the_document() {
    let requests = Some(Rate { per_minute: 1, burst: 1 });
    let app = app(MemoryStore::new(), Settings { requests, ..settings() });
    for _ in 0..3 {
        assert_eq!(ask(&app, "/health").await, (StatusCode::OK, json!({ "status": "ok", "service": "bookings" })));
        assert_eq!(ask(&app, "/status").await, (StatusCode::OK, json!({ "status": "ok", "database": "connected" })));
        assert_eq!(ask(&app, "/ready").await, (StatusCode::OK, json!({ "status": "ready" })));
    }
}

#[tokio::test]
async fn a_store_that_fails_is_named_and_nothing_of_why() {
    let app = app(Failed::new(Failing::Always(StoreError::unavailable("10.0.0.7 refused"))), settings());
    assert_eq!(ask(&app, "/health").await.0, StatusCode::OK);
    let status = ask(&app, "/status").await;
    assert_eq!(status, (StatusCode::SERVICE_UNAVAILABLE, json!({ "status": "error", "database": "disconnected" })));
    let ready = ask(&app, "/ready").await;
    assert_eq!(ready, (StatusCode::SERVICE_UNAVAILABLE, json!({ "status": "not_ready", "failing": ["database"] })));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_says_nothing_is_waited_for_two_seconds_and_by_one_alone() {
    let app = app(Failed::new(Failing::Silent), settings());
    let asked = tokio::time::Instant::now();
    let all = futures_util::future::join_all((0..50).map(|_| ask(&app, "/status"))).await;
    assert!(all.iter().all(|(status, _)| *status == StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(asked.elapsed(), Duration::from_secs(2));
}

#[tokio::test]
async fn a_host_may_keep_these_paths_for_itself() {
    let app = app(MemoryStore::new(), Settings { health: false, ..settings() });
    for path in ["/health", "/status", "/ready", "/api/v1/support/health"] {
        let answer = app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
