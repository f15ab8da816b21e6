//! Reaching a server, and everything that is settled then.

use crate::{
    SqlxStore,
    error::Error,
    migrations::{self, MigrationFile, NEWEST, TABLES},
    names::{Dialect, Names},
    pool::{Address, Connection, Pool, Terms},
    replica::Replica,
    row::Fields,
    session::Session,
};
use std::{sync::Arc, time::Duration};

/// Which server, for files that are run by others. See [`SqlxOptions::migration_files`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Server {
    /// `PostgreSQL`, from version 13.
    #[cfg(feature = "postgres")]
    Postgres,
    /// `MySQL`, from version 8.0.17.
    #[cfg(feature = "mysql")]
    MySql,
    /// `MariaDB`, from version 10.6.
    #[cfg(feature = "mysql")]
    MariaDb,
}

/// How a store is opened.
///
/// ```no_run
/// # async fn open() -> Result<(), support_storage_sqlx::OpenError> {
/// use support_storage_sqlx::SqlxOptions;
/// let store = SqlxOptions::new("postgres://desk@db.example.org/shop")
///     .schema("helpdesk")
///     .connections(32)
///     .open()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqlxOptions {
    url: String,
    replica: Option<String>,
    replica_lag: Duration,
    schema: Option<String>,
    prefix: String,
    connections: usize,
    acquire_timeout: Duration,
    statement_timeout: Duration,
    on_connect: Vec<String>,
    migrate: bool,
}

/// Why a store was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is none, or its scheme is that of no database whose feature is on.
    #[error("the URL of the database cannot be used: {0}")]
    Url(String),
    /// A schema or prefix that cannot be the name of one.
    #[error("{0}")]
    Name(String),
    /// The server lacks something that the desk needs.
    #[error("the server is {found}; {oldest} is the oldest that is served")]
    OldServer {
        /// What it says it is.
        found: String,
        /// The oldest that is served.
        oldest: &'static str,
    },
    /// A table of somebody else has a name of ours. Choose another schema or prefix.
    #[error("the table {table} is there already and not a help desk's; choose another schema or prefix")]
    Foreign {
        /// Which.
        table: String,
    },
    /// A newer program has been here.
    #[error("the schema has version {found}, this program knows {known}")]
    TooNew {
        /// The version of the tables.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// The tables are not there, or not up to date, and this program was told to leave that to others.
    #[error("the schema has version {found}, this program needs {known}; run the migrations first")]
    Outdated {
        /// The version of the tables; 0 where there are none.
        found: u32,
        /// The version that this program needs.
        known: u32,
    },
    /// Somebody else has been bringing the tables up to date for a minute.
    #[error("another program is bringing the schema up to date")]
    Busy,
    /// The user may not do what the desk has to do.
    #[error("the database user lacks a right: {0}")]
    Forbidden(String),
    /// It cannot be reached, or does not answer.
    #[error("the server cannot be reached: {0}")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Anything else that the server refuses.
    #[error("the server refused: {0}")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        use crate::error::Kind;
        if let Error::Sql(sqlx::Error::Database(database)) = &error {
            // Insufficient privilege; access denied to a database, a table, a column, a command.
            let forbidden = match database.code().as_deref() {
                Some("42501" | "42000" | "28000" | "28P01" | "HY000") => is_forbidden(database.as_ref()),
                _ => false,
            };
            if forbidden {
                return Self::Forbidden(database.message().to_owned());
            }
        }
        match error.kind() {
            Kind::Away | Kind::Late | Kind::Collision => Self::Unreachable(Box::new(error)),
            _ => Self::Refused(Box::new(error)),
        }
    }
}

fn is_forbidden(error: &dyn sqlx::error::DatabaseError) -> bool {
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return matches!(error.number(), 1044 | 1045 | 1142 | 1143 | 1227 | 1370 | 1698);
    }
    matches!(error.code().as_deref(), Some("42501" | "28000" | "28P01"))
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Error::Sql(error).into()
    }
}

impl SqlxOptions {
    /// The database at `url`, which begins with `postgres://`, `mysql://` or `mariadb://`: 16 connections, tables that
    /// begin with `support_`, five seconds of patience for a connection and ten for a statement.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            replica: None,
            replica_lag: Duration::from_secs(2),
            schema: None,
            prefix: "support_".to_owned(),
            connections: 16,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            on_connect: Vec::new(),
            migrate: true,
        }
    }

    /// The schema that the tables stand in, made where it is missing; what `MySQL` calls a database. The connection's own
    /// where none is named.
    #[must_use]
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = Some(name.into());
        self
    }

    /// What the names of all tables begin with, so that one schema can hold several desks.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The most connections that are open at once, at least one; as many again to the replica.
    #[must_use]
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = most.max(1);
        self
    }

    /// How long to wait for a connection.
    #[must_use]
    pub fn acquire_timeout(mut self, patience: Duration) -> Self {
        self.acquire_timeout = patience;
        self
    }

    /// How long a statement may take. The server breaks off what takes longer.
    #[must_use]
    pub fn statement_timeout(mut self, patience: Duration) -> Self {
        self.statement_timeout = patience;
        self
    }

    /// A statement that is run on each new connection, such as a `SET` of the host's.
    #[must_use]
    pub fn on_connect(mut self, sql: impl Into<String>) -> Self {
        self.on_connect.push(sql.into());
        self
    }

    /// Leaves the tables as they are: the host brings them up to date with [`SqlxOptions::migrate`], or runs the
    /// [files](SqlxOptions::migration_files) itself. Opening fails where that was forgotten.
    #[must_use]
    pub fn without_migrations(mut self) -> Self {
        self.migrate = false;
        self
    }

    /// A server that follows the first one, from which lists, searches and figures are read.
    #[must_use]
    pub fn replica(mut self, url: impl Into<String>) -> Self {
        self.replica = Some(url.into());
        self
    }

    /// How far the follower may be behind. For so long after a write through this store its author reads from the first
    /// server; two seconds where nothing else is said.
    #[must_use]
    pub fn replica_lag(mut self, lag: Duration) -> Self {
        self.replica_lag = lag;
        self
    }

    /// Reaches the server, and brings the tables up to date.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(self) -> Result<SqlxStore, OpenError> {
        let (address, mut names) = (Self::address(&self.url)?, self.names()?);
        let mut first = self.connect(&address).await?;
        {
            let mut session = first.session(&names, PATIENCE);
            names = check_server(&mut session, names.clone()).await?;
        }
        let mut session = first.session(&names, PATIENCE);
        if self.migrate {
            migrations::migrate(&mut session).await?;
        }
        check_tables(&mut session).await?;
        let names = Arc::new(names);
        let primary = self.pool(address, &names)?;
        let replica = self.replica.as_deref().map(|url| self.follow(url, &names)).transpose()?;
        Ok(SqlxStore::new(primary, replica, names))
    }

    /// Brings the tables up to date, and opens nothing: a step of a deployment.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn migrate(&self) -> Result<(), OpenError> {
        let (address, names) = (Self::address(&self.url)?, self.names()?);
        let mut first = self.connect(&address).await?;
        let names = check_server(&mut first.session(&names, PATIENCE), names.clone()).await?;
        migrations::migrate(&mut first.session(&names, PATIENCE)).await
    }

    /// The steps of the schema as files, with schema and prefix written out, for hosts that run their own migrations. Each
    /// is run once, in the order of the names.
    ///
    /// # Errors
    /// [`OpenError::Name`].
    pub fn migration_files(&self, server: Server) -> Result<Vec<MigrationFile>, OpenError> {
        let (dialect, collation) = match server {
            #[cfg(feature = "postgres")]
            Server::Postgres => (Dialect::Postgres, ""),
            #[cfg(feature = "mysql")]
            Server::MySql => (Dialect::MySql, MYSQL_COLLATION),
            #[cfg(feature = "mysql")]
            Server::MariaDb => (Dialect::MySql, MARIADB_COLLATION),
        };
        let names = Names::new(dialect, self.schema.clone(), self.prefix.clone()).map_err(OpenError::Name)?;
        Ok(migrations::files(&Names { collation, ..names }))
    }

    /// Connections to a follower. It is reached when somebody first reads from it: without it, the first server is asked.
    fn follow(&self, url: &str, names: &Arc<Names>) -> Result<Replica, OpenError> {
        let address = Self::address(url)?;
        if address.dialect() != names.dialect {
            return Err(OpenError::Url("the replica is another kind of server".to_owned()));
        }
        Ok(Replica::new(self.pool(address, names)?, self.replica_lag))
    }

    fn names(&self) -> Result<Names, OpenError> {
        let dialect = Self::address(&self.url)?.dialect();
        Names::new(dialect, self.schema.clone(), self.prefix.clone()).map_err(OpenError::Name)
    }

    fn address(url: &str) -> Result<Address, OpenError> {
        let scheme = url.split(':').next().unwrap_or_default();
        // The text of a URL may hold a password, and so may what is said about it.
        let refuse = |_| OpenError::Url(format!("it is no address of a database ({scheme})"));
        match scheme {
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => {
                let options: sqlx::postgres::PgConnectOptions = url.parse().map_err(refuse)?;
                let named = options.get_application_name().is_some();
                let options = if named { options } else { options.application_name("support-desk") };
                // A pooler that knows nothing of prepared statements is told so in the URL.
                let chosen = url.contains("statement-cache-capacity=");
                Ok(Address::Postgres(if chosen { options } else { options.statement_cache_capacity(STATEMENTS) }))
            }
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => {
                let options: sqlx::mysql::MySqlConnectOptions = url.parse().map_err(refuse)?;
                let chosen = url.contains("statement-cache-capacity=");
                Ok(Address::MySql(if chosen { options } else { options.statement_cache_capacity(STATEMENTS) }))
            }
            other => Err(OpenError::Url(format!("there is no storage for `{other}`; is its feature on?"))),
        }
    }

    /// A connection for work that may take long.
    async fn connect(&self, address: &Address) -> Result<Connection, OpenError> {
        let terms = self.terms(address.clone(), None);
        let opening = tokio::time::timeout(self.acquire_timeout, Connection::open(&terms));
        let late = |_| OpenError::Unreachable("it did not answer in time".into());
        Ok(opening.await.map_err(late)??)
    }

    fn pool(&self, address: Address, names: &Arc<Names>) -> Result<Pool, OpenError> {
        Pool::new(self.terms(address, Some(self.statement_timeout)), Arc::clone(names)).map_err(OpenError::Name)
    }

    fn terms(&self, address: Address, limit: Option<Duration>) -> Terms {
        let mut greeting = greeting(&address, limit);
        greeting.extend(self.on_connect.iter().cloned());
        Terms {
            address,
            greeting,
            most: self.connections,
            wait: self.acquire_timeout,
            statement: self.statement_timeout + Duration::from_secs(2),
        }
    }
}

/// How long a step of the schema may take: an index over all messages is one of them.
const PATIENCE: Duration = Duration::from_hours(6);

/// Statements kept ready on each connection: those of change sets have some dozens of shapes, those of lists some more.
const STATEMENTS: usize = 256;
#[cfg(feature = "mysql")]
const MYSQL_COLLATION: &str = "utf8mb4_0900_bin";
#[cfg(feature = "mysql")]
const MARIADB_COLLATION: &str = "utf8mb4_nopad_bin";

/// What is settled on a new connection: how long a statement may take, and that a value which does not fit is refused.
fn greeting(address: &Address, limit: Option<Duration>) -> Vec<String> {
    let millis = limit.map_or(0, |limit| limit.as_millis());
    match address {
        #[cfg(feature = "postgres")]
        Address::Postgres(_) => vec![format!(
            "SET statement_timeout = {millis}; SET idle_in_transaction_session_timeout = {}; \
             SET client_min_messages = warning",
            millis * 2
        )],
        #[cfg(feature = "mysql")]
        Address::MySql(_) => {
            let seconds = millis.div_ceil(1000);
            vec![
                "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'"
                    .to_owned(),
                // At the default level of InnoDB, whoever looks for a row that is not there keeps others from adding theirs.
                "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED".to_owned(),
                format!("SET SESSION innodb_lock_wait_timeout = {}", seconds.clamp(1, 600)),
                // Each server has its own name for it, and its own comments that the other passes over.
                format!(
                    "SET @support_desk = 0 /*M!100600 , SESSION max_statement_time = {seconds} */ \
                     /*!80000 , SESSION max_execution_time = {millis} */"
                ),
            ]
        }
    }
}

/// Asks the server what it is, and answers the names as it wants them.
async fn check_server(session: &mut Session<'_>, names: Names) -> Result<Names, OpenError> {
    let sql = names.dialect.choose(
        "SELECT CAST(current_setting('server_version') AS TEXT) AS version",
        "SELECT CAST(version() AS CHAR(100)) AS version",
    );
    let row = session.row(sql, Vec::new()).await?;
    let version: String = match &row {
        Some(row) => Fields::new("server", row).text("version")?,
        None => String::new(),
    };
    judge(&version, names)
}

fn judge(version: &str, names: Names) -> Result<Names, OpenError> {
    let numbers: Vec<u32> =
        version.split(|c: char| !c.is_ascii_digit()).map_while(|number| number.parse().ok()).collect();
    let old = |oldest| OpenError::OldServer { found: version.to_owned(), oldest };
    let at_least = |least: &[u32]| numbers.as_slice() >= least;
    match names.dialect {
        #[cfg(feature = "postgres")]
        Dialect::Postgres => {
            if at_least(&[13]) {
                Ok(names)
            } else {
                Err(old("PostgreSQL 13"))
            }
        }
        #[cfg(feature = "mysql")]
        Dialect::MySql if version.contains("MariaDB") => {
            if at_least(&[10, 6]) {
                Ok(Names { collation: MARIADB_COLLATION, ..names })
            } else {
                Err(old("MariaDB 10.6"))
            }
        }
        #[cfg(feature = "mysql")]
        Dialect::MySql => {
            if at_least(&[8, 0, 17]) {
                Ok(Names { collation: MYSQL_COLLATION, ..names })
            } else {
                Err(old("MySQL 8.0.17"))
            }
        }
    }
}

/// Sees that the tables are what this program needs, and that it may use them.
async fn check_tables(session: &mut Session<'_>) -> Result<(), OpenError> {
    match migrations::version(session).await? {
        Some(NEWEST) => {}
        Some(found) if found > NEWEST => return Err(OpenError::TooNew { found, known: NEWEST }),
        found => return Err(OpenError::Outdated { found: found.unwrap_or(0), known: NEWEST }),
    }
    for table in TABLES {
        // Asks for nothing but the right to do it.
        session.run(&format!("DELETE FROM {{{table}}} WHERE 1 = 0")).await?;
        session.rows(&format!("SELECT 1 FROM {{{table}}} WHERE 1 = 0"), Vec::new()).await?;
    }
    session.run("UPDATE {tickets} SET changes = changes WHERE 1 = 0").await?;
    let sql = "INSERT INTO {counters} (series, last) SELECT series, last FROM {counters} WHERE 1 = 0";
    session.run(sql).await?;
    Ok(())
}

#[cfg(all(test, feature = "postgres", feature = "mysql"))]
mod tests {
    use super::*;

    fn judged(dialect: Dialect, version: &str) -> Result<&'static str, String> {
        let names = Names::new(dialect, None, "support_".to_owned()).expect("a name");
        judge(version, names).map(|names| names.collation).map_err(|error| error.to_string())
    }

    #[test]
    fn a_server_that_is_too_old_is_refused_by_its_version() {
        for version in ["13.0", "15.18 (Debian 15.18-0+deb12u1)", "17beta1"] {
            assert!(judged(Dialect::Postgres, version).is_ok(), "{version}");
        }
        let refused = judged(Dialect::Postgres, "12.22").unwrap_err();
        assert_eq!(refused, "the server is 12.22; PostgreSQL 13 is the oldest that is served");
        assert_eq!(judged(Dialect::MySql, "8.0.36").unwrap(), "utf8mb4_0900_bin");
        assert_eq!(judged(Dialect::MySql, "10.11.14-MariaDB-0+deb12u2").unwrap(), "utf8mb4_nopad_bin");
        for version in ["5.7.44-log", "8.0.16", "10.5.29-MariaDB", ""] {
            assert!(judged(Dialect::MySql, version).is_err(), "{version}");
        }
    }

    #[test]
    fn a_url_that_is_none_is_refused_without_its_password() {
        for url in ["postgres://desk:secret@", "oracle://desk:secret@host/db", "secret"] {
            let refused = SqlxOptions::new(url).migration_address();
            assert!(!refused.contains("secret") || url == "secret", "{refused}");
        }
    }

    impl SqlxOptions {
        fn migration_address(&self) -> String {
            Self::address(&self.url).err().map(|error| error.to_string()).unwrap_or_default()
        }
    }
}
