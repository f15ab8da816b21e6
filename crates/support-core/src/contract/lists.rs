use super::sample::{add, agent, at, bare_ticket, id, message, note, open, ticket, update, writes};
use crate::{
    domain::{
        access::{ScopeTerm, TicketScope},
        id::TicketId,
        ticket::{
            AlarmKind, Alarms, AssigneeFilter, Cursor, Reach, Related, SlaFilter, Sort, SortKey, Ticket, TicketFilter,
            TicketQuery,
        },
    },
    ports::{Store, Write},
};
use chrono::TimeDelta;

/// Everything, newest first.
pub(super) fn everything() -> TicketQuery {
    TicketQuery {
        reader: None,
        scope: TicketScope::All,
        filter: TicketFilter::default(),
        sort: Sort::default(),
        after: None,
        skip: 0,
        limit: 100,
    }
}

async fn ids(store: &impl Store, query: &TicketQuery) -> Vec<TicketId> {
    store.tickets(query).await.unwrap().items.iter().map(|row| row.id).collect()
}

fn places(numbers: &[u32]) -> Vec<TicketId> {
    numbers.iter().map(|n| id(1, *n)).collect()
}

/// Six tickets: 1 to 3 of agent 1, 4 of agent 2, 5 and 6 of nobody; customers 0 to 2 by turns.
async fn six(store: &impl Store) {
    for n in 1..=6 {
        let assignee = match n {
            1..=3 => Some(agent(1)),
            4 => Some(agent(2)),
            _ => None,
        };
        open(store, &Ticket { assignee, ..ticket(n) }, n).await;
    }
}

/// Terms are alternatives; no term, no row; a row that two terms admit comes once.
pub async fn a_scope_admits_what_it_says(store: impl Store) {
    six(&store).await;
    let mine = ScopeTerm::Assignee(id(4, 1));
    let cases: [(TicketScope, &[u32]); 6] = [
        (TicketScope::All, &[6, 5, 4, 3, 2, 1]),
        (TicketScope::nothing(), &[]),
        (TicketScope::AnyOf(vec![ScopeTerm::Customer(id(3, 1))]), &[4, 1]),
        (TicketScope::AnyOf(vec![ScopeTerm::Customer(id(3, 9))]), &[]),
        (TicketScope::AnyOf(vec![mine, ScopeTerm::Unassigned]), &[6, 5, 3, 2, 1]),
        (TicketScope::AnyOf(vec![mine, ScopeTerm::Customer(id(3, 1)), mine]), &[4, 3, 2, 1]),
    ];
    for (scope, expected) in cases {
        let query = TicketQuery { scope, ..everything() };
        assert_eq!(ids(&store, &query).await, places(expected), "{:?}", query.scope);
        let count = store.ticket_count(&query, 100).await.unwrap();
        assert_eq!(count as usize, expected.len(), "{:?}", query.scope);
    }
}

/// Alone and together; a scope is never widened by a filter.
pub async fn each_filter_describes_what_it_says(store: impl Store) {
    let change = |n: u32, change: &dyn Fn(&mut Ticket)| {
        let mut row = ticket(n);
        change(&mut row);
        row
    };
    let rows = [
        change(1, &|row| row.status = "closed".into()),
        change(2, &|row| row.priority = "urgent".into()),
        change(3, &|row| row.category = None),
        change(4, &|row| row.tags = ["other".to_owned()].into()),
        change(5, &|row| row.related = vec![Related { kind: "vehicle".into(), id: "V-1".into(), label: None }]),
        change(6, &|row| row.assignee = None),
        change(7, &|row| row.pace = crate::domain::ticket::Pace::default()),
    ];
    for (n, row) in (1..).zip(&rows) {
        open(&store, row, n).await;
    }
    let none = TicketFilter::default;
    let sla = |state, minutes| TicketFilter { sla: Some((state, at(minutes))), ..none() };
    let cases: Vec<(TicketFilter, &[u32])> = vec![
        (TicketFilter { statuses: vec!["closed".into()], ..none() }, &[1]),
        (
            TicketFilter { statuses: vec!["closed".into(), "open".into(), "closed".into()], ..none() },
            &[7, 6, 5, 4, 3, 2, 1],
        ),
        (TicketFilter { statuses: vec!["Closed".into()], ..none() }, &[]),
        (TicketFilter { priorities: vec!["urgent".into()], ..none() }, &[2]),
        (TicketFilter { priorities: vec!["Urgent".into(), "urgent ".into()], ..none() }, &[]),
        (TicketFilter { categories: vec!["Booking".into()], ..none() }, &[]),
        (TicketFilter { tag: Some("Other".into()), ..none() }, &[]),
        (
            TicketFilter { statuses: vec!["open".into()], priorities: vec!["urgent".into(), "high".into()], ..none() },
            &[7, 6, 5, 4, 3, 2],
        ),
        (TicketFilter { categories: vec!["booking".into()], ..none() }, &[7, 6, 5, 4, 2, 1]),
        (TicketFilter { tag: Some("other".into()), ..none() }, &[4]),
        (TicketFilter { tag: Some("parcel's \"tag\"".into()), ..none() }, &[7, 6, 5, 3, 2, 1]),
        (
            TicketFilter { related: Some(Related { kind: "vehicle".into(), id: "V-1".into(), label: None }), ..none() },
            &[5],
        ),
        (
            TicketFilter { related: Some(Related { kind: "order".into(), id: "V-1".into(), label: None }), ..none() },
            &[],
        ),
        (TicketFilter { assignee: Some(AssigneeFilter::Nobody), ..none() }, &[6]),
        (TicketFilter { assignee: Some(AssigneeFilter::Is(id(4, 2))), ..none() }, &[]),
        (TicketFilter { customer: Some(id(3, 1)), ..none() }, &[7, 4, 1]),
        (TicketFilter { from: Some(at(3)), to: Some(at(6)), ..none() }, &[5, 4, 3]),
        // Ticket n is at risk from minute n + 80 and due at minute n + 100.
        (sla(SlaFilter::Breached, 103), &[3, 2, 1]),
        (sla(SlaFilter::AtRisk, 84), &[4, 3, 2, 1]),
        (sla(SlaFilter::OnTrack, 84), &[6, 5]),
        (
            TicketFilter {
                customer: Some(id(3, 1)),
                tag: Some("late".into()),
                assignee: Some(AssigneeFilter::Is(id(4, 1))),
                ..none()
            },
            &[7, 1],
        ),
    ];
    for (filter, expected) in cases {
        let query = TicketQuery { filter, ..everything() };
        assert_eq!(ids(&store, &query).await, places(expected), "{:?}", query.filter);
        let count = store.ticket_count(&query, 100).await.unwrap();
        assert_eq!(count as usize, expected.len(), "{:?}", query.filter);
        let narrow = TicketQuery { scope: TicketScope::AnyOf(vec![ScopeTerm::Customer(id(3, 2))]), ..query };
        let within: Vec<u32> = expected.iter().copied().filter(|n| n % 3 == 2).collect();
        assert_eq!(ids(&store, &narrow).await, places(&within), "within a scope: {:?}", narrow.filter);
    }
}

/// By cursor and by number, in both directions, by both keys.
pub async fn pages_cover_the_list_once(store: impl Store) {
    six(&store).await;
    let mut touched = message(99, &ticket(2));
    touched.sent_at = at(500);
    store.commit(add(touched, true)).await.unwrap();
    for key in [SortKey::Created, SortKey::Updated] {
        for ascending in [false, true] {
            let query = TicketQuery {
                sort: Sort { key, ascending },
                scope: TicketScope::AnyOf(vec![ScopeTerm::Assignee(id(4, 1)), ScopeTerm::Unassigned]),
                ..everything()
            };
            let mut expected = match key {
                SortKey::Created => places(&[6, 5, 3, 2, 1]),
                SortKey::Updated => places(&[2, 6, 5, 3, 1]),
            };
            if ascending {
                expected.reverse();
            }
            assert_eq!(ids(&store, &query).await, expected);
            let mut walked = Vec::new();
            let mut page = TicketQuery { limit: 2, ..query.clone() };
            loop {
                let slice = store.tickets(&page).await.unwrap();
                walked.extend(slice.items.iter().map(|row| row.id));
                let Some(last) = slice.items.last().filter(|_| slice.more) else {
                    break;
                };
                page.after = Some(last.cursor(key));
            }
            assert_eq!(walked, expected);
            let second = TicketQuery { limit: 2, skip: 2, ..query };
            assert_eq!(ids(&store, &second).await, expected[2..4]);
        }
    }
    assert_eq!(ids(&store, &TicketQuery { skip: 50, ..everything() }).await, []);
}

/// A page may end between them.
pub async fn rows_that_share_a_moment_are_ordered_by_id(store: impl Store) {
    for n in [3, 1, 4, 2] {
        open(&store, &Ticket { created_at: at(0), updated_at: at(0), ..bare_ticket(n) }, n).await;
    }
    assert_eq!(ids(&store, &everything()).await, places(&[4, 3, 2, 1]));
    let first = store.tickets(&TicketQuery { limit: 2, ..everything() }).await.unwrap();
    let after = first.items.last().map(|row| row.cursor(SortKey::Created));
    assert_eq!(ids(&store, &TicketQuery { after, ..everything() }).await, places(&[2, 1]));
}

/// Cut to its length, and never a note.
pub async fn the_preview_is_the_latest_public_message(store: impl Store) {
    let ticket = ticket(1);
    open(&store, &ticket, 1).await;
    let mut long = message(2, &ticket);
    long.body = "ä€𝄞".repeat(100);
    store.commit(add(long.clone(), true)).await.unwrap();
    store.commit(add(note(3, &ticket), true)).await.unwrap();
    let rows = store.tickets(&everything()).await.unwrap().items;
    let preview: String = long.body.chars().take(140).collect();
    assert_eq!(rows[0].last_message.as_deref(), Some(preview.as_str()));
    let row = &rows[0];
    assert_eq!((&row.number, &row.subject, &row.tags), (&ticket.number, &ticket.subject, &ticket.tags));
    assert_eq!((&row.status, row.phase, &row.priority), (&ticket.status, ticket.phase, &ticket.priority));
    assert_eq!((&row.category, &row.assignee, row.pace), (&ticket.category, &ticket.assignee, ticket.pace));
    assert_eq!((row.customer, &row.customer_name), (ticket.customer, &ticket.customer_name));
    assert_eq!((row.escalation_level, row.created_at), (ticket.escalation_level, ticket.created_at));
}

/// In number, subject, tags and first message; all of them; whatever their case; the last one also as a beginning.
pub async fn words_are_found_where_they_stand(store: impl Store) {
    let rows = [
        Ticket { subject: "Brake pads squeal".into(), ..bare_ticket(1) },
        Ticket { tags: ["brake".to_owned()].into(), ..bare_ticket(2) },
        Ticket { subject: "Invoice".into(), ..bare_ticket(3) },
    ];
    for (n, row) in (1..).zip(&rows) {
        open(&store, row, n).await;
    }
    let mut hidden = note(9, &rows[2]);
    hidden.body = "squeal".into();
    store.commit(add(hidden, true)).await.unwrap();
    let search = |text: &str| TicketQuery {
        filter: TicketFilter { text: Some(text.to_owned()), ..TicketFilter::default() },
        ..everything()
    };
    let cases: [(&str, &[u32]); 10] = [
        ("brake", &[2, 1]),
        ("BRAKE squeal", &[1]),
        ("squeal brake pa", &[1]),
        ("inv", &[3]),
        ("b", &[]),
        ("inv paid", &[]),
        ("express", &[3, 2, 1]),
        ("T-0002", &[2]),
        ("nothing", &[]),
        (" ,;: ", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(ids(&store, &search(text)).await, places(expected), "{text}");
        assert_eq!(store.ticket_count(&search(text), 100).await.unwrap() as usize, expected.len(), "{text}");
    }
    let oldest_first = Sort { key: SortKey::Created, ascending: true };
    assert_eq!(ids(&store, &TicketQuery { sort: oldest_first, ..search("brake") }).await, places(&[1, 2]));
    let scope = TicketScope::AnyOf(vec![ScopeTerm::Customer(id(3, 2))]);
    assert_eq!(ids(&store, &TicketQuery { scope, ..search("brake") }).await, places(&[2]));
    let slice = store.tickets(&TicketQuery { limit: 1, ..search("brake") }).await.unwrap();
    assert!(slice.more);
    let after = slice.items.last().map(|row| row.cursor(SortKey::Created));
    assert_eq!(ids(&store, &TicketQuery { after, ..search("brake") }).await, places(&[1]));

    // Ticket 2 is of customer 2: its place must not be told to customer 1, nor that it has one.
    let scope = TicketScope::AnyOf(vec![ScopeTerm::Customer(id(3, 1))]);
    for sort in [Sort::default(), oldest_first] {
        for foreign in [2, 99] {
            let after = Some(Cursor { at: at(0), id: id(1, foreign) });
            let query = TicketQuery { scope: scope.clone(), sort, after, ..search("brake") };
            assert_eq!(ids(&store, &query).await, [], "behind ticket {foreign}");
        }
    }

    let renamed = Ticket { subject: "Clutch slips".into(), ..rows[0].clone() };
    store.commit(update(&renamed, 1)).await.unwrap();
    assert_eq!(ids(&store, &search("brake")).await, places(&[2]));
    assert_eq!(ids(&store, &search("clutch express")).await, places(&[1]));
}

/// Quotes, operators and wildcards are letters or nothing, never an error.
pub async fn text_of_a_search_is_never_syntax(store: impl Store) {
    open(&store, &bare_ticket(1), 1).await;
    open(&store, &Ticket { subject: "Nothing".into(), ..bare_ticket(2) }, 2).await;
    let cases: [(&str, &[u32]); 14] = [
        ("late", &[1, 2]),
        ("parcel late", &[1]),
        ("parcel OR nothing", &[]),
        ("parcel NOT express", &[]),
        ("NEAR(parcel express)", &[]),
        ("subject:parcel", &[]),
        ("parcel*", &[1]),
        ("par*cel", &[]),
        ("\"parcel\"", &[1]),
        ("\"", &[]),
        ("* ( ) - ^", &[]),
        ("%", &[]),
        ("'; DROP TABLE tickets; --", &[]),
        ("\0", &[]),
    ];
    for (text, expected) in cases {
        let filter = TicketFilter { text: Some(text.to_owned()), ..TicketFilter::default() };
        let sort = Sort { key: SortKey::Created, ascending: true };
        assert_eq!(ids(&store, &TicketQuery { filter, sort, ..everything() }).await, places(expected), "{text}");
    }
    assert_eq!(ids(&store, &everything()).await, places(&[2, 1]));
}

/// At `most`.
pub async fn counting_stops_where_told(store: impl Store) {
    six(&store).await;
    assert_eq!(store.ticket_count(&everything(), 4).await.unwrap(), 4);
    assert_eq!(store.ticket_count(&everything(), 6).await.unwrap(), 6);
    let late = TicketFilter { from: Some(at(3) + TimeDelta::milliseconds(1)), ..TicketFilter::default() };
    assert_eq!(store.ticket_count(&TicketQuery { filter: late, ..everything() }, 100).await.unwrap(), 3);
}

/// Whatever is asked for, until the filter asks for them; then they alone, in every order.
pub async fn deleted_tickets_are_in_no_list(store: impl Store) {
    six(&store).await;
    let gone = |n: u32| Ticket { deleted_at: Some(at(50)), ..ticket(n) };
    for n in [2, 5] {
        let row = Ticket { assignee: if n == 2 { Some(agent(1)) } else { None }, ..gone(n) };
        store.commit(update(&row, 1)).await.unwrap();
    }
    let read = store.ticket(id(1, 2)).await.unwrap().expect("a deleted ticket is found by its id");
    assert_eq!((read.deleted_at, read.version), (Some(at(50)), 2));
    assert!(store.ticket_by_number("T-0005").await.unwrap().is_some(), "and by its number");

    let none = TicketFilter::default;
    let filters = [
        none(),
        TicketFilter { statuses: vec!["open".into()], ..none() },
        TicketFilter { statuses: vec!["open".into()], priorities: vec!["high".into()], ..none() },
        TicketFilter { priorities: vec!["high".into()], ..none() },
        TicketFilter { categories: vec!["booking".into()], ..none() },
        TicketFilter { tag: Some("late".into()), ..none() },
        TicketFilter { from: Some(at(0)), to: Some(at(90)), ..none() },
        TicketFilter { sla: Some((SlaFilter::OnTrack, at(0))), ..none() },
        TicketFilter { text: Some("parcel late".into()), ..none() },
        TicketFilter { email_key: Some("ada@example.org".into()), ..none() },
    ];
    let mine = TicketScope::AnyOf(vec![ScopeTerm::Assignee(id(4, 1)), ScopeTerm::Unassigned]);
    let scopes: [(TicketScope, &[u32], &[u32]); 3] = [
        (TicketScope::All, &[6, 4, 3, 1], &[5, 2]),
        (mine, &[6, 3, 1], &[5, 2]),
        (TicketScope::AnyOf(vec![ScopeTerm::Customer(id(3, 2))]), &[], &[5, 2]),
    ];
    for filter in filters {
        for key in [SortKey::Created, SortKey::Updated] {
            for (scope, kept, deleted) in &scopes {
                for (deleted, rows) in [(false, *kept), (true, *deleted)] {
                    let query = TicketQuery {
                        scope: scope.clone(),
                        filter: TicketFilter { deleted, ..filter.clone() },
                        sort: Sort { key, ascending: false },
                        ..everything()
                    };
                    assert_eq!(ids(&store, &query).await, places(rows), "{query:?}");
                    assert_eq!(store.ticket_count(&query, 100).await.unwrap() as usize, rows.len(), "{query:?}");
                }
            }
        }
    }
    let order = TicketFilter {
        related: Some(Related { kind: "order".into(), id: "A-2".into(), label: None }),
        ..TicketFilter::default()
    };
    assert_eq!(ids(&store, &TicketQuery { filter: order.clone(), ..everything() }).await, []);
    let order = TicketFilter { deleted: true, ..order };
    assert_eq!(ids(&store, &TicketQuery { filter: order, ..everything() }).await, places(&[2]));

    store.commit(update(&ticket(2), 2)).await.unwrap();
    assert_eq!(ids(&store, &everything()).await, places(&[6, 4, 3, 2, 1]), "brought back");
}

/// Compared to the letter.
pub async fn people_without_an_account_are_found_by_their_address(store: impl Store) {
    let reach = |key: &str| Reach { email_key: Some(key.to_owned()), ..Reach::default() };
    for (n, key) in [(1, "ada@example.org"), (2, "Ada@example.org"), (3, "ada@example.org")] {
        open(&store, &Ticket { reach: reach(key), ..bare_ticket(n) }, n).await;
    }
    open(&store, &bare_ticket(4), 4).await;
    let filter = TicketFilter { email_key: Some("ada@example.org".into()), ..TicketFilter::default() };
    for key in [SortKey::Created, SortKey::Updated] {
        let query = TicketQuery { filter: filter.clone(), sort: Sort { key, ascending: true }, ..everything() };
        assert_eq!(ids(&store, &query).await, places(&[1, 3]));
        let scope = TicketScope::AnyOf(vec![ScopeTerm::Customer(id(3, 1))]);
        assert_eq!(ids(&store, &TicketQuery { scope, ..query.clone() }).await, places(&[1]));
        let page = store.tickets(&TicketQuery { limit: 1, ..query.clone() }).await.unwrap();
        let after = page.items.last().map(|row| row.cursor(key));
        assert_eq!(ids(&store, &TicketQuery { after, ..query }).await, places(&[3]));
    }
    store.commit(update(&Ticket { reach: Reach::default(), ..bare_ticket(1) }, 1)).await.unwrap();
    assert_eq!(ids(&store, &TicketQuery { filter, ..everything() }).await, places(&[3]));
}

/// At the moment itself too, by id where moments are equal, and no more than wanted.
pub async fn what_is_due_comes_first_things_first(store: impl Store) {
    let alarms: [(u32, Alarms); 5] = [
        (1, Alarms { sla: Some(at(30)), escalation: Some(at(10)), auto_close: None }),
        (2, Alarms { sla: Some(at(10)), escalation: None, auto_close: Some(at(10)) }),
        (3, Alarms { sla: Some(at(30)), escalation: None, auto_close: None }),
        (4, Alarms { sla: Some(at(20)), escalation: None, auto_close: None }),
        (5, Alarms::default()),
    ];
    for (n, alarms) in alarms.into_iter().rev() {
        open(&store, &Ticket { alarms, ..bare_ticket(n) }, n).await;
    }
    let cases: [(AlarmKind, i64, u32, &[u32]); 7] = [
        (AlarmKind::Sla, 9, 9, &[]),
        (AlarmKind::Sla, 10, 9, &[2]),
        (AlarmKind::Sla, 30, 9, &[2, 4, 1, 3]),
        (AlarmKind::Sla, 30, 3, &[2, 4, 1]),
        (AlarmKind::Sla, 30, 0, &[]),
        (AlarmKind::Escalation, 99, 9, &[1]),
        (AlarmKind::AutoClose, 99, 9, &[2]),
    ];
    for (kind, minute, limit, expected) in cases {
        let due = store.due_tickets(kind, at(minute), limit).await.unwrap();
        assert_eq!(due, places(expected), "{kind:?} {minute} {limit}");
    }
    let off = Ticket { alarms: Alarms { sla: Some(at(90)), ..Alarms::default() }, ..bare_ticket(2) };
    store.commit(writes([Write::UpdateTicket { ticket: Box::new(off), read: 1 }])).await.unwrap();
    assert_eq!(store.due_tickets(AlarmKind::Sla, at(30), 9).await.unwrap(), places(&[4, 1, 3]));
    assert_eq!(store.due_tickets(AlarmKind::AutoClose, at(99), 9).await.unwrap(), []);
}
