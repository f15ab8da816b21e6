//! Tickets: by id, by number and in lists.

pub(crate) mod conditions;
mod list;
pub(crate) mod words;
pub(crate) mod write;

use crate::{
    SqlxStore,
    error::Error,
    row::{Fields, Row},
    store::{read, read_near},
    value::values,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use support_core::{
    domain::{
        actor::AgentRef,
        id::TicketId,
        profile::Phase,
        ticket::{AlarmKind, Alarms, Contact, Pace, Reach, Source, Ticket, TicketQuery, TicketSummary},
    },
    ports::{Slice, StoreError, tickets::TicketStore},
};

macro_rules! columns {
    () => {
        "id, number, version, customer_id, customer_name, subject, category, priority, status, phase, \
         assignee_id, assignee_name, escalation_level, tags, risk_at, due_at, created_at, updated_at, \
         customer_tier, opened_by, source, contact, team, first_response_at, resolved_at, closed_at, \
         related, satisfaction, resolution, sla, metadata, deleted_at, sla_at, escalation_at, auto_close_at, \
         merged_into, language, email, phone, email_key, watchers, marks, fields"
    };
}
/// A whole ticket, for statements that read all of it.
macro_rules! tickets {
    ($condition:literal) => {
        concat!("SELECT ", columns!(), " FROM {tickets} WHERE ", $condition)
    };
}

pub(crate) const BY_ID: &str = tickets!("id = ?");
/// Takes a place in the order of commits and a number of rows.
pub(crate) const BEHIND: &str = concat!(
    "SELECT ",
    columns!(),
    ", seq FROM {ticket_text} JOIN {tickets} ON id = ticket WHERE seq > ? ORDER BY seq LIMIT ?"
);
pub(crate) const BY_NUMBER: &str = tickets!("number = ?");
/// Tickets of a customer, deleted or not, held until the end of the transaction.
pub(crate) const OF_CUSTOMER: &str = tickets!("customer_id = ? ORDER BY id FOR UPDATE");

#[async_trait]
impl TicketStore for SqlxStore {
    async fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, StoreError> {
        read!(self.primary, |session| async {
            session.row(BY_ID, values![id.uuid()]).await?.as_ref().map(decode).transpose()
        })
    }

    async fn ticket_by_number(&self, number: &str) -> Result<Option<Ticket>, StoreError> {
        if number.contains('\0') {
            return Ok(None);
        }
        read!(self.primary, |session| async {
            session.row(BY_NUMBER, values![number]).await?.as_ref().map(decode).transpose()
        })
    }

    async fn tickets(&self, query: &TicketQuery) -> Result<Slice<TicketSummary>, StoreError> {
        read_near!(self, self.for_list(query), |session| list::page(session, query))
    }

    async fn ticket_count(&self, query: &TicketQuery, most: u32) -> Result<u32, StoreError> {
        read_near!(self, self.for_list(query), |session| list::count(session, query, most))
    }

    async fn due_tickets(&self, alarm: AlarmKind, now: DateTime<Utc>, limit: u32) -> Result<Vec<TicketId>, StoreError> {
        let column = match alarm {
            AlarmKind::Sla => "sla_at",
            AlarmKind::Escalation => "escalation_at",
            AlarmKind::AutoClose => "auto_close_at",
        };
        let sql = format!("SELECT id FROM {{tickets}} WHERE {column} <= ? ORDER BY {column}, id LIMIT ?");
        read!(self.primary, |session| async {
            let rows = session.rows(&sql, values![now, limit]).await?;
            rows.iter().map(|row| Fields::new("tickets", row).id("id")).collect()
        })
    }
}

/// A ticket, and where it stands in the order of commits.
pub(crate) fn placed(row: &Row) -> Result<(i64, Ticket), Error> {
    Ok((Fields::tail("tickets", row, 1).integer("seq")?, decode(row)?))
}

pub(crate) fn decode(row: &Row) -> Result<Ticket, Error> {
    let mut row = Fields::new("tickets", row);
    Ok(Ticket {
        id: row.id("id")?,
        number: row.text("number")?,
        version: row.count("version")?,
        customer: row.id("customer_id")?,
        customer_name: row.text("customer_name")?,
        subject: row.text("subject")?,
        category: row.maybe_text("category")?,
        priority: row.text("priority")?,
        status: row.text("status")?,
        phase: phase(&mut row)?,
        assignee: assignee(&mut row)?,
        escalation_level: row.count("escalation_level")?,
        tags: row.json("tags")?,
        pace: pace(&mut row)?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        customer_tier: row.maybe_text("customer_tier")?,
        opened_by: row.json("opened_by")?,
        source: row.word("source", Source::ALL, Source::as_str)?,
        contact: row.maybe_word("contact", Contact::ALL, Contact::as_str)?,
        team: row.maybe_text("team")?,
        first_response_at: row.maybe_time("first_response_at")?,
        resolved_at: row.maybe_time("resolved_at")?,
        closed_at: row.maybe_time("closed_at")?,
        related: row.json("related")?,
        satisfaction: row.maybe_json("satisfaction")?,
        resolution: row.maybe_json("resolution")?,
        sla: row.json("sla")?,
        metadata: row.json("metadata")?,
        deleted_at: row.maybe_time("deleted_at")?,
        alarms: Alarms {
            sla: row.maybe_time("sla_at")?,
            escalation: row.maybe_time("escalation_at")?,
            auto_close: row.maybe_time("auto_close_at")?,
        },
        merged_into: row.maybe_id("merged_into")?,
        language: row.maybe_text("language")?,
        reach: Reach {
            email: row.maybe_text("email")?,
            phone: row.maybe_text("phone")?,
            email_key: row.maybe_text("email_key")?,
        },
        watchers: row.json("watchers")?,
        marks: row.json("marks")?,
        fields: row.json("fields")?,
    })
}

fn phase(row: &mut Fields<'_>) -> Result<Phase, Error> {
    row.word("phase", &Phase::ALL, Phase::as_str)
}

fn assignee(row: &mut Fields<'_>) -> Result<Option<AgentRef>, Error> {
    let id = row.maybe_id("assignee_id")?;
    let name: Option<String> = row.maybe_text("assignee_name")?;
    Ok(id.map(|id| AgentRef { id, name: name.unwrap_or_default() }))
}

fn pace(row: &mut Fields<'_>) -> Result<Pace, Error> {
    Ok(Pace { at_risk: row.maybe_time("risk_at")?, due: row.maybe_time("due_at")? })
}
