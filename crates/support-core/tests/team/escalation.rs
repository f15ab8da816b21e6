use super::*;
use support_core::domain::event::Cause;

fn escalations(facts: &[Fact]) -> Vec<(u32, u32)> {
    let levels = |fact: &Fact| match fact {
        Fact::Escalated { from_level, to_level, .. } => Some((*from_level, *to_level)),
        _ => None,
    };
    facts.iter().filter_map(levels).collect()
}

#[tokio::test]
async fn a_ticket_that_stays_unresolved_rises_once_in_each_of_its_lives() {
    let team = Team::new(Profile::vehicle_retail());
    let ticket = team.open(parcel()).await.id;
    team.pass("47h 59m");
    assert_eq!(team.tick(Job::Escalation).await, 0);
    team.pass("1m");
    assert_eq!(team.tick(Job::Escalation).await, 1);
    team.pass("30d");
    assert_eq!(team.tick(Job::Escalation).await, 0, "once");
    assert_eq!(escalations(&team.facts(ticket).await), [(0, 1)]);

    team.desk.tickets().resolve(&admin(), ticket, "Done").await.unwrap();
    team.pass("1h");
    team.desk.tickets().reopen(&ada(), ticket, None).await.unwrap();
    team.pass("47h");
    assert_eq!(team.tick(Job::Escalation).await, 0, "the new life counts from its beginning");
    team.pass("1h");
    assert_eq!(team.tick(Job::Escalation).await, 1);
    assert_eq!(escalations(&team.facts(ticket).await), [(0, 1), (1, 2)]);
    let trail = team.trail(ticket).await;
    let causes = trail.iter().filter(|event| matches!(event.fact, Fact::Escalated { .. })).map(|event| &event.cause);
    assert!(causes.into_iter().all(|cause| *cause == Cause::Rule("unresolved-48h".into())));
    assert!(trail.iter().any(|event| event.actor.name == "escalation"));
}

/// An urgent ticket: customers' own wishes are capped.
async fn open_urgent(team: &Team) -> TicketId {
    let ticket = parcel().priority("urgent").customer(ada().customer_id().unwrap());
    team.desk.tickets().open(&admin(), ticket).await.unwrap().ticket.id
}

#[tokio::test]
async fn an_urgent_ticket_that_nobody_answers_rises_after_two_hours() {
    let team = Team::new(Profile::after_sales());
    let (urgent, answered) = (open_urgent(&team).await, open_urgent(&team).await);
    let normal = team.open(parcel()).await.id;
    team.desk.messages().add(&agent(1), answered, NewMessage::public("We look into it.")).await.unwrap();
    team.pass("2h");
    assert_eq!(team.tick(Job::Escalation).await, 1);
    for (ticket, level) in [(urgent, 1), (answered, 0), (normal, 0)] {
        assert_eq!(team.ticket(ticket).await.escalation_level, level);
    }
}

#[tokio::test]
async fn an_important_ticket_does_not_wait_at_the_lowest_level() {
    let team = Team::new(Profile::import_desk());
    let high = team.open(parcel().priority("High")).await;
    assert_eq!((high.escalation_level, escalations(&team.facts(high.id).await)), (0, vec![(0, 1)]));
    assert_eq!(team.ticket(high.id).await.escalation_level, 1, "its customer is not told the level");
    let low = team.open(parcel().priority("Low")).await.id;
    assert_eq!(team.ticket(low).await.escalation_level, 0);
    team.desk.tickets().set_priority(&admin(), low, "Critical").await.unwrap();
    assert_eq!(team.tick(Job::Escalation).await, 1, "a ticket that becomes important is found by the job");
    assert_eq!(team.ticket(low).await.escalation_level, 1);
}

#[tokio::test]
async fn a_breach_hands_the_ticket_to_the_team_of_the_rule() {
    let team = Team::new(Profile::marketplace());
    let ticket = team.open(parcel().priority("high")).await.id;
    team.desk.tickets().claim(&agent(1), ticket).await.unwrap();
    team.pass("1h");
    assert_eq!(team.tick(Job::Escalation).await, 1);
    let row = team.ticket(ticket).await;
    assert_eq!((row.team.as_deref(), row.assignee, row.escalation_level), (Some("provider operations"), None, 1));
    let free = team.desk.agents().get(&admin(), agent(1).agent_id().unwrap()).await.unwrap();
    assert_eq!(free.open_tickets, 0, "whoever passed it on has room again");
}

#[tokio::test]
async fn no_ticket_rises_above_the_highest_level_and_no_rule_tries_again() {
    let mut profile = Profile::vehicle_retail();
    profile.escalation.max_level = 1;
    let team = Team::new(profile);
    let ticket = team.open(parcel()).await.id;
    team.desk.tickets().escalate(&admin(), ticket, None, None, "Loud").await.unwrap();
    team.pass("48h");
    team.tick(Job::Escalation).await;
    assert_eq!(team.ticket(ticket).await.escalation_level, 1);
    assert_eq!(team.tick(Job::Escalation).await, 0);
}

#[tokio::test]
async fn whoever_comes_back_has_waited_since_then() {
    let team = Team::new(Profile::after_sales());
    let ticket = open_urgent(&team).await;
    team.desk.tickets().resolve(&admin(), ticket, "By phone").await.unwrap();
    team.pass("3d");
    team.desk.tickets().reopen(&ada(), ticket, None).await.unwrap();
    assert_eq!(team.tick(Job::Escalation).await, 0);
    team.pass("2h");
    assert_eq!(team.tick(Job::Escalation).await, 1);
}

#[tokio::test]
async fn a_rule_may_hand_over_without_raising() {
    let mut profile = Profile::vehicle_retail();
    for rule in &mut profile.escalation.rules {
        rule.action.raise_level = false;
        rule.action.team = Some("second line".into());
    }
    let team = Team::new(profile);
    let ticket = team.open(parcel()).await.id;
    team.pass("48h");
    team.tick(Job::Escalation).await;
    let row = team.ticket(ticket).await;
    assert_eq!((row.team.as_deref(), row.escalation_level), (Some("second line"), 0));
}

#[tokio::test]
async fn what_has_ended_does_not_rise() {
    let team = Team::new(Profile::vehicle_retail());
    let ticket = team.open(parcel()).await.id;
    team.desk.tickets().resolve(&admin(), ticket, "Done").await.unwrap();
    team.pass("72h");
    assert_eq!(team.tick(Job::Escalation).await, 0);
    assert!(team.desk.tickets().escalate(&admin(), ticket, None, None, "Loud").await.is_err());
}
