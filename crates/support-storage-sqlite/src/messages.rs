//! Messages and notes.

use crate::{
    SqliteStore,
    error::Error,
    row::{Fields, all, count, flag, id_value, json, json_text, must_change, one, text, time, time_value, uuid},
    stretch::Stretch,
    tickets::{words::following, write::Place},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use support_core::{
    domain::{
        actor::Role,
        id::{MessageId, TicketId},
        message::{Message, Side},
    },
    ports::{
        Slice, StoreError,
        messages::{MessageQuery, MessageStore},
    },
};

macro_rules! columns {
    () => {
        "id, author_role, author_id, author_name, internal, attachments, sent_at, revision, edited_at, deleted_at, \
         read_at, body"
    };
}
macro_rules! messages {
    ($condition:literal) => {
        concat!("SELECT ", columns!(), " FROM support_messages WHERE ", $condition)
    };
}
macro_rules! thread {
    ($condition:literal) => {
        concat!(
            messages!("ticket = (SELECT seq FROM support_tickets WHERE id = ?1) AND seq > ?2"),
            $condition,
            " ORDER BY seq LIMIT ?3"
        )
    };
}
/// As [`Message::is_unread_by`] says, but for the authors: those of the other side are a list of words.
macro_rules! unread {
    () => {
        "internal = 0 AND deleted_at IS NULL AND read_at IS NULL AND author_role IN (SELECT value FROM json_each(?2))"
    };
}

pub(crate) const THREAD: &str = thread!("");
pub(crate) const PUBLIC_THREAD: &str = thread!(" AND internal = 0");
pub(crate) const WHOLE_THREAD: &str = messages!("ticket = ?1 ORDER BY seq");
pub(crate) const BY_ID: &str =
    messages!("id = ?1 AND support_messages.ticket = (SELECT seq FROM support_tickets WHERE id = ?2)");
pub(crate) const UNREAD: &str = concat!(
    "SELECT count(*) FROM support_messages WHERE ticket = (SELECT seq FROM support_tickets WHERE id = ?1) AND ",
    unread!()
);
pub(crate) const MARK_READ: &str =
    concat!("UPDATE support_messages SET read_at = ?3 WHERE ticket = ?1 AND ", unread!());
pub(crate) const MARK_ONE_READ: &str =
    concat!("UPDATE support_messages SET read_at = ?3 WHERE ticket = ?1 AND ", unread!(), " AND id = ?4");
/// Takes a place in the order of commits and a number of rows.
pub(crate) const BEHIND: &str = concat!(
    "SELECT ",
    columns!(),
    ", (SELECT t.id FROM support_tickets AS t WHERE t.seq = ticket) AS ticket, seq \
     FROM support_messages WHERE seq > ?1 ORDER BY seq LIMIT ?2"
);
/// What the words of a ticket come from.
pub(crate) const FIRST: &str =
    "SELECT id FROM support_messages WHERE ticket = ?1 AND internal = 0 ORDER BY seq LIMIT 1";
pub(crate) const PLACE: &str =
    "SELECT seq FROM support_messages WHERE id = ?1 AND ticket = (SELECT seq FROM support_tickets WHERE id = ?2)";
pub(crate) const PUBLIC_PLACE: &str = "SELECT seq FROM support_messages \
     WHERE id = ?1 AND ticket = (SELECT seq FROM support_tickets WHERE id = ?2) AND internal = 0";

#[async_trait]
impl MessageStore for SqliteStore {
    async fn messages(&self, query: &MessageQuery) -> Result<Slice<Message>, StoreError> {
        let (place, page) = if query.internal { (PLACE, THREAD) } else { (PUBLIC_PLACE, PUBLIC_THREAD) };
        let thread = Stretch { place, page };
        let (ticket, after) = (query.ticket.uuid(), query.after.map(MessageId::uuid));
        self.readers.read(|conn| thread.read(conn, ticket, after, query.limit, |row| decode(row, query.ticket)))
    }

    async fn message(&self, ticket: TicketId, id: MessageId) -> Result<Option<Message>, StoreError> {
        let params = params![id_value(id.uuid()), id_value(ticket.uuid())];
        self.readers.read(|conn| one(conn, BY_ID, params, |row| decode(row, ticket)))
    }

    async fn unread_messages(&self, ticket: TicketId, side: Side) -> Result<u32, StoreError> {
        let params = params![id_value(ticket.uuid()), authors_for(side)];
        self.readers.read(|conn| Ok(conn.prepare_cached(UNREAD)?.query_row(params, |row| row.get(0))?))
    }
}

/// The roles whose messages are for `side` to read.
fn authors_for(side: Side) -> String {
    let roles = Role::ALL.into_iter().filter(|role| Side::of(*role) != side);
    roles.map(Role::as_str).collect::<serde_json::Value>().to_string()
}

fn decode(row: &Row<'_>, ticket: TicketId) -> Result<Message, Error> {
    let mut row = Fields::new("support_messages", row);
    Ok(Message {
        id: row.read("id", uuid)?,
        ticket,
        author: row.signature(["author_role", "author_id", "author_name"])?,
        internal: row.read("internal", flag)?,
        attachments: row.read("attachments", json)?,
        sent_at: row.read("sent_at", time)?,
        revision: row.read("revision", count)?,
        edited_at: row.maybe("edited_at", time)?,
        deleted_at: row.maybe("deleted_at", time)?,
        read_at: row.maybe("read_at", time)?,
        body: row.read("body", text)?,
    })
}

/// The messages of the ticket at a place.
pub(crate) fn of_ticket(conn: &Connection, seq: i64, ticket: TicketId) -> Result<Vec<Message>, Error> {
    all(conn, WHOLE_THREAD, [seq], |row| decode(row, ticket))
}

/// Those of all tickets behind a place in the order of commits, and where they stand in it.
pub(crate) fn behind(conn: &Connection, after: i64, limit: u32) -> Result<Vec<(i64, Message)>, Error> {
    all(conn, BEHIND, params![after, limit], |row| {
        let (ticket, seq) = Fields::tail("support_messages", row, 2).on_ticket()?;
        Ok((seq, decode(row, ticket)?))
    })
}

/// Adds a message to a ticket, which must be there.
pub(crate) fn add(conn: &Connection, place: &Place, message: &Message) -> Result<(), Error> {
    let seq = place.of(conn, message.ticket)?;
    // Only where all that stood before has moved away is it the first.
    if message.internal || first(conn, seq)?.is_some() {
        insert(conn, place, message)
    } else {
        following(conn, &[seq], || insert(conn, place, message))
    }
}

/// Adds a message whose words somebody else indexes.
pub(crate) fn insert(conn: &Connection, place: &Place, message: &Message) -> Result<(), Error> {
    let ticket = place.of(conn, message.ticket)?;
    conn.prepare_cached(
        "INSERT INTO support_messages (id, ticket, author_role, author_id, author_name, internal, attachments, sent_at, \
         body, revision, edited_at, deleted_at, read_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        id_value(message.id.uuid()),
        ticket,
        message.author.role.as_str(),
        message.author.id.map(id_value),
        message.author.name,
        message.internal,
        json_text(&message.attachments)?,
        time_value(message.sent_at),
        message.body,
        message.revision,
        message.edited_at.map(time_value),
        message.deleted_at.map(time_value),
        message.read_at.map(time_value),
    ])?;
    Ok(())
}

/// Changes what a message says, if it still has the revision that was read.
pub(crate) fn update(conn: &Connection, place: &Place, message: &Message, read: u32) -> Result<(), Error> {
    let ticket = place.of(conn, message.ticket)?;
    let write = || {
        must_change(
            conn,
            "UPDATE support_messages SET body = ?4, attachments = ?5, edited_at = ?6, deleted_at = ?7, \
             revision = revision + 1 WHERE id = ?1 AND ticket = ?2 AND revision = ?3",
            params![
                id_value(message.id.uuid()),
                ticket,
                read,
                message.body,
                json_text(&message.attachments)?,
                message.edited_at.map(time_value),
                message.deleted_at.map(time_value),
            ],
        )
    };
    if first(conn, ticket)? == Some(message.id) { following(conn, &[ticket], write) } else { write() }
}

/// Makes the row of a message what `message` says; its ticket stays. Somebody else indexes its words.
pub(crate) fn rewrite(conn: &Connection, message: &Message) -> Result<(), Error> {
    must_change(
        conn,
        "UPDATE support_messages SET author_role = ?2, author_id = ?3, author_name = ?4, internal = ?5, \
         attachments = ?6, sent_at = ?7, body = ?8, revision = ?9, edited_at = ?10, deleted_at = ?11, read_at = ?12 \
         WHERE id = ?1",
        params![
            id_value(message.id.uuid()),
            message.author.role.as_str(),
            message.author.id.map(id_value),
            message.author.name,
            message.internal,
            json_text(&message.attachments)?,
            time_value(message.sent_at),
            message.body,
            message.revision,
            message.edited_at.map(time_value),
            message.deleted_at.map(time_value),
            message.read_at.map(time_value),
        ],
    )
}

pub(crate) fn mark_read(
    conn: &Connection,
    place: &Place,
    ticket: TicketId,
    only: Option<MessageId>,
    by: Side,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let (ticket, authors, at) = (place.of(conn, ticket)?, authors_for(by), time_value(at));
    match only {
        None => conn.prepare_cached(MARK_READ)?.execute(params![ticket, authors, at])?,
        Some(id) => conn.prepare_cached(MARK_ONE_READ)?.execute(params![ticket, authors, at, id_value(id.uuid())])?,
    };
    Ok(())
}

/// Moves messages to another ticket, each of which must be of the first.
pub(crate) fn relocate(
    conn: &Connection,
    place: &Place,
    from: TicketId,
    to: TicketId,
    messages: &[MessageId],
) -> Result<(), Error> {
    let target = place.of(conn, to)?;
    if messages.is_empty() {
        return Ok(());
    }
    let source = place.of(conn, from)?;
    following(conn, &[source, target], || {
        let sql = "UPDATE support_messages SET ticket = ?3 WHERE id = ?1 AND ticket = ?2";
        messages.iter().try_for_each(|id| must_change(conn, sql, params![id_value(id.uuid()), source, target]))
    })
}

fn first(conn: &Connection, ticket: i64) -> Result<Option<MessageId>, Error> {
    let id = |row: &Row<'_>| Ok(Fields::new("support_messages", row).read("id", uuid));
    conn.prepare_cached(FIRST)?.query_row([ticket], id).optional()?.transpose()
}

/// Fails unless this is the last message of the ticket.
pub(crate) fn require_last(conn: &Connection, ticket: TicketId, message: MessageId) -> Result<(), Error> {
    let last: Option<Vec<u8>> = conn
        .prepare_cached(
            "SELECT id FROM support_messages WHERE ticket = (SELECT seq FROM support_tickets WHERE id = ?1) \
             ORDER BY seq DESC LIMIT 1",
        )?
        .query_row([id_value(ticket.uuid())], |row| row.get(0))
        .optional()?;
    if last.as_deref() == Some(message.uuid().as_bytes()) { Ok(()) } else { Err(Error::Conflict) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_reads_the_other() {
        assert_eq!(authors_for(Side::Customer), r#"["agent","admin","system"]"#);
        assert_eq!(authors_for(Side::Staff), r#"["guest","customer"]"#);
    }
}
