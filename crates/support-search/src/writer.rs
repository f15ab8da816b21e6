//! The one thread that changes the index.

use crate::{
    document::{document, key_term},
    error::Error,
    schema::{Fields, VERSION},
    shared::Shared,
};
use std::sync::{Arc, mpsc};
use support_core::domain::search::Batch;
use tantivy::{
    Index, IndexWriter, Term,
    indexer::{IndexWriterOptions, LogMergePolicy, NoMergePolicy},
};
use tokio::sync::oneshot;

/// Bytes that the writer may use for what is not committed yet.
const MEMORY: usize = 96 * 1024 * 1024;
/// Threads that merge segments beside it.
const MERGERS: usize = 1;
/// Segments of one size that are merged into one.
const MERGED: usize = 8;
/// Documents of a segment below which its size makes no difference.
const LAYER: u32 = 1_000;
/// Batches that wait together are committed together, up to so many.
const GROUP: usize = 64;

/// What is asked of the writer.
pub(crate) enum Task {
    Index(Box<Batch>),
    Clear,
    Scrub,
}

pub(crate) type Job = (Task, oneshot::Sender<Result<(), Error>>);

/// See the module.
pub(crate) struct Writer {
    index: Index,
    fields: Fields,
    shared: Arc<Shared>,
    /// `None` where it was lost; the next task tries to open it again.
    open: Option<IndexWriter>,
    bookmark: Option<String>,
}

/// What is kept with a commit: the version of the index, and how far it has come.
pub(crate) fn payload(bookmark: Option<&str>) -> String {
    bookmark.map_or_else(|| VERSION.to_string(), |bookmark| format!("{VERSION}\n{bookmark}"))
}

/// The version and the bookmark in a payload.
pub(crate) fn read_payload(payload: &str) -> (&str, Option<&str>) {
    payload.split_once('\n').map_or((payload, None), |(version, bookmark)| (version, Some(bookmark)))
}

/// A writer that merges in the background.
pub(crate) fn open_writer(index: &Index) -> tantivy::Result<IndexWriter> {
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .memory_budget_per_thread(MEMORY)
        .num_merge_threads(MERGERS)
        .build();
    let writer = index.writer_with_options(options)?;
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(MERGED);
    policy.set_min_layer_size(LAYER);
    policy.set_del_docs_ratio_before_merge(0.3);
    writer.set_merge_policy(Box::new(policy));
    Ok(writer)
}

/// Commits with the bookmark.
pub(crate) fn commit(writer: &mut IndexWriter, bookmark: Option<&str>) -> tantivy::Result<()> {
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&payload(bookmark));
    prepared.commit()?;
    Ok(())
}

impl Writer {
    pub(crate) fn new(index: Index, fields: Fields, shared: Arc<Shared>, writer: IndexWriter) -> Self {
        let bookmark = shared.bookmark();
        Self { index, fields, shared, open: Some(writer), bookmark }
    }

    /// Works until nobody can ask any more.
    pub(crate) fn run(mut self, jobs: &mpsc::Receiver<Job>) {
        let mut next = None;
        while let Some((task, answer)) = next.take().or_else(|| jobs.recv().ok()) {
            let Task::Index(batch) = task else {
                let done = match task {
                    Task::Scrub => self.scrub(),
                    _ => self.clear(),
                };
                // Whoever no longer waits for the answer need not have it; so below.
                drop(answer.send(done));
                continue;
            };
            let mut group = vec![(batch, answer)];
            while group.len() < GROUP {
                match jobs.try_recv() {
                    Ok((Task::Index(batch), answer)) => group.push((batch, answer)),
                    Ok(other) => {
                        next = Some(other);
                        break;
                    }
                    Err(_) => break,
                }
            }
            let (batches, answers): (Vec<_>, Vec<_>) = group.into_iter().unzip();
            let done = self.index(&batches);
            for answer in answers {
                drop(answer.send(done.clone()));
            }
        }
    }

    /// The writer, opened again where it was lost.
    fn writer(&mut self) -> Result<&mut IndexWriter, Error> {
        let writer = match self.open.take() {
            Some(writer) => writer,
            None => open_writer(&self.index)?,
        };
        Ok(self.open.insert(writer))
    }

    /// After an error, nothing of what was begun may be left for the next commit.
    fn undone<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        if result.is_err() && self.open.as_mut().is_some_and(|writer| writer.rollback().is_err()) {
            self.open = None;
        }
        result
    }

    fn index(&mut self, batches: &[Box<Batch>]) -> Result<(), Error> {
        let added = self.add(batches);
        self.undone(added)?;
        self.shared.publish(self.bookmark.clone())
    }

    fn add(&mut self, batches: &[Box<Batch>]) -> Result<(), Error> {
        let fields = self.fields;
        let bookmark = batches.iter().rev().find_map(|batch| batch.bookmark.clone()).or_else(|| self.bookmark.clone());
        let writer = self.writer()?;
        let key = |key| Term::from_field_text(fields.key, &key_term(key));
        for batch in batches {
            for removed in &batch.remove {
                writer.delete_term(key(removed));
            }
            for put in &batch.put {
                writer.delete_term(key(&put.key));
                writer.add_document(document(&fields, put))?;
            }
        }
        commit(writer, bookmark.as_deref())?;
        self.bookmark = bookmark;
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Error> {
        let cleared = self.writer().and_then(|writer| {
            writer.delete_all_documents()?;
            Ok(commit(writer, None)?)
        });
        self.undone(cleared)?;
        self.bookmark = None;
        self.shared.publish(None)?;
        self.collect()
    }

    /// Writes every segment anew from which something was removed, and deletes the old files.
    fn scrub(&mut self) -> Result<(), Error> {
        // A merge that runs already may have read what was removed since.
        if let Some(writer) = self.open.take() {
            writer.wait_merging_threads()?;
        }
        let writer = self.writer()?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let mut removed = Vec::new();
        for segment in writer.index().searchable_segment_metas()? {
            if segment.num_deleted_docs() > 0 {
                removed.push(segment.id());
            }
        }
        if !removed.is_empty() {
            writer.merge(&removed).wait()?;
        }
        self.shared.publish(self.bookmark.clone())?;
        self.collect()?;
        self.open = None;
        self.writer().map(drop)
    }

    /// Deletes the files that no commit needs.
    fn collect(&mut self) -> Result<(), Error> {
        let shared = Arc::clone(&self.shared);
        let writer = self.writer()?;
        let _nobody_reads = shared.stop_reading();
        let collected = writer.garbage_collect_files().wait()?;
        match collected.failed_to_delete_files.first() {
            Some(file) => Err(std::io::Error::other(format!("{} could not be deleted", file.display())).into()),
            None => Ok(()),
        }
    }
}
