//! When a ticket rises to a higher level or ends by itself: rules as data.

use crate::domain::{
    key::PriorityKey,
    profile::{Phase, When},
    sla::ClockKind,
    span::Span,
};
use serde::{Deserialize, Serialize};

/// How tickets rise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Escalation {
    /// The highest level; rising further is refused.
    pub max_level: u32,
    /// Applied in order, each once for a ticket and cycle.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<EscalationRule>,
}

impl Default for Escalation {
    fn default() -> Self {
        Self { max_level: 5, rules: Vec::new() }
    }
}

/// One reason to rise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationRule {
    /// Its name in the audit trail.
    pub name: String,
    /// Which tickets.
    #[serde(default)]
    pub when: When,
    /// At which moment.
    pub trigger: Trigger,
    /// What happens then.
    #[serde(default)]
    pub action: EscalationAction,
}

/// The moment at which a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// This long after opening, without a resolution.
    UnresolvedFor(Span),
    /// This long without any answer of staff.
    NoResponseFor(Span),
    /// An SLA clock has passed its target.
    Breached(ClockKind),
    /// An SLA clock has reached the first of the profile's `at_risk_percent`.
    AtRisk(ClockKind),
    /// At once: for tickets that should never wait at the lowest level.
    Opened,
}

/// What escalating does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EscalationAction {
    /// Raise the level by one.
    pub raise_level: bool,
    /// Set this priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<PriorityKey>,
    /// Hand over to this team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

impl Default for EscalationAction {
    fn default() -> Self {
        Self { raise_level: true, priority: None, team: None }
    }
}

/// When a ticket ends because nobody touches it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutoClose {
    /// How long without any message or change.
    pub after: Span,
    /// In which phases.
    pub phases: Vec<Phase>,
}
