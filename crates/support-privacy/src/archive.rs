//! Records come out opened, so that they can go into any other store: one with other keys, or with none.

use crate::{SealedStore, names::Signed};
use async_trait::async_trait;
use support_core::ports::{
    Store, StoreError,
    archive::{ArchiveStore, Place, Record, RecordKind},
};

type Page = Vec<(Place, Record)>;

#[async_trait]
impl<S: Store> ArchiveStore for SealedStore<S> {
    async fn records(&self, kind: RecordKind, after: Option<&Place>, limit: u32) -> Result<Page, StoreError> {
        let page = self.inner().records(kind, after, limit).await?;
        match kind {
            RecordKind::Messages => self.open_signed(page, message, Record::Message).await,
            RecordKind::Events => self.open_signed(page, event, Record::Event).await,
            _ => page.into_iter().map(|(place, record)| Ok((place, self.open(record)?))).collect(),
        }
    }

    async fn record_count(&self, kind: RecordKind) -> Result<u64, StoreError> {
        self.inner().record_count(kind).await
    }
}

impl<S: Store> SealedStore<S> {
    fn open(&self, record: Record) -> Result<Record, StoreError> {
        Ok(match record {
            Record::Ticket(ticket) => Record::Ticket(Box::new(self.keys().open_ticket(*ticket)?)),
            Record::Document(document) => Record::Document(Box::new(self.keys().open_document(*document)?)),
            Record::Request(request) => Record::Request(Box::new(self.keys().open_request(*request)?)),
            plain => plain,
        })
    }

    /// Opens a page of rows that somebody signed together: each ticket that has their names is read once.
    async fn open_signed<T: Signed>(
        &self,
        page: Page,
        row: fn(Record) -> Option<Box<T>>,
        record: fn(Box<T>) -> Record,
    ) -> Result<Page, StoreError> {
        let (places, rows): (Vec<Place>, Vec<Record>) = page.into_iter().unzip();
        let strange = || StoreError::backend("the wrapped store answers records of another kind");
        let rows: Result<Vec<T>, StoreError> =
            rows.into_iter().map(|record| row(record).map(|row| *row).ok_or_else(strange)).collect();
        let mut rows = rows?;
        self.open_names(&mut rows).await?;
        Ok(places.into_iter().zip(rows.into_iter().map(|row| record(Box::new(row)))).collect())
    }
}

fn message(record: Record) -> Option<Box<support_core::domain::message::Message>> {
    if let Record::Message(row) = record { Some(row) } else { None }
}

fn event(record: Record) -> Option<Box<support_core::domain::event::Event>> {
    if let Record::Event(row) = record { Some(row) } else { None }
}
