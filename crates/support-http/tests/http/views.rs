//! Saved views: whose they are, what they may hold, and what one sees through them.

use crate::harness::{ADA, Api, GRACE, LINUS, Who, fields};
use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

async fn saved(api: &Api, who: Who, body: Value) -> String {
    let view = api.post(who, "/views", body).await.expect(201);
    format!("/views/{}", view["id"].as_str().unwrap())
}

fn names(list: &Value) -> Vec<&str> {
    list["views"].as_array().unwrap().iter().map(|view| view["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_view_is_its_owners_and_shows_what_the_list_shows() {
    let api = Api::new(Profile::bookings());
    let (free, own) = (api.ticket().await, api.ticket().await);
    api.post(GRACE, &format!("/tickets/{own}/claim"), Value::Null).await.expect(200);
    let body = json!({ "name": "Mine", "query": { "assignedTo": "me", "sort": "createdAt", "limit": "5" } });
    let reply = api.post(GRACE, "/views", body).await;
    let location = reply.headers["location"].to_str().unwrap().to_owned();
    let view = reply.expect(201);
    assert_json_snapshot!(view);
    let path = format!("/views/{}", view["id"].as_str().unwrap());
    assert_eq!(location, format!("/api/v1/support{path}"));
    assert_eq!(api.get(GRACE, &path).await.expect(200), view);
    let seen = api.get(GRACE, &format!("{path}/tickets")).await.expect(200);
    assert_eq!(seen, api.get(GRACE, "/tickets?assignedTo=me&sort=createdAt&limit=5").await.expect(200));
    assert_eq!((&seen["tickets"][0]["id"], &seen["pagination"]["total"]), (&json!(own), &json!(1)));
    // To others it is not there at all.
    for reply in [
        api.get(LINUS, &path).await,
        api.get(LINUS, &format!("{path}/tickets")).await,
        api.put(LINUS, &path, json!({ "name": "x", "query": {} })).await,
        api.call(LINUS, Method::DELETE, &path, Value::Null).await,
    ] {
        reply.problem(404, "not-found");
    }
    assert_eq!(names(&api.get(LINUS, "/views").await.expect(200)), [""; 0]);
    let edit = json!({ "name": "Free", "isShared": true, "filters": { "assigned_to": "unassigned" } });
    let edited = api.put(GRACE, &path, edit).await.expect(200);
    assert_eq!((&edited["shared"], &edited["query"]), (&json!(true), &json!({ "assigned_to": "unassigned" })));
    // Shared, others look through it and leave it as it is.
    assert_eq!(names(&api.get(LINUS, "/views").await.expect(200)), ["Free"]);
    let seen = api.get(LINUS, &format!("{path}/tickets")).await.expect(200);
    assert_eq!(seen["tickets"][0]["id"], free);
    api.put(LINUS, &path, json!({ "name": "x", "query": {} })).await.problem(403, "forbidden");
    api.call(LINUS, Method::DELETE, &path, Value::Null).await.problem(403, "forbidden");
    assert_eq!(api.call(GRACE, Method::DELETE, &path, Value::Null).await.status, 204);
    api.get(GRACE, &path).await.problem(404, "not-found");
}

/// `me` is whoever looks, and nobody sees through a view what the list would not show them.
#[tokio::test]
async fn a_shared_view_shows_everybody_what_they_may_see() {
    let api = Api::new(Profile::bookings());
    let id = api.ticket().await;
    api.post(GRACE, &format!("/tickets/{id}/claim"), Value::Null).await.expect(200);
    let mine = saved(&api, GRACE, json!({ "name": "Mine", "shared": true, "query": { "assignedTo": "me" } })).await;
    let all = saved(&api, Who::Admin, json!({ "name": "All", "shared": true, "query": {} })).await;
    for (who, path, total) in
        [(GRACE, &mine, 1), (LINUS, &mine, 0), (GRACE, &all, 1), (LINUS, &all, 0), (Who::Admin, &all, 1)]
    {
        let seen = api.get(who, &format!("{path}/tickets")).await.expect(200);
        assert_eq!(seen["pagination"]["total"], total, "{who:?} {path}");
    }
}

#[tokio::test]
async fn a_view_is_walked_as_a_list_is() {
    let api = Api::new(Profile::bookings());
    for _ in 0..3 {
        api.ticket().await;
    }
    let path = saved(&api, GRACE, json!({ "name": "All", "query": { "limit_": "2", "sort": "createdAt" } })).await;
    let tickets = format!("{path}/tickets");
    let first = api.get(GRACE, &tickets).await;
    let link = first.headers["link"].to_str().unwrap().to_owned();
    assert!(link.contains(&format!("</api/v1/support{tickets}?page=2>; rel=\"next\"")), "{link}");
    let first = first.expect(200);
    assert_eq!(first["tickets"].as_array().unwrap().len(), 2);
    let cursor = first["pagination"]["nextCursor"].as_str().unwrap();
    let second = api.get(GRACE, &format!("{tickets}?cursor={cursor}")).await.expect(200);
    assert_eq!(second["tickets"], api.get(GRACE, &format!("{tickets}?page=2")).await.expect(200)["tickets"]);
    assert_eq!(api.get(GRACE, &format!("{tickets}?limit=3")).await.expect(200)["tickets"].as_array().unwrap().len(), 3);
    let problem = api.get(GRACE, &format!("{tickets}?status=open&limit=0")).await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["status"]);
    let problem = api.get(GRACE, &format!("{tickets}?limit=0&cursor=x")).await.problem(400, "parameters");
    assert_eq!(fields(&problem).len(), 2);
}

#[tokio::test]
async fn views_are_for_staff() {
    let api = Api::new(Profile::bookings());
    let body = || json!({ "name": "All", "shared": true, "query": {} });
    let path = saved(&api, GRACE, body()).await;
    for (who, status) in [(Who::Guest, 401), (ADA, 403)] {
        for (method, path, body) in [
            (Method::GET, "/views".to_owned(), Value::Null),
            (Method::POST, "/views".to_owned(), body()),
            (Method::GET, path.clone(), Value::Null),
            (Method::PUT, path.clone(), body()),
            (Method::DELETE, path.clone(), Value::Null),
            (Method::GET, format!("{path}/tickets"), Value::Null),
        ] {
            assert_eq!(api.call(who, method.clone(), &path, body).await.status, status, "{who:?} {method} {path}");
        }
    }
}

#[tokio::test]
async fn every_wrong_field_of_a_view_is_named_as_it_was_written() {
    let api = Api::new(Profile::bookings());
    saved(&api, GRACE, json!({ "name": "All", "query": {} })).await;
    for (body, wrong) in [
        (json!({}), "name query"),
        (json!({ "name": 1, "query": [], "shared": "yes" }), "name query shared"),
        (json!({ "name": "x", "filter": { "status": 1, "page": "2" } }), "filter.status"),
        (
            json!({ "name": "x", "filters": { "status": "lost", "cursor_": "y", "page": "2", "colour": "red" } }),
            "filters.status filters.cursor_ filters.page filters.colour",
        ),
        (
            json!({ "name": "x", "query": { "assignedTo": "x", "assigned_to": "me" } }),
            "query.assigned_to query.assignedTo",
        ),
        // One name for each owner, in whatever case.
        (json!({ "name": "ALL", "query": {} }), "name"),
        (json!({ "name": "x", "query": {}, "owner": { "id": LINUS.id() }, "id": 1 }), "owner id"),
    ] {
        let problem = api.post(GRACE, "/views", body.clone()).await.problem(422, "invalid");
        let (mut named, mut wrong) = (fields(&problem), wrong.split(' ').collect::<Vec<_>>());
        named.sort_unstable();
        named.dedup();
        wrong.sort_unstable();
        wrong.dedup();
        assert_eq!(named, wrong, "{body}");
    }
    api.post(LINUS, "/views", json!({ "name": "All", "query": {} })).await.expect(201);
}
