//! Tickets into their tables.

use super::words;
use crate::{
    commit::{Hold, Must, Part, Step, inserted, marks},
    error::Error,
    messages,
    names::Dialect,
    value::{Value, json_text, maybe_json, signed, values},
};
use chrono::{DateTime, Utc};
use support_core::{
    domain::{
        id::TicketId,
        key::CategoryKey,
        message::Message,
        ticket::{Contact, Related, Ticket},
    },
    ports::spans::{DAY, start},
};

/// What a row may be made of anew: all but what never changes, and what is counted.
const CHANGING: [&str; 39] = [
    "customer_id",
    "customer_name",
    "subject",
    "category",
    "priority",
    "status",
    "phase",
    "assignee_id",
    "assignee_name",
    "escalation_level",
    "tags",
    "risk_at",
    "due_at",
    "customer_tier",
    "opened_by",
    "source",
    "contact",
    "team",
    "first_response_at",
    "resolved_at",
    "closed_at",
    "related",
    "satisfaction",
    "resolution",
    "sla",
    "metadata",
    "deleted_at",
    "sla_at",
    "escalation_at",
    "auto_close_at",
    "merged_into",
    "language",
    "email",
    "phone",
    "email_key",
    "watchers",
    "marks",
    "fields",
    "updated_at",
];

/// Of a ticket that is neither deleted nor merged into another.
pub(crate) const STANDS: &str = "deleted_at IS NULL AND merged_into IS NULL";

/// How the row of a ticket is taken hold of. See [`Hold`].
pub(crate) fn hold(dialect: Dialect, ticket: TicketId, hold: Hold) -> Result<Step, Error> {
    let mut conditions = vec!["id = ?"];
    let mut last = values![ticket.uuid()];
    for (condition, value) in hold.conditions {
        conditions.push(condition);
        last.extend(value);
    }
    let Some((update, read)) = hold.update else {
        return Ok(mark(dialect, hold.touch, hold.writes, &conditions, last));
    };
    conditions.push("version = ?");
    last.push(signed(read)?.into());
    let mut values = changing(&update)?;
    let mut sets: Vec<String> = CHANGING.iter().map(|column| format!("{column} = ?")).collect();
    // A message may have come after the row was read, or with this very change.
    let touched = hold.touch.map_or(update.updated_at, |touch| touch.max(update.updated_at));
    sets.pop();
    values.pop();
    sets.push("updated_at = greatest(updated_at, ?)".to_owned());
    values.extend(values![touched]);
    values.append(&mut last);
    let sql = format!(
        "UPDATE {{tickets}} SET version = version + 1, changes = changes + 1, {} WHERE {}",
        sets.join(", "),
        conditions.join(" AND ")
    );
    Ok(Step::one(sql, values))
}

fn mark(
    dialect: Dialect,
    touch: Option<DateTime<Utc>>,
    writes: bool,
    conditions: &[&str],
    mut last: Vec<Value>,
) -> Step {
    let conditions = conditions.join(" AND ");
    if !writes {
        let lock = dialect.choose("FOR SHARE", "LOCK IN SHARE MODE");
        return Step::find(format!("SELECT 1 FROM {{tickets}} WHERE {conditions} {lock}"), last);
    }
    let Some(touch) = touch else {
        return Step::one(format!("UPDATE {{tickets}} SET changes = changes + 1 WHERE {conditions}"), last);
    };
    let mut values = values![touch];
    values.append(&mut last);
    let sql = format!(
        "UPDATE {{tickets}} SET changes = changes + 1, updated_at = greatest(updated_at, ?) WHERE {conditions}"
    );
    Step::one(sql, values)
}

/// The columns of a new row.
fn columns() -> String {
    format!("id, number, version, created_at, {}", CHANGING.join(", "))
}

/// The values of [`columns`], in their order.
fn encode(ticket: &Ticket) -> Result<Vec<Value>, Error> {
    let mut values = values![ticket.id.uuid(), &ticket.number, signed(ticket.version)?, ticket.created_at];
    values.extend(changing(ticket)?);
    Ok(values)
}

/// Adds a ticket and its first message, and everything that is derived from them.
pub(crate) fn open(dialect: Dialect, ticket: &Ticket, message: &Message) -> Result<Vec<Step>, Error> {
    let values = encode(ticket)?;
    let sql = format!("INSERT INTO {{tickets}} ({}) VALUES ({})", columns(), marks(values.len()));
    let mut steps = vec![Step::one(sql, values), messages::open(message)?, words::open(dialect, ticket, message)];
    steps.extend(begin(dialect, &[ticket]));
    Ok(steps)
}

/// Adds tickets that have no messages yet, and everything that is derived from them.
pub(crate) fn restore(dialect: Dialect, tickets: &[&Ticket]) -> Result<Vec<Step>, Error> {
    let rows: Result<Vec<_>, Error> = tickets.iter().map(|ticket| encode(ticket)).collect();
    let mut steps = vec![inserted(dialect, "tickets", &columns(), rows?), words::restore(dialect, tickets)];
    steps.extend(begin(dialect, tickets));
    Ok(steps)
}

/// What is derived from the rows of tickets that were not there before.
fn begin(dialect: Dialect, tickets: &[&Ticket]) -> Vec<Step> {
    let mut steps = Vec::new();
    steps.extend(add(dialect, "ticket_tags", TAGS, tickets.iter().copied().flat_map(tags).collect()));
    steps.extend(add(dialect, "ticket_related", RELATED, tickets.iter().copied().flat_map(related).collect()));
    let standing: Vec<Vec<Value>> =
        tickets.iter().filter(|ticket| ticket.deleted_at.is_none()).map(|ticket| stands(ticket)).collect();
    if !standing.is_empty() {
        let rows = vec!["(?, ?, ?, ?, ?, 1)"; standing.len()].join(", ");
        let sql = format!("INSERT INTO {{cell_notes}} (assignee_id, status, priority, category, day, n) VALUES {rows}");
        let count = standing.len() as u64;
        steps.push(Step::new(sql, standing.into_iter().flatten().collect(), Must::Rows(count)));
    }
    steps
}

/// What follows from a ticket's row and stands elsewhere.
pub(crate) struct Derived {
    /// Asks which of it becomes another.
    pub(crate) peek: Option<Step>,
    /// Reads the row as it was.
    pub(crate) standing: Step,
    pub(crate) rest: Vec<Step>,
}

/// The parts, and what a peek calls their staying the same.
pub(crate) const PARTS: [(Part, &str); 4] = [
    (Part::Tags, "same_tags"),
    (Part::Related, "same_related"),
    (Part::Words, "same_words"),
    (Part::Standing, "same_standing"),
];

pub(crate) fn derived(dialect: Dialect, ticket: &Ticket, read: u64) -> Result<Derived, Error> {
    let peek = dialect.choose(false, true).then(|| peek(ticket, read)).transpose()?;
    let mut rest = vec![forget_tags(ticket), forget_related(ticket), words::follow(dialect, ticket)];
    rest.extend(add_tags(dialect, ticket));
    rest.extend(add_related(dialect, ticket));
    Ok(Derived { peek, standing: standing(dialect, ticket), rest })
}

fn peek(ticket: &Ticket, read: u64) -> Result<Step, Error> {
    let sql = "SELECT CAST(tags = ? AS SIGNED) AS same_tags, CAST(related = ? AS SIGNED) AS same_related, \
               CAST(subject = ? AND tags = ? AND customer_id = ? AS SIGNED) AS same_words, \
               CAST(assignee_id <=> ? AND status = ? AND priority = ? AND category <=> ? AND (deleted_at IS NULL) = ? \
               AS SIGNED) AS same_standing \
               FROM {tickets} WHERE id = ? AND version = ? FOR UPDATE";
    let (tags, related) = (json_text(&ticket.tags)?, json_text(&ticket.related)?);
    let mut values = values![tags.clone(), related, &ticket.subject, tags, ticket.customer.uuid()];
    values.extend(stands(ticket).into_iter().take(4));
    values.extend(values![ticket.deleted_at.is_none(), ticket.id.uuid(), signed(read)?]);
    Ok(Step::find(sql, values))
}

/// Where a ticket stands: who has it, status, priority and category, and the day on which it was opened.
fn stands(ticket: &Ticket) -> Vec<Value> {
    values![
        ticket.assignee.as_ref().map(|agent| agent.id.uuid()),
        ticket.status.as_str(),
        ticket.priority.as_str(),
        ticket.category.as_ref().map(CategoryKey::as_str),
        start(ticket.created_at.timestamp_millis(), DAY),
    ]
}

/// Counts a ticket where it will stand, and not any more where it stood before.
fn standing(dialect: Dialect, ticket: &Ticket) -> Step {
    // Where each statement is a message of its own, it is not sent in vain; see `peek`.
    let moved = dialect.choose(
        " AND (assignee_id, status, priority, category, deleted_at IS NULL) IS DISTINCT FROM (?, ?, ?, ?, ?)",
        "",
    );
    let sql = format!(
        "INSERT INTO {{cell_notes}} (assignee_id, status, priority, category, day, n) \
         SELECT assignee_id, status, priority, category, ?, CASE WHEN deleted_at IS NULL THEN -1 ELSE 0 END \
         FROM {{tickets}} WHERE id = ?{moved} \
         UNION ALL SELECT ?, ?, ?, ?, ?, ? FROM {{tickets}} WHERE id = ?{moved}"
    );
    let now = stands(ticket);
    let asked = || {
        let asked = now.iter().take(4).cloned().chain([Value::from(ticket.deleted_at.is_none())]);
        if moved.is_empty() { Vec::new() } else { asked.collect() }
    };
    let mut values = vec![now[4].clone(), ticket.id.uuid().into()];
    values.extend(asked());
    values.extend(now.clone());
    values.extend(values![i64::from(ticket.deleted_at.is_none()), ticket.id.uuid()]);
    values.extend(asked());
    Step::new(sql, values, Must::Anything).of_part(ticket.id, Part::Standing)
}

fn forget_tags(ticket: &Ticket) -> Step {
    let kept = keep("tag", "?", ticket.tags.len());
    let mut values = values![ticket.id.uuid()];
    values.extend(ticket.tags.iter().map(Value::from));
    let sql = format!("DELETE FROM {{ticket_tags}} WHERE ticket = ?{kept}");
    Step::new(sql, values, Must::Anything).of_part(ticket.id, Part::Tags)
}

fn forget_related(ticket: &Ticket) -> Step {
    let kept = keep("(kind, ref)", "(?, ?)", ticket.related.len());
    let mut values = values![ticket.id.uuid()];
    values.extend(ticket.related.iter().flat_map(|related| values![&related.kind, &related.id]));
    let sql = format!("DELETE FROM {{ticket_related}} WHERE ticket = ?{kept}");
    Step::new(sql, values, Must::Anything).of_part(ticket.id, Part::Related)
}

fn keep(columns: &str, mark: &str, count: usize) -> String {
    if count == 0 { String::new() } else { format!(" AND {columns} NOT IN ({})", vec![mark; count].join(", ")) }
}

const TAGS: &str = "tag, created_at, ticket";
const RELATED: &str = "kind, ref, created_at, ticket";

/// The values of [`TAGS`], in their order.
fn tags(ticket: &Ticket) -> Vec<Vec<Value>> {
    ticket.tags.iter().map(|tag| values![tag, ticket.created_at, ticket.id.uuid()]).collect()
}

/// The values of [`RELATED`], in their order.
fn related(ticket: &Ticket) -> Vec<Vec<Value>> {
    let row = |related: &Related| values![&related.kind, &related.id, ticket.created_at, ticket.id.uuid()];
    ticket.related.iter().map(row).collect()
}

fn add_tags(dialect: Dialect, ticket: &Ticket) -> Option<Step> {
    Some(add(dialect, "ticket_tags", TAGS, tags(ticket))?.of_part(ticket.id, Part::Tags))
}

fn add_related(dialect: Dialect, ticket: &Ticket) -> Option<Step> {
    Some(add(dialect, "ticket_related", RELATED, related(ticket))?.of_part(ticket.id, Part::Related))
}

/// Rows of which some may be there already, or stand twice: a ticket may be about one thing under two labels.
fn add(dialect: Dialect, table: &str, columns: &str, rows: Vec<Vec<Value>>) -> Option<Step> {
    let first = rows.first()?;
    let row = format!("({})", marks(first.len()));
    let rows_sql = vec![row.as_str(); rows.len()].join(", ");
    let there = dialect.choose("ON CONFLICT DO NOTHING", "ON DUPLICATE KEY UPDATE ticket = VALUES(ticket)");
    let sql = format!("INSERT INTO {{{table}}} ({columns}) VALUES {rows_sql} {there}");
    Some(Step::new(sql, rows.into_iter().flatten().collect(), Must::Anything))
}

/// The values of [`CHANGING`], in their order.
fn changing(ticket: &Ticket) -> Result<Vec<Value>, Error> {
    let assignee = ticket.assignee.as_ref();
    Ok(values![
        ticket.customer.uuid(),
        &ticket.customer_name,
        &ticket.subject,
        ticket.category.as_ref().map(CategoryKey::as_str),
        ticket.priority.as_str(),
        ticket.status.as_str(),
        ticket.phase.as_str(),
        assignee.map(|agent| agent.id.uuid()),
        assignee.map(|agent| agent.name.as_str()),
        ticket.escalation_level,
        json_text(&ticket.tags)?,
        ticket.pace.at_risk,
        ticket.pace.due,
        &ticket.customer_tier,
        json_text(&ticket.opened_by)?,
        ticket.source.as_str(),
        ticket.contact.map(Contact::as_str),
        &ticket.team,
        ticket.first_response_at,
        ticket.resolved_at,
        ticket.closed_at,
        json_text(&ticket.related)?,
        maybe_json(ticket.satisfaction.as_ref())?,
        maybe_json(ticket.resolution.as_ref())?,
        json_text(&ticket.sla)?,
        json_text(&ticket.metadata)?,
        ticket.deleted_at,
        ticket.alarms.sla,
        ticket.alarms.escalation,
        ticket.alarms.auto_close,
        ticket.merged_into.map(TicketId::uuid),
        &ticket.language,
        &ticket.reach.email,
        &ticket.reach.phone,
        &ticket.reach.email_key,
        json_text(&ticket.watchers)?,
        json_text(&ticket.marks)?,
        json_text(&ticket.fields)?,
        ticket.updated_at,
    ])
}
