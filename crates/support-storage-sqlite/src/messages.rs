//! Messages and notes.

use crate::{
    SqliteStore,
    error::Error,
    row::{Fields, flag, id_value, json, json_text, role_word, text, time, time_value, uuid},
    tickets::write::Place,
};
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use support_core::{
    domain::message::Message,
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

#[async_trait]
impl MessageStore for SqliteStore {
    async fn messages(&self, query: &MessageQuery) -> Result<Slice<Message>, StoreError> {
        self.readers.read(|conn| page(conn, query))
    }
}

fn page(conn: &Connection, query: &MessageQuery) -> Result<Slice<Message>, Error> {
    let ticket = id_value(query.ticket.uuid());
    let place = match query.after {
        None => Some(0_i64),
        Some(after) => conn
            .prepare_cached(PLACE)?
            .query_row(params![id_value(after.uuid()), ticket], |row| row.get(0))
            .optional()?,
    };
    let mut items = Vec::new();
    if let Some(place) = place {
        let sql = if query.internal { THREAD } else { PUBLIC_THREAD };
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![ticket, place, i64::from(query.limit) + 1])?;
        while let Some(row) = rows.next()? {
            items.push(decode(row, query)?);
        }
    }
    Ok(Slice::cut(items, query.limit as usize))
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
