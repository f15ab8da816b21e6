//! Things that are kept as a whole.

pub(crate) mod counts;
pub(crate) mod write;

use crate::{
    SqliteStore,
    error::Error,
    row::{Fields, all, count, id_value, json, one, uuid, word},
};
use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use support_core::{
    domain::{
        document::{Document, DocumentKind, Placement},
        id::CustomerId,
    },
    ports::{
        Slice, StoreError,
        documents::{DocumentQuery, DocumentStore},
    },
};
use uuid::Uuid;

macro_rules! documents {
    ($from:literal) => {
        concat!("SELECT d.id, d.kind, d.version, d.owner, d.keys, d.lists, d.body FROM ", $from)
    };
}

pub(crate) const BY_ID: &str = documents!("support_documents AS d WHERE d.kind = ?1 AND d.id = ?2");
pub(crate) const BY_KEY: &str = documents!(
    "support_document_keys AS k CROSS JOIN support_documents AS d ON d.seq = k.document \
     WHERE k.kind = ?1 AND k.key = ?2"
);
/// Both take kind, list, a place and an id, a number of rows and how many are passed over.
pub(crate) const RISING: &str = documents!(
    "support_document_lists AS l CROSS JOIN support_documents AS d ON d.seq = l.document \
     WHERE l.kind = ?1 AND l.list = ?2 AND (l.at, l.id) > (?3, ?4) ORDER BY l.at, l.id LIMIT ?5 OFFSET ?6"
);
pub(crate) const FALLING: &str = documents!(
    "support_document_lists AS l CROSS JOIN support_documents AS d ON d.seq = l.document \
     WHERE l.kind = ?1 AND l.list = ?2 AND (l.at, l.id) < (?3, ?4) ORDER BY l.at DESC, l.id DESC LIMIT ?5 OFFSET ?6"
);
/// Take an owner, a kind, an id and a number of rows; or, of everybody's, the last three.
pub(crate) const OF_OWNER: &str = documents!(
    "support_documents AS d WHERE d.owner = ?1 AND (d.kind, d.id) > (?2, ?3) ORDER BY d.kind, d.id LIMIT ?4"
);
pub(crate) const BEHIND: &str =
    documents!("support_documents AS d WHERE (d.kind, d.id) > (?1, ?2) ORDER BY d.kind, d.id LIMIT ?3");

#[async_trait]
impl DocumentStore for SqliteStore {
    async fn document(&self, kind: DocumentKind, id: Uuid) -> Result<Option<Document>, StoreError> {
        self.readers.read(|conn| one(conn, BY_ID, params![kind.as_str(), id_value(id)], decode))
    }

    async fn document_by_key(&self, kind: DocumentKind, key: &str) -> Result<Option<Document>, StoreError> {
        self.readers.read(|conn| one(conn, BY_KEY, params![kind.as_str(), key], decode))
    }

    async fn documents(&self, query: &DocumentQuery) -> Result<Slice<Document>, StoreError> {
        self.readers.read(|conn| page(conn, query))
    }

    async fn document_counts(
        &self,
        kind: DocumentKind,
        prefix: &str,
        limit: u32,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        self.readers.read(|conn| counts::beginning_with(conn, kind, prefix, limit))
    }

    async fn document_counts_on(&self, kind: DocumentKind, lists: &[String]) -> Result<Vec<u64>, StoreError> {
        self.readers.read(|conn| counts::on(conn, kind, lists))
    }

    async fn documents_of(
        &self,
        owner: CustomerId,
        after: Option<(DocumentKind, Uuid)>,
        limit: u32,
    ) -> Result<Vec<Document>, StoreError> {
        let (kind, id) = behind_place(after);
        let params = params![id_value(owner.uuid()), kind, id, limit];
        self.readers.read(|conn| all(conn, OF_OWNER, params, decode))
    }
}

fn page(conn: &Connection, query: &DocumentQuery) -> Result<Slice<Document>, Error> {
    // An id has 16 bytes: each is greater than none, and less than one byte more of the greatest.
    let (sql, from) = if query.falling { (FALLING, (i64::MAX, vec![0xff; 17])) } else { (RISING, (i64::MIN, vec![])) };
    let (at, id) = query.after.map_or(from, |(at, id)| (at, id.as_bytes().to_vec()));
    let limit = i64::from(query.limit) + 1;
    let items = all(conn, sql, params![query.kind.as_str(), query.list, at, id, limit, query.skip], decode)?;
    Ok(Slice::cut(items, query.limit as usize))
}

/// Documents of all kinds behind one, in the order of the words of kinds, then of ids.
pub(crate) fn behind(
    conn: &Connection,
    after: Option<(DocumentKind, Uuid)>,
    limit: u32,
) -> Result<Vec<Document>, Error> {
    let (kind, id) = behind_place(after);
    all(conn, BEHIND, params![kind, id, limit], decode)
}

/// Everything is behind the empty word and id.
fn behind_place(after: Option<(DocumentKind, Uuid)>) -> (&'static str, Vec<u8>) {
    after.map_or(("", Vec::new()), |(kind, id)| (kind.as_str(), id.as_bytes().to_vec()))
}

fn decode(row: &Row<'_>) -> Result<Document, Error> {
    let mut row = Fields::new("support_documents", row);
    Ok(Document {
        id: row.read("id", uuid)?,
        kind: row.read("kind", word(DocumentKind::ALL, DocumentKind::as_str))?,
        version: row.read("version", count)?,
        owner: row.maybe("owner", uuid)?,
        placement: Placement { keys: row.read("keys", json)?, lists: row.read("lists", json)? },
        body: row.read("body", json)?,
    })
}
