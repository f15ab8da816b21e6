//! The trail as an outbox. Many commit at once here, so an event gets its place behind its commit, from one node at a time.
//!
//! Whoever adds to the trail of a ticket has written the ticket's row first, so whoever gives places sees of each trail a
//! beginning: within a ticket, places are in the order of commits.

use crate::{
    SqlxStore,
    commit::{Must, Step},
    error::Error,
    events,
    row::{Fields, Row},
    session::Session,
    store::read,
    value::{json_text, values},
};
use async_trait::async_trait;
use support_core::{
    domain::{event::Event, id::EventId},
    ports::{StoreError, outbox::OutboxStore},
};

/// In the order of an index that holds nothing else, or holds them first.
const UNPLACED: &str = "SELECT id FROM {events} WHERE place IS NULL ORDER BY place, seq LIMIT 1";
const LAST: &str = "SELECT id FROM {events} WHERE place > 0 ORDER BY place DESC LIMIT 1";
/// That there is a place is not asked here: a server that knows of few would look through those.
const PLACE: &str = "SELECT id, place FROM {events} WHERE id = ?";

/// Where it is decided from that something was told, nobody asks a follower.
#[async_trait]
impl OutboxStore for SqlxStore {
    async fn has_unplaced_events(&self) -> Result<bool, StoreError> {
        read!(self.primary, |session| async { Ok(session.row(UNPLACED, Vec::new()).await?.is_some()) })
    }

    async fn placed_events(&self, after: Option<EventId>, limit: u32) -> Result<Vec<Event>, StoreError> {
        read!(self.primary, |session| behind(session, after, limit))
    }

    async fn last_placed_event(&self) -> Result<Option<EventId>, StoreError> {
        read!(self.primary, |session| async {
            let row = session.row(LAST, Vec::new()).await?;
            row.as_ref().map(|row| Fields::new("events", row).id("id")).transpose()
        })
    }
}

async fn behind(session: &mut Session<'_>, after: Option<EventId>, limit: u32) -> Result<Vec<Event>, Error> {
    let mut place = Some(0);
    if let Some(after) = after {
        let row = session.row(PLACE, values![after.uuid()]).await?;
        let found = |row: &Row| {
            let mut row = Fields::new("events", row);
            row.skip();
            row.maybe_integer("place")
        };
        place = row.as_ref().map(found).transpose()?.flatten().filter(|place| *place > 0);
    }
    let Some(place) = place else { return Ok(Vec::new()) };
    session.rows(events::PLACED, values![place, limit]).await?.iter().map(events::decode).collect()
}

/// Gives the first of those without a place theirs, as one statement of a commit: on `PostgreSQL`.
///
/// Two who do so at once wait for each other by the lease. The second goes on from the state that it saw before it waited:
/// what has a place by now is asked of each row again, and where it would give a place that somebody has, the index of places
/// refuses the whole.
pub(crate) fn placing(limit: u32) -> Step {
    let sql = "UPDATE {events} AS e SET place = n.place FROM \
         (SELECT u.seq, (SELECT coalesce(max(p.place), 0) FROM {events} AS p WHERE p.place > 0) \
         + row_number() OVER (ORDER BY u.seq) AS place FROM \
         (SELECT seq FROM {events} WHERE place IS NULL ORDER BY place, seq LIMIT ?) AS u) AS n \
         WHERE e.seq = n.seq AND e.place IS NULL";
    Step::new(sql, values![limit], Must::Anything)
}

const FIRST: &str = "SELECT seq FROM {events} WHERE place IS NULL ORDER BY place, seq LIMIT ?";
const HIGHEST: &str = "SELECT place FROM {events} WHERE place > 0 ORDER BY place DESC LIMIT 1 LOCK IN SHARE MODE";
/// Goes to these rows alone, in a small table too: any other may be in the middle of a commit, which would be waited for.
const GIVE: &str = "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (n FOR ORDINALITY, seq BIGINT PATH '$')) AS j \
     STRAIGHT_JOIN {events} AS e FORCE INDEX ({prefix}events_seq) ON e.seq = j.seq \
     SET e.place = ? + j.n WHERE e.place IS NULL";

/// The same on `MySQL`, step by step. What a statement reads that writes is no state of the table there: it waits for each
/// commit that is under way, and meets what came to stand meanwhile, so it may see the middle of a trail and not its
/// beginning. What only reads sees one moment.
pub(crate) async fn place(session: &mut Session<'_>, limit: u32) -> Result<(), Error> {
    let rows = session.rows(FIRST, values![limit]).await?;
    let first: Result<Vec<i64>, Error> = rows.iter().map(|row| Fields::new("events", row).integer("seq")).collect();
    let first = first?;
    if first.is_empty() {
        return Ok(());
    }
    // Not as of that moment, which in a transaction of the host may be long ago.
    let highest = session.row(HIGHEST, Vec::new()).await?;
    let highest = highest.map_or(Ok(0), |row| Fields::new("events", &row).integer("place"))?;
    session.change(GIVE, values![json_text(&first)?, highest]).await.map(drop)
}

#[cfg(all(test, feature = "postgres", feature = "mysql"))]
mod tests;
