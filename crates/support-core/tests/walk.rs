//! The arms of a list hold what the memory store lists, each ticket once.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::{option, prelude::*, sample::select};
use std::{collections::BTreeSet, sync::LazyLock};
use support_core::{
    contract::sample::{self, agent, bare_ticket, id},
    domain::{
        access::{ScopeTerm, TicketScope},
        id::TicketId,
        ticket::{
            AssigneeFilter, Cursor, Pace, Reach, Related, SlaFilter, Sort, SortKey, Ticket, TicketFilter, TicketQuery,
        },
    },
    memory::MemoryStore,
    ports::{
        tickets::TicketStore,
        walk::{Arm, Ask, MOST_ARMS, Walk, arms},
    },
};
use tokio::runtime::Runtime;

const WORDS: [&str; 3] = ["a", "b", "c"];
const MAIL: &str = "ada@example.org";
/// Made once, because it reads a whole profile.
static BARE: LazyLock<Ticket> = LazyLock::new(|| bare_ticket(0));

/// So few moments that tickets share them, some of them between two milliseconds.
fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (0..10_i64).prop_map(|n| sample::at(0) + TimeDelta::microseconds(500 * n))
}

fn millisecond() -> impl Strategy<Value = DateTime<Utc>> {
    (0..5_i64).prop_map(|n| sample::at(0) + TimeDelta::milliseconds(n))
}

fn thing(n: usize) -> Related {
    Related { kind: "order".into(), id: WORDS[n].into(), label: None }
}

/// The parts of a ticket that lists ask for.
fn ticket() -> impl Strategy<Value = Ticket> {
    let held = (0..3_u32, option::of(1..4_u32));
    let words = (select(&WORDS), select(&WORDS), option::of(select(&WORDS)), option::of(select(&WORDS)));
    let times = (millisecond(), millisecond(), option::of((option::of(millisecond()), millisecond())));
    let rest = (option::of(0..3_usize), any::<bool>(), prop::bool::weighted(0.2), any::<bool>());
    (held, words, times, rest).prop_map(|(held, words, times, (related, mail, deleted, card))| {
        let (status, priority, category, tag) = words;
        let (created_at, updated_at, pace) = times;
        Ticket {
            customer: id(3, held.0),
            assignee: held.1.map(agent),
            status: status.into(),
            priority: priority.into(),
            category: category.map(Into::into),
            tags: tag.into_iter().map(str::to_owned).collect(),
            related: related.map(thing).into_iter().collect(),
            reach: Reach { email_key: mail.then(|| MAIL.to_owned()), ..Reach::default() },
            pace: pace.map_or(Pace::default(), |(at_risk, due)| Pace { at_risk, due: Some(due) }),
            subject: if card { "Card refused".into() } else { "Parcel late".into() },
            deleted_at: deleted.then_some(updated_at),
            created_at,
            updated_at,
            ..BARE.clone()
        }
    })
}

fn tickets() -> impl Strategy<Value = Vec<Ticket>> {
    prop::collection::vec(ticket(), 0..24).prop_map(|tickets| {
        let named = |(n, ticket)| Ticket { id: id(1, n), number: format!("T-{n}"), ..ticket };
        (1..).zip(tickets).map(named).collect()
    })
}

fn term() -> impl Strategy<Value = ScopeTerm> {
    prop_oneof![
        (0..3_u32).prop_map(|n| ScopeTerm::Customer(id(3, n))),
        (1..4_u32).prop_map(|n| ScopeTerm::Assignee(id(4, n))),
        Just(ScopeTerm::Unassigned),
    ]
}

fn scope() -> impl Strategy<Value = TicketScope> {
    let many = [|n| ScopeTerm::Customer(id(3, n)), |n| ScopeTerm::Assignee(id(4, n))];
    let crowd = select(many.map(|term| (1..100).map(term).collect::<Vec<_>>()).to_vec());
    prop_oneof![
        3 => Just(TicketScope::All),
        6 => prop::collection::vec(term(), 0..5).prop_map(TicketScope::AnyOf),
        1 => (crowd, prop::collection::vec(term(), 0..3)).prop_map(|crowd| TicketScope::AnyOf([crowd.0, crowd.1].concat())),
    ]
}

/// Mostly none; some of them twice; at times more than there are arms.
fn words<T: From<&'static str> + Clone + std::fmt::Debug + 'static>() -> impl Strategy<Value = Vec<T>> {
    prop_oneof![
        6 => Just(Vec::new()),
        4 => prop::collection::vec(select(&WORDS), 1..5),
        1 => Just(["a", "b"].repeat(MOST_ARMS)),
    ]
    .prop_map(|words| words.into_iter().map(T::from).collect())
}

fn rarely<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    option::weighted(0.2, strategy)
}

fn filter() -> impl Strategy<Value = TicketFilter> {
    let assignee = prop_oneof![Just(AssigneeFilter::Nobody), (1..4_u32).prop_map(|n| AssigneeFilter::Is(id(4, n)))];
    let held = (rarely(assignee), rarely(0..3_u32));
    let about = (rarely(select(&WORDS)), rarely(0..3_usize), rarely(Just(MAIL)));
    let when = (rarely(moment()), rarely(moment()), rarely((select(&SlaFilter::ALL), millisecond())));
    let text = option::weighted(0.1, select(&["parcel", "card refused", "T lat", "…"]));
    (held, (words(), words(), words()), about, when, (prop::bool::weighted(0.1), text)).prop_map(
        |((assignee, customer), (statuses, priorities, categories), (tag, related, mail), when, (deleted, text))| {
            TicketFilter {
                statuses,
                priorities,
                categories,
                assignee,
                customer: customer.map(|n| id(3, n)),
                tag: tag.map(str::to_owned),
                related: related.map(thing),
                from: when.0,
                to: when.1,
                email_key: mail.map(str::to_owned),
                deleted,
                sla: when.2,
                text: text.map(str::to_owned),
            }
        },
    )
}

fn query() -> impl Strategy<Value = TicketQuery> {
    let sort = (select(&[SortKey::Created, SortKey::Updated]), any::<bool>());
    let after = option::of((moment(), 0..30_u32));
    (scope(), filter(), sort, after).prop_map(|(scope, filter, (key, ascending), after)| TicketQuery {
        reader: None,
        scope,
        filter,
        sort: Sort { key, ascending },
        after: after.map(|(at, n)| Cursor { at, id: id(1, n) }),
        skip: 0,
        limit: 100,
    })
}

fn asks(ask: &Ask<'_>, ticket: &Ticket) -> bool {
    match ask {
        Ask::Within(terms) => TicketScope::AnyOf(terms.to_vec()).admits(ticket.holding()),
        Ask::Customer(customer) => ticket.customer == *customer,
        Ask::NotCustomer(customer) => ticket.customer != *customer,
        Ask::Assignee(AssigneeFilter::Is(agent)) => ticket.assignee.as_ref().is_some_and(|is| is.id == *agent),
        Ask::Assignee(AssigneeFilter::Nobody) => ticket.assignee.is_none(),
        Ask::Deleted(deleted) => ticket.deleted_at.is_some() == *deleted,
        Ask::EmailKey(key) => ticket.reach.email_key.as_deref() == Some(key),
        Ask::Statuses(words) => words.contains(&ticket.status.as_str()),
        Ask::Priorities(words) => words.contains(&ticket.priority.as_str()),
        Ask::Categories(words) => ticket.category.as_ref().is_some_and(|is| words.contains(&is.as_str())),
        Ask::Tag(tag) => ticket.tags.contains(*tag),
        Ask::Related(thing) => ticket.related.contains(thing),
        Ask::Sla(state, now) => ticket.pace.at(*now) == Some(*state),
        Ask::OpenedFrom(from) => ticket.created_at >= *from,
        Ask::OpenedBefore(to) => ticket.created_at < *to,
    }
}

/// Whether the arm comes by the ticket. `found` are those that the text index has, behind the place.
fn comes_by(arm: &Arm<'_>, ticket: &Ticket, sort: Sort, found: &BTreeSet<TicketId>) -> bool {
    let key = match sort.key {
        SortKey::Created => ticket.created_at,
        SortKey::Updated => ticket.updated_at,
    };
    let behind = |cursor: Cursor| {
        let (place, row) = ((cursor.at, cursor.id), (key, ticket.id));
        if sort.ascending { row > place } else { row < place }
    };
    let on_the_way = match &arm.walk {
        Walk::Tag(tag) => asks(&Ask::Tag(tag), ticket),
        Walk::Related(thing) => asks(&Ask::Related(thing), ticket),
        Walk::Text { owners, .. } => {
            return found.contains(&ticket.id) && (owners.is_empty() || owners.contains(&ticket.customer));
        }
        // What is asked must imply that the index has the row.
        _ => true,
    };
    on_the_way
        && arm.from.is_none_or(|from| key >= from)
        && arm.to.is_none_or(|to| key < to)
        && arm.after.is_none_or(behind)
}

/// What an index begins with is asked as an equality, or as what its rows have in common.
fn is_led(arm: &Arm<'_>, key: SortKey) -> bool {
    let has = |leads: fn(&Ask<'_>) -> bool| arm.asks.iter().any(leads);
    let customer = has(|ask| matches!(ask, Ask::Customer(_)));
    let assignee = has(|ask| matches!(ask, Ask::Assignee(_)));
    let status = has(|ask| matches!(ask, Ask::Statuses(words) if words.len() == 1));
    let priority = has(|ask| matches!(ask, Ask::Priorities(words) if words.len() == 1));
    let category = has(|ask| matches!(ask, Ask::Categories(words) if words.len() == 1));
    let created = key == SortKey::Created;
    let deleted =
        matches!(arm.walk, Walk::Deleted | Walk::Text { .. }) || has(|ask| matches!(ask, Ask::Deleted(false)));
    deleted
        && match arm.walk {
            Walk::All => true,
            Walk::Customer => customer,
            Walk::Assignee => assignee,
            Walk::AssigneeStatus => created && assignee && status,
            Walk::Status => status,
            Walk::StatusPriority => created && status && priority,
            Walk::Priority => created && priority,
            Walk::Category => created && category,
            Walk::Clock => has(|ask| matches!(ask, Ask::Sla(..))),
            Walk::Email => has(|ask| matches!(ask, Ask::EmailKey(_))),
            Walk::Deleted => has(|ask| matches!(ask, Ask::Deleted(true))),
            Walk::Tag(_) => created && !has(|ask| matches!(ask, Ask::Tag(_))),
            Walk::Related(_) => created && !has(|ask| matches!(ask, Ask::Related(_))),
            Walk::Text { .. } => arm.from.or(arm.to).is_none(),
        }
}

/// An index takes one lower and one upper bound, each a whole millisecond.
fn is_bounded_once(arm: &Arm<'_>, ascending: bool) -> bool {
    let beside = if ascending { arm.from } else { arm.to };
    let opened = arm.asks.iter().filter_map(|ask| match ask {
        Ask::OpenedFrom(at) | Ask::OpenedBefore(at) => Some(*at),
        _ => None,
    });
    let whole = |at: DateTime<Utc>| at.timestamp_subsec_nanos().is_multiple_of(1_000_000);
    (arm.after.is_none() || beside.is_none()) && arm.from.into_iter().chain(arm.to).chain(opened).all(whole)
}

fn listed(runtime: &Runtime, store: &MemoryStore, query: &TicketQuery) -> Vec<TicketId> {
    runtime.block_on(store.tickets(query)).unwrap().items.iter().map(|row| row.id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn arms_hold_each_ticket_of_the_list_once(tickets in tickets(), query in query()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let store = MemoryStore::new();
        for (n, ticket) in (1..).zip(&tickets) {
            runtime.block_on(sample::open(&store, ticket, n));
        }
        let words = TicketFilter {
            text: query.filter.text.clone(),
            deleted: query.filter.deleted,
            ..TicketFilter::default()
        };
        let found = listed(&runtime, &store, &TicketQuery { filter: words, ..query.clone() }).into_iter().collect();

        let arms = arms(&query, query.after);
        let comes_by = |arm: &Arm<'_>, ticket: &Ticket| {
            arm.asks.iter().all(|ask| asks(ask, ticket)) && comes_by(arm, ticket, query.sort, &found)
        };
        let mut seen: Vec<TicketId> = arms
            .iter()
            .flat_map(|arm| tickets.iter().filter(|ticket| comes_by(arm, ticket)).map(|ticket| ticket.id))
            .collect();
        let mut listed = listed(&runtime, &store, &query);
        seen.sort_unstable();
        listed.sort_unstable();
        prop_assert_eq!(seen, listed, "{:#?}", arms);
    }

    #[test]
    fn an_arm_is_one_stretch_of_an_index(query in query()) {
        let arms = arms(&query, query.after);
        prop_assert!(arms.len() <= MOST_ARMS);
        for arm in &arms {
            prop_assert!(is_led(arm, query.sort.key), "{arm:#?}");
            prop_assert!(is_bounded_once(arm, query.sort.ascending), "{arm:#?}");
        }
    }
}
