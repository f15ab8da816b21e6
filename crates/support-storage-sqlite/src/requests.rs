//! Requests that were answered before.

use crate::{
    SqliteStore,
    error::Error,
    row::{Fields, Reason, all, id_value, one, text, time, time_value},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params, types::ValueRef};
use support_core::{
    domain::{
        id::CustomerId,
        request::{Request, RequestKey},
    },
    ports::{StoreError, requests::RequestStore},
};
use uuid::Uuid;

/// How many requests are forgotten in one go: whoever waits to write waits for that.
const AT_ONCE: u32 = 4_096;

macro_rules! requests {
    ($condition:literal) => {
        concat!("SELECT key, principal, at, about, digest, answer FROM support_requests ", $condition)
    };
}

pub(crate) const BY_KEY: &str = requests!("WHERE principal = ?1 AND key = ?2");
/// Take a number of rows, and principal and key of the one before.
pub(crate) const FIRST: &str = requests!("ORDER BY principal, key LIMIT ?1");
pub(crate) const BEHIND: &str = requests!("WHERE (principal, key) > (?2, ?3) ORDER BY principal, key LIMIT ?1");
pub(crate) const FORGET: &str = "DELETE FROM support_requests WHERE seq IN \
     (SELECT seq FROM support_requests WHERE at <= ?1 ORDER BY at LIMIT ?2)";

#[async_trait]
impl RequestStore for SqliteStore {
    async fn request(&self, key: &RequestKey) -> Result<Option<Request>, StoreError> {
        self.readers.read(|conn| one(conn, BY_KEY, [&key.principal, &key.key], decode))
    }
}

fn decode(row: &Row<'_>) -> Result<Request, Error> {
    let mut row = Fields::new("support_requests", row);
    let key = row.read("key", text)?;
    Ok(Request {
        key: RequestKey { principal: row.read("principal", text)?, key },
        at: row.read("at", time)?,
        about: row.read("about", people)?,
        digest: row.read("digest", |value| {
            let bytes = blob(value)?;
            bytes.try_into().map_err(|_| format!("{} bytes are no digest", bytes.len()))
        })?,
        answer: row.read("answer", |value| blob(value).map(<[u8]>::to_vec))?,
    })
}

/// Ids, one behind the other.
fn people(value: ValueRef<'_>) -> Result<Vec<CustomerId>, Reason> {
    let (ids, rest) = blob(value)?.as_chunks::<16>();
    if rest.is_empty() {
        Ok(ids.iter().map(|id| Uuid::from_bytes(*id).into()).collect())
    } else {
        Err(format!("{} bytes are left of the last id", rest.len()))
    }
}

fn blob(value: ValueRef<'_>) -> Result<&[u8], Reason> {
    value.as_blob().map_err(|error| error.to_string())
}

/// Requests behind a principal and key, in their order.
pub(crate) fn behind(conn: &Connection, after: Option<&(String, String)>, limit: u32) -> Result<Vec<Request>, Error> {
    match after {
        None => all(conn, FIRST, [limit], decode),
        Some((principal, key)) => all(conn, BEHIND, params![limit, principal, key], decode),
    }
}

/// Adds a request. One of the same key makes way only where it is old.
pub(crate) fn remember(conn: &Connection, request: &Request, expired: DateTime<Utc>) -> Result<(), Error> {
    let key = &request.key;
    conn.prepare_cached("DELETE FROM support_requests WHERE principal = ?1 AND key = ?2 AND at <= ?3")?
        .execute(params![key.principal, key.key, time_value(expired)])?;
    insert(conn, request)
}

/// Adds a request of a key that is not there yet.
pub(crate) fn insert(conn: &Connection, request: &Request) -> Result<(), Error> {
    let Request { key, digest, answer, about, at } = request;
    conn.prepare_cached(
        "INSERT INTO support_requests (principal, key, at, about, digest, answer) VALUES (?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        key.principal,
        key.key,
        time_value(*at),
        about.iter().flat_map(|id| id.uuid().into_bytes()).collect::<Vec<u8>>(),
        digest.as_slice(),
        answer
    ])?;
    Ok(())
}

/// Forgets the oldest requests of this moment and before.
pub(crate) fn forget(conn: &Connection, until: DateTime<Utc>) -> Result<(), Error> {
    conn.prepare_cached(FORGET)?.execute(params![time_value(until), AT_ONCE])?;
    Ok(())
}

/// Forgets what was answered about a person.
pub(crate) fn forget_about(conn: &Connection, customer: CustomerId) -> Result<(), Error> {
    // No index leads into a list; there are no more rows than there were requests in a day.
    conn.prepare_cached("DELETE FROM support_requests WHERE instr(about, ?1) > 0")?
        .execute([id_value(customer.uuid())])?;
    Ok(())
}
