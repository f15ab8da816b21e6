use super::*;
use support_core::{
    desk::{Error, Expected, Once, messages::Posted},
    domain::{fault::Refusal, ticket::Edit},
};

fn once(team: &Team, key: &str, digest: u8) -> Desk {
    let once = Once { key: key.to_owned(), digest: [digest; 32] };
    team.desk.once(once, |posted: &Posted| posted.ticket.number.clone().into_bytes())
}

#[tokio::test]
async fn a_request_that_is_repeated_is_answered_as_before_and_not_done_again() {
    let team = Team::new(Profile::bookings());
    let first = once(&team, "a", 1).tickets().open(&ada(), parcel()).await.unwrap();
    let again = once(&team, "a", 1).tickets().open(&ada(), parcel()).await.unwrap_err();
    assert!(matches!(again, Error::Repeated(answer) if answer.0 == first.ticket.number.as_bytes()));
    let other = once(&team, "a", 2).tickets().open(&ada(), parcel()).await.unwrap_err();
    assert!(matches!(other, Error::KeyReused));
    once(&team, "b", 1).tickets().open(&ada(), parcel()).await.unwrap();
    let stranger = Actor::customer(Uuid::from_u128(2), "Ada");
    once(&team, "a", 1).tickets().open(&stranger, parcel()).await.unwrap();
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let team = Team::new(Profile::bookings());
    once(&team, "a", 1).tickets().open(&ada(), parcel()).await.unwrap();
    team.pass("23h 59m");
    assert!(once(&team, "a", 1).tickets().open(&ada(), parcel()).await.is_err());
    team.tick(Job::Housekeeping).await;
    assert!(once(&team, "a", 1).tickets().open(&ada(), parcel()).await.is_err());
    team.pass("1m");
    once(&team, "a", 2).tickets().open(&ada(), parcel()).await.unwrap();
}

#[tokio::test]
async fn what_was_refused_is_not_remembered() {
    let team = Team::new(Profile::bookings());
    assert!(once(&team, "a", 1).tickets().open(&ada(), NewTicket::new("", "")).await.is_err());
    once(&team, "a", 2).tickets().open(&ada(), parcel()).await.unwrap();
    for key in ["", &"x".repeat(256), "ü", "a\nb"] {
        let refused = once(&team, key, 1).tickets().open(&ada(), parcel()).await.unwrap_err();
        assert!(matches!(refused, Error::Refused(Refusal::Invalid(_))), "{key:?}");
    }
    once(&team, &"x".repeat(255), 1).tickets().open(&ada(), parcel()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_is_done() {
    let team = Team::new(Profile::bookings());
    let requests = (0..64).map(|_| {
        let desk = once(&team, "a", 1);
        tokio::spawn(async move { desk.tickets().open(&ada(), parcel()).await })
    });
    let (mut done, mut repeated) = (0, 0);
    for request in requests.collect::<Vec<_>>() {
        match request.await.unwrap() {
            Ok(_) => done += 1,
            Err(Error::Repeated(_)) => repeated += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((done, repeated), (1, 63));
}

#[tokio::test]
async fn a_ticket_that_is_not_as_expected_is_left_alone() {
    let team = Team::new(Profile::bookings());
    let ticket = team.open(parcel()).await;
    let edit = Edit { subject: Some("Another".into()), ..Edit::default() };
    let stale = team.desk.expecting(vec![Expected::Version(ticket.version + 1)]);
    let refused = stale.tickets().edit(&admin(), ticket.id, edit.clone()).await;
    assert!(matches!(refused, Err(Error::Stale)));
    let known = team.desk.expecting(vec![Expected::Version(7), Expected::Updated(ticket.updated_at)]);
    known.tickets().edit(&admin(), ticket.id, edit.clone()).await.unwrap();
    team.pass("1m");
    team.desk.messages().add(&ada(), ticket.id, NewMessage::public("More")).await.unwrap();
    let refused = known.messages().add(&ada(), ticket.id, NewMessage::public("Even more")).await;
    assert!(matches!(refused, Err(Error::Stale)), "a message in between is a change, too");
    assert!(known.tickets().get(&ada(), ticket.id).await.is_ok(), "reading expects nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_customers_posts_with_one_expectation_one_is_done() {
    let team = Team::new(Profile::bookings());
    let ticket = team.open(parcel()).await;
    team.pass("1m");
    let known = team.desk.expecting(vec![Expected::Updated(ticket.updated_at)]);
    let posts = (0..16).map(|_| {
        let desk = known.clone();
        tokio::spawn(async move { desk.messages().add(&ada(), ticket.id, NewMessage::public("More")).await })
    });
    let mut done = 0;
    for post in posts.collect::<Vec<_>>() {
        match post.await.unwrap() {
            Ok(_) => done += 1,
            Err(Error::Stale | Error::Conflict) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(done, 1);
}

#[tokio::test]
async fn an_answer_that_cannot_be_written_down_is_no_answer() {
    let team = Team::new(Profile::bookings());
    let wrong = Once { key: "a".into(), digest: [1; 32] };
    let desk = team.desk.once(wrong, |ticket: &Ticket| ticket.number.clone().into_bytes());
    assert!(desk.tickets().open(&ada(), parcel()).await.is_err(), "an opening answers more than a ticket");
    let none = support_core::domain::ticket::TicketFilter::default();
    assert_eq!(team.desk.tickets().count(&admin(), none, 10).await.unwrap(), 0);
}

#[tokio::test]
async fn a_remembered_answer_goes_with_each_of_the_people_in_it() {
    use support_core::{desk::operations::Operated, domain::operation::Relation};
    let team = Team::new(Profile::bookings());
    let eve = Actor::customer(Uuid::from_u128(0xe4e), "Eve");
    let hers = team.open(parcel()).await.id;
    let eves = team.desk.tickets().open(&eve, parcel()).await.unwrap().ticket.id;
    let once = || Once { key: "a".into(), digest: [1; 32] };
    let desk = team.desk.once(once(), |done: &Operated| done.other.customer_name.clone().into_bytes());
    desk.operations().link(&admin(), hers, eves, Relation::RelatesTo).await.unwrap();
    team.desk.people().erase(&admin(), eve.customer_id().unwrap()).await.unwrap();
    let again = desk.operations().link(&admin(), hers, eves, Relation::RelatesTo).await;
    assert!(!matches!(again, Err(Error::Repeated(_))), "{again:?}");
}
