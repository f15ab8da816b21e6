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
/// Of all lists. Takes an id and a number of rows.
pub(crate) const BEHIND: &str = "SELECT id, version, item, created_at, updated_at FROM support_catalogue \
     WHERE id > ?1 ORDER BY id LIMIT ?2";

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

/// Entries of all lists behind an id, in the order of ids.
pub(crate) fn behind(conn: &Connection, after: Option<EntryId>, limit: u32) -> Result<Vec<Entry>, Error> {
    // Every id is behind the empty one.
    let after = after.map_or_else(Vec::new, |id| id.uuid().as_bytes().to_vec());
    all(conn, BEHIND, params![after, limit], decode)
}

/// Adds an entry that is not there yet.
pub(crate) fn insert(conn: &Connection, entry: &Entry, version: u64) -> Result<(), Error> {
    conn.prepare_cached(
        "INSERT INTO support_catalogue (id, kind, version, key, item, created_at, updated_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        id_value(entry.id.uuid()),
        entry.item.kind().as_str(),
        signed(version)?,
        entry.item.key(),
        json_text(&entry.item)?,
        time_value(entry.created_at),
        time_value(entry.updated_at),
    ])?;
    Ok(())
}

/// Makes an entry what `entry` says. That its key is nobody else's is seen by the table.
pub(crate) fn put(conn: &Connection, entry: &Entry, read: u64) -> Result<(), Error> {
    if read == 0 {
        return insert(conn, entry, 1);
    }
    // All but the moment of its making, which stays.
    must_change(
        conn,
        "UPDATE support_catalogue SET version = ?3 + 1, key = ?4, item = ?5, updated_at = ?6 \
         WHERE id = ?1 AND kind = ?2 AND version = ?3",
        params![
            id_value(entry.id.uuid()),
            entry.item.kind().as_str(),
            signed(read)?,
            entry.item.key(),
            json_text(&entry.item)?,
            time_value(entry.updated_at),
        ],
    )
}

pub(crate) fn remove(conn: &Connection, kind: ItemKind, id: EntryId, read: u64) -> Result<(), Error> {
    let sql = "DELETE FROM support_catalogue WHERE id = ?1 AND kind = ?2 AND version = ?3";
    must_change(conn, sql, params![id_value(id.uuid()), kind.as_str(), signed(read)?])
}
