//! Conditions on the rows of `tickets AS t`.

use crate::row::{id_value, time_value};
use rusqlite::types::Value;
use support_core::domain::{
    access::{ScopeTerm, TicketScope},
    ticket::{AssigneeFilter, SlaFilter, TicketFilter, TicketQuery},
};

/// Conditions that must all hold. Their text is made of constants; every value is bound.
#[derive(Debug, Clone, Default)]
pub(super) struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// As a `WHERE`, if there is anything to ask.
    pub(super) fn sql(&self) -> String {
        if self.sql.is_empty() { String::new() } else { format!("WHERE {}", self.sql.join(" AND ")) }
    }

    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    pub(super) fn and(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push(sql.to_owned());
        self.values.extend(values);
    }

    pub(super) fn with(mut self, sql: &str, value: Value) -> Self {
        self.and(sql, [value]);
        self
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.sql.extend(other.sql);
        self.values.extend(other.values);
    }

    pub(super) fn held_by(&mut self, assignee: Option<AssigneeFilter>) {
        match assignee {
            None => {}
            Some(AssigneeFilter::Is(agent)) => self.and("t.assignee_id = ?", [id_value(agent.uuid())]),
            Some(AssigneeFilter::Nobody) => self.and("t.assignee_id IS NULL", []),
        }
    }

    /// Asks nothing where the list is empty.
    fn among<T: AsRef<str>>(&mut self, column: &str, words: &[T]) {
        if !words.is_empty() {
            let marks = marks(words.len());
            let values = words.iter().map(|word| Value::Text(word.as_ref().to_owned()));
            self.and(&format!("{column} IN ({marks})"), values);
        }
    }
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// The scope, and customer and assignee of the filter, asked of each row.
pub(super) fn within_scope(query: &TicketQuery) -> Conditions {
    let mut conditions = Conditions::default();
    if let TicketScope::AnyOf(terms) = &query.scope {
        let (mut customers, mut assignees, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
        for term in terms {
            match term {
                ScopeTerm::Customer(id) => customers.push(id_value(id.uuid())),
                ScopeTerm::Assignee(id) => assignees.push(id_value(id.uuid())),
                ScopeTerm::Unassigned => {}
            }
        }
        if !customers.is_empty() {
            reasons.push(format!("t.customer_id IN ({})", marks(customers.len())));
        }
        if !assignees.is_empty() {
            reasons.push(format!("t.assignee_id IN ({})", marks(assignees.len())));
        }
        if terms.contains(&ScopeTerm::Unassigned) {
            reasons.push("t.assignee_id IS NULL".to_owned());
        }
        let values = customers.into_iter().chain(assignees);
        conditions.and(&format!("({})", reasons.join(" OR ")), values);
    }
    if let Some(customer) = query.filter.customer {
        conditions.and("t.customer_id = ?", [id_value(customer.uuid())]);
    }
    conditions.held_by(query.filter.assignee);
    conditions
}

/// What a filter asks of the ticket itself, beside who holds it, when it was opened and which words it has.
pub(super) fn asked(filter: &TicketFilter) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.and(if filter.deleted { "t.deleted_at IS NOT NULL" } else { "t.deleted_at IS NULL" }, []);
    if let Some(key) = &filter.email_key {
        conditions.and("t.email_key = ?", [Value::Text(key.clone())]);
    }
    conditions.among("t.status", &filter.statuses);
    conditions.among("t.priority", &filter.priorities);
    conditions.among("t.category", &filter.categories);
    if let Some(tag) = &filter.tag {
        conditions.and(
            "EXISTS (SELECT 1 FROM support_ticket_tags AS x \
             WHERE x.tag = ? AND x.created_at = t.created_at AND x.id = t.id)",
            [Value::Text(tag.clone())],
        );
    }
    if let Some(related) = &filter.related {
        conditions.and(
            "EXISTS (SELECT 1 FROM support_ticket_related AS x \
             WHERE x.kind = ? AND x.ref = ? AND x.created_at = t.created_at AND x.id = t.id)",
            [Value::Text(related.kind.clone()), Value::Text(related.id.clone())],
        );
    }
    if let Some((state, now)) = filter.sla {
        let now = time_value(now);
        let (sql, values) = match state {
            SlaFilter::Breached => ("t.due_at <= ?", vec![now]),
            SlaFilter::AtRisk => ("t.due_at > ? AND t.risk_at <= ?", vec![now.clone(), now]),
            SlaFilter::OnTrack => ("t.due_at > ? AND (t.risk_at IS NULL OR t.risk_at > ?)", vec![now.clone(), now]),
        };
        conditions.and(sql, values);
    }
    conditions
}
