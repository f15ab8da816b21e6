//! Counters for ticket numbers.

use crate::{
    SqliteStore,
    error::Error,
    row::{Fields, all, count, signed, text},
};
use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use support_core::ports::{StoreError, numbers::NumberStore};

#[async_trait]
impl NumberStore for SqliteStore {
    async fn reserve_numbers(&self, series: &str, count: u32) -> Result<u64, StoreError> {
        let series = series.to_owned();
        self.writer.run(move |conn| reserve(conn, &series, count)).await
    }
}

/// Take a number of rows, and the series before.
const FIRST: &str = "SELECT series, last FROM support_counters ORDER BY series LIMIT ?1";
pub(crate) const BEHIND: &str = "SELECT series, last FROM support_counters WHERE series > ?2 ORDER BY series LIMIT ?1";

/// How far the series behind this one have come, in the order of their names.
pub(crate) fn behind(conn: &Connection, after: Option<&str>, limit: u32) -> Result<Vec<(String, u64)>, Error> {
    let decode = |row: &Row<'_>| {
        let mut row = Fields::new("support_counters", row);
        Ok((row.read("series", text)?, row.read("last", count)?))
    };
    match after {
        None => all(conn, FIRST, [limit], decode),
        Some(after) => all(conn, BEHIND, params![limit, after], decode),
    }
}

/// Sees to it that a series has come as far as that.
pub(crate) fn raise(conn: &Connection, series: &str, last: u64) -> Result<(), Error> {
    conn.prepare_cached(
        "INSERT INTO support_counters (series, last) VALUES (?1, ?2) \
         ON CONFLICT (series) DO UPDATE SET last = max(last, excluded.last)",
    )?
    .execute(params![series, signed(last)?])?;
    Ok(())
}

fn reserve(conn: &Connection, series: &str, wanted: u32) -> Result<u64, Error> {
    let mut statement = conn.prepare_cached(
        "INSERT INTO support_counters (series, last) VALUES (?1, ?2) \
         ON CONFLICT (series) DO UPDATE SET last = last + excluded.last RETURNING series, last",
    )?;
    let mut rows = statement.query(params![series, wanted])?;
    let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let mut row = Fields::new("support_counters", row);
    row.read("series", |_| Ok(()))?;
    let last: u64 = row.read("last", count)?;
    // Every row grew from nothing by what was taken, so the sum is never below its last part.
    Ok(last.saturating_sub(u64::from(wanted)) + 1)
}
