use super::Moment;
use crate::events::SignatureBody;
use serde::Serialize;
use support_core::domain::{review::Review, vote::Votes};
use utoipa::ToSchema;
use uuid::Uuid;

/// A published review, as everybody reads it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PublishedReview)]
pub(crate) struct PublishedBody<'a> {
    /// Its id.
    id: Uuid,
    /// 1 to 5 stars.
    rating: u8,
    /// In one line.
    title: &'a str,
    /// The text.
    review: &'a str,
    /// The ids of photos, to be fetched from `/attachments/{id}/download`.
    photos: Vec<Uuid>,
    /// What its author is called.
    display_name: &'a str,
    /// What was bought.
    vehicle_info: Option<&'a str>,
    /// What kind of thing that is.
    vehicle_type: Option<&'a str>,
    /// When it was written.
    created_at: Moment,
    /// How many found it helpful.
    helpful: u64,
    /// How many did not.
    not_helpful: u64,
}

impl<'a> PublishedBody<'a> {
    pub(crate) fn new(review: &'a Review, votes: &Votes) -> Self {
        Self {
            id: review.id.uuid(),
            rating: review.rating,
            title: &review.title,
            review: &review.text,
            photos: review.photos.iter().map(|id| id.uuid()).collect(),
            display_name: &review.display_name,
            vehicle_info: review.vehicle_info.as_deref(),
            vehicle_type: review.vehicle_type.as_deref(),
            created_at: Moment(review.created_at),
            helpful: votes.helpful,
            not_helpful: votes.not_helpful,
        }
    }
}

/// A review, as its author and staff see it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Review)]
pub(crate) struct ReviewBody<'a> {
    /// Its id.
    review_id: Uuid,
    /// The same.
    id: Uuid,
    /// `pending_review`, `published` or `rejected`.
    status: &'static str,
    /// 1 to 5 stars.
    rating: u8,
    /// In one line.
    title: &'a str,
    /// The text.
    review: &'a str,
    /// The ids of photos.
    photos: Vec<Uuid>,
    /// What everybody is told its author is called.
    display_name: &'a str,
    /// What was bought.
    vehicle_info: Option<&'a str>,
    /// What kind of thing that is.
    vehicle_type: Option<&'a str>,
    /// When it was written.
    created_at: Moment,
    /// When it was decided.
    decided_at: Option<Moment>,
    /// What only staff see.
    #[serde(flatten)]
    #[schema(value_type = ReviewInternals)]
    internals: Option<ReviewInternals<'a>>,
}

/// What only staff see of a review; absent for everybody else.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReviewInternals<'a> {
    /// Whose; none once they were forgotten.
    customer_id: Option<Uuid>,
    /// Of which purchase.
    #[schema(required = false)]
    purchase_id: &'a str,
    /// Which rules it breaks.
    #[schema(required = false)]
    reasons: Vec<&'static str>,
    /// Who decided; none where a rule did, or nobody has.
    decided_by: Option<SignatureBody<'a>>,
    /// What they said about it.
    decision_note: Option<&'a str>,
}

impl<'a> ReviewBody<'a> {
    pub(crate) fn new(review: &'a Review, staff: bool) -> Self {
        let internals = ReviewInternals {
            customer_id: review.customer.map(support_core::domain::id::CustomerId::uuid),
            purchase_id: &review.purchase,
            reasons: review.reasons.iter().map(|reason| reason.as_str()).collect(),
            decided_by: review.decided_by.as_ref().map(SignatureBody::from),
            decision_note: review.decision_note.as_deref(),
        };
        Self {
            review_id: review.id.uuid(),
            id: review.id.uuid(),
            status: review.state.as_str(),
            rating: review.rating,
            title: &review.title,
            review: &review.text,
            photos: review.photos.iter().map(|id| id.uuid()).collect(),
            display_name: &review.display_name,
            vehicle_info: review.vehicle_info.as_deref(),
            vehicle_type: review.vehicle_type.as_deref(),
            created_at: Moment(review.created_at),
            decided_at: review.decided_at.map(Moment),
            internals: staff.then_some(internals),
        }
    }
}
