//! Conditions on the rows of `tickets AS t`.

use crate::{
    commit::marks,
    value::{Value, values},
};
use support_core::{
    domain::{
        access::ScopeTerm,
        ticket::{AssigneeFilter, SlaFilter},
    },
    ports::walk::Ask,
};

/// Conditions that must all hold, on tickets or what else is somebody's in the same columns. Their text is made of constants; every value is bound.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    sql: Vec<String>,
    pub(crate) values: Vec<Value>,
}

impl Conditions {
    pub(super) fn of(asks: &[Ask<'_>]) -> Self {
        let mut conditions = Self::default();
        for ask in asks {
            conditions.ask(ask);
        }
        conditions
    }

    /// As a `WHERE`, if there is anything to ask.
    pub(crate) fn sql(&self) -> String {
        if self.sql.is_empty() { String::new() } else { format!(" WHERE {}", self.sql.join(" AND ")) }
    }

    pub(crate) fn and(&mut self, sql: impl Into<String>, values: Vec<Value>) {
        self.sql.push(sql.into());
        self.values.extend(values);
    }

    fn ask(&mut self, ask: &Ask<'_>) {
        match ask {
            Ask::Within(terms) => self.within(terms),
            Ask::Customer(id) => self.and("t.customer_id = ?", values![id.uuid()]),
            Ask::NotCustomer(id) => self.and("t.customer_id <> ?", values![id.uuid()]),
            Ask::Assignee(AssigneeFilter::Is(agent)) => self.and("t.assignee_id = ?", values![agent.uuid()]),
            Ask::Assignee(AssigneeFilter::Nobody) => self.and("t.assignee_id IS NULL", Vec::new()),
            Ask::Deleted(true) => self.and("t.deleted_at IS NOT NULL", Vec::new()),
            Ask::Deleted(false) => self.and("t.deleted_at IS NULL", Vec::new()),
            Ask::EmailKey(key) => self.and("t.email_key = ?", values![*key]),
            Ask::Statuses(words) => self.among("t.status", words),
            Ask::Priorities(words) => self.among("t.priority", words),
            Ask::Categories(words) => self.among("t.category", words),
            Ask::Tag(tag) => {
                self.and(
                    "EXISTS (SELECT 1 FROM {ticket_tags} AS x WHERE x.ticket = t.id AND x.tag = ?)",
                    values![*tag],
                );
            }
            Ask::Related(related) => self.and(
                "EXISTS (SELECT 1 FROM {ticket_related} AS x WHERE x.ticket = t.id AND x.kind = ? AND x.ref = ?)",
                values![&related.kind, &related.id],
            ),
            Ask::Sla(SlaFilter::Breached, now) => self.and("t.due_at <= ?", values![*now]),
            Ask::Sla(SlaFilter::AtRisk, now) => self.and("t.due_at > ? AND t.risk_at <= ?", values![*now, *now]),
            Ask::Sla(SlaFilter::OnTrack, now) => {
                self.and("t.due_at > ? AND (t.risk_at IS NULL OR t.risk_at > ?)", values![*now, *now]);
            }
            Ask::OpenedFrom(at) => self.and("t.created_at >= ?", values![*at]),
            Ask::OpenedBefore(at) => self.and("t.created_at < ?", values![*at]),
        }
    }

    fn among(&mut self, column: &str, words: &[&str]) {
        let values = words.iter().map(|word| Value::from(*word)).collect();
        match words {
            [_] => self.and(format!("{column} = ?"), values),
            words => self.and(format!("{column} IN ({})", marks(words.len())), values),
        }
    }

    /// One of these ways of being held.
    pub(crate) fn within(&mut self, terms: &[ScopeTerm]) {
        let (mut customers, mut assignees, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
        for term in terms {
            match term {
                ScopeTerm::Customer(id) => customers.push(Value::from(id.uuid())),
                ScopeTerm::Assignee(id) => assignees.push(Value::from(id.uuid())),
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
        let reasons = if reasons.is_empty() { "1 = 0".to_owned() } else { reasons.join(" OR ") };
        self.and(format!("({reasons})"), customers.into_iter().chain(assignees).collect());
    }
}
