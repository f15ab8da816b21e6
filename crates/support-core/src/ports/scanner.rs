//! Looking for malware in what people upload.

use super::files::Download;
use async_trait::async_trait;
use std::{error::Error, sync::Arc};

/// Looks into files before anybody can fetch them.
///
/// # Contract
/// It never says [`Verdict::Clean`] of a file that it has not seen to its end: what it cannot look into is an error, and the
/// file stays in quarantine.
#[async_trait]
pub trait Scanner: Send + Sync {
    /// Whether the desk shall wait for a verdict at all.
    fn is_there(&self) -> bool {
        true
    }

    /// Reads a file to its end and says what is in it.
    async fn scan(&self, file: &mut dyn Download) -> Result<Verdict, ScanError>;
}

/// What a scanner found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Clean,
    /// Something.
    Infected {
        /// What the scanner calls it.
        name: String,
    },
}

/// A file could not be looked into.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the file could not be scanned: {0}")]
pub struct ScanError(pub Arc<dyn Error + Send + Sync>);

impl ScanError {
    /// Wraps a scanner's own error.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(error.into()))
    }
}

/// Looks into nothing: files can be fetched as soon as they are uploaded.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoScanner;

#[async_trait]
impl Scanner for NoScanner {
    fn is_there(&self) -> bool {
        false
    }

    async fn scan(&self, _file: &mut dyn Download) -> Result<Verdict, ScanError> {
        Err(ScanError::new("this desk has no scanner"))
    }
}

#[async_trait]
impl<S: Scanner + ?Sized> Scanner for Arc<S> {
    fn is_there(&self) -> bool {
        (**self).is_there()
    }

    async fn scan(&self, file: &mut dyn Download) -> Result<Verdict, ScanError> {
        (**self).scan(file).await
    }
}
