//! Keys that come and go.

use crate::common::{self, authors, corrupt, find, key, query, reseal, row, sealed};
use support_core::{
    contract::sample::{add, at, bare_ticket, message, open, ticket, update},
    domain::ticket::{Reach, Ticket, TicketFilter},
    memory::MemoryStore,
    ports::{Store, StoreError, tickets::TicketStore},
};
use support_privacy::{Keys, LookupKey, Resealing, SealedStore};

fn lookup() -> LookupKey {
    LookupKey::new([9; 32])
}

fn people() -> Vec<Ticket> {
    let email = |n: u32| format!("Person{n}@Example.org");
    let reach = |n| Reach { email_key: Some(Reach::key(&email(n))), email: Some(email(n)), phone: None };
    (1..=5)
        .map(|n| {
            let name = format!("Person {n}");
            let opened_by = common::customer(n % 3, &name);
            let deleted_at = (n > 3).then(|| at(700));
            Ticket { customer_name: name, opened_by, reach: reach(n), deleted_at, ..ticket(n) }
        })
        .collect()
}

async fn fill(store: &impl Store) -> Vec<Ticket> {
    let people = people();
    for (n, person) in (1..).zip(&people) {
        open(store, person, n).await;
        let author = common::customer(n % 3, &person.customer_name);
        let said = support_core::domain::message::Message { author, ..message(n + 100, person) };
        store.commit(add(said, false)).await.unwrap();
    }
    people
}

async fn assert_all(store: &impl Store, people: &[Ticket], version: u64) {
    for person in people {
        assert_eq!(row(store, person).await, Ticket { version, ..person.clone() });
        assert_eq!(authors(store, person.id).await[1], person.customer_name);
        let listed = person.deleted_at.is_none();
        assert_eq!(!find(store, person.reach.email_key.as_deref().unwrap()).await.is_empty(), listed);
    }
}

#[tokio::test]
async fn an_old_key_can_go_when_every_row_is_resealed() {
    let rows = MemoryStore::new();
    let people = fill(&sealed(&rows)).await;
    let store = SealedStore::new(rows.clone(), Keys::new(key("b", 2), lookup()).also(key("a", 1)).unwrap());
    assert_all(&store, &people, 1).await;

    let walk = reseal(&store).await;
    assert_eq!((walk.seen, walk.resealed, walk.busy, walk.is_complete()), (5, 5, 0, true));
    let written = format!("{rows:?}");
    assert!(!written.contains("sealed:1:a:") && written.contains("sealed:1:b:"));
    let again = reseal(&store).await;
    assert_eq!((again.seen, again.resealed), (5, 0));
    assert_eq!(format!("{rows:?}"), written);
    assert_eq!(store.reseal(again.clone(), 2).await.unwrap(), again, "a walk that is over is over");

    let new = SealedStore::new(rows.clone(), Keys::new(key("b", 2), lookup()));
    assert_all(&new, &people, 2).await;
    corrupt(sealed(&rows).ticket(people[0].id).await);
}

#[tokio::test]
async fn sealing_is_switched_on_for_a_desk_that_is_there() {
    let rows = MemoryStore::new();
    let people = fill(&rows).await;
    let store = sealed(&rows);
    for person in &people {
        assert_eq!(row(&store, person).await, *person);
        assert_eq!(authors(&store, person.id).await[1], person.customer_name);
    }
    let listed = store.tickets(&query(TicketFilter::default())).await.unwrap().items;
    assert_eq!(listed[0].customer_name, "Person 3");
    assert_eq!(find(&store, "person1@example.org").await, [], "not before it is sealed");

    // Half of it, and then a change by somebody while the walk rests.
    let mut walk = store.reseal(Resealing::default(), 2).await.unwrap();
    assert_eq!((walk.seen, walk.resealed, walk.is_done()), (2, 2, false));
    let third = Ticket { subject: "Changed meanwhile".into(), ..people[2].clone() };
    store.commit(update(&third, 1)).await.unwrap();
    while !walk.is_done() {
        walk = store.reseal(walk, 2).await.unwrap();
    }
    assert_eq!((walk.seen, walk.resealed), (5, 4), "what was written meanwhile is sealed already");

    let people: Vec<Ticket> =
        people.into_iter().map(|person| if person.id == third.id { third.clone() } else { person }).collect();
    assert_all(&store, &people, 2).await;
    for person in &people {
        let raw = row(&rows, person).await;
        let sealed = Ticket {
            customer_name: raw.customer_name.clone(),
            opened_by: raw.opened_by.clone(),
            reach: raw.reach.clone(),
            version: 2,
            ..person.clone()
        };
        assert_eq!(raw, sealed, "nothing but the sealed columns changes");
        assert!(!format!("{:?}{:?}{:?}", raw.customer_name, raw.opened_by, raw.reach).contains("Person"));
    }
}

#[tokio::test]
async fn a_desk_without_people_is_done_at_once() {
    let rows = MemoryStore::new();
    let store = sealed(&rows);
    assert_eq!(reseal(&store).await.seen, 0);
    let nobody = Ticket {
        customer_name: String::new(),
        opened_by: common::customer(1, ""),
        reach: Reach::default(),
        ..bare_ticket(1)
    };
    open(&rows, &nobody, 1).await;
    let walk = reseal(&store).await;
    assert_eq!((walk.seen, walk.resealed, walk.is_complete()), (1, 0, true));
    assert_eq!(row(&store, &nobody).await, nobody);
}

/// Whoever is in the way of whom reads again; nobody's change is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_beside_a_busy_desk_loses_nothing() {
    const TICKETS: u32 = 20;
    const ROUNDS: u32 = 50;
    let rows = MemoryStore::new();
    for n in 1..=TICKETS {
        open(&rows, &Ticket { customer_name: format!("Person {n}"), ..bare_ticket(n) }, n).await;
    }
    let store = sealed(&rows);
    let desk = store.clone();
    let busy = tokio::spawn(async move {
        for n in (0..ROUNDS).flat_map(|_| 1..=TICKETS) {
            loop {
                let read = row(&desk, &bare_ticket(n)).await;
                let raised = Ticket { escalation_level: read.escalation_level + 1, ..read.clone() };
                match desk.commit(update(&raised, read.version)).await {
                    Ok(()) => break,
                    Err(StoreError::Conflict) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
    });
    let walk = reseal(&store).await;
    busy.await.unwrap();
    assert_eq!((walk.seen, walk.unreadable.len()), (u64::from(TICKETS), 0));
    for n in 1..=TICKETS {
        let read = row(&store, &bare_ticket(n)).await;
        assert_eq!((read.escalation_level, read.customer_name), (ROUNDS, format!("Person {n}")));
        assert!(row(&rows, &bare_ticket(n)).await.customer_name.starts_with("sealed:1:a:"));
    }
}
