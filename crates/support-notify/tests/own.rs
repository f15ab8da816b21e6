//! What hosts change about the words.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod letters;

use letters::{letter, letter_of, story};
use std::fs;
use support_core::domain::notification::{Letter, Story, Topic};
use support_notify::{Links, LoadError, Part, Templates};

fn faults(built: Result<Templates, LoadError>) -> Vec<String> {
    built.unwrap_err().faults().iter().map(ToString::to_string).collect()
}

#[test]
fn languages_fall_back() {
    let templates = Templates::builder()
        .default_language("de")
        .set("reply_sent", "pt", Part::Intro, "Respondemos.")
        .set("reply_sent", "pt-BR", Part::Title, "Resposta")
        .label("pt", "hello", "Olá")
        .build()
        .unwrap();
    let reply = |language| templates.compose(&letter(Topic::ReplySent, language));
    let brazil = reply("pt_BR");
    assert!(brazil.text.starts_with("Olá Ada Müller!\n\nRespondemos.\n"), "{}", brazil.text);
    assert!(brazil.html.contains("<html lang=\"pt\">") && brazil.html.contains("<p>Respondemos.</p>"));
    assert_eq!(templates.compose_notice(&letter(Topic::ReplySent, "pt-br")).title, "Resposta");
    // Nobody has Polish, and the default is German.
    assert!(reply("pl").text.starts_with("Guten Tag Ada Müller!"));
    assert!(reply("en-GB").text.starts_with("Hello Ada Müller,"));
    let unknown = Letter { language: None, ..letter(Topic::ReplySent, "") };
    assert!(templates.compose(&unknown).text.starts_with("Guten Tag"));
}

#[test]
fn a_language_is_tried_whole_before_the_next() {
    let templates = Templates::builder().set("reply_sent", "en", Part::Text, "Read {{ link }}").build().unwrap();
    assert!(templates.compose(&letter(Topic::ReplySent, "de")).text.starts_with("Guten Tag"));
    assert_eq!(templates.compose(&letter(Topic::ReplySent, "en")).text, "Read\n");
}

#[test]
fn whoever_writes_text_alone_gets_a_page_of_it() {
    let templates = Templates::builder()
        .links(Links::at("https://shop.example"))
        .set("reply_sent", "en", Part::Text, "Dear {{ name }},\n\n<{{ actor }}> wrote.\n{{ link }}")
        .build()
        .unwrap();
    let mail = templates.compose(&letter(Topic::ReplySent, "en"));
    assert!(mail.html.contains("<p>Dear Ada Müller,</p>\n<p>&lt;Sam Ibáñez&gt; wrote.<br>\n<a href="), "{}", mail.html);
    let both = Templates::builder()
        .set("reply_sent", "en", Part::Text, "Text")
        .set("reply_sent", "en", Part::Html, "<b>{{ subject }}</b>")
        .build()
        .unwrap();
    assert_eq!(
        both.compose(&letter(Topic::ReplySent, "en")).html,
        "<b>Drucker löscht &amp; druckt &lt;nicht&gt;</b>\n"
    );
}

#[test]
fn a_frame_is_around_every_topic() {
    let templates = Templates::builder()
        .set("frame", "en", Part::Html, "<main>{{ intro|paragraphs }}</main>")
        .set("frame", "en", Part::Short, "{{ title }}!")
        .build()
        .unwrap();
    assert_eq!(
        templates.compose(&letter(Topic::TicketClosed, "en")).html,
        "<main><p>We have closed your ticket. If you need us again, we are glad to help.</p></main>\n"
    );
    assert_eq!(templates.compose_short(&letter(Topic::TicketClosed, "en")), "Your ticket is closed (TKT-2026-00042)!");
}

#[test]
fn templates_lie_in_files() {
    let directory = tempfile::tempdir().unwrap();
    let german = directory.path().join("de");
    fs::create_dir(&german).unwrap();
    fs::write(german.join("reply_sent.subject"), "Antwort: {{ thread }}\n").unwrap();
    fs::write(german.join("words.txt"), "# Unsere\nhello = Moin\nhello_end = .\n").unwrap();
    fs::write(german.join(".reply_sent.subject.swp"), "").unwrap();
    let builder = Templates::builder().directory(directory.path());
    let mail = builder.clone().build().unwrap().compose(&letter(Topic::ReplySent, "de"));
    assert_eq!(mail.subject, "Antwort: [TKT-2026-00042] Drucker löscht & druckt <nicht>");
    assert!(mail.text.starts_with("Moin Ada Müller.\n"));
    let set = builder.clone().set("reply_sent", "de", Part::Subject, "Neu").build().unwrap();
    assert_eq!(set.compose(&letter(Topic::ReplySent, "de")).subject, "Neu");

    fs::write(german.join("reply_snet.txt"), "x").unwrap();
    fs::write(german.join("survey.pdf"), "x").unwrap();
    fs::write(german.join("survey.html"), [0xFF]).unwrap();
    fs::write(german.join("words.txt"), "hello = Moin\nhello_end\n").unwrap();
    fs::write(directory.path().join("readme"), "x").unwrap();
    let faults = faults(builder.build());
    for (fault, end) in faults.iter().zip([
        "de/survey.html: cannot be read: stream did not contain valid UTF-8",
        "de/survey.pdf: its ending is that of no part",
        "de/words.txt:2: is not `key = word`",
        "readme: is no directory named by a language",
        "de/reply_snet.txt: there is no such topic; beside topics there are digest and frame",
    ]) {
        assert!(fault.ends_with(end), "{fault}");
    }
    assert_eq!(faults.len(), 5, "{faults:#?}");
    let nowhere = Templates::builder().directory(directory.path().join("nowhere")).build();
    assert!(nowhere.unwrap_err().to_string().contains("cannot be read"));
}

/// Found when it is loaded, with template and line, and not when somebody waits for a mail.
#[test]
fn bad_templates_are_found_when_they_are_loaded() {
    let one = |part, source: &str| faults(Templates::builder().set("reply_sent", "fr", part, source).build());
    assert_eq!(one(Part::Text, "a\n{{ name ")[0].split(": ").next(), Some("fr/reply_sent.txt:2"));
    let misspelt = one(Part::Intro, "a\n\n{% if not name and not subject and text %}{{ nmae }}{% endif %}");
    assert_eq!(misspelt.len(), 1);
    assert!(
        misspelt[0].starts_with("fr/reply_sent.intro:3: there is no `nmae`; there are: about, action, "),
        "{misspelt:?}"
    );
    assert_eq!(one(Part::Html, "{{ number|nofilter }}").len(), 1);
    assert_eq!(one(Part::Html, "x\n{{ data.orderId }}"), ["fr/reply_sent.html:2: undefined value"]);
    assert!(Templates::builder().set("reply_sent", "fr", Part::Html, "{{ data.orderId|default('') }}").build().is_ok());

    let settings = Templates::builder()
        .default_language("nobody's")
        .links(Links::at("ftp://x"))
        .set("nothing", "en", Part::Text, "")
        .set("frame", "en", Part::Subject, "")
        .set("survey", "../etc", Part::Text, "")
        .label("a b", "hello", "x")
        .build();
    let settings = settings.unwrap_err();
    let named: Vec<_> = settings.faults().iter().map(|fault| fault.template.as_str()).collect();
    for name in ["default_language", "links", "en/nothing.txt", "en/frame.subject", "../etc/survey.txt", "a b"] {
        assert!(named.contains(&name), "{name} in {named:?}");
    }
}

/// Should a template fail with a letter that nobody thought of, the one that it replaces speaks.
#[test]
fn nobody_waits_in_vain() {
    let risky = "{% if number == 'X' %}{{ data.count + 1 }}{% endif %}Ours";
    let templates = Templates::builder().set("reply_sent", "en", Part::Subject, risky).build().unwrap();
    assert_eq!(templates.compose(&letter(Topic::ReplySent, "en")).subject, "Ours");
    let letter = letter_of(vec![Story { number: Some("X".into()), ..story(Topic::ReplySent) }], "en");
    assert_eq!(templates.compose(&letter).subject, "Re: [X] Drucker löscht & druckt <nicht>");
}
