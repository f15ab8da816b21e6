//! A list, as one or more `SELECT`s of which each walks one index in the order of the list.
//!
//! An index answers equalities on its first columns and gives its rows in the order of the rest. A condition with
//! alternatives (one's own tickets or those of nobody; this status or that) is no equality, so it becomes one *arm* for
//! each alternative. Arms never share a row, each reads no more rows than the page holds, and they are merged by key.
//! What no index answers is asked of each row as it passes.

use super::{
    conditions::{Conditions, asked, within_scope},
    text,
};
use crate::row::{id_value, not_before, time_value};
use rusqlite::types::Value;
use std::collections::BTreeSet;
use support_core::domain::{
    access::{ScopeTerm, TicketScope},
    id::CustomerId,
    ticket::{AssigneeFilter, Cursor, SortKey, TicketFilter, TicketQuery},
};

/// Above this, alternatives are asked of each row instead: every arm costs a descent into an index.
const MOST_ARMS: usize = 64;

/// One stretch of an index.
pub(super) struct Arm {
    path: Path,
    conditions: Conditions,
}

impl Arm {
    /// Asks each row on the path what is left of the filter. The index of the path says by itself whether it is deleted.
    fn new(path: Path, mut conditions: Conditions, rest: &TicketFilter) -> Self {
        conditions.extend(asked(rest));
        Self { path, conditions }
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

/// A filter of several values that an index answers for one of them at a time.
#[derive(Clone, Copy)]
enum Split {
    Status,
    Priority,
    Category,
}

impl Split {
    /// Takes the values out of the filter: what the index answers need not be asked of the row.
    fn take(self, filter: &mut TicketFilter) -> (&'static str, BTreeSet<String>) {
        fn words<T: ToString>(list: &mut Vec<T>) -> BTreeSet<String> {
            list.drain(..).map(|word| word.to_string()).collect()
        }
        match self {
            Self::Status => ("t.status = ?", words(&mut filter.statuses)),
            Self::Priority => ("t.priority = ?", words(&mut filter.priorities)),
            Self::Category => ("t.category = ?", words(&mut filter.categories)),
        }
    }
}

/// One way in which a ticket of the scope is held. No ticket is held in two of the ways of a query.
#[derive(Clone)]
struct Holder {
    customer: Option<CustomerId>,
    assignee: Option<AssigneeFilter>,
    /// Tickets of these customers are another holder's.
    except: Vec<CustomerId>,
}

impl Holder {
    /// The ways that scope and filter leave open.
    fn all(query: &TicketQuery) -> Vec<Self> {
        let filter = &query.filter;
        let TicketScope::AnyOf(terms) = &query.scope else {
            return vec![Self { customer: filter.customer, assignee: filter.assignee, except: Vec::new() }];
        };
        let customers: BTreeSet<_> = terms
            .iter()
            .filter_map(|term| match term {
                ScopeTerm::Customer(id) => Some(*id),
                _ => None,
            })
            .collect();
        let assignees: BTreeSet<_> = terms
            .iter()
            .filter_map(|term| match term {
                ScopeTerm::Customer(_) => None,
                ScopeTerm::Assignee(id) => Some(Some(*id)),
                ScopeTerm::Unassigned => Some(None),
            })
            .collect();
        let as_customer = |id: &CustomerId| Self { customer: Some(*id), assignee: filter.assignee, except: Vec::new() };
        let as_assignee = |assignee| Self {
            customer: filter.customer,
            assignee: Some(assignee),
            except: customers.iter().copied().collect(),
        };
        let own = customers.iter().filter(|id| filter.customer.is_none_or(|wanted| wanted == **id)).map(as_customer);
        let worked_on = assignees
            .into_iter()
            .map(|id| id.map_or(AssigneeFilter::Nobody, AssigneeFilter::Is))
            .filter(|assignee| filter.assignee.is_none_or(|wanted| wanted == *assignee))
            .filter(|_| filter.customer.is_none_or(|wanted| !customers.contains(&wanted)))
            .map(as_assignee);
        own.chain(worked_on).collect()
    }

    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        if let Some(customer) = self.customer {
            conditions.and("t.customer_id = ?", [id_value(customer.uuid())]);
        }
        conditions.held_by(self.assignee);
        for customer in &self.except {
            conditions.and("t.customer_id <> ?", [id_value(customer.uuid())]);
        }
        conditions
    }
}

/// The arms of a list behind a place; none where nothing can be in it.
pub(super) fn arms(query: &TicketQuery, after: Option<Cursor>) -> Vec<Arm> {
    let holders = Holder::all(query);
    if holders.is_empty() {
        return Vec::new();
    }
    let plan = Plan { query, after, holders: holders.len() };
    let customers: Option<Vec<CustomerId>> = holders.iter().map(|holder| holder.customer).collect();
    if let Some(text) = &query.filter.text {
        let owners = customers.filter(|owners| owners.len() <= MOST_ARMS);
        let expression = text::expression(text, &owners.unwrap_or_default());
        return expression.map(|expression| plan.text(expression)).into_iter().collect();
    }
    // A customer has few tickets; beside everybody's, those with a tag, a link or a running clock are fewer.
    if (customers.is_none() || query.filter.deleted)
        && let Some(arm) = plan.aside()
    {
        return vec![arm];
    }
    if holders.len() > MOST_ARMS {
        let everybody = Plan { holders: 1, ..plan };
        return everybody.split(within_scope(query), None, None);
    }
    holders.iter().flat_map(|holder| plan.split(holder.conditions(), holder.customer, holder.assignee)).collect()
}

struct Plan<'q> {
    query: &'q TicketQuery,
    after: Option<Cursor>,
    holders: usize,
}

impl Plan<'_> {
    /// Newest or oldest first, as the text index has them: a row of it is as old as its ticket's place.
    fn text(&self, expression: String) -> Arm {
        let mut conditions = Conditions::default();
        conditions.and("support_ticket_text MATCH ?", [Value::Text(expression)]);
        if let Some(cursor) = self.after {
            // Behind a row that is gone comes nothing: it has no place to compare with.
            // Neither does behind one outside the scope: its place would tell that it is there.
            let place = within_scope(self.query).with("t.id = ?", id_value(cursor.id.uuid()));
            let sign = if self.query.sort.ascending { ">" } else { "<" };
            let place_sql = format!("(SELECT t.seq FROM support_tickets AS t {})", place.sql());
            let values = place.values().to_vec();
            conditions.and(&format!("support_ticket_text.rowid {sign} {place_sql}"), values);
        }
        conditions.extend(within_scope(self.query));
        self.opened_within(&mut conditions);
        Arm::new(TEXT, conditions, &self.query.filter)
    }

    /// Along the deleted ones, the rows of an address, a link or a tag, or those with a running clock, where the filter asks
    /// for one.
    fn aside(&self) -> Option<Arm> {
        let mut rest = self.query.filter.clone();
        let mut conditions = Conditions::default();
        let path = match self.query.sort.key {
            SortKey::Created if rest.deleted => index!("support_tickets_deleted_created" by "t.created_at"),
            SortKey::Updated if rest.deleted => index!("support_tickets_deleted_updated" by "t.updated_at"),
            SortKey::Created if rest.email_key.is_some() => index!("support_tickets_email_created" by "t.created_at"),
            SortKey::Updated if rest.email_key.is_some() => index!("support_tickets_email_updated" by "t.updated_at"),
            SortKey::Created if rest.related.is_some() => {
                let related = rest.related.take()?;
                conditions.and("g.kind = ? AND g.ref = ?", [related.kind.into(), related.id.into()]);
                RELATED
            }
            SortKey::Created if rest.tag.is_some() => {
                conditions.and("g.tag = ?", [rest.tag.take()?.into()]);
                TAGS
            }
            SortKey::Created if rest.sla.is_some() => index!("support_tickets_clock_created" by "t.created_at"),
            SortKey::Updated if rest.sla.is_some() => index!("support_tickets_clock_updated" by "t.updated_at"),
            _ => return None,
        };
        conditions.extend(within_scope(self.query));
        self.bounds(path, &mut conditions);
        Some(Arm::new(path, conditions, &rest))
    }

    /// One arm for each combination of values that the best index wants to be told one at a time.
    fn split(&self, held: Conditions, customer: Option<CustomerId>, assignee: Option<AssigneeFilter>) -> Vec<Arm> {
        let (path, splits) = self.path(customer.is_some(), assignee.is_some());
        let mut rest = self.query.filter.clone();
        let mut stems = vec![held];
        for split in splits {
            let (sql, values) = split.take(&mut rest);
            let grow = |stem: &Conditions| -> Vec<Conditions> {
                let with = |value: &String| stem.clone().with(sql, value.as_str().to_owned().into());
                values.iter().map(with).collect()
            };
            stems = stems.iter().flat_map(grow).collect();
        }
        let finish = |mut stem: Conditions| {
            self.bounds(path, &mut stem);
            Arm::new(path, stem, &rest)
        };
        stems.into_iter().map(finish).collect()
    }

    /// The index that leaves the fewest rows to be asked, and what it must be told.
    fn path(&self, customer: bool, assignee: bool) -> (Path, &'static [Split]) {
        use SortKey::{Created, Updated};
        let filter = &self.query.filter;
        let fits =
            |counts: &[usize]| !counts.contains(&0) && self.holders * counts.iter().product::<usize>() <= MOST_ARMS;
        let (statuses, priorities) = (filter.statuses.len(), filter.priorities.len());
        match self.query.sort.key {
            Created if customer => (index!("support_tickets_customer_created" by "t.created_at"), &[]),
            Updated if customer => (index!("support_tickets_customer_updated" by "t.updated_at"), &[]),
            Created if assignee && fits(&[statuses]) => {
                (index!("support_tickets_assignee_status" by "t.created_at"), &[Split::Status])
            }
            Created if assignee => (index!("support_tickets_assignee_created" by "t.created_at"), &[]),
            Updated if assignee => (index!("support_tickets_assignee_updated" by "t.updated_at"), &[]),
            Created if fits(&[statuses, priorities]) => {
                (index!("support_tickets_status_priority" by "t.created_at"), &[Split::Status, Split::Priority])
            }
            Created if fits(&[statuses]) => {
                (index!("support_tickets_status_created" by "t.created_at"), &[Split::Status])
            }
            Updated if fits(&[statuses]) => {
                (index!("support_tickets_status_updated" by "t.updated_at"), &[Split::Status])
            }
            Created if fits(&[filter.categories.len()]) => {
                (index!("support_tickets_category_created" by "t.created_at"), &[Split::Category])
            }
            Created if fits(&[priorities]) => {
                (index!("support_tickets_priority_created" by "t.created_at"), &[Split::Priority])
            }
            Created => (index!("support_tickets_created" by "t.created_at"), &[]),
            Updated => (index!("support_tickets_updated" by "t.updated_at"), &[]),
        }
    }

    /// Where the walk begins and ends.
    ///
    /// An index takes one lower and one upper bound. The cursor is one of them, so where the dates set the same one,
    /// only the tighter is said.
    fn bounds(&self, path: Path, conditions: &mut Conditions) {
        let Path { key, id, .. } = path;
        let ascending = self.query.sort.ascending;
        let TicketFilter { from, to, .. } = self.query.filter;
        let (mut from, mut to) = (from.map(not_before), to.map(not_before));
        if self.query.sort.key == SortKey::Updated {
            self.opened_within(conditions);
            (from, to) = (None, None);
        }
        let mut after = self.after;
        if let Some(cursor) = after {
            if ascending && from.is_some_and(|from| from > cursor.at)
                || !ascending && to.is_some_and(|to| to <= cursor.at)
            {
                after = None;
            } else if ascending {
                from = None;
            } else {
                to = None;
            }
        }
        if let Some(Cursor { at, id: row }) = after {
            let sign = if ascending { ">" } else { "<" };
            let place = [time_value(at), id_value(row.uuid())];
            conditions.and(&format!("({key}, {id}) {sign} (?, ?)"), place);
        }
        if let Some(from) = from {
            conditions.and(&format!("{key} >= ?"), [time_value(from)]);
        }
        if let Some(to) = to {
            conditions.and(&format!("{key} < ?"), [time_value(to)]);
        }
    }

    /// Asks each row when it was opened, where the walk does not go by that.
    fn opened_within(&self, conditions: &mut Conditions) {
        if let Some(from) = self.query.filter.from {
            conditions.and("t.created_at >= ?", [time_value(not_before(from))]);
        }
        if let Some(to) = self.query.filter.to {
            conditions.and("t.created_at < ?", [time_value(not_before(to))]);
        }
    }
}

#[cfg(test)]
mod tests;
