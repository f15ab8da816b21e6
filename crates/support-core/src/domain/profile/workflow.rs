use crate::domain::{fault::Fault, key::StatusKey};
use serde::{Deserialize, Serialize};

/// What a status means to the rules, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nobody has begun.
    New,
    /// Somebody works on it.
    Open,
    /// The customer has to answer.
    WaitingOnCustomer,
    /// A third party has to act.
    WaitingInternally,
    /// Solved, as far as staff know.
    Resolved,
    /// Over.
    Closed,
}

impl Phase {
    /// All of them, from first to last.
    pub const ALL: [Self; 6] =
        [Self::New, Self::Open, Self::WaitingOnCustomer, Self::WaitingInternally, Self::Resolved, Self::Closed];

    /// Whether the work is over, by resolution or by closing.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Resolved | Self::Closed)
    }

    /// As profiles and the wire write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::WaitingOnCustomer => "waiting_on_customer",
            Self::WaitingInternally => "waiting_internally",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        }
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A status of the workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Its name, on the wire too.
    pub key: StatusKey,
    /// What it means.
    pub phase: Phase,
    /// Where a ticket may go from here.
    #[serde(default)]
    pub to: Vec<StatusKey>,
}

/// Statuses, the steps between them, and what moves a ticket by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// In the order in which people should see them.
    pub statuses: Vec<Status>,
    /// Named moments and the status each leads to.
    pub hooks: Hooks,
}

/// Named moments that set a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hooks {
    /// The status of a new ticket.
    pub initial: StatusKey,
    /// Where resolving leads. It is one step: a status without it among its transitions cannot be resolved.
    pub resolve: StatusKey,
    /// Where closing leads, in one step likewise.
    pub close: StatusKey,
    /// When somebody gets the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_assign: Option<Hook>,
    /// When the ticket goes back into the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_unassign: Option<Hook>,
    /// When staff answer the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_agent_reply: Option<Hook>,
    /// When the customer writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_customer_reply: Option<Hook>,
    /// When the ticket goes to a higher level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_escalate: Option<Hook>,
    /// When an ended ticket is opened again; it cannot be where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_reopen: Option<Hook>,
}

/// A step that the workflow takes by itself. Each `from` must have `to` among its transitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    /// Where it applies; elsewhere it does nothing.
    pub from: Vec<StatusKey>,
    /// Where it leads.
    pub to: StatusKey,
}

/// The hooks that move a ticket as a side effect of something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookName {
    /// See [`Hooks::on_assign`].
    OnAssign,
    /// See [`Hooks::on_unassign`].
    OnUnassign,
    /// See [`Hooks::on_agent_reply`].
    OnAgentReply,
    /// See [`Hooks::on_customer_reply`].
    OnCustomerReply,
    /// See [`Hooks::on_escalate`].
    OnEscalate,
    /// See [`Hooks::on_reopen`].
    OnReopen,
}

impl HookName {
    /// All of them, with the field each has in a profile.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::OnAssign, "on_assign"),
        (Self::OnUnassign, "on_unassign"),
        (Self::OnAgentReply, "on_agent_reply"),
        (Self::OnCustomerReply, "on_customer_reply"),
        (Self::OnEscalate, "on_escalate"),
        (Self::OnReopen, "on_reopen"),
    ];
}

impl Workflow {
    /// The status of that name.
    pub fn status(&self, key: &str) -> Option<&Status> {
        self.statuses.iter().find(|status| status.key.as_str() == key)
    }

    /// The status of that name.
    ///
    /// # Errors
    /// A fault of `field` that lists the known ones.
    pub fn find(&self, field: &str, name: &str) -> Result<&Status, Fault> {
        self.status(name).ok_or_else(|| Fault::unknown(field, name, self.statuses.iter().map(|status| &status.key)))
    }

    /// The hook of that name, where the profile has one.
    pub fn hook(&self, name: HookName) -> Option<&Hook> {
        match name {
            HookName::OnAssign => self.hooks.on_assign.as_ref(),
            HookName::OnUnassign => self.hooks.on_unassign.as_ref(),
            HookName::OnAgentReply => self.hooks.on_agent_reply.as_ref(),
            HookName::OnCustomerReply => self.hooks.on_customer_reply.as_ref(),
            HookName::OnEscalate => self.hooks.on_escalate.as_ref(),
            HookName::OnReopen => self.hooks.on_reopen.as_ref(),
        }
    }

    /// Where the hook leads from `from`; nowhere where it does not apply.
    pub fn hooked(&self, name: HookName, from: &StatusKey) -> Option<&Status> {
        let hook = self.hook(name).filter(|hook| hook.from.contains(from))?;
        self.status(hook.to.as_str())
    }

    /// The statuses that can be reached from `start`, itself included.
    pub fn reachable_from<'a>(&'a self, start: &'a Status) -> Vec<&'a Status> {
        let mut reached = vec![start];
        let mut next = 0;
        while next < reached.len() {
            for key in &reached[next].to {
                if let Some(status) = self.status(key.as_str())
                    && !reached.iter().any(|known| known.key == status.key)
                {
                    reached.push(status);
                }
            }
            next += 1;
        }
        reached
    }
}
