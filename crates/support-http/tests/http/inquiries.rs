//! Questions that are asked and logged.

use crate::harness::{ADA, Api, EVE, GRACE, Who, fields};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

pub(crate) const ROUTES: [(&str, &str); 5] = [
    ("POST", "/inquiries"),
    ("GET", "/inquiries"),
    ("GET", "/inquiries/{inquiry}"),
    ("POST", "/inquiries/{inquiry}/convert"),
    ("POST", "/inquiries/{inquiry}/dismiss"),
];

#[tokio::test]
async fn a_question_becomes_a_ticket() {
    let api = Api::new(Profile::vehicle_retail());
    let asked = json!({ "message": "Do you have blue cars?", "email": "zoe@example.org", "name": "Zoe" });
    let inquiry = api.post(Who::Guest, "/inquiries", asked).await.expect(201);
    assert_json_snapshot!("an_inquiry", inquiry);
    let path = format!("/inquiries/{}", inquiry["inquiryId"].as_str().unwrap());
    assert_json_snapshot!(
        "inquiries_as_staff_see_them",
        api.get(GRACE, "/inquiries?channel=web&status=open").await.expect(200)
    );
    let reply = api.post(GRACE, &format!("{path}/convert"), Value::Null).await;
    let location = reply.headers["location"].to_str().unwrap().to_owned();
    let ticket = reply.expect(201);
    assert_eq!(
        (&ticket["subject"], &ticket["contactEmail"]),
        (&json!("Do you have blue cars?"), &json!("zoe@example.org"))
    );
    assert_eq!(location, format!("/api/v1/support/tickets/{}", ticket["id"].as_str().unwrap()));
    assert_eq!(api.get(GRACE, &path).await.expect(200)["ticketId"], ticket["id"]);
    api.post(GRACE, &format!("{path}/convert"), Value::Null).await.problem(409, "state");
    let own = api.post(ADA, "/inquiries", json!({ "question": "And red ones?" })).await.expect(201);
    assert_eq!(own["customerId"], json!(ADA.id()));
    let path = format!("/inquiries/{}", own["id"].as_str().unwrap());
    assert_eq!(api.post(GRACE, &format!("{path}/dismiss"), Value::Null).await.expect(200)["status"], "dismissed");
}

#[tokio::test]
async fn everybody_asks_and_staff_read() {
    let api = Api::new(Profile::vehicle_retail());
    let asked = api.post(EVE, "/inquiries", json!({ "message": "?" })).await.expect(201);
    let path = format!("/inquiries/{}", asked["id"].as_str().unwrap());
    for (who, status) in [(Who::Guest, 401), (EVE, 403), (ADA, 403), (GRACE, 200), (Who::Admin, 200)] {
        for path in ["/inquiries", &path] {
            assert_eq!(api.get(who, path).await.status, status, "{who:?} {path}");
        }
        if status != 200 {
            for step in ["convert", "dismiss"] {
                assert_eq!(
                    api.post(who, &format!("{path}/{step}"), Value::Null).await.status,
                    status,
                    "{who:?} {step}"
                );
            }
        }
    }
}

#[tokio::test]
async fn every_wrong_field_of_a_question_is_named_as_it_was_written() {
    let api = Api::new(Profile::vehicle_retail());
    for (who, body, wrong) in [
        (Who::Guest, json!({}), "message"),
        (Who::Guest, json!({ "content": "x" }), "email"),
        (
            GRACE,
            json!({ "content": " ", "contact_email": "x", "name": "\u{7}", "channel": "phone" }),
            "content name contact_email",
        ),
        (ADA, json!({ "message": "x", "customer_id": EVE.id() }), "customer_id"),
        (GRACE, json!({ "message": "x", "source": "pigeon", "customerId": 1 }), "source customerId"),
    ] {
        let problem = api.post(who, "/inquiries", body.clone()).await.problem(422, "invalid");
        assert_eq!(fields(&problem).join(" "), wrong, "{body}");
    }
    let problem = api.get(GRACE, "/inquiries?channel=x&status=y").await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["channel", "status"]);
}
