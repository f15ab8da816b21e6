//! Which documents a search may meet at all.

use crate::{
    document::{label_term, scope_term},
    error::Error,
    schema::Fields,
    segment::{DocSet, Segment},
};
use support_core::domain::{
    access::TicketScope,
    search::{Corpus, SearchQuery, SearchScope},
};

/// The scope and the labels of a query, as terms.
pub(crate) struct Bounds {
    corpus: Corpus,
    /// At least one of them; `None` where none is needed.
    sight: Option<Vec<String>>,
    /// Whether drafts stay out.
    published: bool,
    /// Each of them.
    labels: Vec<String>,
}

impl Bounds {
    pub(crate) fn of(query: &SearchQuery) -> Self {
        let (sight, published) = match &query.scope {
            SearchScope::Articles { drafts } => (None, !drafts),
            SearchScope::Tickets { scope: TicketScope::All, .. } => (None, false),
            SearchScope::Tickets { scope: TicketScope::AnyOf(terms), .. } => {
                (Some(terms.iter().map(|term| scope_term(*term)).collect()), false)
            }
        };
        let labels = query.labels.iter().map(|(label, value)| label_term(*label, value)).collect();
        Self { corpus: query.scope.corpus(), sight, published, labels }
    }

    /// Whether nothing can lie within.
    pub(crate) fn are_empty(&self) -> bool {
        self.sight.as_ref().is_some_and(Vec::is_empty)
    }

    /// What of the segment lies within, `None` standing for all of the corpus, and how much that is.
    pub(crate) fn within(&self, segment: &Segment, fields: &Fields) -> Result<(Option<DocSet>, usize), Error> {
        let (is_whole, has_no_drafts) = segment.is_plain();
        let all_sight = self.sight.is_none() && (has_no_drafts || !self.published);
        if is_whole && all_sight && self.labels.is_empty() {
            return Ok((None, segment.count(self.corpus)));
        }
        let mut set = segment.all(self.corpus);
        if let Some(terms) = &self.sight {
            set.keep(&segment.holders(fields.sight, terms)?);
        }
        if self.published {
            set.remove(segment.drafts());
        }
        for label in &self.labels {
            set.keep(&segment.holders(fields.label, std::slice::from_ref(label))?);
        }
        let count = set.len();
        Ok((Some(set), count))
    }
}
