//! Messages and notes.

use crate::{
    SqliteStore,
    error::Error,
    row::{Fields, flag, id_value, json, json_text, role_word, text, time, time_value, uuid},
    stretch::Stretch,
    tickets::write::Place,
};
use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use support_core::{
    domain::{id::MessageId, message::Message},
    ports::{
        Slice, StoreError,
        messages::{MessageQuery, MessageStore},
    },
};

macro_rules! thread {
    ($condition:literal) => {
        concat!(
            "SELECT id, author_role, author_id, author_name, internal, attachments, sent_at, body FROM support_messages \
             WHERE ticket = (SELECT seq FROM support_tickets WHERE id = ?1) AND seq > ?2",
            $condition,
            " ORDER BY seq LIMIT ?3"
        )
    };
}

pub(crate) const THREAD: &str = thread!("");
pub(crate) const PUBLIC_THREAD: &str = thread!(" AND internal = 0");
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
        self.readers.read(|conn| thread.read(conn, ticket, after, query.limit, |row| decode(row, query)))
    }
}

fn decode(row: &Row<'_>, query: &MessageQuery) -> Result<Message, Error> {
    let mut row = Fields::new("support_messages", row);
    Ok(Message {
        id: row.read("id", uuid)?,
        ticket: query.ticket,
        author: row.signature(["author_role", "author_id", "author_name"])?,
        internal: row.read("internal", flag)?,
        attachments: row.read("attachments", json)?,
        sent_at: row.read("sent_at", time)?,
        body: row.read("body", text)?,
    })
}

/// Adds a message to a ticket, which must be there.
pub(crate) fn insert(conn: &Connection, place: &Place, message: &Message) -> Result<(), Error> {
    let ticket = place.of(conn, message.ticket)?;
    conn.prepare_cached(
        "INSERT INTO support_messages \
         (id, ticket, author_role, author_id, author_name, internal, attachments, sent_at, body) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        id_value(message.id.uuid()),
        ticket,
        role_word(message.author.role),
        message.author.id.map(id_value),
        message.author.name,
        message.internal,
        json_text(&message.attachments)?,
        time_value(message.sent_at),
        message.body,
    ])?;
    Ok(())
}
