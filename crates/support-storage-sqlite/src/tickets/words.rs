//! The words of tickets in the text index.

use crate::error::Error;
use rusqlite::{Connection, params_from_iter, types::Value};

pub(crate) const WORDS: &str =
    "SELECT seq, number, subject, tags, body, owner FROM support_ticket_words WHERE seq = ?1";

/// Does `work`, and lets the index follow what that does to the words of these tickets.
///
/// The index keeps no copy of the words: it can forget only what it is told, and breaks where that is not to the letter
/// what it was given. So they are read from one view, before and afterwards. They are written row by row: an `INSERT` of a
/// whole `SELECT` may fail half-way, so `SQLite` sets a savepoint for it, at which FTS5 writes its index out.
pub(crate) fn following(
    conn: &Connection,
    tickets: &[i64],
    work: impl FnOnce() -> Result<(), Error>,
) -> Result<(), Error> {
    let before = tickets.iter().map(|seq| read(conn, *seq)).collect::<Result<Vec<_>, _>>()?;
    work()?;
    for (seq, before) in tickets.iter().zip(before) {
        let after = read(conn, *seq)?;
        if before != after {
            conn.prepare_cached(
                "INSERT INTO support_ticket_text (support_ticket_text, rowid, number, subject, tags, body, owner) \
                 VALUES ('delete', ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params_from_iter(before))?;
            write(conn, after)?;
        }
    }
    Ok(())
}

/// Indexes the words of a ticket that was not there before.
pub(crate) fn begin(conn: &Connection, seq: i64) -> Result<(), Error> {
    write(conn, read(conn, seq)?)
}

fn read(conn: &Connection, seq: i64) -> Result<[Value; 6], Error> {
    let row =
        |row: &rusqlite::Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?]);
    Ok(conn.prepare_cached(WORDS)?.query_row([seq], row)?)
}

fn write(conn: &Connection, words: [Value; 6]) -> Result<(), Error> {
    conn.prepare_cached(
        "INSERT INTO support_ticket_text (rowid, number, subject, tags, body, owner) VALUES (?, ?, ?, ?, ?, ?)",
    )?
    .execute(params_from_iter(words))?;
    Ok(())
}
