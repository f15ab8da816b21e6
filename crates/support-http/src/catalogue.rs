//! Small lists of the staff over HTTP: categories, canned responses, saved views.

mod canned_responses;
mod categories;
mod views;

use crate::{
    Answer, App,
    fields::Names,
    terms::{Reply, Terms},
};
use axum::{
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use support_core::{
    desk::Desk,
    domain::{
        actor::Actor,
        catalogue::{Entry, Item, ItemKind},
        id::EntryId,
    },
};
use utoipa_axum::router::OpenApiRouter;

/// The routes of all lists.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(categories::routes()).merge(canned_responses::routes()).merge(views::routes())
}

/// An entry as its list shows it to whoever keeps it.
type Show = fn(StatusCode, &Entry) -> Reply;

/// Adds an item to its list, and says where it stands.
async fn add(actor: &Actor, terms: Terms, names: &Names, path: &str, item: Item, show: Show) -> Answer {
    let path = path.trim_end_matches('/').to_owned();
    let asked = terms.answering(actor, move |_, _, entry: &Entry| {
        show(StatusCode::CREATED, entry).with(&header::LOCATION, format!("{path}/{}", entry.id))
    });
    asked.answer(names.restore(asked.desk.catalogue().add(actor, item).await))
}

/// Makes an item what the body says.
async fn edit(actor: &Actor, terms: Terms, names: &Names, id: EntryId, item: Item, show: Show) -> Answer {
    let asked = terms.answering(actor, move |_, _, entry: &Entry| show(StatusCode::OK, entry));
    asked.answer(names.restore(asked.desk.catalogue().edit(actor, id, item).await))
}

/// Takes an item off its list.
async fn remove(desk: &Desk, actor: &Actor, kind: ItemKind, id: EntryId) -> Answer {
    desk.catalogue().remove(actor, kind, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
