//! What is told to the index.

use super::scope;
use crate::{
    error::Error,
    row::{Fields, id_value, integer, json_text, one, time_value},
};
use rusqlite::{Connection, OptionalExtension as _, params};
use support_core::domain::search::{Batch, Label, SearchKey, Searchable};

pub(crate) const PLACE: &str = "SELECT seq FROM support_searchables WHERE corpus = ?1 AND id = ?2 AND language = ?3";
pub(crate) const DELETE: &str =
    "DELETE FROM support_searchables WHERE corpus = ?1 AND id = ?2 AND language = ?3 RETURNING seq";
pub(crate) const WORDS: &str =
    "SELECT sight, number, title, tags, text, notes FROM support_searchable_words WHERE seq = ?1";
pub(crate) const DELETE_WORDS: &str = "DELETE FROM support_searchable_words WHERE seq = ?1";

/// The six columns of the text index.
type Words = [String; 6];

pub(super) fn index(conn: &Connection, batch: &Batch) -> Result<(), Error> {
    for key in &batch.remove {
        if let Some(seq) = found(conn, DELETE, key)? {
            forget(conn, seq, &words(conn, seq)?.unwrap_or_default())?;
        }
    }
    for row in &batch.put {
        put(conn, row)?;
    }
    if let Some(bookmark) = &batch.bookmark {
        conn.prepare_cached("INSERT OR REPLACE INTO support_search_bookmark (one, bookmark) VALUES (1, ?)")?
            .execute([bookmark])?;
    }
    Ok(())
}

pub(super) fn clear(conn: &Connection) -> Result<(), Error> {
    conn.prepare_cached("INSERT INTO support_searchable_text (support_searchable_text) VALUES ('delete-all')")?
        .execute([])?;
    for table in ["support_searchable_words", "support_searchables", "support_search_bookmark"] {
        conn.prepare_cached(&format!("DELETE FROM {table}"))?.execute([])?;
    }
    Ok(())
}

fn put(conn: &Connection, row: &Searchable) -> Result<(), Error> {
    let (at, labels) = (time_value(row.at), json_text(&row.labels)?);
    let after = written(row);
    let Some(seq) = found(conn, PLACE, &row.key)? else {
        let SearchKey { corpus, id, language } = &row.key;
        let seq = conn
            .prepare_cached(
                "INSERT INTO support_searchables (corpus, id, language, at, labels) VALUES (?, ?, ?, ?, ?)",
            )?
            .insert(params![corpus.as_str(), id_value(*id), language, at, labels])?;
        return remember(conn, seq, &after);
    };
    conn.prepare_cached("UPDATE support_searchables SET at = ?2, labels = ?3 WHERE seq = ?1")?
        .execute(params![seq, at, labels])?;
    // Most changes of a ticket say nothing new.
    let before = words(conn, seq)?.unwrap_or_default();
    if before != after {
        forget(conn, seq, &before)?;
        remember(conn, seq, &after)?;
    }
    Ok(())
}

fn found(conn: &Connection, sql: &str, key: &SearchKey) -> Result<Option<i64>, Error> {
    let params = params![key.corpus.as_str(), id_value(key.id), key.language];
    one(conn, sql, params, |row| Fields::new("support_searchables", row).read("seq", integer))
}

fn written(row: &Searchable) -> Words {
    let tags = row.labels.iter().filter(|(label, _)| *label == Label::Tag).map(|(_, tag)| tag.as_str());
    [
        scope::words(row),
        row.number.clone().unwrap_or_default(),
        row.title.clone(),
        tags.collect::<Vec<_>>().join("\n"),
        row.text.clone(),
        row.notes.clone(),
    ]
}

fn words(conn: &Connection, seq: i64) -> Result<Option<Words>, Error> {
    let words =
        |row: &rusqlite::Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?]);
    Ok(conn.prepare_cached(WORDS)?.query_row([seq], words).optional()?)
}

/// The index forgets only what it is told, so that has to be what it was given, to the letter.
fn forget(conn: &Connection, seq: i64, words: &Words) -> Result<(), Error> {
    conn.prepare_cached(
        "INSERT INTO support_searchable_text (support_searchable_text, rowid, sight, number, title, tags, text, notes) \
         VALUES ('delete', ?7, ?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![words[0], words[1], words[2], words[3], words[4], words[5], seq])?;
    conn.prepare_cached(DELETE_WORDS)?.execute([seq])?;
    Ok(())
}

fn remember(conn: &Connection, seq: i64, words: &Words) -> Result<(), Error> {
    for table in ["support_searchable_words (seq,", "support_searchable_text (rowid,"] {
        let sql =
            format!("INSERT INTO {table} sight, number, title, tags, text, notes) VALUES (?7, ?1, ?2, ?3, ?4, ?5, ?6)");
        conn.prepare_cached(&sql)?.execute(params![words[0], words[1], words[2], words[3], words[4], words[5], seq])?;
    }
    Ok(())
}
