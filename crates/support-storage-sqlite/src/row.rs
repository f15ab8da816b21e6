//! Values in and out of columns. A stored value that is none is named by its table, column and row.

use crate::error::Error;
use chrono::{DateTime, Utc};
use rusqlite::{
    Connection, Params, Row,
    types::{Value, ValueRef},
};
use serde::{Serialize, de::DeserializeOwned};
use support_core::domain::{
    actor::{Role, Signature},
    id::TicketId,
};
use uuid::Uuid;

/// What is wrong with a value.
pub(crate) type Reason = String;

/// Walks the columns of a row from left to right. The first one is the row's id.
pub(crate) struct Fields<'r> {
    table: &'static str,
    row: &'r Row<'r>,
    next: usize,
}

impl<'r> Fields<'r> {
    pub(crate) fn new(table: &'static str, row: &'r Row<'r>) -> Self {
        Self { table, row, next: 0 }
    }

    /// Walks the last columns of a row alone.
    pub(crate) fn tail(table: &'static str, row: &'r Row<'r>, columns: usize) -> Self {
        let all = row.as_ref().column_count();
        Self { table, row, next: all.saturating_sub(columns) }
    }

    /// The next column, which is `column`.
    pub(crate) fn read<T>(
        &mut self,
        column: &'static str,
        decode: impl FnOnce(ValueRef<'r>) -> Result<T, Reason>,
    ) -> Result<T, Error> {
        debug_assert_eq!(self.row.as_ref().column_name(self.next), Ok(column));
        let value = self.row.get_ref(self.next)?;
        self.next += 1;
        decode(value).map_err(|reason| self.corrupt(column, reason))
    }

    /// The next column, which is `column` and may be empty.
    pub(crate) fn maybe<T>(
        &mut self,
        column: &'static str,
        decode: impl FnOnce(ValueRef<'r>) -> Result<T, Reason>,
    ) -> Result<Option<T>, Error> {
        self.read(column, |value| match value {
            ValueRef::Null => Ok(None),
            value => decode(value).map(Some),
        })
    }

    /// The next three columns: who did it.
    pub(crate) fn signature(&mut self, columns: [&'static str; 3]) -> Result<Signature, Error> {
        Ok(Signature {
            role: self.read(columns[0], word(&Role::ALL, Role::as_str))?,
            id: self.maybe(columns[1], uuid)?,
            name: self.read(columns[2], text)?,
        })
    }

    /// The next two columns: of which ticket, and where in the order of commits.
    pub(crate) fn on_ticket(&mut self) -> Result<(TicketId, i64), Error> {
        Ok((self.read("ticket", uuid)?, self.read("seq", integer)?))
    }

    fn corrupt(&self, column: &'static str, reason: Reason) -> Error {
        let id = match self.row.get_ref(0) {
            Ok(ValueRef::Blob(bytes)) => match Uuid::from_slice(bytes) {
                Ok(id) => id.to_string(),
                Err(_) => format!("{bytes:02x?}"),
            },
            Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
            other => format!("{other:?}"),
        };
        Error::Corrupt { table: self.table, column, id, reason }
    }
}

/// Every row that a statement finds.
pub(crate) fn all<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    decode: impl Fn(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(decode(row)?);
    }
    Ok(items)
}

/// The one row that a statement finds, if it does.
pub(crate) fn one<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    decode: impl Fn(&Row<'_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(decode).transpose()
}

/// Runs a statement that must find its row: where it finds none, something has changed since the decision was made.
pub(crate) fn must_change(conn: &Connection, sql: &str, params: impl Params) -> Result<(), Error> {
    if conn.prepare_cached(sql)?.execute(params)? == 0 { Err(Error::Conflict) } else { Ok(()) }
}

pub(crate) fn str(value: ValueRef<'_>) -> Result<&str, Reason> {
    value.as_str().map_err(|error| error.to_string())
}

pub(crate) fn text<T: From<String>>(value: ValueRef<'_>) -> Result<T, Reason> {
    str(value).map(|text| text.to_owned().into())
}

pub(crate) fn flag(value: ValueRef<'_>) -> Result<bool, Reason> {
    match integer(value)? {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(format!("{other} is neither 0 nor 1")),
    }
}

pub(crate) fn integer(value: ValueRef<'_>) -> Result<i64, Reason> {
    value.as_i64().map_err(|error| error.to_string())
}

pub(crate) fn count<T: TryFrom<i64>>(value: ValueRef<'_>) -> Result<T, Reason> {
    let count = integer(value)?;
    T::try_from(count).map_err(|_| format!("{count} is out of range"))
}

pub(crate) fn time(value: ValueRef<'_>) -> Result<DateTime<Utc>, Reason> {
    let millis = integer(value)?;
    DateTime::from_timestamp_millis(millis).ok_or_else(|| format!("{millis} is no moment"))
}

pub(crate) fn uuid<T: From<Uuid>>(value: ValueRef<'_>) -> Result<T, Reason> {
    let bytes = value.as_blob().map_err(|error| error.to_string())?;
    Uuid::from_slice(bytes).map(T::from).map_err(|error| error.to_string())
}

pub(crate) fn json<T: DeserializeOwned>(value: ValueRef<'_>) -> Result<T, Reason> {
    serde_json::from_str(str(value)?).map_err(|error| error.to_string())
}

/// Reads one of a fixed list of words.
pub(crate) fn word<T: Copy>(
    all: &'static [T],
    as_str: fn(T) -> &'static str,
) -> impl FnOnce(ValueRef<'_>) -> Result<T, Reason> {
    move |value| {
        let word = str(value)?;
        let known = all.iter().copied().find(|known| as_str(*known) == word);
        known.ok_or_else(|| format!("`{word}` is unknown"))
    }
}

/// The 16 bytes of an id.
pub(crate) fn id_value(id: Uuid) -> Value {
    Value::Blob(id.as_bytes().to_vec())
}

/// A moment, rounded down to the millisecond.
pub(crate) fn time_value(at: DateTime<Utc>) -> Value {
    Value::Integer(at.timestamp_millis())
}

pub(crate) fn json_text(value: &impl Serialize) -> Result<String, Error> {
    Ok(serde_json::to_string(value)?)
}

/// An unsigned number as `SQLite` keeps it, which knows only signed ones.
pub(crate) fn signed(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(|_| Error::Unstorable("a number above 2^63"))
}
