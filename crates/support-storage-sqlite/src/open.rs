//! Opening a file, and everything that is settled then.

use crate::{SqliteStore, migrations, readers::Readers, writer::Writer};
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};
use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};
use tokio::sync::oneshot;

/// The first release without a way to corrupt a database when its write-ahead log is reset.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Statements kept ready on each connection; a list has a few shapes for each kind of user.
const STATEMENTS: usize = 128;

/// How a store is opened.
///
/// ```no_run
/// # async fn open() -> Result<(), support_storage_sqlite::OpenError> {
/// use support_storage_sqlite::{SqliteOptions, Synchronous};
/// let store = SqliteOptions::new("support.db")
///     .readers(8)
///     .synchronous(Synchronous::Normal)
///     .open()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    path: PathBuf,
    readers: usize,
    busy_timeout: Duration,
    synchronous: Synchronous,
    max_bytes: Option<u64>,
}

/// When a commit counts as done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// When the disk has it: a commit that was answered survives a power cut.
    #[default]
    Full,
    /// When the operating system has it: it survives a crash of the process, and a power cut may take the last ones.
    Normal,
}

/// Why a file was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// `SQLite` is older than 3.51.3, which can corrupt a database when its write-ahead log is reset.
    #[error("SQLite {0} can corrupt the database; 3.51.3 is the oldest that is safe")]
    OldSqlite(String),
    /// The database has tables, or the mark, of another application. To share it, call [`migrate`](crate::migrate) first.
    #[error("the database belongs to another application (application_id {application_id})")]
    Foreign {
        /// What its header says; 0 where it says nothing.
        application_id: i32,
    },
    /// A newer program has been here.
    #[error("the schema has version {found}, this program knows {known}")]
    TooNew {
        /// The version of the file.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// Not an `SQLite` database.
    #[error("the file is not a database")]
    NotADatabase,
    /// The file cannot have a write-ahead log, as in memory and on some network drives.
    #[error("the database cannot use a write-ahead log, only `{0}`")]
    NoWal(String),
    /// It cannot be read, written or locked.
    #[error("the file cannot be used: {0}")]
    Io(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Anything else that `SQLite` refuses.
    #[error(transparent)]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase,
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure,
            ) => Self::Io(error.into()),
            _ => match error {
                // Its text would be the whole of a migration.
                rusqlite::Error::SqlInputError { error, msg, .. } => {
                    Self::Sqlite(rusqlite::Error::SqliteFailure(error, Some(msg)))
                }
                error => Self::Sqlite(error),
            },
        }
    }
}

impl SqliteOptions {
    /// The file at `path`, with four readers, full durability and five seconds of patience with other processes.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            readers: 4,
            busy_timeout: Duration::from_secs(5),
            synchronous: Synchronous::Full,
            max_bytes: None,
        }
    }

    /// How many connections read, at least one. As many as the threads that call the store is enough.
    #[must_use]
    pub fn readers(mut self, count: usize) -> Self {
        self.readers = count.max(1);
        self
    }

    /// How long to wait for a lock that another process holds.
    #[must_use]
    pub fn busy_timeout(mut self, patience: Duration) -> Self {
        self.busy_timeout = patience;
        self
    }

    /// When a commit counts as done.
    #[must_use]
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// How large the file may grow. Beyond it, commits are [`StoreError::Full`](support_core::ports::StoreError::Full).
    #[must_use]
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Opens the file, which is created where it is missing, and starts the thread that writes.
    ///
    /// # Errors
    /// See [`OpenError`]. The file is as it was then.
    pub async fn open(self) -> Result<SqliteStore, OpenError> {
        let gone = |error: Box<dyn std::error::Error + Send + Sync>| OpenError::Io(error);
        let (writer, jobs) = Writer::new();
        let (opened, opening) = oneshot::channel();
        // The disk is first touched on the thread that writes, so that opening blocks no executor.
        let work = move || {
            let (conn, readers) = match self.connect() {
                Ok((conn, readers)) => (conn, Ok(readers)),
                Err(error) => {
                    let _ = opened.send(Err(error));
                    return;
                }
            };
            if opened.send(readers).is_ok() {
                jobs.serve(&conn);
            }
        };
        thread::Builder::new().name("support-sqlite".to_owned()).spawn(work).map_err(|error| gone(error.into()))?;
        let readers = opening.await.map_err(|error| gone(error.into()))??;
        Ok(SqliteStore { readers, writer })
    }

    fn connect(&self) -> Result<(Connection, Readers), OpenError> {
        check_version(rusqlite::version_number())?;
        let writer = self.writing()?;
        let readers: Result<Vec<_>, _> = (0..self.readers).map(|_| self.reading()).collect();
        Ok((writer, Readers::new(readers?)))
    }

    fn writing(&self) -> Result<Connection, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        make_private(&self.path);
        let mut conn = Connection::open_with_flags(&self.path, flags)?;
        conn.busy_timeout(self.busy_timeout)?;
        // What is deleted is overwritten, because it may be somebody's; what an upgrade drops, too.
        conn.execute_batch("PRAGMA secure_delete = ON")?;
        // Before the mode of the journal, which stays with the file: a foreign file must be left as it was.
        migrations::claim(&mut conn)?;
        let journal = self.write_ahead(&conn)?;
        if journal != "wal" {
            return Err(OpenError::NoWal(journal));
        }
        conn.execute_batch(match self.synchronous {
            Synchronous::Full => "PRAGMA synchronous = FULL",
            Synchronous::Normal => "PRAGMA synchronous = NORMAL",
        })?;
        // Memory is bounded, and so is what stays of the log when no reader holds it.
        conn.execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 67108864;",
        )?;
        // A group of 64 fills some 700 pages of the log, so the default of 1,000 would copy the same hot pages back to the
        // file, and sync it, at every other commit. 4,000 pages are 16 MiB.
        conn.execute_batch("PRAGMA wal_autocheckpoint = 4000")?;
        if let Some(bytes) = self.max_bytes {
            let page: u64 = conn.pragma_query_value(None, "page_size", |row| row.get::<_, u32>(0).map(u64::from))?;
            let pages = i64::try_from((bytes / page).max(1)).unwrap_or(i64::MAX);
            conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        }
        keep_statements(&conn)?;
        Ok(conn)
    }

    /// Asks for a write-ahead log, and answers which journal the file has. `SQLite` reads here before it writes, and so does
    /// not wait for others who open the same new file; whoever is not first finds the log made.
    fn write_ahead(&self, conn: &Connection) -> Result<String, rusqlite::Error> {
        const PAUSE: Duration = Duration::from_millis(5);
        let mut patience = self.busy_timeout;
        loop {
            let journal = conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0));
            let busy = journal.as_ref().is_err_and(|error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy));
            if !busy || patience.is_zero() {
                return journal;
            }
            thread::sleep(PAUSE);
            patience = patience.saturating_sub(PAUSE);
        }
    }

    fn reading(&self) -> Result<Connection, OpenError> {
        // Not read-only: a reader may have to make the shared memory of the log.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&self.path, flags)?;
        conn.busy_timeout(self.busy_timeout)?;
        conn.execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2048;")?;
        keep_statements(&conn)?;
        Ok(conn)
    }
}

/// Makes a file that is not there yet, for the owner's eyes alone: SQLite would make it for everybody's, and it gives its
/// log the same rights. Where this fails, opening will say why.
#[cfg(unix)]
fn make_private(path: &std::path::Path) {
    use std::os::unix::fs::OpenOptionsExt as _;
    drop(std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path));
}

#[cfg(not(unix))]
fn make_private(_: &std::path::Path) {}

/// Prepares each statement once. SQLite is built to plan again whenever a bound value of a range changes, which costs more
/// than most reads here (measured on 2026-11-20: 17 µs instead of 4 for a thread of two messages); every list names its index.
fn keep_statements(conn: &Connection) -> Result<(), OpenError> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

/// Refuses an `SQLite` that is not safe.
pub(crate) fn check_version(found: i32) -> Result<(), OpenError> {
    if found >= OLDEST_SQLITE {
        return Ok(());
    }
    let (major, minor, patch) = (found / 1_000_000, found / 1_000 % 1_000, found % 1_000);
    Err(OpenError::OldSqlite(format!("{major}.{minor}.{patch}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sqlite_that_can_corrupt_is_refused_by_its_version() {
        for safe in [3_051_003, 3_052_000, 4_000_000] {
            assert!(check_version(safe).is_ok(), "{safe}");
        }
        for (unsafe_one, name) in [(3_051_002, "3.51.2"), (3_050_010, "3.50.10")] {
            let refused = check_version(unsafe_one).unwrap_err();
            assert!(matches!(refused, OpenError::OldSqlite(found) if found == name));
        }
    }
}
