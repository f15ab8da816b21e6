//! The user a server runs as.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::system::{self, Ids};

/// The user a server runs as: ours, or somebody without rights when we are root, as whom servers refuse to run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account(Option<Ids>);

impl Account {
    /// For a server that usually runs under the name.
    pub(crate) fn of_server(name: &str) -> Result<Self, String> {
        if !is_root()? {
            return Ok(Self(None));
        }
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let ids = ids(&users, name).or_else(|| ids(&users, "nobody")).ok_or_else(|| {
            format!(
                "Servers refuse to run as root, and there is neither a user `{name}` nor `nobody` to run one as; \
                 create one, or run this as another user."
            )
        })?;
        Ok(Self(Some(ids)))
    }

    pub(crate) fn is_somebody_else(self) -> bool {
        self.0.is_some()
    }

    /// A command of the server, in a directory that its user may enter.
    pub(crate) fn command(self, program: &Path, directory: &Path) -> Command {
        let mut command = Command::new(program);
        system::separate(&mut command, self.0);
        // What went wrong is read from what it prints, so that is to be in one language.
        command.current_dir(directory).env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    /// Makes the directory of the user, and nobody else's.
    pub(crate) fn create_own(self, directory: &Path) -> std::io::Result<()> {
        std::fs::create_dir(directory)?;
        system::allow(directory, 0o700)?;
        self.0.map_or(Ok(()), |ids| system::give(directory, ids))
    }
}

pub(crate) fn is_root() -> Result<bool, String> {
    system::own_uid().map(|uid| uid == 0)
}

/// The user and group of the name in the lines of `/etc/passwd`.
fn ids(users: &str, name: &str) -> Option<Ids> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2).map(|field| field.parse().ok());
    Some(Ids { user: fields.next()??, group: fields.next()?? })
}

#[cfg(test)]
mod tests {
    use super::ids;
    use crate::system::Ids;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\nmysqlx:x:1:2::/:/bin/false\nmysql:x:102:106:a:/b:/bin/false\n";
        assert_eq!(ids(users, "mysql"), Some(Ids { user: 102, group: 106 }));
        assert_eq!(ids(users, "postgres"), None);
        assert_eq!(ids("nobody:*:-2:-2::/:/bin/false", "nobody"), None);
        assert_eq!(ids("short:x", "short"), None);
    }
}
