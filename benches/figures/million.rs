//! A file with a million tickets of one year, filled once for all sections that read it.

use crate::{
    dice::Dice,
    report::{now, say, since},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{cell::OnceCell, collections::BTreeMap, path::Path, sync::Arc};
use support_desk::{
    Actor, Desk, Profile, SqliteStore,
    desk::tickets::NewTicket,
    domain::{
        actor::AgentRef,
        agent::{AgentEdit, Availability},
        id::AgentId,
        profile::Phase,
        stats::{Tally, TallyEntry, TallyScope, quarter},
        ticket::{Alarms, Pace, Ticket},
    },
    ports::{ChangeSet, Write, clock::FixedClock},
    sqlite::{commit_in, rusqlite::Connection},
};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const TICKETS: usize = 1_000_000;
/// Tickets of a transaction: each block writes nearly every page of the indexes that customers and agents scatter over.
const BLOCK: usize = 50_000;
const AGENTS: u128 = 50;
/// A year between one ticket and the millionth.
const STEP: TimeDelta = TimeDelta::milliseconds(31_536);

/// The desk, at the end of its year.
pub(crate) struct Million {
    pub(crate) desk: Desk,
    _folder: TempDir,
}

/// Is there once somebody asks for it.
#[derive(Default)]
pub(crate) struct Lazy(OnceCell<Million>);

impl Lazy {
    pub(crate) fn get(&self) -> &Million {
        self.0.get_or_init(|| {
            let runtime = tokio::runtime::Runtime::new().expect("threads");
            runtime.block_on(Million::fill())
        })
    }
}

/// The `n`-th agent.
pub(crate) fn agent(n: u128) -> Actor {
    Actor::agent(Uuid::from_u128(1_000_000 + n % AGENTS), format!("Agent {}", n % AGENTS))
}

pub(crate) fn admin() -> Actor {
    Actor::admin(Uuid::from_u128(9), "Admin")
}

impl Million {
    async fn fill() -> Self {
        let start = now();
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder is writable");
        let file = folder.path().join("million.db");
        let clock = Arc::new(FixedClock::at("2025-01-06T08:17:00Z".parse().expect("a moment")));
        let store = SqliteStore::open(&file).await.expect("a new file");
        let desk = Desk::builder(store).profile(Profile::bookings()).clock(clock.clone());
        let desk = desk.build().expect("a shipped profile");
        for n in 0..AGENTS {
            // Nobody takes tickets by themselves: who has which is decided below.
            let availability = Some(Availability::Busy);
            let edit = AgentEdit { name: Some(format!("Agent {n}")), availability, ..AgentEdit::default() };
            let id = agent(n).agent_id().expect("an agent");
            desk.agents().edit(&admin(), id, edit).await.expect("an agent");
        }
        let end = desk.now() + STEP * i32::try_from(TICKETS).expect("a million");
        fill(&desk, &clock, end, &file).await;
        say(&format!("{TICKETS} tickets of a year filled in within {:.0} s", since(start).as_secs_f64()));
        Self { desk, _folder: folder }
    }
}

/// Fills the file in large transactions of its own: the host's way in, and the fastest.
async fn fill(desk: &Desk, clock: &FixedClock, end: DateTime<Utc>, file: &Path) {
    let mut connection = Connection::open(file).expect("the desk's file");
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -1048576;").expect("pragmas");
    connection.set_prepared_statement_cache_capacity(64);
    let mut dice = Dice::new(1);
    for block in 0..TICKETS / BLOCK {
        // Planned before the transaction begins: a plan takes numbers from the store, which would wait for the host.
        let mut planned = Vec::with_capacity(BLOCK);
        let mut life = Life { dice: &mut dice, end, tallies: BTreeMap::new() };
        for n in 0..BLOCK {
            let (actor, ticket) = opening(life.dice, block * BLOCK + n);
            let plan = desk.tickets().plan_open(&actor, ticket).await;
            let mut changes = plan.expect("a ticket").changes;
            life.begin(&mut changes);
            planned.push(changes);
            clock.advance(STEP);
        }
        planned.push(life.counted());
        let transaction = connection.transaction().expect("a transaction");
        for changes in &planned {
            commit_in(&transaction, changes).expect("a ticket");
        }
        transaction.commit().expect("a commit");
    }
}

fn opening(dice: &mut Dice, n: usize) -> (Actor, NewTicket) {
    let categories = ["account", "booking", "payment", "technical", "billing", "complaint", "bug_report", "general"];
    let ticket = NewTicket::new("Parcel is late", "Where is it?").category(*dice.pick(&categories));
    let customer = Uuid::from_u128(n as u128 % 20_000);
    match dice.throw(16) {
        0 => (admin(), ticket.customer(customer.into()).priority("urgent")),
        1..4 => (Actor::customer(customer, "Customer"), ticket.priority("low")),
        4..6 => (Actor::customer(customer, "Customer"), ticket.priority("high")),
        _ => (Actor::customer(customer, "Customer"), ticket),
    }
}

/// Lets tickets begin in the middle of their lives, as if all the use cases in between had been done.
struct Life<'a> {
    dice: &'a mut Dice,
    end: DateTime<Utc>,
    /// Counters of a block, added up before they are written: many of them fall into the same quarter of an hour.
    tallies: BTreeMap<(TallyScope, DateTime<Utc>), Tally>,
}

impl Life<'_> {
    fn begin(&mut self, changes: &mut ChangeSet) {
        let mut occupied = None;
        for write in &mut changes.writes {
            match write {
                Write::OpenTicket { ticket, .. } => occupied = self.live(ticket),
                Write::Tally(entries) => {
                    for TallyEntry { scope, quarter, by } in entries.drain(..) {
                        *self.tallies.entry((scope, quarter)).or_default() += by;
                    }
                }
                _ => {}
            }
        }
        changes.writes.extend(occupied);
    }

    /// Of those that are older than a fortnight, nine of ten have ended; of the others, a half.
    fn live(&mut self, ticket: &mut Ticket) -> Option<Write> {
        // What the job walks is the index of this column, so it is as long as if all were open and nothing due.
        ticket.alarms = Alarms { sla: Some(ticket.created_at + TimeDelta::days(400)), ..Alarms::default() };
        let old = self.end - ticket.created_at > TimeDelta::days(14);
        let ended = self.dice.throw(20) < if old { 18 } else { 10 };
        if !ended && self.dice.throw(3) == 0 {
            return None;
        }
        let agent = agent(self.dice.throw(50) as u128);
        let agent = AgentRef { id: agent.agent_id().expect("an agent"), name: agent.signature().name };
        ticket.assignee = Some(agent.clone());
        self.count(ticket, agent.id, 5, Tally { assigned: 1, ..Tally::default() });
        let open = ["assigned", "in_progress", "waiting_customer", "escalated"];
        let status = if ended { *self.dice.pick(&["resolved", "closed"]) } else { *self.dice.pick(&open) };
        ticket.status = status.into();
        ticket.phase = match status {
            "resolved" => Phase::Resolved,
            "closed" => Phase::Closed,
            "waiting_customer" => Phase::WaitingOnCustomer,
            _ => Phase::Open,
        };
        if status != "assigned" {
            self.answer(ticket, agent.id);
        }
        if ended {
            self.end(ticket, agent.id);
            return None;
        }
        Some(Write::Occupy { agent, read: 1, most: None, at: ticket.created_at })
    }

    fn answer(&mut self, ticket: &mut Ticket, agent: AgentId) {
        let minutes = 5 + i64::try_from(self.dice.throw(120)).unwrap_or_default();
        let at = ticket.created_at + TimeDelta::minutes(minutes);
        let missed = i64::from(ticket.pace.due.is_some_and(|due| due < at));
        let by = Tally {
            answered: 1,
            answer_seconds: minutes * 60,
            first_kept: 1 - missed,
            first_missed: missed,
            ..Tally::default()
        };
        self.count(ticket, agent, minutes, by);
        (ticket.first_response_at, ticket.updated_at) = (Some(at), at);
    }

    fn end(&mut self, ticket: &mut Ticket, agent: AgentId) {
        let minutes = 150 + i64::try_from(self.dice.throw(600)).unwrap_or_default();
        let at = ticket.created_at + TimeDelta::minutes(minutes);
        let missed = i64::from(minutes > 480);
        let rated = i64::from(self.dice.throw(3) == 0);
        let by = Tally {
            resolved: 1,
            resolve_seconds: minutes * 60,
            closed: i64::from(ticket.phase == Phase::Closed),
            resolution_kept: 1 - missed,
            resolution_missed: missed,
            rated,
            stars: 4 * rated,
            ..Tally::default()
        };
        self.count(ticket, agent, minutes, by);
        (ticket.pace, ticket.resolved_at, ticket.updated_at) = (Pace::default(), Some(at), at);
        ticket.closed_at = (ticket.phase == Phase::Closed).then_some(at);
    }

    /// Counts what happened so many minutes after the opening.
    fn count(&mut self, ticket: &Ticket, agent: AgentId, minutes: i64, by: Tally) {
        let at = quarter(ticket.created_at + TimeDelta::minutes(minutes));
        for scope in [TallyScope::Desk, TallyScope::Priority(ticket.priority.clone()), TallyScope::Agent(agent)] {
            *self.tallies.entry((scope, at)).or_default() += by;
        }
    }

    fn counted(self) -> ChangeSet {
        let entry = |((scope, quarter), by)| TallyEntry { scope, quarter, by };
        let entries = self.tallies.into_iter().map(entry).collect();
        ChangeSet { writes: vec![Write::Tally(entries)], ..ChangeSet::default() }
    }
}
