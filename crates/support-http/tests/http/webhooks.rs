//! Addresses that are told what happens, and what came of telling them.

use crate::harness::{ADA, Api, EVE, GRACE, Reply, Who, fields};
use async_trait::async_trait;
use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::{
    desk::{Desk, workers::Job},
    domain::profile::Profile,
    ports::webhooks::{WebhookAnswer, WebhookCall, WebhookCallError, WebhookCaller},
};

pub(crate) const ROUTES: [(&str, &str); 14] = [
    ("GET", "/webhooks"),
    ("POST", "/webhooks"),
    ("GET", "/webhooks/events"),
    ("GET", "/webhooks/{webhook}"),
    ("PATCH", "/webhooks/{webhook}"),
    ("DELETE", "/webhooks/{webhook}"),
    ("POST", "/webhooks/{webhook}/rotate-secret"),
    ("POST", "/webhooks/{webhook}/test"),
    ("GET", "/webhooks/{webhook}/deliveries"),
    ("GET", "/deliveries"),
    ("GET", "/deliveries/{delivery}"),
    ("DELETE", "/deliveries/{delivery}"),
    ("POST", "/deliveries/{delivery}/retry"),
    ("GET", "/sinks"),
];

/// Calls nobody, and answers as the last part of the address says: `https://example.org/500`.
pub(crate) struct Echo;

#[async_trait]
impl WebhookCaller for Echo {
    async fn call(&self, call: &WebhookCall) -> Result<WebhookAnswer, WebhookCallError> {
        let status = call.url.rsplit('/').next().and_then(|end| end.parse().ok());
        status.map(|status| WebhookAnswer { status, retry_after: None }).ok_or(WebhookCallError::TimedOut)
    }

    fn check(&self, url: &str) -> Result<(), String> {
        if url.starts_with("https://") { Ok(()) } else { Err("must begin with `https://`".to_owned()) }
    }
}

pub(crate) fn wanted() -> Value {
    json!({ "url": "https://example.org/204", "description": "Our CRM", "events": ["ticket.created"] })
}

/// Everything that was answered, without the secret.
fn unsecret(mut shown: Value) -> Value {
    let secret = shown["secret"].take();
    assert!(secret.as_str().is_some_and(|secret| secret.starts_with("whsec_")), "{secret}");
    shown["secret"] = json!("[secret]");
    shown
}

async fn set_up(api: &Api, url: &str) -> String {
    let webhook = api.post(Who::Admin, "/webhooks", json!({ "url": url })).await.expect(201);
    format!("/webhooks/{}", webhook["id"].as_str().unwrap())
}

async fn told(desk: &Desk) {
    desk.workers().tick(Job::Relay).await.unwrap();
}

#[tokio::test]
async fn an_address_from_its_set_up_to_its_end() {
    let api = Api::new(Profile::bookings());
    let reply = api.post(Who::Admin, "/webhooks", wanted()).await;
    assert_eq!(reply.headers["cache-control"], "no-store");
    let location = reply.headers["location"].to_str().unwrap().to_owned();
    let created = reply.expect(201);
    assert!(location.ends_with(created["id"].as_str().unwrap()));
    assert_json_snapshot!("a_webhook_that_was_set_up", unsecret(created.clone()));
    let path = format!("/webhooks/{}", created["id"].as_str().unwrap());
    assert_json_snapshot!("a_webhook", api.get(Who::Admin, &path).await.expect(200));
    assert_json_snapshot!("webhooks", api.get(Who::Admin, "/webhooks").await.expect(200));
    assert_json_snapshot!("what_webhooks_hear", api.get(Who::Admin, "/webhooks/events").await.expect(200));

    let edit = json!({ "is_active": false, "event_types": null, "description": null, "audience": "staff" });
    let edited = api.patch(Who::Admin, &path, edit).await.expect(200);
    assert_json_snapshot!("a_webhook_that_was_switched_off", edited);
    let on = api.patch(Who::Admin, &path, json!({ "enabled": true })).await.expect(200);
    assert_eq!((&on["status"], &on["disabledReason"]), (&json!("enabled"), &Value::Null));

    let rotated = api.post(Who::Admin, &format!("{path}/rotate-secret"), Value::Null).await;
    assert_eq!(rotated.headers["cache-control"], "no-store");
    let rotated = rotated.expect(200);
    assert_ne!(rotated["secret"], created["secret"]);
    assert_eq!(rotated["previousSecretUntil"], "2026-01-06T09:00:00.000Z");
    // It is shown this once.
    for place in [path.as_str(), "/webhooks"] {
        let shown = String::from_utf8_lossy(&api.get(Who::Admin, place).await.bytes).into_owned();
        assert!(!shown.contains("whsec_"), "{shown}");
    }
    let tested = api.post(Who::Admin, &format!("{path}/test"), Value::Null).await.expect(200);
    assert_eq!((&tested["delivered"], &tested["attempt"]["responseStatus"]), (&json!(true), &json!(204)));
    let gone = api.call(Who::Admin, Method::DELETE, &path, Value::Null).await;
    assert_eq!((gone.status.as_u16(), gone.bytes.len()), (204, 0));
    api.get(Who::Admin, &path).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_secret_is_answered_once_even_to_who_repeats_the_request() {
    let api = Api::new(Profile::bookings());
    let key = [("idempotency-key", "key")];
    let create = async || api.call_with(Who::Admin, Method::POST, "/webhooks", wanted(), &key).await;
    let (first, again) = (create().await, create().await);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let (first, again) = (first.expect(201), again.expect(201));
    assert_eq!((again.get("secret"), &again["id"]), (None, &first["id"]));
    assert_eq!(api.get(Who::Admin, "/webhooks").await.expect(200)["pagination"]["total"], 1);

    let path = format!("/webhooks/{}/rotate-secret", first["id"].as_str().unwrap());
    let rotate = async || api.call_with(Who::Admin, Method::POST, &path, Value::Null, &key).await;
    rotate().await.problem(422, "key-reused");
    let key = [("idempotency-key", "another")];
    let rotate = async || api.call_with(Who::Admin, Method::POST, &path, Value::Null, &key).await;
    let (first, again) = (rotate().await.expect(200), rotate().await);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert!(first["secret"].is_string() && again.expect(200).get("secret").is_none());
}

#[tokio::test]
async fn every_wrong_field_of_a_webhook_is_named_as_it_was_written() {
    let api = Api::new(Profile::bookings());
    for (body, wrong) in [
        (json!({}), "url"),
        (json!({ "endpoint": "http://example.org" }), "endpoint"),
        (json!({ "url": 1, "events": "all", "audience": "everybody", "enabled": "no" }), "events url audience enabled"),
        (json!({ "url": "https://example.org", "event_types": ["ticket.created", "x"] }), "event_types.1"),
        (json!({ "url": "https://example.org", "status": "enabled" }), "status"),
    ] {
        let problem = api.post(Who::Admin, "/webhooks", body.clone()).await.problem(422, "invalid");
        let mut named = fields(&problem);
        named.sort_unstable();
        let mut wrong: Vec<&str> = wrong.split(' ').collect();
        wrong.sort_unstable();
        assert_eq!(named, wrong, "{body}");
    }
    let path = set_up(&api, "https://example.org/204").await;
    let problem = api.patch(Who::Admin, &path, json!({ "events": ["x"] })).await.problem(422, "invalid");
    assert!(problem["errors"][0]["allowed"].as_array().unwrap().contains(&json!("ticket.created")));
    for (path, wrong) in [
        ("/webhooks?status=x".to_owned(), "status"),
        (format!("{path}/deliveries?status=lost"), "status"),
        ("/deliveries?status=lost".to_owned(), "status"),
        ("/deliveries?sinks=x".to_owned(), "sinks"),
        ("/sinks?x=1".to_owned(), "x"),
    ] {
        let problem = api.get(Who::Admin, &path).await.problem(400, "parameters");
        assert_eq!(fields(&problem), [wrong], "{path}");
    }
}

#[tokio::test]
async fn integrations_are_the_admins_affair() {
    let (api, desk) = Api::with_desk(Profile::bookings());
    let webhook = set_up(&api, "https://example.org/500").await;
    api.ticket().await;
    told(&desk).await;
    let delivery = api.get(Who::Admin, "/deliveries").await.expect(200)["deliveries"][0]["id"].clone();
    let missing = uuid::Uuid::from_u128(404).to_string();
    for (method, path) in ROUTES {
        let method: Method = method.parse().unwrap();
        let body = if method == Method::PATCH || path == "/webhooks" { wanted() } else { Value::Null };
        let body = if method == Method::GET { Value::Null } else { body };
        let of = |webhook: &str, delivery: &str| path.replace("{webhook}", webhook).replace("{delivery}", delivery);
        let there = of(webhook.trim_start_matches("/webhooks/"), delivery.as_str().unwrap());
        let nowhere = of(&missing, &missing);
        let ask = async |who: Who, path: &str| -> Reply { api.call(who, method.clone(), path, body.clone()).await };
        for path in [&there, &nowhere] {
            ask(Who::Guest, path).await.problem(401, "unauthenticated");
            for who in [ADA, EVE, GRACE] {
                ask(who, path).await.problem(403, "forbidden");
            }
        }
        if there != nowhere {
            ask(Who::Admin, &nowhere).await.problem(404, "not-found");
        }
    }
}

#[tokio::test]
async fn what_nobody_took_is_tried_again_or_dropped() {
    let (api, desk) = Api::with_desk(Profile::bookings());
    let webhook = set_up(&api, "https://example.org/500").await;
    api.ticket().await;
    told(&desk).await;
    let sinks = api.get(Who::Admin, "/sinks").await.expect(200);
    assert_json_snapshot!("how_far_everybody_was_told", sinks);
    let list = api.get(Who::Admin, &format!("{webhook}/deliveries?status=waiting")).await.expect(200);
    assert_json_snapshot!("deliveries_that_wait", list);
    let standing = api.get(Who::Admin, &webhook).await.expect(200);
    assert_eq!((&standing["waiting"], &standing["dead"]), (&list["pagination"]["total"], &json!(0)));
    let path = format!("/deliveries/{}", list["deliveries"][0]["id"].as_str().unwrap());
    assert_json_snapshot!("a_delivery_that_waits", api.get(Who::Admin, &path).await.expect(200));

    let again = api.post(Who::Admin, &format!("{path}/retry"), Value::Null).await.expect(200);
    assert_eq!(again["nextAttemptAt"], "2026-01-05T09:00:00.000Z");
    // An address that has just failed is left alone for a while, whatever waits for it.
    api.clock.advance(chrono::TimeDelta::minutes(1));
    told(&desk).await;
    let tried = api.get(Who::Admin, &path).await.expect(200);
    assert_eq!((&tried["tries"], &tried["attempts"][1]["responseStatus"]), (&json!(2), &json!(500)));
    let dropped = api.call(Who::Admin, Method::DELETE, &path, Value::Null).await.expect(200);
    assert_eq!(dropped["status"], "dropped");
    api.call(Who::Admin, Method::DELETE, &path, Value::Null).await.problem(409, "state");
    // Whoever changes their mind may.
    api.patch(Who::Admin, &webhook, json!({ "url": "https://example.org/204" })).await.expect(200);
    api.post(Who::Admin, &format!("{path}/retry"), Value::Null).await.expect(200);
    api.clock.advance(chrono::TimeDelta::hours(1));
    told(&desk).await;
    assert_eq!(api.get(Who::Admin, &path).await.expect(200)["status"], "delivered");
    api.post(Who::Admin, &format!("{path}/retry"), Value::Null).await.problem(409, "state");
    let delivered = api.get(Who::Admin, "/deliveries?status=delivered&sink=people").await.expect(200);
    assert_eq!(delivered["pagination"]["total"], 0);
}
