//! What becomes of a text before everybody can read it: it is approved, held for a person to decide, or rejected, with the
//! reasons.

use crate::domain::fault::{Fault, Faults};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// The rules of a desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Moderation {
    /// Whether a review that breaks no rule is published at once. Where not, a person decides on each (S0, business rule 7).
    pub auto_approve: bool,
    /// Characters of a review at least.
    pub min_chars: usize,
    /// Links at most; a review with more is held.
    pub links: usize,
    /// Whether a mail address or phone number in the text holds it.
    pub contact: bool,
    /// Words that reject a review, whole and without regard to case.
    pub blocked: BTreeSet<String>,
    /// Whether a text that says one thing again and again is held.
    pub repeated: bool,
    /// Words that praise, and words that complain. Praise with one star, or complaint with five, is held.
    pub praise: BTreeSet<String>,
    /// See [`praise`](Self::praise).
    pub complaint: BTreeSet<String>,
}

impl Default for Moderation {
    fn default() -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            auto_approve: false,
            min_chars: 10,
            links: 0,
            contact: true,
            blocked: BTreeSet::new(),
            repeated: true,
            praise: words(&["excellent", "perfect", "fantastic", "wonderful", "superb", "parfait", "wunderbar"]),
            complaint: words(&["terrible", "awful", "horrible", "scam", "worst", "furchtbar", "schrecklich"]),
        }
    }
}

/// What the rules say of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What is to become of it.
    pub verdict: Verdict,
    /// Why; none for what breaks no rule.
    pub reasons: Vec<Reason>,
}

/// What is to become of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Everybody may read it.
    Approve,
    /// A person decides.
    Hold,
    /// Nobody will read it.
    Reject,
}

/// A rule that a text breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It is too short to say anything.
    TooShort,
    /// It has more links than allowed.
    Links,
    /// It has a mail address or a phone number.
    Contact,
    /// It has a word that is not allowed.
    BlockedWord,
    /// It says one thing again and again.
    Repeated,
    /// Its words say something else than its stars.
    Contradiction,
}

impl Reason {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::Links => "links",
            Self::Contact => "contact",
            Self::BlockedWord => "blocked_word",
            Self::Repeated => "repeated",
            Self::Contradiction => "contradiction",
        }
    }

    fn verdict(self) -> Verdict {
        if self == Self::BlockedWord { Verdict::Reject } else { Verdict::Hold }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Words of which a text that repeats itself has at least.
const REPEATED: usize = 6;
/// Letters in a row that nobody writes.
const SAME: usize = 6;
/// Digits of a phone number at least.
const DIGITS: usize = 8;

impl Moderation {
    /// What the rules say of a title and text, beside so many stars.
    pub fn judge(&self, title: &str, text: &str, stars: u8) -> Judgement {
        let whole = format!("{title}\n{text}");
        let words: Vec<String> = whole.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        let has =
            |list: &BTreeSet<String>| words.iter().any(|word| list.iter().any(|listed| listed.to_lowercase() == *word));
        let breaks = [
            (Reason::TooShort, text.chars().count() < self.min_chars),
            (Reason::Links, links(&whole) > self.links),
            (Reason::Contact, self.contact && has_contact(&whole)),
            (Reason::BlockedWord, has(&self.blocked)),
            (Reason::Repeated, self.repeated && repeats(&whole, &words)),
            (Reason::Contradiction, stars <= 1 && has(&self.praise) || stars >= 5 && has(&self.complaint)),
        ];
        let reasons: Vec<Reason> = breaks.into_iter().filter(|(_, broken)| *broken).map(|(reason, _)| reason).collect();
        let least = if self.auto_approve { Verdict::Approve } else { Verdict::Hold };
        let verdict = reasons.iter().map(|reason| reason.verdict()).max().unwrap_or(least).max(least);
        Judgement { verdict, reasons }
    }

    pub(crate) fn validate(&self, path: &str, faults: &mut Faults) {
        for (name, list) in [("blocked", &self.blocked), ("praise", &self.praise), ("complaint", &self.complaint)] {
            for word in list.iter().filter(|word| word.is_empty() || !word.chars().all(char::is_alphanumeric)) {
                let message = format!("`{word}` is no single word, so it would never be found");
                faults.push(Fault::new(format!("{path}.{name}"), message));
            }
        }
    }
}

fn links(text: &str) -> usize {
    let lower = text.to_lowercase();
    ["://", "www."].iter().map(|mark| lower.matches(mark).count()).max().unwrap_or(0)
}

fn has_contact(text: &str) -> bool {
    let is_mail = |word: &str| {
        word.split_once('@').is_some_and(|(name, host)| {
            name.ends_with(char::is_alphanumeric) && host.starts_with(char::is_alphanumeric) && host.contains('.')
        })
    };
    text.split_whitespace().any(is_mail) || has_number(text)
}

/// Digits with nothing between them but what phone numbers are written with.
fn has_number(text: &str) -> bool {
    let mut digits = 0;
    text.chars().any(|c| {
        match c {
            _ if c.is_numeric() => digits += 1,
            ' ' | '-' | '.' | '/' | '(' | ')' | '+' | '\u{a0}' => {}
            _ => digits = 0,
        }
        digits >= DIGITS
    })
}

fn repeats(text: &str, words: &[&str]) -> bool {
    let distinct: BTreeSet<&&str> = words.iter().collect();
    let mut run = (None, 0);
    let drawn = text.chars().any(|c| {
        run = if run.0 == Some(c) { (run.0, run.1 + 1) } else { (Some(c), 1) };
        run.1 >= SAME && c.is_alphabetic()
    });
    drawn || words.len() >= REPEATED && distinct.len() * 3 <= words.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(title: &str, text: &str, stars: u8) -> Vec<Reason> {
        Moderation { blocked: ["idiot".to_owned()].into(), ..Moderation::default() }.judge(title, text, stars).reasons
    }

    #[test]
    fn each_rule_has_its_reason() {
        for (text, stars, expected) in [
            ("The seats are comfortable and the boot is large.", 4, vec![]),
            ("Good", 4, vec![Reason::TooShort]),
            ("Look at https://example.org for more of it.", 4, vec![Reason::Links]),
            ("Write to me: ada@example.org, I sell cheaper.", 4, vec![Reason::Contact]),
            ("Call me at +44 (0)20 7946-0018 for a better one.", 4, vec![Reason::Contact]),
            ("The seller is an IDIOT, but the car is fine.", 4, vec![Reason::BlockedWord]),
            ("buy buy buy buy buy buy buy buy buy", 4, vec![Reason::Repeated]),
            ("Sooooooooo good, the whole family loves it.", 4, vec![Reason::Repeated]),
            ("Excellent in every way, I would buy it again.", 1, vec![Reason::Contradiction]),
            ("A terrible car that broke on the first day.", 5, vec![Reason::Contradiction]),
            ("It did 12345 km in 2024 without any trouble.", 5, vec![]),
        ] {
            assert_eq!(reasons("My car", text, stars), expected, "{text}");
        }
    }

    #[test]
    fn a_person_decides_unless_the_desk_says_otherwise() {
        let held = Moderation::default();
        let quick = Moderation { auto_approve: true, ..Moderation::default() };
        let text = "The seats are comfortable and the boot is large.";
        assert_eq!(held.judge("Fine", text, 4).verdict, Verdict::Hold);
        assert_eq!(quick.judge("Fine", text, 4).verdict, Verdict::Approve);
        assert_eq!(quick.judge("Fine", "See www.example.org for it", 4).verdict, Verdict::Hold);
        let blocked = Moderation { blocked: ["boot".to_owned()].into(), ..quick };
        assert_eq!(blocked.judge("Fine", text, 4).verdict, Verdict::Reject);
    }

    #[test]
    fn nothing_is_held_for_being_long() {
        let text = "The seats are comfortable. ".repeat(400);
        // Saying it four hundred times is another matter.
        assert_eq!(reasons("Fine", &text, 4), [Reason::Repeated]);
    }
}
