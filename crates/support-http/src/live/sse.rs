//! Streams of events, as browsers read them (`EventSource`).

use super::{
    Proof,
    look::{Last, Look, Target, Told},
    wire::Said,
};
use crate::{
    Answer, App,
    auth::Caller,
    extract::{NoParams, Params, Which},
    fields::Fields,
    openapi::ReadProblems,
    problem::Problem,
};
use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, header, request::Parts},
    response::{
        IntoResponse as _, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{StreamExt as _, stream};
use std::{convert::Infallible, time::Duration};
use support_core::domain::id::EventId;
use uuid::Uuid;

/// So long a client waits before it comes back.
const RETRY: Duration = Duration::from_secs(3);
const LAST: HeaderName = HeaderName::from_static("last-event-id");
/// Or a proxy would gather events until there are enough of them.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What somebody heard last, as their browser says it when it comes back, or as they say it themselves.
pub(super) fn last(parts: &Parts, after: Option<EventId>) -> Last {
    match parts.headers.get(LAST) {
        Some(id) if !id.is_empty() => {
            let id = id.to_str().ok().and_then(|id| id.parse::<Uuid>().ok());
            id.map_or(Last::Unknown, |id| Last::Event(id.into()))
        }
        _ => after.map_or(Last::None, Last::Event),
    }
}

/// The parameter that says it.
pub(super) fn after(mut fields: Fields) -> Result<Option<EventId>, Problem> {
    let after = fields.field(&["after", "lastEventId"]).id();
    fields.end_of_query().map_err(Problem::parameters)?;
    Ok(after)
}

/// Watches a ticket, as server-sent events
///
/// `changed` (with the `id` of the entry of its trail; `Last-Event-ID` goes on behind one), `presence` (all others who are
/// there), `lost` (it is yours to see no more), `resync` (something may have been missed: read anew), `closed` (the end). The
/// data is JSON and says where to look: `eventId`, `ticketId`, `ticketNumber`, `type`, `messageId`, `at`.
#[utoipa::path(get, path = "/tickets/{ticket}/live", tag = "Live", params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("after" = Option<Uuid>, Query, description = "The last event that was heard, for who cannot send `Last-Event-ID`"),
    ("Last-Event-ID" = Option<String>, Header, description = "The last event that was heard"),
), responses((status = 200, description = "The stream", body = String, content_type = "text/event-stream"), ReadProblems))]
pub(crate) async fn watch_ticket(
    State(app): State<App>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Params(fields): Params,
    Proof(proof): Proof,
) -> Answer {
    let last = last(&proof, after(fields)?);
    let look = Look::at(&app, actor, proof, Target::Ticket(ticket), last).await?;
    Ok(streamed(&app, look))
}

/// Watches all that one may see, as server-sent events
///
/// As for a ticket, without `presence`. Nothing is caught up: whoever comes back is told `resync` first.
#[utoipa::path(get, path = "/live", tag = "Live", params(
    ("Last-Event-ID" = Option<String>, Header, description = "The last event that was heard"),
), responses((status = 200, description = "The stream", body = String, content_type = "text/event-stream"), ReadProblems))]
pub(crate) async fn watch_all(
    State(app): State<App>,
    Caller(actor): Caller,
    _: NoParams,
    Proof(proof): Proof,
) -> Answer {
    let last = last(&proof, None);
    let look = Look::at(&app, actor, proof, Target::All, last).await?;
    Ok(streamed(&app, look))
}

fn streamed(app: &App, look: Look) -> Response {
    let begun = stream::iter([Ok::<_, Infallible>(Event::default().retry(RETRY))]);
    let events = begun.chain(look.stream().map(|told| Ok(event(&told))));
    let settings = &app.streams.settings;
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(settings.keep_alive)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
    response
}

fn event(told: &Told) -> Event {
    let Said { id, event, data } = told.into();
    // JSON of one line.
    let said = Event::default().event(event).data(data.to_string());
    match id {
        Some(id) => said.id(id.to_string()),
        None => said,
    }
}
