//! What must hold when many do the same thing at once, counted, and how fast it is.

use crate::{
    dice::Dice,
    flaky::{Commits, Flaky},
    million::Lazy,
    report::{Promise, Report, now, per_second, say},
    reports,
};
use chrono::TimeDelta;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use support_desk::{
    Actor, Desk, Error, MemoryStore, Profile, SqliteStore,
    desk::{
        Once,
        messages::{NewMessage, Posted},
        tickets::{NewTicket, Page},
        workers::{Job, Workers},
    },
    domain::{
        agent::Availability,
        assignment::{Assignment, OnOffline},
        fault::Refusal,
        id::{AgentId, TicketId},
        ticket::{Closing, Sort, TicketFilter},
    },
    ports::{
        StoreError,
        agents::{AgentQuery, AgentStore as _},
        clock::FixedClock,
    },
    sqlite::rusqlite::Connection,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

pub(crate) fn run(report: &mut Report, million: &Lazy) {
    let runtime = Runtime::new().expect("threads");
    runtime.block_on(async {
        claims(report).await;
        capacity(report).await;
        retries(report).await;
        workers(report).await;
    });
    reports::run(report, &runtime, million.get());
}

fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder is writable")
}

fn ada() -> Actor {
    Actor::customer(Uuid::from_u128(0xada), "Ada")
}

fn admin() -> Actor {
    Actor::admin(Uuid::from_u128(0xad), "Joan")
}

fn agent(n: usize) -> Actor {
    Actor::agent(Uuid::from_u128(0xa000 + n as u128), format!("Agent {n}"))
}

fn parcel(n: usize) -> NewTicket {
    NewTicket::new(format!("Parcel {n} is late"), "Where is it?")
}

/// Bookings with other rules of assignment.
fn profile(assignment: Assignment) -> Profile {
    Profile::bookings().to_builder().assignment(assignment).build().expect("a lawful profile")
}

fn figure(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A count that must be this and no other.
fn exactly(report: &mut Report, what: &str, count: usize, wanted: usize) {
    report.check(what, figure(count), "", &Promise::Exactly(figure(wanted)));
}

async fn claims(report: &mut Report) {
    const AGENTS: usize = 64;
    const TICKETS: usize = 1_000;
    let folder = folder();
    let store = SqliteStore::open(folder.path().join("claims.db")).await.expect("a new file");
    let desk = Desk::builder(store).profile(profile(Assignment::default())).build().expect("a lawful profile");
    let (mut single, mut told, mut other) = (0, 0, 0);
    let start = now();
    for n in 0..TICKETS {
        let ticket = desk.tickets().open(&ada(), parcel(n)).await.expect("a ticket").ticket.id;
        let claim = |n| {
            let desk = desk.clone();
            tokio::spawn(async move { desk.tickets().claim(&agent(n), ticket).await })
        };
        let mut won = 0;
        for claim in (0..AGENTS).map(claim).collect::<Vec<_>>() {
            match claim.await.expect("nobody panics") {
                Ok(_) => won += 1,
                Err(Error::Refused(Refusal::State(_)) | Error::Conflict) => told += 1,
                Err(_) => other += 1,
            }
        }
        single += usize::from(won == 1);
    }
    say(&format!("claims: {:.0} a second", per_second(AGENTS * TICKETS, start)));
    exactly(report, "64 claim each of 1,000 tickets: those with one winner", single, TICKETS);
    exactly(report, "64 claim each of 1,000 tickets: losers who were told", told, (AGENTS - 1) * TICKETS);
    exactly(report, "64 claim each of 1,000 tickets: anything else", other, 0);
}

/// What a task of [`capacity`] has seen.
#[derive(Default)]
struct Seen {
    claimed: usize,
    won: usize,
    looks: usize,
    above: usize,
    unexpected: usize,
}

async fn capacity(report: &mut Report) {
    const TASKS: usize = 8;
    const STEPS: usize = 100_000;
    const MOST: u32 = 4;
    let (agents, pool) = (32, 256);
    let store = MemoryStore::new();
    let assignment =
        Assignment { automatic: true, capacity: Some(MOST), on_offline: OnOffline::Release, ..Assignment::default() };
    let desk = Desk::builder(store.clone()).profile(profile(assignment)).build().expect("a lawful profile");
    let mut tickets = Vec::new();
    for n in 0..pool {
        tickets.push(desk.tickets().open(&ada(), parcel(n)).await.expect("a ticket").ticket.id);
    }
    let tickets = Arc::new(tickets);
    let start = now();
    let task = |task: usize| {
        let (desk, store, tickets) = (desk.clone(), store.clone(), tickets.clone());
        tokio::spawn(async move {
            let (mut dice, mut seen) = (Dice::new(task as u64), Seen::default());
            for step in 0..STEPS / TASKS {
                let (who, ticket) = (agent(dice.throw(agents)), *dice.pick(&tickets));
                random_step(&desk, &mut dice, &mut seen, &who, ticket).await;
                if step % 10 == 0 {
                    let rows = store.agents(&AgentQuery { limit: 1_000, ..AgentQuery::default() }).await;
                    let rows = rows.expect("agents").items;
                    seen.looks += 1;
                    seen.above += rows.iter().filter(|row| row.open_tickets > MOST).count();
                }
            }
            seen
        })
    };
    let mut all = Seen::default();
    for running in (0..TASKS).map(task).collect::<Vec<_>>() {
        let seen = running.await.expect("nobody panics");
        all.claimed += seen.claimed;
        all.won += seen.won;
        all.looks += seen.looks;
        all.above += seen.above;
        all.unexpected += seen.unexpected;
    }
    say(&format!(
        "capacity: {:.0} steps a second, {:.0} of them claims ({} of {} won), {} looks",
        per_second(STEPS, start),
        per_second(all.claimed, start),
        all.won,
        all.claimed,
        all.looks
    ));
    exactly(report, "100,000 steps by 8 tasks: agents seen above their capacity", all.above, 0);
    exactly(report, "100,000 steps by 8 tasks: unexpected answers", all.unexpected, 0);
    let (above, miscounted) = recount(&desk, &store, MOST).await;
    exactly(report, "recounted in the end: agents above their capacity", above, 0);
    exactly(report, "recounted in the end: agents with another count", miscounted, 0);
}

/// Claims, closes, reopens, or comes and goes.
async fn random_step(desk: &Desk, dice: &mut Dice, seen: &mut Seen, who: &Actor, ticket: TicketId) {
    let done = match dice.throw(10) {
        0..5 => {
            let claimed = desk.tickets().claim(who, ticket).await.map(drop);
            seen.claimed += 1;
            seen.won += usize::from(claimed.is_ok());
            claimed
        }
        5..7 => desk.tickets().close(&admin(), ticket, Closing::default()).await.map(drop),
        7..9 => desk.tickets().reopen(&ada(), ticket, None).await.map(drop),
        _ => desk.agents().set_availability(who, *dice.pick(Availability::ALL)).await.map(drop),
    };
    // Most of what chance asks for cannot be done; that is not what is looked at here.
    seen.unexpected += usize::from(!matches!(done, Ok(()) | Err(Error::Refused(_) | Error::Conflict)));
}

/// Agents with more open tickets than they can take, and agents whose row counts others than they have.
async fn recount(desk: &Desk, store: &MemoryStore, most: u32) -> (usize, usize) {
    let mut held: BTreeMap<AgentId, u32> = BTreeMap::new();
    let mut page = Page::first(100);
    loop {
        let list = desk.tickets().list(&admin(), TicketFilter::default(), Sort::default(), page).await.expect("a list");
        for row in list.tickets.iter().filter(|row| !row.phase.is_done()) {
            if let Some(agent) = &row.assignee {
                *held.entry(agent.id).or_default() += 1;
            }
        }
        let Some(next) = list.next else { break };
        page.after = Some(next);
    }
    let rows = store.agents(&AgentQuery { limit: 1_000, ..AgentQuery::default() }).await.expect("agents").items;
    let miscounted = rows.iter().filter(|row| held.get(&row.id).copied().unwrap_or_default() != row.open_tickets);
    (held.values().filter(|held| **held > most).count(), miscounted.count())
}

async fn retries(report: &mut Report) {
    const REQUESTS: usize = 10_000;
    const CALLERS: usize = 32;
    let folder = folder();
    let file = folder.path().join("retries.db");
    let store = SqliteStore::open(&file).await.expect("a new file");
    let sound = Desk::builder(store.clone()).profile(Profile::bookings()).build().expect("a shipped profile");
    let talk = sound.tickets().open(&ada(), NewTicket::new("All of it", "Here")).await.expect("a ticket").ticket.id;
    let commits = Arc::new(Commits::default());
    let flaky = Flaky::new(store, commits.clone());
    let desk = Desk::builder(flaky).profile(Profile::bookings()).build().expect("a shipped profile");
    let start = now();
    let caller = |caller: usize| {
        let desk = desk.clone();
        tokio::spawn(async move {
            for n in (caller..REQUESTS).step_by(CALLERS) {
                until_answered(&desk, talk, n).await;
            }
        })
    };
    for running in (0..CALLERS).map(caller).collect::<Vec<_>>() {
        running.await.expect("every request is answered in the end");
    }
    say(&format!(
        "retries: {:.0} requests a second, {} commits asked for, {} of them done without an answer",
        per_second(REQUESTS, start),
        commits.asked.load(Ordering::Relaxed),
        commits.untold.load(Ordering::Relaxed)
    ));
    // Every request leaves one text that no other leaves.
    let texts = "SELECT count(*), count(DISTINCT body) FROM support_messages WHERE body LIKE 'Request %'";
    let [all, distinct] = counts(&file, texts);
    exactly(report, "10,000 requests, two of three commits fail: duplicates", all - distinct, 0);
    exactly(report, "10,000 requests, two of three commits fail: lost", REQUESTS - distinct, 0);
}

/// Every other request opens a ticket, the rest write a message.
async fn until_answered(desk: &Desk, talk: TicketId, n: usize) {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&n.to_le_bytes());
    let once = Once { key: format!("request-{n}"), digest };
    let desk = desk.once(once, |posted: &Posted| posted.ticket.number.clone().into_bytes());
    let text = format!("Request {n}");
    for _ in 0..1_000 {
        let done = if n.is_multiple_of(2) {
            desk.tickets().open(&ada(), NewTicket::new("Parcel is late", text.as_str())).await
        } else {
            desk.messages().add(&ada(), talk, NewMessage::public(text.as_str())).await
        };
        match done {
            Ok(_) | Err(Error::Repeated(_)) => return,
            Err(Error::Store(StoreError::Unavailable(_)) | Error::Conflict) => {}
            Err(other) => panic!("{other}"),
        }
    }
    panic!("request {n} was never answered");
}

/// Two numbers from a file.
fn counts(file: &Path, sql: &str) -> [usize; 2] {
    let connection = Connection::open(file).expect("the desk's file");
    let row = connection.query_row(sql, (), |row| Ok([row.get(0)?, row.get(1)?]));
    row.expect("two counts").map(|count: i64| usize::try_from(count).expect("a count"))
}

async fn workers(report: &mut Report) {
    const TICKETS: usize = 10_000;
    let folder = folder();
    let file = folder.path().join("workers.db");
    let clock = Arc::new(FixedClock::at("2026-01-05T09:00:00Z".parse().expect("a moment")));
    let store = SqliteStore::open(&file).await.expect("a new file");
    let desk = Desk::builder(store).profile(Profile::bookings()).clock(clock.clone());
    let desk = desk.build().expect("a shipped profile");
    let caller = |caller: usize| {
        let desk = desk.clone();
        tokio::spawn(async move {
            for n in (caller..TICKETS).step_by(64) {
                desk.tickets().open(&ada(), parcel(n)).await.expect("a ticket");
            }
        })
    };
    for running in (0..64).map(caller).collect::<Vec<_>>() {
        running.await.expect("nobody panics");
    }
    // Late with the first answer, and not yet with the whole.
    clock.advance(TimeDelta::hours(2));
    let start = now();
    // Each begins with another job, so that both are busy; then both want what is left of either.
    let [one, other] = [[Job::SlaMonitor, Job::Escalation], [Job::Escalation, Job::SlaMonitor]]
        .map(|jobs| tokio::spawn(all_due(desk.workers(), jobs)));
    let done = one.await.expect("nobody panics") + other.await.expect("nobody panics");
    say(&format!("workers: {:.0} tickets a second by two jobs", per_second(done, start)));
    let effects = |kind: &str, of: &str| {
        counts(&file, &format!("SELECT count(*), count(DISTINCT {of}) FROM support_events WHERE kind = '{kind}'"))
    };
    for (kind, of) in [("sla_at_risk", "ticket || data"), ("sla_breached", "ticket || data"), ("escalated", "ticket")] {
        let [all, distinct] = effects(kind, of);
        exactly(report, &format!("10,000 due, two workers: {kind}"), distinct, TICKETS);
        exactly(report, &format!("10,000 due, two workers: {kind} more than once"), all - distinct, 0);
    }
}

/// Looks until nothing is due any more, and answers to how many tickets something was done.
async fn all_due(workers: Workers, jobs: [Job; 2]) -> usize {
    let mut done = 0;
    loop {
        let mut idle = true;
        for job in jobs {
            let ticked = workers.tick(job).await.expect("a look");
            done += ticked.done as usize;
            idle &= ticked.done == 0 && ticked.refused == 0 && !ticked.elsewhere;
        }
        if idle {
            return done;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
