//! Tickets into their tables.

use super::columns;
use crate::{
    error::Error,
    messages,
    row::{id_value, json_text, signed, time_value},
};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params, params_from_iter, types::Value};
use serde::Serialize;
use support_core::domain::{id::TicketId, message::Message, ticket::Ticket};

const COLUMNS: usize = 31;
const INSERT: &str = concat!(
    "INSERT INTO tickets (",
    columns!(),
    ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
);
const CURRENT: &str = concat!("SELECT seq, ", columns!(), " FROM tickets WHERE id = ?1 AND version = ?2");

/// Fails unless the ticket has this version.
pub(crate) fn require(conn: &Connection, ticket: TicketId, version: u64) -> Result<(), Error> {
    let holds = conn
        .prepare_cached("SELECT 1 FROM tickets WHERE id = ?1 AND version = ?2")?
        .exists(params![id_value(ticket.uuid()), signed(version)?])?;
    if holds { Ok(()) } else { Err(Error::Conflict) }
}

/// Adds a ticket and its first message.
pub(crate) fn open(conn: &Connection, ticket: &Ticket, message: &Message) -> Result<(), Error> {
    let row = encode(ticket, ticket.version)?;
    let seq = conn.prepare_cached(INSERT)?.insert(params_from_iter(row))?;
    messages::insert(conn, message)?;
    if !ticket.tags.is_empty() {
        for_ticket(conn, LINK_TAGS, seq)?;
    }
    if !ticket.related.is_empty() {
        for_ticket(conn, LINK_RELATED, seq)?;
    }
    for_ticket(conn, INDEX_WORDS, seq)
}

/// Makes the row of a ticket what `ticket` says, if it still has the version that was read.
///
/// Only columns that differ are written: `SQLite` rewrites every index whose columns stand in `SET`, changed or not.
pub(crate) fn update(conn: &Connection, ticket: &Ticket, read: u64) -> Result<(), Error> {
    let (seq, old) = current(conn, ticket.id, read)?;
    let new = encode(ticket, read.saturating_add(1))?;
    let changed: Vec<(&str, &Value)> = columns!()
        .split(", ")
        .zip(old.iter().zip(&new))
        .filter(|(_, (old, new))| old != new)
        .map(|(column, (_, new))| (column, new))
        .collect();
    let derived: Vec<&Derived> =
        DERIVED.iter().filter(|derived| changed.iter().any(|(column, _)| derived.from.contains(column))).collect();
    for derived in &derived {
        for_ticket(conn, derived.forget, seq)?;
    }
    set(conn, seq, &changed)?;
    for derived in &derived {
        for_ticket(conn, derived.write, seq)?;
    }
    Ok(())
}

/// Raises the moment of the last change.
pub(crate) fn touch(conn: &Connection, ticket: TicketId, at: DateTime<Utc>) -> Result<(), Error> {
    conn.prepare_cached("UPDATE tickets SET updated_at = ?2 WHERE id = ?1 AND updated_at < ?2")?
        .execute(params![id_value(ticket.uuid()), time_value(at)])?;
    Ok(())
}

/// What repeats parts of a ticket's row in another order. Both statements read the row itself, so that what was written
/// is what will be found again: the first runs before the row changes, the second after.
pub(super) struct Derived {
    from: &'static [&'static str],
    pub(super) forget: &'static str,
    pub(super) write: &'static str,
}

pub(super) const DERIVED: [Derived; 3] = [
    Derived {
        from: &["tags", "created_at"],
        forget: "DELETE FROM ticket_tags WHERE (tag, created_at, id) IN \
                 (SELECT value, created_at, tickets.id FROM tickets, json_each(tags) WHERE seq = ?1)",
        write: LINK_TAGS,
    },
    Derived {
        from: &["related", "created_at"],
        forget: "DELETE FROM ticket_related WHERE (kind, ref, created_at, id) IN \
                 (SELECT value ->> 'kind', value ->> 'id', created_at, tickets.id \
                  FROM tickets, json_each(related) WHERE seq = ?1)",
        write: LINK_RELATED,
    },
    Derived {
        from: &["number", "customer_id", "subject", "tags"],
        forget: "INSERT INTO ticket_text (ticket_text, rowid, number, subject, tags, body, owner) \
                 SELECT 'delete', seq, number, subject, tags, body, owner FROM ticket_words WHERE seq = ?1",
        write: INDEX_WORDS,
    },
];
const LINK_TAGS: &str = "INSERT INTO ticket_tags (tag, created_at, id, ticket) \
     SELECT value, created_at, tickets.id, seq FROM tickets, json_each(tags) WHERE seq = ?1";
// A ticket may be about one thing under two labels.
const LINK_RELATED: &str = "INSERT OR IGNORE INTO ticket_related (kind, ref, created_at, id, ticket) \
     SELECT value ->> 'kind', value ->> 'id', created_at, tickets.id, seq \
     FROM tickets, json_each(related) WHERE seq = ?1";
const INDEX_WORDS: &str = "INSERT INTO ticket_text (rowid, number, subject, tags, body, owner) \
     SELECT seq, number, subject, tags, body, owner FROM ticket_words WHERE seq = ?1";

fn for_ticket(conn: &Connection, sql: &str, seq: i64) -> Result<(), Error> {
    conn.prepare_cached(sql)?.execute([seq])?;
    Ok(())
}

/// The row as it is, if it has this version.
fn current(conn: &Connection, ticket: TicketId, read: u64) -> Result<(i64, Vec<Value>), Error> {
    conn.prepare_cached(CURRENT)?
        .query_row(params![id_value(ticket.uuid()), signed(read)?], |row| {
            let values: Result<Vec<Value>, _> = (1..=COLUMNS).map(|column| row.get(column)).collect();
            Ok((row.get(0)?, values?))
        })
        .optional()?
        .ok_or(Error::Conflict)
}

fn set(conn: &Connection, seq: i64, changed: &[(&str, &Value)]) -> Result<(), Error> {
    let columns: Vec<String> = changed.iter().map(|(column, _)| format!("{column} = ?")).collect();
    let sql = format!("UPDATE tickets SET {} WHERE seq = ?", columns.join(", "));
    let seq = Value::Integer(seq);
    let values = changed.iter().map(|(_, value)| *value).chain([&seq]);
    conn.prepare_cached(&sql)?.execute(params_from_iter(values))?;
    Ok(())
}

/// The values of all columns, in their order.
fn encode(ticket: &Ticket, version: u64) -> Result<[Value; COLUMNS], Error> {
    let assignee = ticket.assignee.as_ref();
    Ok([
        id_value(ticket.id.uuid()),
        text(&ticket.number),
        signed(version)?.into(),
        id_value(ticket.customer.uuid()),
        text(&ticket.customer_name),
        text(&ticket.subject),
        maybe(ticket.category.as_ref(), text),
        text(&ticket.priority),
        text(&ticket.status),
        text(ticket.phase.as_str()),
        maybe(assignee, |agent| id_value(agent.id.uuid())),
        maybe(assignee, |agent| text(&agent.name)),
        ticket.escalation_level.into(),
        json_text(&ticket.tags)?.into(),
        maybe(ticket.pace.at_risk, time_value),
        maybe(ticket.pace.due, time_value),
        time_value(ticket.created_at),
        time_value(ticket.updated_at),
        maybe(ticket.customer_tier.as_ref(), text),
        json_text(&ticket.opened_by)?.into(),
        text(ticket.source.as_str()),
        maybe(ticket.contact, |contact| text(contact.as_str())),
        maybe(ticket.team.as_ref(), text),
        maybe(ticket.first_response_at, time_value),
        maybe(ticket.resolved_at, time_value),
        maybe(ticket.closed_at, time_value),
        json_text(&ticket.related)?.into(),
        maybe_json(ticket.satisfaction.as_ref())?,
        maybe_json(ticket.resolution.as_ref())?,
        json_text(&ticket.sla)?.into(),
        json_text(&ticket.metadata)?.into(),
    ])
}

fn text(text: impl AsRef<str>) -> Value {
    Value::Text(text.as_ref().to_owned())
}

fn maybe<T>(value: Option<T>, encode: impl FnOnce(T) -> Value) -> Value {
    value.map_or(Value::Null, encode)
}

fn maybe_json<T: Serialize>(value: Option<&T>) -> Result<Value, Error> {
    value.map_or(Ok(Value::Null), |value| Ok(json_text(value)?.into()))
}
