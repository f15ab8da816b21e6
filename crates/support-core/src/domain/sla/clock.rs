use crate::domain::profile::Phase;
use serde::{Deserialize, Serialize};

/// The three clocks of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// From opening to the first public answer of staff.
    FirstResponse,
    /// From a later message of the customer to the answer.
    NextResponse,
    /// From opening to resolution.
    Resolution,
}

impl ClockKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::FirstResponse, Self::NextResponse, Self::Resolution];

    /// As profiles and the wire write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstResponse => "first_response",
            Self::NextResponse => "next_response",
            Self::Resolution => "resolution",
        }
    }
}

/// How one clock behaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockRule {
    /// What sets it going. A start while it runs changes nothing.
    pub starts: Start,
    /// What ends a cycle.
    pub stops: Vec<Stop>,
    /// In which phases time does not count.
    #[serde(default)]
    pub pauses_in: Vec<Phase>,
    /// What an opening after the end does to it.
    #[serde(default)]
    pub on_reopen: OnReopen,
    /// What a change of priority, and so of policy, does to it while it runs.
    #[serde(default)]
    pub on_policy_change: OnPolicyChange,
}

/// What sets a clock going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// The ticket is opened: one cycle.
    Opened,
    /// The customer writes after staff have answered: a new cycle each time.
    CustomerMessage,
}

/// What ends a cycle of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// Staff answer in public.
    AgentReply,
    /// The ticket is resolved or closed.
    Done,
}

/// What reopening does to a clock that has stopped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnReopen {
    /// It goes on where it stopped; the time in between does not count.
    Continue,
    /// A new cycle begins at zero.
    Restart,
    /// It stays stopped, and stays judged.
    #[default]
    Leave,
}

/// What a new policy does to a running clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnPolicyChange {
    /// The new target counts from the same start.
    #[default]
    Retarget,
    /// The target that the cycle began with stays.
    Keep,
}

/// The rules of the three clocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClockRules {
    /// See [`ClockKind::FirstResponse`].
    pub first_response: ClockRule,
    /// See [`ClockKind::NextResponse`].
    pub next_response: ClockRule,
    /// See [`ClockKind::Resolution`].
    pub resolution: ClockRule,
}

impl Default for ClockRules {
    /// Responses never pause, or a waiting status would hide an unanswered customer; the resolution pauses while the
    /// customer has to answer, and goes on when a ticket is opened again.
    fn default() -> Self {
        let rule = |starts, stops: &[Stop], pauses_in: &[Phase], on_reopen| ClockRule {
            starts,
            stops: stops.to_vec(),
            pauses_in: pauses_in.to_vec(),
            on_reopen,
            on_policy_change: OnPolicyChange::Retarget,
        };
        Self {
            first_response: rule(Start::Opened, &[Stop::AgentReply, Stop::Done], &[], OnReopen::Leave),
            next_response: rule(Start::CustomerMessage, &[Stop::AgentReply, Stop::Done], &[], OnReopen::Leave),
            resolution: rule(Start::Opened, &[Stop::Done], &[Phase::WaitingOnCustomer], OnReopen::Continue),
        }
    }
}

impl ClockRules {
    /// The rule of one clock.
    pub fn of(&self, clock: ClockKind) -> &ClockRule {
        match clock {
            ClockKind::FirstResponse => &self.first_response,
            ClockKind::NextResponse => &self.next_response,
            ClockKind::Resolution => &self.resolution,
        }
    }
}
