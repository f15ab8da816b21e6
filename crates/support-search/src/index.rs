//! The index, as a host opens it.

use crate::{
    error::{Error, OpenError},
    schema::{Fields, VERSION, schema},
    shared::Shared,
    writer::{Job, Task, Writer, commit, open_writer, read_payload},
};
use async_trait::async_trait;
use std::{
    fs::{File, TryLockError},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};
use support_core::{
    domain::search::{Batch, Hits, SearchQuery},
    ports::{StoreError, search::Search},
};
use tantivy::{Index, IndexWriter, directory::MmapDirectory};
use tokio::sync::oneshot;

/// Where in its directory the index is. Nothing else is ever deleted.
const FILES: &str = "index";
/// What tells that somebody has the index open. The lock is the system's and goes with its process, however that ends; the
/// file stays.
const LOCK: &str = "lock";
/// Threads that search, at most.
const SEARCHERS: usize = 4;

type Query = (SearchQuery, oneshot::Sender<Result<Hits, Error>>);

/// An index of articles and tickets: on a disk, or in memory.
///
/// Clones are the same index. It has a thread that writes and a few that search; they end with the last clone.
///
/// ```
/// use support_core::domain::search::{Batch, SearchKey, SearchQuery, SearchScope, Searchable, Sight};
/// use support_core::ports::search::Search;
/// use support_search::TantivySearch;
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let index = TantivySearch::in_memory()?;
/// let article = Searchable {
///     key: SearchKey::article(uuid::Uuid::from_u128(7), "en"),
///     number: None,
///     title: "Cancelling a subscription".into(),
///     text: "Open the settings, then Billing.".into(),
///     notes: String::new(),
///     labels: [].into(),
///     sight: Sight::Everybody,
///     at: chrono::DateTime::UNIX_EPOCH,
/// };
/// index.index(&Batch { put: vec![article], remove: vec![], bookmark: Some("1".into()) }).await?;
///
/// let query = SearchQuery::new("How do I cancel my subscripton?", SearchScope::Articles { drafts: false });
/// assert_eq!(index.search(&query).await?.total, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct TantivySearch(Arc<Threads>);

/// Who works for the index. All end with the last clone of it, so that it can be opened again at once.
struct Threads {
    shared: Arc<Shared>,
    jobs: Option<Sender<Job>>,
    queries: Option<Sender<Query>>,
    running: Vec<thread::JoinHandle<()>>,
}

impl Drop for Threads {
    fn drop(&mut self) {
        drop((self.jobs.take(), self.queries.take()));
        for thread in self.running.drain(..) {
            // One that panicked is at its end too.
            drop(thread.join());
        }
    }
}

impl std::fmt::Debug for TantivySearch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TantivySearch").finish_non_exhaustive()
    }
}

impl Threads {
    fn run(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        self.running.push(thread::Builder::new().name(name.into()).spawn(work)?);
        Ok(())
    }
}

impl TantivySearch {
    /// Opens the index in a directory, or makes one there. An index that is damaged, or that another version made, is
    /// emptied: then [`bookmark`](Search::bookmark) is `None`. Every file is read once to find out.
    ///
    /// # Errors
    /// [`OpenError::InUse`] while another process, or another part of this one, has it open.
    ///
    /// ```
    /// use support_search::{OpenError, TantivySearch};
    /// let dir = tempfile::tempdir()?;
    /// let index = TantivySearch::open(dir.path())?;
    /// assert!(matches!(TantivySearch::open(dir.path()), Err(OpenError::InUse(_))));
    /// drop(index);
    /// TantivySearch::open(dir.path())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, OpenError> {
        let dir = dir.as_ref();
        std::fs::create_dir_all(dir)?;
        let lock = File::create(dir.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(dir.to_owned())),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let files = dir.join(FILES);
        std::fs::create_dir_all(&files)?;
        if let Some((index, bookmark)) = existing(&files) {
            let writer = open_writer(&index)?;
            return Self::start(index, writer, bookmark, Some(lock));
        }
        std::fs::remove_dir_all(&files)?;
        std::fs::create_dir_all(&files)?;
        let directory = MmapDirectory::open(&files).map_err(tantivy::TantivyError::from)?;
        let index = Index::builder().schema(schema().0).open_or_create(directory)?;
        Self::begin(index, Some(lock))
    }

    /// An index that is gone with the last clone of it.
    ///
    /// # Errors
    /// Where its threads do not start.
    pub fn in_memory() -> Result<Self, OpenError> {
        Self::begin(Index::create_in_ram(schema().0), None)
    }

    /// Starts with an index that holds nothing.
    fn begin(index: Index, lock: Option<File>) -> Result<Self, OpenError> {
        let mut writer = open_writer(&index)?;
        commit(&mut writer, None)?;
        Self::start(index, writer, None, lock)
    }

    fn start(
        index: Index,
        writer: IndexWriter,
        bookmark: Option<String>,
        lock: Option<File>,
    ) -> Result<Self, OpenError> {
        let fields: Fields = schema().1;
        let shared = Shared::open(&index, fields, bookmark).map_err(std::io::Error::other)?;
        let shared = Arc::new(shared);
        let (jobs, todo) = channel();
        let (queries, asked) = channel();
        let mut threads = Threads { shared, jobs: Some(jobs), queries: Some(queries), running: Vec::new() };
        let worker = Writer::new(index, fields, Arc::clone(&threads.shared), writer);
        threads.run("search-writer", move || {
            worker.run(&todo);
            drop(lock);
        })?;
        let asked = Arc::new(Mutex::new(asked));
        for _ in 0..thread::available_parallelism().map_or(1, usize::from).min(SEARCHERS) {
            let (shared, asked) = (Arc::clone(&threads.shared), Arc::clone(&asked));
            threads.run("search", move || answer(&shared, &asked))?;
        }
        Ok(Self(Arc::new(threads)))
    }

    async fn ask(&self, task: Task) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        let jobs = self.0.jobs.as_ref().ok_or(Error::Stopped)?;
        jobs.send((task, answer)).map_err(|_| Error::Stopped)?;
        Ok(answered.await.map_err(|_| Error::Stopped)??)
    }
}

/// An index that is whole and of this version, and its bookmark.
fn existing(files: &Path) -> Option<(Index, Option<String>)> {
    // Files that somebody damaged make tantivy panic in places.
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let index = Index::open_in_dir(files).ok()?;
        let payload = index.load_metas().ok()?.payload?;
        let (version, bookmark) = read_payload(&payload);
        let is_ours = version == VERSION.to_string() && index.schema() == schema().0;
        let is_whole = index.validate_checksum().is_ok_and(|damaged| damaged.is_empty());
        let opens = is_ours && is_whole && Shared::open(&index, schema().1, None).is_ok();
        opens.then(|| (index, bookmark.map(str::to_owned)))
    }));
    opened.ok().flatten()
}

/// Answers queries until nobody can ask any more.
fn answer(shared: &Shared, asked: &Mutex<Receiver<Query>>) {
    loop {
        let next = asked.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((query, answer)) = next else { return };
        // A search that nobody waits for any more is not worth its time.
        if answer.is_closed() {
            continue;
        }
        let hits = catch_unwind(AssertUnwindSafe(|| shared.search(&query)));
        drop(answer.send(hits.unwrap_or(Err(Error::Stopped))));
    }
}

#[async_trait]
impl Search for TantivySearch {
    async fn index(&self, batch: &Batch) -> Result<(), StoreError> {
        self.ask(Task::Index(Box::new(batch.clone()))).await
    }

    async fn bookmark(&self) -> Result<Option<String>, StoreError> {
        Ok(self.0.shared.bookmark())
    }

    async fn clear_index(&self) -> Result<(), StoreError> {
        self.ask(Task::Clear).await
    }

    async fn search(&self, query: &SearchQuery) -> Result<Hits, StoreError> {
        let (answer, answered) = oneshot::channel();
        let queries = self.0.queries.as_ref().ok_or(Error::Stopped)?;
        queries.send((query.clone(), answer)).map_err(|_| Error::Stopped)?;
        Ok(answered.await.map_err(|_| Error::Stopped)??)
    }

    async fn scrub_index(&self) -> Result<(), StoreError> {
        self.ask(Task::Scrub).await
    }
}
