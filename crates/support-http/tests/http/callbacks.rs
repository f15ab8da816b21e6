//! Phone calls: asked for, moved, cancelled, made.

use crate::harness::{ADA, Api, EVE, GRACE, Who, fields};
use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

pub(crate) const ROUTES: [(&str, &str); 9] = [
    ("POST", "/callbacks"),
    ("GET", "/callbacks"),
    ("GET", "/callbacks/slots"),
    ("GET", "/callbacks/{callback}"),
    ("PATCH", "/callbacks/{callback}"),
    ("DELETE", "/callbacks/{callback}"),
    ("POST", "/callbacks/{callback}/complete"),
    ("POST", "/callbacks/{callback}/miss"),
    ("POST", "/callbacks/{callback}/call"),
];

pub(crate) fn wanted() -> Value {
    json!({
        "phone": "+44 20 7946 0018", "preferredTime": "morning", "preferredDate": "2026-01-06T00:00:00.000Z",
        "topic": "My car", "notes": "After ten, please", "timeZone": "Europe/Berlin",
    })
}

async fn asked(api: &Api) -> String {
    let callback = api.post(ADA, "/callbacks", wanted()).await.expect(201);
    format!("/callbacks/{}", callback["callbackId"].as_str().unwrap())
}

#[tokio::test]
async fn a_call_from_its_wish_to_its_end() {
    let api = Api::new(Profile::vehicle_retail());
    let slots = api.get(ADA, "/callbacks/slots?date=2026-01-06&preferredTime=evening").await.expect(200);
    assert_eq!(
        slots["slots"][0],
        json!({ "start": "2026-01-06T17:00:00.000Z", "end": "2026-01-06T17:30:00.000Z", "free": 2 })
    );
    let reply = api.post(ADA, "/callbacks", wanted()).await;
    assert!(reply.headers["location"].to_str().unwrap().starts_with("/api/v1/support/callbacks/"));
    let callback = reply.expect(201);
    assert_json_snapshot!("an_arranged_call", callback);
    let path = format!("/callbacks/{}", callback["callbackId"].as_str().unwrap());
    assert_json_snapshot!("calls_as_their_customer_sees_them", api.get(ADA, "/callbacks").await.expect(200));
    assert_eq!(api.get(GRACE, "/callbacks?status=scheduled").await.expect(200)["pagination"]["total"], 1);
    let later = json!({ "date": "2026-01-07", "part": "evening" });
    let moved = api.patch(ADA, &path, later).await.expect(200);
    assert_eq!(moved["scheduledFor"], "2026-01-07T17:00:00.000Z");
    api.post(GRACE, &format!("{path}/call"), Value::Null).await.problem(409, "state");
    api.post(GRACE, &format!("{path}/miss"), Value::Null).await.problem(422, "invalid");
    let made = api.post(GRACE, &format!("{path}/complete"), json!({ "notes": "All is well" })).await.expect(200);
    assert_json_snapshot!("a_call_that_was_made", made);
    let own = api.get(ADA, &path).await.expect(200);
    assert!(own.get("outcome").is_none() && own["status"] == "completed", "{own}");
    api.call(ADA, Method::DELETE, &path, Value::Null).await.problem(409, "state");
}

#[tokio::test]
async fn a_call_is_its_customers_and_the_staffs() {
    let api = Api::new(Profile::vehicle_retail());
    let path = asked(&api).await;
    let missing = format!("/callbacks/{}", uuid::Uuid::nil());
    for (method, tail, body) in [
        (Method::GET, "", Value::Null),
        (Method::PATCH, "", json!({ "preferredDate": "2026-01-07" })),
        (Method::DELETE, "", Value::Null),
    ] {
        api.call(Who::Guest, method.clone(), &format!("{path}{tail}"), body.clone())
            .await
            .problem(401, "unauthenticated");
        let foreign = api.call(EVE, method.clone(), &format!("{path}{tail}"), body.clone()).await;
        let none = api.call(EVE, method, &format!("{missing}{tail}"), body).await;
        assert_eq!(foreign.visible(), none.visible());
        foreign.problem(404, "not-found");
    }
    for step in ["complete", "miss", "call"] {
        let step = format!("{path}/{step}");
        assert_eq!(api.post(Who::Guest, &step, Value::Null).await.status, 401, "{step}");
        assert_eq!(api.post(ADA, &step, Value::Null).await.status, 403, "{step}");
        assert_eq!(api.post(EVE, &step, Value::Null).await.status, 403, "{step}");
    }
    assert_eq!(api.get(EVE, "/callbacks").await.expect(200)["callbacks"], json!([]));
    assert_eq!(api.get(Who::Guest, "/callbacks/slots?date=2026-01-06").await.status, 401);
    assert_eq!(api.post(Who::Guest, "/callbacks", wanted()).await.status, 401);
    let gone = api.call(ADA, Method::DELETE, &path, Value::Null).await;
    assert_eq!((gone.status.as_u16(), gone.bytes.len()), (204, 0));
    // Staff say for whom.
    let problem = api.post(GRACE, "/callbacks", wanted()).await.problem(422, "invalid");
    assert_eq!(fields(&problem), ["customerId"]);
    let mut body = wanted();
    body["customer_id"] = json!(EVE.id());
    api.post(GRACE, "/callbacks", body).await.expect(201);
    assert_eq!(api.get(EVE, "/callbacks").await.expect(200)["pagination"]["total"], 1);
}

#[tokio::test]
async fn every_wrong_field_of_a_call_is_named_as_it_was_written() {
    let api = Api::new(Profile::vehicle_retail());
    for (body, wrong) in [
        (json!({}), "phone preferredDate topic"),
        (
            json!({ "phone_number": 1, "date": "soon", "preferred_time": "night", "subject": 2, "ticket_id": "x" }),
            "phone_number date preferred_time subject ticket_id",
        ),
        (json!({ "phone_number": "1", "date": "2026-01-06", "subject": " " }), "subject phone_number"),
        (json!({ "phone": "+442079460018", "preferredDate": "2020-01-06", "topic": "x" }), "preferredDate"),
        (json!({ "phone": "+442079460018", "date": "2026-01-06", "time_zone": "Moon", "topic": "x" }), "time_zone"),
    ] {
        let problem = api.post(ADA, "/callbacks", body.clone()).await.problem(422, "invalid");
        assert_eq!(fields(&problem).join(" "), wrong, "{body}");
    }
    for (who, path, wrong) in [
        (ADA, "/callbacks/slots", "preferredDate"),
        (ADA, "/callbacks/slots?date=x&part=y&z=1", "date part z"),
        (ADA, "/callbacks?status=missed", "status"),
        (GRACE, "/callbacks?status=lost", "status"),
    ] {
        let problem = api.get(who, path).await.problem(400, "parameters");
        assert_eq!(fields(&problem).join(" "), wrong, "{path}");
    }
}

#[tokio::test]
async fn a_call_is_arranged_once_for_each_key() {
    let api = Api::new(Profile::vehicle_retail());
    let key = [("idempotency-key", "key")];
    let first = api.call_with(ADA, Method::POST, "/callbacks", wanted(), &key).await;
    let again = api.call_with(ADA, Method::POST, "/callbacks", wanted(), &key).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(first.expect(201)["confirmationSent"], Value::Null);
}
