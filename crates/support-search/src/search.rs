//! A search, from the question to the hits.

use crate::{
    document::{VALUE, key_of},
    error::Error,
    found::{Found, Place, look_up},
    question::Question,
    rank::{Gathered, Scale, Weight},
    schema::Fields,
    scope::Bounds,
    segment::{self, DocSet, Segment},
    snippet::snippet,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap},
};
use support_core::domain::search::{FACETS, Hit, Hits, Label, Matching, SearchQuery};
use tantivy::{DocAddress, DocId, Searcher, TantivyDocument, columnar::StrColumn, schema::Value};

/// Hits that are answered at once.
pub const HITS: u32 = 1_000;

/// Documents that are scored together.
const WINDOW: u32 = 4_096;

/// The index as of one commit.
pub(crate) struct Snapshot {
    pub(crate) searcher: Searcher,
    pub(crate) segments: Vec<Segment>,
    pub(crate) fields: Fields,
}

/// How a hit compares with others: the better is the greater.
#[derive(Debug, Clone, PartialEq)]
struct Rank {
    score: f32,
    place: segment::Place,
    confidence: f32,
    segment: u32,
    document: DocId,
}

impl Eq for Rank {}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let by_score = self.score.total_cmp(&other.score).then(self.place.cmp(&other.place));
        // Translations of one article that were changed at once: any order that does not change.
        by_score.then_with(|| (other.segment, other.document).cmp(&(self.segment, self.document)))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The best so far.
struct Best {
    most: usize,
    heap: BinaryHeap<Reverse<Rank>>,
}

impl Best {
    fn new(query: &SearchQuery) -> Self {
        let most = u64::from(query.skip) + u64::from(query.limit.min(HITS));
        Self { most: usize::try_from(most).unwrap_or(usize::MAX), heap: BinaryHeap::new() }
    }

    /// Whether a hit of this score could be one of them.
    fn wants(&self, score: f32) -> bool {
        self.most > 0 && (self.heap.len() < self.most || self.heap.peek().is_some_and(|worst| score >= worst.0.score))
    }

    fn push(&mut self, rank: Rank) {
        self.heap.push(Reverse(rank));
        if self.heap.len() > self.most {
            self.heap.pop();
        }
    }
}

/// How often each value of a label stands among the hits.
type Tally = BTreeMap<String, u64>;

impl Snapshot {
    /// Finds what fits.
    pub(crate) fn search(&self, query: &SearchQuery) -> Result<Hits, Error> {
        let question = Question::new(&query.text, query.language.as_deref());
        let bounds = Bounds::of(query);
        let nothing =
            || Hits { facets: query.facets.iter().map(|label| (*label, Vec::new())).collect(), ..Hits::default() };
        if question.words.is_empty() || bounds.are_empty() {
            return Ok(nothing());
        }
        let mut places = Vec::with_capacity(self.segments.len());
        let mut documents = 0;
        for segment in &self.segments {
            let within = bounds.within(segment, &self.fields)?;
            documents += within.1;
            places.push(Place::new(segment, &query.scope, within));
        }
        let found = look_up(&places, &question)?;
        drop(places);
        let weights = Weights::new(&found, &question, documents);
        let mut best = Best::new(query);
        let mut total = 0;
        let mut tallies: Vec<Tally> = query.facets.iter().map(|_| Tally::new()).collect();
        for ((number, segment), found) in (0..).zip(&self.segments).zip(&found) {
            let mut ordinals = Ordinals::new(segment, !query.facets.is_empty());
            let mut hit = |document: DocId, score: f32, confidence: f32| {
                total += 1;
                ordinals.count(document);
                if best.wants(score) {
                    let place = segment.columns.place(document);
                    best.push(Rank { score, place, confidence, segment: number, document });
                }
            };
            weights.score(segment, found, query, &mut hit);
            ordinals.add_to(&mut tallies, &query.facets)?;
        }
        let mut ranks: Vec<Rank> = best.heap.into_iter().map(|Reverse(rank)| rank).collect();
        ranks.sort_unstable_by(|one, other| other.cmp(one));
        let items = ranks
            .iter()
            .skip(query.skip as usize)
            .map(|rank| self.hit(rank, &question, query.scope.notes()))
            .collect::<Result<_, _>>()?;
        let facets = query.facets.iter().copied().zip(tallies.into_iter().map(most_frequent)).collect();
        Ok(Hits { items, total, facets })
    }

    fn hit(&self, rank: &Rank, question: &Question, notes: bool) -> Result<Hit, Error> {
        let kept: TantivyDocument = self.searcher.doc(DocAddress::new(rank.segment, rank.document))?;
        let text = |field| kept.get_first(field).and_then(|value| value.as_str()).unwrap_or_default();
        let term = text(self.fields.key);
        let key = key_of(term).ok_or_else(|| Error::Key(term.to_owned()))?;
        let aside = if notes { text(self.fields.noted) } else { "" };
        let snippet = snippet(text(self.fields.text), aside, question);
        Ok(Hit { key, score: rank.score, confidence: rank.confidence, snippet })
    }
}

fn most_frequent(tally: Tally) -> Vec<(String, u64)> {
    let mut values: Vec<(String, u64)> = tally.into_iter().collect();
    // Stable, so that equal counts stay in the order of their names.
    values.sort_by_key(|(_, count)| Reverse(*count));
    values.truncate(FACETS);
    values
}

/// Counts of the labels of one segment, by their place in its dictionary, which may be far larger than the hits are many.
struct Ordinals<'a> {
    column: Option<&'a StrColumn>,
    counts: HashMap<u64, u64>,
}

impl<'a> Ordinals<'a> {
    fn new(segment: &'a Segment, wanted: bool) -> Self {
        let column = segment.columns.labels().filter(|_| wanted);
        Self { column, counts: HashMap::new() }
    }

    fn count(&mut self, document: DocId) {
        if let Some(column) = self.column {
            for ordinal in column.term_ords(document) {
                *self.counts.entry(ordinal).or_default() += 1;
            }
        }
    }

    fn add_to(&self, tallies: &mut [Tally], labels: &[Label]) -> Result<(), Error> {
        let Some(column) = self.column else { return Ok(()) };
        let mut counted: Vec<(u64, u64)> = self.counts.iter().map(|(ordinal, count)| (*ordinal, *count)).collect();
        counted.sort_unstable();
        let ordinals: Vec<u64> = counted.iter().map(|(ordinal, _)| *ordinal).collect();
        let mut counts = counted.iter().map(|(_, count)| *count);
        // In their order, so that each block of the dictionary is read once.
        column.dictionary().sorted_ords_to_term_cb(&ordinals, |term| {
            let count = counts.next().unwrap_or_default();
            let Some((name, value)) = std::str::from_utf8(term).ok().and_then(|term| term.split_once(VALUE)) else {
                return;
            };
            for (tally, _) in tallies.iter_mut().zip(labels).filter(|(_, label)| label.as_str() == name) {
                *tally.entry(value.to_owned()).or_default() += count;
            }
        })?;
        Ok(())
    }
}

/// The words and pairs of a question, weighed by what was found within the scope.
struct Weights {
    words: Vec<Weight>,
    pairs: Vec<Weight>,
    shares: f32,
}

impl Weights {
    fn new(found: &[Found], question: &Question, documents: usize) -> Self {
        let words: Vec<Weight> = (0..question.words.len())
            .map(|word| {
                let holders = || found.iter().flat_map(|found| &found.words[word]);
                let exact = holders().filter(|(_, counts)| counts.is_exact()).count();
                Weight::new(exact, holders().count(), documents)
            })
            .collect();
        let pairs = (0..question.pairs.len())
            .map(|pair| Weight::pair(found.iter().map(|found| found.pairs[pair].len()).sum(), documents))
            .collect();
        let shares = words.iter().map(Weight::share).sum();
        Self { words, pairs, shares }
    }

    /// Hands on every hit of a segment, in the order of its documents.
    fn score(&self, segment: &Segment, found: &Found, query: &SearchQuery, hit: &mut impl FnMut(DocId, f32, f32)) {
        let notes = query.scope.notes();
        let least = match query.matching {
            Matching::Any => 1,
            Matching::All => u16::try_from(self.words.len()).unwrap_or(u16::MAX),
        };
        let scale = |document| Scale::new(segment.columns.lengths(document), notes);
        let mut words: Vec<_> = found.words.iter().map(|holders| &holders[..]).collect();
        let mut pairs: Vec<_> = found.pairs.iter().map(|holders| &holders[..]).collect();
        let mut window = vec![Gathered::default(); WINDOW as usize];
        // Most windows hold a few hits only.
        let mut touched = DocSet::empty(WINDOW);
        while let Some(first) = words.iter().filter_map(|rest| rest.first()).map(|(document, _)| *document).min() {
            let start = first / WINDOW * WINDOW;
            let end = start.saturating_add(WINDOW);
            for (rest, weight) in words.iter_mut().zip(&self.words) {
                let (here, behind) = rest.split_at(rest.partition_point(|(document, _)| *document < end));
                for (document, counts) in here {
                    touched.insert(document - start);
                    window[(document - start) as usize].word(weight, *counts, &scale(*document));
                }
                *rest = behind;
            }
            for (rest, weight) in pairs.iter_mut().zip(&self.pairs) {
                let (here, behind) = rest.split_at(rest.partition_point(|document| *document < end));
                for document in
                    here.iter().filter(|document| **document >= start && touched.contains(**document - start))
                {
                    window[(document - start) as usize].pair(weight);
                }
                *rest = behind;
            }
            for place in touched.drain() {
                let (document, gathered) = (start + place, std::mem::take(&mut window[place as usize]));
                if gathered.words >= least {
                    let confidence = gathered.confidence(self.shares, &scale(document));
                    if confidence >= query.confidence {
                        hit(document, gathered.score, confidence);
                    }
                }
            }
        }
    }
}
