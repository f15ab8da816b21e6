use super::{add, edit, remove};
use crate::{
    Answer, App,
    auth::Caller,
    body::{Body, FromFields},
    extract::{Named, NoParams, Params},
    fields::{Fields, camel_case},
    link::Listed,
    openapi::{ChangeProblems, ListProblems, ReadProblems},
    problem::Problem,
    terms::{Reply, Terms},
    tickets,
    wire::{AgentBody, Moment},
};
use axum::{
    Json,
    extract::{OriginalUri, State},
    http::StatusCode,
    response::IntoResponse,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use support_core::{
    desk::{Desk, Error},
    domain::{
        actor::{Actor, AgentRef},
        catalogue::{Entry, Item, ItemKind, SavedView},
        fault::{Fault, Faults},
        id::{AgentId, EntryId},
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_views, add_view))
        .routes(routes!(read_view, edit_view, remove_view))
        .routes(routes!(look_through))
}

/// A list of tickets to look at often.
#[derive(ToSchema)]
pub(crate) struct WriteView {
    /// Its name, once for each owner.
    #[schema(value_type = String)]
    name: Option<String>,
    /// Whether other staff see it too; they do not as without. Also `isShared`.
    shared: Option<bool>,
    /// The parameters of the list of tickets, by name; also `filter` or `filters`.
    #[schema(value_type = Object)]
    query: BTreeMap<String, String>,
}

impl FromFields for WriteView {
    fn from_fields(fields: &mut Fields) -> Self {
        let query = fields.field(&["query", "filter", "filters"]).required().object_or_none(texts).flatten();
        Self {
            name: fields.field(&["name"]).required().text(),
            shared: fields.field(&["shared", "isShared"]).flag(),
            query: query.unwrap_or_default(),
        }
    }
}

/// Parameters by name, as a query has them.
fn texts(fields: &mut Fields) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for name in fields.names_left() {
        texts.extend(fields.named(&name).text().map(|text| (name, text)));
    }
    texts
}

fn parameters(query: &BTreeMap<String, String>) -> Fields {
    Fields::new(query.iter().map(|(name, text)| (name.clone(), Value::String(text.clone()))))
}

impl WriteView {
    /// The view, if the list of tickets would take its parameters.
    async fn checked(self, desk: &Desk, actor: &Actor) -> Result<Item, Error> {
        let mut faults = tickets::faults_of_list(parameters(&self.query), desk, actor).await?;
        for place in ["page", "cursor"] {
            if let Some(written) = parameters(&self.query).written_as(place) {
                faults.push(Fault::new(written, "is a place in the list, and no part of a view"));
            }
        }
        let within = |fault: Fault| Fault { field: format!("query.{}", fault.field), ..fault };
        Faults(faults.0.into_iter().map(within).collect()).check()?;
        // The desk writes down the owner itself.
        let owner = AgentRef { id: AgentId(Uuid::nil()), name: String::new() };
        let (name, shared) = (self.name.unwrap_or_default(), self.shared.unwrap_or(false));
        Ok(Item::SavedView(SavedView { name, owner, shared, query: self.query }))
    }
}

/// A saved view.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SavedView)]
pub(crate) struct ViewBody<'a> {
    /// Its id.
    id: Uuid,
    /// Its name.
    name: &'a str,
    /// Whose it is.
    owner: AgentBody<'a>,
    /// Whether other staff see it too.
    shared: bool,
    /// The parameters of the list of tickets.
    #[schema(value_type = Object)]
    query: &'a BTreeMap<String, String>,
    /// When it was made.
    created_at: Moment,
    /// When it was last changed.
    updated_at: Moment,
}

impl<'a> ViewBody<'a> {
    /// None for an entry of another list.
    fn new(entry: &'a Entry) -> Option<Self> {
        let Item::SavedView(view) = &entry.item else { return None };
        Some(Self {
            id: entry.id.uuid(),
            name: &view.name,
            owner: AgentBody::from(&view.owner),
            shared: view.shared,
            query: &view.query,
            created_at: Moment(entry.created_at),
            updated_at: Moment(entry.updated_at),
        })
    }
}

fn show(status: StatusCode, entry: &Entry) -> Reply {
    Reply::json(status, &ViewBody::new(entry))
}

/// The saved views.
#[derive(Serialize, ToSchema)]
pub(crate) struct ViewList<'a> {
    /// One's own, and those that others share.
    views: Vec<ViewBody<'a>>,
}

/// Lists the saved views that the caller may look through
#[utoipa::path(get, path = "/views", tag = "Lists", responses(
    (status = 200, description = "The views", body = ViewList), ListProblems))]
pub(crate) async fn list_views(State(desk): State<Desk>, Caller(actor): Caller, _: NoParams) -> Answer {
    let entries = desk.catalogue().list(&actor, ItemKind::SavedView).await?;
    let views = entries.iter().filter_map(ViewBody::new).collect();
    Ok(Json(ViewList { views }).into_response())
}

/// Saves a view
#[utoipa::path(post, path = "/views", tag = "Lists", request_body = WriteView, responses(
    (status = 201, description = "The view", body = ViewBody, headers(("Location" = String))), ChangeProblems))]
pub(crate) async fn add_view(
    Caller(actor): Caller,
    OriginalUri(here): OriginalUri,
    terms: Terms,
    Body(wanted, names): Body<WriteView>,
) -> Answer {
    let item = names.restore(wanted.checked(terms.desk(), &actor).await)?;
    add(&actor, terms, &names, here.path(), item, show).await
}

/// Reads a saved view
#[utoipa::path(get, path = "/views/{entry}", tag = "Lists",
    params(("entry" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The view", body = ViewBody), ReadProblems))]
pub(crate) async fn read_view(State(desk): State<Desk>, Caller(actor): Caller, Named(id): Named<EntryId>) -> Answer {
    let entry = desk.catalogue().get(&actor, ItemKind::SavedView, id).await?;
    let body = ViewBody::new(&entry).ok_or(Error::NotFound)?;
    Ok(Json(body).into_response())
}

/// Lists the tickets that a saved view describes
#[utoipa::path(get, path = "/views/{entry}/tickets", tag = "Lists", params(
    ("entry" = Uuid, Path, description = "Its id"),
    ("page" = Option<u32>, Query, description = "From 1"),
    ("limit" = Option<u32>, Query, description = "Rows of a page"),
    ("cursor" = Option<String>, Query, description = "The `nextCursor` of an earlier answer; not together with `page`"),
), responses((status = 200, description = "The tickets", body = tickets::TicketList), ListProblems))]
pub(crate) async fn look_through(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(id): Named<EntryId>,
    listed: Listed,
    Params(mut fields): Params,
) -> Answer {
    let entry = desk.catalogue().get(&actor, ItemKind::SavedView, id).await?;
    let Item::SavedView(view) = entry.item else { return Err(Error::NotFound.into()) };
    let mut query: BTreeMap<String, String> = view.query;
    for name in ["page", "limit", "cursor"] {
        if let Some(text) = fields.field(&[name]).text() {
            // In whatever spelling the view has it.
            query.retain(|known, _| camel_case(known) != name);
            query.insert(name.to_owned(), text);
        }
    }
    fields.end_of_query().map_err(Problem::parameters)?;
    tickets::answer(&desk, &actor, &listed, parameters(&query)).await
}

/// Makes a saved view what the body says
#[utoipa::path(put, path = "/views/{entry}", tag = "Lists", request_body = WriteView,
    params(("entry" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The view", body = ViewBody), ChangeProblems))]
pub(crate) async fn edit_view(
    Caller(actor): Caller,
    Named(id): Named<EntryId>,
    terms: Terms,
    Body(wanted, names): Body<WriteView>,
) -> Answer {
    let item = names.restore(wanted.checked(terms.desk(), &actor).await)?;
    edit(&actor, terms, &names, id, item, show).await
}

/// Removes a saved view
#[utoipa::path(delete, path = "/views/{entry}", tag = "Lists",
    params(("entry" = Uuid, Path, description = "Its id")),
    responses((status = 204, description = "It is gone"), ChangeProblems))]
pub(crate) async fn remove_view(State(desk): State<Desk>, Caller(actor): Caller, Named(id): Named<EntryId>) -> Answer {
    remove(&desk, &actor, ItemKind::SavedView, id).await
}
