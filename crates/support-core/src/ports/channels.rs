//! Ways to tell people something: mail, text messages, notices on their devices.

use crate::domain::notification::Letter;
use async_trait::async_trait;
use std::sync::Arc;

/// Brings letters to people, in words of its own: texts, templates and languages are its affair.
///
/// # Contract
///
/// `Ok` means that whoever carries on has taken the letter. A letter whose fate is unknown may come again, with the same
/// [id](Letter::id).
#[async_trait]
pub trait Channel: Send + Sync {
    /// Sends a letter.
    ///
    /// # Errors
    /// Why it was not taken.
    async fn send(&self, letter: &Letter) -> Result<(), ChannelError>;
}

/// Why a letter was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// Not now: it is tried again.
    #[error("it cannot be sent now: {0}")]
    Unavailable(String),
    /// Never: there is no such address, or nothing can be made of the letter.
    #[error("it cannot be sent: {0}")]
    Refused(String),
}

#[async_trait]
impl<C: Channel + ?Sized> Channel for Arc<C> {
    async fn send(&self, letter: &Letter) -> Result<(), ChannelError> {
        (**self).send(letter).await
    }
}
