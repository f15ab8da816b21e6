//! NATS, with JetStream.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::account::Account;
use crate::home::Home;
use crate::programs;
use crate::server::{Kind, Launcher, Server, port_argument};
use crate::setup::Setup;

static KIND: Kind = Kind {
    name: "NATS",
    user: "nats",
    // It is one process.
    signal: "KILL",
    tell_port: port_argument,
    is_ready,
};

/// A NATS server of its own, with JetStream. It ends when this is dropped, and its streams with it.
#[derive(Debug)]
pub struct Nats {
    server: Server,
}

impl Nats {
    /// Starts a server, and waits until it accepts connections. Needs `nats-server`, on the `PATH` or where systems put it;
    /// [`find_or_install_nats`](crate::find_or_install_nats) sees to that. Settings are those of its configuration file. It
    /// never waits for the disk, whatever the setup says.
    pub fn start(setup: Setup) -> Result<Self, String> {
        let program = programs::nats()?;
        let account = Account::of_server(KIND.user)?;
        let home = Home::new(KIND.user, account, KIND.signal)?;
        let settings = home.write("nats.conf", &settings(setup))?;
        let arguments = arguments(&settings.to_string_lossy(), &home.data().to_string_lossy());
        let server = Server::start(Launcher { kind: &KIND, program, arguments, account, home })?;
        Ok(Self { server })
    }

    /// The address, at which everybody may do everything.
    pub fn url(&self) -> String {
        url(self.port())
    }

    /// Where on 127.0.0.1 it listens.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Shuts the server down in good order. What is in streams that are kept in files is still there when it is
    /// [started again](Self::start_again).
    pub fn stop(&mut self) -> Result<(), String> {
        self.server.stop()
    }

    /// Kills the server, as a crash would. What it has acknowledged in streams that are kept in files is still there when
    /// it is [started again](Self::start_again).
    pub fn stop_immediately(&mut self) -> Result<(), String> {
        self.server.stop_immediately()
    }

    /// Starts the server that was stopped, on the same data and the same port, and waits until it accepts connections.
    pub fn start_again(&mut self) -> Result<(), String> {
        self.server.start_again()
    }

    /// Shuts the server down if it runs, and starts it again on the same data and the same port.
    pub fn restart(&mut self) -> Result<(), String> {
        self.stop()?;
        self.start_again()
    }
}

fn url(port: u16) -> String {
    format!("nats://127.0.0.1:{port}")
}

/// The lines of its settings. Most of them are no arguments.
fn settings(setup: Setup) -> String {
    setup.settings.into_iter().flat_map(|(name, value)| [name, ": ".to_owned(), value, "\n".to_owned()]).collect()
}

fn arguments(settings: &str, data: &str) -> Vec<String> {
    ["--config", settings, "--jetstream", "--store_dir", data, "--addr", "127.0.0.1"].map(str::to_owned).to_vec()
}

/// It says so itself, in a log of its own, so another server that has taken the port in the meantime cannot be mistaken
/// for it. The greeting proves it.
fn is_ready(home: &Home, _: u32, port: u16) -> bool {
    home.log().contains("Server is ready") && greets(port)
}

/// Whether a server speaks first, of what it is and offers.
fn greets(port: u16) -> bool {
    let greeting = || -> std::io::Result<String> {
        let connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut line = String::new();
        BufReader::new(connection).read_line(&mut line)?;
        Ok(line)
    };
    greeting().is_ok_and(|line| line.starts_with("INFO {") && line.contains("\"jetstream\":true"))
}

#[cfg(test)]
mod tests;
