//! A server as a process: started, waited for, stopped.

use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::Duration;

use crate::account::Account;
use crate::home::Home;
use crate::port::free_port;

/// How often and for how long it is asked whether a server is ready: a minute, for a machine that does much else.
const STEP: Duration = Duration::from_millis(10);
const STEPS: u32 = 6_000;
/// How often a port is tried that somebody else has taken.
const ATTEMPTS: u32 = 20;
/// How servers say that somebody else has their port, but for capitals: in the system's own words, in the language that was
/// asked for, or in Erlang's, which has others for the port over which RabbitMQ hears its own tools.
const PORT_TAKEN: [&str; 3] = ["address already in use", "eaddrinuse", "could not bind to distribution port"];

/// What is particular to one kind of server.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Who it usually runs as. Its directories bear the name too.
    pub(crate) user: &'static str,
    /// The signal that ends it, and all of its process group, at once, as a crash would, without leaving processes or
    /// memory behind.
    pub(crate) signal: &'static str,
    /// The argument that tells the server its port.
    pub(crate) tell_port: fn(&Home, u16) -> Result<String, String>,
    /// Whether the server, by its process and port, accepts connections.
    pub(crate) is_ready: fn(&Home, u32, u16) -> bool,
}

/// Of servers that are told everything on their command line.
#[expect(clippy::unnecessary_wraps, reason = "other servers have to be told in a file, which may fail")]
pub(crate) fn port_argument(_: &Home, port: u16) -> Result<String, String> {
    Ok(format!("--port={port}"))
}

/// What is needed to start a server, again and again.
#[derive(Debug)]
pub(crate) struct Launcher {
    pub(crate) kind: &'static Kind,
    pub(crate) program: PathBuf,
    /// All but the port.
    pub(crate) arguments: Vec<String>,
    pub(crate) account: Account,
    pub(crate) home: Home,
}

#[derive(Debug)]
pub(crate) struct Server {
    launcher: Launcher,
    port: u16,
    process: Option<Child>,
}

enum Launch {
    Ready(Child),
    /// Somebody else listens on the port.
    PortTaken,
}

impl Server {
    pub(crate) fn start(mut launcher: Launcher) -> Result<Self, String> {
        for _ in 0..ATTEMPTS {
            let port = free_port()?;
            if let Launch::Ready(process) = launcher.launch(port)? {
                return Ok(Self { launcher, port, process: Some(process) });
            }
        }
        Err(format!("{} found the ports taken that had just been free, {ATTEMPTS} times over.", launcher.kind.name))
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Lets it finish what it is about.
    pub(crate) fn stop(&mut self) -> Result<(), String> {
        self.end("TERM")
    }

    pub(crate) fn stop_immediately(&mut self) -> Result<(), String> {
        self.end(self.launcher.kind.signal)
    }

    fn end(&mut self, signal: &str) -> Result<(), String> {
        let Some(process) = self.process.take() else { return Ok(()) };
        self.launcher.end(process, signal)
    }

    pub(crate) fn start_again(&mut self) -> Result<(), String> {
        if self.process.is_some() {
            return Err(format!("{} runs; it is started again only after it was stopped.", self.launcher.kind.name));
        }
        for _ in 0..ATTEMPTS {
            if let Launch::Ready(process) = self.launcher.launch(self.port)? {
                self.process = Some(process);
                return Ok(());
            }
            sleep(STEP * 20);
        }
        Err(format!("{} cannot start again, because its port {} is taken.", self.launcher.kind.name, self.port))
    }

    pub(crate) fn home(&self) -> &Home {
        &self.launcher.home
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(sentence) = self.stop_immediately() {
            eprintln!("{sentence}");
        }
    }
}

impl Launcher {
    fn launch(&mut self, port: u16) -> Result<Launch, String> {
        let name = self.kind.name;
        let not_started = |error: std::io::Error| format!("{name} could not be started: {error}.");
        let telling_port = (self.kind.tell_port)(&self.home, port)?;
        let log = self.home.new_log()?;
        let mut command = self.account.command(&self.program, self.home.path());
        command.args(&self.arguments).arg(telling_port);
        command.stdout(log.try_clone().map_err(not_started)?).stderr(log);
        let mut process = command.spawn().map_err(not_started)?;
        self.home.guard(Some(process.id()));
        for _ in 0..STEPS {
            if (self.kind.is_ready)(&self.home, process.id(), port) {
                return Ok(Launch::Ready(process));
            }
            if process.try_wait().map_err(not_started)?.is_some() {
                // What it has started itself may still run.
                signal(self.kind.signal, process.id());
                self.home.guard(None);
                return self.why_it_ended();
            }
            sleep(STEP);
        }
        self.end(process, self.kind.signal)?;
        Err(format!("{name} was not ready after {:?}. {}", STEP * STEPS, last_words(&self.home.log())))
    }

    fn why_it_ended(&self) -> Result<Launch, String> {
        let log = self.home.log();
        if PORT_TAKEN.iter().any(|words| log.to_ascii_lowercase().contains(words)) {
            return Ok(Launch::PortTaken);
        }
        Err(format!("{} ended while it was starting. {}", self.kind.name, last_words(&log)))
    }

    fn end(&mut self, mut process: Child, with: &str) -> Result<(), String> {
        signal(with, process.id());
        // From here on nobody else is to end it: its number may soon be another process's.
        self.home.guard(None);
        let failed = |error: std::io::Error| format!("{} could not be stopped: {error}.", self.kind.name);
        for _ in 0..STEPS / 4 {
            if process.try_wait().map_err(failed)?.is_some() {
                return Ok(());
            }
            sleep(STEP);
        }
        process.kill().and_then(|()| process.wait()).map(drop).map_err(failed)
    }
}

/// Signals the server and what it has started, which is its process group. The shell knows the signals that the standard
/// library does not. A signal that does not arrive is not waited for without an end.
fn signal(name: &str, process: u32) {
    let group = format!("-{process}");
    let mut command = Command::new("sh");
    command.args(["-c", r#"kill -s "$1" -- "$2" 2>/dev/null"#, "signal", name, &group]);
    let _ = command.status();
}

/// Runs a command that prepares a server.
pub(crate) fn prepare(mut command: Command) -> Result<(), String> {
    let program = PathBuf::from(command.get_program());
    let name = program.file_name().unwrap_or_default().display();
    let output = command.output().map_err(|error| format!("`{name}` could not be started: {error}."))?;
    if output.status.success() {
        return Ok(());
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(format!("`{name}` failed. {}", last_words(&String::from_utf8_lossy(&printed))))
}

/// The last of what tells why a program ended, in a sentence.
fn last_words(log: &str) -> String {
    let lines = |log: &str| -> Vec<String> {
        log.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    // In the log of Erlang, a line may be empty but for what it is of.
    let is_telling = |line: &String| {
        !line.ends_with('>') && ["error", "fatal"].iter().any(|word| line.to_ascii_lowercase().contains(word))
    };
    let telling = |log: &str| lines(log).into_iter().filter(is_telling).collect::<Vec<_>>();
    // After the reason and these words, Erlang tells at length what else fell.
    let told = log.split("BOOT FAILED").map(telling).find(|telling| !telling.is_empty());
    let chosen = told.unwrap_or_else(|| lines(log));
    match &chosen[chosen.len().saturating_sub(3)..] {
        [] => "It did not say why.".to_owned(),
        last => format!("It said: {}", last.join(" / ")),
    }
}

#[cfg(test)]
mod tests {
    use super::last_words;

    #[test]
    fn errors_are_told_rather_than_what_follows_them() {
        assert_eq!(last_words("a\nFATAL:  b\n\nHINT: c\n"), "It said: FATAL:  b");
        assert_eq!(last_words("[error] <1> d: e\nBOOT FAILED\n[error] <1> f\n"), "It said: [error] <1> d: e");
        assert_eq!(last_words("BOOT FAILED\n[error] <1>\nBOOT FAILED\nERROR: g\n"), "It said: ERROR: g");
        assert_eq!(last_words("a\nb\nc\nd\n"), "It said: b / c / d");
        assert_eq!(last_words("\n"), "It did not say why.");
    }
}
