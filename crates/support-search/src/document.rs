//! An article or ticket as the index keeps it.

use crate::{
    language::Languages,
    schema::{Fields, Parts},
    words::{Word, words},
};
use chrono::{DateTime, Utc};
use support_core::domain::{
    access::ScopeTerm,
    search::{Corpus, Label, SearchKey, Searchable, Sight},
};
use tantivy::TantivyDocument;
use uuid::Uuid;

/// Bytes of a text, and of its notes, that are kept and found. Some 40,000 words.
pub const TEXT_BYTES: usize = 256 * 1024;
/// Bytes of a title that are found.
pub const TITLE_BYTES: usize = 4 * 1024;
/// Bytes of the value of a label, and of a number.
pub const LABEL_BYTES: usize = 256;
/// Labels of a document.
pub const LABELS: usize = 256;

/// Before a pair of neighbours, which no word begins like.
const PAIR: char = '\u{2}';
/// Different terms of pairs. Each title has its own, and a dictionary of them all would be larger than that of the words;
/// that two pairs of a title and a question share a term by chance changes no more than a little of a score.
const PAIRS: u32 = 1 << 16;
/// Between a label and its value.
pub(crate) const VALUE: char = '\u{1f}';

/// How long the parts of a document are, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lengths {
    /// Everything but notes.
    pub(crate) words: u32,
    pub(crate) notes: u32,
    pub(crate) title: u32,
    /// Words of the title that say what it is about, at least 1.
    pub(crate) telling: u32,
}

impl Lengths {
    pub(crate) fn pack(self) -> u64 {
        let cut = |value: u32, bits: u32| u64::from(value.min((1 << bits) - 1));
        cut(self.words, 24) << 40 | cut(self.notes, 24) << 16 | cut(self.title, 8) << 8 | cut(self.telling, 8)
    }

    pub(crate) fn unpack(packed: u64) -> Self {
        let take = |shift: u32, bits: u32| u32::try_from(packed >> shift & ((1 << bits) - 1)).unwrap_or(u32::MAX);
        Self { words: take(40, 24), notes: take(16, 24), title: take(8, 8), telling: take(0, 8) }
    }
}

/// The beginning of a text, up to so many bytes.
pub(crate) fn beginning(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// The term under which a document is replaced and removed.
pub(crate) fn key_term(key: &SearchKey) -> String {
    format!("{}:{}:{}", key.corpus.as_str(), key.id, beginning(&key.language, LABEL_BYTES))
}

/// The key of a term. `None` for one that no index wrote.
pub(crate) fn key_of(term: &str) -> Option<SearchKey> {
    let mut parts = term.splitn(3, ':');
    let name = parts.next()?;
    let corpus = Corpus::ALL.into_iter().find(|corpus| corpus.as_str() == name)?;
    let id = Uuid::parse_str(parts.next()?).ok()?;
    Some(SearchKey { corpus, id, language: parts.next()?.to_owned() })
}

pub(crate) fn label_term(label: Label, value: &str) -> String {
    format!("{}{VALUE}{}", label.as_str(), beginning(value, LABEL_BYTES))
}

/// Articles, whoever may read them.
pub(crate) const ARTICLE: &str = "article";
/// Drafts, which are the exception among articles.
pub(crate) const DRAFT: &str = "draft";

pub(crate) fn scope_term(term: ScopeTerm) -> String {
    match term {
        ScopeTerm::Customer(id) => format!("customer:{id}"),
        ScopeTerm::Assignee(id) => format!("assignee:{id}"),
        ScopeTerm::Unassigned => "unassigned".to_owned(),
    }
}

fn sight_terms(sight: Sight) -> Vec<String> {
    match sight {
        Sight::Everybody => vec![ARTICLE.to_owned()],
        Sight::Staff => vec![ARTICLE.to_owned(), DRAFT.to_owned()],
        Sight::Ticket(holding) => {
            let assignee = holding.assignee.map_or(ScopeTerm::Unassigned, ScopeTerm::Assignee);
            vec![scope_term(ScopeTerm::Customer(holding.customer)), scope_term(assignee)]
        }
    }
}

/// The moment in microseconds: finer than it is told, so that the order of changes is kept.
pub(crate) fn moment(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// The two halves of an id, which are ordered as the id is.
pub(crate) fn halves(id: Uuid) -> [u64; 2] {
    let (high, low) = id.as_u64_pair();
    [high, low]
}

/// What stands for a word where its neighbours matter.
pub(crate) fn base(languages: &Languages, word: &Word) -> String {
    let mut base = None;
    languages.stems(word, |stem| {
        base.get_or_insert_with(|| stem.to_owned());
    });
    base.unwrap_or_else(|| word.folded.clone())
}

/// The term of two neighbours. Its hash (FNV-1a) is kept in files, so it must stay the same.
pub(crate) fn pair(first: &str, second: &str) -> String {
    let bytes = first.bytes().chain([b' ']).chain(second.bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{PAIR}{:x}", (hash ^ hash >> 16) % PAIRS)
}

/// Terms of a field, with a space between them: nothing that comes from a document holds one.
#[derive(Default)]
struct Terms(String);

impl Terms {
    fn push(&mut self, term: &str) {
        self.0.push_str(term);
        self.0.push(' ');
    }

    fn words(&mut self, words: &[Word], languages: &Languages) {
        for word in words {
            self.push(&word.folded);
            languages.stems(word, |stem| {
                if stem != word.folded {
                    self.push(stem);
                }
            });
        }
    }
}

fn count(words: &[Word]) -> u32 {
    u32::try_from(words.len()).unwrap_or(u32::MAX)
}

/// The words by which a number is found: its parts, and all of them in one, as people type it who know it by heart.
fn number_words(number: &str) -> Vec<Word> {
    let number = beginning(number, LABEL_BYTES);
    let parts: Vec<Word> = words(number).collect();
    let joined: String = parts.iter().map(|word| word.folded.as_str()).collect();
    let joined = words(&joined).collect::<Vec<_>>();
    if parts.len() > 1 { [parts, joined].concat() } else { parts }
}

/// Everything that the index keeps of it.
pub(crate) fn document(fields: &Fields, searchable: &Searchable) -> TantivyDocument {
    let labels: Vec<_> = searchable.labels.iter().take(LABELS).collect();
    let text = beginning(&searchable.text, TEXT_BYTES);
    let notes = beginning(&searchable.notes, TEXT_BYTES);
    let title: Vec<Word> = words(beginning(&searchable.title, TITLE_BYTES)).collect();
    let said: Vec<Word> = words(text).collect();
    let aside: Vec<Word> = words(notes).collect();
    let tags = labels.iter().filter(|(label, _)| *label == Label::Tag);
    let mut named: Vec<Word> = tags.flat_map(|(_, tag)| words(beginning(tag, LABEL_BYTES))).collect();
    named.extend(searchable.number.as_deref().map(number_words).unwrap_or_default());
    let labelled = labels.iter().find(|(label, _)| *label == Label::Language).map(|(_, tag)| tag.as_str());
    let language = Some(searchable.key.language.as_str()).filter(|tag| !tag.is_empty()).or(labelled);
    let languages = Languages::of(language, title.iter().chain(&said).chain(&aside));

    let mut document = TantivyDocument::new();
    let Parts { words: words_field, title: title_field } = match searchable.key.corpus {
        Corpus::Articles => fields.articles,
        Corpus::Tickets => fields.tickets,
    };
    let mut terms = Terms::default();
    let mut above = Terms::default();
    for part in [&title, &named] {
        terms.words(part, &languages);
        above.words(part, &languages);
    }
    terms.words(&said, &languages);
    let bases: Vec<String> = title.iter().map(|word| base(&languages, word)).collect();
    for neighbours in bases.windows(2) {
        above.push(&pair(&neighbours[0], &neighbours[1]));
    }
    document.add_text(words_field, terms.0);
    document.add_text(title_field, above.0);
    if !aside.is_empty() {
        let mut terms = Terms::default();
        terms.words(&aside, &languages);
        document.add_text(fields.notes, terms.0);
        document.add_text(fields.noted, notes);
    }
    if !said.is_empty() {
        document.add_text(fields.text, text);
    }
    for (label, value) in labels {
        document.add_text(fields.label, label_term(*label, value));
    }
    for term in sight_terms(searchable.sight) {
        document.add_text(fields.sight, term);
    }
    let telling = title.iter().filter(|word| !languages.is_little(&word.folded)).count().max(1);
    let lengths = Lengths {
        words: count(&title).saturating_add(count(&named)).saturating_add(count(&said)),
        notes: count(&aside),
        title: count(&title),
        telling: u32::try_from(telling).unwrap_or(u32::MAX),
    };
    document.add_u64(fields.lengths, lengths.pack());
    document.add_i64(fields.at, moment(searchable.at));
    for (field, half) in fields.id.into_iter().zip(halves(searchable.key.id)) {
        document.add_u64(field, half);
    }
    document.add_text(fields.key, key_term(&searchable.key));
    document
}

#[cfg(test)]
mod tests {
    use super::{Lengths, beginning, key_of, key_term, number_words};
    use support_core::domain::search::SearchKey;
    use uuid::Uuid;

    #[test]
    fn lengths_are_packed_and_cut() {
        let lengths = Lengths { words: 431, notes: 17, title: 6, telling: 3 };
        assert_eq!(Lengths::unpack(lengths.pack()), lengths);
        let most = Lengths { words: u32::MAX, notes: u32::MAX, title: 999, telling: 999 };
        let cut = Lengths { words: (1 << 24) - 1, notes: (1 << 24) - 1, title: 255, telling: 255 };
        assert_eq!(Lengths::unpack(most.pack()), cut);
    }

    #[test]
    fn a_key_comes_back_from_its_term() {
        for language in ["", "en", "a:b"] {
            let key = SearchKey::article(Uuid::from_u128(7), language);
            assert_eq!(key_of(&key_term(&key)), Some(key));
        }
        assert_eq!(key_of("elsewhere:7:"), None);
    }

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(beginning("aé", 2), "a");
        assert_eq!(beginning("aé", 3), "aé");
        assert_eq!(beginning("aé", 99), "aé");
    }

    #[test]
    fn a_number_is_found_in_one_piece_too() {
        let words: Vec<_> = number_words("T-0042").into_iter().map(|word| word.folded).collect();
        assert_eq!(words, ["t", "0042", "t0042"]);
    }
}
