//! A piece of the index, opened for reading.

use crate::{
    document::{ARTICLE, DRAFT, Lengths},
    error::Error,
    schema::{Fields, Parts, column},
};
use std::sync::Arc;
use support_core::domain::search::Corpus;
use tantivy::{
    DocId, InvertedIndexReader, SegmentReader, Term,
    columnar::{Column, StrColumn},
    schema::{Field, IndexRecordOption},
};

/// A set of documents of a segment.
#[derive(Debug, Clone)]
pub(crate) struct DocSet(Vec<u64>);

impl DocSet {
    pub(crate) fn empty(documents: u32) -> Self {
        Self(vec![0; (documents as usize).div_ceil(64)])
    }

    pub(crate) fn full(documents: u32) -> Self {
        let mut set = Self(vec![u64::MAX; (documents as usize).div_ceil(64)]);
        if let Some(last) = set.0.last_mut().filter(|_| !documents.is_multiple_of(64)) {
            *last = (1 << (documents % 64)) - 1;
        }
        set
    }

    pub(crate) fn insert(&mut self, document: DocId) {
        self.0[document as usize / 64] |= 1 << (document % 64);
    }

    pub(crate) fn contains(&self, document: DocId) -> bool {
        self.0[document as usize / 64] >> (document % 64) & 1 == 1
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = DocId> {
        (0_u32..).zip(&self.0).flat_map(|(word, bits)| ones(word, *bits))
    }

    /// What is in it, in its order, and takes it out.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = DocId> {
        (0_u32..).zip(&mut self.0).flat_map(|(word, bits)| ones(word, std::mem::take(bits)))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(crate) fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
    }

    pub(crate) fn remove(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= !other);
    }
}

/// The places of the bits that are set in the `word`-th word.
fn ones(word: u32, mut bits: u64) -> impl Iterator<Item = DocId> {
    std::iter::from_fn(move || {
        let place = (bits != 0).then(|| word * 64 + bits.trailing_zeros());
        bits &= bits.wrapping_sub(1);
        place
    })
}

/// What never changes in a segment, and is costly to open.
pub(crate) struct Columns {
    lengths: Vec<u64>,
    at: Column<i64>,
    id: [Column<u64>; 2],
    labels: Option<StrColumn>,
    articles: DocSet,
    drafts: DocSet,
}

/// A segment as of one commit.
pub(crate) struct Segment {
    pub(crate) reader: SegmentReader,
    pub(crate) columns: Arc<Columns>,
    articles: [Arc<InvertedIndexReader>; 2],
    tickets: [Arc<InvertedIndexReader>; 2],
    pub(crate) notes: Arc<InvertedIndexReader>,
    /// What was not removed; `None` where nothing was.
    alive: Option<DocSet>,
}

/// How the moment of a document and its id are told apart from those of others: the greater comes first.
pub(crate) type Place = (i64, [u64; 2]);

impl Columns {
    fn open(reader: &SegmentReader, fields: &Fields) -> Result<Self, Error> {
        let fast = reader.fast_fields();
        let lengths = fast.u64(column::LENGTHS)?;
        let [high, low] = column::ID;
        Ok(Self {
            lengths: (0..reader.max_doc()).map(|document| lengths.first(document).unwrap_or_default()).collect(),
            at: fast.i64(column::AT)?,
            id: [fast.u64(high)?, fast.u64(low)?],
            labels: fast.str(column::LABEL)?,
            articles: holders(reader, fields.sight, &[ARTICLE.to_owned()])?,
            drafts: holders(reader, fields.sight, &[DRAFT.to_owned()])?,
        })
    }

    pub(crate) fn lengths(&self, document: DocId) -> Lengths {
        Lengths::unpack(self.lengths[document as usize])
    }

    pub(crate) fn place(&self, document: DocId) -> Place {
        let half = |column: &Column<u64>| column.first(document).unwrap_or_default();
        (self.at.first(document).unwrap_or_default(), [half(&self.id[0]), half(&self.id[1])])
    }

    pub(crate) fn labels(&self) -> Option<&StrColumn> {
        self.labels.as_ref()
    }
}

impl Segment {
    /// Takes what it knows from the same segment of an earlier commit.
    pub(crate) fn open(reader: &SegmentReader, fields: &Fields, earlier: Option<&Self>) -> Result<Self, Error> {
        let columns = match earlier {
            Some(segment) => Arc::clone(&segment.columns),
            None => Arc::new(Columns::open(reader, fields)?),
        };
        let open = |Parts { words, title }| -> Result<_, Error> {
            Ok([reader.inverted_index(words)?, reader.inverted_index(title)?])
        };
        let alive = reader.alive_bitset().map(|alive| {
            let mut set = DocSet::empty(reader.max_doc());
            alive.iter_alive().for_each(|document| set.insert(document));
            set
        });
        Ok(Self {
            columns,
            articles: open(fields.articles)?,
            tickets: open(fields.tickets)?,
            notes: reader.inverted_index(fields.notes)?,
            alive,
            reader: reader.clone(),
        })
    }

    /// The words of a corpus, and those of its titles.
    pub(crate) fn parts(&self, corpus: Corpus) -> &[Arc<InvertedIndexReader>; 2] {
        match corpus {
            Corpus::Articles => &self.articles,
            Corpus::Tickets => &self.tickets,
        }
    }

    /// Everything of a corpus that was not removed.
    pub(crate) fn all(&self, corpus: Corpus) -> DocSet {
        let mut set = self.alive.clone().unwrap_or_else(|| DocSet::full(self.reader.max_doc()));
        match corpus {
            Corpus::Articles => set.keep(&self.columns.articles),
            Corpus::Tickets => set.remove(&self.columns.articles),
        }
        set
    }

    /// Whether nothing was removed, and no article is a draft.
    pub(crate) fn is_plain(&self) -> (bool, bool) {
        (self.alive.is_none(), self.columns.drafts.len() == 0)
    }

    pub(crate) fn drafts(&self) -> &DocSet {
        &self.columns.drafts
    }

    /// How many documents of a corpus there are in a segment of which nothing was removed.
    pub(crate) fn count(&self, corpus: Corpus) -> usize {
        let articles = self.columns.articles.len();
        match corpus {
            Corpus::Articles => articles,
            Corpus::Tickets => (self.reader.max_doc() as usize).saturating_sub(articles),
        }
    }

    /// The documents that hold one of the terms.
    pub(crate) fn holders(&self, field: Field, terms: &[String]) -> Result<DocSet, Error> {
        holders(&self.reader, field, terms)
    }
}

fn holders(reader: &SegmentReader, field: Field, terms: &[String]) -> Result<DocSet, Error> {
    let index = reader.inverted_index(field)?;
    let mut set = DocSet::empty(reader.max_doc());
    for term in terms {
        let term = Term::from_field_text(field, term);
        let Some(mut postings) = index.read_block_postings(&term, IndexRecordOption::Basic)? else {
            continue;
        };
        while postings.block_len() > 0 {
            postings.docs().iter().for_each(|document| set.insert(*document));
            postings.advance();
        }
    }
    Ok(set)
}
