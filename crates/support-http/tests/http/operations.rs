//! Merging, splitting and linking: what is told of it, to whom, and how it is taken back.

use crate::harness::{ADA, Api, EVE, GRACE, LINUS, Reply, Who, fields};
use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

async fn two() -> (Api, String, String) {
    let api = Api::new(Profile::bookings());
    let (one, two) = (api.ticket().await, api.ticket().await);
    (api, one, two)
}

fn path(id: &str) -> String {
    format!("/tickets/{id}")
}

async fn undo(api: &Api, done: &Value) -> Reply {
    let operation = done["operation"]["id"].as_str().unwrap();
    api.post(GRACE, &format!("/operations/{operation}/undo"), Value::Null).await
}

async fn texts(api: &Api, who: Who, id: &str) -> Vec<String> {
    let thread = api.get(who, &format!("/tickets/{id}/messages")).await.expect(200);
    let text = |message: &Value| message["message"].as_str().unwrap().to_owned();
    thread["messages"].as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn a_ticket_goes_up_in_another_and_comes_back() {
    let (api, one, two) = two().await;
    api.post(ADA, &format!("{}/messages", path(&one)), json!({ "message": "Hello?" })).await.expect(201);
    let done = api.post(GRACE, &format!("{}/merge", path(&one)), json!({ "into": two })).await.expect(200);
    assert_json_snapshot!(done["operation"]);
    assert_eq!((&done["ticket"]["id"], &done["otherTicket"]["id"]), (&json!(one), &json!(two)));
    // Reading it leads on, and nothing can be changed about it.
    for who in [ADA, GRACE] {
        let read = api.get(who, &path(&one)).await.expect(200);
        assert_eq!((&read["mergedInto"], &read["phase"]), (&json!(two), &json!("closed")));
        assert_eq!(read["messages"], json!([]));
    }
    assert_eq!(texts(&api, ADA, &two).await, ["Where is it?", "Where is it?", "Hello?"]);
    for (who, method, end, body) in [
        (ADA, Method::POST, "messages", json!({ "message": "m" })),
        (ADA, Method::POST, "reopen", Value::Null),
        (ADA, Method::POST, "rate", json!({ "rating": 1 })),
        (GRACE, Method::POST, "claim", Value::Null),
        (GRACE, Method::PUT, "priority", json!({ "priority": "low" })),
        (GRACE, Method::PUT, "status", json!({ "status": "in_progress" })),
        (GRACE, Method::POST, "watch", Value::Null),
        (GRACE, Method::POST, "time", json!({ "minutes": 1 })),
        (GRACE, Method::POST, "escalate", json!({ "reason": "r" })),
        (GRACE, Method::POST, "merge", json!({ "into": two })),
        (GRACE, Method::POST, "link", json!({ "ticket": two })),
        (GRACE, Method::POST, "split", json!({ "subject": "s", "messages": [two] })),
    ] {
        api.call(who, method, &format!("{}/{end}", path(&one)), body).await.problem(409, "state");
    }
    api.patch(GRACE, &path(&one), json!({ "subject": "s" })).await.problem(409, "state");
    let back = undo(&api, &done).await.expect(200);
    assert_ne!(back["operation"]["undoneAt"], Value::Null);
    assert_eq!((&back["ticket"]["mergedInto"], &back["ticket"]["phase"]), (&Value::Null, &json!("new")));
    assert_eq!(texts(&api, ADA, &one).await, ["Where is it?", "Hello?"]);
    assert_eq!(texts(&api, ADA, &two).await, ["Where is it?"]);
    undo(&api, &done).await.problem(409, "state");
}

#[tokio::test]
async fn messages_become_a_ticket_of_their_own() {
    let (api, one, _) = two().await;
    let mut ids = Vec::new();
    for (who, body) in [
        (GRACE, json!({ "message": "A private word", "isInternal": true })),
        (ADA, json!({ "message": "And another thing" })),
    ] {
        let written = api.post(who, &format!("{}/messages", path(&one)), body).await.expect(201);
        ids.push(written["id"].clone());
    }
    let body = json!({ "subject": "Another thing", "messageIds": ids });
    let reply = api.post(GRACE, &format!("{}/split", path(&one)), body).await;
    let location = reply.headers["location"].to_str().unwrap().to_owned();
    let done = reply.expect(201);
    let new = done["otherTicket"]["id"].as_str().unwrap();
    assert_eq!(location, format!("/api/v1/support/tickets/{new}"));
    assert_eq!((&done["operation"]["kind"], &done["operation"]["messages"]), (&json!("split"), &json!(2)));
    assert_eq!(done["otherTicket"]["subject"], "Another thing");
    // The note stands first there, and what the ticket says is what its customer reads first.
    let staff = api.get(GRACE, &path(new)).await.expect(200);
    assert_eq!(staff["messages"][0]["message"], "A private word");
    let customer = api.get(ADA, &path(new)).await;
    assert!(!String::from_utf8_lossy(&customer.bytes).contains("private"));
    let customer = customer.expect(200);
    assert_eq!(customer["description"], customer["messages"][0]["message"]);
    assert_eq!(staff["description"], customer["description"]);
    for who in [ADA, GRACE] {
        let list = api.get(who, "/tickets").await;
        assert!(!String::from_utf8_lossy(&list.bytes).contains("private"), "{who:?}");
    }
    for query in ["q=private", "q=word"] {
        let found = api.get(ADA, &format!("/tickets?{query}")).await.expect(200);
        assert_eq!(found["pagination"]["total"], 0, "{query}");
    }
    let back = undo(&api, &done).await.expect(200);
    assert_ne!(back["otherTicket"]["deletedAt"], Value::Null);
    api.get(ADA, &path(new)).await.problem(404, "not-found");
    assert_eq!(texts(&api, ADA, &one).await, ["Where is it?", "And another thing"]);
}

#[tokio::test]
async fn tickets_have_to_do_with_each_other() {
    let (api, one, two) = two().await;
    let foreign = api.post(EVE, "/tickets", json!({ "subject": "Eve's", "description": "d" })).await.expect(201);
    let foreign = foreign["ticketNumber"].as_str().unwrap();
    let link = format!("{}/link", path(&one));
    let done = api.post(GRACE, &link, json!({ "linked_ticket_id": two, "type": "blocks" })).await.expect(201);
    assert_eq!(done["operation"]["relation"], "blocks");
    api.post(GRACE, &link, json!({ "to": foreign })).await.expect(201);
    let list = api.get(GRACE, &format!("{}/operations", path(&one))).await.expect(200);
    assert_json_snapshot!(list);
    let other = api.get(GRACE, &format!("{}/operations?limit=1", path(&two))).await.expect(200);
    assert_eq!(other["operations"][0]["linkedTicketNumber"], list_number(&api, &one).await);
    // To its customer nothing has happened.
    for id in [&one, &two] {
        assert!(!String::from_utf8_lossy(&api.get(ADA, &path(id)).await.bytes).contains("Eve"));
        api.get(ADA, &format!("{}/operations", path(id))).await.problem(403, "forbidden");
    }
    // What an agent may not see is not in their list either.
    api.post(GRACE, &format!("{}/claim", path(&two)), Value::Null).await.expect(200);
    let seen = api.get(LINUS, &format!("{}/operations", path(&one))).await.expect(200);
    assert_eq!(seen["operations"].as_array().unwrap().len(), 1);
    undo(&api, &done).await.expect(200);
    api.post(GRACE, &link, json!({ "ticket": two, "relation": "blocks" })).await.expect(201);
    api.post(GRACE, &link, json!({ "ticket": two, "relation": "blocks" })).await.problem(409, "state");
}

async fn list_number(api: &Api, id: &str) -> Value {
    api.get(GRACE, &path(id)).await.expect(200)["ticketNumber"].clone()
}

#[tokio::test]
async fn what_cannot_be_done_to_two_tickets_is_said() {
    let (api, one, two) = two().await;
    let foreign = api.post(EVE, "/tickets", json!({ "subject": "s", "description": "d" })).await.expect(201);
    let merge = format!("{}/merge", path(&one));
    for into in [json!(one), foreign["id"].clone()] {
        api.post(GRACE, &merge, json!({ "into": into })).await.problem(409, "state");
    }
    // Another agent's ticket is not there, as one that never was.
    api.post(GRACE, &format!("{}/claim", path(&two)), Value::Null).await.expect(200);
    let missing = uuid::Uuid::from_u128(404);
    for end in ["merge", "link"] {
        let here = format!("{}/{end}", path(&one));
        let hidden = api.post(LINUS, &here, json!({ "ticketId": two })).await;
        let nowhere = api.post(LINUS, &here, json!({ "ticketId": missing })).await;
        assert_eq!(hidden.visible(), nowhere.visible());
        hidden.problem(404, "not-found");
    }
    for (id, status) in [(missing.to_string(), 404), ("x".to_owned(), 404)] {
        assert_eq!(api.post(GRACE, &format!("/operations/{id}/undo"), Value::Null).await.status, status);
    }
    let done = api.post(GRACE, &format!("{}/link", path(&one)), json!({ "ticket": two })).await.expect(201);
    let here = format!("/operations/{}/undo", done["operation"]["id"].as_str().unwrap());
    for (who, status) in [(Who::Guest, 401), (ADA, 403), (EVE, 403), (LINUS, 404)] {
        assert_eq!(api.post(who, &here, Value::Null).await.status, status, "{who:?}");
    }
    let stale = [("if-match", "\"77.x\"")];
    api.call_with(GRACE, Method::POST, &here, Value::Null, &stale).await.problem(412, "stale");
    let key = [("idempotency-key", "key")];
    let first = api.call_with(GRACE, Method::POST, &here, Value::Null, &key).await;
    let again = api.call_with(GRACE, Method::POST, &here, Value::Null, &key).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(first.bytes, again.bytes);
}

#[tokio::test]
async fn every_wrong_field_of_an_operation_is_named_as_it_was_written() {
    let (api, one, _) = two().await;
    let thread = api.get(ADA, &format!("{}/messages", path(&one))).await.expect(200);
    let first = &thread["messages"][0]["id"];
    let missing = uuid::Uuid::from_u128(404);
    for (end, body, wrong) in [
        ("merge", json!({}), "into"),
        ("merge", json!({ "target_ticket_id": "a b" }), "target_ticket_id"),
        ("merge", json!({ "into": 1, "status": "x", "mergedInto": 1 }), "into mergedInto status"),
        ("link", json!({ "relation": "x" }), "relation ticket"),
        ("link", json!({ "to": "", "type": "eats" }), "to type"),
        ("split", json!({}), "messages subject"),
        ("split", json!({ "message_ids": ["x", 1, missing], "subject": 1 }), "message_ids.0 message_ids.1 subject"),
        ("split", json!({ "message_ids": [missing, first], "subject": " " }), "message_ids.0 message_ids.1 subject"),
        ("split", json!({ "messages": [], "subject": "s", "id": 1, "ticketNumber": 1 }), "id ticketNumber"),
        ("split", json!({ "messages": [], "subject": "s" }), "messages"),
    ] {
        let here = format!("{}/{end}", path(&one));
        let problem = api.post(GRACE, &here, body.clone()).await.problem(422, "invalid");
        let mut named = fields(&problem);
        named.sort_unstable();
        assert_eq!(named.join(" "), wrong, "{end} {body}");
    }
    let problem = api.get(GRACE, &format!("{}/operations?limit=0&kind=x", path(&one))).await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["limit", "kind"]);
}
