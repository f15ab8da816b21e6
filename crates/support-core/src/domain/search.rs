//! Finding articles and tickets by what they say.

use crate::domain::{
    access::{Holding, TicketScope},
    id::TicketId,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, ops::Range};
use uuid::Uuid;

/// What is searched: never both at once, because their scores say nothing about each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Corpus {
    /// Help articles, each translation for itself.
    Articles,
    /// Tickets, with their messages.
    Tickets,
}

impl Corpus {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Articles, Self::Tickets];

    /// The word in the index.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Articles => "articles",
            Self::Tickets => "tickets",
        }
    }
}

/// What a found thing is called: unique in an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SearchKey {
    /// What it is.
    pub corpus: Corpus,
    /// The id of the article or ticket.
    pub id: Uuid,
    /// The language of the translation, as a tag such as `en`; empty for tickets.
    pub language: String,
}

impl SearchKey {
    /// Of a ticket.
    pub fn ticket(id: TicketId) -> Self {
        Self { corpus: Corpus::Tickets, id: id.uuid(), language: String::new() }
    }

    /// Of an article in one language.
    pub fn article(id: impl Into<Uuid>, language: impl Into<String>) -> Self {
        Self { corpus: Corpus::Articles, id: id.into(), language: language.into() }
    }
}

/// A property with few values, to narrow a search by and to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// What it is about.
    Category,
    /// A tag.
    Tag,
    /// The status of a ticket.
    Status,
    /// The priority of a ticket.
    Priority,
    /// The language it is written in.
    Language,
}

impl Label {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Category, Self::Tag, Self::Status, Self::Priority, Self::Language];

    /// The word in the index.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Tag => "tag",
            Self::Status => "status",
            Self::Priority => "priority",
            Self::Language => "language",
        }
    }
}

/// Who may find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Everybody: a published article.
    Everybody,
    /// Staff: a draft.
    Staff,
    /// Those in whose scope the ticket lies.
    Ticket(Holding),
}

/// An article or ticket as an index takes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Searchable {
    /// What it is called.
    pub key: SearchKey,
    /// The number of a ticket: found as a whole, and by its beginning.
    pub number: Option<String>,
    /// The title or subject.
    pub title: String,
    /// Everything else that it says, as plain text.
    pub text: String,
    /// What only staff may find it by, and see a piece of.
    pub notes: String,
    /// Its properties. Tags are also words that it is found by.
    pub labels: BTreeSet<(Label, String)>,
    /// Who may find it.
    pub sight: Sight,
    /// When it was last changed.
    pub at: DateTime<Utc>,
}

/// In which part of the index somebody searches. It is part of the search itself: what lies outside is neither found nor
/// counted, and lends nothing to a score that could be told from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchScope {
    /// Articles.
    Articles {
        /// Those that are not published too.
        drafts: bool,
    },
    /// Tickets.
    Tickets {
        /// Which.
        scope: TicketScope,
        /// Whether notes are searched too.
        notes: bool,
    },
}

impl SearchScope {
    /// What is searched.
    pub fn corpus(&self) -> Corpus {
        match self {
            Self::Articles { .. } => Corpus::Articles,
            Self::Tickets { .. } => Corpus::Tickets,
        }
    }

    /// Whether notes are searched.
    pub fn notes(&self) -> bool {
        matches!(self, Self::Tickets { notes: true, .. })
    }

    /// Whether what is seen so lies in the scope.
    pub fn admits(&self, sight: Sight) -> bool {
        match (self, sight) {
            (Self::Articles { .. }, Sight::Everybody) => true,
            (Self::Articles { drafts }, Sight::Staff) => *drafts,
            (Self::Tickets { scope, .. }, Sight::Ticket(holding)) => scope.admits(holding),
            (Self::Articles { .. }, Sight::Ticket(_)) | (Self::Tickets { .. }, Sight::Everybody | Sight::Staff) => {
                false
            }
        }
    }
}

/// How many of the words must be there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Matching {
    /// At least one; the more, the better. For questions.
    #[default]
    Any,
    /// Each. For lists that somebody narrows.
    All,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchQuery {
    /// In the words of a person; nothing in it is syntax. Without any word nothing is found. The last word may be the
    /// beginning of one.
    pub text: String,
    /// How many of the words must be there.
    pub matching: Matching,
    /// Where.
    pub scope: SearchScope,
    /// Only what has all of these.
    pub labels: Vec<(Label, String)>,
    /// In which language the text is written, as far as anybody knows: it decides how words are reduced to their stems.
    pub language: Option<String>,
    /// Of which properties the values are to be counted.
    pub facets: Vec<Label>,
    /// The least [confidence](Hit::confidence) of a hit, 0 to 1.
    pub confidence: f32,
    /// So many hits are passed over.
    pub skip: u32,
    /// At most so many are answered.
    pub limit: u32,
}

impl SearchQuery {
    /// Any of these words, without more.
    pub fn new(text: impl Into<String>, scope: SearchScope) -> Self {
        Self {
            text: text.into(),
            matching: Matching::Any,
            scope,
            labels: Vec::new(),
            language: None,
            facets: Vec::new(),
            confidence: 0.0,
            skip: 0,
            limit: 20,
        }
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hits {
    /// The best first; of equal ones the latest change, then the greater id.
    pub items: Vec<Hit>,
    /// How many there are in all, with those that were passed over.
    pub total: u64,
    /// Of all of them, how many have which value of the properties that were asked for: the most frequent first, then by
    /// name; at most [`FACETS`] of each property.
    pub facets: Vec<(Label, Vec<(String, u64)>)>,
}

/// The most values of a property that are counted.
pub const FACETS: usize = 50;

/// One found thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// What.
    pub key: SearchKey,
    /// How well it fits, compared with the others of the same answer.
    pub score: f32,
    /// How much of the question it speaks of, from 0 to 1, whatever else was found.
    pub confidence: f32,
    /// A piece of its text.
    pub snippet: Snippet,
}

/// A piece of plain text with the words that were looked for. It is not HTML: whoever shows it as such escapes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snippet {
    /// At most some 200 characters.
    pub text: String,
    /// Where the words are, as ranges of bytes in `text`, in order, apart from each other.
    pub marks: Vec<Range<usize>>,
}

/// What an index is told at once: all of it is found afterwards, or nothing of it has changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// What is there, instead of what was there under the same key. Each key stands once, in either list.
    pub put: Vec<Searchable>,
    /// What is there no more; what was not there is none the less right.
    pub remove: Vec<SearchKey>,
    /// How far the index has come, in the words of whoever feeds it.
    pub bookmark: Option<String>,
}
