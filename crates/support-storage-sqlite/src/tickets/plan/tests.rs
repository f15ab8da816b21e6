//! Every list is served by an index, in order: asked of `SQLite` itself, for every shape a list can have.

use super::*;
use crate::{events, messages, tickets};
use rusqlite::{Connection, params_from_iter};
use support_core::domain::{
    id::AgentId,
    ticket::{Related, SlaFilter, Sort},
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

/// The equalities that lead to the rows of the usual lists.
#[test]
fn the_usual_lists_begin_where_their_rows_are() {
    let conn = tables();
    let led_by = |scope: TicketScope, filter: TicketFilter| -> Vec<String> {
        let query = TicketQuery { scope, filter, sort: Sort::default(), after: None, skip: 0, limit: 20 };
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
        ["SEARCH t USING COVERING INDEX support_tickets_assignee_status (assignee_id=? AND status=?)"; 2]
    );
    assert_eq!(
        led_by(TicketScope::All, open()),
        ["SEARCH t USING COVERING INDEX support_tickets_status_created (status=?)"]
    );
    assert_eq!(led_by(TicketScope::All, tagged), ["SEARCH g USING PRIMARY KEY (tag=?)"]);
}

#[test]
fn rows_are_found_by_their_keys() {
    let conn = tables();
    let fixed = [
        tickets::BY_ID,
        tickets::BY_NUMBER,
        tickets::list::SUMMARY,
        messages::THREAD,
        messages::PUBLIC_THREAD,
        messages::PLACE,
        events::TRAIL,
        events::PLACE,
        tickets::write::FIRST_BODY,
    ];
    let forget = tickets::write::DERIVED.iter().map(|derived| derived.forget);
    for sql in fixed.into_iter().chain(forget) {
        check(sql, &explain(&conn, sql, &[]));
    }
}
