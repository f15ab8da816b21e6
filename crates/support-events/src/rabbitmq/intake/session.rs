//! What happens on one connection.

use super::{
    super::line::{Dialler, Line, Trouble, durable, pause},
    Rules, message, parking,
};
use futures_util::{FutureExt, StreamExt, stream::FuturesUnordered};
use lapin::{
    Channel, Consumer, ExchangeKind,
    message::Delivery,
    options::{
        BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions,
        ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable, ShortString},
};
use std::{future::Future, panic::AssertUnwindSafe, pin::Pin, sync::Arc, time::Duration};
use support_core::ports::intake::{Intake, Taken};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

/// A quorum queue of later versions throws away what has come back twenty times, unless it was told otherwise. We count
/// ourselves, and throw nothing away.
const DELIVERY_LIMIT: i64 = 1_000_000_000;

/// How a session ended.
pub(super) enum End {
    ShutDown,
    Lost(Trouble),
}

/// A connection, from its beginning to its end.
pub(super) struct Session<'a> {
    dialler: &'a Dialler,
    rules: &'a Rules,
    desk: &'a Arc<dyn Intake>,
    /// Whether it ends: then nobody waits any more for the desk to take what it could not take.
    ending: watch::Sender<bool>,
    begun: Option<Instant>,
}

impl<'a> Session<'a> {
    pub(super) fn new(dialler: &'a Dialler, rules: &'a Rules, desk: &'a Arc<dyn Intake>) -> Self {
        Self { dialler, rules, desk, ending: watch::Sender::new(false), begun: None }
    }

    /// How long there was a connection.
    pub(super) fn lasted(&self) -> Duration {
        self.begun.map(|begun| begun.elapsed()).unwrap_or_default()
    }

    pub(super) async fn run(&mut self, mut shutdown: Pin<&mut (impl Future<Output = ()> + Send)>) -> End {
        let rules = self.rules;
        let mut consumer = None;
        let declare = async |line: &mut Line| {
            declare(line, rules).await?;
            consumer = Some(consume(&line.channel, rules).await?);
            Ok(())
        };
        let line = tokio::select! {
            () = shutdown.as_mut() => return End::ShutDown,
            line = self.dialler.line(declare) => line,
        };
        match (line, consumer) {
            (Ok(line), Some(consumer)) => {
                self.begun = Some(Instant::now());
                let end = self.take_all(&line.channel, consumer, shutdown).await;
                line.close().await;
                end
            }
            (Err(trouble), _) => End::Lost(trouble),
            (Ok(_), None) => End::Lost(Trouble("nobody consumes".to_owned())),
        }
    }

    async fn take_all(
        &self,
        channel: &Channel,
        mut consumer: Consumer,
        mut shutdown: Pin<&mut (impl Future<Output = ()> + Send)>,
    ) -> End {
        let mut in_hand = FuturesUnordered::new();
        let end = loop {
            tokio::select! {
                () = shutdown.as_mut() => break End::ShutDown,
                Some(handled) = in_hand.next() => {
                    if let Err(trouble) = handled {
                        break End::Lost(trouble);
                    }
                }
                // There are never more in hand than the broker was told to send.
                next = consumer.next() => match next {
                    Some(Ok(delivery)) => in_hand.push(self.handle(channel, delivery)),
                    Some(Err(error)) => break End::Lost(error.into()),
                    None => break End::Lost(Trouble(format!("the queue {} is gone", self.rules.queue))),
                },
            }
        };
        // What has come and is not begun goes back when the channel does. What is begun is ended, whatever became of the
        // connection: the desk may be in the midst of a commit.
        let _ = channel.basic_cancel(consumer.tag(), BasicCancelOptions { nowait: true }).await;
        self.ending.send_replace(true);
        while in_hand.next().await.is_some() {}
        end
    }

    /// From the arrival of a message to its end. An error is one of the connection.
    async fn handle(&self, channel: &Channel, delivery: Delivery) -> Result<(), Trouble> {
        let rules = self.rules;
        let problem = match () {
            () if delivery.data.len() > rules.largest => {
                Some(format!("it has {} bytes, and {} are read at most", delivery.data.len(), rules.largest))
            }
            () if message::deliveries(&delivery) >= rules.deliveries => {
                Some(format!("it came back {} times without an answer", message::deliveries(&delivery)))
            }
            () => None,
        };
        let answer = match problem {
            Some(problem) => Some(Taken::Poison(problem)),
            None => self.ask(&delivery).await,
        };
        match answer {
            Some(Taken::Poison(why)) => {
                parking::park(channel, rules, &delivery, &why).await?;
                delivery.ack(BasicAckOptions::default()).await?;
            }
            Some(Taken::Done | Taken::Repeated | Taken::Ignored) => {
                delivery.ack(BasicAckOptions::default()).await?;
            }
            None => {
                delivery.nack(BasicNackOptions { requeue: true, ..BasicNackOptions::default() }).await?;
            }
        }
        Ok(())
    }

    /// What the desk says; none where it could not take it for as long as it was asked.
    async fn ask(&self, delivery: &Delivery) -> Option<Taken> {
        let rules = self.rules;
        let incoming = message::incoming(delivery);
        let mut ending = self.ending.subscribe();
        let until = Instant::now() + rules.hold;
        for turn in 0.. {
            // One that makes the desk panic would otherwise take the others with it, again and again.
            let asked = AssertUnwindSafe(self.desk.take(&incoming)).catch_unwind().await;
            let not_now = match asked {
                Ok(Ok(taken)) => return Some(taken),
                Ok(Err(not_now)) => not_now,
                Err(_) => return Some(Taken::Poison("the desk panicked over it".to_owned())),
            };
            (rules.trouble)(&not_now.to_string());
            let (first, longest) = rules.retry;
            let pause = pause(first, longest, turn);
            if Instant::now() + pause > until {
                // Whoever gets it next gets it no sooner than it would have been tried here.
                let left = until.saturating_duration_since(Instant::now()).max(first);
                let _ = tokio::time::timeout(left, ending.wait_for(|ending| *ending)).await;
                return None;
            }
            tokio::select! {
                _ = ending.wait_for(|ending| *ending) => return None,
                () = sleep(pause) => {}
            }
        }
        None
    }
}

async fn consume(channel: &Channel, rules: &Rules) -> Result<Consumer, Trouble> {
    channel.basic_qos(rules.at_once, BasicQosOptions::default()).await?;
    let (queue, options) = (rules.queue.clone(), BasicConsumeOptions::default());
    Ok(channel.basic_consume(queue, ShortString::default(), options, FieldTable::default()).await?)
}

/// Uses what is there as it is, and makes what is not.
async fn declare(line: &mut Line, rules: &Rules) -> Result<(), Trouble> {
    let (exchange, none) = (&rules.exchange, FieldTable::default);
    let passive = ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
    let found = line.channel.exchange_declare(exchange.clone(), ExchangeKind::Topic, passive, none()).await;
    if let Err(error) = found {
        missing(line, error).await?;
        line.channel.exchange_declare(exchange.clone(), ExchangeKind::Topic, durable(), none()).await?;
    }
    for queue in [&rules.queue, &rules.parked] {
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        if let Err(error) = line.channel.queue_declare(queue.clone(), passive, none()).await {
            missing(line, error).await?;
            let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
            line.channel.queue_declare(queue.clone(), options, arguments(rules)).await?;
        }
    }
    for key in &rules.bindings {
        let (queue, exchange) = (rules.queue.clone(), exchange.clone());
        line.channel.queue_bind(queue, exchange, key.clone(), QueueBindOptions::default(), none()).await?;
    }
    Ok(())
}

/// Goes on where the broker has closed the channel because something is not there. Anything else is an error.
async fn missing(line: &mut Line, error: lapin::Error) -> Result<(), Trouble> {
    if !error.is_amqp_soft_error() || !error.to_string().contains("NOT_FOUND") {
        return Err(error.into());
    }
    line.reopen().await
}

fn arguments(rules: &Rules) -> FieldTable {
    let mut arguments = FieldTable::default();
    if !rules.classic {
        arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(DELIVERY_LIMIT));
    }
    arguments
}
