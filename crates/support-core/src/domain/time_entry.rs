//! Time that staff spend on tickets.

use crate::domain::{
    actor::AgentRef,
    fault::{Fault, Faults},
    id::{TicketId, TimeEntryId},
    text::TextRule,
    ticket::Context,
};
use chrono::{DateTime, SubsecRound, Utc};

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

/// Time that somebody wants to write down, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewTime {
    /// How many minutes.
    pub minutes: i64,
    /// Whether the customer is billed for it.
    pub billable: bool,
    /// What was done.
    pub note: Option<String>,
    /// When it was done; now where absent.
    pub spent_at: Option<DateTime<Utc>>,
}

/// Nobody works longer than a day without writing it down.
const MOST_MINUTES: u32 = 24 * 60;

impl NewTime {
    /// So many minutes, just now.
    pub fn minutes(minutes: i64) -> Self {
        Self { minutes, ..Self::default() }
    }

    /// The entry, if nothing is wrong with it.
    pub(crate) fn check(
        self,
        cx: Context<'_>,
        ticket: TicketId,
        id: TimeEntryId,
        agent: AgentRef,
    ) -> Result<TimeEntry, Faults> {
        let mut faults = Faults::new();
        let minutes = u32::try_from(self.minutes).ok().filter(|minutes| (1..=MOST_MINUTES).contains(minutes));
        if minutes.is_none() {
            faults.push(Fault::new("minutes", format!("must be a whole number from 1 to {MOST_MINUTES}")));
        }
        let note = self.note.and_then(|note| faults.keep(TextRule::block(500).optional("note", &note)).flatten());
        let spent_at = self.spent_at.map_or(cx.now, |at| at.trunc_subsecs(3));
        if spent_at > cx.now {
            faults.push(Fault::new("spentAt", "must not lie in the future"));
        }
        faults.check()?;
        let (minutes, billable) = (minutes.unwrap_or_default(), self.billable);
        Ok(TimeEntry { id, ticket, agent, minutes, billable, note, spent_at, created_at: cx.now })
    }
}

/// The entries of a ticket, and what they add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimeSheet {
    /// The entries, in the order in which they were written down.
    pub entries: Vec<TimeEntry>,
    /// Minutes of all of them.
    pub minutes: u64,
    /// Minutes of those for which the customer is billed.
    pub billable_minutes: u64,
}

impl From<Vec<TimeEntry>> for TimeSheet {
    fn from(entries: Vec<TimeEntry>) -> Self {
        let sum = |billable: bool| {
            let counted = entries.iter().filter(|entry| entry.billable || !billable);
            counted.map(|entry| u64::from(entry.minutes)).sum()
        };
        Self { minutes: sum(false), billable_minutes: sum(true), entries }
    }
}
