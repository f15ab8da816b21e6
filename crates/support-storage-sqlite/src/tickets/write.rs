//! Tickets into their tables.

use super::{columns, words};
use crate::{
    error::Error,
    messages,
    row::{id_value, json_text, signed, time_value},
    stats::{cells::Standing, counts::Counts},
};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params, params_from_iter, types::Value};
use serde::Serialize;
use std::{cell::Cell, sync::LazyLock};
use support_core::{
    domain::{id::TicketId, message::Message, ticket::Ticket},
    ports::spans,
};

const COLUMNS: usize = 43;
const INSERT: &str = concat!(
    "INSERT INTO support_tickets (",
    columns!(),
    ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
     ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
);
const CURRENT: &str = concat!("SELECT seq, ", columns!(), " FROM support_tickets WHERE id = ?1 AND version = ?2");

/// Fails unless the ticket has this version.
pub(crate) fn require(conn: &Connection, ticket: TicketId, version: u64) -> Result<(), Error> {
    let holds = conn
        .prepare_cached("SELECT 1 FROM support_tickets WHERE id = ?1 AND version = ?2")?
        .exists(params![id_value(ticket.uuid()), signed(version)?])?;
    if holds { Ok(()) } else { Err(Error::Conflict) }
}

/// Fails unless the ticket is there, and neither deleted nor merged into another.
pub(crate) fn require_stands(conn: &Connection, ticket: TicketId) -> Result<(), Error> {
    let holds = conn
        .prepare_cached("SELECT 1 FROM support_tickets WHERE id = ?1 AND deleted_at IS NULL AND merged_into IS NULL")?
        .exists([id_value(ticket.uuid())])?;
    if holds { Ok(()) } else { Err(Error::Conflict) }
}

/// Fails unless the ticket was last touched at this moment.
pub(crate) fn require_untouched(conn: &Connection, ticket: TicketId, at: DateTime<Utc>) -> Result<(), Error> {
    let holds = conn
        .prepare_cached("SELECT 1 FROM support_tickets WHERE id = ?1 AND updated_at = ?2")?
        .exists(params![id_value(ticket.uuid()), time_value(at)])?;
    if holds { Ok(()) } else { Err(Error::Conflict) }
}

/// Where the ticket of the last row stands. Most change sets are about one ticket, which need not be looked for again for
/// each message and event.
#[derive(Default)]
pub(crate) struct Place(Cell<Option<(TicketId, i64)>>);

impl Place {
    /// The `seq` of a ticket that must be there.
    pub(crate) fn of(&self, conn: &Connection, ticket: TicketId) -> Result<i64, Error> {
        if let Some((known, seq)) = self.0.get()
            && known == ticket
        {
            return Ok(seq);
        }
        let seq = conn
            .prepare_cached("SELECT seq FROM support_tickets WHERE id = ?1")?
            .query_row([id_value(ticket.uuid())], |row| row.get(0))
            .optional()?
            .ok_or(Error::Conflict)?;
        self.0.set(Some((ticket, seq)));
        Ok(seq)
    }
}

/// Adds a ticket and its first message.
pub(crate) fn open(
    conn: &Connection,
    place: &Place,
    counts: &mut Counts,
    ticket: &Ticket,
    message: &Message,
) -> Result<(), Error> {
    if message.ticket != ticket.id {
        return Err(Error::Conflict);
    }
    let row = encode(ticket, ticket.version)?;
    let seq = conn.prepare_cached(INSERT)?.insert(params_from_iter(&row))?;
    place.0.set(Some((ticket.id, seq)));
    messages::insert(conn, place, message)?;
    begin(conn, seq, counts, ticket, &row)
}

/// Adds a ticket that has no messages yet.
pub(crate) fn restore(conn: &Connection, place: &Place, counts: &mut Counts, ticket: &Ticket) -> Result<(), Error> {
    let row = encode(ticket, ticket.version)?;
    let seq = conn.prepare_cached(INSERT)?.insert(params_from_iter(&row))?;
    place.0.set(Some((ticket.id, seq)));
    begin(conn, seq, counts, ticket, &row)
}

/// What is derived from a ticket that was not there before.
fn begin(conn: &Connection, seq: i64, counts: &mut Counts, ticket: &Ticket, row: &[Value]) -> Result<(), Error> {
    words::begin(conn, seq)?;
    write_tags(conn, seq, ticket)?;
    write_related(conn, seq, ticket)?;
    counts.follow(None, standing(row));
    Ok(())
}

/// Makes the row of a ticket what `ticket` says, if it still has the version that was read.
///
/// Only columns that differ are written: `SQLite` rewrites every index whose columns stand in `SET`, changed or not.
pub(crate) fn update(
    conn: &Connection,
    place: &Place,
    counts: &mut Counts,
    ticket: &Ticket,
    read: u64,
) -> Result<(), Error> {
    let (seq, old) = current(conn, ticket.id, read)?;
    place.0.set(Some((ticket.id, seq)));
    let new = encode(ticket, read.saturating_add(1))?;
    let changed: Vec<(&str, &Value)> = columns!()
        .split(", ")
        .zip(old.iter().zip(&new))
        .filter(|(_, (old, new))| old != new)
        .map(|(column, (_, new))| (column, new))
        .collect();
    let touches = |columns: &[&str]| changed.iter().any(|(column, _)| columns.contains(column));
    let write = || {
        let stale = |derived: &&Derived| touches(derived.from);
        for derived in DERIVED.iter().filter(stale) {
            conn.prepare_cached(derived.forget)?.execute([seq])?;
        }
        set(conn, seq, &changed)?;
        for derived in DERIVED.iter().filter(stale) {
            (derived.write)(conn, seq, ticket)?;
        }
        Ok(())
    };
    if touches(&["number", "customer_id", "subject", "tags"]) {
        words::following(conn, &[seq], write)?;
    } else {
        write()?;
    }
    if touches(&STANDING) {
        counts.follow(standing(&old), standing(&new));
    }
    Ok(())
}

/// What it depends on where a ticket stands.
const STANDING: [&str; 6] = ["assignee_id", "status", "priority", "category", "created_at", "deleted_at"];
/// Where these stand in a row. Looking for their names would take longer than what is done with them.
static STANDING_PLACES: LazyLock<[usize; 6]> = LazyLock::new(|| {
    STANDING
        .map(|name| columns!().split(", ").position(|column| column == name).expect("`columns` has all of a ticket"))
});

/// Among which tickets the one of this row counts; none where it is deleted.
fn standing(row: &[Value]) -> Option<Standing> {
    let text = |value: &Value| if let Value::Text(text) = value { Some(text.clone()) } else { None };
    match STANDING_PLACES.map(|place| &row[place]) {
        [assignee, status, priority, category, Value::Integer(created_at), Value::Null] => Some(Standing {
            assignee: if let Value::Blob(id) = assignee { Some(id.clone()) } else { None },
            status: text(status)?,
            priority: text(priority)?,
            category: text(category),
            day: spans::start(*created_at, spans::DAY),
        }),
        _ => None,
    }
}

/// Raises the moment of the last change.
pub(crate) fn touch(conn: &Connection, ticket: TicketId, at: DateTime<Utc>) -> Result<(), Error> {
    conn.prepare_cached("UPDATE support_tickets SET updated_at = ?2 WHERE id = ?1 AND updated_at < ?2")?
        .execute(params![id_value(ticket.uuid()), time_value(at)])?;
    Ok(())
}

/// What repeats parts of a ticket's row in another order. It is forgotten before the row changes, by the old row itself, and
/// written after.
pub(super) struct Derived {
    from: &'static [&'static str],
    pub(super) forget: &'static str,
    write: fn(&Connection, i64, &Ticket) -> Result<(), Error>,
}

pub(super) const DERIVED: [Derived; 2] = [
    Derived {
        from: &["tags", "created_at"],
        forget: "DELETE FROM support_ticket_tags WHERE (tag, created_at, id) IN \
                 (SELECT value, created_at, support_tickets.id FROM support_tickets, json_each(tags) WHERE seq = ?1)",
        write: write_tags,
    },
    Derived {
        from: &["related", "created_at"],
        forget: "DELETE FROM support_ticket_related WHERE (kind, ref, created_at, id) IN \
                 (SELECT value ->> 'kind', value ->> 'id', created_at, support_tickets.id \
                  FROM support_tickets, json_each(related) WHERE seq = ?1)",
        write: write_related,
    },
];

fn write_tags(conn: &Connection, seq: i64, ticket: &Ticket) -> Result<(), Error> {
    for tag in &ticket.tags {
        conn.prepare_cached("INSERT INTO support_ticket_tags (tag, created_at, id, ticket) VALUES (?, ?, ?, ?)")?
            .execute(params![tag, time_value(ticket.created_at), id_value(ticket.id.uuid()), seq])?;
    }
    Ok(())
}

fn write_related(conn: &Connection, seq: i64, ticket: &Ticket) -> Result<(), Error> {
    // A ticket may be about one thing under two labels.
    let sql = "INSERT OR IGNORE INTO support_ticket_related (kind, ref, created_at, id, ticket) VALUES (?, ?, ?, ?, ?)";
    for related in &ticket.related {
        conn.prepare_cached(sql)?.execute(params![
            related.kind,
            related.id,
            time_value(ticket.created_at),
            id_value(ticket.id.uuid()),
            seq
        ])?;
    }
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
    let assign = |(column, _): &(&str, &Value)| match *column {
        // A message may have come after the row was read.
        "updated_at" => "updated_at = max(updated_at, ?)".to_owned(),
        column => format!("{column} = ?"),
    };
    let columns: Vec<String> = changed.iter().map(assign).collect();
    let sql = format!("UPDATE support_tickets SET {} WHERE seq = ?", columns.join(", "));
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
        maybe(ticket.deleted_at, time_value),
        maybe(ticket.alarms.sla, time_value),
        maybe(ticket.alarms.escalation, time_value),
        maybe(ticket.alarms.auto_close, time_value),
        maybe(ticket.merged_into, |id| id_value(id.uuid())),
        maybe(ticket.language.as_ref(), text),
        maybe(ticket.reach.email.as_ref(), text),
        maybe(ticket.reach.phone.as_ref(), text),
        maybe(ticket.reach.email_key.as_ref(), text),
        json_text(&ticket.watchers)?.into(),
        json_text(&ticket.marks)?.into(),
        json_text(&ticket.fields)?.into(),
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
