//! Messages that are read one by one, corrected, withdrawn and marked as read.

use crate::harness::{ADA, Api, EVE, GRACE, LINUS, Who, fields};
use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

/// A ticket with a message of its customer, one of an agent, and a note.
struct Thread {
    api: Api,
    path: String,
    customers: String,
    agents: String,
    note: String,
}

async fn thread() -> Thread {
    let api = Api::new(Profile::after_sales());
    let path = format!("/tickets/{}", api.ticket().await);
    let messages = format!("{path}/messages");
    let mut written = Vec::new();
    for (who, text, note) in [(ADA, "Hello?", false), (GRACE, "Hello!", false), (GRACE, "Odd one", true)] {
        let mut body = json!({ "message": text, "attachments": ["https://example.org/a"] });
        if note {
            body["isInternal"] = json!(true);
        }
        let reply = api.post(who, &messages, body).await;
        let location = reply.headers["location"].to_str().unwrap().to_owned();
        let id = reply.expect(201)["id"].as_str().unwrap().to_owned();
        let here = format!("{messages}/{id}");
        assert_eq!(location, here);
        written.push(here);
    }
    let [customers, agents, note] = written.try_into().unwrap();
    Thread { api, path, customers, agents, note }
}

async fn delete(api: &Api, who: Who, path: &str) -> crate::harness::Reply {
    api.call(who, Method::DELETE, path, Value::Null).await
}

#[tokio::test]
async fn authors_correct_what_they_wrote() {
    let Thread { api, path, customers, note, .. } = thread().await;
    api.clock.advance(chrono::TimeDelta::minutes(1));
    let corrected = api.put(ADA, &customers, json!({ "content": "Hello??", "attachments": [] })).await.expect(200);
    assert_json_snapshot!(corrected);
    for who in [ADA, GRACE] {
        let read = api.get(who, &customers).await.expect(200);
        assert_eq!((&read["message"], &read["editedAt"]), (&json!("Hello??"), &corrected["editedAt"]));
    }
    // Links that are not spoken of stay.
    let corrected = api.patch(GRACE, &note, json!({ "body": "Odd" })).await.expect(200);
    assert_eq!(corrected["attachments"], json!(["https://example.org/a"]));
    assert_eq!(corrected["isInternal"], true);
    // Nobody writes in another's name.
    for who in [GRACE, LINUS, Who::Admin] {
        api.put(who, &customers, json!({ "message": "x" })).await.problem(403, "forbidden");
    }
    // The trail keeps what it said, for staff.
    let trail = api.get(GRACE, &format!("{path}/events")).await;
    assert!(String::from_utf8_lossy(&trail.bytes).contains("Hello?\""));
    api.clock.advance(chrono::TimeDelta::minutes(15));
    api.put(ADA, &customers, json!({ "message": "x" })).await.problem(409, "state");
}

#[tokio::test]
async fn what_was_withdrawn_leaves_its_place() {
    let Thread { api, path, customers, agents, .. } = thread().await;
    let left = delete(&api, ADA, &customers).await.expect(200);
    assert_json_snapshot!(left);
    delete(&api, ADA, &customers).await.problem(409, "state");
    api.put(ADA, &customers, json!({ "message": "x" })).await.problem(409, "state");
    // Only its author and admins, and never the text with which the ticket begins.
    delete(&api, ADA, &agents).await.problem(403, "forbidden");
    delete(&api, LINUS, &agents).await.problem(403, "forbidden");
    api.clock.advance(chrono::TimeDelta::days(1));
    delete(&api, GRACE, &agents).await.problem(409, "state");
    delete(&api, Who::Admin, &agents).await.expect(200);
    let seen = api.get(ADA, &path).await.expect(200);
    let texts: Vec<&Value> = seen["messages"].as_array().unwrap().iter().map(|one| &one["message"]).collect();
    assert_eq!(texts, ["Where is it?", "", ""]);
    let shown = String::from_utf8_lossy(&api.get(ADA, &format!("{path}/messages")).await.bytes).into_owned();
    assert!(!shown.contains("Hello") && !shown.contains("example.org"), "{shown}");
    assert_eq!(api.get(ADA, "/tickets").await.expect(200)["tickets"][0]["lastMessage"], "Where is it?");
}

#[tokio::test]
async fn the_first_message_is_corrected_and_not_withdrawn() {
    let Thread { api, path, .. } = thread().await;
    let first = api.get(ADA, &path).await.expect(200)["messages"][0]["id"].as_str().unwrap().to_owned();
    let first = format!("{path}/messages/{first}");
    delete(&api, ADA, &first).await.problem(409, "state");
    api.put(ADA, &first, json!({ "description": "Where is the red one?" })).await.expect(200);
    assert_eq!(api.get(ADA, &path).await.expect(200)["description"], "Where is the red one?");
    assert_eq!(api.get(ADA, "/tickets?q=red").await.expect(200)["pagination"]["total"], 1);
}

/// A customer who guesses the id of a note learns nothing, whatever they ask.
#[tokio::test]
async fn a_note_answers_a_customer_exactly_as_a_missing_message() {
    let Thread { api, path, note, .. } = thread().await;
    let missing = format!("{path}/messages/{}", uuid::Uuid::from_u128(404));
    for (method, end, body) in [
        (Method::GET, "", Value::Null),
        (Method::PUT, "", json!({ "message": "x" })),
        (Method::PATCH, "", json!({ "message": "x" })),
        (Method::PUT, "", json!({ "message": "" })),
        (Method::DELETE, "", Value::Null),
        (Method::POST, "/mark-read", Value::Null),
    ] {
        let hidden = api.call(ADA, method.clone(), &format!("{note}{end}"), body.clone()).await;
        let nowhere = api.call(ADA, method.clone(), &format!("{missing}{end}"), body.clone()).await;
        assert_eq!(hidden.visible(), nowhere.visible(), "{method} {end}");
        assert_eq!(hidden.status, 404, "{method} {end}");
        // On another ticket it is not there for anybody.
        let elsewhere = format!("/tickets/{}/messages/{}", api.ticket().await, note.rsplit('/').next().unwrap());
        let elsewhere = api.call(GRACE, method, &format!("{elsewhere}{end}"), body).await;
        assert_eq!(elsewhere.status, 404);
    }
    let list = async |after: &str| {
        let id = after.rsplit('/').next().unwrap();
        api.get(ADA, &format!("{path}/messages?after={id}")).await.visible()
    };
    assert_eq!(list(&note).await.2, list(&missing).await.2);
}

#[tokio::test]
async fn every_wrong_field_of_a_correction_is_named_as_it_was_written() {
    let Thread { api, customers, agents, .. } = thread().await;
    for (who, path, body, wrong) in [
        (ADA, &customers, json!({}), "message"),
        (ADA, &customers, json!({ "content": " " }), "content"),
        (ADA, &customers, json!({ "body": 1, "attachments": ["javascript:x", 2] }), "attachments.1 body"),
        (ADA, &customers, json!({ "body": "x", "attachments": ["javascript:x"] }), "attachments.0"),
        (
            ADA,
            &customers,
            json!({ "message": "x", "readAt": "x", "isRead": true, "editedAt": "x", "senderId": 1, "from": "agent" }),
            "editedAt from isRead readAt senderId",
        ),
        // Neither becomes the other.
        (GRACE, &agents, json!({ "message": "x", "is_internal": true }), "is_internal"),
        (GRACE, &agents, json!({ "message": "x", "type": "Internal Note" }), "type"),
    ] {
        let problem = api.put(who, path, body.clone()).await.problem(422, "invalid");
        let mut named = fields(&problem);
        named.sort_unstable();
        assert_eq!(named.join(" "), wrong, "{body}");
    }
}

#[tokio::test]
async fn each_side_marks_what_the_other_wrote_as_read() {
    let Thread { api, path, customers, agents, note } = thread().await;
    api.post(GRACE, &format!("{path}/messages"), json!({ "message": "Still there?" })).await.expect(201);
    let count = async |who| api.get(who, &format!("{path}/messages/unread-count")).await.expect(200);
    assert_eq!((count(ADA).await, count(GRACE).await), (json!({ "count": 2 }), json!({ "count": 2 })));
    api.clock.advance(chrono::TimeDelta::minutes(1));
    let mark = async |who, path: &str| api.post(who, &format!("{path}/mark-read"), Value::Null).await.expect(200);
    let left = json!({ "success": true, "count": 1 });
    assert_eq!(mark(ADA, &agents).await, left);
    // Again, and one's own, change nothing.
    for (who, path) in [(ADA, &agents), (ADA, &customers)] {
        assert_eq!(mark(who, path).await, left);
    }
    assert_eq!(mark(GRACE, &note).await["count"], 2);
    assert_eq!(api.get(GRACE, &note).await.expect(200)["isRead"], false);
    let read = api.get(GRACE, &agents).await.expect(200);
    assert_eq!((&read["isRead"], &read["readAt"]), (&json!(true), &json!("2026-01-05T09:01:00.000Z")));
    let all = format!("{path}/messages/mark-all-read");
    let done = json!({ "success": true, "count": 0 });
    assert_eq!(api.post(GRACE, &all, Value::Null).await.expect(200), done);
    assert_eq!(api.post(GRACE, &all, Value::Null).await.expect(200), done);
    assert_eq!((count(ADA).await, count(LINUS).await), (json!({ "count": 1 }), json!({ "count": 0 })));
    // It is no change of the ticket.
    let (before, after) = (api.get(GRACE, &path).await, api.post(ADA, &all, Value::Null).await);
    assert_eq!(after.json(), done);
    assert_eq!(before.json()["updatedAt"], api.get(GRACE, &path).await.json()["updatedAt"]);
    for who in [EVE, Who::Guest] {
        let status = if who == EVE { 404 } else { 401 };
        assert_eq!(api.post(who, &all, Value::Null).await.status, status);
        assert_eq!(api.get(who, &format!("{path}/messages/unread-count")).await.status, status);
    }
}
