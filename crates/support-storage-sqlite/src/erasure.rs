//! Forgetting a person: rows are read, the domain says what is left of them, and that is written back.

use crate::{
    error::Error,
    events, messages, operations, requests,
    row::{Fields, all, id_value, integer, uuid},
    stats::counts::Counts,
    tickets::{
        self,
        words::following,
        write::{Place, update},
    },
    time_entries,
};
use rusqlite::Connection;
use support_core::domain::{erasure::Erasure, id::TicketId, ticket::Ticket};

pub(crate) fn erase(conn: &Connection, place: &Place, counts: &mut Counts, erasure: &Erasure) -> Result<(), Error> {
    let theirs = all(conn, tickets::OF_CUSTOMER, [id_value(erasure.customer.uuid())], tickets::decode)?;
    for ticket in theirs {
        erase_ticket(conn, place, counts, erasure, ticket)?;
    }
    erase_elsewhere(conn, erasure)?;
    requests::forget_about(conn, erasure.customer)
}

/// What they did and wrote on tickets of others. No index leads there: it is rare, and so is erasing.
const ELSEWHERE: &str = "SELECT id, seq FROM support_tickets WHERE seq IN ( \
     SELECT ticket FROM support_messages WHERE author_id = ?1 AND author_role IN ('customer', 'guest') UNION \
     SELECT ticket FROM support_events WHERE actor_id = ?1 AND actor_role IN ('customer', 'guest')) ORDER BY seq";

fn erase_elsewhere(conn: &Connection, erasure: &Erasure) -> Result<(), Error> {
    let tickets: Vec<(TicketId, i64)> = all(conn, ELSEWHERE, [id_value(erasure.customer.uuid())], |row| {
        let mut row = Fields::new("support_tickets", row);
        Ok((row.read("id", uuid)?, row.read("seq", integer)?))
    })?;
    for (id, seq) in tickets {
        following(conn, &[seq], || {
            for message in messages::of_ticket(conn, seq, id)? {
                if erasure.is_by(&message.author) {
                    messages::rewrite(conn, &erasure.message(message))?;
                }
            }
            Ok(())
        })?;
        for event in events::of_ticket(conn, seq, id)? {
            if erasure.is_by(&event.actor) {
                events::rewrite(conn, &erasure.event(event))?;
            }
        }
    }
    Ok(())
}

fn erase_ticket(
    conn: &Connection,
    place: &Place,
    counts: &mut Counts,
    erasure: &Erasure,
    ticket: Ticket,
) -> Result<(), Error> {
    let (id, version) = (ticket.id, ticket.version);
    let seq = place.of(conn, id)?;
    // First: the words of a ticket are forgotten by what its first message says.
    following(conn, &[seq], || {
        for message in messages::of_ticket(conn, seq, id)? {
            messages::rewrite(conn, &erasure.message(message))?;
        }
        Ok(())
    })?;
    update(conn, place, counts, &erasure.ticket(ticket), version)?;
    for event in events::of_ticket(conn, seq, id)? {
        events::rewrite(conn, &erasure.event(event))?;
    }
    for entry in time_entries::latest(conn, id, u32::MAX)? {
        time_entries::rewrite(conn, &erasure.time_entry(entry))?;
    }
    for operation in operations::latest(conn, id, u32::MAX)? {
        operations::rewrite(conn, &erasure.operation(operation))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
