//! One type per kind of id, so that a message's id is never taken for a ticket's.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The id as the UUID it is.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A ticket.
    TicketId;
    /// A message or internal note on a ticket.
    MessageId;
    /// One entry of the audit trail.
    EventId;
    /// A customer, as the host knows them: the subject of their sign-in.
    CustomerId;
    /// A member of the support staff, agent or admin, as the host knows them.
    AgentId;
    /// Something that was done to several tickets at once, and can be undone.
    OperationId;
    /// Time that somebody spent on a ticket.
    TimeEntryId;
    /// A help article.
    ArticleId;
    /// What an article said at some time, in one language.
    RevisionId;
    /// That somebody found something helpful, or not.
    VoteId;
    /// The answers to a survey.
    FeedbackId;
    /// A survey that is sent to a customer.
    SurveyId;
    /// A review of something bought.
    ReviewId;
    /// A phone call that a customer asked for.
    CallbackId;
    /// A question that was asked and logged.
    InquiryId;
    /// An uploaded file.
    AttachmentId;
    /// What a token opens.
    AccessId;
    /// Something that is told to the outside.
    AnnouncementId;
    /// An announcement on its way to one listener.
    DeliveryId;
    /// An address that is told what happens.
    WebhookId;
    /// Something that a person is told.
    NotificationId;
    /// A category, canned response or saved view.
    EntryId;
}
