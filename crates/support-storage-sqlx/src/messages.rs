//! Messages and notes.

use crate::{
    SqlxStore,
    commit::{Must, Step, inserted, marks},
    error::Error,
    names::Dialect,
    row::{Fields, Row},
    session::Session,
    store::read,
    stretch::Stretch,
    tickets::words,
    value::{Value, json_text, values},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
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
        "id, ticket, author_role, author_id, author_name, internal, attachments, sent_at, revision, edited_at, \
         deleted_at, read_at, body"
    };
}
macro_rules! messages {
    ($condition:literal) => {
        concat!("SELECT ", columns!(), " FROM {messages} WHERE ", $condition)
    };
}

const COLUMNS: &str = columns!();
/// Takes a place in the order of commits and a number of rows.
pub(crate) const BEHIND: &str =
    concat!("SELECT ", columns!(), ", seq FROM {messages} WHERE seq > ? ORDER BY seq LIMIT ?");
const THREAD: Stretch = Stretch {
    place: "SELECT id, seq FROM {messages} WHERE id = ? AND ticket = ?",
    page: messages!("ticket = ? AND seq > ? ORDER BY seq LIMIT ?"),
};
const PUBLIC_THREAD: Stretch = Stretch {
    place: "SELECT id, seq FROM {messages} WHERE id = ? AND ticket = ? AND NOT internal",
    page: messages!("ticket = ? AND seq > ? AND NOT internal ORDER BY seq LIMIT ?"),
};

#[async_trait]
impl MessageStore for SqlxStore {
    async fn messages(&self, query: &MessageQuery) -> Result<Slice<Message>, StoreError> {
        let thread = if query.internal { THREAD } else { PUBLIC_THREAD };
        let (ticket, after) = (query.ticket.uuid(), query.after.map(MessageId::uuid));
        read!(self.primary, |session| thread.read(session, ticket, after, query.limit, decode))
    }

    async fn message(&self, ticket: TicketId, id: MessageId) -> Result<Option<Message>, StoreError> {
        read!(self.primary, |session| async {
            let row = session.row(messages!("id = ? AND ticket = ?"), values![id.uuid(), ticket.uuid()]).await?;
            row.as_ref().map(decode).transpose()
        })
    }

    async fn unread_messages(&self, ticket: TicketId, side: Side) -> Result<u32, StoreError> {
        let sql = format!("SELECT count(*) AS n FROM {{messages}} WHERE ticket = ?{}", unread(side));
        read!(self.primary, |session| async {
            let row = session.row(&sql, values![ticket.uuid()]).await?.ok_or(sqlx::Error::RowNotFound)?;
            Fields::new("messages", &row).count("n")
        })
    }
}

/// As [`Message::is_unread_by`] says.
fn unread(side: Side) -> String {
    let authors = Role::ALL.into_iter().filter(|role| Side::of(*role) != side);
    let authors: Vec<String> = authors.map(|role| format!("'{}'", role.as_str())).collect();
    format!(" AND NOT internal AND deleted_at IS NULL AND read_at IS NULL AND author_role IN ({})", authors.join(", "))
}

fn decode(row: &Row) -> Result<Message, Error> {
    let mut row = Fields::new("messages", row);
    Ok(Message {
        id: row.id("id")?,
        ticket: row.id("ticket")?,
        author: row.signature(["author_role", "author_id", "author_name"])?,
        internal: row.flag("internal")?,
        attachments: row.json("attachments")?,
        sent_at: row.time("sent_at")?,
        revision: row.count("revision")?,
        edited_at: row.maybe_time("edited_at")?,
        deleted_at: row.maybe_time("deleted_at")?,
        read_at: row.maybe_time("read_at")?,
        body: row.text("body")?,
    })
}

/// A message, and where it stands in the order of commits.
pub(crate) fn placed(row: &Row) -> Result<(i64, Message), Error> {
    Ok((Fields::tail("messages", row, 1).integer("seq")?, decode(row)?))
}

/// The values of [`COLUMNS`], in their order.
fn encode(message: &Message) -> Result<Vec<Value>, Error> {
    Ok(values![
        message.id.uuid(),
        message.ticket.uuid(),
        message.author.role.as_str(),
        message.author.id,
        &message.author.name,
        message.internal,
        json_text(&message.attachments)?,
        message.sent_at,
        message.revision,
        message.edited_at,
        message.deleted_at,
        message.read_at,
        &message.body,
    ])
}

/// The messages of a ticket that is held.
pub(crate) async fn of_ticket(session: &mut Session<'_>, ticket: TicketId) -> Result<Vec<Message>, Error> {
    let rows = session.rows(messages!("ticket = ? ORDER BY seq FOR UPDATE"), values![ticket.uuid()]).await?;
    rows.iter().map(decode).collect()
}

/// Adds a message to a ticket that is held.
pub(crate) fn insert(dialect: Dialect, message: &Message) -> Result<Step, Error> {
    Ok(inserted(dialect, "messages", COLUMNS, vec![encode(message)?]))
}

/// Adds messages as another store had them.
pub(crate) fn restore(dialect: Dialect, messages: &[&Message]) -> Result<Vec<Step>, Error> {
    let rows: Result<Vec<_>, Error> = messages.iter().map(|message| encode(message)).collect();
    let words = words::begin_all(dialect, messages);
    Ok([inserted(dialect, "messages", COLUMNS, rows?)].into_iter().chain(words).collect())
}

/// Adds the message that a ticket is opened with. Nobody else knows of the ticket yet.
pub(crate) fn open(message: &Message) -> Result<Step, Error> {
    let values = encode(message)?;
    Ok(Step::one(format!("INSERT INTO {{messages}} ({COLUMNS}) VALUES ({})", marks(values.len())), values))
}

/// Changes what a message says, if it still has the revision that was read.
pub(crate) fn update(dialect: Dialect, message: &Message, read: u32) -> Result<[Step; 2], Error> {
    let sql = "UPDATE {messages} SET body = ?, attachments = ?, edited_at = ?, deleted_at = ?, revision = revision + 1 \
               WHERE id = ? AND ticket = ? AND revision = ?";
    let values = values![
        &message.body,
        json_text(&message.attachments)?,
        message.edited_at,
        message.deleted_at,
        message.id.uuid(),
        message.ticket.uuid(),
        read,
    ];
    Ok([Step::one(sql, values), words::rewrite(dialect, message)])
}

/// Makes the row of a message what `message` says; its ticket stays. Somebody else indexes its words.
pub(crate) async fn rewrite(session: &mut Session<'_>, message: &Message) -> Result<(), Error> {
    let sets: Vec<String> = COLUMNS.split(", ").skip(2).map(|column| format!("{column} = ?")).collect();
    let mut values = encode(message)?.split_off(2);
    values.push(message.id.uuid().into());
    session.must_change(&format!("UPDATE {{messages}} SET {} WHERE id = ?", sets.join(", ")), values).await
}

pub(crate) fn mark_read(ticket: TicketId, only: Option<MessageId>, by: Side, at: DateTime<Utc>) -> Step {
    let mut sql = format!("UPDATE {{messages}} SET read_at = ? WHERE ticket = ?{}", unread(by));
    let mut values = values![at, ticket.uuid()];
    if let Some(id) = only {
        sql.push_str(" AND id = ?");
        values.push(id.uuid().into());
    }
    Step::new(sql, values, Must::Anything)
}

/// Moves messages to another ticket, each of which must be of the first.
pub(crate) fn relocate(from: TicketId, to: TicketId, messages: &[MessageId]) -> Step {
    let sql = format!("UPDATE {{messages}} SET ticket = ? WHERE ticket = ? AND id IN ({})", marks(messages.len()));
    let mut values = values![to.uuid(), from.uuid()];
    values.extend(messages.iter().map(|id| Value::from(id.uuid())));
    Step::new(sql, values, Must::Rows(messages.len() as u64))
}

/// Finds something only if this is the last message of the ticket, which is held.
pub(crate) fn is_last(dialect: Dialect, ticket: TicketId, message: MessageId) -> Step {
    // Locking, because another may have committed since the transaction began to read.
    let lock = dialect.choose("FOR SHARE", "LOCK IN SHARE MODE");
    let sql = format!(
        "SELECT 1 FROM (SELECT id FROM {{messages}} WHERE ticket = ? ORDER BY seq DESC LIMIT 1 {lock}) AS m WHERE m.id = ?"
    );
    Step::find(sql, values![ticket.uuid(), message.uuid()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_reads_the_other() {
        assert!(unread(Side::Customer).ends_with("IN ('agent', 'admin', 'system')"));
        assert!(unread(Side::Staff).ends_with("IN ('guest', 'customer')"));
    }
}
