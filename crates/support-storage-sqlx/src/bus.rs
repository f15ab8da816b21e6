//! Words between nodes, by `LISTEN` and `NOTIFY`.

use crate::{
    SqlxStore,
    error::Error,
    pool::Address,
    row::Fields,
    store::read,
    value::{holds_nul, values},
};
use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use std::{fmt, sync::Arc, time::Duration};
use support_core::ports::bus::{Bus, BusError, Heard, LONGEST};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OnceCell},
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};

/// Between the questions whether the server is still there, where nothing is heard.
const SILENCE: Duration = Duration::from_secs(20);

/// A channel is the whole database's, so it is named by prefix and schema; in digits, because names of channels are short.
const CHANNEL: &str = "SELECT '{prefix}bus_' || hashtextextended(coalesce(?, current_schema(), ''), 0) AS channel";
const SAY: &str = "SELECT pg_notify('{prefix}bus_' || hashtextextended(coalesce(?, current_schema(), ''), 0), ?)";

/// The other nodes of a desk on `PostgreSQL`, by way of the database that they share. See [`SqlxStore::bus`].
pub struct PgBus {
    desk: Arc<Channel>,
    silence: Duration,
    ear: Mutex<Ear>,
}

/// Where words of a desk are said and heard.
struct Channel {
    store: SqlxStore,
    address: PgConnectOptions,
    /// How long the server has for an answer.
    patience: Duration,
    name: OnceCell<String>,
}

/// What becomes of the connection that hears.
enum Ear {
    Closed,
    /// It is opened, or asked whether it is still there: by a task, so that it goes on when nobody waits for it.
    InTheMaking(JoinHandle<Result<Line, BusError>>),
    Open(Line),
}

/// A connection that hears.
struct Line {
    listener: PgListener,
    /// Nobody has been told yet that there was none.
    is_new: bool,
    heard: Instant,
    runtime: Handle,
}

impl SqlxStore {
    /// What carries words between the nodes of this desk, where the server is `PostgreSQL`; `MySQL` has nothing of the kind.
    ///
    /// It says through the pool, and hears by a connection of its own, which is opened when somebody first listens: that
    /// begins with [`Heard::Gap`]. A node hears itself. Whoever may connect to the database can listen, so words are not to
    /// hold what somebody else must not know.
    pub fn bus(&self) -> Option<PgBus> {
        match self.primary.address() {
            Address::Postgres(address) => {
                let (store, address) = (self.clone(), address.clone());
                let desk = Channel { patience: store.primary.wait(), store, address, name: OnceCell::new() };
                Some(PgBus { desk: Arc::new(desk), silence: SILENCE, ear: Mutex::new(Ear::Closed) })
            }
            #[cfg(feature = "mysql")]
            Address::MySql(_) => None,
        }
    }
}

impl PgBus {
    /// After how long without a word the server is asked whether it is still there; 20 seconds where nothing else is said. A
    /// network that forgets a connection tells nobody, and a server that has nothing to tell does not find out.
    #[must_use]
    pub fn silence(mut self, longest: Duration) -> Self {
        self.silence = longest;
        self
    }
}

#[async_trait]
impl Bus for PgBus {
    async fn say(&self, word: &str) -> Result<(), BusError> {
        if word.len() > LONGEST {
            return Err(BusError::new(format!("a word of {} bytes, where {LONGEST} is the most", word.len())));
        }
        let store = &self.desk.store;
        let values = values![store.names.schema.clone(), word];
        if holds_nul(&values) {
            return Err(BusError::new("no word can hold the character zero"));
        }
        // Said twice, where the first connection was lost while it spoke, it says no more than once.
        read!(store.primary, |session| async { session.rows(SAY, values.clone()).await.map(drop) })
            .map_err(BusError::new)
    }

    async fn hear(&self) -> Result<Heard, BusError> {
        let mut ear = self.ear.lock().await;
        loop {
            match &mut *ear {
                Ear::Closed => {
                    let desk = Arc::clone(&self.desk);
                    *ear = Ear::InTheMaking(tokio::spawn(async move { desk.listen().await }));
                }
                Ear::InTheMaking(work) => match work.await.map_err(BusError::new).and_then(|made| made) {
                    Ok(line) => *ear = Ear::Open(line),
                    Err(error) => {
                        *ear = Ear::Closed;
                        return Err(error);
                    }
                },
                Ear::Open(line) if line.is_new => {
                    line.is_new = false;
                    return Ok(Heard::Gap);
                }
                Ear::Open(line) => match timeout_at(line.heard + self.silence, line.listener.try_recv()).await {
                    Ok(Ok(Some(word))) => {
                        line.heard = Instant::now();
                        return Ok(Heard::Word(word.payload().to_owned()));
                    }
                    // What was said until the next connection listens is lost.
                    Ok(Ok(None) | Err(_)) => *ear = Ear::Closed,
                    Err(_) => {
                        if let Ear::Open(line) = std::mem::replace(&mut *ear, Ear::Closed) {
                            let desk = Arc::clone(&self.desk);
                            *ear = Ear::InTheMaking(tokio::spawn(async move { desk.ask(line).await }));
                        }
                    }
                },
            }
        }
    }
}

impl Channel {
    async fn listen(&self) -> Result<Line, BusError> {
        let name = self.name.get_or_try_init(|| self.find_name()).await?;
        // The listener opens connections by a pool alone.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(self.patience)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(self.address.clone());
        let open = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            // It is this bus that opens another one, because somebody has to be told.
            listener.eager_reconnect(false);
            listener.listen(name).await?;
            Ok::<_, sqlx::Error>(listener)
        };
        let listener = timeout(self.patience, open).await.map_err(BusError::new)?.map_err(BusError::new)?;
        Ok(Line { listener, is_new: true, heard: Instant::now(), runtime: Handle::current() })
    }

    async fn find_name(&self) -> Result<String, BusError> {
        let store = &self.store;
        let schema = values![store.names.schema.clone()];
        let name = read!(store.primary, |session| async {
            let row = session.row(CHANNEL, schema.clone()).await?.ok_or(Error::Sql(sqlx::Error::RowNotFound))?;
            Fields::new("channels", &row).text("channel")
        });
        name.map_err(BusError::new)
    }

    /// The connection, if the server still answers on it, or another one.
    async fn ask(&self, mut line: Line) -> Result<Line, BusError> {
        let question = sqlx::query("SELECT 1").execute(&mut line.listener);
        if let Ok(Ok(_)) = timeout(self.patience, question).await {
            line.heard = Instant::now();
            return Ok(line);
        }
        self.listen().await
    }
}

/// The listener says goodbye by a task, for which there has to be a runtime wherever the bus is dropped.
impl Drop for PgBus {
    fn drop(&mut self) {
        if let Ear::Open(line) = std::mem::replace(self.ear.get_mut(), Ear::Closed) {
            let runtime = line.runtime.clone();
            let _inside = runtime.enter();
            drop(line);
        }
    }
}

impl fmt::Debug for PgBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgBus").field("silence", &self.silence).finish_non_exhaustive()
    }
}
