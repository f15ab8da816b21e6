//! A question, taken apart into what is looked up.

use crate::{
    document::{base, beginning, pair},
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
    /// Its stems, as far as they are something else.
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
        let is_little = |place: usize| languages.is_little(&all[place].folded) && !is_of_a_number(text, &all, place);
        let mut kept: Vec<(usize, &Word)> = all.iter().enumerate().filter(|(place, _)| !is_little(*place)).collect();
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
    /// What forms of one word share.
    fn base(&self) -> &str {
        self.stems.first().unwrap_or(&self.folded)
    }

    fn new(languages: &Languages, word: &Word, open: bool) -> Self {
        let mut stems = Vec::new();
        languages.stems(word, |stem| {
            if stem != word.folded {
                stems.push(stem.to_owned());
            }
        });
        let letters = word.folded.chars().count();
        // One digit more or less is another number.
        let spelled = word.folded.chars().all(char::is_alphabetic);
        let slips = if spelled { SLIPS.iter().filter(|least| letters >= **least).count() } else { 0 };
        Self { folded: word.folded.clone(), stems, open, slips }
    }
}

/// Whether a word is a piece of something like `T-0042`.
fn is_of_a_number(text: &str, words: &[Word], place: usize) -> bool {
    let is_joined = |one: usize| {
        let [left, right] = [&words[one], &words[one + 1]];
        let between = &text[left.place.end..right.place.start];
        let has_digit = |word: &Word| word.folded.bytes().any(|byte| byte.is_ascii_digit());
        matches!(between, "-" | "_" | "/" | "#") && (has_digit(left) || has_digit(right))
    };
    (place > 0 && is_joined(place - 1)) || (place + 1 < words.len() && is_joined(place))
}

/// Forms of one word count once: a question does not weigh more for saying "refund" and "refunded".
fn merged(asked: Vec<Asked>) -> Vec<Asked> {
    let mut kept: Vec<Asked> = Vec::new();
    for word in asked {
        let same = kept.iter_mut().find(|known| known.base() == word.base());
        match same {
            // The last one may be a beginning only as itself.
            Some(known) if !word.open => known.stems.extend(word.stems.into_iter().chain([word.folded])),
            _ => kept.push(word),
        }
    }
    for word in &mut kept {
        word.stems.sort_unstable();
        word.stems.dedup();
        word.stems.retain(|stem| *stem != word.folded);
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
        assert_eq!(asked("T-0042, the a_1"), ["t", "0042", "a", "1"]);
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
