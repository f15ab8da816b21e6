//! What is told to the outside: the names are put back, and one that does not open takes no others with it.

use crate::common::{both, corrupt, customer, events, row, write};
use support_core::{
    contract::sample::{event, id, open, ticket},
    domain::{event::Event, id::EventId, ticket::Ticket},
    ports::{ChangeSet, Store, Write, events::EventQuery, events::EventStore, outbox::OutboxStore},
};

async fn told(store: &impl Store, after: Option<EventId>) -> Vec<Event> {
    store.placed_events(after, 9).await.unwrap()
}

#[tokio::test]
async fn what_is_told_is_open() {
    let (store, rows) = both();
    let one = Ticket { customer: id(3, 1), customer_name: "Zebediah".into(), ..ticket(1) };
    open(&store, &one, 1).await;
    let by = |n, actor| Event { actor, ..event(n, &one) };
    let all = [by(2, customer(1, "Zebediah")), by(3, customer(2, "Zebediah II")), event(4, &one)];
    store.commit(ChangeSet { events: all.to_vec(), ..ChangeSet::default() }).await.unwrap();
    assert_eq!(told(&store, Some(id(5, 1))).await, all);
    assert_eq!(told(&store, None).await, events(&store, one.id).await);
    assert!(!format!("{:?}", told(&rows, None).await).contains("Zebediah"));
    assert_eq!(store.last_placed_event().await.unwrap(), Some(id(5, 4)));
    assert!(!store.has_unplaced_events().await.unwrap());
    store.commit(write(Write::PlaceEvents { limit: 9 })).await.unwrap();
}

#[tokio::test]
async fn a_name_that_does_not_open_is_left_out() {
    let (store, rows) = both();
    let [one, two] = [1, 2].map(|n| Ticket { customer: id(3, n), customer_name: "Ada".into(), ..ticket(n) });
    open(&store, &one, 1).await;
    open(&store, &two, 2).await;
    let by = |n, of: &Ticket| Event { actor: customer(n, "Ada"), ..event(10 + n, of) };
    let all = vec![by(1, &one), by(2, &two)];
    store.commit(ChangeSet { events: all.clone(), ..ChangeSet::default() }).await.unwrap();
    let forged = Ticket { customer_name: format!("sealed:1:a:{}", "A".repeat(40)), ..row(&rows, &one).await };
    rows.commit(write(Write::UpdateTicket { ticket: Box::new(forged), read: 1 })).await.unwrap();

    corrupt(store.events(&EventQuery { ticket: one.id, after: None, limit: 9 }).await);
    let nameless = Event { actor: customer(1, ""), ..all[0].clone() };
    assert_eq!(told(&store, Some(id(5, 2))).await, [nameless, all[1].clone()]);
}

/// The row says who it was by their id.
#[tokio::test]
async fn a_ticket_that_changes_hands_takes_the_names_along() {
    let (store, _) = both();
    let one = Ticket { customer: id(3, 1), customer_name: "Ada".into(), ..ticket(1) };
    open(&store, &one, 1).await;
    let said = Event { actor: customer(1, "Ada"), ..event(2, &one) };
    store.commit(ChangeSet { events: vec![said.clone()], ..ChangeSet::default() }).await.unwrap();
    let adopted = Ticket { customer: id(3, 7), customer_name: "Ada Lovelace".into(), ..row(&store, &one).await };
    store.commit(write(Write::UpdateTicket { ticket: Box::new(adopted), read: 1 })).await.unwrap();
    let now = Event { actor: customer(1, "Ada Lovelace"), ..said };
    assert_eq!(told(&store, Some(id(5, 1))).await, [now]);
}
