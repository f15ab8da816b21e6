//! What the tests index.

use support_core::{
    domain::{
        access::{Holding, TicketScope},
        id::TicketId,
        search::{Batch, SearchKey, SearchQuery, SearchScope, Searchable, Sight},
    },
    ports::search::Search,
};
use support_search::TantivySearch;
use uuid::Uuid;

/// The `n`-th ticket, of the customer with that number.
pub(crate) fn ticket(n: u128, customer: u128, title: &str, text: &str) -> Searchable {
    Searchable {
        key: SearchKey::ticket(TicketId(Uuid::from_u128(n))),
        number: None,
        title: title.into(),
        text: text.into(),
        notes: String::new(),
        labels: [].into(),
        sight: Sight::Ticket(Holding { customer: Uuid::from_u128(customer).into(), assignee: None }),
        at: chrono::DateTime::UNIX_EPOCH,
    }
}

/// The `n`-th article, which everybody may read.
pub(crate) fn article(n: u128, language: &str, title: &str, text: &str) -> Searchable {
    Searchable {
        key: SearchKey::article(Uuid::from_u128(n), language),
        sight: Sight::Everybody,
        ..ticket(n, 0, title, text)
    }
}

/// All tickets.
pub(crate) fn tickets(text: &str) -> SearchQuery {
    SearchQuery::new(text, SearchScope::Tickets { scope: TicketScope::All, notes: false })
}

/// What is published.
pub(crate) fn articles(text: &str) -> SearchQuery {
    SearchQuery::new(text, SearchScope::Articles { drafts: false })
}

pub(crate) async fn put(index: &TantivySearch, put: Vec<Searchable>) {
    index.index(&Batch { put, ..Batch::default() }).await.expect("a batch is taken");
}

/// The numbers of what was found, the best first.
pub(crate) async fn found(index: &TantivySearch, query: &SearchQuery) -> Vec<u128> {
    index.search(query).await.expect("a query is answered").items.into_iter().map(|hit| hit.key.id.as_u128()).collect()
}
