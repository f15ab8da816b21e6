use super::*;
use support_core::{
    desk::{documents::Paging, tickets::NewTicket, workers::Job},
    domain::{
        feedback::{Aspect, FeedbackStep, NetPromoter, NewFeedback, SurveyRule},
        id::TicketId,
    },
};

fn answers(purchase: &str, overall: i64, nps: i64) -> NewFeedback {
    let ratings = Aspect::ALL.into_iter().map(|aspect| (aspect, if aspect == Aspect::Overall { overall } else { 4 }));
    NewFeedback { purchase: Some(purchase.into()), ratings: ratings.collect(), nps, ..NewFeedback::default() }
}

#[tokio::test]
async fn a_purchase_is_rated_once_by_whoever_bought_it() {
    let Setup { desk, .. } = setup();
    desk.feedback().give(&ada(), answers("P-1", 5, 9)).await.unwrap();
    assert_eq!(wrong(desk.feedback().give(&ada(), answers("P-1", 1, 0)).await), ["purchaseId"]);
    assert_eq!(wrong(desk.feedback().give(&ada(), answers("P-9", 1, 0)).await), ["purchaseId"]);
    for (nps, overall, field) in [(11, 5, "nps"), (-1, 5, "nps"), (5, 0, "ratings.overall"), (5, 6, "ratings.overall")]
    {
        assert_eq!(wrong(desk.feedback().give(&ada(), answers("P-2", overall, nps)).await), [field]);
    }
    let empty = wrong(desk.feedback().give(&ada(), NewFeedback::default()).await);
    assert_eq!(empty[0], "purchaseId");
    assert_eq!(empty.len(), 6);
    assert!(matches!(desk.feedback().give(&grace(), answers("P-1", 5, 9)).await, Err(Error::Forbidden(_))));
    assert_eq!(desk.feedback().list(&grace(), Paging::default()).await.unwrap().total, 1);
    assert!(desk.feedback().list(&ada(), Paging::default()).await.is_err());
}

#[tokio::test]
async fn figures_are_added_up_by_day() {
    let setup = setup();
    let desk = &setup.desk;
    let day = |n| desk.now().date_naive() + TimeDelta::days(n);
    desk.feedback().give(&ada(), answers("P-1", 5, 10)).await.unwrap();
    setup.advance(TimeDelta::days(1));
    desk.feedback().give(&ada(), answers("P-2", 2, 6)).await.unwrap();
    setup.advance(TimeDelta::days(40));
    desk.feedback().give(&eve(), answers("P-9", 4, 8)).await.unwrap();

    let (all, days) = desk.feedback().figures(&grace(), day(-41), day(0), FeedbackStep::Day).await.unwrap();
    assert_eq!(all.net_promoter(), NetPromoter { promoters: 1, passives: 1, detractors: 1 });
    assert_eq!((all.net_promoter().score(), all.count()), (Some(0.0), 3));
    assert_eq!(all.average(Aspect::Overall), Some(11.0 / 3.0));
    assert!((all.csat().unwrap() - 66.666).abs() < 0.01);
    assert_eq!(days.len(), 42);
    assert_eq!(days.iter().map(|day| day.figures.count()).collect::<Vec<_>>()[..2], [1, 1]);
    let (_, months) = desk.feedback().figures(&grace(), day(-41), day(0), FeedbackStep::Month).await.unwrap();
    assert_eq!(months.iter().map(|month| month.figures.count()).collect::<Vec<_>>(), [2, 1]);
    let (one, weeks) = desk.feedback().figures(&grace(), day(-40), day(-40), FeedbackStep::Week).await.unwrap();
    assert_eq!((one.net_promoter().score(), weeks.len()), (Some(-100.0), 1));
    let (none, _) = desk.feedback().figures(&grace(), day(1), day(9), FeedbackStep::Day).await.unwrap();
    assert_eq!((none.net_promoter().score(), none.csat(), none.average(Aspect::Value)), (None, None, None));
    assert_eq!(wrong(desk.feedback().figures(&grace(), day(1), day(0), FeedbackStep::Day).await), ["to"]);
    assert_eq!(wrong(desk.feedback().figures(&grace(), day(-9_000), day(0), FeedbackStep::Day).await), ["to"]);
}

fn surveyed() -> Setup {
    let mut profile = Profile::vehicle_retail();
    profile.survey = Some(SurveyRule::default());
    setup_with(profile, |builder| builder)
}

async fn resolved(desk: &Desk) -> TicketId {
    let id = desk.tickets().open(&ada(), NewTicket::new("No parcel", "Where is it?")).await.unwrap().ticket.id;
    desk.tickets().resolve(&joan(), id, "Found").await.unwrap();
    id
}

#[tokio::test]
async fn a_survey_is_sent_once_for_each_ticket() {
    let setup = surveyed();
    let (desk, workers) = (&setup.desk, setup.desk.workers());
    let id = resolved(desk).await;
    assert_eq!(workers.tick(Job::Survey).await.unwrap().done, 0);
    setup.advance(TimeDelta::hours(1));
    assert_eq!(workers.tick(Job::Survey).await.unwrap().done, 1);
    let sent = setup.post.take();
    assert!(sent.len() == 1 && sent[0].starts_with("survey true "), "{sent:?}");
    desk.tickets().reopen(&ada(), id, None).await.unwrap();
    desk.tickets().resolve(&joan(), id, "Again").await.unwrap();
    setup.advance(TimeDelta::hours(9));
    assert_eq!(workers.tick(Job::Survey).await.unwrap().done, 0);
    assert!(setup.post.take().is_empty());
}

#[tokio::test]
async fn a_ticket_that_goes_on_is_asked_about_when_it_ends() {
    let setup = surveyed();
    let (desk, workers) = (&setup.desk, setup.desk.workers());
    let id = resolved(desk).await;
    desk.tickets().reopen(&ada(), id, None).await.unwrap();
    setup.advance(TimeDelta::hours(1));
    assert_eq!(workers.tick(Job::Survey).await.unwrap().done, 1);
    assert!(setup.post.take().is_empty());
    desk.tickets().resolve(&joan(), id, "Again").await.unwrap();
    setup.advance(TimeDelta::hours(1));
    workers.tick(Job::Survey).await.unwrap();
    assert_eq!(setup.post.take().len(), 1);
}

#[tokio::test]
async fn a_survey_is_answered_by_its_customer_once() {
    let setup = surveyed();
    let (desk, workers) = (&setup.desk, setup.desk.workers());
    let open = desk.tickets().open(&ada(), NewTicket::new("No parcel", "Where is it?")).await.unwrap().ticket.id;
    let about = |ticket| NewFeedback {
        ticket: Some(ticket),
        ratings: [(Aspect::Overall, 4)].into(),
        nps: 7,
        ..NewFeedback::default()
    };
    assert!(state(desk.feedback().give(&ada(), about(open)).await).contains("resolved"));
    let id = resolved(desk).await;
    assert_eq!(wrong(desk.feedback().give(&eve(), about(id)).await), ["ticketId"]);
    desk.feedback().give(&ada(), about(id)).await.unwrap();
    assert_eq!(wrong(desk.feedback().give(&ada(), about(id)).await), ["ticketId"]);
    setup.advance(TimeDelta::hours(9));
    assert_eq!(workers.tick(Job::Survey).await.unwrap().done, 0, "who has answered is not asked");
}
