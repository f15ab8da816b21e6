use super::language::{self, Wanted};
use crate::{
    Answer, App,
    auth::Anyone,
    extract::{Params, paging},
    fields::Fields,
    link::Listed,
    openapi::ListProblems,
    problem::Problem,
    wire::{article::ArticleRowBody, page::NumberedPage},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::IntoResponse as _,
};
use serde::Serialize;
use support_core::{
    desk::articles::ArticleFilter,
    domain::{actor::Actor, fault::Fault, text::TextRule},
};
use utoipa::ToSchema;

/// A page of articles.
#[derive(Serialize, ToSchema)]
pub(crate) struct ArticleList<'a> {
    /// Those that fit best first; without `q`, the latest change first.
    articles: Vec<ArticleRowBody<'a>>,
    /// What published articles are about.
    categories: Vec<CategoryCount<'a>>,
    /// Where the page stands.
    pagination: NumberedPage,
}

/// How many articles are about something.
#[derive(Serialize, ToSchema)]
pub(crate) struct CategoryCount<'a> {
    /// What.
    name: &'a str,
    /// How many.
    count: u64,
}

const STATES: [&str; 5] = ["all", "archived", "draft", "published", "scheduled"];

fn state(field: &str, word: &str) -> Result<String, Fault> {
    let known = STATES.iter().find(|state| **state == word);
    known.map(|state| (*state).to_owned()).ok_or_else(|| Fault::unknown(field, word, STATES))
}

fn filter(fields: &mut Fields) -> ArticleFilter {
    let line = |most| move |field: &str, text: &str| TextRule::line(most).required(field, text);
    ArticleFilter {
        text: fields.field(&["q", "search"]).checked(line(200)),
        category: fields.field(&["category"]).checked(line(50)),
        tag: fields.field(&["tag"]).checked(line(50)),
        state: fields.field(&["state", "status"]).checked(state),
        language: language::parameter(fields),
    }
}

/// Searches the help articles
///
/// Each comes in the language that suits the caller best. `state` is for staff; everybody else gets what is published.
#[utoipa::path(get, path = "/articles", tag = "Help", security((), ("bearer" = [])), params(
    ("q" = Option<String>, Query, description = "Words that they say; also `search`"),
    ("category" = Option<String>, Query, description = "About this"),
    ("tag" = Option<String>, Query, description = "With this tag"),
    ("language" = Option<String>, Query, description = "The language to read them in, as a tag; also `lang`"),
    ("state" = Option<String>, Query, description = "For staff: `draft`, `scheduled`, `published`, `archived` or `all`; also `status`"),
    ("page" = Option<u32>, Query, description = "From 1; at most 10,000 rows lie before a page"),
    ("limit" = Option<u32>, Query, description = "Rows of a page; 20 as without"),
    ("Accept-Language" = Option<String>, Header, description = "What the caller reads, where `language` does not say"),
), responses((status = 200, description = "The articles", body = ArticleList), ListProblems))]
pub(crate) async fn list_articles(
    State(app): State<App>,
    Anyone(actor): Anyone,
    listed: Listed,
    headers: HeaderMap,
    Params(mut fields): Params,
) -> Answer {
    let mut filter = filter(&mut fields);
    let paging = paging(&mut fields, &app.desk);
    fields.end_of_query().map_err(Problem::parameters)?;
    filter.language = Wanted::of(filter.language, &headers).first().map(str::to_owned);
    let page = app.desk.articles().list(&actor, &filter, paging).await.map_err(Problem::of_query)?;
    let pagination = NumberedPage::new(paging, page.total);
    let links = pagination.links(&listed);
    let body = ArticleList {
        articles: page.items.iter().filter_map(|row| ArticleRowBody::new(row, actor.is_staff())).collect(),
        categories: page.categories.iter().map(|(name, count)| CategoryCount { name, count: *count }).collect(),
        pagination,
    };
    let vary = [(header::VARY, HeaderValue::from_static("Authorization, Accept-Language"))];
    let answer = (links, vary, Json(body)).into_response();
    Ok(if actor == Actor::Guest { app.shelf.public(answer) } else { answer })
}
