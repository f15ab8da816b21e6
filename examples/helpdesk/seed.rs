//! A small believable shop: forty tickets of the last three weeks, in every phase.

mod shop;

use crate::people::{ADMIN, AGENTS, CUSTOMERS, People, SKILLS};
use chrono::TimeDelta;
use std::{error::Error, sync::Arc};
use support_desk::{
    Actor, Desk,
    desk::{messages::NewMessage, tickets::NewTicket},
    domain::{
        agent::{AgentEdit, Availability},
        id::TicketId,
        profile::{Phase, Profile},
        ticket::Source,
    },
    ports::{Store, clock::FixedClock},
};
use uuid::Uuid;

/// Category, subject, text, answer, note.
const STORIES: [[&str; 5]; 10] = [
    [
        "delivery",
        "My delivery is late",
        "It was promised for Monday and nobody called.",
        "It left the depot this morning, you will have it tomorrow.",
        "The carrier lost a day in the hub.",
    ],
    [
        "payment",
        "Payment was taken twice",
        "My statement shows the amount two times.",
        "One of them is a reservation, it disappears within three days.",
        "Checked with accounting: a single charge.",
    ],
    [
        "documents",
        "Papers are missing",
        "The folder had no registration document in it.",
        "We have ordered a copy, it takes five working days.",
        "The copy costs us 12 EUR.",
    ],
    [
        "account",
        "How do I change my address?",
        "We move at the end of the month.",
        "Under Account, Addresses. I have already updated your open order.",
        "Address verified by phone.",
    ],
    [
        "warranty",
        "A warning light is on",
        "The yellow engine symbol, since yesterday.",
        "You can drive, but please come by this week.",
        "Known batch, see the service bulletin.",
    ],
    [
        "return",
        "I would like to return it",
        "It does not fit into my garage.",
        "You have until the 14th, we collect it free of charge.",
        "Has driven 120 km, within the limit.",
    ],
    [
        "financing",
        "Which financing rate applies to me?",
        "The website shows two.",
        "The lower one: you are a returning customer.",
        "Score is fine.",
    ],
    [
        "delivery",
        "The winter tyres are the wrong size",
        "17 inch came, 18 inch was ordered.",
        "Our mistake. The right ones are on their way.",
        "Storage mixed up two pallets.",
    ],
    [
        "account",
        "Login does not work",
        "The reset mail never arrives.",
        "Your mailbox refused it, I have sent it to the second address.",
        "Bounced with 552.",
    ],
    [
        "other",
        "A compliment",
        "The hand-over was done with real patience.",
        "That goes on the wall, thank you!",
        "Show this to the team.",
    ],
];

/// Fills the store behind `desk`, over a clock of its own that walks from three weeks ago to now.
pub(crate) async fn fill(desk: &Desk, store: impl Store, people: &Arc<People>) -> Result<(), Box<dyn Error>> {
    people.welcome_sample_customers();
    let clock = Arc::new(FixedClock::at(desk.now() - TimeDelta::days(23)));
    // Nobody is asked how it went three weeks ago.
    let profile = Profile { survey: None, ..desk.profile().clone() };
    let past = Desk::builder(store).profile(profile).clock(clock.clone()).directory(people.clone()).build()?;
    hire(&past).await?;
    for n in 0..40 {
        one(&past, &clock, n).await?;
        clock.advance(TimeDelta::hours(11));
    }
    shop::fill(&past).await
}

/// Describes the agents. They are busy at first: whoever becomes available is given what waits, where the profile says so.
async fn hire(desk: &Desk) -> Result<(), Box<dyn Error>> {
    let admin = Actor::admin(Uuid::from_u128(ADMIN.0), ADMIN.1);
    for ((id, _), (team, skill, language)) in AGENTS.into_iter().zip(SKILLS) {
        let edit = AgentEdit {
            team: Some(Some(team.to_owned())),
            skills: Some(vec![skill.to_owned()]),
            languages: Some(vec![language.to_owned()]),
            max_tickets: Some(Some(15)),
            availability: Some(Availability::Busy),
            ..AgentEdit::default()
        };
        desk.agents().edit(&admin, Uuid::from_u128(id).into(), edit).await?;
    }
    Ok(())
}

async fn one(desk: &Desk, clock: &FixedClock, n: usize) -> Result<(), Box<dyn Error>> {
    let [category, subject, text, answer, note] = STORIES[n % STORIES.len()];
    let (id, name, _) = CUSTOMERS[n * 3 % CUSTOMERS.len()];
    let customer = Actor::customer(Uuid::from_u128(id), name);
    let (id, name) = AGENTS[n % AGENTS.len()];
    let agent = Actor::agent(Uuid::from_u128(id), name);
    let ticket =
        desk.tickets().open(&customer, new_ticket(desk.profile(), n, category, subject, text)).await?.ticket.id;

    let phase = Phase::ALL[n % Phase::ALL.len()];
    clock.advance(TimeDelta::minutes(7 + 5 * i64::try_from(n)?));
    if phase == Phase::New {
        return Ok(());
    }
    desk.tickets().claim(&agent, ticket).await?;
    desk.messages().add(&agent, ticket, NewMessage::note(note)).await?;
    clock.advance(TimeDelta::minutes(12));
    desk.messages().add(&agent, ticket, NewMessage::public(answer)).await?;
    if n % 4 == 1 {
        clock.advance(TimeDelta::minutes(25));
        desk.messages().add(&customer, ticket, NewMessage::public("Thank you for the quick answer.")).await?;
    }
    if n % 7 == 3 {
        desk.tickets().escalate(&agent, ticket, None, None, "The customer has waited long enough").await?;
    }
    clock.advance(TimeDelta::minutes(10));
    lead(desk, &agent, ticket, phase).await?;
    if phase.is_done() && !n.is_multiple_of(3) {
        let stars = 5 - i64::try_from(n % 2)?;
        desk.tickets().rate(&customer, ticket, stars, Some("All good")).await?;
    }
    Ok(())
}

fn new_ticket(profile: &Profile, n: usize, category: &str, subject: &str, text: &str) -> NewTicket {
    let mut ticket = NewTicket::new(subject, text).tag(["first order", "returning"][n % 2]);
    // Other desks have other categories; where they share this one, whatever its case, the story keeps it.
    let known = profile.categories.known.iter().find(|known| known.as_str().eq_ignore_ascii_case(category));
    if let Some(known) = known {
        ticket = ticket.category(known.as_str());
    }
    if n % 5 == 2 {
        ticket = ticket.priority(profile.priorities.ranked[n % profile.priorities.ranked.len()].as_str());
    }
    ticket = ticket.related("order", format!("A-{}", 1_000 + n));
    ticket.opening.source = Some(Source::ALL[n % Source::ALL.len()]);
    ticket
}

/// Leads the ticket into a phase along the shortest way of the workflow, where the workflow has that phase.
async fn lead(desk: &Desk, agent: &Actor, ticket: TicketId, phase: Phase) -> Result<(), Box<dyn Error>> {
    if phase == Phase::Resolved {
        desk.tickets().resolve(agent, ticket, "It is solved.").await?;
        return Ok(());
    }
    let admin = Actor::admin(Uuid::from_u128(ADMIN.0), ADMIN.1);
    let now = desk.tickets().get(&admin, ticket).await?.ticket;
    let workflow = &desk.profile().workflow;
    let Some(here) = workflow.status(now.status.as_str()) else { return Ok(()) };
    let target = workflow.statuses.iter().find(|status| status.phase == phase && here.to.contains(&status.key));
    if let Some(status) = target.filter(|_| now.phase != phase) {
        desk.tickets().set_status(agent, ticket, status.key.as_str(), None).await?;
    }
    Ok(())
}
