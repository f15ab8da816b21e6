use super::{Client, eventually, fresh};
use async_trait::async_trait;
use lapin::{
    BasicProperties, ExchangeKind,
    options::{BasicConsumeOptions, BasicPublishOptions, ExchangeDeclareOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable, ShortString},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use support_core::ports::intake::{Incoming, Intake, NotNow, Taken};
use support_events::{RabbitIntake, rabbitmq::RabbitIntakeBuilder};
use test_servers::amqp_url;
use tokio::{
    sync::{Semaphore, oneshot},
    task::JoinHandle,
    time::Instant,
};

/// Answers what it is told to, and then that all is done.
#[derive(Clone)]
struct Desk {
    answers: Arc<Mutex<VecDeque<Result<Taken, NotNow>>>>,
    seen: Arc<Mutex<Vec<(Incoming, Instant)>>>,
    /// How many may go through.
    gate: Arc<Semaphore>,
}

impl Desk {
    fn answering(answers: impl IntoIterator<Item = Result<Taken, NotNow>>) -> Self {
        Self {
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            seen: Arc::default(),
            gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        }
    }

    fn seen(&self) -> Vec<Incoming> {
        self.seen.lock().expect("nobody panicked").iter().map(|(message, _)| message.clone()).collect()
    }

    async fn has_seen(&self, count: usize) -> Vec<Incoming> {
        eventually(async || Some(self.seen()).filter(|seen| seen.len() >= count)).await
    }
}

#[async_trait]
impl Intake for Desk {
    async fn take(&self, message: &Incoming) -> Result<Taken, NotNow> {
        self.seen.lock().expect("nobody panicked").push((message.clone(), Instant::now()));
        self.gate.acquire().await.expect("it stays open").forget();
        let answer = self.answers.lock().expect("nobody panicked").pop_front();
        answer.unwrap_or(Ok(Taken::Done))
    }
}

struct Running {
    queue: String,
    exchange: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    async fn start(url: &str, desk: &Desk, settings: impl FnOnce(RabbitIntakeBuilder) -> RabbitIntakeBuilder) -> Self {
        let (queue, exchange) = (fresh("desk"), fresh("shop"));
        let running = Self::start_as(url, desk, queue, exchange, settings);
        // Nothing is bound before it has begun.
        let client = Client::new(url).await;
        client.topic_exchange(&running.exchange).await;
        eventually(async || {
            let consumers = Client::new(url).await;
            let passive = QueueDeclareOptions { passive: true, ..Default::default() };
            let queue = running.queue.as_str().into();
            let found = consumers.channel.queue_declare(queue, passive, FieldTable::default()).await;
            found.ok().filter(|queue| queue.consumer_count() == 1)
        })
        .await;
        running
    }

    fn start_as(
        url: &str,
        desk: &Desk,
        queue: String,
        exchange: String,
        settings: impl FnOnce(RabbitIntakeBuilder) -> RabbitIntakeBuilder,
    ) -> Self {
        let builder = RabbitIntake::builder(url).queue(&queue).exchange(&exchange);
        let intake = settings(builder.retry(Duration::from_millis(50), Duration::from_millis(200)));
        let intake = intake.build(desk.clone()).expect("an intake");
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(intake.run(async { drop(stopped.await) }));
        Self { queue, exchange, stop, task }
    }

    fn parked(&self) -> String {
        format!("{}.parked", self.queue)
    }

    async fn stop(self) {
        self.stop.send(()).expect("it runs");
        tokio::time::timeout(Duration::from_secs(10), self.task).await.expect("it ends").expect("it does not panic");
    }
}

fn with_id(id: &str) -> BasicProperties {
    BasicProperties::default().with_message_id(id.into())
}

fn not_now() -> Result<Taken, NotNow> {
    Err(NotNow("the store is away".to_owned()))
}

#[tokio::test]
async fn what_was_taken_is_gone_and_only_then() {
    let Some(url) = amqp_url() else { return };
    let client = Client::new(&url).await;
    let desk = Desk::answering([Ok(Taken::Done), Ok(Taken::Repeated), Ok(Taken::Ignored)]);
    desk.gate.forget_permits(Semaphore::MAX_PERMITS);
    let intake = Running::start(&url, &desk, |intake| intake).await;
    for (key, id) in [("order.issue", "a"), ("user.registered", "b"), ("product.issue_reported", "c")] {
        client.publish(&intake.exchange, key, br#"{"n":1}"#, with_id(id)).await;
    }
    let seen = desk.has_seen(3).await;
    let names: Vec<_> = seen.iter().map(|message| (message.name.as_str(), message.id.as_str())).collect();
    assert_eq!(names, [("order.issue", "a"), ("user.registered", "b"), ("product.issue_reported", "c")]);
    assert_eq!(seen[0].body, br#"{"n":1}"#);

    // None is acknowledged: were the intake gone, they would be there again.
    let Running { queue, task, .. } = intake;
    task.abort();
    eventually(async || (client.count(&queue).await == 3).then_some(())).await;

    desk.gate.add_permits(100);
    let intake = Running::start_as(&url, &desk, queue.clone(), fresh("shop"), |intake| intake);
    desk.has_seen(6).await;
    intake.stop().await;
    assert_eq!(client.count(&queue).await, 0);
    assert_eq!(client.count(&format!("{queue}.parked")).await, 0);
}

#[tokio::test]
async fn what_was_in_hand_in_a_crash_comes_again_as_the_same() {
    let Some(url) = amqp_url() else { return };
    let client = Client::new(&url).await;
    let desk = Desk::answering([]);
    let first = Running::start(&url, &desk, |intake| intake).await;
    let (queue, exchange) = (first.queue.clone(), first.exchange.clone());
    first.stop().await;

    // Somebody takes it, and is gone before an answer.
    client.publish(&exchange, "order.issue", b"{\"order\":7}", BasicProperties::default()).await;
    client.publish(&exchange, "order.issue", b"{\"id\":\"evt-1\"}", BasicProperties::default()).await;
    let crashing = Client::new(&url).await;
    let (options, none) = (BasicConsumeOptions::default(), FieldTable::default());
    let taken = crashing.channel.basic_consume(queue.as_str().into(), "".into(), options, none).await;
    let consumer = taken.expect("it consumes");
    eventually(async || (client.count(&queue).await == 0).then_some(())).await;
    crashing.connection.close(200, "gone".into()).await.expect("it closes");
    drop(consumer);

    let second = Running::start_as(&url, &desk, queue.clone(), exchange.clone(), |intake| intake);
    let seen = desk.has_seen(2).await;
    assert!(seen.iter().any(|message| message.id == "evt-1"));
    let digest = seen.iter().find(|message| message.body == b"{\"order\":7}").expect("it is there").id.clone();
    client.publish(&exchange, "order.issue", b"{\"order\":7}", BasicProperties::default()).await;
    assert_eq!(desk.has_seen(3).await[2].id, digest, "the same words are the same message");
    second.stop().await;
}

#[tokio::test]
async fn what_cannot_be_taken_is_tried_again_after_growing_pauses() {
    let Some(url) = amqp_url() else { return };
    let client = Client::new(&url).await;
    let desk = Desk::answering((0..4).map(|_| not_now()));
    let trouble = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&trouble);
    let tell = move |text: &str| told.lock().expect("nobody panicked").push(text.to_owned());
    let intake = Running::start(&url, &desk, |intake| intake.on_trouble(tell)).await;
    client.publish(&intake.exchange, "order.issue", b"{}", with_id("a")).await;
    let seen = desk.has_seen(5).await;
    assert!(seen.iter().all(|message| message.id == "a"), "{seen:?}");
    let times: Vec<Instant> = desk.seen.lock().expect("nobody panicked").iter().map(|(_, at)| *at).collect();
    let pauses: Vec<u128> = times.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect();
    assert!(pauses[0] >= 37 && pauses[1] >= 75 && pauses[2] >= 150 && pauses[3] >= 150, "{pauses:?}");
    let queue = intake.queue.clone();
    intake.stop().await;
    assert_eq!((client.count(&queue).await, desk.seen().len()), (0, 5));
    assert_eq!(trouble.lock().expect("nobody panicked")[0], "it cannot be taken now: the store is away");
}

#[tokio::test]
async fn what_cannot_be_taken_for_long_goes_back_for_another_node() {
    let Some(url) = amqp_url() else { return };
    let client = Client::new(&url).await;
    let sick = Desk::answering((0..1_000).map(|_| not_now()));
    let first = Running::start(&url, &sick, |intake| intake.hold(Duration::from_millis(300))).await;
    client.publish(&first.exchange, "order.issue", b"{}", with_id("a")).await;
    sick.has_seen(2).await;
    let well = Desk::answering([]);
    let second = Running::start_as(&url, &well, first.queue.clone(), first.exchange.clone(), |intake| intake);
    assert_eq!(well.has_seen(1).await[0].id, "a");
    assert!(sick.seen().len() < 20, "nothing spins");
    let queue = first.queue.clone();
    first.stop().await;
    second.stop().await;
    assert_eq!((client.count(&queue).await, client.count(&format!("{queue}.parked")).await), (0, 0));
}

#[tokio::test]
async fn what_nothing_can_be_made_of_is_parked_with_the_reason() {
    let Some(url) = amqp_url() else { return };
    let client = Client::new(&url).await;
    let desk = Desk::answering([Ok(Taken::Poison("userId is missing".to_owned()))]);
    let intake = Running::start(&url, &desk, |intake| intake.largest(100)).await;
    client.publish(&intake.exchange, "order.issue", b"{\"a\":1}", with_id("a").with_timestamp(7)).await;
    let parked = client.wait_for(&intake.parked()).await;
    let header = |message: &lapin::message::BasicGetMessage, name: &str| match message
        .properties
        .headers()
        .as_ref()
        .and_then(|headers| headers.inner().get(name))
    {
        Some(AMQPValue::LongString(text)) => text.to_string(),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(parked.data, b"{\"a\":1}");
    assert_eq!(header(&parked, "x-reason"), "userId is missing");
    assert_eq!(header(&parked, "x-original-exchange"), intake.exchange);
    assert_eq!(header(&parked, "x-original-routing-key"), "order.issue");
    assert_eq!(parked.properties.message_id().as_ref().map(ShortString::as_str), Some("a"));
    assert_eq!((*parked.properties.timestamp(), *parked.properties.delivery_mode()), (Some(7), Some(2)));

    client.publish(&intake.exchange, "order.issue", &[b'a'; 101], with_id("b")).await;
    let large = client.wait_for(&intake.parked()).await;
    assert_eq!(large.data.len(), 101);
    assert!(header(&large, "x-reason").contains("101 bytes"), "{large:?}");
    assert_eq!(desk.seen().len(), 1, "the desk has not seen the large one");
    let queue = intake.queue.clone();
    intake.stop().await;
    assert_eq!(client.count(&queue).await, 0);
}

struct Panics;

#[async_trait]
impl Intake for Panics {
    async fn take(&self, _: &Incoming) -> Result<Taken, NotNow> {
        panic!("it does")
    }
}

#[tokio::test]
async fn one_that_the_desk_panics_over_is_parked() {
    let Some(url) = amqp_url() else { return };
    let client = Client::new(&url).await;
    let (queue, exchange) = (fresh("desk"), fresh("shop"));
    let intake = RabbitIntake::builder(&url).queue(&queue).exchange(&exchange).build(Panics).expect("an intake");
    let task = tokio::spawn(intake.run(std::future::pending()));
    let begun = Client::new(&url).await;
    begun.topic_exchange(&exchange).await;
    eventually(async || {
        let probe = Client::new(&url).await;
        let passive = QueueDeclareOptions { passive: true, ..Default::default() };
        let parked = format!("{queue}.parked");
        probe.channel.queue_declare(parked.as_str().into(), passive, FieldTable::default()).await.ok()
    })
    .await;
    client.publish("", &queue, b"{}", with_id("a")).await;
    client.wait_for(&format!("{queue}.parked")).await;
    task.abort();
}

#[tokio::test]
async fn one_that_comes_back_too_often_is_parked() {
    let Some(url) = amqp_url() else { return };
    let client = Client::new(&url).await;
    let sick = Desk::answering((0..1_000).map(|_| not_now()));
    let settings = |intake: RabbitIntakeBuilder| intake.hold(Duration::ZERO).deliveries(3);
    let intake = Running::start(&url, &sick, settings).await;
    client.publish(&intake.exchange, "order.issue", b"{}", with_id("a")).await;
    let parked = client.wait_for(&intake.parked()).await;
    assert_eq!(parked.data, b"{}");
    assert_eq!(sick.seen().len(), 3);
    intake.stop().await;
}

#[tokio::test]
async fn what_is_in_hand_is_ended_before_it_stops() {
    let Some(url) = amqp_url() else { return };
    let client = Client::new(&url).await;
    let desk = Desk::answering([]);
    desk.gate.forget_permits(Semaphore::MAX_PERMITS);
    let intake = Running::start(&url, &desk, |intake| intake.at_once(2)).await;
    for id in ["a", "b", "c"] {
        client.publish(&intake.exchange, "order.issue", b"{}", with_id(id)).await;
    }
    desk.has_seen(2).await;
    let (queue, gate) = (intake.queue.clone(), Arc::clone(&desk.gate));
    let stopping = tokio::spawn(intake.stop());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!stopping.is_finished(), "it waits for the desk");
    gate.add_permits(100);
    stopping.await.expect("it ends");
    assert_eq!(desk.seen().len(), 2, "no more than two are in hand at once");
    assert_eq!(client.count(&queue).await, 1);
}

#[tokio::test]
async fn an_exchange_of_another_type_is_used_as_it_is() {
    let Some(url) = amqp_url() else { return };
    let client = Client::new(&url).await;
    let (queue, exchange) = (fresh("desk"), fresh("fan"));
    let (kind, options) = (ExchangeKind::Fanout, ExchangeDeclareOptions::default());
    client.channel.exchange_declare(exchange.as_str().into(), kind, options, FieldTable::default()).await.expect("it");
    let desk = Desk::answering([]);
    let intake = Running::start_as(&url, &desk, queue, exchange, RabbitIntakeBuilder::classic_queues);
    let body = br#"{"id":"1","event":"order.issue"}"#;
    eventually(async || {
        let sent = client.channel.basic_publish(
            intake.exchange.as_str().into(),
            "".into(),
            BasicPublishOptions::default(),
            body,
            BasicProperties::default(),
        );
        sent.await.expect("it is sent").await.expect("it is confirmed");
        desk.seen().first().cloned()
    })
    .await;
    let seen = desk.seen();
    assert_eq!((seen[0].name.as_str(), seen[0].id.as_str()), ("order.issue", "1"));
    intake.stop().await;
}
