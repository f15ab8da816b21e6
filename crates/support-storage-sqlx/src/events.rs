//! The audit trail.

use crate::{
    SqlxStore,
    commit::{Step, inserted},
    error::Error,
    names::Dialect,
    row::{Fields, Row},
    session::Session,
    store::read,
    stretch::Stretch,
    value::{Value, json_text, values},
};
use async_trait::async_trait;
use support_core::{
    domain::{
        event::Event,
        id::{EventId, TicketId},
    },
    ports::{
        Slice, StoreError,
        events::{EventQuery, EventStore},
    },
};

const COLUMNS: &str = "id, ticket, at, actor_role, actor_id, actor_name, cause, kind, internal, data";

macro_rules! events {
    ($condition:literal) => {
        concat!(
            "SELECT id, ticket, at, actor_role, actor_id, actor_name, cause, data FROM {events} WHERE ticket = ? ",
            $condition
        )
    };
}

/// Takes a place in the outbox and a number of rows. That places are above zero is said as well: an index holds no others.
pub(crate) const PLACED: &str = "SELECT id, ticket, at, actor_role, actor_id, actor_name, cause, data FROM {events} \
     WHERE place > 0 AND place > ? ORDER BY place LIMIT ?";
/// Takes a place in the order of commits and a number of rows.
pub(crate) const BEHIND: &str = "SELECT id, ticket, at, actor_role, actor_id, actor_name, cause, data, seq FROM {events} \
     WHERE seq > ? ORDER BY seq LIMIT ?";

const TRAIL: Stretch = Stretch {
    place: "SELECT id, seq FROM {events} WHERE id = ? AND ticket = ?",
    page: events!("AND seq > ? ORDER BY seq LIMIT ?"),
};

#[async_trait]
impl EventStore for SqlxStore {
    async fn events(&self, query: &EventQuery) -> Result<Slice<Event>, StoreError> {
        let (ticket, after) = (query.ticket.uuid(), query.after.map(EventId::uuid));
        read!(self.primary, |session| TRAIL.read(session, ticket, after, query.limit, decode))
    }
}

/// An entry, and where it stands in the order of commits.
pub(crate) fn placed(row: &Row) -> Result<(i64, Event), Error> {
    Ok((Fields::tail("events", row, 1).integer("seq")?, decode(row)?))
}

pub(crate) fn decode(row: &Row) -> Result<Event, Error> {
    let mut row = Fields::new("events", row);
    Ok(Event {
        id: row.id("id")?,
        ticket: row.id("ticket")?,
        at: row.time("at")?,
        actor: row.signature(["actor_role", "actor_id", "actor_name"])?,
        cause: row.json("cause")?,
        fact: row.json("data")?,
    })
}

/// The values of [`COLUMNS`], in their order.
fn encode(event: &Event) -> Result<Vec<Value>, Error> {
    Ok(values![
        event.id.uuid(),
        event.ticket.uuid(),
        event.at,
        event.actor.role.as_str(),
        event.actor.id,
        &event.actor.name,
        json_text(&event.cause)?,
        event.fact.name(),
        event.fact.is_internal(),
        json_text(&event.fact)?,
    ])
}

/// Adds entries to the trails of tickets that are held.
pub(crate) fn insert<'e>(dialect: Dialect, events: impl IntoIterator<Item = &'e Event>) -> Result<Step, Error> {
    let rows: Result<Vec<_>, Error> = events.into_iter().map(encode).collect();
    Ok(inserted(dialect, "events", COLUMNS, rows?))
}

/// The whole trail of a ticket that is held.
pub(crate) async fn of_ticket(session: &mut Session<'_>, ticket: TicketId) -> Result<Vec<Event>, Error> {
    session.rows(events!("ORDER BY seq FOR UPDATE"), values![ticket.uuid()]).await?.iter().map(decode).collect()
}

/// Makes the row of an event what `event` says; its ticket stays.
pub(crate) async fn rewrite(session: &mut Session<'_>, event: &Event) -> Result<(), Error> {
    let sets: Vec<String> = COLUMNS.split(", ").skip(2).map(|column| format!("{column} = ?")).collect();
    let mut values = encode(event)?.split_off(2);
    values.push(event.id.uuid().into());
    session.must_change(&format!("UPDATE {{events}} SET {} WHERE id = ?", sets.join(", ")), values).await
}
