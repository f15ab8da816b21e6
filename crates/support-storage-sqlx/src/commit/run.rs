//! A planned change set on a session.

use super::{
    plan::Plan,
    step::{AFTER, Must, Stage, Step, Together},
};
use crate::{erasure, error::Error, outbox, row::Fields, session::Session, tickets, value::Value};
use std::{collections::BTreeSet, fmt::Write as _};

/// Runs a whole plan by itself: as one statement where it is one, or else in a transaction.
pub(crate) async fn whole(session: &mut Session<'_>, plan: &Plan) -> Result<(), Error> {
    if let [Stage::Together(together)] = plan.stages.as_slice()
        && session.names.dialect.choose(true, false)
    {
        return composed(session, together).await;
    }
    session.run("BEGIN").await?;
    let done = run(session, plan).await;
    if done.is_ok() {
        return session.run("COMMIT").await;
    }
    // A connection that cannot even do this is not used again.
    session.run("ROLLBACK").await.and(done)
}

/// Runs a plan inside a transaction. Where it fails, what was written before is still there, for the caller to roll back.
pub(crate) async fn run(session: &mut Session<'_>, plan: &Plan) -> Result<(), Error> {
    for stage in &plan.stages {
        run_stage(session, stage).await?;
    }
    Ok(())
}

pub(crate) async fn run_stage(session: &mut Session<'_>, stage: &Stage) -> Result<(), Error> {
    match stage {
        Stage::Together(together) if session.names.dialect.choose(true, false) => composed(session, together).await,
        Stage::Together(together) => one_by_one(session, together).await,
        Stage::Refresh(ticket) => tickets::words::refresh(session, *ticket).await,
        Stage::Place(limit) => outbox::place(session, *limit).await,
        Stage::Erase(erasure) => Box::pin(erasure::erase(session, erasure)).await,
    }
}

/// All statements as parts of one, in one round trip. All of them see the state before it, and none sees what another does;
/// the plan has seen to that. Where one does not find its rows, the whole fails.
async fn composed(session: &mut Session<'_>, together: &Together) -> Result<(), Error> {
    let (sql, values) = compose(together);
    if sql.is_empty() {
        return Ok(());
    }
    session.rows(&sql, values).await.map(drop)
}

fn compose(together: &Together) -> (String, Vec<Value>) {
    let (mut sql, mut held, mut values) = (String::new(), Vec::new(), Vec::new());
    // A row that waits for these is numbered only when they are held.
    let holds = together.before.len()..together.before.len() + together.holds.len();
    let after: Vec<String> = holds.map(|n| format!("(SELECT count(*) FROM s{n}) > 0")).collect();
    let after = if after.is_empty() { String::new() } else { format!(" WHERE {}", after.join(" AND ")) };
    for (n, step) in together.steps().enumerate() {
        let statement = step.sql.replace(AFTER, &after);
        let returning = if step.finds { "" } else { " RETURNING 1" };
        // Writing to a string never fails.
        let _ = write!(sql, "{}s{n} AS ({statement}{returning})", if n == 0 { "WITH " } else { ", " });
        if let Must::Rows(rows) = step.must {
            held.push(format!("(SELECT count(*) FROM s{n}) = {rows}"));
        }
        values.extend(step.values.iter().cloned());
    }
    if !sql.is_empty() {
        let held = if held.is_empty() { "TRUE".to_owned() } else { held.join(" AND ") };
        // Nothing but an error takes a statement back.
        let _ = write!(sql, " SELECT 1 / CASE WHEN {held} THEN 1 ELSE 0 END");
    }
    (sql, values)
}

async fn one_by_one(session: &mut Session<'_>, together: &Together) -> Result<(), Error> {
    let mut same = BTreeSet::new();
    for (ticket, peek) in &together.peeks {
        let row = session.row(&peek.sql, peek.values.clone()).await?.ok_or(Error::Conflict)?;
        let mut row = Fields::new("tickets", &row);
        for (part, column) in tickets::write::PARTS {
            if row.integer(column)? == 1 {
                same.insert((*ticket, part));
            }
        }
    }
    for step in together.steps() {
        if step.part.is_none_or(|part| !same.contains(&part)) {
            run_step(session, step).await?;
        }
    }
    Ok(())
}

async fn run_step(session: &mut Session<'_>, step: &Step) -> Result<(), Error> {
    let found = if step.finds {
        session.rows(&step.sql, step.values.clone()).await?.len() as u64
    } else {
        session.change(&step.sql.replace(AFTER, ""), step.values.clone()).await?
    };
    match step.must {
        Must::Rows(rows) if rows != found => Err(Error::Conflict),
        _ => Ok(()),
    }
}
