use super::store::{MemoryStore, behind};
use crate::{
    domain::{
        id::{MessageId, TicketId},
        message::{Message, Side},
    },
    ports::{
        Slice, StoreError,
        messages::{MessageQuery, MessageStore},
    },
};
use async_trait::async_trait;

#[async_trait]
impl MessageStore for MemoryStore {
    async fn messages(&self, query: &MessageQuery) -> Result<Slice<Message>, StoreError> {
        let rows = self.rows();
        let shown = rows.thread(query.ticket).filter(|message| query.internal || !message.internal);
        Ok(behind(shown, |message| message.id, query.after, query.limit))
    }

    async fn message(&self, ticket: TicketId, id: MessageId) -> Result<Option<Message>, StoreError> {
        let rows = self.rows();
        let message = rows.messages.get(&id).map(|(_, message)| message);
        Ok(message.filter(|message| message.ticket == ticket).cloned())
    }

    async fn unread_messages(&self, ticket: TicketId, side: Side) -> Result<u32, StoreError> {
        let unread = self.rows().thread(ticket).filter(|message| message.is_unread_by(side)).count();
        Ok(u32::try_from(unread).unwrap_or(u32::MAX))
    }
}
