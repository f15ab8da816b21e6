//! Values out of columns. A stored value that is none is named by its table, column and row.

use crate::error::Error;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
#[cfg(feature = "mysql")]
use sqlx::mysql::MySqlRow;
#[cfg(feature = "postgres")]
use sqlx::postgres::PgRow;
use sqlx::{Column as _, Row as _};
use support_core::domain::actor::{Role, Signature};
use uuid::Uuid;

/// What is wrong with a value.
type Reason = String;

/// A row of either kind of server.
pub(crate) enum Row {
    #[cfg(feature = "postgres")]
    Postgres(PgRow),
    #[cfg(feature = "mysql")]
    MySql(MySqlRow),
}

/// Reads a column as a type that both kinds of server can give.
macro_rules! get {
    ($row:expr, $index:expr, $type:ty) => {
        match $row {
            #[cfg(feature = "postgres")]
            Row::Postgres(row) => row.try_get::<Option<$type>, _>($index),
            #[cfg(feature = "mysql")]
            Row::MySql(row) => row.try_get::<Option<$type>, _>($index),
        }
        .map_err(|error| error.to_string())
    };
}

/// Walks the columns of a row from left to right. The first one is the row's id.
pub(crate) struct Fields<'r> {
    table: &'static str,
    row: &'r Row,
    next: usize,
}

impl<'r> Fields<'r> {
    pub(crate) fn new(table: &'static str, row: &'r Row) -> Self {
        Self { table, row, next: 0 }
    }

    /// Walks the last columns of a row alone.
    pub(crate) fn tail(table: &'static str, row: &'r Row, columns: usize) -> Self {
        Self { table, row, next: row.width().saturating_sub(columns) }
    }

    /// The next column, which is `column` and may be empty.
    fn take<T>(
        &mut self,
        column: &'static str,
        get: impl FnOnce(&Row, usize) -> Result<Option<T>, Reason>,
    ) -> Result<Option<T>, Error> {
        let index = self.next;
        debug_assert_eq!(self.row.name(index), column);
        self.next += 1;
        get(self.row, index).map_err(|reason| self.corrupt(column, reason))
    }

    fn must<T>(&self, column: &'static str, value: Option<T>) -> Result<T, Error> {
        value.ok_or_else(|| self.corrupt(column, "is empty".to_owned()))
    }

    /// Passes a column over that is there to name the row.
    pub(crate) fn skip(&mut self) {
        self.next += 1;
    }

    pub(crate) fn maybe_id<T: From<Uuid>>(&mut self, column: &'static str) -> Result<Option<T>, Error> {
        Ok(self.take(column, |row, index| get!(row, index, Uuid))?.map(T::from))
    }

    pub(crate) fn id<T: From<Uuid>>(&mut self, column: &'static str) -> Result<T, Error> {
        let id = self.maybe_id(column)?;
        self.must(column, id)
    }

    pub(crate) fn maybe_text<T: From<String>>(&mut self, column: &'static str) -> Result<Option<T>, Error> {
        Ok(self.take(column, |row, index| get!(row, index, String))?.map(T::from))
    }

    pub(crate) fn text<T: From<String>>(&mut self, column: &'static str) -> Result<T, Error> {
        let text = self.maybe_text(column)?;
        self.must(column, text)
    }

    pub(crate) fn bytes(&mut self, column: &'static str) -> Result<Vec<u8>, Error> {
        let bytes = self.take(column, |row, index| get!(row, index, Vec<u8>))?;
        self.must(column, bytes)
    }

    pub(crate) fn maybe_integer(&mut self, column: &'static str) -> Result<Option<i64>, Error> {
        self.take(column, |row, index| get!(row, index, i64))
    }

    pub(crate) fn integer(&mut self, column: &'static str) -> Result<i64, Error> {
        let number = self.maybe_integer(column)?;
        self.must(column, number)
    }

    pub(crate) fn flag(&mut self, column: &'static str) -> Result<bool, Error> {
        let flag = self.take(column, |row, index| get!(row, index, bool))?;
        self.must(column, flag)
    }

    pub(crate) fn maybe_count<T: TryFrom<i64>>(&mut self, column: &'static str) -> Result<Option<T>, Error> {
        let count = self.maybe_integer(column)?;
        let narrow = |count| T::try_from(count).map_err(|_| self.corrupt(column, format!("{count} is out of range")));
        count.map(narrow).transpose()
    }

    pub(crate) fn count<T: TryFrom<i64>>(&mut self, column: &'static str) -> Result<T, Error> {
        let count = self.maybe_count(column)?;
        self.must(column, count)
    }

    pub(crate) fn maybe_time(&mut self, column: &'static str) -> Result<Option<DateTime<Utc>>, Error> {
        let millis = self.maybe_integer(column)?;
        let moment = |millis| {
            DateTime::from_timestamp_millis(millis)
                .ok_or_else(|| self.corrupt(column, format!("{millis} is no moment")))
        };
        millis.map(moment).transpose()
    }

    pub(crate) fn time(&mut self, column: &'static str) -> Result<DateTime<Utc>, Error> {
        let at = self.maybe_time(column)?;
        self.must(column, at)
    }

    pub(crate) fn maybe_json<T: DeserializeOwned>(&mut self, column: &'static str) -> Result<Option<T>, Error> {
        let text: Option<String> = self.maybe_text(column)?;
        let parse = |text: String| serde_json::from_str(&text).map_err(|error| self.corrupt(column, error.to_string()));
        text.map(parse).transpose()
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self, column: &'static str) -> Result<T, Error> {
        let value = self.maybe_json(column)?;
        self.must(column, value)
    }

    /// One of a fixed list of words, or nothing.
    pub(crate) fn maybe_word<T: Copy>(
        &mut self,
        column: &'static str,
        all: &[T],
        as_str: fn(T) -> &'static str,
    ) -> Result<Option<T>, Error> {
        let text: Option<String> = self.maybe_text(column)?;
        let find = |word: String| {
            let known = all.iter().copied().find(|known| as_str(*known) == word);
            known.ok_or_else(|| self.corrupt(column, format!("`{word}` is unknown")))
        };
        text.map(find).transpose()
    }

    pub(crate) fn word<T: Copy>(
        &mut self,
        column: &'static str,
        all: &[T],
        as_str: fn(T) -> &'static str,
    ) -> Result<T, Error> {
        let word = self.maybe_word(column, all, as_str)?;
        self.must(column, word)
    }

    /// The next three columns: who did it.
    pub(crate) fn signature(&mut self, columns: [&'static str; 3]) -> Result<Signature, Error> {
        Ok(Signature {
            role: self.word(columns[0], &Role::ALL, Role::as_str)?,
            id: self.maybe_id(columns[1])?,
            name: self.text(columns[2])?,
        })
    }

    pub(crate) fn corrupt(&self, column: &'static str, reason: Reason) -> Error {
        let id = get!(self.row, 0, Uuid).ok().flatten().map(|id| id.to_string());
        let id = id.or_else(|| get!(self.row, 0, String).ok().flatten());
        let id = id.or_else(|| get!(self.row, 0, i64).ok().flatten().map(|id| id.to_string()));
        Error::Corrupt { table: self.table, column, id: id.unwrap_or_default(), reason }
    }
}

impl Row {
    fn width(&self) -> usize {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(row) => row.len(),
            #[cfg(feature = "mysql")]
            Self::MySql(row) => row.len(),
        }
    }

    fn name(&self, index: usize) -> &str {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(row) => row.columns().get(index).map_or("", |column| column.name()),
            #[cfg(feature = "mysql")]
            Self::MySql(row) => row.columns().get(index).map_or("", |column| column.name()),
        }
    }
}
