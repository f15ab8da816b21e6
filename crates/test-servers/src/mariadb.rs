//! MariaDB.

use std::io::Read;
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::account::Account;
use crate::home::Home;
use crate::programs::{self, MariaDbPrograms};
use crate::server::{Kind, Launcher, Server, port_argument, prepare};
use crate::setup::Setup;

static KIND: Kind = Kind {
    name: "MariaDB",
    user: "mysql",
    // It is one process, and has no gentler way to end at once.
    signal: "KILL",
    tell_port: port_argument,
    is_ready,
};

/// What the server does before it accepts connections. It does so at each start: without waiting for the disk, a crash
/// may undo the first time.
const FIRST: &str = "\
CREATE DATABASE IF NOT EXISTS support CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
";

/// A MariaDB server of its own. It ends when this is dropped, and its data with it.
#[derive(Debug)]
pub struct MariaDb {
    server: Server,
}

impl MariaDb {
    /// Starts a server, and waits until it accepts connections. Needs `mariadbd` and `mariadb-install-db`, on the
    /// `PATH` or where systems put them; [`find_or_install_mariadb`](crate::find_or_install_mariadb) sees to that.
    pub fn start(setup: Setup) -> Result<Self, String> {
        let programs = programs::mariadb()?;
        let account = Account::of_server(KIND.user)?;
        let home = Home::new(KIND.user, account, KIND.signal)?;
        let first = home.write("first.sql", FIRST)?;
        let temporary = home.directory("tmp", account)?;
        let basic = basic(&home.data().to_string_lossy(), &temporary.to_string_lossy(), setup.durable);
        initialise(&programs, account, &home, &basic)?;
        let arguments = arguments(basic, &first.to_string_lossy(), setup);
        let server = Server::start(Launcher { kind: &KIND, program: programs.server, arguments, account, home })?;
        Ok(Self { server })
    }

    /// The address of the empty database `support`, as a superuser without a password.
    pub fn url(&self) -> String {
        url(self.port())
    }

    /// Where on 127.0.0.1 it listens.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Kills the server, as a crash would. What was committed is still there when it is
    /// [started again](Self::start_again) if it is durable; else up to a second of it may be lost.
    pub fn stop_immediately(&mut self) -> Result<(), String> {
        self.server.stop_immediately()
    }

    /// Starts the server that was stopped, on the same data and the same port, and waits until it accepts connections.
    pub fn start_again(&mut self) -> Result<(), String> {
        self.server.start_again()
    }
}

fn url(port: u16) -> String {
    format!("mysql://root@127.0.0.1:{port}/support")
}

/// Makes the files of the server.
fn initialise(programs: &MariaDbPrograms, account: Account, home: &Home, basic: &[String]) -> Result<(), String> {
    let mut command = account.command(&programs.install_db, home.path());
    command.args(basic).args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
    prepare(command)
}

/// What the server is told when its files are made, and at each start.
fn basic(data: &str, temporary: &str, durable: bool) -> Vec<String> {
    // The first is heard only when it is the first.
    let mut arguments: Vec<String> =
        ["--no-defaults", "--skip-name-resolve", "--innodb-log-file-size=32M"].map(str::to_owned).to_vec();
    arguments.extend([format!("--datadir={data}"), format!("--tmpdir={temporary}")]);
    if !durable {
        let fast = [
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=0",
            "--skip-log-bin",
            "--performance-schema=OFF",
        ];
        arguments.extend(fast.map(str::to_owned));
    }
    arguments
}

fn arguments(basic: Vec<String>, first: &str, setup: Setup) -> Vec<String> {
    let always = [
        "--bind-address=127.0.0.1",
        // Within the data, by names that are short wherever that is: the length of a socket's path is limited.
        "--socket=server.sock",
        "--pid-file=server.pid",
        "--max-connections=500",
        "--character-set-server=utf8mb4",
        "--innodb-buffer-pool-size=128M",
    ];
    let always = always.iter().map(ToString::to_string).chain([format!("--init-file={first}")]);
    basic.into_iter().chain(always).chain(setup.into_arguments()).collect()
}

/// The server says so itself, in a log of its own: another server that has taken the port in the meantime cannot be
/// mistaken for it. The greeting proves it.
fn is_ready(home: &Home, _: u32, port: u16) -> bool {
    home.log().contains("ready for connections") && greets(port)
}

/// Whether a server speaks first: three bytes of length, a number, and the version of the protocol.
fn greets(port: u16) -> bool {
    let greeting = || -> std::io::Result<[u8; 5]> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut start = [0; 5];
        connection.read_exact(&mut start)?;
        Ok(start)
    };
    greeting().is_ok_and(|start| start[4] == 10)
}

#[cfg(test)]
mod tests;
