//! Reviews over HTTP.

mod moderate;

use crate::{
    Answer, App,
    articles::VotesBody,
    auth::{Anyone, Caller},
    body::{Body, FromFields},
    extract::{Named, NoParams, Params, paging},
    fields::Fields,
    link::Listed,
    openapi::{ChangeProblems, ListProblems, ReadProblems},
    problem::Problem,
    rates::Visitor,
    terms::{Reply, Terms},
    wire::{
        feedback::rounded,
        page::NumberedPage,
        review::{PublishedBody, ReviewBody},
    },
};
use axum::{
    Json,
    extract::{OriginalUri, State},
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use serde::Serialize;
use std::collections::BTreeMap;
use support_core::{
    desk::{Desk, reviews::ReviewFilter},
    domain::{
        actor::Actor,
        id::{AttachmentId, ReviewId},
        review::{NewReview, RatingSum, Review},
        text::TextRule,
        vote::Votes,
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of reviews.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(write_review, list_reviews))
        .routes(routes!(moderate::list_moderation))
        .routes(routes!(read_review))
        .routes(routes!(rate_review))
        .routes(routes!(moderate::approve_review))
        .routes(routes!(moderate::reject_review))
}

/// A review of something that was bought.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct WriteReview {
    /// Of which purchase.
    #[schema(value_type = String)]
    purchase_id: Option<String>,
    /// 1 to 5 stars.
    #[schema(value_type = u8)]
    rating: Option<i64>,
    /// In one line.
    #[schema(value_type = String)]
    title: Option<String>,
    /// The text; also `text`, `content` or `comments`.
    #[schema(value_type = String)]
    review: Option<String>,
    /// The ids of photos, which the same person has uploaded to `/attachments`.
    #[schema(value_type = Option<Vec<Uuid>>)]
    photos: Option<Vec<AttachmentId>>,
    /// What to call its author; as they are known as without.
    display_name: Option<String>,
}

impl FromFields for WriteReview {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            purchase_id: fields.field(&["purchaseId"]).required().text(),
            rating: fields.field(&["rating"]).required().whole_number(),
            title: fields.field(&["title"]).required().text(),
            review: fields.field(&["review", "text", "content", "comments"]).required().text(),
            photos: fields.field(&["photos"]).ids(),
            display_name: fields.field(&["displayName"]).text(),
        }
    }
}

/// Writes a review of a purchase
///
/// Once for each purchase of one's own. Nobody else reads it before it is published.
#[utoipa::path(post, path = "/reviews", tag = "Reviews", request_body = WriteReview, responses(
    (status = 201, description = "The review", body = ReviewBody, headers(("Location" = String))), ChangeProblems))]
pub(crate) async fn write_review(
    Caller(actor): Caller,
    OriginalUri(here): OriginalUri,
    terms: Terms,
    Body(wanted, names): Body<WriteReview>,
) -> Answer {
    let asked = terms.answering(&actor, move |_, actor: &Actor, review: &Review| {
        let location = format!("{}/{}", here.path().trim_end_matches('/'), review.id);
        let body = ReviewBody::new(review, actor.is_staff());
        Reply::json(StatusCode::CREATED, &body).with(&header::LOCATION, location)
    });
    let review = NewReview {
        purchase: wanted.purchase_id.unwrap_or_default(),
        rating: wanted.rating.unwrap_or_default(),
        title: wanted.title.unwrap_or_default(),
        text: wanted.review.unwrap_or_default(),
        photos: wanted.photos.unwrap_or_default(),
        display_name: wanted.display_name,
    };
    asked.answer(names.restore(asked.desk.reviews().write(&actor, review).await))
}

/// A page of published reviews, and what all of them come to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReviewList<'a> {
    /// The latest first.
    reviews: Vec<PublishedBody<'a>>,
    /// The average of all stars, whatever `rating` was asked for; none where there is no review.
    average_rating: Option<f64>,
    /// How many reviews have five stars, four, and so on down to one.
    #[schema(value_type = Object)]
    rating_breakdown: BTreeMap<u8, u64>,
    /// How many there are with any number of stars.
    total_reviews: u64,
    /// Where the page stands.
    pagination: NumberedPage,
}

/// Lists the published reviews
#[utoipa::path(get, path = "/reviews", tag = "Reviews", security((), ("bearer" = [])), params(
    ("vehicleType" = Option<String>, Query, description = "Of this kind of thing, such as `suv`"),
    ("rating" = Option<u32>, Query, description = "With so many stars, 1 to 5"),
    ("page" = Option<u32>, Query, description = "From 1"),
    ("limit" = Option<u32>, Query, description = "Rows of a page; 20 as without"),
), responses((status = 200, description = "The reviews", body = ReviewList), ListProblems))]
pub(crate) async fn list_reviews(
    State(desk): State<Desk>,
    Anyone(actor): Anyone,
    listed: Listed,
    Params(mut fields): Params,
) -> Answer {
    let line = |field: &str, text: &str| TextRule::line(50).required(field, text);
    let filter = ReviewFilter {
        vehicle_type: fields.field(&["vehicleType"]).checked(line),
        rating: fields.field(&["rating"]).count(5).and_then(|stars| u8::try_from(stars).ok()),
    };
    let paging = paging(&mut fields, &desk);
    fields.end_of_query().map_err(Problem::parameters)?;
    let page = desk.reviews().list(&actor, &filter, paging).await.map_err(Problem::of_query)?;
    let pagination = NumberedPage::new(paging, page.total);
    let links = pagination.links(&listed);
    let RatingSum { by_stars } = page.sum;
    let body = ReviewList {
        reviews: page.items.iter().map(|(review, votes)| PublishedBody::new(review, votes)).collect(),
        average_rating: page.sum.average().map(rounded),
        rating_breakdown: (1..).zip(by_stars).collect(),
        total_reviews: page.sum.count(),
        pagination,
    };
    Ok((links, Json(body)).into_response())
}

/// Reads a review: one that is published, one's own, or for staff any
#[utoipa::path(get, path = "/reviews/{review}", tag = "Reviews", security((), ("bearer" = [])),
    params(("review" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The review", body = ReviewBody), ReadProblems))]
pub(crate) async fn read_review(
    State(desk): State<Desk>,
    Anyone(actor): Anyone,
    Named(review): Named<ReviewId>,
    _: NoParams,
) -> Answer {
    let review = desk.reviews().get(&actor, review).await?;
    Ok(Json(ReviewBody::new(&review, actor.is_staff())).into_response())
}

/// What somebody thinks of a review.
#[derive(ToSchema)]
pub(crate) struct RateReview {
    /// Whether it was helpful; it was as without.
    helpful: Option<bool>,
}

impl FromFields for RateReview {
    const OPTIONAL: bool = true;

    fn from_fields(fields: &mut Fields) -> Self {
        Self { helpful: fields.field(&["helpful", "isHelpful"]).flag() }
    }
}

/// Says whether a review was helpful
///
/// Each person counts once, and may change their mind; its author does not.
#[utoipa::path(post, path = "/reviews/{review}/helpful", tag = "Reviews", security((), ("bearer" = [])),
    request_body = RateReview, params(("review" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "What everybody thinks", body = VotesBody), ChangeProblems))]
pub(crate) async fn rate_review(
    Anyone(actor): Anyone,
    Visitor(visitor): Visitor,
    Named(review): Named<ReviewId>,
    terms: Terms,
    Body(said, names): Body<RateReview>,
) -> Answer {
    let asked = terms.answering(&actor, |_, _, votes: &Votes| Reply::json(StatusCode::OK, &VotesBody::from(votes)));
    let helpful = said.helpful.unwrap_or(true);
    asked.answer(names.restore(asked.desk.reviews().vote(&actor, visitor.as_deref(), review, helpful).await))
}
