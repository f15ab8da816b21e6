use super::{Topic, Way};
use crate::domain::{
    fault::{Fault, Faults},
    span::Span,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// When people are told what, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotificationRule {
    /// On which ways a topic is told to whoever has no wishes of their own; a topic that is not named is told as
    /// [`NotificationRule::ways`] says.
    pub topics: BTreeMap<Topic, BTreeSet<Way>>,
    /// The most mails to one address in an hour; what is more waits.
    pub mails_per_hour: u32,
    /// What has waited for so long is told no more.
    pub patience: Span,
    /// For so long notifications are kept.
    pub keep: Span,
}

impl Default for NotificationRule {
    fn default() -> Self {
        Self { topics: BTreeMap::new(), mails_per_hour: 20, patience: Span::days(3), keep: Span::days(90) }
    }
}

impl NotificationRule {
    /// On which ways a topic is told where a person has said nothing: everything stands in the inbox; mail goes out where
    /// somebody waits for it; text messages warn (S1: "Urgent ticket alerts", "SLA breach warnings"); devices are told of
    /// messages and assignments (S1, "Push Notifications").
    pub fn ways(&self, topic: Topic) -> BTreeSet<Way> {
        if let Some(ways) = self.topics.get(&topic) {
            return ways.clone();
        }
        let ways: &[Way] = match topic {
            Topic::TicketClosed | Topic::TicketRated => &[Way::InApp],
            Topic::AccessLink => &[Way::Email],
            Topic::SlaBreached => &[Way::InApp, Way::Email, Way::Sms, Way::Push],
            Topic::ReplySent | Topic::TicketAssigned | Topic::CustomerReplied | Topic::TicketEscalated => {
                &[Way::InApp, Way::Email, Way::Push]
            }
            Topic::StatusChanged | Topic::NoteAdded | Topic::SlaAtRisk | Topic::TicketReopened => {
                &[Way::InApp, Way::Push]
            }
            _ => &[Way::InApp, Way::Email],
        };
        ways.iter().copied().collect()
    }

    pub(crate) fn faults(&self) -> Faults {
        let mut faults = Faults::new();
        if self.mails_per_hour == 0 {
            faults.push(Fault::new("notifications.mails_per_hour", "must be 1 or more"));
        }
        // A digest comes once a day.
        if self.patience.delta() < chrono::TimeDelta::days(1) {
            faults.push(Fault::new("notifications.patience", "must be a day or more"));
        }
        faults
    }
}
