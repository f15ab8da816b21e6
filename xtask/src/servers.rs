//! The servers that tests need: started before them, gone after them.

use std::process::Command;
use std::thread;

use test_servers::{
    CLAMD_ADDRESS, Clamd, EMBEDDED, MYSQL_URL, MariaDb, POSTGRES_URL, Postgres, Setup, find_or_install_clamd,
    find_or_install_mariadb, find_or_install_postgres,
};

use crate::shell::{Outcome, say, timed};

/// The packages with tests that need a database server.
const WITH_DATABASES: [&str; 3] = ["support-storage-sqlx", "support-desk", "test-servers"];
/// The packages with tests that need a virus scanner.
const WITH_SCANNER: [&str; 2] = ["support-files", "test-servers"];

/// What the tests need.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The tests of the packages reach for no server.
    Nothing,
    /// Tests that reach for a server are left out.
    LeftOut,
    /// Servers; those whose address the caller has not given are started.
    Servers { postgres: bool, mysql: bool, clamd: bool },
}

impl Need {
    /// By the packages that were named, none for all of them, and the variables that the caller has set.
    pub(crate) fn of(packages: &[String], embedded: bool, is_set: impl Fn(&str) -> bool) -> Self {
        if embedded || is_set(EMBEDDED) {
            Self::LeftOut
        } else {
            let databases = may_be_among(packages, &WITH_DATABASES);
            let scanner = may_be_among(packages, &WITH_SCANNER);
            if !databases && !scanner {
                return Self::Nothing;
            }
            Self::Servers {
                postgres: databases && !is_set(POSTGRES_URL),
                mysql: databases && !is_set(MYSQL_URL),
                clamd: scanner && !is_set(CLAMD_ADDRESS),
            }
        }
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
    _postgres: Option<Postgres>,
    _mariadb: Option<MariaDb>,
    _clamd: Option<Clamd>,
}

/// Those that were started.
type Started = (Option<Postgres>, Option<MariaDb>, Option<Clamd>);

impl Servers {
    pub(crate) fn start(need: &Need) -> Outcome<Self> {
        let (postgres, mysql, clamd) = match *need {
            Need::Servers { postgres, mysql, clamd } => (postgres, mysql, clamd),
            Need::LeftOut => {
                say("No server is started; the tests that need one run only where its variable is set.");
                return Ok(Self::none(vec![(EMBEDDED, "1".to_owned())]));
            }
            Need::Nothing => return Ok(Self::none(Vec::new())),
        };
        let (started, took) = timed(|| start(postgres, mysql, clamd));
        let (postgres, mariadb, clamd) = started.map_err(|sentence| with_ways_out(&sentence))?;
        let addresses = [
            ("PostgreSQL", POSTGRES_URL, postgres.as_ref().map(Postgres::url)),
            ("MariaDB", MYSQL_URL, mariadb.as_ref().map(MariaDb::url)),
            ("clamd", CLAMD_ADDRESS, clamd.as_ref().map(Clamd::address)),
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
        Ok(Self { variables, _postgres: postgres, _mariadb: mariadb, _clamd: clamd })
    }

    fn none(variables: Vec<(&'static str, String)>) -> Self {
        Self { variables, _postgres: None, _mariadb: None, _clamd: None }
    }

    /// Tells the command where the servers are.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
    }
}

fn start(postgres: bool, mysql: bool, clamd: bool) -> Outcome<Started> {
    let start_postgres = || find_or_install_postgres().and_then(|()| Postgres::start(Setup::default()));
    let start_mariadb = || find_or_install_mariadb().and_then(|()| MariaDb::start(Setup::default()));
    let start_clamd = || find_or_install_clamd().and_then(|()| Clamd::start(Setup::default()));
    let crashed = |name: &str| format!("The thread that starts {name} panicked.");
    // Side by side, because each mostly waits.
    let (postgres, mariadb, clamd) = thread::scope(|scope| {
        let mariadb = scope.spawn(|| mysql.then(start_mariadb).transpose());
        let clamd = scope.spawn(|| clamd.then(start_clamd).transpose());
        let postgres = postgres.then(start_postgres).transpose();
        let mariadb = mariadb.join().unwrap_or_else(|_| Err(crashed("MariaDB")));
        (postgres, mariadb, clamd.join().unwrap_or_else(|_| Err(crashed("clamd"))))
    });
    // All of them at once, so that nobody installs one server only to hear of the next.
    let failed = [postgres.as_ref().err(), mariadb.as_ref().err(), clamd.as_ref().err()];
    let sentences: Vec<&str> = failed.into_iter().flatten().map(String::as_str).collect();
    if !sentences.is_empty() {
        return Err(sentences.join("\n"));
    }
    Ok((postgres?, mariadb?, clamd?))
}

fn with_ways_out(sentence: &str) -> String {
    format!(
        "{sentence}\nThe tests run on servers of yours when {POSTGRES_URL}, {MYSQL_URL} and \
         {CLAMD_ADDRESS} are set; `cargo xtask test --embedded` leaves out the tests that need one."
    )
}

#[cfg(test)]
mod tests {
    use super::{CLAMD_ADDRESS, EMBEDDED, MYSQL_URL, Need, POSTGRES_URL, Servers, with_ways_out};
    use std::process::Command;

    const ALL: Need = Need::Servers { postgres: true, mysql: true, clamd: true };
    const DATABASES: Need = Need::Servers { postgres: true, mysql: true, clamd: false };
    const SCANNER: Need = Need::Servers { postgres: false, mysql: false, clamd: true };

    fn need(packages: &[&str], embedded: bool, set: &[&str]) -> Need {
        let packages: Vec<String> = packages.iter().map(ToString::to_string).collect();
        Need::of(&packages, embedded, |variable| set.contains(&variable))
    }

    #[test]
    fn all_tests_need_all_servers() {
        assert_eq!(need(&[], false, &[]), ALL);
    }

    #[test]
    fn a_server_whose_address_is_given_is_not_started() {
        let but = |postgres, mysql, clamd| Need::Servers { postgres, mysql, clamd };
        assert_eq!(need(&[], false, &[POSTGRES_URL]), but(false, true, true));
        assert_eq!(need(&[], false, &[MYSQL_URL]), but(true, false, true));
        assert_eq!(need(&[], false, &[CLAMD_ADDRESS]), DATABASES);
        assert_eq!(need(&["support-desk"], false, &[POSTGRES_URL, MYSQL_URL]), but(false, false, false));
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
            assert_eq!(need(&["support-core", package], false, &[]), ALL, "{package}");
        }
        for package in ["support-storage-sqlx", "support-desk@0.1.0"] {
            assert_eq!(need(&["support-core", package], false, &[]), DATABASES, "{package}");
        }
        assert_eq!(need(&["support-files@0.1.0"], false, &[]), SCANNER);
        assert_eq!(need(&["support-files", "support-storage-sqlx"], false, &[]), ALL);
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
        assert!(told(&Need::Servers { postgres: false, mysql: false, clamd: false }).is_empty());
    }

    #[test]
    fn a_server_that_does_not_start_leaves_two_ways() {
        let sentence = with_ways_out("MariaDB was not found.");
        for word in ["MariaDB was not found.", POSTGRES_URL, MYSQL_URL, CLAMD_ADDRESS, "--embedded"] {
            assert!(sentence.contains(word), "{sentence}");
        }
    }
}
