//! How fast a sink is beside its client alone: the same events, as large, as durable and in batches of the same size, published by
//! turns to queues of one broker.
//!
//! `cargo bench -p support-events --features rabbitmq --bench publish` starts a broker, unless `SUPPORT_TEST_AMQP_URL` names one.

use chrono::DateTime;
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions, QueueBindOptions, QueueDeclareOptions, QueuePurgeOptions},
    types::FieldTable,
};
use std::{env, time::Duration};
use support_core::{
    domain::announcement::{Announcement, EventRule},
    ports::sinks::Sink,
};
use support_events::RabbitSink;
use test_servers::{AMQP_URL, RabbitMq, Setup, find_or_install_rabbitmq};
use tokio::time::Instant;
use uuid::Uuid;

const EXCHANGE: &str = "bench-publish";
const QUEUE: &str = "bench-publish";
/// Events in a turn, whatever the size of a batch.
const EVENTS: u32 = 4_000;
const TURNS: usize = 7;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut own = None;
    let url = env::var(AMQP_URL).unwrap_or_else(|_| {
        find_or_install_rabbitmq().expect("a broker can be had");
        own.insert(RabbitMq::start(Setup::default()).expect("it starts")).url()
    });
    let channel = channel(&url).await;
    let sink = RabbitSink::builder(&url).exchange(EXCHANGE).build().expect("the settings are right");
    // It declares the exchange.
    sink.take(&announcements(1)).await[0].clone().expect("the broker is there");
    bind(&channel).await;

    println!("{EVENTS} events a turn, the median of {TURNS} turns each; events a second");
    println!("{:>6} {:>9} {:>9} {:>12}", "batch", "sink", "client", "sink/client");
    for size in [1, 16, 64, 256] {
        let batch = announcements(size);
        let (mut by_sink, mut by_client) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            by_sink.push(timed(size, async || through_sink(&sink, &batch).await).await);
            by_client.push(timed(size, async || through_client(&channel, &batch).await).await);
            channel.queue_purge(QUEUE.into(), QueuePurgeOptions::default()).await.expect("the queue is there");
        }
        let (sink, client) = (rate(by_sink), rate(by_client));
        println!("{size:>6} {sink:>9.0} {client:>9.0} {:>12.2}", sink / client);
    }
}

/// Events a second, in the turn that was neither quick nor slow.
fn rate(mut turns: Vec<Duration>) -> f64 {
    turns.sort_unstable();
    f64::from(EVENTS) / turns[TURNS / 2].as_secs_f64()
}

async fn timed(size: usize, publish: impl AsyncFn()) -> Duration {
    let begun = Instant::now();
    for _ in 0..(EVENTS as usize).div_ceil(size) {
        publish().await;
    }
    begun.elapsed()
}

async fn through_sink(sink: &RabbitSink, batch: &[Announcement]) {
    assert!(sink.take(batch).await.iter().all(Result::is_ok), "all is confirmed");
}

/// As its examples do: publish, publish, publish, and then wait for the confirms.
async fn through_client(channel: &Channel, batch: &[Announcement]) {
    let mut confirms = Vec::with_capacity(batch.len());
    for told in batch {
        let body = serde_json::to_vec(&told.envelope()).expect("it is JSON");
        let properties = BasicProperties::default()
            .with_content_type("application/cloudevents+json".into())
            .with_delivery_mode(2)
            .with_message_id(told.id.to_string().into());
        let (key, options) = (told.name.into(), BasicPublishOptions::default());
        let sent = channel.basic_publish(EXCHANGE.into(), key, options, &body, properties).await;
        confirms.push(sent.expect("it is sent"));
    }
    for confirm in confirms {
        assert!(confirm.await.expect("it is answered").is_ack(), "it is confirmed");
    }
}

async fn channel(url: &str) -> Channel {
    let url = format!("{}/%2f", url.trim_end_matches('/'));
    let connection = Connection::connect(&url, ConnectionProperties::default()).await.expect("the broker is there");
    let channel = connection.create_channel().await.expect("a channel");
    channel.confirm_select(ConfirmSelectOptions::default()).await.expect("it confirms");
    channel
}

async fn bind(channel: &Channel) {
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(QUEUE.into(), durable, FieldTable::default()).await.expect("a queue");
    let (options, none) = (QueueBindOptions::default(), FieldTable::default());
    channel.queue_bind(QUEUE.into(), EXCHANGE.into(), "#".into(), options, none).await.expect("it is bound");
}

fn announcements(count: usize) -> Vec<Announcement> {
    let rule = EventRule::default();
    let one = |number: usize| {
        let mut told = Announcement::trial(Uuid::from_u128(number as u128 + 1), DateTime::UNIX_EPOCH, &rule);
        told.data.insert("message".to_owned(), "It arrived without the screws. ".repeat(20).into());
        told
    };
    (0..count).map(one).collect()
}
