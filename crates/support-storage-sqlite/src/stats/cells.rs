//! How many tickets stand alike. Kept as something derived from the rows of tickets, as tags are.

use crate::{
    error::Error,
    row::{Fields, id_value, integer, str},
};
use rusqlite::{
    Connection, Params, Row, ToSql, params,
    types::{Value, ValueRef},
};
use std::collections::{BTreeMap, HashMap};
use support_core::{
    domain::{
        key::CategoryKey,
        stats::{Cell, Holder, Range},
    },
    ports::spans::{DAY, LONG, parts, start},
};

pub(crate) const KEPT: &str = "SELECT start, status, priority, category, n FROM support_cells \
     WHERE holder = ?1 AND span = ?2 AND start >= ?3 AND start < ?4";

/// What is shorter than a day is counted anew, along the index of the list of the same tickets.
macro_rules! fringe {
    ($index:literal, $condition:literal) => {
        concat!(
            "SELECT seq, status, priority, category, 1 AS n FROM support_tickets INDEXED BY ",
            $index,
            " WHERE deleted_at IS NULL AND created_at >= ?1 AND created_at < ?2",
            $condition
        )
    };
}
pub(crate) const FRINGE: &str = fringe!("support_tickets_created", "");
pub(crate) const FRINGE_OF_AGENT: &str = fringe!("support_tickets_assignee_created", " AND assignee_id = ?3");
pub(crate) const FRINGE_OF_NOBODY: &str = fringe!("support_tickets_assignee_created", " AND assignee_id IS NULL");

const ENTER: &str = "INSERT INTO support_cells (holder, span, start, status, priority, category, n) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET n = n + excluded.n";
macro_rules! of_one_cell {
    () => {
        " WHERE holder = ?1 AND span = ?2 AND start = ?3 AND status = ?4 AND priority = ?5 AND category = ?6"
    };
}
/// Tickets pass through many cells; those that nobody stands in any more would be read for ever.
pub(crate) const LEAVE_LAST: &str = concat!("DELETE FROM support_cells", of_one_cell!(), " AND n <= ?7");
pub(crate) const LEAVE: &str = concat!("UPDATE support_cells SET n = n - ?7", of_one_cell!());

/// What the cells of a ticket depend on.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Standing {
    /// The bytes of an id.
    pub(crate) assignee: Option<Vec<u8>>,
    pub(crate) status: String,
    pub(crate) priority: String,
    pub(crate) category: Option<String>,
    /// The millisecond at which the day began on which it was opened.
    pub(crate) day: i64,
}

/// Counts so many tickets more where they stand, or fewer where below zero.
pub(super) fn add(conn: &Connection, tickets: &BTreeMap<Standing, i64>) -> Result<(), Error> {
    let mut cells = BTreeMap::<_, i64>::new();
    for (standing, by) in tickets {
        for cell in standing.cells() {
            *cells.entry(cell).or_default() += by;
        }
    }
    let run = |sql, cell: &Key<'_>, n| conn.prepare_cached(sql)?.execute(cell.params(n));
    for (cell, by) in cells {
        if by > 0 {
            run(ENTER, &cell, by)?;
        } else if by < 0 && run(LEAVE_LAST, &cell, -by)? == 0 {
            run(LEAVE, &cell, -by)?;
        }
    }
    Ok(())
}

/// Which row.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    holder: Whose<'a>,
    span: i64,
    start: i64,
    status: &'a str,
    priority: &'a str,
    category: Option<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whose<'a> {
    Anybodys,
    Nobodys,
    Agents(&'a [u8]),
}

impl Key<'_> {
    fn params(&self, n: i64) -> impl Params {
        let holder: &dyn ToSql = match &self.holder {
            Whose::Anybodys => &ANYBODY,
            Whose::Nobodys => &NOBODY,
            Whose::Agents(id) => id,
        };
        let category: &dyn ToSql = self.category.as_ref().map_or(&0, |category| category);
        (holder, self.span, self.start, self.status, self.priority, category, n)
    }
}

impl Standing {
    /// Two holders, two spans.
    fn cells(&self) -> [Key<'_>; 4] {
        let holder = self.assignee.as_deref().map_or(Whose::Nobodys, Whose::Agents);
        [(Whose::Anybodys, DAY), (Whose::Anybodys, LONG), (holder, DAY), (holder, LONG)].map(|(holder, span)| Key {
            holder,
            span,
            start: start(self.day, span),
            status: &self.status,
            priority: &self.priority,
            category: self.category.as_deref(),
        })
    }
}

const ANYBODY: &str = "anybody";
const NOBODY: &str = "nobody";

/// The cells of tickets that were opened within a range.
pub(super) fn read(conn: &Connection, holder: Holder, range: Range) -> Result<Vec<(Cell, u64)>, Error> {
    let snapshot = conn.unchecked_transaction()?;
    let mut sums = Sums::default();
    for part in parts(range) {
        let (from, to) = (part.from, part.to);
        match (part.span, holder) {
            (Some(span), holder) => {
                let holder = match holder {
                    Holder::Anybody => Value::from(ANYBODY.to_owned()),
                    Holder::Nobody => Value::from(NOBODY.to_owned()),
                    Holder::Agent(id) => id_value(id.uuid()),
                };
                sums.add(conn, "support_cells", KEPT, params![holder, span, from, to])?;
            }
            (None, Holder::Anybody) => sums.add(conn, "support_tickets", FRINGE, params![from, to])?,
            (None, Holder::Nobody) => sums.add(conn, "support_tickets", FRINGE_OF_NOBODY, params![from, to])?,
            (None, Holder::Agent(id)) => {
                sums.add(conn, "support_tickets", FRINGE_OF_AGENT, params![from, to, id_value(id.uuid())])?;
            }
        }
    }
    snapshot.finish()?;
    Ok(sums.finish())
}

/// Adds rows up without taking a copy of each row's words.
#[derive(Default)]
struct Sums {
    cells: HashMap<Vec<u8>, (Cell, u64)>,
    key: Vec<u8>,
}

impl Sums {
    fn add(
        &mut self,
        conn: &Connection,
        table: &'static str,
        sql: &str,
        params: impl rusqlite::Params,
    ) -> Result<(), Error> {
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            self.add_row(table, row)?;
        }
        Ok(())
    }

    fn add_row(&mut self, table: &'static str, row: &Row<'_>) -> Result<(), Error> {
        let id = if table == "support_cells" { "start" } else { "seq" };
        let mut row = Fields::new(table, row);
        row.read(id, |_| Ok(()))?;
        let status = row.read("status", str)?;
        let priority = row.read("priority", str)?;
        let category = row.read("category", |value| match value {
            ValueRef::Null | ValueRef::Integer(0) => Ok(None),
            value => str(value).map(Some),
        })?;
        let n = row.read("n", |value| u64::try_from(integer(value)?).map_err(|_| "is below zero".to_owned()))?;
        self.key.clear();
        for word in [Some(status), Some(priority), category].into_iter().flatten() {
            self.key.extend_from_slice(&word.len().to_le_bytes());
            self.key.extend_from_slice(word.as_bytes());
        }
        if let Some((_, sum)) = self.cells.get_mut(&self.key) {
            *sum += n;
        } else {
            let cell =
                Cell { status: status.into(), priority: priority.into(), category: category.map(CategoryKey::from) };
            self.cells.insert(self.key.clone(), (cell, n));
        }
        Ok(())
    }

    fn finish(self) -> Vec<(Cell, u64)> {
        let mut cells: Vec<_> = self.cells.into_values().filter(|(_, n)| *n > 0).collect();
        cells.sort_unstable();
        cells
    }
}
