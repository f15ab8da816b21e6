//! Uploads whose bytes go to their place as they come: a temporary file on disk, a piece of memory.

use crate::fault;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use object_store::MultipartUpload;
use support_core::ports::files::{FileError, Upload};

/// What is written at once, in bytes: each write is a task of its own, which tiny chunks are not worth.
const WRITE: usize = 64 * 1024;

pub(crate) struct Direct {
    upload: Box<dyn MultipartUpload>,
    pending: BytesMut,
    /// Set while something is written, so that it stays set where that fails or is left off.
    torn: bool,
}

impl Direct {
    pub(crate) fn new(upload: Box<dyn MultipartUpload>) -> Self {
        Self { upload, pending: BytesMut::new(), torn: false }
    }

    async fn put(&mut self, bytes: Bytes) -> Result<(), FileError> {
        self.torn = true;
        self.upload.put_part(bytes.into()).await.map_err(fault::writing)?;
        self.torn = false;
        Ok(())
    }
}

#[async_trait]
impl Upload for Direct {
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileError> {
        if self.torn {
            return Err(fault::torn());
        }
        self.pending.extend_from_slice(&chunk);
        if self.pending.len() < WRITE {
            return Ok(());
        }
        let bytes = self.pending.split().freeze();
        self.put(bytes).await
    }

    async fn finish(mut self: Box<Self>) -> Result<(), FileError> {
        if self.torn {
            return Err(fault::torn());
        }
        if !self.pending.is_empty() {
            let bytes = self.pending.split().freeze();
            self.put(bytes).await?;
        }
        self.upload.complete().await.map(drop).map_err(fault::writing)
    }

    async fn abort(mut self: Box<Self>) -> Result<(), FileError> {
        self.upload.abort().await.map_err(fault::writing)
    }
}
