use super::Related;
use crate::domain::{
    access::TicketScope,
    actor::AgentRef,
    id::{AgentId, CustomerId, TicketId},
    key::{CategoryKey, PriorityKey, StatusKey},
    profile::Phase,
    sla::SlaReport,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Where the clocks of a ticket stood when it was last changed, as two moments that a database can compare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    /// When a running clock comes to be at risk; none if none runs towards a target.
    pub at_risk: Option<DateTime<Utc>>,
    /// When a running clock is due.
    pub due: Option<DateTime<Utc>>,
}

impl Pace {
    /// Reads the clocks.
    pub fn of(report: &SlaReport) -> Self {
        Self { at_risk: report.at_risk(), due: report.due() }
    }

    /// What that means at `now`; nothing where no clock runs towards a target.
    pub fn at(&self, now: DateTime<Utc>) -> Option<SlaFilter> {
        let due = self.due?;
        Some(if due <= now {
            SlaFilter::Breached
        } else if self.at_risk.is_some_and(|moment| moment <= now) {
            SlaFilter::AtRisk
        } else {
            SlaFilter::OnTrack
        })
    }
}

/// Tickets by how their running clocks do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlaFilter {
    /// A target is used up.
    Breached,
    /// A chosen share of a target is used up, but none whole.
    AtRisk,
    /// A clock runs, and nothing is near.
    OnTrack,
}

impl SlaFilter {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Breached, Self::AtRisk, Self::OnTrack];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Breached => "breached",
            Self::AtRisk => "at_risk",
            Self::OnTrack => "on_track",
        }
    }
}

/// Who has the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssigneeFilter {
    /// This agent.
    Is(AgentId),
    /// Nobody.
    Nobody,
}

/// Which tickets of the scope; an empty list or an absent value asks nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TicketFilter {
    /// In one of these statuses.
    pub statuses: Vec<StatusKey>,
    /// Of one of these priorities.
    pub priorities: Vec<PriorityKey>,
    /// Of one of these categories.
    pub categories: Vec<CategoryKey>,
    /// With this assignee.
    pub assignee: Option<AssigneeFilter>,
    /// Of this customer.
    pub customer: Option<CustomerId>,
    /// With this tag, in lower case.
    pub tag: Option<String>,
    /// About this thing of the host; its label does not matter.
    pub related: Option<Related>,
    /// Opened at or after.
    pub from: Option<DateTime<Utc>>,
    /// Opened before.
    pub to: Option<DateTime<Utc>>,
    /// Of a person with this mail address, in the form of [`Reach::email_key`](super::Reach::email_key).
    pub email_key: Option<String>,
    /// Only deleted ones, instead of only those that are not.
    pub deleted: bool,
    /// With clocks in this state at this moment.
    pub sla: Option<(SlaFilter, DateTime<Utc>)>,
    /// Whose number, subject, tags or first message hold all these words; the last may be the beginning of one, from two letters.
    pub text: Option<String>,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Whether from low to high.
    pub ascending: bool,
}

/// What tickets can be sorted by; each is served by an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// When they were opened.
    Created,
    /// When they were last touched.
    Updated,
}

impl Default for Sort {
    /// The newest first.
    fn default() -> Self {
        Self { key: SortKey::Created, ascending: false }
    }
}

/// A place between two rows of a list: the one after which the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The sort key of the row.
    pub at: DateTime<Utc>,
    /// The row, for those that share a moment.
    pub id: TicketId,
}

/// A list to be read: scope, filter, order and place.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketQuery {
    /// What the actor may see.
    pub scope: TicketScope,
    /// What they ask for.
    pub filter: TicketFilter,
    /// In which order.
    pub sort: Sort,
    /// After which row; from the beginning where absent.
    pub after: Option<Cursor>,
    /// How many rows to pass over first, for numbered pages. A cursor is cheaper.
    pub skip: u32,
    /// How many rows.
    pub limit: u32,
    /// Who reads, where a copy of the store that lags behind a little will do; what they wrote themselves is in it all the
    /// same. Absent where something is decided by what is read: then every commit is in it.
    pub reader: Option<Uuid>,
}

/// A ticket as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketSummary {
    /// Its id.
    pub id: TicketId,
    /// Its number.
    pub number: String,
    /// Whose it is.
    pub customer: CustomerId,
    /// Their name.
    pub customer_name: String,
    /// Its subject.
    pub subject: String,
    /// Its category.
    pub category: Option<CategoryKey>,
    /// Its priority.
    pub priority: PriorityKey,
    /// Its status.
    pub status: StatusKey,
    /// What the status means.
    pub phase: Phase,
    /// Who has it.
    pub assignee: Option<AgentRef>,
    /// Its level.
    pub escalation_level: u32,
    /// Its tags.
    pub tags: BTreeSet<String>,
    /// Where its clocks stand.
    pub pace: Pace,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last touched.
    pub updated_at: DateTime<Utc>,
    /// The beginning of the latest public message, at most [`TicketSummary::PREVIEW_CHARS`] characters.
    pub last_message: Option<String>,
}

impl TicketSummary {
    /// Characters of [`TicketSummary::last_message`].
    pub const PREVIEW_CHARS: usize = 140;

    /// The row as its customer may see it.
    #[must_use]
    pub fn for_customer(self) -> Self {
        Self { escalation_level: 0, pace: Pace::default(), ..self }
    }

    /// Where the next page begins if this is the last row of a page.
    pub fn cursor(&self, key: SortKey) -> Cursor {
        let at = match key {
            SortKey::Created => self.created_at,
            SortKey::Updated => self.updated_at,
        };
        Cursor { at, id: self.id }
    }
}
