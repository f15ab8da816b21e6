//! The description of the API is that of the API.

use crate::{
    access, articles, callbacks, feedback,
    harness::{ADA, Api, GRACE, Who},
    inquiries, notifications, reviews, webhooks,
};
use axum::http::Method;
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path};
use support_core::domain::profile::Profile;

fn document(mount: &str) -> Value {
    serde_json::to_value(support_http::openapi(mount)).unwrap()
}

/// Method and path of every operation.
fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(|method| (method.to_uppercase(), path.clone()))
        })
        .collect()
}

#[test]
fn is_as_it_was() {
    insta::assert_json_snapshot!("openapi", document("/api/v1/support"));
}

#[test]
fn lists_exactly_the_routes_that_the_tests_walk() {
    let mut walked: BTreeSet<(String, String)> =
        access::routes().iter().map(|route| (route.method.to_string(), route.path.to_owned())).collect();
    let agents = |prefix: &str| {
        [("GET", "/agents"), ("GET", "/agents/{agent}"), ("PUT", "/agents/{agent}"), ("PATCH", "/agents/{agent}")]
            .map(|(method, path)| (method.to_owned(), format!("{prefix}{path}")))
    };
    walked.extend(["", "/agent"].into_iter().flat_map(agents));
    for list in ["/categories", "/canned-responses", "/views"] {
        let entry = format!("{list}/{{entry}}");
        for (method, path) in
            [("GET", list), ("POST", list), ("GET", &entry), ("PUT", &entry), ("DELETE", entry.as_str())]
        {
            walked.insert((method.to_owned(), path.to_owned()));
        }
    }
    for (method, path) in articles::ROUTES {
        walked.insert((method.to_owned(), path.to_owned()));
        walked.insert((method.to_owned(), format!("/help{path}")));
    }
    let nouns = [
        &callbacks::ROUTES[..],
        &feedback::ROUTES,
        &inquiries::ROUTES,
        &notifications::ROUTES,
        &reviews::ROUTES,
        &webhooks::ROUTES,
    ];
    for (method, path) in nouns.concat() {
        walked.insert((method.to_owned(), path.to_owned()));
    }
    for (method, path) in [
        ("GET", "/tickets/search"),
        ("POST", "/help/suggestions"),
        // What has no end: `live` and `sockets` walk them.
        ("GET", "/live"),
        ("GET", "/live/ws"),
        ("POST", "/live/ticket"),
        ("GET", "/tickets"),
        ("POST", "/tickets"),
        ("GET", "/agent/tickets"),
        ("PUT", "/availability"),
        ("PUT", "/agent/availability"),
        ("GET", "/views/{entry}/tickets"),
        ("POST", "/operations/{operation}/undo"),
        ("GET", "/people/{customer}/export"),
        ("DELETE", "/people/{customer}"),
        ("GET", "/me/export"),
        ("GET", "/dashboard"),
        ("GET", "/agent/dashboard"),
        ("GET", "/stats"),
        ("GET", "/tickets/statistics"),
        ("GET", "/tickets/analytics"),
        ("GET", "/tickets/sla-report"),
        // Forms and files: `attachments` walks them.
        ("POST", "/attachments"),
        ("GET", "/attachments/{attachment}/download"),
        ("GET", "/files/{attachment}"),
        ("POST", "/tickets/{ticket}/attachments"),
        ("POST", "/tickets/{ticket}/attachments/multiple"),
        ("GET", "/tickets/{ticket}/attachments/{attachment}"),
        ("DELETE", "/tickets/{ticket}/attachments/{attachment}"),
        ("GET", "/tickets/{ticket}/attachments/{attachment}/download"),
        // What is opened by a token: `public` walks them.
        ("POST", "/public/tickets"),
        ("GET", "/public/tickets/{ticket}"),
        ("POST", "/public/tickets/{ticket}/messages"),
    ] {
        walked.insert((method.to_owned(), path.to_owned()));
    }
    assert_eq!(operations(&document("")), walked);
}

#[tokio::test]
async fn lists_exactly_the_routes_that_answer() {
    let api = Api::new(Profile::vehicle_retail());
    let described = operations(&document(""));
    let paths: BTreeSet<&String> = described.iter().map(|(_, path)| path).collect();
    for path in paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let verb: Method = method.parse().unwrap();
            let reply = api.call(ADA, verb, &path.replace("{ticket}", "1"), Value::Null).await;
            let answers = reply.status != 405;
            assert_eq!(answers, described.contains(&(method.to_owned(), path.clone())), "{method} {path}");
        }
    }
}

#[test]
fn stands_at_its_mount() {
    for mount in ["", "/", "/support", "/api/v1/support", "/api/v1/support/"] {
        let prefix = mount.trim_end_matches('/');
        let (here, root) = (operations(&document(mount)), operations(&document("")));
        let moved: BTreeSet<_> = root.into_iter().map(|(method, path)| (method, format!("{prefix}{path}"))).collect();
        assert_eq!(here, moved, "{mount}");
    }
}

#[test]
fn every_operation_has_its_own_name_and_its_problems() {
    let document = document("");
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document["components"]["securitySchemes"]["bearer"].is_object());
    let mut names = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name), "{name} stands twice");
            let problem = &operation["responses"]["401"]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(problem, "#/components/schemas/Problem", "{name}");
        }
    }
}

#[test]
fn headers_are_described_where_they_count() {
    let document = document("");
    for (method, path) in operations(&document) {
        let operation = &document["paths"][&path][method.to_lowercase()];
        let takes =
            |name: &str| operation["parameters"].as_array().is_some_and(|list| list.iter().any(|p| p["name"] == name));
        // Whoever has no account has no keys; and a file is there once, whatever it is sent with.
        // What is read is read, and a try is a try.
        let repeatable = ["/webhooks/{webhook}/test", "/live/ticket", "/tickets/{ticket}/presence"].contains(&&*path)
            || path.starts_with("/notifications");
        let keyless = path.starts_with("/public/") || path.contains("/attachments") || repeatable;
        assert_eq!(takes("Idempotency-Key"), method == "POST" && !keyless, "{method} {path}");
        // Marking messages as read is no change of the ticket; undoing is one, although the path does not name it.
        let of_ticket = path.contains("{ticket}") && !path.starts_with("/public/");
        let besides = path.ends_with("read") || path.ends_with("/presence") || path.contains("/attachments");
        let changes = of_ticket && !besides || path.starts_with("/operations/");
        assert_eq!(takes("If-Match"), method != "GET" && changes, "{method} {path}");
        let tagged = path == "/tickets/{ticket}" || path.ends_with("/articles/{article}");
        assert_eq!(takes("If-None-Match"), method == "GET" && tagged, "{method} {path}");
    }
}

#[tokio::test]
async fn answers_are_as_described() {
    let document = document("");
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}", api.ticket().await);
    let note = json!({ "message": "A note", "isInternal": true, "attachments": [{ "url": "http://x", "name": "x" }] });
    let entry = json!({ "type": "System Update", "content": "Wait" });
    let opening = json!({ "subject": "s", "description": "d", "vehicleId": "V-1" });
    let other = api.ticket().await;
    let category = json!({ "slug": "refunds", "name": "Refunds", "sla": { "resolution": "2h" } });
    let category = api.post(Who::Admin, "/categories", category).await.expect(201);
    let category = format!("/categories/{}", category["id"].as_str().unwrap());
    let response = json!({ "slug": "x", "title": "x", "body": "x" });
    api.post(Who::Admin, "/canned-responses", response).await.expect(201);
    let opened_publicly = json!({ "email": "zoe@example.org", "subject": "s", "description": "d" });
    let article = json!({ "title": "x", "content": "x", "tags": ["x"] });
    let article = api.post(Who::Admin, "/articles", article).await;
    let of_article = format!("/articles/{}", article.json()["id"].as_str().unwrap());
    api.post(Who::Admin, &format!("{of_article}/publish"), Value::Null).await.expect(200);
    let view = json!({ "name": "x", "query": { "status": "open" } });
    for (schema, answer) in [
        ("NotificationList", api.get(ADA, "/notifications").await),
        ("UnreadNotifications", api.get(ADA, "/notifications/unread-count").await),
        ("AllRead", api.post(ADA, "/notifications/read-all", Value::Null).await),
        ("Preferences", api.put(ADA, "/notifications/preferences", json!({ "digest": "hourly" })).await),
        ("LiveKey", api.post(ADA, "/live/ticket", Value::Null).await),
        ("WebhookWithSecret", api.post(Who::Admin, "/webhooks", webhooks::wanted()).await),
        ("WebhookList", api.get(Who::Admin, "/webhooks").await),
        ("WebhookEventList", api.get(Who::Admin, "/webhooks/events").await),
        ("DeliveryList", api.get(Who::Admin, "/deliveries").await),
        ("SinkList", api.get(Who::Admin, "/sinks").await),
        ("FeedbackTaken", api.post(ADA, "/feedback", feedback::given()).await),
        ("FeedbackList", api.get(GRACE, "/feedback").await),
        ("FeedbackAnalytics", api.get(GRACE, "/feedback/analytics?from=2026-01-05").await),
        ("Review", api.post(ADA, "/reviews", reviews::written()).await),
        ("ModerationList", api.get(GRACE, "/reviews/moderation").await),
        ("ReviewList", api.get(Who::Guest, "/reviews").await),
        ("ArrangedCallback", api.post(ADA, "/callbacks", callbacks::wanted()).await),
        ("CallbackList", api.get(GRACE, "/callbacks").await),
        ("SlotList", api.get(ADA, "/callbacks/slots?date=2026-01-06").await),
        ("Inquiry", api.post(ADA, "/inquiries", json!({ "message": "x" })).await),
        ("InquiryList", api.get(GRACE, "/inquiries").await),
        ("OpenedPublicly", api.post(Who::Guest, "/public/tickets", opened_publicly).await),
        ("LinkSent", api.get(Who::Guest, "/public/tickets/x").await),
        ("FileList", api.get(ADA, &format!("{path}/attachments")).await),
        ("FoundTicketList", api.get(ADA, "/tickets/search?q=x").await),
        ("KeptArticle", article),
        ("Article", api.get(Who::Guest, &of_article).await),
        ("Article", api.get(GRACE, &of_article).await),
        ("ArticleList", api.get(GRACE, "/articles").await),
        ("RevisionList", api.get(Who::Admin, &format!("{of_article}/revisions")).await),
        ("Votes", api.post(ADA, &format!("{of_article}/feedback"), json!({ "helpful": true })).await),
        ("OfferedArticles", api.post(ADA, "/help/suggestions", json!({ "text": "x" })).await),
        ("OpenedTicket", api.post(ADA, "/tickets", opening).await),
        ("Message", api.post(GRACE, &format!("{path}/messages"), note).await),
        ("Communication", api.post(GRACE, &format!("{path}/communicate"), entry).await),
        ("Ticket", api.put(GRACE, &format!("{path}/close"), json!({ "summary": "Done" })).await),
        ("Ticket", api.post(ADA, &format!("{path}/rate"), json!({ "rating": 4 })).await),
        ("Ticket", api.get(ADA, &path).await),
        ("Ticket", api.get(GRACE, &path).await),
        ("TicketList", api.get(ADA, "/tickets?limit=1").await),
        ("TicketList", api.get(GRACE, "/tickets").await),
        ("MessageList", api.get(GRACE, &format!("{path}/messages")).await),
        ("EventList", api.get(GRACE, &format!("{path}/events")).await),
        ("AgentProfile", api.put(GRACE, "/availability", json!({ "status": "away" })).await),
        ("AgentList", api.get(GRACE, "/agents").await),
        ("SlaState", api.get(GRACE, &format!("{path}/sla")).await),
        ("CategoryList", api.get(ADA, "/categories").await),
        ("CategoryList", api.get(GRACE, "/categories").await),
        ("Category", api.get(GRACE, &category).await),
        ("CannedResponseList", api.get(GRACE, "/canned-responses").await),
        ("SavedView", api.post(GRACE, "/views", view).await),
        ("ViewList", api.get(GRACE, "/views").await),
        ("TimeEntry", api.post(GRACE, &format!("{path}/time"), json!({ "minutes": 5, "note": "x" })).await),
        ("TimeList", api.get(GRACE, &format!("{path}/time")).await),
        ("Done", api.post(GRACE, &format!("{path}/link"), json!({ "ticket": other })).await),
        ("OperationList", api.get(GRACE, &format!("{path}/operations")).await),
        ("UnreadCount", api.get(ADA, &format!("{path}/messages/unread-count")).await),
        ("MarkedRead", api.post(ADA, &format!("{path}/messages/mark-all-read"), Value::Null).await),
        ("Ticket", api.post(GRACE, &format!("{path}/watch"), Value::Null).await),
        ("DashboardAnswer", api.get(GRACE, "/dashboard").await),
        ("Stats", api.get(Who::Admin, "/stats").await),
        ("Stats", api.get(GRACE, "/stats?agentId=me").await),
        ("Analytics", api.get(Who::Admin, "/tickets/analytics?from=2026-01-05&to=2026-01-05").await),
        ("SlaReport", api.get(Who::Admin, "/tickets/sla-report").await),
        ("Deleted", api.call(Who::Admin, Method::DELETE, &format!("/tickets/{other}"), Value::Null).await),
        ("PersonExport", api.get(ADA, "/me/export").await),
        ("Erased", api.call(Who::Admin, Method::DELETE, &format!("/people/{}", ADA.id()), Value::Null).await),
        ("Problem", api.get(ADA, "/tickets?page=0").await),
        ("Problem", api.post(ADA, "/tickets", json!({ "subject": 1, "source": "x" })).await),
    ] {
        let answer = answer.json();
        let mut described = BTreeSet::new();
        let reference = json!({ "$ref": format!("#/components/schemas/{schema}") });
        if let Err(why) = admits(&document, &reference, &answer, &mut described) {
            panic!("{schema}: {why} in {answer:#}");
        }
        let sent: BTreeSet<String> = answer.as_object().unwrap().keys().cloned().collect();
        assert!(sent.is_subset(&described), "{schema}: {:?} is not described", sent.difference(&described));
    }
}

/// Whether the schema admits the value, by the words of JSON Schema that the document uses. The names of the members
/// that it describes are left in `described`.
fn admits(document: &Value, schema: &Value, value: &Value, described: &mut BTreeSet<String>) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#')).unwrap();
        return admits(document, target, value, described);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        admits(document, part, value, described)?;
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = choices.iter().filter(|choice| admits(document, choice, value, described).is_ok()).count();
        return if fits == 1 { Ok(()) } else { Err(format!("{fits} choices admit {value}")) };
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let meant = |word: &Value| word == kind || (word == "number" && kind == "integer");
    let fits = match &schema["type"] {
        only @ Value::String(_) => meant(only),
        Value::Array(kinds) => kinds.iter().any(meant),
        _ => true,
    };
    if !fits {
        return Err(format!("{value} is no {}", schema["type"]));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        value.get(name).ok_or_else(|| format!("{name} is missing"))?;
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        described.insert(name.clone());
        if let Some(value) = value.get(name) {
            admits(document, member, value, &mut BTreeSet::new()).map_err(|why| format!("{name}: {why}"))?;
        }
    }
    for item in value.as_array().into_iter().flatten() {
        admits(document, &schema["items"], item, &mut BTreeSet::new())?;
    }
    Ok(())
}

/// Two types of one name would be one schema in the document, and nobody would be told.
#[test]
fn no_two_types_have_one_schema() {
    fn sources(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else {
                found.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut names = BTreeSet::new();
    for file in files {
        let mut lines = file.lines();
        while let Some(line) = lines.next() {
            if !(line.starts_with("#[derive(") && line.contains("ToSchema")) {
                continue;
            }
            let mut name = String::new();
            for line in lines.by_ref() {
                if let Some((_, renamed)) = line.split_once("schema(as = ") {
                    name = renamed.chars().take_while(|c| c.is_alphanumeric()).collect();
                }
                if let Some((_, own)) = line.split_once("struct ").or(line.split_once("enum ")) {
                    if name.is_empty() {
                        name = own.chars().take_while(|c| c.is_alphanumeric()).collect();
                    }
                    break;
                }
            }
            assert!(names.insert(name.clone()), "{name} is the schema of two types");
        }
    }
    let document = document("");
    let described = document["components"]["schemas"].as_object().unwrap();
    assert!(described.len() > 50);
    for name in described.keys().filter(|name| *name != "Moment") {
        assert!(names.contains(name), "{name} comes from nowhere");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    found.push(reference.clone());
                }
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document("/support");
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

#[cfg(feature = "docs")]
#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    use axum::{Router, body::Body, http::Request};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    let app: Router = Router::new().nest("/help", support_http::docs("/support"));
    let get = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts, String::from_utf8_lossy(&body).into_owned())
    };
    let (parts, _) = get("/help/docs").await;
    assert_eq!(parts.headers["location"], "docs/");
    let (parts, page) = get("/help/docs/").await;
    assert_eq!(parts.status, 200);
    assert!(!page.contains("http://") && !page.contains("https://"), "{page}");
    let (parts, script) = get("/help/docs/swagger-initializer.js").await;
    assert_eq!(parts.status, 200);
    assert!(script.contains("../openapi.json"), "{script}");
    let (parts, description) = get("/help/openapi.json").await;
    assert_eq!(parts.status, 200);
    let description: Value = serde_json::from_str(&description).unwrap();
    assert_eq!(description, serde_json::to_value(support_http::mounted_openapi("/support")).unwrap());
    assert_eq!(get("/help/docs/nothing.js").await.0.status, 404);
}
