//! Where the programs of the servers are.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::account::Account;
use crate::environment::{AMQP_URL, CLAMD_ADDRESS, MYSQL_URL, NATS_URL, POSTGRES_URL};

/// Where Debian and its kin keep what is not on the `PATH`: a directory for each version.
const POSTGRES_VERSIONS: &str = "/usr/lib/postgresql";
/// Where the packages of RabbitMQ keep the script itself. What they put on the `PATH` changes to the system's own
/// directories and user first.
const RABBITMQ_SCRIPTS: &str = "/usr/lib/rabbitmq/bin";
/// Directories of servers, which are not on the `PATH` of everybody.
const SERVER_DIRECTORIES: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec"];

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PostgresPrograms {
    pub(crate) initdb: PathBuf,
    pub(crate) server: PathBuf,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MariaDbPrograms {
    pub(crate) install_db: PathBuf,
    pub(crate) server: PathBuf,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RabbitMqPrograms {
    pub(crate) server: PathBuf,
    /// Tells the nodes of a machine each other's ports.
    pub(crate) epmd: PathBuf,
}

pub(crate) fn postgres() -> Result<PostgresPrograms, String> {
    postgres_in(path().chain(newest_first(Path::new(POSTGRES_VERSIONS)))).ok_or_else(|| {
        format!(
            "PostgreSQL was not found, neither on the PATH nor under {POSTGRES_VERSIONS}. Install the package \
             `postgresql`, or set {POSTGRES_URL} to the address of a server that tests may fill."
        )
    })
}

pub(crate) fn mariadb() -> Result<MariaDbPrograms, String> {
    let directories = path().chain(SERVER_DIRECTORIES.map(PathBuf::from));
    mariadb_in(&directories.collect::<Vec<_>>()).ok_or_else(|| {
        format!(
            "MariaDB was not found: `mariadbd` and `mariadb-install-db` are neither on the PATH nor in {}. Install \
             the package `mariadb-server`, or set {MYSQL_URL} to the address of a server that tests may fill.",
            SERVER_DIRECTORIES.join(", ")
        )
    })
}

pub(crate) fn clamd() -> Result<PathBuf, String> {
    server("clamd").ok_or_else(|| {
        format!(
            "`clamd` was not found, neither on the PATH nor in {}. Install the package `clamav-daemon`, or set \
             {CLAMD_ADDRESS} to the host and port of one that tests may ask.",
            SERVER_DIRECTORIES.join(", ")
        )
    })
}

pub(crate) fn nats() -> Result<PathBuf, String> {
    server("nats-server").ok_or_else(|| {
        format!(
            "`nats-server` was not found, neither on the PATH nor in {}. Install the package `nats-server`, or set \
             {NATS_URL} to the address of a server with JetStream that tests may fill.",
            SERVER_DIRECTORIES.join(", ")
        )
    })
}

/// A `python3` that has aiosmtpd, for the account: other users may not enter the directory of one that is ours.
pub(crate) fn python_with_aiosmtpd(account: Account) -> Result<PathBuf, String> {
    let has_it = |python: &PathBuf| {
        let mut command = account.command(python, Path::new("/"));
        command.args(["-c", "import aiosmtpd"]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let pythons = path().chain([PathBuf::from("/usr/bin")]).map(|place| place.join("python3"));
    pythons.filter(|python| python.is_file()).find(has_it).ok_or_else(|| {
        "`aiosmtpd` was not found in any `python3` on the PATH or in /usr/bin. Install the package `python3-aiosmtpd`."
            .to_owned()
    })
}

/// The program of a server that is one.
fn server(name: &str) -> Option<PathBuf> {
    let directories = path().chain(SERVER_DIRECTORIES.map(PathBuf::from));
    directories.map(|place| place.join(name)).find(|program| program.is_file())
}

pub(crate) fn rabbitmq() -> Result<RabbitMqPrograms, String> {
    let directories: Vec<PathBuf> = [PathBuf::from(RABBITMQ_SCRIPTS)].into_iter().chain(path()).collect();
    rabbitmq_in(&directories).ok_or_else(|| {
        format!(
            "RabbitMQ was not found: `rabbitmq-server` is neither in {RABBITMQ_SCRIPTS} nor on the PATH, or Erlang's \
             `epmd` is not on it. Install the package `rabbitmq-server`, or set {AMQP_URL} to the address of a broker \
             that tests may fill."
        )
    })
}

/// The first of each. They may lie apart.
fn rabbitmq_in(directories: &[PathBuf]) -> Option<RabbitMqPrograms> {
    let first = |name: &str| directories.iter().map(|place| place.join(name)).find(|program| program.is_file());
    Some(RabbitMqPrograms { server: first("rabbitmq-server")?, epmd: first("epmd")? })
}

/// Both programs of one version: a server does not open what the `initdb` of another has made.
fn postgres_in(mut directories: impl Iterator<Item = PathBuf>) -> Option<PostgresPrograms> {
    directories.find_map(|directory| {
        let programs = PostgresPrograms { initdb: directory.join("initdb"), server: directory.join("postgres") };
        (programs.initdb.is_file() && programs.server.is_file()).then_some(programs)
    })
}

/// The names of today come before those of MySQL, which may be MySQL's own.
fn mariadb_in(directories: &[PathBuf]) -> Option<MariaDbPrograms> {
    let first = |names: [&str; 2]| {
        let mut candidates = names.into_iter().flat_map(|name| directories.iter().map(move |place| place.join(name)));
        candidates.find(|program| program.is_file())
    };
    let server = first(["mariadbd", "mysqld"])?;
    Some(MariaDbPrograms { install_db: first(["mariadb-install-db", "mysql_install_db"])?, server })
}

fn path() -> impl Iterator<Item = PathBuf> {
    let directories = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&directories).collect::<Vec<_>>().into_iter()
}

/// The `bin` directories of the versions, the newest first.
fn newest_first(versions: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(versions).into_iter().flatten().flatten();
    let mut numbered: Vec<(Vec<u32>, PathBuf)> =
        entries.filter_map(|entry| Some((version(&entry.file_name().to_string_lossy())?, entry.path()))).collect();
    numbered.sort_unstable_by(|one, other| other.cmp(one));
    numbered.into_iter().map(|(_, directory)| directory.join("bin")).collect()
}

/// The numbers of `15` or `9.6`.
fn version(name: &str) -> Option<Vec<u32>> {
    name.split('.').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{mariadb_in, newest_first, postgres_in, rabbitmq_in, version};
    use crate::account::Account;
    use crate::home::Home;
    use std::path::{Path, PathBuf};

    /// A directory with empty files at the paths.
    fn with_files(paths: &[&str]) -> Home {
        let account = Account::of_server("nobody").expect("the user exists");
        let home = Home::new("programs", account, "KILL").expect("the temporary directory can be written");
        for path in paths {
            let path = home.path().join(path);
            std::fs::create_dir_all(path.parent().expect("it is in the directory")).expect("made");
            std::fs::write(path, "").expect("written");
        }
        home
    }

    fn within(home: &Home, paths: Vec<PathBuf>) -> Vec<String> {
        let strip = |path: PathBuf| path.strip_prefix(home.path()).expect("it is inside").display().to_string();
        paths.into_iter().map(strip).collect()
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let home = with_files(&["9.6/bin/a", "15/bin/a", "9.10/bin/a", "8/bin/a", "common/bin/a"]);
        assert_eq!(within(&home, newest_first(home.path())), ["15/bin", "9.10/bin", "9.6/bin", "8/bin"]);
        assert_eq!(newest_first(Path::new("/no/such/directory")), Vec::<PathBuf>::new());
        assert_eq!(version("15beta"), None);
    }

    #[test]
    fn the_newest_version_with_both_programs_is_used() {
        let home = with_files(&["16/bin/psql", "16/bin/initdb", "15/bin/initdb", "15/bin/postgres", "14/bin/initdb"]);
        let found = postgres_in(newest_first(home.path()).into_iter()).expect("version 15 is whole");
        assert_eq!(within(&home, vec![found.initdb, found.server]), ["15/bin/initdb", "15/bin/postgres"]);
        assert_eq!(postgres_in([home.path().to_owned()].into_iter()), None);
    }

    #[test]
    fn the_programs_of_mariadb_may_lie_apart_and_have_their_old_names() {
        let home = with_files(&["bin/mysql_install_db", "sbin/mysqld", "new/mariadbd", "new/mariadb-install-db"]);
        let find = |directories: &[&str]| {
            let directories: Vec<PathBuf> = directories.iter().map(|name| home.path().join(name)).collect();
            let found = mariadb_in(&directories)?;
            Some(within(&home, vec![found.install_db, found.server]))
        };
        assert_eq!(find(&["bin", "sbin"]).expect("both"), ["bin/mysql_install_db", "sbin/mysqld"]);
        assert_eq!(find(&["bin", "sbin", "new"]).expect("both"), ["new/mariadb-install-db", "new/mariadbd"]);
        assert_eq!(find(&["sbin"]), None);
        assert_eq!(find(&["bin"]), None);
    }

    #[test]
    fn the_script_of_rabbitmq_comes_before_what_is_on_the_path_and_needs_erlang() {
        let home = with_files(&["scripts/rabbitmq-server", "bin/rabbitmq-server", "bin/epmd"]);
        let find = |directories: &[&str]| {
            let directories: Vec<PathBuf> = directories.iter().map(|name| home.path().join(name)).collect();
            let found = rabbitmq_in(&directories)?;
            Some(within(&home, vec![found.server, found.epmd]))
        };
        assert_eq!(find(&["scripts", "bin"]).expect("both"), ["scripts/rabbitmq-server", "bin/epmd"]);
        assert_eq!(find(&["bin"]).expect("both"), ["bin/rabbitmq-server", "bin/epmd"]);
        assert_eq!(find(&["scripts"]), None);
    }
}
