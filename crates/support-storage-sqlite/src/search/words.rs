//! Words of texts and of queries.

use std::{collections::HashSet, ops::Range};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// A query is cut to so many words.
const MOST: usize = 32;

/// The words of a text with where they stand, without case and accents.
pub(super) fn cut(text: &str) -> impl Iterator<Item = (Range<usize>, String)> + '_ {
    let mut next = 0;
    text.split_inclusive(stands_between).filter_map(move |part| {
        let start = next;
        next += part.len();
        let word = part.trim_end_matches(stands_between);
        let folded = fold(word);
        (!folded.is_empty()).then(|| (start..start + word.len(), folded))
    })
}

fn stands_between(c: char) -> bool {
    !c.is_alphanumeric() && !is_combining_mark(c)
}

fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.nfkd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The words that are looked for, each once.
pub(super) struct Wanted(Vec<Word>);

struct Word {
    typed: String,
    folded: String,
}

impl Wanted {
    pub(super) fn of(text: &str) -> Self {
        let mut seen = HashSet::new();
        let words = cut(text).filter(|(_, folded)| seen.insert(folded.clone()));
        Self(words.take(MOST).map(|(place, folded)| Word { typed: text[place].to_owned(), folded }).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Each as a term of the text index. Words are letters and digits alone and stand in quotes: nothing that is typed is
    /// ever syntax.
    pub(super) fn terms(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().enumerate().map(|(place, word)| {
            let beginning = if self.may_go_on(place) { "*" } else { "" };
            format!("\"{}\"{beginning}", word.typed)
        })
    }

    /// Whether a folded word of a text is one of them.
    pub(super) fn holds(&self, word: &str) -> bool {
        self.0
            .iter()
            .enumerate()
            .any(|(place, wanted)| word == wanted.folded || self.may_go_on(place) && word.starts_with(&wanted.folded))
    }

    /// The last one may. The index knows beginnings of two letters and more; a shorter one would be looked for in every
    /// word there is.
    fn may_go_on(&self, place: usize) -> bool {
        place + 1 == self.0.len() && self.0[place].folded.chars().nth(1).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_where_they_stand() {
        let text = "Crème, BRU\u{302}LÉE—\u{301} ﬁn!";
        let found: Vec<_> = cut(text).map(|(place, word)| (&text[place], word)).collect();
        let expected = [("Crème", "creme"), ("BRU\u{302}LÉE", "brulee"), ("ﬁn", "fin")];
        assert_eq!(found, expected.map(|(typed, folded)| (typed, folded.to_owned())));
        assert_eq!(cut(" ,;: \0🙂").count(), 0);
    }

    #[test]
    fn nothing_that_is_typed_is_syntax() {
        let terms = |text: &str| Wanted::of(text).terms().collect::<Vec<_>>();
        assert_eq!(terms("pay\" OR title:Pay* ^bé"), ["\"pay\"", "\"OR\"", "\"title\"", "\"bé\"*"]);
        assert_eq!(terms("a b"), ["\"a\"", "\"b\""]);
    }

    #[test]
    fn a_long_question_is_cut() {
        let long: Vec<String> = (0..999).map(|n| format!("w{n}")).collect();
        assert_eq!(Wanted::of(&long.join(" ")).len(), MOST);
    }
}
