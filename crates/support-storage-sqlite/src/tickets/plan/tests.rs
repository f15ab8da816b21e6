//! Every list is served by an index, in order: asked of `SQLite` itself, for every shape a list can have.

use super::*;
use crate::{
    agents, catalogue, documents, events, messages, numbers, operations, outbox, requests, search,
    stats::{cells, tallies},
    tickets, time_entries,
};
use chrono::DateTime;
use rusqlite::{Connection, params_from_iter};
use support_core::{
    domain::{
        access::{ScopeTerm, TicketScope},
        id::{AgentId, CustomerId},
        ticket::{AlarmKind, AssigneeFilter, Related, SlaFilter, Sort, TicketFilter},
    },
    ports::walk::MOST_ARMS,
};
use uuid::Uuid;

fn tables() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    crate::migrate(&mut conn).unwrap();
    conn
}

/// What `SQLite` would do, a line for each step.
fn explain(conn: &Connection, sql: &str, values: &[Value]) -> Vec<String> {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    // What is not given is a limit or an offset.
    let values = values.iter().chain(std::iter::repeat(&Value::Integer(20)));
    let values = params_from_iter(values.take(statement.parameter_count()));
    let lines = statement.query_map(values, |row| row.get("detail"));
    lines.unwrap().map(Result::unwrap).collect()
}

fn check(sql: &str, lines: &[String]) {
    for line in lines {
        let sorts = line.contains("TEMP B-TREE");
        // The rows of a subquery are those that its own lines find.
        let harmless = ["INDEX", "json_each", "(subquery"].iter().any(|word| line.contains(word));
        let walks = line.starts_with("SCAN") && !harmless;
        assert!(!sorts && !walks, "{line}\nin {sql}\n{lines:#?}");
    }
}

fn customer(n: u128) -> CustomerId {
    Uuid::from_u128(n).into()
}

fn agent(n: u128) -> AgentId {
    Uuid::from_u128(1_000 + n).into()
}

fn scopes() -> Vec<TicketScope> {
    use ScopeTerm::{Assignee, Customer, Unassigned};
    let of = |terms: Vec<ScopeTerm>| TicketScope::AnyOf(terms);
    vec![
        TicketScope::All,
        TicketScope::nothing(),
        of(vec![Customer(customer(1))]),
        of((0..3).map(|n| Customer(customer(n))).collect()),
        of((0..100).map(|n| Customer(customer(n))).collect()),
        of(vec![Assignee(agent(1))]),
        of(vec![Assignee(agent(1)), Unassigned]),
        of(vec![Assignee(agent(1)), Unassigned, Customer(customer(1))]),
        of((0..100).map(|n| Assignee(agent(n))).chain([Unassigned]).collect()),
    ]
}

type Part = Box<dyn Fn(&mut TicketFilter)>;

/// Nothing, each thing alone, and each two together.
fn filters() -> Vec<TicketFilter> {
    let now = DateTime::from_timestamp(1_000_000, 1_500_000).unwrap();
    let parts: Vec<Part> = vec![
        Box::new(|filter| filter.statuses = vec!["open".into()]),
        Box::new(|filter| filter.statuses = vec!["open".into(), "new".into(), "open".into()]),
        Box::new(|filter| filter.statuses = (0..100).map(|n| format!("s{n}").into()).collect()),
        Box::new(|filter| filter.priorities = vec!["high".into(), "urgent".into()]),
        Box::new(|filter| filter.categories = vec!["billing".into(), "booking".into()]),
        Box::new(|filter| filter.assignee = Some(AssigneeFilter::Is(agent(1)))),
        Box::new(|filter| filter.assignee = Some(AssigneeFilter::Nobody)),
        Box::new(|filter| filter.customer = Some(customer(1))),
        Box::new(|filter| filter.tag = Some("late".into())),
        Box::new(|filter| {
            filter.related = Some(Related { kind: "order".into(), id: "1".into(), label: None });
        }),
        Box::new(move |filter| filter.from = Some(now)),
        Box::new(move |filter| filter.to = Some(now)),
        Box::new(move |filter| filter.sla = Some((SlaFilter::Breached, now))),
        Box::new(move |filter| filter.sla = Some((SlaFilter::AtRisk, now))),
        Box::new(move |filter| filter.sla = Some((SlaFilter::OnTrack, now))),
        Box::new(|filter| filter.text = Some("late parcel".into())),
        Box::new(|filter| filter.email_key = Some("ada@example.org".into())),
        Box::new(|filter| filter.deleted = true),
    ];
    let mut filters = vec![TicketFilter::default()];
    for (index, first) in parts.iter().enumerate() {
        for second in &parts[index..] {
            let mut filter = TicketFilter::default();
            first(&mut filter);
            second(&mut filter);
            filters.push(filter);
        }
    }
    filters
}

fn queries() -> Vec<TicketQuery> {
    let cursor = Cursor { at: DateTime::UNIX_EPOCH, id: Uuid::nil().into() };
    let sorts = [SortKey::Created, SortKey::Updated].map(|key| [true, false].map(|ascending| Sort { key, ascending }));
    let mut queries = Vec::new();
    for scope in scopes() {
        for filter in filters() {
            for sort in sorts.concat() {
                for after in [None, Some(cursor)] {
                    queries.push(TicketQuery {
                        reader: None,
                        scope: scope.clone(),
                        filter: filter.clone(),
                        sort,
                        after,
                        skip: 0,
                        limit: 20,
                    });
                }
            }
        }
    }
    queries
}

#[test]
fn no_list_scans_a_table_or_sorts_it() {
    let conn = tables();
    for query in queries() {
        for arm in arms(&query, query.after) {
            let sql = arm.rows(query.sort.ascending);
            let lines = explain(&conn, &sql, arm.values());
            check(&sql, &lines);
            // The place is where the walk begins, not something that each row before it is asked.
            if sql.contains(") < (?, ?)") || sql.contains(") > (?, ?)") {
                assert!(lines[0].contains("(?,?)"), "{sql}\n{lines:#?}");
            }
        }
        for arm in arms(&query, None) {
            check(&arm.count(), &explain(&conn, &arm.count(), arm.values()));
        }
    }
}

#[test]
fn a_list_is_a_bounded_number_of_walks() {
    for query in queries() {
        assert!(arms(&query, query.after).len() <= MOST_ARMS, "{query:?}");
    }
}

/// Rows that are passed over cost an entry of an index each, not a row of the table.
#[test]
fn what_is_passed_over_is_not_read() {
    let conn = tables();
    let root: i64 = conn
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'support_tickets'", [], |row| row.get(0))
        .unwrap();
    let reads_rows = |arm: &Arm| {
        let mut statement = conn.prepare(&format!("EXPLAIN {}", arm.rows(false))).unwrap();
        let values = arm.values().iter().chain(std::iter::repeat(&Value::Integer(20)));
        let values = params_from_iter(values.take(statement.parameter_count()));
        let step = |row: &rusqlite::Row<'_>| Ok((row.get("opcode")?, row.get("p1")?, row.get("p2")?));
        let program: Vec<(String, i64, i64)> = statement.query_map(values, step).unwrap().map(Result::unwrap).collect();
        let table = program.iter().find(|(name, _, page)| name == "OpenRead" && *page == root);
        // A deferred seek is none until a column is asked for.
        let reading = ["Column", "FinishSeek", "SeekRowid", "NotExists"];
        table.is_some_and(|(_, table, _)| {
            program.iter().any(|(name, cursor, _)| cursor == table && reading.contains(&name.as_str()))
        })
    };
    let none = TicketFilter::default;
    let filters = [
        none(),
        TicketFilter { statuses: vec!["open".into(), "new".into()], ..none() },
        TicketFilter { from: Some(DateTime::UNIX_EPOCH), to: Some(DateTime::UNIX_EPOCH), ..none() },
        TicketFilter { email_key: Some("ada@example.org".into()), ..none() },
        TicketFilter { sla: Some((SlaFilter::AtRisk, DateTime::UNIX_EPOCH)), ..none() },
        TicketFilter { deleted: true, ..none() },
    ];
    let agents = TicketScope::AnyOf(vec![ScopeTerm::Assignee(agent(1)), ScopeTerm::Unassigned]);
    let customers = TicketScope::AnyOf(vec![ScopeTerm::Customer(customer(1))]);
    for filter in &filters {
        let query = |scope: &TicketScope| TicketQuery {
            reader: None,
            scope: scope.clone(),
            filter: filter.clone(),
            sort: Sort::default(),
            after: None,
            skip: 1_000,
            limit: 20,
        };
        for arm in arms(&query(&TicketScope::All), None) {
            assert!(!reads_rows(&arm), "{}", arm.rows(false));
        }
    }
    for scope in [agents, customers] {
        let query = TicketQuery {
            reader: None,
            scope,
            filter: none(),
            sort: Sort::default(),
            after: None,
            skip: 1_000,
            limit: 20,
        };
        for arm in arms(&query, None) {
            assert!(!reads_rows(&arm), "{}", arm.rows(false));
        }
    }
}

/// The equalities that lead to the rows of the usual lists.
#[test]
fn the_usual_lists_begin_where_their_rows_are() {
    let conn = tables();
    let led_by = |scope: TicketScope, filter: TicketFilter| -> Vec<String> {
        let query = TicketQuery { reader: None, scope, filter, sort: Sort::default(), after: None, skip: 0, limit: 20 };
        let lines = |arm: &Arm| explain(&conn, &arm.rows(false), arm.values()).swap_remove(0);
        arms(&query, None).iter().map(lines).collect()
    };
    let open = || TicketFilter { statuses: vec!["open".into()], ..TicketFilter::default() };
    let agents = TicketScope::AnyOf(vec![ScopeTerm::Assignee(agent(1)), ScopeTerm::Unassigned]);
    let customers = TicketScope::AnyOf(vec![ScopeTerm::Customer(customer(1))]);
    let tagged = TicketFilter { tag: Some("late".into()), ..TicketFilter::default() };
    assert_eq!(led_by(customers, open()), ["SEARCH t USING INDEX support_tickets_customer_created (customer_id=?)"]);
    assert_eq!(
        led_by(agents, open()),
        ["SEARCH t USING INDEX support_tickets_assignee_status (assignee_id=? AND status=?)"; 2]
    );
    assert_eq!(led_by(TicketScope::All, open()), ["SEARCH t USING INDEX support_tickets_status_created (status=?)"]);
    assert_eq!(led_by(TicketScope::All, tagged), ["SEARCH g USING PRIMARY KEY (tag=?)"]);
}

#[test]
fn rows_are_found_by_their_keys() {
    let conn = tables();
    let fixed = [
        tickets::BY_ID,
        tickets::BY_NUMBER,
        tickets::OF_CUSTOMER,
        tickets::list::SUMMARY,
        tickets::words::WORDS,
        messages::THREAD,
        messages::PUBLIC_THREAD,
        messages::WHOLE_THREAD,
        messages::PLACE,
        messages::BY_ID,
        messages::UNREAD,
        messages::MARK_READ,
        messages::MARK_ONE_READ,
        messages::FIRST,
        events::TRAIL,
        events::WHOLE_TRAIL,
        events::PLACE,
        agents::BY_ID,
        agents::PAGE,
        catalogue::LIST,
        catalogue::BY_ID,
        operations::BY_ID,
        operations::OF_TICKET,
        operations::OF_OTHER,
        time_entries::BY_ID,
        time_entries::LATEST,
        requests::BY_KEY,
        requests::FORGET,
        cells::KEPT,
        cells::FRINGE,
        cells::FRINGE_OF_AGENT,
        cells::FRINGE_OF_NOBODY,
        cells::LEAVE,
        cells::LEAVE_LAST,
        &tallies::SERIES,
        tallies::FIRST_KEY,
        tallies::NEXT_KEY,
        tickets::BEHIND,
        messages::BEHIND,
        events::BEHIND,
        outbox::BEGINS,
        outbox::PLACE,
        outbox::LAST,
        operations::BEHIND,
        time_entries::BEHIND,
        catalogue::BEHIND,
        search::find::MATCHES,
        search::find::FACTS,
        search::find::TEXTS,
        search::write::PLACE,
        search::write::DELETE,
        search::write::WORDS,
        search::write::DELETE_WORDS,
        documents::BY_ID,
        documents::BY_KEY,
        documents::RISING,
        documents::FALLING,
        documents::OF_OWNER,
        documents::BEHIND,
        documents::write::UPDATE,
        documents::write::DELETE,
        documents::write::DELETE_KEY,
        documents::write::DELETE_LISTED,
        documents::counts::FROM,
        documents::counts::ON,
        documents::counts::LEAVE,
        documents::counts::LEAVE_LAST,
        requests::FIRST,
        requests::BEHIND,
        numbers::BEHIND,
        &tallies::BEHIND,
    ];
    let forget = tickets::write::DERIVED.iter().map(|derived| derived.forget);
    let due = AlarmKind::ALL.iter().map(|alarm| tickets::due(*alarm));
    for sql in fixed.into_iter().chain(forget).chain(due) {
        check(sql, &explain(&conn, sql, &[]));
    }
}

/// What is due stands at the beginning of an index of its own.
#[test]
fn jobs_find_what_is_due_without_passing_over_the_rest() {
    let conn = tables();
    let led_by = AlarmKind::ALL.iter().map(|alarm| explain(&conn, tickets::due(*alarm), &[]).join("; "));
    let search =
        |index: &str, column: &str| format!("SEARCH support_tickets USING COVERING INDEX {index} ({column}<?)");
    assert_eq!(
        led_by.collect::<Vec<_>>(),
        [
            search("support_tickets_sla", "sla_at"),
            search("support_tickets_escalation", "escalation_at"),
            search("support_tickets_auto_close", "auto_close_at"),
        ]
    );
}
