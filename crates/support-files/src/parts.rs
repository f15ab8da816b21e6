//! The memory in which parts of files are sent.

use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};
use support_core::ports::files::FileError;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Few buffers, used again and again. Allocators keep what is freed by the thread that freed it, so parts that are allocated
/// anew by whichever thread sends them come to much more memory than is in use.
#[derive(Debug)]
pub(crate) struct Parts {
    turns: Semaphore,
    idle: Arc<Mutex<Vec<Vec<u8>>>>,
    most: usize,
}

/// The right to send a part, until this is dropped.
pub(crate) struct Turn<'a> {
    parts: &'a Parts,
    _permit: SemaphorePermit<'a>,
}

impl Parts {
    pub(crate) fn new(most: usize) -> Self {
        Self { turns: Semaphore::new(most), idle: Arc::default(), most }
    }

    /// Waits until one more part may be in memory.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, FileError> {
        let permit = self.turns.acquire().await.map_err(FileError::backend)?;
        Ok(Turn { parts: self, _permit: permit })
    }
}

impl Turn<'_> {
    /// A buffer with anything in it.
    pub(crate) fn buffer(&self) -> Vec<u8> {
        self.parts.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// The buffer as what is sent. It comes back when nobody refers to it any more.
    pub(crate) fn lend(&self, buffer: Vec<u8>) -> Bytes {
        Bytes::from_owner(Lent { buffer, idle: Arc::clone(&self.parts.idle), most: self.parts.most })
    }
}

struct Lent {
    buffer: Vec<u8>,
    idle: Arc<Mutex<Vec<Vec<u8>>>>,
    most: usize,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.most {
            idle.push(std::mem::take(&mut self.buffer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Parts;

    #[tokio::test]
    async fn a_buffer_comes_back_when_its_bytes_are_gone() {
        let parts = Parts::new(1);
        let turn = parts.turn().await.expect("nobody else has it");
        let (one, other) = (turn.lend(vec![7; 5]), turn.lend(vec![8; 9]));
        assert_eq!(one, [7; 5][..]);
        let slice = one.slice(1..3);
        drop(one);
        assert!(turn.buffer().is_empty(), "a part of it is still in use");
        drop(slice);
        drop(other);
        assert_eq!(turn.buffer(), [7; 5], "no more are kept than may be sent at once");
        assert!(turn.buffer().is_empty());
    }
}
