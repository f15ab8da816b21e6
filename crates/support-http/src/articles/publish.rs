use super::{asked, changed};
use crate::{
    Answer, App,
    auth::Caller,
    body::{Body, FromFields},
    dates::moment,
    extract::Named,
    fields::Fields,
    openapi::ChangeProblems,
    terms::Terms,
    wire::article::KeptArticleBody,
};
use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use support_core::domain::id::ArticleId;
use utoipa::ToSchema;

/// From when on everybody can read an article.
#[derive(ToSchema)]
pub(crate) struct PublishArticle {
    /// A moment or a date; now as without. Also `publishAt`, `publishedAt` or `scheduledFor`.
    #[schema(value_type = Option<String>)]
    at: Option<DateTime<Utc>>,
}

impl FromFields for PublishArticle {
    const OPTIONAL: bool = true;

    fn from_fields(fields: &mut Fields) -> Self {
        Self { at: fields.field(&["at", "publishAt", "publishedAt", "scheduledFor"]).checked(moment) }
    }
}

/// Lets everybody read an article, now or from a moment on
#[utoipa::path(post, path = "/articles/{article}/publish", tag = "Help", request_body = PublishArticle,
    params(("article" = uuid::Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The article", body = KeptArticleBody), ChangeProblems))]
pub(crate) async fn publish_article(
    State(app): State<App>,
    Caller(actor): Caller,
    Named(article): Named<ArticleId>,
    terms: Terms,
    Body(wanted, names): Body<PublishArticle>,
) -> Answer {
    let asked = asked(terms, &actor, StatusCode::OK);
    changed(&app, &asked, names.restore(asked.desk.articles().publish(&actor, article, wanted.at).await))
}

/// Makes an article a draft again, which only staff read
#[utoipa::path(post, path = "/articles/{article}/unpublish", tag = "Help",
    params(("article" = uuid::Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The article", body = KeptArticleBody), ChangeProblems))]
pub(crate) async fn unpublish_article(
    State(app): State<App>,
    Caller(actor): Caller,
    Named(article): Named<ArticleId>,
    terms: Terms,
) -> Answer {
    let asked = asked(terms, &actor, StatusCode::OK);
    changed(&app, &asked, asked.desk.articles().withdraw(&actor, article, false).await)
}

/// Puts an article away
///
/// Only staff read it then. Nothing of it is lost: publish it, and it is there again.
#[utoipa::path(delete, path = "/articles/{article}", tag = "Help",
    params(("article" = uuid::Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The article", body = KeptArticleBody), ChangeProblems))]
pub(crate) async fn archive_article(
    State(app): State<App>,
    Caller(actor): Caller,
    Named(article): Named<ArticleId>,
    terms: Terms,
) -> Answer {
    let asked = asked(terms, &actor, StatusCode::OK);
    changed(&app, &asked, asked.desk.articles().withdraw(&actor, article, true).await)
}
