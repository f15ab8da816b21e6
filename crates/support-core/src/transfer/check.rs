//! Two stores side by side.

use super::{Counts, Progress, Transfer, TransferError, bookmark::Bookmark};
use crate::ports::{
    ChangeSet, Store, StoreError,
    archive::{Place, Record, RecordKind},
};
use std::vec;

impl<S: Store + ?Sized, T: Store + ?Sized> Transfer<'_, S, T> {
    /// Compares every record of both stores, and answers how many there are. Where all are the same, the copy is finished,
    /// and its bookmark goes.
    ///
    /// # Errors
    /// [`TransferError::Counts`] and [`TransferError::Differs`] name the first difference: somebody wrote to one of the two,
    /// and the copy is begun anew, in an empty target. The others where a store does not answer.
    pub async fn check(&self, mut on_progress: impl FnMut(Progress)) -> Result<Counts, TransferError> {
        let counts = self.counts().await?;
        let begun = Bookmark::find(self.target).await.map_err(TransferError::Target)?.is_some();
        for (kind, source_count) in counts.iter() {
            let found = self.target.record_count(kind).await.map_err(TransferError::Target)?;
            let target_count = found.saturating_sub(u64::from(begun && kind == RecordKind::Requests));
            if source_count != target_count {
                return Err(TransferError::Counts { kind, source_count, target_count });
            }
        }
        for kind in RecordKind::ALL {
            self.compare(*kind, |done| on_progress(counts.progress(*kind, done))).await?;
        }
        if begun {
            let changes = ChangeSet { writes: vec![Bookmark::forget()], ..ChangeSet::default() };
            self.target.commit(changes).await.map_err(TransferError::Target)?;
        }
        Ok(counts)
    }

    async fn compare(&self, kind: RecordKind, mut on_progress: impl FnMut(u64)) -> Result<(), TransferError> {
        let mut source = Stream::new(self.source, kind, self.batch);
        let mut target = Stream::new(self.target, kind, self.batch);
        let mut done = 0;
        loop {
            if done % u64::from(self.batch) == 0 {
                on_progress(done);
            }
            let ours = source.next().await.map_err(TransferError::Source)?;
            let theirs = target.next().await.map_err(TransferError::Target)?;
            if ours != theirs {
                return Err(difference(kind, done + 1, ours.as_ref(), theirs.as_ref()));
            }
            if ours.is_none() {
                if done % u64::from(self.batch) != 0 {
                    on_progress(done);
                }
                return Ok(());
            }
            done += 1;
        }
    }
}

fn difference(kind: RecordKind, nth: u64, ours: Option<&Record>, theirs: Option<&Record>) -> TransferError {
    let name = |record: Option<&Record>| record.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let (source_record, found) = (name(ours), name(theirs));
    let target_record = if found == source_record { "another state of it".to_owned() } else { found };
    TransferError::Differs { kind, nth, source_record, target_record }
}

/// The records of a kind, one after the other; not the bookmark.
struct Stream<'a, S: ?Sized> {
    store: &'a S,
    kind: RecordKind,
    limit: u32,
    after: Option<Place>,
    page: vec::IntoIter<(Place, Record)>,
}

impl<'a, S: Store + ?Sized> Stream<'a, S> {
    fn new(store: &'a S, kind: RecordKind, limit: u32) -> Self {
        Self { store, kind, limit, after: None, page: Vec::new().into_iter() }
    }

    async fn next(&mut self) -> Result<Option<Record>, StoreError> {
        loop {
            for (place, record) in self.page.by_ref() {
                self.after = Some(place);
                if !Bookmark::is(&record) {
                    return Ok(Some(record));
                }
            }
            let page = self.store.records(self.kind, self.after.as_ref(), self.limit).await?;
            if page.is_empty() {
                return Ok(None);
            }
            self.page = page.into_iter();
        }
    }
}
