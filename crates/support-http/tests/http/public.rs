//! Tickets without an account.

use crate::harness::{ADA, Api, GRACE, Who, fields, settings};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use support_core::{
    desk::Desk,
    domain::profile::Profile,
    memory::MemoryStore,
    ports::{
        clock::FixedClock,
        notifier::{Errand, Notice, Notifier},
    },
};
use support_http::{Rate, Settings};

#[derive(Default)]
struct Mails(Mutex<Vec<String>>);

impl Notifier for Mails {
    fn notify(&self, _: &Notice<'_>) {}

    fn send(&self, errand: &Errand<'_>) -> bool {
        if let Errand::AccessLink { email, token, .. } = errand {
            self.0.lock().unwrap().push(format!("{email} {token}"));
        }
        true
    }
}

fn desk(settings: Settings) -> (Api, Arc<Mails>, Arc<FixedClock>) {
    let (mails, clock) =
        (Arc::new(Mails::default()), Arc::new(FixedClock::at("2026-01-05T09:00:00Z".parse().unwrap())));
    let desk = Desk::builder(MemoryStore::new())
        .profile(Profile::after_sales())
        .notifier(mails.clone())
        .clock(clock.clone())
        .build()
        .unwrap();
    (Api::of(desk, settings), mails, clock)
}

async fn call(api: &Api, method: Method, path: &str, token: Option<&str>, body: Value) -> crate::harness::Reply {
    let mut request = Request::builder().method(method).header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header("x-ticket-token", token);
    }
    let body = if body == Value::Null { Body::empty() } else { Body::from(body.to_string()) };
    api.send_as(Who::Guest, request, path, body).await
}

async fn open(api: &Api) -> (String, String) {
    let body =
        json!({ "email": "ada@example.org", "name": "Ada", "subject": "No parcel", "description": "Where is it?" });
    let opened = call(api, Method::POST, "/public/tickets", None, body).await.expect(201);
    (opened["ticketNumber"].as_str().unwrap().to_owned(), opened["accessToken"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_ticket_is_opened_read_and_answered_with_its_token() {
    let (api, ..) = desk(settings());
    let (number, token) = open(&api).await;
    let path = format!("/public/tickets/{number}");
    let read = call(&api, Method::GET, &path, Some(&token), Value::Null).await.expect(200);
    let ticket = read["id"].as_str().unwrap();
    api.post(GRACE, &format!("/tickets/{ticket}/messages"), json!({ "content": "secret", "is_internal": true }))
        .await
        .expect(201);
    let said =
        call(&api, Method::POST, &format!("{path}/messages"), Some(&token), json!({ "content": "Still nothing" }))
            .await;
    assert_eq!(said.expect(201)["from"], "customer");
    let read =
        call(&api, Method::GET, &format!("/public/tickets/{ticket}"), Some(&token), Value::Null).await.expect(200);
    assert_eq!(read["messages"].as_array().unwrap().len(), 2);
    assert!(!read.to_string().contains("secret") && !read.to_string().contains(&token));
    // Nobody else gets in by it, nor does it get in anywhere else.
    api.get(ADA, &format!("/tickets/{ticket}")).await.problem(404, "not-found");
    call(&api, Method::GET, &format!("/tickets/{ticket}"), Some(&token), Value::Null)
        .await
        .problem(401, "unauthenticated");
    call(&api, Method::POST, &format!("{path}/messages"), None, json!({ "content": "x" }))
        .await
        .problem(401, "unauthenticated");
    let (other, _) = open(&api).await;
    call(&api, Method::GET, &format!("/public/tickets/{other}"), Some(&token), Value::Null)
        .await
        .problem(404, "not-found");
    call(&api, Method::GET, &path, Some("wrong"), Value::Null).await.problem(404, "not-found");
}

#[tokio::test]
async fn without_a_token_every_number_gets_the_same_answer() {
    let (api, mails, clock) = desk(settings());
    let (number, _) = open(&api).await;
    clock.advance(chrono::TimeDelta::hours(1));
    let mut answers = Vec::new();
    for number in [number.as_str(), "TICKET-20200101-001", "x"] {
        let answer = call(&api, Method::GET, &format!("/public/tickets/{number}"), None, Value::Null).await;
        assert_eq!(answer.status, 202);
        answers.push(answer.json().to_string());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    // The mail is sent beside the answer.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let sent = mails.0.lock().unwrap().clone();
    assert_eq!(sent.len(), 1, "{sent:?}");
    let (email, token) = sent[0].split_once(' ').unwrap();
    assert_eq!(email, "ada@example.org");
    call(&api, Method::GET, &format!("/public/tickets/{number}"), Some(token), Value::Null).await.expect(200);
}

#[tokio::test]
async fn every_wrong_field_is_named_as_it_was_written() {
    let (api, ..) = desk(settings());
    let body = json!({ "email": "nowhere", "name": "a\nb", "subject": "", "description": "", "priority": "now" });
    let problem = call(&api, Method::POST, "/public/tickets", None, body).await.problem(422, "invalid");
    assert_eq!(fields(&problem), ["name", "subject", "description", "priority", "email"]);
    let problem =
        call(&api, Method::POST, "/public/tickets", None, json!({ "subject": "a", "description": "b" })).await;
    assert_eq!(problem.problem(422, "invalid")["errors"][0]["field"], "email");
}

#[tokio::test]
async fn nobody_opens_or_asks_without_end() {
    let openings = Some(Rate { per_minute: 1, burst: 3 });
    let (api, ..) = desk(Settings { openings, ..settings() });
    let (number, token) = open(&api).await;
    let path = format!("/public/tickets/{number}");
    for expected in [202, 202, 429, 429] {
        assert_eq!(call(&api, Method::GET, &path, None, Value::Null).await.status, expected);
    }
    call(&api, Method::GET, &path, Some(&token), Value::Null).await.expect(200);
    // A sign-in that is not valid is no way around.
    let expired = Request::get("/public/tickets/x").header(header::AUTHORIZATION, "Bearer expired");
    let answer = api.send(expired.body(Body::empty()).unwrap()).await;
    assert!([401, 429].contains(&answer.status.as_u16()), "{answer:?}");
}
