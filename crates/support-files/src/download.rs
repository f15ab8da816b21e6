//! Files as they are read.

use crate::fault;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use object_store::{GetResult, GetResultPayload};
use std::{fs::File, io::Read};
use support_core::ports::files::{Download, FileError};
use tokio::task::spawn_blocking;

/// What is read from a disk at once, in bytes.
const READ: usize = 64 * 1024;

pub(crate) fn reading(result: GetResult) -> Box<dyn Download> {
    let size = result.range.end - result.range.start;
    match result.payload {
        GetResultPayload::File(file, _) => Box::new(FromDisk { file: Some(file), left: size }),
        GetResultPayload::Stream(stream) => Box::new(FromStream { stream, left: size }),
    }
}

struct FromDisk {
    file: Option<File>,
    left: u64,
}

#[async_trait]
impl Download for FromDisk {
    async fn chunk(&mut self) -> Result<Option<Bytes>, FileError> {
        if self.left == 0 {
            return Ok(None);
        }
        // It stays away after an error: what comes next would not be what follows.
        let mut file = self.file.take().ok_or_else(|| FileError::backend("reading this file has failed before"))?;
        let size = usize::try_from(self.left).unwrap_or(READ).min(READ);
        let (file, bytes) = spawn_blocking(move || {
            let mut bytes = vec![0; size];
            file.read_exact(&mut bytes).map(|()| (file, Bytes::from(bytes)))
        })
        .await
        .map_err(fault::task)?
        .map_err(fault::system)?;
        self.left -= bytes.len() as u64;
        self.file = Some(file);
        Ok(Some(bytes))
    }
}

struct FromStream {
    stream: BoxStream<'static, object_store::Result<Bytes>>,
    left: u64,
}

#[async_trait]
impl Download for FromStream {
    async fn chunk(&mut self) -> Result<Option<Bytes>, FileError> {
        while let Some(bytes) = self.stream.next().await {
            let bytes = bytes.map_err(fault::reading)?;
            if !bytes.is_empty() {
                self.left = self.left.saturating_sub(bytes.len() as u64);
                return Ok(Some(bytes));
            }
        }
        // An end that comes early must not look like the end.
        if self.left > 0 {
            return Err(FileError::unavailable(format!("the file ended {} bytes too early", self.left)));
        }
        Ok(None)
    }
}
