//! The directory in which a server lives.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::account::Account;
use crate::system;
use crate::watchdog::Watchdog;

/// A fresh directory, removed with everything in it when this is dropped or the program ends.
#[derive(Debug)]
pub(crate) struct Home {
    path: PathBuf,
    watchdog: Watchdog,
}

impl Home {
    /// With an empty directory for the data that belongs to the account. The signal ends the server at once.
    pub(crate) fn new(name: &str, account: Account, signal: &str) -> Result<Self, String> {
        let path = fresh(&base(account)?, name).map_err(|error| not_made(&error))?;
        // First of all, so that nothing stays when the rest fails.
        let watchdog = Watchdog::over(&path, signal).inspect_err(|_| drop(fs::remove_dir(&path)))?;
        let home = Self { path, watchdog };
        // The server goes through it to its data; what else is in it is not the server's to change.
        system::allow(&home.path, 0o711).map_err(|error| not_made(&error))?;
        home.directory("data", account)?;
        Ok(home)
    }

    /// Makes a directory that belongs to the account.
    pub(crate) fn directory(&self, name: &str, account: Account) -> Result<PathBuf, String> {
        let path = self.path.join(name);
        account.create_own(&path).map_err(|error| not_made(&error))?;
        Ok(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the server keeps everything.
    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Writes a file that the server may read.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.path.join(name);
        fs::write(&path, text).and_then(|()| system::allow(&path, 0o644)).map_err(|error| not_made(&error))?;
        Ok(path)
    }

    /// What the server prints, from now on.
    pub(crate) fn new_log(&self) -> Result<File, String> {
        File::create(self.path.join("log")).map_err(|error| not_made(&error))
    }

    /// What the server has printed since it was started.
    pub(crate) fn log(&self) -> String {
        fs::read(self.path.join("log")).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
    }

    /// Says which process is the server, or that there is none.
    pub(crate) fn guard(&mut self, server: Option<u32>) {
        self.watchdog.guard(server);
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // A process of the server that is about to end may still make a file.
        for _ in 0..20 {
            match fs::remove_dir_all(&self.path) {
                Ok(()) => return,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return,
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
        eprintln!("{} could not be removed; nothing needs it any more.", self.path.display());
    }
}

fn not_made(error: &io::Error) -> String {
    format!("A directory for the server could not be made: {error}.")
}

/// Where temporary directories are made, and the account can get to them.
fn base(account: Account) -> Result<PathBuf, String> {
    let candidates = [std::env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
    let can_enter = |directory: &Path| !account.is_somebody_else() || directory.ancestors().all(system::is_open_to_all);
    // The scripts of MariaDB take a path with a blank for two.
    let is_one_word = |directory: &Path| !directory.to_string_lossy().contains(char::is_whitespace);
    let mut real = candidates.iter().filter_map(|directory| directory.canonicalize().ok());
    real.find(|directory| can_enter(directory) && is_one_word(directory)).ok_or_else(|| {
        "There is no temporary directory for a server; set TMPDIR to one without blanks in its path that everybody \
         may enter, because servers do not run as root."
            .to_owned()
    })
}

/// A directory that did not exist, whoever else makes some at the same time, or died before they were removed.
fn fresh(base: &Path, name: &str) -> io::Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = base.join(format!("support-{name}-{}-{number}", std::process::id()));
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Home, fresh};
    use crate::account::Account;

    #[test]
    fn a_home_is_removed_with_everything_in_it() {
        let account = Account::of_server("nobody").expect("the user exists");
        let home = Home::new("home", account, "KILL").expect("the temporary directory can be written");
        home.write("a", "b").expect("a file can be written");
        let path = home.path().to_owned();
        assert!(home.data().is_dir());
        drop(home);
        assert!(!path.exists());
    }

    #[test]
    fn a_name_that_is_taken_is_not_used_again() {
        let base = std::env::temp_dir();
        let (one, other) = (fresh(&base, "fresh").expect("made"), fresh(&base, "fresh").expect("made"));
        assert_ne!(one, other);
        for path in [one, other] {
            std::fs::remove_dir(path).expect("it is empty");
        }
    }
}
