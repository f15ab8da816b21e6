use crate::{
    Answer,
    auth::Caller,
    body::{Body, FromFields},
    extract::{Named, Params, paging},
    fields::Fields,
    link::Listed,
    openapi::{ChangeProblems, ListProblems},
    problem::Problem,
    terms::{Asked, Reply, Terms},
    wire::{page::NumberedPage, review::ReviewBody},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse as _};
use serde::Serialize;
use support_core::{
    desk::Desk,
    domain::{
        actor::Actor,
        fault::Fault,
        id::ReviewId,
        review::{Review, ReviewState},
    },
};
use utoipa::ToSchema;

/// A page of reviews to decide on, or that were decided.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModerationList<'a> {
    /// Those that wait, the oldest first; others the latest decision first.
    reviews: Vec<ReviewBody<'a>>,
    /// Where the page stands.
    pagination: NumberedPage,
}

fn state(field: &str, word: &str) -> Result<ReviewState, Fault> {
    let found = ReviewState::ALL.into_iter().find(|state| state.as_str() == word);
    found.ok_or_else(|| Fault::unknown(field, word, ReviewState::ALL.map(ReviewState::as_str)))
}

/// Lists the reviews that wait for a decision, for staff
#[utoipa::path(get, path = "/reviews/moderation", tag = "Reviews", params(
    ("status" = Option<String>, Query, description = "`pending_review` (as without), `published` or `rejected`; also `state`"),
    ("page" = Option<u32>, Query, description = "From 1"),
    ("limit" = Option<u32>, Query, description = "Rows of a page; 20 as without"),
), responses((status = 200, description = "The reviews", body = ModerationList), ListProblems))]
pub(crate) async fn list_moderation(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    listed: Listed,
    Params(mut fields): Params,
) -> Answer {
    let state = fields.field(&["status", "state"]).checked(state).unwrap_or(ReviewState::PendingReview);
    let paging = paging(&mut fields, &desk);
    fields.end_of_query().map_err(Problem::parameters)?;
    let page = desk.reviews().queue(&actor, state, paging).await.map_err(Problem::of_query)?;
    let pagination = NumberedPage::new(paging, page.total);
    let links = pagination.links(&listed);
    let reviews = page.items.iter().map(|review| ReviewBody::new(review, true)).collect();
    Ok((links, Json(ModerationList { reviews, pagination })).into_response())
}

/// Why something was decided.
#[derive(ToSchema)]
pub(crate) struct Decide {
    /// For other staff; also `reason`.
    note: Option<String>,
}

impl FromFields for Decide {
    const OPTIONAL: bool = true;

    fn from_fields(fields: &mut Fields) -> Self {
        Self { note: fields.field(&["note", "reason", "notes"]).text() }
    }
}

fn decided(terms: Terms, actor: &Actor) -> Asked<Review> {
    terms.answering(actor, |_, _, review| Reply::json(StatusCode::OK, &ReviewBody::new(review, true)))
}

/// Publishes a review
#[utoipa::path(post, path = "/reviews/{review}/approve", tag = "Reviews", request_body = Decide,
    params(("review" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The review", body = ReviewBody), ChangeProblems))]
pub(crate) async fn approve_review(
    Caller(actor): Caller,
    Named(review): Named<ReviewId>,
    terms: Terms,
    Body(said, names): Body<Decide>,
) -> Answer {
    let asked = decided(terms, &actor);
    asked.answer(names.restore(asked.desk.reviews().decide(&actor, review, true, said.note).await))
}

/// Rejects a review, or withdraws one that was published
#[utoipa::path(post, path = "/reviews/{review}/reject", tag = "Reviews", request_body = Decide,
    params(("review" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The review", body = ReviewBody), ChangeProblems))]
pub(crate) async fn reject_review(
    Caller(actor): Caller,
    Named(review): Named<ReviewId>,
    terms: Terms,
    Body(said, names): Body<Decide>,
) -> Answer {
    let asked = decided(terms, &actor);
    asked.answer(names.restore(asked.desk.reviews().decide(&actor, review, false, said.note).await))
}
