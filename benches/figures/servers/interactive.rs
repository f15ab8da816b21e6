//! The same rows as a store writes for an answer, statement by statement in a transaction: what anybody writes by hand.

use super::replies::{TICKETS, rate, text};
use crate::{
    dice::Dice,
    report::{median, now, since},
};
use std::{sync::Arc, time::Duration};
use support_desk::{
    ports::{
        clock::{Clock as _, SystemClock},
        ids::{IdSource as _, RandomIds},
    },
    sqlx::sqlx::{
        self, AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, MySqlPool, PgConnection, PgPool,
    },
};
use uuid::Uuid;

/// Where the rows are written.
#[derive(Clone)]
pub(super) enum Rows {
    Postgres(PgPool),
    MySql(MySqlPool),
}

/// Callers who each keep a connection, because a pool of sqlx asks a connection how it is before and after each use, which
/// would count as two round trips more.
pub(super) struct Interactive {
    rows: Rows,
    tickets: Arc<Vec<Uuid>>,
}

impl Interactive {
    pub(super) fn new(rows: Rows, tickets: Vec<Uuid>) -> Self {
        Self { rows, tickets: Arc::new(tickets) }
    }

    /// Answers a second.
    pub(super) async fn rate(&self, time: Duration) -> f64 {
        rate(time, |caller, end| {
            let (rows, tickets) = (self.rows.clone(), self.tickets.clone());
            async move {
                let mut dice = Dice::new(caller as u64);
                let mut done = 0;
                match rows {
                    Rows::Postgres(pool) => {
                        let mut link = pool.acquire().await.expect("a connection");
                        while now() < end {
                            postgres(&mut link, *dice.pick(&tickets)).await.expect("an answer");
                            done += 1;
                        }
                    }
                    Rows::MySql(pool) => {
                        let mut link = pool.acquire().await.expect("a connection");
                        while now() < end {
                            mysql(&mut link, *dice.pick(&tickets)).await.expect("an answer");
                            done += 1;
                        }
                    }
                }
                done
            }
        })
        .await
    }
}

/// The middle duration of a round trip, in milliseconds.
pub(super) async fn round_trip(pool: &PgPool) -> f64 {
    let mut link = pool.acquire().await.expect("a connection");
    let mut times = Vec::new();
    for _ in 0..100 {
        let start = now();
        sqlx::query("SELECT 1").execute(&mut *link).await.expect("an answer");
        times.push(since(start).as_secs_f64() * 1e3);
    }
    median(times)
}

/// One answer. The ticket's row first, as the store does: whoever comes second waits there.
macro_rules! answer {
    ($name:ident, $connection:ty, $touch:literal, $message:literal, $event:literal) => {
        async fn $name(link: &mut $connection, ticket: Uuid) -> Result<(), sqlx::Error> {
            let at = SystemClock.now();
            let [message, event] = [RandomIds.id(at), RandomIds.id(at)];
            let (millis, agent) = (at.timestamp_millis(), Uuid::from_u128(0xa1));
            let mut transaction = link.begin().await?;
            sqlx::query($touch).bind(millis).bind(ticket).execute(&mut *transaction).await?;
            let insert = sqlx::query($message).bind(message).bind(ticket).bind("agent").bind(agent);
            let insert = insert.bind("Grace Hopper").bind(false).bind("[]").bind(millis).bind(0_i64).bind(text());
            insert.execute(&mut *transaction).await?;
            let insert = sqlx::query($event).bind(event).bind(ticket).bind(millis).bind("agent").bind(agent);
            let insert = insert.bind("Grace Hopper").bind(r#"{"kind":"request"}"#).bind("message_added").bind(false);
            let data = format!(r#"{{"type":"message_added","message":"{message}"}}"#);
            insert.bind(data).execute(&mut *transaction).await?;
            transaction.commit().await
        }
    };
}

answer!(
    postgres,
    PgConnection,
    "UPDATE raw.support_tickets SET updated_at = $1 WHERE id = $2",
    "INSERT INTO raw.support_messages (id, ticket, author_role, author_id, author_name, internal, attachments, sent_at, \
     revision, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    "INSERT INTO raw.support_events (id, ticket, at, actor_role, actor_id, actor_name, cause, kind, internal, data) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);

answer!(
    mysql,
    MySqlConnection,
    "UPDATE raw.support_tickets SET updated_at = ? WHERE id = ?",
    "INSERT INTO raw.support_messages (id, ticket, author_role, author_id, author_name, internal, attachments, sent_at, \
     revision, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO raw.support_events (id, ticket, at, actor_role, actor_id, actor_name, cause, kind, internal, data) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
);

/// The id of the ticket that stands for a number in `PostgreSQL`'s copy: a script of `pgbench` draws numbers.
macro_rules! made {
    ($number:literal) => {
        concat!("('00000000-0000-7001-0000-' || lpad(to_hex(", $number, "), 12, '0'))::uuid")
    };
}

/// As SQL, of the variable that a script has drawn.
pub(super) const MADE: &str = made!(":n::int");

/// All of them.
pub(super) fn made_ids() -> Vec<Uuid> {
    (1..=TICKETS as u128).map(|n| Uuid::from_u128(0x7001_0000_0000_0000_0000 + n)).collect()
}

/// Copies the desk's tickets with all that hangs on them into empty tables, under the ids that are made of numbers.
pub(super) async fn copy(url: &str) {
    let mut link = PgConnection::connect(url).await.expect("a connection");
    let names = concat!(
        "CREATE TEMPORARY TABLE names AS SELECT id AS old, ",
        made!("row_number() OVER (ORDER BY id)"),
        " AS new FROM desk.support_tickets"
    );
    let copied = [("tickets", "id"), ("messages", "ticket"), ("events", "ticket")].map(|(table, column)| {
        // Rows are numbered anew where the server numbers them.
        let numbered = if table == "tickets" { "" } else { "OVERRIDING USER VALUE" };
        format!(
            "CREATE TEMPORARY TABLE copied_{table} AS SELECT * FROM desk.support_{table};
             UPDATE copied_{table} SET {column} = new FROM names WHERE {column} = old;
             INSERT INTO raw.support_{table} {numbered} SELECT * FROM copied_{table}"
        )
    });
    let sql = [&[names.to_owned()], copied.as_slice(), &["ANALYZE".to_owned()]].concat().join(";");
    link.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.expect("the same rows");
}
