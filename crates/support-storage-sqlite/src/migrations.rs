//! The schema, step by step.

use crate::OpenError;
use rusqlite::{Connection, TransactionBehavior};

/// In order, each with the version that it leads to. A step that was ever released is never edited.
const STEPS: [(u32, &str); 5] = [
    (1, include_str!("../migrations/0001_tickets.sql")),
    (2, include_str!("../migrations/0002_agents.sql")),
    (3, include_str!("../migrations/0003_documents.sql")),
    (4, include_str!("../migrations/0004_search.sql")),
    (5, include_str!("../migrations/0005_outbox.sql")),
];

/// The newest version that this program knows.
const NEWEST: u32 = STEPS[STEPS.len() - 1].0;

/// Stands in the header of files that this crate has made (`SuDe`), so that tools and other programs can tell.
const APPLICATION_ID: i32 = 0x5375_4465;

/// Creates the tables in a database of the host, or brings them up to date.
///
/// All names begin with `support_`, those of indexes too. The host's
/// `application_id` and `user_version` are left alone. After this, [`SqliteStore::open`](crate::SqliteStore::open) takes
/// the file too.
///
/// # Errors
/// [`OpenError::TooNew`] where a newer program has been here; [`OpenError::OldSqlite`]; `SQLite`'s own refusals, such as a
/// table of the host under one of these names. Nothing is changed then.
pub fn migrate(conn: &mut Connection) -> Result<(), OpenError> {
    crate::open::check_version(rusqlite::version_number())?;
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = version(&transaction)?.unwrap_or(0);
    if version > NEWEST {
        return Err(OpenError::TooNew { found: version, known: NEWEST });
    }
    transaction.execute_batch("CREATE TABLE IF NOT EXISTS support_schema (version INTEGER NOT NULL) STRICT")?;
    for (to, step) in STEPS.into_iter().filter(|(to, _)| *to > version) {
        transaction.execute_batch(step)?;
        transaction.execute("INSERT INTO support_schema (version) VALUES (?1)", [to])?;
    }
    transaction.commit()?;
    Ok(())
}

/// Makes an empty file ours, and brings our tables up to date. Anybody else's file is left alone.
pub(crate) fn claim(conn: &mut Connection) -> Result<(), OpenError> {
    let empty: bool = conn.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?;
    let application_id: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if empty && matches!(application_id, 0 | APPLICATION_ID) {
        conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    } else if version(conn)?.is_none() {
        return Err(OpenError::Foreign { application_id });
    }
    migrate(conn)
}

/// The version of our tables, if they are there.
fn version(conn: &Connection) -> Result<Option<u32>, rusqlite::Error> {
    // Asked in SQL, which notices what another process has just made; the library's own answer may be from a cache.
    let known: bool =
        conn.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'support_schema')", [], |row| {
            row.get(0)
        })?;
    if !known {
        return Ok(None);
    }
    conn.query_row("SELECT max(version) FROM support_schema", [], |row| row.get(0))
}
