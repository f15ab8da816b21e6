//! Tickets that were deleted: gone for everybody but admins, who find them and bring them back.

use crate::harness::{ADA, Api, GRACE, Who, fields};
use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

async fn deleted() -> (Api, String) {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}", api.ticket().await);
    api.post(GRACE, &format!("{path}/claim"), Value::Null).await.expect(200);
    api.post(GRACE, &format!("{path}/watch"), Value::Null).await.expect(200);
    let reply = api.call(Who::Admin, Method::DELETE, &path, Value::Null).await.expect(200);
    assert_json_snapshot!("a_deleted_ticket", reply);
    (api, path)
}

async fn total(api: &Api, who: Who, query: &str) -> Value {
    api.get(who, &format!("/tickets?{query}")).await.expect(200)["pagination"]["total"].clone()
}

#[tokio::test]
async fn a_deleted_ticket_is_gone_for_everybody_but_admins() {
    let (api, path) = deleted().await;
    let missing = "/tickets/00000000-0000-0000-0000-000000000404";
    for who in [ADA, GRACE] {
        for end in ["", "/messages", "/messages/unread-count"] {
            let gone = api.get(who, &format!("{path}{end}")).await;
            assert_eq!(gone.visible(), api.get(who, &format!("{missing}{end}")).await.visible(), "{who:?} {end}");
            assert_eq!(gone.status, 404);
        }
        for (method, end, body) in [
            (Method::POST, "/messages", json!({ "message": "m" })),
            (Method::POST, "/close", Value::Null),
            (Method::POST, "/messages/mark-all-read", Value::Null),
        ] {
            api.call(who, method, &format!("{path}{end}"), body).await.problem(404, "not-found");
        }
        for query in ["", "status=all", "q=late", "sort=updatedAt"] {
            assert_eq!(total(&api, who, query).await, 0, "{who:?} {query}");
        }
    }
    for query in ["", "status=all", "q=late"] {
        assert_eq!(total(&api, Who::Admin, query).await, 0, "{query}");
    }
    for end in ["/claim", "/restore", "/watch"] {
        api.post(GRACE, &format!("{path}{end}"), Value::Null).await.problem(404, "not-found");
    }
    // Nor do dashboards and reports count it.
    for who in [GRACE, Who::Admin] {
        let board = api.get(who, "/dashboard").await.expect(200)["dashboard"].clone();
        assert_eq!(board["metrics"], json!({ "open": 0, "unassigned": 0, "breached": 0, "atRisk": 0 }), "{who:?}");
        assert_eq!((&board["assignedTickets"], &board["currentWorkload"]), (&json!([]), &json!(0)));
    }
    let stats = api.get(Who::Admin, "/stats").await.expect(200);
    assert_eq!((&stats["total"], &stats["open"]), (&json!(0), &json!(0)));
    for report in ["/tickets/statistics", "/tickets/analytics"] {
        assert_eq!(api.get(Who::Admin, report).await.expect(200)["total"], 0, "{report}");
    }
}

#[tokio::test]
async fn admins_find_deleted_tickets_and_bring_them_back() {
    let (api, path) = deleted().await;
    let list = api.get(Who::Admin, "/tickets?deleted=true&status=all").await.expect(200);
    assert_eq!((&list["pagination"]["total"], &list["tickets"][0]["subject"]), (&json!(1), &json!("It is late")));
    assert_eq!(total(&api, Who::Admin, "deleted=false").await, 0);
    for who in [ADA, GRACE] {
        api.get(who, "/tickets?deleted=true").await.problem(403, "forbidden");
        api.get(who, "/tickets?deleted=false").await.expect(200);
    }
    // Nor through the view of somebody who may.
    let view = json!({ "name": "Bin", "shared": true, "query": { "deleted": "true" } });
    let view = api.post(Who::Admin, "/views", view).await.expect(201);
    let view = format!("/views/{}/tickets", view["id"].as_str().unwrap());
    assert_eq!(api.get(Who::Admin, &view).await.expect(200)["pagination"]["total"], 1);
    api.get(GRACE, &view).await.problem(403, "forbidden");
    let problem = api.get(Who::Admin, "/tickets?deleted=1").await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["deleted"]);
    let read = api.get(Who::Admin, &path).await.expect(200);
    assert_ne!(read["deletedAt"], Value::Null);
    // It is read, and left alone until it is back.
    api.post(Who::Admin, &format!("{path}/messages"), json!({ "message": "m" })).await.problem(409, "state");
    api.call(Who::Admin, Method::DELETE, &path, Value::Null).await.problem(409, "state");
    let back = api.post(Who::Admin, &format!("{path}/restore"), Value::Null).await;
    let tag = back.headers["etag"].to_str().unwrap().to_owned();
    let back = back.expect(200);
    assert_eq!((&back["deletedAt"], &back["assignedTo"]["name"]), (&Value::Null, &json!("Agent 1")));
    for who in [ADA, GRACE, Who::Admin] {
        assert_eq!(total(&api, who, "").await, 1, "{who:?}");
    }
    assert_eq!(total(&api, Who::Admin, "deleted=true").await, 0);
    assert_eq!(api.get(GRACE, "/dashboard").await.expect(200)["dashboard"]["currentWorkload"], 1);
    assert_eq!(api.get(Who::Admin, "/stats").await.expect(200)["total"], 1);
    // Whoever read it before it was deleted does not delete it now.
    let stale = [("if-match", "\"1.x\"")];
    api.call_with(Who::Admin, Method::DELETE, &path, Value::Null, &stale).await.problem(412, "stale");
    let fresh = [("if-match", tag.as_str())];
    api.call_with(Who::Admin, Method::DELETE, &path, Value::Null, &fresh).await.expect(200);
}
