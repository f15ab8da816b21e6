//! What only staff may know reaches no customer through any byte.

use crate::{
    access,
    harness::{ADA, Api, EVE, GRACE, LINUS, Reply, Who},
};
use axum::http::Method;
use serde_json::{Value, json};
use support_core::domain::{
    field::{Field, FieldKind},
    profile::{Profile, When},
};

/// Stands in everything that is for staff alone.
const MARKER: &str = "zebrafish";

/// With a custom field that is for staff alone.
fn noting(mut profile: Profile) -> Profile {
    let (label, when) = (MARKER.to_owned(), When::default());
    let risk = Field { key: "risk".to_owned(), label, kind: FieldKind::Text, when, required: false, internal: true };
    profile.fields.push(risk);
    profile
}

/// A ticket that staff have written on wherever only staff may read.
async fn marked(profile: Profile) -> (Api, String) {
    let status = |profile: &Profile| {
        profile.workflow.statuses.iter().find(|status| status.phase.as_str() == "open").unwrap().key.to_string()
    };
    let working = status(&profile);
    let api = Api::new(noting(profile));
    let id = api.ticket().await;
    let path = format!("/tickets/{id}");
    let note = json!({ "message": MARKER, "isInternal": true, "attachments": [format!("https://{MARKER}.example")] });
    api.post(GRACE, &format!("{path}/messages"), note).await.expect(201);
    let entry = json!({ "type": "Internal Note", "content": MARKER });
    api.post(GRACE, &format!("{path}/communicate"), entry).await.expect(201);
    let edit = json!({ "metadata": { MARKER: MARKER }, "fields": { "risk": MARKER } });
    api.patch(GRACE, &path, edit).await.expect(200);
    let moved = json!({ "status": working, "notes": MARKER });
    api.put(GRACE, &format!("{path}/status"), moved).await.expect(200);
    let raised = json!({ "team": MARKER, "reason": MARKER });
    api.post(GRACE, &format!("{path}/escalate"), raised).await.expect(200);
    let spent = json!({ "minutes": 5, "note": MARKER });
    api.post(GRACE, &format!("{path}/time"), spent).await.expect(201);
    api.post(GRACE, &format!("{path}/watch"), Value::Null).await.expect(200);
    // Somebody else's ticket that has to do with it.
    let other = json!({ "subject": MARKER, "description": MARKER });
    let other = api.post(EVE, "/tickets", other).await.expect(201)["id"].clone();
    api.post(GRACE, &format!("{path}/link"), json!({ "ticket": other })).await.expect(201);
    // Another ticket of the same customer, which goes up in it with a note of its own.
    let second = format!("/tickets/{}", api.ticket().await);
    let note = json!({ "message": MARKER, "isInternal": true });
    api.post(GRACE, &format!("{second}/messages"), note).await.expect(201);
    api.post(GRACE, &format!("{second}/merge"), json!({ "into": id })).await.expect(200);
    // Lists that staff keep.
    let text = json!({ "slug": MARKER, "title": MARKER, "body": MARKER, "team": MARKER });
    api.post(Who::Admin, "/canned-responses", text).await.expect(201);
    let view = json!({ "name": MARKER, "shared": true, "query": { "q": MARKER } });
    api.post(GRACE, "/views", view).await.expect(201);
    let closed = json!({ "slug": MARKER, "name": MARKER, "isActive": false });
    api.post(Who::Admin, "/categories", closed).await.expect(201);
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
            let (path, body) = route.on(&api, &id).await;
            let reply = api.call(ADA, route.method.clone(), &path.replace("{ticket}", &id), body).await;
            assert_clean(&reply, &format!("{name}: {} {}", route.method, route.path));
        }
    }
}

#[tokio::test]
async fn no_list_or_search_tells_of_it() {
    let (api, id) = marked(Profile::bookings()).await;
    for path in ["/tickets", "/categories", "/me/export", "/views", "/canned-responses", "/dashboard", "/stats"] {
        assert_clean(&api.get(ADA, path).await, path);
    }
    for query in [format!("q={MARKER}"), format!("tag={MARKER}"), format!("related={MARKER}:{MARKER}")] {
        let found = api.get(ADA, &format!("/tickets?{query}")).await.expect(200);
        assert_eq!(found["pagination"]["total"], 0, "{query}");
    }
    let list = api.get(ADA, "/tickets").await.expect(200);
    let ids: Vec<&Value> = list["tickets"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert!(ids.contains(&&json!(id)));
    for row in list["tickets"].as_array().unwrap() {
        // The ticket that went up in the other has no messages left.
        assert!(["Where is it?", ""].contains(&row["lastMessage"].as_str().unwrap_or_default()), "{row}");
    }
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

/// Everything that a customer can read, headers and all.
async fn readable(api: &Api, path: &str) -> Vec<(String, String)> {
    let mut seen = Vec::new();
    for here in [
        path.to_owned(),
        format!("{path}/messages"),
        format!("{path}/messages/unread-count"),
        "/tickets".to_owned(),
        "/tickets?sort=updatedAt".to_owned(),
        "/tickets?q=late".to_owned(),
        "/me/export".to_owned(),
        "/categories".to_owned(),
    ] {
        let reply = api.get(ADA, &here).await;
        assert_eq!(reply.status, 200, "{here}");
        seen.push((here, format!("{:?} {}", reply.headers, String::from_utf8_lossy(&reply.bytes))));
    }
    seen
}

/// Not one byte tells that staff have done something among themselves, not even when.
#[tokio::test]
async fn nothing_that_staff_do_among_themselves_changes_what_a_customer_reads() {
    let api = Api::new(noting(Profile::bookings()));
    let path = format!("/tickets/{}", api.ticket().await);
    let second = api.ticket().await;
    api.post(GRACE, &format!("{path}/claim"), Value::Null).await.expect(200);
    api.post(GRACE, &format!("{path}/messages"), json!({ "message": "On it" })).await.expect(201);
    // The status of an escalated ticket is the customer's to read; that it is raised once more is not.
    api.post(GRACE, &format!("{path}/escalate"), json!({ "reason": "Hard" })).await.expect(200);
    let last = async |end: &str, list: &str| {
        let shown = api.get(GRACE, &format!("{path}{end}")).await.expect(200);
        shown[list].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned()
    };
    let (post, put, edit, delete) = (Method::POST, Method::PUT, Method::PATCH, Method::DELETE);
    for (who, method, end, body) in [
        (GRACE, &post, "/messages", json!({ "message": MARKER, "isInternal": true })),
        (GRACE, &post, "/communicate", json!({ "type": "Internal Note", "content": MARKER })),
        (GRACE, &put, "/messages/{message}", json!({ "message": "Another note" })),
        (GRACE, &delete, "/messages/{message}", Value::Null),
        (GRACE, &edit, "", json!({ "metadata": { "risk": MARKER } })),
        (GRACE, &edit, "", json!({ "fields": { "risk": MARKER } })),
        (GRACE, &post, "/escalate", json!({ "reason": MARKER })),
        (GRACE, &post, "/watch", Value::Null),
        (Who::Admin, &post, "/watch", json!({ "agentId": LINUS.id() })),
        (GRACE, &post, "/unwatch", Value::Null),
        (GRACE, &post, "/time", json!({ "minutes": 5, "billable": true, "note": MARKER })),
        (GRACE, &delete, "/time/{time}", Value::Null),
        (GRACE, &post, "/link", json!({ "ticket": second })),
        (GRACE, &post, "undo", Value::Null),
    ] {
        api.clock.advance(chrono::TimeDelta::minutes(1));
        let here = match end {
            "undo" => format!("/operations/{}/undo", last("/operations", "operations").await),
            "/time/{time}" => format!("{path}/time/{}", last("/time", "entries").await),
            "/messages/{message}" => format!("{path}/messages/{}", last("/messages", "messages").await),
            end => format!("{path}{end}"),
        };
        let before = readable(&api, &path).await;
        let reply = api.call(who, method.clone(), &here, body).await;
        assert!(reply.status.is_success(), "{method} {here}: {reply:?}");
        for (before, after) in before.into_iter().zip(readable(&api, &path).await) {
            assert_eq!(before, after, "{method} {here}");
        }
    }
    // What was read before is still what there is, to a change as to a read.
    let tag = api.get(ADA, &path).await.headers["etag"].to_str().unwrap().to_owned();
    api.post(GRACE, &format!("{path}/messages"), json!({ "message": MARKER, "isInternal": true })).await.expect(201);
    let fresh = [("if-match", tag.as_str())];
    let said = json!({ "message": "Thanks" });
    api.call_with(ADA, Method::POST, &format!("{path}/messages"), said, &fresh).await.expect(201);
}

/// A ticket that goes up in another one takes its notes along, and one that is split off gets those that were chosen.
#[tokio::test]
async fn messages_that_move_stay_what_they_were() {
    let (api, id) = marked(Profile::bookings()).await;
    let path = format!("/tickets/{id}");
    let thread = api.get(GRACE, &format!("{path}/messages")).await.expect(200);
    let notes: Vec<&Value> = thread["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["isInternal"] == true)
        .map(|message| &message["id"])
        .collect();
    assert_eq!(notes.len(), 3);
    let split = json!({ "subject": "Something else", "messages": notes });
    let new = api.post(GRACE, &format!("{path}/split"), split).await.expect(201)["otherTicket"]["id"].clone();
    let new = format!("/tickets/{}", new.as_str().unwrap());
    for here in [&path, &new] {
        for end in ["", "/messages", "/messages/unread-count"] {
            assert_clean(&api.get(ADA, &format!("{here}{end}")).await, &format!("{here}{end}"));
        }
    }
    for query in ["", "?q=zebra", "?q=something"] {
        assert_clean(&api.get(ADA, &format!("/tickets{query}")).await, query);
    }
    assert_eq!(api.get(ADA, &format!("/tickets?q={MARKER}")).await.expect(200)["pagination"]["total"], 0);
    assert_clean(&api.get(ADA, "/me/export").await, "export");
}
