//! Things that are kept as a whole: each in one row, with its keys, its places on lists, and what is counted there.

mod write;

pub(crate) use write::{AT_ONCE, Counts, Placing, counted, forget_empty, put, remove, restore};

use crate::{
    SqlxStore,
    commit::marks,
    error::Error,
    row::{Fields, Row},
    store::read,
    value::{Value, holds_nul, values},
};
use async_trait::async_trait;
use std::collections::BTreeMap;
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

pub(crate) const COLUMNS: &str = "id, kind, version, owner_id, item_keys, lists, body";

macro_rules! documents {
    ($($rest:literal),*) => {
        concat!("SELECT d.id, d.kind, d.version, d.owner_id, d.item_keys, d.lists, d.body FROM ", $($rest),*)
    };
}

/// Everything here is decided upon, so nothing of it comes from a follower.
#[async_trait]
impl DocumentStore for SqlxStore {
    async fn document(&self, kind: DocumentKind, id: Uuid) -> Result<Option<Document>, StoreError> {
        let sql = documents!("{documents} AS d WHERE d.kind = ? AND d.id = ?");
        self.one_document(sql, values![kind.as_str(), id]).await
    }

    async fn document_by_key(&self, kind: DocumentKind, key: &str) -> Result<Option<Document>, StoreError> {
        let sql = documents!(
            "{document_keys} AS k JOIN {documents} AS d ON d.kind = k.kind AND d.id = k.document ",
            "WHERE k.kind = ? AND k.item_key = ?"
        );
        self.one_document(sql, values![kind.as_str(), key]).await
    }

    async fn documents(&self, query: &DocumentQuery) -> Result<Slice<Document>, StoreError> {
        let (sql, values) = page(query);
        let items = self.some_documents(&sql, values).await?;
        Ok(Slice::cut(items, query.limit as usize))
    }

    async fn document_counts(
        &self,
        kind: DocumentKind,
        prefix: &str,
        limit: u32,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let mut values = values![kind.as_str(), prefix];
        let end = behind_all(prefix).map(|end| values.push(end.into())).map_or("", |()| " AND list < ?");
        values.push(limit.into());
        let sql = format!(
            "SELECT list, total FROM {{document_counts}} WHERE kind = ? AND list >= ?{end} AND total > 0 ORDER BY list LIMIT ?"
        );
        self.counted(&sql, values).await
    }

    async fn document_counts_on(&self, kind: DocumentKind, lists: &[String]) -> Result<Vec<u64>, StoreError> {
        if lists.is_empty() {
            return Ok(Vec::new());
        }
        let values = values![kind.as_str()].into_iter().chain(lists.iter().map(Value::from)).collect();
        let sql = format!(
            "SELECT list, total FROM {{document_counts}} WHERE kind = ? AND list IN ({}) AND total > 0",
            marks(lists.len())
        );
        let counts: BTreeMap<String, u64> = self.counted(&sql, values).await?.into_iter().collect();
        Ok(lists.iter().map(|list| counts.get(list).copied().unwrap_or_default()).collect())
    }

    async fn documents_of(
        &self,
        owner: CustomerId,
        after: Option<(DocumentKind, Uuid)>,
        limit: u32,
    ) -> Result<Vec<Document>, StoreError> {
        let mut values = values![owner.uuid()];
        let behind = after.map_or("", |(kind, id)| {
            values.extend(values![kind.as_str(), kind.as_str(), id]);
            "AND d.kind >= ? AND (d.kind > ? OR d.id > ?) "
        });
        values.push(limit.into());
        let sql =
            documents!("{documents} AS d WHERE d.owner_id = ? ").to_owned() + behind + "ORDER BY d.kind, d.id LIMIT ?";
        self.some_documents(&sql, values).await
    }
}

impl SqlxStore {
    async fn one_document(&self, sql: &str, values: Vec<Value>) -> Result<Option<Document>, StoreError> {
        Ok(self.some_documents(sql, values).await?.into_iter().next())
    }

    async fn some_documents(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Document>, StoreError> {
        if holds_nul(&values) {
            return Ok(Vec::new());
        }
        read!(self.primary, |session| async { session.rows(sql, values.clone()).await?.iter().map(decode).collect() })
    }

    async fn counted(&self, sql: &str, values: Vec<Value>) -> Result<Vec<(String, u64)>, StoreError> {
        if holds_nul(&values) {
            return Ok(Vec::new());
        }
        read!(self.primary, |session| async {
            let count = |row: &Row| {
                let mut row = Fields::new("document_counts", row);
                Ok((row.text("list")?, row.count("total")?))
            };
            session.rows(sql, values.clone()).await?.iter().map(count).collect()
        })
    }
}

/// A stretch of a list, walked along its index.
fn page(query: &DocumentQuery) -> (String, Vec<Value>) {
    let (sign, direction) = if query.falling { ("<", "DESC") } else { (">", "ASC") };
    let mut values = values![query.kind.as_str(), query.list.as_str()];
    // A pair is compared in two steps, the first of which every server walks an index by.
    let behind = query.after.map_or_else(String::new, |(at, id)| {
        values.extend(values![at, at, id]);
        format!(" AND at {sign}= ? AND (at {sign} ? OR document {sign} ?)")
    });
    values.extend(values![i64::from(query.limit) + 1, i64::from(query.skip), query.kind.as_str()]);
    let sql = format!(
        "{}(SELECT at, document FROM {{document_lists}} WHERE kind = ? AND list = ?{behind} \
         ORDER BY at {direction}, document {direction} LIMIT ? OFFSET ?) AS hit \
         JOIN {{documents}} AS d ON d.kind = ? AND d.id = hit.document \
         ORDER BY hit.at {direction}, hit.document {direction}",
        documents!("")
    );
    (sql, values)
}

/// The first text behind all that begin with `prefix`; none where nothing is.
fn behind_all(prefix: &str) -> Option<String> {
    let mut begin = prefix.to_owned();
    while let Some(last) = begin.pop() {
        // What lies between is no character.
        let next = if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            begin.push(next);
            return Some(begin);
        }
    }
    None
}

pub(crate) fn decode(row: &Row) -> Result<Document, Error> {
    let mut row = Fields::new("documents", row);
    Ok(Document {
        id: row.id("id")?,
        kind: row.word("kind", DocumentKind::ALL, DocumentKind::as_str)?,
        version: row.count("version")?,
        owner: row.maybe_id("owner_id")?,
        placement: Placement { keys: row.json("item_keys")?, lists: row.json("lists")? },
        body: row.json("body")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_alike_ends_before_the_next() {
        assert_eq!(behind_all("stars/").as_deref(), Some("stars0"));
        assert_eq!(behind_all("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(behind_all("a\u{10ffff}\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(behind_all("\u{10ffff}"), None);
        assert_eq!(behind_all(""), None);
    }
}
