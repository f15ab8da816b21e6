use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::{RabbitMq, settings};
use crate::environment::AMQP_URL;
use crate::programs;
use crate::setup::Setup;
use crate::trial::{is_left_out, is_running, taken_for_a_while};

/// As much of a client as shows that a queue is kept.
struct Client(TcpStream);

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;

fn short(text: &str) -> Vec<u8> {
    [&[u8::try_from(text.len()).expect("it is short")], text.as_bytes()].concat()
}

fn long(text: &str) -> Vec<u8> {
    [&u32::try_from(text.len()).expect("it is not that long").to_be_bytes(), text.as_bytes()].concat()
}

impl Client {
    /// Logs in, and opens a channel on which the broker confirms.
    fn connect(server: &RabbitMq, password: &str) -> std::io::Result<Self> {
        let connection = TcpStream::connect(("127.0.0.1", server.port()))?;
        connection.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut client = Self(connection);
        client.0.write_all(b"AMQP\0\0\x09\x01")?;
        client.hear([10, 10])?;
        let login = long(&format!("\0{}\0{password}", server.user));
        client.say(0, METHOD, [10, 11], &[vec![0; 4], short("PLAIN"), login, short("en_US")].concat())?;
        let offer = client.hear([10, 30])?;
        // What it offers, without heartbeats.
        client.say(0, METHOD, [10, 31], &[&offer[..6], &[0, 0]].concat())?;
        client.say(0, METHOD, [10, 40], &[short("/"), short(""), vec![0]].concat())?;
        client.hear([10, 41])?;
        client.say(1, METHOD, [20, 10], &short(""))?;
        client.hear([20, 11])?;
        client.say(1, METHOD, [85, 10], &[0])?;
        client.hear([85, 11])?;
        Ok(client)
    }

    /// Makes sure of the durable queue, and answers how many messages are in it.
    fn durable(&mut self, queue: &str) -> std::io::Result<u32> {
        self.say(1, METHOD, [50, 10], &[vec![0; 2], short(queue), vec![2], vec![0; 4]].concat())?;
        let answer = self.hear([50, 11])?;
        let (count, _) = answer[1 + queue.len()..].split_first_chunk().expect("the count follows the name");
        Ok(u32::from_be_bytes(*count))
    }

    /// Puts a persistent message into the queue, and waits for the confirmation.
    fn put(&mut self, queue: &str, text: &str) -> std::io::Result<()> {
        self.say(1, METHOD, [60, 40], &[vec![0; 2], short(""), short(queue), vec![0]].concat())?;
        let persistent = [&[0x10, 0][..], &[2]].concat();
        let size = u64::try_from(text.len()).expect("it is not that long").to_be_bytes();
        self.say(1, HEADER, [60, 0], &[&size[..], &persistent].concat())?;
        self.frame(1, BODY, text.as_bytes())?;
        self.hear([60, 80]).map(drop)
    }

    fn say(&mut self, channel: u16, kind: u8, what: [u16; 2], arguments: &[u8]) -> std::io::Result<()> {
        let what = what.map(u16::to_be_bytes).concat();
        self.frame(channel, kind, &[&what, arguments].concat())
    }

    fn frame(&mut self, channel: u16, kind: u8, payload: &[u8]) -> std::io::Result<()> {
        let size = u32::try_from(payload.len()).expect("it is not that long").to_be_bytes();
        self.0.write_all(&[&[kind][..], &channel.to_be_bytes(), &size, payload, &[0xCE]].concat())
    }

    /// The arguments of the method that comes next, which must be this one.
    fn hear(&mut self, what: [u16; 2]) -> std::io::Result<Vec<u8>> {
        let mut head = [0; 7];
        self.0.read_exact(&mut head)?;
        let (_, size) = head.split_last_chunk().expect("seven are more than four");
        let mut payload = vec![0; usize::try_from(u32::from_be_bytes(*size)).expect("it fits")];
        self.0.read_exact(&mut payload)?;
        self.0.read_exact(&mut [0])?;
        let arguments = payload.strip_prefix(what.map(u16::to_be_bytes).concat().as_slice());
        arguments.map(<[u8]>::to_vec).ok_or_else(|| std::io::Error::other(String::from_utf8_lossy(&payload)))
    }
}

#[test]
fn settings_come_before_the_user_whom_the_address_names() {
    let settings = settings("u", "p", Setup::default().setting("heartbeat", "5"));
    assert_eq!(settings, "heartbeat = 5\ndefault_user = u\ndefault_pass = p\n");
}

#[test]
fn a_broker_keeps_durable_queues_while_it_is_stopped_and_leaves_nothing() {
    if is_left_out(&programs::rabbitmq(), AMQP_URL) {
        return;
    }
    let mut server = RabbitMq::start(Setup::default().setting("channel_max", "77")).expect("it starts");
    let password = server.password.clone();
    assert_eq!(
        server.url(),
        format!("amqp://{}:{password}@127.0.0.1:{}/", server.user, server.port()),
        "the address names the user and the port"
    );
    Client::connect(&server, "wrong").map(drop).expect_err("the password counts");
    let mut client = Client::connect(&server, &password).expect("it answers");
    assert_eq!(client.durable("kept").expect("the queue is made"), 0);
    client.put("kept", "one").expect("it is confirmed");
    let directory = server.server.home().path().to_owned();
    let process = std::fs::read_to_string(directory.join("data/pid")).expect("it runs");
    let process: u32 = process.trim().parse().expect("its number");
    let ports = std::fs::read_to_string(directory.join("ports")).expect("it was told");
    let ports: Vec<u16> =
        ports.lines().map(|line| line.split_once('=').expect("named").1.parse().expect("one")).collect();
    assert_eq!((ports.len(), ports[0]), (3, server.port()));
    assert!(server.start_again().expect_err("it runs").starts_with("RabbitMQ runs;"));

    server.stop().expect("it stops");
    server.stop().expect("it has stopped");
    assert!(!is_running(process));
    for port in ports {
        TcpListener::bind(("127.0.0.1", port)).expect("nobody listens any more, neither it nor its epmd");
    }
    let taken = taken_for_a_while(server.port());
    server.start_again().expect("it starts again, and waits for its port");
    taken.join().expect("it only waits");
    let mut client = Client::connect(&server, &password).expect("it answers");
    assert_eq!(client.durable("kept").expect("the queue is there"), 1);
    client.put("kept", "two").expect("it is confirmed");

    server.stop_immediately().expect("it stops");
    TcpStream::connect(("127.0.0.1", server.port())).expect_err("nobody listens any more");
    server.restart().expect("it starts again");
    let mut client = Client::connect(&server, &password).expect("it answers");
    assert_eq!(client.durable("kept").expect("the queue is there"), 2);
    drop(server);
    assert!(!directory.exists());
}

#[test]
fn brokers_do_not_meddle_with_each_other() {
    if is_left_out(&programs::rabbitmq(), AMQP_URL) {
        return;
    }
    let start = || RabbitMq::start(Setup::default()).expect("it starts");
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(start);
        (start(), other.join().expect("it does not panic"))
    });
    Client::connect(&one, &one.password).and_then(|mut client| client.durable("mine")).expect("the queue is made");
    drop(one);
    let mut client = Client::connect(&other, &other.password).expect("the other still answers");
    assert_eq!(client.durable("mine").expect("the queue is made"), 0);
}

#[test]
fn a_setting_that_does_not_exist_is_told() {
    if is_left_out(&programs::rabbitmq(), AMQP_URL) {
        return;
    }
    let refused = RabbitMq::start(Setup::default().setting("no_such_setting", "1")).expect_err("there is none");
    assert!(refused.starts_with("RabbitMQ ended while it was starting. It said: "), "{refused}");
    assert!(refused.contains("no_such_setting"), "{refused}");
}
