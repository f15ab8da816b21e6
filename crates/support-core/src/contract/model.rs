//! A backend and the memory store, given the same change sets, answer alike.

mod steps;

use super::{
    archive::{everything, restore},
    sample::{at, id, request},
    stats::ranges,
};
use crate::{
    domain::{
        access::{ScopeTerm, TicketScope},
        catalogue::ItemKind,
        document::DocumentKind,
        id::TicketId,
        message::Side,
        stats::{Holder, TallyKind},
        ticket::{AlarmKind, AssigneeFilter, Related, SlaFilter, Sort, SortKey, TicketFilter, TicketQuery},
    },
    memory::MemoryStore,
    ports::{
        Store, StoreError, agents::AgentQuery, documents::DocumentQuery, events::EventQuery, messages::MessageQuery,
    },
};
use proptest::test_runner::{Config, TestRunner};
use std::pin::Pin;
pub(super) use steps::variant;
use steps::{Step, THINGS, TICKETS, change_set, leases};

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
        TicketFilter { text: Some("corrected".into()), ..none() },
        TicketFilter { email_key: Some("ada@example.org".into()), ..none() },
        TicketFilter { deleted: true, ..none() },
        TicketFilter { deleted: true, statuses: vec!["open".into()], text: Some("parcel".into()), ..none() },
        TicketFilter { deleted: true, tag: Some("tag0".into()), email_key: Some("ada@example.org".into()), ..none() },
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
                queries.push(TicketQuery {
                    reader: None,
                    scope,
                    filter,
                    sort: Sort { key, ascending },
                    after: None,
                    skip,
                    limit: 2,
                });
            }
        }
    }
    queries
}

/// Tickets, and what hangs on them.
pub(super) async fn compare(store: &impl Store, model: &impl Store) {
    for n in 0..TICKETS {
        let ticket = id(1, n);
        compare_ticket(store, model, ticket).await;
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

async fn compare_ticket(store: &impl Store, model: &impl Store, ticket: TicketId) {
    for side in [Side::Customer, Side::Staff] {
        let unread = store.unread_messages(ticket, side).await.unwrap();
        assert_eq!(unread, model.unread_messages(ticket, side).await.unwrap(), "{ticket} {side:?}");
    }
    for limit in [2, 99] {
        let operations = store.operations(ticket, limit).await.unwrap();
        assert_eq!(operations, model.operations(ticket, limit).await.unwrap());
        assert_eq!(store.time_entries(ticket, limit).await.unwrap(), model.time_entries(ticket, limit).await.unwrap());
    }
    for n in (0..THINGS).map(|n| n + 100) {
        let message = store.message(ticket, id(2, n)).await.unwrap();
        assert_eq!(message, model.message(ticket, id(2, n)).await.unwrap());
    }
}

/// Everything else.
pub(super) async fn compare_desk(store: &impl Store, model: &impl Store) {
    let agents = AgentQuery { limit: 9, ..AgentQuery::default() };
    assert_eq!(store.agents(&agents).await.unwrap(), model.agents(&agents).await.unwrap());
    for kind in ItemKind::ALL {
        assert_eq!(store.entries(*kind).await.unwrap(), model.entries(*kind).await.unwrap());
    }
    for kind in [DocumentKind::Article, DocumentKind::Review, DocumentKind::Callback] {
        compare_documents(store, model, kind).await;
    }
    for n in 0..THINGS {
        let key = request(n, 0).key;
        assert_eq!(store.request(&key).await.unwrap(), model.request(&key).await.unwrap());
        assert_eq!(store.operation(id(6, n)).await.unwrap(), model.operation(id(6, n)).await.unwrap());
    }
    for alarm in AlarmKind::ALL {
        for (minute, limit) in [(12, 2), (99, 99)] {
            let due = store.due_tickets(*alarm, at(minute), limit).await.unwrap();
            assert_eq!(due, model.due_tickets(*alarm, at(minute), limit).await.unwrap(), "{alarm:?}");
        }
    }
    for range in ranges() {
        for holder in [Holder::Anybody, Holder::Nobody, Holder::Agent(id(4, 1))] {
            let cells = store.cells(holder, range).await.unwrap();
            assert_eq!(cells, model.cells(holder, range).await.unwrap(), "{holder:?} {range:?}");
        }
        for scope in steps::scopes() {
            let (from, to) = (range.from.unwrap_or(at(-9_000)), range.to.unwrap_or(at(90_000)));
            let edges: Vec<_> = (0..=4).map(|n| from + (to - from) / 4 * n).collect();
            let tallies = store.tally_series(&scope, &edges).await.unwrap();
            assert_eq!(tallies, model.tally_series(&scope, &edges).await.unwrap(), "{scope:?} {edges:?}");
        }
        for kind in TallyKind::ALL {
            let sums = store.tally_sums(*kind, range).await.unwrap();
            assert_eq!(sums, model.tally_sums(*kind, range).await.unwrap(), "{kind:?} {range:?}");
        }
    }
}

async fn compare_documents(store: &impl Store, model: &impl Store, kind: DocumentKind) {
    for n in 0..THINGS {
        assert_eq!(store.document(kind, id(20, n)).await.unwrap(), model.document(kind, id(20, n)).await.unwrap());
    }
    for n in 0..3 {
        let key = format!("key{n}");
        let found = store.document_by_key(kind, &key).await.unwrap();
        assert_eq!(found, model.document_by_key(kind, &key).await.unwrap());
        let list = format!("list{}", n + 6);
        for query in [DocumentQuery::rising(kind, &list, 2), DocumentQuery::falling(kind, &list, 2)] {
            for query in [DocumentQuery { skip: 1, ..query.clone() }, query] {
                assert_eq!(store.documents(&query).await.unwrap(), model.documents(&query).await.unwrap(), "{query:?}");
            }
        }
        let theirs = store.documents_of(id(3, n), None, 9).await.unwrap();
        assert_eq!(theirs, model.documents_of(id(3, n), None, 9).await.unwrap());
    }
    // The numbers are kept as things come and go; the model counts.
    let counts = store.document_counts(kind, "", 99).await.unwrap();
    assert_eq!(counts, model.document_counts(kind, "", 99).await.unwrap());
}

/// A test under way.
type Doing<'t> = Pin<Box<dyn Future<Output = ()> + 't>>;

/// Does `test` with so many random sequences of change sets.
fn with_random_steps(cases: u32, test: impl Fn(Vec<Vec<Step>>)) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&steps::steps(), |change_sets| {
        test(change_sets);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

fn taken(result: Result<(), StoreError>) -> bool {
    match result {
        Ok(()) => true,
        Err(StoreError::Conflict) => false,
        Err(error) => panic!("{error}"),
    }
}

/// Random change sets leave the backend and the memory store equal: each is taken by both or by neither, and every
/// read answers alike. A failure is shrunk to few steps.
pub fn agrees_with_the_model<S: Store, G>(make: impl Fn() -> (S, G), block_on: impl Fn(Doing<'_>)) {
    with_random_steps(24, |change_sets| {
        let (store, _guard) = make();
        let model = MemoryStore::new();
        block_on(Box::pin(async {
            for steps in &change_sets {
                leases(&store, &model, steps).await;
                let changes = change_set(&model, steps).await;
                let (one, other) = (store.commit(changes.clone()).await, model.commit(changes).await);
                assert_eq!(taken(one), taken(other), "{steps:?}");
            }
            compare(&store, &model).await;
            compare_desk(&store, &model).await;
            assert_eq!(everything(&store).await, everything(&model).await);
        }));
    });
}

/// A random desk in memory, restored record by record, reads the same from the backend.
pub fn copies_agree_with_the_model<S: Store, G>(make: impl Fn() -> (S, G), block_on: impl Fn(Doing<'_>)) {
    with_random_steps(6, |change_sets| {
        let (store, _guard) = make();
        let model = MemoryStore::new();
        block_on(Box::pin(async {
            for steps in &change_sets {
                let changes = change_set(&model, steps).await;
                let _ = taken(model.commit(changes).await);
            }
            let records = everything(&model).await;
            restore(&store, &records).await;
            assert_eq!(everything(&store).await, records);
            compare(&store, &model).await;
            compare_desk(&store, &model).await;
        }));
    });
}
