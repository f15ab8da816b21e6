use crate::ports::{
    clock::{Clock, SystemClock},
    files::{Download, FileError, Files, LinkTerms, StoredFile, Upload, is_key},
};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Files in memory, for tests and trials. Clones share them; they are gone with the last of them.
///
/// ```
/// use support_core::memory::MemoryFiles;
/// use support_core::ports::files::Files;
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let files = MemoryFiles::new();
/// let mut upload = files.upload("invoices/7.txt").await?;
/// upload.write("paid".into()).await?;
/// upload.finish().await?;
/// assert_eq!(files.list("invoices/", None, 10).await?[0].size, 4);
/// # Ok::<(), support_core::ports::files::FileError>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct MemoryFiles {
    rows: Rows,
    clock: Arc<dyn Clock>,
}

type Rows = Arc<Mutex<BTreeMap<String, (Bytes, DateTime<Utc>)>>>;

/// The bytes handed out at once.
const CHUNK: usize = 64 * 1024;

impl MemoryFiles {
    /// No files.
    pub fn new() -> Self {
        Self::with_clock(SystemClock)
    }

    /// No files, and a clock that says when one is put there.
    pub fn with_clock(clock: impl Clock + 'static) -> Self {
        Self { rows: Rows::default(), clock: Arc::new(clock) }
    }
}

impl Default for MemoryFiles {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for MemoryFiles {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MemoryFiles").finish_non_exhaustive()
    }
}

/// Every step is whole, so a panic elsewhere leaves nothing half done.
fn lock(rows: &Rows) -> MutexGuard<'_, BTreeMap<String, (Bytes, DateTime<Utc>)>> {
    rows.lock().unwrap_or_else(PoisonError::into_inner)
}

fn check(key: &str) -> Result<(), FileError> {
    if is_key(key) { Ok(()) } else { Err(FileError::backend(format!("{key:?} is no key of a file"))) }
}

#[async_trait]
impl Files for MemoryFiles {
    async fn upload(&self, key: &str) -> Result<Box<dyn Upload>, FileError> {
        check(key)?;
        Ok(Box::new(Writing { files: self.clone(), key: key.to_owned(), content: BytesMut::new() }))
    }

    async fn download(&self, key: &str) -> Result<Box<dyn Download>, FileError> {
        check(key)?;
        let content = lock(&self.rows).get(key).map(|(content, _)| content.clone());
        content.map(|content| Box::new(Reading(content)) as Box<dyn Download>).ok_or(FileError::Missing)
    }

    async fn delete(&self, key: &str) -> Result<(), FileError> {
        check(key)?;
        lock(&self.rows).remove(key);
        Ok(())
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<StoredFile>, FileError> {
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let rows = lock(&self.rows);
        let matching = rows.range::<str, _>((start, Bound::Unbounded)).take_while(|(key, _)| key.starts_with(prefix));
        let stored =
            matching.map(|(key, (content, at))| StoredFile { key: key.clone(), size: content.len() as u64, at: *at });
        Ok(stored.take(limit as usize).collect())
    }

    async fn link(&self, key: &str, _terms: &LinkTerms) -> Result<Option<String>, FileError> {
        check(key).map(|()| None)
    }
}

struct Writing {
    files: MemoryFiles,
    key: String,
    content: BytesMut,
}

#[async_trait]
impl Upload for Writing {
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileError> {
        self.content.extend_from_slice(&chunk);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), FileError> {
        let now = self.files.clock.now();
        lock(&self.files.rows).insert(self.key, (self.content.freeze(), now));
        Ok(())
    }

    async fn abort(self: Box<Self>) -> Result<(), FileError> {
        Ok(())
    }
}

struct Reading(Bytes);

#[async_trait]
impl Download for Reading {
    async fn chunk(&mut self) -> Result<Option<Bytes>, FileError> {
        let size = self.0.len().min(CHUNK);
        Ok((size > 0).then(|| self.0.split_to(size)))
    }
}
