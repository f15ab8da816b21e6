//! One mail after the other over one connection. The library's own pool keeps a task that wants a runtime when the pool is
//! made and when it is dropped, and does not tell at which step a server refused.

use super::{
    message::Envelope,
    server::{Security, Server},
};
use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::AsyncSmtpConnection,
    commands::{Data, Mail, Rcpt},
    extension::{ClientId, Extension, MailParameter},
};
use std::time::Duration;
use support_core::ports::channels::ChannelError;

pub(super) struct Connection(AsyncSmtpConnection);

/// At which step something went wrong, and how. What the server said is left out: it repeats addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failure {
    step: Step,
    /// The three digits of the answer, if there was one.
    code: Option<u16>,
    is_for_ever: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Connect,
    Encrypt,
    LogIn,
    Sender,
    Recipient,
    /// The server takes no address in another script.
    Script,
    Content,
}

impl Connection {
    pub(super) async fn open(
        server: &Server,
        credentials: Option<&Credentials>,
        patience: Duration,
    ) -> Result<Self, Failure> {
        let hello = ClientId::default();
        let wrapped = match &server.security {
            Security::Tls(parameters) => Some(parameters.clone()),
            Security::StartTls(_) | Security::Plain => None,
        };
        let address = (server.host.as_str(), server.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(address, Some(patience), &hello, wrapped, None)
            .await
            .map_err(|error| Failure::new(if error.is_tls() { Step::Encrypt } else { Step::Connect }, &error))?;
        if let Security::StartTls(parameters) = &server.security {
            // It fails where the server offers none, so nobody on the way can talk us out of it.
            let upgraded = connection.starttls(parameters.clone(), &hello).await;
            upgraded.map_err(|error| Failure::new(Step::Encrypt, &error))?;
        }
        if let Some(credentials) = credentials {
            let welcome = connection.auth(DEFAULT_MECHANISMS, credentials).await;
            welcome.map_err(|error| Failure::new(Step::LogIn, &error))?;
        }
        Ok(Self(connection))
    }

    pub(super) async fn is_there(&mut self) -> bool {
        self.0.test_connected().await
    }

    pub(super) async fn send(&mut self, envelope: &Envelope, mail: &[u8]) -> Result<(), Failure> {
        let at = |step: Step| move |error: Error| Failure::new(step, &error);
        let is_ascii = |address: &lettre::Address| address.to_string().is_ascii();
        let mut parameters = Vec::new();
        if !is_ascii(&envelope.from) || !is_ascii(&envelope.to) {
            if !self.0.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Failure { step: Step::Script, code: None, is_for_ever: true });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        self.0.command(Mail::new(Some(envelope.from.clone()), parameters)).await.map_err(at(Step::Sender))?;
        self.0.command(Rcpt::new(envelope.to.clone(), Vec::new())).await.map_err(at(Step::Recipient))?;
        self.0.command(Data).await.map_err(at(Step::Content))?;
        self.0.message(mail).await.map_err(at(Step::Content))?;
        Ok(())
    }
}

impl Failure {
    fn new(step: Step, error: &Error) -> Self {
        Self { step, code: error.status().map(Into::into), is_for_ever: error.is_permanent() }
    }
}

impl From<Failure> for ChannelError {
    /// For ever is only what has to do with this letter. A server that refuses our password, or us as senders, would refuse
    /// every other letter too, and takes them all once somebody has set that right.
    fn from(failure: Failure) -> Self {
        let what = match failure.step {
            Step::Connect => "the mail server cannot be reached",
            Step::Encrypt => "the mail server does not encrypt, or is not who it should be",
            Step::LogIn => "the mail server does not let us in",
            Step::Sender => "the mail server does not take mail from us",
            Step::Recipient => "the mail server does not take mail for this address",
            Step::Script => "the mail server takes no addresses in this script",
            Step::Content => "the mail server does not take this mail",
        };
        let what = failure.code.map_or_else(|| what.to_owned(), |code| format!("{what} ({code})"));
        let is_about_the_letter = matches!(failure.step, Step::Recipient | Step::Script | Step::Content);
        if failure.is_for_ever && is_about_the_letter { Self::Refused(what) } else { Self::Unavailable(what) }
    }
}
