//! Tickets: by id, by number and in lists.

mod conditions;
mod list;
mod plan;
mod text;
pub(crate) mod words;
pub(crate) mod write;

use crate::{
    SqliteStore,
    error::Error,
    row::{Fields, all, count, id_value, integer, json, one, text, time, time_value, uuid, word},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};
use support_core::{
    domain::{
        actor::AgentRef,
        id::TicketId,
        profile::Phase,
        ticket::{AlarmKind, Alarms, Contact, Pace, Reach, Source, Ticket, TicketQuery, TicketSummary},
    },
    ports::{Slice, StoreError, tickets::TicketStore},
};

/// The columns of a whole ticket, for statements that read or write all of them in this order.
macro_rules! columns {
    () => {
        "id, number, version, customer_id, customer_name, subject, category, priority, status, phase, \
         assignee_id, assignee_name, escalation_level, tags, risk_at, due_at, created_at, updated_at, \
         customer_tier, opened_by, source, contact, team, first_response_at, resolved_at, closed_at, \
         related, satisfaction, resolution, sla, metadata, deleted_at, sla_at, escalation_at, auto_close_at, \
         merged_into, language, email, phone, email_key, watchers, marks, fields"
    };
}
use columns;

pub(crate) const BY_ID: &str = concat!("SELECT ", columns!(), " FROM support_tickets WHERE id = ?1");
/// Tickets of a customer, deleted or not: the index of those that are not, and the few that are.
pub(crate) const OF_CUSTOMER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM support_tickets WHERE seq IN (\
     SELECT seq FROM support_tickets INDEXED BY support_tickets_customer_created \
     WHERE customer_id = ?1 AND deleted_at IS NULL \
     UNION ALL SELECT seq FROM support_tickets INDEXED BY support_tickets_deleted_created \
     WHERE customer_id = ?1 AND deleted_at IS NOT NULL)"
);
/// Takes a place in the order of commits and a number of rows.
pub(crate) const BEHIND: &str =
    concat!("SELECT ", columns!(), ", seq FROM support_tickets WHERE seq > ?1 ORDER BY seq LIMIT ?2");
pub(crate) const BY_NUMBER: &str = concat!("SELECT ", columns!(), " FROM support_tickets WHERE number = ?1");

#[async_trait]
impl TicketStore for SqliteStore {
    async fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, StoreError> {
        self.readers.read(|conn| one(conn, BY_ID, [id_value(id.uuid())], decode))
    }

    async fn ticket_by_number(&self, number: &str) -> Result<Option<Ticket>, StoreError> {
        self.readers.read(|conn| one(conn, BY_NUMBER, [number], decode))
    }

    async fn tickets(&self, query: &TicketQuery) -> Result<Slice<TicketSummary>, StoreError> {
        self.readers.read(|conn| list::page(conn, query))
    }

    async fn due_tickets(&self, alarm: AlarmKind, now: DateTime<Utc>, limit: u32) -> Result<Vec<TicketId>, StoreError> {
        let id = |row: &Row<'_>| Fields::new("support_tickets", row).read("id", uuid);
        self.readers.read(|conn| all(conn, due(alarm), params![time_value(now), limit], id))
    }

    async fn ticket_count(&self, query: &TicketQuery, most: u32) -> Result<u32, StoreError> {
        self.readers.read(|conn| list::count(conn, query, most))
    }
}

/// Takes the moment and a number of rows.
pub(crate) fn due(alarm: AlarmKind) -> &'static str {
    macro_rules! due {
        ($column:literal, $index:literal) => {
            concat!(
                "SELECT id FROM support_tickets INDEXED BY ",
                $index,
                " WHERE ",
                $column,
                " <= ?1 ORDER BY ",
                $column,
                ", id LIMIT ?2"
            )
        };
    }
    match alarm {
        AlarmKind::Sla => due!("sla_at", "support_tickets_sla"),
        AlarmKind::Escalation => due!("escalation_at", "support_tickets_escalation"),
        AlarmKind::AutoClose => due!("auto_close_at", "support_tickets_auto_close"),
    }
}

/// Those that were opened behind a place in the order of commits, and where they stand in it.
pub(crate) fn behind(conn: &Connection, after: i64, limit: u32) -> Result<Vec<(i64, Ticket)>, Error> {
    all(conn, BEHIND, params![after, limit], |row| {
        Ok((Fields::tail("support_tickets", row, 1).read("seq", integer)?, decode(row)?))
    })
}

pub(crate) fn decode(row: &Row<'_>) -> Result<Ticket, Error> {
    let mut row = Fields::new("support_tickets", row);
    Ok(Ticket {
        id: row.read("id", uuid)?,
        number: row.read("number", text)?,
        version: row.read("version", count)?,
        customer: row.read("customer_id", uuid)?,
        customer_name: row.read("customer_name", text)?,
        subject: row.read("subject", text)?,
        category: row.maybe("category", text)?,
        priority: row.read("priority", text)?,
        status: row.read("status", text)?,
        phase: phase(&mut row)?,
        assignee: assignee(&mut row)?,
        escalation_level: row.read("escalation_level", count)?,
        tags: row.read("tags", json)?,
        pace: pace(&mut row)?,
        created_at: row.read("created_at", time)?,
        updated_at: row.read("updated_at", time)?,
        customer_tier: row.maybe("customer_tier", text)?,
        opened_by: row.read("opened_by", json)?,
        source: row.read("source", word(Source::ALL, Source::as_str))?,
        contact: row.maybe("contact", word(Contact::ALL, Contact::as_str))?,
        team: row.maybe("team", text)?,
        first_response_at: row.maybe("first_response_at", time)?,
        resolved_at: row.maybe("resolved_at", time)?,
        closed_at: row.maybe("closed_at", time)?,
        related: row.read("related", json)?,
        satisfaction: row.maybe("satisfaction", json)?,
        resolution: row.maybe("resolution", json)?,
        sla: row.read("sla", json)?,
        metadata: row.read("metadata", json)?,
        deleted_at: row.maybe("deleted_at", time)?,
        alarms: Alarms {
            sla: row.maybe("sla_at", time)?,
            escalation: row.maybe("escalation_at", time)?,
            auto_close: row.maybe("auto_close_at", time)?,
        },
        merged_into: row.maybe("merged_into", uuid)?,
        language: row.maybe("language", text)?,
        reach: Reach {
            email: row.maybe("email", text)?,
            phone: row.maybe("phone", text)?,
            email_key: row.maybe("email_key", text)?,
        },
        watchers: row.read("watchers", json)?,
        marks: row.read("marks", json)?,
        fields: row.read("fields", json)?,
    })
}

fn phase(row: &mut Fields<'_>) -> Result<Phase, Error> {
    row.read("phase", word(&Phase::ALL, Phase::as_str))
}

fn assignee(row: &mut Fields<'_>) -> Result<Option<AgentRef>, Error> {
    let id = row.maybe("assignee_id", uuid)?;
    let name: Option<String> = row.maybe("assignee_name", text)?;
    Ok(id.map(|id| AgentRef { id, name: name.unwrap_or_default() }))
}

fn pace(row: &mut Fields<'_>) -> Result<Pace, Error> {
    Ok(Pace { at_risk: row.maybe("risk_at", time)?, due: row.maybe("due_at", time)? })
}
