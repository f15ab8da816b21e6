//! Translations, and what they and the original said before.

use super::{asked, changed, keep::CONTENT, language};
use crate::{
    Answer, App,
    auth::Caller,
    body::{Body, FromFields},
    extract::{Named, Params, word},
    fields::Fields,
    link::Listed,
    openapi::{ChangeProblems, ListProblems},
    problem::Problem,
    terms::Terms,
    wire::article::{KeptArticleBody, RevisionBody},
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
    response::IntoResponse as _,
};
use serde::Serialize;
use support_core::{
    desk::{Desk, Error},
    domain::{actor::Actor, agent, article::ArticleEdit, id::ArticleId},
};
use utoipa::ToSchema;

/// The language that the path names; what is none is one in which nothing is written.
pub(crate) struct Tongue(String);

impl FromRequestParts<App> for Tongue {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let name = word(parts, app, "language").await?;
        agent::language("language", &name).map(Self).map_err(|_| Error::NotFound.into())
    }
}

/// An article in another language; what is absent stays, where it is written in it already.
#[derive(ToSchema)]
pub(crate) struct TranslateArticle {
    /// The title in it.
    title: Option<String>,
    /// The text in it, in Markdown; also `contentMarkdown`, `markdown` or `body`.
    content: Option<String>,
    /// The name in addresses; made from the title as without.
    slug: Option<String>,
    /// How it begins; taken from the text as without.
    excerpt: Option<String>,
}

impl FromFields for TranslateArticle {
    fn from_fields(fields: &mut Fields) -> Self {
        fields.refuse(&["language"], "stands in the path");
        Self {
            title: fields.field(&["title"]).text(),
            content: fields.field(&CONTENT).text(),
            slug: fields.field(&["slug"]).text(),
            excerpt: fields.field(&["excerpt", "summary"]).text(),
        }
    }
}

/// Writes an article in another language, or changes what it says there
#[utoipa::path(put, path = "/articles/{article}/translations/{language}", tag = "Help", request_body = TranslateArticle,
    params(("article" = uuid::Uuid, Path, description = "Its id"), ("language" = String, Path, description = "As a tag")),
    responses((status = 200, description = "The article", body = KeptArticleBody), ChangeProblems))]
pub(crate) async fn translate_article(
    State(app): State<App>,
    Caller(actor): Caller,
    Named(article): Named<ArticleId>,
    Tongue(language): Tongue,
    terms: Terms,
    Body(wanted, names): Body<TranslateArticle>,
) -> Answer {
    let asked = asked(terms, &actor, StatusCode::OK);
    let edit = ArticleEdit {
        language: Some(language),
        title: wanted.title,
        content: wanted.content,
        slug: wanted.slug,
        excerpt: wanted.excerpt,
        ..ArticleEdit::default()
    };
    changed(&app, &asked, names.restore(asked.desk.articles().edit(&actor, article, edit).await))
}

/// Takes a translation away
///
/// Its slug leads to the article in its own language.
#[utoipa::path(delete, path = "/articles/{article}/translations/{language}", tag = "Help",
    params(("article" = uuid::Uuid, Path, description = "Its id"), ("language" = String, Path, description = "As a tag")),
    responses((status = 200, description = "The article", body = KeptArticleBody), ChangeProblems))]
pub(crate) async fn untranslate_article(
    State(app): State<App>,
    Caller(actor): Caller,
    Named(article): Named<ArticleId>,
    Tongue(language): Tongue,
    terms: Terms,
) -> Answer {
    let asked = asked(terms, &actor, StatusCode::OK);
    changed(&app, &asked, asked.desk.articles().untranslate(&actor, article, &language).await)
}

/// Which revision is to come back.
#[derive(ToSchema)]
pub(crate) struct RollBack {
    /// In which language; the one it was first written in as without.
    language: Option<String>,
    /// Its number; also `revision`.
    #[schema(value_type = u32)]
    number: Option<u32>,
}

impl FromFields for RollBack {
    fn from_fields(fields: &mut Fields) -> Self {
        let number = fields.field(&["number", "revision", "revisionNumber"]).required().number_or_none().flatten();
        Self { language: fields.field(&["language"]).checked(agent::language), number }
    }
}

/// Lets an article say again what it said in a revision
///
/// It becomes a new one; those between stay.
#[utoipa::path(post, path = "/articles/{article}/rollback", tag = "Help", request_body = RollBack,
    params(("article" = uuid::Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The article", body = KeptArticleBody), ChangeProblems))]
pub(crate) async fn roll_back_article(
    State(app): State<App>,
    Caller(actor): Caller,
    Named(article): Named<ArticleId>,
    terms: Terms,
    Body(wanted, names): Body<RollBack>,
) -> Answer {
    let language = language_or_first(terms.desk(), &actor, article, wanted.language).await?;
    let number = wanted.number.unwrap_or_default();
    let asked = asked(terms, &actor, StatusCode::OK);
    let outcome = asked.desk.articles().roll_back(&actor, article, &language, number).await;
    changed(&app, &asked, names.restore(outcome))
}

/// A stretch of what an article said.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RevisionList<'a> {
    /// The latest first.
    revisions: Vec<RevisionBody<'a>>,
    /// Whether older ones follow.
    has_more: bool,
}

/// Lists what an article said, the latest first
#[utoipa::path(get, path = "/articles/{article}/revisions", tag = "Help", params(
    ("article" = uuid::Uuid, Path, description = "Its id"),
    ("language" = Option<String>, Query, description = "In which language; the one it was first written in as without"),
    ("after" = Option<u32>, Query, description = "Go on behind this number, to older ones; also `before`"),
    ("limit" = Option<u32>, Query, description = "The most revisions; 20 as without"),
), responses((status = 200, description = "The revisions", body = RevisionList), ListProblems))]
pub(crate) async fn list_revisions(
    State(app): State<App>,
    Caller(actor): Caller,
    Named(article): Named<ArticleId>,
    listed: Listed,
    Params(mut fields): Params,
) -> Answer {
    let most = app.desk.profile().limits.page;
    let wanted = language::parameter(&mut fields);
    let before = fields.field(&["after", "before"]).count(u32::MAX);
    let limit = fields.field(&["limit"]).count(most).unwrap_or(most.min(20));
    fields.end_of_query().map_err(Problem::parameters)?;
    let language = language_or_first(&app.desk, &actor, article, wanted).await?;
    let slice = app.desk.articles().revisions(&actor, article, &language, before, limit).await?;
    let next = slice.items.last().filter(|_| slice.more).map(|last| ("after", last.number.to_string()));
    let (revisions, has_more) = (slice.items.iter().map(RevisionBody::from).collect(), slice.more);
    Ok((listed.links(None, next), Json(RevisionList { revisions, has_more })).into_response())
}

async fn language_or_first(
    desk: &Desk,
    actor: &Actor,
    article: ArticleId,
    wanted: Option<String>,
) -> Result<String, Error> {
    match wanted {
        Some(language) => Ok(language),
        None => Ok(desk.articles().get(actor, article, None).await?.article.language),
    }
}
