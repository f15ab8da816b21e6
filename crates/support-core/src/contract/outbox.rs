use super::{
    reads::concurrently,
    sample::{at, bare_ticket, event, id, open, opening, ticket, update},
};
use crate::{
    domain::{
        event::Event,
        id::{EventId, TicketId},
        ticket::{Sort, Ticket, TicketFilter, TicketQuery},
    },
    ports::{ChangeSet, Guard, Store, StoreError, Write, leases::LeaseRequest},
};
use std::collections::BTreeMap;

/// Gives places to all events, as the node that may.
async fn place(store: &impl Store, batch: u32) {
    let wanted = LeaseRequest { job: "place".into(), holder: id(10, 1), now: at(0), until: at(1) };
    let lease = store.take_lease(&wanted).await.unwrap().expect("nobody else asks");
    while store.has_unplaced_events().await.unwrap() {
        let changes = ChangeSet {
            guards: vec![Guard::Lease { job: lease.job.clone(), token: lease.token }],
            writes: vec![Write::PlaceEvents { limit: batch }],
            events: Vec::new(),
        };
        match store.commit(changes).await {
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

async fn placed(store: &impl Store, after: Option<EventId>, limit: u32) -> Vec<EventId> {
    store.placed_events(after, limit).await.unwrap().iter().map(|event| event.id).collect()
}

/// In the order of commits, each once, and whole.
pub async fn events_are_told_behind_those_that_were(store: impl Store) {
    assert!(!store.has_unplaced_events().await.unwrap());
    assert_eq!((placed(&store, None, 9).await, store.last_placed_event().await.unwrap()), (vec![], None));
    let (one, two) = (ticket(1), ticket(2));
    open(&store, &one, 50).await;
    open(&store, &two, 40).await;
    let events = [30, 60].map(|n| event(n, &one)).into();
    store.commit(ChangeSet { events, ..ChangeSet::default() }).await.unwrap();
    place(&store, 2).await;
    assert_eq!(placed(&store, None, 9).await, [50, 40, 30, 60].map(|n| id(5, n)));
    assert_eq!(placed(&store, None, 2).await, [50, 40].map(|n| id(5, n)));
    assert_eq!(placed(&store, Some(id(5, 40)), 9).await, [30, 60].map(|n| id(5, n)));
    assert_eq!(store.placed_events(Some(id(5, 40)), 1).await.unwrap(), [event(30, &one)]);
    assert_eq!(placed(&store, Some(id(5, 60)), 9).await, []);
    assert_eq!(placed(&store, Some(id(5, 99)), 9).await, [], "no event at all");
    assert_eq!(store.last_placed_event().await.unwrap(), Some(id(5, 60)));

    store.commit(ChangeSet { events: vec![event(20, &two)], ..ChangeSet::default() }).await.unwrap();
    place(&store, 100).await;
    assert_eq!(placed(&store, Some(id(5, 60)), 9).await, [id(5, 20)]);
}

/// However they come to stand: whoever reads on while others write meets each event once, and those of a ticket in the order
/// of its trail.
pub async fn whoever_reads_on_misses_no_event(store: impl Store) {
    const TICKETS: u32 = 8;
    const EACH: u32 = 12;
    for n in 0..TICKETS {
        open(&store, &bare_ticket(n), n).await;
    }
    let write = async |n: u32| {
        let ticket = bare_ticket(n % TICKETS);
        for step in 0..EACH {
            // With and without a row that all of a ticket's writers meet on.
            let event = event(1_000 + n * EACH + step, &ticket);
            let changes = ChangeSet { events: vec![event], ..ChangeSet::default() };
            store.commit(changes).await.unwrap();
        }
    };
    let total = (TICKETS + TICKETS * 2 * EACH) as usize;
    let read = async || {
        let (mut met, mut after) = (Vec::<Event>::new(), None);
        while met.len() < total {
            place(&store, 7).await;
            let next = store.placed_events(after, 5).await.unwrap();
            after = next.last().map(|event| event.id).or(after);
            met.extend(next);
            others_run().await;
        }
        met
    };
    let results = concurrently(TICKETS * 2 + 1, async |n| {
        if n == TICKETS * 2 {
            return read().await;
        }
        write(n).await;
        Vec::new()
    })
    .await;
    let met: Vec<Event> = results.into_iter().flatten().collect();
    let mut trails: BTreeMap<TicketId, Vec<EventId>> = BTreeMap::new();
    for event in &met {
        trails.entry(event.ticket).or_default().push(event.id);
    }
    assert_eq!(met.len(), total, "each once");
    for (ticket, told) in trails {
        let query = crate::ports::events::EventQuery { ticket, after: None, limit: 1_000 };
        let trail: Vec<EventId> = store.events(&query).await.unwrap().items.iter().map(|event| event.id).collect();
        assert_eq!(told, trail);
    }
}

/// Lets the others run, whatever the runtime.
async fn others_run() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

/// Without the lease, nothing.
pub async fn places_are_given_under_a_lease(store: impl Store) {
    open(&store, &ticket(1), 1).await;
    let unplaced = store.has_unplaced_events().await.unwrap();
    let changes = ChangeSet {
        guards: vec![Guard::Lease { job: "place".into(), token: 7 }],
        writes: vec![Write::PlaceEvents { limit: 10 }],
        events: Vec::new(),
    };
    assert!(matches!(store.commit(changes).await, Err(StoreError::Conflict)));
    assert_eq!(store.has_unplaced_events().await.unwrap(), unplaced);
}

/// It is found from the new customer alone, by scope and by words.
pub async fn a_ticket_changes_hands(store: impl Store) {
    let before = ticket(1);
    store.commit(opening(&before, 1)).await.unwrap();
    let after = Ticket { customer: id(3, 77), customer_name: "Grace Hopper".into(), ..before.clone() };
    store.commit(update(&after, 1)).await.unwrap();
    assert_eq!(store.ticket(before.id).await.unwrap(), Some(Ticket { version: 2, ..after.clone() }));
    for search in [None, Some("parcel")] {
        for (customer, found) in [(before.customer, 0), (after.customer, 1)] {
            let query = TicketQuery {
                reader: None,
                scope: crate::domain::access::TicketScope::AnyOf(vec![crate::domain::access::ScopeTerm::Customer(
                    customer,
                )]),
                filter: TicketFilter { text: search.map(str::to_owned), ..TicketFilter::default() },
                sort: Sort::default(),
                after: None,
                skip: 0,
                limit: 9,
            };
            assert_eq!(store.tickets(&query).await.unwrap().items.len(), found, "{search:?}");
        }
    }
}
