//! Small lists of the staff over HTTP: categories, canned responses, saved views.

mod canned_responses;
mod categories;
mod views;

use crate::{
    Answer, App,
    terms::{Reply, Terms},
};
use axum::http::{StatusCode, header};
use serde::Serialize;
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

/// What an entry looks like on the wire.
trait EntryBody<'a>: Serialize + Sized {
    /// None where the entry is of another list.
    fn new(entry: &'a Entry, staff: bool) -> Option<Self>;
}

/// The entry as JSON; nothing of another list ever gets here.
fn reply<B: for<'a> Shown<'a>>(status: StatusCode, entry: &Entry, staff: bool) -> Reply {
    Reply::json(status, &B::shown(entry, staff))
}

/// A family of bodies, one for each lifetime.
trait Shown<'a> {
    type Body: EntryBody<'a>;

    fn shown(entry: &'a Entry, staff: bool) -> Option<Self::Body> {
        Self::Body::new(entry, staff)
    }
}

/// Adds an item to its list, and says where it stands.
async fn add<B: for<'a> Shown<'a>>(actor: &Actor, terms: Terms, path: String, item: Item) -> Answer {
    let asked = terms.answering(actor, move |_, _, entry: &Entry| {
        let location = format!("{}/{}", path.trim_end_matches('/'), entry.id);
        reply::<B>(StatusCode::CREATED, entry, true).with(&header::LOCATION, location)
    });
    asked.answer(asked.desk.catalogue().add(actor, item).await)
}

/// Makes an item what the body says.
async fn edit<B: for<'a> Shown<'a>>(actor: &Actor, terms: Terms, id: EntryId, item: Item) -> Answer {
    let asked = terms.answering(actor, |_, _, entry: &Entry| reply::<B>(StatusCode::OK, entry, true));
    asked.answer(asked.desk.catalogue().edit(actor, id, item).await)
}

/// Takes an item off its list.
async fn remove(desk: &Desk, actor: &Actor, kind: ItemKind, id: EntryId) -> Answer {
    use axum::response::IntoResponse as _;
    desk.catalogue().remove(actor, kind, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
