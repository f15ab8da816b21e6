//! The small lists that staff keep.

use crate::{
    SqlxStore,
    commit::{Step, inserted},
    error::Error,
    names::Dialect,
    row::{Fields, Row},
    store::read,
    value::{json_text, signed, values},
};
use async_trait::async_trait;
use support_core::{
    domain::{
        catalogue::{Entry, ItemKind},
        id::EntryId,
    },
    ports::{StoreError, catalogue::CatalogueStore},
};

macro_rules! entries {
    ($condition:literal) => {
        concat!("SELECT id, version, item, created_at, updated_at FROM {catalogue} WHERE kind = ? ", $condition)
    };
}

#[async_trait]
impl CatalogueStore for SqlxStore {
    async fn entries(&self, kind: ItemKind) -> Result<Vec<Entry>, StoreError> {
        read!(self.primary, |session| async {
            let rows = session.rows(entries!("ORDER BY item_key"), values![kind.as_str()]).await?;
            rows.iter().map(decode).collect()
        })
    }

    async fn entry(&self, kind: ItemKind, id: EntryId) -> Result<Option<Entry>, StoreError> {
        read!(self.primary, |session| async {
            let row = session.row(entries!("AND id = ?"), values![kind.as_str(), id.uuid()]).await?;
            row.as_ref().map(decode).transpose()
        })
    }
}

pub(crate) fn decode(row: &Row) -> Result<Entry, Error> {
    let mut row = Fields::new("catalogue", row);
    Ok(Entry {
        id: row.id("id")?,
        version: row.count("version")?,
        item: row.json("item")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

/// Adds entries as another store had them.
pub(crate) fn restore(dialect: Dialect, entries: &[&Entry]) -> Result<Step, Error> {
    let row = |entry: &&Entry| {
        let (kind, key, item) = (entry.item.kind().as_str(), entry.item.key(), json_text(&entry.item)?);
        Ok(values![entry.id.uuid(), kind, signed(entry.version)?, key, item, entry.updated_at, entry.created_at])
    };
    let rows: Result<Vec<_>, Error> = entries.iter().map(row).collect();
    Ok(inserted(dialect, "catalogue", "id, kind, version, item_key, item, updated_at, created_at", rows?))
}

/// Makes an entry what `entry` says. That its key is nobody else's is seen by the table.
pub(crate) fn put(entry: &Entry, read: u64) -> Result<Step, Error> {
    let (id, read) = (entry.id.uuid(), signed(read)?);
    let (kind, key, item) = (entry.item.kind().as_str(), entry.item.key(), json_text(&entry.item)?);
    if read == 0 {
        let sql = "INSERT INTO {catalogue} (id, kind, version, item_key, item, updated_at, created_at) \
                   VALUES (?, ?, 1, ?, ?, ?, ?)";
        return Ok(Step::one(sql, values![id, kind, key, item, entry.updated_at, entry.created_at]));
    }
    let sql = "UPDATE {catalogue} SET version = version + 1, item_key = ?, item = ?, updated_at = ? \
               WHERE id = ? AND kind = ? AND version = ?";
    Ok(Step::one(sql, values![key, item, entry.updated_at, id, kind, read]))
}

pub(crate) fn remove(kind: ItemKind, id: EntryId, read: u64) -> Result<Step, Error> {
    let sql = "DELETE FROM {catalogue} WHERE id = ? AND kind = ? AND version = ?";
    Ok(Step::one(sql, values![id.uuid(), kind.as_str(), signed(read)?]))
}
