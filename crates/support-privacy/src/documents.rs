//! Documents: of those that a person wrote, the fields by which that person could be reached or named. All are sealed
//! under the current key, because a document is written whole.

use crate::{
    SealedStore,
    envelope::{Envelope, Place},
    keys::Keys,
};
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
        for (place, value) in personal(&mut document) {
            *value = self.seal_value(&place, std::mem::take(value));
        }
        document
    }

    pub(crate) fn open_document(&self, mut document: Document) -> Result<Document, StoreError> {
        for (place, value) in personal(&mut document) {
            *value = self.open_value(place, std::mem::take(value))?;
        }
        Ok(document)
    }

    fn seal_value(&self, place: &Place, value: Value) -> Value {
        match value {
            Value::Null => Value::Null,
            Value::String(text) => Value::String(self.seal_text(place, text)),
            value => Value::String(self.current().seal(&written_out(place), &value.to_string())),
        }
    }

    /// What is no envelope was written before values were sealed here, and is read as it is. What opens where nothing but
    /// texts are sealed was a text, whatever it looks like.
    fn open_value(&self, place: Place, value: Value) -> Result<Value, StoreError> {
        let envelope = if let Value::String(text) = &value { Envelope::of(text) } else { None };
        let Some(envelope) = envelope else { return Ok(value) };
        let Some(sealer) = self.find(envelope.key) else { return Err(place.unknown_key(envelope.key)) };
        if let Some(text) = sealer.open(&place, &envelope.sealed) {
            return Ok(Value::String(text));
        }
        match sealer.open(&written_out(&place), &envelope.sealed) {
            Some(text) => serde_json::from_str(&text).map_err(|_| place.corrupt("what was sealed is no value")),
            None => Err(place.tampered(envelope.key)),
        }
    }
}

/// The place of a value that is no text: sealed there, it never opens as a text.
fn written_out(place: &Place) -> Place {
    Place { table: "documents/json", ..place.clone() }
}

/// The values that could name a person, or lead to one.
fn personal(document: &mut Document) -> impl Iterator<Item = (Place, &mut Value)> {
    let (kind, id) = (document.kind, document.id);
    let fields = document.body.as_object_mut().into_iter().flatten();
    fields.filter_map(move |(name, value)| {
        let name = kind.personal().iter().find(|personal| **personal == name.as_str())?;
        // Two kinds may have one id.
        Some((Place::new("documents", format_args!("{kind}:{id}"), name), value))
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
