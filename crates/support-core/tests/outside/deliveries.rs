use super::{Ear, Setup, ada, eve, grace, joan, setup_with};
use chrono::TimeDelta;
use support_core::{
    desk::{Error, documents::Paging, messages::NewMessage, workers::Job},
    domain::{delivery::Delivery, id::TicketId, profile::Profile},
};

async fn stuck() -> (Setup, std::sync::Arc<Ear>, TicketId, Vec<Delivery>) {
    let ear = Ear::new("one");
    let setup = setup_with(Profile::after_sales(), |builder| builder.sink(ear.clone()));
    setup.tick(Job::Relay).await;
    let ticket = setup.open("Bad").await;
    setup.desk.messages().add(&ada(), ticket, NewMessage::public("and more")).await.unwrap();
    *ear.refuses.lock().unwrap() = Some(ticket.uuid());
    setup.tick(Job::Relay).await;
    let mut all = setup.desk.deliveries().list(&joan(), None, None, Paging::default()).await.unwrap().items;
    all.sort_by_key(|delivery| delivery.number);
    assert_eq!(all.iter().map(|delivery| delivery.state.as_str()).collect::<Vec<_>>(), ["waiting", "behind"]);
    (setup, ear, ticket, all)
}

#[tokio::test]
async fn what_is_dropped_lets_the_next_go() {
    let (setup, ear, _, all) = stuck().await;
    *ear.refuses.lock().unwrap() = None;
    let dropped = setup.desk.deliveries().drop(&joan(), all[0].id).await.unwrap();
    assert_eq!(dropped.state.as_str(), "dropped");
    assert!(matches!(setup.desk.deliveries().drop(&joan(), all[0].id).await, Err(Error::Refused(_))));
    setup.tick(Job::Relay).await;
    assert_eq!(ear.names(), ["ticket.message.new"]);
    let retried = setup.desk.deliveries().retry(&joan(), all[0].id).await.unwrap();
    assert_eq!(retried.state.as_str(), "waiting");
    setup.tick(Job::Relay).await;
    assert_eq!(ear.names(), ["ticket.message.new", "ticket.created"]);
    assert!(matches!(setup.desk.deliveries().retry(&joan(), all[0].id).await, Err(Error::Refused(_))));
}

#[tokio::test]
async fn an_admin_has_a_dead_letter_tried_again() {
    let (setup, ear, _, all) = stuck().await;
    for _ in 0..4 {
        setup.advance(TimeDelta::hours(1));
        setup.tick(Job::Relay).await;
    }
    let dead = setup.desk.deliveries().get(&joan(), all[0].id).await.unwrap();
    assert_eq!((dead.state.as_str(), dead.attempts.len()), ("dead", 4));
    *ear.refuses.lock().unwrap() = None;
    setup.desk.deliveries().retry(&joan(), all[0].id).await.unwrap();
    setup.tick(Job::Relay).await;
    assert!(ear.names().contains(&"ticket.created"));
}

#[tokio::test]
async fn deliveries_are_an_admins_affair() {
    let (setup, _, _, all) = stuck().await;
    for actor in [ada(), eve(), grace()] {
        let deliveries = setup.desk.deliveries();
        assert!(deliveries.list(&actor, None, None, Paging::default()).await.is_err());
        assert!(deliveries.get(&actor, all[0].id).await.is_err());
        assert!(deliveries.retry(&actor, all[0].id).await.is_err());
        assert!(deliveries.drop(&actor, all[0].id).await.is_err());
        assert!(deliveries.sinks(&actor).await.is_err());
    }
    let unknown = setup.desk.deliveries().list(&joan(), None, Some("lost"), Paging::default()).await;
    assert!(matches!(unknown, Err(Error::Refused(_))));
}

/// A try that comes true in the same look that brings news of the ticket keeps nothing of it behind for ever.
#[tokio::test]
async fn nothing_is_left_behind_what_was_settled() {
    let (setup, ear, ticket, _) = stuck().await;
    *ear.refuses.lock().unwrap() = None;
    setup.advance(TimeDelta::seconds(10));
    setup.desk.messages().add(&ada(), ticket, NewMessage::public("news")).await.unwrap();
    setup.tick(Job::Relay).await;
    assert_eq!(ear.names(), ["ticket.created", "ticket.message.new", "ticket.message.new"]);
    setup.desk.messages().add(&ada(), ticket, NewMessage::public("more")).await.unwrap();
    setup.tick(Job::Relay).await;
    assert_eq!(ear.names().len(), 4);
    let open = setup.desk.deliveries().list(&joan(), None, Some("behind"), Paging::default()).await.unwrap();
    assert_eq!(open.total, 0);
}

/// What was there long ago is forgotten, also of somebody who is told nothing any more.
#[tokio::test]
async fn what_waits_for_nobody_keeps_nothing_from_being_forgotten() {
    let (setup, _, _, _) = stuck().await;
    setup.advance(TimeDelta::days(31));
    setup.tick(Job::Housekeeping).await;
    let all = setup.desk.deliveries().list(&joan(), None, None, Paging::default()).await.unwrap();
    assert_eq!(all.total, 0);
}

/// What was settled long ago is forgotten.
#[tokio::test]
async fn old_deliveries_are_forgotten() {
    let (setup, ear, _, _) = stuck().await;
    *ear.refuses.lock().unwrap() = None;
    setup.advance(TimeDelta::seconds(10));
    setup.tick(Job::Relay).await;
    setup.advance(TimeDelta::days(29));
    setup.tick(Job::Housekeeping).await;
    let all = || async { setup.desk.deliveries().list(&joan(), None, None, Paging::default()).await.unwrap().total };
    assert_eq!(all().await, 2);
    setup.advance(TimeDelta::days(2));
    setup.tick(Job::Housekeeping).await;
    assert_eq!(all().await, 0);
}
