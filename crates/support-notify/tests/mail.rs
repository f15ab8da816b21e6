//! What arrives at a mail server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod letters;

use letters::{letter, letter_of, story};
use mail_parser::{Message, MessageParser};
use serde_json::json;
use std::sync::Arc;
use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};
use support_core::{
    domain::{
        id::NotificationId,
        notification::{Letter, Story, Topic},
    },
    ports::{
        channels::{Channel, ChannelError},
        clock::FixedClock,
    },
};
use support_notify::{Links, Mailer, MailerBuilder, Templates};
use test_servers::{MailSink, Setup, mail_sink};
use uuid::Uuid;

fn builder(url: &str) -> MailerBuilder {
    let links = Links::at("https://shop.example").preferences("{base}/me/notifications");
    let templates = Templates::builder().shop("Blumen Grün").links(links).build().unwrap();
    let clock = FixedClock::at("2026-01-05T09:30:00Z".parse().unwrap());
    Mailer::builder(templates, url, "help@shop.example")
        .from_name("Blumen Grün")
        .reply_to("help+{ticket}@shop.example")
        .clock(Arc::new(clock))
        .plain_text_to("127.0.0.1")
}

fn mailer(sink: &MailSink) -> Mailer {
    builder(&sink.url()).build().unwrap()
}

/// What has arrived, with what the sink adds about the envelope.
fn arrived(sink: &MailSink) -> Vec<String> {
    sink.messages().unwrap().into_iter().map(|mail| String::from_utf8(mail).unwrap()).collect()
}

fn parsed(mail: &str) -> Message<'_> {
    MessageParser::default().parse(mail).unwrap()
}

fn header<'a>(mail: &'a Message<'_>, name: &'a str) -> Option<&'a str> {
    mail.header_raw(name).map(str::trim)
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let Some(sink) = mail_sink() else { return };
    mailer(&sink).send(&letter(Topic::ReplySent, "de")).await.unwrap();
    let mails = arrived(&sink);
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    // Where it came from is another port each time.
    let stable: Vec<_> = mail.lines().filter(|line| !line.starts_with("X-Peer")).collect();
    insta::assert_snapshot!("mail", stable.join("\n"));

    let mail = parsed(mail);
    assert_eq!(mail.subject(), Some("Re: [TKT-2026-00042] Drucker löscht & druckt <nicht>"));
    assert_eq!(mail.from().unwrap().first().unwrap().name(), Some("Blumen Grün"));
    assert_eq!(mail.to().unwrap().first().unwrap().name(), Some("Ada Müller"));
    assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("ada@example.org"));
    assert_eq!(mail.reply_to().unwrap().first().unwrap().address(), Some("help+TKT-2026-00042@shop.example"));
    assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-01-05T09:30:00Z");
    assert_eq!(mail.message_id(), Some("00000000-0000-0000-0000-000000000001@shop.example"));
    assert!(
        mail.body_text(0).unwrap().contains("Guten Tag Ada Müller!\n\nSam Ibáñez hat Ihnen geantwortet:\n\n> We have")
    );
    assert!(mail.body_html(0).unwrap().contains("<p>Guten Tag Ada Müller!</p>"));
    for (name, value) in [
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("List-Unsubscribe", "<https://shop.example/me/notifications>"),
        ("MIME-Version", "1.0"),
    ] {
        assert_eq!(header(&mail, name), Some(value));
    }
    // Nobody can unsubscribe by one click there, and nobody may say so.
    assert_eq!(header(&mail, "List-Unsubscribe-Post"), None);
    assert_eq!(header(&mail, "X-RcptTo"), Some("ada@example.org"));
}

#[tokio::test]
async fn mails_about_a_ticket_are_one_thread() {
    let Some(sink) = mail_sink() else { return };
    let mailer = mailer(&sink);
    let other = Story { ticket: None, ..story(Topic::Survey) };
    for (id, letter) in [
        letter(Topic::TicketReceived, "en"),
        letter(Topic::ReplySent, "en"),
        letter_of(vec![story(Topic::ReplySent), story(Topic::StatusChanged)], "en"),
        letter_of(vec![story(Topic::ReplySent), other], "en"),
    ]
    .into_iter()
    .enumerate()
    {
        mailer.send(&Letter { id: NotificationId(Uuid::from_u128(id as u128)), ..letter }).await.unwrap();
    }
    let mails = arrived(&sink);
    let mails: Vec<_> = mails.iter().map(|mail| parsed(mail)).collect();
    let root = "ticket.00000000-0000-0000-0000-000000000002@shop.example";
    let subject = |mail: &Message<'_>| mail.subject().unwrap().trim_start_matches("Re: ").to_owned();
    for mail in &mails[..3] {
        assert_eq!((mail.references().as_text(), mail.in_reply_to().as_text()), (Some(root), Some(root)));
        assert_ne!(mail.message_id(), Some(root));
        assert_eq!(subject(mail), subject(&mails[0]));
    }
    assert_eq!(mails[3].references().as_text(), None);
    assert!(mails[3].reply_to().is_none());
    let ids: std::collections::BTreeSet<_> = mails.iter().map(|mail| mail.message_id()).collect();
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn a_mail_that_comes_again_is_the_same() {
    let Some(sink) = mail_sink() else { return };
    let mailer = mailer(&sink);
    for _ in 0..2 {
        mailer.send(&letter(Topic::ReplySent, "en")).await.unwrap();
    }
    let mails = arrived(&sink);
    assert_eq!(mails.len(), 2);
    let peer = |mail: &str| mail.lines().find(|line| line.starts_with("X-Peer")).unwrap().to_owned();
    assert_eq!(mails[0], mails[1]);
    // Over one connection, too.
    assert_eq!(peer(&mails[0]), peer(&mails[1]));
}

#[tokio::test]
async fn nobody_writes_headers_by_what_they_type() {
    let Some(sink) = mail_sink() else { return };
    let mailer = mailer(&sink);
    let evil = [
        "x\r\nBcc: all@evil.example\r\n\r\nbody",
        "x\nBcc: all@evil.example",
        "x\rBcc: all@evil.example",
        "x\u{2028}Bcc: all@evil.example\u{85}X-Evil: 1\u{b}X-Evil: 1",
        "=?utf-8?q?x=0D=0ABcc=3A_all=40evil.example?=",
        "x\0\r\n.\r\nMAIL FROM:<evil@evil.example>\r\n",
        "\"<all@evil.example>, \"x",
    ];
    for text in evil {
        let fields: serde_json::Map<_, _> =
            ["status", "priority", "reason", "assignee"].iter().map(|key| ((*key).to_owned(), json!(text))).collect();
        for topic in [Topic::ReplySent, Topic::SlaBreached, Topic::Callback] {
            let story = Story {
                number: Some(text.into()),
                subject: Some(text.into()),
                actor: Some(text.into()),
                text: Some(text.into()),
                data: fields.clone(),
                ..story(topic)
            };
            let letter = Letter { name: text.into(), language: Some(text.into()), ..letter_of(vec![story], "en") };
            mailer.send(&letter).await.unwrap();
        }
    }
    let mails = arrived(&sink);
    assert_eq!(mails.len(), evil.len() * 3);
    for mail in &mails {
        let (head, _) = mail.split_once("\n\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc") || line.starts_with("X-Evil")), "{head}");
        let mail = parsed(mail);
        assert_eq!(header(&mail, "X-RcptTo"), Some("ada@example.org"));
        assert_eq!(mail.to().unwrap().as_list().map(<[_]>::len), Some(1), "{head}");
        assert!(mail.bcc().is_none() && mail.cc().is_none());
        assert_eq!(mail.text_body_count() + mail.html_body_count(), 2, "{head}");
        assert!(!mail.subject().unwrap().contains(char::is_control));
        // A number that no address can hold is not put into one.
        let reply_to = mail.reply_to().unwrap().first().unwrap().address().unwrap().to_owned();
        assert_eq!(reply_to, "help+00000000-0000-0000-0000-000000000002@shop.example");
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    let Some(sink) = mail_sink() else { return };
    let mailer = mailer(&sink);
    for address in [
        "",
        "ada",
        "ada@",
        "ada@example.org\r\nRCPT TO:<all@evil.example>",
        "ada@example.org, all@evil.example",
        "<ada@example.org>",
        "\"a\r\n\"@example.org",
        "\"a b\"@example.org",
        "ada@exa mple.org",
    ] {
        let letter = Letter { address: address.to_owned(), ..letter(Topic::ReplySent, "en") };
        let refused = mailer.send(&letter).await;
        assert_eq!(refused, Err(ChannelError::Refused("the mail address is none".to_owned())), "{address:?}");
    }
    assert!(arrived(&sink).is_empty());
    // Domains of every script have a spelling that servers know.
    let letter = Letter { address: "ada@müller.example".to_owned(), ..letter(Topic::ReplySent, "en") };
    mailer.send(&letter).await.unwrap();
    assert_eq!(header(&parsed(&arrived(&sink)[0]), "X-RcptTo"), Some("ada@xn--mller-kva.example"));
}

#[tokio::test]
async fn a_server_that_is_away_takes_the_letter_later() {
    let Some(mut sink) = mail_sink() else { return };
    let mailer = mailer(&sink);
    mailer.send(&letter(Topic::ReplySent, "en")).await.unwrap();
    sink.stop_immediately().unwrap();
    let away = mailer.send(&letter(Topic::ReplySent, "en")).await;
    assert_eq!(away, Err(ChannelError::Unavailable("the mail server cannot be reached".to_owned())));
    sink.start_again().unwrap();
    mailer.send(&letter(Topic::ReplySent, "en")).await.unwrap();
    assert_eq!(arrived(&sink).len(), 2);
}

#[tokio::test]
async fn every_topic_arrives_in_both_languages() {
    let Some(sink) = mail_sink() else { return };
    let mailer = mailer(&sink);
    for topic in Topic::ALL {
        for language in ["en", "de"] {
            mailer.send(&letter(*topic, language)).await.unwrap();
        }
    }
    let mails = arrived(&sink);
    assert_eq!(mails.len(), 2 * Topic::ALL.len());
    for mail in &mails {
        let mail = parsed(mail);
        assert!(mail.body_text(0).unwrap().contains("Ada Müller"));
        assert!(mail.body_html(0).unwrap().contains("Ada Müller"));
    }
}

/// A server that takes nothing in clear, and the authority that vouches for it.
fn sink_with_tls(directory: &Path) -> (MailSink, String) {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = rcgen::CertifiedIssuer::self_signed(authority, authority_key).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let mut server = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    server.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let server = server.signed_by(&key, &authority).unwrap();
    let (cert_file, key_file) = (directory.join("cert.pem"), directory.join("key.pem"));
    fs::write(&cert_file, server.pem()).unwrap();
    fs::write(&key_file, key.serialize_pem()).unwrap();
    // The server may run as somebody else.
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
    let setup =
        Setup::default().setting("tlscert", cert_file.to_string_lossy()).setting("tlskey", key_file.to_string_lossy());
    (MailSink::start(setup).unwrap(), authority.pem())
}

#[tokio::test]
async fn a_server_is_spoken_to_encrypted_and_must_be_who_it_says() {
    // Without the others' variable, this one is left out as well.
    if mail_sink().is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (sink, authority) = sink_with_tls(directory.path());
    let letter = letter(Topic::ReplySent, "en");
    let url = format!("smtp://localhost:{}", sink.port());
    builder(&url).root_certificate(authority.clone()).build().unwrap().send(&letter).await.unwrap();
    assert_eq!(arrived(&sink).len(), 1);

    let stranger = "the mail server does not encrypt, or is not who it should be";
    let unknown = builder(&url).build().unwrap().send(&letter).await;
    assert_eq!(unknown, Err(ChannelError::Unavailable(stranger.to_owned())));
    let elsewhere = Mailer::builder(
        Templates::builder().build().unwrap(),
        format!("smtp://127.0.0.1:{}", sink.port()),
        "help@shop.example",
    );
    let other = elsewhere.root_certificate(authority).build().unwrap().send(&letter).await;
    assert_eq!(other, Err(ChannelError::Unavailable(stranger.to_owned())));
    assert_eq!(arrived(&sink).len(), 1);
}
