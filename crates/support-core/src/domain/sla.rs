//! Service levels: which targets apply, and how the time towards them is counted.
//!
//! The clocks are a pure function of (rules, calendars, log, now): see [`evaluate`]. A ticket keeps its [`SlaLog`],
//! never a bare deadline, so every figure can be explained and counted again. The vocabulary is that of Zendesk's
//! ticket metric events: activate, pause, fulfil, apply SLA, breach.

mod clock;
mod log;
mod report;

pub use clock::{ClockKind, ClockRule, ClockRules, OnPolicyChange, OnReopen, Start, Stop};
pub use log::{AppliedPolicy, SlaEntry, SlaLog, SlaSignal};
pub use report::{ClockReport, ClockState, Segment, SegmentKind, SlaReport, evaluate};

use crate::domain::{
    key::{CategoryKey, PriorityKey},
    profile::When,
    span::Span,
};
use serde::{Deserialize, Serialize};

/// The service levels of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sla {
    /// The first that matches a ticket counts; a ticket that none matches has no targets.
    pub policies: Vec<SlaPolicy>,
    /// Percentages of a target at which a running clock is at risk.
    pub at_risk_percent: Vec<u8>,
    /// What starts, pauses and stops each clock.
    pub clocks: ClockRules,
}

impl Default for Sla {
    fn default() -> Self {
        Self { policies: Vec::new(), at_risk_percent: vec![80], clocks: ClockRules::default() }
    }
}

/// Targets for some tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaPolicy {
    /// Its name in the audit trail and in reports.
    pub name: String,
    /// Which tickets.
    #[serde(default)]
    pub when: When,
    /// The business hours in which time counts; around the clock where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// What is promised.
    pub targets: Targets,
}

/// The promised times; a clock without a target runs unjudged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Targets {
    /// From opening to the first public answer of staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_response: Option<Span>,
    /// From a later message of the customer to the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_response: Option<Span>,
    /// From opening to resolution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Span>,
}

impl Targets {
    /// Whether nothing is promised.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The target of one clock.
    pub fn of(&self, clock: ClockKind) -> Option<Span> {
        match clock {
            ClockKind::FirstResponse => self.first_response,
            ClockKind::NextResponse => self.next_response,
            ClockKind::Resolution => self.resolution,
        }
    }
}

impl SlaPolicy {
    /// A policy for every ticket, without targets yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), when: When::default(), calendar: None, targets: Targets::default() }
    }

    /// Only for these tickets.
    pub fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// Counts in the business hours of that name.
    pub fn calendar(mut self, name: impl Into<String>) -> Self {
        self.calendar = Some(name.into());
        self
    }

    /// Promises a first response.
    pub fn first_response(mut self, target: Span) -> Self {
        self.targets.first_response = Some(target);
        self
    }

    /// Promises an answer to every later message.
    pub fn next_response(mut self, target: Span) -> Self {
        self.targets.next_response = Some(target);
        self
    }

    /// Promises a resolution.
    pub fn resolution(mut self, target: Span) -> Self {
        self.targets.resolution = Some(target);
        self
    }
}

impl Sla {
    /// The policy for a ticket of these properties.
    pub fn policy_for(
        &self,
        priority: &PriorityKey,
        category: Option<&CategoryKey>,
        tier: Option<&str>,
    ) -> Option<&SlaPolicy> {
        self.policies.iter().find(|policy| policy.when.holds(Some(priority), category, tier))
    }
}
