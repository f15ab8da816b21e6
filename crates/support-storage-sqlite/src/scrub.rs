//! Taking out of the files what was erased from the tables.
//!
//! `secure_delete` overwrites a row where it lies, but rows are copied: when `SQLite` spreads the rows of a full page over
//! its neighbours, what the old page had behind its new end stays there, and nothing knows of it when the row itself goes.
//! The log holds pages as they were, and the text index holds words to find its own pages by. So all of it is written anew.

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

/// Merges the text index into one new segment. A lone segment would be left as it is, so the words of some ticket are
/// first taken out and put in again, which begins a second one.
fn renew_words(conn: &Connection) -> Result<(), Error> {
    let columns = "seq, number, subject, tags, body, owner FROM support_ticket_words \
                   WHERE seq = (SELECT max(seq) FROM support_tickets)";
    conn.execute_batch(&format!(
        "BEGIN IMMEDIATE;
         INSERT INTO support_ticket_text (support_ticket_text, rowid, number, subject, tags, body, owner)
             SELECT 'delete', {columns};
         INSERT INTO support_ticket_text (rowid, number, subject, tags, body, owner) SELECT {columns};
         INSERT INTO support_ticket_text (support_ticket_text) VALUES ('optimize');
         COMMIT;"
    ))
    .inspect_err(|_| {
        // Without a transaction there is nothing to take back.
        let _ = conn.execute_batch("ROLLBACK");
    })?;
    Ok(())
}
