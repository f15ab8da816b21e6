//! What hangs on a ticket, read a stretch at a time in the order of commits.

use crate::{
    error::Error,
    row::{Fields, Row},
    session::Session,
    value::values,
};
use support_core::ports::Slice;
use uuid::Uuid;

/// The two statements of a list: where a row stands, and the rows behind a place.
pub(crate) struct Stretch {
    /// Takes the row's id and the ticket's, answers id and `seq`.
    pub(crate) place: &'static str,
    /// Takes the ticket's id, a `seq` and a number of rows.
    pub(crate) page: &'static str,
}

impl Stretch {
    /// Up to `limit` rows behind the one called `after`; none where that is none of the ticket's.
    pub(crate) async fn read<T>(
        &self,
        session: &mut Session<'_>,
        ticket: Uuid,
        after: Option<Uuid>,
        limit: u32,
        decode: impl Fn(&Row) -> Result<T, Error>,
    ) -> Result<Slice<T>, Error> {
        let mut place = Some(0_i64);
        if let Some(after) = after {
            let row = session.row(self.place, values![after, ticket]).await?;
            let seq = |row: &Row| {
                let mut row = Fields::new("places", row);
                row.skip();
                row.integer("seq")
            };
            place = row.as_ref().map(seq).transpose()?;
        }
        let rows = match place {
            Some(place) => session.rows(self.page, values![ticket, place, i64::from(limit) + 1]).await?,
            None => Vec::new(),
        };
        let items: Result<Vec<T>, Error> = rows.iter().map(decode).collect();
        Ok(Slice::cut(items?, limit as usize))
    }
}
