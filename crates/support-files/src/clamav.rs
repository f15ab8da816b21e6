use async_trait::async_trait;
use bytes::Bytes;
use clamav_client::tokio::{TransportProtocol, scan_stream};
use futures_util::{Stream, stream};
use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::Duration,
};
use support_core::ports::{
    files::Download,
    scanner::{ScanError, Scanner, Verdict},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, Join, ReadHalf, Take, WriteHalf},
    net::TcpStream,
};

/// The longest answer that is read, in bytes. One that goes on is not understood.
const ANSWER: u64 = 4096;

/// How clamd begins the names of files that it gave up on, where it is told to say so (`AlertExceedsMax`).
const GAVE_UP: &str = "Heuristics.Limits.Exceeded";

/// Has files looked into by `ClamAV`: a `clamd` on TCP or a Unix socket.
///
/// Nothing is clean unless clamd says so of the whole file: what cannot be sent, what takes too long, and an answer that is
/// cut short or not understood are errors.
///
/// ```no_run
/// use std::time::Duration;
/// use support_files::ClamAv;
/// let scanner = ClamAv::tcp("127.0.0.1:3310").timeout(Duration::from_secs(60)).at_most(25 << 20);
/// # #[cfg(unix)]
/// let scanner = ClamAv::unix("/run/clamav/clamd.ctl");
/// ```
#[derive(Debug, Clone)]
pub struct ClamAv {
    address: Address,
    timeout: Duration,
    at_most: u64,
}

#[derive(Debug, Clone)]
enum Address {
    Tcp(String),
    #[cfg(unix)]
    Unix(PathBuf),
}

impl ClamAv {
    /// A `clamd` that listens on TCP, by host and port. What is sent is not encrypted.
    pub fn tcp(address: impl Into<String>) -> Self {
        Self::new(Address::Tcp(address.into()))
    }

    /// A `clamd` that listens on a socket of this machine.
    #[cfg(unix)]
    pub fn unix(path: impl AsRef<Path>) -> Self {
        Self::new(Address::Unix(path.as_ref().to_owned()))
    }

    fn new(address: Address) -> Self {
        Self { address, timeout: Duration::from_mins(2), at_most: 100 << 20 }
    }

    /// How long a scan may take from its beginning to its end; two minutes unless it is said.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// The largest file, in bytes, that clamd is asked about; 100 MiB unless it is said, which is what clamd itself comes
    /// with as `MaxFileSize`. Of a file that is larger than that clamd says that it is clean, and has not looked
    /// into it at all.
    pub fn at_most(mut self, bytes: u64) -> Self {
        self.at_most = bytes;
        self
    }

    async fn ask(&self, file: &mut dyn Download) -> io::Result<Vec<u8>> {
        let chunks = chunks(file, self.at_most);
        match &self.address {
            Address::Tcp(address) => scan_stream(chunks, Tcp(address), None).await,
            #[cfg(unix)]
            Address::Unix(path) => scan_stream(chunks, Unix(path), None).await,
        }
    }
}

#[async_trait]
impl Scanner for ClamAv {
    async fn scan(&self, file: &mut dyn Download) -> Result<Verdict, ScanError> {
        match tokio::time::timeout(self.timeout, self.ask(file)).await {
            Ok(Ok(answer)) => verdict(&answer),
            Ok(Err(error)) if is_cut_off(&error) => Err(ScanError::new(format!(
                "clamd ended the conversation ({error}); the file may be larger than its StreamMaxLength"
            ))),
            Ok(Err(error)) => Err(ScanError::new(error)),
            Err(_) => Err(ScanError::new(format!("clamd gave no verdict within {:?}", self.timeout))),
        }
    }
}

/// The file, up to its end or to the limit, whichever is first; the latter is an error, and so is all that goes wrong.
fn chunks(file: &mut dyn Download, at_most: u64) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold((file, at_most), move |(file, left)| async move {
        let Some(chunk) = file.chunk().await.map_err(io::Error::other)? else { return Ok(None) };
        match left.checked_sub(chunk.len() as u64) {
            Some(left) => Ok(Some((chunk, (file, left)))),
            None => Err(io::Error::other(format!("the file is larger than {at_most} bytes, and is not scanned"))),
        }
    })
}

fn is_cut_off(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted)
}

/// An answer ends with a zero byte, so one that was cut short is told from one that is whole.
fn verdict(answer: &[u8]) -> Result<Verdict, ScanError> {
    let odd = || ScanError::new(format!("clamd answered {:?}", String::from_utf8_lossy(answer)));
    let text = answer.strip_suffix(b"\0").and_then(|text| str::from_utf8(text).ok()).ok_or_else(odd)?;
    let found = text.strip_prefix("stream: ").ok_or_else(odd)?;
    if found == "OK" {
        return Ok(Verdict::Clean);
    }
    match found.strip_suffix(" FOUND") {
        Some(name) if name.is_empty() || name.chars().any(char::is_control) || name.starts_with(GAVE_UP) => Err(odd()),
        Some(name) => Ok(Verdict::Infected { name: name.to_owned() }),
        None => Err(odd()),
    }
}

/// A connection of whose answer only the beginning is read: what is at the other end may not be clamd.
type Bounded<S> = Join<Take<ReadHalf<S>>, WriteHalf<S>>;

fn bounded<S: AsyncRead + AsyncWrite>(stream: S) -> Bounded<S> {
    let (read, write) = tokio::io::split(stream);
    tokio::io::join(read.take(ANSWER), write)
}

struct Tcp<'a>(&'a str);

impl TransportProtocol for Tcp<'_> {
    type Stream = Bounded<TcpStream>;

    async fn connect(&self) -> io::Result<Self::Stream> {
        TcpStream::connect(self.0).await.map(bounded)
    }
}

#[cfg(unix)]
struct Unix<'a>(&'a Path);

#[cfg(unix)]
impl TransportProtocol for Unix<'_> {
    type Stream = Bounded<tokio::net::UnixStream>;

    async fn connect(&self) -> io::Result<Self::Stream> {
        tokio::net::UnixStream::connect(self.0).await.map(bounded)
    }
}

#[cfg(test)]
mod tests;
