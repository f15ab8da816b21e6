//! Changes of a ticket that is still as it was read, and reads of one that has changed.

use crate::{
    access,
    harness::{ADA, Api, GRACE, Reply, Who, fields},
};
use axum::http::Method;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

async fn ticket() -> (Api, String) {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}", api.ticket().await);
    (api, path)
}

fn tag(reply: &Reply) -> String {
    assert_eq!(reply.headers["vary"], "Authorization");
    reply.headers["etag"].to_str().unwrap().to_owned()
}

/// The part of a tag that changes compare.
fn state(tag: &str) -> &str {
    tag.trim_start_matches('"').split_once('.').unwrap().0
}

async fn read(api: &Api, who: Who, path: &str) -> String {
    tag(&api.get(who, path).await)
}

#[tokio::test]
async fn every_change_minds_its_condition() {
    // Marking messages as read is no change of the ticket, nor is looking at it.
    let besides = |path: &str| path.ends_with("read") || path.ends_with("/presence");
    let changes = |route: &access::Route| route.method != Method::GET && !besides(route.path);
    for route in access::routes().into_iter().filter(changes) {
        let who = route.doer();
        let (api, path) = ticket().await;
        let id = path.trim_start_matches("/tickets/");
        let (there, body) = route.on(&api, id).await;
        route.prepare(&api, id).await;
        let here = there.replace("{ticket}", id);
        let label = format!("{} {here}", route.method);
        let call = async |condition: &str| {
            api.call_with(who, route.method.clone(), &here, body.clone(), &[("if-match", condition)]).await
        };
        let fresh = read(&api, who, &path).await;
        let malformed = call("fresh").await.problem(400, "headers");
        assert_eq!(fields(&malformed), ["If-Match"], "{label}");
        for stale in ["\"1234.x\"", &format!("W/{fresh}"), "\"fresh\"", "\"\"", "\"0.x\", \"99.x\""] {
            let reply = call(stale).await;
            assert_eq!(reply.status, 412, "{label} {stale}");
            reply.problem(412, "stale");
        }
        let untouched = read(&api, who, &path).await;
        assert_eq!(state(&untouched), state(&fresh), "{label}");
        let done = call(&format!("\"77.x\", {fresh}")).await;
        assert!(done.status.is_success(), "{label}: {done:?}");
        // An answer with the ticket has the tag of what it is now.
        if done.json().get("subject").is_some() {
            // Staff may have given it away.
            let reader = if who == ADA { ADA } else { Who::Admin };
            assert_eq!(state(&tag(&done)), state(&read(&api, reader, &path).await), "{label}");
        }
    }
}

#[tokio::test]
async fn a_change_makes_the_tag_stale() {
    for (who, edit) in [(GRACE, "/messages"), (ADA, "/messages")] {
        let (api, path) = ticket().await;
        let before = read(&api, who, &path).await;
        api.clock.advance(chrono::TimeDelta::seconds(1));
        api.put(GRACE, &format!("{path}/priority"), json!({ "priority": "low" })).await.expect(200);
        let condition = [("if-match", before.as_str())];
        let body = json!({ "message": "m" });
        let path = format!("{path}{edit}");
        api.call_with(who, Method::POST, &path, body.clone(), &condition).await.problem(412, "stale");
        api.call_with(who, Method::POST, &path, body, &[("if-match", "*")]).await.expect(201);
    }
}

#[tokio::test]
async fn a_clock_that_goes_on_makes_no_change_stale() {
    let (api, path) = ticket().await;
    let before = read(&api, GRACE, &path).await;
    api.clock.advance(chrono::TimeDelta::minutes(5));
    let after = read(&api, GRACE, &path).await;
    assert_ne!(before, after);
    let condition = [("if-match", before.as_str())];
    let body = json!({ "priority": "low" });
    api.call_with(GRACE, Method::PUT, &format!("{path}/priority"), body, &condition).await.expect(200);
}

/// Staff write a note and hand the ticket on: nothing that its customer may know of.
#[tokio::test]
async fn a_customers_tag_does_not_tell_what_staff_do_among_themselves() {
    let (api, path) = ticket().await;
    let (customer, staff) = (read(&api, ADA, &path).await, read(&api, GRACE, &path).await);
    api.clock.advance(chrono::TimeDelta::minutes(1));
    let note = json!({ "message": "A note", "isInternal": true });
    api.post(GRACE, &format!("{path}/messages"), note).await.expect(201);
    api.patch(GRACE, &path, json!({ "metadata": { "risk": 1 } })).await.expect(200);
    assert_eq!(read(&api, ADA, &path).await, customer);
    assert_ne!(state(&read(&api, GRACE, &path).await), state(&staff));
    // Nor can a customer ask which version it is.
    for version in 0..5 {
        let guess = format!("\"{version}.x\"");
        let (close, guess) = (format!("{path}/close"), [("if-match", guess.as_str())]);
        api.call_with(ADA, Method::POST, &close, Value::Null, &guess).await.problem(412, "stale");
    }
    let known = [("if-match", customer.as_str())];
    api.call_with(ADA, Method::POST, &format!("{path}/close"), Value::Null, &known).await.expect(200);
}

#[tokio::test]
async fn a_read_is_answered_in_short_where_the_client_has_it() {
    let (api, path) = ticket().await;
    for who in [ADA, GRACE] {
        let whole = api.get(who, &path).await;
        let known = tag(&whole);
        for condition in [known.clone(), format!("W/{known}"), format!("\"x\", {known}"), "*".to_owned()] {
            for method in [Method::GET, Method::HEAD] {
                let headers = [("if-none-match", condition.as_str())];
                let short = api.call_with(who, method, &path, Value::Null, &headers).await;
                assert_eq!(short.status, 304, "{condition}");
                assert!(short.bytes.is_empty());
                assert_eq!(tag(&short), known);
                assert_eq!(short.headers["cache-control"], "no-store");
            }
        }
        for condition in ["\"x\"", "\"1.x\"", "\"\""] {
            let headers = [("if-none-match", condition)];
            let reply = api.call_with(who, Method::GET, &path, Value::Null, &headers).await;
            assert_eq!(reply.bytes, whole.bytes);
        }
        let headers = [("if-none-match", "x")];
        let problem = api.call_with(who, Method::GET, &path, Value::Null, &headers).await.problem(400, "headers");
        assert_eq!(fields(&problem), ["If-None-Match"]);
    }
    // One person's tag is not another's.
    let (ada, grace) = (read(&api, ADA, &path).await, read(&api, GRACE, &path).await);
    assert_ne!(ada, grace);
}

#[tokio::test]
async fn a_condition_on_a_ticket_that_is_not_there_is_not_found() {
    let (api, path) = ticket().await;
    let body = json!({ "message": "m" });
    for condition in ["*", "\"1.x\""] {
        let here = format!("{path}0/messages");
        let condition = [("if-match", condition)];
        api.call_with(ADA, Method::POST, &here, body.clone(), &condition).await.problem(404, "not-found");
    }
}

/// A repeated request was lawful when it was done.
#[tokio::test]
async fn a_replay_does_not_mind_its_condition() {
    let (api, path) = ticket().await;
    let fresh = read(&api, GRACE, &path).await;
    let headers = [("if-match", fresh.as_str()), ("idempotency-key", "key")];
    let first = api.call_with(GRACE, Method::POST, &format!("{path}/claim"), Value::Null, &headers).await;
    let second = api.call_with(GRACE, Method::POST, &format!("{path}/claim"), Value::Null, &headers).await;
    assert_eq!(first.bytes, second.bytes);
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert_eq!(second.headers["etag"], first.headers["etag"]);
    second.expect(200);
}
