//! What is kept about a person: they get all of it, and when they want to be forgotten nothing is left.

use crate::harness::{ADA, Api, EVE, GRACE, Reply, Who, fields};
use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

/// What the customer wrote, and what staff wrote for each other.
const OWN: &str = "platypus";
const INTERNAL: &str = "zebrafish";

/// Two tickets of one customer, one of them deleted, with everything that can be written on a ticket.
async fn desk() -> (Api, String) {
    let api = Api::new(Profile::bookings());
    let opening = json!({
        "subject": format!("My {OWN}"), "description": format!("Where is my {OWN}?"), "tags": [OWN], "category": "booking",
        "email": format!("{OWN}@example.org"), "customerName": "ignored",
        "attachments": [{ "url": format!("https://{OWN}.example/a"), "fileName": OWN }],
    });
    let id = api.post(ADA, "/tickets", opening).await.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/tickets/{id}");
    api.post(GRACE, &format!("{path}/claim"), Value::Null).await.expect(200);
    for (end, body) in [
        ("messages", json!({ "message": INTERNAL, "isInternal": true })),
        ("messages", json!({ "message": format!("About your {OWN}") })),
        ("escalate", json!({ "reason": INTERNAL })),
        ("time", json!({ "minutes": 5, "note": INTERNAL })),
        ("watch", Value::Null),
    ] {
        let reply = api.post(GRACE, &format!("{path}/{end}"), body).await;
        assert!(reply.status.is_success(), "{reply:?}");
    }
    api.patch(GRACE, &path, json!({ "metadata": { INTERNAL: INTERNAL } })).await.expect(200);
    let said = api.post(ADA, &format!("{path}/messages"), json!({ "message": format!("No {OWN}s") })).await.expect(201);
    let said = format!("{path}/messages/{}", said["id"].as_str().unwrap());
    api.put(ADA, &said, json!({ "message": format!("No {OWN}") })).await.expect(200);
    let other = json!({ "subject": format!("Second {OWN}"), "description": OWN });
    let other = api.post(ADA, "/tickets", other).await.expect(201)["id"].as_str().unwrap().to_owned();
    api.post(GRACE, &format!("{path}/link"), json!({ "ticket": other })).await.expect(201);
    api.call(Who::Admin, Method::DELETE, &format!("/tickets/{other}"), Value::Null).await.expect(200);
    let closing = json!({ "summary": format!("The {OWN} came"), "resolutionNotes": INTERNAL });
    api.put(GRACE, &format!("{path}/close"), closing).await.expect(200);
    let rating = json!({ "rating": 5, "feedback": format!("Good {OWN}") });
    api.post(ADA, &format!("{path}/rate"), rating).await.expect(200);
    api.post(EVE, "/tickets", json!({ "subject": "Eve's", "description": "Eve's own" })).await.expect(201);
    (api, id)
}

fn shown(reply: &Reply) -> String {
    format!("{:?} {}", reply.headers, String::from_utf8_lossy(&reply.bytes))
}

fn export_of(who: Who) -> String {
    format!("/people/{}/export", who.id())
}

#[tokio::test]
async fn a_person_gets_everything_that_is_theirs() {
    let (api, id) = desk().await;
    let export = api.get(ADA, "/me/export").await;
    for part in ["My", "Where is my", "About your", "No", "Second", "The platypus came", "Good", "@example.org"] {
        assert!(shown(&export).contains(part), "{part}");
    }
    assert!(!shown(&export).contains("Eve"));
    let export = export.expect(200);
    assert_json_snapshot!(export);
    assert_eq!(export["tickets"].as_array().unwrap().len(), 2);
    assert_eq!(export["tickets"][0]["id"], id);
    for who in [ADA, Who::Admin] {
        assert_eq!(api.get(who, &export_of(ADA)).await.expect(200), export);
    }
    // Who has no ticket has an export too.
    let nothing = api.get(Who::Customer(3), "/me/export").await.expect(200);
    assert_eq!(nothing["tickets"], json!([]));
}

#[tokio::test]
async fn an_export_holds_nothing_that_is_for_staff() {
    let (api, _) = desk().await;
    for who in [ADA, Who::Admin] {
        let shown = shown(&api.get(who, &export_of(ADA)).await);
        for word in [
            INTERNAL,
            "isInternal",
            "metadata",
            "escalat",
            "watcher",
            "slaDeadline",
            "\"sla",
            "team",
            "time_",
            "note",
            "linked",
            "\"cause\"",
            "\"version\"",
            "customerTier",
            "createdBy",
            "deletedAt\":\"",
        ] {
            // The word of the profile for where the ticket stood is the customer's to read.
            let shown = shown.replace("\"escalated\"", "").replace("\"notes\":null", "");
            assert!(!shown.contains(word), "{word} in {shown}");
        }
    }
}

#[tokio::test]
async fn only_admins_ask_for_others_and_forget_them() {
    let (api, _) = desk().await;
    let path = format!("/people/{}", ADA.id());
    for (who, own, other, erase) in
        [(Who::Guest, 401, 401, 401), (EVE, 200, 403, 403), (GRACE, 403, 403, 403), (Who::Admin, 403, 200, 200)]
    {
        assert_eq!(api.get(who, "/me/export").await.status, own, "{who:?}");
        assert_eq!(api.get(who, &export_of(ADA)).await.status, other, "{who:?}");
        assert_eq!(api.call(who, Method::DELETE, &path, Value::Null).await.status, erase, "{who:?}");
    }
    // Their own, too, people have forgotten by an admin.
    api.call(EVE, Method::DELETE, &format!("/people/{}", EVE.id()), Value::Null).await.problem(403, "forbidden");
    // Nobody learns whether somebody is known.
    let nobody = uuid::Uuid::from_u128(404);
    let export = api.get(Who::Admin, &format!("/people/{nobody}/export")).await.expect(200);
    assert_eq!(export["tickets"], json!([]));
    let (known, unknown) =
        (api.get(EVE, &export_of(ADA)).await, api.get(EVE, &format!("/people/{nobody}/export")).await);
    assert_eq!(known.visible(), unknown.visible());
    api.get(Who::Admin, "/people/x/export").await.problem(404, "not-found");
}

#[tokio::test]
async fn nothing_is_left_of_whom_the_desk_has_forgotten() {
    let (api, id) = desk().await;
    let forgotten =
        api.call(Who::Admin, Method::DELETE, &format!("/people/{}", ADA.id()), Value::Null).await.expect(200);
    assert_eq!(forgotten["tickets"], 2);
    let pseudonym = forgotten["pseudonym"].as_str().unwrap();
    let path = format!("/tickets/{id}");
    let kept = api.get(Who::Admin, &path).await.expect(200);
    assert_eq!((&kept["customerId"], &kept["subject"]), (&json!(pseudonym), &json!("[erased]")));
    let ada = ADA.id().to_string();
    for here in [
        path.clone(),
        format!("{path}/messages"),
        format!("{path}/events"),
        format!("{path}/operations"),
        format!("{path}/time"),
        "/tickets".to_owned(),
        "/tickets?deleted=true".to_owned(),
        format!("/tickets?q={OWN}"),
        format!("/tickets?tag={OWN}"),
        format!("/tickets?email={OWN}@example.org"),
        format!("/tickets?customerId={ada}"),
        "/dashboard".to_owned(),
        "/stats".to_owned(),
        "/agents".to_owned(),
        format!("/people/{pseudonym}/export"),
        format!("/people/{ada}/export"),
    ] {
        let reply = api.get(Who::Admin, &here).await;
        assert_eq!(reply.status, 200, "{here}");
        let (shown, asked) = (shown(&reply), here.contains(OWN) || here.contains(&ada));
        for trace in [OWN, INTERNAL, "Customer 1", &ada] {
            // What was asked for stands in the links of the list, and in the export of nothing.
            assert!(!shown.contains(trace) || asked, "{here}: {trace} in {shown}");
        }
    }
    for query in
        [format!("q={OWN}"), format!("tag={OWN}"), format!("email={OWN}@example.org"), format!("customerId={ada}")]
    {
        let found = api.get(Who::Admin, &format!("/tickets?{query}")).await.expect(200);
        assert_eq!(found["pagination"]["total"], 0, "{query}");
    }
    // To themselves the ticket is a foreign one, and they have none.
    api.get(ADA, &path).await.problem(404, "not-found");
    assert_eq!(api.get(ADA, "/me/export").await.expect(200)["tickets"], json!([]));
    // Figures stay true.
    assert_eq!(api.get(Who::Admin, "/stats").await.expect(200)["performance"]["satisfaction"]["average"], 5.0);
    let again = api.call(Who::Admin, Method::DELETE, &format!("/people/{ada}"), Value::Null).await.expect(200);
    assert_eq!(again["tickets"], 0);
}

/// An answer that is kept for repeated requests is kept about somebody.
#[tokio::test]
async fn no_remembered_answer_outlives_the_person() {
    let api = Api::new(Profile::bookings());
    let key = [("idempotency-key", "key")];
    let opening = json!({ "subject": OWN, "description": OWN });
    api.call_with(ADA, Method::POST, "/tickets", opening.clone(), &key).await.expect(201);
    api.call(Who::Admin, Method::DELETE, &format!("/people/{}", ADA.id()), Value::Null).await.expect(200);
    let again = api.call_with(ADA, Method::POST, "/tickets", opening, &key).await;
    assert!(again.headers.get("idempotency-replayed").is_none());
    again.expect(201);
}

#[tokio::test]
async fn staff_find_people_by_their_mail_address() {
    let (api, id) = desk().await;
    for query in [format!("email={OWN}@example.org"), format!("contact_email=%20{}@Example.ORG", OWN.to_uppercase())] {
        for who in [GRACE, Who::Admin] {
            let found = api.get(who, &format!("/tickets?{query}")).await.expect(200);
            assert_eq!(found["pagination"]["total"], 1, "{query}");
            assert_eq!(found["tickets"][0]["id"], id);
        }
    }
    let problem = api.get(ADA, &format!("/tickets?contactEmail={OWN}@example.org")).await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["contactEmail"]);
    let problem = api.get(GRACE, "/tickets?email=&deleted=maybe").await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["email", "deleted"]);
}

/// What was said to staff about two tickets is kept about two people.
#[tokio::test]
async fn no_remembered_answer_about_two_people_outlives_one_of_them() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}/link", api.ticket().await);
    let other =
        api.post(EVE, "/tickets", json!({ "subject": OWN, "description": OWN })).await.expect(201)["id"].clone();
    let (key, body) = ([("idempotency-key", "key")], json!({ "ticket": other }));
    api.call_with(GRACE, Method::POST, &path, body.clone(), &key).await.expect(201);
    api.call(Who::Admin, Method::DELETE, &format!("/people/{}", EVE.id()), Value::Null).await.expect(200);
    let again = api.call_with(GRACE, Method::POST, &path, body, &key).await;
    assert!(!shown(&again).contains(OWN), "{again:?}");
}

/// Where categories are free text, people write into them. The name of a team is a word of the desk.
#[tokio::test]
async fn no_free_word_outlives_the_person() {
    let api = Api::new(Profile::after_sales());
    let opening = json!({ "subject": "s", "description": "d", "category": OWN });
    let path = format!("/tickets/{}", api.post(ADA, "/tickets", opening).await.expect(201)["id"].as_str().unwrap());
    api.post(GRACE, &format!("{path}/escalate"), json!({ "reason": INTERNAL })).await.expect(200);
    api.call(Who::Admin, Method::DELETE, &format!("/people/{}", ADA.id()), Value::Null).await.expect(200);
    for here in [path.clone(), format!("{path}/events"), "/tickets".to_owned(), "/stats".to_owned()] {
        let shown = shown(&api.get(Who::Admin, &here).await);
        assert!(!shown.contains(OWN) && !shown.contains(INTERNAL), "{here}: {shown}");
    }
}
