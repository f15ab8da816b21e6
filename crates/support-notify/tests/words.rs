//! What people read.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod letters;

use letters::{letter, letter_of, object, story};
use serde_json::json;
use std::{fmt::Write as _, sync::OnceLock};
use support_core::domain::notification::{Letter, Story, Topic};
use support_notify::{Links, Part, Templates, TemplatesBuilder};

fn builder() -> TemplatesBuilder {
    let links = Links::at("https://shop.example")
        .staff_tickets("https://desk.shop.example/tickets/{id}")
        .preferences("{base}/me/notifications");
    Templates::builder().shop("Corner Shop").links(links)
}

fn templates() -> &'static Templates {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    TEMPLATES.get_or_init(|| builder().build().unwrap())
}

/// Everything that is said of a letter.
fn said(templates: &Templates, letter: &Letter) -> String {
    let mail = templates.compose(letter);
    let notice = templates.compose_notice(letter);
    let mut said = format!("Subject: {}\n\n{}\n", mail.subject, mail.text);
    writeln!(said, "-- sms\n{}", templates.compose_short(letter)).unwrap();
    writeln!(said, "-- notice\n{}\n{}\n{}", notice.title, notice.body, notice.link.unwrap_or_default()).unwrap();
    said
}

#[test]
fn customers_read_of_every_topic() {
    for language in ["en", "de"] {
        let mut all = String::new();
        for topic in Topic::ALL.iter().filter(|topic| !topic.is_for_staff()) {
            writeln!(all, "==== {}\n{}", topic.as_str(), said(templates(), &letter(*topic, language))).unwrap();
        }
        insta::assert_snapshot!(format!("customers_{language}"), all);
    }
}

#[test]
fn staff_read_of_every_topic() {
    for language in ["en", "de"] {
        let mut all = String::new();
        for topic in Topic::ALL.iter().filter(|topic| topic.is_for_staff()) {
            writeln!(all, "==== {}\n{}", topic.as_str(), said(templates(), &letter(*topic, language))).unwrap();
        }
        insta::assert_snapshot!(format!("staff_{language}"), all);
    }
}

#[test]
fn mails_have_a_page() {
    insta::assert_snapshot!("page_customer", templates().compose(&letter(Topic::ReplySent, "de")).html);
    insta::assert_snapshot!("page_staff", templates().compose(&letter(Topic::SlaBreached, "en")).html);
}

#[test]
fn several_stories_are_one_letter() {
    let other = Story { number: Some("TKT-7".into()), ticket: None, ..story(Topic::TicketReopened) };
    let digest = letter_of(vec![story(Topic::CustomerReplied), other, story(Topic::SlaAtRisk)], "en");
    insta::assert_snapshot!("digest", said(templates(), &digest));
    insta::assert_snapshot!("page_digest", templates().compose(&digest).html);
    // Of one ticket, it stays in its thread.
    let one = letter_of(vec![story(Topic::ReplySent), story(Topic::StatusChanged)], "de");
    assert_eq!(templates().compose(&one).subject, "Re: [TKT-2026-00042] Drucker löscht & druckt <nicht>");
}

/// A host without a name and links, and a story of which nothing is known, still make a letter that one can read.
#[test]
fn what_is_not_known_is_not_said() {
    let bare = Templates::builder().build().unwrap();
    for language in ["en", "de", "xx", ""] {
        for topic in Topic::ALL {
            let story = Story {
                ticket: None,
                number: None,
                subject: None,
                actor: None,
                text: None,
                data: serde_json::Map::new(),
                ..story(*topic)
            };
            let letter = Letter { name: String::new(), language: None, ..letter_of(vec![story], language) };
            let said = said(&bare, &letter);
            for odd in ["none", "undefined", "{{", "{%", "()", "[]", " .", " :", "  ", "null"] {
                assert!(!said.contains(odd), "{}: {odd:?} in\n{said}", topic.as_str());
            }
            let mail = bare.compose(&letter);
            assert!(!mail.subject.is_empty() && mail.text.lines().count() > 4 && mail.html.contains("</html>"));
            assert!(!mail.html.contains("href"), "{}", mail.html);
        }
    }
    let empty = bare.compose(&letter_of(Vec::new(), "en"));
    assert_eq!(empty.subject, "0 updates");
}

/// Mail programs that go by subjects keep a ticket together only if all its mails have the same, and pass over `Re:` alone.
#[test]
fn what_customers_read_of_a_ticket_is_one_thread() {
    for language in ["en", "de"] {
        for topic in Topic::ALL.iter().filter(|topic| !topic.is_for_staff()) {
            let subject = templates().compose(&letter(*topic, language)).subject;
            assert_eq!(subject.trim_start_matches("Re: "), "[TKT-2026-00042] Drucker löscht & druckt <nicht>");
        }
    }
}

#[test]
fn customers_type_no_markup_and_no_headers() {
    let nasty =
        "<script>alert('1')</script>\r\nBcc: all@example.org\0\u{202E}\"><img src=x onerror=y>&{{ shop }}{% raw %}";
    for topic in Topic::ALL {
        let data = [
            "status",
            "priority",
            "assignee",
            "clock",
            "dueAt",
            "scheduledTime",
            "rating",
            "reason",
            "token",
            "surveyId",
        ];
        let data: serde_json::Map<_, _> = data.iter().map(|key| ((*key).to_owned(), json!(nasty))).collect();
        let story = Story {
            number: Some(nasty.into()),
            subject: Some(nasty.into()),
            actor: Some(nasty.into()),
            text: Some(nasty.into()),
            data,
            ..story(*topic)
        };
        for stories in [vec![story.clone()], vec![story.clone(), story]] {
            let letter = Letter { name: nasty.into(), ..letter_of(stories, "en") };
            let mail = templates().compose(&letter);
            let notice = templates().compose_notice(&letter);
            for line in [&mail.subject, &notice.title, &templates().compose_short(&letter)] {
                assert!(!line.contains(char::is_control), "{line:?}");
            }
            for odd in ["<script", "<img", "\0", "\u{202E}", "\r"] {
                assert!(!mail.html.contains(odd), "{}: {odd:?} in {}", topic.as_str(), mail.html);
            }
            assert!(!mail.text.contains(['\0', '\r', '\u{202E}']));
            assert!(mail.text.lines().all(|line| !line.starts_with("Bcc:")), "{}", mail.text);
        }
    }
}

#[test]
fn a_token_is_in_the_fragment_of_a_link_and_nowhere_else() {
    let letter = letter(Topic::AccessLink, "en");
    let link = "https://shop.example/tickets/TKT-2026-00042#token=s3cr%2Ft%2Btoken";
    let mail = templates().compose(&letter);
    assert_eq!(mail.text.matches("token=").count(), 1);
    assert!(mail.text.contains(link) && mail.html.contains(link) && templates().compose_short(&letter).contains(link));
    let notice = templates().compose_notice(&letter);
    assert_eq!(notice.link.as_deref(), Some("https://shop.example/tickets/TKT-2026-00042"));
    let curious =
        builder().set("access_link", "en", Part::Text, "{{ data }}{{ data.token|default('-') }}").build().unwrap();
    assert_eq!(curious.compose(&letter).text, "{}-\n");
    // Whoever works here needs none.
    let data = object(json!({ "token": "s3cret" }));
    let staff = letter_of(vec![Story { data, ..story(Topic::CustomerReplied) }], "en");
    assert!(!said(templates(), &staff).contains("s3cret"));
}

#[test]
fn long_texts_are_cut() {
    let story = Story {
        text: Some("word ".repeat(5_000)),
        subject: Some("long ".repeat(200)),
        actor: Some("Ada ".repeat(200)),
        ..story(Topic::ReplySent)
    };
    let letter = letter_of(vec![story], "en");
    let mail = templates().compose(&letter);
    assert!(mail.subject.chars().count() <= 160 && mail.subject.ends_with("long…"), "{}", mail.subject);
    assert!(mail.text.chars().count() < 3_000);
    assert!(mail.text.contains("word…"));
    let notice = templates().compose_notice(&letter);
    assert!(notice.title.chars().count() <= 80 && notice.body.chars().count() <= 240);
}

#[test]
fn text_messages_are_short() {
    let long = builder().shop("The Corner Shop for Printers and Everything around Them").build().unwrap();
    for language in ["en", "de"] {
        for topic in Topic::ALL {
            let actor = Some("Maximiliane Katharina von und zu Hohenberg-Langenfeld".to_owned());
            let letter = letter_of(vec![Story { actor, ..story(*topic) }], language);
            let short = long.compose_short(&letter);
            assert!(short.chars().count() <= 160, "{}: {short}", short.chars().count());
            let link =
                templates().compose(&letter).text.lines().find(|line| line.starts_with("https://")).map(str::to_owned);
            assert!(short.ends_with(&link.unwrap()), "{short}");
        }
    }
}
