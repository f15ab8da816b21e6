//! Time that staff spend on tickets.

use crate::domain::{
    actor::AgentRef,
    id::{TicketId, TimeEntryId},
};
use chrono::{DateTime, Utc};

/// Some minutes of somebody's work on a ticket (S1, "Time Tracking").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeEntry {
    /// Its id.
    pub id: TimeEntryId,
    /// On which ticket.
    pub ticket: TicketId,
    /// Whose time.
    pub agent: AgentRef,
    /// How many minutes, at least one.
    pub minutes: u32,
    /// Whether the customer is billed for it.
    pub billable: bool,
    /// What was done.
    pub note: Option<String>,
    /// When it was done.
    pub spent_at: DateTime<Utc>,
    /// When it was written down.
    pub created_at: DateTime<Utc>,
}
