//! A broker that goes away and comes back.

use super::{Client, announcements, fresh};
use std::time::Duration;
use support_core::ports::{
    bus::{Bus, Heard},
    sinks::{Sink, SinkError},
};
use support_events::{RabbitBus, RabbitSink};
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
