use super::{Mailer, message::Heads, server::Server};
use crate::{Templates, clean};
use lettre::{Address, message::Mailbox};
use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};
use support_core::ports::clock::{Clock, SystemClock};

/// How mails are sent. Begun by [`Mailer::builder`].
#[derive(Clone)]
pub struct MailerBuilder {
    templates: Templates,
    url: String,
    from: String,
    from_name: String,
    reply_to: Option<String>,
    bounces: Option<String>,
    domain: Option<String>,
    plain: Vec<String>,
    roots: Vec<Vec<u8>>,
    clock: Arc<dyn Clock>,
    patience: Duration,
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {why}")]
pub struct SettingError {
    setting: &'static str,
    why: String,
}

impl SettingError {
    pub(super) fn new(setting: &'static str, why: impl Into<String>) -> Self {
        Self { setting, why: why.into() }
    }
}

impl fmt::Debug for MailerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailerBuilder").field("from", &self.from).finish_non_exhaustive()
    }
}

impl MailerBuilder {
    pub(super) fn new(templates: Templates, url: String, from: String) -> Self {
        Self {
            templates,
            url,
            from,
            from_name: String::new(),
            reply_to: None,
            bounces: None,
            domain: None,
            plain: Vec::new(),
            roots: Vec::new(),
            clock: Arc::new(SystemClock),
            patience: Duration::from_secs(30),
        }
    }

    /// What stands before the address of who writes.
    pub fn from_name(mut self, name: impl Into<String>) -> Self {
        self.from_name = name.into();
        self
    }

    /// Where answers go. `{ticket}` becomes the number of the ticket, as in `help+{ticket}@shop.example`, or its id where an
    /// address cannot hold the number; letters that are not about one ticket then have no such line. That an answer comes
    /// to this address proves nothing: numbers are known.
    pub fn reply_to(mut self, pattern: impl Into<String>) -> Self {
        self.reply_to = Some(pattern.into());
        self
    }

    /// Where servers report what they could not deliver, if not to whoever writes.
    pub fn bounces_to(mut self, address: impl Into<String>) -> Self {
        self.bounces = Some(address.into());
        self
    }

    /// The domain in the ids of mails, if not that of whoever writes. Once it changes, threads begin anew.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Allows to speak to this host without encryption, where the address begins with `smtp://`. For development, and for
    /// a server on the same machine: everybody on the way can read mails and the password.
    pub fn plain_text_to(mut self, host: impl Into<String>) -> Self {
        self.plain.push(host.into());
        self
    }

    /// An authority to trust beside those of the system, in PEM.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Where the date of mails comes from.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The longest that sending one mail may take, from the connection to the last answer: 30 seconds unless said
    /// otherwise.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Checks the settings. Nobody is connected to yet.
    ///
    /// # Errors
    /// Which setting cannot be used. A password is in none of them.
    pub fn build(self) -> Result<Mailer, SettingError> {
        let from: Address = address("from", &self.from)?;
        let bounces = self.bounces.as_deref().map(|bounces| address("bounces_to", bounces)).transpose()?;
        if let Some(pattern) = &self.reply_to {
            address("reply_to", &pattern.replace("{ticket}", "T-1"))?;
        }
        let domain = self.domain.unwrap_or_else(|| from.domain().to_owned());
        if Address::new("id", &domain).is_err() || !domain.is_ascii() {
            return Err(SettingError::new("domain", "must be a domain in ASCII"));
        }
        if self.patience.is_zero() {
            return Err(SettingError::new("patience", "must be longer than nothing"));
        }
        let (server, credentials) = Server::parse(&self.url, &self.plain, &self.roots)?;
        let from_name = clean::line(&self.from_name, 80);
        let heads = Heads {
            bounces: bounces.unwrap_or_else(|| from.clone()),
            from: Mailbox::new((!from_name.is_empty()).then_some(from_name), from),
            reply_to: self.reply_to,
            domain,
            preferences: self.templates.preferences(),
        };
        Ok(Mailer {
            templates: self.templates,
            heads,
            server,
            credentials,
            clock: self.clock,
            patience: self.patience,
            idle: Mutex::new(Vec::new()),
        })
    }
}

fn address(setting: &'static str, text: &str) -> Result<Address, SettingError> {
    text.parse().map_err(|_| SettingError::new(setting, "must be a mail address"))
}
