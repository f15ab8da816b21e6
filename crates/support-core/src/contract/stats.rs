use super::sample::{agent, at, bare_ticket, id, open, tally, update, writes};
use crate::{
    domain::{
        stats::{Cell, Holder, Range, Tally, TallyKind, TallyScope},
        ticket::Ticket,
    },
    ports::{Store, Write},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Minutes of a day.
const DAY: i64 = 1_440;

/// Ranges of every length: within a quarter, a day, weeks, over the turn of a day, without an end, empty and turned round.
pub(super) fn ranges() -> Vec<Range> {
    let range = |from: Option<i64>, to: Option<i64>| Range { from: from.map(at), to: to.map(at) };
    let almost = |at: DateTime<Utc>| at + TimeDelta::nanoseconds(1);
    vec![
        Range::ALWAYS,
        range(Some(0), None),
        range(None, Some(3)),
        range(Some(1), Some(4)),
        range(Some(-5 * DAY + 7), Some(DAY + 2)),
        range(Some(-3 * DAY), Some(70 * DAY)),
        range(Some(-50 * DAY + 3), Some(41 * DAY - 1)),
        range(Some(2), Some(2)),
        range(Some(5), Some(-5)),
        Range { from: Some(at(0) - TimeDelta::milliseconds(7)), to: Some(at(2 * DAY) - TimeDelta::milliseconds(7)) },
        Range { from: Some(almost(at(1))), to: Some(almost(at(3))) },
    ]
}

/// What [`StatsStore::cells`](crate::ports::stats::StatsStore::cells) is measured by: a count of the tickets themselves.
async fn recount(store: &impl Store, tickets: u32, holder: Holder, range: Range) -> Vec<(Cell, u64)> {
    let mut cells = BTreeMap::new();
    for n in 0..tickets {
        let Some(row) = store.ticket(id(1, n)).await.unwrap() else { continue };
        let held = match holder {
            Holder::Anybody => true,
            Holder::Agent(id) => row.assignee.as_ref().is_some_and(|agent| agent.id == id),
            Holder::Nobody => row.assignee.is_none(),
        };
        if held && range.holds(row.created_at) && row.deleted_at.is_none() {
            let cell = Cell { status: row.status, priority: row.priority, category: row.category };
            *cells.entry(cell).or_default() += 1;
        }
    }
    cells.into_iter().collect()
}

/// After any changes, for anybody's tickets, an agent's and nobody's, in any range.
pub async fn cells_are_what_a_recount_says(store: impl Store) {
    const TICKETS: u32 = 24;
    let mut draws = 0_u32;
    let mut draw = |of: u32| {
        draws = draws.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (draws >> 16) % of
    };
    let mut stand = |row: Ticket| Ticket {
        status: ["new", "open", "closed"][draw(3) as usize].into(),
        priority: ["low", "high"][draw(2) as usize].into(),
        category: [None, Some("billing".into()), Some("".into())][draw(3) as usize].clone(),
        assignee: [None, Some(agent(1)), Some(agent(2))][draw(3) as usize].clone(),
        deleted_at: (draw(5) == 0).then(|| at(1)),
        ..row
    };
    for n in 0..TICKETS {
        let day = [-40, -1, 0, 0, 1, 33, 64][n as usize % 7];
        let row = Ticket { created_at: at(day * DAY + i64::from(n % 5)), ..bare_ticket(n) };
        open(&store, &stand(row), n).await;
    }
    for round in 0..4 {
        for n in (0..TICKETS).filter(|n| (n + round) % 3 > 0) {
            let row = store.ticket(id(1, n)).await.unwrap().expect("a ticket");
            let read = row.version;
            store.commit(update(&stand(row), read)).await.unwrap();
        }
        for holder in [Holder::Anybody, Holder::Nobody, Holder::Agent(id(4, 1)), Holder::Agent(id(4, 9))] {
            for range in ranges() {
                let cells = store.cells(holder, range).await.unwrap();
                assert_eq!(cells, recount(&store, TICKETS, holder, range).await, "{holder:?} {range:?}");
            }
        }
    }
    assert!(!store.cells(Holder::Anybody, Range::ALWAYS).await.unwrap().is_empty());
}

/// A change set that is refused leaves them too.
pub async fn cells_count_what_was_committed_alone(store: impl Store) {
    open(&store, &bare_ticket(1), 1).await;
    let before = store.cells(Holder::Anybody, Range::ALWAYS).await.unwrap();
    let mut failing = update(&Ticket { status: "closed".into(), ..bare_ticket(1) }, 1);
    failing.writes.extend(update(&bare_ticket(1), 1).writes);
    assert!(store.commit(failing).await.is_err());
    assert_eq!(store.cells(Holder::Anybody, Range::ALWAYS).await.unwrap(), before);
}

fn answered(answered: i64, seconds: i64) -> Tally {
    Tally { answered, answer_seconds: seconds, ..Tally::default() }
}

/// In the order of time, each scope for itself.
pub async fn tallies_add_up(store: impl Store) {
    let agents = TallyScope::Agent(id(4, 1));
    let every = Tally::from_values((1..).take(Tally::NAMES.len()));
    let steps = [
        (TallyScope::Desk, 40, answered(1, 60)),
        (TallyScope::Desk, 2, answered(1, 5)),
        (TallyScope::Desk, 41, answered(2, 30)),
        (agents.clone(), 40, answered(1, 9)),
        (TallyScope::Desk, 90 * DAY, every),
        (TallyScope::Desk, 60, Tally::default()),
    ];
    for (scope, minute, by) in &steps {
        store.commit(writes([Write::Tally(vec![tally(scope.clone(), *minute, *by)])])).await.unwrap();
    }
    let start = |minute| tally(TallyScope::Desk, minute, every).quarter;
    let (first, second, last) = (start(2), start(40), start(90 * DAY));
    let series = async |scope: &TallyScope, edges: &[DateTime<Utc>]| store.tally_series(scope, edges).await.unwrap();
    let desk = async |edges: &[DateTime<Utc>]| series(&TallyScope::Desk, edges).await;
    let (none, later) = (Tally::default(), last + TimeDelta::minutes(15));
    assert_eq!(desk(&[first, second, last, later]).await, [answered(1, 5), answered(3, 90), every]);
    // A quarter is in the stretch in which it begins.
    let behind = TimeDelta::nanoseconds(1);
    assert_eq!(desk(&[first + behind, second, second + behind, last]).await, [none, answered(3, 90), none]);
    assert_eq!((desk(&[first]).await, desk(&[]).await), (Vec::new(), Vec::new()));
    let always = [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC];
    assert_eq!(desk(&always).await, [[answered(1, 5), answered(3, 90), every].into_iter().sum::<Tally>()]);
    assert_eq!(series(&agents, &always).await, [answered(1, 9)]);
    assert_eq!(series(&TallyScope::Agent(id(4, 9)), &always).await, [none]);
}

/// By scope, in the order of keys, over ranges of any length.
pub async fn tallies_are_summed_by_scope(store: impl Store) {
    let (one, two) = (TallyScope::Agent(id(4, 1)), TallyScope::Agent(id(4, 2)));
    let priority = |name: &str| TallyScope::Priority(name.into());
    let minutes = [-70 * DAY, -40 * DAY, -DAY, -1, 0, 14, 15, 16, DAY, 3 * DAY, 33 * DAY, 64 * DAY];
    let mut entries = Vec::new();
    for (n, minute) in (1..).zip(minutes) {
        entries.push(tally(one.clone(), minute, answered(1, n)));
        entries.push(tally(TallyScope::Desk, minute, answered(1, n)));
        if n % 2 == 0 {
            entries.push(tally(two.clone(), minute, answered(2, n)));
            entries.push(tally(priority("Urgent"), minute, answered(1, 1)));
            entries.push(tally(priority("high"), minute, answered(1, 1)));
        }
    }
    store.commit(writes([Write::Tally(entries)])).await.unwrap();
    let all = store.tally_sums(TallyKind::Priority, Range::ALWAYS).await.unwrap();
    assert_eq!(all.iter().map(|(scope, _)| scope.clone()).collect::<Vec<_>>(), [priority("Urgent"), priority("high")]);
    for range in ranges() {
        let mut expected = Vec::new();
        for scope in [&one, &two] {
            let edges = [range.from.unwrap_or(DateTime::<Utc>::MIN_UTC), range.to.unwrap_or(DateTime::<Utc>::MAX_UTC)];
            let sum: Tally = store.tally_series(scope, &edges).await.unwrap().into_iter().sum();
            expected.extend((!sum.is_empty()).then(|| (scope.clone(), sum)));
        }
        assert_eq!(store.tally_sums(TallyKind::Agent, range).await.unwrap(), expected, "{range:?}");
    }
    let desk = store.tally_sums(TallyKind::Desk, Range::ALWAYS).await.unwrap();
    assert_eq!(desk, [(TallyScope::Desk, answered(12, 78))]);
}
