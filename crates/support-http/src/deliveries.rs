//! What is on its way to those outside, over HTTP: a log, and dead letters for admins to look at.

use crate::{
    Answer, App,
    auth::Caller,
    extract::{Named, NoParams, Params, paging},
    fields::Fields,
    link::Listed,
    openapi::{ChangeProblems, ListProblems, ReadProblems},
    problem::Problem,
    terms::{Asked, Reply, Terms},
    wire::{Moment, page::NumberedPage},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse as _};
use serde::Serialize;
use support_core::{
    desk::{Desk, documents::Paging},
    domain::{
        actor::Actor,
        announcement::Naming,
        delivery::{Attempt, Delivery, DeliveryState, Source},
        id::DeliveryId,
        sink::SinkState,
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes of deliveries.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_deliveries))
        .routes(routes!(read_delivery, drop_delivery))
        .routes(routes!(retry_delivery))
        .routes(routes!(list_sinks))
}

/// Something on its way to one who listens. It holds ids and no words.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
pub(crate) struct DeliveryBody<'a> {
    /// Its id.
    id: Uuid,
    /// To whom.
    sink: &'a str,
    /// As what it is told.
    event: &'static str,
    /// The id by which whoever listens knows it.
    event_id: Uuid,
    /// About which ticket, if about one.
    ticket_id: Option<Uuid>,
    /// `waiting`, `behind` (what happened before it is told first), `delivered`, `dead` or `dropped`.
    status: &'static str,
    /// When it is tried, or tried again; none where it is not, or not yet.
    next_attempt_at: Option<Moment>,
    /// When it was delivered, given up or dropped.
    settled_at: Option<Moment>,
    /// How often it was tried.
    tries: usize,
    /// The last try.
    last_attempt: Option<AttemptBody<'a>>,
    /// When it became one.
    created_at: Moment,
}

/// One try.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Attempt)]
pub(crate) struct AttemptBody<'a> {
    /// When.
    at: Moment,
    /// How long it took, in milliseconds.
    took_ms: u32,
    /// What was answered, where it was HTTP.
    response_status: Option<u16>,
    /// Why it was not taken; none where it was.
    error: Option<&'a str>,
}

impl<'a> From<&'a Attempt> for AttemptBody<'a> {
    fn from(attempt: &'a Attempt) -> Self {
        let Attempt { at, took_ms, status, error } = attempt;
        Self { at: Moment(*at), took_ms: *took_ms, response_status: *status, error: error.as_deref() }
    }
}

impl<'a> DeliveryBody<'a> {
    fn new(delivery: &'a Delivery, naming: Naming) -> Self {
        let (next, settled) = match delivery.state {
            DeliveryState::Behind => (None, None),
            DeliveryState::Waiting { at } => (Some(at), None),
            DeliveryState::Delivered { at } | DeliveryState::Dead { at } | DeliveryState::Dropped { at } => {
                (None, Some(at))
            }
        };
        let ticket_id = match delivery.source {
            Source::Event { ticket, .. } => Some(ticket.uuid()),
            Source::Thing { .. } => None,
        };
        Self {
            id: delivery.id.uuid(),
            sink: &delivery.sink,
            event: delivery.kind.name(naming),
            event_id: delivery.source.id(),
            ticket_id,
            status: delivery.state.as_str(),
            next_attempt_at: next.map(Moment),
            settled_at: settled.map(Moment),
            tries: delivery.attempts.len(),
            last_attempt: delivery.attempts.last().map(AttemptBody::from),
            created_at: Moment(delivery.created_at),
        }
    }
}

/// Something on its way, with every try.
#[derive(Serialize, ToSchema)]
pub(crate) struct WholeDelivery<'a> {
    #[serde(flatten)]
    delivery: DeliveryBody<'a>,
    /// What was tried, the oldest first.
    attempts: Vec<AttemptBody<'a>>,
}

impl<'a> WholeDelivery<'a> {
    fn new(delivery: &'a Delivery, desk: &Desk) -> Self {
        let attempts = delivery.attempts.iter().map(AttemptBody::from).collect();
        Self { delivery: DeliveryBody::new(delivery, desk.profile().events.naming), attempts }
    }
}

/// A page of deliveries.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveryList<'a> {
    /// The latest first.
    deliveries: Vec<DeliveryBody<'a>>,
    /// Where the page stands.
    pagination: NumberedPage,
}

/// Which deliveries are asked for.
pub(crate) struct DeliveryQuery {
    sink: Option<String>,
    state: Option<String>,
    paging: Paging,
}

impl DeliveryQuery {
    /// Of the sink that the path has named, or of one that the query names.
    pub(crate) fn read(mut fields: Fields, desk: &Desk, sink: Option<String>) -> Result<Self, Problem> {
        let sink = sink.or_else(|| fields.field(&["sink"]).text());
        let state = fields.field(&["status", "state"]).text();
        let paging = paging(&mut fields, desk);
        fields.end_of_query().map_err(Problem::parameters)?;
        Ok(Self { sink, state, paging })
    }

    /// The page that is asked for.
    pub(crate) async fn answer(&self, desk: &Desk, actor: &Actor, listed: &Listed) -> Answer {
        let page = desk.deliveries().list(actor, self.sink.as_deref(), self.state.as_deref(), self.paging).await;
        let page = page.map_err(Problem::of_query)?;
        let pagination = NumberedPage::new(self.paging, page.total);
        let links = pagination.links(listed);
        let naming = desk.profile().events.naming;
        let deliveries = page.items.iter().map(|delivery| DeliveryBody::new(delivery, naming)).collect();
        Ok((links, Json(DeliveryList { deliveries, pagination })).into_response())
    }
}

/// Lists what is on its way to those outside, or was delivered lately, for admins
#[utoipa::path(get, path = "/deliveries", tag = "Deliveries", params(
    ("sink" = Option<String>, Query, description = "To one of `/sinks`; to any as without"),
    ("status" = Option<String>, Query, description = "`waiting`, `behind`, `delivered`, `dead` or `dropped`; any as without"),
    ("page" = Option<u32>, Query, description = "From 1"),
    ("limit" = Option<u32>, Query, description = "Rows of a page; 20 as without"),
), responses((status = 200, description = "The deliveries", body = DeliveryList), ListProblems))]
pub(crate) async fn list_deliveries(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    listed: Listed,
    Params(fields): Params,
) -> Answer {
    DeliveryQuery::read(fields, &desk, None)?.answer(&desk, &actor, &listed).await
}

/// Reads a delivery with every try, for admins
#[utoipa::path(get, path = "/deliveries/{delivery}", tag = "Deliveries",
    params(("delivery" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The delivery", body = WholeDelivery), ReadProblems))]
pub(crate) async fn read_delivery(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(delivery): Named<DeliveryId>,
    _: NoParams,
) -> Answer {
    let delivery = desk.deliveries().get(&actor, delivery).await?;
    Ok(Json(WholeDelivery::new(&delivery, &desk)).into_response())
}

/// A change that answers with the delivery.
fn asked(terms: Terms, actor: &Actor) -> Asked<Delivery> {
    terms.answering(actor, |desk, _, delivery| Reply::json(StatusCode::OK, &WholeDelivery::new(delivery, desk)))
}

/// Has a delivery tried again at once, for admins
#[utoipa::path(post, path = "/deliveries/{delivery}/retry", tag = "Deliveries",
    params(("delivery" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The delivery", body = WholeDelivery), ChangeProblems))]
pub(crate) async fn retry_delivery(Caller(actor): Caller, Named(delivery): Named<DeliveryId>, terms: Terms) -> Answer {
    let asked = asked(terms, &actor);
    asked.answer(asked.desk.deliveries().retry(&actor, delivery).await)
}

/// Drops a delivery, for admins
///
/// It is not tried again, and what waits behind it is told. It stays in the log for a while.
#[utoipa::path(delete, path = "/deliveries/{delivery}", tag = "Deliveries",
    params(("delivery" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The delivery", body = WholeDelivery), ChangeProblems))]
pub(crate) async fn drop_delivery(Caller(actor): Caller, Named(delivery): Named<DeliveryId>, terms: Terms) -> Answer {
    let asked = asked(terms, &actor);
    asked.answer(asked.desk.deliveries().drop(&actor, delivery).await)
}

/// Everybody who is told what happens.
#[derive(Serialize, ToSchema)]
pub(crate) struct SinkList<'a> {
    /// In the order of their names.
    sinks: Vec<SinkBody<'a>>,
}

/// How far somebody was told.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Sink)]
pub(crate) struct SinkBody<'a> {
    /// Of whom: a sink of the host, `webhook/` and an id, or `people`.
    name: &'a str,
    /// Up to this entry of the trails.
    event_id: Option<Uuid>,
    /// `ok` or `failing`.
    status: &'static str,
    /// How often in a row it took nothing.
    failures: u32,
    /// Since when.
    failing_since: Option<Moment>,
    /// Why.
    error: Option<&'a str>,
    /// When it is told again.
    next_attempt_at: Option<Moment>,
}

impl<'a> From<&'a SinkState> for SinkBody<'a> {
    fn from(sink: &'a SinkState) -> Self {
        Self {
            name: &sink.name,
            event_id: sink.event.map(support_core::domain::id::EventId::uuid),
            status: if sink.failures == 0 && sink.failing_since.is_none() { "ok" } else { "failing" },
            failures: sink.failures,
            failing_since: sink.failing_since.map(Moment),
            error: sink.error.as_deref(),
            next_attempt_at: sink.next.map(Moment),
        }
    }
}

/// Lists how far everybody outside was told, for admins
#[utoipa::path(get, path = "/sinks", tag = "Deliveries",
    responses((status = 200, description = "Everybody", body = SinkList), ListProblems))]
pub(crate) async fn list_sinks(State(desk): State<Desk>, Caller(actor): Caller, _: NoParams) -> Answer {
    let mut sinks = desk.deliveries().sinks(&actor).await?;
    sinks.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Json(SinkList { sinks: sinks.iter().map(SinkBody::from).collect() }).into_response())
}
