//! The same rows, written by a plain loop over rusqlite: what the desk is measured against.

use std::path::Path;
use support_desk::sqlite::{
    migrate,
    rusqlite::{Connection, types::Value},
};

/// Rows as a desk left them behind, in order.
pub(crate) struct Rows {
    tickets: Vec<Vec<Value>>,
    messages: Vec<Vec<Value>>,
    events: Vec<Vec<Value>>,
    text: Vec<Vec<Value>>,
}

/// Columns of the three tables, `seq` first.
const TICKET_COLUMNS: usize = 32;
const MESSAGE_COLUMNS: usize = 10;
const EVENT_COLUMNS: usize = 11;

impl Rows {
    /// Of a file in which each ticket was opened and then answered once.
    pub(crate) fn read(file: &Path) -> Self {
        let connection = Connection::open(file).expect("the desk's file");
        let rows = |sql: &str, columns: usize| {
            let mut statement = connection.prepare(sql).expect("a table of the schema");
            assert_eq!(statement.column_count(), columns, "{sql}");
            let row = |row: &support_desk::sqlite::rusqlite::Row<'_>| (0..columns).map(|n| row.get(n)).collect();
            let rows = statement.query_map((), row).expect("rows");
            rows.collect::<Result<Vec<_>, _>>().expect("values")
        };
        Self {
            tickets: rows("SELECT * FROM support_tickets ORDER BY seq", TICKET_COLUMNS),
            messages: rows("SELECT * FROM support_messages ORDER BY ticket, seq", MESSAGE_COLUMNS),
            events: rows("SELECT * FROM support_events ORDER BY ticket, seq", EVENT_COLUMNS),
            text: rows("SELECT seq, number, subject, tags, body, owner FROM support_ticket_words ORDER BY seq", 6),
        }
    }

    /// How many tickets.
    pub(crate) fn len(&self) -> usize {
        self.tickets.len()
    }
}

/// A fresh file with the desk's schema, and nothing but SQLite around it.
pub(crate) struct Raw(Connection);

impl Raw {
    pub(crate) fn create(file: &Path) -> Self {
        let mut connection = Connection::open(file).expect("a new file");
        migrate(&mut connection).expect("the schema");
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -8192;")
            .expect("pragmas");
        connection.set_prepared_statement_cache_capacity(32);
        Self(connection)
    }

    /// Opens tickets and then answers them, `group` use cases in a commit.
    pub(crate) fn write(&self, rows: &Rows, group: usize) {
        let all: Vec<usize> = (0..rows.len()).collect();
        for tickets in all.chunks(group) {
            self.transaction(|raw| tickets.iter().for_each(|n| raw.open(rows, *n)));
        }
        for tickets in all.chunks(group) {
            self.transaction(|raw| tickets.iter().for_each(|n| raw.answer(rows, *n)));
        }
    }

    /// One commit.
    pub(crate) fn transaction(&self, work: impl FnOnce(&Self)) {
        self.0.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
        work(self);
        self.0.execute_batch("COMMIT").expect("a commit");
    }

    /// A ticket, its first message, its first event, its words.
    pub(crate) fn open(&self, rows: &Rows, n: usize) {
        self.insert("support_tickets", &rows.tickets[n]);
        let seq = self.0.last_insert_rowid();
        self.insert("support_messages", &rows.messages[2 * n]);
        let words =
            "INSERT INTO support_ticket_text (rowid, number, subject, tags, body, owner) VALUES (?, ?, ?, ?, ?, ?)";
        self.run(words, &rows.text[n]);
        self.insert("support_events", &rows.events[3 * n]);
        assert!(seq > 0);
    }

    /// A message, the ticket's new state, two events.
    pub(crate) fn answer(&self, rows: &Rows, n: usize) {
        let ticket = &rows.tickets[n];
        let update = "UPDATE support_tickets SET version = 2, status = ?, phase = ?, due_at = ?, risk_at = ?, updated_at = ?, \
                      first_response_at = ?, sla = ? WHERE id = ?";
        let columns = [9, 10, 16, 15, 18, 24, 30, 1].map(|column| ticket[column].clone());
        self.run(update, &columns);
        self.insert("support_messages", &rows.messages[2 * n + 1]);
        self.insert("support_events", &rows.events[3 * n + 1]);
        self.insert("support_events", &rows.events[3 * n + 2]);
    }

    fn insert(&self, table: &str, row: &[Value]) {
        let sql = match table {
            "support_tickets" => concat!(
                "INSERT INTO support_tickets VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?",
                ",?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
            ),
            "support_messages" => "INSERT INTO support_messages VALUES (?,?,?,?,?,?,?,?,?,?)",
            _ => "INSERT INTO support_events VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        };
        self.run(sql, row);
    }

    fn run(&self, sql: &str, values: &[Value]) {
        let mut statement = self.0.prepare_cached(sql).expect("a statement of the schema");
        statement.execute(support_desk::sqlite::rusqlite::params_from_iter(values)).expect("a row");
    }
}
