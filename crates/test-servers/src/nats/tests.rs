use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::{Nats, arguments, settings, url};
use crate::environment::NATS_URL;
use crate::programs;
use crate::setup::Setup;
use crate::trial::{is_left_out, taken_for_a_while};

/// What it answers to a message to the subject.
fn ask(server: &Nats, subject: &str, text: &str) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", server.port())).expect("it listens");
    connection.set_read_timeout(Some(Duration::from_secs(20))).expect("it is set");
    let size = text.len();
    let sent = format!("CONNECT {{\"verbose\":false}}\r\nSUB answers 1\r\nPUB {subject} answers {size}\r\n{text}\r\n");
    connection.write_all(sent.as_bytes()).expect("it takes it");
    let mut lines = BufReader::new(connection);
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).expect("it answers");
        assert!(!line.is_empty() && !line.starts_with("-ERR"), "{line}");
        if line.starts_with("MSG answers 1 ") {
            let size = line.trim().rsplit(' ').next().and_then(|size| size.parse().ok()).expect("the size comes last");
            let mut answer = vec![0; size];
            lines.read_exact(&mut answer).expect("as much follows");
            return String::from_utf8(answer).expect("it is JSON");
        }
    }
}

fn messages(server: &Nats) -> usize {
    let answer = ask(server, "$JS.API.STREAM.INFO.kept", "");
    let count = answer.split("\"messages\":").nth(1).and_then(|rest| rest.split(',').next()).map(str::parse);
    count.unwrap_or_else(|| panic!("{answer}")).expect("a number")
}

#[test]
fn nothing_of_the_machine_is_read_and_nobody_else_is_heard() {
    let arguments = arguments("/s", "/d").join(" ");
    assert_eq!(arguments, "--config /s --jetstream --store_dir /d --addr 127.0.0.1");
    assert_eq!(settings(Setup::default().setting("max_payload", "1MB")), "max_payload: 1MB\n");
}

#[test]
fn the_address_names_the_port() {
    assert_eq!(url(4222), "nats://127.0.0.1:4222");
}

#[test]
fn a_server_keeps_its_streams_while_it_is_stopped_and_leaves_nothing() {
    if is_left_out(&programs::nats(), NATS_URL) {
        return;
    }
    let mut server = Nats::start(Setup::default().setting("max_payload", "77000")).expect("it starts");
    let directory = server.server.home().path().to_owned();
    let made = ask(&server, "$JS.API.STREAM.CREATE.kept", r#"{"name":"kept","subjects":["kept.>"],"storage":"file"}"#);
    assert!(made.contains("\"did_create\":true"), "{made}");
    assert!(ask(&server, "kept.a", "one").contains("\"seq\":1"));
    assert!(server.start_again().expect_err("it runs").starts_with("NATS runs;"));

    server.stop().expect("it stops");
    server.stop().expect("it has stopped");
    TcpStream::connect(("127.0.0.1", server.port())).expect_err("nobody listens any more");
    let taken = taken_for_a_while(server.port());
    server.start_again().expect("it starts again, and waits for its port");
    taken.join().expect("it only waits");
    assert_eq!(messages(&server), 1);
    assert!(ask(&server, "kept.a", "two").contains("\"seq\":2"));

    server.stop_immediately().expect("it stops");
    TcpStream::connect(("127.0.0.1", server.port())).expect_err("nobody listens any more");
    server.restart().expect("it starts again");
    assert_eq!(messages(&server), 2);
    drop(server);
    assert!(!directory.exists());
}

#[test]
fn a_setting_that_does_not_exist_is_told() {
    if is_left_out(&programs::nats(), NATS_URL) {
        return;
    }
    let refused = Nats::start(Setup::default().setting("no_such_setting", "1")).expect_err("there is none");
    assert!(refused.starts_with("NATS ended while it was starting. It said: "), "{refused}");
    assert!(refused.contains("no_such_setting"), "{refused}");
}
