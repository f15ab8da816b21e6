//! From every state that use cases can lead a ticket into, a way leads to a closed one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use support_core::desk::{Desk, tickets::NewTicket};
use support_core::{
    domain::{
        actor::{Actor, AgentRef},
        fault::Refusal,
        profile::{Hook, Phase, Profile, Status, Workflow},
        sla::{self, ClockState},
        ticket::{Change, Closing, Context, CustomerClosing, EscalateTo, Ticket},
    },
    memory::MemoryStore,
};
use uuid::Uuid;

fn customer() -> Actor {
    Actor::customer(Uuid::from_u128(1), "Ada")
}

fn agent() -> Actor {
    Actor::agent(Uuid::from_u128(2), "Grace")
}

fn start() -> DateTime<Utc> {
    "2026-01-05T09:00:00Z".parse().unwrap()
}

/// A fresh ticket under `profile`.
fn opened(profile: &Profile) -> Ticket {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let clock = support_core::ports::clock::FixedClock::at(start());
    let desk = Desk::builder(MemoryStore::new()).profile(profile.clone()).clock(clock).build().unwrap();
    let category = profile.categories.known.first().map_or("any", |category| category.as_str());
    let ticket = NewTicket::new("Subject", "Text").category(category);
    runtime.block_on(desk.tickets().open(&customer(), ticket)).unwrap().ticket
}

/// One thing that somebody does to a ticket, whether it is lawful there or not.
fn act(ticket: &Ticket, profile: &Profile, what: u8, choice: u8, now: DateTime<Utc>) -> Result<Change, Refusal> {
    let (customer, agent) = (customer(), agent());
    let by_agent = Context { profile, categories: &[], actor: &agent, now };
    let by_customer = Context { profile, categories: &[], actor: &customer, now };
    let me = AgentRef { id: Uuid::from_u128(2).into(), name: "Grace".into() };
    let id = Uuid::from_u128(9).into();
    let statuses = &profile.workflow.statuses;
    match what % 11 {
        0 => ticket.reply(by_agent, id, "Answer".into(), "message").map(|post| post.change),
        1 => ticket.reply(by_customer, id, "Question".into(), "message").map(|post| post.change),
        2 => ticket.assign(by_agent, me),
        3 => ticket.unassign(by_agent),
        4 => {
            let status = &statuses[usize::from(choice) % statuses.len()];
            ticket.set_status(by_agent, status.key.as_str(), None)
        }
        5 => {
            let ranked = &profile.priorities.ranked;
            ticket.set_priority(by_agent, ranked[usize::from(choice) % ranked.len()].as_str())
        }
        6 => ticket.resolve(by_agent, "Done"),
        7 => ticket.close(by_agent, Closing::default()),
        8 => ticket.reopen(by_customer, None),
        9 => ticket.escalate(by_agent, EscalateTo::default(), "Hard"),
        _ => ticket.close_as_customer(by_customer, &CustomerClosing::default()),
    }
}

/// What must hold of a ticket in any state.
fn check(ticket: &Ticket, profile: &Profile) {
    let status = profile.workflow.status(ticket.status.as_str()).expect("the status is one of the profile's");
    assert_eq!(ticket.phase, status.phase);
    assert_eq!(ticket.closed_at.is_some(), ticket.phase == Phase::Closed);
    assert_eq!(ticket.resolved_at.is_some(), ticket.phase.is_done());
    let ends = profile.workflow.reachable_from(status).into_iter().any(|status| status.phase == Phase::Closed);
    assert!(ends, "no way out of {}", ticket.status);
    let report = sla::evaluate(&ticket.sla, &profile.sla, &profile.calendars, ticket.updated_at);
    for clock in &report.clocks {
        assert!(clock.counted >= TimeDelta::zero());
        let stopped = matches!(clock.state, ClockState::Stopped(_));
        assert!(stopped || !ticket.phase.is_done(), "{:?} runs on a ticket that has ended", clock.clock);
    }
}

fn walk(profile: &Profile, acts: &[(u8, u8, u16)]) {
    let mut ticket = opened(profile);
    let mut now = start();
    check(&ticket, profile);
    for (what, choice, minutes) in acts {
        now += TimeDelta::minutes(i64::from(*minutes));
        let before = ticket.clone();
        match act(&ticket, profile, *what, *choice, now) {
            Ok(change) => {
                assert!(change.row_changed || change.ticket.sla == before.sla);
                assert_eq!(change.ticket.version, before.version, "versions are the store's");
                ticket = change.ticket;
                check(&ticket, profile);
            }
            Err(Refusal::Transition { from, to, allowed }) => {
                assert_eq!(from, before.status);
                assert!(!allowed.contains(&to));
            }
            Err(_) => {}
        }
    }
}

fn acts() -> impl Strategy<Value = Vec<(u8, u8, u16)>> {
    prop::collection::vec((any::<u8>(), any::<u8>(), 0..3_000_u16), 0..40)
}

/// A random workflow, kept only if it is valid.
fn profiles() -> impl Strategy<Value = Profile> {
    let phase = prop::sample::select(Phase::ALL.to_vec());
    let statuses = prop::collection::vec((phase, prop::collection::vec(0..6_usize, 0..5)), 2..5);
    let hooks = prop::collection::vec((prop::collection::vec(0..6_usize, 0..3), 0..6_usize), 5);
    (statuses, hooks).prop_filter_map("a valid profile", |(middle, hooks)| {
        let mut phases = vec![(Phase::New, vec![1, 2])];
        phases.extend(middle);
        phases.push((Phase::Resolved, vec![0]));
        phases.push((Phase::Closed, vec![]));
        let count = phases.len();
        let name = |n: usize| format!("s{}", n % count);
        let statuses: Vec<Status> = phases
            .into_iter()
            .enumerate()
            .map(|(n, (phase, to))| {
                let ways = to.into_iter().chain([count - 1, count - 2, n + 1]);
                Status { key: name(n).into(), phase, to: ways.map(|to| name(to).into()).collect() }
            })
            .collect();
        let mut hooks = hooks.into_iter().map(|(from, to)| {
            let leads = |from: &usize| statuses[from % count].to.contains(&name(to).into());
            let from = from.into_iter().filter(leads).map(|n| name(n).into()).collect();
            Some(Hook { from, to: name(to).into() })
        });
        let mut profile = Profile::builder("random").build().ok()?;
        profile.workflow.hooks.on_assign = hooks.next()?;
        profile.workflow.hooks.on_agent_reply = hooks.next()?;
        profile.workflow.hooks.on_customer_reply = hooks.next()?;
        profile.workflow.hooks.on_escalate = hooks.next()?;
        profile.workflow.hooks.on_reopen = hooks.next()?;
        profile.workflow.hooks.initial = name(0).into();
        profile.workflow.hooks.resolve = name(count - 2).into();
        profile.workflow.hooks.close = name(count - 1).into();
        drop(hooks);
        profile.workflow = Workflow { statuses, hooks: profile.workflow.hooks };
        profile.validate().ok()?;
        Some(profile)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_shipped_profile_traps_a_ticket(acts in acts()) {
        for name in Profile::names() {
            walk(&Profile::named(name).unwrap(), &acts);
        }
    }

    #[test]
    fn no_valid_profile_traps_a_ticket(profile in profiles(), acts in acts()) {
        walk(&profile, &acts);
    }
}
