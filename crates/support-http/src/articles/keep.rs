use super::{asked, changed, shown};
use crate::{
    Answer, App,
    auth::Caller,
    body::{Body, FromFields},
    extract::Named,
    fields::Fields,
    openapi::ChangeProblems,
    terms::Terms,
    wire::article::KeptArticleBody,
};
use axum::{
    extract::{OriginalUri, State},
    http::{StatusCode, header},
};
use support_core::domain::{
    article::{Article, ArticleDraft, ArticleEdit},
    id::ArticleId,
};
use utoipa::ToSchema;

/// An article. It becomes a draft.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct WriteArticle {
    /// Its title.
    #[schema(value_type = String)]
    title: Option<String>,
    /// What it says, in Markdown; also `contentMarkdown`, `markdown` or `body`.
    #[schema(value_type = String)]
    content: Option<String>,
    /// Its name in addresses; made from the title as without.
    slug: Option<String>,
    /// How it begins; taken from the text as without.
    excerpt: Option<String>,
    /// The language it is written in, as a tag; `en` as without.
    language: Option<String>,
    /// What it is about; `general` as without.
    category: Option<String>,
    /// Words to find it by.
    tags: Option<Vec<String>>,
    /// The ids of articles to read next; also `related`.
    #[schema(value_type = Option<Vec<uuid::Uuid>>)]
    related_articles: Option<Vec<ArticleId>>,
}

pub(super) const CONTENT: [&str; 4] = ["content", "contentMarkdown", "markdown", "body"];

impl FromFields for WriteArticle {
    fn from_fields(fields: &mut Fields) -> Self {
        let title = fields.field(&["title"]).required().text();
        let content = fields.field(&CONTENT).required().text();
        Self { title, content, ..rest(fields) }
    }
}

/// What is read alike of a new article and of a change to one.
fn rest(fields: &mut Fields) -> WriteArticle {
    let publishing = "is not set here: publish and withdraw articles with `POST …/publish` and `POST …/unpublish`";
    fields.refuse(&["isPublished", "published", "publishedAt", "publishAt", "state"], publishing);
    fields.refuse(&["author", "helpful", "notHelpful", "html", "stale", "revision"], "is set by the server");
    WriteArticle {
        title: None,
        content: None,
        slug: fields.field(&["slug"]).text(),
        excerpt: fields.field(&["excerpt", "summary"]).text(),
        language: fields.field(&["language"]).text(),
        category: fields.field(&["category"]).text(),
        tags: fields.field(&["tags"]).texts(),
        related_articles: fields.field(&["relatedArticles", "related"]).ids(),
    }
}

/// Writes an article, as a draft
#[utoipa::path(post, path = "/articles", tag = "Help", request_body = WriteArticle, responses(
    (status = 201, description = "The article", body = KeptArticleBody, headers(("Location" = String))), ChangeProblems))]
pub(crate) async fn write_article(
    State(app): State<App>,
    Caller(actor): Caller,
    OriginalUri(here): OriginalUri,
    terms: Terms,
    Body(wanted, names): Body<WriteArticle>,
) -> Answer {
    let asked = terms.answering(&actor, move |_, _, article: &Article| {
        let location = format!("{}/{}", here.path().trim_end_matches('/'), article.id);
        shown(StatusCode::CREATED, article).with(&header::LOCATION, location)
    });
    let draft = ArticleDraft {
        title: wanted.title.unwrap_or_default(),
        content: wanted.content.unwrap_or_default(),
        slug: wanted.slug,
        excerpt: wanted.excerpt,
        language: wanted.language,
        category: wanted.category,
        tags: wanted.tags.unwrap_or_default(),
        related: wanted.related_articles.unwrap_or_default(),
    };
    changed(&app, &asked, names.restore(asked.desk.articles().write(&actor, draft).await))
}

/// What is to be another about an article; what is absent stays.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct EditArticle {
    /// Another title.
    title: Option<String>,
    /// Another text, in Markdown; also `contentMarkdown`, `markdown` or `body`.
    content: Option<String>,
    /// Another name in addresses; the old one leads there still.
    slug: Option<String>,
    /// Another beginning; an empty one is taken from the text.
    excerpt: Option<String>,
    /// The language in which this is; the one it was first written in as without.
    language: Option<String>,
    /// About something else.
    category: Option<String>,
    /// Other tags.
    tags: Option<Vec<String>>,
    /// The ids of other articles to read next; also `related`.
    #[schema(value_type = Option<Vec<uuid::Uuid>>)]
    related_articles: Option<Vec<ArticleId>>,
}

impl FromFields for EditArticle {
    fn from_fields(fields: &mut Fields) -> Self {
        let title = fields.field(&["title"]).text();
        let content = fields.field(&CONTENT).text();
        let WriteArticle { slug, excerpt, language, category, tags, related_articles, .. } = rest(fields);
        Self { title, content, slug, excerpt, language, category, tags, related_articles }
    }
}

impl From<EditArticle> for ArticleEdit {
    fn from(wanted: EditArticle) -> Self {
        Self {
            language: wanted.language,
            title: wanted.title,
            content: wanted.content,
            slug: wanted.slug,
            excerpt: wanted.excerpt,
            category: wanted.category,
            tags: wanted.tags,
            related: wanted.related_articles,
        }
    }
}

/// Changes an article
///
/// Another title or text becomes a revision; a language that it is not written in yet becomes a translation.
#[utoipa::path(method(patch, put), path = "/articles/{article}", tag = "Help", request_body = EditArticle,
    params(("article" = uuid::Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The article", body = KeptArticleBody), ChangeProblems))]
pub(crate) async fn edit_article(
    State(app): State<App>,
    Caller(actor): Caller,
    Named(article): Named<ArticleId>,
    terms: Terms,
    Body(wanted, names): Body<EditArticle>,
) -> Answer {
    let asked = asked(terms, &actor, StatusCode::OK);
    changed(&app, &asked, names.restore(asked.desk.articles().edit(&actor, article, wanted.into()).await))
}
