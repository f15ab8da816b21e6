//! The database servers that tests need: started before them, gone after them.

use std::process::Command;
use std::thread;

use test_servers::{
    EMBEDDED, MYSQL_URL, MariaDb, POSTGRES_URL, Postgres, Setup, find_or_install_mariadb, find_or_install_postgres,
};

use crate::shell::{Outcome, say, timed};

/// The packages with tests that need a server.
const PACKAGES: [&str; 3] = ["support-storage-sqlx", "support-desk", "test-servers"];

/// What the tests need.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The tests of the packages reach for no server.
    Nothing,
    /// Tests that reach for a server are left out.
    LeftOut,
    /// Servers; those whose address the caller has not given are started.
    Servers { postgres: bool, mysql: bool },
}

impl Need {
    /// By the packages that were named, none for all of them, and the variables that the caller has set.
    pub(crate) fn of(packages: &[String], embedded: bool, is_set: impl Fn(&str) -> bool) -> Self {
        if embedded || is_set(EMBEDDED) {
            Self::LeftOut
        } else if !packages.is_empty() && !packages.iter().any(|package| may_need_a_server(package)) {
            Self::Nothing
        } else {
            Self::Servers { postgres: !is_set(POSTGRES_URL), mysql: !is_set(MYSQL_URL) }
        }
    }
}

/// Whether `-p` names one of the packages. A pattern or a URL may name any.
fn may_need_a_server(package: &str) -> bool {
    let name = package.split_once('@').map_or(package, |(name, _)| name);
    package.contains(['*', '?', '[', '/', '#', ':']) || PACKAGES.contains(&name)
}

/// Whether the caller has set the variable. An empty one counts as not set, as it does in the tests.
pub(crate) fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// What runs for the tests. Dropping it stops the servers and removes their data.
pub(crate) struct Servers {
    variables: Vec<(&'static str, String)>,
    _postgres: Option<Postgres>,
    _mariadb: Option<MariaDb>,
}

impl Servers {
    pub(crate) fn start(need: &Need) -> Outcome<Self> {
        let (postgres, mysql) = match *need {
            Need::Servers { postgres, mysql } => (postgres, mysql),
            Need::LeftOut => {
                say("No server is started; the tests that need one run only where its variable is set.");
                return Ok(Self::none(vec![(EMBEDDED, "1".to_owned())]));
            }
            Need::Nothing => return Ok(Self::none(Vec::new())),
        };
        let (started, took) = timed(|| start_both(postgres, mysql));
        let (postgres, mariadb) = started.map_err(|sentence| with_ways_out(&sentence))?;
        let addresses = [
            ("PostgreSQL", POSTGRES_URL, postgres.as_ref().map(Postgres::url)),
            ("MariaDB", MYSQL_URL, mariadb.as_ref().map(MariaDb::url)),
        ];
        let mut variables = Vec::new();
        for (name, variable, url) in addresses {
            let Some(url) = url else { continue };
            say(&format!("{name} runs for the tests: {variable}={url}"));
            variables.push((variable, url));
        }
        if !variables.is_empty() {
            say(&format!("Starting took {:.1} s.", took.as_secs_f64()));
        }
        Ok(Self { variables, _postgres: postgres, _mariadb: mariadb })
    }

    fn none(variables: Vec<(&'static str, String)>) -> Self {
        Self { variables, _postgres: None, _mariadb: None }
    }

    /// Tells the command where the servers are.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
    }
}

fn start_both(postgres: bool, mysql: bool) -> Outcome<(Option<Postgres>, Option<MariaDb>)> {
    let start_postgres = || find_or_install_postgres().and_then(|()| Postgres::start(Setup::default()));
    let start_mariadb = || find_or_install_mariadb().and_then(|()| MariaDb::start(Setup::default()));
    // Side by side, because each mostly waits.
    let (postgres, mariadb) = thread::scope(|scope| {
        let other = scope.spawn(|| mysql.then(start_mariadb).transpose());
        let postgres = postgres.then(start_postgres).transpose();
        let crashed = |_| Err("The thread that starts MariaDB panicked.".to_owned());
        (postgres, other.join().unwrap_or_else(crashed))
    });
    match (postgres, mariadb) {
        (Ok(postgres), Ok(mariadb)) => Ok((postgres, mariadb)),
        // Both at once, so that nobody installs one server only to hear of the other.
        (Err(one), Err(other)) => Err(format!("{one}\n{other}")),
        (Err(sentence), _) | (_, Err(sentence)) => Err(sentence),
    }
}

fn with_ways_out(sentence: &str) -> String {
    format!(
        "{sentence}\nThe tests run on servers of yours when {POSTGRES_URL} and {MYSQL_URL} are set; \
         `cargo xtask test --embedded` leaves out the tests that need one."
    )
}

#[cfg(test)]
mod tests {
    use super::{EMBEDDED, MYSQL_URL, Need, POSTGRES_URL, Servers, with_ways_out};
    use std::process::Command;

    const BOTH: Need = Need::Servers { postgres: true, mysql: true };

    fn need(packages: &[&str], embedded: bool, set: &[&str]) -> Need {
        let packages: Vec<String> = packages.iter().map(ToString::to_string).collect();
        Need::of(&packages, embedded, |variable| set.contains(&variable))
    }

    #[test]
    fn all_tests_need_both_servers() {
        assert_eq!(need(&[], false, &[]), BOTH);
    }

    #[test]
    fn a_server_whose_address_is_given_is_not_started() {
        assert_eq!(need(&[], false, &[POSTGRES_URL]), Need::Servers { postgres: false, mysql: true });
        assert_eq!(need(&[], false, &[MYSQL_URL]), Need::Servers { postgres: true, mysql: false });
        let none = need(&["support-desk"], false, &[POSTGRES_URL, MYSQL_URL]);
        assert_eq!(none, Need::Servers { postgres: false, mysql: false });
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
        for package in ["support-storage-sqlx", "support-desk@0.1.0", "test-servers", "support-*", "path+file:///a#b"] {
            assert_eq!(need(&["support-core", package], false, &[]), BOTH, "{package}");
        }
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
        assert!(told(&Need::Servers { postgres: false, mysql: false }).is_empty());
    }

    #[test]
    fn a_server_that_does_not_start_leaves_two_ways() {
        let sentence = with_ways_out("MariaDB was not found.");
        for word in ["MariaDB was not found.", POSTGRES_URL, MYSQL_URL, "--embedded"] {
            assert!(sentence.contains(word), "{sentence}");
        }
    }
}
