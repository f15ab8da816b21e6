//! The desk at the paths of its document.

use crate::harness::{Tokens, settings};
use axum::{Router, body::Body, http::Request, routing::get};
use serde_json::Value;
use std::collections::BTreeSet;
use support_core::{desk::Desk, domain::profile::Profile, memory::MemoryStore};
use support_http::{Rate, Settings};
use tower::ServiceExt as _;

fn app(profile: Profile, settings: Settings) -> Router {
    let desk = Desk::builder(MemoryStore::new()).profile(profile).build().unwrap();
    Router::new().route("/api/v1/cars", get(async || "cars")).merge(support_http::mounted_with(desk, Tokens, settings))
}

async fn status(app: &Router, path: &str) -> u16 {
    let answer = app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    answer.status().as_u16()
}

#[tokio::test]
async fn each_document_finds_its_paths() {
    for (profile, paths) in [
        (
            Profile::vehicle_retail(),
            &["/api/v1/help/articles", "/api/v1/reviews", "/api/v1/support/articles", "/api/v1/support/reviews"][..],
        ),
        (Profile::marketplace(), &["/support/articles", "/help/articles", "/reviews"]),
        (Profile::after_sales(), &["/articles", "/help/articles", "/reviews"]),
    ] {
        let app = app(profile, settings());
        for path in paths {
            assert_eq!(status(&app, path).await, 200, "{path}");
        }
        assert_eq!(status(&app, "/api/v1/cars").await, 200);
    }
    let app = app(Profile::vehicle_retail(), settings());
    assert_eq!(status(&app, "/api/v1/support/nothing").await, 404);
    assert_eq!(status(&app, "/api/v1/tickets").await, 404);
    assert_eq!(status(&app, "/api/v1/feedback").await, 401);
}

#[tokio::test]
async fn both_places_count_together() {
    let requests = Some(Rate { per_minute: 1, burst: 2 });
    let app = app(Profile::vehicle_retail(), Settings { requests, ..settings() });
    assert_eq!(status(&app, "/api/v1/help/articles").await, 200);
    assert_eq!(status(&app, "/api/v1/support/help/articles").await, 200);
    assert_eq!(status(&app, "/api/v1/reviews").await, 429);
}

#[test]
fn the_document_has_both_places_and_no_name_twice() {
    let document = serde_json::to_value(support_http::mounted_openapi("/api/v1/support")).unwrap();
    let paths = document["paths"].as_object().unwrap();
    for path in
        ["/api/v1/help/articles/{article}", "/api/v1/reviews", "/api/v1/support/tickets", "/api/v1/support/reviews"]
    {
        assert!(paths.contains_key(path), "{path}");
    }
    let mut names = BTreeSet::new();
    for operation in paths.values().flat_map(|item| item.as_object().unwrap().values()) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name), "{name} stands twice");
    }
    let plain = serde_json::to_value(support_http::openapi("")).unwrap();
    let bare: Value = serde_json::to_value(support_http::mounted_openapi("")).unwrap();
    let paths = bare["paths"].as_object().unwrap();
    let more: Vec<&String> =
        paths.keys().filter(|path| !plain["paths"].as_object().unwrap().contains_key(*path)).collect();
    assert_eq!(more, ["/health", "/ready", "/status"]);
}
