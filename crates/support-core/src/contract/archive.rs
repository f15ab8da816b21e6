use super::{
    commits::is_conflict,
    model::{compare, compare_desk, variant},
    sample::{
        add, agent, at, bare_ticket, colleague, document, entry, event, id, message, note, open, operation,
        put_document, remove_document, request, tally, ticket, time_entry, update, writes,
    },
};
use crate::{
    domain::{
        actor::{Role, Signature},
        agent::Agent,
        catalogue::Entry,
        document::Document,
        message::{Message, Side},
        operation::{Operation, Undone},
        request::{Request, RequestKey},
        stats::{Range, Tally, TallyKind, TallyScope},
        ticket::Ticket,
        time_entry::TimeEntry,
    },
    memory::MemoryStore,
    ports::{
        ChangeSet, Store, Write,
        archive::{Place, Record, RecordKind},
    },
};

/// All records of a kind, read so many at a time.
async fn page_by_page(store: &impl Store, kind: RecordKind, limit: u32) -> Vec<Record> {
    let (mut records, mut after) = (Vec::new(), None::<Place>);
    loop {
        let page = store.records(kind, after.as_ref(), limit).await.unwrap();
        assert!(page.len() <= limit as usize, "{kind}: {} are more than {limit}", page.len());
        let Some((place, _)) = page.last() else { return records };
        after = Some(place.clone());
        records.extend(page.into_iter().map(|(_, record)| record));
    }
}

/// Everything that a store holds, in the order in which it can be put back.
pub(super) async fn everything(store: &impl Store) -> Vec<Record> {
    let mut records = Vec::new();
    for kind in RecordKind::ALL {
        records.extend(page_by_page(store, *kind, 50).await);
    }
    records
}

/// Puts records into a store, a few in each commit.
pub(super) async fn restore(store: &impl Store, records: &[Record]) {
    for some in records.chunks(7) {
        store.commit(restoring(some.iter().cloned())).await.unwrap();
    }
}

fn restoring(records: impl IntoIterator<Item = Record>) -> ChangeSet {
    writes(records.into_iter().map(Write::Restore))
}

fn stars(stars: i64) -> Tally {
    Tally { rated: 1, stars, ..Tally::default() }
}

fn some_tickets() -> [Ticket; 4] {
    let deleted = Ticket { deleted_at: Some(at(9)), ..variant(2, 11) };
    // Ids that do not rise with the commits.
    [variant(5, 77), ticket(1), deleted, bare_ticket(3)]
}

/// Something of everything: threads that are woven into each other, a ticket whose first message went elsewhere, and one
/// entry of time that is gone.
async fn fill(store: &impl Store) {
    let tickets = some_tickets();
    for (n, ticket) in (0..).zip(&tickets) {
        open(store, ticket, 100 + n).await;
    }
    let [one, two, three, four] = &tickets;
    let mut said = vec![message(130, one), message(120, four), note(125, four), message(110, two), note(111, one)];
    said.push(Message { sent_at: at(500), ..message(105, three) });
    for message in said {
        store.commit(add(message, true)).await.unwrap();
    }
    let corrected = Message { body: "Corrected".into(), edited_at: Some(at(7)), ..message(130, one) };
    let by = Signature { role: Role::Agent, id: None, name: "Grace".into() };
    let tally = |scope: TallyScope, minute, by| Write::Tally(vec![tally(scope, minute, by)]);
    let changes = [
        vec![
            Write::MarkRead { ticket: two.id, message: None, by: Side::Staff, at: at(6) },
            Write::UpdateMessage { message: Box::new(corrected), read: 0 },
            Write::MoveMessages { from: four.id, to: two.id, messages: vec![id(2, 103), id(2, 120)] },
            Write::PutAgent { agent: Box::new(colleague(2, 0)), read: 0 },
            Write::Occupy { agent: agent(1), read: 0, most: None, at: at(4) },
            tally(TallyScope::Desk, 1, stars(3)),
            tally(TallyScope::Agent(id(4, 1)), 20, stars(4)),
            tally(TallyScope::Priority("high".into()), -3, stars(5)),
        ],
        vec![
            Write::Occupy { agent: agent(1), read: 1, most: None, at: at(5) },
            tally(TallyScope::Desk, 40, stars(2)),
            tally(TallyScope::Desk, 2, stars(1)),
            Write::AddOperation(Box::new(operation(2, one.id, two.id))),
            Write::AddOperation(Box::new(operation(1, four.id, two.id))),
            Write::AddOperation(Box::new(operation(0, two.id, one.id))),
        ],
        vec![
            Write::UndoOperation { id: id(6, 1), undone: Undone { by, at: at(5) } },
            // In this quarter, nothing is left of what happened.
            tally(TallyScope::Desk, 90, Tally { rated: -1, stars: -2, ..Tally::default() }),
            tally(TallyScope::Desk, 91, stars(2)),
        ],
    ];
    for writes in changes {
        store.commit(super::sample::writes(writes)).await.unwrap();
    }
    fill_lists(store, one, two).await;
    store.commit(update(&Ticket { subject: "Another".into(), ..one.clone() }, 1)).await.unwrap();
}

async fn fill_lists(store: &impl Store, one: &Ticket, two: &Ticket) {
    for n in [2, 0, 1] {
        store.commit(writes([Write::PutEntry { entry: Box::new(entry(n, 0)), read: 0 }])).await.unwrap();
        let spent = [time_entry(n, one.id), time_entry(3 + n, two.id)].map(|row| Write::AddTimeEntry(Box::new(row)));
        store.commit(writes(spent)).await.unwrap();
        let request = Box::new(request(n, i64::from(n)));
        store.commit(writes([Write::RememberRequest { request, expired: at(-1) }])).await.unwrap();
    }
    store.commit(writes([Write::PutEntry { entry: Box::new(entry(1, 1)), read: 1 }])).await.unwrap();
    store.commit(writes([Write::RemoveTimeEntry { ticket: one.id, id: id(9, 0) }])).await.unwrap();
    for n in [4, 0, 2, 1] {
        store.commit(writes([put_document(&document(n), None)])).await.unwrap();
    }
    let changed = Document { body: serde_json::json!({ "changed": true }), ..document(1) };
    store.commit(writes([put_document(&changed, Some(&document(1))), remove_document(&document(2))])).await.unwrap();
    for (series, count) in [("ünï-2026", 3), ("T", 16), ("T", 16)] {
        store.reserve_numbers(series, count).await.unwrap();
    }
}

/// Whatever is written between two pages: what was there stays in its order.
pub async fn every_record_comes_in_its_order(store: impl Store) {
    let model = MemoryStore::new();
    fill(&store).await;
    fill(&model).await;
    for kind in RecordKind::ALL {
        let expected = page_by_page(&model, *kind, 100).await;
        for limit in [1, 2, 100] {
            assert_eq!(page_by_page(&store, *kind, limit).await, expected, "{kind} by {limit}");
        }
        assert_eq!(store.record_count(*kind).await.unwrap(), expected.len() as u64, "{kind}");
        assert!(expected.iter().all(|record| record.kind() == *kind));
    }
    let records = everything(&store).await;
    let tickets = records.iter().filter_map(|record| match record {
        Record::Ticket(ticket) => Some(ticket.id),
        _ => None,
    });
    assert!(tickets.eq(some_tickets().map(|ticket| ticket.id)));
    let messages = records.iter().filter_map(|record| match record {
        Record::Message(message) => Some(message.id),
        _ => None,
    });
    assert!(messages.eq([100, 101, 102, 103, 130, 120, 125, 110, 111, 105].map(|n| id(2, n))));
    let first = store.records(RecordKind::Messages, None, 4).await.unwrap();
    store.commit(add(message(199, &some_tickets()[0]), true)).await.unwrap();
    let rest = store.records(RecordKind::Messages, first.last().map(|(place, _)| place), 100).await.unwrap();
    assert_eq!((first.len(), rest.len()), (4, 7));
}

/// Nothing is no record.
pub async fn an_empty_store_has_no_records(store: impl Store) {
    assert_eq!(everything(&store).await, []);
    for kind in RecordKind::ALL {
        assert_eq!(store.record_count(*kind).await.unwrap(), 0, "{kind}");
    }
}

/// Through every port; and what is written to both afterwards leaves them equal too.
pub async fn what_is_restored_reads_the_same(source: impl Store, copy: impl Store) {
    fill(&source).await;
    let records = everything(&source).await;
    restore(&copy, &records).await;
    assert_eq!(everything(&copy).await, records);
    compare(&copy, &source).await;
    compare_desk(&copy, &source).await;
    let [one, two, three, four] = some_tickets();
    let back = Write::MoveMessages { from: two.id, to: four.id, messages: vec![id(2, 120)] };
    let late = Message { body: "Corrected once more".into(), ..message(130, &one) };
    let changes = [
        update(&Ticket { tags: ["tag0".to_owned()].into(), ..variant(5, 4_321) }, 2),
        update(&Ticket { deleted_at: None, ..three.clone() }, 1),
        writes([back, Write::UpdateMessage { message: Box::new(late), read: 1 }]),
        add(message(198, &four), true),
        writes([Write::Occupy { agent: agent(1), read: 1, most: Some(3), at: at(99) }]),
        ChangeSet { events: vec![event(150, &two)], ..ChangeSet::default() },
    ];
    for change in changes {
        for store in [&source as &dyn Store, &copy] {
            store.commit(change.clone()).await.unwrap();
        }
    }
    assert_eq!(everything(&copy).await, everything(&source).await);
    compare(&copy, &source).await;
    compare_desk(&copy, &source).await;
}

/// Nor is anything that would have come with it.
pub async fn what_is_there_is_not_restored(store: impl Store) {
    fill(&store).await;
    let records = everything(&store).await;
    for record in &records {
        if !matches!(record, Record::Counter { .. } | Record::Tally(_)) {
            let new = Record::Ticket(Box::new(bare_ticket(40)));
            assert!(is_conflict(&store.commit(restoring([new, record.clone()])).await), "{record}");
        }
    }
    let same_number = Ticket { number: some_tickets()[0].number.clone(), ..bare_ticket(41) };
    let same_key = Entry { id: id(8, 50), ..entry(1, 0) };
    let ghost = bare_ticket(42);
    let refused = [
        Record::Ticket(Box::new(same_number)),
        Record::Entry(Box::new(same_key)),
        Record::Document(Box::new(Document { id: id(20, 50), ..document(0) })),
        Record::Message(Box::new(message(150, &ghost))),
        Record::Event(Box::new(event(150, &ghost))),
        Record::Operation(Box::new(operation(3, some_tickets()[0].id, ghost.id))),
        Record::TimeEntry(Box::new(time_entry(9, ghost.id))),
    ];
    for record in refused {
        assert!(is_conflict(&store.commit(restoring([record.clone()])).await), "{record}");
    }
    let twice = [bare_ticket(43), bare_ticket(43)].map(|ticket| Record::Ticket(Box::new(ticket)));
    assert!(is_conflict(&store.commit(restoring(twice)).await));
    assert_eq!(everything(&store).await, records);
}

/// To the version, and to what is counted; in one commit with what belongs to it, and with other writes.
pub async fn a_record_is_restored_as_it_was(store: impl Store) {
    let ticket = Ticket { version: 17, ..ticket(1) };
    let public = Message {
        revision: 3,
        edited_at: Some(at(5)),
        deleted_at: Some(at(7)),
        read_at: Some(at(6)),
        sent_at: at(900),
        ..message(2, &ticket)
    };
    let by = Signature { role: Role::Agent, id: None, name: "Grace".into() };
    let other = Ticket { version: 2, ..bare_ticket(2) };
    let undone = Some(Undone { by, at: at(5) });
    let records = [
        Record::Ticket(Box::new(ticket.clone())),
        Record::Ticket(Box::new(other.clone())),
        Record::Message(Box::new(note(1, &ticket))),
        Record::Message(Box::new(public)),
        Record::Message(Box::new(message(3, &other))),
        Record::Event(Box::new(event(1, &ticket))),
        Record::Agent(Box::new(Agent { version: 9, open_tickets: 5, assigned_at: Some(at(3)), ..colleague(1, 0) })),
        Record::Entry(Box::new(Entry { version: 4, ..entry(1, 0) })),
        Record::Document(Box::new(Document { version: 6, ..document(1) })),
        Record::Operation(Box::new(Operation { undone, ..operation(1, ticket.id, other.id) })),
        Record::TimeEntry(Box::new(TimeEntry { note: None, ..time_entry(1, ticket.id) })),
        Record::Request(Box::new(request(1, -5))),
    ];
    let mut changes = restoring(records.clone());
    let beside = Request { key: RequestKey { principal: "b".into(), key: "beside".into() }, ..request(2, 0) };
    changes.writes.push(Write::RememberRequest { request: Box::new(beside.clone()), expired: at(0) });
    store.commit(changes).await.unwrap();
    let mut expected = records.to_vec();
    expected.insert(11, Record::Request(Box::new(beside)));
    assert_eq!(everything(&store).await, expected);
    assert_eq!(store.ticket(ticket.id).await.unwrap(), Some(ticket));
}

/// Nor does a series that has come further go back; what happened is added to what happened.
pub async fn numbers_go_on_behind_a_restored_counter(store: impl Store) {
    let counter = |last| Record::Counter { series: "T-2026".into(), last };
    store.commit(restoring([counter(40)])).await.unwrap();
    assert_eq!(store.reserve_numbers("T-2026", 16).await.unwrap(), 41);
    store.commit(restoring([counter(12), counter(9)])).await.unwrap();
    assert_eq!(store.reserve_numbers("T-2026", 1).await.unwrap(), 57);
    assert_eq!(store.reserve_numbers("T", 1).await.unwrap(), 1);
    store.commit(restoring([counter(70), counter(60)])).await.unwrap();
    assert_eq!(store.reserve_numbers("T-2026", 1).await.unwrap(), 71);

    let happened = |n| Record::Tally(Box::new(tally(TallyScope::Desk, 3, stars(n))));
    store.commit(restoring([happened(3), happened(2)])).await.unwrap();
    store.commit(restoring([happened(5)])).await.unwrap();
    let sum = Tally { rated: 3, stars: 10, ..Tally::default() };
    assert_eq!(store.tally_sums(TallyKind::Desk, Range::ALWAYS).await.unwrap(), [(TallyScope::Desk, sum)]);
    let sum = Record::Tally(Box::new(tally(TallyScope::Desk, 3, sum)));
    assert_eq!(page_by_page(&store, RecordKind::Tallies, 1).await, [sum]);
}
