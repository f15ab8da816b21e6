//! Limits, wrong paths and methods, and the headers of every answer.

use crate::harness::{ADA, Api, Reply, settings};
use async_trait::async_trait;
use axum::{
    body::{Body, Bytes},
    http::{Method, Request},
};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use std::{future::Future as _, task::Poll, time::Duration};
use support_core::{
    desk::Desk,
    domain::{
        id::{AgentId, CustomerId},
        profile::Profile,
    },
    memory::MemoryStore,
    ports::directory::{AgentCard, CustomerCard, Directory, DirectoryError, Lookup, NoDirectory, RelatedCard},
};
use support_http::Settings;
use tower::ServiceExt as _;

fn api() -> Api {
    Api::new(Profile::after_sales())
}

async fn with_token(token: &str) -> Reply {
    let settings = Settings { timeout: Duration::from_millis(20), ..settings() };
    let api = Api::with(MemoryStore::new(), Profile::after_sales(), settings);
    let request = Request::get("/tickets").header("authorization", token);
    api.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_body_has_a_mebibyte() {
    let body = |size: usize| {
        let empty = json!({ "subject": "s", "description": "d", "x": "" }).to_string().len();
        json!({ "subject": "s", "description": "d", "x": "x".repeat(size - empty) })
    };
    api().post(ADA, "/tickets", body(1024 * 1024)).await.expect(201);
    api().post(ADA, "/tickets", body(1024 * 1024 + 1)).await.problem(413, "too-large");
}

#[tokio::test]
async fn a_body_without_a_length_is_counted_as_it_comes() {
    let settings = Settings { body_bytes: 1_000, ..settings() };
    let api = Api::with(MemoryStore::new(), Profile::after_sales(), settings);
    // Passing frame by frame, it does not say how long it is.
    let unmeasured = Full::new(Bytes::from(vec![b' '; 1_001])).map_frame(|frame| frame);
    let request = Request::post("/tickets")
        .header("authorization", "Bearer customer 1")
        .header("content-type", "application/json")
        .body(Body::new(unmeasured))
        .unwrap();
    api.send(request).await.problem(413, "too-large");
}

#[tokio::test]
async fn an_answer_has_its_time() {
    with_token("Bearer slow").await.problem(504, "timeout");
}

#[tokio::test]
async fn a_panic_is_told_without_its_words() {
    let reply = with_token("Bearer panic").await;
    assert!(!String::from_utf8_lossy(&reply.bytes).contains("secret-of-the-panic"));
    reply.problem(500, "internal");
}

#[tokio::test]
async fn wrong_paths_and_methods_are_problems() {
    for profile in [Profile::after_sales(), Profile::vehicle_retail()] {
        let api = Api::new(profile);
        api.get(ADA, "/nothing").await.problem(404, "not-found");
        api.get(ADA, "/tickets/1/2/3").await.problem(404, "not-found");
        api.get(ADA, "/agent/tickets/1").await.problem(405, "method-not-allowed");
        let reply = api.call(ADA, Method::DELETE, "/tickets", Value::Null).await;
        let allowed: Vec<&str> = reply.headers["allow"].to_str().unwrap().split(',').collect();
        for method in ["GET", "HEAD", "POST"] {
            assert!(allowed.contains(&method), "{allowed:?}");
        }
        reply.problem(405, "method-not-allowed");
    }
}

#[tokio::test]
async fn every_answer_is_private_and_as_declared() {
    let api = api();
    let id = api.ticket().await;
    for reply in [
        api.get(ADA, &format!("/tickets/{id}")).await,
        api.get(ADA, "/tickets?page=0").await,
        api.get(ADA, "/nothing").await,
        api.call(ADA, Method::DELETE, "/tickets", Value::Null).await,
        with_token("Bearer slow").await,
        with_token("Bearer panic").await,
        with_token("Bearer stale").await,
    ] {
        assert_eq!(reply.headers["cache-control"], "no-store", "{reply:?}");
        assert_eq!(reply.headers["x-content-type-options"], "nosniff", "{reply:?}");
    }
}

/// A host with many tenants has a parameter of its own in the path.
#[tokio::test]
async fn the_router_nests_under_parameters_of_the_host() {
    let mut api = api();
    let id = api.ticket().await;
    let router = api.app.clone();
    // Even under one that is called as ours are.
    for (mount, here) in [("/t/{tenant}/support", "/t/acme/support"), ("/t/{ticket}/support", "/t/acme/support")] {
        api.app = axum::Router::new().nest(mount, router.clone());
        let request = Request::get(format!("{here}/tickets/{id}")).header("authorization", "Bearer customer 1");
        api.send(request.body(Body::empty()).unwrap()).await.expect(200);
    }
}

/// A browser sends cookies with whatever another site makes it send; a token is sent by those who have it.
#[tokio::test]
async fn another_site_cannot_act_through_a_browser() {
    let api = api();
    let id = api.ticket().await;
    let from = |site: &str, token: bool| {
        let request = Request::post(format!("/tickets/{id}/close")).header("sec-fetch-site", site);
        let request = if token { request.header("authorization", "Bearer customer 1") } else { request };
        request.body(Body::empty()).unwrap()
    };
    api.send(from("cross-site", false)).await.problem(403, "forbidden");
    api.send(from("same-origin", false)).await.problem(401, "unauthenticated");
    api.send(from("cross-site", true)).await.expect(200);
}

/// Knows nobody, and takes a moment to say so.
struct Leisurely;

#[async_trait]
impl Directory for Leisurely {
    async fn customer(&self, id: CustomerId) -> Result<Lookup<CustomerCard>, DirectoryError> {
        tokio::task::yield_now().await;
        NoDirectory.customer(id).await
    }

    async fn agent(&self, id: AgentId) -> Result<Lookup<AgentCard>, DirectoryError> {
        NoDirectory.agent(id).await
    }

    async fn related(&self, who: CustomerId, kind: &str, id: &str) -> Result<Lookup<RelatedCard>, DirectoryError> {
        NoDirectory.related(who, kind, id).await
    }
}

/// What has begun to change something is not called back: the client may be gone, the change and its notices are not.
#[tokio::test]
async fn a_change_outlives_its_client() {
    let desk = Desk::builder(MemoryStore::new()).profile(Profile::after_sales()).directory(Leisurely).build().unwrap();
    let api = Api::of(desk, settings());
    let request = Request::post("/tickets")
        .header("authorization", "Bearer customer 1")
        .header("content-type", "application/json")
        .body(Body::from(json!({ "subject": "s", "description": "d" }).to_string()))
        .unwrap();
    let mut answer = Box::pin(api.app.clone().oneshot(request));
    std::future::poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx).is_pending())).await;
    drop(answer);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let list = api.get(ADA, "/tickets").await.expect(200);
    assert_eq!(list["pagination"]["total"], 1);
}
