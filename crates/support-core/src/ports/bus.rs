//! Words between the nodes of one desk, for what is worth hearing now or never.

use async_trait::async_trait;
use std::{error::Error, future, sync::Arc};

/// Carries short words to all other nodes of the desk.
///
/// # Contract
///
/// Nothing is kept: who does not listen does not hear. Words of one node come in their order, or not at all. Whatever counts
/// stands in the store; a word says no more than where to look.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Says a word to the others: at most [`LONGEST`] bytes.
    ///
    /// # Errors
    /// Where nobody can be reached.
    async fn say(&self, word: &str) -> Result<(), BusError>;

    /// Waits for what somebody says next. Whether a node hears itself is the bus's affair. It is called by one caller at a time, and nothing
    /// is lost when that one stops waiting and calls again.
    ///
    /// # Errors
    /// Where nothing can be heard now; the caller waits a little and calls again, and the next that comes is [`Heard::Gap`].
    async fn hear(&self) -> Result<Heard, BusError>;
}

/// The longest word, in bytes.
pub const LONGEST: usize = 7_000;

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A word.
    Word(String),
    /// For a while nothing was heard: whoever wants to be sure looks into the store.
    Gap,
}

/// The others cannot be reached.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the other nodes cannot be reached: {0}")]
pub struct BusError(pub Arc<dyn Error + Send + Sync>);

impl BusError {
    /// Wraps an error of whatever carries the words.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(error.into()))
    }
}

/// There is no other node.
#[derive(Debug, Clone, Copy, Default)]
pub struct Alone;

#[async_trait]
impl Bus for Alone {
    async fn say(&self, _: &str) -> Result<(), BusError> {
        Ok(())
    }

    async fn hear(&self) -> Result<Heard, BusError> {
        future::pending().await
    }
}

#[async_trait]
impl<B: Bus + ?Sized> Bus for Arc<B> {
    async fn say(&self, word: &str) -> Result<(), BusError> {
        (**self).say(word).await
    }

    async fn hear(&self) -> Result<Heard, BusError> {
        (**self).hear().await
    }
}
