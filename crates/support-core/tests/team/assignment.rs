use super::*;
use proptest::{collection::vec, prelude::*};
use support_core::{
    desk::Error,
    domain::{
        assignment::Strategy as Preference,
        fault::Refusal,
        stats::Range,
        ticket::{AlarmKind, Sort, TicketFilter},
    },
    ports::{
        agents::{AgentQuery, AgentStore as _},
        tickets::TicketStore as _,
    },
};

fn holder(ticket: &Ticket) -> Option<&str> {
    ticket.assignee.as_ref().map(|agent| agent.name.as_str())
}

async fn why(team: &Team, ticket: &Ticket) -> Option<String> {
    let facts = team.facts(ticket.id).await;
    facts.into_iter().rev().find_map(|fact| match fact {
        Fact::Assigned { why, .. } => Some(why),
        _ => None,
    })?
}

#[tokio::test]
async fn a_new_ticket_goes_to_the_least_loaded_and_the_trail_says_why() {
    let team = Team::automatic(Assignment::default());
    team.available(1, AgentEdit::default()).await;
    team.available(2, AgentEdit::default()).await;
    let first = team.open(parcel()).await;
    assert_eq!((holder(&first), first.status.as_str()), (Some("Agent 1"), "assigned"));
    team.pass("1m");
    assert_eq!(holder(&team.open(parcel()).await), Some("Agent 2"));
    team.pass("1m");
    let third = team.open(parcel()).await;
    assert_eq!(holder(&third), Some("Agent 1"), "of equals, whose last one is longest ago");
    assert_eq!(why(&team, &third).await.unwrap(), "least loaded of 2 (1 open)");
    let agent = team.desk.agents().get(&admin(), agent(1).agent_id().unwrap()).await.unwrap();
    assert_eq!(agent.open_tickets, 2);
}

#[tokio::test]
async fn round_robin_takes_turns_whatever_the_load() {
    let team = Team::automatic(Assignment { strategy: Preference::RoundRobin, ..Assignment::default() });
    for n in 1..=3 {
        team.available(n, AgentEdit::default()).await;
    }
    let mut turns = Vec::new();
    for _ in 0..4 {
        let ticket = team.open(parcel()).await;
        turns.push(holder(&ticket).unwrap().to_owned());
        // Ending it at once keeps everybody's load at nothing: turns alone decide.
        team.desk.tickets().close(&admin(), ticket.id, Closing::default()).await.unwrap();
        team.pass("1m");
    }
    assert_eq!(turns, ["Agent 1", "Agent 2", "Agent 3", "Agent 1"]);
}

#[tokio::test]
async fn rules_ask_for_team_skill_language_and_shift() {
    let billing = AssignmentRule {
        name: "billing".into(),
        when: When { category: vec!["billing".into()], ..When::default() },
        team: Some("Money".into()),
        skills: vec!["Refunds".into()],
        same_language: true,
    };
    let team = Team::automatic(Assignment { rules: vec![billing], ..Assignment::default() });
    let words = |list: &[&str]| Some(list.iter().map(ToString::to_string).collect());
    let nights = "{\"time_zone\": \"UTC\", \"weekly\": {\"mon\": [[\"22:00\", \"06:00\"]]}}";
    let fits = AgentEdit {
        team: Some(Some("money".into())),
        skills: words(&["refunds", "tax"]),
        languages: words(&["pt"]),
        ..AgentEdit::default()
    };
    let nobody = [
        AgentEdit { team: Some(Some("logistics".into())), ..fits.clone() },
        AgentEdit { skills: words(&["tax"]), ..fits.clone() },
        AgentEdit { languages: words(&["de", "en"]), ..fits.clone() },
        AgentEdit { shifts: Some(Some(serde_json::from_str(nights).unwrap())), ..fits.clone() },
        AgentEdit { max_tickets: Some(Some(0)), ..fits.clone() },
    ];
    for (n, edit) in (1..).zip(nobody) {
        team.available(n, edit).await;
    }
    let ticket = || {
        let mut ticket = parcel().category("billing");
        ticket.opening.language = Some("pt-BR".into());
        ticket
    };
    let waiting = team.open(ticket()).await;
    assert_eq!(holder(&waiting), None);
    team.available(9, fits).await;
    let waiting = team.ticket(waiting.id).await;
    assert_eq!(holder(&waiting), Some("Agent 9"), "who becomes available gets what waits");
    assert_eq!(why(&team, &waiting).await.unwrap(), "least loaded of 1 (0 open); rule billing");
    assert_eq!(holder(&team.open(parcel()).await), Some("Agent 1"), "without a rule anybody may get it");
}

#[tokio::test]
async fn only_whoever_is_available_gets_tickets_by_themselves() {
    let team = Team::automatic(Assignment::default());
    for said in [Availability::Busy, Availability::Away, Availability::Offline] {
        team.desk.agents().set_availability(&agent(1), said).await.unwrap();
        assert_eq!(holder(&team.open(parcel()).await), None, "{said:?}");
    }
    let off = Team::new(Profile::builder("manual").build().unwrap());
    off.available(1, AgentEdit::default()).await;
    assert_eq!(holder(&off.open(parcel()).await), None, "nothing is automatic unless the profile says so");
}

#[tokio::test]
async fn nobody_takes_more_than_they_can() {
    let team = Team::new(Profile::bookings());
    let most = team.desk.profile().assignment.capacity.unwrap();
    for _ in 0..most {
        let ticket = team.open(parcel()).await;
        team.desk.tickets().claim(&agent(1), ticket.id).await.unwrap();
    }
    let one_more = team.open(parcel()).await;
    let refused = team.desk.tickets().claim(&agent(1), one_more.id).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::State(_)))), "{refused:?}");
    let given = team.desk.tickets().assign(&admin(), one_more.id, agent(1).agent_id().unwrap()).await;
    assert!(matches!(given, Err(Error::Refused(Refusal::State(_)))), "{given:?}");
    assert_eq!(holder(&team.ticket(one_more.id).await), None);
    team.desk.tickets().claim(&agent(2), one_more.id).await.unwrap();
}

#[tokio::test]
async fn a_reopened_ticket_goes_back_unless_its_agent_is_gone_or_full() {
    let team = Team::new(Profile::bookings().to_builder().build().unwrap());
    let reopen = async |ticket: TicketId| team.desk.tickets().reopen(&ada(), ticket, None).await.unwrap();
    let ended = async || {
        let ticket = team.open(parcel()).await;
        team.desk.tickets().claim(&agent(1), ticket.id).await.unwrap();
        team.desk.tickets().close(&agent(1), ticket.id, Closing::default()).await.unwrap().id
    };
    assert_eq!(holder(&reopen(ended().await).await), Some("Agent 1"));
    team.desk.agents().set_availability(&agent(1), Availability::Busy).await.unwrap();
    assert_eq!(holder(&reopen(ended().await).await), Some("Agent 1"), "whoever is busy is there");
    let gone = ended().await;
    team.desk.agents().set_availability(&agent(1), Availability::Offline).await.unwrap();
    assert_eq!(holder(&reopen(gone).await), None);
    team.desk.agents().set_availability(&agent(1), Availability::Available).await.unwrap();
    let full = ended().await;
    let edit = AgentEdit { max_tickets: Some(Some(2)), ..AgentEdit::default() };
    team.desk.agents().edit(&admin(), agent(1).agent_id().unwrap(), edit).await.unwrap();
    assert_eq!(holder(&reopen(full).await), None);
}

#[tokio::test]
async fn whoever_goes_offline_hands_over_where_the_profile_says_so() {
    let team = Team::automatic(Assignment { on_offline: OnOffline::Release, ..Assignment::default() });
    team.available(1, AgentEdit::default()).await;
    let ticket = team.open(parcel()).await;
    team.available(2, AgentEdit::default()).await;
    let gone = team.desk.agents().set_availability(&agent(1), Availability::Offline).await.unwrap();
    assert_eq!(gone.open_tickets, 0);
    assert_eq!(holder(&team.ticket(ticket.id).await), Some("Agent 2"));

    let keeps = Team::automatic(Assignment::default());
    keeps.available(1, AgentEdit::default()).await;
    let ticket = keeps.open(parcel()).await;
    keeps.desk.agents().set_availability(&agent(1), Availability::Offline).await.unwrap();
    assert_eq!(holder(&keeps.ticket(ticket.id).await), Some("Agent 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_who_claim_one_ticket_one_gets_it_and_63_are_told() {
    let team = Team::new(Profile::builder("shop").build().unwrap());
    for _ in 0..50 {
        let ticket = team.open(parcel()).await.id;
        let claims = (0..64).map(|n| {
            let desk = team.desk.clone();
            tokio::spawn(async move { desk.tickets().claim(&agent(n), ticket).await })
        });
        let mut won = 0;
        for claim in claims.collect::<Vec<_>>() {
            match claim.await.unwrap() {
                Ok(_) => won += 1,
                Err(Error::Refused(Refusal::State(_)) | Error::Conflict) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(won, 1);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Open { priority: usize, category: usize },
    Say { agent: u128, availability: usize },
    Claim { agent: u128, ticket: usize },
    Close { ticket: usize },
    Resolve { ticket: usize },
    Reopen { ticket: usize },
    Unassign { ticket: usize },
    Reply { ticket: usize },
    Escalate { ticket: usize },
    Limit { agent: u128, most: u32 },
    Look,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (agent, ticket) = (1..4_u128, 0..12_usize);
    vec(
        prop_oneof![
            6 => (0..4_usize, 0..3_usize).prop_map(|(priority, category)| Step::Open { priority, category }),
            4 => (agent.clone(), 0..4_usize).prop_map(|(agent, availability)| Step::Say { agent, availability }),
            3 => (agent.clone(), ticket.clone()).prop_map(|(agent, ticket)| Step::Claim { agent, ticket }),
            2 => ticket.clone().prop_map(|ticket| Step::Close { ticket }),
            1 => ticket.clone().prop_map(|ticket| Step::Resolve { ticket }),
            2 => ticket.clone().prop_map(|ticket| Step::Reopen { ticket }),
            1 => ticket.clone().prop_map(|ticket| Step::Unassign { ticket }),
            1 => ticket.clone().prop_map(|ticket| Step::Reply { ticket }),
            1 => ticket.prop_map(|ticket| Step::Escalate { ticket }),
            1 => (agent, 0..4_u32).prop_map(|(agent, most)| Step::Limit { agent, most }),
            2 => Just(Step::Look),
        ],
        1..60,
    )
}

async fn take(team: &Team, opened: &mut Vec<TicketId>, step: Step) -> bool {
    let tickets = team.desk.tickets();
    let pick = |ticket: usize| opened.get(ticket % opened.len().max(1)).copied();
    // What cannot be done is refused; that it leaves everything as it was is what is looked at afterwards.
    match step {
        Step::Open { priority, category } => {
            let priority = ["low", "medium", "high", "urgent"][priority];
            let category = ["billing", "technical", "general"][category];
            opened.push(team.open(parcel().category(category).priority(priority)).await.id);
        }
        Step::Say { agent: n, availability } => {
            team.desk.agents().set_availability(&agent(n), Availability::ALL[availability]).await.unwrap();
        }
        Step::Claim { agent: n, ticket } => {
            if let Some(id) = pick(ticket) {
                let _ = tickets.claim(&agent(n), id).await;
            }
        }
        Step::Close { ticket } => {
            if let Some(id) = pick(ticket) {
                let _ = tickets.close(&admin(), id, Closing::default()).await;
            }
        }
        Step::Resolve { ticket } => {
            if let Some(id) = pick(ticket) {
                let _ = tickets.resolve(&admin(), id, "Done").await;
            }
        }
        Step::Reopen { ticket } => {
            if let Some(id) = pick(ticket) {
                let _ = tickets.reopen(&ada(), id, None).await;
            }
        }
        Step::Unassign { ticket } => {
            if let Some(id) = pick(ticket) {
                let _ = tickets.unassign(&admin(), id).await;
            }
        }
        Step::Reply { ticket } => {
            if let Some(id) = pick(ticket) {
                let _ = team.desk.messages().add(&ada(), id, NewMessage::public("And now?")).await;
            }
        }
        Step::Escalate { ticket } => {
            if let Some(id) = pick(ticket) {
                let _ = tickets.escalate(&admin(), id, None, Some("billing"), "Stuck").await;
            }
        }
        Step::Limit { agent: n, most } => {
            let edit = AgentEdit { max_tickets: Some(Some(most)), ..AgentEdit::default() };
            team.desk.agents().edit(&admin(), agent(n).agent_id().unwrap(), edit).await.unwrap();
        }
        Step::Look => {
            team.tick(Job::AutoAssign).await;
            return true;
        }
    }
    false
}

/// Every count is a recount, and nobody got a ticket beyond their capacity.
async fn check(team: &Team, before: &[(u128, u32)], looked: bool) -> Vec<(u128, u32)> {
    let agents = team.store.agents(&AgentQuery { limit: 100, ..AgentQuery::default() }).await.unwrap().items;
    let page = support_core::desk::tickets::Page::first(100);
    let rows =
        team.desk.tickets().list(&admin(), TicketFilter::default(), Sort::default(), page).await.unwrap().tickets;
    let rules = &team.desk.profile().assignment;
    let mut counts = Vec::new();
    for agent in &agents {
        let holds = |row: &&support_core::domain::ticket::TicketSummary| {
            row.assignee.as_ref().is_some_and(|holder| holder.id == agent.id) && !row.phase.is_done()
        };
        let held = u32::try_from(rows.iter().filter(holds).count()).unwrap();
        assert_eq!(agent.open_tickets, held, "{agent:?}");
        let most = agent.max_tickets.or(rules.capacity).unwrap_or(u32::MAX);
        let had = before.iter().find(|(id, _)| *id == agent.id.uuid().as_u128()).map_or(0, |(_, had)| *had);
        // A capacity may be lowered below what somebody has; then nothing comes to it.
        assert!(held <= most || held <= had, "{held} of {most}, had {had}");
        counts.push((agent.id.uuid().as_u128(), held));
    }
    if looked {
        for row in rows.iter().filter(|row| row.assignee.is_none() && !row.phase.is_done()) {
            let ticket = team.store.ticket(row.id).await.unwrap().unwrap();
            let choice = rules.choose(&ticket, &agents, team.desk.now());
            assert!(choice.is_err(), "{} waits, and {choice:?}", ticket.number);
        }
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn capacities_hold_and_nobody_waits_for_somebody_who_is_free(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let rule = AssignmentRule {
                name: "billing".into(),
                when: When { category: vec!["billing".into()], ..When::default() },
                team: Some("billing".into()),
                skills: Vec::new(),
                same_language: false,
            };
            let team = Team::automatic(Assignment {
                capacity: Some(2),
                on_offline: OnOffline::Release,
                rules: vec![rule],
                ..Assignment::default()
            });
            let billing = AgentEdit { team: Some(Some("billing".into())), ..AgentEdit::default() };
            team.desk.agents().edit(&admin(), agent(1).agent_id().unwrap(), billing).await.unwrap();
            let (mut opened, mut counts) = (Vec::new(), Vec::new());
            for step in steps {
                team.pass("1m");
                let looked = take(&team, &mut opened, step).await;
                counts = check(&team, &counts, looked).await;
            }
            // Nothing is left behind that a job would find where nothing is.
            let due = team.store.due_tickets(AlarmKind::Sla, team.desk.now(), 100).await.unwrap();
            assert!(due.len() <= opened.len());
            let report = team.desk.stats().report(&admin(), Range::ALWAYS, None).await.unwrap();
            assert_eq!(usize::try_from(report.total).unwrap(), opened.len());
        });
    }
}
