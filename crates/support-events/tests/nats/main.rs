//! Against a real server with `JetStream`.

use async_nats::jetstream;
use chrono::DateTime;
use futures_util::StreamExt;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use support_core::{
    domain::announcement::{Announcement, EventRule},
    ports::sinks::{Sink, SinkError},
};
use support_events::{NatsSink, nats::NatsSinkBuilder};
use test_servers::{Nats, Setup, nats_url};
use uuid::Uuid;

fn announcements(from: u128, count: u128) -> Vec<Announcement> {
    let one = |number| Announcement::trial(Uuid::from_u128(number), DateTime::UNIX_EPOCH, &EventRule::default());
    (from..from + count).map(one).collect()
}

/// What nobody else calls anything; tests share a server.
fn fresh() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("s{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn sink(url: &str, name: &str) -> NatsSinkBuilder {
    NatsSink::builder(url).prefix(name).stream(name)
}

/// All that the stream holds.
async fn read(url: &str, stream: &str) -> Vec<jetstream::Message> {
    let client = async_nats::connect(url).await.expect("the server is there");
    let stream = jetstream::new(client).get_stream(stream).await.expect("the stream is there");
    let config = jetstream::consumer::pull::Config::default();
    let consumer = stream.create_consumer(config).await.expect("a consumer");
    let all = consumer.fetch().max_messages(1_000).messages().await.expect("they come");
    all.map(|message| message.expect("it is whole")).collect().await
}

fn all_away(answers: &[Result<(), SinkError>]) -> bool {
    !answers.is_empty() && answers.iter().all(|answer| matches!(answer, Err(SinkError::Unavailable(_))))
}

#[tokio::test]
async fn a_batch_stands_in_the_stream_in_its_order() {
    let Some(url) = nats_url() else { return };
    let name = fresh();
    let sink = sink(&url, &name).build().expect("a sink");
    let batch = announcements(1, 100);
    assert_eq!(sink.take(&batch).await, vec![Ok(()); 100]);
    assert_eq!(sink.take(&[]).await, vec![]);
    let held = read(&url, &name).await;
    assert_eq!(held.len(), 100);
    for (told, held) in batch.iter().zip(&held) {
        assert_eq!(held.subject.as_str(), format!("{name}.desk.test"));
        let header = |name| held.headers.as_ref().and_then(|headers| headers.get(name)).map(ToString::to_string);
        assert_eq!(header("Nats-Msg-Id"), Some(told.id.to_string()));
        assert_eq!(header("Content-Type").as_deref(), Some("application/cloudevents+json"));
        let body: serde_json::Value = serde_json::from_slice(&held.payload).expect("it is JSON");
        assert_eq!(body, told.envelope());
    }
}

#[tokio::test]
async fn what_is_told_twice_stands_there_once() {
    let Some(url) = nats_url() else { return };
    let name = fresh();
    for _ in 0..2 {
        let sink = sink(&url, &name).build().expect("a sink");
        assert_eq!(sink.take(&announcements(1, 10)).await, vec![Ok(()); 10]);
    }
    assert_eq!(read(&url, &name).await.len(), 10);
}

#[tokio::test]
async fn what_is_too_large_is_refused_alone() {
    let Some(url) = nats_url() else { return };
    let sink = sink(&url, &fresh()).build().expect("a sink");
    let mut batch = announcements(1, 3);
    batch[1].data.insert("text".to_owned(), "a".repeat(2 << 20).into());
    let answers = sink.take(&batch).await;
    assert!(matches!(&answers[..], [Ok(()), Err(SinkError::Refused(_)), Ok(())]), "{answers:?}");
}

#[tokio::test]
async fn a_stream_that_does_not_take_them_is_no_stream_for_us() {
    let Some(url) = nats_url() else { return };
    let name = fresh();
    sink(&url, &name).build().expect("a sink").take(&announcements(1, 1)).await;
    let other = sink(&url, &name).prefix(fresh()).timeout(Duration::from_secs(2)).build().expect("a sink");
    let answers = other.take(&announcements(1, 2)).await;
    assert!(all_away(&answers), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_is_taken_when_the_server_is_back() {
    if nats_url().is_none() {
        return;
    }
    let mut server = Nats::start(Setup::default()).expect("a server");
    let sink = sink(&server.url(), "events").build().expect("a sink");
    assert_eq!(sink.take(&announcements(1, 5)).await, vec![Ok(()); 5]);
    server.stop().expect("it ends");
    for _ in 0..3 {
        let away = tokio::time::timeout(Duration::from_secs(15), sink.take(&announcements(6, 10))).await;
        assert!(all_away(&away.expect("it does not wait for long")));
    }
    server.start_again().expect("it is back");
    assert_eq!(sink.take(&announcements(6, 10)).await, vec![Ok(()); 10]);
    assert_eq!(read(&server.url(), "events").await.len(), 15);
}

#[tokio::test]
async fn a_wrong_account_is_told_without_its_password() {
    if nats_url().is_none() {
        return;
    }
    let settings = vec![("authorization".to_owned(), "{user: desk, password: secret}".to_owned())];
    let server = Nats::start(Setup { settings, ..Setup::default() }).expect("a server");
    let right = sink(&server.url(), "events").user("desk", "secret").build().expect("a sink");
    assert_eq!(right.take(&announcements(1, 1)).await, [Ok(())]);
    for builder in [sink(&server.url(), "events"), sink(&server.url(), "events").user("desk", "hunter2")] {
        let answers = builder.build().expect("a sink").take(&announcements(2, 1)).await;
        assert!(all_away(&answers) && !format!("{answers:?}").contains("hunter2"), "{answers:?}");
    }
}
