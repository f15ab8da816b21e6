//! Time that was spent.

use crate::{
    SqlxStore,
    commit::{Step, inserted},
    error::Error,
    names::Dialect,
    row::{Fields, Row},
    session::Session,
    store::read,
    value::{Value, values},
};
use async_trait::async_trait;
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
            "SELECT id, ticket, agent_id, agent_name, minutes, billable, note, spent_at, created_at FROM {time_entries} \
             WHERE ticket = ? ",
            $condition
        )
    };
}

const COLUMNS: &str = "id, ticket, agent_id, agent_name, minutes, billable, note, spent_at, created_at";
/// Takes a place in the order of commits and a number of rows.
pub(crate) const BEHIND: &str = "SELECT id, ticket, agent_id, agent_name, minutes, billable, note, spent_at, created_at, seq \
     FROM {time_entries} WHERE seq > ? ORDER BY seq LIMIT ?";

#[async_trait]
impl TimeEntryStore for SqlxStore {
    async fn time_entry(&self, ticket: TicketId, id: TimeEntryId) -> Result<Option<TimeEntry>, StoreError> {
        read!(self.primary, |session| async {
            let row = session.row(entries!("AND id = ?"), values![ticket.uuid(), id.uuid()]).await?;
            row.as_ref().map(decode).transpose()
        })
    }

    async fn time_entries(&self, ticket: TicketId, limit: u32) -> Result<Vec<TimeEntry>, StoreError> {
        read!(self.primary, |session| latest(session, ticket, limit))
    }
}

/// The latest entries of a ticket, in the order of commits.
pub(crate) async fn latest(session: &mut Session<'_>, ticket: TicketId, limit: u32) -> Result<Vec<TimeEntry>, Error> {
    let rows = session.rows(entries!("ORDER BY seq DESC LIMIT ?"), values![ticket.uuid(), limit]).await?;
    rows.iter().rev().map(decode).collect()
}

/// An entry, and where it stands in the order of commits.
pub(crate) fn placed(row: &Row) -> Result<(i64, TimeEntry), Error> {
    Ok((Fields::tail("time_entries", row, 1).integer("seq")?, decode(row)?))
}

fn decode(row: &Row) -> Result<TimeEntry, Error> {
    let mut row = Fields::new("time_entries", row);
    Ok(TimeEntry {
        id: row.id("id")?,
        ticket: row.id("ticket")?,
        agent: AgentRef { id: row.id("agent_id")?, name: row.text("agent_name")? },
        minutes: row.count("minutes")?,
        billable: row.flag("billable")?,
        note: row.maybe_text("note")?,
        spent_at: row.time("spent_at")?,
        created_at: row.time("created_at")?,
    })
}

/// The values of [`COLUMNS`], in their order.
fn encode(entry: &TimeEntry) -> Vec<Value> {
    values![
        entry.id.uuid(),
        entry.ticket.uuid(),
        entry.agent.id.uuid(),
        &entry.agent.name,
        entry.minutes,
        entry.billable,
        &entry.note,
        entry.spent_at,
        entry.created_at,
    ]
}

/// Adds entries to tickets, which must be there.
pub(crate) fn insert<'e>(dialect: Dialect, entries: impl IntoIterator<Item = &'e TimeEntry>) -> Step {
    inserted(dialect, "time_entries", COLUMNS, entries.into_iter().map(encode).collect())
}

/// Makes the row of an entry what `entry` says; its ticket stays.
pub(crate) async fn rewrite(session: &mut Session<'_>, entry: &TimeEntry) -> Result<(), Error> {
    let sql = "UPDATE {time_entries} SET agent_id = ?, agent_name = ?, minutes = ?, billable = ?, note = ?, spent_at = ?, \
               created_at = ? WHERE id = ?";
    let values = values![
        entry.agent.id.uuid(),
        &entry.agent.name,
        entry.minutes,
        entry.billable,
        &entry.note,
        entry.spent_at,
        entry.created_at,
        entry.id.uuid(),
    ];
    session.must_change(sql, values).await
}

pub(crate) fn remove(ticket: TicketId, id: TimeEntryId) -> Step {
    Step::one("DELETE FROM {time_entries} WHERE id = ? AND ticket = ?", values![id.uuid(), ticket.uuid()])
}
