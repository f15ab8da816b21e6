//! Feedback over HTTP.

use crate::{
    Answer, App,
    auth::Caller,
    body::{Body, FromFields},
    dates::date,
    extract::{Params, paging},
    fields::Fields,
    link::Listed,
    openapi::{ChangeProblems, ListProblems},
    problem::Problem,
    terms::{Reply, Terms},
    wire::{
        feedback::{FeedbackBody, FiguresBody, PeriodBody},
        page::NumberedPage,
    },
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse as _};
use chrono::{Days, NaiveDate};
use serde::Serialize;
use std::collections::BTreeMap;
use support_core::{
    desk::Desk,
    domain::{
        fault::Fault,
        feedback::{Aspect, Feedback, FeedbackStep, NewFeedback},
        id::TicketId,
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes of feedback.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(give_feedback, list_feedback)).routes(routes!(read_feedback_figures))
}

/// The answers to a survey: about a purchase or about a ticket.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct GiveFeedback {
    /// About which purchase.
    purchase_id: Option<String>,
    /// About which ticket.
    #[schema(value_type = Option<Uuid>)]
    ticket_id: Option<TicketId>,
    /// 1 to 5 for `overall`, `vehicleQuality`, `deliveryExperience`, `customerService` and `value`; about a ticket,
    /// `overall` is enough.
    #[schema(value_type = Object)]
    ratings: BTreeMap<Aspect, i64>,
    /// How likely they recommend the shop, 0 to 10.
    #[schema(value_type = u8)]
    nps: Option<i64>,
    /// What they say; also `comment`.
    comments: Option<String>,
    /// Whether that may be published; not as without.
    allow_publish: Option<bool>,
}

impl FromFields for GiveFeedback {
    fn from_fields(fields: &mut Fields) -> Self {
        let ratings = fields.field(&["ratings"]).required().object_or_none(|ratings| {
            let rated = |ratings: &mut Fields, aspect: Aspect| ratings.field(&[aspect.as_str()]).whole_number();
            let rated: BTreeMap<Aspect, i64> =
                Aspect::ALL.into_iter().filter_map(|aspect| Some((aspect, rated(ratings, aspect)?))).collect();
            // A misspelled aspect would be one that was not rated.
            ratings.nothing_else();
            rated
        });
        Self {
            purchase_id: fields.field(&["purchaseId"]).text(),
            ticket_id: fields.field(&["ticketId"]).id(),
            ratings: ratings.flatten().unwrap_or_default(),
            nps: fields.field(&["nps"]).required().whole_number(),
            comments: fields.field(&["comments", "comment"]).text(),
            allow_publish: fields.field(&["allowPublish"]).flag(),
        }
    }
}

/// That it came.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeedbackTaken {
    /// Its id.
    feedback_id: Uuid,
    /// What to say.
    thank_you_message: &'static str,
}

/// Answers a survey
///
/// Once for each purchase of one's own, and for each resolved ticket.
#[utoipa::path(post, path = "/feedback", tag = "Feedback", request_body = GiveFeedback,
    responses((status = 200, description = "It came", body = FeedbackTaken), ChangeProblems))]
pub(crate) async fn give_feedback(
    Caller(actor): Caller,
    terms: Terms,
    Body(given, names): Body<GiveFeedback>,
) -> Answer {
    let asked = terms.answering(&actor, |_, _, feedback: &Feedback| {
        let thank_you_message = "Thank you for your feedback.";
        Reply::json(StatusCode::OK, &FeedbackTaken { feedback_id: feedback.id.uuid(), thank_you_message })
    });
    let feedback = NewFeedback {
        purchase: given.purchase_id,
        ticket: given.ticket_id,
        ratings: given.ratings,
        nps: given.nps.unwrap_or_default(),
        comments: given.comments,
        allow_publish: given.allow_publish.unwrap_or(false),
    };
    asked.answer(names.restore(asked.desk.feedback().give(&actor, feedback).await))
}

/// A page of feedback.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedbackList<'a> {
    /// The latest first.
    feedback: Vec<FeedbackBody<'a>>,
    /// Where the page stands.
    pagination: NumberedPage,
}

/// Lists the feedback, for staff
#[utoipa::path(get, path = "/feedback", tag = "Feedback", params(
    ("page" = Option<u32>, Query, description = "From 1"),
    ("limit" = Option<u32>, Query, description = "Rows of a page; 20 as without"),
), responses((status = 200, description = "The feedback", body = FeedbackList), ListProblems))]
pub(crate) async fn list_feedback(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    listed: Listed,
    Params(mut fields): Params,
) -> Answer {
    let paging = paging(&mut fields, &desk);
    fields.end_of_query().map_err(Problem::parameters)?;
    let page = desk.feedback().list(&actor, paging).await.map_err(Problem::of_query)?;
    let pagination = NumberedPage::new(paging, page.total);
    let links = pagination.links(&listed);
    let feedback = page.items.iter().map(FeedbackBody::from).collect();
    Ok((links, Json(FeedbackList { feedback, pagination })).into_response())
}

/// What feedback comes to.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedbackAnalytics {
    /// The first day, in UTC.
    from: NaiveDate,
    /// The last.
    to: NaiveDate,
    /// What all of it comes to.
    #[serde(flatten)]
    figures: FiguresBody,
    /// How it went, period by period.
    series: Vec<PeriodBody>,
}

fn step(field: &str, word: &str) -> Result<FeedbackStep, Fault> {
    let found = FeedbackStep::ALL.into_iter().find(|step| step.as_str() == word);
    found.ok_or_else(|| Fault::unknown(field, word, FeedbackStep::ALL.map(FeedbackStep::as_str)))
}

/// Days that are looked at where nobody says which.
const DAYS: Days = Days::new(29);

/// Reads what feedback comes to, for staff
#[utoipa::path(get, path = "/feedback/analytics", tag = "Feedback", params(
    ("from" = Option<String>, Query, description = "The first day, in UTC; 30 days back as without. Also `startDate`"),
    ("to" = Option<String>, Query, description = "The last day; today as without. Also `endDate`"),
    ("by" = Option<String>, Query, description = "`day` (as without), `week` or `month`; also `step`"),
), responses((status = 200, description = "The figures", body = FeedbackAnalytics), ListProblems))]
pub(crate) async fn read_feedback_figures(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Params(mut fields): Params,
) -> Answer {
    let from = fields.field(&["from", "startDate"]).checked(date);
    let to = fields.field(&["to", "endDate"]).checked(date).unwrap_or_else(|| desk.now().date_naive());
    let by = fields.field(&["by", "step"]).checked(step).unwrap_or(FeedbackStep::Day);
    fields.end_of_query().map_err(Problem::parameters)?;
    let from = from.or_else(|| to.checked_sub_days(DAYS)).unwrap_or(to);
    let (figures, periods) = desk.feedback().figures(&actor, from, to, by).await.map_err(Problem::of_query)?;
    let series = periods.iter().map(PeriodBody::from).collect();
    Ok(Json(FeedbackAnalytics { from, to, figures: FiguresBody::from(&figures), series }).into_response())
}
