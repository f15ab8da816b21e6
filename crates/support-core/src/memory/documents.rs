use super::{
    apply::{Done, Journal, must},
    store::{MemoryStore, Rows},
};
use crate::{
    domain::{
        document::{Document, DocumentKind, Placement},
        id::CustomerId,
    },
    ports::{
        Slice, StoreError,
        documents::{DocumentQuery, DocumentStore},
    },
};
use async_trait::async_trait;
use std::{collections::BTreeMap, ops::Bound};
use uuid::Uuid;

/// Documents by kind and id, and what leads to them.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) rows: BTreeMap<(DocumentKind, Uuid), Document>,
    keys: BTreeMap<(DocumentKind, String), Uuid>,
    lists: BTreeMap<(DocumentKind, String, i64, Uuid), Uuid>,
}

#[async_trait]
impl DocumentStore for MemoryStore {
    async fn document(&self, kind: DocumentKind, id: Uuid) -> Result<Option<Document>, StoreError> {
        Ok(self.rows().documents.rows.get(&(kind, id)).cloned())
    }

    async fn document_by_key(&self, kind: DocumentKind, key: &str) -> Result<Option<Document>, StoreError> {
        let documents = &self.rows().documents;
        let id = documents.keys.get(&(kind, key.to_owned()));
        Ok(id.and_then(|id| documents.rows.get(&(kind, *id))).cloned())
    }

    async fn documents(&self, query: &DocumentQuery) -> Result<Slice<Document>, StoreError> {
        let documents = &self.rows().documents;
        let place = |at, id| (query.kind, query.list.clone(), at, id);
        let (first, last) = (place(i64::MIN, Uuid::nil()), place(i64::MAX, Uuid::max()));
        let after = query.after.map(|(at, id)| Bound::Excluded(place(at, id)));
        let (from, to) = if query.falling {
            (Bound::Included(first), after.unwrap_or(Bound::Included(last)))
        } else {
            (after.unwrap_or(Bound::Included(first)), Bound::Included(last))
        };
        let range = documents.lists.range((from, to)).map(|((kind, ..), id)| (*kind, *id));
        let ids: Vec<_> = if query.falling { range.rev().collect() } else { range.collect() };
        let wanted = ids.into_iter().skip(query.skip as usize).take(query.limit as usize + 1);
        let items = wanted.filter_map(|id| documents.rows.get(&id).cloned()).collect();
        Ok(Slice::cut(items, query.limit as usize))
    }

    async fn document_counts(
        &self,
        kind: DocumentKind,
        prefix: &str,
        limit: u32,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for (of, list, _, _) in self.rows().documents.lists.keys() {
            if *of == kind && list.starts_with(prefix) {
                *counts.entry(list.clone()).or_default() += 1;
            }
        }
        Ok(counts.into_iter().take(limit as usize).collect())
    }

    async fn document_counts_on(&self, kind: DocumentKind, lists: &[String]) -> Result<Vec<u64>, StoreError> {
        let rows = &self.rows().documents.lists;
        let place = |list: &String, at, id| (kind, list.clone(), at, id);
        let on = |list| rows.range(place(list, i64::MIN, Uuid::nil())..=place(list, i64::MAX, Uuid::max())).count();
        Ok(lists.iter().map(|list| on(list) as u64).collect())
    }

    async fn documents_of(
        &self,
        owner: CustomerId,
        after: Option<(DocumentKind, Uuid)>,
        limit: u32,
    ) -> Result<Vec<Document>, StoreError> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = self.rows();
        let behind = rows.documents.rows.range((after, Bound::Unbounded)).map(|(_, row)| row);
        Ok(behind.filter(|row| row.owner == Some(owner)).take(limit as usize).cloned().collect())
    }
}

impl Journal<'_> {
    pub(super) fn put_document(&mut self, document: Document, read: u64) -> Done {
        let row = self.rows.documents.rows.get(&(document.kind, document.id)).cloned();
        must(row.as_ref().map_or(0, |row| row.version) == read)?;
        if let Some(row) = row {
            self.unplace(&row);
        }
        self.place_document(Document { version: read + 1, ..document })
    }

    pub(super) fn remove_document(&mut self, kind: DocumentKind, id: Uuid, read: u64) -> Done {
        let row = self.rows.documents.rows.get(&(kind, id)).cloned().ok_or(StoreError::Conflict)?;
        must(row.version == read)?;
        self.unplace(&row);
        self.set(|rows| &mut rows.documents.rows, (kind, id), None);
        Ok(())
    }

    /// Adds a document as another store had it.
    pub(super) fn restore_document(&mut self, document: Document) -> Done {
        must(!self.rows.documents.rows.contains_key(&(document.kind, document.id)))?;
        self.place_document(document)
    }

    fn place_document(&mut self, document: Document) -> Done {
        let (kind, id) = (document.kind, document.id);
        let Placement { keys, lists } = &document.placement;
        for key in keys {
            must(!self.rows.documents.keys.contains_key(&(kind, key.clone())))?;
            self.set(|rows| &mut rows.documents.keys, (kind, key.clone()), Some(id));
        }
        for (list, at) in lists {
            self.set(|rows: &mut Rows| &mut rows.documents.lists, (kind, list.clone(), *at, id), Some(id));
        }
        self.set(|rows| &mut rows.documents.rows, (kind, id), Some(document));
        Ok(())
    }

    fn unplace(&mut self, row: &Document) {
        for key in &row.placement.keys {
            self.set(|rows| &mut rows.documents.keys, (row.kind, key.clone()), None);
        }
        for (list, at) in &row.placement.lists {
            self.set(|rows| &mut rows.documents.lists, (row.kind, list.clone(), *at, row.id), None);
        }
    }
}
