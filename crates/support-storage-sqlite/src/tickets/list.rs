//! Pages and counts of tickets.

use super::{
    assignee, pace, phase,
    plan::{Arm, arms},
};
use crate::{
    error::Error,
    row::{Fields, Reason, count as number, integer, json, text, time, uuid},
};
use rusqlite::{
    Connection, Row, params_from_iter,
    types::{Value, ValueRef},
};
use support_core::{
    domain::ticket::{TicketQuery, TicketSummary},
    ports::Slice,
};
use uuid::Uuid;

/// The preview is cut where bytes end, then where characters do: `SQLite`'s characters end at a NUL.
pub(crate) const SUMMARY: &str = "SELECT id, number, customer_id, customer_name, subject, category, priority, status, phase, \
     assignee_id, assignee_name, escalation_level, tags, risk_at, due_at, created_at, updated_at, \
     (SELECT substr(CAST(body AS BLOB), 1, 560) FROM support_messages \
      WHERE ticket = support_tickets.seq AND internal = 0 AND support_messages.deleted_at IS NULL ORDER BY seq DESC LIMIT 1) AS last_message \
     FROM support_tickets WHERE seq = ?1";

/// A row of a list: where it stands in it, and where in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    key: i64,
    id: Uuid,
    seq: i64,
}

pub(super) fn page(conn: &Connection, query: &TicketQuery) -> Result<Slice<TicketSummary>, Error> {
    // Several statements, one state of the database.
    let snapshot = conn.unchecked_transaction()?;
    let hits = hits(conn, query)?;
    let limit = query.limit as usize;
    let mut statement = conn.prepare_cached(SUMMARY)?;
    let mut items = Vec::with_capacity(hits.len().min(limit));
    for hit in hits.iter().take(limit) {
        items.push(statement.query_row([hit.seq], |row| Ok(decode(row)))??);
    }
    drop(statement);
    snapshot.finish()?;
    Ok(Slice { items, more: hits.len() > limit })
}

pub(super) fn count(conn: &Connection, query: &TicketQuery, most: u32) -> Result<u32, Error> {
    let snapshot = conn.unchecked_transaction()?;
    let mut left = most;
    for arm in arms(query, None) {
        if left == 0 {
            break;
        }
        let mut statement = conn.prepare_cached(&arm.count())?;
        let values = params_from_iter(bound(&arm, [left.into()]));
        let found: u32 = statement.query_row(values, |row| row.get(0))?;
        left = left.saturating_sub(found);
    }
    snapshot.finish()?;
    Ok(most - left)
}

/// The rows of a page, and one more if there are more.
fn hits(conn: &Connection, query: &TicketQuery) -> Result<Vec<Hit>, Error> {
    let arms = arms(query, query.after);
    let (skip, take) = (i64::from(query.skip), i64::from(query.limit) + 1);
    if let [arm] = arms.as_slice() {
        return walk(conn, query, arm, take, skip);
    }
    // Any of the rows that are passed over may come from any arm.
    let mut hits = Vec::new();
    for arm in &arms {
        hits.extend(walk(conn, query, arm, skip + take, 0)?);
    }
    hits.sort_unstable();
    if !query.sort.ascending {
        hits.reverse();
    }
    Ok(hits.into_iter().skip(query.skip as usize).take(query.limit as usize + 1).collect())
}

fn walk(conn: &Connection, query: &TicketQuery, arm: &Arm, limit: i64, offset: i64) -> Result<Vec<Hit>, Error> {
    let mut statement = conn.prepare_cached(&arm.rows(query.sort.ascending))?;
    let mut rows = statement.query(params_from_iter(bound(arm, [limit.into(), offset.into()])))?;
    let mut hits = Vec::new();
    while let Some(row) = rows.next()? {
        let mut row = Fields::new("support_tickets", row);
        let id = row.read("id", uuid)?;
        // Key and place come from columns that cannot hold anything else: the tables are strict.
        let (key, seq) = (row.read("place", integer)?, row.read("seq", integer)?);
        hits.push(Hit { key, id, seq });
    }
    Ok(hits)
}

fn bound<const N: usize>(arm: &Arm, last: [Value; N]) -> Vec<Value> {
    arm.values().iter().cloned().chain(last).collect()
}

fn decode(row: &Row<'_>) -> Result<TicketSummary, Error> {
    let mut row = Fields::new("support_tickets", row);
    Ok(TicketSummary {
        id: row.read("id", uuid)?,
        number: row.read("number", text)?,
        customer: row.read("customer_id", uuid)?,
        customer_name: row.read("customer_name", text)?,
        subject: row.read("subject", text)?,
        category: row.maybe("category", text)?,
        priority: row.read("priority", text)?,
        status: row.read("status", text)?,
        phase: phase(&mut row)?,
        assignee: assignee(&mut row)?,
        escalation_level: row.read("escalation_level", number)?,
        tags: row.read("tags", json)?,
        pace: pace(&mut row)?,
        created_at: row.read("created_at", time)?,
        updated_at: row.read("updated_at", time)?,
        last_message: row.maybe("last_message", preview)?,
    })
}

/// The first characters of a text of which the first bytes are there.
fn preview(value: ValueRef<'_>) -> Result<String, Reason> {
    let bytes = value.as_blob().map_err(|error| error.to_string())?;
    let text = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    Ok(text.chars().take(TicketSummary::PREVIEW_CHARS).collect())
}
