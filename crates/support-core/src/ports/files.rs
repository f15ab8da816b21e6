//! The bytes of attachments and photos.

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use std::{error::Error, sync::Arc};

/// Keeps files under keys that the desk makes ([`is_key`]): ASCII letters, digits, `-`, `_`, `.` and `/`, never `..`, at most 512 bytes.
///
/// # Contract
///
/// * A file is there once [`Upload::finish`] has answered `Ok`, whole; before that, and where the upload is dropped or
///   aborted, there is nothing under its key.
/// * Memory stays flat: an upload and a download hold a few chunks, whatever the size of the file.
/// * The suite of `support_core::files_contract!` (feature `contract`) is passed.
#[async_trait]
pub trait Files: Send + Sync {
    /// Begins to write a file, instead of one that is there under the same key.
    async fn upload(&self, key: &str) -> Result<Box<dyn Upload>, FileError>;

    /// Reads a file from its beginning.
    ///
    /// # Errors
    /// [`FileError::Missing`] where there is none.
    async fn download(&self, key: &str) -> Result<Box<dyn Download>, FileError>;

    /// Takes a file away. That there is none is none the less right.
    async fn delete(&self, key: &str) -> Result<(), FileError>;

    /// Files whose keys begin with `prefix`, in the order of their keys, behind `after`; at most `limit`.
    async fn list(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<StoredFile>, FileError>;

    /// An address under which anybody can fetch the file for a while, straight from where it is kept, with these headers;
    /// `None` where this kind of store has no such thing, and the host's own route serves the file.
    async fn link(&self, key: &str, terms: &LinkTerms) -> Result<Option<String>, FileError>;
}

/// Whether a store takes this as a key. Empty names between two `/` and the name `.` are refused too: file systems take such
/// a key for another one.
pub fn is_key(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    let is_name = |name: &str| !name.is_empty() && name != "." && !name.contains("..");
    key.len() <= 512 && key.bytes().all(plain) && key.split('/').all(is_name)
}

/// A file that is being written.
#[async_trait]
pub trait Upload: Send {
    /// Takes the next bytes.
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileError>;

    /// Puts the file in its place.
    async fn finish(self: Box<Self>) -> Result<(), FileError>;

    /// Leaves nothing behind.
    async fn abort(self: Box<Self>) -> Result<(), FileError>;
}

/// A file that is being read.
#[async_trait]
pub trait Download: Send {
    /// The next bytes; `None` at the end.
    async fn chunk(&mut self) -> Result<Option<Bytes>, FileError>;
}

/// A file as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Where it is.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// When it was put there.
    pub at: DateTime<Utc>,
}

/// What a link gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTerms {
    /// How long it works.
    pub lasts: TimeDelta,
    /// The `Content-Disposition` of the answer.
    pub disposition: String,
    /// Its `Content-Type`.
    pub content_type: String,
}

/// Why a file was not kept or read.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// No room is left.
    #[error("the file store is full")]
    Full,
    /// The store cannot be reached now.
    #[error("the file store is not available: {0}")]
    Unavailable(Arc<dyn Error + Send + Sync>),
    /// Anything else.
    #[error("the file store failed: {0}")]
    Backend(Arc<dyn Error + Send + Sync>),
}

impl FileError {
    /// Wraps a backend's own error as [`FileError::Unavailable`].
    pub fn unavailable(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(error.into()))
    }

    /// Wraps a backend's own error as [`FileError::Backend`].
    pub fn backend(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Backend(Arc::from(error.into()))
    }
}

/// Keeps none: what is uploaded is refused.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl NoFiles {
    fn refusal() -> FileError {
        FileError::backend("this desk was given no place to keep files")
    }
}

#[async_trait]
impl Files for NoFiles {
    async fn upload(&self, _key: &str) -> Result<Box<dyn Upload>, FileError> {
        Err(Self::refusal())
    }

    async fn download(&self, _key: &str) -> Result<Box<dyn Download>, FileError> {
        Err(FileError::Missing)
    }

    async fn delete(&self, _key: &str) -> Result<(), FileError> {
        Ok(())
    }

    async fn list(&self, _: &str, _: Option<&str>, _: u32) -> Result<Vec<StoredFile>, FileError> {
        Ok(Vec::new())
    }

    async fn link(&self, _key: &str, _terms: &LinkTerms) -> Result<Option<String>, FileError> {
        Ok(None)
    }
}

#[async_trait]
impl<F: Files + ?Sized> Files for Arc<F> {
    async fn upload(&self, key: &str) -> Result<Box<dyn Upload>, FileError> {
        (**self).upload(key).await
    }

    async fn download(&self, key: &str) -> Result<Box<dyn Download>, FileError> {
        (**self).download(key).await
    }

    async fn delete(&self, key: &str) -> Result<(), FileError> {
        (**self).delete(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<StoredFile>, FileError> {
        (**self).list(prefix, after, limit).await
    }

    async fn link(&self, key: &str, terms: &LinkTerms) -> Result<Option<String>, FileError> {
        (**self).link(key, terms).await
    }
}
