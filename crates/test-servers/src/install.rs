//! Installing servers that are missing, where that can be done.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::{account, mail_sink, programs, system};

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

/// Makes sure that [`RabbitMq::start`](crate::RabbitMq::start) finds its programs: installs them with `apt-get` when they
/// are missing, we are root, and the system has it.
pub fn find_or_install_rabbitmq() -> Result<(), String> {
    find_or_install(programs::rabbitmq, "rabbitmq-server")
}

/// Makes sure that [`Nats::start`](crate::Nats::start) finds its program: installs it with `apt-get` when it is missing, we
/// are root, and the system has it.
pub fn find_or_install_nats() -> Result<(), String> {
    find_or_install(programs::nats, "nats-server")
}

/// Makes sure that [`MailSink::start`](crate::MailSink::start) finds its program: installs it with `apt-get` when it is
/// missing, we are root, and the system has it.
pub fn find_or_install_mail_sink() -> Result<(), String> {
    find_or_install(mail_sink::program, "python3-aiosmtpd")
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

fn install(package: &str) -> Result<(), String> {
    let _policy = Policy::without_services(Path::new(POLICY));
    apt_get(&["-o", "DPkg::Lock::Timeout=120", "install", "-y", "--no-install-recommends", package])
}

/// What Debian asks before a package starts its service, where there is such a program.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Debian starts the system's own server as soon as its package is there. Nobody has asked for that one: it takes the usual
/// ports and memory, and where it cannot start, the installation fails. While this lives, no service is started.
struct Policy<'a>(Option<&'a Path>);

impl<'a> Policy<'a> {
    /// A policy that is there already is the system's, and stays as it is. One that cannot be written is done without,
    /// because the server is of use all the same.
    fn without_services(path: &'a Path) -> Self {
        // Should this program be killed, the file stays, and must not speak for anybody any more.
        let text = format!("#!/bin/sh\nkill -s 0 {} 2>/dev/null && exit 101\nexit 0\n", std::process::id());
        let Ok(mut file) = File::create_new(path) else { return Self(None) };
        // A value from here on, so that half a policy is removed as well.
        let policy = Self(Some(path));
        let written = file.write_all(text.as_bytes()).and_then(|()| system::allow(path, 0o755));
        // Closed, because a program that is being written cannot be run.
        drop(file);
        if written.is_ok() { policy } else { Self(None) }
    }
}

impl Drop for Policy<'_> {
    fn drop(&mut self) {
        if let Some(path) = self.0 {
            // One that stays allows everything when this program has ended.
            let _ = fs::remove_file(path);
        }
    }
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
    use super::{Policy, find_or_install};
    use std::process::{Command, Stdio};

    #[test]
    fn what_is_found_is_not_installed() {
        assert_eq!(find_or_install(|| Ok(()), "no-such-package"), Ok(()));
    }

    #[test]
    fn no_service_is_started_while_a_package_is_installed_and_by_this_program_alone() {
        let path = std::env::temp_dir().join(format!("support-policy-{}", std::process::id()));
        let answer = || Command::new(&path).status().expect("it can be run").code();
        let policy = Policy::without_services(&path);
        assert_eq!(answer(), Some(101));
        drop(Policy::without_services(&path));
        assert_eq!(answer(), Some(101), "the first one stays");

        let mut other = Command::new("sh").args(["-c", "exit 0"]).stdin(Stdio::null()).spawn().expect("`sh` exists");
        other.wait().expect("it ends");
        let text = std::fs::read_to_string(&path).expect("it is there");
        let left = text.replace(&std::process::id().to_string(), &other.id().to_string());
        std::fs::write(&path, left).expect("it is ours");
        assert_eq!(answer(), Some(0), "one that a killed program has left allows everything");
        drop(policy);
        assert!(!path.exists());
    }
}
