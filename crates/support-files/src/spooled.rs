//! Uploads to a bucket, in parts.

use crate::{fault, s3::Bucket, spool::Spool};
use async_trait::async_trait;
use bytes::Bytes;
use object_store::{MultipartUpload, ObjectStoreExt, path::Path};
use std::sync::Arc;
use support_core::ports::files::{FileError, Upload};
use tokio::runtime::Handle;

/// The size of a part, in bytes. S3 takes no smaller one, but for the last, and 10,000 of them: 50 GiB.
const PART: usize = 5 * 1024 * 1024;

/// A part is in memory only while it is sent, and few are at once: the server wants it whole, because it is signed.
pub(crate) struct Spooled {
    bucket: Arc<Bucket>,
    path: Path,
    spool: Spool,
    /// Begins with the second part: a file of one is put there with one request.
    parts: Option<Box<dyn MultipartUpload>>,
    /// Set while something is written, so that it stays set where that fails or is left off.
    torn: bool,
}

impl Spooled {
    pub(crate) fn new(bucket: Arc<Bucket>, path: Path) -> Self {
        let spool = Spool::new(bucket.spool_directory());
        Self { bucket, path, spool, parts: None, torn: false }
    }

    async fn push(&mut self, mut chunk: Bytes) -> Result<(), FileError> {
        while !chunk.is_empty() {
            if self.spool.len() == PART {
                self.send().await?;
            }
            let size = chunk.len().min(PART - self.spool.len());
            self.spool.push(chunk.split_to(size)).await?;
        }
        Ok(())
    }

    async fn send(&mut self) -> Result<(), FileError> {
        let parts = match &mut self.parts {
            Some(parts) => parts,
            none => none.insert(self.bucket.store().put_multipart(&self.path).await.map_err(fault::writing)?),
        };
        let turn = self.bucket.parts().turn().await?;
        let part = self.spool.take(turn.buffer()).await?;
        parts.put_part(turn.lend(part).into()).await.map_err(fault::writing)
    }

    async fn put(&mut self) -> Result<(), FileError> {
        let turn = if self.spool.is_large() { Some(self.bucket.parts().turn().await?) } else { None };
        let content = match &turn {
            Some(turn) => turn.lend(self.spool.take(turn.buffer()).await?),
            None => self.spool.take(Vec::new()).await?.into(),
        };
        self.bucket.store().put(&self.path, content.into()).await.map(drop).map_err(fault::writing)
    }
}

#[async_trait]
impl Upload for Spooled {
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileError> {
        if std::mem::replace(&mut self.torn, true) {
            return Err(fault::torn());
        }
        self.push(chunk).await?;
        self.torn = false;
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<(), FileError> {
        if self.torn {
            return Err(fault::torn());
        }
        if self.parts.is_none() {
            return self.put().await;
        }
        self.send().await?;
        if let Some(parts) = &mut self.parts {
            parts.complete().await.map_err(fault::writing)?;
        }
        self.parts = None;
        Ok(())
    }

    async fn abort(mut self: Box<Self>) -> Result<(), FileError> {
        match self.parts.take() {
            Some(mut parts) => parts.abort().await.map_err(fault::writing),
            None => Ok(()),
        }
    }
}

impl Drop for Spooled {
    /// Parts that nobody completes cost money until a rule of the bucket removes them, so the server is told now, as far as
    /// somebody is left to tell it.
    fn drop(&mut self) {
        if let (Some(mut parts), Ok(runtime)) = (self.parts.take(), Handle::try_current()) {
            runtime.spawn(async move { parts.abort().await });
        }
    }
}
