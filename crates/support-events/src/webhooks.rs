//! Calls of addresses that others gave. Feature `webhooks`.

mod failure;
mod network;
mod reach;
mod resolver;
mod target;

pub use network::{Network, NetworkError};
pub use resolver::Resolver;

use async_trait::async_trait;
use reach::Reach;
use reqwest::{
    Client, Response,
    header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use resolver::{Guarded, System};
use std::{sync::Arc, time::Duration};
use support_core::ports::webhooks::{WebhookAnswer, WebhookCall, WebhookCallError, WebhookCaller};

/// A receiver that takes longer to take up the phone takes longer than anybody waits.
const CONNECT: Duration = Duration::from_secs(10);
/// How much of an answer is read, so that the connection can be used again. Nobody looks at it.
const READ: u64 = 4_096;
/// How long the rest of a short answer is waited for.
const READ_FOR: Duration = Duration::from_millis(200);
/// The longest that somebody can ask to be left alone.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);

/// Calls webhooks over HTTPS.
///
/// The address is anybody's, so it is looked at when the connection is made: every address that its name leads to must be one
/// of the public internet. Redirects are not followed, proxies of the environment not used, and no more of an answer is read
/// than its status and `Retry-After`.
///
/// ```
/// use support_core::ports::webhooks::WebhookCaller;
/// use support_events::HttpCaller;
/// let caller = HttpCaller::new()?;
/// assert_eq!(caller.check("https://example.org/hooks"), Ok(()));
/// assert_eq!(caller.check("http://example.org/hooks").unwrap_err(), "must begin with https://");
/// assert_eq!(caller.check("https://0x7f.1/").unwrap_err(), "must lead to a public address");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct HttpCaller {
    client: Client,
    reach: Arc<Reach>,
    http: bool,
}

impl HttpCaller {
    /// One that calls the public internet over HTTPS, and nothing else.
    ///
    /// # Errors
    /// Where TLS cannot be set up, as without any root certificate on the machine.
    pub fn new() -> Result<Self, CallerError> {
        Self::builder().build()
    }

    /// One with settings.
    pub fn builder() -> HttpCallerBuilder {
        HttpCallerBuilder {
            reach: Reach::default(),
            http: false,
            resolver: None,
            user_agent: concat!("support-desk/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    async fn send(&self, call: &WebhookCall) -> Result<WebhookAnswer, WebhookCallError> {
        let url = target::target(&call.url, self.http, &self.reach)
            .map_err(|problem| WebhookCallError::Forbidden(format!("it {problem}")))?;
        let request = self.client.post(url).headers(headers(call)?).body(call.body.clone());
        let response = request.send().await.map_err(|error| failure::told(&error))?;
        let answer = WebhookAnswer { status: response.status().as_u16(), retry_after: retry_after(response.headers()) };
        // Whatever becomes of the rest, the answer has come.
        let _ = tokio::time::timeout(READ_FOR, read_away(response)).await;
        Ok(answer)
    }
}

#[async_trait]
impl WebhookCaller for HttpCaller {
    async fn call(&self, call: &WebhookCall) -> Result<WebhookAnswer, WebhookCallError> {
        // Over all of it: names, connection, request, answer.
        tokio::time::timeout(call.timeout, self.send(call)).await.unwrap_or(Err(WebhookCallError::TimedOut))
    }

    fn check(&self, url: &str) -> Result<(), String> {
        target::target(url, self.http, &self.reach).map(drop)
    }
}

/// What a caller is to be like.
#[derive(Debug, Clone)]
pub struct HttpCallerBuilder {
    reach: Reach,
    http: bool,
    resolver: Option<Arc<dyn Resolver>>,
    user_agent: String,
}

impl HttpCallerBuilder {
    /// Calls `http://` as well, where anybody between can read what is sent and answer for the other side.
    pub fn allow_http(mut self) -> Self {
        self.http = true;
        self
    }

    /// Calls addresses of this network as well, such as that in which the host's own receivers stand. Everybody who may enter
    /// a webhook then reaches everything in it that takes a `POST`.
    pub fn allow_network(mut self, network: Network) -> Self {
        self.reach.networks.push(network);
        self
    }

    /// Calls this machine and private networks as well: for development. Link-local addresses, where clouds keep the
    /// credentials of their machines, stay closed.
    pub fn allow_private(mut self) -> Self {
        self.reach.private = true;
        self
    }

    /// Who finds the addresses of names; the system unless it is said.
    pub fn resolver(mut self, resolver: impl Resolver + 'static) -> Self {
        self.resolver = Some(Arc::new(resolver));
        self
    }

    /// As whom it introduces itself; `support-desk/…` unless it is said.
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = name.into();
        self
    }

    /// Makes it.
    ///
    /// # Errors
    /// Where TLS cannot be set up, or the name is none that a header can hold.
    pub fn build(self) -> Result<HttpCaller, CallerError> {
        let reach = Arc::new(self.reach);
        let resolver = self.resolver.unwrap_or_else(|| Arc::new(System::default()));
        let client = Client::builder()
            .dns_resolver(Arc::new(Guarded { resolver, reach: Arc::clone(&reach) }))
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            // Another crate of the host may have switched them on; a small answer can unpack to a large one.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            // Who calls again, and when, is decided where it is also remembered.
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT)
            // Connections are kept by scheme, name and port, so nobody gets one that was made for another name. They are kept
            // briefly, because a name that has moved is looked at again only by a new one.
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(2)
            .user_agent(self.user_agent)
            .build()
            .map_err(|error| CallerError(Box::new(error)))?;
        Ok(HttpCaller { client, reach, http: self.http })
    }
}

/// Why a caller was not made.
#[derive(Debug, thiserror::Error)]
#[error("webhooks cannot be called: {0}")]
pub struct CallerError(Box<dyn std::error::Error + Send + Sync>);

fn headers(call: &WebhookCall) -> Result<HeaderMap, WebhookCallError> {
    let wrong = |name: &str| WebhookCallError::Forbidden(format!("the header {name} holds what none can hold"));
    let mut headers = HeaderMap::with_capacity(call.headers.len());
    for (name, value) in &call.headers {
        let name_of = HeaderName::try_from(*name).map_err(|_| wrong(name))?;
        headers.append(name_of, HeaderValue::try_from(value).map_err(|_| wrong(name))?);
    }
    Ok(headers)
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_PAUSE))
}

/// Reads a short answer to its end. A connection whose answer goes on is closed instead.
async fn read_away(mut response: Response) {
    let mut left = READ;
    if response.content_length().is_some_and(|length| length > left) {
        return;
    }
    while let Ok(Some(chunk)) = response.chunk().await {
        let Some(rest) = left.checked_sub(chunk.len() as u64) else { return };
        left = rest;
    }
}
