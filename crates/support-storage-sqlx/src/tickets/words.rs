//! The words of tickets in the text index of their lists.

use crate::{
    commit::{Must, Part, Step, marks},
    error::Error,
    names::Dialect,
    row::Fields,
    session::Session,
    value::{Value, values},
    words::{bound, cut, document, may_go_on, owner, token},
};
use std::collections::BTreeMap;
use support_core::domain::{
    id::{CustomerId, TicketId},
    message::Message,
    ticket::Ticket,
};

fn head(dialect: Dialect, ticket: &Ticket) -> String {
    let texts =
        [ticket.number.as_str(), ticket.subject.as_str()].into_iter().chain(ticket.tags.iter().map(String::as_str));
    let words = texts.flat_map(cut).map(|word| token(dialect, &word));
    document(dialect, [owner(dialect, ticket.customer)].into_iter().chain(words))
}

fn body(dialect: Dialect, text: &str) -> String {
    document(dialect, cut(text).map(|word| token(dialect, &word)))
}

/// Indexes a ticket that was not there before.
pub(crate) fn open(dialect: Dialect, ticket: &Ticket, message: &Message) -> Step {
    let sql =
        format!("INSERT INTO {{ticket_text}} (ticket, first, head, body) VALUES (?, ?, {0}, {0})", bound(dialect));
    let (first, text) = if message.internal { (None, "") } else { (Some(message.id.uuid()), message.body.as_str()) };
    Step::one(sql, values![ticket.id.uuid(), first, head(dialect, ticket), body(dialect, text)])
}

/// Indexes tickets that were not there before, and have no messages yet.
pub(super) fn restore(dialect: Dialect, tickets: &[&Ticket]) -> Step {
    let none: Option<uuid::Uuid> = None;
    let row = |ticket: &&Ticket| values![ticket.id.uuid(), none, head(dialect, ticket), ""];
    let values: Vec<Value> = tickets.iter().flat_map(row).collect();
    let sql = if dialect.choose(true, false) {
        // Numbered for the same reason as in `inserted`.
        let rows: Vec<String> = (0..tickets.len()).map(|n| format!("({n}, ?, ?, ?, ?)")).collect();
        format!(
            "INSERT INTO {{ticket_text}} (ticket, first, head, body) \
             SELECT ticket, first, CAST(head AS TSVECTOR), CAST(body AS TSVECTOR) \
             FROM (VALUES {}) AS v (n, ticket, first, head, body) ORDER BY n",
            rows.join(", ")
        )
    } else {
        let rows = vec!["(?, ?, ?, ?)"; tickets.len()].join(", ");
        format!("INSERT INTO {{ticket_text}} (ticket, first, head, body) VALUES {rows}")
    };
    Step::new(sql, values, Must::Rows(tickets.len() as u64))
}

/// Indexes those of these messages that may be the first of their tickets; none where all are notes.
pub(crate) fn begin_all(dialect: Dialect, messages: &[&Message]) -> Option<Step> {
    let mut first = BTreeMap::new();
    for message in messages.iter().filter(|message| !message.internal) {
        first.entry(message.ticket).or_insert(*message);
    }
    if first.is_empty() {
        return None;
    }
    let id = |message: &&Message| values![message.ticket.uuid(), message.id.uuid()];
    let text = |message: &&Message| values![message.ticket.uuid(), body(dialect, &message.body)];
    let mut values: Vec<Value> = first.values().flat_map(id).collect();
    values.extend(first.values().flat_map(text));
    values.extend(first.keys().map(|ticket| Value::from(ticket.uuid())));
    let each = |value: &str| vec![format!("WHEN ? THEN {value}"); first.len()].join(" ");
    // Joined with a list of values, one of the servers would not walk along its index.
    let sql = format!(
        "UPDATE {{ticket_text}} SET first = CASE ticket {} END, body = CASE ticket {} END \
         WHERE ticket IN ({}) AND first IS NULL",
        each("?"),
        each(bound(dialect)),
        marks(first.len())
    );
    Some(Step::new(sql, values, Must::Anything))
}

/// Follows what a ticket is called.
pub(crate) fn follow(dialect: Dialect, ticket: &Ticket) -> Step {
    let sql = format!("UPDATE {{ticket_text}} SET head = {0} WHERE ticket = ? AND head <> {0}", bound(dialect));
    let head = head(dialect, ticket);
    Step::new(sql, values![head.clone(), ticket.id.uuid(), head], Must::Anything).of_part(ticket.id, Part::Words)
}

/// Indexes a message that may be the first of its ticket: where all that stood before has moved away, it is.
pub(crate) fn begin(dialect: Dialect, message: &Message) -> Step {
    let sql =
        format!("UPDATE {{ticket_text}} SET first = ?, body = {} WHERE ticket = ? AND first IS NULL", bound(dialect));
    Step::new(sql, values![message.id.uuid(), body(dialect, &message.body), message.ticket.uuid()], Must::Anything)
}

/// Follows what a message says, if it is the first of its ticket.
pub(crate) fn rewrite(dialect: Dialect, message: &Message) -> Step {
    let sql = format!("UPDATE {{ticket_text}} SET body = {} WHERE ticket = ? AND first = ?", bound(dialect));
    Step::new(sql, values![body(dialect, &message.body), message.ticket.uuid(), message.id.uuid()], Must::Anything)
}

/// Reads anew which public message is the first of a ticket, and what it says.
pub(crate) async fn refresh(session: &mut Session<'_>, ticket: TicketId) -> Result<(), Error> {
    let dialect = session.names.dialect;
    // Locking, because another may have committed since the transaction began to read.
    let lock = dialect.choose("FOR SHARE", "LOCK IN SHARE MODE");
    let sql =
        format!("SELECT id, body FROM {{messages}} WHERE ticket = ? AND NOT internal ORDER BY seq LIMIT 1 {lock}");
    let first = session.row(&sql, values![ticket.uuid()]).await?;
    let (id, text) = match &first {
        Some(row) => {
            let mut row = Fields::new("messages", row);
            (Some(row.id("id")?), row.text("body")?)
        }
        None => (None::<uuid::Uuid>, String::new()),
    };
    let sql = format!("UPDATE {{ticket_text}} SET first = ?, body = {} WHERE ticket = ?", bound(dialect));
    session.change(&sql, values![id, body(dialect, &text), ticket.uuid()]).await.map(drop)
}

/// The expression for tickets of `owners` (of everybody if there are none) that hold every word of `text`, the last one
/// also as the beginning of a word from two letters on. None where there is no word in it.
///
/// Words are letters and digits alone: nothing that is typed is ever syntax.
pub(super) fn expression(dialect: Dialect, text: &str, owners: &[CustomerId]) -> Option<String> {
    let words: Vec<String> = cut(text).collect();
    let (last, before) = words.split_last()?;
    let beginning = may_go_on(last);
    let owners = owners.iter().map(|id| owner(dialect, *id));
    Some(if dialect.choose(true, false) {
        let mut terms: Vec<String> = before.iter().map(|word| format!("'{}'", token(dialect, word))).collect();
        terms.push(format!("'{}'{}", token(dialect, last), if beginning { ":*" } else { "" }));
        let owners: Vec<String> = owners.map(|owner| format!("'{owner}'")).collect();
        if !owners.is_empty() {
            terms.push(format!("({})", owners.join(" | ")));
        }
        terms.join(" & ")
    } else {
        let mut terms: Vec<String> = before.iter().map(|word| format!("+{}", token(dialect, word))).collect();
        terms.push(format!("+{}{}", token(dialect, last), if beginning { "*" } else { "" }));
        let owners: Vec<String> = owners.collect();
        if !owners.is_empty() {
            terms.push(format!("+({})", owners.join(" ")));
        }
        terms.join(" ")
    })
}

#[cfg(all(test, feature = "postgres", feature = "mysql"))]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_typed_is_syntax() {
        let asked = |dialect| expression(dialect, "pay\" OR owner:x* -b ^é'c", &[]).unwrap();
        assert_eq!(asked(Dialect::Postgres), "'pay' & 'or' & 'owner' & 'x' & 'b' & 'e' & 'c'");
        assert_eq!(asked(Dialect::MySql), "+zzpay +zzor +zzowner +zzx +zzb +zze +zzc");
        for dialect in [Dialect::Postgres, Dialect::MySql] {
            assert_eq!(expression(dialect, "\"*-+^():{}", &[]), None);
        }
    }

    #[test]
    fn a_customer_is_met_inside_the_index() {
        let customer = CustomerId(uuid::Uuid::from_u128(7));
        let asked = |dialect| expression(dialect, "card", &[customer]).unwrap();
        assert_eq!(asked(Dialect::Postgres), "'card':* & ('owner:00000000000000000000000000000007')");
        assert_eq!(asked(Dialect::MySql), "+zzcard* +(owner00000000000000000000000000000007)");
    }
}
