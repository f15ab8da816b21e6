//! Making phone calls.

use crate::domain::{callback::Callback, id::AgentId};
use async_trait::async_trait;
use std::{error::Error, sync::Arc};

/// Connects an agent with a customer, through whatever provider the host uses.
#[async_trait]
pub trait Phone: Send + Sync {
    /// Begins the call: rings the agent, then the customer. Answers what the provider calls it.
    ///
    /// # Errors
    /// Where the provider cannot begin it now.
    async fn call(&self, callback: &Callback, agent: AgentId) -> Result<CallReference, PhoneError>;
}

/// What the provider calls a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallReference(pub String);

/// A call could not be begun.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PhoneError {
    /// The host has no provider: people dial themselves.
    #[error("this desk has no phone provider")]
    None,
    /// The provider did not do it.
    #[error("the phone provider failed: {0}")]
    Provider(Arc<dyn Error + Send + Sync>),
}

/// No provider: agents dial the number that they see.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPhone;

#[async_trait]
impl Phone for NoPhone {
    async fn call(&self, _callback: &Callback, _agent: AgentId) -> Result<CallReference, PhoneError> {
        Err(PhoneError::None)
    }
}

#[async_trait]
impl<P: Phone + ?Sized> Phone for Arc<P> {
    async fn call(&self, callback: &Callback, agent: AgentId) -> Result<CallReference, PhoneError> {
        (**self).call(callback, agent).await
    }
}
