//! The servers that tests need: started before them, gone after them.

use std::any::Any;
use std::process::Command;
use std::thread;

use test_servers::{
    AMQP_URL, CLAMD_ADDRESS, Clamd, EMBEDDED, MYSQL_URL, MariaDb, NATS_URL, Nats, POSTGRES_URL, Postgres, RabbitMq,
    Setup, find_or_install_clamd, find_or_install_mail_sink, find_or_install_mariadb, find_or_install_nats,
    find_or_install_postgres, find_or_install_rabbitmq,
};

use crate::shell::{Outcome, say, timed};

/// The packages with tests that need a database server.
const WITH_DATABASES: [&str; 3] = ["support-storage-sqlx", "support-desk", "test-servers"];
/// The packages with tests that need a virus scanner.
const WITH_SCANNER: [&str; 2] = ["support-files", "test-servers"];
/// The packages with tests that need a message broker.
const WITH_BROKERS: [&str; 3] = ["support-desk", "support-events", "test-servers"];
/// The packages with tests that send mail.
const WITH_MAIL: [&str; 2] = ["support-notify", "test-servers"];

/// A kind of server that tests need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Postgres,
    MySql,
    Clamd,
    RabbitMq,
    Nats,
    /// Each test starts its own. It is installed before them, because they would all do that at the same time.
    MailSink,
}

/// A server that runs until this is dropped.
struct Running {
    kind: Kind,
    variable: &'static str,
    address: String,
    _server: Box<dyn Any + Send>,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Postgres, Self::MySql, Self::Clamd, Self::RabbitMq, Self::Nats, Self::MailSink];

    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MariaDB",
            Self::Clamd => "clamd",
            Self::RabbitMq => "RabbitMQ",
            Self::Nats => "NATS",
            Self::MailSink => "aiosmtpd",
        }
    }

    /// Names the variable with its address, if the tests have it in common.
    fn variable(self) -> Option<&'static str> {
        match self {
            Self::Postgres => Some(POSTGRES_URL),
            Self::MySql => Some(MYSQL_URL),
            Self::Clamd => Some(CLAMD_ADDRESS),
            Self::RabbitMq => Some(AMQP_URL),
            Self::Nats => Some(NATS_URL),
            Self::MailSink => None,
        }
    }

    /// The packages with tests that need it.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Postgres | Self::MySql => &WITH_DATABASES,
            Self::Clamd => &WITH_SCANNER,
            Self::RabbitMq | Self::Nats => &WITH_BROKERS,
            Self::MailSink => &WITH_MAIL,
        }
    }

    /// Starts it for all tests, or sees to it that they can.
    fn start(self) -> Outcome<Option<Running>> {
        let setup = Setup::default();
        let running = |address, server: Box<dyn Any + Send>| {
            self.variable().map(|variable| Running { kind: self, variable, address, _server: server })
        };
        match self {
            Self::Postgres => {
                find_or_install_postgres()?;
                Postgres::start(setup).map(|server| running(server.url(), Box::new(server)))
            }
            Self::MySql => {
                find_or_install_mariadb()?;
                MariaDb::start(setup).map(|server| running(server.url(), Box::new(server)))
            }
            Self::Clamd => {
                find_or_install_clamd()?;
                Clamd::start(setup).map(|server| running(server.address(), Box::new(server)))
            }
            Self::RabbitMq => {
                find_or_install_rabbitmq()?;
                RabbitMq::start(setup).map(|server| running(server.url(), Box::new(server)))
            }
            Self::Nats => {
                find_or_install_nats()?;
                Nats::start(setup).map(|server| running(server.url(), Box::new(server)))
            }
            Self::MailSink => find_or_install_mail_sink().map(|()| None),
        }
    }
}

/// What the tests need.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The tests of the packages reach for no server.
    Nothing,
    /// Tests that reach for a server are left out.
    LeftOut,
    /// Servers; these are started, because the caller has not given their address.
    Servers(Vec<Kind>),
}

impl Need {
    /// By the packages that were named, none for all of them, and the variables that the caller has set.
    pub(crate) fn of(packages: &[String], embedded: bool, is_set: impl Fn(&str) -> bool) -> Self {
        if embedded || is_set(EMBEDDED) {
            return Self::LeftOut;
        }
        let mut kinds = Kind::ALL.to_vec();
        kinds.retain(|kind| may_be_among(packages, kind.packages()));
        if kinds.is_empty() {
            return Self::Nothing;
        }
        kinds.retain(|kind| !kind.variable().is_some_and(&is_set));
        Self::Servers(kinds)
    }
}

/// Whether one of the packages that `-p` names, none for all of them, is among those known. A pattern or a URL may be any.
fn may_be_among(packages: &[String], known: &[&str]) -> bool {
    let may_be = |package: &String| {
        let name = package.split_once('@').map_or(package.as_str(), |(name, _)| name);
        package.contains(['*', '?', '[', '/', '#', ':']) || known.contains(&name)
    };
    packages.is_empty() || packages.iter().any(may_be)
}

/// Whether the caller has set the variable. An empty one counts as not set, as it does in the tests.
pub(crate) fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// What runs for the tests. Dropping it stops the servers and removes their data.
pub(crate) struct Servers {
    variables: Vec<(&'static str, String)>,
    _running: Vec<Running>,
}

impl Servers {
    pub(crate) fn start(need: &Need) -> Outcome<Self> {
        let kinds = match need {
            Need::Servers(kinds) => kinds,
            Need::LeftOut => {
                say("No server is started; the tests that need one run only where its variable is set.");
                return Ok(Self { variables: vec![(EMBEDDED, "1".to_owned())], _running: Vec::new() });
            }
            Need::Nothing => &Vec::new(),
        };
        let (started, took) = timed(|| start(kinds));
        let running = started.map_err(|sentence| with_ways_out(&sentence))?;
        let mut variables = Vec::new();
        for Running { kind, variable, address, .. } in &running {
            say(&format!("{} runs for the tests: {variable}={address}", kind.name()));
            variables.push((*variable, address.clone()));
        }
        if !variables.is_empty() {
            say(&format!("Starting took {:.1} s.", took.as_secs_f64()));
        }
        Ok(Self { variables, _running: running })
    }

    /// Tells the command where the servers are.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
    }
}

fn start(kinds: &[Kind]) -> Outcome<Vec<Running>> {
    // Side by side, because each mostly waits.
    let started: Vec<Outcome<Option<Running>>> = thread::scope(|scope| {
        let threads: Vec<_> = kinds.iter().map(|&kind| (kind, scope.spawn(move || kind.start()))).collect();
        let crashed = |kind: Kind| Err(format!("The thread that starts {} panicked.", kind.name()));
        threads.into_iter().map(|(kind, thread)| thread.join().unwrap_or_else(|_| crashed(kind))).collect()
    });
    // All of them at once, so that nobody installs one server only to hear of the next.
    let sentences: Vec<&str> = started.iter().filter_map(|one| one.as_ref().err()).map(String::as_str).collect();
    if !sentences.is_empty() {
        return Err(sentences.join("\n"));
    }
    started.into_iter().filter_map(Outcome::transpose).collect()
}

fn with_ways_out(sentence: &str) -> String {
    let variables = Kind::ALL.into_iter().filter_map(Kind::variable).collect::<Vec<_>>().join(", ");
    format!(
        "{sentence}\nThe tests run on servers of yours when their variables are set ({variables}); `cargo xtask test \
         --embedded` leaves out the tests that need one."
    )
}

#[cfg(test)]
mod tests {
    use super::{EMBEDDED, Kind, MYSQL_URL, Need, POSTGRES_URL, Servers, with_ways_out};
    use std::process::Command;

    const DATABASES: [Kind; 2] = [Kind::Postgres, Kind::MySql];

    fn need(packages: &[&str], embedded: bool, set: &[&str]) -> Need {
        let packages: Vec<String> = packages.iter().map(ToString::to_string).collect();
        Need::of(&packages, embedded, |variable| set.contains(&variable))
    }

    fn servers(kinds: &[Kind]) -> Need {
        Need::Servers(kinds.to_vec())
    }

    #[test]
    fn all_tests_need_all_servers() {
        assert_eq!(need(&[], false, &[]), servers(&Kind::ALL));
    }

    #[test]
    fn a_server_whose_address_is_given_is_not_started() {
        for given in Kind::ALL {
            let others: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| *kind != given).collect();
            let Some(variable) = given.variable() else { continue };
            assert_eq!(need(&[], false, &[variable]), servers(&others));
        }
        assert_eq!(need(&["support-storage-sqlx"], false, &[POSTGRES_URL, MYSQL_URL]), servers(&[]));
    }

    #[test]
    fn embedded_needs_no_server_whatever_is_tested() {
        for packages in [&[][..], &["support-storage-sqlx"], &["support-core"]] {
            assert_eq!(need(packages, true, &[]), Need::LeftOut);
            assert_eq!(need(packages, false, &[EMBEDDED]), Need::LeftOut);
        }
        assert_eq!(need(&[], true, &[POSTGRES_URL]), Need::LeftOut);
    }

    #[test]
    fn packages_without_such_tests_need_nothing() {
        assert_eq!(need(&["support-core", "xtask", "support-http@0.1.0"], false, &[]), Need::Nothing);
        for package in ["test-servers", "support-*", "path+file:///a#b"] {
            assert_eq!(need(&["support-core", package], false, &[]), servers(&Kind::ALL), "{package}");
        }
        assert_eq!(need(&["support-core", "support-storage-sqlx"], false, &[]), servers(&DATABASES));
        let desk: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| kind.packages().contains(&"support-desk")).collect();
        assert!(desk.contains(&Kind::RabbitMq) && !desk.contains(&Kind::Clamd));
        assert_eq!(need(&["support-core", "support-desk@0.1.0"], false, &[]), servers(&desk));
        assert_eq!(need(&["support-files@0.1.0"], false, &[]), servers(&[Kind::Clamd]));
        let both = [Kind::Postgres, Kind::MySql, Kind::Clamd];
        assert_eq!(need(&["support-files", "support-storage-sqlx"], false, &[]), servers(&both));
    }

    #[test]
    fn commands_are_told_what_was_decided() {
        let told = |need: &Need| {
            let mut command = Command::new("true");
            Servers::start(need).expect("nothing is started").tell(&mut command);
            let variables = command.get_envs();
            variables.map(|(name, _)| name.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(told(&Need::LeftOut), [EMBEDDED]);
        assert!(told(&Need::Nothing).is_empty());
        assert!(told(&servers(&[])).is_empty());
    }

    #[test]
    fn a_server_that_does_not_start_leaves_two_ways() {
        let sentence = with_ways_out("MariaDB was not found.");
        let variables = Kind::ALL.into_iter().filter_map(Kind::variable);
        for word in ["MariaDB was not found.", "--embedded"].into_iter().chain(variables) {
            assert!(sentence.contains(word), "{sentence}");
        }
    }
}
