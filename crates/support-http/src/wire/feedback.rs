use super::Moment;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use support_core::domain::feedback::{Aspect, Feedback, FeedbackFigures, FeedbackPeriod, NetPromoter};
use utoipa::ToSchema;
use uuid::Uuid;

/// The answers to a survey, as staff read them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Feedback)]
pub(crate) struct FeedbackBody<'a> {
    /// Its id.
    feedback_id: Uuid,
    /// The same.
    id: Uuid,
    /// Whose; none once they were forgotten.
    customer_id: Option<Uuid>,
    /// About which purchase.
    purchase_id: Option<&'a str>,
    /// About which ticket.
    ticket_id: Option<Uuid>,
    /// 1 to 5 for each aspect.
    ratings: BTreeMap<&'static str, u8>,
    /// How likely they recommend the shop, 0 to 10.
    nps: u8,
    /// What they say.
    comments: Option<&'a str>,
    /// Whether that may be published.
    allow_publish: bool,
    /// When.
    submitted_at: Moment,
}

impl<'a> From<&'a Feedback> for FeedbackBody<'a> {
    fn from(feedback: &'a Feedback) -> Self {
        Self {
            feedback_id: feedback.id.uuid(),
            id: feedback.id.uuid(),
            customer_id: feedback.customer.map(support_core::domain::id::CustomerId::uuid),
            purchase_id: feedback.purchase.as_deref(),
            ticket_id: feedback.ticket.map(support_core::domain::id::TicketId::uuid),
            ratings: feedback.ratings.iter().map(|(aspect, stars)| (aspect.as_str(), *stars)).collect(),
            nps: feedback.nps,
            comments: feedback.comments.as_deref(),
            allow_publish: feedback.allow_publish,
            submitted_at: Moment(feedback.submitted_at),
        }
    }
}

/// What feedback comes to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FeedbackFigures)]
pub(crate) struct FiguresBody {
    /// How many answered.
    count: u64,
    /// The net promoter score.
    nps: NetPromoterBody,
    /// The share of four and five stars all in all, in percent; none where nobody answered.
    csat: Option<f64>,
    /// The average of each aspect, from 1 to 5; none where nobody rated it.
    averages: BTreeMap<&'static str, Option<f64>>,
    /// How often each aspect got one star, two, and so on up to five.
    ratings: BTreeMap<&'static str, [u64; 5]>,
}

/// The net promoter score: who gives 9 or 10 promotes, who gives 6 or less detracts.
#[derive(Serialize, ToSchema)]
#[schema(as = NetPromoter)]
pub(crate) struct NetPromoterBody {
    /// The share of promoters less that of detractors, from -100 to 100; none where nobody answered.
    score: Option<f64>,
    /// How many promote.
    promoters: u64,
    /// How many do neither.
    passives: u64,
    /// How many detract.
    detractors: u64,
    /// How often each score from 0 to 10 was given.
    scores: [u64; 11],
}

/// Two places are enough for people.
pub(crate) fn rounded(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
}

impl From<&FeedbackFigures> for FiguresBody {
    fn from(figures: &FeedbackFigures) -> Self {
        let promoter = figures.net_promoter();
        let NetPromoter { promoters, passives, detractors } = promoter;
        let stars = |aspect: Aspect| figures.ratings.get(&aspect).copied().unwrap_or_default();
        Self {
            count: figures.count(),
            nps: NetPromoterBody {
                score: promoter.score().map(rounded),
                promoters,
                passives,
                detractors,
                scores: figures.nps,
            },
            csat: figures.csat().map(rounded),
            averages: Aspect::ALL.map(|aspect| (aspect.as_str(), figures.average(aspect).map(rounded))).into(),
            ratings: Aspect::ALL.map(|aspect| (aspect.as_str(), stars(aspect))).into(),
        }
    }
}

/// What came in during some days.
#[derive(Serialize, ToSchema)]
#[schema(as = FeedbackPeriod)]
pub(crate) struct PeriodBody {
    /// The first of them.
    from: NaiveDate,
    /// What it comes to.
    #[serde(flatten)]
    figures: FiguresBody,
}

impl From<&FeedbackPeriod> for PeriodBody {
    fn from(period: &FeedbackPeriod) -> Self {
        Self { from: period.from, figures: FiguresBody::from(&period.figures) }
    }
}
