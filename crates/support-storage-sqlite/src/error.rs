//! What can go wrong below, and what it means to the desk.

use rusqlite::{ErrorCode, ffi};
use support_core::ports::StoreError;

/// Everything this crate meets while it reads and writes.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A guard does not hold, or something would stand twice.
    #[error("the data has changed in the meantime")]
    Conflict,
    /// `SQLite`'s own refusal.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// A stored value that is none.
    #[error("{table}.{column} of {id}: {reason}")]
    Corrupt { table: &'static str, column: &'static str, id: String, reason: String },
    /// A value that has no place in a column.
    #[error("{0} cannot be stored")]
    Unstorable(&'static str),
    /// A value that has no JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict => Self::Conflict,
            Error::Sqlite(rusqlite::Error::SqliteFailure(failure, text)) => classify(failure, text),
            Error::Corrupt { table, column, id, reason } => Self::Corrupt { table, column, id, reason },
            other => Self::backend(other),
        }
    }
}

fn classify(failure: ffi::Error, text: Option<String>) -> StoreError {
    let repeats = matches!(
        failure.extended_code,
        ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID
            | ffi::SQLITE_CONSTRAINT_FOREIGNKEY
    );
    match failure.code {
        ErrorCode::ConstraintViolation if repeats => StoreError::Conflict,
        ErrorCode::DiskFull => StoreError::Full,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt {
            table: "sqlite_schema",
            column: "file",
            id: "database".to_owned(),
            reason: failure.to_string(),
        },
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::ReadOnly
        | ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::PermissionDenied
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::OutOfMemory => StoreError::unavailable(rusqlite::Error::SqliteFailure(failure, text)),
        _ => StoreError::backend(rusqlite::Error::SqliteFailure(failure, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(code: i32) -> StoreError {
        Error::Sqlite(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)).into()
    }

    #[test]
    fn codes_decide_and_texts_do_not() {
        for code in
            [ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_CONSTRAINT_PRIMARYKEY, ffi::SQLITE_CONSTRAINT_FOREIGNKEY]
        {
            assert!(matches!(meaning(code), StoreError::Conflict), "{code}");
        }
        for code in [
            ffi::SQLITE_BUSY,
            ffi::SQLITE_BUSY_SNAPSHOT,
            ffi::SQLITE_LOCKED,
            ffi::SQLITE_READONLY,
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_CANTOPEN,
        ] {
            assert!(matches!(meaning(code), StoreError::Unavailable(_)), "{code}");
        }
        assert!(matches!(meaning(ffi::SQLITE_FULL), StoreError::Full));
        assert!(matches!(meaning(ffi::SQLITE_CORRUPT), StoreError::Corrupt { .. }));
        assert!(matches!(meaning(ffi::SQLITE_CONSTRAINT_NOTNULL), StoreError::Backend(_)));
        assert!(matches!(meaning(ffi::SQLITE_TOOBIG), StoreError::Backend(_)));
    }
}
