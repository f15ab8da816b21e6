use super::*;
use support_core::{
    desk::{documents::Paging, messages::NewMessage, search::TicketSearch, tickets::NewTicket, workers::Job},
    domain::{id::TicketId, search::Label},
    ports::search::Search,
};

fn words(text: &str) -> TicketSearch {
    TicketSearch { text: text.into(), ..TicketSearch::default() }
}

async fn found(desk: &Desk, actor: &Actor, text: &str) -> Vec<TicketId> {
    let page = desk.search().tickets(actor, &words(text), Paging::default()).await.unwrap();
    assert_eq!(page.hits.total, page.items.len() as u64);
    page.items.into_iter().map(|(ticket, _)| ticket.id).collect()
}

async fn open(desk: &Desk, actor: &Actor, subject: &str) -> TicketId {
    desk.tickets().open(actor, NewTicket::new(subject, "Text").tag("vip")).await.unwrap().ticket.id
}

#[tokio::test]
async fn tickets_are_found_by_what_was_said_on_them() {
    let Setup { desk, .. } = setup();
    let (one, two) = (open(&desk, &ada(), "Parcel lost").await, open(&desk, &eve(), "Parcel broken").await);
    desk.messages().add(&ada(), one, NewMessage::public("It held a samovar")).await.unwrap();
    desk.messages().add(&grace(), one, NewMessage::note("Customer is a cosmonaut")).await.unwrap();
    assert!(found(&desk, &ada(), "parcel").await.is_empty(), "it is not there yet");
    let workers = desk.workers();
    assert_eq!(workers.tick(Job::Index).await.unwrap().done, 2);
    assert_eq!(workers.tick(Job::Index).await.unwrap().done, 0);

    assert_eq!(found(&desk, &ada(), "parcel").await, [one]);
    assert_eq!(found(&desk, &eve(), "parcel").await, [two]);
    assert_eq!(found(&desk, &joan(), "parcel").await.len(), 2);
    assert_eq!(found(&desk, &ada(), "samovar").await, [one]);
    assert_eq!(found(&desk, &grace(), "cosmonaut").await, [one]);
    assert!(found(&desk, &ada(), "cosmonaut").await.is_empty(), "a note is found by staff alone");
    assert!(matches!(
        desk.search().tickets(&Actor::Guest, &words("a"), Paging::default()).await,
        Err(Error::Unauthenticated)
    ));
    let page = desk.search().tickets(&joan(), &words("parcel"), Paging::default()).await.unwrap();
    assert!(page.hits.facets.contains(&(Label::Tag, vec![("vip".into(), 2)])));
    let narrowed = TicketSearch { labels: vec![(Label::Tag, "other".into())], ..words("parcel") };
    assert!(desk.search().tickets(&joan(), &narrowed, Paging::default()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn the_index_follows_what_happens() {
    let setup = setup();
    let desk = &setup.desk;
    let id = open(desk, &ada(), "Parcel lost").await;
    let workers = desk.workers();
    workers.tick(Job::Index).await.unwrap();
    let said = desk.messages().add(&ada(), id, NewMessage::public("A samovar")).await.unwrap().message;
    workers.tick(Job::Index).await.unwrap();
    assert_eq!(found(desk, &ada(), "samovar").await, [id]);
    desk.messages().delete(&ada(), id, said.id).await.unwrap();
    workers.tick(Job::Index).await.unwrap();
    assert!(found(desk, &ada(), "samovar").await.is_empty());

    // Once nobody has it any more, every agent finds it; once somebody has it, only they do.
    assert_eq!(found(desk, &grace(), "parcel").await, [id]);
    desk.tickets().assign(&joan(), id, Uuid::from_u128(0x5ed).into()).await.unwrap();
    let stale = desk.search().tickets(&grace(), &words("parcel"), Paging::default()).await.unwrap();
    assert!(stale.items.is_empty(), "before the index knows it too");
    workers.tick(Job::Index).await.unwrap();
    assert!(found(desk, &grace(), "parcel").await.is_empty());
    desk.tickets().delete(&joan(), id).await.unwrap();
    workers.tick(Job::Index).await.unwrap();
    assert!(found(desk, &joan(), "parcel").await.is_empty());
}

#[tokio::test]
async fn an_index_that_was_lost_is_fed_again() {
    let Setup { desk, store, clock, .. } = setup();
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(open(&desk, &ada(), &format!("Parcel {n}")).await);
        clock.advance(TimeDelta::minutes(1));
    }
    let workers = desk.workers();
    workers.tick(Job::Index).await.unwrap();
    store.clear_index().await.unwrap();
    assert!(found(&desk, &ada(), "parcel").await.is_empty());
    workers.tick(Job::Index).await.unwrap();
    assert_eq!(found(&desk, &ada(), "parcel").await.len(), 5);
    desk.search().rebuild().await.unwrap();
    assert_eq!(found(&desk, &ada(), "parcel").await.len(), 5);

    // Another node with an index of its own finds what this one wrote.
    let other = MemoryStore::new();
    let node = Desk::builder(store.clone()).search(other).clock(clock.clone()).build().unwrap();
    node.workers().tick(Job::Index).await.unwrap();
    assert_eq!(found(&node, &ada(), "parcel").await.len(), 5);
    let late = open(&desk, &ada(), "Parcel late").await;
    node.workers().tick(Job::Index).await.unwrap();
    assert_eq!(found(&node, &ada(), "late").await, [late]);
    assert!(found(&desk, &ada(), "late").await.is_empty());
}

/// However long ago the last article was written.
#[tokio::test]
async fn an_index_that_is_in_step_is_left_alone() {
    let setup = setup();
    let desk = &setup.desk;
    let draft = support_core::domain::article::ArticleDraft {
        title: "Parcels".into(),
        content: "Text".into(),
        ..Default::default()
    };
    let article = desk.articles().write(&joan(), draft).await.unwrap();
    desk.articles().publish(&joan(), article.id, None).await.unwrap();
    open(desk, &ada(), "Parcel lost").await;
    setup.advance(TimeDelta::hours(5));
    let workers = desk.workers();
    assert_eq!(workers.tick(Job::Index).await.unwrap().done, 2);
    for _ in 0..3 {
        assert_eq!(workers.tick(Job::Index).await.unwrap().done, 0);
        setup.advance(TimeDelta::minutes(1));
    }
    desk.search().rebuild().await.unwrap();
    assert_eq!(desk.articles().suggest(&ada(), "parcels", None).await.unwrap().len(), 1);
}
