//! What cleans up after a program that had no time to.

use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::system;

/// Reads which server runs until the pipe closes, and then ends its process group and removes the directory.
const SCRIPT: &str = r#"
while read -r line; do server=$line; done
if [ -n "$server" ]; then
    kill -s "$2" -- "-$server"
    tries=100
    while [ "$tries" -gt 0 ] && kill -s 0 -- "-$server"; do
        sleep 0.1
        tries=$((tries - 1))
    done
fi
rm -rf -- "$1"
"#;

/// A process that outlives this one when it is killed: by Ctrl-C, a time limit, or want of memory. No destructor runs
/// then, and the server would stay. The system closes this program's end of a pipe whatever ends it, and the watchdog
/// waits for that.
#[derive(Debug)]
pub(crate) struct Watchdog {
    process: Child,
    pipe: Option<ChildStdin>,
}

impl Watchdog {
    pub(crate) fn over(directory: &Path, signal: &str) -> Result<Self, String> {
        let mut command = Command::new("sh");
        // Ctrl-C ends it too if it stays in the group of this program.
        system::separate(&mut command, None);
        command.args(["-c", SCRIPT, "watchdog"]).arg(directory).arg(signal).current_dir("/").env_remove("server");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process =
            command.spawn().map_err(|error| format!("`sh`, which cleans up after servers, did not start: {error}."))?;
        let pipe = process.stdin.take();
        Ok(Self { process, pipe })
    }

    /// Says which process is the server, or that there is none.
    pub(crate) fn guard(&mut self, server: Option<u32>) {
        let line = server.map_or_else(|| "\n".to_owned(), |pid| format!("{pid}\n"));
        if let Some(pipe) = &mut self.pipe {
            // A watchdog that is gone guards nothing, but the server is as good as before.
            let _ = pipe.write_all(line.as_bytes());
        }
    }
}

impl Drop for Watchdog {
    /// There is nothing left to guard. It is ended before the pipe closes, so it does nothing.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::Watchdog;
    use crate::system;
    use std::path::PathBuf;
    use std::process::{Child, Command};

    fn directory(name: &str) -> PathBuf {
        let directory = std::env::temp_dir().join(format!("support-watchdog-{name}-{}", std::process::id()));
        std::fs::create_dir(&directory).expect("a new directory");
        directory
    }

    fn sleeper() -> Child {
        let mut command = Command::new("sleep");
        system::separate(&mut command, None);
        command.arg("100").spawn().expect("`sleep` exists")
    }

    #[test]
    fn a_closed_pipe_ends_the_server_and_removes_its_directory() {
        let directory = directory("closed");
        let mut server = sleeper();
        let mut watchdog = Watchdog::over(&directory, "KILL").expect("`sh` exists");
        watchdog.guard(Some(server.id()));
        drop(watchdog.pipe.take());
        assert!(!server.wait().expect("the server ends").success());
        assert!(watchdog.process.wait().expect("the watchdog ends").success());
        assert!(!directory.exists());
    }

    #[test]
    fn a_server_that_was_stopped_is_not_ended_twice() {
        let directory = directory("stopped");
        let mut other = sleeper();
        let mut watchdog = Watchdog::over(&directory, "KILL").expect("`sh` exists");
        watchdog.guard(Some(other.id()));
        watchdog.guard(None);
        drop(watchdog.pipe.take());
        assert!(watchdog.process.wait().expect("the watchdog ends").success());
        assert_eq!(other.try_wait().expect("its state is known"), None);
        other.kill().and_then(|()| other.wait()).expect("it runs until now");
    }

    #[test]
    fn a_watchdog_that_is_dropped_touches_nothing() {
        let directory = directory("dropped");
        drop(Watchdog::over(&directory, "KILL").expect("`sh` exists"));
        std::fs::remove_dir(&directory).expect("the directory is still there");
    }
}
