//! Letters by mail, over SMTP.

mod connection;
mod message;
mod server;
mod settings;

pub use settings::{MailerBuilder, SettingError};

use crate::Templates;
use async_trait::async_trait;
use connection::{Connection, Failure};
use lettre::transport::smtp::authentication::Credentials;
use message::{Envelope, Heads};
use server::Server;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use support_core::{
    domain::notification::Letter,
    ports::{
        channels::{Channel, ChannelError},
        clock::Clock,
    },
};

/// Connections that wait for the next letter.
const IDLE: usize = 8;
/// A connection that waited longer is not asked whether it still is one: servers hang up after some minutes.
const STALE: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

/// Mails letters: a [`Channel`].
///
/// ```
/// use support_core::ports::channels::Channel;
/// use support_notify::{Links, Mailer, Templates};
/// # fn secret() -> &'static str { "pa%2Fss" }
/// let templates = Templates::builder().shop("Corner Shop").links(Links::at("https://shop.example")).build()?;
/// let mailer = Mailer::builder(templates, format!("smtps://desk:{}@mail.shop.example", secret()), "help@shop.example")
///     .from_name("Corner Shop")
///     .reply_to("help+{ticket}@shop.example")
///     .build()?;
/// # fn is_channel(_: &dyn Channel) {}
/// is_channel(&mailer);
/// assert!(!format!("{mailer:?}").contains("pa/ss"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Mailer {
    templates: Templates,
    heads: Heads,
    server: Server,
    credentials: Option<Credentials>,
    clock: Arc<dyn Clock>,
    patience: Duration,
    /// With the moment since which each waits.
    idle: Mutex<Vec<(chrono::DateTime<chrono::Utc>, Connection)>>,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("server", &self.server).field("heads", &self.heads).finish_non_exhaustive()
    }
}

impl Mailer {
    /// Mails words over the server at `url`: `smtps://user:password@host` (TLS from the first byte, port 465),
    /// `smtp://user:password@host` (STARTTLS, port 587). Names and passwords are percent-encoded. `from` is who writes.
    pub fn builder(templates: Templates, url: impl Into<String>, from: impl Into<String>) -> MailerBuilder {
        MailerBuilder::new(templates, url.into(), from.into())
    }

    async fn deliver(&self, envelope: &Envelope, mail: &[u8]) -> Result<(), Failure> {
        let mut connection = match self.take().await {
            Some(connection) => connection,
            None => Connection::open(&self.server, self.credentials.as_ref(), self.patience).await?,
        };
        // On failure it is dropped: nobody knows what the server thinks of it.
        connection.send(envelope, mail).await?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push((self.clock.now(), connection));
        }
        Ok(())
    }

    /// A connection that waits, and that the server still holds.
    async fn take(&self) -> Option<Connection> {
        loop {
            let (since, mut connection) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            let age = self.clock.now().signed_duration_since(since);
            if (chrono::TimeDelta::zero()..STALE).contains(&age) && connection.is_there().await {
                return Some(connection);
            }
        }
    }
}

#[async_trait]
impl Channel for Mailer {
    async fn send(&self, letter: &Letter) -> Result<(), ChannelError> {
        let composed = self.templates.compose(letter);
        let (envelope, mail) = self.heads.message(letter, composed, self.clock.now())?;
        // A server may be silent at any point, and nothing below waits for less than all of it.
        match tokio::time::timeout(self.patience, self.deliver(&envelope, &mail)).await {
            Ok(delivered) => delivered.map_err(ChannelError::from),
            Err(_) => Err(ChannelError::Unavailable("the mail server did not answer in time".to_owned())),
        }
    }
}
