//! Counters of what happened.

use crate::{
    error::Error,
    row::{Fields, Reason, all, integer, text, time, word},
};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params, params_from_iter, types::Value};
use std::{collections::BTreeMap, sync::LazyLock};
use support_core::{
    domain::stats::{Range, Tally, TallyEntry, TallyKind, TallyScope},
    ports::spans::{DAY, LONG, Part, parts, start},
};

/// What stands for a quarter of an hour, whatever moment it begins at.
const QUARTER: i64 = 900_000;

/// The counters' names stand in the domain alone; every statement is made of them.
static NAMES: LazyLock<String> = LazyLock::new(|| Tally::NAMES.join(", "));
static ADD: LazyLock<String> = LazyLock::new(|| {
    let marks = vec!["?"; Tally::NAMES.len()].join(", ");
    let sums: Vec<String> = Tally::NAMES.iter().map(|name| format!("{name} = {name} + excluded.{name}")).collect();
    format!(
        "INSERT INTO support_tallies (kind, key, span, start, {}) VALUES (?, ?, ?, ?, {marks}) \
         ON CONFLICT DO UPDATE SET {}",
        *NAMES,
        sums.join(", ")
    )
});
pub(crate) static SERIES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT key, {} FROM support_tallies \
         WHERE kind = ?1 AND key = ?2 AND span = ?3 AND start >= ?4 AND start < ?5 ORDER BY start",
        *NAMES
    )
});
/// Anything happened that was not taken back.
static TOLD: LazyLock<String> = LazyLock::new(|| {
    let told: Vec<String> = Tally::NAMES.iter().map(|name| format!("{name} <> 0")).collect();
    // Without the sign, SQLite would take the span for settled, and sort what stands in order behind it.
    format!("+span = {QUARTER} AND ({})", told.join(" OR "))
});
/// How many quarters of an hour there are in which anything happened.
pub(crate) static COUNT: LazyLock<String> =
    LazyLock::new(|| format!("SELECT count(*) FROM support_tallies WHERE {}", *TOLD));
/// Take a number of rows, and kind, key and beginning of the one before.
pub(crate) static FIRST: LazyLock<String> = LazyLock::new(|| told(""));
pub(crate) static BEHIND: LazyLock<String> =
    LazyLock::new(|| told(&format!("AND (kind, key, span, start) > (?2, ?3, {QUARTER}, ?4)")));
/// The next key of a family: an index can jump from one to the next, which `DISTINCT` does not.
pub(crate) const NEXT_KEY: &str = "SELECT key FROM support_tallies WHERE kind = ?1 AND key > ?2 ORDER BY key LIMIT 1";
pub(crate) const FIRST_KEY: &str = "SELECT key FROM support_tallies WHERE kind = ?1 ORDER BY key LIMIT 1";

fn told(condition: &str) -> String {
    format!(
        "SELECT key, {}, kind, start FROM support_tallies WHERE {} {condition} \
         ORDER BY kind, key, span, start LIMIT ?1",
        *NAMES, *TOLD
    )
}

/// What happened behind a kind, a key and a quarter of an hour, in their order.
pub(crate) fn behind(
    conn: &Connection,
    after: Option<&(String, String, i64)>,
    limit: u32,
) -> Result<Vec<TallyEntry>, Error> {
    let entry = |row: &Row<'_>| {
        let mut tail = Fields::tail("support_tallies", row, 2);
        let kind = tail.read("kind", word(TallyKind::ALL, TallyKind::as_str))?;
        let quarter = tail.read("start", time)?;
        let scope = Fields::new("support_tallies", row).read("key", |value| scope(kind, &text::<String>(value)?))?;
        Ok(TallyEntry { scope, quarter, by: decode(row)? })
    };
    match after {
        None => all(conn, &FIRST, [limit], entry),
        Some((kind, key, start)) => all(conn, &BEHIND, params![limit, kind, key, start], entry),
    }
}

fn scope(kind: TallyKind, key: &str) -> Result<TallyScope, Reason> {
    TallyScope::from_key(kind, key).ok_or_else(|| format!("`{key}` is no key of its kind"))
}

/// Adds to the counters of quarters of an hour, and of the longer spans that hold them.
pub(super) fn add(conn: &Connection, quarters: &BTreeMap<(TallyScope, i64), Tally>) -> Result<(), Error> {
    let mut rows = BTreeMap::<_, Tally>::new();
    for ((scope, at), by) in quarters {
        for (span, start) in [(QUARTER, *at), (DAY, start(*at, DAY)), (LONG, start(*at, LONG))] {
            *rows.entry((scope, span, start)).or_default() += *by;
        }
    }
    for ((scope, span, start), by) in rows.into_iter().filter(|(_, by)| !by.is_empty()) {
        let head = [scope.kind().as_str().to_owned().into(), scope.key().into(), span.into(), start.into()];
        let values = head.into_iter().chain(by.values().into_iter().map(Value::from));
        conn.prepare_cached(&ADD)?.execute(params_from_iter(values))?;
    }
    Ok(())
}

pub(super) fn series(conn: &Connection, scope: &TallyScope, edges: &[DateTime<Utc>]) -> Result<Vec<Tally>, Error> {
    let snapshot = conn.unchecked_transaction()?;
    let (kind, key) = (scope.kind(), scope.key());
    let stretch =
        |pair: &[DateTime<Utc>]| sum(conn, kind, &key, &parts(Range { from: Some(pair[0]), to: Some(pair[1]) }));
    let series = edges.windows(2).map(stretch).collect();
    snapshot.finish()?;
    series
}

/// The counters of one scope, added up over the parts of a range.
fn sum(conn: &Connection, kind: TallyKind, key: &str, parts: &[Part]) -> Result<Tally, Error> {
    let mut sum = Tally::default();
    for part in parts {
        let span = part.span.unwrap_or(QUARTER);
        for tally in all(conn, &SERIES, params![kind.as_str(), key, span, part.from, part.to], decode)? {
            sum += tally;
        }
    }
    Ok(sum)
}

pub(super) fn sums(conn: &Connection, kind: TallyKind, range: Range) -> Result<Vec<(TallyScope, Tally)>, Error> {
    let snapshot = conn.unchecked_transaction()?;
    let parts = parts(range);
    let mut sums = Vec::new();
    let mut last: Option<String> = None;
    while let Some((key, scope)) = next(conn, kind, last.as_deref())? {
        let sum = sum(conn, kind, &key, &parts)?;
        if !sum.is_empty() {
            sums.push((scope, sum));
        }
        last = Some(key);
    }
    snapshot.finish()?;
    Ok(sums)
}

fn next(conn: &Connection, kind: TallyKind, last: Option<&str>) -> Result<Option<(String, TallyScope)>, Error> {
    let decode = |row: &Row<'_>| {
        let mut row = Fields::new("support_tallies", row);
        row.read("key", |value| {
            let key: String = text(value)?;
            let scope = scope(kind, &key)?;
            Ok((key, scope))
        })
    };
    match last {
        None => crate::row::one(conn, FIRST_KEY, params![kind.as_str()], decode),
        Some(last) => crate::row::one(conn, NEXT_KEY, params![kind.as_str(), last], decode),
    }
}

fn decode(row: &Row<'_>) -> Result<Tally, Error> {
    let mut row = Fields::new("support_tallies", row);
    row.read("key", |_| Ok(()))?;
    let values: Result<Vec<i64>, Error> = Tally::NAMES.iter().map(|name| row.read(name, integer)).collect();
    Ok(Tally::from_values(values?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_the_counters() {
        let mut conn = Connection::open_in_memory().unwrap();
        crate::migrate(&mut conn).unwrap();
        let sql = "SELECT name FROM pragma_table_info('support_tallies') WHERE pk = 0 ORDER BY cid";
        let columns = all(&conn, sql, [], |row| Ok(row.get::<_, String>(0)?)).unwrap();
        assert_eq!(columns, Tally::NAMES);
    }
}
