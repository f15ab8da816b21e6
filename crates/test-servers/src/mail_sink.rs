//! A mail server that keeps what it is sent: aiosmtpd, over a Maildir.

use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use crate::account::Account;
use crate::environment::is_embedded;
use crate::home::Home;
use crate::install::find_or_install_mail_sink;
use crate::programs;
use crate::server::{Kind, Launcher, Server};
use crate::setup::Setup;

static KIND: Kind = Kind {
    name: "aiosmtpd",
    // It is a library, so there is no user of the name, and nobody does as well.
    user: "aiosmtpd",
    // It is one process, and a mail is whole before it is seen.
    signal: "KILL",
    tell_port,
    is_ready,
};

/// A mail server of the test's own, or `None` when its tests are to be left out.
///
/// There is no variable with the address of one that all tests share. It starts in less than a second, and a test that
/// has it for itself may read everything in it, and may take it away.
///
/// # Panics
///
/// When it cannot be found, installed or started: a test that is silently left out passes for one that has run.
#[track_caller]
pub fn mail_sink() -> Option<MailSink> {
    if is_embedded("mail") {
        return None;
    }
    match find_or_install_mail_sink().and_then(|()| MailSink::start(Setup::default())) {
        Ok(sink) => Some(sink),
        Err(sentence) => panic!("{sentence}"),
    }
}

/// A mail server of its own, which takes everything, from anybody, for anybody, and delivers none of it. It ends when this
/// is dropped, and the mail with it.
#[derive(Debug)]
pub struct MailSink {
    server: Server,
}

impl MailSink {
    /// Starts a server, and waits until it accepts connections. Needs a `python3` with aiosmtpd;
    /// [`find_or_install_mail_sink`] sees to that. Settings are the long options of aiosmtpd that take a value, such as
    /// `size`. It never waits for the disk, whatever the setup says.
    pub fn start(setup: Setup) -> Result<Self, String> {
        let program = program()?;
        let account = Account::of_server(KIND.user)?;
        let home = Home::new(KIND.user, account, KIND.signal)?;
        let arguments = arguments(&maildir(&home).to_string_lossy(), setup);
        let server = Server::start(Launcher { kind: &KIND, program, arguments, account, home })?;
        Ok(Self { server })
    }

    /// The address, for connections that are neither encrypted nor logged in.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port())
    }

    /// Where on 127.0.0.1 it listens.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// The mails that it has taken, in the order in which they came. When it has answered `250` to one, that is among them.
    ///
    /// Below the headers of the sender, each has three more that tell of the envelope: `X-Peer`, `X-MailFrom`, and
    /// `X-RcptTo` with all who were to get it, with a comma and a blank between them. Lines end in a bare newline, whatever
    /// they were sent with.
    pub fn messages(&self) -> Result<Vec<Vec<u8>>, String> {
        let not_read = |error: std::io::Error| format!("The mails could not be read: {error}.");
        let entries = fs::read_dir(maildir(self.server.home()).join("new")).map_err(not_read)?;
        let mut paths =
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(not_read)?;
        paths.sort_by_key(|path| arrival(&path.file_name().unwrap_or_default().to_string_lossy()));
        paths.into_iter().map(|path| fs::read(path).map_err(not_read)).collect()
    }

    /// Kills the server, as a crash would. The mails it has taken can still be read, and are still there when it is
    /// [started again](Self::start_again).
    pub fn stop_immediately(&mut self) -> Result<(), String> {
        self.server.stop_immediately()
    }

    /// Starts the server that was stopped, on the same mails and the same port, and waits until it accepts connections.
    pub fn start_again(&mut self) -> Result<(), String> {
        self.server.start_again()
    }
}

/// The Python that runs it.
pub(crate) fn program() -> Result<PathBuf, String> {
    programs::python_with_aiosmtpd(Account::of_server(KIND.user)?)
}

/// The server makes it itself: in one that is there already, it would not make what belongs into it.
fn maildir(home: &Home) -> PathBuf {
    home.data().join("mail")
}

fn arguments(maildir: &str, setup: Setup) -> Vec<String> {
    // Without a word about its state, it could not be told from another server that has taken the port.
    let always = ["-m", "aiosmtpd", "--nosetuid", "--debug", "--class", "aiosmtpd.handlers.Mailbox", maildir];
    always.into_iter().map(str::to_owned).chain(setup.into_arguments()).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "other servers have to be told in a file, which may fail")]
fn tell_port(_: &Home, port: u16) -> Result<String, String> {
    Ok(format!("--listen=127.0.0.1:{port}"))
}

/// When the mail in the file of the name came: the second, the microsecond, and how many came before it.
fn arrival(name: &str) -> [u64; 3] {
    // As Python names them: `1700000000.M1234P77Q1.host`.
    let mut numbers = name.split(|letter: char| !letter.is_ascii_digit()).filter_map(|number| number.parse().ok());
    let mut next = || numbers.next().unwrap_or_default();
    let (second, microsecond, _process, before) = (next(), next(), next(), next());
    [second, microsecond, before]
}

/// It says so itself, in a log of its own, so another server that has taken the port in the meantime cannot be mistaken
/// for it. The greeting proves it.
fn is_ready(home: &Home, _: u32, port: u16) -> bool {
    home.log().contains("Server is listening") && greets(port)
}

fn greets(port: u16) -> bool {
    let greeting = || -> std::io::Result<[u8; 4]> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut start = [0; 4];
        connection.read_exact(&mut start)?;
        Ok(start)
    };
    greeting().is_ok_and(|start| start == *b"220 ")
}

#[cfg(test)]
mod tests;
