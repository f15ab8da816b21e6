use super::*;
use support_core::{
    desk::workers::Ticked,
    domain::{profile::Phase, sla::ClockKind},
    ports::leases::{LeaseRequest, LeaseStore as _},
};

fn told(facts: &[Fact]) -> Vec<String> {
    let line = |fact: &Fact| match fact {
        Fact::SlaAtRisk { clock, cycle, percent, .. } => Some(format!("{} {cycle} at {percent}", clock.as_str())),
        Fact::SlaBreached { clock, cycle, .. } => Some(format!("{} {cycle} breached", clock.as_str())),
        Fact::SlaFulfilled { clock, cycle, breached, .. } => {
            Some(format!("{} {cycle} {}", clock.as_str(), if *breached { "late" } else { "in time" }))
        }
        _ => None,
    };
    facts.iter().filter_map(line).collect()
}

#[tokio::test]
async fn clocks_are_told_at_risk_and_breached_once_each() {
    let team = Team::new(Profile::bookings());
    let ticket = team.open(parcel()).await.id;
    team.pass("47m");
    assert_eq!(team.tick(Job::SlaMonitor).await, 0);
    team.pass("1m");
    assert_eq!(team.tick(Job::SlaMonitor).await, 1);
    assert_eq!(team.tick(Job::SlaMonitor).await, 0);
    team.pass("12m");
    assert_eq!(team.tick(Job::SlaMonitor).await, 1);
    team.pass("8h");
    assert_eq!(team.tick(Job::SlaMonitor).await, 1, "two deadlines of the other clock at one look");
    assert_eq!(team.tick(Job::SlaMonitor).await, 0);
    let lines = ["first_response 1 at 80", "first_response 1 breached", "resolution 1 at 80", "resolution 1 breached"];
    assert_eq!(told(&team.facts(ticket).await), lines);
}

#[tokio::test]
async fn an_answer_in_time_is_told_and_ends_the_watch() {
    let team = Team::new(Profile::bookings());
    let ticket = team.open(parcel()).await.id;
    team.pass("50m");
    team.desk.messages().add(&agent(1), ticket, NewMessage::public("Sent again")).await.unwrap();
    assert_eq!(told(&team.facts(ticket).await), ["first_response 1 in time"]);
    team.pass("20m");
    assert_eq!(team.tick(Job::SlaMonitor).await, 0);
}

#[tokio::test]
async fn an_answer_that_comes_before_the_job_tells_the_breach_itself() {
    let team = Team::new(Profile::bookings());
    let ticket = team.open(parcel()).await.id;
    team.pass("61m");
    team.desk.messages().add(&agent(1), ticket, NewMessage::public("Sorry!")).await.unwrap();
    assert_eq!(told(&team.facts(ticket).await), ["first_response 1 breached", "first_response 1 late"]);
    assert_eq!(team.tick(Job::SlaMonitor).await, 0);
    assert_eq!(told(&team.facts(ticket).await).len(), 2);
}

#[tokio::test]
async fn what_the_clocks_tell_is_for_staff() {
    let team = Team::new(Profile::bookings());
    let ticket = team.open(parcel()).await;
    team.pass("2h");
    team.tick(Job::SlaMonitor).await;
    assert!(team.facts(ticket.id).await.iter().filter(|fact| fact.name().starts_with("sla_")).all(Fact::is_internal));
    let seen = team.desk.tickets().get(&ada(), ticket.id).await.unwrap().ticket;
    assert_eq!(seen.updated_at, ticket.updated_at);
    assert!(seen.marks.is_empty());
}

#[tokio::test]
async fn a_ticket_that_nobody_touches_ends_by_itself() {
    let team = Team::new(Profile::vehicle_retail());
    let (left, written, open) =
        (team.open(parcel()).await.id, team.open(parcel()).await.id, team.open(parcel()).await.id);
    for ticket in [left, written] {
        team.desk.tickets().resolve(&admin(), ticket, "Done").await.unwrap();
    }
    for _ in 0..2 {
        team.pass("3d");
        team.desk.messages().add(&admin(), written, NewMessage::public("Is all well?")).await.unwrap();
        team.desk.messages().add(&admin(), left, NewMessage::note("Still quiet")).await.unwrap();
    }
    team.pass("1d");
    assert_eq!(team.tick(Job::AutoClose).await, 1, "notes touch nothing");
    assert_eq!(team.ticket(left).await.phase, Phase::Closed);
    assert_eq!(team.ticket(written).await.phase, Phase::Resolved);
    assert_eq!(team.ticket(open).await.phase, Phase::New);
    // The second message changed no row, so the alarm is still that of the first: the job puts it off.
    team.pass("3d");
    assert_eq!(team.tick(Job::AutoClose).await, 1);
    assert_eq!(team.ticket(written).await.phase, Phase::Resolved);
    assert_eq!(team.tick(Job::AutoClose).await, 0);
    team.pass("3d");
    assert_eq!(team.tick(Job::AutoClose).await, 1);
    assert_eq!(team.ticket(written).await.phase, Phase::Closed);
    let trail = team.trail(left).await;
    let closed = trail.iter().find(|event| matches!(event.fact, Fact::Closed { .. })).unwrap();
    assert_eq!(closed.cause, support_core::domain::event::Cause::Rule("auto-close".into()));
}

#[tokio::test]
async fn a_job_gives_out_what_came_while_nobody_was_there() {
    let team = Team::automatic(Assignment::default());
    let low = team.open(parcel().priority("low")).await.id;
    team.pass("1m");
    let high = team.open(parcel().priority("high")).await.id;
    assert_eq!(team.tick(Job::AutoAssign).await, 0);
    // The availability of somebody whom another node has heard: nothing is assigned yet.
    let edit = AgentEdit { max_tickets: Some(Some(0)), ..AgentEdit::default() };
    team.available(1, edit).await;
    let edit = AgentEdit { max_tickets: Some(Some(1)), ..AgentEdit::default() };
    team.desk.agents().edit(&admin(), agent(1).agent_id().unwrap(), edit).await.unwrap();
    assert_eq!(team.tick(Job::AutoAssign).await, 1);
    assert!(team.ticket(high).await.assignee.is_some(), "the more urgent first, though it came later");
    assert!(team.ticket(low).await.assignee.is_none());
}

#[tokio::test]
async fn one_node_at_a_time_does_a_job() {
    let team = Team::new(Profile::bookings());
    let ticket = team.open(parcel()).await.id;
    team.pass("2h");
    let now = team.desk.now();
    let other = LeaseRequest {
        job: Job::SlaMonitor.name().into(),
        holder: Uuid::from_u128(99),
        now,
        until: now + TimeDelta::seconds(30),
    };
    let lease = team.store.take_lease(&other).await.unwrap().unwrap();
    let elsewhere = Ticked { elsewhere: true, ..Ticked::default() };
    assert_eq!(team.desk.workers().tick(Job::SlaMonitor).await.unwrap(), elsewhere);
    assert_eq!(team.tick(Job::Escalation).await, 1, "another job has another lease");
    team.pass("30s");
    assert_eq!(team.tick(Job::SlaMonitor).await, 1, "a lease that was not renewed is free");
    assert!(team.store.take_lease(&other).await.unwrap().is_none(), "whoever stood still has lost it");
    assert!(told(&team.facts(ticket).await).iter().any(|line| line.ends_with("breached")));
    team.store.return_lease(&lease).await.unwrap();
    assert!(team.store.take_lease(&other).await.unwrap().is_none(), "nobody gives back what is another's");
}

#[tokio::test]
async fn workers_stop_when_told_and_give_their_leases_back() {
    let team = Team::new(Profile::bookings());
    team.open(parcel()).await;
    team.pass("2h");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let desk = team.desk.clone();
    let running = tokio::spawn(async move { desk.run_workers(async { drop(stopped.await) }).await });
    while team.store.due(Job::SlaMonitor, &team.desk).await {
        tokio::task::yield_now().await;
    }
    stop.send(()).unwrap();
    running.await.unwrap();
    let now = team.desk.now();
    let wanted = LeaseRequest {
        job: Job::SlaMonitor.name().into(),
        holder: Uuid::from_u128(99),
        now,
        until: now + TimeDelta::seconds(30),
    };
    assert!(team.store.take_lease(&wanted).await.unwrap().is_some());
}

/// Whether a job has something to do.
trait Due {
    async fn due(&self, job: Job, desk: &Desk) -> bool;
}

impl Due for MemoryStore {
    async fn due(&self, job: Job, desk: &Desk) -> bool {
        use support_core::{domain::ticket::AlarmKind, ports::tickets::TicketStore as _};
        assert_eq!(job, Job::SlaMonitor);
        !self.due_tickets(AlarmKind::Sla, desk.now(), 1).await.unwrap().is_empty()
    }
}

#[tokio::test]
async fn a_clock_that_was_told_is_told_again_in_its_next_cycle() {
    let mut profile = Profile::bookings();
    for policy in &mut profile.sla.policies {
        policy.targets.next_response = Some("1h".parse().unwrap());
    }
    let team = Team::new(profile);
    let ticket = team.open(parcel()).await.id;
    for _ in 0..2 {
        team.desk.messages().add(&agent(1), ticket, NewMessage::public("Please wait")).await.unwrap();
        team.pass("1m");
        team.desk.messages().add(&ada(), ticket, NewMessage::public("And now?")).await.unwrap();
        team.pass("61m");
        team.tick(Job::SlaMonitor).await;
    }
    let next = |line: &String| line.starts_with(ClockKind::NextResponse.as_str());
    let lines: Vec<String> = told(&team.facts(ticket).await).into_iter().filter(next).collect();
    let wanted = [
        "next_response 1 at 80",
        "next_response 1 breached",
        "next_response 1 late",
        "next_response 2 at 80",
        "next_response 2 breached",
    ];
    assert_eq!(lines, wanted);
    let marks = team.ticket(ticket).await.marks;
    assert_eq!(marks.len(), 2, "what is over is forgotten: {marks:?}");
}

#[tokio::test]
async fn rules_that_come_later_hold_for_older_tickets() {
    let team = Team::new(Profile::builder("bare").build().unwrap());
    let (open, ended) = (team.open(parcel()).await.id, team.open(parcel()).await.id);
    team.desk.tickets().close(&admin(), ended, Closing::default()).await.unwrap();
    let ruled = Team {
        desk: Desk::builder(team.store.clone())
            .profile(Profile::vehicle_retail())
            .clock(team.clock.clone())
            .build()
            .unwrap(),
        ..team
    };
    ruled.pass("72h");
    assert_eq!(ruled.tick(Job::Escalation).await, 0);
    assert_eq!(ruled.tick(Job::Rearm).await, 1);
    assert_eq!(ruled.tick(Job::Rearm).await, 0, "what is right is left alone");
    assert_eq!(ruled.tick(Job::Escalation).await, 1);
    assert_eq!(ruled.ticket(open).await.escalation_level, 1);
}

#[tokio::test]
async fn a_node_whose_clock_is_behind_does_not_run_in_circles() {
    let team = Team::new(Profile::bookings());
    let ticket = team.open(parcel()).await.id;
    team.pass("59m 55s");
    let ahead = {
        let clock = Arc::new(FixedClock::at(team.desk.now() + TimeDelta::seconds(10)));
        Desk::builder(team.store.clone()).profile(Profile::bookings()).clock(clock).build().unwrap()
    };
    ahead.tickets().set_priority(&admin(), ticket, "high").await.unwrap();
    assert_eq!(team.tick(Job::SlaMonitor).await, 1, "each ticket once a look");
    assert_eq!(team.tick(Job::SlaMonitor).await, 0, "what is due by the later clock is told, and no more due");
}

#[tokio::test]
async fn a_target_that_was_missed_is_told_when_the_clock_pauses() {
    let mut profile = Profile::bookings();
    profile.sla.policies.retain(|policy| policy.name == "medium");
    let team = Team::new(profile);
    let ticket = team.open(parcel()).await.id;
    team.desk.messages().add(&agent(1), ticket, NewMessage::public("We look into it")).await.unwrap();
    team.pass("9h");
    team.desk.tickets().set_status(&admin(), ticket, "waiting_customer", None).await.unwrap();
    assert_eq!(told(&team.facts(ticket).await), ["first_response 1 in time", "resolution 1 breached"]);
    assert_eq!(team.tick(Job::SlaMonitor).await, 0);
    team.desk.tickets().resolve(&admin(), ticket, "Done").await.unwrap();
    assert_eq!(told(&team.facts(ticket).await).last().unwrap(), "resolution 1 late", "and not told again");
}

#[tokio::test]
async fn a_merge_is_nobodys_answer() {
    let team = Team::new(Profile::bookings());
    let (one, two) = (team.open(parcel()).await.id, team.open(parcel()).await.id);
    team.desk.operations().merge(&admin(), one, two).await.unwrap();
    assert!(told(&team.facts(one).await).is_empty());
    team.desk.tickets().resolve(&admin(), two, "Done").await.unwrap();
    let third = team.open(parcel()).await.id;
    let refused = team.desk.operations().merge(&admin(), third, two).await;
    assert!(refused.is_err(), "an open ticket does not go up in one that has ended");
}

#[tokio::test]
async fn what_was_left_when_somebody_went_is_the_jobs() {
    use support_core::ports::{ChangeSet, Store as _, Write, agents::AgentStore as _};
    let team = Team::automatic(Assignment { on_offline: OnOffline::Release, ..Assignment::default() });
    team.available(1, AgentEdit::default()).await;
    let ticket = team.open(parcel()).await.id;
    // As if the node had crashed between hearing of it and handing over.
    let row = team.store.agent(agent(1).agent_id().unwrap()).await.unwrap().unwrap();
    let gone = support_core::domain::agent::Agent { availability: Some(Availability::Offline), ..row.clone() };
    let put = Write::PutAgent { agent: Box::new(gone), read: row.version };
    team.store.commit(ChangeSet { writes: vec![put], ..ChangeSet::default() }).await.unwrap();
    team.tick(Job::AutoAssign).await;
    assert!(team.ticket(ticket).await.assignee.is_none());
    team.available(2, AgentEdit::default()).await;
    assert!(team.ticket(ticket).await.assignee.is_some());
}

#[tokio::test]
async fn tickets_of_a_priority_that_is_no_more_are_given_out_too() {
    let team = Team::new(Profile::bookings());
    let ticket = team.open(parcel().priority("low")).await.id;
    let mut profile = Profile::bookings();
    profile.priorities.ranked.retain(|priority| priority.as_str() != "low");
    profile.priorities.rules.clear();
    profile.sla.policies.retain(|policy| policy.name != "low");
    let desk = Desk::builder(team.store.clone()).profile(profile).clock(team.clock.clone()).build().unwrap();
    let edit = AgentEdit { availability: Some(Availability::Available), ..AgentEdit::default() };
    desk.agents().edit(&admin(), agent(1).agent_id().unwrap(), edit).await.unwrap();
    desk.workers().tick(Job::AutoAssign).await.unwrap();
    assert!(team.ticket(ticket).await.assignee.is_some());
}
