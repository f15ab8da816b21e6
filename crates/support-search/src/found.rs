//! Where in a segment the words of a question stand.

use crate::{
    error::Error,
    question::{Asked, Question},
    segment::{DocSet, Segment},
};
use support_core::domain::search::{Corpus, SearchScope};
use tantivy::{
    DocId, InvertedIndexReader, Term,
    postings::BlockSegmentPostings,
    query::{DfaWrapper, FuzzyTermQuery},
    schema::{Field, IndexRecordOption},
};

/// Words that are tried for the beginning of one, and for one with a slip, in each segment.
const BEGINNINGS: usize = 1_000;
const SLIPPED: usize = 50;

/// Words of a question that is short, and of one that is very short.
const SHORT: usize = 5;
const VERY_SHORT: usize = 3;

/// One document in so many within the scope, and the others are skipped: a block of a list holds 128.
const SKIPPED: usize = 256;

/// Documents that are looked at together: what is counted of them fits into the nearest cache.
const WINDOW: u32 = 4_096;

/// How a term stands for a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// It is the word itself.
    Itself,
    /// It is the word, or has its stem.
    Same,
    /// So in the title.
    Title,
    /// It begins with the word.
    Begins,
    /// So in the title.
    TitleBegins,
    /// It differs by a slip of the keyboard.
    Slipped,
}

/// How often a word stands in a document, by [`Form`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) itself: u16,
    pub(crate) same: u16,
    pub(crate) title: u16,
    pub(crate) begins: u16,
    pub(crate) title_begins: u16,
    pub(crate) slipped: u16,
}

impl Counts {
    fn add(&mut self, form: Form, times: u32) {
        let times = u16::try_from(times).unwrap_or(u16::MAX);
        let most = |count: &mut u16| *count = (*count).max(times);
        match form {
            Form::Itself => {
                most(&mut self.itself);
                most(&mut self.same);
            }
            // The stem counts each place where the word itself stands too.
            Form::Same => most(&mut self.same),
            Form::Title => most(&mut self.title),
            Form::Begins => self.begins = self.begins.saturating_add(times),
            Form::TitleBegins => self.title_begins = self.title_begins.saturating_add(times),
            Form::Slipped => self.slipped = self.slipped.saturating_add(times),
        }
    }

    /// Whether the word is there, not only one like it.
    pub(crate) fn is_exact(&self) -> bool {
        self.same > 0
    }
}

/// The documents of a segment that hold a word, in their order.
pub(crate) type Holders = Vec<(DocId, Counts)>;

/// The fields that are searched in a segment.
pub(crate) struct Place<'a> {
    segment: &'a Segment,
    corpus: Corpus,
    notes: bool,
    /// Which documents may be met; `None` for all.
    within: Option<DocSet>,
    /// How many those are.
    count: usize,
}

struct List {
    form: Form,
    postings: BlockSegmentPostings,
    /// The next document within the block.
    next: usize,
}

impl<'a> Place<'a> {
    pub(crate) fn new(segment: &'a Segment, scope: &SearchScope, (within, count): (Option<DocSet>, usize)) -> Self {
        Self { segment, corpus: scope.corpus(), notes: scope.notes(), within, count }
    }

    fn words(&self) -> impl Iterator<Item = &InvertedIndexReader> {
        let notes = self.notes.then_some(&*self.segment.notes);
        std::iter::once(&*self.segment.parts(self.corpus)[0]).chain(notes)
    }

    fn title(&self) -> &InvertedIndexReader {
        &self.segment.parts(self.corpus)[1]
    }

    /// Where a word stands, or one with such slips.
    fn word(&self, asked: &Asked, slips: Option<&Slips>) -> Result<Holders, Error> {
        let mut lists = Vec::new();
        for index in self.words() {
            push(&mut lists, index, &asked.folded, Form::Itself)?;
            for stem in &asked.stems {
                push(&mut lists, index, stem, Form::Same)?;
            }
        }
        push(&mut lists, self.title(), &asked.folded, Form::Title)?;
        for stem in &asked.stems {
            push(&mut lists, self.title(), stem, Form::Title)?;
        }
        if asked.open {
            for index in self.words() {
                begins(&mut lists, index, &asked.folded, Form::Begins)?;
            }
            begins(&mut lists, self.title(), &asked.folded, Form::TitleBegins)?;
        }
        if let Some(slips) = slips {
            for index in self.words() {
                slips.push(&mut lists, index, asked)?;
            }
        }
        Ok(self.holders(lists))
    }

    /// In which titles a pair of neighbours stands.
    pub(crate) fn pair(&self, pair: &str) -> Result<Vec<DocId>, Error> {
        let mut lists = Vec::new();
        push(&mut lists, self.title(), pair, Form::Title)?;
        Ok(self.holders(lists).into_iter().map(|(document, _)| document).collect())
    }

    fn holders(&self, mut lists: Vec<List>) -> Holders {
        let mut holders = Holders::new();
        if let Some(few) = self.few() {
            for document in few.iter() {
                let mut counts = Counts::default();
                for list in &mut lists {
                    list.look(document, &mut counts);
                }
                if counts != Counts::default() {
                    holders.push((document, counts));
                }
            }
            return holders;
        }
        if let [list] = &mut lists[..] {
            list.take(u32::MAX, |form, document, times| {
                if self.admits(document) {
                    let mut counts = Counts::default();
                    counts.add(form, times);
                    holders.push((document, counts));
                }
            });
            return holders;
        }
        let mut window = vec![Counts::default(); WINDOW as usize];
        let mut touched = [0_u64; WINDOW as usize / 64];
        while let Some(first) = lists.iter().filter_map(List::first).min() {
            let start = first / WINDOW * WINDOW;
            for list in &mut lists {
                list.take(start.saturating_add(WINDOW), |form, document, times| {
                    let place = (document - start) as usize;
                    touched[place / 64] |= 1 << (place % 64);
                    window[place].add(form, times);
                });
            }
            for (word, bits) in (0_u32..).zip(&mut touched) {
                while *bits != 0 {
                    let place = word * 64 + bits.trailing_zeros();
                    *bits &= *bits - 1;
                    let counts = std::mem::take(&mut window[place as usize]);
                    if self.admits(start + place) {
                        holders.push((start + place, counts));
                    }
                }
            }
        }
        holders
    }

    /// What lies within, where it is so little that the rest is better skipped.
    fn few(&self) -> Option<&DocSet> {
        let most = self.segment.reader.max_doc() as usize / SKIPPED;
        self.within.as_ref().filter(|_| self.count <= most)
    }

    fn admits(&self, document: DocId) -> bool {
        self.within.as_ref().is_none_or(|within| within.contains(document))
    }
}

impl List {
    /// Looks for one document, which lies behind those that were looked for before.
    fn look(&mut self, document: DocId, counts: &mut Counts) {
        let at = self.postings.seek(document);
        if self.postings.docs().get(at) == Some(&document) {
            counts.add(self.form, self.postings.freq(at));
        }
    }

    fn first(&self) -> Option<DocId> {
        self.postings.docs().get(self.next).copied()
    }

    /// Hands on what lies before `end`.
    fn take(&mut self, end: DocId, mut take: impl FnMut(Form, DocId, u32)) {
        loop {
            let documents = self.postings.docs();
            if documents.is_empty() {
                return;
            }
            for (document, times) in documents[self.next..].iter().zip(&self.postings.freqs()[self.next..]) {
                if *document >= end {
                    return;
                }
                self.next += 1;
                take(self.form, *document, *times);
            }
            self.postings.advance();
            self.next = 0;
        }
    }
}

/// The bytes of a term do not depend on its field.
fn term(text: &str) -> Term {
    Term::from_field_text(Field::from_field_id(0), text)
}

fn push(lists: &mut Vec<List>, index: &InvertedIndexReader, text: &str, form: Form) -> Result<(), Error> {
    let postings = index.read_block_postings(&term(text), IndexRecordOption::WithFreqs)?;
    lists.extend(postings.map(|postings| List { form, postings, next: 0 }));
    Ok(())
}

/// The first text behind all that begin with this one. Every word ends before the last sign that there is.
fn behind(text: &str) -> String {
    format!("{text}{}", char::MAX)
}

fn begins(lists: &mut Vec<List>, index: &InvertedIndexReader, word: &str, form: Form) -> Result<(), Error> {
    let mut terms = index.terms().range().gt(word).lt(behind(word)).into_stream()?;
    let mut left = BEGINNINGS;
    while left > 0 && terms.advance() {
        let postings = index.read_block_postings_from_terminfo(terms.value(), IndexRecordOption::WithFreqs)?;
        lists.push(List { form, postings, next: 0 });
        left -= 1;
    }
    Ok(())
}

/// What a word may be with slips in it. Made once for all segments: to make it costs more than to use it.
struct Slips {
    automaton: DfaWrapper,
    /// Slips are seldom in the first letter, and two of them in the second; to look for them there would cost more than all
    /// the others.
    right: String,
}

impl Slips {
    fn new(asked: &Asked, slips: usize) -> Result<Option<Self>, Error> {
        let distance = match slips {
            0 => return Ok(None),
            1 => 1,
            _ => 2,
        };
        let automaton = FuzzyTermQuery::new(term(&asked.folded), distance, true).automaton()?;
        Ok(Some(Self { automaton, right: asked.folded.chars().take(distance.into()).collect() }))
    }

    fn push(&self, lists: &mut Vec<List>, index: &InvertedIndexReader, asked: &Asked) -> Result<(), Error> {
        let matching = index.terms().search(&self.automaton);
        let mut terms = matching.ge(&self.right).lt(behind(&self.right)).into_stream()?;
        let mut left = SLIPPED;
        while left > 0 && terms.advance() {
            let word = asked.folded.as_bytes();
            if terms.key() == word || (asked.open && terms.key().starts_with(word)) {
                continue;
            }
            let postings = index.read_block_postings_from_terminfo(terms.value(), IndexRecordOption::WithFreqs)?;
            lists.push(List { form: Form::Slipped, postings, next: 0 });
            left -= 1;
        }
        Ok(())
    }
}

/// What was found of a question in a segment.
pub(crate) struct Found {
    /// By word of the question.
    pub(crate) words: Vec<Holders>,
    /// By pair of it.
    pub(crate) pairs: Vec<Vec<DocId>>,
}

/// Looks in each segment. In a short question every word may have a slip. In a longer one only a word may that stands
/// nowhere within, as the others say enough; and in a very short one such a word may have two. What stands within decides,
/// nothing else: an answer must not tell of what lies outside.
pub(crate) fn look_up(places: &[Place<'_>], question: &Question) -> Result<Vec<Found>, Error> {
    let mut found: Vec<Found> = places.iter().map(|_| Found { words: Vec::new(), pairs: Vec::new() }).collect();
    for asked in &question.words {
        let many = question.words.len();
        let more = [usize::from(many <= SHORT), 1, 1 + usize::from(many <= VERY_SHORT)];
        let mut holders = Vec::new();
        let mut last = None;
        for slips in more.map(|slips| slips.min(asked.slips)) {
            if last.replace(slips) != Some(slips) {
                holders = look_up_word(places, asked, slips)?;
            }
            if holders.iter().any(|holders| !holders.is_empty()) {
                break;
            }
        }
        for (found, holders) in found.iter_mut().zip(holders) {
            found.words.push(holders);
        }
    }
    for pair in &question.pairs {
        for (found, place) in found.iter_mut().zip(places) {
            found.pairs.push(place.pair(pair)?);
        }
    }
    Ok(found)
}

fn look_up_word(places: &[Place<'_>], asked: &Asked, slips: usize) -> Result<Vec<Holders>, Error> {
    let slips = Slips::new(asked, slips)?;
    places.iter().map(|place| place.word(asked, slips.as_ref())).collect()
}
