//! The audit trail: every change of a ticket, who made it, why, and what was there before.

use crate::domain::{
    actor::{AgentRef, Signature},
    id::{AttachmentId, EventId, MessageId, OperationId, TicketId, TimeEntryId},
    key::{CategoryKey, PriorityKey, StatusKey},
    operation::Relation,
    profile::HookName,
    sla::ClockKind,
    ticket::{Related, Resolution, Satisfaction, Source},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One entry of the trail. Appended with the change it tells of, in the same commit; never changed, never deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Which ticket.
    pub ticket: TicketId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: Signature,
    /// Why.
    pub cause: Cause,
    /// What.
    pub fact: Fact,
}

impl Event {
    /// What a customer may hear of it, as [`Fact::for_customer`] says; by which rule it came about is the desk's affair.
    pub fn for_customer(self) -> Option<Self> {
        let cause = match self.cause {
            Cause::Hook(HookName::OnEscalate) | Cause::Rule(_) => Cause::Request,
            cause => cause,
        };
        Some(Self { fact: self.fact.for_customer()?, cause, ..self })
    }
}

/// Why something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "name")]
pub enum Cause {
    /// The actor asked for it.
    Request,
    /// The workflow did it as a consequence.
    Hook(HookName),
    /// A rule of the profile did it.
    Rule(String),
}

/// What happened, with before and after: ids and names of rules, and of a message only what it said before it was changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase", tag = "type")]
#[non_exhaustive]
pub enum Fact {
    /// A ticket came into being, with its first message.
    TicketOpened {
        /// Its status.
        status: StatusKey,
        /// Its priority.
        priority: PriorityKey,
        /// What the customer had wished for, where the profile capped it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wished: Option<PriorityKey>,
        /// Its category.
        category: Option<CategoryKey>,
        /// How it came in.
        source: Source,
    },
    /// A public message.
    MessageAdded {
        /// Which.
        message: MessageId,
    },
    /// An internal note.
    NoteAdded {
        /// Which.
        message: MessageId,
    },
    /// The status moved.
    StatusChanged {
        /// From.
        from: StatusKey,
        /// To.
        to: StatusKey,
        /// What staff said about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notes: Option<String>,
    },
    /// The priority changed.
    PriorityChanged {
        /// From.
        from: PriorityKey,
        /// To.
        to: PriorityKey,
    },
    /// Somebody got, passed on or lost the ticket.
    Assigned {
        /// From; none if nobody had it.
        from: Option<AgentRef>,
        /// To; none if it went back into the queue.
        to: Option<AgentRef>,
        /// Why them, where a rule chose.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// It went to a higher level.
    Escalated {
        /// From this level.
        from_level: u32,
        /// To this one.
        to_level: u32,
        /// To this person.
        to: Option<AgentRef>,
        /// From this team.
        from_team: Option<String>,
        /// To this team.
        team: Option<String>,
        /// Why.
        reason: String,
    },
    /// The problem was declared solved.
    Resolved {
        /// How, where staff said.
        resolution: Option<Resolution>,
    },
    /// It ended.
    Closed {
        /// How, where staff said.
        resolution: Option<Resolution>,
    },
    /// It was opened again.
    Reopened {
        /// Why, where the person said.
        reason: Option<String>,
    },
    /// The customer said how good the help was.
    Rated {
        /// The rating.
        satisfaction: Satisfaction,
    },
    /// Another subject.
    SubjectChanged {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
    /// Another category.
    CategoryChanged {
        /// Before.
        from: Option<CategoryKey>,
        /// After.
        to: Option<CategoryKey>,
    },
    /// Other tags.
    TagsChanged {
        /// Before.
        from: BTreeSet<String>,
        /// After.
        to: BTreeSet<String>,
    },
    /// Other metadata.
    MetadataChanged {
        /// Before.
        from: serde_json::Map<String, serde_json::Value>,
        /// After.
        to: serde_json::Map<String, serde_json::Value>,
    },
    /// Other links to things of the host.
    RelatedChanged {
        /// Before.
        from: Vec<Related>,
        /// After.
        to: Vec<Related>,
    },
    /// Another way to reach the customer.
    ContactChanged {
        /// Before.
        from: Option<crate::domain::ticket::Contact>,
        /// After.
        to: Option<crate::domain::ticket::Contact>,
    },
    /// Another mail address, phone number or name of a person without an account. The values are not told: they stand in
    /// one place, where they can be sealed and erased.
    ReachChanged {},
    /// Another language.
    LanguageChanged {
        /// Before.
        from: Option<String>,
        /// After.
        to: Option<String>,
    },
    /// Other values of custom fields.
    FieldsChanged {
        /// Before.
        from: serde_json::Map<String, serde_json::Value>,
        /// After.
        to: serde_json::Map<String, serde_json::Value>,
    },
    /// Somebody on the staff wants to hear of it.
    WatcherAdded {
        /// Who.
        agent: AgentRef,
    },
    /// Somebody does not any more.
    WatcherRemoved {
        /// Who.
        agent: AgentRef,
    },
    /// A message was corrected.
    MessageEdited {
        /// Which.
        message: MessageId,
        /// What it said before; for staff.
        before: Option<String>,
        /// Whether it is a note.
        #[serde(default, skip_serializing_if = "is_false")]
        internal: bool,
    },
    /// A message was withdrawn.
    MessageDeleted {
        /// Which.
        message: MessageId,
        /// What it said before; for staff.
        before: Option<String>,
        /// Whether it is a note.
        #[serde(default, skip_serializing_if = "is_false")]
        internal: bool,
    },
    /// A file was uploaded to the ticket.
    FileAdded {
        /// Which.
        file: AttachmentId,
        /// Whether it is for staff alone.
        #[serde(default, skip_serializing_if = "is_false")]
        internal: bool,
    },
    /// A file was taken away from the ticket.
    FileRemoved {
        /// Which.
        file: AttachmentId,
        /// Whether it was for staff alone.
        #[serde(default, skip_serializing_if = "is_false")]
        internal: bool,
    },
    /// The ticket was deleted.
    Deleted {},
    /// It was brought back.
    Restored {},
    /// It went up in another ticket.
    MergedInto {
        /// Which.
        ticket: TicketId,
        /// What it is undone by.
        operation: OperationId,
    },
    /// Another ticket went up in it.
    Merged {
        /// Which.
        ticket: TicketId,
        /// What it is undone by.
        operation: OperationId,
    },
    /// Some of its messages became another ticket.
    SplitInto {
        /// Which.
        ticket: TicketId,
        /// What it is undone by.
        operation: OperationId,
    },
    /// It was made of messages of another ticket.
    SplitFrom {
        /// Which.
        ticket: TicketId,
        /// What it is undone by.
        operation: OperationId,
    },
    /// It has to do with another ticket.
    Linked {
        /// Which.
        ticket: TicketId,
        /// In which way.
        relation: Relation,
        /// What it is undone by.
        operation: OperationId,
    },
    /// Something that was done to several tickets was undone.
    Undone {
        /// What.
        operation: OperationId,
    },
    /// Somebody wrote down time that they spent.
    TimeSpent {
        /// Which entry.
        entry: TimeEntryId,
        /// How many minutes.
        minutes: u32,
        /// Whether the customer is billed for it.
        billable: bool,
    },
    /// An entry of time was taken back.
    TimeRemoved {
        /// Which.
        entry: TimeEntryId,
        /// How many minutes.
        minutes: u32,
    },
    /// A share of a target is used up, and the clock still runs.
    SlaAtRisk {
        /// Of which clock.
        clock: ClockKind,
        /// Which cycle.
        cycle: u32,
        /// Which share, in percent.
        percent: u8,
        /// When the target is used up if nothing pauses the clock.
        due: Option<DateTime<Utc>>,
    },
    /// A target is used up.
    SlaBreached {
        /// Of which clock.
        clock: ClockKind,
        /// Which cycle.
        cycle: u32,
        /// When it was.
        due: Option<DateTime<Utc>>,
    },
    /// A clock that had a target has stopped.
    SlaFulfilled {
        /// Which.
        clock: ClockKind,
        /// Which cycle.
        cycle: u32,
        /// Seconds that counted.
        counted: i64,
        /// Seconds that were promised.
        target: i64,
        /// Whether it was too late.
        breached: bool,
    },
    /// It was opened without an account, and belongs now to one that was made for the same mail address.
    Adopted {},
    /// Everything that its customer had written, and who they are, was erased.
    Erased {},
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl Fact {
    /// Its name in the database and on the wire; the `type` of its JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::TicketOpened { .. } => "ticket_opened",
            Self::MessageAdded { .. } => "message_added",
            Self::NoteAdded { .. } => "note_added",
            Self::StatusChanged { .. } => "status_changed",
            Self::PriorityChanged { .. } => "priority_changed",
            Self::Assigned { .. } => "assigned",
            Self::Escalated { .. } => "escalated",
            Self::Resolved { .. } => "resolved",
            Self::Closed { .. } => "closed",
            Self::Reopened { .. } => "reopened",
            Self::Rated { .. } => "rated",
            Self::SubjectChanged { .. } => "subject_changed",
            Self::CategoryChanged { .. } => "category_changed",
            Self::TagsChanged { .. } => "tags_changed",
            Self::MetadataChanged { .. } => "metadata_changed",
            Self::RelatedChanged { .. } => "related_changed",
            Self::ContactChanged { .. } => "contact_changed",
            Self::ReachChanged {} => "reach_changed",
            Self::LanguageChanged { .. } => "language_changed",
            Self::FieldsChanged { .. } => "fields_changed",
            Self::WatcherAdded { .. } => "watcher_added",
            Self::WatcherRemoved { .. } => "watcher_removed",
            Self::MessageEdited { .. } => "message_edited",
            Self::MessageDeleted { .. } => "message_deleted",
            Self::FileAdded { .. } => "file_added",
            Self::FileRemoved { .. } => "file_removed",
            Self::Deleted {} => "deleted",
            Self::Restored {} => "restored",
            Self::MergedInto { .. } => "merged_into",
            Self::Merged { .. } => "merged",
            Self::SplitInto { .. } => "split_into",
            Self::SplitFrom { .. } => "split_from",
            Self::Linked { .. } => "linked",
            Self::Undone { .. } => "undone",
            Self::TimeSpent { .. } => "time_spent",
            Self::TimeRemoved { .. } => "time_removed",
            Self::SlaAtRisk { .. } => "sla_at_risk",
            Self::SlaBreached { .. } => "sla_breached",
            Self::SlaFulfilled { .. } => "sla_fulfilled",
            Self::Adopted {} => "adopted",
            Self::Erased {} => "erased",
        }
    }

    /// Whether all of it is for staff alone. What is left of the others for a customer is [`Fact::for_customer`].
    pub fn is_internal(&self) -> bool {
        matches!(
            self,
            Self::NoteAdded { .. }
                | Self::MessageEdited { internal: true, .. }
                | Self::MessageDeleted { internal: true, .. }
                | Self::FileAdded { internal: true, .. }
                | Self::FileRemoved { internal: true, .. }
                | Self::Escalated { .. }
                | Self::MetadataChanged { .. }
                | Self::FieldsChanged { .. }
                | Self::WatcherAdded { .. }
                | Self::WatcherRemoved { .. }
                | Self::Linked { .. }
                | Self::Adopted {}
                | Self::Undone { .. }
                | Self::TimeSpent { .. }
                | Self::TimeRemoved { .. }
                | Self::SlaAtRisk { .. }
                | Self::SlaBreached { .. }
                | Self::SlaFulfilled { .. }
        )
    }

    /// What a customer may hear of it: nothing of what is internal, and nothing of what staff wrote for each other.
    ///
    /// ```
    /// use support_core::domain::event::Fact;
    /// let fact = Fact::StatusChanged { from: "open".into(), to: "closed".into(), notes: Some("Fraud".into()) };
    /// let Some(Fact::StatusChanged { notes: None, .. }) = fact.for_customer() else { panic!() };
    /// ```
    pub fn for_customer(&self) -> Option<Self> {
        let without_notes = |resolution: &Option<Resolution>| {
            resolution.as_ref().map(|resolution| Resolution { notes: None, ..resolution.clone() })
        };
        match self {
            fact if fact.is_internal() => None,
            Self::StatusChanged { from, to, notes: _ } => {
                Some(Self::StatusChanged { from: from.clone(), to: to.clone(), notes: None })
            }
            Self::Assigned { from, to, why: _ } => {
                Some(Self::Assigned { from: from.clone(), to: to.clone(), why: None })
            }
            Self::MessageEdited { message, before: _, internal } => {
                Some(Self::MessageEdited { message: *message, before: None, internal: *internal })
            }
            Self::MessageDeleted { message, before: _, internal } => {
                Some(Self::MessageDeleted { message: *message, before: None, internal: *internal })
            }
            Self::Resolved { resolution } => Some(Self::Resolved { resolution: without_notes(resolution) }),
            Self::Closed { resolution } => Some(Self::Closed { resolution: without_notes(resolution) }),
            other => Some(other.clone()),
        }
    }
}
