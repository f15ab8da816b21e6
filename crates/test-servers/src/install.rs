//! Installing servers that are missing, where that can be done.

use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::{account, programs};

/// Makes sure that [`Postgres::start`](crate::Postgres::start) finds its programs: installs them with `apt-get` when
/// they are missing, we are root, and the system has it.
pub fn find_or_install_postgres() -> Result<(), String> {
    find_or_install(programs::postgres, "postgresql")
}

/// Makes sure that [`MariaDb::start`](crate::MariaDb::start) finds its programs: installs them with `apt-get` when they
/// are missing, we are root, and the system has it.
pub fn find_or_install_mariadb() -> Result<(), String> {
    find_or_install(programs::mariadb, "mariadb-server")
}

/// Makes sure that [`Clamd::start`](crate::Clamd::start) finds its program: installs it with `apt-get` when it is
/// missing, we are root, and the system has it.
pub fn find_or_install_clamd() -> Result<(), String> {
    find_or_install(programs::clamd, "clamav-daemon")
}

fn find_or_install<T>(find: fn() -> Result<T, String>, package: &str) -> Result<(), String> {
    // One installation at a time: a second one would fail at the first one's lock.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Err(missing) = find() else { return Ok(()) };
    if !account::is_root()? || apt_get(&["--version"]).is_err() {
        return Err(missing);
    }
    eprintln!("The package `{package}` is missing, and is being installed.");
    // The lists are fetched only when those of the system do not do: they are large.
    let installed = install(package).or_else(|_| apt_get(&["update"]).and_then(|()| install(package)));
    if let Err(words) = installed {
        return Err(format!("{missing} Here `apt-get install {package}` failed: {words}"));
    }
    find().map(drop).map_err(|missing| format!("{missing} Here the package is installed, and does not bring them."))
}

/// Debian starts a server of its own afterwards, unless it is told otherwise. It listens elsewhere, so it is let be.
fn install(package: &str) -> Result<(), String> {
    apt_get(&["-o", "DPkg::Lock::Timeout=120", "install", "-y", "--no-install-recommends", package])
}

/// Answers what it complained of last when it fails.
fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("it does not say why").to_owned();
    Err(complaint)
}

#[cfg(test)]
mod tests {
    use super::find_or_install;

    #[test]
    fn what_is_found_is_not_installed() {
        assert_eq!(find_or_install(|| Ok(()), "no-such-package"), Ok(()));
    }
}
