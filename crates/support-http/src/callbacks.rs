//! Phone calls that customers ask for, over HTTP.

mod arrange;
mod make;

use crate::{
    App,
    body::FromFields,
    dates::date,
    fields::Fields,
    problem::Problem,
    terms::{Asked, Reply, Terms},
    wire::{AgentBody, Moment},
};
use axum::http::StatusCode;
use chrono::DateTime;
use serde::Serialize;
use support_core::{
    desk::callbacks::Wish,
    domain::{
        actor::Actor,
        callback::{Callback, CallbackStatus, DayPart, WantedDay},
        fault::Fault,
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes of calls.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(arrange::request_callback, arrange::list_callbacks))
        .routes(routes!(arrange::list_slots))
        .routes(routes!(arrange::read_callback, arrange::move_callback, arrange::cancel_callback))
        .routes(routes!(make::complete_callback))
        .routes(routes!(make::miss_callback))
        .routes(routes!(make::start_callback))
}

/// A phone call.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Callback)]
pub(crate) struct CallbackBody<'a> {
    /// Its id.
    callback_id: Uuid,
    /// The same.
    id: Uuid,
    /// When it begins.
    scheduled_for: Moment,
    /// By when it has begun.
    scheduled_until: Moment,
    /// On whose clock the customer reads that.
    time_zone: &'a str,
    /// `scheduled`, `completed`, `missed` or `cancelled`.
    status: &'static str,
    /// What about.
    topic: &'a str,
    /// What to know beforehand.
    notes: Option<&'a str>,
    /// The number that is called.
    phone: &'a str,
    /// About which ticket.
    ticket_id: Option<Uuid>,
    /// When it was asked for.
    created_at: Moment,
    /// When it was last changed.
    updated_at: Moment,
    /// What only staff see.
    #[serde(flatten)]
    #[schema(value_type = CallbackInternals)]
    internals: Option<CallbackInternals<'a>>,
}

/// What only staff see of a call; absent for everybody else.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallbackInternals<'a> {
    /// Who is called; none once they were forgotten.
    customer_id: Option<Uuid>,
    /// Their name.
    #[schema(required = false)]
    customer_name: &'a str,
    /// Who makes it, or made it.
    agent: Option<AgentBody<'a>>,
    /// How it went.
    outcome: Option<&'a str>,
    /// How often it was moved.
    #[schema(required = false)]
    moved: u32,
}

impl<'a> CallbackBody<'a> {
    pub(crate) fn new(callback: &'a Callback, staff: bool) -> Self {
        let internals = CallbackInternals {
            customer_id: callback.customer.map(support_core::domain::id::CustomerId::uuid),
            customer_name: &callback.name,
            agent: callback.agent.as_ref().map(AgentBody::from),
            outcome: callback.outcome.as_deref(),
            moved: callback.moved,
        };
        Self {
            callback_id: callback.id.uuid(),
            id: callback.id.uuid(),
            scheduled_for: Moment(callback.slot.start),
            scheduled_until: Moment(callback.slot.end),
            time_zone: &callback.time_zone,
            status: callback.status.as_str(),
            topic: &callback.topic,
            notes: callback.notes.as_deref(),
            phone: &callback.phone,
            ticket_id: callback.ticket.map(support_core::domain::id::TicketId::uuid),
            created_at: Moment(callback.created_at),
            updated_at: Moment(callback.updated_at),
            internals: staff.then_some(internals),
        }
    }
}

/// A change that answers with the call.
fn asked(terms: Terms, actor: &Actor) -> Asked<Callback> {
    terms.answering(actor, |_, actor, callback| {
        Reply::json(StatusCode::OK, &CallbackBody::new(callback, actor.is_staff()))
    })
}

fn status(field: &str, word: &str) -> Result<CallbackStatus, Fault> {
    let found = CallbackStatus::ALL.into_iter().find(|status| status.as_str() == word);
    found.ok_or_else(|| Fault::unknown(field, word, CallbackStatus::ALL.map(CallbackStatus::as_str)))
}

fn part(field: &str, word: &str) -> Result<DayPart, Fault> {
    let found = DayPart::ALL.into_iter().find(|part| part.as_str() == word);
    found.ok_or_else(|| Fault::unknown(field, word, DayPart::ALL.map(DayPart::as_str)))
}

/// A date, or a moment.
fn day(field: &str, text: &str) -> Result<WantedDay, Fault> {
    if let Ok(day) = date(field, text) {
        return Ok(WantedDay::Date(day));
    }
    let moment = DateTime::parse_from_rfc3339(text).map(|moment| WantedDay::At(moment.to_utc()));
    moment.map_err(|_| Fault::new(field, "must be a date such as 2026-01-31, or a moment as RFC 3339"))
}

/// When somebody wants to be called.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct CallTime {
    /// On which day, or when exactly; also `date`.
    #[schema(value_type = String)]
    preferred_date: Option<WantedDay>,
    /// `morning`, `afternoon` or `evening`; also `part`.
    #[schema(value_type = Option<String>)]
    preferred_time: Option<DayPart>,
    /// On whose clock, as `Europe/Berlin`; on that of the desk as without.
    time_zone: Option<String>,
}

impl FromFields for CallTime {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            preferred_date: fields.field(&["preferredDate", "date", "scheduledFor"]).required().checked(day),
            preferred_time: fields.field(&["preferredTime", "part"]).checked(part),
            time_zone: fields.field(&["timeZone"]).text(),
        }
    }
}

impl CallTime {
    /// As the desk takes it. A day that is missing was refused when it was read.
    fn wish(self) -> Result<Wish, Problem> {
        let day = self.preferred_date.ok_or_else(Problem::internal)?;
        Ok(Wish { day, part: self.preferred_time, time_zone: self.time_zone })
    }
}
