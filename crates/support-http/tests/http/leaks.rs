//! What only staff may know reaches no customer through any byte.

use crate::{
    access,
    harness::{ADA, Api, GRACE, Reply, Who},
};
use axum::http::Method;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

/// Stands in everything that is for staff alone.
const MARKER: &str = "zebrafish";

/// A ticket that staff have written on wherever only staff may read.
async fn marked(profile: Profile) -> (Api, String) {
    let status = |profile: &Profile| {
        profile.workflow.statuses.iter().find(|status| status.phase.as_str() == "open").unwrap().key.to_string()
    };
    let working = status(&profile);
    let api = Api::new(profile);
    let id = api.ticket().await;
    let path = format!("/tickets/{id}");
    let note = json!({ "message": MARKER, "isInternal": true, "attachments": [format!("https://{MARKER}.example")] });
    api.post(GRACE, &format!("{path}/messages"), note).await.expect(201);
    let entry = json!({ "type": "Internal Note", "content": MARKER });
    api.post(GRACE, &format!("{path}/communicate"), entry).await.expect(201);
    let edit = json!({ "metadata": { MARKER: MARKER } });
    api.patch(GRACE, &path, edit).await.expect(200);
    let moved = json!({ "status": working, "notes": MARKER });
    api.put(GRACE, &format!("{path}/status"), moved).await.expect(200);
    let raised = json!({ "team": MARKER, "reason": MARKER });
    api.post(GRACE, &format!("{path}/escalate"), raised).await.expect(200);
    (api, id)
}

fn assert_clean(reply: &Reply, label: &str) {
    let shown = format!("{:?} {}", reply.headers, String::from_utf8_lossy(&reply.bytes));
    assert!(!shown.contains(MARKER), "{label}: {shown}");
    for field in [
        "escalationLevel",
        "\"team\"",
        "metadata",
        "isInternal",
        "slaDeadline",
        "customerTier",
        "createdBy",
        "watchers",
        "\"version\"",
    ] {
        assert!(!shown.contains(field), "{label}: {field} in {shown}");
    }
}

#[tokio::test]
async fn no_route_shows_a_customer_what_is_for_staff() {
    for name in Profile::names() {
        // One ticket for each route: some of them end it.
        for route in access::routes() {
            let (api, id) = marked(Profile::named(name).unwrap()).await;
            let path = route.path.replace("{ticket}", &id);
            let reply = api.call(ADA, route.method.clone(), &path, route.body.clone()).await;
            assert_clean(&reply, &format!("{name}: {} {}", route.method, route.path));
        }
    }
}

#[tokio::test]
async fn no_list_or_search_tells_of_it() {
    let (api, id) = marked(Profile::bookings()).await;
    assert_clean(&api.get(ADA, "/tickets").await, "list");
    for query in [format!("q={MARKER}"), format!("tag={MARKER}"), format!("related={MARKER}:{MARKER}")] {
        let found = api.get(ADA, &format!("/tickets?{query}")).await.expect(200);
        assert_eq!(found["pagination"]["total"], 0, "{query}");
    }
    let list = api.get(ADA, "/tickets").await.expect(200);
    assert_eq!(list["tickets"][0]["lastMessage"], "Where is it?");
    assert_eq!(list["tickets"][0]["id"], id);
}

#[tokio::test]
async fn private_words_of_a_resolution_stay_private() {
    let (api, id) = marked(Profile::bookings()).await;
    let path = format!("/tickets/{id}");
    let closing = json!({ "summary": "Fixed", "resolutionNotes": MARKER });
    api.put(Who::Admin, &format!("{path}/close"), closing).await.expect(200);
    assert_clean(&api.get(ADA, &path).await, "closed");
    assert_clean(&api.put(ADA, &format!("{path}/close"), Value::Null).await, "closed again");
    let rating = json!({ "rating": 5 });
    assert_clean(&api.post(ADA, &format!("{path}/rate"), rating).await, "rated");
    assert_clean(&api.put(ADA, &format!("{path}/reopen"), Value::Null).await, "reopened");
    assert_clean(&api.get(ADA, "/tickets").await, "list");
}

#[tokio::test]
async fn staff_do_see_it() {
    let (api, id) = marked(Profile::bookings()).await;
    for path in ["", "/messages", "/events"] {
        let reply = api.call(GRACE, Method::GET, &format!("/tickets/{id}{path}"), Value::Null).await;
        assert!(String::from_utf8_lossy(&reply.bytes).contains(MARKER), "{path}");
    }
}
