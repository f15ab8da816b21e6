//! Whatever was merged and split, and in whatever order: taken back from the end, everything is as it was.

use super::*;
use proptest::{collection::vec, prelude::*};
use support_core::{domain::agent::Agent, ports::agents::AgentQuery};

/// One thing that is done to one of the tickets.
#[derive(Debug, Clone, Copy)]
struct Step {
    what: u8,
    ticket: u8,
    choice: u8,
}

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|(what, ticket, choice)| Step { what, ticket, choice });
    vec(step, 0..most)
}

/// Some life, lawful or not. All of it lasts less than any target, so that no clock is late.
async fn live(desk: &Desk, tickets: &[TicketId], step: Step) {
    let id = tickets[usize::from(step.ticket) % tickets.len()];
    let agent = if step.choice.is_multiple_of(2) { grace() } else { hedy() };
    let desk = desk.tickets();
    let _lawful_or_not = match step.what % 8 {
        0 => desk.claim(&agent, id).await.is_ok(),
        1 => desk.unassign(&joan(), id).await.is_ok(),
        2 => desk.resolve(&joan(), id, "Done").await.is_ok(),
        3 => desk.close(&joan(), id, Closing::default()).await.is_ok(),
        4 => desk.reopen(&ada(), id, None).await.is_ok(),
        5 => desk.rate(&ada(), id, 4, None).await.is_ok(),
        6 => desk.set_status(&joan(), id, "waiting_customer", None).await.is_ok(),
        _ => desk.escalate(&joan(), id, None, Some("billing"), "Hard").await.is_ok(),
    };
}

async fn talk(desk: &Desk, tickets: &[TicketId], step: Step) {
    let id = tickets[usize::from(step.ticket) % tickets.len()];
    let (actor, message) = match step.what % 3 {
        0 => (ada(), NewMessage::public("Question")),
        1 => (joan(), NewMessage::public("Answer")),
        _ => (joan(), NewMessage::note("Note")),
    };
    let _lawful_or_not = desk.messages().add(&actor, id, message).await;
}

/// A merge or a split, if it is lawful.
async fn operate(desk: &Desk, tickets: &[TicketId], step: Step) -> Option<OperationId> {
    let ticket = |n: u8| tickets[usize::from(n) % tickets.len()];
    let (one, other) = (ticket(step.ticket), ticket(step.choice));
    let done = match step.what % 3 {
        0 => {
            let thread = desk.messages().list(&joan(), one, None, 100).await.unwrap().items;
            let chosen = thread.iter().skip(1).filter(|message| message.body.len() % 2 == usize::from(step.choice % 2));
            desk.operations().split(&joan(), one, chosen.map(|message| message.id).collect(), "Apart").await
        }
        1 => desk.operations().link(&joan(), one, other, Relation::RelatesTo).await,
        _ => desk.operations().merge(&joan(), one, other).await,
    };
    done.ok().map(|done| done.operation.id)
}

/// Tickets, threads and how many tickets everybody has, but for what rises with every change.
async fn picture(store: &MemoryStore, tickets: &[TicketId]) -> (Vec<(Ticket, Vec<Message>)>, Vec<(Uuid, u32)>) {
    let mut rows = Vec::new();
    for id in tickets {
        let ticket = store.ticket(*id).await.unwrap().unwrap();
        let query = MessageQuery { ticket: *id, internal: true, after: None, limit: 1_000 };
        let thread = store.messages(&query).await.unwrap().items;
        rows.push((Ticket { version: 0, updated_at: ticket.created_at, ..ticket }, thread));
    }
    let agents = store.agents(&AgentQuery { limit: 100, ..AgentQuery::default() }).await.unwrap().items;
    let held = |agent: &Agent| (agent.id.uuid(), agent.open_tickets);
    (rows, agents.iter().map(held).collect())
}

async fn law(history: &[Step], words: &[Step], deeds: &[Step]) -> usize {
    let store = MemoryStore::new();
    let Setup { desk, clock, .. } = setup(store.clone(), Profile::bookings());
    let mut tickets = Vec::new();
    for subject in ["one", "two", "three"] {
        tickets.push(opened(&desk, &ada(), subject).await);
    }
    for (step, word) in history.iter().zip(words) {
        clock.advance(TimeDelta::seconds(20));
        live(&desk, &tickets, *step).await;
        talk(&desk, &tickets, *word).await;
    }
    let before = picture(&store, &tickets).await;
    let mut done = Vec::new();
    for deed in deeds {
        clock.advance(TimeDelta::seconds(20));
        done.extend(operate(&desk, &tickets, *deed).await);
    }
    for operation in done.iter().rev() {
        clock.advance(TimeDelta::seconds(20));
        desk.operations().undo(&joan(), *operation).await.unwrap();
    }
    assert_eq!(picture(&store, &tickets).await, before);
    done.len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn taken_back_from_the_end_everything_is_as_it_was(
        history in steps(12),
        words in steps(12),
        deeds in steps(6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(law(&history, &words, &deeds));
    }
}

/// The law above is about something: such steps do merge, split and link.
#[tokio::test]
async fn the_steps_of_the_law_are_lawful() {
    let step = |what, ticket, choice| Step { what, ticket, choice };
    let words = [step(0, 0, 0), step(1, 0, 0), step(2, 0, 0)];
    let deeds = [step(0, 0, 0), step(1, 0, 1), step(2, 0, 1), step(2, 1, 2)];
    assert_eq!(law(&[step(0, 0, 0); 3], &words, &deeds).await, 4);
}
