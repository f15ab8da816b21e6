//! Where a customer is reached, what a desk asks of its tickets, and links in fields of their own.

use crate::harness::{ADA, Api, GRACE, fields};
use serde_json::{Value, json};
use support_core::domain::{
    field::{Field, FieldKind},
    profile::{Profile, When},
};

/// A desk that asks for an order, and notes a risk that only staff know of.
fn api() -> Api {
    let field = |key: &str, kind, internal| Field {
        key: key.to_owned(),
        label: String::new(),
        kind,
        when: When::default(),
        required: false,
        internal,
    };
    let mut profile = Profile::after_sales();
    profile.fields = vec![field("size", FieldKind::Number, false), field("risk", FieldKind::Text, true)];
    Api::new(profile)
}

async fn opened(api: &Api, body: Value) -> Value {
    let mut whole = json!({ "subject": "s", "description": "d" });
    whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    api.post(ADA, "/tickets", whole).await.expect(201)
}

#[tokio::test]
async fn a_ticket_says_where_its_customer_is_reached() {
    for body in [
        json!({ "email": "ada@example.org", "phone": "+44 20 7946 0018", "language": "pt-BR" }),
        json!({ "contact_email": "ada@example.org", "contactPhone": "+44 20 7946 0018", "language": "pt-br" }),
    ] {
        let api = api();
        let ticket = opened(&api, body).await;
        let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
        for seen in [ticket, api.get(ADA, &path).await.expect(200), api.get(GRACE, &path).await.expect(200)] {
            assert_eq!(seen["contactEmail"], "ada@example.org");
            assert_eq!(seen["contactPhone"], "+44 20 7946 0018");
            assert_eq!(seen["language"], "pt-br");
        }
        let edit = json!({ "email": "", "language": "fr" });
        let edited = api.patch(GRACE, &path, edit).await.expect(200);
        assert_eq!(edited["contactEmail"], Value::Null);
        assert_eq!(edited["contactPhone"], "+44 20 7946 0018");
        assert_eq!(edited["language"], "fr");
    }
}

#[tokio::test]
async fn a_custom_field_that_is_internal_is_for_staff_alone() {
    let api = api();
    let ticket = opened(&api, json!({ "customFields": { "size": 4 } })).await;
    assert_eq!(ticket["fields"], json!({ "size": 4 }));
    let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
    let edited = api.patch(GRACE, &path, json!({ "fields": { "risk": "high" } })).await.expect(200);
    assert_eq!(edited["fields"], json!({ "size": 4, "risk": "high" }));
    assert_eq!(api.get(ADA, &path).await.expect(200)["fields"], json!({ "size": 4 }));
    assert_eq!(api.post(ADA, &format!("{path}/close"), Value::Null).await.expect(200)["fields"], json!({ "size": 4 }));
    assert_eq!(api.get(GRACE, &path).await.expect(200)["fields"], json!({ "size": 4, "risk": "high" }));
}

#[tokio::test]
async fn faults_name_the_fields_as_they_were_written() {
    let body = json!({
        "subject": "s", "description": "d", "email": "x", "contact_phone": "x", "language": "!",
        "custom_fields": { "risk": "high", "size": "x" }
    });
    let problem = api().post(ADA, "/tickets", body).await.problem(422, "invalid");
    let expected = ["email", "contact_phone", "language", "custom_fields.risk", "custom_fields.size"];
    assert_eq!(fields(&problem), expected);
}

fn links(ticket: &Value) -> Vec<String> {
    let links = ticket["related"].as_array().unwrap().iter();
    links.map(|link| format!("{}:{}", link["kind"].as_str().unwrap(), link["id"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn an_edit_takes_ids_in_fields_of_their_own() {
    let api = api();
    let ticket = opened(&api, json!({ "orderId": "O-1", "productId": "P-1" })).await;
    let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
    // Another one of its kind, and nothing else is touched.
    let edited = api.patch(GRACE, &path, json!({ "order_id": "O-2", "bookingId": "B-1" })).await.expect(200);
    assert_eq!(links(&edited), ["order:O-2", "product:P-1", "booking:B-1"]);
    let all = json!({ "related": [{ "kind": "order", "id": "O-3" }], "purchaseId": "Q-1" });
    let edited = api.patch(GRACE, &path, all).await.expect(200);
    assert_eq!(links(&edited), ["order:O-3", "purchase:Q-1"]);
    let problem = api.patch(GRACE, &path, json!({ "purchaseId": "x".repeat(101) })).await.problem(422, "invalid");
    assert_eq!(fields(&problem), ["purchaseId"]);
    let problem = api.patch(GRACE, &path, json!({ "vehicleId": "somebody's" })).await.problem(422, "invalid");
    assert_eq!(fields(&problem), ["vehicleId"]);
}

#[tokio::test]
async fn nobody_says_what_the_server_says() {
    let api = api();
    let body = json!({
        "subject": "s", "description": "d", "deletedAt": 1, "merged_into": 1, "openTickets": 1, "readAt": 1, "isRead": true,
        "editedAt": 1, "deleted": true, "watchers": [], "lastAssignedAt": 1
    });
    let problem = api.post(ADA, "/tickets", body).await.problem(422, "invalid");
    let expected = "deletedAt merged_into openTickets readAt isRead editedAt deleted watchers lastAssignedAt";
    let mut named = fields(&problem);
    let mut expected: Vec<&str> = expected.split(' ').collect();
    named.sort_unstable();
    expected.sort_unstable();
    assert_eq!(named, expected);
}
