use super::{
    reads::concurrently,
    sample::{add, agent, at, bare_ticket, event, id, message, note, open, opening, ticket, update},
};
use crate::{
    domain::ticket::Ticket,
    ports::{ChangeSet, Guard, Store, StoreError, Write, events::EventQuery, messages::MessageQuery},
};

async fn versions(store: &impl Store, ticket: &Ticket) -> (u64, usize, usize) {
    let row = store.ticket(ticket.id).await.unwrap();
    let messages = MessageQuery { ticket: ticket.id, internal: true, after: None, limit: 1_000 };
    let messages = store.messages(&messages).await.unwrap().items.len();
    let events = store.events(&EventQuery { ticket: ticket.id, after: None, limit: 1_000 }).await.unwrap().items.len();
    (row.map_or(0, |row| row.version), messages, events)
}

pub(super) fn is_conflict(result: &Result<(), StoreError>) -> bool {
    matches!(result, Err(StoreError::Conflict))
}

/// By one, and every column is the new one.
pub async fn an_update_raises_the_version(store: impl Store) {
    let before = ticket(1);
    open(&store, &before, 1).await;
    let after = Ticket {
        id: before.id,
        number: before.number.clone(),
        version: 99,
        subject: "Another".into(),
        tags: ["new".to_owned()].into(),
        created_at: before.created_at,
        ..bare_ticket(7)
    };
    store.commit(update(&after, 1)).await.unwrap();
    assert_eq!(store.ticket(before.id).await.unwrap(), Some(Ticket { version: 2, ..after.clone() }));
    let before = Ticket { updated_at: after.updated_at, ..before };
    store.commit(update(&before, 2)).await.unwrap();
    assert_eq!(store.ticket(before.id).await.unwrap(), Some(Ticket { version: 3, ..before }));
}

/// Conflict, and the row is what it was.
pub async fn a_stale_update_changes_nothing(store: impl Store) {
    let ticket = ticket(1);
    open(&store, &ticket, 1).await;
    store.commit(update(&ticket, 1)).await.unwrap();
    let stale = Ticket { subject: "Lost".into(), ..ticket.clone() };
    assert!(is_conflict(&store.commit(update(&stale, 1)).await));
    assert!(is_conflict(&store.commit(update(&stale, 3)).await));
    assert_eq!(store.ticket(ticket.id).await.unwrap(), Some(Ticket { version: 2, ..ticket }));
    assert!(is_conflict(&store.commit(update(&bare_ticket(2), 1)).await), "an update of a ticket that is not there");
}

/// A guard on a row that is not written counts as much as a version.
pub async fn a_guard_that_fails_changes_nothing(store: impl Store) {
    let (one, two) = (ticket(1), ticket(2));
    open(&store, &one, 1).await;
    open(&store, &two, 2).await;
    let guarded =
        |version| ChangeSet { guards: vec![Guard::TicketVersion { ticket: two.id, version }], ..update(&one, 1) };
    assert!(is_conflict(&store.commit(guarded(2)).await));
    assert_eq!(versions(&store, &one).await.0, 1);
    let missing = Guard::TicketVersion { ticket: id(1, 9), version: 1 };
    assert!(is_conflict(&store.commit(ChangeSet { guards: vec![missing], ..update(&one, 1) }).await));
    store.commit(guarded(1)).await.unwrap();
    assert_eq!((versions(&store, &one).await.0, versions(&store, &two).await.0), (2, 1));
}

/// Of tickets, numbers, messages and events.
pub async fn ids_and_numbers_are_unique(store: impl Store) {
    let first = ticket(1);
    open(&store, &first, 1).await;
    let other = ticket(2);
    let same_id = Ticket { id: first.id, ..other.clone() };
    let same_number = Ticket { number: first.number.clone(), ..other.clone() };
    for (ticket, n) in [(&same_id, 2), (&same_number, 2)] {
        assert!(is_conflict(&store.commit(opening(ticket, n)).await));
    }
    assert!(is_conflict(&store.commit(add(message(1, &first), false)).await), "a message twice");
    let again = ChangeSet { events: vec![event(1, &first)], ..ChangeSet::default() };
    assert!(is_conflict(&store.commit(again).await), "an event twice");
    assert_eq!(versions(&store, &first).await, (1, 1, 1));
    open(&store, &other, 2).await;
}

/// A message or event of no ticket would be found by nobody.
pub async fn what_belongs_to_no_ticket_is_refused(store: impl Store) {
    let ghost = ticket(1);
    assert!(is_conflict(&store.commit(add(message(1, &ghost), true)).await));
    let told = ChangeSet { events: vec![event(1, &ghost)], ..ChangeSet::default() };
    assert!(is_conflict(&store.commit(told).await));
    open(&store, &ghost, 1).await;
}

/// The last write fails, so the first is not there either.
pub async fn a_change_set_is_all_or_nothing(store: impl Store) {
    let (known, new) = (ticket(1), ticket(2));
    open(&store, &known, 1).await;
    let mut changes = opening(&new, 2);
    changes.writes.extend(add(note(3, &known), true).writes);
    changes.writes.extend(update(&known, 1).writes);
    let mut failing = changes.clone();
    failing.writes.extend(update(&known, 1).writes);
    assert!(is_conflict(&store.commit(failing).await));
    let mut repeated = changes.clone();
    repeated.events.push(event(1, &known));
    assert!(is_conflict(&store.commit(repeated).await));
    assert_eq!(versions(&store, &known).await, (1, 1, 1));
    assert_eq!(store.ticket(new.id).await.unwrap(), None);
    assert_eq!(store.ticket_by_number(&new.number).await.unwrap(), None);

    store.commit(changes).await.unwrap();
    assert_eq!(versions(&store, &known).await, (2, 2, 1));
    assert_eq!(versions(&store, &new).await, (1, 1, 1));
}

/// A message raises `updated_at`, never lowers it, and leaves the version alone.
pub async fn a_message_touches_only_the_time(store: impl Store) {
    let ticket = ticket(1);
    open(&store, &ticket, 1).await;
    let mut later = message(2, &ticket);
    later.sent_at = at(90);
    store.commit(add(later, true)).await.unwrap();
    let mut earlier = message(3, &ticket);
    earlier.sent_at = at(30);
    store.commit(add(earlier, true)).await.unwrap();
    let mut silent = message(4, &ticket);
    silent.sent_at = at(120);
    store.commit(add(silent, false)).await.unwrap();
    assert_eq!(store.ticket(ticket.id).await.unwrap(), Some(Ticket { updated_at: at(90), ..ticket }));
}

/// Of two moments the later one stays: a message may have come between reading and writing.
pub async fn an_update_never_turns_back_the_time(store: impl Store) {
    let ticket = ticket(1);
    open(&store, &ticket, 1).await;
    let mut later = message(2, &ticket);
    later.sent_at = at(90);
    store.commit(add(later, true)).await.unwrap();
    store.commit(update(&Ticket { updated_at: at(30), ..ticket.clone() }, 1)).await.unwrap();
    assert_eq!(store.ticket(ticket.id).await.unwrap().map(|row| row.updated_at), Some(at(90)));
    store.commit(update(&Ticket { updated_at: at(120), ..ticket.clone() }, 2)).await.unwrap();
    assert_eq!(store.ticket(ticket.id).await.unwrap().map(|row| row.updated_at), Some(at(120)));
}

/// However many try at once.
pub async fn of_many_updates_of_one_version_one_wins(store: impl Store) {
    let ticket = bare_ticket(1);
    open(&store, &ticket, 1).await;
    let (store, ticket) = (&store, &ticket);
    let claim = |n| {
        let mine = Ticket { assignee: Some(agent(n)), ..ticket.clone() };
        async move { store.commit(update(&mine, 1)).await }
    };
    let results = concurrently(16, claim).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(results.iter().filter(|result| is_conflict(result)).count(), 15);
    let winner = results.iter().position(Result::is_ok).unwrap();
    let row = store.ticket(ticket.id).await.unwrap().unwrap();
    assert_eq!(row.assignee, Some(agent(u32::try_from(winner).unwrap())));
}

/// A message leaves the version alone: even where each guards it, nobody has to try again.
pub async fn concurrent_messages_are_all_kept(store: impl Store) {
    let ticket = ticket(1);
    open(&store, &ticket, 1).await;
    let (store, row) = (&store, &ticket);
    let guards = vec![Guard::TicketVersion { ticket: row.id, version: 1 }];
    let guarded = |n| ChangeSet { guards: guards.clone(), ..add(message(n + 2, row), true) };
    let results = concurrently(32, |n| store.commit(guarded(n))).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(versions(store, &ticket).await, (1, 33, 1));
}

/// A guard on the moment of the last change holds until a message touches the ticket.
pub async fn a_guard_on_the_last_touch_notices_a_message(store: impl Store) {
    let (one, two) = (ticket(1), ticket(2));
    open(&store, &one, 1).await;
    open(&store, &two, 2).await;
    let untouched = |updated_at, version| {
        let guards = vec![Guard::TicketUntouched { ticket: one.id, updated_at }];
        ChangeSet { guards, ..update(&two, version) }
    };
    store.commit(untouched(one.updated_at, 1)).await.unwrap();
    let mut later = message(3, &one);
    later.sent_at = at(90);
    store.commit(add(later, true)).await.unwrap();
    assert!(is_conflict(&store.commit(untouched(one.updated_at, 2)).await));
    store.commit(untouched(at(90), 2)).await.unwrap();
    let missing = vec![Guard::TicketUntouched { ticket: id(1, 9), updated_at: at(90) }];
    assert!(is_conflict(&store.commit(ChangeSet { guards: missing, ..update(&two, 3) }).await));
}

/// A guard that a ticket stands fails where it is deleted, merged, or not there.
pub async fn a_guard_that_a_ticket_stands_notices_that_it_is_gone(store: impl Store) {
    let (one, two) = (bare_ticket(1), bare_ticket(2));
    open(&store, &one, 1).await;
    open(&store, &two, 2).await;
    let stands = |version| {
        let guards = vec![Guard::TicketStands { ticket: one.id }];
        ChangeSet { guards, ..update(&two, version) }
    };
    store.commit(stands(1)).await.unwrap();
    for (gone, read) in [
        (Ticket { deleted_at: Some(at(9)), ..one.clone() }, 1),
        (Ticket { merged_into: Some(two.id), ..one.clone() }, 2),
    ] {
        store.commit(update(&gone, read)).await.unwrap();
        assert!(is_conflict(&store.commit(stands(2)).await));
    }
    store.commit(update(&one, 3)).await.unwrap();
    store.commit(stands(2)).await.unwrap();
    let missing = vec![Guard::TicketStands { ticket: id(1, 9) }];
    assert!(is_conflict(&store.commit(ChangeSet { guards: missing, ..update(&two, 3) }).await));
}

/// An opening brings its own first message, not one of another ticket.
pub async fn an_opening_brings_its_own_message(store: impl Store) {
    let (one, two) = (ticket(1), ticket(2));
    open(&store, &one, 1).await;
    let foreign = Write::OpenTicket { ticket: Box::new(two.clone()), message: Box::new(message(2, &one)) };
    assert!(is_conflict(&store.commit(ChangeSet { writes: vec![foreign], ..ChangeSet::default() }).await));
    assert_eq!((versions(&store, &one).await, store.ticket(two.id).await.unwrap()), ((1, 1, 1), None));
}

/// Where the rules of each write are; kept exhaustive so that a new kind of write gets its own.
#[expect(dead_code, reason = "compiled, never called: it fails to compile when a write is added")]
fn every_write_is_tested(write: &Write) -> &'static str {
    match write {
        Write::OpenTicket { .. } | Write::UpdateTicket { .. } | Write::AddMessage { .. } => "commits",
        Write::UpdateMessage { .. } | Write::MarkRead { .. } | Write::MoveMessages { .. } => "messages",
        Write::PutAgent { .. } | Write::Occupy { .. } | Write::Release { .. } => "agents",
        Write::Tally(_) => "stats",
        Write::PutEntry { .. } | Write::RemoveEntry { .. } => "catalogue",
        Write::PutDocument { .. } | Write::RemoveDocument { .. } => "documents",
        Write::AddOperation(_) | Write::UndoOperation { .. } => "operations",
        Write::AddTimeEntry(_) | Write::RemoveTimeEntry { .. } => "time_entries",
        Write::RememberRequest { .. } | Write::ForgetRequests { .. } => "requests",
        Write::PlaceEvents { .. } => "outbox",
        Write::Erase(_) => "erasure",
        Write::Restore(_) => "archive",
    }
}

/// As [`every_write_is_tested`], for guards.
#[expect(dead_code, reason = "compiled, never called: it fails to compile when a guard is added")]
fn every_guard_is_tested(guard: &Guard) -> &'static str {
    match guard {
        Guard::TicketVersion { .. } | Guard::TicketUntouched { .. } | Guard::TicketStands { .. } => "commits",
        Guard::LastMessage { .. } => "messages",
        Guard::Lease { .. } => "leases",
    }
}
