//! Desks on real servers, each in a schema of its own.

pub(crate) mod proxy;

use std::sync::atomic::{AtomicU32, Ordering};
use support_storage_sqlx::{
    SqlxOptions, SqlxStore,
    sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, PgConnection},
};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Makes each of these a test on each kind of server. They take the server's URL.
macro_rules! on_every_server {
    ($($name:ident,)*) => {
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                if let Some(url) = test_servers::postgres_url() {
                    super::$name(url).await;
                }
            })*
        }
        mod mysql {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                if let Some(url) = test_servers::mysql_url() {
                    super::$name(url).await;
                }
            })*
        }
    };
}
pub(crate) use on_every_server;

/// A schema that goes when the test is over.
pub(crate) struct Schema {
    pub(crate) url: String,
    pub(crate) name: String,
}

impl Schema {
    /// A name that nobody else has: tests run in processes of their own, or in threads of one.
    pub(crate) fn new(url: String) -> Self {
        let name = format!("desk_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self { url, name }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    pub(crate) fn options(&self) -> SqlxOptions {
        SqlxOptions::new(self.url.as_str()).schema(self.name.as_str()).connections(8)
    }

    /// Runs a statement as the server's owner; `{desk}` is the schema.
    pub(crate) async fn run(&self, sql: &str) {
        self.try_run(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    pub(crate) async fn try_run(&self, sql: &str) -> Result<(), support_storage_sqlx::sqlx::Error> {
        let sql = support_storage_sqlx::sqlx::raw_sql(AssertSqlSafe(sql.replace("{desk}", &self.name)));
        if self.is_postgres() {
            PgConnection::connect(&self.url).await?.execute(sql).await.map(drop)
        } else {
            MySqlConnection::connect(&self.url).await?.execute(sql).await.map(drop)
        }
    }

    /// The number that a question has for an answer.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        use support_storage_sqlx::sqlx::query_scalar;
        let sql = AssertSqlSafe(sql.replace("{desk}", &self.name));
        if self.is_postgres() {
            let mut link = PgConnection::connect(&self.url).await.expect("a connection");
            query_scalar(sql).fetch_one(&mut link).await.expect("a count")
        } else {
            let mut link = MySqlConnection::connect(&self.url).await.expect("a connection");
            query_scalar(sql).fetch_one(&mut link).await.expect("a count")
        }
    }
}

/// An empty desk, on whose connections these statements were run.
pub(crate) async fn desk(url: String, settings: &[&str]) -> (SqlxStore, Schema) {
    let schema = Schema::new(url);
    let options = settings.iter().fold(schema.options(), |options, sql| options.on_connect(*sql));
    (options.open().await.expect("a store"), schema)
}

impl Drop for Schema {
    fn drop(&mut self) {
        let sql =
            if self.is_postgres() { "DROP SCHEMA IF EXISTS {desk} CASCADE" } else { "DROP DATABASE IF EXISTS {desk}" };
        let schema = Self { url: std::mem::take(&mut self.url), name: self.name.clone() };
        if schema.url.is_empty() {
            return;
        }
        let forget = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            // A server that the test has stopped takes the schema with it.
            let _ = runtime.block_on(schema.try_run(sql));
            std::mem::forget(schema);
        };
        let _ = std::thread::spawn(forget).join();
    }
}
