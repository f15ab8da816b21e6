//! What becomes of a letter by what a server answers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod letters;

use letters::{letter, letter_of, story};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use support_core::{
    domain::notification::{Letter, Topic},
    ports::channels::{Channel, ChannelError},
};
use support_notify::{Mailer, MailerBuilder, Templates};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A mail server that answers commands as it is told, and everything else kindly.
struct Server {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `answers` are the beginnings of commands with what is answered; nothing is silence.
    async fn start(answers: &'static [(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, answers, Arc::clone(&ears)));
            }
        });
        Self { port, heard }
    }

    fn builder(&self, login: &str) -> MailerBuilder {
        let templates = Templates::builder().build().unwrap();
        let url = format!("smtp://{login}127.0.0.1:{}", self.port);
        Mailer::builder(templates, url, "help@shop.example").patience(Duration::from_secs(5))
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn talk(stream: TcpStream, answers: &[(&str, &str)], heard: Arc<Mutex<Vec<String>>>) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut is_content = false;
    let mut command = "GREETING".to_owned();
    loop {
        if !is_content || command == "." {
            let kind = match command.split([' ', ':']).next().unwrap_or_default() {
                "GREETING" => "220 desk.example ESMTP",
                "EHLO" => "250-desk.example\r\n250 AUTH PLAIN LOGIN",
                "DATA" => "354 go on",
                _ => "250 fine",
            };
            let told = answers.iter().find(|(begin, _)| command.starts_with(begin)).map(|(_, answer)| *answer);
            let answer = told.unwrap_or(kind);
            if !answer.is_empty() && writer.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                return;
            }
            is_content = command == "DATA" && answer.starts_with("354");
        }
        let Ok(Some(line)) = lines.next_line().await else { return };
        if !is_content {
            heard.lock().unwrap().push(line.clone());
        }
        command = line;
    }
}

async fn sent(server: &Server) -> Result<(), ChannelError> {
    let mailer = server.builder("").plain_text_to("127.0.0.1").build().unwrap();
    mailer.send(&letter(Topic::ReplySent, "en")).await
}

fn refused(why: &str) -> Result<(), ChannelError> {
    Err(ChannelError::Refused(why.to_owned()))
}

fn unavailable(why: &str) -> Result<(), ChannelError> {
    Err(ChannelError::Unavailable(why.to_owned()))
}

#[tokio::test]
async fn what_is_said_of_a_recipient_is_about_the_letter() {
    let nobody = Server::start(&[("RCPT", "550 5.1.1 <ada@example.org>: nobody of that name")]).await;
    assert_eq!(sent(&nobody).await, refused("the mail server does not take mail for this address (550)"));
    let later = Server::start(&[("RCPT", "450 4.2.1 <ada@example.org>: later")]).await;
    assert_eq!(sent(&later).await, unavailable("the mail server does not take mail for this address (450)"));
    let content = Server::start(&[(".", "554 5.6.0 not this")]).await;
    assert_eq!(sent(&content).await, refused("the mail server does not take this mail (554)"));
    let full = Server::start(&[("DATA", "452 4.3.1 no room")]).await;
    assert_eq!(sent(&full).await, unavailable("the mail server does not take this mail (452)"));
}

#[tokio::test]
async fn what_is_said_of_us_is_not() {
    let sender = Server::start(&[("MAIL", "553 5.7.1 who are you?")]).await;
    assert_eq!(sent(&sender).await, unavailable("the mail server does not take mail from us (553)"));
    let shut = Server::start(&[("GREETING", "554 go away")]).await;
    assert_eq!(sent(&shut).await, unavailable("the mail server cannot be reached (554)"));
    let login = Server::start(&[("AUTH", "535 5.7.8 wrong password pa/ss for desk")]).await;
    let mailer = login.builder("desk:pa%2Fss@").plain_text_to("127.0.0.1").build().unwrap();
    let failed = mailer.send(&letter(Topic::ReplySent, "en")).await;
    assert_eq!(failed, unavailable("the mail server does not let us in (535)"));
    assert!(!format!("{mailer:?}").contains("pa"), "{mailer:?}");
    // `desk` and `pa/ss`, as PLAIN writes them.
    assert!(login.heard().contains(&"AUTH PLAIN AGRlc2sAcGEvc3M=".to_owned()), "{:?}", login.heard());
}

/// Whoever listens on the way would otherwise only have to leave `STARTTLS` out of an answer.
#[tokio::test]
async fn without_encryption_nothing_is_said() {
    let server = Server::start(&[]).await;
    let mailer = server.builder("desk:secret@").build().unwrap();
    let failed = mailer.send(&letter(Topic::ReplySent, "en")).await;
    assert_eq!(failed, unavailable("the mail server does not encrypt, or is not who it should be"));
    assert!(server.heard().iter().all(|line| line.starts_with("EHLO") || line == "QUIT"), "{:?}", server.heard());
}

#[tokio::test]
async fn silence_ends() {
    for silent in [&[("GREETING", "")], &[("RCPT", "")], &[(".", "")]] {
        let server = Server::start(silent).await;
        let mailer =
            server.builder("").plain_text_to("127.0.0.1").patience(Duration::from_millis(300)).build().unwrap();
        let failed = mailer.send(&letter(Topic::ReplySent, "en")).await;
        assert_eq!(failed, unavailable("the mail server did not answer in time"));
    }
}

#[tokio::test]
async fn an_address_in_another_script_needs_a_server_that_takes_it() {
    let server = Server::start(&[]).await;
    let mailer = server.builder("").plain_text_to("127.0.0.1").build().unwrap();
    let letter = Letter { address: "jürgen@example.org".to_owned(), ..letter_of(vec![story(Topic::ReplySent)], "de") };
    assert_eq!(mailer.send(&letter).await, refused("the mail server takes no addresses in this script"));
}

#[test]
fn a_mailer_needs_no_runtime_until_it_sends() {
    let templates = Templates::builder().build().unwrap();
    drop(Mailer::builder(templates, "smtps://mail.shop.example", "help@shop.example").build().unwrap());
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let templates = Templates::builder().build().unwrap();
    let builder = |url: &str, from: &str| Mailer::builder(templates.clone(), url, from);
    let fault = |builder: MailerBuilder| builder.build().unwrap_err().to_string();
    let from = "help@shop.example";
    for url in [
        "mail.shop.example",
        "http://mail.shop.example",
        "smtps://",
        "smtps://desk:geheim@mail.shop.example/path",
        "smtps://desk:geheim@mail.shop.example?tls=none",
        "smtps://desk@mail.shop.example",
        "smtps://:geheim@mail.shop.example",
        "smtps://desk:geheim%ZZ@mail.shop.example",
        "smtps://desk:geheim/x@mail.shop.example",
        "smtps://desk:geheim@mail.shop.example:99999",
    ] {
        let fault = fault(builder(url, from));
        assert!(fault.starts_with("url: ") && !fault.contains("geheim"), "{url}: {fault}");
    }
    let good = "smtps://mail.shop.example";
    assert_eq!(fault(builder(good, "help")), "from: must be a mail address");
    assert_eq!(fault(builder(good, from).bounces_to("x")), "bounces_to: must be a mail address");
    assert_eq!(fault(builder(good, from).reply_to("{ticket}")), "reply_to: must be a mail address");
    assert_eq!(fault(builder(good, from).domain("a b")), "domain: must be a domain in ASCII");
    assert_eq!(fault(builder(good, from).patience(Duration::ZERO)), "patience: must be longer than nothing");
    assert_eq!(fault(builder(good, from).root_certificate("x")), "root_certificate: is no certificate in PEM");
    assert!(!format!("{:?}", builder("smtps://desk:geheim@mail.shop.example", from)).contains("geheim"));
}
