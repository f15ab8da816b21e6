use super::*;
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeMap;
use support_core::{
    desk::Error,
    domain::{
        actor::Role,
        id::AgentId,
        profile::Phase,
        sla::ClockKind,
        stats::{Range, Step, Tally},
        ticket::{Sort, TicketFilter},
    },
};

#[tokio::test]
async fn a_report_counts_tickets_of_its_range_and_what_happened_in_it() {
    let team = Team::new(Profile::bookings());
    let first = team.open(parcel().category("payment")).await.id;
    team.desk.tickets().claim(&agent(1), first).await.unwrap();
    team.pass("10m");
    team.desk.messages().add(&agent(1), first, NewMessage::public("We are on it")).await.unwrap();
    team.pass("50m");
    team.desk.tickets().resolve(&agent(1), first, "Done").await.unwrap();
    team.desk.tickets().rate(&ada(), first, 4, None).await.unwrap();
    team.pass("1d");
    team.open(parcel().category("technical")).await;

    let all = team.desk.stats().report(&admin(), Range::ALWAYS, None).await.unwrap();
    assert_eq!((all.total, all.open), (2, 1));
    assert_eq!(all.by_status, [("open".into(), 1), ("resolved".into(), 1)]);
    assert_eq!(all.by_priority, [("high".into(), 1), ("medium".into(), 1)], "highest first");
    assert_eq!((all.tally.minutes_to_answer(), all.tally.minutes_to_resolve()), (Some(10.0), Some(60.0)));
    assert_eq!((all.tally.rating(), all.tally.targets()), (Some(4.0), (2, 0)));

    let first_day = Range { from: None, to: Some("2026-01-06T00:00:00Z".parse().unwrap()) };
    let day = team.desk.stats().report(&admin(), first_day, None).await.unwrap();
    assert_eq!((day.total, day.tally.opened, day.by_category), (1, 1, vec![(Some("payment".into()), 1)]));

    let own = agent(1).agent_id();
    let mine = team.desk.stats().report(&agent(1), Range::ALWAYS, own).await.unwrap();
    assert_eq!((mine.total, mine.tally.assigned, mine.tally.resolved, mine.tally.stars), (1, 1, 1, 4));
}

#[tokio::test]
async fn figures_are_for_admins_and_ones_own() {
    let team = Team::new(Profile::bookings());
    let stats = team.desk.stats();
    let (own, other) = (agent(1).agent_id(), agent(2).agent_id());
    assert!(stats.report(&agent(1), Range::ALWAYS, own).await.is_ok());
    for agent_id in [None, other] {
        let refused = stats.report(&agent(1), Range::ALWAYS, agent_id).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{agent_id:?}");
    }
    assert!(matches!(stats.sla(&agent(1), Range::ALWAYS).await, Err(Error::Forbidden(_))));
    assert!(matches!(stats.dashboard(&ada()).await, Err(Error::Forbidden(_))));
    assert!(matches!(stats.report(&Actor::Guest, Range::ALWAYS, None).await, Err(Error::Unauthenticated)));
}

#[tokio::test]
async fn the_dashboard_shows_what_waits_and_who_is_there() {
    let team = Team::new(Profile::bookings());
    let (mine, theirs, free) = (team.open(parcel()).await, team.open(parcel()).await, team.open(parcel()).await);
    team.desk.tickets().claim(&agent(1), mine.id).await.unwrap();
    team.desk.tickets().set_priority(&admin(), mine.id, "urgent").await.unwrap();
    team.desk.tickets().claim(&agent(2), theirs.id).await.unwrap();
    team.desk.tickets().set_priority(&admin(), theirs.id, "urgent").await.unwrap();
    team.pass("3h");
    let board = team.desk.stats().dashboard(&agent(1)).await.unwrap();
    let ids = |rows: &[support_core::domain::ticket::TicketSummary]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(
        (ids(&board.assigned), ids(&board.unassigned), ids(&board.urgent)),
        (vec![mine.id], vec![free.id], vec![mine.id])
    );
    assert_eq!((board.workload, board.open, board.waiting, board.breached), (1, 2, 1, 2));
    assert_eq!(board.agents.len(), 2);
    let all = team.desk.stats().dashboard(&admin()).await.unwrap();
    assert_eq!((all.urgent.len(), all.open, all.workload), (2, 3, 0));
}

#[tokio::test]
async fn a_series_follows_the_clocks_of_its_zone() {
    let team = Team::new(Profile::bookings());
    // 09:00 in UTC is 22:00 in Auckland; three hours later the day there is another one.
    team.open(parcel()).await;
    team.pass("3h");
    team.open(parcel()).await;
    let range = Range {
        from: Some("2026-01-04T11:00:00Z".parse().unwrap()),
        to: Some("2026-01-06T11:00:00Z".parse().unwrap()),
    };
    let zone = chrono_tz::Pacific::Auckland;
    let series = team.desk.stats().series(&admin(), range, Step::Day, zone, None).await.unwrap();
    assert_eq!(series.iter().map(|point| point.tally.opened).collect::<Vec<_>>(), [1, 1]);
    let far = Range { from: Some("2020-01-01T00:00:00Z".parse().unwrap()), ..range };
    let refused = team.desk.stats().series(&admin(), far, Step::Hour, zone, None).await;
    assert!(matches!(refused, Err(Error::Refused(_))));
}

#[tokio::test]
async fn compliance_is_told_by_priority_and_by_agent() {
    let team = Team::new(Profile::bookings());
    let late = team.open(parcel().category("general")).await.id;
    let quick = team.open(parcel().category("payment")).await.id;
    team.desk.messages().add(&agent(2), quick, NewMessage::public("At once")).await.unwrap();
    team.pass("2h");
    team.desk.messages().add(&agent(1), late, NewMessage::public("Sorry")).await.unwrap();
    let figures = team.desk.stats().sla(&admin(), Range::ALWAYS).await.unwrap();
    assert_eq!((figures.desk.first_kept, figures.desk.first_missed), (1, 1));
    let missed: Vec<(&str, i64)> =
        figures.by_priority.iter().map(|(key, tally)| (key.as_str(), tally.first_missed)).collect();
    assert_eq!(missed, [("high", 0), ("medium", 1)]);
    let by_agent: Vec<(i64, i64)> = figures.by_agent.iter().map(|row| row.tally.targets()).collect();
    assert_eq!(by_agent.len(), 2);
    assert!(by_agent.contains(&(1, 0)) && by_agent.contains(&(0, 1)), "{by_agent:?}");
}

/// One thing that somebody does.
#[derive(Debug, Clone, Copy)]
struct Step_ {
    what: u8,
    ticket: usize,
    agent: u128,
    minutes: i64,
}

fn steps() -> impl Strategy<Value = Vec<Step_>> {
    let step = (0..12_u8, 0..8_usize, 1..4_u128, 0..200_i64);
    vec(step.prop_map(|(what, ticket, agent, minutes)| Step_ { what, ticket, agent, minutes }), 1..60)
}

async fn take(team: &Team, opened: &mut Vec<TicketId>, step: Step_) {
    team.clock.advance(TimeDelta::minutes(step.minutes));
    let (desk, who) = (&team.desk, agent(step.agent));
    let Some(id) = opened.get(step.ticket % opened.len().max(1)).copied().filter(|_| step.what > 1) else {
        let category = ["payment", "general", "feature_request"][step.ticket % 3];
        opened.push(team.open(parcel().category(category)).await.id);
        return;
    };
    let _ = match step.what {
        2 => desk.tickets().claim(&who, id).await.map(drop),
        3 => desk.messages().add(&who, id, NewMessage::public("Answer")).await.map(drop),
        4 => desk.messages().add(&ada(), id, NewMessage::public("Question")).await.map(drop),
        5 => desk.tickets().resolve(&who, id, "Done").await.map(drop),
        6 => desk.tickets().close(&admin(), id, Closing::default()).await.map(drop),
        7 => desk.tickets().reopen(&ada(), id, None).await.map(drop),
        8 => desk.tickets().rate(&ada(), id, 1 + i64::from(step.what + 1) % 5, None).await.map(drop),
        9 => desk.tickets().escalate(&who, id, None, None, "Loud").await.map(drop),
        10 => desk.tickets().assign(&admin(), id, who.agent_id().unwrap()).await.map(drop),
        _ => {
            for job in Job::ALL {
                desk.workers().tick(*job).await.unwrap();
            }
            Ok(())
        }
    };
}

/// The figures of the whole desk and of each agent, counted from trails, threads and rows.
async fn recount(team: &Team) -> (Tally, BTreeMap<AgentId, Tally>) {
    let (mut desk, mut agents) = (Tally::default(), BTreeMap::<AgentId, Tally>::new());
    let page = support_core::desk::tickets::Page::first(100);
    let rows = team.desk.tickets().list(&admin(), TicketFilter::default(), Sort::default(), page).await.unwrap();
    for row in rows.tickets {
        let detail = team.desk.tickets().get(&admin(), row.id).await.unwrap();
        let (mut holder, mut phase) = (None, Phase::New);
        let mut add = |whom: Option<AgentId>, by: Tally| {
            desk += by;
            if let Some(whom) = whom {
                *agents.entry(whom).or_default() += by;
            }
        };
        let answer = detail
            .messages
            .items
            .iter()
            .find(|message| !message.internal && matches!(message.author.role, Role::Agent | Role::Admin));
        if let Some(answer) = answer {
            let seconds = (answer.sent_at - row.created_at).num_seconds();
            add(answer.author.id.map(Into::into), Tally { answered: 1, answer_seconds: seconds, ..Tally::default() });
        }
        let trail = team.trail(row.id).await;
        assert!(trail.len() < 100, "the whole trail is read");
        for event in trail {
            let staff = matches!(event.actor.role, Role::Agent | Role::Admin);
            let actor = event.actor.id.filter(|_| staff).map(AgentId::from);
            let credited = holder.or(actor);
            let one = |set: fn(&mut Tally)| {
                let mut tally = Tally::default();
                set(&mut tally);
                tally
            };
            match &event.fact {
                Fact::TicketOpened { .. } => add(credited, one(|tally| tally.opened = 1)),
                Fact::Assigned { to, .. } => {
                    holder = to.as_ref().map(|agent| agent.id);
                    if holder.is_some() {
                        add(holder, one(|tally| tally.assigned = 1));
                    }
                }
                Fact::StatusChanged { to, .. } => {
                    let now = team.desk.profile().workflow.status(to.as_str()).unwrap().phase;
                    if now.is_done() && !phase.is_done() {
                        let seconds = (event.at - row.created_at).num_seconds();
                        add(credited, Tally { resolved: 1, resolve_seconds: seconds, ..Tally::default() });
                    }
                    phase = now;
                }
                Fact::Closed { .. } => add(credited, one(|tally| tally.closed = 1)),
                Fact::Reopened { .. } => add(credited, one(|tally| tally.reopened = 1)),
                Fact::Escalated { .. } => add(credited, one(|tally| tally.escalated = 1)),
                Fact::Rated { satisfaction } => {
                    let stars = satisfaction.rating.map_or(0, i64::from);
                    add(credited, Tally { rated: 1, stars, ..Tally::default() });
                }
                Fact::SlaFulfilled { clock, breached, .. } => {
                    let (kept, missed) = (i64::from(!breached), i64::from(*breached));
                    let none = Tally::default();
                    match clock {
                        ClockKind::FirstResponse => {
                            add(actor.or(credited), Tally { first_kept: kept, first_missed: missed, ..none });
                        }
                        ClockKind::NextResponse => {
                            add(actor.or(credited), Tally { next_kept: kept, next_missed: missed, ..none });
                        }
                        ClockKind::Resolution => {
                            add(credited, Tally { resolution_kept: kept, resolution_missed: missed, ..none });
                        }
                    }
                }
                _ => {}
            }
        }
    }
    agents.retain(|_, tally| !tally.is_empty());
    (desk, agents)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kept_figures_equal_a_slow_recount(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut profile = Profile::bookings();
            profile.assignment.capacity = None;
            for policy in &mut profile.sla.policies {
                policy.targets.next_response = Some("30m".parse().unwrap());
            }
            let team = Team::new(profile);
            let mut opened = Vec::new();
            for step in steps {
                take(&team, &mut opened, step).await;
            }
            let (desk, agents) = recount(&team).await;
            let kept = team.desk.stats().report(&admin(), Range::ALWAYS, None).await.unwrap();
            assert_eq!(kept.tally, desk);
            let rows = team.desk.stats().agents(&admin(), Range::ALWAYS).await.unwrap();
            let rows: BTreeMap<AgentId, Tally> =
                rows.into_iter().filter(|row| !row.tally.is_empty()).map(|row| (row.id, row.tally)).collect();
            assert_eq!(rows, agents);
            // The points of a series are the same things, each once.
            let range = Range { from: Some("2026-01-05T00:00:00Z".parse().unwrap()), to: Some("2026-02-05T00:00:00Z".parse().unwrap()) };
            let series = team.desk.stats().series(&admin(), range, Step::Day, chrono_tz::Asia::Kathmandu, None).await.unwrap();
            assert_eq!(series.into_iter().map(|point| point.tally).sum::<Tally>(), desk);
        });
    }
}
