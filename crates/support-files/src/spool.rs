//! The part of a file that is on its way to a bucket.

use crate::fault;
use bytes::Bytes;
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::PathBuf,
    sync::Arc,
};
use support_core::ports::files::FileError;
use tokio::task::spawn_blocking;

/// What stays in memory, in bytes. What is more goes to a temporary file, which has no name and is gone when the process is.
const IN_MEMORY: usize = 64 * 1024;

pub(crate) struct Spool {
    directory: Arc<PathBuf>,
    memory: Vec<u8>,
    file: Option<File>,
    in_file: usize,
}

impl Spool {
    pub(crate) fn new(directory: Arc<PathBuf>) -> Self {
        Self { directory, memory: Vec::new(), file: None, in_file: 0 }
    }

    /// In bytes.
    pub(crate) fn len(&self) -> usize {
        self.in_file + self.memory.len()
    }

    /// Whether taking it out needs much memory.
    pub(crate) fn is_large(&self) -> bool {
        self.in_file > 0
    }

    /// After an error, what it holds is not known.
    pub(crate) async fn push(&mut self, bytes: Bytes) -> Result<(), FileError> {
        if self.memory.len() + bytes.len() <= IN_MEMORY {
            self.memory.extend_from_slice(&bytes);
            return Ok(());
        }
        let added = self.memory.len() + bytes.len();
        let (file, directory) = (self.file.take(), Arc::clone(&self.directory));
        let mut memory = std::mem::take(&mut self.memory);
        let written = spawn_blocking(move || -> std::io::Result<_> {
            let mut file = file.map_or_else(|| tempfile::tempfile_in(&*directory), Ok)?;
            file.write_all(&memory)?;
            file.write_all(&bytes)?;
            memory.clear();
            Ok((file, memory))
        });
        let (file, memory) = written.await.map_err(fault::task)?.map_err(not_spooled)?;
        (self.file, self.memory) = (Some(file), memory);
        self.in_file += added;
        Ok(())
    }

    /// Everything, in place of what is in the buffer; the spool is empty afterwards.
    pub(crate) async fn take(&mut self, mut buffer: Vec<u8>) -> Result<Vec<u8>, FileError> {
        let (in_file, size) = (self.in_file, self.len());
        buffer.resize(size, 0);
        if let Some(mut file) = self.file.take() {
            let read = spawn_blocking(move || -> std::io::Result<_> {
                file.seek(SeekFrom::Start(0))?;
                file.read_exact(&mut buffer[..in_file])?;
                file.seek(SeekFrom::Start(0))?;
                Ok((file, buffer))
            });
            let (file, read) = read.await.map_err(fault::task)?.map_err(not_spooled)?;
            (self.file, buffer) = (Some(file), read);
        }
        buffer[in_file..].copy_from_slice(&self.memory);
        self.memory.clear();
        self.in_file = 0;
        Ok(buffer)
    }
}

/// A temporary directory that is not there is no file that is missing.
fn not_spooled(error: std::io::Error) -> FileError {
    match fault::system(error) {
        FileError::Missing => FileError::backend("the directory for parts of uploads is not there"),
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::{IN_MEMORY, Spool};
    use bytes::Bytes;
    use std::sync::Arc;

    #[tokio::test]
    async fn what_was_pushed_is_taken_out_whatever_its_size() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut spool = Spool::new(Arc::new(directory.path().to_owned()));
        for sizes in [&[][..], &[5], &[IN_MEMORY], &[IN_MEMORY, 1], &[IN_MEMORY * 3, 7, 0, IN_MEMORY], &[1, 2, 3]] {
            let mut expected = Vec::new();
            for (seed, size) in sizes.iter().enumerate() {
                let bytes: Bytes = (0..*size).map(|at| (at + seed).to_le_bytes()[0]).collect();
                expected.extend_from_slice(&bytes);
                spool.push(bytes).await.expect("there is room");
                assert_eq!(spool.len(), expected.len());
            }
            assert!(spool.take(vec![9; 9]).await.expect("it reads") == expected, "{sizes:?}");
            assert_eq!(spool.len(), 0);
        }
        let names = std::fs::read_dir(directory.path()).expect("it is there");
        assert_eq!(names.count(), 0, "temporary files have no names");
    }

    #[tokio::test]
    async fn without_its_directory_no_file_is_missing() {
        let mut spool = Spool::new(Arc::new("/no/such/directory".into()));
        let refused = spool.push(Bytes::from(vec![0; IN_MEMORY + 1])).await.expect_err("it cannot be written");
        assert!(refused.to_string().contains("the directory for parts of uploads"), "{refused}");
    }
}
