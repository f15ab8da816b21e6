//! A year of a busy desk, made by the server itself.

use super::{DESK, options, replies};
use crate::report::{now, say, since};
use support_desk::{
    SqlxStore,
    sqlx::sqlx::{self, AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _},
};

/// The moment of the last ticket, in milliseconds.
pub(super) const END: i64 = 1_763_596_800_000 + 1_000_000 * 31_536;

/// A store on one connection with a million tickets: every list comes to know its statement as a busy connection does.
pub(super) async fn fill(url: &str) -> SqlxStore {
    let start = now();
    replies::one(options(url, DESK)).await;
    let mut link = PgConnection::connect(url).await.expect("a connection");
    // An index is made at once, faster than row by row.
    let indexes: Vec<String> =
        strings(&mut link, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'desk' AND indexname NOT LIKE '%_pkey'")
            .await;
    for index in &indexes {
        let name = index.split(" INDEX ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a name");
        run(&mut link, format!("DROP INDEX desk.{name}")).await;
    }
    for sql in include_str!("million.sql").split(";\n") {
        run(&mut link, sql.to_owned()).await;
    }
    for index in indexes {
        run(&mut link, index).await;
    }
    run(&mut link, "VACUUM ANALYZE".to_owned()).await;
    run(&mut link, "CHECKPOINT".to_owned()).await;
    say(&format!("1,000,000 tickets of a year made within {:.0} s", since(start).as_secs_f64()));
    options(url, DESK).connections(1).open().await.expect("a store")
}

/// How large everything is, the largest first.
pub(super) async fn sizes(url: &str) {
    let mut link = PgConnection::connect(url).await.expect("a connection");
    let sql = "SELECT relname || '  ' || round(pg_relation_size(c.oid) / 1048576.0, 1) || ' MiB' FROM pg_class AS c \
               JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname = 'desk' AND relkind IN ('r', 'i') \
               AND pg_relation_size(c.oid) > 1048576 ORDER BY pg_relation_size(c.oid) DESC";
    for line in strings(&mut link, sql).await {
        say(&line);
    }
    let sql = "SELECT 'all of it  ' || round(sum(pg_relation_size(c.oid)) / 1048576.0) || ' MiB' FROM pg_class AS c \
               JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname = 'desk' AND relkind IN ('r', 'i')";
    for line in strings(&mut link, sql).await {
        say(&line);
    }
}

async fn strings(link: &mut PgConnection, sql: &'static str) -> Vec<String> {
    let rows = sqlx::query(sql).fetch_all(link).await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}

async fn run(link: &mut PgConnection, sql: String) {
    let done = link.execute(sqlx::raw_sql(AssertSqlSafe(sql.clone()))).await;
    done.unwrap_or_else(|error| panic!("{error}: {sql}"));
}
