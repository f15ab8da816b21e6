//! A desk behind the router, with a clock that stands still and ids that count.

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode, header, request::Parts},
};
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use support_core::{
    desk::Desk,
    domain::{actor::Actor, profile::Profile},
    memory::{MemoryFiles, MemoryStore},
    ports::{
        Store,
        clock::FixedClock,
        directory::MemoryDirectory,
        ids::{CountingIds, IdSource},
    },
};
use support_http::{AuthError, Authenticate, Settings};
use tower::ServiceExt as _;
use uuid::Uuid;

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Guest,
    /// A customer and their number; the first one opens the tickets.
    Customer(u32),
    Agent(u32),
    Admin,
}

pub(crate) const ADA: Who = Who::Customer(1);
pub(crate) const EVE: Who = Who::Customer(2);
pub(crate) const GRACE: Who = Who::Agent(1);
pub(crate) const LINUS: Who = Who::Agent(2);

impl Who {
    pub(crate) fn id(self) -> Uuid {
        let number = match self {
            Self::Guest => 0,
            Self::Customer(number) => 0xC000 + number,
            Self::Agent(number) => 0xA000 + number,
            Self::Admin => 0xAD00,
        };
        Uuid::from_u128(u128::from(number) << 96)
    }

    pub(crate) fn token(self) -> Option<String> {
        match self {
            Self::Guest => None,
            Self::Customer(number) => Some(format!("Bearer customer {number}")),
            Self::Agent(number) => Some(format!("Bearer agent {number}")),
            Self::Admin => Some("Bearer admin 0".to_owned()),
        }
    }
}

/// A sign-in that believes the token.
pub(crate) struct Tokens;

#[async_trait]
impl Authenticate for Tokens {
    async fn actor(&self, parts: &Parts) -> Result<Actor, AuthError> {
        let Some(token) = parts.headers.get(header::AUTHORIZATION) else {
            return Ok(Actor::Guest);
        };
        let words: Vec<&str> = token.to_str().unwrap_or_default().split(' ').collect();
        match words[..] {
            ["Bearer", role, number] => {
                let number = number.parse().unwrap();
                Ok(match role {
                    "customer" => Actor::customer(Who::Customer(number).id(), format!("Customer {number}")),
                    "agent" => Actor::agent(Who::Agent(number).id(), format!("Agent {number}")),
                    _ => Actor::admin(Who::Admin.id(), "Admin"),
                })
            }
            ["Bearer", "down"] => Err(AuthError::Unavailable),
            ["Bearer", "panic"] => panic!("the sign-in broke: secret-of-the-panic"),
            ["Bearer", "slow"] => std::future::pending().await,
            _ => Err(AuthError::Invalid("this token has expired".to_owned())),
        }
    }
}

pub(crate) struct Api {
    pub(crate) app: Router,
    pub(crate) clock: Arc<FixedClock>,
    mount: String,
}

impl Api {
    pub(crate) fn new(profile: Profile) -> Self {
        Self::over(MemoryStore::new(), profile)
    }

    pub(crate) fn over(store: impl Store, profile: Profile) -> Self {
        Self::with(store, profile, settings())
    }

    pub(crate) fn with(store: impl Store, profile: Profile, settings: Settings) -> Self {
        Self::and_desk(store, profile, settings).0
    }

    /// The desk beside its router.
    pub(crate) fn with_desk(profile: Profile) -> (Self, Desk) {
        Self::with_desk_and(profile, settings())
    }

    /// The same, with other settings.
    pub(crate) fn with_desk_and(profile: Profile, settings: Settings) -> (Self, Desk) {
        Self::and_desk(MemoryStore::new(), profile, settings)
    }

    /// A path below the mount, as clients write it.
    pub(crate) fn path(&self, below: &str) -> String {
        format!("{}{below}", self.mount)
    }

    fn and_desk(store: impl Store, profile: Profile, settings: Settings) -> (Self, Desk) {
        let clock = Arc::new(FixedClock::at("2026-01-05T09:00:00Z".parse().unwrap()));
        let directory = MemoryDirectory::new()
            .with_agent(GRACE.id().into(), "Agent 1")
            .with_agent(LINUS.id().into(), "Agent 2")
            .with_related(ADA.id().into(), "vehicle", "V-1", Some("A red one"))
            .with_related(ADA.id().into(), "purchase", "P-1", Some("A red one, 2024"))
            .with_kind_of_related(ADA.id().into(), "purchase", "P-1", "SUV")
            .with_related(ADA.id().into(), "purchase", "Q-1", None)
            .with_related(ADA.id().into(), "purchase", "0c0c0c0c-0000-4000-8000-000000000001", None)
            .with_related(EVE.id().into(), "purchase", "P-2", Some("A blue one"));
        let desk = Desk::builder(store)
            .profile(profile)
            .clock(clock.clone())
            .ids(Counting::default())
            .directory(directory)
            .files(MemoryFiles::new())
            .webhooks(crate::webhooks::Echo)
            .inbox()
            .build()
            .unwrap();
        let mut api = Self::of(desk.clone(), settings);
        api.clock = clock;
        (api, desk)
    }

    /// A desk that a test has put together itself.
    pub(crate) fn of(desk: Desk, settings: Settings) -> Self {
        Self::signed_in_by(desk, Tokens, settings)
    }

    /// The same, with another sign-in.
    pub(crate) fn signed_in_by(desk: Desk, sign_in: impl Authenticate, settings: Settings) -> Self {
        let mount = desk.profile().wire.mount.clone();
        let router = support_http::router_with(desk, sign_in, settings);
        let app = if mount.is_empty() { Router::new().merge(router) } else { Router::new().nest(&mount, router) };
        Self { app, clock: Arc::new(FixedClock::at(chrono::DateTime::UNIX_EPOCH)), mount }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        // A stream has no end to wait for.
        let is_stream = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        let body = if is_stream { Body::empty() } else { body };
        Reply {
            status: parts.status,
            headers: parts.headers,
            extensions: parts.extensions,
            bytes: body.collect().await.unwrap().to_bytes(),
        }
    }

    /// Sends a body to a path below the mount; `null` is no body.
    pub(crate) async fn call(&self, who: Who, method: Method, path: &str, body: Value) -> Reply {
        self.call_with(who, method, path, body, &[]).await
    }

    /// The same, with headers.
    pub(crate) async fn call_with(
        &self,
        who: Who,
        method: Method,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.mount));
        if let Some(token) = who.token() {
            request = request.header(header::AUTHORIZATION, token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        };
        self.send(request.body(body).unwrap()).await
    }

    /// Sends what a test has put together to a path below the mount.
    pub(crate) async fn send_as(
        &self,
        who: Who,
        request: axum::http::request::Builder,
        path: &str,
        body: Body,
    ) -> Reply {
        let mut request = request.uri(format!("{}{path}", self.mount));
        if let Some(token) = who.token() {
            request = request.header(header::AUTHORIZATION, token);
        }
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, who: Who, path: &str) -> Reply {
        self.call(who, Method::GET, path, Value::Null).await
    }

    pub(crate) async fn post(&self, who: Who, path: &str, body: Value) -> Reply {
        self.call(who, Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, who: Who, path: &str, body: Value) -> Reply {
        self.call(who, Method::PUT, path, body).await
    }

    pub(crate) async fn patch(&self, who: Who, path: &str, body: Value) -> Reply {
        self.call(who, Method::PATCH, path, body).await
    }

    /// Opens a ticket of the first customer and answers its id.
    pub(crate) async fn ticket(&self) -> String {
        let body = serde_json::json!({ "subject": "It is late", "description": "Where is it?" });
        let opened = self.post(ADA, "/tickets", body).await.expect(201);
        opened["ticketId"].as_str().unwrap().to_owned()
    }
}

/// As a host has them, but every request may be sent as often as it likes and is called the same.
pub(crate) fn settings() -> Settings {
    Settings { requests: None, openings: None, request_ids: Arc::new(Same), ..Settings::default() }
}

/// One id for everything.
struct Same;

impl IdSource for Same {
    fn id(&self, _: chrono::DateTime<chrono::Utc>) -> Uuid {
        Uuid::from_u128(0x4E0)
    }

    fn random(&self) -> u64 {
        0
    }
}

/// Ids that count, and draws that are always the same ones, each of them another.
#[derive(Default)]
struct Counting(CountingIds, AtomicU64);

impl IdSource for Counting {
    fn id(&self, now: chrono::DateTime<chrono::Utc>) -> Uuid {
        self.0.id(now)
    }

    fn random(&self) -> u64 {
        4_711 + self.1.fetch_add(1, Ordering::Relaxed)
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) extensions: axum::http::Extensions,
    pub(crate) bytes: Bytes,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The body, if the status is this one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// The problem, if it is this one.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, name: &str) -> Value {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        let problem = self.expect(status);
        assert_eq!(problem["type"], format!("urn:support-desk:problem:{name}"));
        assert_eq!(problem["status"], status);
        problem
    }

    /// Everything a client can see of it.
    pub(crate) fn visible(&self) -> (StatusCode, HeaderMap, Bytes) {
        (self.status, self.headers.clone(), self.bytes.clone())
    }
}

/// The names of the fields that a problem names, in its order.
pub(crate) fn fields(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array();
    errors.into_iter().flatten().map(|error| error["field"].as_str().unwrap()).collect()
}
