//! What searches and the writer share.

use crate::{error::Error, schema::Fields, search::Snapshot, segment::Segment};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};
use support_core::domain::search::{Hits, SearchQuery};
use tantivy::{Index, IndexReader, ReloadPolicy, index::SegmentId};

/// The last commit, and who reads it.
pub(crate) struct Shared {
    reader: IndexReader,
    fields: Fields,
    state: RwLock<State>,
    /// Held by every search, so that whoever removes files knows that nobody reads them.
    reading: RwLock<()>,
}

struct State {
    snapshot: Arc<Snapshot>,
    bookmark: Option<String>,
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn open(index: &Index, fields: Fields, bookmark: Option<String>) -> Result<Self, Error> {
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let snapshot = Arc::new(snapshot(&reader, fields, &[])?);
        Ok(Self { reader, fields, state: RwLock::new(State { snapshot, bookmark }), reading: RwLock::new(()) })
    }

    pub(crate) fn bookmark(&self) -> Option<String> {
        read(&self.state).bookmark.clone()
    }

    /// Answers from the last commit.
    pub(crate) fn search(&self, query: &SearchQuery) -> Result<Hits, Error> {
        let _reading = read(&self.reading);
        let snapshot = Arc::clone(&read(&self.state).snapshot);
        snapshot.search(query)
    }

    /// Lets searches see the last commit.
    pub(crate) fn publish(&self, bookmark: Option<String>) -> Result<(), Error> {
        self.reader.reload()?;
        let earlier = Arc::clone(&read(&self.state).snapshot);
        let snapshot = Arc::new(snapshot(&self.reader, self.fields, &earlier.segments)?);
        *write(&self.state) = State { snapshot, bookmark };
        Ok(())
    }

    /// Waits until every search that began before is over; none begins as long as the guard is kept.
    pub(crate) fn stop_reading(&self) -> RwLockWriteGuard<'_, ()> {
        write(&self.reading)
    }
}

fn snapshot(reader: &IndexReader, fields: Fields, earlier: &[Segment]) -> Result<Snapshot, Error> {
    let searcher = reader.searcher();
    let earlier: HashMap<SegmentId, &Segment> =
        earlier.iter().map(|segment| (segment.reader.segment_id(), segment)).collect();
    let segments = searcher
        .segment_readers()
        .iter()
        .map(|reader| Segment::open(reader, &fields, earlier.get(&reader.segment_id()).copied()))
        .collect::<Result<_, _>>()?;
    Ok(Snapshot { searcher, segments, fields })
}
