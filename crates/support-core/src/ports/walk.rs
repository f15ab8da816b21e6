//! How a list of tickets is walked along indexes: decided here once for every backend, which says it in its own SQL.
//!
//! An index answers equalities on its first columns and gives its rows in the order of the rest. A condition with
//! alternatives (one's own tickets or those of nobody; this status or that) is no equality, so it becomes one [`Arm`] for
//! each alternative. Arms never share a row, each reads no more rows than the page holds, and they are merged by key.
//! What no index answers is asked of each row as it passes.

use super::spans::not_before;
use crate::domain::{
    access::{ScopeTerm, TicketScope},
    id::CustomerId,
    ticket::{AssigneeFilter, Cursor, Related, SlaFilter, SortKey, TicketFilter, TicketQuery},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// The most arms of a list. Above this, alternatives are asked of each row instead: every arm costs a descent into an
/// index.
pub const MOST_ARMS: usize = 64;

/// One stretch of an index, in the order of the query. Arms of one list never share a row.
///
/// An index takes one lower and one upper bound. A place is one of them, so of `from`, `to` and `after` never two bound
/// the same end.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm<'q> {
    /// What is walked along.
    pub walk: Walk<'q>,
    /// What is asked of each row. All must hold.
    pub asks: Vec<Ask<'q>>,
    /// The least sort key, in whole milliseconds.
    pub from: Option<DateTime<Utc>>,
    /// What every sort key is less than, in whole milliseconds.
    pub to: Option<DateTime<Utc>>,
    /// The row behind whose place the walk begins, in the direction of the sort.
    ///
    /// Along [`Walk::Text`] only its id counts: its place is that of its commit, and behind a row that is not there, or is
    /// outside of [`within_scope`], comes nothing.
    pub after: Option<Cursor>,
}

/// Rows in the order of an index: by the sort key of the query, then by id.
///
/// What an index begins with is told in [`Arm::asks`], as an equality, or in the variant itself. Those said to be in the
/// order of opening are chosen only where the sort key is [`SortKey::Created`]. Deleted tickets are asked for along
/// [`Walk::Deleted`] and [`Walk::Text`] alone, so the other indexes may leave them out.
#[derive(Debug, Clone, PartialEq)]
pub enum Walk<'q> {
    /// All tickets; no other walk is better.
    All,
    /// Those of one customer.
    Customer,
    /// Those of one agent, or of nobody.
    Assignee,
    /// Those of one agent, or of nobody, in one status, in the order of opening.
    AssigneeStatus,
    /// Those in one status.
    Status,
    /// Those in one status and of one priority, in the order of opening.
    StatusPriority,
    /// Those of one priority, in the order of opening.
    Priority,
    /// Those of one category, in the order of opening.
    Category,
    /// Those with a running clock.
    Clock,
    /// Those of one mail address.
    Email,
    /// The deleted ones.
    Deleted,
    /// Those with this tag, in the order of opening. It is not asked again.
    Tag(&'q str),
    /// Those about this thing, in the order of opening. It is not asked again.
    Related(&'q Related),
    /// Those with these words, as [`TicketFilter::text`] describes it, in the order of their commits. They are not asked
    /// again.
    Text {
        /// As they were typed. Where the backend finds no word in them, nothing has them.
        words: &'q str,
        /// Whose tickets alone, for an index that can tell; everybody's where it is empty. The asks say so too.
        owners: Vec<CustomerId>,
    },
}

/// A condition on a ticket. Lists are never empty.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask<'q> {
    /// It is held in one of these ways.
    Within(&'q [ScopeTerm]),
    /// It is this customer's.
    Customer(CustomerId),
    /// It is somebody else's.
    NotCustomer(CustomerId),
    /// Who has it.
    Assignee(AssigneeFilter),
    /// Whether it is deleted.
    Deleted(bool),
    /// It is of a person with this mail address, in the form of [`TicketFilter::email_key`].
    EmailKey(&'q str),
    /// In one of these statuses.
    Statuses(Vec<&'q str>),
    /// Of one of these priorities.
    Priorities(Vec<&'q str>),
    /// Of one of these categories.
    Categories(Vec<&'q str>),
    /// With this tag.
    Tag(&'q str),
    /// About this thing; its label does not matter.
    Related(&'q Related),
    /// With clocks in this state at this moment.
    Sla(SlaFilter, DateTime<Utc>),
    /// Opened at this moment or later; a whole millisecond.
    OpenedFrom(DateTime<Utc>),
    /// Opened before this moment; a whole millisecond.
    OpenedBefore(DateTime<Utc>),
}

/// The arms of a list behind a place; none where nothing can be in it.
pub fn arms(query: &TicketQuery, after: Option<Cursor>) -> Vec<Arm<'_>> {
    let holders = Holder::all(query);
    if holders.is_empty() {
        return Vec::new();
    }
    let list = List { query, after };
    let customers: Option<Vec<CustomerId>> = holders.iter().map(|holder| holder.customer).collect();
    if let Some(words) = &query.filter.text {
        let owners = customers.filter(|owners| owners.len() <= MOST_ARMS).unwrap_or_default();
        return list.along(&Walk::Text { words, owners }, within_scope(query));
    }
    // A customer has few tickets; beside everybody's, those with a tag, a link or a running clock are fewer.
    if (customers.is_none() || query.filter.deleted)
        && let Some(walk) = list.aside()
    {
        return list.along(&walk, within_scope(query));
    }
    if holders.len() > MOST_ARMS {
        return list.along(&list.walk(1, false, false), within_scope(query));
    }
    let held = |holder: &Holder| {
        let walk = list.walk(holders.len(), holder.customer.is_some(), holder.assignee.is_some());
        list.along(&walk, holder.asks())
    };
    holders.iter().flat_map(held).collect()
}

/// The scope, and customer and assignee of the filter, asked of a row.
///
/// Of the scope that holds nothing it asks for one of no ways; [`arms`] never comes to that.
pub fn within_scope(query: &TicketQuery) -> Vec<Ask<'_>> {
    let scope = match &query.scope {
        TicketScope::All => None,
        TicketScope::AnyOf(terms) => Some(Ask::Within(terms)),
    };
    let customer = query.filter.customer.map(Ask::Customer);
    let assignee = query.filter.assignee.map(Ask::Assignee);
    scope.into_iter().chain(customer).chain(assignee).collect()
}

/// One way in which a ticket of the scope is held. No ticket is held in two of the ways of a query.
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

    fn asks<'q>(&self) -> Vec<Ask<'q>> {
        let customer = self.customer.map(Ask::Customer);
        let assignee = self.assignee.map(Ask::Assignee);
        let except = self.except.iter().copied().map(Ask::NotCustomer);
        customer.into_iter().chain(assignee).chain(except).collect()
    }
}

/// The first moment, and the first one behind the last.
type Bounds = [Option<DateTime<Utc>>; 2];

struct List<'q> {
    query: &'q TicketQuery,
    after: Option<Cursor>,
}

impl<'q> List<'q> {
    /// Along the deleted ones, the rows of an address, a link or a tag, or those with a running clock, where the filter asks
    /// for one.
    fn aside(&self) -> Option<Walk<'q>> {
        let filter = &self.query.filter;
        let created = self.query.sort.key == SortKey::Created;
        if filter.deleted {
            Some(Walk::Deleted)
        } else if filter.email_key.is_some() {
            Some(Walk::Email)
        } else if let (true, Some(related)) = (created, &filter.related) {
            Some(Walk::Related(related))
        } else if let (true, Some(tag)) = (created, &filter.tag) {
            Some(Walk::Tag(tag))
        } else {
            filter.sla.map(|_| Walk::Clock)
        }
    }

    /// The index that leaves the fewest rows to be asked, for one of so many holders: whether it is told a customer, an
    /// assignee.
    fn walk(&self, holders: usize, customer: bool, assignee: bool) -> Walk<'q> {
        let TicketFilter { statuses, priorities, categories, .. } = &self.query.filter;
        let fits = |counts: &[usize]| !counts.contains(&0) && holders * counts.iter().product::<usize>() <= MOST_ARMS;
        let created = self.query.sort.key == SortKey::Created;
        if customer {
            Walk::Customer
        } else if assignee && created && fits(&[statuses.len()]) {
            Walk::AssigneeStatus
        } else if assignee {
            Walk::Assignee
        } else if created && fits(&[statuses.len(), priorities.len()]) {
            Walk::StatusPriority
        } else if fits(&[statuses.len()]) {
            Walk::Status
        } else if created && fits(&[categories.len()]) {
            Walk::Category
        } else if created && fits(&[priorities.len()]) {
            Walk::Priority
        } else {
            Walk::All
        }
    }

    /// One arm for each combination of values that the index wants to be told one at a time.
    fn along(&self, walk: &Walk<'q>, held: Vec<Ask<'q>>) -> Vec<Arm<'q>> {
        let filter = &self.query.filter;
        let dates = [filter.from, filter.to].map(|at| at.map(not_before));
        let by_opening = self.query.sort.key == SortKey::Created && !matches!(walk, Walk::Text { .. });
        let (bounds, [from, to]) = if by_opening { (dates, [None; 2]) } else { ([None; 2], dates) };
        let opened = from.map(Ask::OpenedFrom).into_iter().chain(to.map(Ask::OpenedBefore));
        let mut stems: Vec<Vec<Ask<'q>>> = vec![held.into_iter().chain(opened).collect()];
        for ask in asked(filter) {
            let ways = walk.ways(ask);
            let grow = |stem: Vec<Ask<'q>>| ways.iter().map(move |way| [stem.as_slice(), way].concat());
            stems = stems.into_iter().flat_map(grow).collect();
        }
        let ([from, to], after) = self.tightest(bounds);
        stems.into_iter().map(|asks| Arm { walk: walk.clone(), asks, from, to, after }).collect()
    }

    /// Where the walk begins and ends: dates and place may set the same bound, and only the tighter is said.
    fn tightest(&self, [from, to]: Bounds) -> (Bounds, Option<Cursor>) {
        let ascending = self.query.sort.ascending;
        match self.after {
            Some(cursor) if ascending && from.is_none_or(|from| from <= cursor.at) => ([None, to], self.after),
            Some(cursor) if !ascending && to.is_none_or(|to| to > cursor.at) => ([from, None], self.after),
            _ => ([from, to], None),
        }
    }
}

impl Walk<'_> {
    /// The ways in which the arms ask this: of one value each where the index is told one at a time, not at all where it
    /// is the walk that answers.
    fn ways<'q>(&self, ask: Ask<'q>) -> Vec<Vec<Ask<'q>>> {
        fn each<'q>(words: Vec<&'q str>, of: fn(Vec<&'q str>) -> Ask<'q>) -> Vec<Vec<Ask<'q>>> {
            let words: BTreeSet<_> = words.into_iter().collect();
            words.into_iter().map(|word| vec![of(vec![word])]).collect()
        }
        match (self, ask) {
            (Self::Tag(_), Ask::Tag(_)) | (Self::Related(_), Ask::Related(_)) => vec![Vec::new()],
            (Self::AssigneeStatus | Self::Status | Self::StatusPriority, Ask::Statuses(words)) => {
                each(words, Ask::Statuses)
            }
            (Self::Priority | Self::StatusPriority, Ask::Priorities(words)) => each(words, Ask::Priorities),
            (Self::Category, Ask::Categories(words)) => each(words, Ask::Categories),
            (_, ask) => vec![vec![ask]],
        }
    }
}

/// What a filter asks of the ticket itself, beside who holds it, when it was opened and which words it has.
fn asked(filter: &TicketFilter) -> Vec<Ask<'_>> {
    fn among<'q, T>(list: &'q [T], word: fn(&'q T) -> &'q str, of: fn(Vec<&'q str>) -> Ask<'q>) -> Option<Ask<'q>> {
        (!list.is_empty()).then(|| of(list.iter().map(word).collect()))
    }
    [
        Some(Ask::Deleted(filter.deleted)),
        filter.email_key.as_deref().map(Ask::EmailKey),
        among(&filter.statuses, |key| key.as_str(), Ask::Statuses),
        among(&filter.priorities, |key| key.as_str(), Ask::Priorities),
        among(&filter.categories, |key| key.as_str(), Ask::Categories),
        filter.tag.as_deref().map(Ask::Tag),
        filter.related.as_ref().map(Ask::Related),
        filter.sla.map(|(state, now)| Ask::Sla(state, now)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{id::AgentId, ticket::Sort};
    use chrono::TimeDelta;
    use uuid::Uuid;

    const AGENT: AgentId = AgentId(Uuid::from_u128(1));

    fn list(scope: TicketScope, filter: TicketFilter) -> TicketQuery {
        TicketQuery { reader: None, scope, filter, sort: Sort::default(), after: None, skip: 0, limit: 20 }
    }

    #[test]
    fn alternatives_are_arms_of_their_own() {
        let scope = TicketScope::AnyOf(vec![ScopeTerm::Assignee(AGENT), ScopeTerm::Unassigned]);
        let statuses = ["open", "new", "open"].map(Into::into).to_vec();
        let query = list(scope, TicketFilter { statuses, ..TicketFilter::default() });
        let arm = |assignee, status| Arm {
            walk: Walk::AssigneeStatus,
            asks: vec![Ask::Assignee(assignee), Ask::Deleted(false), Ask::Statuses(vec![status])],
            from: None,
            to: None,
            after: None,
        };
        let [nobodys, own] = [AssigneeFilter::Nobody, AssigneeFilter::Is(AGENT)];
        let expected = [arm(nobodys, "new"), arm(nobodys, "open"), arm(own, "new"), arm(own, "open")];
        assert_eq!(arms(&query, None), expected);
    }

    #[test]
    fn what_the_walk_answers_is_not_asked() {
        let filter = TicketFilter { tag: Some("late".into()), ..TicketFilter::default() };
        let query = list(TicketScope::All, filter);
        let [Arm { walk: Walk::Tag("late"), asks, .. }] = &arms(&query, None)[..] else { panic!() };
        assert_eq!(*asks, [Ask::Deleted(false)]);
    }

    #[test]
    fn where_dates_and_place_bound_the_same_end_the_tighter_is_said() {
        let to = DateTime::UNIX_EPOCH;
        let query = list(TicketScope::All, TicketFilter { to: Some(to), ..TicketFilter::default() });
        let bounds = |milliseconds| {
            let place = Cursor { at: to + TimeDelta::milliseconds(milliseconds), id: Uuid::nil().into() };
            let [arm] = &arms(&query, Some(place))[..] else { panic!() };
            (arm.to.is_some(), arm.after.is_some())
        };
        assert_eq!([-1, 0, 1].map(bounds), [(false, true), (true, false), (true, false)]);
    }

    #[test]
    fn a_scope_that_holds_nothing_is_not_walked() {
        assert_eq!(arms(&list(TicketScope::nothing(), TicketFilter::default()), None), []);
    }
}
