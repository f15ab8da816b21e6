//! Staff who want to hear of a ticket.

use crate::harness::{ADA, Api, GRACE, LINUS, Who, fields};
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

fn names(ticket: &Value) -> Vec<&str> {
    ticket["watchers"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn staff_watch_and_admins_say_who_else() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}", api.ticket().await);
    let (watch, unwatch) = (format!("{path}/watch"), format!("{path}/unwatch"));
    let watched = api.post(GRACE, &watch, Value::Null).await;
    assert!(watched.headers.contains_key("etag"));
    assert_eq!(names(&watched.expect(200)), ["Agent 1"]);
    assert_eq!(names(&api.post(GRACE, &watch, json!({ "agentId": GRACE.id() })).await.expect(200)), ["Agent 1"]);
    api.post(GRACE, &watch, json!({ "agentId": LINUS.id() })).await.problem(403, "forbidden");
    let both = api.post(Who::Admin, &watch, json!({ "user_id": LINUS.id() })).await.expect(200);
    assert_eq!(names(&both), ["Agent 1", "Agent 2"]);
    assert_eq!(names(&api.post(LINUS, &unwatch, json!({})).await.expect(200)), ["Agent 1"]);
    assert_eq!(names(&api.post(LINUS, &unwatch, Value::Null).await.expect(200)), ["Agent 1"]);
    // Watching gives no right.
    api.post(LINUS, &watch, Value::Null).await.expect(200);
    api.post(GRACE, &format!("{path}/claim"), Value::Null).await.expect(200);
    api.get(LINUS, &path).await.problem(404, "not-found");
    let customer = api.get(ADA, &path).await.expect(200);
    assert_eq!(customer.get("watchers"), None);
}

#[tokio::test]
async fn every_wrong_watcher_is_named_as_it_was_written() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}", api.ticket().await);
    for (body, wrong) in [
        (json!({ "agentId": "x" }), "agentId"),
        (json!({ "user_id": uuid::Uuid::from_u128(404) }), "user_id"),
        (json!({ "watchers": [LINUS.id()] }), "watchers"),
    ] {
        let problem = api.post(Who::Admin, &format!("{path}/watch"), body).await.problem(422, "invalid");
        assert_eq!(fields(&problem), [wrong]);
    }
}

#[tokio::test]
async fn a_ticket_has_as_many_watchers_as_the_profile_allows() {
    let mut profile = Profile::bookings();
    profile.limits.watchers = 1;
    let api = Api::new(profile);
    let watch = format!("/tickets/{}/watch", api.ticket().await);
    api.post(GRACE, &watch, Value::Null).await.expect(200);
    api.post(LINUS, &watch, Value::Null).await.problem(409, "state");
    api.post(GRACE, &watch, Value::Null).await.expect(200);
}
