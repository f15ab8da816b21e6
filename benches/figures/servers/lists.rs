//! Lists of a million tickets.

use super::million::END;
use crate::{
    million::agent,
    report::{by_turns, now, p50, say, since},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{hint::black_box, time::Duration};
use support_desk::{
    SqlxStore,
    domain::{
        access::{ScopeTerm, TicketScope},
        id::{AgentId, CustomerId},
        stats::{Holder, Range},
        ticket::{AssigneeFilter, Cursor, Related, SlaFilter, Sort, SortKey, TicketFilter, TicketQuery},
    },
    ports::{stats::StatsStore as _, tickets::TicketStore as _},
};
use tokio::runtime::Runtime;
use uuid::Uuid;

const ROWS: u32 = 20;
/// How often each is read, and of those that take long as often as fits into this.
const ROUNDS: usize = 50;
const PATIENCE: Duration = Duration::from_secs(5);

fn some_agent() -> AgentId {
    agent(7).agent_id().expect("an agent")
}

fn some_customer() -> CustomerId {
    Uuid::from_u128(77).into()
}

fn end() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(END).expect("a moment")
}

fn statuses(filter: TicketFilter, words: &[&str]) -> TicketFilter {
    TicketFilter { statuses: words.iter().map(|word| (*word).into()).collect(), ..filter }
}

/// What is asked for, by name.
fn filters() -> Vec<(&'static str, TicketFilter)> {
    let none = TicketFilter::default;
    let open = ["assigned", "in_progress", "waiting_customer", "escalated"];
    let mine = TicketFilter { assignee: Some(AssigneeFilter::Is(some_agent())), ..none() };
    let order = Related { kind: "order".into(), id: "770".into(), label: None };
    let text = |words: &str| TicketFilter { text: Some(words.into()), ..none() };
    let since = |days| Some(end() - TimeDelta::days(days));
    vec![
        ("all", none()),
        ("one status", statuses(none(), &["open"])),
        ("two statuses", statuses(none(), &["assigned", "in_progress"])),
        ("an agent's", mine.clone()),
        ("an agent's open ones", statuses(mine.clone(), &open)),
        ("unassigned", TicketFilter { assignee: Some(AssigneeFilter::Nobody), ..none() }),
        ("of a customer", TicketFilter { customer: Some(some_customer()), ..none() }),
        ("of a category", TicketFilter { categories: vec!["billing".into()], ..none() }),
        ("of a priority", TicketFilter { priorities: vec!["urgent".into()], ..none() }),
        ("status and priority", statuses(TicketFilter { priorities: vec!["urgent".into()], ..none() }, &["open"])),
        ("status and category", statuses(TicketFilter { categories: vec!["billing".into()], ..none() }, &["open"])),
        ("tag", TicketFilter { tag: Some("late".into()), ..none() }),
        ("rare tag", TicketFilter { tag: Some("rare".into()), ..none() }),
        ("tag and status", statuses(TicketFilter { tag: Some("late".into()), ..none() }, &["open"])),
        ("an agent's with a rare tag", TicketFilter { tag: Some("rare".into()), ..mine.clone() }),
        ("link", TicketFilter { related: Some(order), ..none() }),
        ("mail address", TicketFilter { email_key: Some("guest700@example.org".into()), ..none() }),
        ("breached", TicketFilter { sla: Some((SlaFilter::Breached, end())), ..none() }),
        ("at risk", TicketFilter { sla: Some((SlaFilter::AtRisk, end())), ..none() }),
        ("on track", TicketFilter { sla: Some((SlaFilter::OnTrack, end())), ..none() }),
        ("an agent's at risk", TicketFilter { sla: Some((SlaFilter::AtRisk, end())), ..mine }),
        ("deleted", TicketFilter { deleted: true, ..none() }),
        ("30 days, a quarter ago", TicketFilter { from: since(120), to: since(90), ..none() }),
        ("text, in all", text("parcel")),
        ("text, in many", text("word12")),
        ("text, in few", text("word4711")),
        ("text, in one", text("654321")),
        ("text, two words", text("word12 word4711")),
        ("text, a beginning", text("word47")),
        ("text, in none", text("nowhere")),
    ]
}

fn query(scope: &TicketScope, filter: &TicketFilter, key: SortKey) -> TicketQuery {
    let sort = Sort { key, ..Sort::default() };
    TicketQuery { scope: scope.clone(), filter: filter.clone(), sort, after: None, skip: 0, limit: ROWS, reader: None }
}

pub(super) fn run(runtime: &Runtime, store: &SqlxStore) {
    let own = vec![ScopeTerm::Assignee(some_agent()), ScopeTerm::Unassigned];
    let scopes = [
        ("admin", TicketScope::All),
        ("agent", TicketScope::AnyOf(own)),
        ("customer", TicketScope::AnyOf(vec![ScopeTerm::Customer(some_customer())])),
    ];
    say(
        "pages of 20, at the median in microseconds: the first, the thousandth (or the last) by cursor; the count up to 1,000",
    );
    for (who, scope) in &scopes {
        for (what, filter) in filters() {
            for (order, key) in [("created", SortKey::Created), ("updated", SortKey::Updated)] {
                // Words are listed in the order of commits, whatever is asked for.
                if filter.text.is_none() || key == SortKey::Created {
                    list(runtime, store, &format!("{who}, {what}, by {order}"), &query(scope, &filter, key));
                }
            }
        }
    }
    figures(runtime, store);
}

fn list(runtime: &Runtime, store: &SqlxStore, what: &str, query: &TicketQuery) {
    let page = |after: Option<Cursor>| {
        let query = TicketQuery { after, ..query.clone() };
        runtime.block_on(store.tickets(&query)).expect("a list")
    };
    let (mut last, mut pages, start) = (None, 1, now());
    while pages < 1_000 && since(start) < PATIENCE {
        let found = page(last);
        let Some(row) = found.items.last().filter(|_| found.more) else { break };
        let at = if query.sort.key == SortKey::Created { row.created_at } else { row.updated_at };
        last = Some(Cursor { at, id: row.id });
        pages += 1;
    }
    let rounds = rounds(pages, since(start));
    let (first, later) = by_turns(rounds, |_| drop(black_box(page(None))), |_| drop(black_box(page(last))));
    let count = || runtime.block_on(store.ticket_count(query, 1_001)).expect("a count");
    let counted = p50(rounds, || {
        black_box(count());
    });
    let found = count();
    say(&format!("{what:<48} {first:>8.0}  page {pages:>5} {later:>8.0}  count {found:>5} {counted:>8.0}"));
}

/// How often something is read of which so many took so long.
fn rounds(read: usize, took: Duration) -> usize {
    let each = took / u32::try_from(read).unwrap_or(u32::MAX);
    let fit = PATIENCE.as_micros() / each.as_micros().max(1);
    usize::try_from(fit).unwrap_or(ROUNDS).clamp(3, ROUNDS)
}

/// How tickets stand, as dashboards show it.
fn figures(runtime: &Runtime, store: &SqlxStore) {
    let month = Range { from: Some(end() - TimeDelta::days(30)), to: Some(end()) };
    for (whose, holder) in
        [("anybody", Holder::Anybody), ("nobody", Holder::Nobody), ("an agent", Holder::Agent(some_agent()))]
    {
        for (when, range) in [("always", Range::ALWAYS), ("30 days", month)] {
            let read = || drop(black_box(runtime.block_on(store.cells(holder, range)).expect("figures")));
            say(&format!("cells of {whose}, {when}: {:.0} µs", p50(ROUNDS, read)));
        }
    }
}
