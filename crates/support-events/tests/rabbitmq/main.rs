//! Against a real broker. Those that stop it have one of their own.

mod bus;
mod intake;
mod outage;
mod sink;

use chrono::{DateTime, TimeDelta, Utc};
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind,
    message::BasicGetMessage,
    options::{
        BasicAckOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions,
        QueueBindOptions, QueueDeclareOptions,
    },
    types::FieldTable,
};
use std::{
    future::Future,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use support_core::domain::announcement::{Announcement, AnnouncementKind, EventRule, Naming};
use uuid::Uuid;

/// What nobody else calls anything; tests share a broker.
fn fresh(what: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{what}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Something to tell, of one kind after another.
fn announcements(count: u32) -> Vec<Announcement> {
    let kinds = [AnnouncementKind::TicketCreated, AnnouncementKind::TicketResolved, AnnouncementKind::TicketClosed];
    let one = |number: u32| {
        let at = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(i64::from(number) + 1_700_000_000);
        let mut told = Announcement::trial(Uuid::from_u128(u128::from(number) + 1), at, &EventRule::default());
        told.kind = kinds[number as usize % kinds.len()];
        told.name = told.kind.name(Naming::default());
        told
    };
    (0..count).map(one).collect()
}

/// A plain client beside ours.
struct Client {
    connection: Connection,
    channel: Channel,
}

impl Client {
    async fn new(url: &str) -> Self {
        // To this client an address that ends with `/` is one without a name for the virtual host.
        let url = format!("{}/%2f", url.trim_end_matches('/'));
        let connection = Connection::connect(&url, ConnectionProperties::default()).await.expect("the broker is there");
        let channel = connection.create_channel().await.expect("a channel");
        channel.confirm_select(ConfirmSelectOptions::default()).await.expect("it confirms");
        Self { connection, channel }
    }

    async fn topic_exchange(&self, name: &str) {
        let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
        let declared = self.channel.exchange_declare(name.into(), ExchangeKind::Topic, options, FieldTable::default());
        declared.await.expect("an exchange");
    }

    /// A queue that gets everything of the exchange.
    async fn queue_of(&self, exchange: &str) -> String {
        self.topic_exchange(exchange).await;
        let queue = fresh("queue");
        let options = QueueDeclareOptions { durable: true, ..Default::default() };
        self.channel.queue_declare(queue.as_str().into(), options, FieldTable::default()).await.expect("a queue");
        let (options, none) = (QueueBindOptions::default(), FieldTable::default());
        let bound = self.channel.queue_bind(queue.as_str().into(), exchange.into(), "#".into(), options, none);
        bound.await.expect("it is bound");
        queue
    }

    async fn publish(&self, exchange: &str, key: &str, body: &[u8], properties: BasicProperties) {
        let options = BasicPublishOptions { mandatory: true, ..Default::default() };
        let sent = self.channel.basic_publish(exchange.into(), key.into(), options, body, properties).await;
        let confirmed = sent.expect("it is sent").await.expect("it is confirmed");
        assert!(confirmed.is_ack() && confirmed.take_message().is_none(), "{exchange} {key} leads nowhere");
    }

    async fn get(&self, queue: &str) -> Option<BasicGetMessage> {
        let got = self.channel.basic_get(queue.into(), BasicGetOptions::default()).await.expect("the queue is there");
        if let Some(message) = &got {
            message.acker.ack(BasicAckOptions::default()).await.expect("it is taken");
        }
        got
    }

    /// The next message, which is on its way.
    async fn wait_for(&self, queue: &str) -> BasicGetMessage {
        eventually(async || self.get(queue).await).await
    }

    async fn count(&self, queue: &str) -> u32 {
        let passive = QueueDeclareOptions { passive: true, ..Default::default() };
        let queue = self.channel.queue_declare(queue.into(), passive, FieldTable::default()).await;
        queue.expect("it is there").message_count()
    }
}

/// Asks until there is an answer.
async fn eventually<T, F: Future<Output = Option<T>>>(ask: impl Fn() -> F) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asked).await.expect("it happens some time")
}
