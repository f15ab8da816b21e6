//! What hangs on a ticket, read a stretch at a time in the order of commits.

use crate::{error::Error, row::id_value};
use rusqlite::{Connection, OptionalExtension, Row, params};
use support_core::ports::Slice;
use uuid::Uuid;

/// The two statements of a list: where a row stands, and the rows behind a place.
pub(crate) struct Stretch {
    /// Takes the row's id and the ticket's, answers a `seq`.
    pub(crate) place: &'static str,
    /// Takes the ticket's id, a `seq` and a number of rows.
    pub(crate) page: &'static str,
}

impl Stretch {
    /// Up to `limit` rows behind the one called `after`; none where that is none of the ticket's.
    pub(crate) fn read<T>(
        &self,
        conn: &Connection,
        ticket: Uuid,
        after: Option<Uuid>,
        limit: u32,
        decode: impl Fn(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Slice<T>, Error> {
        let ticket = id_value(ticket);
        let place = match after {
            None => Some(0_i64),
            Some(after) => conn
                .prepare_cached(self.place)?
                .query_row(params![id_value(after), ticket], |row| row.get(0))
                .optional()?,
        };
        let mut items = Vec::new();
        if let Some(place) = place {
            let mut statement = conn.prepare_cached(self.page)?;
            let mut rows = statement.query(params![ticket, place, i64::from(limit) + 1])?;
            while let Some(row) = rows.next()? {
                items.push(decode(row)?);
            }
        }
        Ok(Slice::cut(items, limit as usize))
    }
}
