//! Requests that are done once, however often they are sent.

use crate::{
    access,
    harness::{ADA, Api, EVE, Reply, Who, fields},
    stores::{Failed, Failing},
};
use axum::http::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use support_core::domain::profile::Profile;

fn opening() -> Value {
    json!({ "subject": "s", "description": "d" })
}

async fn keyed(api: &Api, who: Who, path: &str, body: Value, key: &str) -> Reply {
    api.call_with(who, Method::POST, path, body, &[("idempotency-key", key)]).await
}

async fn count(api: &Api) -> u64 {
    api.get(Who::Admin, "/tickets").await.expect(200)["pagination"]["total"].as_u64().unwrap()
}

fn replayed(reply: &Reply) -> bool {
    reply.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
}

/// Everything but the mark of a replay.
fn unmarked(reply: &Reply) -> impl PartialEq + std::fmt::Debug + use<> {
    let (status, mut headers, bytes) = reply.visible();
    headers.remove("idempotency-replayed");
    (status, headers, bytes)
}

#[tokio::test]
async fn every_post_is_done_once() {
    let mut posts = vec![None];
    // What somebody does at the moment is said again and again.
    let kept = |route: &access::Route| route.method == Method::POST && !route.path.ends_with("/presence");
    for route in access::routes().into_iter().filter(kept) {
        posts.push(Some(route));
    }
    for route in posts {
        let api = Api::new(Profile::bookings());
        let id = api.ticket().await;
        let (who, path, body) = match route {
            None => (ADA, "/tickets".to_owned(), opening()),
            Some(route) => {
                let (path, body) = route.on(&api, &id).await;
                route.prepare(&api, &id).await;
                (route.doer(), path.replace("{ticket}", &id), body)
            }
        };
        let first = keyed(&api, who, &path, body.clone(), "a key").await;
        assert_eq!(first.status, 400, "a key has no spaces");
        let first = keyed(&api, who, &path, body.clone(), "key").await;
        assert!(first.status.is_success() && !replayed(&first), "{path}: {first:?}");
        let trail = format!("/tickets/{id}/events");
        let before = api.get(Who::Admin, &trail).await.bytes;
        api.clock.advance(chrono::TimeDelta::minutes(1));
        let second = keyed(&api, who, &path, body.clone(), "key").await;
        assert!(replayed(&second), "{path}: {second:?}");
        assert_eq!(unmarked(&first), unmarked(&second), "{path}");
        assert_eq!(api.get(Who::Admin, &trail).await.bytes, before, "{path}");
    }
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_person_for_a_day() {
    let api = Api::new(Profile::bookings());
    let first = keyed(&api, ADA, "/tickets", opening(), "key").await;
    assert_eq!(first.headers["location"], format!("/api/v1/support/tickets/{}", first.json()["id"].as_str().unwrap()));
    // Somebody else's key is another one.
    keyed(&api, EVE, "/tickets", opening(), "key").await.expect(201);
    for (path, body) in [
        ("/tickets", json!({ "subject": "t", "description": "d" })),
        ("/tickets?x", opening()),
        (&format!("/tickets/{}/messages", first.json()["id"].as_str().unwrap()), json!({ "message": "m" })),
    ] {
        let problem = keyed(&api, ADA, path, body, "key").await.problem(422, "key-reused");
        assert_eq!(fields(&problem), ["Idempotency-Key"]);
    }
    assert_eq!(count(&api).await, 2);
    api.clock.advance(chrono::TimeDelta::hours(24) - chrono::TimeDelta::milliseconds(1));
    assert!(replayed(&keyed(&api, ADA, "/tickets", opening(), "key").await));
    api.clock.advance(chrono::TimeDelta::milliseconds(1));
    assert!(!replayed(&keyed(&api, ADA, "/tickets", opening(), "key").await));
    assert_eq!(count(&api).await, 3);
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let api = Api::new(Profile::bookings());
    keyed(&api, ADA, "/tickets", json!({ "subject": "s" }), "key").await.problem(422, "invalid");
    assert!(!replayed(&keyed(&api, ADA, "/tickets", opening(), "key").await));
    let path = format!("/tickets/{}/reopen", api.ticket().await);
    keyed(&api, ADA, &path, Value::Null, "again").await.problem(409, "state");
    api.post(ADA, &path.replace("reopen", "close"), Value::Null).await.expect(200);
    keyed(&api, ADA, &path, Value::Null, "again").await.expect(200);
}

#[tokio::test]
async fn a_key_is_one_to_255_visible_characters() {
    let api = Api::new(Profile::bookings());
    for key in ["", "two words", "ümlaut", "a\tb", &"k".repeat(256)] {
        let problem = keyed(&api, ADA, "/tickets", opening(), key).await.problem(400, "headers");
        assert_eq!(fields(&problem), ["Idempotency-Key"], "{key}");
        assert_eq!(problem["errors"][0]["header"], "Idempotency-Key");
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    api.call_with(ADA, Method::POST, "/tickets", opening(), &twice).await.problem(400, "headers");
    assert_eq!(count(&api).await, 0);
    keyed(&api, ADA, "/tickets", opening(), &"k".repeat(255)).await.expect(201);
    keyed(&api, ADA, "/tickets", opening(), "\"quoted,\"").await.expect(201);
    // Nothing is read of those who are not known, and a body has its limit all the same.
    keyed(&api, Who::Guest, "/tickets", opening(), "two words").await.problem(401, "unauthenticated");
    let large = json!({ "subject": "s", "description": "d", "x": "x".repeat(1024 * 1024) });
    keyed(&api, ADA, "/tickets", large, "large").await.problem(413, "too-large");
}

#[tokio::test]
async fn a_put_is_repeatable_without_a_key() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}/close", api.ticket().await);
    let key = [("idempotency-key", "key")];
    api.call_with(ADA, Method::PUT, &path, Value::Null, &key).await.expect(200);
    assert!(!replayed(&api.call_with(ADA, Method::PUT, &path, Value::Null, &key).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_is_done_and_all_are_answered_alike() {
    let api = Arc::new(Api::new(Profile::bookings()));
    let id = api.ticket().await;
    for (path, body) in
        [("/tickets".to_owned(), opening()), (format!("/tickets/{id}/messages"), json!({ "message": "Hello" }))]
    {
        let calls: Vec<_> = (0..64)
            .map(|_| {
                let (api, path, body) = (api.clone(), path.clone(), body.clone());
                tokio::spawn(async move { keyed(&api, ADA, &path, body, "key").await })
            })
            .collect();
        let mut replies = Vec::new();
        for call in calls {
            replies.push(call.await.unwrap());
        }
        assert_eq!(replies.iter().filter(|reply| !replayed(reply)).count(), 1);
        assert_eq!(replies[0].status, 201);
        assert!(replies.iter().all(|reply| unmarked(reply) == unmarked(&replies[0])));
        // The next one has a key of its own.
        api.clock.advance(chrono::TimeDelta::hours(25));
    }
    assert_eq!(count(&api).await, 2);
    let thread = api.get(ADA, &format!("/tickets/{id}/messages")).await.expect(200);
    assert_eq!(thread["messages"].as_array().unwrap().len(), 2);
}

/// A store that commits and then reports a failure: the client cannot know, and tries again.
#[tokio::test]
async fn a_thousand_retries_leave_no_duplicate() {
    let api = Api::over(Failed::new(Failing::AfterCommits(5)), Profile::after_sales());
    let (mut retries, mut openings) = (0, 0);
    while retries < 1_000 {
        openings += 1;
        let key = format!("key-{openings}");
        loop {
            let reply = keyed(&api, ADA, "/tickets", opening(), &key).await;
            if reply.status == 201 {
                break;
            }
            reply.problem(503, "unavailable");
            retries += 1;
        }
    }
    let mut found = 0;
    let mut query = "/tickets?limit=100".to_owned();
    loop {
        let list = api.get(ADA, &query).await.expect(200);
        found += list["tickets"].as_array().unwrap().len();
        let Some(cursor) = list["pagination"]["nextCursor"].as_str() else { break };
        query = format!("/tickets?limit=100&cursor={cursor}");
    }
    assert_eq!(found, openings);
}
