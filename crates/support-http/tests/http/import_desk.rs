//! Document S2, with its own fields.

use crate::harness::{ADA, Api, GRACE, Who};
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

#[tokio::test]
async fn staff_open_a_ticket_for_a_customer() {
    let api = Api::new(Profile::import_desk());
    let body = json!({
        "customerId": ADA.id(),
        "customerName": "Ada",
        "vehicleId": "V-1",
        "subject": "Stuck at customs",
        "description": "The papers are missing",
        "category": "Customs",
        "priority": "Critical"
    });
    let opened = api.post(GRACE, "/tickets", body).await.expect(201);
    // What is critical rises as soon as it is opened.
    assert_eq!(opened["status"], "In Progress");
    assert_eq!(opened["category"], "Customs");
    assert_eq!(opened["priority"], "Critical");
    assert_eq!(opened["customerId"], ADA.id().to_string());
    assert_eq!(opened["vehicleId"], "V-1");
    assert_eq!(opened["createdBy"], GRACE.id().to_string());
    assert_eq!(opened["slaDeadline"], "2026-01-05T11:00:00.000Z");
    assert_eq!(opened["escalationLevel"], 1);
    assert_eq!(opened["estimatedResponse"], "2 hours");
    let seen = api.get(ADA, "/tickets").await.expect(200);
    assert_eq!(seen["tickets"][0]["ticketId"], opened["ticketId"]);
}

#[tokio::test]
async fn updates_and_assigns() {
    let api = Api::new(Profile::import_desk());
    let id = api.ticket().await;
    let body = json!({ "subject": "Shipping papers", "status": "In Progress", "priority": "High" });
    let updated = api.put(GRACE, &format!("/tickets/{id}"), body).await.expect(200);
    assert_eq!(updated["subject"], "Shipping papers");
    assert_eq!(updated["status"], "In Progress");
    assert_eq!(updated["priority"], "High");
    let body = json!({ "agentId": GRACE.id() });
    let assigned = api.post(Who::Admin, &format!("/tickets/{id}/assign"), body).await.expect(200);
    assert_eq!(assigned["assignedTo"]["id"], GRACE.id().to_string());
}

#[tokio::test]
async fn keeps_a_communication_log() {
    let api = Api::new(Profile::import_desk());
    let id = api.ticket().await;
    let path = format!("/tickets/{id}/communicate");
    for (kind, from, internal) in
        [("Internal Note", "staff", true), ("Customer Response", "staff", false), ("System Update", "system", false)]
    {
        let body = json!({ "type": kind, "content": format!("This is a {kind}") });
        let entry = api.post(GRACE, &path, body).await.expect(201);
        assert_eq!(entry["type"], kind);
        assert_eq!(entry["content"], format!("This is a {kind}"));
        assert_eq!(entry["ticketId"], id);
        assert_eq!(entry["createdBy"], GRACE.id().to_string());
        assert_eq!(entry["from"], from);
        assert_eq!(entry["isInternal"], internal);
        assert!(entry["communicationId"].is_string() && entry["createdAt"].is_string());
    }
    let body = json!({ "type": "Customer Response", "content": "Thank you" });
    api.post(ADA, &path, body).await.expect(201);
    let thread = api.get(ADA, &format!("/tickets/{id}/messages")).await.expect(200);
    assert_eq!(thread["messages"].as_array().unwrap().len(), 4);
    assert_eq!(thread["hasMore"], false);
}

#[tokio::test]
async fn a_note_is_never_published_by_a_slip() {
    let api = Api::new(Profile::import_desk());
    let path = format!("/tickets/{}/communicate", api.ticket().await);
    let without_kind = json!({ "content": "secret" });
    let problem = api.post(GRACE, &path, without_kind).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["field"], "type");
    let contradiction = json!({ "type": "Customer Response", "content": "secret", "is_internal": true });
    api.post(GRACE, &path, contradiction).await.problem(422, "invalid");
    let by_customer = json!({ "type": "Internal Note", "content": "hm" });
    api.post(ADA, &path, by_customer).await.problem(403, "forbidden");
    let note = json!({ "message": "secret", "is_internal": true });
    let reply = path.replace("communicate", "reply");
    assert_eq!(api.post(GRACE, &reply, note).await.expect(200)["isInternal"], true);
    let seen = api.get(ADA, &path.replace("communicate", "messages")).await;
    assert!(!String::from_utf8_lossy(&seen.bytes).contains("secret"));
    assert_eq!(seen.json()["messages"].as_array().map(Vec::len), Some(1));
    assert_eq!(seen.json()["messages"][0].get("isInternal"), None::<&Value>);
}
