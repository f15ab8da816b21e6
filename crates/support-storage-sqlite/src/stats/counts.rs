//! What is counted while change sets are written, added up until it is written too.

use super::{
    cells::{self, Standing},
    tallies,
};
use crate::{documents, error::Error};
use rusqlite::Connection;
use std::{collections::BTreeMap, ops::AddAssign};
use support_core::domain::{
    document::DocumentKind,
    stats::{Tally, TallyEntry, TallyScope},
};

/// What counters have to grow by. All of a busy hour meet on the same few rows, so a group of change sets adds up what
/// each of them counts and writes a row once, as the last thing before its commit. What fails drops its counts; until they
/// are written, no reader of the same transaction sees them.
#[derive(Debug, Default)]
#[must_use = "counts that nobody writes are lost"]
pub(crate) struct Counts {
    /// By the quarter of an hour, as its first millisecond.
    tallies: BTreeMap<(TallyScope, i64), Tally>,
    /// By how many more tickets stand so, or fewer where below zero.
    tickets: BTreeMap<Standing, i64>,
    /// By how many more documents stand on a list, or fewer where below zero.
    documents: BTreeMap<(DocumentKind, String), i64>,
}

impl Counts {
    /// Counts what happened.
    pub(crate) fn tally(&mut self, entry: &TallyEntry) {
        let key = (entry.scope.clone(), entry.quarter.timestamp_millis());
        *self.tallies.entry(key).or_default() += entry.by;
    }

    /// Counts a ticket where it stands now, and not any more where it stood before.
    pub(crate) fn follow(&mut self, before: Option<Standing>, after: Option<Standing>) {
        if before == after {
            return;
        }
        for (standing, by) in [(before, -1), (after, 1)] {
            if let Some(standing) = standing {
                *self.tickets.entry(standing).or_default() += by;
            }
        }
    }

    /// Counts so many documents more on a list.
    pub(crate) fn document(&mut self, kind: DocumentKind, list: &str, by: i64) {
        *self.documents.entry((kind, list.to_owned())).or_default() += by;
    }

    /// Adds all of it to the rows.
    pub(crate) fn write(&self, conn: &Connection) -> Result<(), Error> {
        tallies::add(conn, &self.tallies)?;
        cells::add(conn, &self.tickets)?;
        documents::counts::add(conn, &self.documents)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        for (key, by) in other.tallies {
            *self.tallies.entry(key).or_default() += by;
        }
        for (standing, by) in other.tickets {
            *self.tickets.entry(standing).or_default() += by;
        }
        for (list, by) in other.documents {
            *self.documents.entry(list).or_default() += by;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use support_core::{
        contract::sample::tally,
        ports::spans::{DAY, LONG},
    };

    fn standing(status: &str, day: i64) -> Standing {
        Standing { assignee: None, status: status.into(), priority: "high".into(), category: None, day: DAY * day }
    }

    fn tables() -> Connection {
        let mut conn = Connection::open_in_memory().unwrap();
        crate::migrate(&mut conn).unwrap();
        conn
    }

    /// How many tickets there are of a status, by the two spans.
    fn counted(conn: &Connection, status: &str) -> [i64; 2] {
        let sql = "SELECT coalesce(sum(n), 0) FROM support_cells WHERE holder = 'nobody' AND status = ?1 AND span = ?2";
        [DAY, LONG].map(|span| conn.query_row(sql, (status, span), |row| row.get(0)).unwrap())
    }

    #[test]
    fn what_comes_to_nothing_writes_nothing() {
        let conn = tables();
        let (there, back) = (Tally { stars: 3, ..Tally::default() }, Tally { stars: -3, ..Tally::default() });
        let mut counts = Counts::default();
        for by in [there, back] {
            counts.tally(&tally(TallyScope::Desk, 1, by));
        }
        counts.follow(None, Some(standing("open", 1)));
        let mut others = Counts::default();
        others.follow(Some(standing("open", 1)), Some(standing("closed", 1)));
        others.follow(Some(standing("closed", 1)), None);
        counts += others;
        counts.write(&conn).unwrap();
        assert_eq!(conn.total_changes(), tables().total_changes());
    }

    #[test]
    fn a_row_is_written_once_and_goes_with_its_last_ticket() {
        let conn = tables();
        let before = conn.total_changes();
        let mut counts = Counts::default();
        for day in [1, 1, 2] {
            counts.follow(None, Some(standing("open", day)));
        }
        counts.write(&conn).unwrap();
        // Two holders, two days and the one span that holds both.
        assert_eq!((conn.total_changes() - before, counted(&conn, "open")), (6, [3, 3]));

        let mut counts = Counts::default();
        for day in [1, 2] {
            counts.follow(Some(standing("open", day)), Some(standing("closed", day)));
        }
        counts.write(&conn).unwrap();
        assert_eq!((counted(&conn, "open"), counted(&conn, "closed")), ([1, 1], [2, 2]));
        let least: i64 = conn.query_row("SELECT min(n) FROM support_cells", [], |row| row.get(0)).unwrap();
        assert_eq!(least, 1);
    }
}
