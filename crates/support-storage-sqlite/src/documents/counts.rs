//! How many documents stand on a list.

use crate::{
    error::Error,
    row::{Fields, count, one, text},
};
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;
use support_core::domain::document::DocumentKind;

/// Takes a kind, a name and a number of rows.
pub(crate) const FROM: &str =
    "SELECT list, n FROM support_document_counts WHERE kind = ?1 AND list >= ?2 ORDER BY list LIMIT ?3";
pub(crate) const ON: &str = "SELECT list, n FROM support_document_counts WHERE kind = ?1 AND list = ?2";

const ENTER: &str = "INSERT INTO support_document_counts (kind, list, n) VALUES (?1, ?2, ?3) \
     ON CONFLICT DO UPDATE SET n = n + excluded.n";
pub(crate) const LEAVE_LAST: &str = "DELETE FROM support_document_counts WHERE kind = ?1 AND list = ?2 AND n <= ?3";
pub(crate) const LEAVE: &str = "UPDATE support_document_counts SET n = n - ?3 WHERE kind = ?1 AND list = ?2";

/// Counts so many documents more on lists, or fewer where below zero.
pub(crate) fn add(conn: &Connection, lists: &BTreeMap<(DocumentKind, String), i64>) -> Result<(), Error> {
    let run =
        |sql, kind: DocumentKind, list: &str, n| conn.prepare_cached(sql)?.execute(params![kind.as_str(), list, n]);
    for ((kind, list), by) in lists {
        if *by > 0 {
            run(ENTER, *kind, list, *by)?;
        } else if *by < 0 && run(LEAVE_LAST, *kind, list, -by)? == 0 {
            run(LEAVE, *kind, list, -by)?;
        }
    }
    Ok(())
}

/// Lists whose names begin with `prefix`, in the order of bytes: they stand one behind the other.
pub(super) fn beginning_with(
    conn: &Connection,
    kind: DocumentKind,
    prefix: &str,
    limit: u32,
) -> Result<Vec<(String, u64)>, Error> {
    let mut statement = conn.prepare_cached(FROM)?;
    let mut rows = statement.query(params![kind.as_str(), prefix, limit])?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        let (list, n) = decode(row)?;
        if !list.starts_with(prefix) {
            break;
        }
        counts.push((list, n));
    }
    Ok(counts)
}

pub(super) fn on(conn: &Connection, kind: DocumentKind, lists: &[String]) -> Result<Vec<u64>, Error> {
    let snapshot = conn.unchecked_transaction()?;
    let counts =
        lists.iter().map(|list| Ok(one(conn, ON, params![kind.as_str(), list], decode)?.map_or(0, |(_, n)| n)));
    let counts: Result<Vec<u64>, Error> = counts.collect();
    snapshot.finish()?;
    counts
}

fn decode(row: &Row<'_>) -> Result<(String, u64), Error> {
    let mut row = Fields::new("support_document_counts", row);
    Ok((row.read("list", text)?, row.read("n", count)?))
}
