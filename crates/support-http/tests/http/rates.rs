//! Who may ask how often, and what requests are called.

use crate::harness::{ADA, Api, EVE, GRACE, Reply, Who, settings};
use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderName, Method, Request, request::Parts},
};
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc};
use support_core::{
    desk::Desk,
    domain::{actor::Actor, profile::Profile},
    memory::MemoryStore,
    ports::ids::CountingIds,
};
use support_http::{AuthError, Authenticate, Forwarded, Rate, RequestId, Settings};
use tower::ServiceExt as _;

const TWO: Option<Rate> = Some(Rate { per_minute: 1, burst: 2 });

fn api(settings: Settings) -> Api {
    Api::with(MemoryStore::new(), Profile::after_sales(), settings)
}

fn too_many(reply: Reply, wait: std::ops::RangeInclusive<u64>) {
    let seconds = reply.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(wait.contains(&seconds), "{seconds}");
    reply.problem(429, "too-many");
}

#[tokio::test]
async fn everybody_is_counted_for_themselves() {
    let api = api(Settings { requests: TWO, ..settings() });
    for who in [ADA, EVE, GRACE, Who::Admin] {
        api.get(who, "/tickets").await.expect(200);
        // What is refused counts, too, whatever it was.
        api.post(who, "/tickets", json!({})).await.problem(422, "invalid");
        too_many(api.get(who, "/tickets").await, 55..=60);
        too_many(api.post(who, "/tickets", json!({})).await, 55..=60);
    }
    // What is not there costs nothing.
    api.get(ADA, "/nothing").await.problem(404, "not-found");
}

#[tokio::test]
async fn a_wait_is_told_in_whole_seconds_rounded_up() {
    let api = api(Settings { requests: Some(Rate { per_minute: 600, burst: 1 }), ..settings() });
    let mut replies = Vec::new();
    for _ in 0..20 {
        replies.push(api.get(ADA, "/tickets/1").await);
    }
    let refused = replies.into_iter().find(|reply| reply.status == 429).unwrap();
    too_many(refused, 1..=1);
}

async fn from(api: &Api, address: Option<&str>, forwarded: Option<&str>, token: Option<&str>) -> Reply {
    let mut request = Request::get("/tickets");
    if let Some(address) = address {
        let address: SocketAddr = address.parse().unwrap();
        request = request.extension(ConnectInfo(address));
    }
    for (name, value) in [("x-forwarded-for", forwarded), ("authorization", token)] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    api.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn who_is_not_signed_in_is_counted_by_address() {
    let api = api(Settings { requests: TWO, ..settings() });
    let (one, other) = (Some("1.2.3.4:80"), Some("1.2.3.5:80"));
    from(&api, one, None, None).await.problem(401, "unauthenticated");
    // A sign-in that failed is nobody's, and counts where it came from; what the client itself forwards is nothing.
    from(&api, Some("1.2.3.4:81"), Some("9.9.9.9"), Some("Bearer stale")).await.problem(401, "unauthenticated");
    too_many(from(&api, one, Some("9.9.9.8"), None).await, 55..=60);
    too_many(from(&api, one, None, Some("Bearer stale")).await, 55..=60);
    from(&api, other, None, None).await.problem(401, "unauthenticated");
    // Whoever is signed in is themselves, wherever they are.
    from(&api, one, None, Some("Bearer customer 1")).await.expect(200);
}

#[tokio::test]
async fn without_an_address_all_strangers_share_a_count() {
    let api = api(Settings { requests: TWO, ..settings() });
    api.get(Who::Guest, "/tickets").await.problem(401, "unauthenticated");
    api.get(Who::Guest, "/tickets").await.problem(401, "unauthenticated");
    too_many(api.get(Who::Guest, "/tickets").await, 55..=60);
    api.get(ADA, "/tickets").await.expect(200);
}

#[tokio::test]
async fn a_trusted_proxy_tells_the_address() {
    let forwarded = Some(Forwarded { header: HeaderName::from_static("x-forwarded-for"), proxies: 1 });
    let api = api(Settings { requests: TWO, forwarded, ..settings() });
    let proxy = Some("10.0.0.1:80");
    for _ in 0..2 {
        from(&api, proxy, Some("1.2.3.4"), None).await.problem(401, "unauthenticated");
    }
    too_many(from(&api, proxy, Some("6.6.6.6, 1.2.3.4"), None).await, 55..=60);
    from(&api, proxy, Some("1.2.3.5"), None).await.problem(401, "unauthenticated");
    from(&api, proxy, None, None).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn customers_open_so_many_tickets_and_staff_what_they_must() {
    let api = api(Settings { openings: TWO, ..settings() });
    let body = || json!({ "subject": "s", "description": "d", "customerId": ADA.id() });
    api.post(ADA, "/tickets", body()).await.expect(201);
    // Trying counts.
    api.post(ADA, "/tickets", json!({})).await.problem(422, "invalid");
    too_many(api.post(ADA, "/tickets", body()).await, 55..=60);
    // Nothing else is held up, and nobody else.
    api.get(ADA, "/tickets").await.expect(200);
    for _ in 0..5 {
        api.post(GRACE, "/tickets", body()).await.expect(201);
        api.post(Who::Admin, "/tickets", body()).await.expect(201);
    }
}

/// Of many at once no more are let in than may.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counting_comes_before_the_work() {
    let api = Arc::new(api(Settings { openings: Some(Rate { per_minute: 1, burst: 8 }), ..settings() }));
    let call = |_| {
        let api = api.clone();
        tokio::spawn(async move { api.post(ADA, "/tickets", json!({ "subject": "s", "description": "d" })).await })
    };
    let calls: Vec<_> = (0..64).map(call).collect();
    let mut opened = 0;
    for call in calls {
        opened += u32::from(call.await.unwrap().status == 201);
    }
    assert_eq!(opened, 8);
}

#[tokio::test]
async fn the_usual_limits_are_generous() {
    let usual = Settings::default();
    assert_eq!(usual.requests, Some(Rate { per_minute: 600, burst: 120 }));
    assert_eq!(usual.openings, Some(Rate { per_minute: 30, burst: 20 }));
    assert_eq!(usual.forwarded, None);
}

fn counting() -> Settings {
    Settings { request_ids: Arc::new(CountingIds::default()), ..settings() }
}

async fn named(api: &Api, id: &str) -> Reply {
    api.call_with(ADA, Method::GET, "/tickets", Value::Null, &[("x-request-id", id)]).await
}

#[tokio::test]
async fn a_request_keeps_the_name_that_its_client_gave() {
    let api = api(counting());
    for id in ["a", "trace-1/2:3", &"x".repeat(128)] {
        assert_eq!(named(&api, id).await.headers["x-request-id"], id);
    }
    for (number, id) in ["", "two words", "a\tb", "ümlaut", &"x".repeat(129)].into_iter().enumerate() {
        let drawn = uuid::Uuid::from_u128(number as u128 + 1).to_string();
        assert_eq!(named(&api, id).await.headers["x-request-id"], drawn, "{id}");
    }
    let twice = [("x-request-id", "a"), ("x-request-id", "b")];
    let reply = api.call_with(ADA, Method::GET, "/tickets", Value::Null, &twice).await;
    assert_eq!(reply.headers["x-request-id"], uuid::Uuid::from_u128(6).to_string());
}

#[tokio::test]
async fn every_answer_and_every_problem_says_to_which_request() {
    let settings = Settings { timeout: std::time::Duration::from_millis(20), requests: TWO, ..counting() };
    let api = api(settings);
    for (method, path, token, status) in [
        (Method::GET, "/tickets", "Bearer customer 1", 200),
        (Method::GET, "/nothing", "Bearer customer 1", 404),
        (Method::DELETE, "/tickets", "Bearer customer 2", 405),
        (Method::POST, "/tickets", "Bearer customer 2", 415),
        (Method::POST, "/tickets", "Bearer customer 2", 429),
        (Method::GET, "/tickets", "Bearer stale", 401),
        (Method::GET, "/tickets", "Bearer panic", 500),
        (Method::POST, "/tickets", "Bearer panic", 500),
        (Method::GET, "/tickets", "Bearer slow", 504),
        (Method::POST, "/tickets", "Bearer slow", 504),
    ] {
        let request = Request::builder().method(method).uri(path).header("authorization", token);
        let reply = api.send(request.header("x-request-id", "mine").body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, status, "{token}");
        assert_eq!(reply.headers["x-request-id"], "mine");
        assert_eq!(reply.extensions.get::<RequestId>().unwrap().as_str(), "mine");
        if let Some(length) = reply.headers.get("content-length") {
            assert_eq!(length.to_str().unwrap(), reply.bytes.len().to_string());
        }
        if status >= 400 {
            assert_eq!(reply.json()["requestId"], "mine", "{reply:?}");
        }
    }
    let head = api.call(Who::Guest, Method::HEAD, "/tickets", Value::Null).await;
    assert_eq!(head.status, 401);
    assert!(head.bytes.is_empty());
}

/// Answers with the name of the request as the reason of a refusal.
struct Echo;

#[async_trait::async_trait]
impl Authenticate for Echo {
    async fn actor(&self, parts: &Parts) -> Result<Actor, AuthError> {
        let id = parts.extensions.get::<RequestId>().map_or("none", RequestId::as_str);
        Err(AuthError::Invalid(id.to_owned()))
    }
}

#[tokio::test]
async fn the_host_finds_the_name_with_the_request() {
    let desk = Desk::builder(MemoryStore::new()).build().unwrap();
    let app: axum::Router = support_http::router_with(desk, Echo, counting());
    let request = Request::get("/tickets").header("x-request-id", "mine").body(Body::empty()).unwrap();
    let body = axum::body::to_bytes(app.oneshot(request).await.unwrap().into_body(), 10_000).await.unwrap();
    assert!(String::from_utf8_lossy(&body).contains(r#""detail":"mine""#), "{body:?}");
}
