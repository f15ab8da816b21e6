//! Taking out of the files what was erased from the tables.
//!
//! `secure_delete` overwrites a row where it lies, but rows are copied: when `SQLite` spreads the rows of a full page over
//! its neighbours, what the old page had behind its new end stays there, and nothing knows of it when the row itself goes.
//! The log holds pages as they were, and a text index holds words to find its own pages by. So all of it is written anew.

use crate::error::Error;
use rusqlite::{Connection, ffi};

/// Writes the whole file anew, and empties the log. It costs as much as copying the file, and room for two copies of it
/// until it is done.
pub(crate) fn scrub(conn: &Connection) -> Result<(), Error> {
    renew_words(conn)?;
    // A copy of the whole file is too much for memory.
    conn.execute_batch("PRAGMA temp_store = FILE")?;
    let vacuumed = conn.execute_batch("VACUUM");
    conn.execute_batch("PRAGMA temp_store = MEMORY")?;
    vacuumed?;
    // It waits for readers as long as for any lock.
    let busy: bool = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        let reason = "somebody still reads what has to go".to_owned();
        return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), Some(reason)).into());
    }
    Ok(())
}

/// A text index, its columns, and the row of which the words can be had.
struct Text {
    index: &'static str,
    columns: &'static str,
    row: &'static str,
}

const TEXTS: [Text; 2] = [
    Text {
        index: "support_ticket_text",
        columns: "number, subject, tags, body, owner",
        row: "support_ticket_words WHERE seq = (SELECT max(seq) FROM support_tickets)",
    },
    Text {
        index: "support_searchable_text",
        columns: "sight, number, title, tags, text, notes",
        row: "support_searchable_words WHERE seq = (SELECT max(seq) FROM support_searchable_words)",
    },
];

/// Merges each text index into one new segment. A lone segment would be left as it is, so the words of some row are first
/// taken out and put in again, which begins a second one.
fn renew_words(conn: &Connection) -> Result<(), Error> {
    let renewals = TEXTS.map(|Text { index, columns, row }| {
        format!(
            "INSERT INTO {index} ({index}, rowid, {columns}) SELECT 'delete', seq, {columns} FROM {row};
             INSERT INTO {index} (rowid, {columns}) SELECT seq, {columns} FROM {row};
             INSERT INTO {index} ({index}) VALUES ('optimize');"
        )
    });
    conn.execute_batch(&format!("BEGIN IMMEDIATE; {} COMMIT;", renewals.concat())).inspect_err(|_| {
        // Without a transaction there is nothing to take back.
        let _ = conn.execute_batch("ROLLBACK");
    })?;
    Ok(())
}
