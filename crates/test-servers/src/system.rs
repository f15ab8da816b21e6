//! What only Unix systems know: users, modes, signals. Elsewhere this compiles, and says so when it is used.

#[cfg(not(unix))]
pub(crate) use elsewhere::{allow, give, is_open_to_all, own_uid, separate};
#[cfg(unix)]
pub(crate) use unix::{allow, give, is_open_to_all, own_uid, separate};

/// A user and their group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, Permissions};
    use std::io;
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    use std::path::Path;
    use std::process::Command;

    use super::Ids;

    /// The user this program runs as. The standard library does not tell, and not every Unix has `/proc`.
    pub(crate) fn own_uid() -> Result<u32, String> {
        let output = Command::new("id").arg("-u").output();
        let uid = output.ok().and_then(|output| String::from_utf8_lossy(&output.stdout).trim().parse().ok());
        uid.ok_or_else(|| "`id -u` does not say which user runs this, so no server can be started.".to_owned())
    }

    /// Lets the command run as somebody else, and out of the reach of the signals that a terminal sends.
    pub(crate) fn separate(command: &mut Command, ids: Option<Ids>) {
        command.process_group(0);
        if let Some(ids) = ids {
            command.uid(ids.user).gid(ids.group);
        }
    }

    pub(crate) fn give(path: &Path, ids: Ids) -> io::Result<()> {
        chown(path, Some(ids.user), Some(ids.group))
    }

    pub(crate) fn allow(path: &Path, mode: u32) -> io::Result<()> {
        fs::set_permissions(path, Permissions::from_mode(mode))
    }

    /// Whether every user can go through the directory.
    pub(crate) fn is_open_to_all(directory: &Path) -> bool {
        fs::metadata(directory).is_ok_and(|metadata| metadata.permissions().mode() & 0o001 != 0)
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;
    use std::path::Path;
    use std::process::Command;

    use super::Ids;

    /// Comes first in every start, so nothing else of this module is reached.
    pub(crate) fn own_uid() -> Result<u32, String> {
        Err("Throw-away servers run on Unix systems only; elsewhere the variables with the addresses of servers must \
             be set."
            .to_owned())
    }

    pub(crate) fn separate(_: &mut Command, _: Option<Ids>) {}

    pub(crate) fn give(_: &Path, _: Ids) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn allow(_: &Path, _: u32) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn is_open_to_all(_: &Path) -> bool {
        false
    }
}
