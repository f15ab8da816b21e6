//! Streams of events: what is told, to whom, for how long.

use crate::harness::{ADA, Api, EVE, GRACE, LINUS, Tokens, Who, settings};
use async_trait::async_trait;
use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, request::Parts},
};
use http_body_util::BodyExt as _;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use support_core::{
    desk::Desk,
    domain::{actor::Actor, id::TicketId, profile::Profile},
};
use support_http::{AuthError, Authenticate, LiveSettings, Rate, Settings};
use tokio::time::Instant;
use tower::ServiceExt as _;

/// A stream that is being read.
pub(crate) struct Stream {
    pub(crate) headers: HeaderMap,
    body: Body,
    /// What came and was not looked at.
    text: String,
    /// All that ever came.
    pub(crate) all: String,
}

impl Stream {
    pub(crate) async fn open(api: &Api, who: Who, path: &str) -> Self {
        Self::open_with(api, who, path, &[]).await
    }

    pub(crate) async fn open_with(api: &Api, who: Who, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut request = Request::get(api.path(path)).header("authorization", who.token().unwrap());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = api.app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        assert_eq!(parts.status, StatusCode::OK);
        let mut stream = Self { headers: parts.headers, body, text: String::new(), all: String::new() };
        assert_eq!(stream.block().await.as_deref(), Some("retry: 3000"));
        stream
    }

    /// The next lines up to an empty one; none at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let frame = self.body.frame().await?.unwrap().into_data().unwrap();
            let text = std::str::from_utf8(&frame).unwrap();
            self.text.push_str(text);
            self.all.push_str(text);
        }
    }

    /// The next event: its name, its id, its data. A comment is an event of no name; the end is `end`.
    pub(crate) async fn next(&mut self) -> (String, Option<String>, Value) {
        let Some(block) = self.block().await else { return ("end".to_owned(), None, Value::Null) };
        let line = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        let data = line("data: ").map(|data| serde_json::from_str(&data).unwrap());
        (line("event: ").unwrap_or_default(), line("id: "), data.unwrap_or_default())
    }

    /// Everything up to the next comment: there is no more to tell for now.
    async fn rest(&mut self) -> Vec<(String, Option<String>, Value)> {
        let mut rest = Vec::new();
        loop {
            match self.next().await {
                (name, ..) if name.is_empty() => return rest,
                event => rest.push(event),
            }
        }
    }
}

fn named(name: &str, data: Value) -> (String, Option<String>, Value) {
    (name.to_owned(), None, data)
}

/// A sign-in that can be taken away from people, or not be there.
#[derive(Clone, Default)]
pub(crate) struct Revocable(Arc<Mutex<Option<Result<Actor, AuthError>>>>);

impl Revocable {
    /// From now on this is the answer.
    pub(crate) fn answer(&self, answer: Result<Actor, AuthError>) {
        *self.0.lock().unwrap() = Some(answer);
    }
}

#[async_trait]
impl Authenticate for Revocable {
    async fn actor(&self, parts: &Parts) -> Result<Actor, AuthError> {
        let answer = self.0.lock().unwrap().clone();
        match answer {
            Some(answer) => answer,
            None => Tokens.actor(parts).await,
        }
    }
}

/// Somewhere to look at, and a sign-in that can be taken away.
pub(crate) async fn revocable(live: LiveSettings) -> (Api, Desk, Revocable, String) {
    let (api, desk) = Api::with_desk(Profile::bookings());
    let id = api.ticket().await;
    let sign_in = Revocable::default();
    let mut there = Api::signed_in_by(desk.clone(), sign_in.clone(), Settings { live, ..settings() });
    there.clock = api.clock;
    (there, desk, sign_in, format!("/tickets/{id}"))
}

#[tokio::test(start_paused = true)]
async fn whoever_looks_on_hears_what_happens() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}", api.ticket().await);
    let mut ada = Stream::open(&api, ADA, &format!("{path}/live")).await;
    assert_eq!(ada.headers["content-type"], "text/event-stream");
    assert_eq!(ada.headers["cache-control"], "no-store");
    assert_eq!(ada.headers["x-accel-buffering"], "no");
    let mut all = Stream::open(&api, GRACE, "/live").await;
    api.post(GRACE, &format!("{path}/messages"), json!({ "message": "Soon" })).await.expect(201);
    let (event, id, data) = ada.next().await;
    assert_eq!((event.as_str(), id.as_deref()), ("changed", data["eventId"].as_str()));
    assert_json_snapshot!("a_change_that_was_told", data);
    assert_eq!(all.next().await, (event, id, data));
    // The other's own ticket is nothing to her.
    let mut eve = Stream::open(&api, EVE, "/live").await;
    api.post(ADA, &format!("{path}/messages"), json!({ "message": "Thanks" })).await.expect(201);
    assert_eq!(eve.rest().await, []);
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_back_hears_what_they_missed() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}", api.ticket().await);
    let live = format!("{path}/live");
    let mut first = Stream::open(&api, ADA, &live).await;
    let say = async |text: &str| {
        api.post(ADA, &format!("{path}/messages"), json!({ "message": text })).await.expect(201);
    };
    say("one").await;
    let heard = first.next().await.1.unwrap();
    drop(first);
    say("two").await;
    say("three").await;
    let mut back = Stream::open_with(&api, ADA, &live, &[("last-event-id", &heard)]).await;
    let missed = back.rest().await;
    assert_eq!(missed.len(), 2, "{missed:?}");
    assert!(missed.iter().all(|(event, id, _)| event == "changed" && id.as_ref() != Some(&heard)));
    let mut asked = Stream::open(&api, ADA, &format!("{live}?after={heard}")).await;
    assert_eq!(asked.rest().await, missed);
    // Where nobody can say what was missed, all is read anew.
    for (path, header) in [(live.as_str(), "soon"), ("/live", heard.as_str())] {
        let mut back = Stream::open_with(&api, ADA, path, &[("last-event-id", header)]).await;
        assert_eq!(back.rest().await, [named("resync", json!({}))], "{path}");
    }
    api.get(ADA, &format!("{live}?after=soon")).await.problem(400, "parameters");
    api.get(ADA, "/live?after=soon").await.problem(400, "parameters");
}

/// What only staff may know reaches no customer's stream, neither while it happens nor when it is caught up.
#[tokio::test(start_paused = true)]
async fn a_customer_hears_nothing_of_what_is_for_staff() {
    const MARKER: &str = "Zwiebelkuchen";
    let (api, desk) = Api::with_desk(Profile::bookings());
    let id = api.ticket().await;
    let path = format!("/tickets/{id}");
    let admin = Actor::admin(Who::Admin.id(), "Admin");
    let ticket: TicketId = id.parse::<uuid::Uuid>().unwrap().into();
    let begun = desk.events().list(&admin, ticket, None, 100).await.unwrap().items.len();
    let mut ada = Stream::open(&api, ADA, &format!("{path}/live")).await;
    let mut list = Stream::open(&api, ADA, "/live").await;
    let act = async |who: Who, method: Method, below: &str, body: Value| -> Value {
        let reply = api.call(who, method, &format!("{path}{below}"), body).await;
        assert!(reply.status.is_success(), "{below}: {reply:?}");
        if reply.bytes.is_empty() { Value::Null } else { reply.json() }
    };
    let note = json!({ "message": MARKER, "isInternal": true });
    act(Who::Admin, Method::POST, "/messages", note.clone()).await;
    let note = act(Who::Admin, Method::POST, "/messages", note).await["id"].as_str().unwrap().to_owned();
    act(Who::Admin, Method::PATCH, &format!("/messages/{note}"), json!({ "message": MARKER })).await;
    act(Who::Admin, Method::DELETE, &format!("/messages/{note}"), Value::Null).await;
    act(Who::Admin, Method::PATCH, "", json!({ "metadata": { MARKER: MARKER } })).await;
    act(Who::Admin, Method::PUT, "/assign", json!({ "agentId": GRACE.id(), "reason": MARKER })).await;
    act(GRACE, Method::POST, "/time", json!({ "minutes": 5, "note": MARKER })).await;
    act(GRACE, Method::POST, "/watch", Value::Null).await;
    act(GRACE, Method::POST, "/presence", json!({ "state": "typing_note" })).await;
    act(GRACE, Method::POST, "/presence", json!({ "state": "viewing" })).await;
    act(GRACE, Method::POST, "/escalate", json!({ "reason": MARKER })).await;
    act(Who::Admin, Method::POST, "/unwatch", Value::Null).await;
    act(Who::Admin, Method::POST, "/messages", json!({ "message": "Hello" })).await;
    act(Who::Admin, Method::PUT, "/close", json!({ "summary": "Done", "resolutionNotes": MARKER })).await;

    let trail = desk.events().list(&admin, ticket, None, 100).await.unwrap();
    let happened = &trail.items[begun..];
    assert!(happened.len() > 10);
    let allowed: Vec<(String, String)> = happened
        .iter()
        .filter_map(|event| event.clone().for_customer())
        .map(|event| (event.id.to_string(), event.fact.name().to_owned()))
        .collect();
    assert!(allowed.len() < happened.len() && !allowed.is_empty());
    let first = trail.items[begun - 1].id.to_string();
    let mut back = Stream::open_with(&api, ADA, &format!("{path}/live"), &[("last-event-id", &first)]).await;
    for stream in [&mut ada, &mut list, &mut back] {
        let told: Vec<(String, String)> = stream
            .rest()
            .await
            .into_iter()
            .map(|(event, id, data)| {
                assert_eq!(event, "changed", "{data}");
                (id.unwrap(), data["type"].as_str().unwrap().to_owned())
            })
            .collect();
        assert_eq!(told, allowed);
        for word in [MARKER, "note", "escalat", "metadata", "time_", "watch", "reason", &note] {
            assert!(!stream.all.contains(word), "{word} in {}", stream.all);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn others_are_seen_as_far_as_one_may_and_until_they_have_gone() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}", api.ticket().await);
    let (live, presence) = (format!("{path}/live"), format!("{path}/presence"));
    let mut ada = Stream::open(&api, ADA, &live).await;
    let say = async |who: Who, state: &str| {
        let said = api.post(who, &presence, json!({ "state": state })).await;
        assert_eq!((said.status.as_u16(), said.bytes.len()), (204, 0));
    };
    say(GRACE, "typing").await;
    let (event, id, data) = ada.next().await;
    assert_eq!((event.as_str(), id), ("presence", None));
    assert_json_snapshot!("somebody_who_writes", data);
    // Whoever comes later sees who is there.
    let mut admin = Stream::open(&api, Who::Admin, &live).await;
    assert_eq!(admin.next().await.2["present"][0]["state"], "typing");
    // Customers write no notes.
    say(ADA, "typing_note").await;
    assert_eq!(admin.next().await.2["present"].as_array().unwrap().len(), 2);
    // Whoever says nothing for a while has gone, without a word.
    api.clock.advance(chrono::TimeDelta::seconds(21));
    let asked = Instant::now();
    assert_eq!(ada.next().await.2["present"], json!([]));
    assert!(asked.elapsed() <= Duration::from_secs(1));
    say(GRACE, "gone").await;
    let problem = api.post(ADA, &presence, json!({ "state": "asleep" })).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["allowed"], json!(["viewing", "typing", "typing_note", "gone"]));
    api.post(EVE, &presence, json!({ "state": "typing" })).await.problem(404, "not-found");
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_within_a_second_of_the_right_to_it() {
    let asleep = Actor::customer(EVE.id(), "Eve");
    let promoted = Actor::admin(ADA.id(), "Customer 1");
    for (answer, reason) in [
        (Err(AuthError::Invalid("signed out".to_owned())), "signed_out"),
        (Ok(Actor::Guest), "signed_out"),
        (Ok(asleep), "signed_out"),
        (Ok(promoted), "signed_out"),
        (Err(AuthError::Unavailable), "unavailable"),
    ] {
        for all in [true, false] {
            let (api, desk, sign_in, path) = revocable(LiveSettings::default()).await;
            let live = if all { "/live".to_owned() } else { format!("{path}/live") };
            let mut ada = Stream::open(&api, ADA, &live).await;
            tokio::time::sleep(Duration::from_secs(3)).await;
            sign_in.answer(answer.clone());
            let revoked = Instant::now();
            assert_eq!(ada.next().await, named("closed", json!({ "reason": reason })), "{answer:?}");
            assert!(revoked.elapsed() <= Duration::from_secs(1));
            assert_eq!(ada.next().await.0, "end");
            drop(desk);
        }
    }
    // Another name is the same person.
    let (api, _, sign_in, path) = revocable(LiveSettings::default()).await;
    let mut ada = Stream::open(&api, ADA, &format!("{path}/live")).await;
    sign_in.answer(Ok(Actor::customer(ADA.id(), "Ada Lovelace")));
    assert_eq!(ada.rest().await, []);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_goes_to_another_takes_its_stream_along() {
    let api = Api::new(Profile::bookings());
    let path = format!("/tickets/{}", api.ticket().await);
    let mut linus = Stream::open(&api, LINUS, &format!("{path}/live")).await;
    let mut all = Stream::open(&api, LINUS, "/live").await;
    let mut ada = Stream::open(&api, ADA, &format!("{path}/live")).await;
    api.put(Who::Admin, &format!("{path}/assign"), json!({ "agentId": GRACE.id() })).await.expect(200);
    api.post(GRACE, &format!("{path}/messages"), json!({ "message": "Mine now" })).await.expect(201);
    let gone = Instant::now();
    let (event, _, data) = linus.next().await;
    assert_eq!((event.as_str(), data["ticketId"].as_str()), ("lost", path.strip_prefix("/tickets/")));
    assert_eq!(linus.next().await, named("closed", json!({ "reason": "gone" })));
    assert!(gone.elapsed() <= Duration::from_secs(1));
    let told = all.rest().await;
    assert!(told.iter().all(|(event, ..)| event == "lost"), "{told:?}");
    assert!(!ada.rest().await.is_empty());
    api.call(Who::Admin, Method::DELETE, &path, Value::Null).await.expect(200);
    let last = async {
        loop {
            match ada.next().await {
                (event, _, data) if event == "closed" => return data,
                _ => {}
            }
        }
    };
    assert_eq!(last.await, json!({ "reason": "gone" }));
}

/// Nothing is told that came to wait after the right had gone.
#[tokio::test(start_paused = true)]
async fn whoever_reads_late_hears_no_more_than_they_may() {
    let (api, _, sign_in, path) = revocable(LiveSettings::default()).await;
    let mut ada = Stream::open(&api, ADA, &format!("{path}/live")).await;
    sign_in.answer(Ok(Actor::admin(Who::Admin.id(), "Admin")));
    tokio::time::sleep(Duration::from_secs(30)).await;
    api.post(Who::Admin, &format!("{path}/messages"), json!({ "message": "Hello" })).await.expect(201);
    assert_eq!(ada.next().await, named("closed", json!({ "reason": "signed_out" })));
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_hangs_ends_the_stream_and_meanwhile_nothing_is_told() {
    #[derive(Clone)]
    struct Hanging(Arc<std::sync::atomic::AtomicBool>);

    #[async_trait]
    impl Authenticate for Hanging {
        async fn actor(&self, parts: &Parts) -> Result<Actor, AuthError> {
            if self.0.load(std::sync::atomic::Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            Tokens.actor(parts).await
        }
    }

    let (first, desk) = Api::with_desk(Profile::bookings());
    let path = format!("/tickets/{}", first.ticket().await);
    let hangs = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let api = Api::signed_in_by(desk, Hanging(hangs.clone()), settings());
    let mut ada = Stream::open(&api, ADA, &format!("{path}/live")).await;
    hangs.store(true, std::sync::atomic::Ordering::Relaxed);
    tokio::time::advance(Duration::from_secs(1)).await;
    first.post(GRACE, &format!("{path}/messages"), json!({ "message": "Hello" })).await.expect(201);
    assert_eq!(ada.next().await, named("closed", json!({ "reason": "unavailable" })));
}

#[tokio::test(start_paused = true)]
async fn nobody_opens_more_streams_than_they_may() {
    let live = LiveSettings { streams: 2, ..LiveSettings::default() };
    let (api, _, _, path) = revocable(live).await;
    let live = format!("{path}/live");
    let one = Stream::open(&api, ADA, &live).await;
    let two = Stream::open(&api, ADA, "/live").await;
    let refused = api.get(ADA, &live).await;
    assert_eq!(refused.headers["retry-after"], "5");
    refused.problem(429, "too-many");
    // Others have their own, and whoever leaves makes room.
    let other = Stream::open(&api, GRACE, &live).await;
    drop(one);
    let again = Stream::open(&api, ADA, &live).await;
    api.get(ADA, "/live").await.problem(429, "too-many");
    drop((two, other, again));
    // A stream that could not be opened holds no place.
    for _ in 0..5 {
        api.get(EVE, &live).await.problem(404, "not-found");
    }
    Stream::open(&api, EVE, "/live").await;
}

#[tokio::test(start_paused = true)]
async fn no_limit_of_a_request_cuts_a_stream() {
    let requests = Some(Rate { per_minute: 1, burst: 2 });
    let settings = Settings { timeout: Duration::from_secs(2), requests, ..settings() };
    let (api, _) = Api::with_desk_and(Profile::bookings(), settings);
    let path = format!("/tickets/{}", api.ticket().await);
    let mut ada = Stream::open(&api, ADA, &format!("{path}/live")).await;
    let begun = Instant::now();
    for _ in 0..40 {
        assert_eq!(ada.next().await.0, "", "a comment");
    }
    assert_eq!(begun.elapsed(), Duration::from_mins(10));
    api.post(GRACE, &format!("{path}/messages"), json!({ "message": "Still there?" })).await.expect(201);
    assert_eq!(ada.next().await.0, "changed");
}

#[tokio::test(start_paused = true)]
async fn all_streams_end_when_the_server_does() {
    let live = LiveSettings::default();
    let drain = live.drain.clone();
    let (api, _, _, path) = revocable(live).await;
    let mut ada = Stream::open(&api, ADA, &format!("{path}/live")).await;
    let mut grace = Stream::open(&api, GRACE, "/live").await;
    drain.close();
    let closed = Instant::now();
    for stream in [&mut ada, &mut grace] {
        assert_eq!(stream.next().await, named("closed", json!({ "reason": "shutdown" })));
        assert_eq!(stream.next().await.0, "end");
    }
    assert_eq!(closed.elapsed(), Duration::ZERO);
    for path in [format!("{path}/live"), "/live".to_owned()] {
        api.get(ADA, &path).await.problem(503, "unavailable");
    }
    api.post(ADA, "/live/ticket", Value::Null).await.problem(503, "unavailable");
}
