use super::{
    language::{self, Wanted},
    shelf::Page,
};
use crate::{
    Answer, App,
    auth::Anyone,
    body::{Body, FromFields},
    etag::Known,
    extract::{Named, Params, word},
    fields::Fields,
    openapi::{ChangeProblems, ReadProblems},
    problem::Problem,
    rates::Visitor,
    terms::{Reply, Terms},
    wire::article::ArticleBody,
};
use axum::{
    extract::{FromRequestParts, OriginalUri, State},
    http::{StatusCode, request::Parts},
};
use serde::Serialize;
use support_core::{
    desk::{Desk, Error, articles::Reading},
    domain::{actor::Actor, id::ArticleId, vote::Votes},
};
use utoipa::ToSchema;

/// The article that the path names, by slug or id.
pub(crate) struct ArticleName(String);

impl FromRequestParts<App> for ArticleName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        word(parts, app, "article").await.map(Self)
    }
}

impl FromRequestParts<App> for Wanted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Params(mut fields) = Params::from_request_parts(parts, app).await?;
        let parameter = language::parameter(&mut fields);
        fields.end_of_query().map_err(Problem::parameters)?;
        Ok(Self::of(parameter, &parts.headers))
    }
}

/// Reads a help article
///
/// By its slug, or by its id. Without `language` and where `Accept-Language` names none of its languages, it comes in that
/// of the slug. A slug that it once had leads to the one that it has. Staff read drafts too.
#[utoipa::path(get, path = "/articles/{article}", tag = "Help", security((), ("bearer" = [])), params(
    ("article" = String, Path, description = "Its slug or its id"),
    ("language" = Option<String>, Query, description = "The language to read it in, as a tag; also `lang`"),
    ("Accept-Language" = Option<String>, Header, description = "What the caller reads, where `language` does not say"),
    ("If-None-Match" = Option<String>, Header, description = "`ETag`s of answers that the client has"),
), responses(
    (status = 200, description = "The article", body = ArticleBody,
        headers(("ETag" = String), ("Content-Language" = String), ("Cache-Control" = String))),
    (status = 304, description = "The client has it"),
    (status = 308, description = "It has another slug now", headers(("Location" = String))),
    ReadProblems,
))]
pub(crate) async fn read_article(
    State(app): State<App>,
    Anyone(actor): Anyone,
    ArticleName(name): ArticleName,
    wanted: Wanted,
    OriginalUri(here): OriginalUri,
    known: Known,
) -> Answer {
    let (now, turn) = (app.desk.now(), app.shelf.turn());
    // Whoever is signed in is not everybody: the host's policy may tell them apart.
    if actor != Actor::Guest {
        return Ok(page(&app, &actor, &name, &wanted).await?.answer(known, &here));
    }
    let key = (name, wanted.key());
    if let Some(page) = app.shelf.find(&key, now) {
        return Ok(app.shelf.public(page.answer(known, &here)));
    }
    let page = page(&app, &actor, &key.0, &wanted).await?;
    app.shelf.keep(key, page.clone(), turn, now);
    Ok(app.shelf.public(page.answer(known, &here)))
}

async fn page(app: &App, actor: &Actor, name: &str, wanted: &Wanted) -> Result<Page, Error> {
    let Found { reading, named } = find(&app.desk, actor, name, wanted).await?;
    if !named {
        let text = reading.article.texts.get(&reading.language).ok_or(Error::NotFound)?;
        return Ok(Page::Moved { slug: text.slug.clone() });
    }
    let html = app.shelf.html(&reading.revision);
    let body = ArticleBody::new(&reading, &html, actor.is_staff()).ok_or(Error::NotFound)?;
    // A struct with string keys, which JSON can always write.
    let body = serde_json::to_vec(&body).unwrap_or_default();
    Ok(Page::read(body, &reading.language))
}

struct Found {
    reading: Reading,
    /// Whether it was asked for by a name that it has, and not by one that it once had.
    named: bool,
}

async fn find(desk: &Desk, actor: &Actor, name: &str, wanted: &Wanted) -> Result<Found, Error> {
    let id = name.parse::<ArticleId>().ok();
    let reading = match id {
        Some(id) => desk.articles().get(actor, id, None).await?,
        None => desk.articles().read(actor, name, None).await?,
    };
    let named = id.is_some() || reading.article.texts.values().any(|text| text.slug == name);
    let reading = match wanted.among(&reading.article) {
        Some(language) if reading.article.best_language(Some(language)) != reading.language => {
            desk.articles().get(actor, reading.article.id, Some(language)).await?
        }
        _ => reading,
    };
    Ok(Found { reading, named })
}

/// What somebody thinks of an article.
#[derive(ToSchema)]
pub(crate) struct RateArticle {
    /// Whether it was helpful.
    #[schema(value_type = bool)]
    helpful: Option<bool>,
}

impl FromFields for RateArticle {
    fn from_fields(fields: &mut Fields) -> Self {
        Self { helpful: fields.field(&["helpful", "isHelpful"]).required().flag() }
    }
}

/// What everybody thinks of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Votes)]
pub(crate) struct VotesBody {
    /// So many found it helpful.
    helpful: u64,
    /// So many did not.
    not_helpful: u64,
}

impl From<&Votes> for VotesBody {
    fn from(votes: &Votes) -> Self {
        Self { helpful: votes.helpful, not_helpful: votes.not_helpful }
    }
}

/// Says whether an article was helpful
///
/// Each person counts once, and may change their mind. Who is not signed in is told apart by where they call from.
#[utoipa::path(post, path = "/articles/{article}/feedback", tag = "Help", security((), ("bearer" = [])),
    request_body = RateArticle, params(("article" = uuid::Uuid, Path, description = "Its id")),
    responses((status = 200, description = "What everybody thinks", body = VotesBody), ChangeProblems))]
pub(crate) async fn rate_article(
    Anyone(actor): Anyone,
    Visitor(visitor): Visitor,
    Named(article): Named<ArticleId>,
    terms: Terms,
    Body(said, names): Body<RateArticle>,
) -> Answer {
    let asked = terms.answering(&actor, |_, _, votes: &Votes| Reply::json(StatusCode::OK, &VotesBody::from(votes)));
    let helpful = said.helpful.unwrap_or_default();
    asked.answer(names.restore(asked.desk.articles().vote(&actor, visitor.as_deref(), article, helpful).await))
}
