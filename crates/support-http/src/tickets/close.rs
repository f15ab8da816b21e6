//! How tickets end, begin again and are judged.

use crate::{
    Answer,
    auth::Caller,
    body::{Body, FromFields},
    extract::Which,
    fields::Fields,
    openapi::ChangeProblems,
    terms::Terms,
    wire::ticket::TicketBody,
};
use support_core::domain::ticket::{Closing, CustomerClosing, ResolutionKind};
use utoipa::ToSchema;

/// What was done.
#[derive(ToSchema)]
pub(crate) struct ResolutionGiven {
    /// In words that the customer may read.
    #[schema(value_type = String)]
    resolution: Option<String>,
}

impl FromFields for ResolutionGiven {
    fn from_fields(fields: &mut Fields) -> Self {
        Self { resolution: fields.field(&["resolution"]).required().text() }
    }
}

/// Declares the problem solved
#[utoipa::path(post, path = "/tickets/{ticket}/resolve", tag = "Handling", request_body = ResolutionGiven,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn resolve_ticket(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<ResolutionGiven>,
) -> Answer {
    let asked = terms.ticket(&actor);
    let resolution = wanted.resolution.unwrap_or_default();
    asked.answer(names.restore(asked.desk.tickets().resolve(&actor, ticket, &resolution).await))
}

/// How a ticket ends: customers say whether they are satisfied, staff what was done. Nothing is needed.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ClosingGiven {
    /// From customers: whether the help was good.
    satisfied: Option<bool>,
    /// From customers: in words.
    feedback: Option<String>,
    /// From staff: what was done; the customer may read it.
    summary: Option<String>,
    /// From staff: `solved`, `workaround`, `duplicate`, `cannot_reproduce`, `wont_fix` or `other`.
    #[schema(value_type = Option<String>)]
    resolution_type: Option<ResolutionKind>,
    /// From staff: what the customer does not read.
    resolution_notes: Option<String>,
}

impl FromFields for ClosingGiven {
    const OPTIONAL: bool = true;

    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            satisfied: fields.field(&["satisfied"]).flag(),
            feedback: fields.field(&["feedback"]).text(),
            summary: fields.field(&["summary"]).text(),
            resolution_type: fields.field(&["resolutionType"]).checked(ResolutionKind::find),
            resolution_notes: fields.field(&["resolutionNotes"]).text(),
        }
    }
}

/// Ends a ticket, as its customer or as staff
#[utoipa::path(method(put, post), path = "/tickets/{ticket}/close", tag = "Tickets",
    request_body = Option<ClosingGiven>,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn close_ticket(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<ClosingGiven>,
) -> Answer {
    let asked = terms.ticket(&actor);
    let closed = if actor.is_staff() {
        let closing = Closing { summary: wanted.summary, kind: wanted.resolution_type, notes: wanted.resolution_notes };
        asked.desk.tickets().close(&actor, ticket, closing).await
    } else {
        let closing = CustomerClosing { satisfied: wanted.satisfied, feedback: wanted.feedback };
        asked.desk.tickets().close_as_customer(&actor, ticket, closing).await
    };
    asked.answer(names.restore(closed))
}

/// Why a ticket is opened again. Nothing is needed.
#[derive(ToSchema)]
pub(crate) struct Reopening {
    /// In words.
    reason: Option<String>,
}

impl FromFields for Reopening {
    const OPTIONAL: bool = true;

    fn from_fields(fields: &mut Fields) -> Self {
        Self { reason: fields.field(&["reason"]).text() }
    }
}

/// Opens an ended ticket again
#[utoipa::path(method(put, post), path = "/tickets/{ticket}/reopen", tag = "Tickets",
    request_body = Option<Reopening>,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn reopen_ticket(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<Reopening>,
) -> Answer {
    let asked = terms.ticket(&actor);
    let reason = wanted.reason.as_deref();
    asked.answer(names.restore(asked.desk.tickets().reopen(&actor, ticket, reason).await))
}

/// What a customer says of the help.
#[derive(ToSchema)]
pub(crate) struct RatingGiven {
    /// One to five.
    #[schema(value_type = i64, minimum = 1, maximum = 5)]
    rating: Option<i64>,
    /// In words.
    feedback: Option<String>,
}

impl FromFields for RatingGiven {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            rating: fields.field(&["rating"]).required().whole_number(),
            feedback: fields.field(&["feedback", "comment"]).text(),
        }
    }
}

/// Rates the help, once, when the ticket has ended
#[utoipa::path(post, path = "/tickets/{ticket}/rate", tag = "Tickets", request_body = RatingGiven,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn rate_ticket(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<RatingGiven>,
) -> Answer {
    let asked = terms.ticket(&actor);
    let (rating, feedback) = (wanted.rating.unwrap_or_default(), wanted.feedback.as_deref());
    asked.answer(names.restore(asked.desk.tickets().rate(&actor, ticket, rating, feedback).await))
}
