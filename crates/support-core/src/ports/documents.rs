//! Reading things that are kept as a whole.

use super::{Slice, StoreError};
use crate::domain::{
    document::{Document, DocumentKind},
    id::CustomerId,
};
use async_trait::async_trait;
use uuid::Uuid;

/// Articles, reviews, callbacks and the like.
#[async_trait]
pub trait DocumentStore {
    /// The document of that id.
    async fn document(&self, kind: DocumentKind, id: Uuid) -> Result<Option<Document>, StoreError>;

    /// The document that has this key, compared byte by byte.
    async fn document_by_key(&self, kind: DocumentKind, key: &str) -> Result<Option<Document>, StoreError>;

    /// A stretch of a list.
    async fn documents(&self, query: &DocumentQuery) -> Result<Slice<Document>, StoreError>;

    /// How many stand on each list of a kind whose name begins with `prefix`, in the order of names, compared byte by byte;
    /// at most `limit` lists. Lists on which nothing stands are left out. The numbers are kept, not counted: it costs one
    /// row for each list.
    async fn document_counts(
        &self,
        kind: DocumentKind,
        prefix: &str,
        limit: u32,
    ) -> Result<Vec<(String, u64)>, StoreError>;

    /// How many stand on each of these lists, in the order in which they are asked for.
    async fn document_counts_on(&self, kind: DocumentKind, lists: &[String]) -> Result<Vec<u64>, StoreError>;

    /// What is a person's, of all kinds in the order of their words and then by id, behind `after`.
    async fn documents_of(
        &self,
        owner: CustomerId,
        after: Option<(DocumentKind, Uuid)>,
        limit: u32,
    ) -> Result<Vec<Document>, StoreError>;
}

/// Which documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentQuery {
    /// Of which kind.
    pub kind: DocumentKind,
    /// On which list.
    pub list: String,
    /// The highest place first; among equal ones, the greatest id first.
    pub falling: bool,
    /// Only behind this place and id.
    pub after: Option<(i64, Uuid)>,
    /// So many are passed over. It costs as much as reading them.
    pub skip: u32,
    /// How many.
    pub limit: u32,
}

impl DocumentQuery {
    /// The beginning of a list, from its lowest place.
    pub fn rising(kind: DocumentKind, list: impl Into<String>, limit: u32) -> Self {
        Self { kind, list: list.into(), falling: false, after: None, skip: 0, limit }
    }

    /// The beginning of a list, from its highest place.
    pub fn falling(kind: DocumentKind, list: impl Into<String>, limit: u32) -> Self {
        Self { falling: true, ..Self::rising(kind, list, limit) }
    }
}
