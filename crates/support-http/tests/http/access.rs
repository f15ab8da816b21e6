//! Who gets what from which route, and that a foreign ticket answers exactly as a missing one.

use crate::harness::{ADA, Api, EVE, GRACE, LINUS, Who};
use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

/// A route: method, path, a body that is right, and the status for each role on a ticket that is open: its customer, an
/// agent who may see it, an admin. What stands in braces has to be there first: see [`Route::on`].
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) body: Value,
    pub(crate) customer: u16,
    pub(crate) agent: u16,
    pub(crate) admin: u16,
}

impl Route {
    /// Path and body for a ticket of the first customer, with everything else that they name: another ticket of theirs, a
    /// message of theirs, time that an agent has spent, a canned response. What the path calls the ticket stays open.
    pub(crate) async fn on(&self, api: &Api, ticket: &str) -> (String, Value) {
        let (mut path, mut body) = (self.path.to_owned(), self.body.to_string());
        for name in ["{other}", "{message}", "{time}", "{entry}"] {
            if !path.contains(name) && !body.contains(name) {
                continue;
            }
            let id = match name {
                "{other}" => api.ticket().await,
                "{message}" => {
                    let message = json!({ "message": "And another thing" });
                    id(&api.post(ADA, &format!("/tickets/{ticket}/messages"), message).await.expect(201))
                }
                "{time}" => {
                    let time = json!({ "minutes": 5 });
                    id(&api.post(GRACE, &format!("/tickets/{ticket}/time"), time).await.expect(201))
                }
                _ => {
                    let known = api.get(GRACE, "/canned-responses").await.expect(200);
                    let text = json!({ "slug": "hello", "title": "Hello", "body": "Hello {{customer.name}}" });
                    match known["cannedResponses"].get(0) {
                        Some(known) => self::id(known),
                        None => self::id(&api.post(Who::Admin, "/canned-responses", text).await.expect(201)),
                    }
                }
            };
            path = path.replace(name, &id);
            body = body.replace(name, &id);
        }
        (path, serde_json::from_str(&body).unwrap())
    }

    /// Somebody who may do it, as soon as the ticket stands where it can be done.
    pub(crate) fn doer(&self) -> Who {
        let done = |status: u16| (200..300).contains(&status);
        match (self.agent, self.admin, self.customer) {
            (agent, ..) if done(agent) => GRACE,
            (_, admin, _) if done(admin) => Who::Admin,
            (.., customer) if done(customer) || customer == 409 => ADA,
            _ => Who::Admin,
        }
    }

    /// Brings the ticket to where it can be done.
    pub(crate) async fn prepare(&self, api: &Api, ticket: &str) {
        let path = format!("/tickets/{ticket}");
        if self.path.ends_with("/reopen") || self.path.ends_with("/rate") {
            api.post(ADA, &format!("{path}/close"), Value::Null).await.expect(200);
        }
        if self.path.ends_with("/restore") {
            api.call(Who::Admin, Method::DELETE, &path, Value::Null).await.expect(200);
        }
    }
}

fn id(shown: &Value) -> String {
    shown["id"].as_str().unwrap().to_owned()
}

/// Every route that names a ticket. A test holds this list against the `OpenAPI` document.
pub(crate) fn routes() -> Vec<Route> {
    let route = |method: Method, path, body, [customer, agent, admin]: [u16; 3]| Route {
        method,
        path,
        body,
        customer,
        agent,
        admin,
    };
    let (get, post, put, patch, delete) = (Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE);
    let message = || json!({ "message": "Hello" });
    let note = || json!({ "message": "Hello", "isInternal": true });
    let assign = || json!({ "agentId": LINUS.id() });
    let escalate = || json!({ "reason": "Hard" });
    let edit = || json!({ "tags": ["x"] });
    let split = json!({ "subject": "Another thing", "messages": ["{message}"] });
    let communicate = json!({ "type": "Internal Note", "content": "Hello" });
    vec![
        route(get.clone(), "/tickets/{ticket}", Value::Null, [200, 200, 200]),
        route(get.clone(), "/tickets/{ticket}/messages", Value::Null, [200, 200, 200]),
        route(get.clone(), "/tickets/{ticket}/events", Value::Null, [403, 200, 200]),
        route(get.clone(), "/tickets/{ticket}/sla", Value::Null, [403, 200, 200]),
        route(get.clone(), "/tickets/{ticket}/messages/unread-count", Value::Null, [200, 200, 200]),
        route(get.clone(), "/tickets/{ticket}/messages/{message}", Value::Null, [200, 200, 200]),
        route(get.clone(), "/tickets/{ticket}/operations", Value::Null, [403, 200, 200]),
        route(get.clone(), "/tickets/{ticket}/time", Value::Null, [403, 200, 200]),
        route(get.clone(), "/tickets/{ticket}/suggested-articles", Value::Null, [403, 200, 200]),
        route(get.clone(), "/tickets/{ticket}/attachments", Value::Null, [200, 200, 200]),
        route(get.clone(), "/tickets/{ticket}/attachments/message/{message}", Value::Null, [200, 200, 200]),
        route(get.clone(), "/tickets/{ticket}/live", Value::Null, [200, 200, 200]),
        // Whoever may watch it has to send what belongs to a websocket.
        route(get.clone(), "/tickets/{ticket}/live/ws", Value::Null, [400, 400, 400]),
        route(get, "/tickets/{ticket}/canned-responses/{entry}", Value::Null, [403, 200, 200]),
        // The message is the customer's.
        route(put.clone(), "/tickets/{ticket}/messages/{message}", message(), [200, 403, 403]),
        route(patch.clone(), "/tickets/{ticket}/messages/{message}", message(), [200, 403, 403]),
        route(delete.clone(), "/tickets/{ticket}/messages/{message}", Value::Null, [200, 403, 200]),
        route(post.clone(), "/tickets/{ticket}/messages/{message}/mark-read", Value::Null, [200, 200, 200]),
        route(post.clone(), "/tickets/{ticket}/messages/mark-all-read", Value::Null, [200, 200, 200]),
        route(post.clone(), "/tickets/{ticket}/presence", json!({ "state": "typing" }), [204, 204, 204]),
        route(post.clone(), "/tickets/{ticket}/time", json!({ "minutes": 5 }), [403, 201, 201]),
        route(delete.clone(), "/tickets/{ticket}/time/{time}", Value::Null, [403, 200, 200]),
        route(post.clone(), "/tickets/{ticket}/watch", Value::Null, [403, 200, 200]),
        route(post.clone(), "/tickets/{ticket}/unwatch", Value::Null, [403, 200, 200]),
        route(post.clone(), "/tickets/{ticket}/merge", json!({ "into": "{other}" }), [403, 200, 200]),
        route(post.clone(), "/tickets/{ticket}/split", split, [403, 201, 201]),
        route(post.clone(), "/tickets/{ticket}/link", json!({ "ticket": "{other}" }), [403, 201, 201]),
        route(delete, "/tickets/{ticket}", Value::Null, [403, 403, 200]),
        // The ticket is there, so whoever may bring it back meets its state.
        route(post.clone(), "/tickets/{ticket}/restore", Value::Null, [403, 403, 409]),
        route(post.clone(), "/tickets/{ticket}/messages", message(), [201, 201, 201]),
        route(post.clone(), "/tickets/{ticket}/messages", note(), [403, 201, 201]),
        route(post.clone(), "/agent/tickets/{ticket}/messages", note(), [403, 201, 201]),
        route(post.clone(), "/tickets/{ticket}/reply", message(), [200, 200, 200]),
        route(post.clone(), "/tickets/{ticket}/communicate", communicate, [403, 201, 201]),
        route(post.clone(), "/tickets/{ticket}/assign", assign(), [403, 403, 200]),
        route(put.clone(), "/tickets/{ticket}/assign", assign(), [403, 403, 200]),
        route(post.clone(), "/tickets/{ticket}/claim", Value::Null, [403, 200, 200]),
        route(post.clone(), "/tickets/{ticket}/unassign", Value::Null, [403, 200, 200]),
        route(put.clone(), "/tickets/{ticket}/status", json!({ "status": "in_progress" }), [403, 200, 200]),
        route(put.clone(), "/tickets/{ticket}/priority", json!({ "priority": "low" }), [403, 200, 200]),
        route(post.clone(), "/tickets/{ticket}/resolve", json!({ "resolution": "Done" }), [403, 200, 200]),
        route(post.clone(), "/tickets/{ticket}/close", Value::Null, [200, 200, 200]),
        route(put.clone(), "/tickets/{ticket}/close", Value::Null, [200, 200, 200]),
        // The ticket is open, so whoever may reopen meets its state.
        route(post.clone(), "/tickets/{ticket}/reopen", Value::Null, [409, 409, 409]),
        route(put.clone(), "/tickets/{ticket}/reopen", Value::Null, [409, 409, 409]),
        route(post.clone(), "/tickets/{ticket}/rate", json!({ "rating": 5 }), [409, 403, 403]),
        route(post.clone(), "/tickets/{ticket}/escalate", escalate(), [403, 200, 200]),
        route(put.clone(), "/tickets/{ticket}/escalate", escalate(), [403, 200, 200]),
        route(post, "/agent/tickets/{ticket}/escalate", escalate(), [403, 200, 200]),
        route(put.clone(), "/agent/tickets/{ticket}/escalate", escalate(), [403, 200, 200]),
        route(put.clone(), "/tickets/{ticket}", edit(), [403, 200, 200]),
        route(patch.clone(), "/tickets/{ticket}", edit(), [403, 200, 200]),
        route(put, "/agent/tickets/{ticket}", edit(), [403, 200, 200]),
        route(patch, "/agent/tickets/{ticket}", edit(), [403, 200, 200]),
    ]
}

async fn status(who: Who, route: &Route) -> u16 {
    let api = Api::new(Profile::bookings());
    let ticket = api.ticket().await;
    let (path, body) = route.on(&api, &ticket).await;
    let reply = api.call(who, route.method.clone(), &path.replace("{ticket}", &ticket), body).await;
    reply.status.as_u16()
}

#[tokio::test]
async fn every_role_gets_what_it_may_from_every_route() {
    for route in routes() {
        let label = format!("{} {} {}", route.method, route.path, route.body);
        assert_eq!(status(Who::Guest, &route).await, 401, "guest: {label}");
        assert_eq!(status(ADA, &route).await, route.customer, "customer: {label}");
        assert_eq!(status(GRACE, &route).await, route.agent, "agent: {label}");
        assert_eq!(status(Who::Admin, &route).await, route.admin, "admin: {label}");
        // What customers have no business with is forbidden before any ticket is looked for.
        let closed = route.path.starts_with("/agent") || route.path.contains("/canned-responses");
        let hidden = if closed { 403 } else { 404 };
        assert_eq!(status(EVE, &route).await, hidden, "other customer: {label}");
    }
}

#[tokio::test]
async fn lists_and_openings_ask_who() {
    let api = Api::new(Profile::bookings());
    let body = || json!({ "subject": "s", "description": "d", "customerId": ADA.id() });
    for (who, list, queue, open) in [
        (Who::Guest, 401, 401, 401),
        (ADA, 200, 403, 201),
        (EVE, 200, 403, 422),
        (GRACE, 200, 200, 201),
        (Who::Admin, 200, 200, 201),
    ] {
        assert_eq!(api.get(who, "/tickets").await.status, list, "{who:?}");
        assert_eq!(api.get(who, "/agent/tickets").await.status, queue, "{who:?}");
        assert_eq!(api.post(who, "/tickets", body()).await.status, open, "{who:?}");
    }
}

#[tokio::test]
async fn a_foreign_ticket_answers_exactly_as_a_missing_one() {
    let api = Api::new(Profile::bookings());
    let id = api.ticket().await;
    let assign = json!({ "agentId": GRACE.id() });
    let ticket = api.put(GRACE, &format!("/tickets/{id}/assign"), assign).await.expect(200);
    let number = ticket["ticketNumber"].as_str().unwrap();
    let missing = uuid::Uuid::from_u128(404).to_string();
    // To Eve it is another customer's, to Linus another agent's.
    for who in [EVE, LINUS] {
        for route in routes() {
            // Of many who take a ticket from the queue at once, the others may learn that it has been taken.
            if who == LINUS && route.path.ends_with("/claim") {
                let reply = api.call(who, route.method, &route.path.replace("{ticket}", &id), Value::Null).await;
                reply.problem(409, "state");
                continue;
            }
            let (there, right) = route.on(&api, &id).await;
            for body in [right, json!({ "subject": 1, "priority": "x" })] {
                let body = if route.method == Method::GET { Value::Null } else { body };
                let mut answers = Vec::new();
                for name in [id.as_str(), number, &missing, "TKT-1-404", "%00", &"9".repeat(200)] {
                    let path = there.replace("{ticket}", name);
                    let reply = api.call(who, route.method.clone(), &path, body.clone()).await;
                    answers.push(reply.visible());
                }
                let label = format!("{who:?} {} {} {body}", route.method, route.path);
                assert!(!answers[0].0.is_success(), "{label}");
                // What cannot be a name at all is not found even where the body is wrong.
                let named = &answers[..4];
                assert!(named.iter().all(|answer| *answer == named[0]), "{label}: {answers:?}");
                if answers[0].0 == 404 {
                    assert!(answers.iter().all(|answer| *answer == named[0]), "{label}: {answers:?}");
                }
            }
        }
    }
}

/// Giving it to oneself is no way around it.
#[tokio::test]
async fn an_agent_takes_no_ticket_from_a_colleague() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}", api.ticket().await);
    api.post(GRACE, &format!("{path}/claim"), Value::Null).await.expect(200);
    api.put(LINUS, &format!("{path}/assign"), json!({ "agentId": LINUS.id() })).await.problem(404, "not-found");
    assert_eq!(api.get(GRACE, &path).await.expect(200)["assignedTo"]["name"], "Agent 1");
}

#[tokio::test]
async fn nobody_gets_in_with_a_sign_in_that_is_not_valid() {
    let api = Api::new(Profile::bookings());
    for (token, status, kind, header) in [
        ("Bearer stale", 401, "unauthenticated", ("www-authenticate", "Bearer")),
        ("Bearer down", 503, "unavailable", ("retry-after", "1")),
    ] {
        let request = Request::get("/api/v1/support/tickets").header("authorization", token);
        let reply = api.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.headers[header.0], header.1);
        reply.problem(status, kind);
    }
    let guest = api.get(Who::Guest, "/tickets").await;
    assert_eq!(guest.headers["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn a_guest_is_turned_away_before_the_body_is_read() {
    let api = Api::new(Profile::bookings());
    let request = Request::post("/api/v1/support/tickets").header("content-type", "text/plain");
    let reply = api.send(request.body(Body::from("{")).unwrap()).await;
    reply.problem(401, "unauthenticated");
}
