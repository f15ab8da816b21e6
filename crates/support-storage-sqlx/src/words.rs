//! Words, as the servers' indexes have them.
//!
//! Each server cuts text into words in its own way, with its own list of words that it passes over. Here words are cut and
//! folded before they get there, so that all servers find the same.

use crate::names::Dialect;
use std::{collections::BTreeSet, fmt::Write as _, ops::Range};
use support_core::domain::id::CustomerId;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Words of one text, at most: what is written is rarely a tenth as long.
const MOST: usize = 8_000;

/// Bytes of them, at most: an index of `PostgreSQL` takes no more than a megabyte a row, of which a text is half.
const MOST_BYTES: usize = 400_000;

/// Characters of a word, at most: an index of `MySQL` passes over words of more than 84 bytes.
const LONGEST: usize = 60;

/// The words of a text with where they stand in it, without case and accents.
pub(crate) fn places(text: &str) -> impl Iterator<Item = (Range<usize>, String)> + '_ {
    let is_part = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    let mut rest = 0;
    let parts = std::iter::from_fn(move || {
        let start = rest + text[rest..].find(is_part)?;
        rest = text[start..].find(|c| !is_part(c)).map_or(text.len(), |length| start + length);
        let letters = text[start..rest].nfkd().filter(|c| c.is_alphanumeric());
        Some((start..rest, letters.flat_map(char::to_lowercase).collect::<String>()))
    });
    parts.filter(|(_, word)| !word.is_empty())
}

/// The words of a text, without case and accents.
pub(crate) fn cut(text: &str) -> impl Iterator<Item = String> + '_ {
    places(text).map(|(_, word)| word)
}

/// Whether the last word of a question may be the beginning of one. A single letter begins too many.
pub(crate) fn may_go_on(word: &str) -> bool {
    word.chars().count() >= 2
}

/// A word as the index has it.
pub(crate) fn token(dialect: Dialect, word: &str) -> String {
    if dialect.choose(true, false) {
        return word.chars().take(LONGEST).collect();
    }
    // What it takes for a letter depends on the server, and words of two letters it passes over.
    let mut token = "zz".to_owned();
    for c in word.chars() {
        let mut bytes = [0; 4];
        match c {
            'a'..='z' | '0'..='9' => token.push(c),
            c => c.encode_utf8(&mut bytes).bytes().for_each(|byte| {
                // Writing to a string never fails.
                let _ = write!(token, "{byte:02x}_");
            }),
        }
        if token.len() > LONGEST {
            break;
        }
    }
    token
}

/// Stands among the words of what is a customer's. No word of a text looks like it.
pub(crate) fn owner(dialect: Dialect, customer: CustomerId) -> String {
    let id = customer.uuid().simple();
    dialect.choose(format!("owner:{id}"), format!("owner{id}"))
}

/// Tokens as one value of the index; of more than it has room for, the first.
pub(crate) fn document(dialect: Dialect, tokens: impl IntoIterator<Item = String>) -> String {
    let mut room = MOST_BYTES;
    let mut known = BTreeSet::new();
    for token in tokens.into_iter().take(MOST) {
        let Some(left) = room.checked_sub(token.len()) else { break };
        if known.insert(token) {
            room = left;
        }
    }
    let tokens = known;
    if dialect.choose(true, false) {
        tokens.iter().map(|token| format!("'{token}'")).collect::<Vec<_>>().join(" ")
    } else {
        tokens.into_iter().collect::<Vec<_>>().join(" ")
    }
}

/// A value of the index in a statement.
pub(crate) fn bound(dialect: Dialect) -> &'static str {
    dialect.choose("CAST(? AS TSVECTOR)", "?")
}

#[cfg(all(test, feature = "postgres", feature = "mysql"))]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_before_any_server_sees_them() {
        let cut = |text: &str| cut(text).collect::<Vec<_>>();
        assert_eq!(cut("Łódź e\u{301}té, T-0002!"), ["łodz", "ete", "t", "0002"]);
        assert_eq!(cut("\u{FF21}\u{FF22} ﬁne 東京"), ["ab", "fine", "東京"]);
        assert_eq!(cut(" ,;: \0"), [""; 0]);
    }

    #[test]
    fn words_know_where_they_stand() {
        let text = "Łódź: e\u{301}té!";
        let found: Vec<&str> = places(text).map(|(place, _)| &text[place]).collect();
        assert_eq!(found, ["Łódź", "e\u{301}té"]);
    }

    #[test]
    fn a_text_is_no_more_than_an_index_takes() {
        let word = |n: u32| format!("{}{n}", "東".repeat(50));
        for dialect in [Dialect::Postgres, Dialect::MySql] {
            assert!(document(dialect, (0..9_000).map(word)).len() < 500_000);
        }
    }

    #[test]
    fn other_letters_keep_their_order_in_ascii() {
        assert_eq!(token(Dialect::MySql, "东b"), "zze4_b8_9c_b");
        assert!(token(Dialect::MySql, &"東".repeat(99)).len() < 84);
    }
}
