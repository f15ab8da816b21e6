use super::sample::{add, at, bare_ticket, event, id, message, note, open, opening, ticket};
use crate::{
    domain::{
        id::{EventId, MessageId},
        ticket::Ticket,
    },
    ports::{ChangeSet, Store, Write, events::EventQuery, messages::MessageQuery},
};
use std::collections::HashSet;

/// Every column of a ticket survives.
pub async fn a_ticket_comes_back_as_it_was(store: impl Store) {
    let ticket = ticket(1);
    open(&store, &ticket, 1).await;
    assert_eq!(store.ticket(ticket.id).await.unwrap(), Some(ticket.clone()));
    assert_eq!(store.ticket_by_number("T-0001").await.unwrap(), Some(ticket));
}

/// A column that holds nothing holds nothing afterwards.
pub async fn a_bare_ticket_comes_back_as_it_was(store: impl Store) {
    let ticket = bare_ticket(1);
    open(&store, &ticket, 1).await;
    assert_eq!(store.ticket(ticket.id).await.unwrap(), Some(ticket));
}

/// However long, and with what stands at its ends.
pub async fn text_is_kept_to_the_byte(store: impl Store) {
    let ticket = Ticket { subject: " Łódź e\u{301} \u{FEFF} ".into(), ..ticket(1) };
    let mut long = message(1, &ticket);
    long.body = format!("\n {} \n", "ß𝄞\t'\"\\".repeat(40_000));
    let mut changes = opening(&ticket, 1);
    changes.writes = vec![Write::OpenTicket { ticket: Box::new(ticket.clone()), message: Box::new(long.clone()) }];
    store.commit(changes).await.unwrap();
    assert_eq!(store.ticket(ticket.id).await.unwrap(), Some(ticket.clone()));
    let query = MessageQuery { ticket: ticket.id, internal: false, after: None, limit: 1 };
    assert_eq!(store.messages(&query).await.unwrap().items, [long]);
}

/// `None`, not an error; numbers are compared to the letter.
pub async fn what_is_not_there_is_none(store: impl Store) {
    open(&store, &ticket(1), 1).await;
    let lower = Ticket { number: "t-0003".into(), ..ticket(3) };
    open(&store, &lower, 3).await;
    open(&store, &Ticket { number: "T-0003".into(), ..ticket(4) }, 4).await;
    assert_eq!(store.ticket_by_number("t-0003").await.unwrap(), Some(lower), "numbers that differ in case differ");
    assert_eq!(store.ticket(id(1, 2)).await.unwrap(), None);
    for number in ["T-0002", "t-0001", "T-0001 ", "T-%", "T-000_", ""] {
        assert_eq!(store.ticket_by_number(number).await.unwrap(), None, "{number}");
    }
    let query = MessageQuery { ticket: id(1, 2), internal: true, after: None, limit: 10 };
    assert_eq!(store.messages(&query).await.unwrap().items, []);
    let query = EventQuery { ticket: id(1, 2), after: None, limit: 10 };
    assert_eq!(store.events(&query).await.unwrap().items, []);
}

/// Whatever their times and ids say.
pub async fn messages_come_in_the_order_of_commits(store: impl Store) {
    let ticket = ticket(1);
    open(&store, &ticket, 50).await;
    for n in [40, 30, 60, 20] {
        let mut message = message(n, &ticket);
        message.sent_at = at(-i64::from(n));
        store.commit(add(message, false)).await.unwrap();
    }
    let all =
        store.messages(&MessageQuery { ticket: ticket.id, internal: false, after: None, limit: 9 }).await.unwrap();
    let ids: Vec<MessageId> = all.items.iter().map(|message| message.id).collect();
    assert_eq!(ids, [50, 40, 30, 60, 20].map(|n| id(2, n)));
    assert_eq!(all.items[0], message(50, &ticket));
    assert!(!all.more);

    let query = MessageQuery { ticket: ticket.id, internal: false, after: Some(id(2, 40)), limit: 2 };
    let some = store.messages(&query).await.unwrap();
    assert_eq!((some.items.as_slice(), some.more), (&all.items[2..4], true));
    let unknown = MessageQuery { after: Some(id(2, 99)), ..query };
    assert_eq!(store.messages(&unknown).await.unwrap().items, []);
}

/// A query without notes neither shows nor counts them.
pub async fn notes_come_only_when_asked_for(store: impl Store) {
    let ticket = ticket(1);
    open(&store, &ticket, 1).await;
    for n in 2..5 {
        store.commit(add(note(n, &ticket), true)).await.unwrap();
    }
    let query = MessageQuery { ticket: ticket.id, internal: false, after: None, limit: 1 };
    let public = store.messages(&query).await.unwrap();
    assert_eq!((public.items.len(), public.more), (1, false));
    let all = store.messages(&MessageQuery { internal: true, limit: 9, ..query }).await.unwrap();
    assert_eq!(all.items.len(), 4);
    assert_eq!(all.items[1], note(2, &ticket));
    store.commit(add(message(9, &ticket), true)).await.unwrap();
    let behind_a_note = MessageQuery { after: Some(id(2, 3)), limit: 9, ..query };
    assert_eq!(store.messages(&behind_a_note).await.unwrap().items, [], "nobody learns that the note is there");
}

/// All events of a change set, in its order, behind those of earlier ones.
pub async fn events_come_in_the_order_of_commits(store: impl Store) {
    let ticket = ticket(1);
    open(&store, &ticket, 50).await;
    for batch in [[40, 60], [30, 20]] {
        let events = batch.map(|n| event(n, &ticket)).into();
        store.commit(ChangeSet { events, ..ChangeSet::default() }).await.unwrap();
    }
    let query = EventQuery { ticket: ticket.id, after: None, limit: 9 };
    let all = store.events(&query).await.unwrap();
    let ids: Vec<EventId> = all.items.iter().map(|event| event.id).collect();
    assert_eq!(ids, [50, 40, 60, 30, 20].map(|n| id(5, n)));
    assert_eq!(all.items[1], event(40, &ticket));
    let some = store.events(&EventQuery { after: Some(id(5, 60)), limit: 1, ..query }).await.unwrap();
    assert_eq!((some.items[0].id, some.more), (id(5, 30), true));
    let unknown = EventQuery { after: Some(id(5, 99)), ..query };
    assert_eq!(store.events(&unknown).await.unwrap().items, []);
}

/// Nor within a series skipped backwards; series do not know each other.
pub async fn numbers_are_never_handed_out_twice(store: impl Store) {
    assert_eq!(store.reserve_numbers("a", 5).await.unwrap(), 1);
    assert_eq!(store.reserve_numbers("a", 1).await.unwrap(), 6);
    assert_eq!(store.reserve_numbers("b", 1).await.unwrap(), 1);
    let store = &store;
    let taken = concurrently(32, |_| async move { store.reserve_numbers("c", 3).await.unwrap() }).await;
    let numbers: HashSet<u64> = taken.iter().flat_map(|first| *first..first + 3).collect();
    assert_eq!(numbers.len(), 96);
}

/// Runs `count` futures at once, interleaved at every await, and answers what they answer.
pub(super) async fn concurrently<T, F: Future<Output = T>>(count: u32, make: impl Fn(u32) -> F) -> Vec<T> {
    let mut futures: Vec<_> = (0..count).map(|n| Some(Box::pin(make(n)))).collect();
    let mut results: Vec<Option<T>> = (0..count).map(|_| None).collect();
    std::future::poll_fn(move |cx| {
        for (future, result) in futures.iter_mut().zip(&mut results) {
            if let Some(running) = future
                && let std::task::Poll::Ready(value) = running.as_mut().poll(cx)
            {
                *result = Some(value);
                *future = None;
            }
        }
        if futures.iter().all(Option::is_none) {
            return std::task::Poll::Ready(results.iter_mut().filter_map(Option::take).collect());
        }
        std::task::Poll::Pending
    })
    .await
}
