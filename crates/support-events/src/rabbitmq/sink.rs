use super::{
    broker::{Broker, SettingError, own_name},
    line::{Dialler, Line, Trouble, durable, too_late},
};
use async_trait::async_trait;
use futures_util::future::join_all;
use lapin::{
    BasicProperties, Confirmation, ExchangeKind,
    options::BasicPublishOptions,
    types::{FieldTable, ShortString},
};
use std::{collections::BTreeSet, time::Duration};
use support_core::{
    domain::announcement::{Announcement, AnnouncementKind, Audience},
    ports::sinks::{Sink, SinkError},
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};

/// What no broker takes unless it was told to, and no announcement comes to.
const LARGEST: usize = 8 << 20;
const PERSISTENT: u8 = 2;

/// Tells a broker what happened: to a topic exchange, with the name of each event as its routing key.
///
/// An event is taken when the broker has confirmed it, which for a durable queue means that it is on a disk. One that no queue
/// is bound for is taken as well, and gone. Batches are published as a whole before any confirm is waited for.
///
/// ```no_run
/// use support_core::domain::announcement::AnnouncementKind;
/// use support_events::RabbitSink;
/// let sink = RabbitSink::builder("amqps://desk:secret@rabbit.example.org/desk")
///     .exchange("support")
///     .only([AnnouncementKind::TicketCreated, AnnouncementKind::TicketClosed])
///     .build()?;
/// # Ok::<(), support_events::rabbitmq::SettingError>(())
/// ```
#[derive(Debug)]
pub struct RabbitSink {
    dialler: Dialler,
    exchange: ShortString,
    name: String,
    audience: Audience,
    kinds: Option<BTreeSet<AnnouncementKind>>,
    timeout: Duration,
    line: Mutex<Option<Line>>,
}

impl RabbitSink {
    /// A sink for the broker at that address.
    pub fn builder(url: impl Into<String>) -> RabbitSinkBuilder {
        RabbitSinkBuilder {
            url: url.into(),
            exchange: "support".to_owned(),
            name: "rabbitmq".to_owned(),
            audience: Audience::default(),
            kinds: None,
            timeout: Duration::from_secs(30),
            default_credentials: false,
        }
    }

    async fn connect(&self) -> Result<Line, Trouble> {
        let declare = async |line: &mut Line| {
            let (exchange, arguments) = (self.exchange.clone(), FieldTable::default());
            Ok(line.channel.exchange_declare(exchange, ExchangeKind::Topic, durable(), arguments).await?)
        };
        self.dialler.line(declare).await
    }

    async fn publish(&self, line: &Line, told: &Announcement) -> Result<(), Failure> {
        let body = serde_json::to_vec(&told.envelope()).map_err(|error| Failure::This(error.to_string()))?;
        if body.len() > LARGEST {
            return Err(Failure::This(format!("it is larger than {LARGEST} bytes")));
        }
        let properties = BasicProperties::default()
            .with_content_type("application/cloudevents+json".into())
            .with_delivery_mode(PERSISTENT)
            .with_message_id(told.id.to_string().into())
            .with_timestamp(u64::try_from(told.at.timestamp()).unwrap_or(0))
            .with_type(told.name.into())
            .with_app_id("support-desk".into());
        let (exchange, options) = (self.exchange.clone(), BasicPublishOptions::default());
        let sent = line.channel.basic_publish(exchange, told.name.into(), options, &body, properties).await;
        match sent.map_err(Trouble::from)?.await.map_err(Trouble::from)? {
            Confirmation::Ack(_) => Ok(()),
            // A queue that is full, or a broker that fails: it says nothing about this one.
            Confirmation::Nack(_) => Err(Trouble("the broker did not confirm it".to_owned()).into()),
            Confirmation::NotRequested => Err(Trouble("the broker does not confirm".to_owned()).into()),
        }
    }
}

/// Whose fault it is.
enum Failure {
    This(String),
    Line(Trouble),
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Line(trouble)
    }
}

#[async_trait]
impl Sink for RabbitSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn audience(&self) -> Audience {
        self.audience
    }

    fn wants(&self, kind: AnnouncementKind) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }

    async fn take(&self, batch: &[Announcement]) -> Vec<Result<(), SinkError>> {
        let mut slot = self.line.lock().await;
        // It is put back when all went well. Whoever drops this in between leaves none behind.
        let line = match slot.take().filter(Line::is_open) {
            Some(line) => line,
            None => match self.connect().await {
                Ok(line) => line,
                Err(trouble) => return vec![Err(SinkError::Unavailable(trouble.0)); batch.len()],
            },
        };
        let until = Instant::now() + self.timeout;
        // They are asked in their order, and each hands over what it has to say before it waits: so that is the order of the
        // broker too, and the whole batch is on its way before the first confirm.
        let publish = |told| timeout_at(until, self.publish(&line, told));
        let answers = join_all(batch.iter().map(publish)).await;
        let answers = answers.into_iter().map(|answer| answer.unwrap_or_else(|late| Err(too_late(late).into())));
        let mut is_whole = true;
        let answers = answers.map(|answer| match answer {
            Ok(()) => Ok(()),
            Err(Failure::This(problem)) => Err(SinkError::Refused(problem)),
            Err(Failure::Line(trouble)) => {
                is_whole = false;
                Err(SinkError::Unavailable(trouble.0))
            }
        });
        let answers = answers.collect();
        if is_whole {
            *slot = Some(line);
        }
        answers
    }
}

/// What a sink is to be like.
#[derive(Clone)]
pub struct RabbitSinkBuilder {
    url: String,
    exchange: String,
    name: String,
    audience: Audience,
    kinds: Option<BTreeSet<AnnouncementKind>>,
    timeout: Duration,
    default_credentials: bool,
}

impl RabbitSinkBuilder {
    /// The topic exchange, durable, which is made if it is not there; `support` unless it is said.
    pub fn exchange(mut self, name: impl Into<String>) -> Self {
        self.exchange = name.into();
        self
    }

    /// What the sink is called, which never changes afterwards; `rabbitmq` unless it is said.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Who listens behind the exchange; the outside unless it is said.
    pub fn audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// What is told; everything unless it is said.
    pub fn only(mut self, kinds: impl IntoIterator<Item = AnnouncementKind>) -> Self {
        self.kinds = Some(kinds.into_iter().collect());
        self
    }

    /// How long the confirms of a batch are waited for; 30 seconds unless it is said.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
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
    pub fn build(self) -> Result<RabbitSink, SettingError> {
        if self.name.is_empty() {
            return Err(SettingError::new("the name", "must not be empty"));
        }
        Ok(RabbitSink {
            dialler: Dialler::new(Broker::parse(&self.url, self.default_credentials)?, "support-desk: events"),
            exchange: own_name("the exchange", &self.exchange)?,
            name: self.name,
            audience: self.audience,
            kinds: self.kinds,
            timeout: self.timeout,
            line: Mutex::new(None),
        })
    }
}

/// Without the address, which holds a password.
impl std::fmt::Debug for RabbitSinkBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RabbitSinkBuilder")
            .field("name", &self.name)
            .field("exchange", &self.exchange)
            .finish_non_exhaustive()
    }
}
