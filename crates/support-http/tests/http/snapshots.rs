//! Whole answers, so that nothing on the wire changes unseen.

use crate::harness::{ADA, Api, GRACE};
use insta::assert_json_snapshot;
use serde_json::json;
use support_core::domain::profile::Profile;

/// A ticket with everything on it.
async fn desk() -> (Api, String) {
    let api = Api::new(Profile::vehicle_retail());
    let body = json!({
        "topic": "delivery", "vehicleId": "V-1", "subject": "My car is late", "message": "Where is it?",
        "attachments": ["https://example.com/a", { "url": "https://example.com/b", "fileName": "b.png" }],
        "preferredContact": "phone", "tags": ["Late"], "metadata": { "campaign": "spring" }
    });
    let opened = api.post(ADA, "/tickets", body).await.expect(201);
    let path = format!("/tickets/{}", opened["id"].as_str().unwrap());
    api.clock.advance(chrono::TimeDelta::minutes(90));
    api.post(GRACE, &format!("{path}/claim"), serde_json::Value::Null).await.expect(200);
    let note = json!({ "message": "The carrier lost it", "isInternal": true });
    api.post(GRACE, &format!("{path}/messages"), note).await.expect(201);
    let answer = json!({ "message": "We are looking for it" });
    api.post(GRACE, &format!("{path}/reply"), answer).await.expect(200);
    (api, path)
}

#[tokio::test]
async fn a_created_ticket() {
    let api = Api::new(Profile::vehicle_retail());
    let body = json!({ "topic": "delivery", "subject": "My car is late", "message": "Where is it?" });
    assert_json_snapshot!(api.post(ADA, "/tickets", body).await.expect(201));
}

#[tokio::test]
async fn a_ticket_as_its_customer_sees_it() {
    let (api, path) = desk().await;
    assert_json_snapshot!(api.get(ADA, &path).await.expect(200));
}

#[tokio::test]
async fn a_ticket_as_staff_see_it() {
    let (api, path) = desk().await;
    assert_json_snapshot!(api.get(GRACE, &path).await.expect(200));
}

#[tokio::test]
async fn a_list_as_staff_see_it() {
    let (api, _) = desk().await;
    assert_json_snapshot!(api.get(GRACE, "/tickets").await.expect(200));
}

#[tokio::test]
async fn a_list_as_its_customer_sees_it() {
    let (api, _) = desk().await;
    assert_json_snapshot!(api.get(ADA, "/tickets").await.expect(200));
}

#[tokio::test]
async fn the_trail_of_a_ticket() {
    let (api, path) = desk().await;
    assert_json_snapshot!(api.get(GRACE, &format!("{path}/events")).await.expect(200));
}

#[tokio::test]
async fn the_clocks_of_a_ticket() {
    let (api, path) = desk().await;
    assert_json_snapshot!(api.get(GRACE, &format!("{path}/sla")).await.expect(200));
}

#[tokio::test]
async fn a_written_message() {
    let (api, path) = desk().await;
    let body = json!({ "message": "Thank you" });
    assert_json_snapshot!(api.post(ADA, &format!("{path}/messages"), body).await.expect(201));
}

#[tokio::test]
async fn a_bad_body() {
    let api = Api::new(Profile::vehicle_retail());
    let body = json!({ "subject": 5, "source": "fax", "status": "open", "attachments": [{}] });
    assert_json_snapshot!(api.post(ADA, "/tickets", body).await.expect(422));
}

#[tokio::test]
async fn a_bad_query() {
    let api = Api::new(Profile::vehicle_retail());
    assert_json_snapshot!(api.get(ADA, "/tickets?status=lost&page=0&colour=red").await.expect(400));
}

#[tokio::test]
async fn a_step_that_the_workflow_has_not() {
    let (api, path) = desk().await;
    let body = json!({ "status": "open" });
    assert_json_snapshot!(api.put(GRACE, &format!("{path}/status"), body).await.expect(409));
}

#[tokio::test]
async fn a_ticket_that_is_not_there() {
    let (api, _) = desk().await;
    assert_json_snapshot!(api.get(ADA, "/tickets/VR-2026-99999").await.expect(404));
}
