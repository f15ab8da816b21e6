use super::{Client, announcements, fresh};
use lapin::{
    options::{ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions, QueuePurgeOptions},
    types::{AMQPValue, FieldTable, ShortString},
};
use std::time::Duration;
use support_core::{
    domain::announcement::{AnnouncementKind, Audience},
    ports::sinks::{Sink, SinkError},
};
use support_events::{RabbitSink, rabbitmq::SettingError};
use test_servers::amqp_url;

#[tokio::test]
async fn a_batch_arrives_as_it_was_told() {
    let Some(url) = amqp_url() else { return };
    let client = Client::new(&url).await;
    let exchange = fresh("support");
    let queue = client.queue_of(&exchange).await;
    let sink = RabbitSink::builder(&url).exchange(&exchange).build().expect("a sink");
    let batch = announcements(100);
    assert_eq!(sink.take(&batch).await, vec![Ok(()); 100]);

    for told in &batch {
        let message = client.get(&queue).await.expect("it was confirmed, so it is there");
        assert_eq!(message.routing_key.as_str(), told.name);
        assert_eq!(message.exchange.as_str(), exchange);
        let properties = &message.properties;
        let text = |value: &Option<ShortString>| value.as_ref().map(ToString::to_string);
        assert_eq!(text(properties.content_type()).as_deref(), Some("application/cloudevents+json"));
        assert_eq!(text(properties.message_id()), Some(told.id.to_string()));
        assert_eq!(text(properties.kind()).as_deref(), Some(told.name));
        assert_eq!(*properties.delivery_mode(), Some(2));
        assert_eq!(*properties.timestamp(), u64::try_from(told.at.timestamp()).ok());
        let body: serde_json::Value = serde_json::from_slice(&message.data).expect("it is JSON");
        assert_eq!(body, told.envelope());
    }
    assert!(client.get(&queue).await.is_none());
}

#[tokio::test]
async fn what_leads_nowhere_is_no_error() {
    let Some(url) = amqp_url() else { return };
    let sink = RabbitSink::builder(&url).exchange(fresh("support")).build().expect("a sink");
    assert_eq!(sink.take(&announcements(3)).await, vec![Ok(()); 3]);
    assert_eq!(sink.take(&[]).await, vec![]);
}

#[tokio::test]
async fn an_exchange_that_was_deleted_is_made_again() {
    let Some(url) = amqp_url() else { return };
    let client = Client::new(&url).await;
    let exchange = fresh("support");
    let sink = RabbitSink::builder(&url).exchange(&exchange).build().expect("a sink");
    assert_eq!(sink.take(&announcements(1)).await, [Ok(())]);
    client
        .channel
        .exchange_delete(exchange.as_str().into(), ExchangeDeleteOptions::default())
        .await
        .expect("it is gone");
    let failed = sink.take(&announcements(2)).await;
    assert!(failed.iter().all(|answer| matches!(answer, Err(SinkError::Unavailable(_)))), "{failed:?}");
    let queue = client.queue_of(&exchange).await;
    assert_eq!(sink.take(&announcements(2)).await, vec![Ok(()); 2]);
    assert_eq!(client.count(&queue).await, 2);
}

#[tokio::test]
async fn what_a_full_queue_does_not_take_waits_until_it_does() {
    let Some(url) = amqp_url() else { return };
    let client = Client::new(&url).await;
    let (exchange, queue) = (fresh("support"), fresh("full"));
    client.topic_exchange(&exchange).await;
    let mut arguments = FieldTable::default();
    arguments.insert("x-max-length".into(), AMQPValue::LongInt(1));
    arguments.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
    let (queue, options) = (queue.as_str(), QueueDeclareOptions::default());
    client.channel.queue_declare(queue.into(), options, arguments).await.expect("a queue");
    let (options, none) = (QueueBindOptions::default(), FieldTable::default());
    let key = "ticket.closed".into();
    client.channel.queue_bind(queue.into(), exchange.as_str().into(), key, options, none).await.expect("bound");

    let sink = RabbitSink::builder(&url).exchange(&exchange).build().expect("a sink");
    let batch = announcements(6);
    let answers = sink.take(&batch).await;
    assert!(matches!(answers[5], Err(SinkError::Unavailable(_))), "the second that is closed: {answers:?}");
    assert_eq!(answers[..5], vec![Ok(()); 5], "and no other");
    client.channel.queue_purge(queue.into(), QueuePurgeOptions::default()).await.expect("an empty queue");
    assert_eq!(sink.take(&batch[5..]).await, vec![Ok(())], "when there is room again");
}

#[tokio::test]
async fn a_wrong_password_is_told_without_it() {
    let Some(url) = amqp_url() else { return };
    let (_, host) = url.split_once('@').expect("it names an account");
    let sink = RabbitSink::builder(format!("amqp://nobody:hunter2@{host}")).build().expect("a sink");
    let answers = sink.take(&announcements(2)).await;
    let [Err(SinkError::Unavailable(first)), Err(SinkError::Unavailable(_))] = &answers[..] else {
        panic!("{answers:?}")
    };
    assert!(first.contains("refused") || first.contains("REFUSED"), "{first}");
    assert!(!first.contains("hunter2") && !format!("{sink:?}").contains("hunter2"), "{first} {sink:?}");
}

#[tokio::test]
async fn nobody_is_waited_for_long() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("some port is free");
    let port = listener.local_addr().expect("it has one").port();
    let sink = RabbitSink::builder(format!("amqp://a:b@127.0.0.1:{port}/")).build().expect("a sink");
    let batch = announcements(1);
    let take = tokio::time::timeout(Duration::from_secs(15), sink.take(&batch));
    let answers = take.await.expect("it answers although the other side says nothing");
    assert!(matches!(answers[0], Err(SinkError::Unavailable(_))), "{answers:?}");
}

#[test]
fn settings_are_looked_at_before_anything_is_told() {
    let sink = RabbitSink::builder("amqp://desk:a@rabbit/").name("events").audience(Audience::Staff);
    let sink = sink.only([AnnouncementKind::TicketCreated]).build().expect("a sink");
    assert_eq!((sink.name(), sink.audience()), ("events", Audience::Staff));
    assert!(sink.wants(AnnouncementKind::TicketCreated) && !sink.wants(AnnouncementKind::TicketClosed));

    assert_eq!(
        RabbitSink::builder("amqp://rabbit/").build().expect_err("no account"),
        SettingError::DefaultCredentials
    );
    RabbitSink::builder("amqp://rabbit/").allow_default_credentials().build().expect("it is allowed");
    for exchange in ["", "amq.topic", &"a".repeat(256)] {
        RabbitSink::builder("amqp://desk:a@rabbit/").exchange(exchange).build().expect_err(exchange);
    }
    let shown = format!("{:?}", RabbitSink::builder("amqp://desk:hunter2@rabbit/"));
    assert!(!shown.contains("hunter2"), "{shown}");
}
