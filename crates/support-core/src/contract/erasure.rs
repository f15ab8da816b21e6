use super::{
    lists::everything,
    sample::{
        add, agent, bare_ticket, erasure, event, id, message, note, open, operation, request, ticket, time_entry,
        writes,
    },
};
use crate::{
    domain::{
        erasure::Erasure,
        ticket::{Ticket, TicketFilter, TicketQuery},
    },
    ports::{ChangeSet, Store, Write, events::EventQuery, messages::MessageQuery},
};

/// Two tickets of customer 1, of which one is deleted, and one of customer 2, with all that hangs on them.
async fn two_people(store: &impl Store) {
    for n in [1, 4, 2] {
        open(store, &ticket(n), n).await;
        let mut more = add(note(n + 10, &ticket(n)), false);
        more.writes.push(Write::AddTimeEntry(Box::new(time_entry(n, id(1, n)))));
        more.writes.push(Write::RememberRequest { request: Box::new(request(n, 10)), expired: super::sample::at(0) });
        more.events.push(event(n + 10, &ticket(n)));
        store.commit(more).await.unwrap();
    }
    let gone = Ticket { deleted_at: Some(super::sample::at(9)), ..ticket(4) };
    store.commit(super::sample::update(&gone, 1)).await.unwrap();
    let both = [operation(3, id(1, 1), id(1, 2)), operation(6, id(1, 2), id(1, 4)), operation(9, id(1, 2), id(1, 2))];
    store.commit(writes(both.map(|row| Write::AddOperation(Box::new(row))))).await.unwrap();
}

fn erase(n: u32) -> ChangeSet {
    writes([Write::Erase(Box::new(erasure(n)))])
}

/// What is left of every row is what the domain leaves of it; versions rise by one; nothing else changes.
pub async fn of_a_person_is_left_what_the_domain_leaves(store: impl Store) {
    two_people(&store).await;
    let erasure: Erasure = erasure(1);
    let mut before = Vec::new();
    for n in [1, 4, 2] {
        before.push(whole(&store, n).await);
    }
    store.commit(erase(1)).await.unwrap();
    for (n, rows) in [1, 4, 2].into_iter().zip(before) {
        let theirs = n != 2;
        let (row, messages, events, spent) = rows;
        let expected = if theirs {
            (
                Ticket { version: row.version + 1, ..erasure.ticket(row) },
                messages.into_iter().map(|message| erasure.message(message)).collect(),
                events.into_iter().map(|event| erasure.event(event)).collect(),
                spent.into_iter().map(|entry| erasure.time_entry(entry)).collect(),
            )
        } else {
            (row, messages, events, spent)
        };
        assert_eq!(whole(&store, n).await, expected, "{n}");
        let kept = store.request(&request(n, 10).key).await.unwrap().is_some();
        assert_eq!(kept, !theirs, "a request about {n}");
    }
    for (n, touched) in [(3, true), (6, true), (9, false)] {
        let (ticket, other) = match n {
            3 => (id(1, 1), id(1, 2)),
            6 => (id(1, 2), id(1, 4)),
            _ => (id(1, 2), id(1, 2)),
        };
        let row = operation(n, ticket, other);
        let expected = if touched { erasure.operation(row) } else { row };
        assert_eq!(store.operation(id(6, n)).await.unwrap(), Some(expected), "{n}");
    }
    // Again, and somebody who was never there.
    let row = store.ticket(id(1, 1)).await.unwrap();
    store.commit(erase(1)).await.unwrap();
    store.commit(erase(50)).await.unwrap();
    assert_eq!(store.ticket(id(1, 1)).await.unwrap(), row);
}

type Whole = (
    Ticket,
    Vec<crate::domain::message::Message>,
    Vec<crate::domain::event::Event>,
    Vec<crate::domain::time_entry::TimeEntry>,
);

async fn whole(store: &impl Store, n: u32) -> Whole {
    let ticket = id(1, n);
    let messages = MessageQuery { ticket, internal: true, after: None, limit: 99 };
    let events = EventQuery { ticket, after: None, limit: 99 };
    (
        store.ticket(ticket).await.unwrap().expect("a ticket"),
        store.messages(&messages).await.unwrap().items,
        store.events(&events).await.unwrap().items,
        store.time_entries(ticket, 99).await.unwrap(),
    )
}

/// By name, by word, by tag, by address: lists find them under the pseudonym alone.
pub async fn nobody_finds_who_was_erased(store: impl Store) {
    two_people(&store).await;
    store.commit(erase(1)).await.unwrap();
    store.scrub().await.unwrap();
    let none = TicketFilter::default;
    let filters = [
        TicketFilter { customer: Some(id(3, 1)), ..none() },
        TicketFilter { text: Some("parcel 1".into()), ..none() },
        TicketFilter { tag: Some("late".into()), customer: Some(id(3, 101)), ..none() },
        TicketFilter { email_key: Some("ada@example.org".into()), customer: Some(id(3, 101)), ..none() },
        TicketFilter { related: ticket(1).related.into_iter().next(), ..none() },
    ];
    for filter in filters {
        for deleted in [false, true] {
            let filter = TicketFilter { deleted, ..filter.clone() };
            let rows = store.tickets(&TicketQuery { filter, ..everything() }).await.unwrap().items;
            assert_eq!(rows, [], "{deleted}");
        }
    }
    let theirs = TicketFilter { customer: Some(id(3, 101)), ..none() };
    assert_eq!(store.tickets(&TicketQuery { filter: theirs, ..everything() }).await.unwrap().items.len(), 1);
    let others = TicketFilter { text: Some("parcel late express".into()), ..none() };
    assert_eq!(store.tickets(&TicketQuery { filter: others, ..everything() }).await.unwrap().items.len(), 1);
    // Work goes on.
    let row = Ticket { assignee: Some(agent(2)), ..bare_ticket(5) };
    open(&store, &row, 5).await;
    store.commit(add(message(6, &row), true)).await.unwrap();
}

/// Where a policy lets people write on tickets of others, what they wrote there goes too, and nothing else of those.
pub async fn what_they_wrote_elsewhere_goes_too(store: impl Store) {
    two_people(&store).await;
    let theirs = ticket(1);
    let other = ticket(2);
    let by_them = |mut message: crate::domain::message::Message| {
        message.author.id = Some(theirs.customer.uuid());
        message
    };
    let written = by_them(message(50, &other));
    let mut told = event(50, &other);
    told.actor = written.author.clone();
    let changes = ChangeSet { events: vec![told.clone()], ..add(written.clone(), false) };
    store.commit(changes).await.unwrap();
    let (row, messages, events, _) = whole(&store, 2).await;
    store.commit(erase(1)).await.unwrap();
    let erasure: Erasure = erasure(1);
    let (after, left, trail, _) = whole(&store, 2).await;
    assert_eq!(after, row);
    let expected: Vec<_> = messages
        .into_iter()
        .map(|message| if message.id == written.id { erasure.message(message) } else { message })
        .collect();
    assert_eq!(left, expected);
    let expected: Vec<_> =
        events.into_iter().map(|event| if event.id == told.id { erasure.event(event) } else { event }).collect();
    assert_eq!(trail, expected);
}
