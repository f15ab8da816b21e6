//! Questions that are asked somewhere and logged (S0, `CustomerInquiryReceived`): on the phone, in a chat, in a form. Staff
//! turn those into tickets that need more than an answer on the spot.

use crate::domain::{
    actor::Signature,
    document::{DocumentKind, Kept, Placement, list},
    fault::{Fault, Faults, Refusal},
    id::{CustomerId, InquiryId, TicketId},
    text::TextRule,
    ticket::{NewReach, Source},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inquiry {
    /// Its id.
    pub id: InquiryId,
    /// Whose, where they are known; none once they were forgotten.
    pub customer: Option<CustomerId>,
    /// What they are called, where they said.
    pub name: Option<String>,
    /// Where to answer, where they said.
    pub email: Option<String>,
    /// How it came in.
    pub channel: Source,
    /// In one line; the beginning of the message where nobody said.
    pub subject: String,
    /// The question.
    pub message: String,
    /// What has become of it.
    pub state: InquiryState,
    /// Who wrote it down.
    pub logged_by: Signature,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// What has become of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum InquiryState {
    /// Nothing yet.
    Open,
    /// A ticket.
    Converted {
        /// Which.
        ticket: TicketId,
    },
    /// It needed nothing more.
    Dismissed,
}

impl InquiryState {
    /// The words on the wire.
    pub const WORDS: [&'static str; 3] = ["open", "converted", "dismissed"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Converted { .. } => "converted",
            Self::Dismissed => "dismissed",
        }
    }
}

/// A question that is to be logged, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewInquiry {
    /// Whose; for staff, who log it for somebody.
    pub customer: Option<CustomerId>,
    /// What they are called.
    pub name: Option<String>,
    /// Where to answer.
    pub email: Option<String>,
    /// How it came in; over the web where absent.
    pub channel: Option<Source>,
    /// In one line.
    pub subject: Option<String>,
    /// The question.
    pub message: String,
}

/// Characters of a subject that is made from a message.
const SUBJECT: usize = 80;

impl NewInquiry {
    pub(crate) fn check(
        self,
        id: InquiryId,
        customer: Option<CustomerId>,
        logged_by: Signature,
        now: DateTime<Utc>,
    ) -> Result<Inquiry, Faults> {
        let mut faults = Faults::new();
        let message = faults.keep(TextRule::block(10_000).required("message", &self.message)).unwrap_or_default();
        let named = self.name.and_then(|name| faults.keep(TextRule::line(200).optional("name", &name)).flatten());
        let reach = NewReach { email: self.email, phone: None }.check_as("email", &mut faults);
        let subject =
            self.subject.and_then(|text| faults.keep(TextRule::line(200).optional("subject", &text)).flatten());
        if customer.is_none() && reach.email.is_none() && self.channel.unwrap_or(Source::Web) == Source::Web {
            faults.push(Fault::new("email", "must be given: nobody could answer"));
        }
        faults.check()?;
        Ok(Inquiry {
            id,
            customer,
            name: named,
            email: reach.email,
            channel: self.channel.unwrap_or(Source::Web),
            subject: subject.unwrap_or_else(|| first_line(&message)),
            message,
            state: InquiryState::Open,
            logged_by,
            created_at: now,
        })
    }
}

fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().trim();
    let cut: String = line.chars().take(SUBJECT).collect();
    if cut.len() < line.len() { format!("{}…", cut.trim_end()) } else { cut }
}

impl Inquiry {
    /// The list of all, by when they came.
    pub const ALL: &'static str = "all";

    /// Those that came in this way, or of which this has become, by when they came.
    pub fn list(channel: Option<Source>, state: Option<&str>) -> String {
        let mut parts = vec![Self::ALL.to_owned()];
        parts.extend(channel.map(|channel| format!("channel:{}", channel.as_str())));
        parts.extend(state.map(|state| format!("state:{state}")));
        list(parts.iter().map(String::as_str))
    }

    /// The question as it stands once something has become of it.
    pub(crate) fn settle(self, state: InquiryState) -> Result<Self, Refusal> {
        match self.state {
            InquiryState::Open => Ok(Self { state, ..self }),
            InquiryState::Converted { .. } => Err(Refusal::State("the inquiry is a ticket already")),
            InquiryState::Dismissed => Err(Refusal::State("the inquiry was dismissed")),
        }
    }

    /// Where a ticket that is made of it reaches its customer.
    pub(crate) fn reach(&self) -> NewReach {
        NewReach { email: self.email.clone(), phone: None }
    }
}

impl Kept for Inquiry {
    const KIND: DocumentKind = DocumentKind::Inquiry;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Option<CustomerId> {
        self.customer
    }

    fn placement(&self) -> Placement {
        let at = self.created_at.timestamp_millis();
        let (channel, state) = (Some(self.channel), Some(self.state.as_str()));
        let names = [(None, None), (channel, None), (None, state), (channel, state)];
        let lists: BTreeMap<String, i64> =
            names.into_iter().map(|(channel, state)| (Self::list(channel, state), at)).collect();
        Placement { lists, ..Placement::default() }
    }
}
