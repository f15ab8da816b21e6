//! What is kept about a person, over HTTP: all of it for them to have, and none of it when they want to be forgotten.

use crate::{
    Answer, App,
    auth::Caller,
    events::EventBody,
    extract::Named,
    openapi::{ChangeProblems, ReadProblems},
    wire::{Moment, ticket::TicketBody},
};
use axum::{Json, extract::State, response::IntoResponse};
use serde::Serialize;
use support_core::{
    desk::{
        Desk, Error,
        people::{Export, ExportedTicket},
    },
    domain::{access::Action, document::Document, id::CustomerId},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes of people.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(erase_person)).routes(routes!(export_person)).routes(routes!(export_own))
}

/// Everything that is kept about a person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PersonExport)]
pub(crate) struct ExportBody<'a> {
    /// Who.
    customer_id: Uuid,
    /// When it was put together.
    exported_at: Moment,
    /// Their tickets, the oldest first.
    tickets: Vec<ExportedTicketBody<'a>>,
    /// Everything else that is theirs: reviews, feedback, calls, inquiries, votes, and what is known of their files.
    things: Vec<ExportedThing<'a>>,
}

/// Something that is a person's beside their tickets.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportedThing<'a> {
    /// What it is.
    kind: &'static str,
    /// Its id.
    id: Uuid,
    /// What it says.
    #[schema(value_type = Object)]
    content: &'a serde_json::Value,
}

/// A ticket with everything that hangs on it.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportedTicket)]
pub(crate) struct ExportedTicketBody<'a> {
    /// The ticket and its messages.
    #[serde(flatten)]
    ticket: TicketBody<'a>,
    /// What happened to it.
    events: Vec<EventBody<'a>>,
}

fn exported(desk: &Desk, export: &Export) -> axum::response::Response {
    fn body<'a>(desk: &'a Desk, exported: &'a ExportedTicket) -> ExportedTicketBody<'a> {
        ExportedTicketBody {
            ticket: TicketBody::new(desk, &exported.ticket, false).with_messages(desk, &exported.messages, false),
            events: exported.events.iter().map(EventBody::for_customer).collect(),
        }
    }
    fn thing(document: &Document) -> ExportedThing<'_> {
        ExportedThing { kind: document.kind.as_str(), id: document.id, content: &document.body }
    }
    let body = ExportBody {
        customer_id: export.customer.uuid(),
        exported_at: Moment(export.at),
        tickets: export.tickets.iter().map(|ticket| body(desk, ticket)).collect(),
        things: export.things.iter().map(thing).collect(),
    };
    Json(body).into_response()
}

/// Gets everything that is kept about a customer
#[utoipa::path(get, path = "/people/{customer}/export", tag = "People",
    params(("customer" = Uuid, Path, description = "The id of the customer")),
    responses((status = 200, description = "All of it", body = ExportBody), ReadProblems))]
pub(crate) async fn export_person(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(customer): Named<CustomerId>,
) -> Answer {
    Ok(exported(&desk, &desk.people().export(&actor, customer).await?))
}

/// Gets everything that is kept about the caller
///
/// For customers: of staff nothing is kept that would be theirs alone.
#[utoipa::path(get, path = "/me/export", tag = "People",
    responses((status = 200, description = "All of it", body = ExportBody), ReadProblems))]
pub(crate) async fn export_own(State(desk): State<Desk>, Caller(actor): Caller) -> Answer {
    let customer = actor.customer_id().ok_or(Error::Forbidden(Action::ExportPerson))?;
    Ok(exported(&desk, &desk.people().export(&actor, customer).await?))
}

/// What was forgotten.
#[derive(Serialize, ToSchema)]
pub(crate) struct Erased {
    /// Who has the tickets now: nobody.
    pseudonym: Uuid,
    /// How many tickets were theirs.
    tickets: u32,
}

/// Forgets a customer
///
/// Their tickets stay with a pseudonym, and without anything that anybody wrote on them.
#[utoipa::path(delete, path = "/people/{customer}", tag = "People",
    params(("customer" = Uuid, Path, description = "The id of the customer")),
    responses((status = 200, description = "What was forgotten", body = Erased), ChangeProblems))]
pub(crate) async fn erase_person(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(customer): Named<CustomerId>,
) -> Answer {
    let forgotten = desk.people().erase(&actor, customer).await?;
    Ok(Json(Erased { pseudonym: forgotten.pseudonym.uuid(), tickets: forgotten.tickets }).into_response())
}
