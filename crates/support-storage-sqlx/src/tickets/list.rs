//! Pages and counts of tickets, each as one statement.

use super::{assignee, conditions::Conditions, pace, phase, words};
use crate::{
    error::Error,
    names::Dialect,
    row::{Fields, Row},
    session::Session,
    value::{Value, holds_nul, values},
};
use support_core::{
    domain::ticket::{SortKey, TicketQuery, TicketSummary},
    ports::{
        Slice,
        walk::{Arm, Walk, arms, within_scope},
    },
};

const _: () = assert!(TicketSummary::PREVIEW_CHARS == 140, "the statement below says so too");

/// What lists show. The page is `hit`, with the place of each row in it.
const SUMMARY: &str = "SELECT t.id, t.number, t.customer_id, t.customer_name, t.subject, t.category, t.priority, t.status, \
     t.phase, t.assignee_id, t.assignee_name, t.escalation_level, t.tags, t.risk_at, t.due_at, t.created_at, t.updated_at, \
     (SELECT left(m.body, 140) FROM {messages} AS m \
      WHERE m.ticket = t.id AND NOT m.internal AND m.deleted_at IS NULL ORDER BY m.seq DESC LIMIT 1) AS last_message \
     FROM (";

pub(super) async fn page(session: &mut Session<'_>, query: &TicketQuery) -> Result<Slice<TicketSummary>, Error> {
    let Some((sql, values)) = page_sql(session.names.dialect, query) else {
        return Ok(Slice { items: Vec::new(), more: false });
    };
    if holds_nul(&values) {
        return Ok(Slice { items: Vec::new(), more: false });
    }
    let rows = session.rows(&sql, values).await?;
    let items: Result<Vec<TicketSummary>, Error> = rows.iter().map(decode).collect();
    Ok(Slice::cut(items?, query.limit as usize))
}

pub(super) async fn count(session: &mut Session<'_>, query: &TicketQuery, most: u32) -> Result<u32, Error> {
    let dialect = session.names.dialect;
    let arms: Vec<Walked> = arms(query, None).iter().filter_map(|arm| Walked::new(dialect, query, arm)).collect();
    if arms.is_empty() || most == 0 {
        return Ok(0);
    }
    let (mut parts, mut values) = (Vec::new(), Vec::new());
    for arm in arms {
        parts.push(format!("(SELECT 1 FROM {}{} LIMIT ?)", arm.from, arm.conditions.sql()));
        values.extend(arm.conditions.values);
        values.push(most.into());
    }
    if holds_nul(&values) {
        return Ok(0);
    }
    let sql = format!("SELECT count(*) AS n FROM ({}) AS hit", parts.join(" UNION ALL "));
    let row = session.row(&sql, values).await?.ok_or(sqlx::Error::RowNotFound)?;
    let found: u64 = Fields::new("tickets", &row).count("n")?;
    Ok(u32::try_from(found).unwrap_or(u32::MAX).min(most))
}

/// The statement of a page; none where nothing can be in it.
fn page_sql(dialect: Dialect, query: &TicketQuery) -> Option<(String, Vec<Value>)> {
    let arms = arms(query, query.after);
    let arms: Vec<Walked> = arms.iter().filter_map(|arm| Walked::new(dialect, query, arm)).collect();
    let (skip, take) = (i64::from(query.skip), i64::from(query.limit) + 1);
    let direction = if query.sort.ascending { "ASC" } else { "DESC" };
    let alone = arms.len() == 1;
    let (mut parts, mut values) = (Vec::new(), Vec::<Value>::new());
    for arm in arms {
        let (from, place, id) = (&arm.from, arm.place, arm.id);
        let conditions = arm.conditions.sql();
        let order =
            if place == id { format!("{place} {direction}") } else { format!("{place} {direction}, {id} {direction}") };
        parts.push(format!(
            "(SELECT t.id AS id, {place} AS place FROM {from}{conditions} ORDER BY {order} LIMIT ? OFFSET ?)"
        ));
        values.extend(arm.conditions.values);
        // Any of the rows that are passed over may come from any arm.
        values.extend(if alone { values![take, skip] } else { values![skip + take, 0_i64] });
    }
    if parts.is_empty() {
        return None;
    }
    let hits = if alone {
        parts.concat()
    } else {
        values.extend(values![take, skip]);
        let parts = parts.join(" UNION ALL ");
        format!("(SELECT id, place FROM ({parts}) AS arms ORDER BY place {direction}, id {direction} LIMIT ? OFFSET ?)")
    };
    let hits = hits.strip_prefix('(')?.strip_suffix(')')?;
    let sql = format!(
        "{SUMMARY}{hits}) AS hit JOIN {{tickets}} AS t ON t.id = hit.id ORDER BY hit.place {direction}, hit.id {direction}"
    );
    Some((sql, values))
}

/// An arm in SQL.
struct Walked {
    from: String,
    /// What the rows are ordered by.
    place: &'static str,
    /// What decides where that is equal.
    id: &'static str,
    conditions: Conditions,
}

impl Walked {
    /// None where nothing can be on it.
    fn new(dialect: Dialect, query: &TicketQuery, arm: &Arm<'_>) -> Option<Self> {
        let updated = query.sort.key == SortKey::Updated;
        let mut conditions = Conditions::default();
        let (from, place, id) = match &arm.walk {
            Walk::Text { words, owners } => {
                let expression = words::expression(dialect, words, owners)?;
                let (sql, value) = dialect.choose(
                    ("(x.head || x.body) @@ CAST(? AS TSQUERY)", expression.clone()),
                    ("MATCH (x.head, x.body) AGAINST (? IN BOOLEAN MODE)", expression),
                );
                conditions.and(sql, values![value]);
                behind(query, arm, &mut conditions);
                ("{ticket_text} AS x JOIN {tickets} AS t ON t.id = x.ticket".to_owned(), "x.seq", "x.seq")
            }
            Walk::Tag(tag) => {
                conditions.and("g.tag = ?", values![*tag]);
                ("{ticket_tags} AS g JOIN {tickets} AS t ON t.id = g.ticket".to_owned(), "g.created_at", "g.ticket")
            }
            Walk::Related(related) => {
                conditions.and("g.kind = ? AND g.ref = ?", values![&related.kind, &related.id]);
                ("{ticket_related} AS g JOIN {tickets} AS t ON t.id = g.ticket".to_owned(), "g.created_at", "g.ticket")
            }
            walk => {
                let (index, place) = index(dialect, walk, updated);
                if place.starts_with("t.clock") || place.starts_with("t.deleted") {
                    // All others stand at one end of the index, without a key.
                    conditions.and(format!("{place} IS NOT NULL"), Vec::new());
                }
                let named = dialect.choose(String::new(), format!(" FORCE INDEX ({{prefix}}tickets_{index})"));
                (format!("{{tickets}} AS t{named}"), place, "t.id")
            }
        };
        if !matches!(arm.walk, Walk::Text { .. }) {
            bounds(query, arm, (place, id), &mut conditions);
        }
        let asked = Conditions::of(&arm.asks);
        let sql = asked.sql();
        if let Some(sql) = sql.strip_prefix(" WHERE ") {
            conditions.and(sql, asked.values);
        }
        if matches!(arm.walk, Walk::Clock) {
            // So that the planner may take the index that holds no others.
            conditions.and("t.due_at IS NOT NULL", Vec::new());
        }
        Some(Self { from, place, id, conditions })
    }
}

/// The index of a walk, and the column that it is ordered by. `PostgreSQL` finds it by itself, from what is asked; `MySQL`
/// guesses, and is told.
fn index(dialect: Dialect, walk: &Walk<'_>, updated: bool) -> (&'static str, &'static str) {
    let by = |created: &'static str, later: &'static str| {
        if updated { (later, "t.updated_at") } else { (created, "t.created_at") }
    };
    let aside = |created: (&'static str, &'static str), later: (&'static str, &'static str)| {
        let (index, column) = if updated { later } else { created };
        (index, dialect.choose(if updated { "t.updated_at" } else { "t.created_at" }, column))
    };
    match walk {
        Walk::Customer => by("customer_created", "customer_updated"),
        Walk::Assignee => by("assignee_created", "assignee_updated"),
        Walk::AssigneeStatus => by("assignee_status", "assignee_updated"),
        Walk::Status => by("status_created", "status_updated"),
        Walk::StatusPriority => by("status_priority", "status_updated"),
        Walk::Priority => by("priority_created", "updated"),
        Walk::Category => by("category_created", "updated"),
        Walk::Email => by("email_created", "email_updated"),
        Walk::Clock => aside(("clock_created", "t.clock_created"), ("clock_updated", "t.clock_updated")),
        Walk::Deleted => aside(("deleted_created", "t.deleted_created"), ("deleted_updated", "t.deleted_updated")),
        Walk::All | Walk::Tag(_) | Walk::Related(_) | Walk::Text { .. } => by("created", "updated"),
    }
}

/// Where the walk begins and ends. A pair is compared in two steps, the first of which every server walks an index by.
fn bounds(query: &TicketQuery, arm: &Arm<'_>, (place, id): (&str, &str), conditions: &mut Conditions) {
    if let Some(cursor) = arm.after {
        let sign = if query.sort.ascending { ">" } else { "<" };
        let sql = format!("{place} {sign}= ? AND ({place} {sign} ? OR {id} {sign} ?)");
        conditions.and(sql, values![cursor.at, cursor.at, cursor.id.uuid()]);
    }
    if let Some(from) = arm.from {
        conditions.and(format!("{place} >= ?"), values![from]);
    }
    if let Some(to) = arm.to {
        conditions.and(format!("{place} < ?"), values![to]);
    }
}

/// Behind a row that is gone comes nothing: it has no place to compare with. Neither does behind one outside the scope: its
/// place would tell that it is there.
fn behind(query: &TicketQuery, arm: &Arm<'_>, conditions: &mut Conditions) {
    let Some(cursor) = arm.after else { return };
    let mut row = Conditions::of(&within_scope(query));
    row.and("t.id = ?", values![cursor.id.uuid()]);
    let sign = if query.sort.ascending { ">" } else { "<" };
    let place = format!(
        "x.seq {sign} (SELECT y.seq FROM {{ticket_text}} AS y JOIN {{tickets}} AS t ON t.id = y.ticket{})",
        row.sql()
    );
    conditions.and(place, row.values);
}

fn decode(row: &Row) -> Result<TicketSummary, Error> {
    let mut row = Fields::new("tickets", row);
    Ok(TicketSummary {
        id: row.id("id")?,
        number: row.text("number")?,
        customer: row.id("customer_id")?,
        customer_name: row.text("customer_name")?,
        subject: row.text("subject")?,
        category: row.maybe_text("category")?,
        priority: row.text("priority")?,
        status: row.text("status")?,
        phase: phase(&mut row)?,
        assignee: assignee(&mut row)?,
        escalation_level: row.count("escalation_level")?,
        tags: row.json("tags")?,
        pace: pace(&mut row)?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        last_message: row.maybe_text("last_message")?,
    })
}
