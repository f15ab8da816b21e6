//! What a commit is made of.

use crate::{names::Dialect, value::Value};
use std::borrow::Cow;
use support_core::domain::{erasure::Erasure, id::TicketId};

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) values: Vec<Value>,
    pub(crate) must: Must,
    /// Asked for rows instead of changing them.
    pub(crate) finds: bool,
    /// Needed only where this part of a ticket's row becomes another.
    pub(crate) part: Option<(TicketId, Part)>,
}

/// What must have come of a statement; where it has not, something has changed since the decision was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Must {
    Anything,
    /// So many rows found or changed.
    Rows(u64),
}

/// A part of a ticket's row from which rows elsewhere are derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Tags,
    Related,
    Words,
    Standing,
}

impl Step {
    pub(crate) fn new(sql: impl Into<Cow<'static, str>>, values: Vec<Value>, must: Must) -> Self {
        Self { sql: sql.into(), values, must, finds: false, part: None }
    }

    /// A statement that changes one row.
    pub(crate) fn one(sql: impl Into<Cow<'static, str>>, values: Vec<Value>) -> Self {
        Self::new(sql, values, Must::Rows(1))
    }

    /// A question that must have an answer.
    pub(crate) fn find(sql: impl Into<Cow<'static, str>>, values: Vec<Value>) -> Self {
        Self { finds: true, ..Self::one(sql, values) }
    }

    pub(crate) fn of_part(mut self, ticket: TicketId, part: Part) -> Self {
        self.part = Some((ticket, part));
        self
    }
}

/// Adds rows in their order, after the tickets that they are added to are held. `AFTER` stands where that is said.
pub(crate) fn inserted(dialect: Dialect, table: &str, columns: &str, rows: Vec<Vec<Value>>) -> Step {
    let count = rows.len() as u64;
    let sql = if dialect.choose(true, false) {
        // Numbered, because rows get their `seq` in the order in which they come out of the `SELECT`.
        let row = |(n, row): (usize, &Vec<Value>)| format!("({n}, {})", marks(row.len()));
        let rows: Vec<String> = rows.iter().enumerate().map(row).collect();
        format!(
            "INSERT INTO {{{table}}} ({columns}) SELECT {columns} FROM (VALUES {}) AS v (n, {columns}){AFTER} ORDER BY n",
            rows.join(", ")
        )
    } else {
        let rows: Vec<String> = rows.iter().map(|row| format!("({})", marks(row.len()))).collect();
        format!("INSERT INTO {{{table}}} ({columns}) VALUES {}", rows.join(", "))
    };
    Step::new(sql, rows.into_iter().flatten().collect(), Must::Rows(count))
}

/// Stands in a statement where a composed one says which others come first.
pub(crate) const AFTER: &str = "/*after*/";

pub(crate) fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// Statements that are run as one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Together {
    /// Asks which parts of a ticket's row become others, and takes hold of it. For servers to which each statement is a
    /// message of its own: what changes nothing is not sent.
    pub(crate) peeks: Vec<(TicketId, Step)>,
    /// What reads rows as they were.
    pub(crate) before: Vec<Step>,
    /// Those that find or change the rows which the decision depended on. The rest waits for them.
    pub(crate) holds: Vec<Step>,
    pub(crate) rest: Vec<Step>,
}

impl Together {
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.before.iter().chain(&self.holds).chain(&self.rest)
    }
}

/// A piece of a commit that sees what the pieces before it did.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stage {
    Together(Together),
    /// The words of a ticket's first public message are read anew.
    Refresh(TicketId),
    /// So many events get their place in the outbox.
    Place(u32),
    Erase(Box<Erasure>),
}
