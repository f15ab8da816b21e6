//! What a customer touches beside their tickets: articles, feedback, reviews, calls, inquiries, files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod articles;
mod attachments;
mod callbacks;
mod feedback;
mod people;
mod public;
mod reviews;
mod search;

use async_trait::async_trait;
use chrono::TimeDelta;
use std::sync::{Arc, Mutex};
use support_core::{
    desk::Error,
    desk::{Desk, DeskBuilder},
    domain::{actor::Actor, fault::Refusal, id::CustomerId, profile::Profile},
    memory::{MemoryFiles, MemoryStore},
    ports::{
        clock::FixedClock,
        directory::MemoryDirectory,
        files::Download,
        notifier::{Errand, Notice, Notifier},
        scanner::{ScanError, Scanner, Verdict},
    },
};
use uuid::Uuid;

const ADA: u128 = 0xada;
const EVE: u128 = 0xe7e;

fn ada() -> Actor {
    Actor::customer(Uuid::from_u128(ADA), "Ada")
}

fn eve() -> Actor {
    Actor::customer(Uuid::from_u128(EVE), "Eve")
}

fn grace() -> Actor {
    Actor::agent(Uuid::from_u128(0x9ace), "Grace")
}

fn joan() -> Actor {
    Actor::admin(Uuid::from_u128(0x10a), "Joan")
}

fn customer(n: u128) -> CustomerId {
    Uuid::from_u128(n).into()
}

/// Keeps what people had to be told.
#[derive(Default)]
struct Post(Mutex<Vec<String>>);

impl Post {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Notifier for Post {
    fn notify(&self, _: &Notice<'_>) {}

    fn send(&self, errand: &Errand<'_>) -> bool {
        let line = match errand {
            Errand::Survey { survey, ticket } => format!("survey {} {}", survey.ticket == ticket.id, ticket.number),
            Errand::Callback { callback } => format!("{} {}", callback.status.as_str(), callback.slot.start),
            Errand::AccessLink { ticket, email, token } => format!("{email} {} {token}", ticket.number),
            other => format!("{other:?}"),
        };
        self.0.lock().unwrap().push(line);
        true
    }
}

/// Finds what it is told to, or is away.
#[derive(Default)]
struct Guard(Mutex<Option<&'static str>>);

impl Guard {
    fn finds(&self, mark: Option<&'static str>) {
        *self.0.lock().unwrap() = mark;
    }
}

#[async_trait]
impl Scanner for Guard {
    async fn scan(&self, file: &mut dyn Download) -> Result<Verdict, ScanError> {
        let Some(mark) = *self.0.lock().unwrap() else { return Err(ScanError::new("away")) };
        let mut bytes = Vec::new();
        while let Some(chunk) = file.chunk().await.map_err(ScanError::new)? {
            bytes.extend_from_slice(&chunk);
        }
        let found = String::from_utf8_lossy(&bytes).contains(mark);
        Ok(if found { Verdict::Infected { name: "Test".into() } } else { Verdict::Clean })
    }
}

struct Setup {
    desk: Desk,
    store: MemoryStore,
    files: MemoryFiles,
    clock: Arc<FixedClock>,
    post: Arc<Post>,
}

impl Setup {
    fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }
}

/// Ada has bought `P-1` and `P-2`, Eve `P-9`.
fn setup_with(profile: Profile, more: impl FnOnce(DeskBuilder) -> DeskBuilder) -> Setup {
    let clock = Arc::new(FixedClock::at("2026-01-05T09:00:00Z".parse().unwrap()));
    let (store, post) = (MemoryStore::new(), Arc::new(Post::default()));
    let files = MemoryFiles::with_clock(clock.clone());
    let (a, e) = (customer(ADA), customer(EVE));
    let directory = MemoryDirectory::new()
        .with_related(a, "purchase", "P-1", Some("2024 Estate"))
        .with_kind_of_related(a, "purchase", "P-1", "Estate")
        .with_related(a, "purchase", "P-2", None)
        .with_related(e, "purchase", "P-9", None);
    let builder = Desk::builder(store.clone())
        .profile(profile)
        .clock(clock.clone())
        .files(files.clone())
        .directory(directory)
        .notifier(post.clone());
    Setup { desk: more(builder).build().unwrap(), store, files, clock, post }
}

fn setup() -> Setup {
    setup_with(Profile::vehicle_retail(), |builder| builder)
}

/// The fields that are wrong.
fn wrong<T: std::fmt::Debug>(answer: Result<T, Error>) -> Vec<String> {
    match answer {
        Err(Error::Refused(Refusal::Invalid(faults))) => faults.0.into_iter().map(|fault| fault.field).collect(),
        other => panic!("{other:?}"),
    }
}

fn state<T: std::fmt::Debug>(answer: Result<T, Error>) -> &'static str {
    match answer {
        Err(Error::Refused(Refusal::State(reason))) => reason,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "so that an answer is checked where it is awaited")]
fn hidden<T: std::fmt::Debug>(answer: Result<T, Error>) {
    assert!(matches!(answer, Err(Error::NotFound)), "{answer:?}");
}
