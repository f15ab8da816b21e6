//! A connection with a channel, and how one comes to it.

use super::broker::Broker;
use lapin::{
    Channel, Connection, ConnectionProperties,
    options::{ConfirmSelectOptions, ExchangeDeclareOptions},
};
use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::Mutex,
    time::Duration,
};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};

/// How long somebody waits for a connection and what is declared on it.
pub(super) const CONNECT: Duration = Duration::from_secs(10);
/// After so long an attempt to connect is no longer waited for by anybody.
const ABANDON: Duration = Duration::from_mins(1);
/// How long a good-bye may take.
const CLOSE: Duration = Duration::from_secs(2);

/// What went wrong, in words that hold no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble(pub(super) String);

impl From<lapin::Error> for Trouble {
    fn from(error: lapin::Error) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Trouble {}

pub(super) fn too_late<E>(_: E) -> Trouble {
    Trouble("the broker did not answer in time".to_owned())
}

/// A channel with confirms, and the connection that it is the only one of.
#[derive(Debug)]
pub(super) struct Line {
    connection: Connection,
    pub(super) channel: Channel,
}

impl Line {
    pub(super) fn is_open(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// Another channel in the place of one that the broker has closed.
    pub(super) async fn reopen(&mut self) -> Result<(), Trouble> {
        self.channel = open(&self.connection).await?;
        Ok(())
    }

    /// Says good-bye, so that the broker need not find out. It is as good as closed, however that ends.
    pub(super) async fn close(self) {
        let _ = timeout(CLOSE, self.connection.close(200, "OK".into())).await;
    }
}

async fn open(connection: &Connection) -> Result<Channel, Trouble> {
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    Ok(channel)
}

type Attempt = JoinHandle<Result<Connection, lapin::Error>>;

/// Makes connections, one at a time.
///
/// The client has a thread for each attempt, which waits for as long as the other side says nothing. So whoever has waited long
/// enough leaves the attempt as it is, and the next one takes it up.
#[derive(Debug)]
pub(super) struct Dialler {
    broker: Broker,
    purpose: &'static str,
    pending: Mutex<Option<(Attempt, Instant)>>,
}

impl Dialler {
    /// The purpose is how an admin of the broker knows the connection.
    pub(super) fn new(broker: Broker, purpose: &'static str) -> Self {
        Self { broker, purpose, pending: Mutex::new(None) }
    }

    /// A new line, with whatever is declared on it by the time that somebody waits for it.
    pub(super) async fn line<D>(&self, declare: D) -> Result<Line, Trouble>
    where
        D: AsyncFnOnce(&mut Line) -> Result<(), Trouble>,
    {
        let until = Instant::now() + CONNECT;
        let connection = self.connection(until).await?;
        let declared = async {
            let mut line = Line { channel: open(&connection).await?, connection };
            declare(&mut line).await?;
            Ok(line)
        };
        timeout_at(until, declared).await.unwrap_or_else(|late| Err(too_late(late)))
    }

    async fn connection(&self, until: Instant) -> Result<Connection, Trouble> {
        let mut attempt = Pending { dialler: self, attempt: Some(self.attempt()) };
        let (handle, _) = attempt.attempt.as_mut().ok_or_else(|| too_late(()))?;
        let joined = timeout_at(until, handle).await.map_err(too_late)?;
        attempt.attempt = None;
        joined.map_err(|_| Trouble("the attempt to connect broke off".to_owned()))?.map_err(Trouble::from)
    }

    fn attempt(&self) -> (Attempt, Instant) {
        let pending = self.pending.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        pending.filter(|(_, begun)| begun.elapsed() < ABANDON).unwrap_or_else(|| {
            let properties = ConnectionProperties::default().with_connection_name(self.purpose.into());
            (tokio::spawn(Connection::connect_uri(self.broker.uri.clone(), properties)), Instant::now())
        })
    }
}

/// An attempt that is put back when its caller leaves, whether late or dropped.
struct Pending<'a> {
    dialler: &'a Dialler,
    attempt: Option<(Attempt, Instant)>,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if let Some(attempt) = self.attempt.take() {
            *self.dialler.pending.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(attempt);
        }
    }
}

/// What is declared outlives the broker, and stays when nobody uses it.
pub(super) fn durable() -> ExchangeDeclareOptions {
    ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() }
}

/// A pause that doubles with each turn up to its longest, less a random part of up to a quarter: those who lost the same
/// broker do not all come back at once.
pub(super) fn pause(first: Duration, longest: Duration, turn: u32) -> Duration {
    let whole = first.saturating_mul(1_u32.checked_shl(turn).unwrap_or(u32::MAX)).min(longest);
    // The seed of a hash map is as random as this needs to be.
    let parts = u32::try_from(RandomState::new().hash_one(turn) % 256).unwrap_or(0);
    whole.saturating_sub(whole * parts / 1_024)
}

#[cfg(test)]
mod tests {
    use super::pause;
    use std::time::Duration;

    #[test]
    fn pauses_grow_to_their_longest_and_differ() {
        let (first, longest) = (Duration::from_secs(1), Duration::from_mins(1));
        for (turn, whole) in [(0, 1), (1, 2), (5, 32), (6, 60), (31, 60), (32, 60), (u32::MAX, 60)] {
            let whole = Duration::from_secs(whole);
            let all: Vec<Duration> = (0..64).map(|_| pause(first, longest, turn)).collect();
            assert!(all.iter().all(|pause| *pause <= whole && *pause >= whole * 3 / 4), "{turn} {all:?}");
            assert!(all.iter().any(|pause| *pause != all[0]), "{turn}");
        }
    }
}
