//! Calling addresses that customers of the host, or its admins, gave.

use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

/// Sends what is signed to an address.
///
/// # Contract
///
/// The address is anybody's: an implementation resolves it and looks at what it resolves to when it connects, not before;
/// goes to no address of a private network unless told so; follows no redirect; reads no more of an answer than its status.
#[async_trait]
pub trait WebhookCaller: Send + Sync {
    /// Posts the body. Any status is an answer.
    ///
    /// # Errors
    /// Where no answer came.
    async fn call(&self, call: &WebhookCall) -> Result<WebhookAnswer, WebhookCallError>;

    /// Whether such an address would be called at all, as far as can be said without calling.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    fn check(&self, url: &str) -> Result<(), String>;
}

/// What is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookCall {
    /// Where to.
    pub url: String,
    /// Names and values; of `content-type` and the three of a signature.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// After so long nobody waits any more.
    pub timeout: Duration,
}

/// What the other side answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// The status of HTTP.
    pub status: u16,
    /// How long it wants to be left alone, where it said (`Retry-After` in seconds).
    pub retry_after: Option<Duration>,
}

/// Why no answer came. It names no address of a network behind the host's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookCallError {
    /// The address leads where nobody may call, or is none.
    #[error("the address may not be called: {0}")]
    Forbidden(String),
    /// It took too long.
    #[error("no answer in time")]
    TimedOut,
    /// There was no connection, or it broke.
    #[error("no connection: {0}")]
    Unreachable(String),
}

/// Calls nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoWebhooks;

#[async_trait]
impl WebhookCaller for NoWebhooks {
    async fn call(&self, _: &WebhookCall) -> Result<WebhookAnswer, WebhookCallError> {
        Err(WebhookCallError::Forbidden("this desk calls nobody".to_owned()))
    }

    fn check(&self, _: &str) -> Result<(), String> {
        Err("cannot be called: this desk calls nobody".to_owned())
    }
}

#[async_trait]
impl<C: WebhookCaller + ?Sized> WebhookCaller for Arc<C> {
    async fn call(&self, call: &WebhookCall) -> Result<WebhookAnswer, WebhookCallError> {
        (**self).call(call).await
    }

    fn check(&self, url: &str) -> Result<(), String> {
        (**self).check(url)
    }
}
