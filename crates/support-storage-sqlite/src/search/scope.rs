//! Who may find what, as words of the text index.

use support_core::domain::{
    access::{ScopeTerm, TicketScope},
    search::{Corpus, SearchScope, Searchable, Sight},
};
use uuid::Uuid;

// Nobody's typed beginning leads to these.
const EVERYBODY: &str = "zzeverybody";
const STAFF: &str = "zzstaff";
const TICKET: &str = "zzticket";
const NOBODYS: &str = "zznobodys";

fn customers(id: Uuid) -> String {
    format!("zzcustomer{}", id.simple())
}

fn agents(id: Uuid) -> String {
    format!("zzagent{}", id.simple())
}

/// The words by which a row lies in scopes.
pub(super) fn words(row: &Searchable) -> String {
    match (row.key.corpus, row.sight) {
        (Corpus::Articles, Sight::Everybody) => EVERYBODY.to_owned(),
        (Corpus::Articles, Sight::Staff) => STAFF.to_owned(),
        (Corpus::Tickets, Sight::Ticket(holding)) => {
            let assignee = holding.assignee.map_or_else(|| NOBODYS.to_owned(), |agent| agents(agent.uuid()));
            format!("{TICKET} {} {assignee}", customers(holding.customer.uuid()))
        }
        // Seen by nobody.
        (Corpus::Articles, Sight::Ticket(_)) | (Corpus::Tickets, Sight::Everybody | Sight::Staff) => String::new(),
    }
}

/// The expression for rows in a scope; none where nothing lies in it.
pub(super) fn expression(scope: &SearchScope) -> Option<String> {
    let words = match scope {
        SearchScope::Articles { drafts: false } => vec![EVERYBODY.to_owned()],
        SearchScope::Articles { drafts: true } => vec![EVERYBODY.to_owned(), STAFF.to_owned()],
        SearchScope::Tickets { scope: TicketScope::All, .. } => vec![TICKET.to_owned()],
        SearchScope::Tickets { scope: TicketScope::AnyOf(terms), .. } => terms.iter().copied().map(word).collect(),
    };
    let words: Vec<String> = words.into_iter().map(|word| format!("\"{word}\"")).collect();
    (!words.is_empty()).then(|| format!("sight : ({})", words.join(" OR ")))
}

fn word(term: ScopeTerm) -> String {
    match term {
        ScopeTerm::Customer(id) => customers(id.uuid()),
        ScopeTerm::Assignee(id) => agents(id.uuid()),
        ScopeTerm::Unassigned => NOBODYS.to_owned(),
    }
}
