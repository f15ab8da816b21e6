//! What can go wrong below, and what it means to the desk.

use sqlx::error::{DatabaseError, ErrorKind};
use support_core::ports::StoreError;

/// Everything this crate meets while it reads and writes.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A guard does not hold, or something would stand twice.
    #[error("the data has changed in the meantime")]
    Conflict,
    /// The server's own refusal, or the way to it.
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    /// A stored value that is none.
    #[error("{table}.{column} of {id}: {reason}")]
    Corrupt { table: &'static str, column: &'static str, id: String, reason: String },
    /// A value that has no place in a column.
    #[error("{0} cannot be stored")]
    Unstorable(&'static str),
    /// A value that has no JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// No connection became free, or the server did not answer, in the time that was set.
    #[error("{0}")]
    Late(&'static str),
    /// The task that did the work is gone.
    #[error("the work was interrupted")]
    Interrupted,
}

/// What a refusal of the server means for the work that met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Something has changed since it was read.
    Conflict,
    /// The server gave up one of several who were in each other's way. The same again may go well.
    Collision,
    /// The server has no room.
    Full,
    /// The server cannot be reached, or is going down.
    Away,
    /// The server has too much to do: it broke something off for being late, or takes no more connections.
    Late,
    /// Anything else.
    Other,
}

impl Error {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Conflict => Kind::Conflict,
            Self::Sql(sqlx::Error::Database(error)) => of_database(error.as_ref()),
            Self::Sql(
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed,
            )
            | Self::Late(_)
            | Self::Interrupted => Kind::Away,
            Self::Sql(_) | Self::Corrupt { .. } | Self::Unstorable(_) | Self::Json(_) => Kind::Other,
        }
    }
}

impl Error {
    /// Whether a column or index of this name is there already.
    pub(crate) fn is_there_already(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(error)) if is_taken(error.as_ref()))
    }
}

#[cfg(feature = "mysql")]
fn is_taken(error: &dyn DatabaseError) -> bool {
    let number =
        error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>().map(sqlx::mysql::MySqlDatabaseError::number);
    matches!(number, Some(1060 | 1061))
}

/// The other servers take a step of the schema back as a whole.
#[cfg(not(feature = "mysql"))]
fn is_taken(_: &dyn DatabaseError) -> bool {
    false
}

/// By the server's code: five letters of `SQLSTATE` in `PostgreSQL`, a number in `MySQL`.
fn of_database(error: &dyn DatabaseError) -> Kind {
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return of_number(error.number());
    }
    match error.kind() {
        ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation => Kind::Conflict,
        _ => error.code().as_deref().map_or(Kind::Other, of_sqlstate),
    }
}

/// Appendix A of the manual of `PostgreSQL`.
fn of_sqlstate(code: &str) -> Kind {
    match code {
        // Division by zero is how a composed statement says that one of its parts did not find its row.
        "22012" => Kind::Conflict,
        // Serialisation failure, deadlock, lock not available.
        "40001" | "40P01" | "55P03" => Kind::Collision,
        // Disk full, out of memory.
        "53100" | "53200" => Kind::Full,
        // Too many connections, cancelled for being late.
        "53300" | "57014" => Kind::Late,
        // Read-only, idle in a transaction for too long, shutting down.
        "25006" | "25P03" | "57P01" | "57P02" | "57P03" | "57P04" | "57P05" => Kind::Away,
        code if code.starts_with("08") => Kind::Away,
        _ => Kind::Other,
    }
}

/// The server error reference of `MySQL`, and that of `MariaDB` above 1900.
#[cfg(feature = "mysql")]
fn of_number(number: u16) -> Kind {
    match number {
        // A key twice; a parent that is not there, or still has children.
        1022 | 1062 | 1169 | 1586 | 1216 | 1217 | 1451 | 1452 => Kind::Conflict,
        // Deadlock; a lock that was not had in time; a row that changed since it was read.
        1213 | 1205 | 1020 => Kind::Collision,
        // Disk or table full.
        1021 | 1114 | 3675 => Kind::Full,
        // Too many connections; cancelled for being late.
        1040 | 1203 | 1226 | 1317 | 1969 | 3024 => Kind::Late,
        // Shutting down; killed; read-only; a cluster that is not ready.
        1047 | 1053 | 1077 | 1079 | 1152 | 1158..=1161 | 1290 | 1836 | 1927 | 4031 => Kind::Away,
        _ => Kind::Other,
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match (error.kind(), error) {
            (_, Error::Corrupt { table, column, id, reason }) => Self::Corrupt { table, column, id, reason },
            (Kind::Conflict, _) => Self::Conflict,
            (Kind::Full, _) => Self::Full,
            // Where trying again did not help, the server is too busy.
            (Kind::Collision | Kind::Away | Kind::Late, error) => Self::unavailable(error),
            (Kind::Other, error) => Self::backend(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_decide_and_texts_do_not() {
        for (code, kind) in [
            ("22012", Kind::Conflict),
            ("40001", Kind::Collision),
            ("40P01", Kind::Collision),
            ("53100", Kind::Full),
            ("57P01", Kind::Away),
            ("08006", Kind::Away),
            ("42P01", Kind::Other),
        ] {
            assert_eq!(of_sqlstate(code), kind, "{code}");
        }
    }

    #[cfg(feature = "mysql")]
    #[test]
    fn numbers_decide_too() {
        for (number, kind) in [
            (1062, Kind::Conflict),
            (1452, Kind::Conflict),
            (1213, Kind::Collision),
            (1205, Kind::Collision),
            (1114, Kind::Full),
            (1290, Kind::Away),
            (1146, Kind::Other),
        ] {
            assert_eq!(of_number(number), kind, "{number}");
        }
    }
}
