mod message;
mod parking;
mod session;

use super::{
    broker::{Broker, SettingError, name, own_name},
    line::{Dialler, pause},
};
use lapin::types::ShortString;
use session::{End, Session};
use std::{fmt, future::Future, pin::pin, sync::Arc, time::Duration};
use support_core::ports::intake::Intake;

/// Between attempts to reach the broker.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Hands messages of a queue to the desk, one by one, and tells the broker of each only when the desk has answered.
///
/// * What was acted upon, now or before, and what is none of the desk's business, is taken from the queue.
/// * **What nothing can be made of is parked**: it goes into `<queue>.parked`, with the reason, the exchange and the key in its
///   headers (`x-reason`, `x-original-exchange`, `x-original-routing-key`); from the queue it is taken when that is confirmed.
///   So is what is larger than [`largest`](RabbitIntakeBuilder::largest), and what has come back too often without an answer
///   ([`deliveries`](RabbitIntakeBuilder::deliveries)): nobody can answer a message that the process dies of.
/// * **What cannot be taken now stays in hand**, and is tried again after a growing pause. If that lasts
///   ([`hold`](RabbitIntakeBuilder::hold)), it is given back to the queue, for another node to try.
///
/// A message's **id** is its property `message_id`; else the field `id` of its JSON (as in `CloudEvents`); else the SHA-256 of name
/// and body, by which the same words twice are one message. Its **name** is the routing key; where that is empty, or the message
/// was sent to the queue itself, the field `type` or `event` of its JSON.
///
/// Messages are taken [several at a time](RabbitIntakeBuilder::at_once), so not in their order.
///
/// ```no_run
/// # async fn run(desk: impl support_core::ports::intake::Intake + 'static, stop: tokio::sync::oneshot::Receiver<()>)
/// # -> Result<(), support_events::rabbitmq::SettingError> {
/// use support_events::RabbitIntake;
/// let intake = RabbitIntake::builder("amqps://desk:secret@rabbit.example.org/shop")
///     .exchange("shop")
///     .queue("support-desk")
///     .on_trouble(|trouble| eprintln!("intake: {trouble}"))
///     .build(desk)?;
/// intake.run(async { drop(stop.await) }).await;
/// # Ok(())
/// # }
/// ```
pub struct RabbitIntake {
    dialler: Dialler,
    rules: Arc<Rules>,
    desk: Arc<dyn Intake>,
}

/// What is done with messages.
pub(super) struct Rules {
    queue: ShortString,
    parked: ShortString,
    exchange: ShortString,
    bindings: Vec<ShortString>,
    at_once: u16,
    largest: usize,
    deliveries: u64,
    retry: (Duration, Duration),
    hold: Duration,
    classic: bool,
    trouble: Arc<dyn Fn(&str) + Send + Sync>,
}

impl RabbitIntake {
    /// An intake of the broker at that address.
    pub fn builder(url: impl Into<String>) -> RabbitIntakeBuilder {
        RabbitIntakeBuilder {
            url: url.into(),
            queue: "support-desk".to_owned(),
            exchange: "events".to_owned(),
            bindings: ["order.issue", "user.registered", "product.issue_reported"].map(str::to_owned).to_vec(),
            at_once: 16,
            largest: 256 << 10,
            deliveries: 30,
            retry: (Duration::from_secs(1), Duration::from_mins(1)),
            hold: Duration::from_mins(10),
            classic: false,
            default_credentials: false,
            trouble: Arc::new(|_| {}),
        }
    }

    /// Takes messages until it is told to stop; then it ends what it has in hand, and returns. A broker that is away is tried again
    /// and again, after growing pauses.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = pin!(shutdown);
        let mut turn = 0_u32;
        loop {
            let mut session = Session::new(&self.dialler, &self.rules, &self.desk);
            match session.run(shutdown.as_mut()).await {
                End::ShutDown => return,
                End::Lost(trouble) => (self.rules.trouble)(&trouble.0),
            }
            let (first, longest) = RECONNECT;
            // A connection that breaks as soon as it is there is as bad as none.
            turn = if session.lasted() > longest { 0 } else { turn.saturating_add(1) };
            tokio::select! {
                () = shutdown.as_mut() => return,
                () = tokio::time::sleep(pause(first, longest, turn)) => {}
            }
        }
    }
}

impl fmt::Debug for RabbitIntake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dialler, rules, .. } = self;
        f.debug_struct("RabbitIntake").field("dialler", dialler).field("queue", &rules.queue).finish_non_exhaustive()
    }
}

/// What an intake is to be like.
#[derive(Clone)]
pub struct RabbitIntakeBuilder {
    url: String,
    queue: String,
    exchange: String,
    bindings: Vec<String>,
    at_once: u16,
    largest: usize,
    deliveries: u64,
    retry: (Duration, Duration),
    hold: Duration,
    classic: bool,
    default_credentials: bool,
    trouble: Arc<dyn Fn(&str) + Send + Sync>,
}

impl RabbitIntakeBuilder {
    /// The desk's queue; `support-desk` unless it is said. One that is there is used as it is; else a durable quorum queue is
    /// made. Beside it there is `<queue>.parked`.
    pub fn queue(mut self, name: impl Into<String>) -> Self {
        self.queue = name.into();
        self
    }

    /// The exchange to which others publish; `events` unless it is said. One that is there is used whatever its type; else a
    /// durable topic exchange is made, so nobody has to start first.
    pub fn exchange(mut self, name: impl Into<String>) -> Self {
        self.exchange = name.into();
        self
    }

    /// What of it comes into the queue; `order.issue`, `user.registered` and `product.issue_reported` unless it is said. A binding
    /// that was made earlier stays until somebody takes it away.
    pub fn bindings<S: Into<String>>(mut self, keys: impl IntoIterator<Item = S>) -> Self {
        self.bindings = keys.into_iter().map(Into::into).collect();
        self
    }

    /// How many messages are in hand at once; 16 unless it is said.
    pub fn at_once(mut self, messages: u16) -> Self {
        self.at_once = messages;
        self
    }

    /// The largest body, in bytes, that the desk gets to see; 256 KiB unless it is said. A larger one is parked.
    pub fn largest(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
    }

    /// How often a message may come back without an answer before it is parked; 30 times unless it is said. Quorum queues count
    /// that. Classic ones do not: there a message that the process dies of comes for ever.
    pub fn deliveries(mut self, times: u64) -> Self {
        self.deliveries = times;
        self
    }

    /// The first and the longest pause before the desk is asked again about what it could not take; a second and a minute unless
    /// it is said.
    pub fn retry(mut self, first: Duration, longest: Duration) -> Self {
        self.retry = (first, longest);
        self
    }

    /// How long a message that cannot be taken stays in hand before it is given back to the queue; ten minutes unless it is said.
    /// Each time counts as a [delivery](Self::deliveries). The broker itself ends the channel of whoever holds a message for
    /// longer than its `consumer_timeout` (half an hour).
    pub fn hold(mut self, limit: Duration) -> Self {
        self.hold = limit;
        self
    }

    /// Makes classic queues, if they are not there: for a broker that has no others.
    pub fn classic_queues(mut self) -> Self {
        self.classic = true;
        self
    }

    /// Takes the account that the broker comes with: for development.
    pub fn allow_default_credentials(mut self) -> Self {
        self.default_credentials = true;
        self
    }

    /// Who is told when the broker is away, or the desk takes nothing. The words hold no secret.
    pub fn on_trouble(mut self, told: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.trouble = Arc::new(told);
        self
    }

    /// Makes it. The broker is not asked before it [runs](RabbitIntake::run).
    ///
    /// # Errors
    /// What is wrong with a setting.
    pub fn build(self, desk: impl Intake + 'static) -> Result<RabbitIntake, SettingError> {
        let broker = Broker::parse(&self.url, self.default_credentials)?;
        if self.at_once == 0 {
            // To the broker it means as many as there are.
            return Err(SettingError::new("at once", "must be at least one message"));
        }
        let bindings: Result<Vec<ShortString>, _> = self.bindings.iter().map(|key| name("a binding", key)).collect();
        let rules = Rules {
            parked: own_name("the queue", &format!("{}.parked", self.queue))?,
            queue: own_name("the queue", &self.queue)?,
            exchange: name("the exchange", &self.exchange)?,
            bindings: bindings?,
            at_once: self.at_once,
            largest: self.largest,
            deliveries: self.deliveries,
            retry: self.retry,
            hold: self.hold,
            classic: self.classic,
            trouble: self.trouble,
        };
        let dialler = Dialler::new(broker, "support-desk: intake");
        Ok(RabbitIntake { dialler, rules: Arc::new(rules), desk: Arc::new(desk) })
    }
}

/// Without the address, which holds a password.
impl fmt::Debug for RabbitIntakeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queue, exchange, bindings, .. } = self;
        let mut shown = f.debug_struct("RabbitIntakeBuilder");
        shown.field("queue", queue).field("exchange", exchange).field("bindings", bindings).finish_non_exhaustive()
    }
}
