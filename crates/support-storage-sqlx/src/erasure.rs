//! Forgetting a person: rows are read, the domain says what is left of them, and that is written back.

use crate::{
    commit::{self, Hold, Stage, Step, Together},
    error::Error,
    events, messages, operations, requests,
    row::Fields,
    session::Session,
    tickets::{self, words, write},
    time_entries,
    value::values,
};
use support_core::domain::{erasure::Erasure, id::TicketId, ticket::Ticket};

pub(crate) async fn erase(session: &mut Session<'_>, erasure: &Erasure) -> Result<(), Error> {
    let theirs = session.rows(tickets::OF_CUSTOMER, values![erasure.customer.uuid()]).await?;
    for row in &theirs {
        erase_ticket(session, erasure, tickets::decode(row)?).await?;
    }
    erase_elsewhere(session, erasure).await?;
    requests::forget_about(session, erasure.customer).await
}

/// What they did and wrote on tickets of others.
const ELSEWHERE: &str = "SELECT DISTINCT ticket FROM \
     (SELECT ticket FROM {messages} WHERE author_id = ? AND author_role IN ('customer', 'guest') UNION ALL \
      SELECT ticket FROM {events} WHERE actor_id = ? AND actor_role IN ('customer', 'guest')) AS theirs ORDER BY ticket";

async fn erase_elsewhere(session: &mut Session<'_>, erasure: &Erasure) -> Result<(), Error> {
    let person = erasure.customer.uuid();
    // Until nothing is found any more: while one ticket is waited for, a message may move to another.
    let mut found = session.rows(ELSEWHERE, values![person, person]).await?;
    while let Some(row) = found.pop() {
        let ticket: TicketId = Fields::new("messages", &row).id("ticket")?;
        hold(session, ticket).await?;
        for message in messages::of_ticket(session, ticket).await? {
            if erasure.is_by(&message.author) {
                messages::rewrite(session, &erasure.message(message)).await?;
            }
        }
        for event in events::of_ticket(session, ticket).await? {
            if erasure.is_by(&event.actor) {
                events::rewrite(session, &erasure.event(event)).await?;
            }
        }
        words::refresh(session, ticket).await?;
        if found.is_empty() {
            found = session.rows(ELSEWHERE, values![person, person]).await?;
        }
    }
    Ok(())
}

/// Keeps others from adding to a ticket while it is rewritten.
async fn hold(session: &mut Session<'_>, ticket: TicketId) -> Result<(), Error> {
    session.must_change("UPDATE {tickets} SET changes = changes + 1 WHERE id = ?", values![ticket.uuid()]).await
}

async fn erase_ticket(session: &mut Session<'_>, erasure: &Erasure, ticket: Ticket) -> Result<(), Error> {
    let (id, version) = (ticket.id, ticket.version);
    for message in messages::of_ticket(session, id).await? {
        messages::rewrite(session, &erasure.message(message)).await?;
    }
    update(session, &erasure.ticket(ticket), version).await?;
    words::refresh(session, id).await?;
    for event in events::of_ticket(session, id).await? {
        events::rewrite(session, &erasure.event(event)).await?;
    }
    for entry in time_entries::latest(session, id, u32::MAX).await? {
        time_entries::rewrite(session, &erasure.time_entry(entry)).await?;
    }
    for operation in operations::latest(session, id, u32::MAX).await? {
        operations::rewrite(session, &erasure.operation(operation)).await?;
    }
    Ok(())
}

async fn update(session: &mut Session<'_>, ticket: &Ticket, read: u64) -> Result<(), Error> {
    let dialect = session.names.dialect;
    let derived = write::derived(dialect, ticket, read)?;
    let hold = Hold { update: Some((Box::new(ticket.clone()), read)), writes: true, ..Hold::default() };
    let holds: Vec<Step> = vec![write::hold(dialect, ticket.id, hold)?];
    let peeks = derived.peek.map(|peek| (ticket.id, peek)).into_iter().collect();
    let together = Together { peeks, before: vec![derived.standing], holds, rest: derived.rest };
    commit::run_stage(session, &Stage::Together(together)).await
}
