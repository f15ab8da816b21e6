use super::{AgentBody, Moment, sla::SlaBody};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeSet;
use support_core::domain::{
    key::{CategoryKey, PriorityKey, StatusKey},
    ticket::TicketSummary,
};
use utoipa::ToSchema;
use uuid::Uuid;

/// A ticket in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TicketRow)]
pub(crate) struct RowBody<'a> {
    /// Its id.
    ticket_id: Uuid,
    /// The same.
    id: Uuid,
    /// What people call it.
    ticket_number: &'a str,
    /// In one line.
    subject: &'a str,
    /// What it is about.
    #[schema(value_type = Option<String>)]
    category: Option<&'a CategoryKey>,
    /// The same.
    #[schema(value_type = Option<String>)]
    topic: Option<&'a CategoryKey>,
    /// Where it stands, in a word of the profile.
    #[schema(value_type = String)]
    status: &'a StatusKey,
    /// What that means, in a word that all profiles share.
    phase: &'static str,
    /// How urgent it is.
    #[schema(value_type = String)]
    priority: &'a PriorityKey,
    /// Whose it is.
    customer_id: Uuid,
    /// Their name.
    customer_name: &'a str,
    /// Who works on it.
    assigned_to: Option<AgentBody<'a>>,
    /// Words to find it by.
    #[schema(value_type = Vec<String>)]
    tags: &'a BTreeSet<String>,
    /// When it was opened.
    created_at: Moment,
    /// When it was last touched.
    updated_at: Moment,
    /// The beginning of the latest public message.
    last_message: Option<&'a str>,
    /// What only staff see.
    #[serde(flatten)]
    #[schema(value_type = RowInternals)]
    internals: Option<RowInternals>,
}

/// What only staff see of a ticket in a list; absent for everybody else.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TicketRowInternals)]
pub(crate) struct RowInternals {
    /// How often it was raised.
    #[schema(required = false)]
    escalation_level: u32,
    /// When a running clock is due.
    sla_deadline: Option<Moment>,
    /// How its clocks do.
    #[schema(required = false)]
    sla: SlaBody,
}

impl<'a> RowBody<'a> {
    /// The row; with what only staff see if `staff_at` says when they look.
    pub(crate) fn new(row: &'a TicketSummary, staff_at: Option<DateTime<Utc>>) -> Self {
        Self {
            ticket_id: row.id.uuid(),
            id: row.id.uuid(),
            ticket_number: &row.number,
            subject: &row.subject,
            category: row.category.as_ref(),
            topic: row.category.as_ref(),
            status: &row.status,
            phase: row.phase.as_str(),
            priority: &row.priority,
            customer_id: row.customer.uuid(),
            customer_name: &row.customer_name,
            assigned_to: row.assignee.as_ref().map(AgentBody::from),
            tags: &row.tags,
            created_at: Moment(row.created_at),
            updated_at: Moment(row.updated_at),
            last_message: row.last_message.as_deref(),
            internals: staff_at.map(|now| RowInternals {
                escalation_level: row.escalation_level,
                sla_deadline: row.pace.due.map(Moment),
                sla: SlaBody::state(row.pace.at(now)),
            }),
        }
    }
}
