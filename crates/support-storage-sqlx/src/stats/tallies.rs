//! Counters of what happened.

use crate::archive::behind_key;
use crate::{
    error::Error,
    row::{Fields, Row},
    session::Session,
    value::{Value, values},
};
use chrono::{DateTime, Utc};
use std::{collections::BTreeMap, sync::LazyLock};
use support_core::{
    domain::stats::{Range, Tally, TallyEntry, TallyKind, TallyScope},
    ports::spans::{Part, not_before, parts},
};

/// What stands for a quarter of an hour, whatever moment it begins at.
pub(super) const QUARTER: i64 = 900_000;

/// The counters' names stand in the domain alone; every statement is made of them.
pub(super) static NAMES: LazyLock<String> = LazyLock::new(|| Tally::NAMES.join(", "));

/// The counters of one scope, added up over each stretch between two edges.
pub(super) async fn series(
    session: &mut Session<'_>,
    scope: &TallyScope,
    edges: &[DateTime<Utc>],
) -> Result<Vec<Tally>, Error> {
    let Some(stretches) = edges.len().checked_sub(1).filter(|count| *count > 0) else { return Ok(Vec::new()) };
    let stretch = |pair: &[DateTime<Utc>]| parts(Range { from: Some(pair[0]), to: Some(pair[1]) });
    let parts = joined(edges.windows(2).flat_map(stretch));
    let key = scope.key();
    let rows = read(session, scope.kind(), Some(&key), &parts).await?;
    let bounds: Vec<i64> = edges.iter().map(|edge| not_before(*edge).timestamp_millis()).collect();
    let mut series = vec![Tally::default(); stretches];
    for row in rows {
        // Behind the last edge that is not behind it. Spans never reach over an edge: each was cut for one stretch.
        let behind = bounds.partition_point(|edge| *edge <= row.start);
        if let Some(tally) = behind.checked_sub(1).and_then(|at| series.get_mut(at)) {
            *tally += row.tally;
        }
    }
    Ok(series)
}

/// The counters of all scopes of a kind, added up over a range.
pub(super) async fn sums(
    session: &mut Session<'_>,
    kind: TallyKind,
    range: Range,
) -> Result<Vec<(TallyScope, Tally)>, Error> {
    let mut sums = BTreeMap::<String, Tally>::new();
    for row in read(session, kind, None, &parts(range)).await? {
        *sums.entry(row.key).or_default() += row.tally;
    }
    let scope = |(key, tally): (String, Tally)| match TallyScope::from_key(kind, &key) {
        Some(scope) => Ok((scope, tally)),
        None => Err(Error::Corrupt {
            table: "tallies",
            column: "scope_key",
            reason: "it is no key of its kind".to_owned(),
            id: key,
        }),
    };
    sums.into_iter().filter(|(_, tally)| !tally.is_empty()).map(scope).collect()
}

/// Parts that follow each other without a gap, made of the same spans, are one.
fn joined(parts: impl Iterator<Item = Part>) -> Vec<Part> {
    let mut open = BTreeMap::<Option<i64>, Vec<Part>>::new();
    for part in parts {
        let same = open.entry(part.span).or_default();
        match same.last_mut() {
            Some(last) if last.to == part.from => last.to = part.to,
            _ => same.push(part),
        }
    }
    open.into_values().flatten().collect()
}

struct Counted {
    key: String,
    start: i64,
    tally: Tally,
}

/// One statement, so that it sees one state of the database: a note is there or added to its tally, never both.
async fn read(
    session: &mut Session<'_>,
    kind: TallyKind,
    key: Option<&str>,
    parts: &[Part],
) -> Result<Vec<Counted>, Error> {
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let (mut selects, mut values) = (Vec::new(), Vec::new());
    let asked = if key.is_some() { " AND scope_key = ?" } else { "" };
    let noted = vec!["0"; Tally::NAMES.len()].join(", ");
    for part in parts {
        let span = part.span.unwrap_or(QUARTER);
        selects.push(format!(
            "SELECT scope_key, start, '' AS tally, {} FROM {{tallies}} \
             WHERE kind = ?{asked} AND span = ? AND start >= ? AND start < ?",
            *NAMES
        ));
        values.push(Value::from(kind.as_str()));
        values.extend(key.map(Value::from));
        values.extend(values![span, part.from, part.to]);
        selects.push(format!(
            "SELECT scope_key, quarter AS start, tally, {noted} FROM {{tally_notes}} \
             WHERE kind = ?{asked} AND quarter >= ? AND quarter < ?"
        ));
        values.push(Value::from(kind.as_str()));
        values.extend(key.map(Value::from));
        values.extend(values![part.from, part.to]);
    }
    session.rows(&selects.join(" UNION ALL "), values).await?.iter().map(decode).collect()
}

/// Kind, key and beginning of a quarter of an hour.
pub(crate) type Quarter = (String, String, i64);

/// What happened behind a quarter of an hour, in the order of kinds, keys and beginnings.
pub(crate) async fn behind(
    session: &mut Session<'_>,
    mut after: Option<Quarter>,
    limit: u32,
) -> Result<Vec<TallyEntry>, Error> {
    loop {
        let sums = sums_behind(session, after.as_ref(), limit).await?;
        // Fewer than were asked for are all; of more, only those up to the last that was asked for are whole.
        let whole = sums.len() < limit as usize;
        let page: Vec<(Quarter, Tally)> = sums.into_iter().take(limit as usize).collect();
        after = page.last().map(|(quarter, _)| quarter.clone());
        let told: Result<Vec<TallyEntry>, Error> =
            page.into_iter().filter(|(_, by)| !by.is_empty()).map(|(quarter, by)| entry(quarter, by)).collect();
        let told = told?;
        if whole || after.is_none() || !told.is_empty() {
            return Ok(told);
        }
    }
}

/// One statement, as in [`read`].
async fn sums_behind(
    session: &mut Session<'_>,
    after: Option<&Quarter>,
    limit: u32,
) -> Result<BTreeMap<Quarter, Tally>, Error> {
    let dialect = session.names.dialect;
    let after = after.map(|(kind, key, start)| values![kind, key, *start]);
    let (added, mut values) = behind_key(dialect, &["kind", "scope_key", "start"], after.clone());
    values.insert(0, QUARTER.into());
    values.push(limit.into());
    let (noted, more) = behind_key(dialect, &["kind", "scope_key", "quarter"], after);
    values.extend(more);
    let sql = format!(
        "(SELECT scope_key, start, '' AS tally, {}, kind FROM {{tallies}} WHERE span = ? AND {added} \
         ORDER BY kind, scope_key, start LIMIT ?) UNION ALL \
         (SELECT scope_key, quarter AS start, tally, {}, kind FROM {{tally_notes}} WHERE {noted})",
        *NAMES,
        vec!["0"; Tally::NAMES.len()].join(", ")
    );
    let mut sums = BTreeMap::<Quarter, Tally>::new();
    for row in session.rows(&sql, values).await? {
        let kind = Fields::tail("tallies", &row, 1).text("kind")?;
        let Counted { key, start, tally } = decode(&row)?;
        *sums.entry((kind, key, start)).or_default() += tally;
    }
    Ok(sums)
}

fn entry((kind, key, start): Quarter, by: Tally) -> Result<TallyEntry, Error> {
    let known = TallyKind::ALL.iter().find(|known| known.as_str() == kind);
    let scope = known.and_then(|kind| TallyScope::from_key(*kind, &key));
    match (scope, DateTime::from_timestamp_millis(start)) {
        (Some(scope), Some(quarter)) => Ok(TallyEntry { scope, quarter, by }),
        _ => Err(Error::Corrupt {
            table: "tallies",
            column: "scope_key",
            reason: format!("it is no key of a quarter of an hour of kind `{kind}` at {start}"),
            id: key,
        }),
    }
}

fn decode(row: &Row) -> Result<Counted, Error> {
    let mut row = Fields::new("tallies", row);
    let (key, start) = (row.text("scope_key")?, row.integer("start")?);
    let noted: String = row.text("tally")?;
    let tally = if noted.is_empty() {
        let values: Result<Vec<i64>, Error> = Tally::NAMES.iter().map(|name| row.integer(name)).collect();
        Tally::from_values(values?)
    } else {
        let values: Vec<i64> = serde_json::from_str(&noted)?;
        Tally::from_values(values)
    };
    Ok(Counted { key, start, tally })
}
