//! The arms of a list, each as a `SELECT` that walks one index in the order of the list.

use super::{conditions::Conditions, text};
use crate::row::{id_value, time_value};
use rusqlite::types::Value;
use support_core::{
    domain::ticket::{Cursor, SortKey, TicketQuery},
    ports::walk::{self, Walk, within_scope},
};

/// The arms of a list behind a place; none where nothing can be in it.
pub(super) fn arms(query: &TicketQuery, after: Option<Cursor>) -> Vec<Arm> {
    walk::arms(query, after).iter().filter_map(|arm| Arm::of(arm, query)).collect()
}

/// One stretch of an index.
pub(super) struct Arm {
    path: Path,
    conditions: Conditions,
}

impl Arm {
    /// None where a text has no word in it.
    fn of(arm: &walk::Arm<'_>, query: &TicketQuery) -> Option<Self> {
        let path = path(&arm.walk, query.sort.key);
        let mut conditions = Conditions::default();
        match &arm.walk {
            Walk::Tag(tag) => conditions.and("g.tag = ?", [Value::Text((*tag).to_owned())]),
            Walk::Related(related) => {
                conditions.and("g.kind = ? AND g.ref = ?", [related.kind.clone().into(), related.id.clone().into()]);
            }
            Walk::Text { words, owners } => {
                conditions.and("support_ticket_text MATCH ?", [text::expression(words, owners)?.into()]);
            }
            _ => {}
        }
        if let Some(cursor) = arm.after {
            behind(cursor, path, query, &mut conditions);
        }
        if let Some(from) = arm.from {
            conditions.and(&format!("{} >= ?", path.key), [time_value(from)]);
        }
        if let Some(to) = arm.to {
            conditions.and(&format!("{} < ?", path.key), [time_value(to)]);
        }
        conditions.ask(&arm.asks);
        Some(Self { path, conditions })
    }

    /// Selects id, key (as `place`) and `seq` of rows, in order; with two more parameters, for limit and offset.
    pub(super) fn rows(&self, ascending: bool) -> String {
        let Path { from, key, id } = self.path;
        let direction = if ascending { "ASC" } else { "DESC" };
        let order =
            if key == id { format!("{key} {direction}") } else { format!("{key} {direction}, {id} {direction}") };
        let conditions = self.conditions.sql();
        format!("SELECT t.id, {key} AS place, t.seq FROM {from} {conditions} ORDER BY {order} LIMIT ? OFFSET ?")
    }

    /// Counts rows; with one more parameter, for the most.
    pub(super) fn count(&self) -> String {
        let conditions = self.conditions.sql();
        format!("SELECT count(*) FROM (SELECT 1 FROM {} {conditions} LIMIT ?)", self.path.from)
    }

    pub(super) fn values(&self) -> &[Value] {
        self.conditions.values()
    }
}

/// Behind the place of a row.
fn behind(cursor: Cursor, path: Path, query: &TicketQuery, conditions: &mut Conditions) {
    let sign = if query.sort.ascending { ">" } else { "<" };
    let Path { key, id, .. } = path;
    let row = id_value(cursor.id.uuid());
    if key == TEXT.key {
        // The text index has rows in the order of their places, newest or oldest first.
        // Behind a row that is gone comes nothing: it has no place to compare with.
        // Neither does behind one outside the scope: its place would tell that it is there.
        let mut place = Conditions::default();
        place.ask(&within_scope(query));
        place.and("t.id = ?", [row]);
        let place_sql = format!("(SELECT t.seq FROM support_tickets AS t {})", place.sql());
        conditions.and(&format!("{key} {sign} {place_sql}"), place.values().iter().cloned());
    } else {
        conditions.and(&format!("({key}, {id}) {sign} (?, ?)"), [time_value(cursor.at), row]);
    }
}

/// Which rows to walk along, and what they are ordered by.
#[derive(Clone, Copy)]
struct Path {
    from: &'static str,
    key: &'static str,
    id: &'static str,
}

const TEXT: Path = Path {
    from: "support_ticket_text CROSS JOIN support_tickets AS t ON t.seq = support_ticket_text.rowid",
    key: "support_ticket_text.rowid",
    id: "support_ticket_text.rowid",
};
const RELATED: Path = Path {
    from: "support_ticket_related AS g CROSS JOIN support_tickets AS t ON t.seq = g.ticket",
    key: "g.created_at",
    id: "g.id",
};
const TAGS: Path = Path {
    from: "support_ticket_tags AS g CROSS JOIN support_tickets AS t ON t.seq = g.ticket",
    key: "g.created_at",
    id: "g.id",
};

/// The index is named, not left to the planner: it guesses without statistics, and those would change its mind later.
macro_rules! index {
    ($name:literal by $key:literal) => {
        Path { from: concat!("support_tickets AS t INDEXED BY ", $name), key: $key, id: "t.id" }
    };
}

/// Some walks come in the order of opening alone.
fn path(walk: &Walk<'_>, key: SortKey) -> Path {
    use SortKey::{Created, Updated};
    match (walk, key) {
        (Walk::All, Created) => index!("support_tickets_created" by "t.created_at"),
        (Walk::All, Updated) => index!("support_tickets_updated" by "t.updated_at"),
        (Walk::Customer, Created) => index!("support_tickets_customer_created" by "t.created_at"),
        (Walk::Customer, Updated) => index!("support_tickets_customer_updated" by "t.updated_at"),
        (Walk::Assignee, Created) => index!("support_tickets_assignee_created" by "t.created_at"),
        (Walk::Assignee, Updated) => index!("support_tickets_assignee_updated" by "t.updated_at"),
        (Walk::AssigneeStatus, _) => index!("support_tickets_assignee_status" by "t.created_at"),
        (Walk::Status, Created) => index!("support_tickets_status_created" by "t.created_at"),
        (Walk::Status, Updated) => index!("support_tickets_status_updated" by "t.updated_at"),
        (Walk::StatusPriority, _) => index!("support_tickets_status_priority" by "t.created_at"),
        (Walk::Priority, _) => index!("support_tickets_priority_created" by "t.created_at"),
        (Walk::Category, _) => index!("support_tickets_category_created" by "t.created_at"),
        (Walk::Clock, Created) => index!("support_tickets_clock_created" by "t.created_at"),
        (Walk::Clock, Updated) => index!("support_tickets_clock_updated" by "t.updated_at"),
        (Walk::Email, Created) => index!("support_tickets_email_created" by "t.created_at"),
        (Walk::Email, Updated) => index!("support_tickets_email_updated" by "t.updated_at"),
        (Walk::Deleted, Created) => index!("support_tickets_deleted_created" by "t.created_at"),
        (Walk::Deleted, Updated) => index!("support_tickets_deleted_updated" by "t.updated_at"),
        (Walk::Tag(_), _) => TAGS,
        (Walk::Related(_), _) => RELATED,
        (Walk::Text { .. }, _) => TEXT,
    }
}

#[cfg(test)]
mod tests;
