//! Help articles over HTTP.
//!
//! The same routes stand at `/articles` (S3) and `/help/articles` (S0).

mod keep;
mod language;
mod list;
mod markdown;
mod offer;
mod publish;
mod read;
mod shelf;
mod translate;

pub(crate) use read::VotesBody;
pub(crate) use shelf::Shelf;

use crate::{
    Answer, App,
    terms::{Asked, Reply, Terms},
    wire::article::KeptArticleBody,
};
use axum::http::StatusCode;
use support_core::{
    desk::Error,
    domain::{actor::Actor, article::Article},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of articles, and of what is offered from them.
pub(crate) fn routes() -> OpenApiRouter<App> {
    articles().routes(routes!(offer::offer_for_ticket))
}

/// The routes of S0, below `/help`.
pub(crate) fn help_routes() -> OpenApiRouter<App> {
    articles().routes(routes!(offer::offer_for_text))
}

fn articles() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_articles, keep::write_article))
        .routes(routes!(read::read_article, keep::edit_article, publish::archive_article))
        .routes(routes!(read::rate_article))
        .routes(routes!(publish::publish_article))
        .routes(routes!(publish::unpublish_article))
        .routes(routes!(translate::list_revisions))
        .routes(routes!(translate::roll_back_article))
        .routes(routes!(translate::translate_article, translate::untranslate_article))
}

/// A change that answers with the article.
fn asked(terms: Terms, actor: &Actor, status: StatusCode) -> Asked<Article> {
    terms.answering(actor, move |_, _, article| shown(status, article))
}

fn shown(status: StatusCode, article: &Article) -> Reply {
    Reply::json(status, &KeptArticleBody::new(article))
}

/// The answer to a change, after which guests are answered anew.
fn changed(app: &App, asked: &Asked<Article>, outcome: Result<Article, Error>) -> Answer {
    // Whatever came of it: an answer that got lost on its way from the store may have been a yes.
    app.shelf.clear();
    asked.answer(outcome)
}
