use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::{MailSink, arguments, arrival, mail_sink};
use crate::environment::is_embedded;
use crate::setup::Setup;
use crate::trial::taken_for_a_while;

/// Sends a mail, and answers what the server says last.
fn send(sink: &MailSink, from: &str, to: &[&str], text: &str) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", sink.port())).expect("it listens");
    connection.set_read_timeout(Some(Duration::from_secs(20))).expect("it is set");
    let mut lines = BufReader::new(connection.try_clone().expect("it is one of few"));
    let mut answer = || {
        let mut line = String::new();
        lines.read_line(&mut line).expect("it answers");
        line
    };
    assert!(answer().starts_with("220 "));
    let recipients = to.iter().map(|to| format!("RCPT TO:<{to}>"));
    let commands = ["HELO test".to_owned(), format!("MAIL FROM:<{from}>")].into_iter().chain(recipients);
    for command in commands.chain(["DATA".to_owned()]) {
        connection.write_all(format!("{command}\r\n").as_bytes()).expect("it takes it");
        let said = answer();
        assert!(said.starts_with(['2', '3']), "{command}: {said}");
    }
    connection.write_all(format!("{text}\r\n.\r\n").as_bytes()).expect("it takes it");
    answer()
}

fn texts(sink: &MailSink) -> Vec<String> {
    let messages = sink.messages().expect("they can be read");
    messages.into_iter().map(|message| String::from_utf8(message).expect("they were text")).collect()
}

#[test]
fn mails_are_in_the_order_in_which_they_came() {
    let names = ["1700000001.M3P7Q9.a1", "1700000000.M20P7Q2.a1", "1700000000.M3P7Q10.a1", "1700000000.M3P7Q9.a1"];
    let mut sorted = names;
    sorted.sort_by_key(|name| arrival(name));
    assert_eq!(sorted, [names[3], names[2], names[1], names[0]]);
}

#[test]
fn settings_come_last_and_so_they_win() {
    let arguments = arguments("/d/mail", Setup::default().setting("size", "9"));
    assert_eq!(arguments[arguments.len() - 2..], ["/d/mail", "--size=9"]);
}

#[test]
fn a_server_keeps_what_it_is_sent_is_stopped_starts_again_and_leaves_nothing() {
    let Some(mut sink) = mail_sink() else { return };
    let directory = sink.server.home().path().to_owned();
    assert_eq!(sink.url(), format!("smtp://127.0.0.1:{}", sink.port()));
    assert_eq!(texts(&sink), [""; 0]);
    let answer = send(
        &sink,
        "a@b.example",
        &["c@d.example", "e@f.example"],
        "Subject: ä\r\nTo: c@d.example\r\n\r\none\r\n..two",
    );
    assert!(answer.starts_with("250 "), "{answer}");
    let [text] = &texts(&sink)[..] else { panic!("one has come") };
    let (headers, body) = text.split_once("\n\n").expect("a line is empty");
    assert!(headers.starts_with("Subject: ä\nTo: c@d.example\nX-Peer: "), "{headers}");
    assert!(headers.ends_with("\nX-MailFrom: a@b.example\nX-RcptTo: c@d.example, e@f.example"), "{headers}");
    assert_eq!(body, "one\n.two\n");

    sink.stop_immediately().expect("it stops");
    TcpStream::connect(("127.0.0.1", sink.port())).expect_err("nobody listens any more");
    let taken = taken_for_a_while(sink.port());
    sink.start_again().expect("it starts again, and waits for its port");
    taken.join().expect("it only waits");
    for number in 2..=12 {
        send(&sink, "", &["c@d.example"], &format!("Subject: {number}\r\n\r\nhello"));
    }
    let texts = texts(&sink);
    assert_eq!(texts.len(), 12);
    for (text, number) in texts.iter().skip(1).zip(2..) {
        assert!(text.starts_with(&format!("Subject: {number}\n")), "{text}");
    }
    drop(sink);
    assert!(!directory.exists());
}

#[test]
fn a_setting_that_does_not_exist_is_told() {
    if is_embedded("mail") {
        return;
    }
    let refused = MailSink::start(Setup::default().setting("no-such-setting", "1")).expect_err("there is none");
    assert!(refused.starts_with("aiosmtpd ended while it was starting. It said: "), "{refused}");
    assert!(refused.contains("no-such-setting"), "{refused}");
}
