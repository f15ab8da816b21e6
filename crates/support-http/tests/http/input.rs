//! Bodies that are wrong.

use crate::harness::{ADA, Api, GRACE, Who, fields};
use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

/// A ticket and what each endpoint answers to a wrong body: method, end of the path, body, wrong fields.
#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let api = Api::new(Profile::bookings());
    let id = api.ticket().await;
    for (method, end, body, wrong) in [
        ("POST", "", json!({}), "subject description"),
        ("POST", "", json!({ "subject": 5, "tags": "x" }), "subject tags description"),
        (
            "POST",
            "",
            json!({ "subject": "", "description": 5, "category": "x", "priority": "y" }),
            "description subject category priority",
        ),
        ("POST", "", json!({ "subject": null, "message": " " }), "subject message"),
        ("POST", "", json!({ "subject": "s", "message": "m", "topic": "x", "priority": "y" }), "topic priority"),
        (
            "POST",
            "",
            json!({ "source": "fax", "preferred_contact": 1, "metadata": [], "customerId": "me", "related": [1, { "kind": 2 }] }),
            "source preferred_contact metadata related.0 related.1.kind related.1.id customerId subject description",
        ),
        (
            "POST",
            "",
            json!({ "attachments": ["a", 1, {}, { "url": 1, "file_name": 2 }], "tags": ["a", 1] }),
            "tags.1 attachments.1 attachments.2.url attachments.3.url attachments.3.file_name subject description",
        ),
        (
            "POST",
            "",
            json!({ "subject": "s", "message": "m", "attachments": ["javascript:alert(1)", { "url": "ftp://x" }] }),
            "attachments.0 attachments.1.url",
        ),
        (
            "POST",
            "",
            json!({ "subject": "s", "message": "m", "description": "m", "content": "m" }),
            "description message",
        ),
        (
            "POST",
            "",
            json!({
                "subject": "s", "message": "m", "status": "closed", "escalationLevel": 3, "created_by": "x", "createdAt": "x",
                "ticketNumber": "1", "role": "admin", "assignedTo": null, "id": 1, "version": 1, "unknown": 1
            }),
            "status escalationLevel created_by createdAt ticketNumber role assignedTo id version",
        ),
        ("POST", "/messages", json!({ "isInternal": "yes", "attachments": {} }), "message attachments isInternal"),
        ("POST", "/messages", json!({ "content": "", "from": "system" }), "from"),
        ("POST", "/messages", json!({ "content": "" }), "content"),
        ("POST", "/reply", json!({ "message": 1 }), "message"),
        ("POST", "/communicate", json!({ "type": "Shout" }), "type content"),
        ("PUT", "/assign", json!({}), "agentId"),
        ("PUT", "/assign", json!({ "agent_id": "x" }), "agent_id"),
        ("PUT", "/status", json!({ "notes": 1 }), "status notes"),
        ("PUT", "/status", json!({ "status": "lost" }), "status"),
        ("PUT", "/priority", json!({}), "priority"),
        ("PUT", "/priority", json!({ "priority": "x" }), "priority"),
        ("POST", "/resolve", json!({}), "resolution"),
        (
            "PUT",
            "/close",
            json!({ "resolutionType": "x", "summary": 1, "satisfied": 1 }),
            "satisfied summary resolutionType",
        ),
        ("PUT", "/reopen", json!({ "reason": [] }), "reason"),
        ("PUT", "/escalate", json!({ "escalated_to": 1 }), "escalated_to reason"),
        ("POST", "/rate", json!({ "rating": 4.5 }), "rating"),
        ("POST", "/rate", json!({ "feedback": 1 }), "rating feedback"),
        (
            "PATCH",
            "",
            json!({ "subject": "", "topic": "x", "status": "x", "priority": "x" }),
            "subject topic priority status",
        ),
        ("PATCH", "", json!({ "assignedTo": "x", "agentId": null }), "assignedTo"),
        ("PATCH", "", json!({ "escalation_level": 9, "customerTier": "gold" }), "escalation_level customerTier"),
    ] {
        let path = match (method, end) {
            ("POST", "") => "/tickets".to_owned(),
            _ => format!("/tickets/{id}{end}"),
        };
        let method: Method = method.parse().unwrap();
        let who = if end.is_empty() && method == Method::POST || end == "/rate" { ADA } else { Who::Admin };
        let problem = api.call(who, method.clone(), &path, body.clone()).await.problem(422, "invalid");
        let (mut named, mut wrong) = (fields(&problem), wrong.split(' ').collect::<Vec<_>>());
        named.sort_unstable();
        wrong.sort_unstable();
        assert_eq!(named, wrong, "{method} {path} {body}");
        for error in problem["errors"].as_array().unwrap() {
            let field = error["field"].as_str().unwrap();
            assert_eq!(error["pointer"], format!("/{}", field.replace('.', "/")));
        }
    }
}

#[tokio::test]
async fn a_pointer_leads_to_the_value_that_was_written() {
    let api = Api::new(Profile::bookings());
    let body = json!({ "subject": "s", "message": "m", "attachments": [{ "url": "x" }], "tags": [" "] });
    let problem = api.post(ADA, "/tickets", body.clone()).await.problem(422, "invalid");
    for error in problem["errors"].as_array().unwrap() {
        let pointer = error["pointer"].as_str().unwrap();
        assert!(body.pointer(pointer).is_some(), "{pointer}");
    }
}

async fn raw(kind: Option<&str>, body: impl Into<Body>) -> crate::harness::Reply {
    let api = Api::new(Profile::after_sales());
    let mut request = Request::post("/tickets").header("authorization", "Bearer customer 1");
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    api.send(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn what_is_no_json_is_told_where() {
    let problem = raw(Some("application/json"), "{\n  \"subject\": oops }").await;
    let problem = problem.problem(400, "malformed");
    assert!(problem["detail"].as_str().unwrap().contains("line 2 column 14"), "{problem}");
    for broken in ["", "{", "{\"a\": \"\u{1}\"}", "{\"a\": 1,}", "{} {}", "{\"a\": \"\\ud800\"}"] {
        raw(Some("application/json"), broken).await.problem(400, "malformed");
    }
    raw(Some("application/json"), vec![b'{', 0xff]).await.problem(400, "malformed");
    let deep = format!("{{\"metadata\": {}", "[".repeat(100_000));
    raw(Some("application/json"), deep).await.problem(400, "malformed");
}

#[tokio::test]
async fn json_that_is_no_object_is_one_fault() {
    for value in ["[]", "null", "1", "\"x\""] {
        let problem = raw(Some("application/json"), value).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "", "{value}");
    }
}

#[tokio::test]
async fn only_json_is_read() {
    let body = r#"{"subject": "s", "description": "d"}"#;
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"] {
        raw(Some(kind), body).await.expect(201);
    }
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("json")] {
        raw(kind, body).await.problem(415, "media-type");
    }
}

#[tokio::test]
async fn a_repeated_field_is_a_fault() {
    let problem = raw(Some("application/json"), r#"{"subject": "a", "subject": "b", "description": "d"}"#).await;
    assert_eq!(fields(&problem.problem(422, "invalid")), ["subject"]);
}

#[tokio::test]
async fn null_is_absent() {
    let api = Api::new(Profile::bookings());
    let body = json!({
        "subject": "s", "description": "d", "category": null, "priority": null, "tags": null, "attachments": null,
        "related": null, "vehicleId": null, "metadata": null, "customerId": null
    });
    let opened = api.post(ADA, "/tickets", body).await.expect(201);
    assert_eq!(opened["category"], "general");
    let path = format!("/tickets/{}", opened["id"].as_str().unwrap());
    let body = json!({ "subject": null, "tags": null, "assignedTo": GRACE.id() });
    let edited = api.patch(GRACE, &path, body).await.expect(200);
    assert_eq!(edited["subject"], "s");
    let freed = api.patch(GRACE, &path, json!({ "agent_id": null })).await.expect(200);
    assert_eq!(freed["assignedTo"], Value::Null);
}

#[tokio::test]
async fn a_hundred_thousand_faults_are_a_short_answer() {
    let many = vec![json!({ "url": 1 }); 50_000];
    for body in [json!({ "tags": many }), json!({ "attachments": many }), json!({ "related": many })] {
        let reply = raw(Some("application/json"), body.to_string()).await;
        assert!(reply.bytes.len() < 20_000);
        assert_eq!(reply.problem(422, "invalid")["errors"].as_array().unwrap().len(), 100);
    }
}

#[tokio::test]
async fn a_customer_opens_for_nobody_else() {
    let api = Api::new(Profile::bookings());
    let body = json!({ "subject": "s", "description": "d", "customerId": Who::Customer(2).id() });
    let problem = api.post(ADA, "/tickets", body).await.problem(422, "invalid");
    assert_eq!(fields(&problem), ["customerId"]);
}

#[tokio::test]
async fn a_step_that_the_workflow_has_not_tells_those_it_has() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}/status", api.ticket().await);
    let problem = api.put(GRACE, &path, json!({ "status": "reopened" })).await.problem(409, "transition");
    assert_eq!(problem["allowed"], json!(["assigned", "in_progress", "escalated", "resolved", "closed"]));
}

#[tokio::test]
async fn what_lies_too_deep_is_not_read() {
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth - 2), "]".repeat(depth - 2));
        format!(r#"{{"subject": "s", "description": "d", "metadata": {{"a": {open}{close}}}}}"#)
    };
    raw(Some("application/json"), nested(32)).await.expect(201);
    let problem = raw(Some("application/json"), nested(33)).await.problem(400, "malformed");
    assert!(problem["detail"].as_str().unwrap().contains("32 deep"), "{problem}");
    let objects = format!(r#"{{"metadata": {}"#, r#"{"a":"#.repeat(100_000));
    raw(Some("application/json"), objects).await.problem(400, "malformed");
}

#[tokio::test]
async fn a_member_that_stands_twice_further_inside_is_a_fault() {
    let body = r#"{"subject": "s", "description": "d", "metadata": {"a": [{"b": 1, "b": 2}]},
        "attachments": [{"url": "https://a.example", "url": "https://b.example"}]}"#;
    let problem = raw(Some("application/json"), body).await.problem(422, "invalid");
    assert_eq!(fields(&problem), ["metadata.a.0.b", "attachments.0.url"]);
}
