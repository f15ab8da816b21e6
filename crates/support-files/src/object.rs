use crate::{direct::Direct, directory::Directory, download, fault, key, open::OpenError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use object_store::{
    ObjectMeta, ObjectStore, ObjectStoreExt, PutMultipartOptions, local::LocalFileSystem, memory::InMemory,
};
use std::{path::Path, sync::Arc};
use support_core::ports::files::{Download, FileError, Files, LinkTerms, StoredFile, Upload};
use tokio::task::spawn_blocking;

#[cfg(feature = "s3")]
use crate::{
    s3::{Bucket, S3},
    spooled::Spooled,
};

/// Files in a directory, in memory, or in a bucket of S3. Clones share them.
#[derive(Debug, Clone)]
pub struct ObjectFiles {
    store: Arc<dyn ObjectStore>,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Memory,
    Directory(Directory),
    #[cfg(feature = "s3")]
    Bucket(Arc<Bucket>),
}

impl ObjectFiles {
    /// Files in a directory of this machine, or one that several share. It is made where it is not there.
    ///
    /// A file that is finished is on the disk, and so is its name. The directory is for files alone: whatever else is in
    /// it, and is named like a file, is one.
    ///
    /// # Errors
    /// [`OpenError::Directory`] where it is none, or cannot be made.
    pub fn local(directory: impl AsRef<Path>) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Directory { directory: directory.as_ref().to_owned(), source };
        let opened = Directory::open(directory.as_ref()).map_err(failed)?;
        let store = LocalFileSystem::new_with_prefix(opened.root()).map_err(|error| OpenError::Client(error.into()))?;
        // Directories that nobody needs any more would be read by every list.
        let store = store.with_fsync(true).with_automatic_cleanup(true);
        Ok(Self { store: Arc::new(store), place: Place::Directory(opened) })
    }

    /// Files in memory, for trials: they are gone with the last clone.
    pub fn memory() -> Self {
        Self { store: Arc::new(InMemory::new()), place: Place::Memory }
    }

    /// Files in a bucket. Asks the server nothing.
    ///
    /// # Errors
    /// All of [`OpenError`] but [`OpenError::Directory`].
    #[cfg(feature = "s3")]
    pub fn s3(settings: S3) -> Result<Self, OpenError> {
        let bucket = Arc::new(settings.open()?);
        Ok(Self { store: bucket.store(), place: Place::Bucket(bucket) })
    }

    /// Removes from a directory what uploads have left behind that did not come to their end because the process did, if
    /// nobody has written to it since `before`; answers how many files that were. An hour ago is long enough for any upload.
    ///
    /// Elsewhere this does nothing: memory forgets by itself, and a bucket is told so by a rule (`AbortIncompleteMultipartUpload`).
    pub async fn sweep(&self, before: DateTime<Utc>) -> Result<u64, FileError> {
        match self.place.clone() {
            Place::Directory(directory) => blocking(move || directory.sweep(before)).await,
            Place::Memory => Ok(0),
            #[cfg(feature = "s3")]
            Place::Bucket(_) => Ok(0),
        }
    }

    /// The path of a key that may be used.
    async fn path(&self, key: &str) -> Result<object_store::path::Path, FileError> {
        let path = key::path(key)?;
        if let Place::Directory(directory) = self.place.clone() {
            let key = key.to_owned();
            blocking(move || directory.refuse_links(&key)).await?;
        }
        Ok(path)
    }
}

#[async_trait]
impl Files for ObjectFiles {
    async fn upload(&self, key: &str) -> Result<Box<dyn Upload>, FileError> {
        let path = self.path(key).await?;
        #[cfg(feature = "s3")]
        if let Place::Bucket(bucket) = &self.place {
            return Ok(Box::new(Spooled::new(Arc::clone(bucket), path)));
        }
        let started = self.store.put_multipart_opts(&path, PutMultipartOptions::default()).await;
        Ok(Box::new(Direct::new(started.map_err(fault::writing)?)))
    }

    async fn download(&self, key: &str) -> Result<Box<dyn Download>, FileError> {
        let path = self.path(key).await?;
        self.store.get(&path).await.map(download::reading).map_err(fault::reading)
    }

    async fn delete(&self, key: &str) -> Result<(), FileError> {
        let path = self.path(key).await?;
        match self.store.delete(&path).await.map_err(fault::reading) {
            Err(FileError::Missing) => Ok(()),
            result => result,
        }
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<StoredFile>, FileError> {
        if limit == 0 || !key::is_plain(prefix) {
            return Ok(Vec::new());
        }
        let limit = limit as usize;
        match &self.place {
            Place::Memory => {
                let all = self.store.list(None).map_ok(stored);
                let matches = |file: &StoredFile| {
                    file.key.starts_with(prefix) && after.is_none_or(|after| file.key.as_str() > after)
                };
                let mut files: Vec<_> = all
                    .try_filter(|file| std::future::ready(matches(file)))
                    .try_collect()
                    .await
                    .map_err(fault::reading)?;
                files.sort_unstable_by(|one, other| one.key.cmp(&other.key));
                files.truncate(limit);
                Ok(files)
            }
            Place::Directory(directory) => {
                let (directory, prefix, after) = (directory.clone(), prefix.to_owned(), after.map(str::to_owned));
                blocking(move || directory.list(&prefix, after.as_deref(), limit)).await
            }
            #[cfg(feature = "s3")]
            Place::Bucket(bucket) => bucket.list(prefix, after, limit).await,
        }
    }

    async fn link(&self, key: &str, terms: &LinkTerms) -> Result<Option<String>, FileError> {
        let path = key::path(key)?;
        match &self.place {
            #[cfg(feature = "s3")]
            Place::Bucket(bucket) => bucket.link(&path, terms).await.map(Some),
            _ => {
                let _ = (path, terms);
                Ok(None)
            }
        }
    }
}

pub(crate) fn stored(object: ObjectMeta) -> StoredFile {
    StoredFile { key: object.location.into(), size: object.size, at: object.last_modified }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, FileError> {
    spawn_blocking(work).await.map_err(fault::task)?
}
