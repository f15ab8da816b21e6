//! The schema, step by step.

use crate::{error::Error, names::Names, open::OpenError, row::Fields, session::Session, value::values};

/// In order, each with the version that it leads to. A step that was ever released is never edited.
struct Step {
    version: u32,
    name: &'static str,
    postgres: &'static str,
    mysql: &'static str,
}

macro_rules! step {
    ($version:literal, $name:literal) => {
        Step {
            version: $version,
            name: $name,
            postgres: include_str!(concat!("../migrations/postgres/", $name)),
            mysql: include_str!(concat!("../migrations/mysql/", $name)),
        }
    };
}

const STEPS: [Step; 5] = [
    step!(1, "0001_tickets.sql"),
    step!(2, "0002_agents.sql"),
    step!(3, "0003_documents.sql"),
    step!(4, "0004_search.sql"),
    step!(5, "0005_outbox.sql"),
];

/// The newest version that this program knows.
pub(crate) const NEWEST: u32 = STEPS[STEPS.len() - 1].version;

/// Every table, for questions about all of them.
pub(crate) const TABLES: [&str; 26] = [
    "agents",
    "catalogue",
    "cell_notes",
    "cells",
    "counters",
    "document_counts",
    "document_keys",
    "document_lists",
    "documents",
    "events",
    "leases",
    "messages",
    "operations",
    "requests",
    "schema",
    "search_bookmark",
    "search_labels",
    "search_rows",
    "search_texts",
    "tallies",
    "tally_notes",
    "ticket_related",
    "ticket_tags",
    "ticket_text",
    "tickets",
    "time_entries",
];

const BOOK: &str = "CREATE TABLE IF NOT EXISTS {schema} (version BIGINT NOT NULL PRIMARY KEY)";

/// A step of the schema as a file, for hosts that run their own migrations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationFile {
    /// Its name, which begins with its number.
    pub name: &'static str,
    /// Its statements, each ended by a semicolon at the end of a line.
    pub sql: String,
}

/// All steps, written out. Each takes note of itself at its end.
pub(crate) fn files(names: &Names) -> Vec<MigrationFile> {
    let file = |step: &Step| {
        let own = statements(step, names);
        let written: Vec<String> =
            [BOOK.to_owned()].iter().chain(&own).map(|sql| names.write_out(sql) + ";\n").collect();
        MigrationFile { name: step.name, sql: written.join("\n") }
    };
    STEPS.iter().map(file).collect()
}

/// The statements of a step, the last of which takes note of it.
fn statements(step: &Step, names: &Names) -> Vec<String> {
    let text = names.dialect.choose(step.postgres, step.mysql);
    let own = text.split(";\n").map(str::trim).filter(|sql| !sql.is_empty()).map(str::to_owned);
    own.chain([format!("INSERT INTO {{schema}} (version) VALUES ({})", step.version)]).collect()
}

/// Brings the tables up to date, while nobody else does.
pub(crate) async fn migrate(session: &mut Session<'_>) -> Result<(), OpenError> {
    let dialect = session.names.dialect;
    make_schema(session).await?;
    let lock = session.names.table("schema");
    if dialect.choose(true, false) {
        // At a higher level the tables would be those of the moment before the wait.
        session.run("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
        session.rows("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", values![lock]).await?;
        let done = climb(session).await;
        // Everything or nothing: the server takes changes of a schema back like any other.
        session.run(if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
        done
    } else {
        // Names of locks end after 64 letters, and are those of the whole server.
        let lock = format!("support-desk {lock:.40}");
        let taken = session.row("SELECT GET_LOCK(?, 60) AS taken", values![lock.clone()]).await?;
        let taken = taken.map(|row| Fields::new("schema", &row).maybe_integer("taken")).transpose()?.flatten();
        if taken != Some(1) {
            return Err(OpenError::Busy);
        }
        let done = climb(session).await;
        session.rows("SELECT RELEASE_LOCK(?)", values![lock]).await?;
        done
    }
}

async fn climb(session: &mut Session<'_>) -> Result<(), OpenError> {
    let names = session.names;
    let version = match version(session).await? {
        Some(version) => version,
        None => begin(session).await?,
    };
    if version > NEWEST {
        return Err(OpenError::TooNew { found: version, known: NEWEST });
    }
    for step in STEPS.iter().filter(|step| step.version > version) {
        for sql in statements(step, names) {
            match session.run(&sql).await {
                // A step that was cut off is done again from its beginning.
                Err(error) if error.is_there_already() => {}
                done => done?,
            }
        }
    }
    Ok(())
}

/// Makes the table that says how far the others are, before any of them: tables that are there without it are not ours.
async fn begin(session: &mut Session<'_>) -> Result<u32, OpenError> {
    if let Some(table) = present(session).await?.into_iter().next() {
        return Err(OpenError::Foreign { table });
    }
    session.run(BOOK).await?;
    Ok(0)
}

/// A schema that is there is left alone: making it would ask for a right that only its making needs.
async fn make_schema(session: &mut Session<'_>) -> Result<(), OpenError> {
    let Some(schema) = session.names.schema.clone() else { return Ok(()) };
    let found = session
        .rows("SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", values![schema.clone()])
        .await?;
    if found.is_empty() {
        let sql = session.names.dialect.choose("CREATE SCHEMA IF NOT EXISTS ", "CREATE DATABASE IF NOT EXISTS ");
        if let Err(error) = session.run(&format!("{sql}{schema}")).await {
            // Somebody else may have been faster.
            let sql = "SELECT 1 FROM information_schema.schemata WHERE schema_name = ?";
            if session.rows(sql, values![schema]).await?.is_empty() {
                return Err(error.into());
            }
        }
    }
    Ok(())
}

/// How far the tables are; none where there are none of ours.
pub(crate) async fn version(session: &mut Session<'_>) -> Result<Option<u32>, OpenError> {
    let table = session.names.table("schema");
    if !present(session).await?.contains(&table) {
        return Ok(None);
    }
    let row = session.row("SELECT coalesce(max(version), 0) AS version FROM {schema}", Vec::new()).await;
    match row {
        Ok(Some(row)) => Ok(Some(Fields::new("schema", &row).count("version")?)),
        Ok(None) => Ok(Some(0)),
        // It has no such column, so it is somebody else's.
        Err(Error::Sql(sqlx::Error::Database(error))) if matches!(error.code().as_deref(), Some("42703" | "42S22")) => {
            Err(OpenError::Foreign { table })
        }
        Err(error) => Err(error.into()),
    }
}

/// Which of our names are taken.
async fn present(session: &mut Session<'_>) -> Result<Vec<String>, OpenError> {
    let names = session.names;
    let (schema, own) = match &names.schema {
        Some(schema) => (values![schema.clone()], "?"),
        None => (Vec::new(), names.dialect.choose("current_schema()", "database()")),
    };
    let sql = format!(
        "SELECT CAST(table_name AS CHAR(200)) AS name FROM information_schema.tables WHERE table_schema = {own}"
    );
    let mut found = Vec::new();
    for row in session.rows(&sql, schema).await? {
        let name: String = Fields::new("tables", &row).text("name")?;
        let name = name.trim_end();
        if let Some(ours) =
            name.strip_prefix(names.prefix.as_str()).and_then(|name| TABLES.iter().find(|t| **t == name))
        {
            found.push(names.table(ours));
        }
    }
    found.sort();
    Ok(found)
}
