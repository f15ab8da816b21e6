//! What customers say of a purchase, in numbers (S0): five ratings, the net promoter score, and words.

mod figures;
mod survey;

pub use figures::{FeedbackFigures, FeedbackPeriod, FeedbackStep, NetPromoter};
pub(crate) use figures::{day_of, month_prefix};
pub use survey::{Survey, SurveyRule, SurveyState};

use crate::domain::{
    document::{DocumentKind, Kept, Placement, list},
    fault::{Fault, Faults},
    id::{CustomerId, FeedbackId, TicketId},
    review::{purchase, stars},
    text::TextRule,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is rated, each from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// All in all.
    Overall,
    /// What was bought.
    VehicleQuality,
    /// How it came.
    DeliveryExperience,
    /// How they were helped.
    CustomerService,
    /// What they got for their money.
    Value,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Overall, Self::VehicleQuality, Self::DeliveryExperience, Self::CustomerService, Self::Value];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overall => "overall",
            Self::VehicleQuality => "vehicleQuality",
            Self::DeliveryExperience => "deliveryExperience",
            Self::CustomerService => "customerService",
            Self::Value => "value",
        }
    }
}

/// The answers to a survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// Its id.
    pub id: FeedbackId,
    /// Whose; none once they were forgotten.
    pub customer: Option<CustomerId>,
    /// About which purchase, as the host calls it.
    pub purchase: Option<String>,
    /// About which ticket, where a survey asked about one.
    pub ticket: Option<TicketId>,
    /// 1 to 5 for each aspect that was rated; about a purchase, all of them.
    pub ratings: BTreeMap<Aspect, u8>,
    /// How likely they recommend the shop, 0 to 10.
    pub nps: u8,
    /// What they say.
    pub comments: Option<String>,
    /// Whether that may be published.
    pub allow_publish: bool,
    /// When.
    pub submitted_at: DateTime<Utc>,
}

/// Answers that somebody wants to give, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewFeedback {
    /// About which purchase; none for a survey about a ticket.
    pub purchase: Option<String>,
    /// About which ticket.
    pub ticket: Option<TicketId>,
    /// 1 to 5 for each.
    pub ratings: BTreeMap<Aspect, i64>,
    /// 0 to 10.
    pub nps: i64,
    /// What they say.
    pub comments: Option<String>,
    /// Whether that may be published.
    pub allow_publish: bool,
}

impl NewFeedback {
    pub(crate) fn check(self, id: FeedbackId, customer: CustomerId, now: DateTime<Utc>) -> Result<Feedback, Faults> {
        let mut faults = Faults::new();
        let purchase = self.purchase.and_then(|id| faults.keep(purchase(&id)));
        if purchase.is_none() && self.ticket.is_none() && faults.0.is_empty() {
            faults.push(Fault::new("purchaseId", "must be given"));
        }
        let mut ratings = BTreeMap::new();
        for aspect in Aspect::ALL {
            let field = format!("ratings.{}", aspect.as_str());
            match self.ratings.get(&aspect) {
                Some(given) => {
                    if let Some(stars) = faults.keep(stars(&field, *given)) {
                        ratings.insert(aspect, stars);
                    }
                }
                // About a ticket nobody can rate the delivery.
                None if self.ticket.is_none() || aspect == Aspect::Overall => {
                    faults.push(Fault::new(field, "must be a whole number from 1 to 5"));
                }
                None => {}
            }
        }
        let nps = u8::try_from(self.nps).ok().filter(|nps| *nps <= 10);
        let nps = nps.ok_or_else(|| Fault::new("nps", "must be a whole number from 0 to 10"));
        let nps = faults.keep(nps).unwrap_or_default();
        let comments = self.comments.and_then(|text| faults.keep(TextRule::block(5_000).optional("comments", &text)));
        faults.check()?;
        Ok(Feedback {
            id,
            customer: Some(customer),
            purchase,
            ticket: self.ticket,
            ratings,
            nps,
            comments: comments.flatten(),
            allow_publish: self.allow_publish,
            submitted_at: now,
        })
    }
}

impl Feedback {
    /// The list of all, by when they came.
    pub const ALL: &'static str = "all";

    /// What is left of it when its author is forgotten: the numbers, which count.
    #[must_use]
    pub(crate) fn forget(self) -> Self {
        Self { customer: None, purchase: None, comments: None, allow_publish: false, ..self }
    }

    /// By what the feedback about a purchase is found.
    pub fn purchase_key(purchase: &str, customer: CustomerId) -> String {
        list(["purchase", purchase, customer.to_string().as_str()])
    }

    /// By what the feedback about a ticket is found.
    pub fn ticket_key(ticket: TicketId) -> String {
        list(["ticket", ticket.to_string().as_str()])
    }
}

impl Kept for Feedback {
    const KIND: DocumentKind = DocumentKind::Feedback;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Option<CustomerId> {
        self.customer
    }

    fn placement(&self) -> Placement {
        let at = self.submitted_at.timestamp_millis();
        let day = self.submitted_at.date_naive();
        let mut lists = BTreeMap::from([(Self::ALL.to_owned(), at), (figures::nps_list(day, self.nps), at)]);
        lists.extend(self.ratings.iter().map(|(aspect, stars)| (figures::rating_list(day, *aspect, *stars), at)));
        let about = self.purchase.as_deref().zip(self.customer);
        let purchase = about.map(|(purchase, customer)| Self::purchase_key(purchase, customer));
        Placement { keys: purchase.into_iter().chain(self.ticket.map(Self::ticket_key)).collect(), lists }
    }
}
