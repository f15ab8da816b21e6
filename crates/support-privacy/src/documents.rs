//! Documents: of those that a person wrote, the fields by which that person could be reached or named. All are sealed
//! under the current key, because a document is written whole.

use crate::{SealedStore, envelope::Place, keys::Keys};
use async_trait::async_trait;
use serde_json::Value;
use support_core::{
    domain::{
        document::{Document, DocumentKind},
        id::CustomerId,
    },
    ports::{
        Slice, Store, StoreError,
        documents::{DocumentQuery, DocumentStore},
    },
};
use uuid::Uuid;

impl Keys {
    pub(crate) fn seal_document(&self, mut document: Document) -> Document {
        for (place, text) in personal(&mut document) {
            *text = self.seal_text(&place, std::mem::take(text));
        }
        document
    }

    pub(crate) fn open_document(&self, mut document: Document) -> Result<Document, StoreError> {
        for (place, text) in personal(&mut document) {
            *text = self.open_text(place, std::mem::take(text))?;
        }
        Ok(document)
    }
}

/// The texts that could name a person. What is no text is left as it is.
fn personal(document: &mut Document) -> impl Iterator<Item = (Place, &mut String)> {
    let (kind, id) = (document.kind, document.id);
    let fields = document.body.as_object_mut().into_iter().flatten();
    fields.filter_map(move |(name, value)| {
        let name = kind.personal().iter().find(|personal| **personal == name.as_str())?;
        let Value::String(text) = value else { return None };
        // Two kinds may have one id.
        Some((Place::new("documents", format_args!("{kind}:{id}"), name), text))
    })
}

/// Unlike in lists of tickets, a text that does not open is [`StoreError::Corrupt`] in lists too: what is read from a list
/// of documents may be written again, and would be sealed twice.
#[async_trait]
impl<S: Store> DocumentStore for SealedStore<S> {
    async fn document(&self, kind: DocumentKind, id: Uuid) -> Result<Option<Document>, StoreError> {
        let row = self.inner().document(kind, id).await?;
        row.map(|row| self.keys().open_document(row)).transpose()
    }

    async fn document_by_key(&self, kind: DocumentKind, key: &str) -> Result<Option<Document>, StoreError> {
        let row = self.inner().document_by_key(kind, key).await?;
        row.map(|row| self.keys().open_document(row)).transpose()
    }

    async fn documents(&self, query: &DocumentQuery) -> Result<Slice<Document>, StoreError> {
        let Slice { items, more } = self.inner().documents(query).await?;
        Ok(Slice { items: self.open_documents(items)?, more })
    }

    async fn document_counts(
        &self,
        kind: DocumentKind,
        prefix: &str,
        limit: u32,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        self.inner().document_counts(kind, prefix, limit).await
    }

    async fn document_counts_on(&self, kind: DocumentKind, lists: &[String]) -> Result<Vec<u64>, StoreError> {
        self.inner().document_counts_on(kind, lists).await
    }

    async fn documents_of(
        &self,
        owner: CustomerId,
        after: Option<(DocumentKind, Uuid)>,
        limit: u32,
    ) -> Result<Vec<Document>, StoreError> {
        self.open_documents(self.inner().documents_of(owner, after, limit).await?)
    }
}

impl<S: Store> SealedStore<S> {
    fn open_documents(&self, rows: Vec<Document>) -> Result<Vec<Document>, StoreError> {
        rows.into_iter().map(|row| self.keys().open_document(row)).collect()
    }
}
