//! Document S0, with its own bodies.

use crate::harness::{ADA, Api, GRACE};
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

fn api() -> Api {
    Api::new(Profile::vehicle_retail())
}

fn printed_body() -> Value {
    json!({
        "topic": "delivery",
        "vehicleId": "V-1",
        "purchaseId": "0c0c0c0c-0000-4000-8000-000000000001",
        "subject": "My car is late",
        "message": "It should have come on Monday",
        "attachments": ["https://example.com/contract.pdf"],
        "preferredContact": "either"
    })
}

#[tokio::test]
async fn creates_a_ticket() {
    let reply = api().post(ADA, "/tickets", printed_body()).await;
    let location = reply.headers["location"].to_str().unwrap().to_owned();
    let opened = reply.expect(201);
    assert_eq!(location, format!("/api/v1/support/tickets/{}", opened["ticketId"].as_str().unwrap()));
    assert_eq!(opened["ticketNumber"], "VR-2026-00001");
    assert_eq!(opened["status"], "open");
    assert_eq!(opened["createdAt"], "2026-01-05T09:00:00.000Z");
    assert_eq!(opened["estimatedResponse"], "24 hours");
}

#[tokio::test]
async fn lists_the_customers_tickets() {
    let api = api();
    api.post(ADA, "/tickets", printed_body()).await.expect(201);
    for status in ["open", "all"] {
        let list = api.get(ADA, &format!("/tickets?status={status}&page=1&limit=10")).await.expect(200);
        let row = &list["tickets"][0];
        for field in ["ticketId", "ticketNumber", "subject", "status", "createdAt", "updatedAt", "lastMessage"] {
            assert!(row[field].is_string(), "{field}");
        }
        assert_eq!(row["lastMessage"], "It should have come on Monday");
        assert_eq!(list["pagination"]["total"], 1);
    }
    let none = api.get(ADA, "/tickets?status=resolved").await.expect(200);
    assert_eq!(none["tickets"], json!([]));
}

#[tokio::test]
async fn shows_a_ticket() {
    let api = api();
    let opened = api.post(ADA, "/tickets", printed_body()).await.expect(201);
    let path = format!("/tickets/{}", opened["ticketId"].as_str().unwrap());
    api.post(GRACE, &format!("{path}/claim"), Value::Null).await.expect(200);
    let ticket = api.get(ADA, &path).await.expect(200);
    assert_eq!(ticket["topic"], "delivery");
    assert_eq!(ticket["status"], "in_progress");
    assert_eq!(ticket["priority"], "normal");
    assert_eq!(ticket["vehicle"], json!({ "id": "V-1", "label": "A red one" }));
    assert_eq!(ticket["assignedTo"], json!({ "id": GRACE.id(), "name": "Agent 1" }));
    let message = &ticket["messages"][0];
    assert_eq!(message["from"], "customer");
    assert_eq!(message["senderName"], "Customer 1");
    assert_eq!(message["message"], "It should have come on Monday");
    assert_eq!(message["attachments"], json!(["https://example.com/contract.pdf"]));
    assert_eq!(message["sentAt"], "2026-01-05T09:00:00.000Z");

    let number = ticket["ticketNumber"].as_str().unwrap();
    assert_eq!(api.get(ADA, &format!("/tickets/{number}")).await.expect(200), ticket);
}

#[tokio::test]
async fn replies() {
    let api = api();
    let id = api.ticket().await;
    let body = json!({ "message": "Any news?", "attachments": [] });
    let reply = api.post(ADA, &format!("/tickets/{id}/reply"), body).await.expect(200);
    assert!(reply["messageId"].is_string());
    assert_eq!(reply["sentAt"], "2026-01-05T09:00:00.000Z");
    let answer = api.post(GRACE, &format!("/tickets/{id}/reply"), json!({ "message": "Tomorrow" })).await;
    assert_eq!(answer.expect(200)["from"], "advisor");
}

#[tokio::test]
async fn the_customer_closes() {
    let api = api();
    let id = api.ticket().await;
    let body = json!({ "satisfied": true, "feedback": "Quick" });
    let closed = api.post(ADA, &format!("/tickets/{id}/close"), body).await.expect(200);
    assert_eq!(closed["status"], "closed");
    assert_eq!(closed["satisfaction"]["satisfied"], true);
    assert_eq!(closed["satisfaction"]["feedback"], "Quick");
}

#[tokio::test]
async fn a_link_to_somebody_elses_thing_points_to_its_own_field() {
    let body = json!({ "subject": "s", "message": "m", "vehicle_id": "V-2", "purchaseId": "P-1" });
    let problem = api().post(ADA, "/tickets", body).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["field"], "vehicle_id");
    assert_eq!(problem["errors"][0]["pointer"], "/vehicle_id");
}
