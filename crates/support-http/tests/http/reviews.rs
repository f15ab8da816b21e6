//! Reviews: who writes them, who decides, and what everybody reads.

use crate::harness::{ADA, Api, EVE, GRACE, Who, fields};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

pub(crate) const ROUTES: [(&str, &str); 7] = [
    ("POST", "/reviews"),
    ("GET", "/reviews"),
    ("GET", "/reviews/moderation"),
    ("GET", "/reviews/{review}"),
    ("POST", "/reviews/{review}/helpful"),
    ("POST", "/reviews/{review}/approve"),
    ("POST", "/reviews/{review}/reject"),
];

pub(crate) fn written() -> Value {
    json!({ "purchaseId": "P-1", "rating": 4, "title": "A good car", "review": "It drives well and the boot is large." })
}

#[tokio::test]
async fn a_review_is_read_by_everybody_once_it_is_published() {
    let api = Api::new(Profile::vehicle_retail());
    let reply = api.post(ADA, "/reviews", written()).await;
    let location = reply.headers["location"].to_str().unwrap().to_owned();
    let review = reply.expect(201);
    assert_json_snapshot!("a_review", review);
    let path = format!("/reviews/{}", review["reviewId"].as_str().unwrap());
    assert_eq!(location, format!("/api/v1/support{path}"));
    // Until then its author and staff do.
    for (who, status) in [(Who::Guest, 404), (EVE, 404), (ADA, 200), (GRACE, 200)] {
        assert_eq!(api.get(who, &path).await.status, status, "{who:?}");
    }
    assert_eq!(api.get(Who::Guest, "/reviews").await.expect(200)["reviews"], json!([]));
    assert_json_snapshot!("reviews_that_wait", api.get(GRACE, "/reviews/moderation").await.expect(200));
    api.post(GRACE, &format!("{path}/approve"), json!({ "note": "Fine" })).await.expect(200);
    api.post(GRACE, &format!("{path}/approve"), Value::Null).await.problem(409, "state");
    for (who, helpful) in [(EVE, 1), (EVE, 1), (Who::Guest, 2)] {
        let votes = api.post(who, &format!("{path}/helpful"), Value::Null).await.expect(200);
        assert_eq!(votes["helpful"], helpful);
    }
    api.post(ADA, &format!("{path}/helpful"), Value::Null).await.problem(409, "state");
    assert_json_snapshot!("published_reviews", api.get(Who::Guest, "/reviews").await.expect(200));
    for (query, found) in
        [("vehicleType=suv", 1), ("vehicle_type=SUV&rating=4", 1), ("rating=5", 0), ("vehicleType=van", 0)]
    {
        let list = api.get(EVE, &format!("/reviews?{query}")).await.expect(200);
        assert_eq!(list["pagination"]["total"], found, "{query}");
    }
    // What only staff see stays with staff.
    let seen = api.get(ADA, &path).await.expect(200);
    assert!(seen.get("decisionNote").is_none() && seen.get("purchaseId").is_none(), "{seen}");
    api.post(GRACE, &format!("{path}/reject"), json!({ "reason": "Not so fine" })).await.expect(200);
    api.get(Who::Guest, &path).await.problem(404, "not-found");
    assert_eq!(api.get(GRACE, "/reviews/moderation?status=rejected").await.expect(200)["pagination"]["total"], 1);
}

#[tokio::test]
async fn customers_review_what_they_bought_and_staff_decide() {
    let api = Api::new(Profile::vehicle_retail());
    for (who, write) in [(Who::Guest, 401), (ADA, 201), (ADA, 422), (EVE, 422), (GRACE, 403), (Who::Admin, 403)] {
        assert_eq!(api.post(who, "/reviews", written()).await.status, write, "{who:?}");
    }
    let waiting = api.get(GRACE, "/reviews/moderation").await.expect(200);
    let path = format!("/reviews/{}", waiting["reviews"][0]["id"].as_str().unwrap());
    for (who, status) in [(Who::Guest, 401), (ADA, 403), (EVE, 403)] {
        assert_eq!(api.get(who, "/reviews/moderation").await.status, status, "{who:?}");
        for step in ["approve", "reject"] {
            assert_eq!(api.post(who, &format!("{path}/{step}"), Value::Null).await.status, status, "{who:?} {step}");
        }
    }
    api.post(EVE, &format!("{path}/helpful"), Value::Null).await.problem(404, "not-found");
    api.post(Who::Admin, &format!("{path}/approve"), Value::Null).await.expect(200);
}

#[tokio::test]
async fn every_wrong_field_of_a_review_is_named_as_it_was_written() {
    let api = Api::new(Profile::vehicle_retail());
    for (body, wrong) in [
        (json!({}), "purchaseId rating title review"),
        (
            json!({ "purchase_id": 1, "rating": "x", "title": 2, "text": 3, "photos": ["x"], "display_name": 4 }),
            "purchase_id rating title text photos.0 display_name",
        ),
        (
            json!({ "purchaseId": "P-1", "rating": 6, "title": " ", "content": "", "displayName": "\n" }),
            "rating title content displayName",
        ),
        (json!({ "purchaseId": "P-9", "rating": 5, "title": "x", "review": "x" }), "purchaseId"),
        (
            json!({ "purchaseId": "P-1", "rating": 5, "title": "x", "review": "x", "photos": [uuid::Uuid::nil()], "status": "published" }),
            "status",
        ),
        (
            json!({ "purchaseId": "P-1", "rating": 5, "title": "x", "review": "x", "photos": [uuid::Uuid::nil()] }),
            "photos.0",
        ),
    ] {
        let problem = api.post(ADA, "/reviews", body.clone()).await.problem(422, "invalid");
        assert_eq!(fields(&problem).join(" "), wrong, "{body}");
    }
    let problem = api.get(Who::Guest, "/reviews?rating=6&vehicle=x").await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["rating", "vehicle"]);
    let problem = api.get(GRACE, "/reviews/moderation?status=x").await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["status"]);
}
