//! Finding tickets by what was said on them, over HTTP.

use crate::{
    Answer, App,
    auth::Caller,
    extract::{Params, paging},
    fields::Fields,
    link::Listed,
    openapi::ListProblems,
    problem::Problem,
    wire::{
        article::{PieceBody, pieces},
        page::NumberedPage,
        ticket::TicketBody,
    },
};
use axum::{Json, extract::State, response::IntoResponse as _};
use serde::Serialize;
use std::collections::BTreeMap;
use support_core::{
    desk::{Desk, search::TicketSearch},
    domain::{agent, fault::Fault, search::Label, text::TextRule},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The route of the search.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(search_tickets))
}

/// A page of tickets that were found.
#[derive(Serialize, ToSchema)]
pub(crate) struct FoundTicketList<'a> {
    /// The best first.
    tickets: Vec<FoundTicket<'a>>,
    /// How many of all that were found have which status, priority, category and tag: the most frequent first.
    #[schema(value_type = Object)]
    facets: BTreeMap<&'static str, Vec<FacetBody<'a>>>,
    /// Where the page stands.
    pagination: NumberedPage,
}

/// A ticket that was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct FoundTicket<'a> {
    #[serde(flatten)]
    ticket: TicketBody<'a>,
    /// Where it says what was looked for.
    snippet: Vec<PieceBody<'a>>,
}

/// How many tickets have a property.
#[derive(Serialize, ToSchema)]
#[schema(as = Facet)]
pub(crate) struct FacetBody<'a> {
    /// Which.
    value: &'a str,
    /// How many.
    count: u64,
}

fn matching(field: &str, word: &str) -> Result<bool, Fault> {
    match word {
        "all" => Ok(true),
        "any" => Ok(false),
        _ => Err(Fault::unknown(field, word, ["all", "any"])),
    }
}

fn search(fields: &mut Fields) -> TicketSearch {
    let line = |most| move |field: &str, text: &str| TextRule::line(most).required(field, text);
    let text = fields.field(&["q", "search"]).required().checked(line(200));
    let labels = [
        (Label::Status, fields.field(&["status"]).checked(line(50))),
        (Label::Priority, fields.field(&["priority"]).checked(line(50))),
        (Label::Category, fields.field(&["category", "topic"]).checked(line(50))),
        (Label::Tag, fields.field(&["tag"]).checked(line(50))),
    ];
    TicketSearch {
        text: text.unwrap_or_default(),
        all: fields.field(&["match"]).checked(matching).unwrap_or(false),
        labels: labels.into_iter().filter_map(|(label, value)| Some((label, value?))).collect(),
        language: fields.field(&["language", "lang"]).checked(agent::language),
    }
}

/// Finds tickets by what was said on them, among those that the caller may see
///
/// Messages are searched, too, and for staff notes. What was just written is found a moment later.
#[utoipa::path(get, path = "/tickets/search", tag = "Tickets", params(
    ("q" = String, Query, description = "Words of number, subject, tags or messages; also `search`"),
    ("match" = Option<String>, Query, description = "`any` (as without) or `all` of the words"),
    ("status" = Option<String>, Query, description = "With this status"),
    ("priority" = Option<String>, Query, description = "With this priority"),
    ("category" = Option<String>, Query, description = "With this category; also `topic`"),
    ("tag" = Option<String>, Query, description = "With this tag"),
    ("language" = Option<String>, Query, description = "The language of `q`, as a tag; also `lang`"),
    ("page" = Option<u32>, Query, description = "From 1"),
    ("limit" = Option<u32>, Query, description = "Rows of a page; 20 as without"),
), responses((status = 200, description = "The tickets", body = FoundTicketList), ListProblems))]
pub(crate) async fn search_tickets(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    listed: Listed,
    Params(mut fields): Params,
) -> Answer {
    let search = search(&mut fields);
    let paging = paging(&mut fields, &desk);
    fields.end_of_query().map_err(Problem::parameters)?;
    let found = desk.search().tickets(&actor, &search, paging).await.map_err(Problem::of_query)?;
    let pagination = NumberedPage::new(paging, found.hits.total);
    let links = pagination.links(&listed);
    let tickets = found.items.iter().map(|(ticket, hit)| FoundTicket {
        ticket: TicketBody::new(&desk, ticket, desk.sees_notes(&actor, ticket)),
        snippet: pieces(&hit.snippet),
    });
    let facets = found.hits.facets.iter().map(|(label, values)| {
        let values = values.iter().map(|(value, count)| FacetBody { value, count: *count });
        (label.as_str(), values.collect())
    });
    let body = FoundTicketList { tickets: tickets.collect(), facets: facets.collect(), pagination };
    Ok((links, Json(body)).into_response())
}
