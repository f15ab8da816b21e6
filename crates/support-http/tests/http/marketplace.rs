//! Document S3, with its own fields.

use crate::harness::{ADA, Api, GRACE, Who};
use serde_json::json;
use support_core::domain::profile::Profile;

#[tokio::test]
async fn a_customer_writes_from_a_chat() {
    let api = Api::new(Profile::marketplace());
    let body = json!({
        "subject": "Charged twice",
        "description": "See my account",
        "category": "payment",
        "source": "chat",
        "chatSessionId": "chat-17"
    });
    let opened = api.post(ADA, "/tickets", body).await.expect(201);
    assert_eq!(opened["source"], "chat");
    assert_eq!(opened["related"], json!([{ "kind": "chat_session", "id": "chat-17", "label": null }]));
    assert_eq!(opened["priority"], "high");

    let public_id = opened["ticketNumber"].as_str().unwrap();
    let message = json!({ "message": "Hello?" });
    let sent = api.post(ADA, &format!("/tickets/{public_id}/messages"), message).await;
    assert_eq!(sent.expect(201)["from"], "customer");
    let ticket = api.get(ADA, &format!("/tickets/{public_id}")).await.expect(200);
    assert_eq!(ticket["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn agents_work_the_queue() {
    let api = Api::new(Profile::marketplace());
    let id = api.ticket().await;
    let queue =
        api.get(GRACE, "/agent/tickets?status=open&priority=normal&category=other&sla=on_track").await.expect(200);
    assert_eq!(queue["tickets"][0]["sla"], json!({ "state": "on_track" }));
    assert_eq!(queue["tickets"][0]["slaDeadline"], "2026-01-05T13:00:00.000Z");

    let path = format!("/agent/tickets/{id}");
    let body = json!({ "status": "in_progress", "priority": "urgent", "assignedTo": GRACE.id() });
    let changed = api.patch(GRACE, &path, body).await.expect(200);
    assert_eq!(changed["status"], "in_progress");
    assert_eq!(changed["priority"], "urgent");
    assert_eq!(changed["assignedTo"]["id"], GRACE.id().to_string());

    let note = json!({ "message": "Looks like a double booking", "is_internal": true });
    let noted = api.post(GRACE, &format!("{path}/messages"), note).await;
    assert_eq!(noted.expect(201)["isInternal"], true);
    let body = json!({ "team": "provider operations", "reason": "Refund needed" });
    let raised = api.post(Who::Admin, &format!("{path}/escalate"), body).await.expect(200);
    assert_eq!(raised["team"], "provider operations");
    assert_eq!(raised["escalationLevel"], 1);
}

#[tokio::test]
async fn the_queue_is_closed_to_customers() {
    let api = Api::new(Profile::marketplace());
    let id = api.ticket().await;
    api.get(ADA, "/agent/tickets").await.problem(403, "forbidden");
    let message = json!({ "message": "Let me in" });
    api.post(ADA, &format!("/agent/tickets/{id}/messages"), message).await.problem(403, "forbidden");
}
