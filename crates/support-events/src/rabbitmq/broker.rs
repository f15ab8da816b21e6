//! Where a broker is, and who asks it.

use lapin::{
    types::ShortString,
    uri::{AMQPScheme, AMQPUri},
};
use std::fmt;

/// Why something that needs a broker was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// A setting is missing or makes no sense.
    #[error("{setting} {problem}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The account is the one that the broker comes with, so everybody knows its password.
    #[error(
        "the account is guest with its well-known password, or none is named; make one for the desk, or call \
         `allow_default_credentials` where nothing is kept"
    )]
    DefaultCredentials,
}

impl SettingError {
    pub(super) fn new(setting: &'static str, problem: impl Into<String>) -> Self {
        Self::Setting { setting, problem: problem.into() }
    }
}

/// How often either side says that it is still there, in seconds. The proposal of the broker, a minute, finds out late that a
/// cable was pulled.
const HEARTBEAT: u16 = 20;

/// An address with its account. What is shown of it is no secret.
#[derive(Clone)]
pub(super) struct Broker {
    pub(super) uri: AMQPUri,
}

impl Broker {
    pub(super) fn parse(url: &str, default_credentials: bool) -> Result<Self, SettingError> {
        // Neither the address nor what the parser says of it, which holds the address, and that the password.
        let wrong = |problem: &str| SettingError::new("the address", problem);
        let mut uri: AMQPUri =
            url.parse().map_err(|_| wrong("must be one such as amqps://desk:secret@rabbit.example.org/desk"))?;
        // The parser takes an address of IPv6 for none, and then goes to this machine.
        if let Some(host) = ipv6(url) {
            host.clone_into(&mut uri.authority.host);
        } else if uri.authority.host.is_empty() {
            return Err(wrong("must name a host"));
        }
        // Nobody calls a virtual host by an empty name; many write the `/` at the end of an address.
        if uri.vhost.is_empty() {
            "/".clone_into(&mut uri.vhost);
        }
        let account = &uri.authority.userinfo;
        if account.username == "guest" && account.password == "guest" && !default_credentials {
            return Err(SettingError::DefaultCredentials);
        }
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        Ok(Self { uri })
    }
}

/// What stands in brackets behind the account.
fn ipv6(url: &str) -> Option<&str> {
    let authority = url.split_once("://")?.1.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(host.strip_prefix('[')?.split_once(']')?.0)
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.uri.scheme {
            AMQPScheme::AMQP => "amqp",
            AMQPScheme::AMQPS => "amqps",
        };
        let authority = &self.uri.authority;
        let (user, host, port) = (&authority.userinfo.username, &authority.host, authority.port);
        write!(f, "{scheme}://{user}@{host}:{port} {:?}", self.uri.vhost)
    }
}

/// A name of an exchange, a queue or a binding: AMQP keeps 255 bytes of it.
pub(super) fn name(setting: &'static str, text: &str) -> Result<ShortString, SettingError> {
    let fits = ShortString::try_new(text).map_err(|_| SettingError::new(setting, "must be at most 255 bytes long"))?;
    if text.is_empty() {
        return Err(SettingError::new(setting, "must not be empty"));
    }
    Ok(fits)
}

/// Of an exchange or queue that is declared. Those of the broker itself can only be used.
pub(super) fn own_name(setting: &'static str, text: &str) -> Result<ShortString, SettingError> {
    if text.starts_with("amq.") {
        return Err(SettingError::new(setting, "must not begin with amq., as those of the broker do"));
    }
    name(setting, text)
}

#[cfg(test)]
mod tests {
    use super::{Broker, SettingError, name, own_name};

    fn parsed(url: &str) -> Broker {
        Broker::parse(url, false).expect("it is an address")
    }

    #[test]
    fn an_account_that_everybody_knows_is_refused() {
        for url in ["amqp://guest:guest@rabbit/", "amqp://rabbit", "amqps://rabbit/desk", "amqp://guest@rabbit"] {
            let refused = Broker::parse(url, false).expect_err(url);
            assert_eq!(refused, SettingError::DefaultCredentials);
            assert!(refused.to_string().contains("allow_default_credentials"), "{refused}");
            Broker::parse(url, true).expect(url);
        }
        parsed("amqp://guest:another@rabbit/");
    }

    #[test]
    fn what_is_shown_holds_no_password() {
        let shown = format!("{:?}", parsed("amqps://desk:hunter2@rabbit.example.org/desk?heartbeat=5"));
        assert_eq!(shown, "amqps://desk@rabbit.example.org:5671 \"desk\"");
        for url in ["amqp:/desk:hunter2@rabbit", "http://desk:hunter2@rabbit", "amqp://desk:hunter2@rabbit:port/"] {
            let refused = Broker::parse(url, false).expect_err(url);
            assert!(!format!("{refused} {refused:?}").contains("hunter2"), "{refused:?}");
        }
    }

    #[test]
    fn an_address_leads_where_it_says() {
        for (url, host, port, vhost) in [
            ("amqp://a:b@rabbit", "rabbit", 5672, "/"),
            ("amqp://a:b@rabbit/", "rabbit", 5672, "/"),
            ("amqp://a:b@rabbit:7/%2f", "rabbit", 7, "/"),
            ("amqps://a:b@10.0.0.1/a%2Fb", "10.0.0.1", 5671, "a/b"),
            ("amqp://a:b@[fd00::1]:5673/", "fd00::1", 5673, "/"),
            ("amqp://a:[::1]@rabbit/", "rabbit", 5672, "/"),
        ] {
            let broker = parsed(url);
            let authority = &broker.uri.authority;
            assert_eq!((authority.host.as_str(), authority.port, broker.uri.vhost.as_str()), (host, port, vhost));
        }
    }

    #[test]
    fn names_are_as_long_as_the_protocol_allows() {
        assert!(name("queue", &"a".repeat(255)).is_ok());
        assert!(name("queue", &"a".repeat(256)).is_err());
        assert!(name("queue", "").is_err());
        assert!(own_name("exchange", "amq.topic").is_err());
    }
}
