//! What was done to several tickets at once.

use crate::{
    SqliteStore,
    error::Error,
    row::{Fields, all, id_value, integer, json, json_text, must_change, one, time, time_value, uuid},
    tickets::write::Place,
};
use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;
use support_core::{
    domain::{
        id::{OperationId, TicketId},
        operation::{Operation, Undone},
    },
    ports::{StoreError, operations::OperationStore},
};

macro_rules! operations {
    ($condition:literal) => {
        concat!(
            "SELECT id, seq, (SELECT t.id FROM support_tickets AS t WHERE t.seq = ticket) AS ticket, \
             (SELECT t.id FROM support_tickets AS t WHERE t.seq = other) AS other, \
             by_role, by_id, by_name, at, deed, undone FROM support_operations WHERE ",
            $condition
        )
    };
}

pub(crate) const BY_ID: &str = operations!("id = ?1");
/// Both take the ticket's id and a number of rows.
pub(crate) const OF_TICKET: &str = operations!(
    "support_operations.ticket = (SELECT t.seq FROM support_tickets AS t WHERE t.id = ?1) \
     ORDER BY support_operations.seq DESC LIMIT ?2"
);
pub(crate) const OF_OTHER: &str = operations!(
    "support_operations.other = (SELECT t.seq FROM support_tickets AS t WHERE t.id = ?1) \
     ORDER BY support_operations.seq DESC LIMIT ?2"
);
/// Takes a place in the order of commits and a number of rows.
pub(crate) const BEHIND: &str = operations!("support_operations.seq > ?1 ORDER BY support_operations.seq LIMIT ?2");

#[async_trait]
impl OperationStore for SqliteStore {
    async fn operation(&self, id: OperationId) -> Result<Option<Operation>, StoreError> {
        self.readers.read(|conn| Ok(one(conn, BY_ID, [id_value(id.uuid())], decode)?.map(|(_, operation)| operation)))
    }

    async fn operations(&self, ticket: TicketId, limit: u32) -> Result<Vec<Operation>, StoreError> {
        self.readers.read(|conn| {
            let snapshot = conn.unchecked_transaction()?;
            let operations = latest(conn, ticket, limit)?;
            snapshot.finish()?;
            Ok(operations)
        })
    }
}

/// Those that concern a ticket, from either side, in the order of commits.
pub(crate) fn latest(conn: &Connection, ticket: TicketId, limit: u32) -> Result<Vec<Operation>, Error> {
    let mut found = BTreeMap::new();
    for sql in [OF_TICKET, OF_OTHER] {
        found.extend(all(conn, sql, params![id_value(ticket.uuid()), limit], decode)?);
    }
    let past = found.len().saturating_sub(limit as usize);
    Ok(found.into_values().skip(past).collect())
}

/// Those of all tickets behind a place in the order of commits, and where they stand in it.
pub(crate) fn behind(conn: &Connection, after: i64, limit: u32) -> Result<Vec<(i64, Operation)>, Error> {
    all(conn, BEHIND, params![after, limit], decode)
}

fn decode(row: &Row<'_>) -> Result<(i64, Operation), Error> {
    let mut row = Fields::new("support_operations", row);
    let id = row.read("id", uuid)?;
    let seq = row.read("seq", integer)?;
    let operation = Operation {
        id,
        ticket: row.read("ticket", uuid)?,
        other: row.read("other", uuid)?,
        by: row.signature(["by_role", "by_id", "by_name"])?,
        at: row.read("at", time)?,
        deed: row.read("deed", json)?,
        undone: row.maybe("undone", json)?,
    };
    Ok((seq, operation))
}

/// Adds an operation on two tickets, which must be there.
pub(crate) fn insert(conn: &Connection, place: &Place, operation: &Operation) -> Result<(), Error> {
    let (other, ticket) = (place.of(conn, operation.other)?, place.of(conn, operation.ticket)?);
    conn.prepare_cached(
        "INSERT INTO support_operations (id, ticket, other, by_role, by_id, by_name, at, deed, undone) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        id_value(operation.id.uuid()),
        ticket,
        other,
        operation.by.role.as_str(),
        operation.by.id.map(id_value),
        operation.by.name,
        time_value(operation.at),
        json_text(&operation.deed)?,
        operation.undone.as_ref().map(json_text).transpose()?,
    ])?;
    Ok(())
}

/// Makes the row of an operation what `operation` says; its tickets stay.
pub(crate) fn rewrite(conn: &Connection, operation: &Operation) -> Result<(), Error> {
    must_change(
        conn,
        "UPDATE support_operations SET by_role = ?2, by_id = ?3, by_name = ?4, at = ?5, deed = ?6, undone = ?7 \
         WHERE id = ?1",
        params![
            id_value(operation.id.uuid()),
            operation.by.role.as_str(),
            operation.by.id.map(id_value),
            operation.by.name,
            time_value(operation.at),
            json_text(&operation.deed)?,
            operation.undone.as_ref().map(json_text).transpose()?,
        ],
    )
}

pub(crate) fn undo(conn: &Connection, id: OperationId, undone: &Undone) -> Result<(), Error> {
    let sql = "UPDATE support_operations SET undone = ?2 WHERE id = ?1 AND undone IS NULL";
    must_change(conn, sql, params![id_value(id.uuid()), json_text(undone)?])
}
