//! Reviews of what people bought.

use super::{
    Desk, Error, Planned,
    documents::{Held, Paged, Paging, add},
    plan::not_about_a_ticket,
};
use crate::{
    domain::{
        access::Action,
        actor::Actor,
        announcement::AnnouncementKind,
        fault::{Fault, Refusal},
        id::{CustomerId, ReviewId},
        review::{Bought, NewReview, RatingSum, Review, ReviewState, purchase},
        vote::{VotedOn, Votes},
    },
    ports::directory::Lookup,
};

/// Writing, moderating and reading reviews. From [`Desk::reviews`].
#[derive(Debug, Clone, Copy)]
pub struct Reviews<'a>(pub(super) &'a Desk);

/// That somebody was asked.
struct Asked;

not_about_a_ticket!(Review, Asked);

/// Which published reviews.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewFilter {
    /// Of such a thing.
    pub vehicle_type: Option<String>,
    /// With so many stars.
    pub rating: Option<u8>,
}

/// A page of published reviews.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewPage {
    /// The reviews with what readers said of them, the latest first.
    pub items: Vec<(Review, Votes)>,
    /// How many there are on all pages.
    pub total: u64,
    /// What the reviews come to: all of them, or those of such a thing; the number of stars that was asked for does not
    /// change it.
    pub sum: RatingSum,
}

impl Reviews<'_> {
    /// Writes a review of a purchase, which the host's directory must know as this customer's.
    ///
    /// # Errors
    /// Every wrong field; somebody else's purchase; a second review of the same purchase; actors who are no customers.
    #[tracing::instrument(name = "reviews.write", skip_all, fields(ticket, actor))]
    pub async fn write(self, actor: &Actor, review: NewReview) -> Result<Review, Error> {
        self.0.run(actor, || self.plan_write(actor, review.clone())).await
    }

    async fn plan_write(self, actor: &Actor, review: NewReview) -> Result<Planned<Review>, Error> {
        self.0.authorise(actor, Action::Review)?;
        let Actor::Customer { id: customer, name } = actor else { return Err(Error::Forbidden(Action::Review)) };
        let now = self.0.now();
        let photos = review.photos.clone();
        let rules = &self.0.profile().reviews;
        let id = self.0.0.ids.id(now).into();
        let bought = self.0.bought(*customer, &review.purchase).await?;
        let review = review.check((id, *customer, name), bought.unwrap_or_default(), rules, now)?;
        if self.0.held_by_key::<Review>(&Review::key(&review.purchase, *customer)).await?.is_some() {
            return Err(Fault::new("purchaseId", "was reviewed before").into());
        }
        let told = self.0.announce(AnnouncementKind::ReviewSubmitted, review.id.uuid(), review.customer, None)?;
        let mut writes = vec![add(&review)?, told];
        writes.extend(self.0.claim_photos(actor, review.id, &photos).await?);
        Ok(Planned::writing(writes, review))
    }

    /// Asks a customer to review a purchase, which the host's directory must know as theirs: on the ways on which this desk tells
    /// people things. Nothing is asked of somebody who has reviewed it.
    ///
    /// # Errors
    /// Somebody else's purchase, or one that was reviewed; actors who may not moderate.
    #[tracing::instrument(name = "reviews.ask", skip_all, fields(ticket, actor))]
    pub async fn ask(self, actor: &Actor, customer: CustomerId, bought: &str) -> Result<(), Error> {
        let plan = || async {
            self.0.authorise(actor, Action::Moderate)?;
            let purchase = purchase(bought)?;
            self.0.bought(customer, &purchase).await?;
            if self.0.held_by_key::<Review>(&Review::key(&purchase, customer)).await?.is_some() {
                return Err(Fault::new("purchaseId", "was reviewed before").into());
            }
            let id = self.0.0.ids.id(self.0.now());
            let told = self.0.announce(AnnouncementKind::ReviewRequested, id, Some(customer), Some(purchase))?;
            Ok(Planned::writing(vec![told], Asked))
        };
        self.0.run(actor, plan).await.map(|_| ())
    }

    /// A page of published reviews.
    ///
    /// # Errors
    /// A page beyond what lists reach.
    #[tracing::instrument(name = "reviews.list", skip_all, fields(ticket, actor))]
    pub async fn list(self, actor: &Actor, filter: &ReviewFilter, page: Paging) -> Result<ReviewPage, Error> {
        self.0.authorise(actor, Action::ReadHelp)?;
        let kind = filter.vehicle_type.as_deref().map(str::to_lowercase);
        let list = Review::list(ReviewState::Published, kind.as_deref(), filter.rating);
        let Paged { items, total } = self.0.page_of::<Review>(&list, true, page).await?;
        let stars = (1..=5).map(|stars| Review::list(ReviewState::Published, kind.as_deref(), Some(stars)));
        let counts = self.0.counts_on::<Review>(&stars.collect::<Vec<_>>()).await?;
        let sum = RatingSum { by_stars: counts.try_into().unwrap_or_default() };
        let on: Vec<VotedOn> = items.iter().map(|review| VotedOn::Review(review.id)).collect();
        let votes = self.0.votes(&on).await?;
        Ok(ReviewPage { items: items.into_iter().zip(votes).collect(), total, sum })
    }

    /// Reviews that wait for a decision, the oldest first; or those that were decided so, the latest first.
    ///
    /// # Errors
    /// Actors who may not moderate.
    #[tracing::instrument(name = "reviews.queue", skip_all, fields(ticket, actor))]
    pub async fn queue(self, actor: &Actor, state: ReviewState, page: Paging) -> Result<Paged<Review>, Error> {
        self.0.authorise(actor, Action::Moderate)?;
        self.0.page_of(&Review::list(state, None, None), state != ReviewState::PendingReview, page).await
    }

    /// A review: everybody's once it is published, and until then its author's and the moderators'.
    ///
    /// # Errors
    /// One that is not there, or not for this actor.
    #[tracing::instrument(name = "reviews.get", skip_all, fields(ticket, actor))]
    pub async fn get(self, actor: &Actor, id: ReviewId) -> Result<Review, Error> {
        let review = self.0.held::<Review>(id.uuid()).await?.map(|held| held.value).ok_or(Error::NotFound)?;
        let own = actor.customer_id().is_some() && review.customer == actor.customer_id();
        let may = review.state == ReviewState::Published || own || self.0.may(actor, Action::Moderate, None);
        if may { Ok(review) } else { Err(Error::NotFound) }
    }

    /// Publishes or rejects a review.
    ///
    /// # Errors
    /// One that is not there, or was decided so already; actors who may not moderate.
    #[tracing::instrument(name = "reviews.decide", skip_all, fields(ticket, actor))]
    pub async fn decide(
        self,
        actor: &Actor,
        id: ReviewId,
        publish: bool,
        note: Option<String>,
    ) -> Result<Review, Error> {
        self.0.run(actor, || self.plan_decide(actor, id, publish, note.clone())).await
    }

    async fn plan_decide(
        self,
        actor: &Actor,
        id: ReviewId,
        publish: bool,
        note: Option<String>,
    ) -> Result<Planned<Review>, Error> {
        self.0.authorise(actor, Action::Moderate)?;
        let held: Held<Review> = self.0.held(id.uuid()).await?.ok_or(Error::NotFound)?;
        let review = held.value.clone().decide(publish, note, actor.signature(), self.0.now())?;
        let kind = if publish { AnnouncementKind::ReviewPublished } else { AnnouncementKind::ReviewRejected };
        let told = self.0.announce(kind, review.id.uuid(), review.customer, None)?;
        Ok(Planned::writing(vec![held.put(&review)?, told], review))
    }

    /// Counts whether a published review was helpful: once for each person.
    ///
    /// # Errors
    /// One that is not there or not published; its own author; a guest without `visitor`.
    #[tracing::instrument(name = "reviews.vote", skip_all, fields(ticket, actor))]
    pub async fn vote(self, actor: &Actor, visitor: Option<&str>, id: ReviewId, helpful: bool) -> Result<Votes, Error> {
        self.0.authorise(actor, Action::Vote)?;
        let review = self.0.held::<Review>(id.uuid()).await?.map(|held| held.value);
        let review = review.filter(|review| review.state == ReviewState::Published).ok_or(Error::NotFound)?;
        if actor.customer_id().is_some() && review.customer == actor.customer_id() {
            return Err(Refusal::State("you wrote this review yourself").into());
        }
        self.0.run(actor, || self.0.plan_vote(actor, visitor, VotedOn::Review(id), helpful)).await
    }
}

impl Desk {
    /// What the host says of a purchase; nothing of one whose name is wrong, which is the domain's to say.
    pub(super) async fn bought(&self, customer: CustomerId, id: &str) -> Result<Option<Bought>, Error> {
        let Ok(id) = purchase(id) else { return Ok(None) };
        match self.0.directory.related(customer, "purchase", &id).await? {
            Lookup::Found(card) => Ok(Some(Bought { info: card.label, kind: card.kind })),
            Lookup::Missing => Err(Fault::new("purchaseId", "is none of your purchases").into()),
            Lookup::NotKept => {
                Err(Fault::new("purchaseId", "cannot be verified: this desk is told of no purchases").into())
            }
        }
    }
}
