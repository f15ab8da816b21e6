//! Time that was spent.

use crate::{
    SqliteStore,
    error::Error,
    row::{Fields, all, count, flag, id_value, must_change, one, text, time, time_value, uuid},
    tickets::write::Place,
};
use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use support_core::{
    domain::{
        actor::AgentRef,
        id::{TicketId, TimeEntryId},
        time_entry::TimeEntry,
    },
    ports::{StoreError, time_entries::TimeEntryStore},
};

macro_rules! entries {
    ($condition:literal) => {
        concat!(
            "SELECT id, agent_id, agent_name, minutes, billable, note, spent_at, created_at FROM support_time_entries \
             WHERE ticket = (SELECT seq FROM support_tickets WHERE id = ?1) ",
            $condition
        )
    };
}

pub(crate) const BY_ID: &str = entries!("AND id = ?2");
/// Takes a place in the order of commits and a number of rows.
pub(crate) const BEHIND: &str = "SELECT id, agent_id, agent_name, minutes, billable, note, spent_at, created_at, \
     (SELECT t.id FROM support_tickets AS t WHERE t.seq = ticket) AS ticket, seq \
     FROM support_time_entries WHERE seq > ?1 ORDER BY seq LIMIT ?2";
pub(crate) const LATEST: &str = entries!("ORDER BY seq DESC LIMIT ?2");

#[async_trait]
impl TimeEntryStore for SqliteStore {
    async fn time_entry(&self, ticket: TicketId, id: TimeEntryId) -> Result<Option<TimeEntry>, StoreError> {
        let params = params![id_value(ticket.uuid()), id_value(id.uuid())];
        self.readers.read(|conn| one(conn, BY_ID, params, |row| decode(row, ticket)))
    }

    async fn time_entries(&self, ticket: TicketId, limit: u32) -> Result<Vec<TimeEntry>, StoreError> {
        self.readers.read(|conn| latest(conn, ticket, limit))
    }
}

/// The latest entries of a ticket, in the order of commits.
pub(crate) fn latest(conn: &Connection, ticket: TicketId, limit: u32) -> Result<Vec<TimeEntry>, Error> {
    let mut entries = all(conn, LATEST, params![id_value(ticket.uuid()), limit], |row| decode(row, ticket))?;
    entries.reverse();
    Ok(entries)
}

/// Those of all tickets behind a place in the order of commits, and where they stand in it.
pub(crate) fn behind(conn: &Connection, after: i64, limit: u32) -> Result<Vec<(i64, TimeEntry)>, Error> {
    all(conn, BEHIND, params![after, limit], |row| {
        let (ticket, seq) = Fields::tail("support_time_entries", row, 2).on_ticket()?;
        Ok((seq, decode(row, ticket)?))
    })
}

fn decode(row: &Row<'_>, ticket: TicketId) -> Result<TimeEntry, Error> {
    let mut row = Fields::new("support_time_entries", row);
    Ok(TimeEntry {
        id: row.read("id", uuid)?,
        ticket,
        agent: AgentRef { id: row.read("agent_id", uuid)?, name: row.read("agent_name", text)? },
        minutes: row.read("minutes", count)?,
        billable: row.read("billable", flag)?,
        note: row.maybe("note", text)?,
        spent_at: row.read("spent_at", time)?,
        created_at: row.read("created_at", time)?,
    })
}

/// Adds an entry to a ticket, which must be there.
pub(crate) fn insert(conn: &Connection, place: &Place, entry: &TimeEntry) -> Result<(), Error> {
    let ticket = place.of(conn, entry.ticket)?;
    conn.prepare_cached(
        "INSERT INTO support_time_entries \
         (id, ticket, agent_id, agent_name, minutes, billable, note, spent_at, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        id_value(entry.id.uuid()),
        ticket,
        id_value(entry.agent.id.uuid()),
        entry.agent.name,
        entry.minutes,
        entry.billable,
        entry.note,
        time_value(entry.spent_at),
        time_value(entry.created_at),
    ])?;
    Ok(())
}

/// Makes the row of an entry what `entry` says; its ticket stays.
pub(crate) fn rewrite(conn: &Connection, entry: &TimeEntry) -> Result<(), Error> {
    must_change(
        conn,
        "UPDATE support_time_entries SET agent_id = ?2, agent_name = ?3, minutes = ?4, billable = ?5, note = ?6, \
         spent_at = ?7, created_at = ?8 WHERE id = ?1",
        params![
            id_value(entry.id.uuid()),
            id_value(entry.agent.id.uuid()),
            entry.agent.name,
            entry.minutes,
            entry.billable,
            entry.note,
            time_value(entry.spent_at),
            time_value(entry.created_at),
        ],
    )
}

pub(crate) fn remove(conn: &Connection, ticket: TicketId, id: TimeEntryId) -> Result<(), Error> {
    let sql = "DELETE FROM support_time_entries \
               WHERE id = ?1 AND ticket = (SELECT seq FROM support_tickets WHERE id = ?2)";
    must_change(conn, sql, params![id_value(id.uuid()), id_value(ticket.uuid())])
}
