use super::store::{MemoryStore, Rows};
use crate::{
    domain::{
        id::TicketId,
        ticket::{AssigneeFilter, SortKey, Ticket, TicketFilter, TicketQuery, TicketSummary},
    },
    ports::{Slice, StoreError, tickets::TicketStore},
};
use async_trait::async_trait;
use std::cmp::Ordering;

#[async_trait]
impl TicketStore for MemoryStore {
    async fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, StoreError> {
        Ok(self.rows().ticket(id).cloned())
    }

    async fn ticket_by_number(&self, number: &str) -> Result<Option<Ticket>, StoreError> {
        let rows = self.rows();
        Ok(rows.by_number.get(number).and_then(|id| rows.ticket(*id)).cloned())
    }

    async fn tickets(&self, query: &TicketQuery) -> Result<Slice<TicketSummary>, StoreError> {
        let rows = self.rows();
        let sorted = rows.sorted(query);
        let behind = match query.after {
            None => 0,
            Some(_) => sorted.partition_point(|place| !rows.is_behind_cursor(*place, query)),
        };
        let limit = query.limit as usize;
        let page = sorted.into_iter().skip(behind + query.skip as usize).take(limit + 1);
        Ok(Slice::cut(page.map(|place| rows.summary(place)).collect(), limit))
    }

    async fn ticket_count(&self, query: &TicketQuery, most: u32) -> Result<u32, StoreError> {
        let count = self.rows().sorted(query).len();
        Ok(u32::try_from(count).unwrap_or(u32::MAX).min(most))
    }
}

impl Rows {
    /// The places of the rows that scope and filter admit, in the order of the query.
    fn sorted(&self, query: &TicketQuery) -> Vec<usize> {
        let admitted = |place: &usize| {
            let ticket = &self.tickets[*place];
            query.scope.admits(ticket.holding()) && self.matches(ticket, &query.filter)
        };
        let mut places: Vec<usize> = (0..self.tickets.len()).filter(admitted).collect();
        places.sort_by(|one, other| self.order(*one, *other, query));
        places
    }

    fn order(&self, one: usize, other: usize, query: &TicketQuery) -> Ordering {
        let key = |place: usize| (sort_key(&self.tickets[place], query.sort.key), self.tickets[place].id);
        let ascending = match query.filter.text {
            Some(_) => one.cmp(&other),
            None => key(one).cmp(&key(other)),
        };
        if query.sort.ascending { ascending } else { ascending.reverse() }
    }

    fn is_behind_cursor(&self, place: usize, query: &TicketQuery) -> bool {
        let Some(cursor) = query.after else { return true };
        let ticket = &self.tickets[place];
        let ascending = if query.filter.text.is_some() {
            // Behind a row outside the scope comes nothing: its place would tell that it is there.
            let known = self.by_id.get(&cursor.id).filter(|at| query.scope.admits(self.tickets[**at].holding()));
            let Some(at) = known else { return false };
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
        let first = self.threads.get(&ticket.id).and_then(|thread| thread.first());
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

    fn summary(&self, place: usize) -> TicketSummary {
        let ticket = &self.tickets[place];
        let thread = self.threads.get(&ticket.id).map_or(&[][..], Vec::as_slice).iter();
        let last = thread.rev().find(|message| !message.internal);
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

fn sort_key(ticket: &Ticket, key: SortKey) -> chrono::DateTime<chrono::Utc> {
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
