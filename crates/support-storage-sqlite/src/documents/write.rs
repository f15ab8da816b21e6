//! Documents into their tables.

use crate::{
    error::Error,
    row::{Fields, id_value, integer, json_text, must_change, one, signed},
    stats::counts::Counts,
};
use rusqlite::{Connection, Params, params};
use support_core::domain::document::{Document, DocumentKind, Placement};
use uuid::Uuid;

pub(crate) const UPDATE: &str = "UPDATE support_documents SET version = ?3 + 1, owner = ?4, keys = ?5, lists = ?6, body = ?7 \
     WHERE kind = ?1 AND id = ?2 AND version = ?3 RETURNING seq";
pub(crate) const DELETE: &str =
    "DELETE FROM support_documents WHERE kind = ?1 AND id = ?2 AND version = ?3 RETURNING seq";
pub(crate) const DELETE_KEY: &str = "DELETE FROM support_document_keys WHERE kind = ?1 AND key = ?2 AND document = ?3";
pub(crate) const DELETE_LISTED: &str =
    "DELETE FROM support_document_lists WHERE kind = ?1 AND list = ?2 AND at = ?3 AND id = ?4";

/// Adds a document that is not there yet. That its keys are nobody else's is seen by their table.
pub(crate) fn insert(conn: &Connection, counts: &mut Counts, document: &Document, version: u64) -> Result<(), Error> {
    let seq = conn
        .prepare_cached(
            "INSERT INTO support_documents (kind, id, version, owner, keys, lists, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .insert(params![
            document.kind.as_str(),
            id_value(document.id),
            signed(version)?,
            document.owner.map(|owner| id_value(owner.uuid())),
            json_text(&document.placement.keys)?,
            json_text(&document.placement.lists)?,
            json_text(&document.body)?,
        ])?;
    let seat = Seat { kind: document.kind, id: document.id, seq };
    seat.follow(conn, counts, &Placement::default(), &document.placement)
}

/// Makes a document what `document` says.
pub(crate) fn put(
    conn: &Connection,
    counts: &mut Counts,
    document: &Document,
    read: u64,
    before: &Placement,
) -> Result<(), Error> {
    if read == 0 {
        return insert(conn, counts, document, 1);
    }
    let values = params![
        document.kind.as_str(),
        id_value(document.id),
        signed(read)?,
        document.owner.map(|owner| id_value(owner.uuid())),
        json_text(&document.placement.keys)?,
        json_text(&document.placement.lists)?,
        json_text(&document.body)?,
    ];
    let seat = Seat { kind: document.kind, id: document.id, seq: written(conn, UPDATE, values)? };
    seat.follow(conn, counts, before, &document.placement)
}

pub(crate) fn remove(
    conn: &Connection,
    counts: &mut Counts,
    (kind, id): (DocumentKind, Uuid),
    read: u64,
    before: &Placement,
) -> Result<(), Error> {
    let seq = written(conn, DELETE, params![kind.as_str(), id_value(id), signed(read)?])?;
    Seat { kind, id, seq }.follow(conn, counts, before, &Placement::default())
}

/// Where the row stands that a statement must have found.
fn written(conn: &Connection, sql: &str, params: impl Params) -> Result<i64, Error> {
    let seq = one(conn, sql, params, |row| Fields::new("support_documents", row).read("seq", integer))?;
    seq.ok_or(Error::Conflict)
}

/// Which document, and where its row stands.
struct Seat {
    kind: DocumentKind,
    id: Uuid,
    seq: i64,
}

impl Seat {
    /// Writes what differs. Whoever names a placement that is not the document's is told of a conflict where it shows.
    fn follow(
        &self,
        conn: &Connection,
        counts: &mut Counts,
        before: &Placement,
        after: &Placement,
    ) -> Result<(), Error> {
        let kind = self.kind.as_str();
        for key in before.keys.difference(&after.keys) {
            must_change(conn, DELETE_KEY, params![kind, key, self.seq])?;
        }
        for key in after.keys.difference(&before.keys) {
            conn.prepare_cached("INSERT INTO support_document_keys (kind, key, document) VALUES (?, ?, ?)")?
                .execute(params![kind, key, self.seq])?;
        }
        for (list, at) in before.lists.iter().filter(|(list, at)| after.lists.get(*list) != Some(at)) {
            must_change(conn, DELETE_LISTED, params![kind, list, at, id_value(self.id)])?;
            counts.document(self.kind, list, -1);
        }
        for (list, at) in after.lists.iter().filter(|(list, at)| before.lists.get(*list) != Some(at)) {
            conn.prepare_cached(
                "INSERT INTO support_document_lists (kind, list, at, id, document) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute(params![kind, list, at, id_value(self.id), self.seq])?;
            counts.document(self.kind, list, 1);
        }
        Ok(())
    }
}
