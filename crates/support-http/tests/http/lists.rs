//! Filters, orders and pages.

use crate::harness::{ADA, Api, EVE, GRACE, Who, fields};
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

/// Five tickets of Ada's and one of Eve's, a minute apart.
async fn desk() -> Api {
    let api = Api::new(Profile::bookings());
    for (number, category) in ["account", "booking", "payment", "payment", "other"].iter().enumerate() {
        let body = json!({
            "subject": format!("Ticket {number}"),
            "description": "Please help",
            "category": category,
            "tags": [format!("Tag{number}")],
            "related": [{ "type": "booking", "id": format!("B-{number}") }]
        });
        api.post(ADA, "/tickets", body).await.expect(201);
        api.clock.advance(chrono::TimeDelta::minutes(1));
    }
    let body = json!({ "subject": "Eve's", "description": "Please help" });
    api.post(EVE, "/tickets", body).await.expect(201);
    api
}

async fn subjects(api: &Api, query: &str) -> Vec<String> {
    let list = api.get(ADA, &format!("/tickets?{query}")).await.expect(200);
    let rows = list["tickets"].as_array().unwrap().iter();
    rows.map(|row| row["subject"].as_str().unwrap().replace("Ticket ", "")).collect()
}

#[tokio::test]
async fn filters() {
    let api = desk().await;
    for (query, expected) in [
        ("", "4 3 2 1 0"),
        ("sort=createdAt", "0 1 2 3 4"),
        ("sort=-updated_at", "4 3 2 1 0"),
        ("category=payment", "3 2"),
        ("topic=payment,account", "3 2 0"),
        ("tag=TAG1", "1"),
        ("related=booking:B-2", "2"),
        ("q=ticket%203", "3"),
        ("search=nothing", ""),
        ("status=open,assigned", "4 3 2 1 0"),
        ("status=all&phase=closed", ""),
        ("phase=new,open", "4 3 2 1 0"),
        ("assignedTo=unassigned&limit=2", "4 3"),
        ("assignee=00000000-0000-0000-0000-000000000001", ""),
        ("customerId=00000000-0000-0000-0000-000000000001", ""),
        ("from=2026-01-05T09:03:00Z", "4 3"),
        ("to=2026-01-05T09:03:00Z", "2 1 0"),
        ("startDate=2026-01-05&endDate=2026-01-05", "4 3 2 1 0"),
        ("end_date=2026-01-04", ""),
        ("priority=low", ""),
    ] {
        assert_eq!(subjects(&api, query).await.join(" "), expected, "{query}");
    }
}

#[tokio::test]
async fn a_customer_lists_nobody_elses_tickets() {
    let api = desk().await;
    let path = format!("/tickets?customerId={}", EVE.id());
    assert_eq!(api.get(ADA, &path).await.expect(200)["tickets"], json!([]));
    assert_eq!(api.get(GRACE, &path).await.expect(200)["pagination"]["total"], 1);
}

#[tokio::test]
async fn pages_by_number_and_by_cursor_show_every_row_once() {
    let api = desk().await;
    for query in ["sort=createdAt", "sort=-updatedAt", "q=help"] {
        let whole = subjects(&api, query).await;
        let (mut numbered, mut followed) = (Vec::new(), Vec::new());
        for page in 1..=3 {
            numbered.extend(subjects(&api, &format!("{query}&limit=2&page={page}")).await);
        }
        let mut cursor = String::new();
        loop {
            let path = format!("/tickets?{query}&limit=2{cursor}");
            let list = api.get(ADA, &path).await.expect(200);
            followed.extend(
                list["tickets"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| row["subject"].as_str().unwrap().replace("Ticket ", "")),
            );
            match &list["pagination"]["nextCursor"] {
                Value::String(next) => cursor = format!("&cursor={next}"),
                _ => break,
            }
        }
        assert_eq!(numbered, whole, "{query}");
        assert_eq!(followed, whole, "{query}");
    }
}

#[tokio::test]
async fn tells_where_a_page_stands() {
    let api = desk().await;
    let list = api.get(ADA, "/tickets?limit=2&page=2").await.expect(200);
    let pagination = &list["pagination"];
    assert_eq!(pagination["page"], 2);
    assert_eq!(pagination["total"], 5);
    assert_eq!(pagination["totalPages"], 3);
    assert_eq!(pagination["hasMore"], true);
    assert_eq!(pagination.get("totalIsCapped"), None);
    let next = pagination["nextCursor"].as_str().unwrap();
    let behind = api.get(ADA, &format!("/tickets?limit=2&cursor={next}")).await.expect(200);
    assert_eq!(behind["pagination"], json!({ "limit": 2, "hasMore": false, "nextCursor": null }));
}

#[tokio::test]
async fn counts_a_thousand_and_no_further() {
    let api = Api::new(Profile::after_sales());
    for _ in 0..1_001 {
        api.ticket().await;
    }
    let list = api.get(ADA, "/tickets?limit=10").await.expect(200);
    assert_eq!(list["pagination"]["total"], 1_000);
    assert_eq!(list["pagination"]["totalIsCapped"], true);
    let page = api.get(ADA, "/tickets?limit=10&page=101").await.expect(200);
    assert_eq!(page["tickets"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn every_wrong_parameter_is_named_at_once() {
    let api = desk().await;
    let query = "status=lost,open,gone&phase=x&priority=x&category=x&assignedTo=x&customerId=x&tag=&related=x\
        &from=x&to=2026-02-30&sla=x&q=%20&sort=subject&page=0&limit=1000&cursor=x&statsu=open";
    let problem = api.get(GRACE, &format!("/tickets?{query}")).await.problem(400, "parameters");
    assert_eq!(
        fields(&problem).join(" "),
        "status status phase priority category assignedTo customerId tag related from to sla q sort limit page cursor \
         statsu"
    );
    for error in problem["errors"].as_array().unwrap() {
        assert_eq!(error["parameter"], error["field"]);
        assert_eq!(error.get("pointer"), None);
    }
    assert_eq!(
        problem["errors"][2]["allowed"],
        json!(["new", "open", "waiting_on_customer", "waiting_internally", "resolved", "closed"])
    );
}

#[tokio::test]
async fn refuses_parameters_that_do_not_go_together() {
    let api = desk().await;
    let first = api.get(ADA, "/tickets?limit=2").await.expect(200);
    let cursor = first["pagination"]["nextCursor"].as_str().unwrap();
    for (who, query, wrong) in [
        (ADA, format!("page=2&cursor={cursor}"), "cursor"),
        (ADA, "page=101&limit=100".to_owned(), "page"),
        (ADA, "page=99999999999".to_owned(), "page"),
        (ADA, "status=open&phase=closed".to_owned(), "phase"),
        (ADA, "status=open&status=closed".to_owned(), "status"),
        (ADA, "from=2026-01-05&startDate=2026-01-05".to_owned(), "startDate"),
        // Whose clocks are late is not for customers to know.
        (ADA, "sla=breached".to_owned(), "sla"),
        (ADA, "assignedTo=me".to_owned(), "assignedTo"),
    ] {
        let problem = api.get(who, &format!("/tickets?{query}")).await;
        assert_eq!(fields(&problem.problem(400, "parameters")), [wrong], "{query}");
    }
}

#[tokio::test]
async fn threads_and_trails_refuse_wrong_parameters() {
    let api = desk().await;
    let id = api.ticket().await;
    for list in ["messages", "events"] {
        let path = format!("/tickets/{id}/{list}?after=x&limit=101&page=1");
        let problem = api.get(GRACE, &path).await.problem(400, "parameters");
        assert_eq!(fields(&problem), ["after", "limit", "page"]);
    }
}

/// The links of an answer: relation and target.
fn links(reply: &crate::harness::Reply) -> std::collections::BTreeMap<String, String> {
    let header = reply.headers["link"].to_str().unwrap().to_owned();
    let link = |link: &str| {
        let (target, relation) = link.split_once(">; rel=\"").unwrap();
        (relation.trim_end_matches('"').to_owned(), target.trim_start_matches('<').to_owned())
    };
    header.split(", ").map(link).collect()
}

/// Follows links from `path` on and collects what `read` finds.
async fn follow(api: &Api, who: Who, path: &str, relation: &str, read: impl Fn(&Value) -> Vec<String>) -> Vec<String> {
    let (mut found, mut path) = (Vec::new(), path.to_owned());
    loop {
        let reply = api.get(who, &path).await;
        let next = links(&reply).get(relation).cloned();
        found.extend(read(&reply.expect(200)));
        match next {
            // As the client sees it: the mount is in it.
            Some(next) => next.strip_prefix("/api/v1/support").unwrap().clone_into(&mut path),
            None => return found,
        }
    }
}

fn row_subjects(list: &Value) -> Vec<String> {
    list["tickets"].as_array().unwrap().iter().map(|row| row["subject"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn links_lead_to_the_neighbours_of_a_page() {
    let api = desk().await;
    let reply = api.get(ADA, "/tickets?limit=2&page=2&sort=createdAt&q=help%26me%20%3E&x=1").await;
    reply.problem(400, "parameters");
    let reply = api.get(ADA, "/tickets?limit=2&page=2&sort=createdAt&q=ticket%20h%C3%A9lp,").await;
    let here = "/api/v1/support/tickets?limit=2&sort=createdAt&q=ticket%20h%C3%A9lp%2C";
    let found = links(&reply);
    assert_eq!(found["first"], here);
    assert_eq!(found["prev"], format!("{here}&page=1"));
    assert_eq!(found.get("next"), None);
    let whole = follow(&api, ADA, "/tickets?limit=100&sort=createdAt", "next", row_subjects).await;
    assert_eq!(follow(&api, ADA, "/tickets?limit=2&sort=createdAt", "next", row_subjects).await, whole);
    let mut backwards = follow(&api, ADA, "/tickets?limit=1&sort=createdAt&page=5", "prev", row_subjects).await;
    backwards.reverse();
    assert_eq!(backwards, whole);
    let first = links(&api.get(ADA, "/tickets").await);
    assert_eq!(first["first"], "/api/v1/support/tickets");
    assert_eq!(first.len(), 1);
}

#[tokio::test]
async fn links_lead_on_behind_a_cursor() {
    let api = desk().await;
    let first = api.get(ADA, "/tickets?limit=2").await.expect(200);
    let cursor = first["pagination"]["nextCursor"].as_str().unwrap();
    let found = links(&api.get(ADA, &format!("/tickets?cursor={cursor}&limit=2")).await);
    assert_eq!(found["first"], "/api/v1/support/tickets?limit=2");
    assert!(found["next"].starts_with("/api/v1/support/tickets?limit=2&cursor="), "{found:?}");
    assert_eq!(found.get("prev"), None);
    let rest = follow(&api, ADA, &format!("/tickets?cursor={cursor}&limit=2"), "next", row_subjects).await;
    assert_eq!(rest, ["Ticket 2", "Ticket 1", "Ticket 0"]);
}

#[tokio::test]
async fn threads_and_trails_have_links() {
    let api = desk().await;
    let id = api.ticket().await;
    let path = format!("/tickets/{id}/messages");
    for text in ["b", "c", "d", "e"] {
        api.post(ADA, &path, json!({ "message": text })).await.expect(201);
    }
    let read = |list: &Value| {
        let texts = list["messages"].as_array().unwrap().iter();
        texts.map(|message| message["message"].as_str().unwrap().to_owned()).collect()
    };
    let texts = follow(&api, ADA, &format!("{path}?limit=2"), "next", read).await;
    assert_eq!(texts, ["Where is it?", "b", "c", "d", "e"]);
    let ids = |list: &Value| {
        let entries = list["events"].as_array().unwrap().iter();
        entries.map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    };
    let trail = format!("/tickets/{id}/events");
    let whole = follow(&api, GRACE, &trail, "next", ids).await;
    assert_eq!(follow(&api, GRACE, &format!("{trail}?limit=1"), "next", ids).await, whole);
    assert!(whole.len() > 1);
}
