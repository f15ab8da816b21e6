//! Conditions on the rows of `tickets AS t`.

use crate::row::{id_value, time_value};
use rusqlite::types::Value;
use support_core::{
    domain::{
        access::ScopeTerm,
        ticket::{AssigneeFilter, SlaFilter},
    },
    ports::walk::Ask,
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

    pub(super) fn ask(&mut self, asks: &[Ask<'_>]) {
        for ask in asks {
            self.ask_one(ask);
        }
    }

    fn ask_one(&mut self, ask: &Ask<'_>) {
        match ask {
            Ask::Within(terms) => self.within(terms),
            Ask::Customer(id) => self.and("t.customer_id = ?", [id_value(id.uuid())]),
            Ask::NotCustomer(id) => self.and("t.customer_id <> ?", [id_value(id.uuid())]),
            Ask::Assignee(AssigneeFilter::Is(agent)) => self.and("t.assignee_id = ?", [id_value(agent.uuid())]),
            Ask::Assignee(AssigneeFilter::Nobody) => self.and("t.assignee_id IS NULL", []),
            Ask::Deleted(true) => self.and("t.deleted_at IS NOT NULL", []),
            Ask::Deleted(false) => self.and("t.deleted_at IS NULL", []),
            Ask::EmailKey(key) => self.and("t.email_key = ?", [word(key)]),
            Ask::Statuses(words) => self.among("t.status", words),
            Ask::Priorities(words) => self.among("t.priority", words),
            Ask::Categories(words) => self.among("t.category", words),
            Ask::Tag(tag) => self.and(
                "EXISTS (SELECT 1 FROM support_ticket_tags AS x \
                 WHERE x.tag = ? AND x.created_at = t.created_at AND x.id = t.id)",
                [word(tag)],
            ),
            Ask::Related(related) => self.and(
                "EXISTS (SELECT 1 FROM support_ticket_related AS x \
                 WHERE x.kind = ? AND x.ref = ? AND x.created_at = t.created_at AND x.id = t.id)",
                [word(&related.kind), word(&related.id)],
            ),
            Ask::Sla(state, now) => self.paced(*state, &time_value(*now)),
            Ask::OpenedFrom(from) => self.and("t.created_at >= ?", [time_value(*from)]),
            Ask::OpenedBefore(to) => self.and("t.created_at < ?", [time_value(*to)]),
        }
    }

    fn within(&mut self, terms: &[ScopeTerm]) {
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
        self.and(&format!("({})", reasons.join(" OR ")), values);
    }

    fn among(&mut self, column: &str, words: &[&str]) {
        // An index is led by an equality.
        let sql =
            if words.len() == 1 { format!("{column} = ?") } else { format!("{column} IN ({})", marks(words.len())) };
        self.and(&sql, words.iter().map(|text| word(text)));
    }

    fn paced(&mut self, state: SlaFilter, now: &Value) {
        let (sql, count) = match state {
            SlaFilter::Breached => ("t.due_at <= ?", 1),
            SlaFilter::AtRisk => ("t.due_at > ? AND t.risk_at <= ?", 2),
            SlaFilter::OnTrack => ("t.due_at > ? AND (t.risk_at IS NULL OR t.risk_at > ?)", 2),
        };
        self.and(sql, vec![now.clone(); count]);
    }
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

fn word(text: &str) -> Value {
    Value::Text(text.to_owned())
}
