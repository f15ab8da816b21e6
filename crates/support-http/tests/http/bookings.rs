//! Document S1, with its own bodies.

use crate::harness::{ADA, Api, GRACE, LINUS, Who};
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

fn api() -> Api {
    Api::new(Profile::bookings())
}

fn printed_body() -> Value {
    json!({
        "subject": "Cannot complete payment",
        "description": "Getting error when trying to pay for booking #BKG-12345",
        "category": "payment",
        "priority": "high",
        "relatedBooking": "booking_id",
        "attachments": [{ "url": "https://example.com/s.png", "fileName": "screenshot.png" }],
        "tags": ["payment", "booking"]
    })
}

#[tokio::test]
async fn creates_a_ticket() {
    let opened = api().post(ADA, "/tickets", printed_body()).await.expect(201);
    assert_eq!(opened["ticketNumber"], "TKT-1767603600-000001");
    assert_eq!(opened["category"], "payment");
    assert_eq!(opened["priority"], "high");
    assert_eq!(opened["relatedBooking"], "booking_id");
    assert_eq!(opened["tags"], json!(["booking", "payment"]));
    assert_eq!(opened["estimatedResponse"], "30 minutes");
    assert_eq!(
        opened["messages"][0]["attachments"],
        json!([{ "url": "https://example.com/s.png", "fileName": "screenshot.png" }])
    );
}

#[tokio::test]
async fn the_customers_way() {
    let api = api();
    let id = api.ticket().await;
    let list = api.get(ADA, "/tickets?status=open&page=1&limit=20").await.expect(200);
    assert_eq!(list["tickets"][0]["ticketId"], id);

    let body = json!({ "message": "I tried again but still getting the same error", "attachments": [] });
    let message = api.post(ADA, &format!("/tickets/{id}/messages"), body).await;
    assert_eq!(message.expect(201)["message"], "I tried again but still getting the same error");

    let resolve = json!({ "resolution": "Restarted" });
    api.post(GRACE, &format!("/tickets/{id}/resolve"), resolve).await.expect(200);
    let rating = json!({ "rating": 5, "feedback": "Excellent support, resolved quickly!" });
    let rated = api.post(ADA, &format!("/tickets/{id}/rate"), rating.clone()).await;
    assert_eq!(rated.expect(200)["satisfaction"]["rating"], 5);
    api.post(ADA, &format!("/tickets/{id}/rate"), rating).await.problem(409, "state");

    let body = json!({ "reason": "Issue still not resolved" });
    let reopened = api.put(ADA, &format!("/tickets/{id}/reopen"), body).await.expect(200);
    assert_eq!(reopened["status"], "reopened");
    assert_eq!(reopened["resolvedAt"], Value::Null);
}

#[tokio::test]
async fn the_agents_way() {
    let api = api();
    let id = api.ticket().await;
    let path = format!("/tickets/{id}");

    let assigned = api.put(GRACE, &format!("{path}/assign"), json!({ "agentId": GRACE.id() })).await.expect(200);
    assert_eq!(assigned["status"], "assigned");
    let body = json!({ "status": "in_progress", "notes": "Started working on the issue" });
    let moved = api.put(GRACE, &format!("{path}/status"), body).await.expect(200);
    assert_eq!(moved["status"], "in_progress");
    let mine = api.get(GRACE, "/tickets?assignedTo=me&status=in_progress").await.expect(200);
    assert_eq!(mine["pagination"]["total"], 1);

    let urgent = api.put(GRACE, &format!("{path}/priority"), json!({ "priority": "urgent" })).await.expect(200);
    assert_eq!(urgent["slaDeadline"], "2026-01-05T09:15:00.000Z");

    let note = json!({ "message": "Customer called, confirmed payment went through", "isInternal": true });
    let noted = api.post(GRACE, &format!("{path}/messages"), note).await.expect(201);
    assert_eq!(noted["isInternal"], true);
    assert_eq!(noted["from"], "support");

    let body = json!({
        "summary": "Payment gateway was experiencing downtime. Issue resolved after gateway came back online.",
        "resolutionType": "solved",
        "resolutionNotes": "Customer was able to complete payment successfully"
    });
    let closed = api.put(GRACE, &format!("{path}/close"), body).await.expect(200);
    assert_eq!(closed["status"], "closed");
    assert_eq!(closed["resolution"]["type"], "solved");
    assert_eq!(closed["resolution"]["notes"], "Customer was able to complete payment successfully");
    let seen = api.get(ADA, &path).await.expect(200);
    assert_eq!(seen["resolution"].get("notes"), None);
}

#[tokio::test]
async fn escalates_to_a_colleague() {
    let api = api();
    let id = api.ticket().await;
    let body = json!({ "escalatedTo": LINUS.id(), "reason": "Requires technical team investigation" });
    let raised = api.put(Who::Admin, &format!("/tickets/{id}/escalate"), body).await.expect(200);
    assert_eq!(raised["status"], "escalated");
    assert_eq!(raised["escalationLevel"], 1);
    assert_eq!(raised["assignedTo"]["id"], LINUS.id().to_string());

    let trail = api.get(LINUS, &format!("/tickets/{id}/events")).await.expect(200);
    let escalated = trail["events"].as_array().unwrap().iter().find(|event| event["type"] == "escalated").unwrap();
    assert_eq!(escalated["data"]["reason"], "Requires technical team investigation");
    assert_eq!(escalated["actor"]["role"], "admin");
}

#[tokio::test]
async fn an_agent_assigns_to_nobody_but_themselves() {
    let api = api();
    let id = api.ticket().await;
    let path = format!("/tickets/{id}/assign");
    let other = json!({ "agentId": LINUS.id() });
    api.put(GRACE, &path, other.clone()).await.problem(403, "forbidden");
    api.put(Who::Admin, &path, other).await.expect(200);
    let nobody = api.put(Who::Admin, &path, json!({ "agentId": null })).await.expect(200);
    assert_eq!(nobody["assignedTo"], Value::Null);
    let stranger = json!({ "agent_id": uuid::Uuid::from_u128(404) });
    let problem = api.put(Who::Admin, &path, stranger).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/agent_id");
}

#[tokio::test]
async fn an_agent_takes_and_gives_back() {
    let api = api();
    let id = api.ticket().await;
    let taken = api.post(GRACE, &format!("/tickets/{id}/claim"), Value::Null).await.expect(200);
    assert_eq!(taken["assignedTo"]["name"], "Agent 1");
    let back = api.post(GRACE, &format!("/tickets/{id}/unassign"), Value::Null).await.expect(200);
    assert_eq!(back["assignedTo"], Value::Null);
}
