//! Things that are kept as a whole, as the use cases read and write them.

use super::{Desk, Error};
use crate::{
    domain::{
        document::{Document, Kept, Placement, Unreadable},
        fault::Fault,
    },
    ports::{Slice, StoreError, Write, documents::DocumentQuery},
};
use uuid::Uuid;

/// A value that was read, and what has to be known of it to write it again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Held<T> {
    pub(super) value: T,
    pub(super) version: u64,
    placement: Placement,
}

impl<T: Kept> Held<T> {
    pub(super) fn of(document: Document) -> Result<Self, Error> {
        let value = document.read().map_err(corrupt)?;
        Ok(Self { value, version: document.version, placement: document.placement })
    }

    /// The value as it shall be, in place of this one.
    pub(super) fn put(&self, value: &T) -> Result<Write, Error> {
        let document = Document::of(value, self.version + 1).map_err(corrupt)?;
        Ok(Write::PutDocument {
            document: Box::new(document),
            read: self.version,
            before: Box::new(self.placement.clone()),
        })
    }

    pub(super) fn remove(&self) -> Write {
        let before = Box::new(self.placement.clone());
        Write::RemoveDocument { kind: T::KIND, id: self.value.id(), read: self.version, before }
    }
}

/// A value that was not there.
pub(super) fn add<T: Kept>(value: &T) -> Result<Write, Error> {
    let document = Box::new(Document::of(value, 1).map_err(corrupt)?);
    Ok(Write::PutDocument { document, read: 0, before: Box::default() })
}

fn corrupt(unreadable: Unreadable) -> Error {
    let Unreadable { kind, id, reason } = unreadable;
    Error::Store(StoreError::Corrupt { table: kind.as_str(), column: "body", id: id.to_string(), reason })
}

impl Desk {
    pub(super) async fn held<T: Kept>(&self, id: impl Into<Uuid>) -> Result<Option<Held<T>>, Error> {
        self.0.store.document(T::KIND, id.into()).await?.map(Held::of).transpose()
    }

    pub(super) async fn held_by_key<T: Kept>(&self, key: &str) -> Result<Option<Held<T>>, Error> {
        self.0.store.document_by_key(T::KIND, key).await?.map(Held::of).transpose()
    }

    pub(super) async fn held_list<T: Kept>(&self, query: &DocumentQuery) -> Result<Slice<Held<T>>, Error> {
        let slice = self.0.store.documents(query).await?;
        let items: Result<Vec<_>, Error> = slice.items.into_iter().map(Held::of).collect();
        Ok(Slice { items: items?, more: slice.more })
    }

    /// How many stand on each of these lists.
    pub(super) async fn counts_on<T: Kept>(&self, lists: &[String]) -> Result<Vec<u64>, Error> {
        Ok(self.0.store.document_counts_on(T::KIND, lists).await?)
    }

    /// A page of a list, and how many stand on it.
    pub(super) async fn page_of<T: Kept>(&self, list: &str, falling: bool, page: Paging) -> Result<Paged<T>, Error> {
        let (skip, limit) = page.rows(self.profile().limits.page)?;
        let query = DocumentQuery { falling, skip, ..DocumentQuery::rising(T::KIND, list, limit) };
        let items = self.held_list(&query).await?.items.into_iter().map(|held| held.value).collect();
        let total = self.counts_on::<T>(&[list.to_owned()]).await?.first().copied().unwrap_or(0);
        Ok(Paged { items, total })
    }
}

/// Rows that are passed over cost as much as those that are read.
const DEEPEST: u32 = 10_000;

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// Which, from 1.
    pub number: u32,
    /// Rows on each; lowered to the most that the profile allows.
    pub limit: u32,
}

impl Paging {
    /// How many rows to pass over, and how many to read at most.
    pub(super) fn rows(self, most: u32) -> Result<(u32, u32), Fault> {
        let limit = self.limit.min(most);
        let skip = self.number.saturating_sub(1).saturating_mul(limit);
        if skip > DEEPEST {
            return Err(Fault::new("page", format!("lists end at row {DEEPEST}")));
        }
        Ok((skip, limit))
    }
}

impl Default for Paging {
    fn default() -> Self {
        Self { number: 1, limit: 20 }
    }
}

/// A page, and how many rows there are on all pages.
#[derive(Debug, Clone, PartialEq)]
pub struct Paged<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Of all pages.
    pub total: u64,
}
