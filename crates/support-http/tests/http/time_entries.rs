//! Time that staff spend on tickets.

use crate::harness::{ADA, Api, GRACE, LINUS, Who, fields};
use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

async fn desk() -> (Api, String) {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}/time", api.ticket().await);
    (api, path)
}

#[tokio::test]
async fn time_is_written_down_added_up_and_taken_back() {
    let (api, path) = desk().await;
    for (body, minutes) in [
        (json!({ "minutes": 30, "billable": true, "note": "Called", "spentAt": "2026-01-05T08:30:00+01:00" }), 30),
        (json!({ "duration": 5, "is_billable": false, "description": "Looked", "date": "2026-01-04" }), 5),
        (json!({ "duration_minutes": 1_440 }), 1_440),
        (json!({ "timeSpent": 1, "billable": true }), 1),
    ] {
        let entry = api.post(GRACE, &path, body).await.expect(201);
        assert_eq!(entry["minutes"], minutes);
    }
    let sheet = api.get(GRACE, &path).await.expect(200);
    assert_json_snapshot!(sheet);
    let first = sheet["entries"][0].clone();
    let here = format!("{path}/{}", first["id"].as_str().unwrap());
    // Another agent's time is not theirs to take back.
    api.call(LINUS, Method::DELETE, &here, Value::Null).await.problem(403, "forbidden");
    assert_eq!(api.call(GRACE, Method::DELETE, &here, Value::Null).await.expect(200), first);
    api.call(GRACE, Method::DELETE, &here, Value::Null).await.problem(404, "not-found");
    let sheet = api.get(GRACE, &path).await.expect(200);
    assert_eq!((&sheet["totalMinutes"], &sheet["billableMinutes"]), (&json!(1_446), &json!(1)));
    // After a while only an admin takes it back.
    api.clock.advance(chrono::TimeDelta::days(1));
    let here = format!("{path}/{}", sheet["entries"][0]["id"].as_str().unwrap());
    api.call(GRACE, Method::DELETE, &here, Value::Null).await.problem(409, "state");
    api.call(Who::Admin, Method::DELETE, &here, Value::Null).await.expect(200);
}

#[tokio::test]
async fn time_is_no_business_of_customers() {
    let (api, path) = desk().await;
    let entry = api.post(GRACE, &path, json!({ "minutes": 5 })).await.expect(201);
    let one = format!("{path}/{}", entry["id"].as_str().unwrap());
    for (method, path, body) in [
        (Method::GET, &path, Value::Null),
        (Method::POST, &path, json!({ "minutes": 5 })),
        (Method::DELETE, &one, Value::Null),
    ] {
        api.call(ADA, method, path, body).await.problem(403, "forbidden");
    }
    let other = format!("/tickets/{}/time/{}", api.ticket().await, entry["id"].as_str().unwrap());
    api.call(GRACE, Method::DELETE, &other, Value::Null).await.problem(404, "not-found");
}

#[tokio::test]
async fn every_wrong_field_of_time_is_named_as_it_was_written() {
    let (api, path) = desk().await;
    for (body, wrong) in [
        (json!({}), "minutes"),
        (json!({ "minutes": 0 }), "minutes"),
        (json!({ "duration": 1_441 }), "duration"),
        (json!({ "time_spent": -5, "notes": "x".repeat(501) }), "notes time_spent"),
        (json!({ "minutes": 1.5, "billable": "yes", "note": 1, "date": "soon" }), "billable date minutes note"),
        (json!({ "minutes": 1, "duration": 1 }), "minutes"),
        (json!({ "minutes": 1, "spentAt": "2026-01-06T00:00:00Z" }), "spentAt"),
        (
            json!({ "minutes": 1, "agentId": LINUS.id(), "agent": {}, "id": 1, "createdAt": "x", "ticketId": "x" }),
            "agent agentId createdAt id ticketId",
        ),
    ] {
        let problem = api.post(GRACE, &path, body.clone()).await.problem(422, "invalid");
        let mut named = fields(&problem);
        named.sort_unstable();
        assert_eq!(named.join(" "), wrong, "{body}");
    }
    let problem = api.get(GRACE, &format!("{path}?billable=true")).await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["billable"]);
}
