//! Answers to surveys, and what they come to.

use crate::harness::{ADA, Api, EVE, GRACE, Who, fields};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

pub(crate) const ROUTES: [(&str, &str); 3] =
    [("POST", "/feedback"), ("GET", "/feedback"), ("GET", "/feedback/analytics")];

pub(crate) fn given() -> Value {
    json!({
        "purchaseId": "P-1", "nps": 9, "comments": "Fine", "allowPublish": true,
        "ratings": { "overall": 5, "vehicleQuality": 4, "deliveryExperience": 3, "customerService": 5, "value": 4 },
    })
}

#[tokio::test]
async fn feedback_is_taken_once_and_added_up() {
    let api = Api::new(Profile::vehicle_retail());
    assert_json_snapshot!("feedback_that_was_taken", api.post(ADA, "/feedback", given()).await.expect(200));
    let problem = api.post(ADA, "/feedback", given()).await.problem(422, "invalid");
    assert_eq!(fields(&problem), ["purchaseId"]);
    assert_json_snapshot!("a_list_of_feedback", api.get(GRACE, "/feedback").await.expect(200));
    let figures = api.get(GRACE, "/feedback/analytics?from=2026-01-01&to=2026-01-05&by=week").await.expect(200);
    assert_json_snapshot!("figures_of_feedback", figures);
    // Without days, it is the last thirty.
    let figures = api.get(GRACE, "/feedback/analytics").await.expect(200);
    assert_eq!((&figures["from"], &figures["to"]), (&json!("2025-12-07"), &json!("2026-01-05")));
    assert_eq!(figures["series"].as_array().unwrap().len(), 30);
}

#[tokio::test]
async fn a_resolved_ticket_can_be_answered_for() {
    let api = Api::new(Profile::vehicle_retail());
    let ticket = api.ticket().await;
    let about = json!({ "ticket_id": ticket, "ratings": { "overall": 4 }, "nps": 10 });
    api.post(ADA, "/feedback", about.clone()).await.problem(409, "state");
    api.post(ADA, &format!("/tickets/{ticket}/close"), Value::Null).await.expect(200);
    let problem = api.post(EVE, "/feedback", about.clone()).await.problem(422, "invalid");
    assert_eq!(fields(&problem), ["ticket_id"]);
    api.post(ADA, "/feedback", about).await.expect(200);
}

#[tokio::test]
async fn customers_give_feedback_and_staff_read_it() {
    let api = Api::new(Profile::vehicle_retail());
    for (who, give, read) in [(Who::Guest, 401, 401), (ADA, 200, 403), (GRACE, 403, 200), (Who::Admin, 403, 200)] {
        assert_eq!(api.post(who, "/feedback", given()).await.status, give, "{who:?}");
        for path in ["/feedback", "/feedback/analytics"] {
            assert_eq!(api.get(who, path).await.status, read, "{who:?} {path}");
        }
    }
    // A purchase of somebody else is none of theirs.
    let problem = api.post(EVE, "/feedback", given()).await.problem(422, "invalid");
    assert_eq!(fields(&problem), ["purchaseId"]);
}

#[tokio::test]
async fn every_wrong_field_of_feedback_is_named_as_it_was_written() {
    let api = Api::new(Profile::vehicle_retail());
    for (body, wrong) in [
        (json!({}), "ratings nps"),
        (
            json!({ "purchase_id": 1, "ratings": [], "nps": "x", "allow_publish": 1 }),
            "ratings purchase_id nps allow_publish",
        ),
        (json!({ "ratings": { "overal": 5, "value": "x" }, "nps": 1 }), "ratings.value ratings.overal"),
        (
            json!({ "purchaseId": "P-1", "ratings": { "overall": 6, "vehicle_quality": 0 }, "nps": 11 }),
            "ratings.overall ratings.vehicle_quality ratings.deliveryExperience ratings.customerService ratings.value nps",
        ),
    ] {
        let problem = api.post(ADA, "/feedback", body.clone()).await.problem(422, "invalid");
        assert_eq!(fields(&problem).join(" "), wrong, "{body}");
    }
    for (query, wrong) in [("from=x&to=y&by=z&q=1", "from to by q"), ("from=2026-01-02&to=2026-01-01", "to")] {
        let problem = api.get(GRACE, &format!("/feedback/analytics?{query}")).await.problem(400, "parameters");
        assert_eq!(fields(&problem).join(" "), wrong, "{query}");
    }
}
