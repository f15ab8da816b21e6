//! What a word is, in a document as in a question.

use std::ops::Range;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Letters of a word that count. A longer one is found by its beginning: nobody types more of a checksum.
const LETTERS: usize = 48;

/// A word, folded, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// In lower case, without accents.
    pub(crate) folded: String,
    /// In lower case, with accents: what stems are made of. `None` where it is the same.
    pub(crate) accented: Option<String>,
    /// The bytes of the text.
    pub(crate) place: Range<usize>,
}

/// The words of a text, in their order: runs of letters and digits. Scripts that are written without spaces come in pairs
/// of signs, each overlapping the next.
pub(crate) fn words(text: &str) -> Words<'_> {
    Words { text, at: 0, pairs: None }
}

/// See [`words`].
pub(crate) struct Words<'a> {
    text: &'a str,
    at: usize,
    /// The rest of a run that is cut into pairs.
    pairs: Option<Range<usize>>,
}

/// Whether a language that uses the sign writes no spaces.
fn is_unspaced(sign: char) -> bool {
    matches!(sign, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

fn is_part(sign: char) -> bool {
    if sign.is_ascii() { sign.is_ascii_alphanumeric() } else { sign.is_alphanumeric() || is_combining_mark(sign) }
}

impl Words<'_> {
    /// The next pair of a run without spaces; of a run of one sign that one.
    fn pair(&mut self, run: Range<usize>) -> Word {
        let mut signs = self.text[run.clone()].char_indices();
        let second = signs.nth(1).map_or(run.end, |(at, _)| run.start + at);
        let end = signs.next().map_or(run.end, |(at, _)| run.start + at);
        self.pairs = (end < run.end).then_some(second..run.end);
        self.word(run.start..end)
    }

    fn word(&self, place: Range<usize>) -> Word {
        let text = &self.text[place.clone()];
        let (folded, accented) = fold(text);
        Word { folded, accented, place }
    }

    /// The end of the run of signs that are written like the first.
    fn end_of_run(&self, start: usize, unspaced: bool) -> usize {
        let rest = &self.text[start..];
        rest.char_indices()
            .find(|(_, sign)| !is_part(*sign) || (is_unspaced(*sign) != unspaced && !is_combining_mark(*sign)))
            .map_or(self.text.len(), |(at, _)| start + at)
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        loop {
            if let Some(run) = self.pairs.take() {
                return Some(self.pair(run));
            }
            let (at, first) = self.text[self.at..].char_indices().find(|(_, sign)| is_part(*sign))?;
            let start = self.at + at;
            let unspaced = is_unspaced(first);
            self.at = self.end_of_run(start, unspaced);
            if unspaced {
                self.pairs = Some(start..self.at);
                continue;
            }
            let word = self.word(start..self.at);
            // Marks that stand for themselves.
            if !word.folded.is_empty() {
                return Some(word);
            }
        }
    }
}

/// In lower case without accents, and with them where that is something else.
fn fold(text: &str) -> (String, Option<String>) {
    if text.is_ascii() {
        let mut folded = text[..text.len().min(LETTERS)].to_owned();
        folded.make_ascii_lowercase();
        return (folded, None);
    }
    let accented: String = text.nfkc().flat_map(char::to_lowercase).nfc().take(LETTERS).collect();
    let mut folded = String::with_capacity(accented.len());
    for sign in accented.nfkd().filter(|sign| !is_combining_mark(*sign)).flat_map(char::to_lowercase) {
        match sign {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            // What a compatible form brings along, such as the slash of a fraction.
            _ if sign.is_alphanumeric() => folded.push(sign),
            _ => {}
        }
    }
    let accented = (accented != folded).then_some(accented);
    (folded, accented)
}

#[cfg(test)]
mod tests {
    use super::{LETTERS, words};

    fn folded(text: &str) -> Vec<String> {
        words(text).map(|word| word.folded).collect()
    }

    #[test]
    fn words_are_letters_and_digits() {
        assert_eq!(folded("Parcel T-0042, late_again!"), ["parcel", "t", "0042", "late", "again"]);
        assert_eq!(folded(" \t🙂 -- \u{301} "), Vec::<String>::new());
    }

    #[test]
    fn accents_are_folded_whichever_way_they_are_written() {
        assert_eq!(
            folded("Crème BRU\u{302}LE\u{301}E Straße Ångström Œuvre"),
            ["creme", "brulee", "strasse", "angstrom", "oeuvre"]
        );
        let accented: Vec<_> = words("RÉPARE\u{301} plain").map(|word| word.accented).collect();
        assert_eq!(accented, [Some("réparé".to_owned()), None]);
    }

    #[test]
    fn what_is_written_without_spaces_comes_in_pairs() {
        assert_eq!(folded("東京タワー2号"), ["東京", "京タ", "タワ", "ワー", "2", "号"]);
        assert_eq!(folded("東"), ["東"]);
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "𝄞 Ünder: 東京x";
        let pieces: Vec<_> = words(text).map(|word| &text[word.place]).collect();
        assert_eq!(pieces, ["Ünder", "東京", "x"]);
    }

    #[test]
    fn long_words_are_cut() {
        assert_eq!(folded(&"x".repeat(9_999))[0].len(), LETTERS);
        assert_eq!(folded(&"é".repeat(9_999))[0].len(), LETTERS);
    }
}
