//! Counters for ticket numbers.

use crate::{
    SqliteStore,
    error::Error,
    row::{Fields, count},
};
use async_trait::async_trait;
use rusqlite::{Connection, params};
use support_core::ports::{StoreError, numbers::NumberStore};

#[async_trait]
impl NumberStore for SqliteStore {
    async fn reserve_numbers(&self, series: &str, count: u32) -> Result<u64, StoreError> {
        let series = series.to_owned();
        self.writer.run(move |conn| reserve(conn, &series, count)).await
    }
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
