//! What other parts of a platform tell the desk.

use async_trait::async_trait;
use std::sync::Arc;

/// Takes messages from outside. The desk is one; brokers hand to it what they are sent.
///
/// # Contract
///
/// A message is remembered by its id in the commit of its effect: handed over again, it does nothing more. So a broker is told
/// that a message was taken only after this has answered.
#[async_trait]
pub trait Intake: Send + Sync {
    /// Takes a message.
    ///
    /// # Errors
    /// It cannot be taken now; nothing has happened, and it is to be handed over again later.
    async fn take(&self, message: &Incoming) -> Result<Taken, NotNow>;
}

/// A message, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// What its producer knows it by: the same when it is sent again.
    pub id: String,
    /// What it is called, such as `order.issue`.
    pub name: String,
    /// What it says: JSON.
    pub body: Vec<u8>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It was acted upon.
    Done,
    /// It was acted upon before.
    Repeated,
    /// It has nothing to do with this desk.
    Ignored,
    /// Nothing can be made of it, however often it comes: it is to be put aside, with the reason, for somebody to look at.
    Poison(String),
}

/// It cannot be taken now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be taken now: {0}")]
pub struct NotNow(pub String);

#[async_trait]
impl<I: Intake + ?Sized> Intake for Arc<I> {
    async fn take(&self, message: &Incoming) -> Result<Taken, NotNow> {
        (**self).take(message).await
    }
}
