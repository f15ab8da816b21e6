//! Help articles as guests read them.

use crate::{
    client::{bytes, rate},
    report::{Promise, Report, median, say},
};
use async_trait::async_trait;
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, request::Parts},
    routing::get,
};
use http_body_util::BodyExt as _;
use std::net::SocketAddr;
use support_desk::{
    Actor, Desk, MemoryStore,
    domain::article::ArticleDraft,
    http::{AuthError, Authenticate, Settings, router_with},
};
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use uuid::Uuid;

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 5;

/// Nobody is signed in.
struct Nobody;

#[async_trait]
impl Authenticate for Nobody {
    async fn actor(&self, _: &Parts) -> Result<Actor, AuthError> {
        Ok(Actor::Guest)
    }
}

/// A desk with a hundred articles of some 3,000 characters.
async fn desk() -> Router {
    let desk = Desk::builder(MemoryStore::new()).build().expect("a shipped profile");
    let admin = Actor::admin(Uuid::from_u128(0xad), "Joan");
    for n in 0..100 {
        let draft = ArticleDraft {
            title: format!("Question {n}"),
            content: "It was **promised** for [Monday](https://example.org), and nobody called.\n\n".repeat(40),
            ..ArticleDraft::default()
        };
        let article = desk.articles().write(&admin, draft).await.expect("an article");
        desk.articles().publish(&admin, article.id, None).await.expect("a published one");
    }
    // Nobody shall wait for a turn: what is measured is the work.
    router_with(desk, Nobody, Settings { requests: None, ..Settings::default() })
}

/// The answer as the desk gives it: headers and bytes.
async fn answer(app: &Router, path: &str) -> (HeaderMap, Bytes) {
    let request = axum::http::Request::get(path).body(axum::body::Body::empty()).expect("a path");
    let response = app.clone().oneshot(request).await.expect("a router answers");
    let (parts, body) = response.into_parts();
    assert!(parts.status.is_success(), "{}", parts.status);
    (parts.headers, body.collect().await.expect("a whole body").to_bytes())
}

async fn listen(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

pub(crate) fn run(report: &mut Report) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let app = desk().await;
        let (headers, body) = answer(&app, "/articles/question-7").await;
        let bare = Router::new().route("/articles/{slug}", get(move || async move { (headers, body) }));
        let (ours, bare) = (listen(app).await, listen(bare).await);
        let read = |connection: usize, n: usize| {
            bytes("GET", &format!("/articles/question-{}", (connection * 31 + n * 17) % 100), "")
        };
        let (mut ratios, mut rates) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (ours, bare) = (rate(ours, CONNECTIONS, 500, read).await, rate(bare, CONNECTIONS, 500, read).await);
            ratios.push(ours / bare);
            rates.push(ours);
        }
        say(&format!("{:.0} articles a second", median(rates)));
        let promise = Promise::AtLeast(0.5);
        report.check("64 connections read an article, to a bare handler", median(ratios), "x", &promise);
    });
}
