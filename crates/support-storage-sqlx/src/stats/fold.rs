//! Adding notes up.

use super::{
    cells::{ANYBODY, category, holder},
    tallies::{NAMES, QUARTER},
};
use crate::{
    SqlxStore,
    commit::marks,
    error::Error,
    row::Fields,
    session::Session,
    value::{Value, values},
};
use std::collections::BTreeMap;
use support_core::{
    domain::stats::Tally,
    ports::{
        StoreError,
        spans::{DAY, LONG, start},
    },
};

/// Notes that are added up in one go. Statements have room for that many parameters.
const AT_ONCE: usize = 1_000;

impl SqlxStore {
    /// Adds all notes up that nobody else is at.
    pub(crate) async fn fold(&self) -> Result<(), StoreError> {
        while self.write(|session| Box::pin(fold_some(session))).await? {}
        Ok(())
    }
}

/// Adds some notes up, and answers whether there may be more.
async fn fold_some(session: &mut Session<'_>) -> Result<bool, Error> {
    // At a higher level the locks of a reader would reach to where others add their notes.
    let begin = session.names.dialect.choose(
        ["BEGIN ISOLATION LEVEL READ COMMITTED", ""],
        ["SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "BEGIN"],
    );
    for sql in begin.into_iter().filter(|sql| !sql.is_empty()) {
        session.run(sql).await?;
    }
    let done = async {
        let cells = fold_cells(session).await?;
        let tallies = fold_tallies(session).await?;
        Ok(cells.max(tallies) == AT_ONCE)
    }
    .await;
    session.run(if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    done
}

async fn fold_cells(session: &mut Session<'_>) -> Result<usize, Error> {
    let sql = format!(
        "SELECT seq, assignee_id, day, status, priority, category, n FROM {{cell_notes}} \
         ORDER BY seq LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED"
    );
    let mut cells = BTreeMap::<(String, i64, i64, String, String, String), i64>::new();
    let mut notes = Vec::new();
    for row in session.rows(&sql, Vec::new()).await? {
        let mut row = Fields::new("cell_notes", &row);
        notes.push(row.integer("seq")?);
        let (assignee, day) = (row.maybe_id("assignee_id")?, row.integer("day")?);
        let (status, priority): (String, String) = (row.text("status")?, row.text("priority")?);
        let category = category(row.maybe_text::<String>("category")?.as_deref());
        let n = row.integer("n")?;
        for holder in [ANYBODY.to_owned(), holder(assignee)] {
            for span in [DAY, LONG] {
                let key = (holder.clone(), span, start(day, span), status.clone(), priority.clone(), category.clone());
                *cells.entry(key).or_default() += n;
            }
        }
    }
    // In the order of their keys, so that two who add up wait for each other and not crosswise.
    for ((holder, span, start, status, priority, category), n) in cells.into_iter().filter(|(_, n)| *n != 0) {
        add_cell(session, values![holder, span, start, status, priority, category], n).await?;
    }
    forget(session, "cell_notes", &notes).await?;
    Ok(notes.len())
}

async fn add_cell(session: &mut Session<'_>, key: Vec<Value>, n: i64) -> Result<(), Error> {
    let add = session.names.dialect.choose(
        "INSERT INTO {cells} AS c (holder, span, start, status, priority, category, n) VALUES (?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (holder, span, start, status, priority, category) DO UPDATE SET n = c.n + excluded.n",
        "INSERT INTO {cells} (holder, span, start, status, priority, category, n) VALUES (?, ?, ?, ?, ?, ?, ?) \
         ON DUPLICATE KEY UPDATE n = n + VALUES(n)",
    );
    let mut values = key.clone();
    values.push(n.into());
    session.change(add, values).await?;
    if n < 0 {
        // Tickets pass through many cells; those that nobody stands in any more would be read for ever.
        let sql = "DELETE FROM {cells} WHERE holder = ? AND span = ? AND start = ? AND status = ? AND priority = ? \
                   AND category = ? AND n = 0";
        session.change(sql, key).await?;
    }
    Ok(())
}

async fn fold_tallies(session: &mut Session<'_>) -> Result<usize, Error> {
    let sql = format!(
        "SELECT seq, kind, scope_key, quarter, tally FROM {{tally_notes}} \
         ORDER BY seq LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED"
    );
    let mut tallies = BTreeMap::<(String, String, i64, i64), Tally>::new();
    let mut notes = Vec::new();
    for row in session.rows(&sql, Vec::new()).await? {
        let mut row = Fields::new("tally_notes", &row);
        notes.push(row.integer("seq")?);
        let (kind, key): (String, String) = (row.text("kind")?, row.text("scope_key")?);
        let quarter = row.integer("quarter")?;
        let by = Tally::from_values(row.json::<Vec<i64>>("tally")?);
        for (span, start) in [(QUARTER, quarter), (DAY, start(quarter, DAY)), (LONG, start(quarter, LONG))] {
            *tallies.entry((kind.clone(), key.clone(), span, start)).or_default() += by;
        }
    }
    for ((kind, key, span, start), by) in tallies.into_iter().filter(|(_, by)| !by.is_empty()) {
        add_tally(session, values![kind, key, span, start], by).await?;
    }
    forget(session, "tally_notes", &notes).await?;
    Ok(notes.len())
}

async fn add_tally(session: &mut Session<'_>, key: Vec<Value>, by: Tally) -> Result<(), Error> {
    let dialect = session.names.dialect;
    let sum = |name: &&str| {
        dialect.choose(format!("{name} = t.{name} + excluded.{name}"), format!("{name} = {name} + VALUES({name})"))
    };
    let sums: Vec<String> = Tally::NAMES.iter().map(sum).collect();
    let (alias, there) = dialect
        .choose((" AS t", "ON CONFLICT (kind, scope_key, span, start) DO UPDATE SET"), ("", "ON DUPLICATE KEY UPDATE"));
    let sql = format!(
        "INSERT INTO {{tallies}}{alias} (kind, scope_key, span, start, {}) VALUES ({}) {there} {}",
        *NAMES,
        marks(4 + Tally::NAMES.len()),
        sums.join(", ")
    );
    let mut values = key;
    values.extend(by.values().into_iter().map(Value::from));
    session.change(&sql, values).await.map(drop)
}

/// Takes away the notes that were read, and no others: between them may be some that were not committed yet.
async fn forget(session: &mut Session<'_>, table: &str, notes: &[i64]) -> Result<(), Error> {
    if notes.is_empty() {
        return Ok(());
    }
    let sql = format!("DELETE FROM {{{table}}} WHERE seq IN ({})", marks(notes.len()));
    session.change(&sql, notes.iter().map(|seq| Value::from(*seq)).collect()).await.map(drop)
}
