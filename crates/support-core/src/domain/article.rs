//! Help articles: what customers read before they ask.

mod change;
mod draft;

pub(crate) use change::Pen;
pub use change::{ArticleEdit, Written};
pub use draft::ArticleDraft;

use crate::domain::{
    actor::{Actor, Signature},
    document::{DocumentKind, Kept, Placement, list},
    id::{ArticleId, RevisionId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// An article, in every language that it is written in. What it says stands in its [`Revision`]s.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Article {
    /// Its id.
    pub id: ArticleId,
    /// What it is about.
    pub category: String,
    /// Words to find it by.
    pub tags: BTreeSet<String>,
    /// Who can read it.
    pub state: ArticleState,
    /// The language it was first written in: the others are translations of that.
    pub language: String,
    /// What it is called in each language, and which revision says what it says.
    pub texts: BTreeMap<String, ArticleText>,
    /// Slugs that it once had, with their languages: they lead to it still.
    pub former: BTreeMap<String, String>,
    /// Articles to read next, chosen by its authors.
    pub related: Vec<ArticleId>,
    /// Who wrote it.
    pub author: Signature,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When anything about it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was first published.
    pub published_at: Option<DateTime<Utc>>,
}

/// Who can read an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ArticleState {
    /// Staff.
    Draft,
    /// Staff, and everybody from then on.
    Scheduled {
        /// When.
        at: DateTime<Utc>,
    },
    /// Everybody.
    Published,
    /// Staff; it is not offered to be edited.
    Archived,
}

impl ArticleState {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled { .. } => "scheduled",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }
}

/// What an article is called in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleText {
    /// Its title.
    pub title: String,
    /// Its name in addresses; no other article has or had it, in whatever language.
    pub slug: String,
    /// How it begins, as plain text.
    pub excerpt: String,
    /// What it says.
    pub revision: RevisionId,
    /// The number of that revision, from 1, for each language.
    pub number: u32,
    /// Of a translation: the number of the revision that it was made from.
    pub from: Option<u32>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

/// What an article said in one language, from when it was written until the next revision. Never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Its id.
    pub id: RevisionId,
    /// Of which article.
    pub article: ArticleId,
    /// In which language.
    pub language: String,
    /// Which, from 1.
    pub number: u32,
    /// The title then.
    pub title: String,
    /// The text, in Markdown.
    pub content: String,
    /// Who wrote it.
    pub by: Signature,
    /// When.
    pub at: DateTime<Utc>,
    /// The number of the revision that was brought back by it.
    pub restores: Option<u32>,
}

/// Characters of an excerpt.
pub const EXCERPT: usize = 200;

impl Article {
    /// Whether everybody may read it now.
    pub fn is_public(&self, now: DateTime<Utc>) -> bool {
        match self.state {
            ArticleState::Published => true,
            ArticleState::Scheduled { at } => at <= now,
            ArticleState::Draft | ArticleState::Archived => false,
        }
    }

    /// Whether the actor may read it now.
    pub fn is_for(&self, actor: &Actor, now: DateTime<Utc>) -> bool {
        actor.is_staff() || self.is_public(now)
    }

    /// The language in which somebody reads it who wants this one: that, or the same without its region, or that in which
    /// it was first written.
    pub fn best_language(&self, wanted: Option<&str>) -> &str {
        let wanted = wanted.unwrap_or_default().to_lowercase();
        let plain = wanted.split('-').next().unwrap_or_default();
        let known = |tag: &str| self.texts.get_key_value(tag).map(|(tag, _)| tag.as_str());
        known(&wanted).or_else(|| known(plain)).unwrap_or(&self.language)
    }

    /// Whether a translation was made from an older revision than the one it translates.
    pub fn is_stale(&self, language: &str) -> bool {
        let original = self.texts.get(&self.language).map(|text| text.number);
        language != self.language && self.texts.get(language).is_some_and(|text| text.from < original)
    }

    /// The language in which a slug, of now or of once, is the article's.
    pub fn language_of(&self, slug: &str) -> Option<&str> {
        let current = self.texts.iter().find(|(_, text)| text.slug == slug).map(|(tag, _)| tag.as_str());
        current.or_else(|| self.former.get(slug).map(String::as_str))
    }

    /// What the slug is found by.
    pub fn slug_key(slug: &str) -> String {
        list(["slug", slug])
    }
}

/// Lists of articles.
pub mod lists {
    use crate::domain::document::list;

    /// All, by their last change.
    pub const ALL: &str = "all";
    /// Those that everybody can read, by their last change.
    pub const PUBLISHED: &str = "published";
    /// Those that will be published by themselves, by when.
    pub const SCHEDULED: &str = "scheduled";

    /// Those of [`PUBLISHED`] that are about this.
    pub fn category(category: &str) -> String {
        list(["published", "category", category])
    }

    /// Those of [`PUBLISHED`] that have this tag.
    pub fn tag(tag: &str) -> String {
        list(["published", "tag", tag])
    }

    /// Those in this state, by their last change.
    pub fn state(state: &str) -> String {
        list(["state", state])
    }
}

impl Kept for Article {
    const KIND: DocumentKind = DocumentKind::Article;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn placement(&self) -> Placement {
        let changed = self.updated_at.timestamp_millis();
        let slugs = self.texts.values().map(|text| &text.slug).chain(self.former.keys());
        let mut on = BTreeMap::from([(lists::ALL.to_owned(), changed), (lists::state(self.state.as_str()), changed)]);
        match self.state {
            ArticleState::Published => {
                on.insert(lists::PUBLISHED.to_owned(), changed);
                on.insert(lists::category(&self.category), changed);
                on.extend(self.tags.iter().map(|tag| (lists::tag(tag), changed)));
            }
            ArticleState::Scheduled { at } => {
                on.insert(lists::SCHEDULED.to_owned(), at.timestamp_millis());
            }
            ArticleState::Draft | ArticleState::Archived => {}
        }
        Placement { keys: slugs.map(|slug| Self::slug_key(slug)).collect(), lists: on }
    }
}

impl Revision {
    /// Those of an article in one language, by their numbers.
    pub fn list(article: ArticleId, language: &str) -> String {
        list([article.to_string().as_str(), language])
    }

    /// The key of one of them.
    pub fn key(article: ArticleId, language: &str, number: u32) -> String {
        list([article.to_string().as_str(), language, number.to_string().as_str()])
    }
}

impl Kept for Revision {
    const KIND: DocumentKind = DocumentKind::Revision;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn placement(&self) -> Placement {
        Placement {
            keys: [Self::key(self.article, &self.language, self.number)].into(),
            lists: [(Self::list(self.article, &self.language), i64::from(self.number))].into(),
        }
    }
}
