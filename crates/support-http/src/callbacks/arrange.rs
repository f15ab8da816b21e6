use super::{CallTime, CallbackBody, asked, status};
use crate::{
    Answer,
    auth::Caller,
    body::{Body, FromFields},
    extract::{Named, NoParams, Params, paging},
    fields::Fields,
    link::Listed,
    openapi::{ChangeProblems, ListProblems, ReadProblems},
    problem::Problem,
    terms::{Reply, Terms},
    wire::{Moment, page::NumberedPage},
};
use axum::{
    Json,
    extract::{OriginalUri, State},
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use serde::Serialize;
use support_core::{
    desk::{
        Desk,
        callbacks::{Arranged, Wish},
    },
    domain::{
        actor::Actor,
        callback::{Callback, NewCallback},
        id::{CallbackId, CustomerId, TicketId},
    },
};
use utoipa::ToSchema;

/// A phone call that somebody asks for.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct RequestCallback {
    /// The number to call, with its country.
    #[schema(value_type = String)]
    phone: Option<String>,
    #[serde(flatten)]
    time: CallTime,
    /// What about; also `subject`.
    #[schema(value_type = String)]
    topic: Option<String>,
    /// What to know beforehand.
    notes: Option<String>,
    /// About which ticket.
    #[schema(value_type = Option<Uuid>)]
    ticket_id: Option<TicketId>,
    /// Whom staff want to have called.
    #[schema(value_type = Option<Uuid>)]
    customer_id: Option<CustomerId>,
}

impl FromFields for RequestCallback {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            phone: fields.field(&["phone", "phoneNumber"]).required().text(),
            time: CallTime::from_fields(fields),
            topic: fields.field(&["topic", "subject"]).required().text(),
            notes: fields.field(&["notes"]).text(),
            ticket_id: fields.field(&["ticketId"]).id(),
            customer_id: fields.field(&["customerId"]).id(),
        }
    }
}

/// A call that was arranged.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ArrangedCallback<'a> {
    #[serde(flatten)]
    callback: CallbackBody<'a>,
    /// Whether its customer is told; none in the answer to a request with a key, which is written down before anybody can
    /// know.
    confirmation_sent: Option<bool>,
}

fn arranged(status: StatusCode, actor: &Actor, callback: &Callback, told: Option<bool>) -> Reply {
    let callback = CallbackBody::new(callback, actor.is_staff());
    Reply::json(status, &ArrangedCallback { callback, confirmation_sent: told })
}

/// Asks for a phone call
///
/// In the first slot of that day, or of that part of it, in which somebody is free.
#[utoipa::path(post, path = "/callbacks", tag = "Callbacks", request_body = RequestCallback, responses(
    (status = 201, description = "The call", body = ArrangedCallback, headers(("Location" = String))), ChangeProblems))]
pub(crate) async fn request_callback(
    Caller(actor): Caller,
    OriginalUri(here): OriginalUri,
    terms: Terms,
    Body(wanted, names): Body<RequestCallback>,
) -> Answer {
    let created = move |actor: &Actor, callback: &Callback, told| {
        let location = format!("{}/{}", here.path().trim_end_matches('/'), callback.id);
        arranged(StatusCode::CREATED, actor, callback, told).with(&header::LOCATION, location)
    };
    let write = created.clone();
    let asked = terms.answering(&actor, move |_, actor, callback: &Callback| write(actor, callback, None));
    let Wish { day, part, time_zone } = wanted.time.wish()?;
    let callback = NewCallback {
        customer: wanted.customer_id,
        phone: wanted.phone.unwrap_or_default(),
        day,
        part,
        time_zone,
        topic: wanted.topic.unwrap_or_default(),
        notes: wanted.notes,
        ticket: wanted.ticket_id,
    };
    let outcome = names.restore(asked.desk.callbacks().request(&actor, callback).await);
    asked.answer_with(outcome, |Arranged { callback, confirmation_sent }| {
        created(&actor, callback, Some(*confirmation_sent))
    })
}

/// A page of calls.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallbackList<'a> {
    /// A customer's own, the latest first; for staff those that stand so, the next first.
    callbacks: Vec<CallbackBody<'a>>,
    /// Where the page stands.
    pagination: NumberedPage,
}

/// Lists phone calls: a customer's own, or for staff all of them
#[utoipa::path(get, path = "/callbacks", tag = "Callbacks", params(
    ("status" = Option<String>, Query, description = "For staff: `scheduled` (as without), `completed`, `missed` or `cancelled`"),
    ("page" = Option<u32>, Query, description = "From 1"),
    ("limit" = Option<u32>, Query, description = "Rows of a page; 20 as without"),
), responses((status = 200, description = "The calls", body = CallbackList), ListProblems))]
pub(crate) async fn list_callbacks(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    listed: Listed,
    Params(mut fields): Params,
) -> Answer {
    if !actor.is_staff() {
        fields.refuse(&["status"], "is for staff: your list holds all of your calls");
    }
    let status = fields.field(&["status"]).checked(status);
    let paging = paging(&mut fields, &desk);
    fields.end_of_query().map_err(Problem::parameters)?;
    let page = desk.callbacks().list(&actor, status, paging).await.map_err(Problem::of_query)?;
    let pagination = NumberedPage::new(paging, page.total);
    let links = pagination.links(&listed);
    let callbacks = page.items.iter().map(|callback| CallbackBody::new(callback, actor.is_staff())).collect();
    Ok((links, Json(CallbackList { callbacks, pagination })).into_response())
}

/// When somebody can be called.
#[derive(Serialize, ToSchema)]
pub(crate) struct SlotList {
    /// In their order.
    slots: Vec<SlotBody>,
}

/// A stretch of time in which calls are made.
#[derive(Serialize, ToSchema)]
#[schema(as = Slot)]
pub(crate) struct SlotBody {
    /// When it begins.
    start: Moment,
    /// When it ends.
    end: Moment,
    /// How many more people can be called in it.
    free: u32,
}

/// Lists when somebody can be called on a day
#[utoipa::path(get, path = "/callbacks/slots", tag = "Callbacks", params(
    ("preferredDate" = String, Query, description = "The day; also `date`"),
    ("preferredTime" = Option<String>, Query, description = "`morning`, `afternoon` or `evening`; also `part`"),
    ("timeZone" = Option<String>, Query, description = "On whose clock, as `Europe/Berlin`"),
), responses((status = 200, description = "The slots", body = SlotList), ListProblems))]
pub(crate) async fn list_slots(State(desk): State<Desk>, Caller(actor): Caller, Params(mut fields): Params) -> Answer {
    let time = CallTime::from_fields(&mut fields);
    fields.end_of_query().map_err(Problem::parameters)?;
    let slots = desk.callbacks().slots(&actor, &time.wish()?).await.map_err(Problem::of_query)?;
    let slots =
        slots.into_iter().map(|(slot, free)| SlotBody { start: Moment(slot.start), end: Moment(slot.end), free });
    Ok(Json(SlotList { slots: slots.collect() }).into_response())
}

/// Reads a phone call
#[utoipa::path(get, path = "/callbacks/{callback}", tag = "Callbacks",
    params(("callback" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The call", body = CallbackBody), ReadProblems))]
pub(crate) async fn read_callback(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(callback): Named<CallbackId>,
    _: NoParams,
) -> Answer {
    let callback = desk.callbacks().get(&actor, callback).await?;
    Ok(Json(CallbackBody::new(&callback, actor.is_staff())).into_response())
}

/// Moves a phone call
#[utoipa::path(patch, path = "/callbacks/{callback}", tag = "Callbacks", request_body = CallTime,
    params(("callback" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The call", body = ArrangedCallback), ChangeProblems))]
pub(crate) async fn move_callback(
    Caller(actor): Caller,
    Named(callback): Named<CallbackId>,
    terms: Terms,
    Body(wanted, names): Body<CallTime>,
) -> Answer {
    let asked = asked(terms, &actor);
    let wish = wanted.wish()?;
    let outcome = names.restore(asked.desk.callbacks().reschedule(&actor, callback, &wish).await);
    asked.answer_with(outcome, |Arranged { callback, confirmation_sent }| {
        arranged(StatusCode::OK, &actor, callback, Some(*confirmation_sent))
    })
}

/// Cancels a phone call
#[utoipa::path(delete, path = "/callbacks/{callback}", tag = "Callbacks",
    params(("callback" = Uuid, Path, description = "Its id")),
    responses((status = 204, description = "It is cancelled"), ChangeProblems))]
pub(crate) async fn cancel_callback(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(callback): Named<CallbackId>,
) -> Answer {
    desk.callbacks().cancel(&actor, callback).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
