//! Reading messages.

use super::{Slice, StoreError};
use crate::domain::{
    id::{MessageId, TicketId},
    message::{Message, Side},
};
use async_trait::async_trait;

/// Messages and notes of tickets.
#[async_trait]
pub trait MessageStore {
    /// The messages of a ticket, oldest first; those of a ticket that does not exist are none.
    ///
    /// Messages that were moved from one ticket to another stand where they were committed among those of the other.
    async fn messages(&self, query: &MessageQuery) -> Result<Slice<Message>, StoreError>;

    /// The message of that id, if it is one of this ticket.
    async fn message(&self, ticket: TicketId, id: MessageId) -> Result<Option<Message>, StoreError>;

    /// How many messages of a ticket `side` has yet to read: those of which [`Message::is_unread_by`] is true.
    async fn unread_messages(&self, ticket: TicketId, side: Side) -> Result<u32, StoreError>;
}

/// Which messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageQuery {
    /// Of which ticket.
    pub ticket: TicketId,
    /// Whether internal notes are among them.
    pub internal: bool,
    /// Those that were committed after this one; nothing where that is no message of the ticket, or
    /// one that is not asked for: a note has no place that customers could see.
    pub after: Option<MessageId>,
    /// How many.
    pub limit: u32,
}
