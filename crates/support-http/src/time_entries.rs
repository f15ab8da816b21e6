//! Time that staff spend, over HTTP.

use crate::{
    Answer, App,
    auth::Caller,
    body::{Body, FromFields},
    dates::moment,
    extract::{Named, NoParams, Which},
    fields::Fields,
    openapi::{ChangeProblems, ListProblems},
    terms::{Reply, Terms},
    wire::{AgentBody, Moment},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use chrono::{DateTime, Utc};
use serde::Serialize;
use support_core::{
    desk::{Desk, time_entries::Spent},
    domain::{
        actor::Actor,
        id::TimeEntryId,
        time_entry::{NewTime, TimeEntry},
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes of time.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_time, add_time)).routes(routes!(remove_time))
}

/// Time that the caller spent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct WriteTime {
    /// How many minutes, from 1 to 1,440; also `duration`, `durationMinutes` or `timeSpent`.
    #[schema(value_type = i64)]
    minutes: Option<i64>,
    /// Whether the customer is billed for it; not as without.
    billable: Option<bool>,
    /// What was done; also `description`.
    note: Option<String>,
    /// When it was done, a moment or a date; now as without. Also `date`.
    #[schema(value_type = Option<String>)]
    spent_at: Option<DateTime<Utc>>,
}

impl FromFields for WriteTime {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            minutes: fields.field(&["minutes", "duration", "durationMinutes", "timeSpent"]).required().whole_number(),
            billable: fields.field(&["billable", "isBillable"]).flag(),
            note: fields.field(&["note", "notes", "description"]).text(),
            spent_at: fields.field(&["spentAt", "date"]).checked(moment),
        }
    }
}

/// Time that somebody spent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TimeEntry)]
pub(crate) struct TimeEntryBody<'a> {
    /// Its id.
    id: Uuid,
    /// Whose time.
    agent: AgentBody<'a>,
    /// How many minutes.
    minutes: u32,
    /// Whether the customer is billed for it.
    billable: bool,
    /// What was done.
    note: Option<&'a str>,
    /// When it was done.
    spent_at: Moment,
    /// When it was written down.
    created_at: Moment,
}

impl<'a> From<&'a TimeEntry> for TimeEntryBody<'a> {
    fn from(entry: &'a TimeEntry) -> Self {
        Self {
            id: entry.id.uuid(),
            agent: AgentBody::from(&entry.agent),
            minutes: entry.minutes,
            billable: entry.billable,
            note: entry.note.as_deref(),
            spent_at: Moment(entry.spent_at),
            created_at: Moment(entry.created_at),
        }
    }
}

/// The time that was spent on a ticket.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TimeList<'a> {
    /// In the order in which it was written down.
    entries: Vec<TimeEntryBody<'a>>,
    /// Minutes of all of it.
    total_minutes: u64,
    /// Minutes for which the customer is billed.
    billable_minutes: u64,
}

/// Lists the time that was spent on a ticket
#[utoipa::path(get, path = "/tickets/{ticket}/time", tag = "Handling",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The time", body = TimeList), ListProblems))]
pub(crate) async fn list_time(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    _: NoParams,
) -> Answer {
    let sheet = desk.time_entries().list(&actor, ticket).await?;
    let entries = sheet.entries.iter().map(TimeEntryBody::from).collect();
    let (total_minutes, billable_minutes) = (sheet.minutes, sheet.billable_minutes);
    Ok(Json(TimeList { entries, total_minutes, billable_minutes }).into_response())
}

fn shown(status: StatusCode) -> impl Fn(&Desk, &Actor, &Spent) -> Reply {
    move |_, _, spent| Reply::json(status, &TimeEntryBody::from(&spent.entry))
}

/// Writes down time that the caller spent
#[utoipa::path(post, path = "/tickets/{ticket}/time", tag = "Handling", request_body = WriteTime,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 201, description = "The entry", body = TimeEntryBody), ChangeProblems))]
pub(crate) async fn add_time(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<WriteTime>,
) -> Answer {
    let asked = terms.answering(&actor, shown(StatusCode::CREATED));
    let time = NewTime {
        minutes: wanted.minutes.unwrap_or_default(),
        billable: wanted.billable.unwrap_or(false),
        note: wanted.note,
        spent_at: wanted.spent_at,
    };
    asked.answer(names.restore(asked.desk.time_entries().add(&actor, ticket, time).await))
}

/// Takes back time that was written down
#[utoipa::path(delete, path = "/tickets/{ticket}/time/{time}", tag = "Handling", params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("time" = Uuid, Path, description = "The id of the entry"),
), responses((status = 200, description = "The entry that is gone", body = TimeEntryBody), ChangeProblems))]
pub(crate) async fn remove_time(
    Caller(actor): Caller,
    Which(ticket): Which,
    Named(entry): Named<TimeEntryId>,
    terms: Terms,
) -> Answer {
    let asked = terms.answering(&actor, shown(StatusCode::OK));
    asked.answer(asked.desk.time_entries().remove(&actor, ticket, entry).await)
}
