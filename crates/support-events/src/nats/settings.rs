use super::NatsSink;
use async_nats::{ConnectOptions, ServerAddr};
use std::{collections::BTreeSet, fmt, time::Duration};
use support_core::domain::announcement::{AnnouncementKind, Audience};
use tokio::sync::Mutex;

/// A setting of a sink is missing or makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {problem}")]
pub struct NatsSettingError {
    /// Its name.
    pub setting: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

fn wrong(setting: &'static str, problem: &str) -> NatsSettingError {
    NatsSettingError { setting, problem: problem.to_owned() }
}

/// What was set, and looked at.
pub(super) struct Settings {
    pub(super) servers: Vec<ServerAddr>,
    /// They hold the account.
    pub(super) options: ConnectOptions,
    pub(super) prefix: String,
    pub(super) stream: String,
    pub(super) keep: Duration,
    pub(super) name: String,
    pub(super) audience: Audience,
    pub(super) kinds: Option<BTreeSet<AnnouncementKind>>,
    pub(super) timeout: Duration,
}

/// Without the account.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers: Vec<&str> = self.servers.iter().map(ServerAddr::as_url_str).collect();
        let mut shown = f.debug_struct("Settings");
        shown.field("servers", &servers).field("prefix", &self.prefix).field("stream", &self.stream);
        shown.finish_non_exhaustive()
    }
}

/// How the server knows the desk.
#[derive(Clone)]
enum Account {
    User(String, String),
    Token(String),
    Nkey(String),
    Credentials(String),
}

/// What a sink is to be like.
#[derive(Clone)]
pub struct NatsSinkBuilder {
    addresses: String,
    account: Option<Account>,
    prefix: String,
    stream: String,
    keep: Duration,
    name: String,
    audience: Audience,
    kinds: Option<BTreeSet<AnnouncementKind>>,
    timeout: Duration,
}

impl NatsSinkBuilder {
    pub(super) fn new(addresses: String) -> Self {
        Self {
            addresses,
            account: None,
            prefix: "support".to_owned(),
            stream: "SUPPORT".to_owned(),
            keep: Duration::from_hours(7 * 24),
            name: "nats".to_owned(),
            audience: Audience::default(),
            kinds: None,
            timeout: Duration::from_secs(30),
        }
    }

    /// Who the desk is: a user and a password.
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.account = Some(Account::User(name.into(), password.into()));
        self
    }

    /// Who the desk is: a token.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.account = Some(Account::Token(token.into()));
        self
    }

    /// Who the desk is: the seed of an nkey.
    pub fn nkey(mut self, seed: impl Into<String>) -> Self {
        self.account = Some(Account::Nkey(seed.into()));
        self
    }

    /// Who the desk is: the text of a file of credentials (`.creds`).
    pub fn credentials(mut self, text: impl Into<String>) -> Self {
        self.account = Some(Account::Credentials(text.into()));
        self
    }

    /// What stands before the names of events; `support` unless it is said.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The stream; `SUPPORT` unless it is said. If it is not there, one is made that takes everything under the prefix and
    /// keeps it in files, in one copy.
    pub fn stream(mut self, name: impl Into<String>) -> Self {
        self.stream = name.into();
        self
    }

    /// How long a stream that is made here keeps events; a week unless it is said, zero for ever.
    pub fn keep(mut self, time: Duration) -> Self {
        self.keep = time;
        self
    }

    /// What the sink is called, which never changes afterwards; `nats` unless it is said.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Who listens to the stream; the outside unless it is said.
    pub fn audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// What is told; everything unless it is said.
    pub fn only(mut self, kinds: impl IntoIterator<Item = AnnouncementKind>) -> Self {
        self.kinds = Some(kinds.into_iter().collect());
        self
    }

    /// How long an acknowledgement is waited for; 30 seconds unless it is said.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Makes it. The server is not asked yet.
    ///
    /// # Errors
    /// What is wrong with a setting.
    pub fn build(self) -> Result<NatsSink, NatsSettingError> {
        if self.name.is_empty() {
            return Err(wrong("the name", "must not be empty"));
        }
        let settings = Settings {
            servers: self.addresses.split(',').map(|address| server(address.trim())).collect::<Result<_, _>>()?,
            options: options(self.account)?,
            prefix: tokens("the prefix", self.prefix)?,
            stream: self.stream,
            keep: self.keep,
            name: self.name,
            audience: self.audience,
            kinds: self.kinds,
            timeout: self.timeout,
        };
        if settings.stream.contains('.') || tokens("the stream", settings.stream.clone()).is_err() {
            return Err(wrong("the stream", "must be letters, digits, - and _"));
        }
        Ok(NatsSink { settings, line: Mutex::new(None) })
    }
}

/// Without the account.
impl fmt::Debug for NatsSinkBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("NatsSinkBuilder");
        shown.field("name", &self.name).field("prefix", &self.prefix).field("stream", &self.stream);
        shown.finish_non_exhaustive()
    }
}

fn server(address: &str) -> Result<ServerAddr, NatsSettingError> {
    let setting = "the address";
    // What the parser says holds the address.
    let server: ServerAddr =
        address.parse().map_err(|_| wrong(setting, "must be one such as tls://nats.example.org"))?;
    if server.is_websocket() {
        return Err(wrong(setting, "must begin with nats:// or tls://"));
    }
    // The client would leave it out, and be nobody.
    if server.has_user_pass() || server.password().is_some() {
        return Err(wrong(
            setting,
            "must hold no account; say who the desk is by `user`, `token`, `nkey` or `credentials`",
        ));
    }
    if server.host().is_empty() {
        return Err(wrong(setting, "must name a host"));
    }
    Ok(server)
}

fn options(account: Option<Account>) -> Result<ConnectOptions, NatsSettingError> {
    let options = ConnectOptions::new();
    match account {
        None => Ok(options),
        Some(Account::User(name, password)) => Ok(options.user_and_password(name, password)),
        Some(Account::Token(token)) => Ok(options.token(token)),
        Some(Account::Nkey(seed)) => Ok(options.nkey(seed)),
        Some(Account::Credentials(text)) => options
            .credentials(&text)
            .map_err(|_| wrong("the credentials", "must be the text of a file that `nsc` has made")),
    }
}

/// One or more words with dots between them, none of which stands for others.
fn tokens(setting: &'static str, text: String) -> Result<String, NatsSettingError> {
    let is_token = |token: &str| {
        !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if !text.split('.').all(is_token) {
        return Err(wrong(setting, "must be words of letters, digits, - and _ with dots between them"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::NatsSinkBuilder;
    use crate::NatsSink;

    fn refused(builder: &NatsSinkBuilder) -> String {
        let refused = builder.clone().build().expect_err("something is wrong with it");
        let shown = format!("{refused} {refused:?} {builder:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        shown
    }

    #[test]
    fn an_account_in_the_address_is_not_passed_over() {
        for address in ["nats://desk:hunter2@nats", "nats://hunter2@nats", "nats,nats://:hunter2@nats"] {
            assert!(refused(&NatsSink::builder(address)).contains("must hold no account"), "{address}");
        }
        for address in ["", "http://desk:hunter2@nats", "ws://nats", "nats://desk:hunter2@nats:port", "nats,"] {
            refused(&NatsSink::builder(address));
        }
        refused(&NatsSink::builder("nats").credentials("hunter2"));
        let sink = NatsSink::builder("nats://a, tls://b:7").user("desk", "hunter2").build().expect("a sink");
        let shown = format!("{sink:?}");
        assert!(shown.contains("nats://a") && shown.contains("tls://b:7") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_prefix_is_words_and_a_stream_is_one() {
        for prefix in ["", ".", "a..b", "a.*", "a.>", "a b", "a.", "$JS"] {
            refused(&NatsSink::builder("nats").prefix(prefix));
        }
        for stream in ["", "a.b", "a b", "*", "a/b"] {
            refused(&NatsSink::builder("nats").stream(stream));
        }
        NatsSink::builder("nats").prefix("shop.support").stream("SHOP_1").build().expect("a sink");
    }
}
