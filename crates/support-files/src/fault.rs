//! Which kind of failure an error is.

use object_store::Error as StoreError;
use std::{
    error::Error,
    io::{self, ErrorKind},
};
use support_core::ports::files::FileError;

/// Of something that reads. Where there is no bucket, no file is missing: somebody made a mistake.
pub(crate) fn reading(error: StoreError) -> FileError {
    let no_bucket = || error.to_string().contains("NoSuchBucket");
    match &error {
        StoreError::NotFound { .. } if !no_bucket() => FileError::Missing,
        _ if causes(&error).any(is_no_file) => FileError::Missing,
        _ => other(error),
    }
}

/// Of something that writes. What is not found then is not the file.
pub(crate) fn writing(error: StoreError) -> FileError {
    other(error)
}

/// Of the file system.
pub(crate) fn system(error: io::Error) -> FileError {
    match error.kind() {
        ErrorKind::NotFound => FileError::Missing,
        kind if is_full(kind) => FileError::Full,
        kind if is_away(kind) => FileError::unavailable(error),
        _ => FileError::backend(error),
    }
}

/// Of a task for blocking work that did not come to its end.
pub(crate) fn task(error: tokio::task::JoinError) -> FileError {
    FileError::backend(error)
}

/// After an error, or a future that was dropped in between, nobody knows what was written.
pub(crate) fn torn() -> FileError {
    FileError::backend("an earlier part of this file was not written, so it cannot be finished")
}

fn other(error: StoreError) -> FileError {
    let kind = causes(&error).find_map(kind);
    match kind {
        Some(Kind::Full) => FileError::Full,
        Some(Kind::Away) => FileError::unavailable(error),
        None => FileError::backend(error),
    }
}

enum Kind {
    Full,
    Away,
}

fn kind(cause: &(dyn Error + 'static)) -> Option<Kind> {
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        return match error.kind() {
            kind if is_full(kind) => Some(Kind::Full),
            kind if is_away(kind) => Some(Kind::Away),
            _ => None,
        };
    }
    #[cfg(feature = "s3")]
    return remote(cause);
    #[cfg(not(feature = "s3"))]
    None
}

#[cfg(feature = "s3")]
fn remote(cause: &(dyn Error + 'static)) -> Option<Kind> {
    use object_store::client::{HttpError, HttpErrorKind};
    if let Some(error) = cause.downcast_ref::<HttpError>() {
        return match error.kind() {
            HttpErrorKind::Connect | HttpErrorKind::Request | HttpErrorKind::Timeout | HttpErrorKind::Interrupted => {
                Some(Kind::Away)
            }
            _ => None,
        };
    }
    // The type that knows the status is private to object_store; what it says is all there is. An answer's own words
    // come last, so they cannot be taken for it.
    let text = cause.to_string();
    let status = text.split_once("status code: ").and_then(|(_, rest)| rest.get(..3)?.parse::<u16>().ok())?;
    let says_full = ["QuotaExceeded", "StorageFull", "InsufficientStorage"].iter().any(|code| text.contains(code));
    match status {
        507 => Some(Kind::Full),
        400..=599 if says_full => Some(Kind::Full),
        408 | 429 | 500..=599 => Some(Kind::Away),
        _ => None,
    }
}

/// The error and what it came from.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn is_full(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

fn is_away(kind: ErrorKind) -> bool {
    use ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, NetworkDown,
        NetworkUnreachable, NotConnected, StaleNetworkFileHandle, TimedOut, UnexpectedEof,
    };
    matches!(
        kind,
        BrokenPipe
            | ConnectionAborted
            | ConnectionRefused
            | ConnectionReset
            | HostUnreachable
            | NetworkDown
            | NetworkUnreachable
            | NotConnected
            | StaleNetworkFileHandle
            | TimedOut
            | UnexpectedEof
    )
}

/// A key below a file, or that of a directory.
fn is_no_file(cause: &(dyn Error + 'static)) -> bool {
    let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(kind, Some(ErrorKind::NotADirectory | ErrorKind::IsADirectory))
}

#[cfg(test)]
mod tests {
    use super::{reading, system, writing};
    use object_store::Error as StoreError;
    use std::io::{self, ErrorKind};
    use support_core::ports::files::FileError;

    fn wrapped(kind: ErrorKind) -> StoreError {
        StoreError::Generic { store: "disk", source: Box::new(io::Error::from(kind)) }
    }

    #[test]
    fn a_disk_without_room_is_full() {
        for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded] {
            assert!(matches!(writing(wrapped(kind)), FileError::Full));
            assert!(matches!(system(kind.into()), FileError::Full));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_words_of_the_system_are_understood() {
        for (number, is_right) in [(28, true), (122, true), (13, false)] {
            let error = system(io::Error::from_raw_os_error(number));
            assert_eq!(matches!(error, FileError::Full), is_right, "{error}");
        }
    }

    #[test]
    fn a_network_that_fails_is_told_from_a_store_that_does() {
        assert!(matches!(writing(wrapped(ErrorKind::ConnectionReset)), FileError::Unavailable(_)));
        assert!(matches!(reading(wrapped(ErrorKind::TimedOut)), FileError::Unavailable(_)));
        assert!(matches!(writing(wrapped(ErrorKind::PermissionDenied)), FileError::Backend(_)));
    }

    #[test]
    fn only_who_reads_misses_a_file() {
        let not_found = |words: &str| StoreError::NotFound { path: "a".into(), source: words.into() };
        assert!(matches!(reading(not_found("NoSuchKey")), FileError::Missing));
        assert!(matches!(reading(not_found("<Code>NoSuchBucket</Code>")), FileError::Backend(_)));
        assert!(matches!(writing(not_found("NoSuchUpload")), FileError::Backend(_)));
        assert!(matches!(reading(wrapped(ErrorKind::NotADirectory)), FileError::Missing));
    }
}
