//! What a hit is worth.
//!
//! The weights were chosen by hand over the questions in `benches/stackfaq`, near the middle of what does well there. The
//! README tells what they reach, and what is left of it where weights are tuned on one half and measured on the other.

use crate::{document::Lengths, found::Counts};

/// The least [confidence](support_core::domain::search::Hit::confidence) of an answer that is shown to somebody who did not
/// ask for a search, such as the writer of a ticket. Of answers so given to the questions of `benches/stackfaq`, half of which
/// have none, six in seven are right.
pub const CONFIDENCE: f32 = 0.6;

/// Words of a text of usual length. A constant, because an average would tell of what lies outside the scope.
const USUAL_WORDS: f32 = 400.0;
/// Words of a title of usual length.
const USUAL_TITLE: f32 = 8.0;

/// How soon a word that stands there again says nothing new.
const TEXT_FULL: f32 = 2.0;
const TITLE_FULL: f32 = 1.2;
/// How much the length counts: 0 not at all, 1 in proportion.
const TEXT_LENGTH: f32 = 0.9;
const TITLE_LENGTH: f32 = 0.4;
/// What the title is worth beside the text, the word itself beside its stem, and two neighbours in the title.
const TITLE: f32 = 1.5;
const ITSELF: f32 = 0.2;
const PAIR: f32 = 0.4;

/// What the beginning of a word, and one with a slip, are worth where the word itself stands nowhere.
const BEGINS: f32 = 0.8;
const SLIPPED: f32 = 0.6;
/// The same where it does: then others meant it, and these come below.
const BEGINS_BESIDE: f32 = 0.2;
const SLIPPED_BESIDE: f32 = 0.02;

/// Words up to which a document is about each of them.
const SHORT: f32 = 30.0;

/// A word of the question, weighed within the scope.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weight {
    /// Rare words tell more.
    rarity: f32,
    /// Its part of what the question asks for.
    share: f32,
    /// Whether the word itself stands somewhere within the scope.
    is_known: bool,
}

/// What a document has gathered.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Gathered {
    pub(crate) score: f32,
    covered: f32,
    pairs: f32,
    /// Words of the question that it holds, and that its title holds.
    pub(crate) words: u16,
    in_title: u16,
}

#[expect(clippy::cast_precision_loss, reason = "counts of documents need no more than 24 bits of precision here")]
fn rarity(holders: usize, documents: usize) -> f32 {
    let (holders, documents) = (holders as f32, documents.max(holders) as f32);
    (1.0 + (documents - holders + 0.5) / (holders + 0.5)).ln()
}

fn float(count: u16) -> f32 {
    f32::from(count)
}

#[expect(clippy::cast_precision_loss, reason = "lengths need no more than 24 bits of precision")]
fn length(words: u32) -> f32 {
    words as f32
}

/// A share of 1 that grows with `count`, towards the whole.
fn saturated(count: f32, full: f32) -> f32 {
    count / (count + full)
}

/// What depends on the length of a document alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    text: f32,
    title: f32,
    /// The same, for the confidence.
    dense: f32,
    words: f32,
    telling: f32,
}

impl Scale {
    pub(crate) fn new(lengths: Lengths, notes: bool) -> Self {
        let words = length(lengths.words) + if notes { length(lengths.notes) } else { 0.0 };
        Self {
            text: TEXT_FULL * (1.0 - TEXT_LENGTH + TEXT_LENGTH * words / USUAL_WORDS),
            title: TITLE_FULL * (1.0 - TITLE_LENGTH + TITLE_LENGTH * length(lengths.title) / USUAL_TITLE),
            dense: words / USUAL_WORDS,
            words,
            telling: length(lengths.telling),
        }
    }

    fn score(&self, text: u16, title: u16) -> f32 {
        (TEXT_FULL + 1.0) * saturated(float(text), self.text)
            + TITLE * (TITLE_FULL + 1.0) * saturated(float(title), self.title)
    }

    /// How much a document is about a word, up to 1.
    fn coverage(&self, text: u16, title: u16) -> f32 {
        (1.15 * saturated(float(text), self.dense) + 0.8 * saturated(float(title), self.title)).min(1.0)
    }
}

impl Weight {
    /// `holders` of the word itself, and of those like it, among so many documents within the scope.
    pub(crate) fn new(exact: usize, alike: usize, documents: usize) -> Self {
        let is_known = exact > 0;
        let rarity = rarity(if is_known { exact } else { alike }, documents);
        Self { rarity, share: rarity.powf(0.7), is_known }
    }

    /// Of a pair of neighbours.
    pub(crate) fn pair(holders: usize, documents: usize) -> Self {
        Self::new(holders, holders, documents)
    }

    pub(crate) fn share(&self) -> f32 {
        self.share
    }
}

impl Gathered {
    pub(crate) fn word(&mut self, weight: &Weight, counts: Counts, scale: &Scale) {
        self.words += 1;
        self.in_title += u16::from(counts.title > 0 || counts.title_begins > 0);
        if counts.is_exact() {
            let itself = ITSELF * (TEXT_FULL + 1.0) * saturated(float(counts.itself), scale.text);
            self.score += weight.rarity * (scale.score(counts.same, counts.title) + itself);
            self.covered += weight.share * scale.coverage(counts.same, counts.title);
        } else if counts.begins > 0 {
            let (worth, sure) = if weight.is_known { (BEGINS_BESIDE, 0.5) } else { (BEGINS, 1.0) };
            self.score += weight.rarity * worth * scale.score(counts.begins, counts.title_begins);
            self.covered += weight.share * sure * scale.coverage(counts.begins, counts.title_begins);
        } else {
            let (worth, sure) = if weight.is_known { (SLIPPED_BESIDE, 0.3) } else { (SLIPPED, 0.7) };
            self.score += weight.rarity * worth * scale.score(counts.slipped, 0);
            self.covered += weight.share * sure * scale.coverage(counts.slipped, 0);
        }
    }

    pub(crate) fn pair(&mut self, weight: &Weight) {
        self.score += PAIR * weight.rarity;
        self.pairs += weight.rarity;
    }

    /// How much of a question it speaks of whose words have these shares in all.
    pub(crate) fn confidence(&self, shares: f32, scale: &Scale) -> f32 {
        if shares <= 0.0 {
            return 0.0;
        }
        // Nobody looks for what stands in passing in a long text under another title.
        let titled = (float(self.in_title) / scale.telling).min(1.0);
        let focus = titled.max((SHORT / scale.words.max(1.0)).min(1.0));
        let closeness = (1.0 + 0.5 * self.pairs / shares).min(2.0);
        (self.covered / shares * (0.2 + 0.8 * focus) * closeness).clamp(0.0, 1.0)
    }
}
