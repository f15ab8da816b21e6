//! How many tickets stand alike. Kept as something derived from the rows of tickets, as tags are.

use super::spans::{DAY, LONG, parts, start};
use crate::{
    error::Error,
    row::{Fields, id_value, integer, str},
};
use rusqlite::{
    Connection, Row, params,
    types::{Value, ValueRef},
};
use std::collections::HashMap;
use support_core::domain::{
    key::CategoryKey,
    stats::{Cell, Holder, Range},
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
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1) ON CONFLICT DO UPDATE SET n = n + 1";
macro_rules! of_one_cell {
    () => {
        " WHERE holder = ?1 AND span = ?2 AND start = ?3 AND status = ?4 AND priority = ?5 AND category = ?6"
    };
}
pub(crate) const LEAVE_LAST: &str = concat!("DELETE FROM support_cells", of_one_cell!(), " AND n = 1");
pub(crate) const LEAVE: &str = concat!("UPDATE support_cells SET n = n - 1", of_one_cell!());

/// What the cells of a ticket depend on, as its row has it.
#[derive(Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) assignee: Value,
    pub(crate) status: Value,
    pub(crate) priority: Value,
    pub(crate) category: Value,
    pub(crate) created_at: i64,
}

/// Counts a ticket where it stands now, and not any more where it stood before.
pub(crate) fn follow(conn: &Connection, before: Option<&Standing>, after: Option<&Standing>) -> Result<(), Error> {
    let (left, entered) = (before.map(Standing::cells), after.map(Standing::cells));
    for place in 0..CELLS {
        let (left, entered) = (left.as_ref().map(|cells| &cells[place]), entered.as_ref().map(|cells| &cells[place]));
        if left == entered {
            continue;
        }
        if let Some(cell) = left {
            // Tickets pass through many cells; those that nobody stands in any more would be read for ever.
            if conn.prepare_cached(LEAVE_LAST)?.execute(cell.params())? == 0 {
                conn.prepare_cached(LEAVE)?.execute(cell.params())?;
            }
        }
        if let Some(cell) = entered {
            conn.prepare_cached(ENTER)?.execute(cell.params())?;
        }
    }
    Ok(())
}

/// In how many cells a ticket is counted: two holders, two spans.
const CELLS: usize = 4;

#[derive(PartialEq)]
struct Key<'a> {
    holder: Value,
    span: i64,
    start: i64,
    status: &'a Value,
    priority: &'a Value,
    category: Value,
}

impl Key<'_> {
    fn params(&self) -> impl rusqlite::Params + '_ {
        (&self.holder, self.span, self.start, self.status, self.priority, &self.category)
    }
}

impl Standing {
    fn cells(&self) -> [Key<'_>; CELLS] {
        let or = |value: &Value, other: Value| if *value == Value::Null { other } else { value.clone() };
        let holder = or(&self.assignee, nobody());
        [(anybody(), DAY), (anybody(), LONG), (holder.clone(), DAY), (holder, LONG)].map(|(holder, span)| Key {
            holder,
            span,
            start: start(self.created_at, span),
            status: &self.status,
            priority: &self.priority,
            category: or(&self.category, Value::Integer(0)),
        })
    }
}

fn anybody() -> Value {
    Value::Text("anybody".to_owned())
}

fn nobody() -> Value {
    Value::Text("nobody".to_owned())
}

/// The cells of tickets that were opened within a range.
pub(super) fn read(conn: &Connection, holder: Holder, range: Range) -> Result<Vec<(Cell, u64)>, Error> {
    let snapshot = conn.unchecked_transaction()?;
    let mut sums = Sums::default();
    for part in parts(range) {
        let (from, to) = (part.from, part.to);
        match (part.span, holder) {
            (Some(span), holder) => {
                let holder = match holder {
                    Holder::Anybody => anybody(),
                    Holder::Nobody => nobody(),
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
