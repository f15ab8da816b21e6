//! Categories and canned responses: who keeps them, who reads them, and what tickets have of them.

use crate::harness::{ADA, Api, EVE, GRACE, Who, fields};
use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

fn refunds() -> Value {
    json!({
        "slug": "refunds", "name": "Refunds", "description": "Money back", "defaultPriority": "high",
        "sla": { "firstResponse": "15m", "resolution": "2h" }
    })
}

fn greeting() -> Value {
    json!({
        "slug": "hello", "title": "A greeting",
        "body": "Dear {{customer.name}}, {{ticket.number}} is {{ticket.status}}. {{agent.name}}"
    })
}

fn id(entry: &Value) -> &str {
    entry["id"].as_str().unwrap()
}

async fn delete(api: &Api, who: Who, path: &str) -> crate::harness::Reply {
    api.call(who, Method::DELETE, path, Value::Null).await
}

#[tokio::test]
async fn a_category_from_its_first_day_to_its_last() {
    let api = Api::new(Profile::bookings());
    let reply = api.post(Who::Admin, "/categories", refunds()).await;
    let location = reply.headers["location"].to_str().unwrap().to_owned();
    let category = reply.expect(201);
    assert_json_snapshot!(category);
    assert_eq!(location, format!("/api/v1/support/categories/{}", id(&category)));
    let path = format!("/categories/{}", id(&category));
    assert_eq!(api.get(GRACE, &path).await.expect(200), category);
    // A ticket of it has its priority and its promises, and is found by it.
    let opening = json!({ "subject": "s", "description": "d", "category": "refunds" });
    let ticket = api.post(ADA, "/tickets", opening.clone()).await.expect(201);
    assert_eq!((&ticket["priority"], &ticket["estimatedResponse"]), (&json!("high"), &json!("15 minutes")));
    for who in [ADA, GRACE] {
        let found = api.get(who, "/tickets?category=refunds,billing").await.expect(200);
        assert_eq!(found["pagination"]["total"], 1);
    }
    // What is absent from a new version of it is gone.
    let edit = json!({ "key": "refunds", "name": "Money back", "active": false });
    api.clock.advance(chrono::TimeDelta::minutes(1));
    let edited = api.put(Who::Admin, &path, edit).await.expect(200);
    assert_eq!(edited["name"], "Money back");
    assert_eq!((&edited["description"], &edited["isActive"]), (&json!(""), &json!(false)));
    assert_eq!((&edited["defaultPriority"], &edited["sla"]), (&Value::Null, &Value::Null));
    assert_eq!(edited["createdAt"], category["createdAt"]);
    assert_ne!(edited["updatedAt"], category["updatedAt"]);
    let problem = api.post(ADA, "/tickets", opening).await.problem(422, "invalid");
    assert_eq!(fields(&problem), ["category"]);
    let gone = delete(&api, Who::Admin, &path).await;
    assert_eq!((gone.status.as_u16(), gone.bytes.len()), (204, 0));
    for reply in [api.get(GRACE, &path).await, delete(&api, Who::Admin, &path).await] {
        reply.problem(404, "not-found");
    }
    let kept = api.get(ADA, &format!("/tickets/{}", ticket["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(kept["category"], "refunds");
}

#[tokio::test]
async fn customers_see_the_categories_that_new_tickets_can_have() {
    let api = Api::new(Profile::bookings());
    let category = api.post(Who::Admin, "/categories", refunds()).await.expect(201);
    let closed = json!({ "slug": "secret-project", "name": "A secret", "isActive": false });
    api.post(Who::Admin, "/categories", closed).await.expect(201);
    let shown = api.get(EVE, "/categories").await.expect(200);
    assert_eq!(
        shown,
        json!({ "categories": [{
            "id": category["id"], "slug": "refunds", "name": "Refunds", "description": "Money back", "isActive": true
        }] })
    );
    let all = api.get(GRACE, "/categories").await.expect(200);
    let slugs: Vec<&Value> = all["categories"].as_array().unwrap().iter().map(|one| &one["slug"]).collect();
    assert_eq!(slugs, ["refunds", "secret-project"]);
    // Nor can they find out by asking for tickets of it.
    let asked = |name: &str| format!("/tickets?category={name}");
    let (hidden, missing) = (api.get(EVE, &asked("secret-project")).await, api.get(EVE, &asked("no-such-thing")).await);
    let text = |reply: &crate::harness::Reply, name: &str| String::from_utf8_lossy(&reply.bytes).replace(name, "?");
    assert_eq!(text(&hidden, "secret-project"), text(&missing, "no-such-thing"));
    hidden.problem(400, "parameters");
    api.get(GRACE, &asked("secret-project")).await.expect(200);
}

#[tokio::test]
async fn a_canned_response_says_what_is_known_of_the_ticket() {
    let api = Api::new(Profile::bookings());
    let response = api.post(Who::Admin, "/canned-responses", greeting()).await.expect(201);
    assert_json_snapshot!(response);
    let path = format!("/canned-responses/{}", id(&response));
    assert_eq!(api.get(GRACE, &path).await.expect(200), response);
    let list = api.get(GRACE, "/canned-responses").await.expect(200);
    assert_eq!(list, json!({ "cannedResponses": [response] }));
    let ticket = api.ticket().await;
    let number = api.get(GRACE, &format!("/tickets/{ticket}")).await.expect(200)["ticketNumber"].clone();
    let text = api.get(GRACE, &format!("/tickets/{ticket}{path}")).await.expect(200);
    let message = format!("Dear Customer 1, {} is open. Agent 1", number.as_str().unwrap());
    assert_eq!(text, json!({ "message": message }));
    // The text is a body to be sent as it is.
    api.post(GRACE, &format!("/tickets/{ticket}/messages"), text).await.expect(201);
    let edit = json!({ "shortcut": "Hi", "name": "Short", "message": "Hi!", "department": "sales" });
    let edited = api.put(Who::Admin, &path, edit).await.expect(200);
    for (field, value) in [("slug", "hi"), ("title", "Short"), ("body", "Hi!"), ("team", "sales")] {
        assert_eq!(edited[field], value);
    }
    assert_eq!(delete(&api, Who::Admin, &path).await.status, 204);
    api.get(GRACE, &format!("/tickets/{ticket}{path}")).await.problem(404, "not-found");
}

#[tokio::test]
async fn lists_are_read_by_staff_and_kept_by_admins() {
    let api = Api::new(Profile::bookings());
    for (list, body, [customer, agent]) in
        [("/categories", refunds(), [200, 200]), ("/canned-responses", greeting(), [403, 200])]
    {
        let entry = api.post(Who::Admin, list, body.clone()).await.expect(201);
        let path = format!("{list}/{}", id(&entry));
        for (who, read, one, keep) in [(Who::Guest, 401, 401, 401), (ADA, customer, 403, 403), (GRACE, agent, 200, 403)]
        {
            assert_eq!(api.get(who, list).await.status, read, "{who:?} {list}");
            assert_eq!(api.get(who, &path).await.status, one, "{who:?} {path}");
            for (method, path, body) in [
                (Method::POST, list, body.clone()),
                (Method::PUT, &path, body.clone()),
                (Method::DELETE, &path, Value::Null),
            ] {
                let reply = api.call(who, method.clone(), path, body).await;
                assert_eq!(reply.status, keep, "{who:?} {method} {path}");
            }
        }
        // An entry of one list is none of another.
        let other = path.replace(list, if list == "/categories" { "/canned-responses" } else { "/categories" });
        for reply in [api.get(GRACE, &other).await, delete(&api, Who::Admin, &other).await] {
            reply.problem(404, "not-found");
        }
        api.get(GRACE, &format!("{list}/x")).await.problem(404, "not-found");
        let problem = api.get(GRACE, &format!("{list}?active=true")).await.problem(400, "parameters");
        assert_eq!(fields(&problem), ["active"]);
    }
}

#[tokio::test]
async fn every_wrong_field_of_an_entry_is_named_as_it_was_written() {
    let api = Api::new(Profile::bookings());
    api.post(Who::Admin, "/categories", refunds()).await.expect(201);
    api.post(Who::Admin, "/canned-responses", greeting()).await.expect(201);
    for (list, body, wrong) in [
        ("/categories", json!({}), "slug name"),
        (
            "/categories",
            json!({ "key": 1, "name": [], "active": "yes", "priority": 2, "sla": 3 }),
            "key name active priority sla",
        ),
        ("/categories", json!({ "key": "a/b", "name": " ", "default_priority": "x" }), "key name default_priority"),
        ("/categories", json!({ "key": "refunds", "name": "Again" }), "key"),
        (
            "/categories",
            json!({ "slug": "x", "name": "x", "targets": { "firstResponse": "soon", "next_response": "0s", "last": "1h", "resolution": 3 } }),
            "targets.firstResponse targets.next_response targets.last targets.resolution",
        ),
        (
            "/categories",
            json!({ "slug": "x", "name": "x", "id": 1, "createdAt": "x", "updatedAt": "x", "version": 1 }),
            "id createdAt updatedAt version",
        ),
        ("/canned-responses", json!({}), "slug title body"),
        ("/canned-responses", json!({ "slug": "a b", "title": 1, "content": 2, "team": 3 }), "title content team"),
        (
            "/canned-responses",
            json!({ "shortcut": "a b", "title": "x", "content": "{{ticket.secret}}" }),
            "shortcut content",
        ),
        ("/canned-responses", json!({ "shortcut": "hello", "title": "x", "body": "x" }), "shortcut"),
        (
            "/canned-responses",
            json!({ "slug": "x", "title": "x", "body": "x", "id": 1, "updatedAt": "x" }),
            "id updatedAt",
        ),
    ] {
        let problem = api.post(Who::Admin, list, body.clone()).await.problem(422, "invalid");
        let (mut named, mut wrong) = (fields(&problem), wrong.split(' ').collect::<Vec<_>>());
        named.sort_unstable();
        wrong.sort_unstable();
        assert_eq!(named, wrong, "{body}");
        for error in problem["errors"].as_array().unwrap() {
            let pointer = format!("/{}", error["field"].as_str().unwrap().replace('.', "/"));
            assert_eq!(error["pointer"], pointer);
        }
    }
}

#[tokio::test]
async fn an_entry_is_added_once_for_each_key() {
    let api = Api::new(Profile::bookings());
    let key = [("idempotency-key", "key")];
    let first = api.call_with(Who::Admin, Method::POST, "/categories", refunds(), &key).await;
    let again = api.call_with(Who::Admin, Method::POST, "/categories", refunds(), &key).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!((first.status, &first.headers["location"]), (again.status, &again.headers["location"]));
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(api.get(GRACE, "/categories").await.expect(200)["categories"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_agent_is_shown_the_canned_responses_of_their_team_and_of_everybody() {
    let api = Api::new(Profile::bookings());
    for (slug, team) in [("all", Value::Null), ("ours", json!("billing")), ("theirs", json!("sales"))] {
        let body = json!({ "slug": slug, "title": "x", "body": "x", "team": team });
        api.post(Who::Admin, "/canned-responses", body).await.expect(201);
    }
    let team = json!({ "team": "billing" });
    api.put(Who::Admin, &format!("/agents/{}", GRACE.id()), team).await.expect(200);
    let list = api.get(GRACE, "/canned-responses").await.expect(200);
    let slugs: Vec<&Value> = list["cannedResponses"].as_array().unwrap().iter().map(|one| &one["slug"]).collect();
    assert_eq!(slugs, ["all", "ours"]);
}
