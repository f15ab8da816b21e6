//! Websockets, over a connection in memory: who may open one, what goes over it, and how it ends.

use crate::{
    harness::{ADA, Api, EVE, GRACE, Who, settings},
    live::{Revocable, revocable},
};
use axum::http::{Method, Request, Response, StatusCode};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use std::time::Duration;
use support_core::domain::{actor::Actor, profile::Profile};
use support_http::{AuthError, LiveSettings, Rate, Settings};
use tokio::{io::DuplexStream, time::Instant};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Bytes, Error, Message},
};

/// The client's side of a websocket.
struct Socket(WebSocketStream<DuplexStream>);

impl Socket {
    /// Asks for a websocket. What is refused is answered as any request.
    async fn ask(
        api: &Api,
        who: Who,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<(Self, Response<Option<Vec<u8>>>), Response<Option<Vec<u8>>>> {
        let (ours, theirs) = tokio::io::duplex(1024 * 1024);
        let app = TowerToHyperService::new(api.app.clone());
        tokio::spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            let _ = server.serve_connection_with_upgrades(TokioIo::new(theirs), app).await;
        });
        let mut request = Request::get(format!("ws://desk.example.org{}", api.path(path)))
            .header("host", "desk.example.org")
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        if let Some(token) = who.token() {
            request = request.header("authorization", token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match client_async(request.body(()).unwrap(), ours).await {
            Ok((socket, response)) => Ok((Self(socket), response)),
            Err(Error::Http(response)) => Err(*response),
            Err(other) => panic!("{other}"),
        }
    }

    async fn open(api: &Api, who: Who, path: &str) -> Self {
        Self::ask(api, who, path, &[]).await.unwrap().0
    }

    async fn say(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// The next frame that says something; as `closed` with its code where it is the last.
    async fn next(&mut self) -> Value {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Close(Some(frame)))) => return json!({ "closed": u16::from(frame.code) }),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => return json!({ "broken": format!("{other:?}") }),
            }
        }
    }

    /// The code with which it ends.
    async fn end(&mut self) -> u16 {
        loop {
            let frame = self.next().await;
            if let Some(code) = frame["closed"].as_u64() {
                return u16::try_from(code).unwrap();
            }
            assert!(frame.get("broken").is_none(), "{frame}");
        }
    }
}

async fn key(api: &Api, who: Who) -> String {
    let reply = api.post(who, "/live/ticket", Value::Null).await;
    assert_eq!(reply.headers["cache-control"], "no-store");
    let drawn = reply.expect(201);
    assert_eq!(drawn["expiresIn"], 30);
    let key = drawn["key"].as_str().unwrap().to_owned();
    assert_eq!(key.len(), 43);
    key
}

#[tokio::test(start_paused = true)]
async fn both_sides_speak() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}", api.ticket().await);
    let live = format!("{path}/live/ws");
    let mut ada = Socket::open(&api, ADA, &live).await;
    let mut grace = Socket::open(&api, GRACE, &live).await;
    ada.say(json!({ "type": "typing" })).await;
    assert_json_snapshot!("a_frame_of_presence", grace.next().await);
    api.post(GRACE, &format!("{path}/messages"), json!({ "message": "Soon" })).await.expect(201);
    // Her own word changes nothing that she sees.
    let told = ada.next().await;
    assert_json_snapshot!("a_frame_of_a_change", told);
    let after = told["id"].as_str().unwrap().to_owned();
    api.post(GRACE, &format!("{path}/messages"), json!({ "message": "Now" })).await.expect(201);
    let mut back = Socket::open(&api, ADA, &format!("{live}?after={after}")).await;
    assert_eq!(back.next().await["event"], "changed");
    // The stream of all has no ticket that somebody could be at.
    let mut all = Socket::open(&api, GRACE, "/live/ws").await;
    all.say(json!({ "type": "viewing" })).await;
    assert_eq!(all.next().await["event"], "error");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_frame_is_answered_with_the_same_few_words() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}/live/ws", api.ticket().await);
    let mut ada = Socket::open(&api, ADA, &path).await;
    let mut answers = Vec::new();
    for frame in [
        Message::text("{"),
        Message::text("[]"),
        Message::text(r#"{"type": 1}"#),
        Message::text(r#"{"type": "subscribe", "ticket": "' OR 1=1"}"#),
        Message::text("[".repeat(60_000)),
        Message::binary(b"\x00typing".as_slice()),
    ] {
        ada.0.send(frame).await.unwrap();
        answers.push(ada.next().await);
    }
    assert_json_snapshot!("a_frame_that_was_refused", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    // Longer than anybody may be.
    let long = Message::text("x".repeat(64 * 1024 + 1));
    let _ = ada.0.send(long).await;
    assert!(ada.next().await.get("event").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_key_opens_one_socket_as_a_protocol() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}/live/ws", api.ticket().await);
    let protocols = format!("support-desk, key.{}", key(&api, ADA).await);
    let headers = [("sec-websocket-protocol", protocols.as_str()), ("origin", "https://elsewhere.example")];
    let (mut ada, response) = Socket::ask(&api, Who::Guest, &path, &headers).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "support-desk");
    api.post(GRACE, &path.replace("/live/ws", "/messages"), json!({ "message": "Soon" })).await.expect(201);
    assert_eq!(ada.next().await["event"], "changed");
    // Once.
    let again = Socket::ask(&api, Who::Guest, &path, &headers).await.err().unwrap();
    assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
    // A key is good for its person, whoever sends it, and for a while.
    let protocols = format!("support-desk, key.{}", key(&api, EVE).await);
    let headers = [("sec-websocket-protocol", protocols.as_str())];
    let foreign = Socket::ask(&api, ADA, &path, &headers).await.err().unwrap();
    assert_eq!(foreign.status(), StatusCode::NOT_FOUND);
    let protocols = format!("support-desk, key.{}", key(&api, ADA).await);
    tokio::time::sleep(Duration::from_secs(30)).await;
    let headers = [("sec-websocket-protocol", protocols.as_str())];
    let late = Socket::ask(&api, Who::Guest, &path, &headers).await.err().unwrap();
    assert_eq!(late.status(), StatusCode::UNAUTHORIZED);
    api.post(Who::Guest, "/live/ticket", Value::Null).await.problem(401, "unauthenticated");
}

#[tokio::test(start_paused = true)]
async fn a_key_opens_one_socket_as_its_first_frame() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}/live/ws", api.ticket().await);
    let missing = format!("/tickets/{}/live/ws", uuid::Uuid::nil());
    let drawn = key(&api, ADA).await;
    let mut ada = Socket::open(&api, Who::Guest, &path).await;
    ada.say(json!({ "key": drawn })).await;
    ada.say(json!({ "type": "nonsense" })).await;
    assert_eq!(ada.next().await["event"], "error");
    for frame in [json!({ "key": drawn }), json!({ "key": "" }), json!({ "type": "typing" }), json!(1)] {
        let mut stranger = Socket::open(&api, Who::Guest, &path).await;
        stranger.say(frame.clone()).await;
        assert_eq!(stranger.next().await, json!({ "closed": 4401 }), "{frame}");
    }
    let mut silent = Socket::open(&api, Who::Guest, &path).await;
    let asked = Instant::now();
    assert_eq!(silent.next().await, json!({ "closed": 4401 }));
    assert_eq!(asked.elapsed(), Duration::from_secs(5));
    // A foreign ticket is as one that is not there.
    for path in [&path, &missing] {
        let mut eve = Socket::open(&api, Who::Guest, path).await;
        eve.say(json!({ "key": key(&api, EVE).await })).await;
        assert_eq!(eve.next().await, json!({ "closed": 4403 }));
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_of_another_site_opens_nothing_with_the_cookies_of_its_reader() {
    let live = LiveSettings { origins: vec!["https://help.example.org".to_owned()], ..LiveSettings::default() };
    let (api, _) = Api::with_desk_and(Profile::bookings(), Settings { live, ..settings() });
    for (origin, status) in [
        ("https://desk.example.org", None),
        ("https://help.example.org", None),
        ("https://evil.example.org", Some(StatusCode::FORBIDDEN)),
        ("null", Some(StatusCode::FORBIDDEN)),
    ] {
        let refused = Socket::ask(&api, ADA, "/live/ws", &[("origin", origin)]).await.err();
        assert_eq!(refused.map(|refused| refused.status()), status, "{origin}");
    }
    let stale = [("authorization", "Bearer stale")];
    let refused = Socket::ask(&api, Who::Guest, "/live/ws", &stale).await.err().unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(start_paused = true)]
async fn a_socket_ends_within_a_second_of_the_right_to_it() {
    let signed_out = |sign_in: &Revocable| sign_in.answer(Err(AuthError::Invalid("signed out".to_owned())));
    let (api, _, sign_in, path) = revocable(LiveSettings::default()).await;
    let path = format!("{path}/live/ws");
    let mut by_header = Socket::open(&api, ADA, &path).await;
    // With a key it is the sign-in that drew the key.
    let protocols = format!("support-desk, key.{}", key(&api, ADA).await);
    let headers = [("sec-websocket-protocol", protocols.as_str())];
    let (mut by_key, _) = Socket::ask(&api, Who::Guest, &path, &headers).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    signed_out(&sign_in);
    let revoked = Instant::now();
    assert_eq!((by_header.end().await, by_key.end().await), (4401, 4401));
    assert!(revoked.elapsed() <= Duration::from_secs(1));

    let (api, _, _, path) = revocable(LiveSettings::default()).await;
    let mut ada = Socket::open(&api, ADA, &format!("{path}/live/ws")).await;
    api.call(Who::Admin, Method::DELETE, &path, Value::Null).await.expect(200);
    let deleted = Instant::now();
    assert_eq!(ada.end().await, 4403);
    assert!(deleted.elapsed() <= Duration::from_secs(1));

    let (api, _, sign_in, path) = revocable(LiveSettings::default()).await;
    let mut ada = Socket::open(&api, ADA, &format!("{path}/live/ws")).await;
    sign_in.answer(Ok(Actor::admin(ADA.id(), "Customer 1")));
    assert_eq!(ada.end().await, 4401);
}

#[tokio::test(start_paused = true)]
async fn all_sockets_end_when_the_server_does() {
    let live = LiveSettings::default();
    let drain = live.drain.clone();
    let (api, _, _, path) = revocable(live).await;
    let mut ada = Socket::open(&api, ADA, &format!("{path}/live/ws")).await;
    drain.close();
    assert_eq!(ada.end().await, 1001);
    for who in [ADA, Who::Guest] {
        let refused = Socket::ask(&api, who, "/live/ws", &[]).await.err().unwrap();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE, "{who:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_sends_frames_without_end() {
    let live = LiveSettings { frames: Rate { per_minute: 1, burst: 3 }, ..LiveSettings::default() };
    let (api, _, _, path) = revocable(live).await;
    let mut ada = Socket::open(&api, ADA, &format!("{path}/live/ws")).await;
    for n in 0..60 {
        let frame = if n % 2 == 0 { Message::text(r#"{"type":"x"}"#) } else { Message::Ping(Bytes::new()) };
        if ada.0.send(frame).await.is_err() {
            break;
        }
    }
    let mut errors = 0;
    let code = loop {
        let frame = ada.next().await;
        match frame["closed"].as_u64() {
            Some(code) => break code,
            None => errors += 1,
        }
    };
    assert_eq!(
        (code, errors),
        (1008, 52),
        "two that were not understood, and those over the limit that were borne with"
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_answers_no_ping_has_gone() {
    let live = LiveSettings { streams: 1, ..LiveSettings::default() };
    let (api, _, _, path) = revocable(live).await;
    let path = format!("{path}/live/ws");
    let mut ada = Socket::open(&api, ADA, &path).await;
    // Whoever reads answers by that.
    assert!(tokio::time::timeout(Duration::from_mins(5), ada.next()).await.is_err());
    let refused = Socket::ask(&api, ADA, &path, &[]).await.err().unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    tokio::time::sleep(Duration::from_secs(61)).await;
    Socket::open(&api, ADA, &path).await;
}
