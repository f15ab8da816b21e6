//! What people were told, and how they want to be told.

use crate::harness::{ADA, Api, EVE, GRACE, Who, fields};
use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::{
    desk::{Desk, workers::Job},
    domain::profile::Profile,
};

pub(crate) const ROUTES: [(&str, &str); 6] = [
    ("GET", "/notifications"),
    ("GET", "/notifications/unread-count"),
    ("POST", "/notifications/{notification}/read"),
    ("POST", "/notifications/read-all"),
    ("GET", "/notifications/preferences"),
    ("PUT", "/notifications/preferences"),
];

async fn tell(desk: &Desk) {
    desk.workers().tick(Job::Relay).await.unwrap();
    desk.workers().tick(Job::Notify).await.unwrap();
}

/// A ticket that its customer and an agent were told of.
async fn told() -> (Api, Desk, String) {
    let (api, desk) = Api::with_desk(Profile::bookings());
    // Whoever listens hears what happens from the first look on.
    tell(&desk).await;
    let path = format!("/tickets/{}", api.ticket().await);
    api.post(GRACE, &format!("{path}/claim"), Value::Null).await.expect(200);
    api.clock.advance(chrono::TimeDelta::minutes(1));
    api.post(GRACE, &format!("{path}/messages"), json!({ "message": "Soon" })).await.expect(201);
    let note = json!({ "message": "Not soon at all", "isInternal": true });
    api.post(Who::Admin, &format!("{path}/messages"), note).await.expect(201);
    api.clock.advance(chrono::TimeDelta::minutes(1));
    api.post(ADA, &format!("{path}/messages"), json!({ "message": "When?" })).await.expect(201);
    tell(&desk).await;
    (api, desk, path)
}

#[tokio::test]
async fn an_inbox_is_read() {
    let (api, _, _) = told().await;
    let inbox = api.get(ADA, "/notifications").await.expect(200);
    assert_json_snapshot!("an_inbox", inbox);
    assert_json_snapshot!("an_inbox_of_staff", api.get(GRACE, "/notifications").await.expect(200));
    let total = inbox["pagination"]["total"].as_u64().unwrap();
    assert!(total >= 2, "{inbox}");
    assert_eq!(api.get(ADA, "/notifications/unread-count").await.expect(200), json!({ "count": total }));
    let first = format!("/notifications/{}/read", inbox["notifications"][0]["id"].as_str().unwrap());
    for _ in 0..2 {
        let read = api.post(ADA, &first, Value::Null).await;
        assert_eq!((read.status.as_u16(), read.bytes.len()), (204, 0));
    }
    assert_eq!(api.get(ADA, "/notifications/unread-count").await.expect(200)["count"], total - 1);
    let all = api.get(ADA, "/notifications").await.expect(200);
    assert_eq!(all["notifications"][0]["readAt"], "2026-01-05T09:02:00.000Z");
    let unread = api.get(ADA, "/notifications?unread=true&limit=1").await;
    assert!(unread.headers["link"].to_str().unwrap().contains("unread=true"));
    assert_eq!(unread.expect(200)["pagination"]["total"], total - 1);
    let done = api.post(ADA, "/notifications/read-all", Value::Null).await.expect(200);
    assert_eq!(done, json!({ "read": total - 1, "count": 0 }));
    assert_eq!(api.get(ADA, "/notifications?unread=true").await.expect(200)["notifications"], json!([]));
}

#[tokio::test]
async fn an_inbox_is_its_persons_alone() {
    let (api, desk, path) = told().await;
    let own = api.get(ADA, "/notifications").await.expect(200);
    let first = format!("/notifications/{}/read", own["notifications"][0]["id"].as_str().unwrap());
    let missing = format!("/notifications/{}/read", uuid::Uuid::nil());
    for who in [EVE, GRACE, Who::Admin] {
        let (foreign, none) = (api.post(who, &first, Value::Null).await, api.post(who, &missing, Value::Null).await);
        assert_eq!(foreign.visible(), none.visible());
        foreign.problem(404, "not-found");
    }
    assert_eq!(api.get(EVE, "/notifications").await.expect(200)["pagination"]["total"], 0);
    for (method, route) in ROUTES {
        let route = route.replace("{notification}", &uuid::Uuid::nil().to_string());
        let body = if method == "PUT" { json!({ "digest": 1 }) } else { Value::Null };
        api.call(Who::Guest, method.parse().unwrap(), &route, body).await.problem(401, "unauthenticated");
    }
    // No note stands in a customer's inbox, and nothing of a ticket that was theirs.
    assert!(!own.to_string().contains("Not soon"), "{own}");
    api.call(Who::Admin, Method::DELETE, &path, Value::Null).await.expect(200);
    tell(&desk).await;
    let after = api.get(ADA, "/notifications").await.expect(200).to_string();
    assert!(!after.contains("It is late") && !after.contains("Soon"), "{after}");
}

#[tokio::test]
async fn everybody_says_how_they_want_to_be_told() {
    let api = Api::new(Profile::bookings());
    assert_json_snapshot!("preferences_as_without", api.get(ADA, "/notifications/preferences").await.expect(200));
    let wishes = json!({
        "topics": { "reply_sent": ["in_app", "push"], "survey": [] },
        "quiet_hours": { "from": "22:00", "to": "07:30" }, "digest": "daily", "time_zone": "Europe/Berlin",
    });
    let said = api.put(ADA, "/notifications/preferences", wishes).await.expect(200);
    assert_json_snapshot!("preferences_that_were_said", said);
    assert_eq!(api.get(ADA, "/notifications/preferences").await.expect(200), said);
    // What is absent stays.
    let less = json!({ "topics": { "survey": null }, "quietHours": null });
    let less = api.put(ADA, "/notifications/preferences", less).await.expect(200);
    assert_eq!(less["topics"], json!({ "reply_sent": ["in_app", "push"] }));
    assert_eq!((&less["quietHours"], &less["digest"]), (&Value::Null, &json!("daily")));
    assert_eq!(api.get(EVE, "/notifications/preferences").await.expect(200)["digest"], "off");
}

#[tokio::test]
async fn every_wrong_wish_is_named_with_what_would_be_right() {
    let api = Api::new(Profile::bookings());
    for (who, body, wrong) in [
        (
            ADA,
            json!({ "topics": { "sla_breached": [], "x": ["email"], "survey": ["fax", 1] }, "digest": "weekly",
                    "time_zone": "Moon", "quiet_hours": { "from": "7", "until": "08:00" } }),
            "topics.survey.0 topics.survey.1 quiet_hours.from quiet_hours.to quiet_hours.until digest time_zone \
             topics.sla_breached topics.x",
        ),
        (GRACE, json!({ "topics": { "survey": ["email"], "sla_breached": ["email"] } }), "topics.survey"),
        (ADA, json!({ "topics": ["survey"], "quietHours": "22:00-07:00", "digest": 1 }), "topics quietHours digest"),
        (ADA, json!({ "quietHours": { "from": "24:00", "to": "07:00:30" } }), "quietHours.from quietHours.to"),
        (ADA, json!({ "topics": { "access_link": [] } }), "topics.access_link"),
    ] {
        let problem = api.put(who, "/notifications/preferences", body.clone()).await.problem(422, "invalid");
        let mut named = fields(&problem);
        named.sort_unstable();
        let mut wrong: Vec<&str> = wrong.split_whitespace().collect();
        wrong.sort_unstable();
        assert_eq!(named, wrong, "{body}");
    }
    let unknown = json!({ "topics": { "x": [] } });
    let problem = api.put(ADA, "/notifications/preferences", unknown).await.problem(422, "invalid");
    let allowed = problem["errors"][0]["allowed"].as_array().unwrap();
    assert!(allowed.contains(&json!("reply_sent")) && !allowed.contains(&json!("note_added")), "{problem}");
    for (path, wrong) in [("/notifications?unread=yes", "unread"), ("/notifications?topic=x", "topic")] {
        let problem = api.get(ADA, path).await.problem(400, "parameters");
        assert_eq!(fields(&problem), [wrong], "{path}");
    }
}
