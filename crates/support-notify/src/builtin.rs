//! The words that come with the crate, in English and German.

use crate::part::Part;
use std::sync::OnceLock;

/// What is said without words of a topic: the letter around them.
pub(crate) const FRAME: &str = "frame";
/// Several stories in one letter.
pub(crate) const DIGEST: &str = "digest";
/// Frames know no language: what they say is looked up by its key.
pub(crate) const ANY: &str = "any";

macro_rules! words {
    ($($language:literal: $($name:literal)*;)*) => {
        const FILES: &[(&str, &str, &str)] = &[
            (ANY, FRAME, include_str!("words/frame.words")),
            (ANY, DIGEST, include_str!("words/digest.words")),
            $($(($language, $name, include_str!(concat!("words/", $language, "/", $name, ".words"))),)*)*
        ];

        /// Labels, and how a language says what profiles have words for.
        pub(crate) const LABELS: &[(&str, &str)] =
            &[$(($language, include_str!(concat!("words/", $language, "/words.txt"))),)*];
    };
}

words! {
    "en": "access_link" "callback" "customer_replied" "digest" "note_added" "reply_sent" "review_request" "sla_at_risk"
          "sla_breached" "status_changed" "survey" "ticket_assigned" "ticket_closed" "ticket_escalated" "ticket_rated"
          "ticket_received" "ticket_reopened" "ticket_resolved" "webhook_disabled";
    "de": "access_link" "callback" "customer_replied" "digest" "note_added" "reply_sent" "review_request" "sla_at_risk"
          "sla_breached" "status_changed" "survey" "ticket_assigned" "ticket_closed" "ticket_escalated" "ticket_rated"
          "ticket_received" "ticket_reopened" "ticket_resolved" "webhook_disabled";
}

/// A template that comes with the crate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Builtin {
    pub(crate) language: &'static str,
    pub(crate) name: &'static str,
    pub(crate) part: Part,
    pub(crate) source: &'static str,
}

/// All of them.
pub(crate) fn all() -> &'static [Builtin] {
    static ALL: OnceLock<Vec<Builtin>> = OnceLock::new();
    ALL.get_or_init(|| FILES.iter().flat_map(|(language, name, file)| sections(language, name, file)).collect())
}

/// A file holds its parts one after the other, each below a line such as `== subject`.
fn sections(language: &'static str, name: &'static str, file: &'static str) -> Vec<Builtin> {
    let parts = file.trim_start_matches("== ").split("\n== ").filter_map(|section| {
        let (extension, source) = section.split_once('\n')?;
        Some(Builtin { language, name, part: Part::of_extension(extension)?, source: source.trim_end() })
    });
    parts.collect()
}

/// Lines such as `in_progress = in Arbeit`; those that begin with `#` say nothing.
pub(crate) fn labels(text: &str) -> impl Iterator<Item = Result<(&str, &str), usize>> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(|(number, line)| {
        let (key, label) = line.split_once('=').ok_or(number)?;
        Ok((key.trim(), label.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use support_core::domain::notification::Topic;

    #[test]
    fn no_topic_is_missing() {
        for language in ["en", "de"] {
            for topic in Topic::ALL {
                for part in [Part::Subject, Part::Intro, Part::Action, Part::Title] {
                    let found = all().iter().any(|builtin| {
                        builtin.language == language && builtin.name == topic.as_str() && builtin.part == part
                    });
                    assert!(found, "{language}/{}.{part}", topic.as_str());
                }
            }
        }
    }

    #[test]
    fn no_file_is_for_nothing() {
        for (language, name, file) in FILES {
            let known = [FRAME, DIGEST].contains(name) || Topic::find(name).is_some();
            assert!(known, "{language}/{name}");
            let headings = file.lines().filter(|line| line.starts_with("== ")).count();
            assert_eq!(sections(language, name, file).len(), headings, "{language}/{name}");
        }
    }

    #[test]
    fn the_languages_have_the_same_labels() {
        let keys = |text| labels(text).map(|line| line.unwrap().0).collect::<Vec<_>>();
        let english = keys(LABELS[0].1);
        let german = keys(LABELS[1].1);
        assert!(english.iter().all(|key| german.contains(key)));
    }
}
