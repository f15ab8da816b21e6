//! Reviews of what somebody bought (S0): once for each purchase, moderated before anybody reads them.

use crate::domain::{
    actor::Signature,
    document::{DocumentKind, Kept, Placement, list},
    fault::{Fault, Faults, Refusal},
    id::{AttachmentId, CustomerId, ReviewId},
    moderation::{Moderation, Reason, Verdict},
    text::TextRule,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// Whose; none once they were forgotten.
    pub customer: Option<CustomerId>,
    /// Of which purchase, as the host calls it.
    pub purchase: String,
    /// 1 to 5 stars.
    pub rating: u8,
    /// In one line.
    pub title: String,
    /// The text.
    pub text: String,
    /// Photos, uploaded by the same person.
    pub photos: Vec<AttachmentId>,
    /// What everybody is told they are called.
    pub display_name: String,
    /// What was bought, as the host calls it.
    pub vehicle_info: Option<String>,
    /// What kind of thing that is, such as `suv`.
    pub vehicle_type: Option<String>,
    /// Who may read it.
    pub state: ReviewState,
    /// Which rules it breaks; for staff.
    pub reasons: Vec<Reason>,
    /// Who decided; none where a rule did, or nobody has.
    pub decided_by: Option<Signature>,
    /// What staff said about the decision.
    pub decision_note: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
}

/// Who may read a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Its author and staff, until it is decided.
    PendingReview,
    /// Everybody.
    Published,
    /// Its author and staff.
    Rejected,
}

impl ReviewState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::PendingReview, Self::Published, Self::Rejected];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingReview => "pending_review",
            Self::Published => "published",
            Self::Rejected => "rejected",
        }
    }
}

/// A review that somebody wants to write, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewReview {
    /// Of which purchase.
    pub purchase: String,
    /// 1 to 5.
    pub rating: i64,
    /// In one line.
    pub title: String,
    /// The text.
    pub text: String,
    /// Photos.
    pub photos: Vec<AttachmentId>,
    /// What to call them; the name they are known by where absent.
    pub display_name: Option<String>,
}

/// What the host says of the purchase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bought {
    pub(crate) info: Option<String>,
    pub(crate) kind: Option<String>,
}

/// What all published reviews come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RatingSum {
    /// How many have one star, two, and so on up to five.
    pub by_stars: [u64; 5],
}

impl RatingSum {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.by_stars.iter().sum()
    }

    /// The average of all stars; none where there is no review.
    #[expect(clippy::cast_precision_loss, reason = "nobody counts 2^52 reviews")]
    pub fn average(&self) -> Option<f64> {
        let stars: u64 = (1..).zip(self.by_stars).map(|(stars, n)| stars * n).sum();
        (self.count() > 0).then(|| stars as f64 / self.count() as f64)
    }
}

/// The most photos of a review.
pub const PHOTOS: usize = 10;

/// Stars are 1 to 5.
pub(crate) fn stars(field: &str, stars: i64) -> Result<u8, Fault> {
    match u8::try_from(stars) {
        Ok(stars @ 1..=5) => Ok(stars),
        _ => Err(Fault::new(field, "must be a whole number from 1 to 5")),
    }
}

/// What a purchase is called.
pub(crate) fn purchase(id: &str) -> Result<String, Fault> {
    TextRule::line(100).required("purchaseId", id)
}

impl NewReview {
    /// The review as the rules take it.
    pub(crate) fn check(
        self,
        (id, customer, name): (ReviewId, CustomerId, &str),
        bought: Bought,
        rules: &Moderation,
        now: DateTime<Utc>,
    ) -> Result<Review, Faults> {
        let mut faults = Faults::new();
        let purchase = faults.keep(purchase(&self.purchase)).unwrap_or_default();
        let rating = faults.keep(stars("rating", self.rating)).unwrap_or_default();
        let title = faults.keep(TextRule::line(150).required("title", &self.title)).unwrap_or_default();
        let text = faults.keep(TextRule::block(5_000).required("review", &self.text)).unwrap_or_default();
        let called = self.display_name.as_deref().unwrap_or(name);
        let display_name = faults.keep(TextRule::line(60).required("displayName", called)).unwrap_or_default();
        if self.photos.len() > PHOTOS {
            faults.push(Fault::new("photos", format!("must not be more than {PHOTOS}")));
        }
        faults.check()?;
        let judged = rules.judge(&format!("{title}\n{display_name}"), &text, rating);
        let state = match judged.verdict {
            Verdict::Approve => ReviewState::Published,
            Verdict::Hold => ReviewState::PendingReview,
            Verdict::Reject => ReviewState::Rejected,
        };
        Ok(Review {
            id,
            customer: Some(customer),
            purchase,
            rating,
            title,
            text,
            photos: self.photos,
            display_name,
            vehicle_info: bought.info,
            vehicle_type: bought.kind.map(|kind| kind.to_lowercase().chars().take(50).collect()),
            state,
            reasons: judged.reasons,
            decided_by: None,
            decision_note: None,
            created_at: now,
            decided_at: (state != ReviewState::PendingReview).then_some(now),
        })
    }
}

impl Review {
    /// The review as a person decided. What was decided can be decided anew: a published review can be withdrawn.
    pub(crate) fn decide(
        self,
        publish: bool,
        note: Option<String>,
        by: Signature,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let state = if publish { ReviewState::Published } else { ReviewState::Rejected };
        if self.state == state {
            return Err(Refusal::State("the review was decided so already"));
        }
        let note = note.map(|note| TextRule::block(2_000).optional("note", &note)).transpose()?.flatten();
        Ok(Self { state, decided_by: Some(by), decision_note: note, decided_at: Some(now), ..self })
    }

    /// What is left of it when its author is forgotten: the stars, which count.
    #[must_use]
    pub(crate) fn forget(self, name: &str) -> Self {
        Self {
            customer: None,
            purchase: self.id.to_string(),
            title: String::new(),
            text: String::new(),
            photos: Vec::new(),
            display_name: name.to_owned(),
            decision_note: None,
            ..self
        }
    }

    /// By what the review of a purchase is found.
    pub fn key(purchase: &str, customer: CustomerId) -> String {
        list([purchase, customer.to_string().as_str()])
    }

    /// The list of reviews in a state, with so many stars or of such a thing where that is asked, by when they were decided;
    /// those that are not decided by when they were written.
    pub fn list(state: ReviewState, vehicle_type: Option<&str>, rating: Option<u8>) -> String {
        let mut parts = vec![state.as_str().to_owned()];
        parts.extend(vehicle_type.map(|kind| format!("type:{kind}")));
        parts.extend(rating.map(|stars| format!("stars:{stars}")));
        list(parts.iter().map(String::as_str))
    }
}

impl Kept for Review {
    const KIND: DocumentKind = DocumentKind::Review;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Option<CustomerId> {
        self.customer
    }

    fn placement(&self) -> Placement {
        let at = self.decided_at.unwrap_or(self.created_at).timestamp_millis();
        let of = self.vehicle_type.as_deref();
        let mut lists = BTreeMap::from([(Self::list(self.state, None, None), at)]);
        if self.state == ReviewState::Published {
            lists.insert(Self::list(self.state, None, Some(self.rating)), at);
            if of.is_some() {
                lists.insert(Self::list(self.state, of, None), at);
                lists.insert(Self::list(self.state, of, Some(self.rating)), at);
            }
        }
        let keys = self.customer.map(|customer| Self::key(&self.purchase, customer)).into_iter().collect();
        Placement { keys, lists }
    }
}
