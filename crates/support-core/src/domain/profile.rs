//! The rules of one desk, as data: what can be configured is written here and nowhere else.

mod builder;
mod limits;
mod validate;
mod workflow;

pub use builder::ProfileBuilder;
pub use limits::Limits;
pub use workflow::{Hook, HookName, Hooks, Phase, Status, Workflow};

use crate::domain::{
    actor::Role,
    announcement::EventRule,
    assignment::Assignment,
    attachment::AttachmentRule,
    calendar::Calendar,
    callback::CallbackRule,
    escalation::{AutoClose, Escalation},
    fault::{Fault, Faults},
    feedback::SurveyRule,
    field::Field,
    key::{CategoryKey, PriorityKey},
    moderation::Moderation,
    notification::NotificationRule,
    number::NumberFormat,
    sla::Sla,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that makes one desk differ from another.
///
/// Rules speak of phases and hooks, never of a status by its name. Five profiles ship with the crate, one for each
/// document of the specification; hosts load their own from TOML or JSON, or start from [`Profile::builder`].
///
/// ```
/// use support_core::domain::profile::Profile;
/// let profile = Profile::from_toml(&Profile::marketplace().to_toml())?;
/// assert_eq!(profile, Profile::marketplace());
/// # Ok::<(), support_core::profiles::ProfileError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// A short name for logs and documents.
    pub name: String,
    /// Prefix and author names on the wire.
    #[serde(default)]
    pub wire: Wire,
    /// How tickets are numbered.
    #[serde(default)]
    pub numbers: NumberFormat,
    /// What comes in is limited by these.
    #[serde(default)]
    pub limits: Limits,
    /// Statuses, transitions, hooks.
    pub workflow: Workflow,
    /// Priorities in rank order, and the rules for a ticket that comes without one.
    pub priorities: Priorities,
    /// Categories.
    #[serde(default)]
    pub categories: Categories,
    /// Named business hours for SLA policies to count in.
    #[serde(default)]
    pub calendars: BTreeMap<String, Calendar>,
    /// Targets and clocks.
    #[serde(default)]
    pub sla: Sla,
    /// When a ticket rises by itself.
    #[serde(default)]
    pub escalation: Escalation,
    /// How tickets find their agents.
    #[serde(default)]
    pub assignment: Assignment,
    /// When a ticket closes by itself; never where absent.
    #[serde(default)]
    pub auto_close: Option<AutoClose>,
    /// Whether and when customers are asked how it went; never where absent.
    #[serde(default)]
    pub survey: Option<SurveyRule>,
    /// What becomes of reviews before everybody can read them.
    #[serde(default)]
    pub reviews: Moderation,
    /// When customers can be called.
    #[serde(default)]
    pub callbacks: CallbackRule,
    /// Which files are taken.
    #[serde(default)]
    pub attachments: AttachmentRule,
    /// How the desk speaks to the outside.
    #[serde(default)]
    pub events: EventRule,
    /// When people are told what, and how often.
    #[serde(default)]
    pub notifications: NotificationRule,
    /// What this desk wants to know of its tickets beyond what every desk does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

impl Profile {
    /// Starts a profile in Rust: the workflow `open → in_progress → waiting → resolved → closed`, four priorities,
    /// free categories, no SLA. Change what differs.
    pub fn builder(name: impl Into<String>) -> ProfileBuilder {
        ProfileBuilder::new(name)
    }

    /// Every fault of the profile at once, each under its path.
    ///
    /// # Errors
    /// The faults, if there is one.
    pub fn validate(&self) -> Result<(), Faults> {
        validate::faults(self).check()
    }
}

/// How the profile's document speaks on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wire {
    /// What stands before `/tickets`; empty or starting with `/`.
    pub mount: String,
    /// The word for each author of a message, where the document has its own.
    pub authors: BTreeMap<Role, String>,
}

impl Default for Wire {
    fn default() -> Self {
        Self { mount: "/support".to_owned(), authors: BTreeMap::new() }
    }
}

impl Wire {
    /// How this profile calls the author of a message.
    pub fn author(&self, role: Role) -> &str {
        self.authors.get(&role).map_or_else(
            || match role {
                Role::Customer | Role::Guest => "customer",
                Role::Agent => "agent",
                Role::Admin => self.authors.get(&Role::Agent).map_or("agent", String::as_str),
                Role::System => "system",
            },
            String::as_str,
        )
    }
}

/// What a rule asks of a ticket; an empty list asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// One of these priorities.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub priority: Vec<PriorityKey>,
    /// One of these categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub category: Vec<CategoryKey>,
    /// A customer of one of these tiers, as the host's directory names them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tier: Vec<String>,
}

impl When {
    /// Whether a ticket of these properties meets the condition.
    pub fn holds(&self, priority: Option<&PriorityKey>, category: Option<&CategoryKey>, tier: Option<&str>) -> bool {
        fn among<T: PartialEq<U>, U: ?Sized>(list: &[T], value: Option<&U>) -> bool {
            list.is_empty() || value.is_some_and(|value| list.iter().any(|item| item == value))
        }
        among(&self.priority, priority) && among(&self.category, category) && among(&self.tier, tier)
    }
}

/// Priorities and how a ticket gets one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Priorities {
    /// All of them, lowest first.
    pub ranked: Vec<PriorityKey>,
    /// For a ticket that comes without one and meets no rule.
    pub default: PriorityKey,
    /// The highest that a customer's own wish may reach: priority drives the SLA, so a customer does not set it freely.
    /// No cap where absent.
    #[serde(default)]
    pub customer_cap: Option<PriorityKey>,
    /// Defaults by category and customer tier; the first that holds wins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<PriorityRule>,
}

/// A default priority for some tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorityRule {
    /// Which tickets. Its `priority` list must be empty: the ticket has none yet.
    #[serde(default)]
    pub when: When,
    /// What they get.
    pub priority: PriorityKey,
}

impl Priorities {
    /// Rank of a priority, lowest 0.
    pub fn rank(&self, priority: &str) -> Option<usize> {
        self.ranked.iter().position(|known| known.as_str() == priority)
    }

    /// The priority of that name.
    ///
    /// # Errors
    /// A fault of `field` that lists the known ones.
    pub fn find(&self, field: &str, name: &str) -> Result<PriorityKey, Fault> {
        find(&self.ranked, field, name)
    }

    /// What a ticket gets that comes without a priority.
    pub fn for_ticket(&self, category: Option<&CategoryKey>, tier: Option<&str>) -> &PriorityKey {
        let rule = self.rules.iter().find(|rule| rule.when.holds(Some(&rule.priority), category, tier));
        rule.map_or(&self.default, |rule| &rule.priority)
    }

    /// A customer's wish, lowered to the cap.
    pub fn cap(&self, wish: PriorityKey) -> PriorityKey {
        match &self.customer_cap {
            Some(cap) if self.rank(wish.as_str()) > self.rank(cap.as_str()) => cap.clone(),
            _ => wish,
        }
    }
}

/// Categories (S0: topics).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Categories {
    /// The known ones.
    pub known: Vec<CategoryKey>,
    /// Whether others are taken too, as free text.
    pub open: bool,
    /// For a ticket that comes without one; none where absent.
    pub default: Option<CategoryKey>,
}

impl Categories {
    /// The category of that name.
    ///
    /// # Errors
    /// A fault of `field` that lists the known ones, or names what is wrong with the text of a free one.
    pub fn find(&self, field: &str, name: &str) -> Result<CategoryKey, Fault> {
        if self.open {
            return crate::domain::text::TextRule::line(60).required(field, name).map(CategoryKey::new);
        }
        find(&self.known, field, name)
    }
}

/// The one of `known` that is called `name`.
fn find<K: AsRef<str> + Clone>(known: &[K], field: &str, name: &str) -> Result<K, Fault> {
    let found = known.iter().find(|key| key.as_ref() == name).cloned();
    found.ok_or_else(|| Fault::unknown(field, name, known.iter().map(AsRef::as_ref)))
}
