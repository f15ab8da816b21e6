//! Tickets without an account: a token opens them, and a number opens nothing.

use crate::harness::{ADA, Api, GRACE, Reply, Who, fields, settings};
use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::{domain::profile::Profile, memory::MemoryStore};
use support_http::{Rate, Settings};

pub(crate) const ROUTES: [(&str, &str); 4] = [
    ("POST", "/public/tickets"),
    ("GET", "/public/tickets/{ticket}"),
    ("POST", "/public/tickets/{ticket}/messages"),
    ("DELETE", "/tickets/{ticket}/access-tokens"),
];

pub(crate) fn wanted() -> Value {
    json!({ "email": "zoe@example.org", "contactName": "Zoe", "subject": "No parcel", "description": "Where is it?" })
}

async fn with(api: &Api, token: &str, method: Method, path: &str, body: Value) -> Reply {
    api.call_with(Who::Guest, method, path, body, &[("x-ticket-token", token)]).await
}

#[tokio::test]
async fn a_token_opens_a_ticket_and_no_other() {
    let api = Api::new(Profile::after_sales());
    let reply = api.post(Who::Guest, "/public/tickets", wanted()).await;
    assert_eq!(reply.headers["cache-control"], "no-store");
    let location = reply.headers["location"].to_str().unwrap().to_owned();
    let opened = reply.expect(201);
    let token = opened["accessToken"].as_str().unwrap();
    assert!(token.len() >= 32);
    let number = opened["ticketNumber"].as_str().unwrap();
    assert_eq!(location, format!("/public/tickets/{number}"));
    let path = format!("/public/tickets/{number}");
    let messages = format!("{path}/messages");
    let note = json!({ "message": "Between us", "isInternal": true });
    let id = opened["ticketId"].as_str().unwrap();
    api.post(GRACE, &format!("/tickets/{id}/messages"), note).await.expect(201);
    let written = with(&api, token, Method::POST, &messages, json!({ "content": "Hello?" })).await.expect(201);
    assert_eq!(written["from"], "customer");
    let seen = with(&api, token, Method::GET, &path, Value::Null).await.expect(200);
    assert_json_snapshot!("a_public_ticket", seen);
    assert_eq!(with(&api, token, Method::GET, &format!("/public/tickets/{id}"), Value::Null).await.expect(200), seen);
    // Another ticket, a wrong token and no ticket are all the same.
    let other = api.post(Who::Guest, "/public/tickets", wanted()).await.expect(201);
    let other = format!("/public/tickets/{}", other["ticketNumber"].as_str().unwrap());
    let answers = [
        with(&api, token, Method::GET, &other, Value::Null).await,
        with(&api, &"0".repeat(48), Method::GET, &path, Value::Null).await,
        with(&api, token, Method::GET, "/public/tickets/TICKET-1", Value::Null).await,
        with(&api, "x", Method::POST, &messages, json!({ "content": "x" })).await,
    ];
    for answer in &answers {
        assert_eq!(answer.visible(), answers[0].visible());
        assert_eq!(answer.status, 404);
    }
    // Staff make it open nothing any more.
    let tokens = format!("/tickets/{id}/access-tokens");
    for (who, status) in [(Who::Guest, 401), (ADA, 404), (GRACE, 200)] {
        assert_eq!(api.call(who, Method::DELETE, &tokens, Value::Null).await.status, status, "{who:?}");
    }
    with(&api, token, Method::GET, &path, Value::Null).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_number_alone_opens_nothing() {
    let api = Api::new(Profile::after_sales());
    let opened = api.post(Who::Guest, "/public/tickets", wanted()).await.expect(201);
    let number = opened["ticketNumber"].as_str().unwrap();
    let id = opened["ticketId"].as_str().unwrap();
    let mut answers = Vec::new();
    for name in [number, "TICKET-20200101-001", id, "x"] {
        answers.push(api.get(Who::Guest, &format!("/public/tickets/{name}")).await);
    }
    for answer in &answers {
        assert_eq!(answer.visible(), answers[0].visible());
        assert_eq!(answer.status, 202);
    }
    // A message would be lost, so that is said.
    let message = json!({ "content": "x" });
    api.post(Who::Guest, &format!("/public/tickets/{number}/messages"), message).await.problem(401, "unauthenticated");
    for token in ["", "a b", &"x".repeat(300)] {
        with(&api, token, Method::GET, &format!("/public/tickets/{number}"), Value::Null).await.problem(400, "headers");
    }
}

#[tokio::test]
async fn who_has_no_account_is_counted_by_address() {
    let openings = Some(Rate { per_minute: 1, burst: 2 });
    let api = Api::with(MemoryStore::new(), Profile::after_sales(), Settings { openings, ..settings() });
    api.post(Who::Guest, "/public/tickets", wanted()).await.expect(201);
    api.get(Who::Guest, "/public/tickets/TICKET-1").await.expect(202);
    api.get(Who::Guest, "/public/tickets/TICKET-1").await.problem(429, "too-many");
    api.post(Who::Guest, "/public/tickets", wanted()).await.problem(429, "too-many");
    api.post(Who::Guest, "/inquiries", json!({ "message": "x", "email": "a@example.org" }))
        .await
        .problem(429, "too-many");
    // Nobody who is signed in is held up by them.
    api.ticket().await;
}

#[tokio::test]
async fn every_wrong_field_of_a_public_ticket_is_named_as_it_was_written() {
    let api = Api::new(Profile::after_sales());
    for (body, wrong) in [
        (json!({}), "email subject description"),
        (json!({ "contact_email": 1, "subject": 2, "message": 3, "name": 4 }), "contact_email name subject message"),
        (
            json!({ "contact_email": "x", "phone": "y", "subject": " ", "body": " ", "priority": "x" }),
            "subject body priority contact_email phone",
        ),
        (json!({ "email": " ", "subject": "x", "description": "x", "customer_tier": "gold" }), "customer_tier"),
        (json!({ "email": " ", "subject": "x", "description": "x" }), "email"),
    ] {
        let problem = api.post(Who::Guest, "/public/tickets", body.clone()).await.problem(422, "invalid");
        let (mut named, mut wrong) = (fields(&problem), wrong.split(' ').collect::<Vec<_>>());
        named.sort_unstable();
        wrong.sort_unstable();
        assert_eq!(named, wrong, "{body}");
    }
}
