use super::store::{MemoryStore, Rows};
use crate::{
    domain::{
        id::TicketId,
        ticket::{AlarmKind, AssigneeFilter, SortKey, Ticket, TicketFilter, TicketQuery, TicketSummary},
    },
    ports::{Slice, StoreError, tickets::TicketStore},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::cmp::Ordering;

#[async_trait]
impl TicketStore for MemoryStore {
    async fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, StoreError> {
        Ok(self.rows().ticket(id).cloned())
    }

    async fn ticket_by_number(&self, number: &str) -> Result<Option<Ticket>, StoreError> {
        let rows = self.rows();
        Ok(rows.numbers.get(number).and_then(|id| rows.ticket(*id)).cloned())
    }

    async fn tickets(&self, query: &TicketQuery) -> Result<Slice<TicketSummary>, StoreError> {
        let rows = self.rows();
        let sorted = rows.sorted(query);
        let behind = match query.after {
            None => 0,
            Some(_) => sorted.partition_point(|row| !rows.is_behind_cursor(row, query)),
        };
        let limit = query.limit as usize;
        let page = sorted.into_iter().skip(behind + query.skip as usize).take(limit + 1);
        Ok(Slice::cut(page.map(|(_, ticket)| rows.summary(ticket)).collect(), limit))
    }

    async fn due_tickets(&self, alarm: AlarmKind, now: DateTime<Utc>, limit: u32) -> Result<Vec<TicketId>, StoreError> {
        let rows = self.rows();
        let due = |(_, ticket): &(u64, Ticket)| Some((ticket.alarms.of(alarm).filter(|at| *at <= now)?, ticket.id));
        let mut due: Vec<_> = rows.tickets.values().filter_map(due).collect();
        due.sort_unstable();
        Ok(due.into_iter().take(limit as usize).map(|(_, id)| id).collect())
    }

    async fn ticket_count(&self, query: &TicketQuery, most: u32) -> Result<u32, StoreError> {
        let count = self.rows().sorted(query).len();
        Ok(u32::try_from(count).unwrap_or(u32::MAX).min(most))
    }
}

impl Rows {
    /// The rows that scope and filter admit, in the order of the query.
    fn sorted(&self, query: &TicketQuery) -> Vec<&(u64, Ticket)> {
        let admitted =
            |(_, ticket): &&(u64, Ticket)| query.scope.admits(ticket.holding()) && self.matches(ticket, &query.filter);
        let mut rows: Vec<&(u64, Ticket)> = self.tickets.values().filter(admitted).collect();
        rows.sort_by(|one, other| order(one, other, query));
        rows
    }

    fn is_behind_cursor(&self, row: &(u64, Ticket), query: &TicketQuery) -> bool {
        let Some(cursor) = query.after else { return true };
        let (place, ticket) = row;
        let ascending = if query.filter.text.is_some() {
            // Behind a row outside the scope comes nothing: its place would tell that it is there.
            let known = self.tickets.get(&cursor.id).filter(|(_, ticket)| query.scope.admits(ticket.holding()));
            let Some((at, _)) = known else { return false };
            place.cmp(at)
        } else {
            (sort_key(ticket, query.sort.key), ticket.id).cmp(&(cursor.at, cursor.id))
        };
        ascending == if query.sort.ascending { Ordering::Greater } else { Ordering::Less }
    }

    fn matches(&self, ticket: &Ticket, filter: &TicketFilter) -> bool {
        fn among<T: PartialEq>(list: &[T], value: Option<&T>) -> bool {
            list.is_empty() || value.is_some_and(|value| list.contains(value))
        }
        let assignee = match filter.assignee {
            None => true,
            Some(AssigneeFilter::Nobody) => ticket.assignee.is_none(),
            Some(AssigneeFilter::Is(id)) => ticket.assignee.as_ref().is_some_and(|agent| agent.id == id),
        };
        let related = |wanted: &crate::domain::ticket::Related| {
            ticket.related.iter().any(|link| link.kind == wanted.kind && link.id == wanted.id)
        };
        assignee
            && ticket.deleted_at.is_some() == filter.deleted
            && filter.email_key.as_ref().is_none_or(|key| ticket.reach.email_key.as_ref() == Some(key))
            && among(&filter.statuses, Some(&ticket.status))
            && among(&filter.priorities, Some(&ticket.priority))
            && among(&filter.categories, ticket.category.as_ref())
            && filter.customer.is_none_or(|customer| ticket.customer == customer)
            && filter.tag.as_ref().is_none_or(|tag| ticket.tags.contains(tag))
            && filter.related.as_ref().is_none_or(related)
            && filter.from.is_none_or(|from| ticket.created_at >= from)
            && filter.to.is_none_or(|to| ticket.created_at < to)
            && filter.sla.is_none_or(|(state, now)| ticket.pace.at(now) == Some(state))
            && filter.text.as_ref().is_none_or(|text| self.has_words(ticket, text))
    }

    fn has_words(&self, ticket: &Ticket, text: &str) -> bool {
        // When messages move, a note may come to stand first. What staff write for each other is not searched for.
        let first = self.thread(ticket.id).find(|message| !message.internal);
        let tags: Vec<&str> = ticket.tags.iter().map(String::as_str).collect();
        let body = first.map_or("", |message| message.body.as_str());
        let held = words(&[&ticket.number, &ticket.subject, &tags.join(" "), body].join(" "));
        let wanted = words(text);
        let Some((last, whole)) = wanted.split_last() else {
            return false;
        };
        whole.iter().all(|word| held.contains(word))
            && held.iter().any(|word| word == last || last.chars().nth(1).is_some() && word.starts_with(last.as_str()))
    }

    fn summary(&self, ticket: &Ticket) -> TicketSummary {
        let last = self.thread(ticket.id).rev().find(|message| !message.internal && message.deleted_at.is_none());
        TicketSummary {
            id: ticket.id,
            number: ticket.number.clone(),
            customer: ticket.customer,
            customer_name: ticket.customer_name.clone(),
            subject: ticket.subject.clone(),
            category: ticket.category.clone(),
            priority: ticket.priority.clone(),
            status: ticket.status.clone(),
            phase: ticket.phase,
            assignee: ticket.assignee.clone(),
            escalation_level: ticket.escalation_level,
            tags: ticket.tags.clone(),
            pace: ticket.pace,
            created_at: ticket.created_at,
            updated_at: ticket.updated_at,
            last_message: last.map(|message| message.body.chars().take(TicketSummary::PREVIEW_CHARS).collect()),
        }
    }
}

fn order(one: &(u64, Ticket), other: &(u64, Ticket), query: &TicketQuery) -> Ordering {
    let key = |row: &(u64, Ticket)| (sort_key(&row.1, query.sort.key), row.1.id);
    let ascending = match query.filter.text {
        Some(_) => one.0.cmp(&other.0),
        None => key(one).cmp(&key(other)),
    };
    if query.sort.ascending { ascending } else { ascending.reverse() }
}

fn sort_key(ticket: &Ticket, key: SortKey) -> DateTime<Utc> {
    match key {
        SortKey::Created => ticket.created_at,
        SortKey::Updated => ticket.updated_at,
    }
}

/// Words as full-text indexes see them, for ASCII; what they do with other letters is theirs.
fn words(text: &str) -> Vec<String> {
    let letters = |c: char| !c.is_alphanumeric();
    text.split(letters).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}
