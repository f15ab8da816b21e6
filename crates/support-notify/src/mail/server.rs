use super::settings::SettingError;
use lettre::transport::smtp::{
    authentication::Credentials,
    client::{Certificate, TlsParameters},
};
use std::fmt;
use url::Url;

/// A mail server, and how it is spoken to.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
}

/// How others are kept from listening.
pub(super) enum Security {
    /// TLS from the first byte.
    Tls(TlsParameters),
    /// TLS after a few words, or nothing.
    StartTls(TlsParameters),
    /// Not at all.
    Plain,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let security = match self.security {
            Security::Tls(_) => "TLS",
            Security::StartTls(_) => "STARTTLS",
            Security::Plain => "plain text",
        };
        write!(f, "{}:{} ({security})", self.host, self.port)
    }
}

impl Server {
    /// Reads an address. `plain` are the hosts that may be spoken to in clear.
    pub(super) fn parse(
        address: &str,
        plain: &[String],
        roots: &[Vec<u8>],
    ) -> Result<(Self, Option<Credentials>), SettingError> {
        // What is wrong is said without the address: a password is in it.
        let wrong = |why: &str| SettingError::new("url", why);
        let url = Url::parse(address).map_err(|_| {
            wrong("is no address such as `smtps://user:password@host`; is the password percent-encoded?")
        })?;
        let is_wrapped = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            _ => return Err(wrong("must begin with `smtps://` or `smtp://`")),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("names no host"))?.to_owned();
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("must end after host and port"));
        }
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) => return Err(wrong("has a password, but no user")),
            (_, None) => return Err(wrong("has a user, but no password")),
            (user, Some(password)) => Some(Credentials::new(decoded(user)?, decoded(password)?)),
        };
        let port = url.port().unwrap_or(if is_wrapped { 465 } else { 587 });
        let security = match is_wrapped {
            true => Security::Tls(parameters(&host, roots)?),
            false if plain.iter().any(|plain| plain.eq_ignore_ascii_case(&host)) => Security::Plain,
            false => Security::StartTls(parameters(&host, roots)?),
        };
        Ok((Self { host, port, security }, credentials))
    }
}

fn parameters(host: &str, roots: &[Vec<u8>]) -> Result<TlsParameters, SettingError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    for pem in roots {
        let wrong = || SettingError::new("root_certificate", "is no certificate in PEM");
        // The library takes a file without any certificate for one with none, which is no fault to it.
        if !String::from_utf8_lossy(pem).contains("-----BEGIN CERTIFICATE-----") {
            return Err(wrong());
        }
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(|_| wrong())?);
    }
    builder.build().map_err(|error| SettingError::new("url", format!("TLS cannot be set up: {error}")))
}

/// `%2F` as `/`.
fn decoded(text: &str) -> Result<String, SettingError> {
    let wrong = || SettingError::new("url", "user and password must be percent-encoded UTF-8");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit().ok_or_else(wrong)?, digit().ok_or_else(wrong)?);
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| wrong())?);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}
