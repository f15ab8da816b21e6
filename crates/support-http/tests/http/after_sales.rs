//! Document S4, with its own fields.

use crate::harness::{ADA, Api, GRACE};
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

#[tokio::test]
async fn walks_the_whole_way() {
    let api = Api::new(Profile::after_sales());
    let body = json!({ "subject": "Order not received", "description": "It is a week late", "priority": "high" });
    let opened = api.post(ADA, "/tickets", body).await.expect(201);
    assert_eq!(opened["ticketNumber"], "TICKET-20260105-001");
    assert_eq!(opened["category"], Value::Null);
    assert_eq!(opened.get("estimatedResponse"), None);
    let path = format!("/tickets/{}", opened["id"].as_str().unwrap());

    let assigned = api.post(GRACE, &format!("{path}/assign"), json!({ "agent_id": GRACE.id() })).await.expect(200);
    assert_eq!(assigned["status"], "assigned");
    let body = json!({ "content": "We look into it", "is_internal": false });
    let message = api.post(GRACE, &format!("{path}/messages"), body).await.expect(201);
    assert_eq!(message["content"], "We look into it");
    assert_eq!(message["isInternal"], false);

    let updated = api
        .put(GRACE, &path, json!({ "category": "delivery", "tags": ["Parcel"], "metadata": { "carrier": "DHL" } }))
        .await
        .expect(200);
    assert_eq!(updated["category"], "delivery");
    assert_eq!(updated["tags"], json!(["parcel"]));
    assert_eq!(updated["metadata"], json!({ "carrier": "DHL" }));

    let resolved = api
        .post(GRACE, &format!("{path}/resolve"), json!({ "resolution": "A new parcel is on its way" }))
        .await
        .expect(200);
    assert_eq!(resolved["status"], "resolved");
    assert_eq!(resolved["resolution"]["summary"], "A new parcel is on its way");
    let closed = api.post(GRACE, &format!("{path}/close"), Value::Null).await.expect(200);
    assert_eq!(closed["status"], "closed");
    assert_eq!(closed["closedAt"], "2026-01-05T09:00:00.000Z");

    // "Ticket closed (final state)".
    api.put(ADA, &format!("{path}/reopen"), Value::Null).await.problem(409, "state");
}

#[tokio::test]
async fn reads_a_thread_in_stretches() {
    let api = Api::new(Profile::after_sales());
    let path = format!("/tickets/{}/messages", api.ticket().await);
    for number in 1..=4 {
        let body = json!({ "content": format!("Line {number}") });
        api.post(ADA, &path, body).await.expect(201);
    }
    let first = api.get(ADA, &format!("{path}?limit=3")).await.expect(200);
    assert_eq!(first["hasMore"], true);
    let last = first["messages"][2]["id"].as_str().unwrap();
    let rest = api.get(ADA, &format!("{path}?after={last}&limit=3")).await.expect(200);
    assert_eq!(rest["hasMore"], false);
    assert_eq!(rest["messages"][0]["content"], "Line 3");
    assert_eq!(rest["messages"][1]["content"], "Line 4");
}
