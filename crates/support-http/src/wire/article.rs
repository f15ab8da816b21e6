use super::Moment;
use crate::events::SignatureBody;
use serde::Serialize;
use std::{collections::BTreeSet, ops::Range};
use support_core::{
    desk::articles::{ArticleRow, Reading},
    domain::{
        article::{Article, ArticleState, Revision},
        search::Snippet,
    },
};
use utoipa::ToSchema;
use uuid::Uuid;

/// An article in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ArticleRow)]
pub(crate) struct ArticleRowBody<'a> {
    /// Its id.
    id: Uuid,
    /// Its title, in the language that suits the caller best.
    title: &'a str,
    /// Its name in addresses, in that language.
    slug: &'a str,
    /// How it begins, as plain text.
    excerpt: &'a str,
    /// What it is about.
    category: &'a str,
    /// Words to find it by.
    #[schema(value_type = Vec<String>)]
    tags: &'a BTreeSet<String>,
    /// In which language it is shown.
    language: &'a str,
    /// How many found it helpful.
    helpful: u64,
    /// When it was last changed.
    updated_at: Moment,
    /// Where it says what was looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Vec<PieceBody<'a>>>,
    /// For staff: `draft`, `scheduled`, `published` or `archived`.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
}

/// A piece of plain text.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = SnippetPiece)]
pub(crate) struct PieceBody<'a> {
    /// The text; it is no HTML.
    text: &'a str,
    /// Whether it is what was looked for.
    hit: bool,
}

/// The snippet cut into pieces, so that whoever shows it counts neither bytes nor characters.
pub(crate) fn pieces(snippet: &Snippet) -> Vec<PieceBody<'_>> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    let mut add = |range: Range<usize>, hit| {
        if let Some(text) = snippet.text.get(range).filter(|text| !text.is_empty()) {
            pieces.push(PieceBody { text, hit });
        }
    };
    for mark in &snippet.marks {
        add(from..mark.start, false);
        add(mark.clone(), true);
        from = mark.end;
    }
    add(from..snippet.text.len(), false);
    pieces
}

impl<'a> ArticleRowBody<'a> {
    /// None for an article that is written in no language, which cannot be.
    pub(crate) fn new(row: &'a ArticleRow, staff: bool) -> Option<Self> {
        let text = row.article.texts.get(&row.language)?;
        Some(Self {
            id: row.article.id.uuid(),
            title: &text.title,
            slug: &text.slug,
            excerpt: &text.excerpt,
            category: &row.article.category,
            tags: &row.article.tags,
            language: &row.language,
            helpful: row.votes.helpful,
            updated_at: Moment(row.article.updated_at),
            snippet: row.snippet.as_ref().map(pieces),
            state: staff.then(|| row.article.state.as_str()),
        })
    }
}

/// An article as it is read.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Article)]
pub(crate) struct ArticleBody<'a> {
    /// Its id.
    id: Uuid,
    /// Its title.
    title: &'a str,
    /// Its name in addresses.
    slug: &'a str,
    /// How it begins, as plain text.
    excerpt: &'a str,
    /// What it says, in Markdown.
    content: &'a str,
    /// The same as HTML without anything that runs: it can be shown as it is.
    html: &'a str,
    /// What it is about.
    category: &'a str,
    /// Words to find it by.
    #[schema(value_type = Vec<String>)]
    tags: &'a BTreeSet<String>,
    /// In which language this is.
    language: &'a str,
    /// Whether it was translated from an older text than the one that it translates.
    stale: bool,
    /// In which languages it is written.
    languages: Vec<LanguageBody<'a>>,
    /// What to read next.
    related_articles: Vec<ArticleRowBody<'a>>,
    /// How many found it helpful.
    helpful: u64,
    /// How many did not.
    not_helpful: u64,
    /// When it was written.
    created_at: Moment,
    /// When it was last changed.
    updated_at: Moment,
    /// When it was first published.
    published_at: Option<Moment>,
    /// What only staff see.
    #[serde(flatten)]
    #[schema(value_type = ArticleInternals)]
    internals: Option<ArticleInternals<'a>>,
}

/// A language in which an article is written.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ArticleLanguage)]
pub(crate) struct LanguageBody<'a> {
    /// As a tag.
    #[schema(example = "en")]
    language: &'a str,
    /// The title in it.
    title: &'a str,
    /// The name in addresses.
    slug: &'a str,
    /// Whether it was translated from an older text than the one that it translates.
    stale: bool,
    /// For staff: the number of its last revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u32>,
    /// When it was last written.
    updated_at: Moment,
}

/// What only staff see of an article; absent for everybody else.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ArticleInternals<'a> {
    /// `draft`, `scheduled`, `published` or `archived`.
    #[schema(required = false)]
    state: &'static str,
    /// When it is published by itself.
    publish_at: Option<Moment>,
    /// Who wrote it.
    #[schema(required = false)]
    author: SignatureBody<'a>,
}

fn languages(article: &Article, staff: bool) -> Vec<LanguageBody<'_>> {
    let shown = article.texts.iter().map(|(language, text)| LanguageBody {
        language,
        title: &text.title,
        slug: &text.slug,
        stale: article.is_stale(language),
        revision: staff.then_some(text.number),
        updated_at: Moment(text.updated_at),
    });
    shown.collect()
}

fn internals(article: &Article) -> ArticleInternals<'_> {
    let publish_at = match article.state {
        ArticleState::Scheduled { at } => Some(Moment(at)),
        ArticleState::Draft | ArticleState::Published | ArticleState::Archived => None,
    };
    ArticleInternals { state: article.state.as_str(), publish_at, author: SignatureBody::from(&article.author) }
}

impl<'a> ArticleBody<'a> {
    /// None for an article that is not written in the language of the reading, which cannot be.
    pub(crate) fn new(reading: &'a Reading, html: &'a str, staff: bool) -> Option<Self> {
        let Reading { article, language, revision, votes, related } = reading;
        let text = article.texts.get(language)?;
        Some(Self {
            id: article.id.uuid(),
            title: &text.title,
            slug: &text.slug,
            excerpt: &text.excerpt,
            content: &revision.content,
            html,
            category: &article.category,
            tags: &article.tags,
            language,
            stale: article.is_stale(language),
            languages: languages(article, staff),
            related_articles: related.iter().filter_map(|row| ArticleRowBody::new(row, staff)).collect(),
            helpful: votes.helpful,
            not_helpful: votes.not_helpful,
            created_at: Moment(article.created_at),
            updated_at: Moment(article.updated_at),
            published_at: article.published_at.map(Moment),
            internals: staff.then(|| internals(article)),
        })
    }
}

/// An article as whoever keeps it sees it, without its text.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeptArticle)]
pub(crate) struct KeptArticleBody<'a> {
    /// Its id.
    id: Uuid,
    /// Its title in the language it was first written in.
    title: &'a str,
    /// Its name in addresses in that language.
    slug: &'a str,
    /// How it begins, as plain text.
    excerpt: &'a str,
    /// What it is about.
    category: &'a str,
    /// Words to find it by.
    #[schema(value_type = Vec<String>)]
    tags: &'a BTreeSet<String>,
    /// The language it was first written in.
    language: &'a str,
    /// In which languages it is written.
    languages: Vec<LanguageBody<'a>>,
    /// The ids of what to read next, as its authors chose it.
    related_articles: Vec<Uuid>,
    /// When it was written.
    created_at: Moment,
    /// When it was last changed.
    updated_at: Moment,
    /// When it was first published.
    published_at: Option<Moment>,
    /// How it stands.
    #[serde(flatten)]
    internals: ArticleInternals<'a>,
}

impl<'a> KeptArticleBody<'a> {
    /// None for an article without its first language, which cannot be.
    pub(crate) fn new(article: &'a Article) -> Option<Self> {
        let text = article.texts.get(&article.language)?;
        Some(Self {
            id: article.id.uuid(),
            title: &text.title,
            slug: &text.slug,
            excerpt: &text.excerpt,
            category: &article.category,
            tags: &article.tags,
            language: &article.language,
            languages: languages(article, true),
            related_articles: article.related.iter().map(|id| id.uuid()).collect(),
            created_at: Moment(article.created_at),
            updated_at: Moment(article.updated_at),
            published_at: article.published_at.map(Moment),
            internals: internals(article),
        })
    }
}

/// What an article said at some time, in one language.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ArticleRevision)]
pub(crate) struct RevisionBody<'a> {
    /// Which, from 1.
    number: u32,
    /// In which language.
    language: &'a str,
    /// The title then.
    title: &'a str,
    /// The text, in Markdown.
    content: &'a str,
    /// Who wrote it.
    by: SignatureBody<'a>,
    /// When.
    at: Moment,
    /// The number of the revision that was brought back by it.
    restores: Option<u32>,
}

impl<'a> From<&'a Revision> for RevisionBody<'a> {
    fn from(revision: &'a Revision) -> Self {
        Self {
            number: revision.number,
            language: &revision.language,
            title: &revision.title,
            content: &revision.content,
            by: SignatureBody::from(&revision.by),
            at: Moment(revision.at),
            restores: revision.restores,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_falls_into_pieces() {
        let snippet = |text: &str, marks: &[(usize, usize)]| {
            let snippet = Snippet { text: text.to_owned(), marks: marks.iter().map(|(from, to)| *from..*to).collect() };
            pieces(&snippet).iter().map(|piece| (piece.text.to_owned(), piece.hit)).collect::<Vec<_>>()
        };
        let piece = |text: &str, hit| (text.to_owned(), hit);
        assert_eq!(snippet("a größe b", &[(2, 9)]), [piece("a ", false), piece("größe", true), piece(" b", false)]);
        assert_eq!(snippet("ab", &[(0, 1), (1, 2)]), [piece("a", true), piece("b", true)]);
        assert_eq!(snippet("", &[]), []);
        // What is no place in the text is left out, and breaks nothing.
        assert_eq!(snippet("ö", &[(1, 2)]), []);
    }
}
