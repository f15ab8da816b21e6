use crate::domain::{
    document::DocumentKind,
    event::{Event, Fact},
};
use serde::{Deserialize, Serialize};

/// In which of the specification's two ways events are named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Naming {
    /// As S0 does: `SupportTicketCreated`, with fields like `ticketId`.
    Pascal,
    /// As S4 does: `ticket.created`, with fields like `ticket_id`.
    #[default]
    Dotted,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $dotted:literal $pascal:literal;)*) => {
        /// What can be told to the outside.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum AnnouncementKind {
            $($(#[$doc])* $kind,)*
        }

        impl AnnouncementKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// What it is called. Names never change; some stand for two kinds.
            pub fn name(self, naming: Naming) -> &'static str {
                match (self, naming) {
                    $((Self::$kind, Naming::Dotted) => $dotted, (Self::$kind, Naming::Pascal) => $pascal,)*
                }
            }
        }
    };
}

kinds! {
    /// A ticket was opened.
    TicketCreated "ticket.created" "SupportTicketCreated";
    /// Somebody got a ticket.
    TicketAssigned "ticket.assigned" "TicketAssigned";
    /// A ticket went back into the queue.
    TicketUnassigned "ticket.unassigned" "TicketUnassigned";
    /// Its status moved.
    TicketStatusChanged "ticket.status.changed" "TicketStatusChanged";
    /// Its priority changed.
    TicketPriorityChanged "ticket.priority.changed" "TicketPriorityChanged";
    /// Staff answered.
    ReplySent "ticket.message.new" "AdvisorResponseSent";
    /// The customer wrote.
    MessageReceived "ticket.message.new" "CustomerMessageReceived";
    /// A note was written; for staff alone.
    NoteAdded "ticket.note.added" "InternalNoteAdded";
    /// A message was corrected.
    MessageEdited "ticket.message.edited" "MessageEdited";
    /// A message was withdrawn.
    MessageDeleted "ticket.message.deleted" "MessageDeleted";
    /// A ticket was resolved.
    TicketResolved "ticket.resolved" "IssueResolved";
    /// A ticket was closed.
    TicketClosed "ticket.closed" "TicketClosed";
    /// A ticket was opened again.
    TicketReopened "ticket.reopened" "TicketReopened";
    /// A ticket was escalated.
    TicketEscalated "ticket.escalated" "IssueEscalated";
    /// The customer rated the help.
    SatisfactionReceived "ticket.satisfaction.received" "RatingProvided";
    /// Something else of a ticket is different: subject, category, tags, links, language, contact.
    TicketUpdated "ticket.updated" "TicketUpdated";
    /// What only staff know of a ticket is different; for staff alone.
    TicketAnnotated "ticket.annotated" "TicketAnnotated";
    /// A file was added to a ticket.
    FileAdded "ticket.file.added" "TicketFileAdded";
    /// A file was taken away from a ticket.
    FileRemoved "ticket.file.removed" "TicketFileRemoved";
    /// A ticket went up in another, or another in it.
    TicketMerged "ticket.merged" "TicketMerged";
    /// A ticket was made of messages of another.
    TicketSplit "ticket.split" "TicketSplit";
    /// A ticket was deleted.
    TicketDeleted "ticket.deleted" "TicketDeleted";
    /// A ticket was brought back.
    TicketRestored "ticket.restored" "TicketRestored";
    /// A ticket's customer was forgotten: forget what you were told.
    TicketErased "ticket.erased" "TicketErased";
    /// A share of an SLA target is used up.
    SlaAtRisk "ticket.sla.at_risk" "SlaAtRisk";
    /// An SLA target is used up.
    SlaBreached "ticket.sla.breached" "SlaBreached";
    /// A clock with an SLA target has stopped.
    SlaFulfilled "ticket.sla.fulfilled" "SlaFulfilled";
    /// A question was logged.
    InquiryReceived "inquiry.received" "CustomerInquiryReceived";
    /// A call was arranged.
    CallbackScheduled "callback.scheduled" "CallbackScheduled";
    /// A call was moved.
    CallbackRescheduled "callback.rescheduled" "CallbackRescheduled";
    /// A call was made.
    CallbackCompleted "callback.completed" "CallbackCompleted";
    /// A call was missed.
    CallbackMissed "callback.missed" "CallbackMissed";
    /// A call was cancelled.
    CallbackCancelled "callback.cancelled" "CallbackCancelled";
    /// A customer was asked for a review.
    ReviewRequested "review.requested" "ReviewRequested";
    /// A review was written.
    ReviewSubmitted "review.submitted" "ReviewSubmitted";
    /// A review was published.
    ReviewPublished "review.published" "ReviewPublished";
    /// A review was rejected.
    ReviewRejected "review.rejected" "ReviewRejected";
    /// One of the ratings of a feedback.
    RatingProvided "rating.provided" "RatingProvided";
    /// Feedback was given.
    FeedbackReceived "feedback.received" "FeedbackReceived";
    /// A survey was answered.
    SurveyCompleted "survey.completed" "SurveyCompleted";
    /// Somebody tries whether they are heard.
    Test "desk.test" "Test";
}

impl AnnouncementKind {
    /// The kinds of that name; none where nothing is called so.
    pub fn find(naming: Naming, name: &str) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|kind| kind.name(naming) == name).collect()
    }

    /// What an entry of a trail is told as.
    pub fn of_event(event: &Event) -> Self {
        match &event.fact {
            Fact::TicketOpened { .. } => Self::TicketCreated,
            Fact::MessageAdded { .. } if event.actor.role.is_staff() => Self::ReplySent,
            Fact::MessageAdded { .. } => Self::MessageReceived,
            Fact::NoteAdded { .. } => Self::NoteAdded,
            Fact::StatusChanged { .. } => Self::TicketStatusChanged,
            Fact::PriorityChanged { .. } => Self::TicketPriorityChanged,
            Fact::Assigned { to: Some(_), .. } => Self::TicketAssigned,
            Fact::Assigned { to: None, .. } => Self::TicketUnassigned,
            Fact::Escalated { .. } => Self::TicketEscalated,
            Fact::Resolved { .. } => Self::TicketResolved,
            Fact::Closed { .. } => Self::TicketClosed,
            Fact::Reopened { .. } => Self::TicketReopened,
            Fact::Rated { .. } => Self::SatisfactionReceived,
            Fact::SubjectChanged { .. }
            | Fact::CategoryChanged { .. }
            | Fact::TagsChanged { .. }
            | Fact::RelatedChanged { .. }
            | Fact::ContactChanged { .. }
            | Fact::ReachChanged {}
            | Fact::LanguageChanged { .. }
            | Fact::Undone { .. }
            | Fact::Adopted {} => Self::TicketUpdated,
            Fact::MetadataChanged { .. }
            | Fact::FieldsChanged { .. }
            | Fact::WatcherAdded { .. }
            | Fact::WatcherRemoved { .. }
            | Fact::Linked { .. }
            | Fact::TimeSpent { .. }
            | Fact::TimeRemoved { .. } => Self::TicketAnnotated,
            Fact::MessageEdited { .. } => Self::MessageEdited,
            Fact::MessageDeleted { .. } => Self::MessageDeleted,
            Fact::FileAdded { .. } => Self::FileAdded,
            Fact::FileRemoved { .. } => Self::FileRemoved,
            Fact::Deleted {} => Self::TicketDeleted,
            Fact::Restored {} => Self::TicketRestored,
            Fact::MergedInto { .. } | Fact::Merged { .. } => Self::TicketMerged,
            Fact::SplitInto { .. } | Fact::SplitFrom { .. } => Self::TicketSplit,
            Fact::SlaAtRisk { .. } => Self::SlaAtRisk,
            Fact::SlaBreached { .. } => Self::SlaBreached,
            Fact::SlaFulfilled { .. } => Self::SlaFulfilled,
            Fact::Erased {} => Self::TicketErased,
        }
    }

    /// Whether all of it is for staff alone.
    pub(super) fn is_internal(self, event: &Event) -> bool {
        let about_a_note = matches!(
            event.fact,
            Fact::MessageEdited { internal: true, .. }
                | Fact::MessageDeleted { internal: true, .. }
                | Fact::FileAdded { internal: true, .. }
                | Fact::FileRemoved { internal: true, .. }
        );
        about_a_note || self.is_for_staff()
    }

    /// Whether nobody but staff is ever told of such a thing.
    pub fn is_for_staff(self) -> bool {
        matches!(self, Self::NoteAdded | Self::TicketAnnotated)
    }

    /// The document that it is about, where it is about none of the tickets.
    pub fn thing(self) -> Option<DocumentKind> {
        match self {
            Self::InquiryReceived => Some(DocumentKind::Inquiry),
            Self::CallbackScheduled
            | Self::CallbackRescheduled
            | Self::CallbackCompleted
            | Self::CallbackMissed
            | Self::CallbackCancelled => Some(DocumentKind::Callback),
            Self::ReviewSubmitted | Self::ReviewPublished | Self::ReviewRejected => Some(DocumentKind::Review),
            Self::RatingProvided | Self::FeedbackReceived | Self::SurveyCompleted => Some(DocumentKind::Feedback),
            _ => None,
        }
    }

    /// The collection that what it is about belongs to.
    pub(super) fn noun(self) -> &'static str {
        match self.thing() {
            Some(DocumentKind::Inquiry) => "inquiries",
            Some(DocumentKind::Callback) => "callbacks",
            Some(DocumentKind::Review) => "reviews",
            Some(DocumentKind::Feedback) => "feedback",
            _ if self == Self::ReviewRequested => "review-requests",
            _ => "tickets",
        }
    }
}
