//! What customers say of their purchases, and of the help they got.

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
        document::DocumentKind,
        fault::{Fault, Refusal},
        feedback::{
            Aspect, Feedback, FeedbackFigures, FeedbackPeriod, FeedbackStep, NewFeedback, Survey, SurveyState, day_of,
            month_prefix,
        },
        id::CustomerId,
    },
    ports::Write,
};
use chrono::{Datelike, Days, Months, NaiveDate};

/// Taking and adding up feedback. From [`Desk::feedback`].
#[derive(Debug, Clone, Copy)]
pub struct FeedbackDesk<'a>(pub(super) &'a Desk);

not_about_a_ticket!(Feedback);

/// Lists of a month at most: 31 days of eleven scores and five aspects with five stars each.
const LISTS: u32 = 31 * 36;
/// The longest span of figures.
const MONTHS: u32 = 121;

impl FeedbackDesk<'_> {
    /// Takes the answers to a survey: about a purchase, which the host's directory must know as this customer's, or about a
    /// ticket of theirs.
    ///
    /// # Errors
    /// Every wrong field; somebody else's purchase or ticket; a second answer; actors who are no customers.
    #[tracing::instrument(name = "feedback.give", skip_all, fields(ticket, actor))]
    pub async fn give(self, actor: &Actor, feedback: NewFeedback) -> Result<Feedback, Error> {
        self.0.run(actor, || self.plan_give(actor, feedback.clone())).await
    }

    async fn plan_give(self, actor: &Actor, feedback: NewFeedback) -> Result<Planned<Feedback>, Error> {
        self.0.authorise(actor, Action::GiveFeedback)?;
        let customer = actor.customer_id().ok_or(Error::Forbidden(Action::GiveFeedback))?;
        let now = self.0.now();
        if let Some(purchase) = &feedback.purchase {
            self.0.bought(customer, purchase).await?;
        }
        let feedback = feedback.check(self.0.0.ids.id(now).into(), customer, now)?;
        self.check_first(&feedback, customer).await?;
        let mut writes = vec![add(&feedback)?];
        writes.extend(self.answer_survey(actor, &feedback).await?);
        writes.extend(self.announcements(&feedback)?);
        Ok(Planned::writing(writes, feedback))
    }

    /// S0 tells of feedback in three ways: that it came, each rating, and that a survey was answered.
    fn announcements(self, feedback: &Feedback) -> Result<Vec<Write>, Error> {
        let (about, customer) = (feedback.id.uuid(), feedback.customer);
        let rating = |aspect: &Aspect| {
            let detail = Some(aspect.as_str().to_owned());
            self.0.announce(AnnouncementKind::RatingProvided, about, customer, detail)
        };
        let whole = [AnnouncementKind::FeedbackReceived, AnnouncementKind::SurveyCompleted];
        let whole = whole.into_iter().map(|kind| self.0.announce(kind, about, customer, None));
        whole.chain(feedback.ratings.keys().map(rating)).collect()
    }

    async fn check_first(self, feedback: &Feedback, customer: CustomerId) -> Result<(), Error> {
        let purchase = feedback.purchase.as_deref().map(|id| ("purchaseId", Feedback::purchase_key(id, customer)));
        let ticket = feedback.ticket.map(|id| ("ticketId", Feedback::ticket_key(id)));
        for (field, key) in purchase.into_iter().chain(ticket) {
            if self.0.held_by_key::<Feedback>(&key).await?.is_some() {
                return Err(Fault::new(field, "has your feedback already").into());
            }
        }
        Ok(())
    }

    /// The survey about a ticket as answered; one that was not sent yet needs to be sent no more.
    async fn answer_survey(self, actor: &Actor, feedback: &Feedback) -> Result<Option<Write>, Error> {
        let Some(id) = feedback.ticket else { return Ok(None) };
        let ticket = self.0.load(actor, &id.into(), Action::Rate).await.map_err(|error| match error {
            Error::NotFound => Fault::new("ticketId", "is none of your tickets").into(),
            other => other,
        })?;
        if !ticket.phase.is_done() {
            return Err(Refusal::State("the ticket is not resolved yet").into());
        }
        let held: Option<Held<Survey>> = self.0.held_by_key(&Survey::key(id)).await?;
        let answered = SurveyState::Answered { at: feedback.submitted_at };
        held.map(|held| held.put(&Survey { state: answered, ..held.value.clone() })).transpose()
    }

    /// A page of all feedback, the latest first.
    ///
    /// # Errors
    /// Actors who are not staff.
    #[tracing::instrument(name = "feedback.list", skip_all, fields(ticket, actor))]
    pub async fn list(self, actor: &Actor, page: Paging) -> Result<Paged<Feedback>, Error> {
        self.0.authorise(actor, Action::ReadFeedback)?;
        self.0.page_of(Feedback::ALL, true, page).await
    }

    /// What all feedback of these days comes to, both included, in UTC; and how it went, period by period.
    ///
    /// # Errors
    /// Days in the wrong order or more than ten years apart; actors who are not staff.
    #[tracing::instrument(name = "feedback.figures", skip_all, fields(ticket, actor))]
    pub async fn figures(
        self,
        actor: &Actor,
        from: NaiveDate,
        to: NaiveDate,
        by: FeedbackStep,
    ) -> Result<(FeedbackFigures, Vec<FeedbackPeriod>), Error> {
        self.0.authorise(actor, Action::ReadFeedback)?;
        if to < from {
            return Err(Fault::new("to", "must not lie before `from`").into());
        }
        let months = month_starts(from, to);
        if months.len() > MONTHS as usize {
            return Err(Fault::new("to", "must not lie more than ten years after `from`").into());
        }
        let (mut whole, mut periods) = (FeedbackFigures::default(), periods(from, to, by));
        for month in months {
            let prefix = month_prefix(month);
            for (list, n) in self.0.0.store.document_counts(DocumentKind::Feedback, &prefix, LISTS).await? {
                let Some(day) = day_of(&list).filter(|day| (from..=to).contains(day)) else { continue };
                whole.add(&list, n);
                let period = periods.partition_point(|period| period.from <= day);
                if let Some(period) = period.checked_sub(1).and_then(|last| periods.get_mut(last)) {
                    period.figures.add(&list, n);
                }
            }
        }
        Ok((whole, periods))
    }
}

fn month_starts(from: NaiveDate, to: NaiveDate) -> Vec<NaiveDate> {
    let first = from.with_day(1).unwrap_or(from);
    let months = (0..=MONTHS).map_while(|n| first.checked_add_months(Months::new(n)));
    months.take_while(|month| *month <= to).collect()
}

/// The first days of all periods that have a day between these two: the first begins with the span, the others as the
/// calendar says.
fn periods(from: NaiveDate, to: NaiveDate, by: FeedbackStep) -> Vec<FeedbackPeriod> {
    let next = |day: NaiveDate| match by {
        FeedbackStep::Day => day.succ_opt(),
        FeedbackStep::Week => day.checked_add_days(Days::new(7 - u64::from(day.weekday().num_days_from_monday()))),
        FeedbackStep::Month => day.with_day(1).and_then(|day| day.checked_add_months(Months::new(1))),
    };
    let days = std::iter::successors(Some(from), |day| next(*day)).take_while(|day| *day <= to);
    days.map(|from| FeedbackPeriod { from, figures: FeedbackFigures::default() }).collect()
}
