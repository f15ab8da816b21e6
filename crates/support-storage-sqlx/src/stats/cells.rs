//! How many tickets stand alike.

use crate::{
    error::Error,
    names::Dialect,
    row::{Fields, Row},
    session::Session,
    value::{Value, values},
};
use std::collections::BTreeMap;
use support_core::{
    domain::{
        key::CategoryKey,
        stats::{Cell, Holder, Range},
    },
    ports::spans::{DAY, Part, parts},
};
use uuid::Uuid;

pub(super) const ANYBODY: &str = "anybody";
pub(super) const NOBODY: &str = "nobody";

/// Whose cells, as the table says it.
pub(super) fn holder(assignee: Option<Uuid>) -> String {
    assignee.map_or_else(|| NOBODY.to_owned(), |id| id.to_string())
}

/// A category, as the table says it: a key holds nothing that is empty.
pub(super) fn category(category: Option<&str>) -> String {
    category.map_or_else(|| "-".to_owned(), |category| format!("={category}"))
}

/// The cells of tickets that were opened within a range.
pub(super) async fn read(session: &mut Session<'_>, holder: Holder, range: Range) -> Result<Vec<(Cell, u64)>, Error> {
    let (sql, values) = statement(session.names.dialect, holder, &parts(range));
    if sql.is_empty() {
        return Ok(Vec::new());
    }
    let mut sums = BTreeMap::<Cell, i64>::new();
    for row in session.rows(&sql, values).await? {
        let (cell, n) = decode(&row)?;
        *sums.entry(cell).or_default() += n;
    }
    Ok(sums.into_iter().filter_map(|(cell, n)| u64::try_from(n).ok().filter(|n| *n > 0).map(|n| (cell, n))).collect())
}

/// One statement, so that it sees one state of the database: a note is there or added to its cell, never both.
fn statement(dialect: Dialect, holder: Holder, parts: &[Part]) -> (String, Vec<Value>) {
    let (mut selects, mut values) = (Vec::new(), Vec::new());
    let kept = match holder {
        Holder::Anybody => ANYBODY.to_owned(),
        Holder::Nobody => NOBODY.to_owned(),
        Holder::Agent(id) => self::holder(Some(id.uuid())),
    };
    let (asked, who) = match holder {
        Holder::Anybody => ("", None),
        Holder::Nobody => (" AND assignee_id IS NULL", None),
        Holder::Agent(id) => (" AND assignee_id = ?", Some(Value::from(id.uuid()))),
    };
    let noted = dialect.choose("'=' || category", "concat('=', category)");
    for part in parts {
        let (from, to) = (part.from, part.to);
        if let Some(span) = part.span {
            selects.push(
                "SELECT status, priority, category, n FROM {cells} \
                 WHERE holder = ? AND span = ? AND start >= ? AND start < ?"
                    .to_owned(),
            );
            values.extend(values![kept.clone(), span, from, to]);
            selects.push(format!(
                "SELECT status, priority, coalesce({noted}, '-') AS category, n FROM {{cell_notes}} \
                 WHERE day >= ? AND day < ?{asked}"
            ));
        } else {
            // What is shorter than a day is counted anew, along the index of the list of the same tickets.
            selects.push(format!(
                "SELECT status, priority, coalesce({noted}, '-') AS category, count(*) AS n FROM {{tickets}} \
                 WHERE deleted_at IS NULL AND created_at >= ? AND created_at < ?{asked} GROUP BY status, priority, category"
            ));
        }
        values.extend(values![from, to]);
        values.extend(who.clone());
    }
    (selects.join(" UNION ALL "), values)
}

fn decode(row: &Row) -> Result<(Cell, i64), Error> {
    let mut row = Fields::new("cells", row);
    let (status, priority): (String, String) = (row.text("status")?, row.text("priority")?);
    let category: String = row.text("category")?;
    let category = category.strip_prefix('=').map(CategoryKey::from);
    Ok((Cell { status: status.as_str().into(), priority: priority.as_str().into(), category }, row.integer("n")?))
}

const _: () = assert!(DAY == 86_400_000, "a note is of the day on which its ticket was opened");
