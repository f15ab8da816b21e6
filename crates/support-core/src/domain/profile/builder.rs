use super::{Categories, Hook, Hooks, Limits, Phase, Priorities, PriorityRule, Profile, Status, When, Wire, Workflow};
use crate::domain::{
    announcement::EventRule,
    assignment::Assignment,
    attachment::AttachmentRule,
    calendar::Calendar,
    callback::CallbackRule,
    escalation::{AutoClose, Escalation, EscalationRule},
    fault::Faults,
    field::Field,
    key::{CategoryKey, PriorityKey, StatusKey},
    moderation::Moderation,
    notification::NotificationRule,
    number::NumberFormat,
    sla::{ClockRules, Sla, SlaPolicy},
};
use std::collections::BTreeMap;

/// Builds a [`Profile`] in Rust.
///
/// ```
/// use support_core::domain::{profile::Profile, sla::SlaPolicy};
/// let profile = Profile::builder("shop")
///     .categories(["delivery", "payment"])
///     .sla(SlaPolicy::new("all").first_response("4h".parse()?).resolution("2d".parse()?))
///     .build()?;
/// assert_eq!(profile.priorities.default.as_str(), "normal");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ProfileBuilder(Profile);

impl ProfileBuilder {
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self(Profile {
            name: name.into(),
            wire: Wire::default(),
            numbers: NumberFormat::default(),
            limits: Limits::default(),
            workflow: plain_workflow(),
            priorities: Priorities {
                ranked: ["low", "normal", "high", "urgent"].map(PriorityKey::from).into(),
                default: "normal".into(),
                customer_cap: Some("high".into()),
                rules: Vec::new(),
            },
            categories: Categories { known: Vec::new(), open: true, default: None },
            calendars: BTreeMap::new(),
            sla: Sla::default(),
            escalation: Escalation::default(),
            assignment: Assignment::default(),
            auto_close: None,
            survey: None,
            reviews: Moderation::default(),
            callbacks: CallbackRule::default(),
            attachments: AttachmentRule::default(),
            events: EventRule::default(),
            notifications: NotificationRule::default(),
            fields: Vec::new(),
        })
    }

    /// Replaces statuses, transitions and hooks.
    pub fn workflow(mut self, workflow: Workflow) -> Self {
        self.0.workflow = workflow;
        self
    }

    /// Replaces the priorities, lowest first, and takes away the cap on customers' wishes, which named an old one; the
    /// rules for defaults stay.
    pub fn priorities<K: Into<PriorityKey>>(
        mut self,
        ranked: impl IntoIterator<Item = K>,
        default: impl Into<PriorityKey>,
    ) -> Self {
        self.0.priorities.ranked = ranked.into_iter().map(Into::into).collect();
        self.0.priorities.default = default.into();
        self.0.priorities.customer_cap = None;
        self
    }

    /// The highest priority that a customer's wish may reach.
    pub fn customer_cap(mut self, priority: impl Into<PriorityKey>) -> Self {
        self.0.priorities.customer_cap = Some(priority.into());
        self
    }

    /// Adds a default priority for the tickets of `when`.
    pub fn priority_rule(mut self, when: When, priority: impl Into<PriorityKey>) -> Self {
        self.0.priorities.rules.push(PriorityRule { when, priority: priority.into() });
        self
    }

    /// The categories, and no others.
    pub fn categories<K: Into<CategoryKey>>(mut self, known: impl IntoIterator<Item = K>) -> Self {
        let known = known.into_iter().map(Into::into).collect();
        self.0.categories = Categories { known, open: false, default: None };
        self
    }

    /// Adds business hours under a name.
    pub fn calendar(mut self, name: impl Into<String>, calendar: Calendar) -> Self {
        self.0.calendars.insert(name.into(), calendar);
        self
    }

    /// Adds an SLA policy; the first that matches a ticket counts.
    pub fn sla(mut self, policy: SlaPolicy) -> Self {
        self.0.sla.policies.push(policy);
        self
    }

    /// Replaces what starts, pauses and stops the clocks.
    pub fn clocks(mut self, clocks: ClockRules) -> Self {
        self.0.sla.clocks = clocks;
        self
    }

    /// The percentages of a target at which a clock is at risk.
    pub fn at_risk_percent(mut self, percent: impl IntoIterator<Item = u8>) -> Self {
        self.0.sla.at_risk_percent = percent.into_iter().collect();
        self
    }

    /// Adds an escalation rule.
    pub fn escalation(mut self, rule: EscalationRule) -> Self {
        self.0.escalation.rules.push(rule);
        self
    }

    /// How tickets find their agents.
    pub fn assignment(mut self, assignment: Assignment) -> Self {
        self.0.assignment = assignment;
        self
    }

    /// Adds a custom field.
    pub fn field(mut self, field: Field) -> Self {
        self.0.fields.push(field);
        self
    }

    /// Closes tickets that nobody has touched.
    pub fn auto_close(mut self, rule: AutoClose) -> Self {
        self.0.auto_close = Some(rule);
        self
    }

    /// How tickets are numbered.
    pub fn numbers(mut self, format: impl Into<NumberFormat>) -> Self {
        self.0.numbers = format.into();
        self
    }

    /// Replaces the limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.0.limits = limits;
        self
    }

    /// What stands before `/tickets` on the wire.
    pub fn mount(mut self, mount: impl Into<String>) -> Self {
        self.0.wire.mount = mount.into();
        self
    }

    /// The profile, if it has no fault.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn build(self) -> Result<Profile, Faults> {
        self.0.validate()?;
        Ok(self.0)
    }
}

impl From<Profile> for ProfileBuilder {
    fn from(profile: Profile) -> Self {
        Self(profile)
    }
}

fn plain_workflow() -> Workflow {
    let status = |key: &str, phase, to: &[&str]| Status {
        key: key.into(),
        phase,
        to: to.iter().map(|key| StatusKey::from(*key)).collect(),
    };
    let hook = |from: &[&str], to: &str| {
        Some(Hook { from: from.iter().map(|key| StatusKey::from(*key)).collect(), to: to.into() })
    };
    Workflow {
        statuses: vec![
            status("open", Phase::New, &["in_progress", "waiting", "resolved", "closed"]),
            status("in_progress", Phase::Open, &["waiting", "resolved", "closed"]),
            status("waiting", Phase::WaitingOnCustomer, &["in_progress", "resolved", "closed"]),
            status("resolved", Phase::Resolved, &["in_progress", "closed"]),
            status("closed", Phase::Closed, &["in_progress"]),
        ],
        hooks: Hooks {
            initial: "open".into(),
            resolve: "resolved".into(),
            close: "closed".into(),
            on_assign: None,
            on_unassign: None,
            on_agent_reply: hook(&["open"], "in_progress"),
            on_customer_reply: hook(&["waiting", "resolved"], "in_progress"),
            on_escalate: hook(&["open", "waiting"], "in_progress"),
            on_reopen: hook(&["resolved", "closed"], "in_progress"),
        },
    }
}
