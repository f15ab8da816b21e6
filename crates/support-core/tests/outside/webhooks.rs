use super::{Setup, ada, grace, joan, setup_with};
use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use support_core::{
    desk::{Error, documents::Paging, messages::NewMessage, workers::Job},
    domain::{
        announcement::{AnnouncementKind, Audience},
        fault::Refusal,
        profile::Profile,
        webhook::{Webhook, WebhookEdit, WebhookState},
    },
    ports::webhooks::{WebhookAnswer, WebhookCall, WebhookCallError, WebhookCaller},
};

/// Addresses that answer as they are told to, and what they were sent.
#[derive(Default)]
struct Net {
    answers: Mutex<BTreeMap<String, Result<u16, WebhookCallError>>>,
    calls: Mutex<Vec<WebhookCall>>,
    retry_after: Mutex<Option<Duration>>,
}

impl Net {
    fn answers(&self, url: &str, answer: Result<u16, WebhookCallError>) {
        self.answers.lock().unwrap().insert(url.into(), answer);
    }

    fn take(&self, url: &str) -> Vec<WebhookCall> {
        let mut calls = self.calls.lock().unwrap();
        let (theirs, rest) = std::mem::take(&mut *calls).into_iter().partition(|call| call.url == url);
        *calls = rest;
        theirs
    }
}

#[async_trait]
impl WebhookCaller for Net {
    async fn call(&self, call: &WebhookCall) -> Result<WebhookAnswer, WebhookCallError> {
        self.calls.lock().unwrap().push(call.clone());
        let answer = self.answers.lock().unwrap().get(&call.url).cloned().unwrap_or(Ok(204));
        answer.map(|status| WebhookAnswer { status, retry_after: *self.retry_after.lock().unwrap() })
    }

    fn check(&self, url: &str) -> Result<(), String> {
        if url.starts_with("https://") { Ok(()) } else { Err("must be an https address".into()) }
    }
}

const A: &str = "https://a.example/hook";
const B: &str = "https://b.example/hook";

fn setup() -> (Setup, Arc<Net>) {
    let net = Arc::new(Net::default());
    let setup = setup_with(Profile::after_sales(), |builder| builder.webhooks(net.clone()).inbox());
    (setup, net)
}

fn to(url: &str) -> WebhookEdit {
    WebhookEdit { url: Some(url.into()), ..WebhookEdit::default() }
}

fn header<'a>(call: &'a WebhookCall, name: &str) -> &'a str {
    call.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str()).unwrap()
}

/// Whether a secret of the webhook has signed, as a receiver finds out.
fn is_signed(call: &WebhookCall, secret: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{}.{}.", header(call, "webhook-id"), header(call, "webhook-timestamp")).as_bytes());
    mac.update(&call.body);
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    header(call, "webhook-signature").split(' ').any(|signature| signature == expected)
}

#[tokio::test]
async fn an_address_is_told_what_it_asked_for() {
    let (setup, net) = setup();
    let only = WebhookEdit { events: Some(vec!["ticket.assigned".into()]), ..to(B) };
    let all = setup.desk.webhooks().create(&joan(), to(A)).await.unwrap();
    setup.desk.webhooks().create(&joan(), only).await.unwrap();
    let ticket = setup.open("No parcel").await;
    setup.desk.tickets().claim(&grace(), ticket).await.unwrap();
    let note = NewMessage::note("nobody's business");
    setup.desk.messages().add(&grace(), ticket, note).await.unwrap();
    setup.tick(Job::Relay).await;
    let (a, b) = (net.take(A), net.take(B));
    assert_eq!((b.len(), a.len() >= 2), (1, true));
    let body: serde_json::Value = serde_json::from_slice(&a[0].body).unwrap();
    assert_eq!(
        (body["type"].as_str(), body["data"]["ticket_number"].as_str().is_some()),
        (Some("ticket.created"), true)
    );
    assert_eq!(header(&a[0], "webhook-id"), body["id"].as_str().unwrap());
    assert!(a.iter().all(|call| is_signed(call, &all.secrets[0].value)));
    assert!(!b.iter().any(|call| is_signed(call, &all.secrets[0].value)));
    assert!(!a.iter().any(|call| String::from_utf8_lossy(&call.body).contains("nobody's business")));
    let log = setup.desk.deliveries().list(&joan(), Some(&all.sink()), None, Paging::default()).await.unwrap();
    assert_eq!((log.total, log.items[0].attempts[0].status), (a.len() as u64, Some(204)));
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_said() {
    let (setup, _) = setup();
    let wrong = WebhookEdit { events: Some(vec!["ticket.created".into(), "ticket.eaten".into()]), ..to("http://a") };
    let Err(Error::Refused(Refusal::Invalid(faults))) = setup.desk.webhooks().create(&joan(), wrong).await else {
        panic!()
    };
    let fields: Vec<_> = faults.0.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["url", "events.1"]);
    assert!(faults.0[1].allowed.contains(&"ticket.escalated".to_owned()));
    assert!(setup.desk.webhooks().create(&joan(), WebhookEdit::default()).await.is_err());
    for (name, field) in [("ticket.note.added", "events"), ("desk.test", "events.0")] {
        let never = WebhookEdit { events: Some(vec![name.into()]), ..to(A) };
        let Err(Error::Refused(Refusal::Invalid(faults))) = setup.desk.webhooks().create(&joan(), never).await else {
            panic!("{name}")
        };
        assert_eq!(faults.0[0].field, field);
    }
    for actor in [ada(), grace()] {
        assert!(matches!(setup.desk.webhooks().create(&actor, to(A)).await, Err(Error::Forbidden(_))));
    }
}

/// 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h and then 12 h four times; then it is switched off, and somebody is told.
#[tokio::test]
async fn whoever_never_answers_is_tried_twelve_times_and_switched_off() {
    let (setup, net) = setup();
    let dead = setup.desk.webhooks().create(&joan(), to(A)).await.unwrap();
    setup.desk.webhooks().create(&joan(), to(B)).await.unwrap();
    net.answers(A, Err(WebhookCallError::TimedOut));
    setup.open("One").await;
    let mut tried = Vec::new();
    for _ in 0..(90 * 60) {
        setup.tick(Job::Relay).await;
        if !net.take(A).is_empty() {
            tried.push((setup.desk.now() - super::start()).num_minutes());
        }
        setup.advance(TimeDelta::minutes(1));
    }
    assert_eq!(tried.len(), 12, "{tried:?}");
    let hours: Vec<i64> = tried.iter().map(|minutes| minutes / 60).collect();
    assert_eq!(hours[..4], [0, 0, 0, 0]);
    assert!((74..84).contains(&hours[11]), "{tried:?}");
    assert_eq!(net.take(B).len(), 1, "nobody waits for it");
    let standing = setup.desk.webhooks().get(&joan(), dead.id).await.unwrap();
    assert!(matches!(standing.webhook.state, WebhookState::Disabled { .. }), "{standing:?}");
    assert_eq!((standing.waiting, standing.dead), (0, 1));
    let sink = standing.webhook.sink();
    let letters = setup.desk.deliveries().list(&joan(), Some(&sink), Some("dead"), Paging::default()).await.unwrap();
    let retried = setup.desk.deliveries().retry(&joan(), letters.items[0].id).await;
    assert!(matches!(retried, Err(Error::Refused(_))), "nobody would be told: {retried:?}");
    let inbox = setup.desk.notifications().inbox(&joan(), true, Paging::default()).await.unwrap();
    assert_eq!(inbox.items[0].notification.topic.as_str(), "webhook_disabled");
    assert_eq!(inbox.items[0].story.subject.as_deref(), Some(A));

    // Switched on again, it hears what happens from then on.
    net.answers(A, Ok(200));
    setup.open("While it was off").await;
    let on = WebhookEdit { enabled: Some(true), ..WebhookEdit::default() };
    setup.desk.webhooks().edit(&joan(), dead.id, on).await.unwrap();
    setup.open("Later").await;
    setup.tick(Job::Relay).await;
    let told = net.take(A);
    assert_eq!(told.len(), 1);
    assert!(String::from_utf8_lossy(&told[0].body).contains("Later"));
}

#[tokio::test]
async fn fifty_receivers_of_which_one_never_answers() {
    let (setup, net) = setup();
    for n in 0..50 {
        setup.desk.webhooks().create(&joan(), to(&format!("https://{n}.example/"))).await.unwrap();
    }
    net.answers("https://7.example/", Err(WebhookCallError::TimedOut));
    for n in 0..20 {
        setup.open(&format!("{n}")).await;
    }
    setup.tick(Job::Relay).await;
    for n in (0..50).filter(|n| *n != 7) {
        assert_eq!(net.take(&format!("https://{n}.example/")).len(), 20);
    }
}

#[tokio::test]
async fn a_new_secret_signs_beside_the_old_one_for_a_day() {
    let (setup, net) = setup();
    let hook = setup.desk.webhooks().create(&joan(), to(A)).await.unwrap();
    let rotated = setup.desk.webhooks().rotate_secret(&joan(), hook.id).await.unwrap();
    let (old, new) = (hook.secrets[0].value.clone(), rotated.secrets[0].value.clone());
    let signs = async || {
        let attempt = setup.desk.webhooks().test(&joan(), hook.id).await.unwrap();
        assert_eq!(attempt.status, Some(204));
        let call = net.take(A).pop().unwrap();
        (is_signed(&call, &old), is_signed(&call, &new))
    };
    assert_eq!(signs().await, (true, true));
    // Somebody loses the answer, and makes another, twice: the one that the other side knows signs on.
    setup.desk.webhooks().rotate_secret(&joan(), hook.id).await.unwrap();
    assert_eq!(signs().await, (true, true));
    let last = setup.desk.webhooks().rotate_secret(&joan(), hook.id).await.unwrap();
    assert_eq!((signs().await.0, last.secrets.len()), (true, 3));
    setup.advance(TimeDelta::hours(24));
    let now = setup.desk.webhooks().get(&joan(), hook.id).await.unwrap().webhook;
    assert_eq!((signs().await.0, now.signing(setup.desk.now()).count()), (false, 1));
    assert!(!format!("{rotated:?}").contains(&new), "no log has it");
}

#[tokio::test]
async fn whoever_says_that_it_is_gone_is_told_nothing_more() {
    let (setup, net) = setup();
    let hook = setup.desk.webhooks().create(&joan(), to(A)).await.unwrap();
    net.answers(A, Ok(410));
    setup.open("One").await;
    setup.tick(Job::Relay).await;
    setup.open("Two").await;
    setup.tick(Job::Relay).await;
    assert_eq!(net.take(A).len(), 1);
    let state = setup.desk.webhooks().get(&joan(), hook.id).await.unwrap().webhook.state;
    assert!(matches!(state, WebhookState::Disabled { .. }));
}

#[tokio::test]
async fn whoever_asks_for_a_pause_gets_it() {
    let (setup, net) = setup();
    setup.desk.webhooks().create(&joan(), to(A)).await.unwrap();
    net.answers(A, Ok(503));
    *net.retry_after.lock().unwrap() = Some(Duration::from_mins(10));
    setup.open("One").await;
    setup.tick(Job::Relay).await;
    setup.advance(TimeDelta::minutes(9));
    setup.tick(Job::Relay).await;
    assert_eq!(net.take(A).len(), 1);
    setup.advance(TimeDelta::minutes(2));
    net.answers(A, Ok(200));
    setup.tick(Job::Relay).await;
    assert_eq!(net.take(A).len(), 1);
    setup.advance(TimeDelta::hours(2));
    setup.tick(Job::Relay).await;
    assert!(net.take(A).is_empty());
}

/// A webhook that listens for staff hears of notes.
#[tokio::test]
async fn an_audience_is_kept() {
    let (setup, net) = setup();
    let staff = WebhookEdit { audience: Some(Audience::Staff), ..to(A) };
    let hook: Webhook = setup.desk.webhooks().create(&joan(), staff).await.unwrap();
    assert!(hook.wants(AnnouncementKind::NoteAdded));
    let ticket = setup.open("One").await;
    setup.desk.messages().add(&grace(), ticket, NewMessage::note("mind her")).await.unwrap();
    setup.tick(Job::Relay).await;
    assert!(net.take(A).iter().any(|call| String::from_utf8_lossy(&call.body).contains("mind her")));
}

#[tokio::test]
async fn what_was_erased_is_told_to_nobody() {
    let (setup, net) = setup();
    setup.desk.webhooks().create(&joan(), to(A)).await.unwrap();
    net.answers(A, Ok(500));
    let ticket = setup.open("Secret matter").await;
    setup.desk.messages().add(&ada(), ticket, NewMessage::public("Secret words")).await.unwrap();
    setup.tick(Job::Relay).await;
    net.take(A);
    setup.desk.people().erase(&joan(), super::customer(super::ADA)).await.unwrap();
    net.answers(A, Ok(200));
    setup.advance(TimeDelta::minutes(10));
    setup.tick(Job::Relay).await;
    let told = net.take(A);
    assert!(told.len() >= 3, "{}", told.len());
    assert!(!told.iter().any(|call| String::from_utf8_lossy(&call.body).contains("Secret")));
}
