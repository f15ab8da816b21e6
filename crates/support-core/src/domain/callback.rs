//! Phone calls that customers ask for (S0): when somebody is there to make them, and never more than can be made.

mod slots;

pub use slots::{CallbackRule, DayPart, Slot, WantedDay};

use crate::domain::{
    actor::{AgentRef, Signature},
    document::{DocumentKind, Kept, Placement, list},
    fault::{Fault, Faults, Refusal},
    id::{CallbackId, CustomerId, TicketId},
    text::TextRule,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// Its id.
    pub id: CallbackId,
    /// Who is called; none once they were forgotten.
    pub customer: Option<CustomerId>,
    /// Their name.
    pub name: String,
    /// Where, in E.164: `+` and at most 15 digits.
    pub phone: String,
    /// What about.
    pub topic: String,
    /// What the customer said beside that.
    pub notes: Option<String>,
    /// About which ticket, if about one.
    pub ticket: Option<TicketId>,
    /// When.
    pub slot: Slot,
    /// Which of those who are called in that slot, from 0.
    pub seat: u32,
    /// On whose clock the customer reads it, as an IANA name.
    pub time_zone: String,
    /// How it stands.
    pub status: CallbackStatus,
    /// Who makes it, or made it.
    pub agent: Option<AgentRef>,
    /// How it went.
    pub outcome: Option<String>,
    /// How often it was moved.
    pub moved: u32,
    /// Who asked for it.
    pub asked_by: Signature,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// How a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackStatus {
    /// It will be made.
    Scheduled,
    /// It was made.
    Completed,
    /// Nobody answered, or nobody called.
    Missed,
    /// It will not be made.
    Cancelled,
}

impl CallbackStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Scheduled, Self::Completed, Self::Missed, Self::Cancelled];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Completed => "completed",
            Self::Missed => "missed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A call that somebody asks for, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCallback {
    /// Whom to call: for staff, who ask on behalf of somebody.
    pub customer: Option<CustomerId>,
    /// Where, as people write phone numbers; the desk has a library read it.
    pub phone: String,
    /// On which day, or when exactly.
    pub day: WantedDay,
    /// In which part of the day.
    pub part: Option<DayPart>,
    /// On whose clock, as an IANA name; that of the desk's calendar where absent.
    pub time_zone: Option<String>,
    /// What about.
    pub topic: String,
    /// What to know beforehand.
    pub notes: Option<String>,
    /// About which ticket.
    pub ticket: Option<TicketId>,
}

/// What was typed, checked.
#[derive(Debug, Clone)]
pub(crate) struct CheckedCall {
    pub(crate) topic: String,
    pub(crate) notes: Option<String>,
}

impl NewCallback {
    /// What can be checked without looking at a clock.
    pub(crate) fn check(&self, faults: &mut Faults) -> CheckedCall {
        let topic = faults.keep(TextRule::line(120).required("topic", &self.topic)).unwrap_or_default();
        let notes = self.notes.as_deref().and_then(|text| faults.keep(TextRule::block(2_000).optional("notes", text)));
        CheckedCall { topic, notes: notes.flatten() }
    }
}

impl Callback {
    /// All calls of a customer, by when they are.
    pub fn of(customer: CustomerId) -> String {
        list(["of", customer.to_string().as_str()])
    }

    /// Those of a customer that will be made.
    pub fn open_of(customer: CustomerId) -> String {
        list(["open", customer.to_string().as_str()])
    }

    /// All calls that stand so, by when they are.
    pub fn standing(status: CallbackStatus) -> String {
        list(["status", status.as_str()])
    }

    /// Those that will be made in a slot.
    pub fn in_slot(slot: Slot) -> String {
        list(["slot", slot.start.timestamp_millis().to_string().as_str()])
    }

    /// The call at another time.
    pub(crate) fn reschedule(
        self,
        slot: Slot,
        seat: u32,
        time_zone: String,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        // One that was missed can be tried again.
        if !matches!(self.status, CallbackStatus::Scheduled | CallbackStatus::Missed) {
            return Err(Refusal::State("a call that was made or cancelled cannot be moved"));
        }
        let status = CallbackStatus::Scheduled;
        Ok(Self { slot, seat, time_zone, status, moved: self.moved + 1, updated_at: now, ..self })
    }

    /// The call as cancelled.
    pub(crate) fn cancel(self, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.must_be_scheduled()?;
        Ok(Self { status: CallbackStatus::Cancelled, updated_at: now, ..self })
    }

    /// The call as made, or as missed.
    pub(crate) fn end(
        self,
        made: bool,
        outcome: Option<String>,
        by: Option<AgentRef>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        self.must_be_scheduled()?;
        if !made && now < self.slot.start {
            return Err(Fault::new("status", "cannot be missed before its time").into());
        }
        let outcome = outcome.map(|text| TextRule::block(5_000).optional("notes", &text)).transpose()?.flatten();
        let status = if made { CallbackStatus::Completed } else { CallbackStatus::Missed };
        Ok(Self { status, outcome, agent: by.or(self.agent.clone()), updated_at: now, ..self })
    }

    /// The call with whoever makes it.
    pub(crate) fn take(self, agent: AgentRef, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.must_be_scheduled()?;
        if self.agent.as_ref().is_some_and(|other| other.id != agent.id) {
            return Err(Refusal::State("somebody else makes this call"));
        }
        Ok(Self { agent: Some(agent), updated_at: now, ..self })
    }

    fn must_be_scheduled(&self) -> Result<(), Refusal> {
        match self.status {
            CallbackStatus::Scheduled => Ok(()),
            CallbackStatus::Completed => Err(Refusal::State("the call was made already")),
            CallbackStatus::Missed => Err(Refusal::State("the call was missed already")),
            CallbackStatus::Cancelled => Err(Refusal::State("the call was cancelled")),
        }
    }
}

impl Kept for Callback {
    const KIND: DocumentKind = DocumentKind::Callback;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Option<CustomerId> {
        self.customer
    }

    fn placement(&self) -> Placement {
        let at = self.slot.start.timestamp_millis();
        let mut placement =
            Placement { lists: BTreeMap::from([(Self::standing(self.status), at)]), ..Placement::default() };
        placement.lists.extend(self.customer.map(|customer| (Self::of(customer), at)));
        if self.status == CallbackStatus::Scheduled {
            // Two who want the last seat at once cannot both have its key.
            placement.keys.insert(format!("{}/{}", Self::in_slot(self.slot), self.seat));
            placement.lists.insert(Self::in_slot(self.slot), i64::from(self.seat));
            placement.lists.extend(self.customer.map(|customer| (Self::open_of(customer), at)));
        }
        placement
    }
}
