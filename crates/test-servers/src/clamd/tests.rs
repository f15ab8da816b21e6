use std::io::{Read, Write};
use std::net::TcpStream;

use super::{Clamd, settings};
use crate::environment::CLAMD_ADDRESS;
use crate::programs;
use crate::setup::Setup;
use crate::trial::{is_left_out, taken_for_a_while};

/// What it says of the bytes.
fn scan(clamd: &Clamd, bytes: &[u8]) -> String {
    let mut connection = TcpStream::connect(clamd.address()).expect("it listens");
    let size = u32::try_from(bytes.len()).expect("they are few").to_be_bytes();
    let sent = [b"zINSTREAM\0", &size[..], bytes, &[0; 4]].concat();
    connection.write_all(&sent).expect("it takes them");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("it answers in text");
    answer
}

#[test]
fn nothing_of_the_machine_is_read_and_nobody_else_is_heard() {
    let settings = settings("/s", "/t", Setup::default());
    for line in ["DatabaseDirectory /s\n", "TemporaryDirectory /t\n", "TCPAddr 127.0.0.1\n"] {
        assert!(settings.contains(line), "{settings}");
    }
}

#[test]
fn a_setting_takes_the_place_of_ours() {
    let settings = settings("/s", "/t", Setup::default().setting("StreamMaxLength", "1M").setting("MaxThreads", "2"));
    assert!(settings.starts_with("StreamMaxLength 1M\nMaxThreads 2\n"), "{settings}");
    assert!(!settings.contains("16M"), "{settings}");
}

#[test]
fn a_server_finds_what_it_is_to_find_is_stopped_starts_again_and_leaves_nothing() {
    if is_left_out(&programs::clamd(), CLAMD_ADDRESS) {
        return;
    }
    // In two pieces, so that no scanner takes this file for it.
    let eicar = [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*"].concat();
    let mut server = Clamd::start(Setup::default().setting("StreamMaxLength", "1M")).expect("it starts");
    let directory = server.server.home().path().to_owned();
    let found = scan(&server, eicar.as_bytes());
    assert!(found.starts_with("stream: Eicar-Test-Signature") && found.ends_with(" FOUND\0"), "{found:?}");
    assert_eq!(scan(&server, b"nothing"), "stream: OK\0");
    let refused = scan(&server, &vec![b'a'; (1 << 20) + 1]);
    assert!(refused.contains("size limit exceeded"), "{refused:?}");

    server.stop_immediately().expect("it stops");
    TcpStream::connect(server.address()).expect_err("nobody listens any more");
    let port = server.address().rsplit_once(':').expect("a port").1.parse().expect("a number");
    let taken = taken_for_a_while(port);
    server.start_again().expect("it starts again, and waits for its port");
    taken.join().expect("it only waits");
    assert_eq!(scan(&server, b"nothing"), "stream: OK\0");
    drop(server);
    assert!(!directory.exists());
}

#[test]
fn a_setting_that_does_not_exist_is_told() {
    if is_left_out(&programs::clamd(), CLAMD_ADDRESS) {
        return;
    }
    let refused = Clamd::start(Setup::default().setting("NoSuchSetting", "1")).expect_err("there is none");
    assert!(refused.starts_with("clamd ended while it was starting. It said: "), "{refused}");
    assert!(refused.contains("NoSuchSetting"), "{refused}");
}
