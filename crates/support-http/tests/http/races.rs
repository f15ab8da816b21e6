//! What happens while a request is being worked on.

use crate::harness::{ADA, Api, GRACE, Who, settings};
use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};
use support_core::{
    desk::Desk,
    domain::{
        access::{AccessPolicy, Action, Decision, Holding, RolePolicy, TicketScope},
        actor::Actor,
        id::{AgentId, CustomerId},
        profile::Profile,
        ticket::{Edit, Related},
    },
    memory::MemoryStore,
    ports::{
        clock::FixedClock,
        directory::{AgentCard, CustomerCard, Directory, DirectoryError, Lookup, RelatedCard},
        notifier::{Notice, Notifier},
    },
};

/// A directory that somebody edits the ticket behind, once, while it is asked for a thing.
#[derive(Default)]
struct Meanwhile(OnceLock<(Desk, uuid::Uuid)>, AtomicBool);

#[async_trait]
impl Directory for Meanwhile {
    async fn customer(&self, _: CustomerId) -> Result<Lookup<CustomerCard>, DirectoryError> {
        Ok(Lookup::NotKept)
    }

    async fn agent(&self, _: AgentId) -> Result<Lookup<AgentCard>, DirectoryError> {
        Ok(Lookup::NotKept)
    }

    async fn related(&self, _: CustomerId, _: &str, _: &str) -> Result<Lookup<RelatedCard>, DirectoryError> {
        if let Some((desk, ticket)) = self.0.get()
            && !self.1.swap(true, Ordering::Relaxed)
        {
            let link = Related { kind: "product".to_owned(), id: "P-2".to_owned(), label: None };
            let edit = Edit { related: Some(vec![link]), ..Edit::default() };
            desk.tickets().edit(&Actor::admin(Who::Admin.id(), "Admin"), *ticket, edit).await.unwrap();
        }
        Ok(Lookup::NotKept)
    }
}

/// An id in a field of its own leaves the other links alone, those too that came in the meantime.
#[tokio::test]
async fn an_edit_of_one_link_does_not_undo_what_others_do_meanwhile() {
    let directory = Arc::new(Meanwhile::default());
    let desk = Desk::builder(MemoryStore::new()).profile(Profile::after_sales()).directory(directory.clone());
    let desk = desk.build().unwrap();
    let api = Api::of(desk.clone(), settings());
    let id = api.ticket().await;
    assert!(directory.0.set((desk, id.parse().unwrap())).is_ok());
    let path = format!("/tickets/{id}");
    api.patch(GRACE, &path, json!({ "orderId": "O-1" })).await.problem(409, "conflict");
    let edited = api.patch(GRACE, &path, json!({ "orderId": "O-1" })).await.expect(200);
    let kinds: Vec<&str> =
        edited["related"].as_array().unwrap().iter().map(|link| link["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["product", "order"]);
}

/// A notifier that takes its time.
struct Slow(Arc<FixedClock>);

impl Notifier for Slow {
    fn notify(&self, _: &Notice<'_>) {
        self.0.advance(chrono::TimeDelta::minutes(1));
    }
}

/// The clocks of a ticket go on between the commit and the answer; the answer is the one that was committed.
#[tokio::test]
async fn the_first_answer_is_the_one_that_is_repeated() {
    let clock = Arc::new(FixedClock::at("2026-01-05T09:00:00Z".parse().unwrap()));
    let desk = Desk::builder(MemoryStore::new()).profile(Profile::after_sales()).clock(clock.clone());
    let api = Api::of(desk.notifier(Slow(clock)).build().unwrap(), settings());
    let path = format!("/tickets/{}/claim", api.ticket().await);
    let key = [("idempotency-key", "key")];
    let first = api.call_with(GRACE, Method::POST, &path, Value::Null, &key).await;
    let second = api.call_with(GRACE, Method::POST, &path, Value::Null, &key).await;
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert_eq!(first.bytes, second.bytes);
    assert_eq!(first.headers["etag"], second.headers["etag"]);
}

/// The same path below another tenant is another request.
#[tokio::test]
async fn a_key_minds_the_path_that_the_client_sees() {
    let mut api = Api::new(Profile::after_sales());
    api.app = axum::Router::new().nest("/t/{tenant}", api.app);
    let send = |tenant: &str| {
        let request = Request::post(format!("/t/{tenant}/tickets"))
            .header("authorization", "Bearer customer 1")
            .header("content-type", "application/json")
            .header("idempotency-key", "key");
        api.send(request.body(Body::from(json!({ "subject": "s", "description": "d" }).to_string())).unwrap())
    };
    send("acme").await.expect(201);
    send("acme").await.expect(201);
    send("other").await.problem(422, "key-reused");
}

/// A host that lets customers read everything of their own.
struct Glass;

impl AccessPolicy for Glass {
    fn decide(&self, actor: &Actor, action: Action, ticket: Option<Holding>) -> Decision {
        match action {
            Action::ReadTrail => RolePolicy.decide(actor, Action::Read, ticket),
            _ => RolePolicy.decide(actor, action, ticket),
        }
    }

    fn scope(&self, actor: &Actor) -> TicketScope {
        RolePolicy.scope(actor)
    }
}

#[tokio::test]
async fn whoever_is_given_a_tag_can_send_it_back() {
    let desk = Desk::builder(MemoryStore::new()).profile(Profile::after_sales()).access(Glass).build().unwrap();
    let api = Api::of(desk, settings());
    let path = format!("/tickets/{}", api.ticket().await);
    let whole = api.get(ADA, &path).await;
    let tag = [("if-match", whole.headers["etag"].to_str().unwrap())];
    assert!(whole.json().get("version").is_some());
    api.call_with(ADA, Method::POST, &format!("{path}/close"), Value::Null, &tag).await.expect(200);
}
