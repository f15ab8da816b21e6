//! Requests that were answered before.

use crate::{
    SqlxStore,
    commit::{Must, Step, inserted},
    error::Error,
    names::Dialect,
    row::{Fields, Row},
    session::Session,
    store::read,
    value::{Value, values},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use support_core::{
    domain::{
        id::CustomerId,
        request::{Request, RequestKey},
    },
    ports::{StoreError, requests::RequestStore},
};
use uuid::Uuid;

/// How many requests are forgotten in one go: whoever wants to write one of them waits for that.
const AT_ONCE: u32 = 4_096;

pub(crate) const COLUMNS: &str = "request_key, principal, at, about, digest, answer";

#[async_trait]
impl RequestStore for SqlxStore {
    async fn request(&self, key: &RequestKey) -> Result<Option<Request>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM {{requests}} WHERE principal = ? AND request_key = ?");
        read!(self.primary, |session| async {
            let row = session.row(&sql, values![&key.principal, &key.key]).await?;
            row.as_ref().map(decode).transpose()
        })
    }
}

pub(crate) fn decode(row: &Row) -> Result<Request, Error> {
    let mut row = Fields::new("requests", row);
    let key = row.text("request_key")?;
    let (principal, at, about) = (row.text("principal")?, row.time("at")?, row.bytes("about")?);
    let (ids, rest) = about.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(row.corrupt("about", format!("{} bytes are left of the last id", rest.len())));
    }
    let about = ids.iter().map(|id| Uuid::from_bytes(*id).into()).collect();
    let digest = row.bytes("digest")?;
    let wrong = |bytes: Vec<u8>| row.corrupt("digest", format!("{} bytes are no digest", bytes.len()));
    let digest = digest.try_into().map_err(wrong)?;
    Ok(Request { key: RequestKey { principal, key }, at, about, digest, answer: row.bytes("answer")? })
}

/// Adds requests of keys that are not there yet.
pub(crate) fn restore(dialect: Dialect, requests: &[&Request]) -> Step {
    let rows = requests.iter().map(|request| encode(request)).collect();
    inserted(dialect, "requests", "principal, request_key, at, about, digest, answer", rows)
}

fn encode(request: &Request) -> Vec<Value> {
    let Request { key, digest, answer, about, at } = request;
    let about: Vec<u8> = about.iter().flat_map(|id| id.uuid().into_bytes()).collect();
    values![&key.principal, &key.key, *at, about, digest.as_slice(), answer.as_slice()]
}

/// Adds a request. One of the same key makes way only where it is old.
pub(crate) fn remember(dialect: Dialect, request: &Request, expired: DateTime<Utc>) -> Vec<Step> {
    let (key, mut values) = (&request.key, encode(request));
    let insert = "INSERT INTO {requests} (principal, request_key, at, about, digest, answer) VALUES (?, ?, ?, ?, ?, ?)";
    if dialect.choose(true, false) {
        values.extend(values![expired]);
        let sql = insert.replace("{requests}", "{requests} AS r")
            + " ON CONFLICT (principal, request_key) DO UPDATE SET at = excluded.at, about = excluded.about, \
               digest = excluded.digest, answer = excluded.answer WHERE r.at <= ?";
        return vec![Step::one(sql, values)];
    }
    let old = "DELETE FROM {requests} WHERE principal = ? AND request_key = ? AND at <= ?";
    vec![Step::new(old, values![&key.principal, &key.key, expired], Must::Anything), Step::one(insert, values)]
}

/// Forgets the oldest requests of this moment and before.
pub(crate) fn forget(dialect: Dialect, until: DateTime<Utc>) -> Step {
    let sql = dialect.choose(
        "DELETE FROM {requests} WHERE (principal, request_key) IN \
         (SELECT principal, request_key FROM {requests} WHERE at <= ? ORDER BY at LIMIT ?) AND at <= ?",
        "DELETE FROM {requests} WHERE at <= ? ORDER BY at LIMIT ?",
    );
    let mut values = values![until, AT_ONCE];
    if dialect.choose(true, false) {
        // Asked of the row again: the key may have been given to a new request in the meantime.
        values.extend(values![until]);
    }
    Step::new(sql, values, Must::Anything)
}

/// Forgets what was answered about a person.
pub(crate) async fn forget_about(session: &mut Session<'_>, customer: CustomerId) -> Result<(), Error> {
    // No index leads into a list; there are no more rows than there were requests in a day.
    let sql = session.names.dialect.choose(
        "DELETE FROM {requests} WHERE position(? IN about) > 0",
        "DELETE FROM {requests} WHERE locate(?, about) > 0",
    );
    session.change(sql, values![customer.uuid().as_bytes().as_slice()]).await.map(drop)
}
