//! The words of tickets in the text index.
//!
//! Each server cuts text into words in its own way, with its own list of words that it passes over. Here words are cut and
//! folded before they get there, so that all servers find the same.

use crate::{
    commit::{Must, Part, Step, marks},
    error::Error,
    names::Dialect,
    row::Fields,
    session::Session,
    value::{Value, values},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};
use support_core::domain::{
    id::{CustomerId, TicketId},
    message::Message,
    ticket::Ticket,
};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Words of one text, at most: what is written is rarely a tenth as long, and an index of `PostgreSQL` takes no more than a
/// megabyte a row.
const MOST: usize = 8_000;

/// Characters of a word, at most: an index of `MySQL` passes over words of more than 84 bytes.
const LONGEST: usize = 60;

/// The words of a text, without case and accents.
fn cut(text: &str) -> impl Iterator<Item = String> + '_ {
    let parts = text.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
    parts
        .map(|word| word.nfkd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>())
        .filter(|word| !word.is_empty())
}

/// A word as the index has it.
fn token(dialect: Dialect, word: &str) -> String {
    if dialect.choose(true, false) {
        return word.chars().take(LONGEST).collect();
    }
    // What it takes for a letter depends on the server, and words of two letters it passes over.
    let mut token = "zz".to_owned();
    for c in word.chars() {
        let mut bytes = [0; 4];
        match c {
            'a'..='z' | '0'..='9' => token.push(c),
            c => c.encode_utf8(&mut bytes).bytes().for_each(|byte| {
                // Writing to a string never fails.
                let _ = write!(token, "{byte:02x}_");
            }),
        }
        if token.len() > LONGEST {
            break;
        }
    }
    token
}

fn owner(dialect: Dialect, customer: CustomerId) -> String {
    let id = customer.uuid().simple();
    dialect.choose(format!("owner:{id}"), format!("owner{id}"))
}

/// Tokens as one value of the index.
fn document(dialect: Dialect, tokens: impl IntoIterator<Item = String>) -> String {
    let tokens: BTreeSet<String> = tokens.into_iter().take(MOST).collect();
    if dialect.choose(true, false) {
        tokens.iter().map(|token| format!("'{token}'")).collect::<Vec<_>>().join(" ")
    } else {
        tokens.into_iter().collect::<Vec<_>>().join(" ")
    }
}

fn head(dialect: Dialect, ticket: &Ticket) -> String {
    let texts =
        [ticket.number.as_str(), ticket.subject.as_str()].into_iter().chain(ticket.tags.iter().map(String::as_str));
    let words = texts.flat_map(cut).map(|word| token(dialect, &word));
    document(dialect, [owner(dialect, ticket.customer)].into_iter().chain(words))
}

fn body(dialect: Dialect, text: &str) -> String {
    document(dialect, cut(text).map(|word| token(dialect, &word)))
}

/// A value of the index in a statement.
fn bound(dialect: Dialect) -> &'static str {
    dialect.choose("CAST(? AS TSVECTOR)", "?")
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
    let beginning = last.chars().count() >= 2;
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
    fn words_are_folded_before_any_server_sees_them() {
        let cut = |text: &str| cut(text).collect::<Vec<_>>();
        assert_eq!(cut("Łódź e\u{301}té, T-0002!"), ["łodz", "ete", "t", "0002"]);
        assert_eq!(cut("\u{FF21}\u{FF22} ﬁne 東京"), ["ab", "fine", "東京"]);
        assert_eq!(cut(" ,;: \0"), [""; 0]);
    }

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

    #[test]
    fn other_letters_keep_their_order_in_ascii() {
        assert_eq!(token(Dialect::MySql, "东b"), "zze4_b8_9c_b");
        assert!(token(Dialect::MySql, &"東".repeat(99)).len() < 84);
    }
}
