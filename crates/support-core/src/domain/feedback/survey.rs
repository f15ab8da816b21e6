//! The survey that is sent when a ticket is solved (S0, business rule 5): once for each ticket.

use crate::domain::{
    document::{DocumentKind, Kept, Placement, list},
    id::{CustomerId, SurveyId, TicketId},
    span::Span,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// When a desk asks its customers how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SurveyRule {
    /// So long after the ticket was resolved, or closed where nobody resolved it.
    pub after: Span,
}

impl Default for SurveyRule {
    fn default() -> Self {
        Self { after: Span::hours(1) }
    }
}

/// A survey about a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// Its id.
    pub id: SurveyId,
    /// About which ticket.
    pub ticket: TicketId,
    /// Who is asked.
    pub customer: CustomerId,
    /// What has become of it.
    pub state: SurveyState,
}

/// What has become of a survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum SurveyState {
    /// It will be sent.
    Due {
        /// When.
        at: DateTime<Utc>,
    },
    /// It was handed to the host.
    Sent {
        /// When.
        at: DateTime<Utc>,
    },
    /// It was answered.
    Answered {
        /// When.
        at: DateTime<Utc>,
    },
}

impl Survey {
    /// Those that will be sent, by when.
    pub const DUE: &'static str = "due";

    /// By what the survey about a ticket is found.
    pub fn key(ticket: TicketId) -> String {
        list(["ticket", ticket.to_string().as_str()])
    }
}

impl Kept for Survey {
    const KIND: DocumentKind = DocumentKind::Survey;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Option<CustomerId> {
        Some(self.customer)
    }

    fn placement(&self) -> Placement {
        let (name, at) = match self.state {
            SurveyState::Due { at } => (Self::DUE, at),
            SurveyState::Sent { at } => ("sent", at),
            SurveyState::Answered { at } => ("answered", at),
        };
        Placement { keys: [Self::key(self.ticket)].into(), lists: [(name.to_owned(), at.timestamp_millis())].into() }
    }
}
