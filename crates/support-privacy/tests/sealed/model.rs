//! A sealed store and one that seals nothing, given the same change sets, answer alike: but for what is meant to
//! differ, which is why moving and forgetting are tried apart. (A name that was moved away and then forgotten is gone
//! from a sealed store.)

use crate::common::{both, customer, events, later, messages, query, write};
use proptest::{collection::vec, prelude::*};
use support_core::{
    contract::sample::{add, bare_ticket, event, id, message, update},
    domain::{
        actor::{Role, Signature},
        erasure::Erasure,
        event::Event,
        id::{MessageId, TicketId},
        message::Message,
        ticket::{Ticket, TicketFilter},
    },
    memory::MemoryStore,
    ports::{ChangeSet, Store, StoreError, Write, tickets::TicketStore},
};

const TICKETS: u32 = 5;

#[derive(Debug, Clone)]
enum Step {
    Open { ticket: u32, name: usize },
    Update { ticket: u32 },
    Say { ticket: u32, message: u32, author: u32, name: usize },
    Tell { ticket: u32, event: u32, actor: u32, name: usize },
    Move { from: u32, to: u32, message: u32 },
    Forget { customer: u32, name: usize },
}

const NAMES: [&str; 4] = ["Ada", "Bea", "sealed:1:a:Ada", ""];

/// One of the people, or the fourth: a guest whom nobody knows.
fn person(n: u32, name: usize) -> Signature {
    match n {
        3 => Signature { role: Role::Guest, id: None, name: NAMES[name].into() },
        n => customer(n, NAMES[name]),
    }
}

fn steps(moves: bool) -> impl Strategy<Value = Vec<Vec<Step>>> {
    let (ticket, name, who) = (0..TICKETS, 0..NAMES.len(), 0..4_u32);
    let special = if moves {
        (ticket.clone(), ticket.clone(), 0..12_u32)
            .prop_map(|(from, to, message)| Step::Move { from, to, message })
            .boxed()
    } else {
        (0..3_u32, name.clone()).prop_map(|(customer, name)| Step::Forget { customer, name }).boxed()
    };
    let step = prop_oneof![
        2 => (ticket.clone(), name.clone()).prop_map(|(ticket, name)| Step::Open { ticket, name }),
        1 => ticket.clone().prop_map(|ticket| Step::Update { ticket }),
        3 => (ticket.clone(), 0..12_u32, who.clone(), name.clone())
            .prop_map(|(ticket, message, author, name)| Step::Say { ticket, message, author, name }),
        2 => (ticket, 0..12_u32, who, name)
            .prop_map(|(ticket, event, actor, name)| Step::Tell { ticket, event, actor, name }),
        2 => special,
    ];
    vec(vec(step, 1..4), 1..25)
}

async fn change_set(model: &impl Store, steps: &[Step]) -> ChangeSet {
    let mut changes = ChangeSet::default();
    for step in steps {
        match *step {
            Step::Open { ticket: n, name } => {
                let ticket = Ticket { customer_name: NAMES[name].into(), ..bare_ticket(n) };
                let first = Message { author: person(n % 3, name), ..message(100 + n, &ticket) };
                let opening = Write::OpenTicket { ticket: Box::new(ticket), message: Box::new(first) };
                changes.writes.push(opening);
            }
            Step::Update { ticket } => {
                if let Some(row) = model.ticket(id(1, ticket)).await.unwrap() {
                    let read = row.version;
                    changes.writes.extend(update(&Ticket { subject: "Changed".into(), ..row }, read).writes);
                }
            }
            Step::Say { ticket, message: n, author, name } => {
                let said = Message { author: person(author, name), ..message(n, &bare_ticket(ticket)) };
                changes.writes.extend(add(said, true).writes);
            }
            Step::Tell { ticket, event: n, actor, name } => {
                changes.events.push(Event { actor: person(actor, name), ..event(n, &bare_ticket(ticket)) });
            }
            Step::Move { from, to, message } => {
                let messages: Vec<MessageId> = vec![id(2, message)];
                changes.writes.push(Write::MoveMessages { from: id(1, from), to: id(1, to), messages });
            }
            Step::Forget { customer, name } => {
                let (customer, pseudonym) = (id(3, customer), id(3, 1_000 + customer));
                let erasure =
                    Erasure { customer, pseudonym, name: NAMES[name].into(), categories: [].into(), at: later() };
                changes.writes.extend(write(Write::Erase(Box::new(erasure))).writes);
            }
        }
    }
    changes
}

async fn agree(change_sets: Vec<Vec<Step>>) {
    let (store, _) = both();
    let model = MemoryStore::new();
    for steps in &change_sets {
        let changes = change_set(&model, steps).await;
        let taken = |result: Result<(), StoreError>| match result {
            Ok(()) => true,
            Err(StoreError::Conflict) => false,
            Err(error) => panic!("{error}"),
        };
        let (one, other) = (store.commit(changes.clone()).await, model.commit(changes).await);
        assert_eq!(taken(one), taken(other), "{steps:?}");
    }
    for n in 0..TICKETS {
        let ticket: TicketId = id(1, n);
        assert_eq!(store.ticket(ticket).await.unwrap(), model.ticket(ticket).await.unwrap());
        assert_eq!(messages(&store, ticket).await, messages(&model, ticket).await);
        assert_eq!(events(&store, ticket).await, events(&model, ticket).await);
    }
    let all = query(TicketFilter::default());
    assert_eq!(store.tickets(&all).await.unwrap(), model.tickets(&all).await.unwrap());
}

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn moving_is_the_same_in_both(change_sets in steps(true)) {
        block_on(agree(change_sets));
    }

    #[test]
    fn forgetting_is_the_same_in_both(change_sets in steps(false)) {
        block_on(agree(change_sets));
    }
}
