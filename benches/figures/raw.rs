//! The same rows, written by a plain loop over rusqlite: what the desk is measured against.
//!
//! The rows are read off a file that a desk has left behind, once after the openings and once after the answers. The loop
//! knows them beforehand and decides nothing; counters it adds up by the same upserts that anybody would write. In the end
//! both files are compared row by row, so that no table is forgotten when the desk comes to write another one.

use std::path::Path;
use support_desk::{
    domain::stats::Tally,
    sqlite::{
        migrate,
        rusqlite::{Connection, params_from_iter, types::Value},
    },
};

const QUARTER: i64 = 900_000;
const DAY: i64 = 86_400_000;
const LONG: i64 = 32 * DAY;

/// What a desk has left behind so far, in the order of its commits.
pub(crate) struct Tables {
    columns: Vec<String>,
    tickets: Vec<Vec<Value>>,
    messages: Vec<Vec<Value>>,
    events: Vec<Vec<Value>>,
    words: Vec<Vec<Value>>,
}

impl Tables {
    pub(crate) fn read(file: &Path) -> Self {
        let connection = Connection::open(file).expect("the desk's file");
        let rows = |sql: &str| {
            let mut statement = connection.prepare(sql).expect("a table of the schema");
            let columns = statement.column_count();
            let row = |row: &support_desk::sqlite::rusqlite::Row<'_>| (0..columns).map(|n| row.get(n)).collect();
            let rows = statement.query_map((), row).expect("rows");
            rows.collect::<Result<Vec<Vec<Value>>, _>>().expect("values")
        };
        Self {
            columns: columns(&connection, "support_tickets"),
            tickets: rows("SELECT * FROM support_tickets ORDER BY seq"),
            messages: rows("SELECT * FROM support_messages ORDER BY seq"),
            events: rows("SELECT * FROM support_events ORDER BY seq"),
            words: rows("SELECT seq, number, subject, tags, body, owner FROM support_ticket_words ORDER BY seq"),
        }
    }
}

fn columns(connection: &Connection, table: &str) -> Vec<String> {
    let statement = connection.prepare(&format!("SELECT * FROM {table}")).expect("a table of the schema");
    statement.column_names().into_iter().map(str::to_owned).collect()
}

/// Rows as a desk left them behind: first all openings, then one answer to each.
pub(crate) struct Rows {
    opened: Tables,
    answered: Tables,
    /// Columns of a ticket that an answer changes, and the statement that does it.
    changed: Vec<usize>,
    update: String,
    /// Events of an answer.
    told: usize,
    places: Places,
}

/// Which columns of a ticket counters depend on.
struct Places {
    priority: usize,
    status: usize,
    category: usize,
    assignee: usize,
    created: usize,
    first_response: usize,
}

impl Rows {
    /// Of a file as it was when every ticket had been opened, and when each had been answered once.
    pub(crate) fn new(opened: Tables, answered: Tables) -> Self {
        let count = opened.tickets.len();
        assert_eq!((opened.messages.len(), opened.events.len()), (count, count), "an opening writes one of each");
        assert_eq!(answered.messages.len(), 2 * count, "and an answer one message");
        let differs = |column: &usize| {
            opened.tickets.iter().zip(&answered.tickets).any(|(before, after)| before[*column] != after[*column])
        };
        let changed: Vec<usize> = (0..opened.columns.len()).filter(differs).collect();
        let assignments: Vec<String> = changed.iter().map(|n| format!("{} = ?", opened.columns[*n])).collect();
        let update = format!("UPDATE support_tickets SET {} WHERE id = ?", assignments.join(", "));
        let told = (answered.events.len() - count) / count;
        let place = |name: &str| opened.columns.iter().position(|column| column == name).expect("a column of tickets");
        let places = Places {
            priority: place("priority"),
            status: place("status"),
            category: place("category"),
            assignee: place("assignee_id"),
            created: place("created_at"),
            first_response: place("first_response_at"),
        };
        assert!(!changed.contains(&places.assignee), "an answer occupies nobody");
        Self { opened, answered, changed, update, told, places }
    }

    /// How many tickets.
    pub(crate) fn len(&self) -> usize {
        self.opened.tickets.len()
    }
}

fn integer(value: &Value) -> i64 {
    match value {
        Value::Integer(value) => *value,
        other => panic!("{other:?} is no number"),
    }
}

/// A fresh file with the desk's schema, and nothing but SQLite around it.
pub(crate) struct Raw {
    connection: Connection,
    /// For tickets, messages and events.
    inserts: [String; 3],
    count_opened: String,
    count_answered: String,
}

impl Raw {
    pub(crate) fn create(file: &Path) -> Self {
        let mut connection = Connection::open(file).expect("a new file");
        migrate(&mut connection).expect("the schema");
        // As the desk has it, or the loop would sync its hot pages to the file four times as often.
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
                 PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 4000;",
            )
            .expect("pragmas");
        connection.set_prepared_statement_cache_capacity(32);
        let inserts = ["support_tickets", "support_messages", "support_events"].map(|table| {
            let marks = vec!["?"; columns(&connection, table).len()];
            format!("INSERT INTO {table} VALUES ({})", marks.join(", "))
        });
        let count_opened = count(&[("opened", "1")]);
        let count_answered = count(&[("answered", "1"), ("answer_seconds", "?5"), ("first_kept", "1")]);
        Self { connection, inserts, count_opened, count_answered }
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
        self.connection.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
        work(self);
        self.connection.execute_batch("COMMIT").expect("a commit");
    }

    /// A ticket, its first message, its words, its event; and it is counted.
    pub(crate) fn open(&self, rows: &Rows, n: usize) {
        let (ticket, message, event) = (&rows.opened.tickets[n], &rows.opened.messages[n], &rows.opened.events[n]);
        self.append(0, ticket);
        self.append(1, message);
        self.run(
            "INSERT INTO support_ticket_text (rowid, number, subject, tags, body, owner) VALUES (?, ?, ?, ?, ?, ?)",
            &rows.opened.words[n],
        );
        self.enter(rows, ticket);
        let priority = &ticket[rows.places.priority];
        for (kind, key) in [("desk", &Value::Text(String::new())), ("priority", priority)] {
            self.tally(&self.count_opened, kind, key, integer(&ticket[rows.places.created]), None);
        }
        self.append(2, event);
    }

    /// A message, the ticket's new state, its events; and ticket and answer are counted where they stand now.
    pub(crate) fn answer(&self, rows: &Rows, n: usize) {
        let place = rows.len() + n;
        let message = &rows.answered.messages[place];
        let seq = usize::try_from(integer(&message[2])).expect("the place of a ticket");
        let (before, ticket) = (&rows.opened.tickets[seq - 1], &rows.answered.tickets[seq - 1]);
        let columns: Vec<Value> = rows.changed.iter().chain([&1]).map(|column| ticket[*column].clone()).collect();
        self.run(&rows.update, &columns);
        self.leave(rows, before);
        self.enter(rows, ticket);
        let (opened, at) = (integer(&ticket[rows.places.created]), integer(&ticket[rows.places.first_response]));
        let seconds = Value::Integer((at - opened) / 1_000);
        let (priority, agent) = (&ticket[rows.places.priority], text_of(&message[4]));
        for (kind, key) in [("desk", &Value::Text(String::new())), ("priority", priority), ("agent", &agent)] {
            self.tally(&self.count_answered, kind, key, at, Some(&seconds));
        }
        self.append(1, message);
        let first = rows.len() + n * rows.told;
        for event in &rows.answered.events[first..first + rows.told] {
            self.append(2, event);
        }
    }

    /// Counts by quarter of an hour, day and 32 days.
    fn tally(&self, sql: &str, kind: &str, key: &Value, at: i64, seconds: Option<&Value>) {
        for span in [QUARTER, DAY, LONG] {
            let head = [Value::Text(kind.to_owned()), key.clone(), span.into(), start(at, span).into()];
            self.run(sql, head.iter().chain(seconds));
        }
    }

    fn enter(&self, rows: &Rows, ticket: &[Value]) {
        for cell in cells(rows, ticket) {
            let sql = "INSERT INTO support_cells (holder, span, start, status, priority, category, n) \
                       VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1";
            self.run(sql, &cell);
        }
    }

    fn leave(&self, rows: &Rows, ticket: &[Value]) {
        for cell in cells(rows, ticket) {
            let sql = "UPDATE support_cells SET n = n - 1 \
                       WHERE holder = ? AND span = ? AND start = ? AND status = ? AND priority = ? AND category = ? AND n > 1";
            if self.run(sql, &cell) == 0 {
                let sql = "DELETE FROM support_cells \
                           WHERE holder = ? AND span = ? AND start = ? AND status = ? AND priority = ? AND category = ?";
                self.run(sql, &cell);
            }
        }
    }

    /// At the end of its table: in which order the desk's callers came there is no matter of the row.
    fn append(&self, table: usize, row: &[Value]) {
        self.run(&self.inserts[table], [&Value::Null].into_iter().chain(&row[1..]));
    }

    fn run<'v>(&self, sql: &str, values: impl IntoIterator<Item = &'v Value>) -> usize {
        let mut statement = self.connection.prepare_cached(sql).expect("a statement of the schema");
        statement.execute(params_from_iter(values)).expect("a row")
    }

    /// Fails unless this file holds, in every table, what the desk's file holds.
    pub(crate) fn compare(&self, desk: &Path) {
        let file = desk.to_str().expect("a path of the target folder");
        self.connection.execute("ATTACH ? AS desk", [file]).expect("the desk's file");
        let tables = "SELECT name FROM desk.sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%' \
                      AND name NOT GLOB 'support_ticket_text_*' AND name NOT IN ('support_schema', 'support_counters')";
        let mut statement = self.connection.prepare(tables).expect("the schema");
        let tables = statement.query_map((), |row| row.get::<_, String>(0)).expect("tables");
        for table in tables.map(|table| table.expect("a name")) {
            let columns = columns(&self.connection, &table).into_iter();
            let columns: Vec<String> = columns.filter(|column| column != "seq").collect();
            let rows = |schema: &str| format!("SELECT {} FROM {schema}.{table}", columns.join(", "));
            for (one, other) in [("main", "desk"), ("desk", "main")] {
                let sql = format!("SELECT count(*) FROM ({} EXCEPT {})", rows(one), rows(other));
                let differ: i64 = self.connection.query_row(&sql, (), |row| row.get(0)).expect("a count");
                assert_eq!(differ, 0, "rows of {table} that stand in {one} alone");
            }
        }
    }
}

/// Adds to some counters of one stretch of time; the others of a new one are zero.
fn count(by: &[(&str, &str)]) -> String {
    let value = |name: &&str| by.iter().find(|(counter, _)| counter == name).map_or("0", |(_, value)| value);
    let values: Vec<&str> = Tally::NAMES.iter().map(value).collect();
    let sums: Vec<String> = by.iter().map(|(name, value)| format!("{name} = {name} + {value}")).collect();
    format!(
        "INSERT INTO support_tallies (kind, key, span, start, {}) VALUES (?1, ?2, ?3, ?4, {}) ON CONFLICT DO UPDATE SET {}",
        Tally::NAMES.join(", "),
        values.join(", "),
        sums.join(", ")
    )
}

/// Where a ticket is counted: among everybody's and those of whoever has it, by day and by 32 days.
fn cells(rows: &Rows, ticket: &[Value]) -> Vec<[Value; 6]> {
    let places = &rows.places;
    let of = |place: usize, other: Value| if ticket[place] == Value::Null { other } else { ticket[place].clone() };
    let holders = [Value::Text("anybody".into()), of(places.assignee, Value::Text("nobody".into()))];
    let at = integer(&ticket[places.created]);
    let [status, priority, category] =
        [places.status, places.priority, places.category].map(|place| of(place, Value::Integer(0)));
    let cell = |holder: Value, span: i64| {
        [holder, span.into(), start(at, span).into(), status.clone(), priority.clone(), category.clone()]
    };
    holders.into_iter().flat_map(|holder| [cell(holder.clone(), DAY), cell(holder, LONG)]).collect()
}

fn start(at: i64, span: i64) -> i64 {
    at - at.rem_euclid(span)
}

/// An id as the key of counters.
fn text_of(id: &Value) -> Value {
    match id {
        Value::Blob(bytes) => Value::Text(uuid::Uuid::from_slice(bytes).expect("an id").to_string()),
        other => other.clone(),
    }
}
