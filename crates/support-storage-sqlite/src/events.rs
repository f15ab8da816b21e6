//! The audit trail.

use crate::{
    SqliteStore,
    error::Error,
    row::{Fields, all, id_value, json, json_text, must_change, time, time_value, uuid},
    stretch::Stretch,
    tickets::write::Place,
};
use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use support_core::{
    domain::{
        event::Event,
        id::{EventId, TicketId},
    },
    ports::{
        Slice, StoreError,
        events::{EventQuery, EventStore},
    },
};

pub(crate) const TRAIL: &str = "SELECT id, at, actor_role, actor_id, actor_name, cause, data FROM support_events \
     WHERE ticket = (SELECT seq FROM support_tickets WHERE id = ?1) AND seq > ?2 ORDER BY seq LIMIT ?3";
pub(crate) const WHOLE_TRAIL: &str = "SELECT id, at, actor_role, actor_id, actor_name, cause, data FROM support_events \
     WHERE ticket = ?1 ORDER BY seq";
/// Takes a place in the order of commits and a number of rows.
pub(crate) const BEHIND: &str = "SELECT id, at, actor_role, actor_id, actor_name, cause, data, \
     (SELECT t.id FROM support_tickets AS t WHERE t.seq = ticket) AS ticket, seq \
     FROM support_events WHERE seq > ?1 ORDER BY seq LIMIT ?2";
pub(crate) const PLACE: &str =
    "SELECT seq FROM support_events WHERE id = ?1 AND ticket = (SELECT seq FROM support_tickets WHERE id = ?2)";

#[async_trait]
impl EventStore for SqliteStore {
    async fn events(&self, query: &EventQuery) -> Result<Slice<Event>, StoreError> {
        let trail = Stretch { place: PLACE, page: TRAIL };
        let (ticket, after) = (query.ticket.uuid(), query.after.map(EventId::uuid));
        self.readers.read(|conn| trail.read(conn, ticket, after, query.limit, |row| decode(row, query.ticket)))
    }
}

fn decode(row: &Row<'_>, ticket: TicketId) -> Result<Event, Error> {
    let mut row = Fields::new("support_events", row);
    Ok(Event {
        id: row.read("id", uuid)?,
        ticket,
        at: row.read("at", time)?,
        actor: row.signature(["actor_role", "actor_id", "actor_name"])?,
        cause: row.read("cause", json)?,
        fact: row.read("data", json)?,
    })
}

/// Adds an entry to the trail of a ticket, which must be there.
pub(crate) fn insert(conn: &Connection, place: &Place, event: &Event) -> Result<(), Error> {
    let ticket = place.of(conn, event.ticket)?;
    conn.prepare_cached(
        "INSERT INTO support_events (id, ticket, at, actor_role, actor_id, actor_name, cause, kind, internal, data) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        id_value(event.id.uuid()),
        ticket,
        time_value(event.at),
        event.actor.role.as_str(),
        event.actor.id.map(id_value),
        event.actor.name,
        json_text(&event.cause)?,
        event.fact.name(),
        event.fact.is_internal(),
        json_text(&event.fact)?,
    ])?;
    Ok(())
}

/// Those of all tickets behind a place in the order of commits, and where they stand in it.
pub(crate) fn behind(conn: &Connection, after: i64, limit: u32) -> Result<Vec<(i64, Event)>, Error> {
    all(conn, BEHIND, params![after, limit], |row| {
        let (ticket, seq) = Fields::tail("support_events", row, 2).on_ticket()?;
        Ok((seq, decode(row, ticket)?))
    })
}

/// The whole trail of the ticket at a place.
pub(crate) fn of_ticket(conn: &Connection, seq: i64, ticket: TicketId) -> Result<Vec<Event>, Error> {
    all(conn, WHOLE_TRAIL, [seq], |row| decode(row, ticket))
}

/// Makes the row of an event what `event` says; its ticket stays.
pub(crate) fn rewrite(conn: &Connection, event: &Event) -> Result<(), Error> {
    must_change(
        conn,
        "UPDATE support_events SET at = ?2, actor_role = ?3, actor_id = ?4, actor_name = ?5, cause = ?6, kind = ?7, \
         internal = ?8, data = ?9 WHERE id = ?1",
        params![
            id_value(event.id.uuid()),
            time_value(event.at),
            event.actor.role.as_str(),
            event.actor.id.map(id_value),
            event.actor.name,
            json_text(&event.cause)?,
            event.fact.name(),
            event.fact.is_internal(),
            json_text(&event.fact)?,
        ],
    )
}
