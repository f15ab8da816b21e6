//! What was done to several tickets at once.

use crate::{
    SqlxStore,
    commit::{Step, inserted},
    error::Error,
    names::Dialect,
    row::{Fields, Row},
    session::Session,
    store::read,
    value::{Value, json_text, maybe_json, values},
};
use async_trait::async_trait;
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
            "SELECT id, seq, ticket, other, by_role, by_id, by_name, at, deed, undone FROM {operations} WHERE ",
            $condition
        )
    };
}

const COLUMNS: &str = "id, ticket, other, by_role, by_id, by_name, at, deed, undone";
/// Takes a place in the order of commits and a number of rows.
pub(crate) const BEHIND: &str = operations!("seq > ? ORDER BY seq LIMIT ?");

#[async_trait]
impl OperationStore for SqlxStore {
    async fn operation(&self, id: OperationId) -> Result<Option<Operation>, StoreError> {
        read!(self.primary, |session| async {
            let row = session.row(operations!("id = ?"), values![id.uuid()]).await?;
            Ok(row.as_ref().map(decode).transpose()?.map(|(_, operation)| operation))
        })
    }

    async fn operations(&self, ticket: TicketId, limit: u32) -> Result<Vec<Operation>, StoreError> {
        read!(self.primary, |session| latest(session, ticket, limit))
    }
}

/// Those that concern a ticket, from either side, in the order of commits.
pub(crate) async fn latest(session: &mut Session<'_>, ticket: TicketId, limit: u32) -> Result<Vec<Operation>, Error> {
    // One statement, one state of the database; each side by its own index.
    let sql = concat!(
        "(",
        operations!("ticket = ? ORDER BY seq DESC LIMIT ?"),
        ") UNION ALL (",
        operations!("other = ? ORDER BY seq DESC LIMIT ?"),
        ")"
    );
    let rows = session.rows(sql, values![ticket.uuid(), limit, ticket.uuid(), limit]).await?;
    let found: Result<BTreeMap<i64, Operation>, Error> = rows.iter().map(decode).collect();
    let found = found?;
    let past = found.len().saturating_sub(limit as usize);
    Ok(found.into_values().skip(past).collect())
}

/// An operation, and where it stands in the order of commits.
pub(crate) fn decode(row: &Row) -> Result<(i64, Operation), Error> {
    let mut row = Fields::new("operations", row);
    let id = row.id("id")?;
    let seq = row.integer("seq")?;
    let operation = Operation {
        id,
        ticket: row.id("ticket")?,
        other: row.id("other")?,
        by: row.signature(["by_role", "by_id", "by_name"])?,
        at: row.time("at")?,
        deed: row.json("deed")?,
        undone: row.maybe_json("undone")?,
    };
    Ok((seq, operation))
}

/// The values of [`COLUMNS`], in their order.
fn encode(operation: &Operation) -> Result<Vec<Value>, Error> {
    Ok(values![
        operation.id.uuid(),
        operation.ticket.uuid(),
        operation.other.uuid(),
        operation.by.role.as_str(),
        operation.by.id,
        &operation.by.name,
        operation.at,
        json_text(&operation.deed)?,
        maybe_json(operation.undone.as_ref())?,
    ])
}

/// Adds operations, each on two tickets, which must be there.
pub(crate) fn insert<'o>(dialect: Dialect, operations: impl IntoIterator<Item = &'o Operation>) -> Result<Step, Error> {
    let rows: Result<Vec<_>, Error> = operations.into_iter().map(encode).collect();
    Ok(inserted(dialect, "operations", COLUMNS, rows?))
}

/// Makes the row of an operation what `operation` says; its tickets stay.
pub(crate) async fn rewrite(session: &mut Session<'_>, operation: &Operation) -> Result<(), Error> {
    let sql = "UPDATE {operations} SET by_role = ?, by_id = ?, by_name = ?, at = ?, deed = ?, undone = ? WHERE id = ?";
    let values = values![
        operation.by.role.as_str(),
        operation.by.id,
        &operation.by.name,
        operation.at,
        json_text(&operation.deed)?,
        maybe_json(operation.undone.as_ref())?,
        operation.id.uuid(),
    ];
    session.must_change(sql, values).await
}

pub(crate) fn undo(id: OperationId, undone: &Undone) -> Result<Step, Error> {
    let sql = "UPDATE {operations} SET undone = ? WHERE id = ? AND undone IS NULL";
    Ok(Step::one(sql, values![json_text(undone)?, id.uuid()]))
}
