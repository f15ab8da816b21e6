//! Which languages are tried, and what is said in them.

use crate::builtin;
use std::collections::HashMap;

/// The language of last resort, which is always there.
pub(crate) const LAST: &str = "en";

/// A tag as it names templates: `pt_BR` is `pt-br`. None if it is no tag.
pub(crate) fn tag(text: &str) -> Option<String> {
    let tag = text.trim().to_lowercase().replace('_', "-");
    let fits = |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    (tag.len() <= 35 && tag != builtin::ANY && tag.split('-').all(fits)).then_some(tag)
}

/// The languages in which something is looked for: `pt-br`, `pt`, the default, English.
pub(crate) fn chain(wanted: Option<&str>, default: &str) -> Vec<String> {
    let mut chain: Vec<String> = Vec::new();
    for tag in [wanted.and_then(tag), tag(default), tag(LAST)].into_iter().flatten() {
        let mut rest = tag.as_str();
        loop {
            if !chain.iter().any(|known| known == rest) {
                chain.push(rest.to_owned());
            }
            let Some((shorter, _)) = rest.rsplit_once('-') else { break };
            rest = shorter;
        }
    }
    chain
}

/// What is said by its key: labels, and the words of profiles.
#[derive(Debug, Clone)]
pub(crate) struct Labels {
    default: String,
    /// By language and key.
    words: HashMap<(String, String), String>,
}

impl Labels {
    pub(crate) fn new(default: &str) -> Self {
        let mut labels = Self { default: default.to_owned(), words: HashMap::new() };
        for (language, text) in builtin::LABELS {
            for (key, label) in builtin::labels(text).flatten() {
                labels.set(language, key, label);
            }
        }
        labels
    }

    pub(crate) fn set(&mut self, language: &str, key: &str, label: &str) {
        self.words.insert((language.to_owned(), key.to_owned()), label.to_owned());
    }

    /// The word, as that language or one that it falls back to has it; where none has, the key without underscores.
    pub(crate) fn get(&self, language: &str, key: &str) -> String {
        let found = chain(Some(language), &self.default)
            .into_iter()
            .find_map(|language| self.words.get(&(language, key.to_owned())));
        found.cloned().unwrap_or_else(|| key.replace('_', " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_fall_back() {
        assert_eq!(chain(Some("pt_BR"), "de-AT"), ["pt-br", "pt", "de-at", "de", "en"]);
        assert_eq!(chain(None, "de"), ["de", "en"]);
        assert_eq!(chain(Some("en-GB"), "en"), ["en-gb", "en"]);
        assert_eq!(chain(Some("../../etc"), "de"), ["de", "en"]);
    }

    #[test]
    fn words_are_said_in_a_language() {
        let mut labels = Labels::new("en");
        labels.set("de", "in_transit", "unterwegs");
        assert_eq!(labels.get("de-at", "in_transit"), "unterwegs");
        assert_eq!(labels.get("en", "in_transit"), "in transit");
        assert_eq!(labels.get("fr", "hello"), "Hello");
        assert_eq!(labels.get("de", "first_response"), "erste Antwort");
    }
}
