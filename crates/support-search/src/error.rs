//! What goes wrong with an index.

use std::{io, sync::Arc};
use support_core::ports::StoreError;
use tantivy::TantivyError;

/// Why an index does not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process, or another part of this one, has the index open.
    #[error("the search index in {0} is open elsewhere: one process has it at a time")]
    InUse(std::path::PathBuf),
    /// The directory cannot be made, read or written.
    #[error("the directory of the search index cannot be used: {0}")]
    Io(#[from] io::Error),
    /// The index cannot be made.
    #[error("the search index cannot be opened: {0}")]
    Index(#[from] TantivyError),
}

/// Why something was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Index(#[from] TantivyError),
    #[error("the search index cannot be read: {0}")]
    Io(Arc<io::Error>),
    #[error("the search index holds a key that is none: {0}")]
    Key(String),
    /// A thread is gone.
    #[error("the search index has stopped")]
    Stopped,
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::Io(cause) if cause.kind() == io::ErrorKind::StorageFull => Self::Full,
            Error::Key(key) => {
                Self::Corrupt { table: "search", column: "key", id: key, reason: "it is no key".to_owned() }
            }
            Error::Stopped => Self::unavailable(Error::Stopped),
            other => Self::backend(other),
        }
    }
}
