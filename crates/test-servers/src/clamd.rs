//! `clamd`, the virus scanner.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::account::Account;
use crate::home::Home;
use crate::programs;
use crate::server::{Kind, Launcher, Server};
use crate::setup::Setup;

static KIND: Kind = Kind {
    name: "clamd",
    user: "clamav",
    // It is one process, and keeps nothing.
    signal: "KILL",
    tell_port,
    is_ready,
};

/// All that it looks for: the test file of EICAR, by its bytes. Its own databases are a download of hundreds of MiB,
/// and take a minute and a GiB of memory to load.
const SIGNATURES: &str = "Eicar-Test-Signature:0:0:\
58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d414e544956495255532d544553542d\
46494c452124482b482a\n";

/// Where the settings are, until the port is known.
const BASIC: &str = "basic.conf";

/// A `clamd` of its own, which finds the EICAR test file and nothing else. It ends when this is dropped.
#[derive(Debug)]
pub struct Clamd {
    server: Server,
}

impl Clamd {
    /// Starts a `clamd`, and waits until it answers. Needs the program, on the `PATH` or where systems put it;
    /// [`find_or_install_clamd`](crate::find_or_install_clamd) sees to that. Settings are those of `clamd.conf`; it takes
    /// streams of up to 16 MiB unless they say otherwise.
    pub fn start(setup: Setup) -> Result<Self, String> {
        let program = programs::clamd()?;
        let account = Account::of_server(KIND.user)?;
        let home = Home::new(KIND.user, account, KIND.signal)?;
        let temporary = home.directory("tmp", account)?;
        // It lists the directory, which nobody may do with the home itself.
        let signatures = home.directory("signatures", account)?;
        home.write("signatures/eicar.ndb", SIGNATURES)?;
        home.write(BASIC, &settings(&signatures.to_string_lossy(), &temporary.to_string_lossy(), setup))?;
        let server = Server::start(Launcher { kind: &KIND, program, arguments: Vec::new(), account, home })?;
        Ok(Self { server })
    }

    /// The host and port at which it listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.server.port())
    }

    /// Kills it, as a crash would.
    pub fn stop_immediately(&mut self) -> Result<(), String> {
        self.server.stop_immediately()
    }

    /// Starts it when it was stopped, on the same port, and waits until it answers.
    pub fn start_again(&mut self) -> Result<(), String> {
        self.server.start_again()
    }
}

/// The lines of its settings, all but the port.
fn settings(signatures: &str, temporary: &str, setup: Setup) -> String {
    let ours = [
        ("Foreground", "yes"),
        ("DatabaseDirectory", signatures),
        ("TemporaryDirectory", temporary),
        ("TCPAddr", "127.0.0.1"),
        ("StreamMaxLength", "16M"),
    ];
    let mut settings = setup.settings;
    for (name, value) in ours {
        // It is not said which of two with one name is heard.
        if settings.iter().all(|(other, _)| other != name) {
            settings.push((name.to_owned(), value.to_owned()));
        }
    }
    settings.into_iter().flat_map(|(name, value)| [name, " ".to_owned(), value, "\n".to_owned()]).collect()
}

/// It is told in a file alone.
fn tell_port(home: &Home, port: u16) -> Result<String, String> {
    let basic = std::fs::read_to_string(home.path().join(BASIC))
        .map_err(|error| format!("The settings of the server could not be read: {error}."))?;
    let path = home.write("clamd.conf", &format!("{basic}TCPSocket {port}\n"))?;
    Ok(format!("--config-file={}", path.display()))
}

/// It says so itself, in a log of its own, so another server that has taken the port in the meantime cannot be mistaken
/// for it. The answer proves it.
fn is_ready(home: &Home, _: u32, port: u16) -> bool {
    home.log().contains("Self checking") && answers(port)
}

fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<Vec<u8>> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        connection.write_all(b"zPING\0")?;
        let mut answer = Vec::new();
        connection.take(16).read_to_end(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer == b"PONG\0")
}

#[cfg(test)]
mod tests;
