//! The audit trail over HTTP.

use crate::{
    Answer, App,
    auth::Caller,
    extract::{Behind, Which},
    link::{Listed, behind},
    openapi::ListProblems,
    wire::Moment,
};
use axum::{Json, extract::State, response::IntoResponse};
use serde::Serialize;
use serde_json::{Map, Value};
use support_core::{
    desk::Desk,
    domain::{
        actor::{Role, Signature},
        event::{Cause, Event},
        id::EventId,
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes of the trail.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_events))
}

/// A stretch of the trail of a ticket.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventList<'a> {
    /// The entries, oldest first.
    events: Vec<EventBody<'a>>,
    /// Whether more follow.
    has_more: bool,
}

/// One entry of the trail.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventBody<'a> {
    /// Its id.
    id: Uuid,
    /// What happened, in a word.
    #[schema(example = "status_changed")]
    r#type: &'static str,
    /// When.
    at: Moment,
    /// Who did it.
    actor: SignatureBody<'a>,
    /// Why: `request`, or a `hook` or `rule` with its name; only staff are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, required = false)]
    cause: Option<&'a Cause>,
    /// What was before and what is now; which fields depends on the type.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

/// Who did something.
#[derive(Serialize, ToSchema)]
#[schema(as = Signature)]
pub(crate) struct SignatureBody<'a> {
    /// In which role.
    #[schema(value_type = String)]
    role: Role,
    /// Their id; none for the system.
    id: Option<Uuid>,
    /// Their name at the time.
    name: &'a str,
}

impl<'a> From<&'a Signature> for SignatureBody<'a> {
    fn from(signature: &'a Signature) -> Self {
        Self { role: signature.role, id: signature.id, name: &signature.name }
    }
}

impl<'a> From<&'a Event> for EventBody<'a> {
    fn from(event: &'a Event) -> Self {
        // A fact is a struct with string keys, which JSON can always write; its `type` stands beside the data.
        let mut data = match serde_json::to_value(&event.fact) {
            Ok(Value::Object(data)) => data,
            _ => Map::new(),
        };
        data.remove("type");
        Self {
            id: event.id.uuid(),
            r#type: event.fact.name(),
            at: Moment(event.at),
            actor: SignatureBody::from(&event.actor),
            cause: Some(&event.cause),
            data,
        }
    }
}

impl<'a> EventBody<'a> {
    /// An entry whose fact is [for its customer](support_core::domain::event::Fact::for_customer). By which rule staff
    /// have a thing done is theirs to know.
    pub(crate) fn for_customer(event: &'a Event) -> Self {
        Self { cause: None, ..Self::from(event) }
    }
}

/// Reads what happened to a ticket, for staff
#[utoipa::path(get, path = "/tickets/{ticket}/events", tag = "Tickets", params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("after" = Option<Uuid>, Query, description = "The id of the last entry that is known"),
    ("limit" = Option<u32>, Query, description = "The most entries; as many as the profile allows as without"),
), responses((status = 200, description = "The entries", body = EventList), ListProblems))]
pub(crate) async fn list_events(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    listed: Listed,
    Behind { after, limit }: Behind<EventId>,
) -> Answer {
    let trail = desk.events().list(&actor, ticket, after, limit).await?;
    let events = trail.items.iter().map(EventBody::from).collect();
    let has_more = trail.more;
    let next = behind(&trail, |event| event.id.uuid());
    Ok((listed.links(None, next), Json(EventList { events, has_more })).into_response())
}
