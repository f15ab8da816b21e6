use super::{add, edit, remove};
use crate::{
    Answer, App,
    auth::Caller,
    body::{Body, FromFields},
    extract::{Named, NoParams},
    fields::Fields,
    openapi::{ChangeProblems, ListProblems, ReadProblems},
    terms::{Reply, Terms},
    wire::Moment,
};
use axum::{
    Json,
    extract::{OriginalUri, State},
    http::StatusCode,
    response::IntoResponse,
};
use serde::Serialize;
use support_core::{
    desk::{Desk, Error},
    domain::{
        catalogue::{Category, Entry, Item, ItemKind},
        fault::Fault,
        id::EntryId,
        key::{CategoryKey, PriorityKey},
        sla::{ClockKind, Targets},
        span::{BadSpan, Span},
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_categories, add_category)).routes(routes!(
        read_category,
        edit_category,
        remove_category
    ))
}

/// What tickets can be about.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct WriteCategory {
    /// How tickets name it; also `key`.
    #[schema(value_type = String)]
    slug: Option<String>,
    /// What people call it.
    #[schema(value_type = String)]
    name: Option<String>,
    /// What belongs to it.
    description: Option<String>,
    /// Whether new tickets may have it; they may as without. Also `active`.
    is_active: Option<bool>,
    /// What its tickets get that come without a priority; also `priority`.
    default_priority: Option<String>,
    /// What is promised for its tickets instead of the profile's targets, as `15m`, `2h`, `3d`; also `targets`.
    #[schema(value_type = Option<Promises>)]
    sla: Option<Targets>,
}

/// Times that are promised, as `15m`, `2h`, `3d`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Promises {
    /// To the first answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_response: Option<String>,
    /// To each later answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_response: Option<String>,
    /// To the resolution.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<String>,
}

impl FromFields for WriteCategory {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            slug: fields.field(&["slug", "key"]).required().text(),
            name: fields.field(&["name"]).required().text(),
            description: fields.field(&["description"]).text(),
            is_active: fields.field(&["isActive", "active"]).flag(),
            default_priority: fields.field(&["defaultPriority", "priority"]).text(),
            sla: fields.field(&["sla", "targets"]).object_or_none(targets).flatten(),
        }
    }
}

fn targets(fields: &mut Fields) -> Targets {
    let targets = Targets {
        first_response: fields.field(&["firstResponse"]).checked(span),
        next_response: fields.field(&["nextResponse"]).checked(span),
        resolution: fields.field(&["resolution"]).checked(span),
    };
    // A promise that nobody reads would not be kept.
    fields.nothing_else();
    targets
}

fn span(field: &str, text: &str) -> Result<Span, Fault> {
    let span: Span = text.parse().map_err(|error: BadSpan| Fault::new(field, error.to_string()))?;
    // The desk would say so too, but under its own name for the clock.
    if span.seconds() == 0 { Err(Fault::new(field, "must be longer than nothing")) } else { Ok(span) }
}

impl From<WriteCategory> for Item {
    fn from(wanted: WriteCategory) -> Self {
        Self::Category(Category {
            slug: CategoryKey::new(wanted.slug.unwrap_or_default()),
            name: wanted.name.unwrap_or_default(),
            description: wanted.description.unwrap_or_default(),
            is_active: wanted.is_active.unwrap_or(true),
            priority: wanted.default_priority.map(PriorityKey::new),
            sla: wanted.sla,
        })
    }
}

/// A category.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Category)]
pub(crate) struct CategoryBody<'a> {
    /// Its id.
    id: Uuid,
    /// How tickets name it.
    slug: &'a str,
    /// What people call it.
    name: &'a str,
    /// What belongs to it.
    description: &'a str,
    /// Whether new tickets may have it.
    is_active: bool,
    /// What only staff see.
    #[serde(flatten)]
    internals: Option<CategoryInternals<'a>>,
}

/// What only staff see of a category.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CategoryInternals<'a> {
    /// What its tickets get that come without a priority.
    default_priority: Option<&'a str>,
    /// What is promised for its tickets instead of the profile's targets.
    sla: Option<Promises>,
    /// When it was made.
    created_at: Moment,
    /// When it was last changed.
    updated_at: Moment,
}

impl<'a> CategoryBody<'a> {
    /// None for an entry of another list.
    fn new(entry: &'a Entry, staff: bool) -> Option<Self> {
        let Item::Category(category) = &entry.item else { return None };
        let promise = |targets: &Targets, clock| targets.of(clock).map(|span| span.to_string());
        let internals = CategoryInternals {
            default_priority: category.priority.as_ref().map(PriorityKey::as_str),
            sla: category.sla.as_ref().map(|targets| Promises {
                first_response: promise(targets, ClockKind::FirstResponse),
                next_response: promise(targets, ClockKind::NextResponse),
                resolution: promise(targets, ClockKind::Resolution),
            }),
            created_at: Moment(entry.created_at),
            updated_at: Moment(entry.updated_at),
        };
        Some(Self {
            id: entry.id.uuid(),
            slug: category.slug.as_str(),
            name: &category.name,
            description: &category.description,
            is_active: category.is_active,
            internals: staff.then_some(internals),
        })
    }
}

fn show(status: StatusCode, entry: &Entry) -> Reply {
    Reply::json(status, &CategoryBody::new(entry, true))
}

/// The categories.
#[derive(Serialize, ToSchema)]
pub(crate) struct CategoryList<'a> {
    /// In the order of their slugs.
    categories: Vec<CategoryBody<'a>>,
}

/// Lists the categories that stand beside the profile's own
///
/// Customers see those that new tickets may have.
#[utoipa::path(get, path = "/categories", tag = "Lists", responses(
    (status = 200, description = "The categories", body = CategoryList), ListProblems))]
pub(crate) async fn list_categories(State(desk): State<Desk>, Caller(actor): Caller, _: NoParams) -> Answer {
    let entries = desk.catalogue().list(&actor, ItemKind::Category).await?;
    let staff = actor.is_staff();
    let categories = entries.iter().filter_map(|entry| CategoryBody::new(entry, staff)).collect();
    Ok(Json(CategoryList { categories }).into_response())
}

/// Adds a category
#[utoipa::path(post, path = "/categories", tag = "Lists", request_body = WriteCategory, responses(
    (status = 201, description = "The category", body = CategoryBody, headers(("Location" = String))), ChangeProblems))]
pub(crate) async fn add_category(
    Caller(actor): Caller,
    OriginalUri(here): OriginalUri,
    terms: Terms,
    Body(wanted, names): Body<WriteCategory>,
) -> Answer {
    add(&actor, terms, &names, here.path(), wanted.into(), show).await
}

/// Reads a category, for staff
#[utoipa::path(get, path = "/categories/{entry}", tag = "Lists",
    params(("entry" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The category", body = CategoryBody), ReadProblems))]
pub(crate) async fn read_category(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(id): Named<EntryId>,
) -> Answer {
    let entry = desk.catalogue().get(&actor, ItemKind::Category, id).await?;
    let body = CategoryBody::new(&entry, true).ok_or(Error::NotFound)?;
    Ok(Json(body).into_response())
}

/// Makes a category what the body says
#[utoipa::path(put, path = "/categories/{entry}", tag = "Lists", request_body = WriteCategory,
    params(("entry" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The category", body = CategoryBody), ChangeProblems))]
pub(crate) async fn edit_category(
    Caller(actor): Caller,
    Named(id): Named<EntryId>,
    terms: Terms,
    Body(wanted, names): Body<WriteCategory>,
) -> Answer {
    edit(&actor, terms, &names, id, wanted.into(), show).await
}

/// Removes a category; tickets keep it
#[utoipa::path(delete, path = "/categories/{entry}", tag = "Lists",
    params(("entry" = Uuid, Path, description = "Its id")),
    responses((status = 204, description = "It is gone"), ChangeProblems))]
pub(crate) async fn remove_category(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(id): Named<EntryId>,
) -> Answer {
    remove(&desk, &actor, ItemKind::Category, id).await
}
