//! One change set, as SQL.

use crate::{
    agents, archive, catalogue, documents, erasure,
    error::Error,
    events, leases, messages, operations, requests,
    stats::counts::Counts,
    tickets::{self, write::Place},
    time_entries,
};
use rusqlite::{Connection, Transaction};
use support_core::ports::{ChangeSet, Guard, StoreError, Write};

/// Applies a change set inside a transaction of the host, so that an order and its ticket come into being together.
///
/// The tables must be there: see [`migrate`](crate::migrate). The transaction must be a writing one from its start
/// ([`Immediate`](rusqlite::TransactionBehavior::Immediate)): a deferred one may read a state that it can no longer
/// write to, and fails without waiting.
///
/// # Errors
/// As [`Store::commit`](support_core::ports::Store::commit). After a conflict nothing of the change set is left in the
/// transaction, and the host may decide again and go on. After any other error ask `tx.is_autocommit()` first: where
/// that is true, SQLite has given the whole transaction up, and whatever is written next would stand by itself.
pub fn commit_in(tx: &Transaction<'_>, changes: &ChangeSet) -> Result<(), StoreError> {
    whole(tx, || apply(tx, changes)?.write(tx)).map_err(Error::from)?.map_err(StoreError::from)
}

/// Runs `work` such that nothing of it stays where it fails. The outer error is one of the savepoint itself.
pub(crate) fn whole<T, E>(
    conn: &Connection,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<Result<T, E>, rusqlite::Error> {
    let run = |sql| conn.prepare_cached(sql)?.execute([]);
    run("SAVEPOINT support_desk")?;
    let outcome = work();
    // SQLite itself gives a whole transaction up after some errors; there is no savepoint to go back to then.
    if outcome.is_err() && !conn.is_autocommit() {
        run("ROLLBACK TO support_desk")?;
    }
    if !conn.is_autocommit() {
        run("RELEASE support_desk")?;
    }
    Ok(outcome)
}

/// Applies a change set, but for what it counts: that is for the caller to write, by itself or with that of others. Where
/// it fails, what was written before is still there, for the caller to roll back.
pub(crate) fn apply(conn: &Connection, changes: &ChangeSet) -> Result<Counts, Error> {
    let (place, mut counts) = (Place::default(), Counts::default());
    for guard in &changes.guards {
        match guard {
            Guard::TicketVersion { ticket, version } => tickets::write::require(conn, *ticket, *version)?,
            Guard::TicketStands { ticket } => tickets::write::require_stands(conn, *ticket)?,
            Guard::TicketUntouched { ticket, updated_at } => {
                tickets::write::require_untouched(conn, *ticket, *updated_at)?;
            }
            Guard::LastMessage { ticket, message } => messages::require_last(conn, *ticket, *message)?,
            Guard::Lease { job, token } => leases::require(conn, job, *token)?,
        }
    }
    for write in &changes.writes {
        self::write(conn, &place, &mut counts, write)?;
    }
    for event in &changes.events {
        events::insert(conn, &place, event)?;
    }
    Ok(counts)
}

fn write(conn: &Connection, place: &Place, counts: &mut Counts, write: &Write) -> Result<(), Error> {
    match write {
        Write::OpenTicket { ticket, message } => tickets::write::open(conn, place, counts, ticket, message),
        Write::UpdateTicket { ticket, read } => tickets::write::update(conn, place, counts, ticket, *read),
        Write::AddMessage { message, touch } => {
            messages::add(conn, place, message)?;
            if *touch { tickets::write::touch(conn, message.ticket, message.sent_at) } else { Ok(()) }
        }
        Write::UpdateMessage { message, read } => messages::update(conn, place, message, *read),
        Write::MarkRead { ticket, message, by, at } => messages::mark_read(conn, place, *ticket, *message, *by, *at),
        Write::MoveMessages { from, to, messages } => messages::relocate(conn, place, *from, *to, messages),
        Write::PutAgent { agent, read } => agents::put(conn, agent, *read),
        Write::Occupy { agent, read, most, at } => agents::occupy(conn, agent, *read, *most, *at),
        Write::Release { agent } => agents::release(conn, *agent),
        Write::Tally(entries) => {
            for entry in entries {
                counts.tally(entry);
            }
            Ok(())
        }
        Write::PutEntry { entry, read } => catalogue::put(conn, entry, *read),
        Write::RemoveEntry { kind, id, read } => catalogue::remove(conn, *kind, *id, *read),
        Write::PutDocument { document, read, before } => documents::write::put(conn, counts, document, *read, before),
        Write::RemoveDocument { kind, id, read, before } => {
            documents::write::remove(conn, counts, (*kind, *id), *read, before)
        }
        Write::AddOperation(operation) => operations::insert(conn, place, operation),
        Write::UndoOperation { id, undone } => operations::undo(conn, *id, undone),
        Write::AddTimeEntry(entry) => time_entries::insert(conn, place, entry),
        Write::RemoveTimeEntry { ticket, id } => time_entries::remove(conn, *ticket, *id),
        Write::RememberRequest { request, expired } => requests::remember(conn, request, *expired),
        Write::ForgetRequests { until } => requests::forget(conn, *until),
        // They have had theirs since they were written.
        Write::PlaceEvents { limit: _ } => Ok(()),
        Write::Erase(erasure) => erasure::erase(conn, place, counts, erasure),
        Write::Restore(record) => archive::restore(conn, place, counts, record),
    }
}
