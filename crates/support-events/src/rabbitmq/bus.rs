use super::{
    broker::{Broker, SettingError, own_name},
    line::{Dialler, Line, Trouble, durable, too_late},
};
use async_trait::async_trait;
use futures_util::StreamExt;
use lapin::{
    Acker, BasicProperties, Channel, Confirmation, Consumer, ExchangeKind,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, QueueBindOptions,
        QueueDeclareOptions,
    },
    types::{FieldTable, ShortString},
};
use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use support_core::ports::bus::{Bus, BusError, Heard, LONGEST};
use tokio::{sync::Mutex, time::timeout};

/// How many words are on their way to a node at once.
const PREFETCH: u16 = 256;
/// How long a word may take to the broker. Nobody needs one that took longer.
const SAY: Duration = Duration::from_secs(5);

/// Carries words between the nodes of a desk, over a fanout exchange.
///
/// Each node listens with a queue of its own, which goes when the node does. A node hears itself as well.
///
/// ```no_run
/// use support_events::RabbitBus;
/// let bus = RabbitBus::builder("amqps://desk:secret@rabbit.example.org/desk").exchange("support.bus").build()?;
/// # Ok::<(), support_events::rabbitmq::SettingError>(())
/// ```
#[derive(Debug)]
pub struct RabbitBus {
    exchange: ShortString,
    speaks: Dialler,
    listens: Dialler,
    mouth: Mutex<Option<Line>>,
    ear: Mutex<Option<Ear>>,
    /// Whether something may have been said while nobody listened.
    gap: AtomicBool,
}

#[derive(Debug)]
struct Ear {
    /// It ends with its line.
    _line: Line,
    consumer: Consumer,
    /// What was heard last, until the broker is told that there is room for more. That is said before the next is waited for:
    /// a word that is in hand must not wait for anything, because whoever asked may leave.
    last: Option<Acker>,
}

impl Ear {
    async fn next(&mut self) -> Result<String, Trouble> {
        loop {
            if let Some(last) = &self.last {
                last.ack(BasicAckOptions::default()).await?;
                self.last = None;
            }
            let delivery = self.consumer.next().await.ok_or_else(|| Trouble("the queue is gone".to_owned()))??;
            self.last = Some(delivery.acker);
            if let Ok(word) = String::from_utf8(delivery.data) {
                return Ok(word);
            }
        }
    }
}

impl RabbitBus {
    /// A bus over the broker at that address.
    pub fn builder(url: impl Into<String>) -> RabbitBusBuilder {
        RabbitBusBuilder { url: url.into(), exchange: "support.bus".to_owned(), default_credentials: false }
    }

    async fn declare(&self, line: &Line) -> Result<(), Trouble> {
        let (exchange, arguments) = (self.exchange.clone(), FieldTable::default());
        Ok(line.channel.exchange_declare(exchange, ExchangeKind::Fanout, durable(), arguments).await?)
    }

    async fn listen(&self) -> Result<Ear, Trouble> {
        let mut consumer = None;
        let declare = async |line: &mut Line| {
            self.declare(line).await?;
            let channel = &line.channel;
            let mine = QueueDeclareOptions { exclusive: true, auto_delete: true, ..QueueDeclareOptions::default() };
            let queue = channel.queue_declare(ShortString::default(), mine, FieldTable::default()).await?;
            let name = queue.name().clone();
            let (exchange, key) = (self.exchange.clone(), ShortString::default());
            let (options, none) = (QueueBindOptions::default(), FieldTable::default());
            channel.queue_bind(name.clone(), exchange, key, options, none).await?;
            channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
            let options = BasicConsumeOptions { exclusive: true, ..BasicConsumeOptions::default() };
            consumer = Some(channel.basic_consume(name, ShortString::default(), options, FieldTable::default()).await?);
            Ok(())
        };
        let line = self.listens.line(declare).await?;
        let consumer = consumer.ok_or_else(|| Trouble("nobody listens".to_owned()))?;
        Ok(Ear { _line: line, consumer, last: None })
    }

    /// The channel to speak on. It is held by nobody while a confirm is waited for.
    async fn channel(&self) -> Result<Channel, Trouble> {
        let mut mouth = self.mouth.lock().await;
        let line = match mouth.take().filter(Line::is_open) {
            Some(line) => line,
            None => self.speaks.line(async |line: &mut Line| self.declare(line).await).await?,
        };
        let channel = line.channel.clone();
        *mouth = Some(line);
        Ok(channel)
    }

    async fn publish(&self, word: &str) -> Result<(), Trouble> {
        let channel = self.channel().await?;
        let (exchange, key) = (self.exchange.clone(), ShortString::default());
        let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
        let sent = channel.basic_publish(exchange, key, options, word.as_bytes(), properties).await?;
        match sent.await? {
            Confirmation::Ack(_) => Ok(()),
            _ => Err(Trouble("the broker did not confirm the word".to_owned())),
        }
    }
}

#[async_trait]
impl Bus for RabbitBus {
    async fn say(&self, word: &str) -> Result<(), BusError> {
        if word.len() > LONGEST {
            return Err(BusError::new(format!("a word is at most {LONGEST} bytes long")));
        }
        let said = timeout(SAY, self.publish(word)).await.unwrap_or_else(|late| Err(too_late(late)));
        if said.is_err() {
            // Whatever is the matter with it, the next word goes over another one.
            self.mouth.lock().await.take();
        }
        said.map_err(BusError::new)
    }

    async fn hear(&self) -> Result<Heard, BusError> {
        let mut slot = self.ear.lock().await;
        if slot.is_none() {
            let ear = self.listen().await.inspect_err(|_| self.gap.store(true, Ordering::Relaxed));
            *slot = Some(ear.map_err(BusError::new)?);
        }
        if self.gap.swap(false, Ordering::Relaxed) {
            return Ok(Heard::Gap);
        }
        let heard = match slot.as_mut() {
            Some(ear) => ear.next().await,
            None => Err(Trouble("nobody listens".to_owned())),
        };
        heard.map(Heard::Word).map_err(|trouble| {
            *slot = None;
            self.gap.store(true, Ordering::Relaxed);
            BusError::new(trouble)
        })
    }
}

/// What a bus is to be like.
#[derive(Clone)]
pub struct RabbitBusBuilder {
    url: String,
    exchange: String,
    default_credentials: bool,
}

impl RabbitBusBuilder {
    /// The fanout exchange, durable, which is made if it is not there: one for each desk; `support.bus` unless it is said.
    pub fn exchange(mut self, name: impl Into<String>) -> Self {
        self.exchange = name.into();
        self
    }

    /// Takes the account that the broker comes with: for development.
    pub fn allow_default_credentials(mut self) -> Self {
        self.default_credentials = true;
        self
    }

    /// Makes it. The broker is not asked yet.
    ///
    /// # Errors
    /// What is wrong with a setting.
    pub fn build(self) -> Result<RabbitBus, SettingError> {
        let broker = Broker::parse(&self.url, self.default_credentials)?;
        Ok(RabbitBus {
            exchange: own_name("the exchange", &self.exchange)?,
            speaks: Dialler::new(broker.clone(), "support-desk: bus, speaking"),
            listens: Dialler::new(broker, "support-desk: bus, listening"),
            mouth: Mutex::new(None),
            ear: Mutex::new(None),
            gap: AtomicBool::new(false),
        })
    }
}

/// Without the address, which holds a password.
impl fmt::Debug for RabbitBusBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RabbitBusBuilder").field("exchange", &self.exchange).finish_non_exhaustive()
    }
}
