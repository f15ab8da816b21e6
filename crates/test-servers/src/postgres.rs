//! PostgreSQL.

use std::fs;

use crate::account::Account;
use crate::home::Home;
use crate::programs::{self, PostgresPrograms};
use crate::server::{Kind, Launcher, Server, port_argument, prepare};
use crate::setup::Setup;

static KIND: Kind = Kind {
    name: "PostgreSQL",
    user: "postgres",
    // Its immediate shutdown. After a SIGKILL, processes and shared memory would stay.
    signal: "QUIT",
    tell_port: port_argument,
    is_ready,
};

/// A PostgreSQL server of its own. It ends when this is dropped, and its data with it.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
}

impl Postgres {
    /// Starts a server, and waits until it accepts connections. Needs `postgres` and `initdb`, on the `PATH` or where
    /// Debian puts them; [`find_or_install_postgres`](crate::find_or_install_postgres) sees to that.
    pub fn start(setup: Setup) -> Result<Self, String> {
        let programs = programs::postgres()?;
        let account = Account::of_server(KIND.user)?;
        let home = Home::new(KIND.user, account, KIND.signal)?;
        initialise(&programs, account, &home, setup.durable)?;
        let arguments = arguments(&home.data().to_string_lossy(), setup);
        let server = Server::start(Launcher { kind: &KIND, program: programs.server, arguments, account, home })?;
        Ok(Self { server })
    }

    /// The address of the database `postgres`, as a superuser without a password.
    pub fn url(&self) -> String {
        url(self.port())
    }

    /// Where on 127.0.0.1 it listens.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Stops the server without letting it finish anything, as a crash would. What was committed is still there when
    /// it is [started again](Self::start_again).
    pub fn stop_immediately(&mut self) -> Result<(), String> {
        self.server.stop_immediately()
    }

    /// Starts the server that was stopped, on the same data and the same port, and waits until it accepts connections.
    pub fn start_again(&mut self) -> Result<(), String> {
        self.server.start_again()
    }
}

fn url(port: u16) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/postgres")
}

/// Makes the files of the server. Anybody on this machine may connect without a password, and nobody from elsewhere.
fn initialise(programs: &PostgresPrograms, account: Account, home: &Home, durable: bool) -> Result<(), String> {
    // A locale that knows the letters of all languages, as real servers have one. Not every system has it.
    let with_locale = |locale: &str| {
        let mut command = account.command(&programs.initdb, home.path());
        command.arg("-D").arg(home.data()).args(["--username=postgres", "--auth=trust", "--encoding=UTF8"]);
        command.arg(format!("--locale={locale}"));
        if !durable {
            command.arg("--no-sync");
        }
        prepare(command)
    };
    with_locale("C.UTF-8").or_else(|_| with_locale("C"))
}

fn arguments(data: &str, setup: Setup) -> Vec<String> {
    let always = [
        "-D",
        data,
        "--listen_addresses=127.0.0.1",
        // In its own directory, by a name that is short wherever that is: the length of a socket's path is limited.
        "--unix_socket_directories=.",
        "--max_connections=500",
    ];
    let fast = ["--fsync=off", "--full_page_writes=off"];
    let fast = if setup.durable { &[] } else { &fast[..] };
    always.iter().chain(fast).map(ToString::to_string).chain(setup.into_arguments()).collect()
}

/// The server writes into a file of its own directory who and how it is. Another server that has taken the port in the
/// meantime cannot be mistaken for it.
fn is_ready(home: &Home, process: u32, _: u16) -> bool {
    fs::read_to_string(home.data().join("postmaster.pid")).is_ok_and(|state| says_ready(&state, process))
}

fn says_ready(state: &str, process: u32) -> bool {
    let line = |number: usize| state.lines().nth(number).map(str::trim);
    line(0) == Some(process.to_string().as_str()) && line(7) == Some("ready")
}

#[cfg(test)]
mod tests;
