//! A backend and the memory store, given the same change sets, answer alike.

use super::sample::{agent, at, bare_ticket, event, id, message, note};
use crate::{
    domain::{
        access::{ScopeTerm, TicketScope},
        ticket::{AssigneeFilter, Pace, Related, SlaFilter, Sort, SortKey, Ticket, TicketFilter, TicketQuery},
    },
    memory::MemoryStore,
    ports::{ChangeSet, Guard, Store, StoreError, Write, events::EventQuery, messages::MessageQuery},
};
use chrono::TimeDelta;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use std::pin::Pin;

/// One step of a change set. Small numbers, so that steps meet on the same rows.
#[derive(Debug, Clone)]
enum Step {
    Open { ticket: u32, choice: u32 },
    Update { ticket: u32, behind: u64, choice: u32 },
    Say { ticket: u32, message: u32, internal: bool, touch: bool },
    Tell { ticket: u32, event: u32 },
    Guard { ticket: u32, version: u64 },
}

const TICKETS: u32 = 8;

fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let ticket = 0..TICKETS;
    let step = prop_oneof![
        4 => (ticket.clone(), any::<u32>()).prop_map(|(ticket, choice)| Step::Open { ticket, choice }),
        4 => (ticket.clone(), prop_oneof![5 => Just(0_u64), 1 => Just(1)], any::<u32>())
            .prop_map(|(ticket, behind, choice)| Step::Update { ticket, behind, choice }),
        3 => (ticket.clone(), 100..160_u32, any::<bool>(), any::<bool>())
            .prop_map(|(ticket, message, internal, touch)| Step::Say { ticket, message, internal, touch }),
        2 => (ticket.clone(), 100..160_u32).prop_map(|(ticket, event)| Step::Tell { ticket, event }),
        1 => (ticket, 1..3_u64).prop_map(|(ticket, version)| Step::Guard { ticket, version }),
    ];
    vec(vec(step, 1..4), 1..30)
}

/// A ticket whose properties are read off the digits of `choice`.
fn variant(n: u32, choice: u32) -> Ticket {
    let pick = |place: u32, of: u32| (choice / 7_u32.pow(place)) % of;
    let due = at(i64::from(pick(5, 4)) * 10);
    Ticket {
        customer: id(3, pick(0, 3)),
        status: ["open", "in_progress", "closed"][pick(1, 3) as usize].into(),
        priority: ["low", "high"][pick(2, 2) as usize].into(),
        category: (pick(3, 3) > 0).then(|| ["billing", "other"][pick(3, 3) as usize - 1].into()),
        assignee: (pick(4, 3) > 0).then(|| agent(pick(4, 3))),
        tags: (0..pick(6, 3)).map(|tag| format!("tag{tag}")).collect(),
        related: (0..pick(6, 3))
            .map(|order| Related { kind: "order".into(), id: format!("A-{order}"), label: None })
            .collect(),
        subject: format!("Parcel {}", pick(0, 3)),
        pace: if pick(5, 4) == 0 {
            Pace::default()
        } else {
            Pace { at_risk: Some(due - TimeDelta::minutes(5)), due: Some(due) }
        },
        created_at: at(i64::from(pick(7, 5))),
        updated_at: at(i64::from(pick(8, 5))),
        ..bare_ticket(n)
    }
}

async fn change_set(model: &impl Store, steps: &[Step]) -> ChangeSet {
    let mut changes = ChangeSet::default();
    for step in steps {
        match *step {
            Step::Open { ticket, choice } => {
                let ticket = variant(ticket, choice);
                let message = Box::new(message(choice % 1_000 + 1_000, &ticket));
                changes.writes.push(Write::OpenTicket { ticket: Box::new(ticket), message });
            }
            Step::Update { ticket, behind, choice } => {
                let version = model.ticket(id(1, ticket)).await.unwrap().map_or(1, |row| row.version);
                let ticket = Box::new(variant(ticket, choice));
                changes.writes.push(Write::UpdateTicket { ticket, read: version.saturating_sub(behind) });
            }
            Step::Say { ticket, message: n, internal, touch } => {
                let ticket = bare_ticket(ticket);
                let mut said = if internal { note(n, &ticket) } else { message(n, &ticket) };
                said.sent_at = at(i64::from(n) - 90);
                changes.writes.push(Write::AddMessage { message: Box::new(said), touch });
            }
            Step::Tell { ticket, event: n } => changes.events.push(event(n, &bare_ticket(ticket))),
            Step::Guard { ticket, version } => {
                changes.guards.push(Guard::TicketVersion { ticket: id(1, ticket), version });
            }
        }
    }
    changes
}

fn queries() -> Vec<TicketQuery> {
    let scopes = [
        TicketScope::All,
        TicketScope::nothing(),
        TicketScope::AnyOf(vec![ScopeTerm::Customer(id(3, 1))]),
        TicketScope::AnyOf(vec![ScopeTerm::Assignee(id(4, 1)), ScopeTerm::Unassigned]),
        TicketScope::AnyOf(vec![ScopeTerm::Unassigned, ScopeTerm::Customer(id(3, 0))]),
    ];
    let none = TicketFilter::default;
    let order = |n: u32| Related { kind: "order".into(), id: format!("A-{n}"), label: None };
    let filters = [
        none(),
        TicketFilter { statuses: vec!["open".into(), "closed".into()], ..none() },
        TicketFilter { statuses: vec!["open".into()], priorities: vec!["high".into()], ..none() },
        TicketFilter { categories: vec!["billing".into()], assignee: Some(AssigneeFilter::Nobody), ..none() },
        TicketFilter { tag: Some("tag0".into()), priorities: vec!["low".into()], ..none() },
        TicketFilter { related: Some(order(1)), ..none() },
        TicketFilter { customer: Some(id(3, 1)), statuses: vec!["open".into()], ..none() },
        TicketFilter { sla: Some((SlaFilter::AtRisk, at(16))), ..none() },
        TicketFilter { sla: Some((SlaFilter::Breached, at(20))), ..none() },
        TicketFilter { sla: Some((SlaFilter::OnTrack, at(4))), tag: Some("tag1".into()), ..none() },
        TicketFilter { assignee: Some(AssigneeFilter::Is(id(4, 1))), from: Some(at(1)), to: Some(at(4)), ..none() },
        TicketFilter { text: Some("parcel 1".into()), ..none() },
        TicketFilter { text: Some("tag0 mess".into()), statuses: vec!["open".into()], ..none() },
    ];
    let sorts =
        [(SortKey::Created, false), (SortKey::Created, true), (SortKey::Updated, false), (SortKey::Updated, true)];
    let mut queries = Vec::new();
    for scope in &scopes {
        for (n, filter) in filters.iter().enumerate() {
            // Each shape in two of the four orders, by turns.
            for (key, ascending) in [sorts[n % 4], sorts[(n + 2) % 4]] {
                let (scope, filter) = (scope.clone(), filter.clone());
                let skip = u32::from(n % 3 == 2);
                queries.push(TicketQuery { scope, filter, sort: Sort { key, ascending }, after: None, skip, limit: 2 });
            }
        }
    }
    queries
}

async fn compare(store: &impl Store, model: &impl Store) {
    for n in 0..TICKETS {
        let ticket = id(1, n);
        assert_eq!(store.ticket(ticket).await.unwrap(), model.ticket(ticket).await.unwrap());
        let number = variant(n, 0).number;
        let by_number = store.ticket_by_number(&number).await.unwrap();
        assert_eq!(by_number, model.ticket_by_number(&number).await.unwrap());
        let mut messages = MessageQuery { ticket, internal: n % 2 == 0, after: None, limit: 2 };
        let mut events = EventQuery { ticket, after: None, limit: 2 };
        loop {
            let page = store.messages(&messages).await.unwrap();
            assert_eq!(page, model.messages(&messages).await.unwrap());
            messages.after = page.items.last().map(|message| message.id);
            let trail = store.events(&events).await.unwrap();
            assert_eq!(trail, model.events(&events).await.unwrap());
            events.after = trail.items.last().map(|event| event.id);
            if !page.more && !trail.more {
                break;
            }
        }
    }
    for mut query in queries() {
        let counts = (store.ticket_count(&query, 3).await.unwrap(), model.ticket_count(&query, 3).await.unwrap());
        assert_eq!(counts.0, counts.1, "{query:?}");
        loop {
            let slice = store.tickets(&query).await.unwrap();
            assert_eq!(slice, model.tickets(&query).await.unwrap(), "{query:?}");
            let Some(last) = slice.items.last().filter(|_| slice.more) else { break };
            query.after = Some(last.cursor(query.sort.key));
        }
    }
}

/// Random change sets leave the backend and the memory store equal: each is taken by both or by neither, and every
/// read answers alike. A failure is shrunk to few steps.
pub fn agrees_with_the_model<S: Store, G>(
    make: impl Fn() -> (S, G),
    block_on: impl Fn(Pin<Box<dyn Future<Output = ()> + '_>>),
) {
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&steps(), |change_sets| {
        let (store, _guard) = make();
        let model = MemoryStore::new();
        block_on(Box::pin(async {
            for steps in &change_sets {
                let changes = change_set(&model, steps).await;
                let (one, other) = (store.commit(changes.clone()).await, model.commit(changes).await);
                let taken = |result: Result<(), StoreError>| match result {
                    Ok(()) => true,
                    Err(StoreError::Conflict) => false,
                    Err(error) => panic!("{error}"),
                };
                assert_eq!(taken(one), taken(other), "{steps:?}");
            }
            compare(&store, &model).await;
        }));
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
