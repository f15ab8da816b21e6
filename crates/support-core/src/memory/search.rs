//! Finding by words, the plain way: every row is looked at.

use super::store::MemoryStore;
use crate::{
    domain::search::{Batch, FACETS, Hit, Hits, Label, Matching, SearchKey, SearchQuery, Searchable, Snippet},
    ports::{StoreError, search::Search},
};
use async_trait::async_trait;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

#[derive(Debug, Default)]
pub(super) struct Index {
    rows: BTreeMap<SearchKey, Searchable>,
    bookmark: Option<String>,
}

/// A query is cut to so many words.
const WORDS: usize = 32;
/// Characters of a snippet, and of what stands before its first word.
const PIECE: usize = 200;
const BEFORE: usize = 60;

#[async_trait]
impl Search for MemoryStore {
    async fn index(&self, batch: &Batch) -> Result<(), StoreError> {
        let index = &mut self.rows().index;
        for key in &batch.remove {
            index.rows.remove(key);
        }
        index.rows.extend(batch.put.iter().map(|row| (row.key.clone(), row.clone())));
        if batch.bookmark.is_some() {
            index.bookmark.clone_from(&batch.bookmark);
        }
        Ok(())
    }

    async fn bookmark(&self) -> Result<Option<String>, StoreError> {
        Ok(self.rows().index.bookmark.clone())
    }

    async fn clear_index(&self) -> Result<(), StoreError> {
        self.rows().index = Index::default();
        Ok(())
    }

    async fn search(&self, query: &SearchQuery) -> Result<Hits, StoreError> {
        let wanted = Wanted::of(&query.text);
        let rows = self.rows();
        let lies_in = |row: &&Searchable| {
            query.scope.corpus() == row.key.corpus
                && query.scope.admits(row.sight)
                && query.labels.iter().all(|label| row.labels.contains(label))
        };
        let found = |row| wanted.hit(query, row).map(|hit| (hit, row));
        let mut hits: Vec<(Hit, &Searchable)> = rows.index.rows.values().filter(lies_in).filter_map(found).collect();
        hits.sort_by(|(one, a), (other, b)| {
            other.score.total_cmp(&one.score).then(b.at.cmp(&a.at)).then(b.key.cmp(&a.key))
        });
        let facets = query.facets.iter().map(|label| (*label, facet(*label, &hits))).collect();
        let total = hits.len() as u64;
        let page = hits.into_iter().skip(query.skip as usize).take(query.limit as usize);
        Ok(Hits { items: page.map(|(hit, _)| hit).collect(), total, facets })
    }

    async fn scrub_index(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

fn facet(label: Label, hits: &[(Hit, &Searchable)]) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, row) in hits {
        for (_, value) in row.labels.iter().filter(|(of, _)| *of == label) {
            *counts.entry(value).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, u64)> = counts.into_iter().map(|(value, n)| (value.to_owned(), n)).collect();
    counts.sort_by_key(|(_, n)| Reverse(*n));
    counts.truncate(FACETS);
    counts
}

/// The words of a query, folded, each once; the last may go on.
struct Wanted(Vec<String>);

impl Wanted {
    fn of(text: &str) -> Self {
        let mut seen = BTreeSet::new();
        let words = words(text).map(|(_, word)| word).filter(|word| seen.insert(word.clone()));
        Self(words.take(WORDS).collect())
    }

    fn hit(&self, query: &SearchQuery, row: &Searchable) -> Option<Hit> {
        let notes = if query.scope.notes() { row.notes.as_str() } else { "" };
        let tags = row.labels.iter().filter(|(label, _)| *label == Label::Tag).map(|(_, tag)| tag.as_str());
        let number = row.number.as_deref().unwrap_or_default();
        let weighed = [(4.0, row.title.as_str()), (1.0, row.text.as_str()), (1.0, notes), (4.0, number)];
        let fields = weighed.into_iter().chain(tags.map(|tag| (2.0, tag)));
        let held: Vec<(f32, BTreeSet<String>)> =
            fields.map(|(weight, text)| (weight, words(text).map(|(_, word)| word).collect())).collect();
        let weight = |place: usize, word: &String| {
            let holds = |words: &BTreeSet<String>| self.meets(place, word, words);
            held.iter().filter(|(_, words)| holds(words)).map(|(weight, _)| *weight).fold(0.0_f32, f32::max)
        };
        let weights: Vec<f32> = self.0.iter().enumerate().map(|(place, word)| weight(place, word)).collect();
        let met = weights.iter().filter(|weight| **weight > 0.0).count();
        let enough = if query.matching == Matching::All { self.0.len() } else { 1 };
        #[expect(clippy::cast_precision_loss, reason = "at most 32 words")]
        let confidence = if self.0.is_empty() { 0.0 } else { met as f32 / self.0.len() as f32 };
        let found = met > 0 && met >= enough && confidence >= query.confidence;
        found.then(|| Hit {
            key: row.key.clone(),
            score: weights.iter().sum(),
            confidence,
            snippet: self.snippet(&[row.text.as_str(), notes]),
        })
    }

    fn meets(&self, place: usize, word: &str, words: &BTreeSet<String>) -> bool {
        let last = place + 1 == self.0.len();
        words.contains(word) || last && words.range(word.to_owned()..).next().is_some_and(|next| next.starts_with(word))
    }

    /// Of the first text that holds one of the words, the piece around it; else how the first one begins.
    fn snippet(&self, texts: &[&str]) -> Snippet {
        let marks = |text: &str| -> Vec<(usize, usize)> {
            let wanted = |word: &str| {
                let among = [word.to_owned()].into();
                self.0.iter().enumerate().any(|(place, wanted)| self.meets(place, wanted, &among))
            };
            words(text).filter(|(_, word)| wanted(word)).map(|((from, to), _)| (from, to)).collect()
        };
        let found = texts.iter().map(|text| (*text, marks(text))).find(|(_, marks)| !marks.is_empty());
        let (text, marks) = found.unwrap_or((texts.first().copied().unwrap_or_default(), Vec::new()));
        let first = marks.first().map_or(0, |(from, _)| *from);
        let start = text[..first].char_indices().rev().take(BEFORE).last().map_or(first, |(at, _)| at);
        let end = text[start..].char_indices().nth(PIECE).map_or(text.len(), |(at, _)| start + at);
        let inside = marks.into_iter().filter(|(_, to)| *to <= end);
        Snippet {
            text: text[start..end].to_owned(),
            marks: inside.map(|(from, to)| from - start..to - start).collect(),
        }
    }
}

/// The words of a text with where they stand, in lower case and without accents.
fn words(text: &str) -> impl Iterator<Item = ((usize, usize), String)> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while rest.next_if(|(_, c)| !c.is_alphanumeric()).is_some() {}
        let (from, _) = *rest.peek()?;
        let (mut to, mut word) = (from, String::new());
        while let Some((at, c)) = rest.next_if(|(_, c)| c.is_alphanumeric() || is_mark(*c)) {
            to = at + c.len_utf8();
            word.extend(c.to_lowercase().filter(|c| !is_mark(*c)).map(bare));
        }
        Some(((from, to), word))
    })
}

/// The marks that accents are written with where they are not part of their letter.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Latin letters without their accents. Not all of them: other stores know more, and nobody keeps a desk here.
fn bare(c: char) -> char {
    match c {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        _ => c,
    }
}
