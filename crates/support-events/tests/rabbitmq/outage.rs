//! A broker that goes away and comes back.

use super::{Client, announcements, eventually, fresh};
use async_trait::async_trait;
use lapin::BasicProperties;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use support_core::ports::{
    bus::{Bus, Heard},
    intake::{Incoming, Intake, NotNow, Taken},
    sinks::{Sink, SinkError},
};
use support_events::{RabbitBus, RabbitIntake, RabbitSink};
use test_servers::{RabbitMq, Setup, amqp_url};

/// One of its own, where tests with servers run at all.
fn own() -> Option<RabbitMq> {
    amqp_url()?;
    Some(RabbitMq::start(Setup::default()).expect("a broker"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_is_taken_when_the_broker_is_back() {
    let Some(mut broker) = own() else { return };
    let exchange = fresh("support");
    let client = Client::new(&broker.url()).await;
    let queue = client.queue_of(&exchange).await;
    let sink = RabbitSink::builder(broker.url()).exchange(&exchange).build().expect("a sink");
    assert_eq!(sink.take(&announcements(5)).await, vec![Ok(()); 5]);

    for kill in [false, true] {
        if kill { broker.stop_immediately() } else { broker.stop() }.expect("it ends");
        for _ in 0..3 {
            let away = sink.take(&announcements(10)).await;
            assert_eq!(away.len(), 10);
            assert!(away.iter().all(|answer| matches!(answer, Err(SinkError::Unavailable(_)))), "{away:?}");
        }
        broker.start_again().expect("it is back");
        assert_eq!(sink.take(&announcements(10)).await, vec![Ok(()); 10]);
    }
    let client = Client::new(&broker.url()).await;
    assert_eq!(client.count(&queue).await, 25, "of what was confirmed nothing is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_is_heard_after_the_broker_was_away() {
    let Some(mut broker) = own() else { return };
    let bus = RabbitBus::builder(broker.url()).build().expect("a bus");
    let other = RabbitBus::builder(broker.url()).build().expect("a bus");
    // Until the first listens, nobody hears anything.
    let begun = tokio::time::timeout(Duration::from_secs(2), bus.hear()).await;
    assert!(begun.is_err(), "nobody says anything: {begun:?}");
    other.say("one").await.expect("it is said");
    assert_eq!(bus.hear().await.expect("it is heard"), Heard::Word("one".to_owned()));

    broker.stop().expect("it ends");
    bus.hear().await.expect_err("nothing can be heard");
    bus.hear().await.expect_err("still nothing");
    other.say("lost").await.expect_err("nobody can be reached");
    broker.start_again().expect("it is back");
    assert_eq!(bus.hear().await.expect("it is back"), Heard::Gap);
    other.say("two").await.expect("it is said");
    assert_eq!(bus.hear().await.expect("it is heard"), Heard::Word("two".to_owned()));
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Intake for Seen {
    async fn take(&self, message: &Incoming) -> Result<Taken, NotNow> {
        self.0.lock().expect("nobody panicked").push(message.id.clone());
        Ok(Taken::Done)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intake_comes_back_with_the_broker() {
    let Some(mut broker) = own() else { return };
    let (seen, troubles) = (Seen::default(), Arc::new(Mutex::new(Vec::new())));
    let told = Arc::clone(&troubles);
    let intake = RabbitIntake::builder(broker.url())
        .queue("desk")
        .exchange("shop")
        .on_trouble(move |text| told.lock().expect("nobody panicked").push(text.to_owned()))
        .build(seen.clone())
        .expect("an intake");
    let url = broker.url();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(intake.run(async { drop(stopped.await) }));
    let say = async |id: &'static str| {
        eventually(async || {
            let client = Client::new(&url).await;
            let (options, body) = (lapin::options::BasicPublishOptions::default(), b"{}");
            let properties = BasicProperties::default().with_message_id(id.into());
            let sent =
                client.channel.basic_publish("shop".into(), "order.issue".into(), options, body, properties).await;
            // The exchange is the intake's to make.
            sent.expect("it is sent").await.ok()?;
            tokio::time::sleep(Duration::from_millis(100)).await;
            seen.0.lock().expect("nobody panicked").contains(&id.to_owned()).then_some(())
        })
        .await;
    };
    say("before").await;
    broker.stop_immediately().expect("it ends");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!troubles.lock().expect("nobody panicked").is_empty(), "somebody is told");
    broker.start_again().expect("it is back");
    say("after").await;
    stop.send(()).expect("it runs");
    tokio::time::timeout(Duration::from_secs(10), running).await.expect("it stops").expect("it does not panic");
    let shown = format!("{troubles:?}");
    let password = url.split_once("://").and_then(|(_, rest)| rest.split_once(':')?.1.split_once('@'));
    assert!(!shown.contains(password.expect("there is one").0), "{shown}");
}
