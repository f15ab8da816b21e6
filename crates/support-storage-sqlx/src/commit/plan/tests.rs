use super::*;
use crate::value::values;
use support_core::{
    contract::sample::{
        add, agent, at, document, event, id, message, note, opening, operation, put_document, remove_document, request,
        tally, ticket, time_entry, update, writes,
    },
    domain::{
        document::Document,
        message::Side,
        stats::{Tally, TallyScope},
    },
};

fn planned(changes: &ChangeSet) -> Vec<Stage> {
    let names = Names::new(Dialect::Postgres, None, "support_".to_owned()).expect("a name");
    plan(&names, changes).expect("a plan").stages
}

fn stages(changes: &ChangeSet) -> usize {
    planned(changes).len()
}

fn joined(sets: impl IntoIterator<Item = ChangeSet>) -> ChangeSet {
    sets.into_iter().fold(ChangeSet::default(), |mut all, set| {
        all.guards.extend(set.guards);
        all.writes.extend(set.writes);
        all.events.extend(set.events);
        all
    })
}

fn told(set: ChangeSet, n: u32) -> ChangeSet {
    ChangeSet { events: vec![event(n, &ticket(1))], ..set }
}

fn spent() -> ChangeSet {
    writes([Write::AddTimeEntry(Box::new(time_entry(1, ticket(1).id)))])
}

fn mark_read() -> ChangeSet {
    writes([Write::MarkRead { ticket: ticket(1).id, message: None, by: Side::Staff, at: at(9) }])
}

/// Everything that a desk does every day is one round trip.
#[test]
fn common_change_sets_are_one_statement() {
    let opened = Tally { opened: 1, ..Tally::default() };
    let occupy = Write::Occupy { agent: agent(1), read: 1, most: Some(5), at: at(1) };
    let remember = Write::RememberRequest { request: Box::new(request(1, 1)), expired: at(0) };
    let lease = Guard::Lease { job: "outbox".to_owned(), token: 1 };
    let sets = [
        ("a reply", told(add(message(2, &ticket(1)), true), 2)),
        ("a first reply", told(joined([mark_read(), add(message(2, &ticket(1)), true), update(&ticket(1), 1)]), 2)),
        ("a note", told(add(note(2, &ticket(1)), false), 2)),
        (
            "an opening",
            joined([opening(&ticket(1), 1), writes([Write::Tally(vec![tally(TallyScope::Desk, 1, opened)])])]),
        ),
        (
            "an assignment",
            told(joined([update(&ticket(1), 1), writes([occupy, Write::Release { agent: id(4, 2) }])]), 2),
        ),
        ("one with a key", told(joined([update(&ticket(1), 1), writes([remember])]), 2)),
        ("time", told(spent(), 2)),
        ("places", ChangeSet { guards: vec![lease], ..writes([Write::PlaceEvents { limit: 9 }]) }),
        ("a document", writes([put_document(&document(1), None)])),
        ("a document that stays where it stands", writes([put_document(&document(1), Some(&document(1)))])),
        (
            "a link",
            told(
                joined([
                    update(&ticket(1), 1),
                    update(&ticket(2), 1),
                    writes([Write::AddOperation(Box::new(operation(1, ticket(1).id, ticket(2).id)))]),
                ]),
                2,
            ),
        ),
    ];
    for (what, changes) in sets {
        assert_eq!(stages(&changes), 1, "{what}");
    }
}

/// A document that stands where another one stood.
fn with_keys_of(n: u32, other: u32) -> Document {
    Document { placement: document(other).placement, ..document(n) }
}

/// Parts of one statement see the state before it, and a row is changed by one of them at most.
#[test]
fn what_has_to_see_another_comes_after_it() {
    let edit = Write::UpdateMessage { message: Box::new(message(2, &ticket(1))), read: 0 };
    let sets = [
        ("a row twice", joined([update(&ticket(1), 1), update(&ticket(1), 2)]), 2),
        ("a message and its change", joined([add(message(2, &ticket(1)), true), writes([edit])]), 2),
        ("a message and its reader", joined([add(message(2, &ticket(1)), true), mark_read()]), 2),
        ("a ticket and its change", joined([opening(&ticket(1), 1), update(&ticket(1), 1)]), 2),
        ("an agent twice", writes([Write::Release { agent: id(4, 1) }, Write::Release { agent: id(4, 1) }]), 2),
        ("time on a ticket that comes later", joined([spent(), opening(&ticket(1), 1)]), 2),
        ("time on a ticket that was there before", joined([opening(&ticket(1), 1), spent()]), 1),
        (
            "a document twice",
            writes([put_document(&document(1), None), put_document(&document(1), Some(&document(1)))]),
            2,
        ),
        ("documents of other keys", writes([put_document(&document(1), None), put_document(&document(4), None)]), 1),
        ("a list on which nothing may be left", writes([remove_document(&document(1))]), 2),
        ("a key that passes on", writes([remove_document(&document(1)), put_document(&with_keys_of(4, 1), None)]), 2),
        ("a reader and a message", joined([mark_read(), add(message(2, &ticket(1)), true)]), 1),
        ("places behind places", writes([Write::PlaceEvents { limit: 1 }, Write::PlaceEvents { limit: 1 }]), 2),
    ];
    for (what, changes, count) in sets {
        assert_eq!(stages(&changes), count, "{what}");
    }
    let guarded = ChangeSet {
        guards: vec![Guard::LastMessage { ticket: ticket(1).id, message: message(1, &ticket(1)).id }],
        ..add(message(2, &ticket(1)), true)
    };
    assert_eq!(stages(&guarded), 2, "nobody may add a message any more when the last one is asked for");
    let moved = Write::MoveMessages { from: ticket(1).id, to: ticket(2).id, messages: vec![id(2, 1)] };
    let [Stage::Together(_), Stage::Refresh(_), Stage::Refresh(_)] = planned(&writes([moved]))[..] else { panic!() };
}

/// However often a change set is about a ticket, its row is written once, and the first to be.
#[test]
fn a_ticket_is_held_once_and_before_anything_is_added_to_it() {
    let changes = ChangeSet {
        guards: vec![
            Guard::TicketStands { ticket: ticket(1).id },
            Guard::TicketVersion { ticket: ticket(2).id, version: 1 },
        ],
        ..told(joined([add(message(2, &ticket(1)), true), update(&ticket(1), 1), add(note(3, &ticket(1)), false)]), 2)
    };
    let [Stage::Together(together)] = &planned(&changes)[..] else { panic!() };
    let [row, guarded] = &together.holds[..] else { panic!("{:?}", together.holds) };
    assert!(row.sql.starts_with("UPDATE {tickets} SET version = version + 1"), "{}", row.sql);
    assert!(row.sql.ends_with("id = ? AND deleted_at IS NULL AND merged_into IS NULL AND version = ?"), "{}", row.sql);
    assert!(guarded.finds && guarded.sql.ends_with("version = ? FOR SHARE"), "{}", guarded.sql);
    assert!(together.steps().all(|step| step == row || !step.sql.starts_with("UPDATE {tickets}")));
}

/// Each stretch of one kind is one statement, up to what a statement has room for; so many tickets are noted as counted.
#[test]
fn records_of_a_kind_are_written_together() {
    let tags: std::collections::BTreeSet<String> = (0..90).map(|n| n.to_string()).collect();
    let tickets = (0..700).map(|n| Record::Ticket(Box::new(Ticket { tags: tags.clone(), ..ticket(n) })));
    let messages = (0..300).map(|n| Record::Message(Box::new(message(n, &ticket(n)))));
    let remember = Write::RememberRequest { request: Box::new(request(1, 1)), expired: at(0) };
    let changes = writes(tickets.chain(messages).map(Write::Restore).chain([remember]));
    let names = Names::new(Dialect::Postgres, None, "support_".to_owned()).expect("a name");
    let plan = plan(&names, &changes).expect("a plan");
    assert_eq!((plan.stages.len(), plan.notes), (10, 700));
    for stage in &plan.stages {
        let Stage::Together(together) = stage else { panic!("{stage:?}") };
        let values: usize = together.steps().map(|step| step.values.len()).sum();
        assert!(values < 65_535, "{values} are more than a statement takes");
    }
}

/// Numbers on which everybody's documents meet are written last, each once, and in one order.
#[test]
fn what_stands_on_lists_is_counted_at_the_end() {
    let remember = Write::RememberRequest { request: Box::new(request(1, 1)), expired: at(0) };
    let puts = [4, 1, 2].map(|n| put_document(&document(n), None));
    let changes = told(writes(puts.into_iter().chain([remember])), 2);
    let [Stage::Together(together)] = &planned(&changes)[..] else { panic!() };
    let rows: Vec<bool> = together.holds.iter().map(|step| step.sql.starts_with("INSERT INTO {documents}")).collect();
    assert_eq!(rows[..3], [true; 3], "the documents themselves first");
    let counted: Vec<&Step> = together.steps().filter(|step| step.sql.contains("{document_counts}")).collect();
    assert_eq!(counted, together.rest.last().into_iter().collect::<Vec<_>>());
    let expected = [("callback", "all", 1_i64), ("callback", "of/0", 1), ("review", "all", 2), ("review", "of/0", 1)];
    let expected = expected.into_iter().chain([("review", "of/1", 1)]);
    let values: Vec<Value> = expected.flat_map(|(kind, list, n)| values![kind, list, n]).collect();
    assert_eq!(counted[0].values, values);
}
