//! The small lists that staff keep.

use crate::{
    SqliteStore,
    error::Error,
    row::{Fields, all, count, id_value, json, json_text, must_change, one, signed, time, time_value, uuid},
};
use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use support_core::{
    domain::{
        catalogue::{Entry, ItemKind},
        id::EntryId,
    },
    ports::{StoreError, catalogue::CatalogueStore},
};

macro_rules! entries {
    ($condition:literal) => {
        concat!("SELECT id, version, item, created_at, updated_at FROM support_catalogue WHERE kind = ?1 ", $condition)
    };
}

pub(crate) const LIST: &str = entries!("ORDER BY key");
pub(crate) const BY_ID: &str = entries!("AND id = ?2");

#[async_trait]
impl CatalogueStore for SqliteStore {
    async fn entries(&self, kind: ItemKind) -> Result<Vec<Entry>, StoreError> {
        self.readers.read(|conn| all(conn, LIST, [kind.as_str()], decode))
    }

    async fn entry(&self, kind: ItemKind, id: EntryId) -> Result<Option<Entry>, StoreError> {
        self.readers.read(|conn| one(conn, BY_ID, params![kind.as_str(), id_value(id.uuid())], decode))
    }
}

fn decode(row: &Row<'_>) -> Result<Entry, Error> {
    let mut row = Fields::new("support_catalogue", row);
    Ok(Entry {
        id: row.read("id", uuid)?,
        version: row.read("version", count)?,
        item: row.read("item", json)?,
        created_at: row.read("created_at", time)?,
        updated_at: row.read("updated_at", time)?,
    })
}

/// Makes an entry what `entry` says. That its key is nobody else's is seen by the table.
pub(crate) fn put(conn: &Connection, entry: &Entry, read: u64) -> Result<(), Error> {
    let (id, read) = (id_value(entry.id.uuid()), signed(read)?);
    let (kind, key, item) = (entry.item.kind().as_str(), entry.item.key(), json_text(&entry.item)?);
    let (created_at, updated_at) = (time_value(entry.created_at), time_value(entry.updated_at));
    let values = params![id, kind, read, key, item, updated_at, created_at];
    if read == 0 {
        let sql = "INSERT INTO support_catalogue (id, kind, version, key, item, updated_at, created_at) \
                   VALUES (?1, ?2, ?3 + 1, ?4, ?5, ?6, ?7)";
        must_change(conn, sql, values)
    } else {
        // All but the last: the moment of its making stays.
        let sql = "UPDATE support_catalogue SET version = ?3 + 1, key = ?4, item = ?5, updated_at = ?6 \
                   WHERE id = ?1 AND kind = ?2 AND version = ?3";
        must_change(conn, sql, &values[..6])
    }
}

pub(crate) fn remove(conn: &Connection, kind: ItemKind, id: EntryId, read: u64) -> Result<(), Error> {
    let sql = "DELETE FROM support_catalogue WHERE id = ?1 AND kind = ?2 AND version = ?3";
    must_change(conn, sql, params![id_value(id.uuid()), kind.as_str(), signed(read)?])
}
