//! A question, taken apart into what is looked up.

use crate::{
    document::{STEM, base, beginning, pair},
    language::Languages,
    words::{Word, words},
};

/// Words of a question that are looked up. More say nothing that these do not.
pub const WORDS: usize = 24;
/// Bytes of a question that are read: pasted mails are questions too.
pub const QUESTION_BYTES: usize = 8 * 1024;

/// Letters from which a word may have one slip of the keyboard in it, and two.
const SLIPS: [usize; 2] = [5, 8];

/// A word that is looked up.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) folded: String,
    /// Its stems, as terms.
    pub(crate) stems: Vec<String>,
    /// Whether it may be the beginning of one.
    pub(crate) open: bool,
    /// How many slips of the keyboard it may have.
    pub(crate) slips: usize,
}

/// See the module.
pub(crate) struct Question {
    /// Each once, in their order.
    pub(crate) words: Vec<Asked>,
    /// Neighbours, as terms of titles.
    pub(crate) pairs: Vec<String>,
    pub(crate) languages: Languages,
}

impl Question {
    pub(crate) fn new(text: &str, language: Option<&str>) -> Self {
        let text = beginning(text, QUESTION_BYTES);
        let all: Vec<Word> = words(text).collect();
        let languages = Languages::of(language, all.iter());
        // Whoever types a space or a full stop has finished the word.
        let open = all.last().is_some_and(|word| word.place.end == text.len());
        let is_last = |place: usize| open && place + 1 == all.len();
        let mut kept: Vec<(usize, &Word)> =
            all.iter().enumerate().filter(|(_, word)| !languages.is_little(&word.folded)).collect();
        if kept.is_empty() {
            kept = all.iter().enumerate().collect();
        }
        let mut asked: Vec<Asked> = Vec::new();
        for (place, word) in kept {
            let open = is_last(place);
            if let Some(known) = asked.iter_mut().find(|known| known.folded == word.folded) {
                known.open |= open;
            } else if asked.len() < WORDS {
                asked.push(Asked::new(&languages, word, open));
            }
        }
        let bases: Vec<String> = all.iter().take(2 * WORDS).map(|word| base(&languages, word)).collect();
        let mut pairs: Vec<String> = bases.windows(2).map(|two| pair(&two[0], &two[1])).collect();
        pairs.sort_unstable();
        pairs.dedup();
        Self { words: merged(asked), pairs, languages }
    }
}

impl Asked {
    fn new(languages: &Languages, word: &Word, open: bool) -> Self {
        let mut stems = Vec::new();
        languages.stems(word, |stem| stems.push(format!("{STEM}{stem}")));
        let letters = word.folded.chars().count();
        // One digit more or less is another number.
        let spelled = word.folded.chars().all(char::is_alphabetic);
        let slips = if spelled { SLIPS.iter().filter(|least| letters >= **least).count() } else { 0 };
        Self { folded: word.folded.clone(), stems, open, slips }
    }
}

/// Forms of one word count once: a question does not weigh more for saying "refund" and "refunded".
fn merged(asked: Vec<Asked>) -> Vec<Asked> {
    let mut kept: Vec<Asked> = Vec::new();
    for word in asked {
        let first = word.stems.first();
        let same = kept.iter_mut().find(|known| first.is_some() && known.stems.first() == first);
        match same {
            // The last one may be a beginning only as itself.
            Some(known) if !word.open => known.stems.extend(word.stems.into_iter().skip(1)),
            _ => kept.push(word),
        }
    }
    for word in &mut kept {
        word.stems.sort_unstable();
        word.stems.dedup();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{Question, WORDS};

    fn asked(text: &str) -> Vec<String> {
        Question::new(text, None).words.into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn little_words_are_left_out_unless_there_are_no_others() {
        assert_eq!(asked("How do I cancel my subscription?"), ["cancel", "subscription"]);
        assert_eq!(asked("Wie kann ich mein Abo kündigen?"), ["abo", "kundigen"]);
        assert_eq!(asked("the who"), ["the", "who"]);
    }

    #[test]
    fn each_word_is_asked_for_once() {
        assert_eq!(asked("refund refunded REFUND paid"), ["refund", "paid"]);
    }

    #[test]
    fn only_the_last_word_is_open_and_only_while_it_is_typed() {
        let open =
            |text: &str| -> Vec<bool> { Question::new(text, None).words.into_iter().map(|word| word.open).collect() };
        assert_eq!(open("brake pa"), [false, true]);
        assert_eq!(open("brake pa "), [false, false]);
        assert_eq!(open("brake pa?"), [false, false]);
    }

    #[test]
    fn short_words_and_numbers_have_no_slips() {
        let slips: Vec<usize> = Question::new("card order subscription 0042 iphone12x", Some("en"))
            .words
            .iter()
            .map(|word| word.slips)
            .collect();
        assert_eq!(slips, [0, 1, 2, 0, 0]);
    }

    #[test]
    fn long_questions_are_cut() {
        let long: Vec<String> = (0..5_000).map(|n| format!("w{n}")).collect();
        assert_eq!(asked(&long.join(" ")).len(), WORDS);
        assert!(Question::new(&"x".repeat(1 << 20), None).words.len() == 1);
    }
}
