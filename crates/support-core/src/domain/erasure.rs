//! Forgetting a person: what is left of their tickets, messages and trail (GDPR, article 17).
//!
//! Tickets stay, with their numbers, states and times, so that every statistic stays true. Whatever anybody wrote on them
//! goes, because staff write names too. The person becomes a pseudonym, drawn at random and kept nowhere else.

use crate::domain::{
    actor::{Role, Signature},
    event::{Event, Fact},
    id::CustomerId,
    key::CategoryKey,
    message::Message,
    operation::{Before, Deed, Operation},
    ticket::{Reach, Resolution, Satisfaction, Ticket},
    time_entry::TimeEntry,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Whom to forget, and what to call them from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Who.
    pub customer: CustomerId,
    /// Who their tickets belong to afterwards: nobody whom the host knows.
    pub pseudonym: CustomerId,
    /// The name in place of theirs.
    pub name: String,
    /// Categories that are words of the desk. Any other was typed by somebody.
    pub categories: BTreeSet<CategoryKey>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What stands where a text was that had to say something.
const NOTHING: &str = "[erased]";

impl Erasure {
    fn category(&self, category: Option<CategoryKey>) -> Option<CategoryKey> {
        category.filter(|category| self.categories.contains(category))
    }

    fn signature(&self, signature: Signature) -> Signature {
        match signature.role {
            Role::Customer | Role::Guest => Signature {
                id: signature.id.map(|_| self.pseudonym.uuid()),
                name: self.name.clone(),
                role: signature.role,
            },
            _ => signature,
        }
    }

    /// Whether they did this, on whosever ticket.
    pub fn is_by(&self, signature: &Signature) -> bool {
        matches!(signature.role, Role::Customer | Role::Guest) && signature.id == Some(self.customer.uuid())
    }

    /// What is left of one of their tickets.
    #[must_use]
    pub fn ticket(&self, ticket: Ticket) -> Ticket {
        Ticket {
            customer: self.pseudonym,
            customer_name: self.name.clone(),
            opened_by: self.signature(ticket.opened_by),
            subject: NOTHING.to_owned(),
            category: self.category(ticket.category),
            contact: None,
            reach: Reach::default(),
            tags: BTreeSet::new(),
            metadata: serde_json::Map::new(),
            fields: serde_json::Map::new(),
            related: Vec::new(),
            resolution: ticket.resolution.map(resolution),
            satisfaction: ticket.satisfaction.map(satisfaction),
            ..ticket
        }
    }

    /// What is left of a message on one of their tickets, or of theirs on another's.
    #[must_use]
    pub fn message(&self, message: Message) -> Message {
        Message { author: self.signature(message.author), body: NOTHING.to_owned(), attachments: Vec::new(), ..message }
    }

    /// What is left of time that was spent on one of their tickets.
    #[must_use]
    pub fn time_entry(&self, entry: TimeEntry) -> TimeEntry {
        TimeEntry { note: None, ..entry }
    }

    /// What is left of something that was done to one of their tickets.
    #[must_use]
    pub fn operation(&self, operation: Operation) -> Operation {
        let deed = match operation.deed {
            Deed::Merge { messages, before } => {
                Deed::Merge { messages, before: Before { resolution: before.resolution.map(resolution), ..before } }
            }
            other @ (Deed::Split { .. } | Deed::Link { .. }) => other,
        };
        Operation { deed, ..operation }
    }

    /// What is left of an entry in the trail of one of their tickets, or of theirs on another's.
    #[must_use]
    pub fn event(&self, event: Event) -> Event {
        let fact = match fact(event.fact) {
            Fact::TicketOpened { status, priority, wished, category, source } => {
                Fact::TicketOpened { status, priority, wished, category: self.category(category), source }
            }
            Fact::CategoryChanged { from, to } => {
                Fact::CategoryChanged { from: self.category(from), to: self.category(to) }
            }
            other => other,
        };
        Event { actor: self.signature(event.actor), fact, ..event }
    }
}

fn resolution(resolution: Resolution) -> Resolution {
    let summary = if resolution.summary.is_empty() { String::new() } else { NOTHING.to_owned() };
    Resolution { summary, notes: resolution.notes.map(|_| NOTHING.to_owned()), ..resolution }
}

fn satisfaction(satisfaction: Satisfaction) -> Satisfaction {
    Satisfaction { feedback: satisfaction.feedback.map(|_| NOTHING.to_owned()), ..satisfaction }
}

/// A fact without what a person typed, but for categories. What is left as it is holds words of the profile, ids and names of staff alone.
fn fact(fact: Fact) -> Fact {
    let text = |text: Option<String>| text.map(|_| NOTHING.to_owned());
    match fact {
        Fact::StatusChanged { from, to, notes } => Fact::StatusChanged { from, to, notes: text(notes) },
        Fact::Escalated { from_level, to_level, to, from_team, team, reason: _ } => {
            Fact::Escalated { from_level, to_level, to, from_team, team, reason: NOTHING.to_owned() }
        }
        Fact::Resolved { resolution: said } => Fact::Resolved { resolution: said.map(resolution) },
        Fact::Closed { resolution: said } => Fact::Closed { resolution: said.map(resolution) },
        Fact::Reopened { reason } => Fact::Reopened { reason: text(reason) },
        Fact::Rated { satisfaction: said } => Fact::Rated { satisfaction: satisfaction(said) },
        Fact::SubjectChanged { .. } => Fact::SubjectChanged { from: NOTHING.to_owned(), to: NOTHING.to_owned() },
        Fact::TagsChanged { .. } => Fact::TagsChanged { from: [].into(), to: [].into() },
        Fact::MetadataChanged { .. } => {
            Fact::MetadataChanged { from: serde_json::Map::new(), to: serde_json::Map::new() }
        }
        Fact::FieldsChanged { .. } => Fact::FieldsChanged { from: serde_json::Map::new(), to: serde_json::Map::new() },
        Fact::RelatedChanged { .. } => Fact::RelatedChanged { from: Vec::new(), to: Vec::new() },
        Fact::MessageEdited { message, before, internal } => {
            Fact::MessageEdited { message, before: text(before), internal }
        }
        Fact::MessageDeleted { message, before, internal } => {
            Fact::MessageDeleted { message, before: text(before), internal }
        }
        untouched @ (Fact::TicketOpened { .. }
        | Fact::MessageAdded { .. }
        | Fact::NoteAdded { .. }
        | Fact::PriorityChanged { .. }
        | Fact::Assigned { .. }
        | Fact::CategoryChanged { .. }
        | Fact::ContactChanged { .. }
        | Fact::ReachChanged {}
        | Fact::LanguageChanged { .. }
        | Fact::WatcherAdded { .. }
        | Fact::WatcherRemoved { .. }
        | Fact::Deleted {}
        | Fact::Restored {}
        | Fact::MergedInto { .. }
        | Fact::Merged { .. }
        | Fact::SplitInto { .. }
        | Fact::SplitFrom { .. }
        | Fact::Linked { .. }
        | Fact::Undone { .. }
        | Fact::TimeSpent { .. }
        | Fact::TimeRemoved { .. }
        | Fact::FileAdded { .. }
        | Fact::FileRemoved { .. }
        | Fact::SlaAtRisk { .. }
        | Fact::SlaBreached { .. }
        | Fact::SlaFulfilled { .. }
        | Fact::Adopted {}
        | Fact::Erased {}) => untouched,
    }
}
