//! RabbitMQ.

use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use crate::account::Account;
use crate::home::Home;
use crate::port::free_port;
use crate::programs;
use crate::server::{Kind, Launcher, Server};
use crate::setup::Setup;

static KIND: Kind = Kind {
    name: "RabbitMQ",
    user: "rabbitmq",
    // Its helpers end when it does, and `epmd` is of its group.
    signal: "KILL",
    tell_port,
    is_ready,
};

/// Starts the server in its home, which is the directory this runs in. It is told of the programs, and of the file with
/// the ports.
///
/// Nobody's environment is passed on: there is a variable for everything, and the files of the system are read where one
/// does not say otherwise. `epmd`, which tells nodes each other's ports, is the server's own and in its process group;
/// RabbitMQ would leave one behind for the whole machine, and all nodes of the name would be one. `epmd` does not say
/// why it ends, and with 1 it does when its port is taken. Being told that systemd runs it, the script becomes the
/// server; it would otherwise be its parent, and gone before it.
const SCRIPT: &str = r#"
. "$3"
("$2" -port "$epmd_port" -address 127.0.0.1
[ "$?" -ne 1 ] || { echo "epmd: Address already in use"; kill -s KILL "$$"; }) &
exec env -i PATH="$PATH" LC_ALL=C HOME="$PWD/data" \
    RUNNING_UNDER_SYSTEMD=true \
    RABBITMQ_NODENAME=support@localhost \
    RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 \
    RABBITMQ_NODE_PORT="$port" \
    RABBITMQ_DIST_PORT="$dist_port" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}" \
    RABBITMQ_CONF_ENV_FILE="$PWD/none" \
    RABBITMQ_CONFIG_FILE="$PWD/rabbitmq.conf" \
    RABBITMQ_CONFIG_FILES="$PWD/none" \
    RABBITMQ_ADVANCED_CONFIG_FILE="$PWD/none.config" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$PWD/enabled_plugins" \
    RABBITMQ_PLUGINS_EXPAND_DIR="$PWD/data/plugins" \
    RABBITMQ_GENERATED_CONFIG_DIR="$PWD/data/config" \
    RABBITMQ_MNESIA_BASE="$PWD/data/mnesia" \
    RABBITMQ_LOG_BASE="$PWD/data/log" \
    RABBITMQ_PID_FILE="$PWD/data/pid" \
    RABBITMQ_LOGS=- \
    ERL_CRASH_DUMP_SECONDS=0 \
    ERL_EPMD_ADDRESS=127.0.0.1 \
    ERL_EPMD_PORT="$epmd_port" \
    "$1"
"#;

/// A RabbitMQ broker of its own, without plugins. It ends when this is dropped, and its queues with it.
#[derive(Debug)]
pub struct RabbitMq {
    server: Server,
    user: String,
    password: String,
}

impl RabbitMq {
    /// Starts a broker, and waits until it accepts connections, which takes some seconds. Needs `rabbitmq-server` and
    /// Erlang; [`find_or_install_rabbitmq`](crate::find_or_install_rabbitmq) sees to that. Settings are those of
    /// `rabbitmq.conf`. It is as durable as ever, whatever the setup says: what it has confirmed is on the disk.
    pub fn start(setup: Setup) -> Result<Self, String> {
        let programs = programs::rabbitmq()?;
        let account = Account::of_server(KIND.user)?;
        let home = Home::new(KIND.user, account, KIND.signal)?;
        let (user, password) = (format!("support-{}", random()), random());
        home.write("rabbitmq.conf", &settings(&user, &password, setup))?;
        home.write("enabled_plugins", "[].\n")?;
        let programs = [programs.server, programs.epmd].map(|program| program.to_string_lossy().into_owned());
        let arguments = ["-c", SCRIPT, "rabbitmq"].map(str::to_owned).into_iter().chain(programs).collect();
        let server = Server::start(Launcher { kind: &KIND, program: PathBuf::from("sh"), arguments, account, home })?;
        Ok(Self { server, user, password })
    }

    /// The address of its virtual host `/`, as a user of a name of its own who may do everything.
    pub fn url(&self) -> String {
        format!("amqp://{}:{}@127.0.0.1:{}/", self.user, self.password, self.port())
    }

    /// Where on 127.0.0.1 it listens.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Shuts the broker down in good order. Durable queues and the persistent messages in them are still there when it is
    /// [started again](Self::start_again).
    pub fn stop(&mut self) -> Result<(), String> {
        self.server.stop()
    }

    /// Kills the broker, as a crash would. Durable queues and what it has confirmed are still there when it is
    /// [started again](Self::start_again).
    pub fn stop_immediately(&mut self) -> Result<(), String> {
        self.server.stop_immediately()
    }

    /// Starts the broker that was stopped, on the same data and the same port, and waits until it accepts connections.
    pub fn start_again(&mut self) -> Result<(), String> {
        self.server.start_again()
    }

    /// Shuts the broker down if it runs, and starts it again on the same data and the same port.
    pub fn restart(&mut self) -> Result<(), String> {
        self.stop()?;
        self.start_again()
    }
}

/// Sixteen letters and digits that nobody else has.
fn random() -> String {
    format!("{:016x}", RandomState::new().hash_one(()))
}

/// The lines of its settings. The last of a name wins, and the address names our user.
fn settings(user: &str, password: &str, setup: Setup) -> String {
    let ours = [("default_user", user), ("default_pass", password)].map(|(name, value)| (name.into(), value.into()));
    let all = setup.settings.into_iter().chain(ours);
    all.flat_map(|(name, value)| [name, " = ".to_owned(), value, "\n".to_owned()]).collect()
}

/// It listens for its own tools too, and so does its `epmd`; nobody else knows or keeps those ports, so they are others at
/// each start.
fn tell_port(home: &Home, port: u16) -> Result<String, String> {
    let (dist_port, epmd_port) = (free_port()?, free_port()?);
    let path = home.write("ports", &format!("port={port}\ndist_port={dist_port}\nepmd_port={epmd_port}\n"))?;
    Ok(path.to_string_lossy().into_owned())
}

/// It says so itself, in a log of its own, so another server that has taken the port in the meantime cannot be mistaken
/// for it. The answer proves it.
fn is_ready(home: &Home, _: u32, port: u16) -> bool {
    home.log().contains("Server startup complete") && answers(port)
}

/// Whether it answers a client's greeting with a method, which is the offer of ways to log in.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<[u8; 1]> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        connection.write_all(b"AMQP\0\0\x09\x01")?;
        let mut kind = [0];
        connection.read_exact(&mut kind)?;
        Ok(kind)
    };
    ask().is_ok_and(|kind| kind == [1])
}

#[cfg(test)]
mod tests;
