//! Connections that are kept open.

use crate::{
    error::{Error, Kind},
    names::{Dialect, Names},
    session::{Link, Session},
};
use deadpool::{
    Runtime,
    managed::{self, Metrics, Object, RecycleError, RecycleResult},
};
#[cfg(feature = "mysql")]
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
#[cfg(feature = "postgres")]
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};
use std::{sync::Arc, time::Duration};

/// How long a connection may stand idle before it is asked whether it is still there. A network forgets connections that
/// say nothing for some minutes.
const IDLE: Duration = Duration::from_secs(30);

/// Where a server is, and as whom to talk to it.
#[derive(Debug, Clone)]
pub(crate) enum Address {
    #[cfg(feature = "postgres")]
    Postgres(PgConnectOptions),
    #[cfg(feature = "mysql")]
    MySql(MySqlConnectOptions),
}

impl Address {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Dialect::Postgres,
            #[cfg(feature = "mysql")]
            Self::MySql(_) => Dialect::MySql,
        }
    }
}

/// How connections are made and used.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(crate) address: Address,
    /// Run on each new connection.
    pub(crate) greeting: Vec<String>,
    /// The most connections.
    pub(crate) most: usize,
    /// How long a caller waits for a connection.
    pub(crate) wait: Duration,
    /// How long a statement may take.
    pub(crate) statement: Duration,
}

/// A connection of either kind. One whose use was broken off is not used again: what the server still says would be taken
/// for the answer to the next question.
pub(crate) struct Connection {
    raw: Raw,
    broken_off: bool,
}

enum Raw {
    #[cfg(feature = "postgres")]
    Postgres(PgConnection),
    #[cfg(feature = "mysql")]
    MySql(MySqlConnection),
}

impl Connection {
    pub(crate) async fn open(terms: &Terms) -> Result<Self, sqlx::Error> {
        let mut raw = match &terms.address {
            #[cfg(feature = "postgres")]
            Address::Postgres(options) => Raw::Postgres(options.connect().await?),
            #[cfg(feature = "mysql")]
            Address::MySql(options) => Raw::MySql(options.connect().await?),
        };
        for sql in &terms.greeting {
            let sql = sqlx::raw_sql(AssertSqlSafe(sql.clone()));
            match &mut raw {
                #[cfg(feature = "postgres")]
                Raw::Postgres(link) => link.execute(sql).await.map(drop)?,
                #[cfg(feature = "mysql")]
                Raw::MySql(link) => link.execute(sql).await.map(drop)?,
            }
        }
        Ok(Self { raw, broken_off: false })
    }

    pub(crate) fn session<'c>(&'c mut self, names: &'c Names, patience: Duration) -> Session<'c> {
        let link = match &mut self.raw {
            #[cfg(feature = "postgres")]
            Raw::Postgres(link) => Link::Postgres(link),
            #[cfg(feature = "mysql")]
            Raw::MySql(link) => Link::MySql(link),
        };
        Session::new(link, names, patience)
    }

    async fn ping(&mut self) -> Result<(), sqlx::Error> {
        match &mut self.raw {
            #[cfg(feature = "postgres")]
            Raw::Postgres(link) => link.ping().await,
            #[cfg(feature = "mysql")]
            Raw::MySql(link) => link.ping().await,
        }
    }
}

struct Maker(Terms);

impl managed::Manager for Maker {
    type Type = Connection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Connection, sqlx::Error> {
        Connection::open(&self.0).await
    }

    async fn recycle(&self, connection: &mut Connection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if connection.broken_off {
            return Err(RecycleError::message("its last use was broken off"));
        }
        if metrics.last_used() > IDLE {
            connection.ping().await?;
        }
        Ok(())
    }
}

/// Connections to one server. Clones share them.
#[derive(Clone)]
pub(crate) struct Pool {
    connections: managed::Pool<Maker>,
    names: Arc<Names>,
    statement: Duration,
}

impl Pool {
    pub(crate) fn new(terms: Terms, names: Arc<Names>) -> Result<Self, String> {
        let (most, wait, statement) = (terms.most, terms.wait, terms.statement);
        let connections = managed::Pool::builder(Maker(terms))
            .max_size(most)
            .wait_timeout(Some(wait))
            .create_timeout(Some(wait))
            .recycle_timeout(Some(wait))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { connections, names, statement })
    }

    /// A connection, once one is free.
    pub(crate) async fn take(&self) -> Result<Taken, Error> {
        let taken = self.connections.get().await;
        let mut connection = taken.map_err(|error| match error {
            managed::PoolError::Backend(error) => Error::Sql(error),
            managed::PoolError::Timeout(_) => Error::Late("no connection became free in time"),
            managed::PoolError::Closed => Error::Late("the pool is closed"),
            managed::PoolError::NoRuntimeSpecified | managed::PoolError::PostCreateHook(_) => Error::Interrupted,
        })?;
        // Whoever gives up half-way leaves the mark behind.
        connection.broken_off = true;
        Ok(Taken { connection, names: Arc::clone(&self.names), statement: self.statement })
    }

    /// Whether a connection was lost. Then those that lie idle are lost too, most likely: the server was restarted.
    pub(crate) fn is_lost(&self, error: &Error) -> bool {
        let lost = matches!(error, Error::Sql(sqlx::Error::Io(_) | sqlx::Error::Protocol(_)))
            || matches!(error, Error::Sql(sqlx::Error::Database(_)) if error.kind() == Kind::Away);
        if lost {
            self.connections.retain(|_, _| false);
        }
        lost
    }

    /// Whether a read that met this may go better on another connection, or a moment later.
    pub(crate) fn may_go_better(&self, error: &Error) -> bool {
        self.is_lost(error) || error.kind() == Kind::Collision
    }

    /// How long a statement may take.
    pub(crate) fn patience(&self) -> Duration {
        self.statement
    }

    /// Where the server is.
    #[cfg(feature = "postgres")]
    pub(crate) fn address(&self) -> &Address {
        &self.connections.manager().0.address
    }

    /// How long a caller waits for a connection.
    #[cfg(feature = "postgres")]
    pub(crate) fn wait(&self) -> Duration {
        self.connections.manager().0.wait
    }

    /// How many connections are open.
    pub(crate) fn size(&self) -> usize {
        self.connections.status().size
    }
}

/// A connection that is somebody's for now.
pub(crate) struct Taken {
    connection: Object<Maker>,
    names: Arc<Names>,
    statement: Duration,
}

impl Taken {
    pub(crate) fn session(&mut self) -> Session<'_> {
        self.connection.session(&self.names, self.statement)
    }

    /// For work that takes longer than a statement may.
    pub(crate) fn patient_session(&mut self, patience: Duration) -> Session<'_> {
        self.connection.session(&self.names, patience)
    }

    /// Gives it back with what came of its use. It is closed where that was not the server's own answer.
    pub(crate) fn finish<T>(mut self, done: Result<T, Error>) -> Result<T, Error> {
        self.connection.broken_off = matches!(&done, Err(error) if !is_refusal(error));
        done
    }
}

/// Whether the server has answered, so that the connection is at the beginning of a conversation again.
fn is_refusal(error: &Error) -> bool {
    match error {
        // A refusal that ends the connection is one of these, too.
        Error::Sql(sqlx::Error::Database(_)) => error.kind() != Kind::Away,
        Error::Sql(_) | Error::Late(_) | Error::Interrupted => false,
        Error::Conflict | Error::Corrupt { .. } | Error::Unstorable(_) | Error::Json(_) => true,
    }
}
