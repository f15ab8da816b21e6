//! Desks on real servers, each in a schema of its own.

use std::sync::atomic::{AtomicU32, Ordering};
use support_storage_sqlx::{SqlxOptions, SqlxStore};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Takes the schema away when the test is over, and the server is asked to forget it.
pub struct Desk {
    url: String,
    schema: String,
}

async fn desk(url: String, settings: &[&str]) -> (SqlxStore, Desk) {
    // Tests run in processes of their own, or in threads of one.
    let schema = format!("desk_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let options = SqlxOptions::new(url.as_str()).schema(schema.as_str()).connections(8);
    let options = settings.iter().fold(options, |options, sql| options.on_connect(*sql));
    (options.open().await.expect("a store"), Desk { url, schema })
}

impl Drop for Desk {
    fn drop(&mut self) {
        let (url, schema) = (self.url.clone(), self.schema.clone());
        let forget = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(super::common::forget(&url, &schema));
        };
        std::thread::spawn(forget).join().expect("the schema goes");
    }
}

async fn forget(url: &str, schema: &str) {
    use support_storage_sqlx::sqlx::{AssertSqlSafe, Connection as _, Executor as _};
    if url.starts_with("postgres") {
        let mut conn = support_storage_sqlx::sqlx::PgConnection::connect(url).await.expect("a connection");
        let sql = AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"));
        conn.execute(sql).await.expect("the schema goes");
    } else {
        let mut conn = support_storage_sqlx::sqlx::MySqlConnection::connect(url).await.expect("a connection");
        let sql = AssertSqlSafe(format!("DROP DATABASE {schema}"));
        conn.execute(sql).await.expect("the database goes");
    }
}

pub mod postgres {
    use super::{Desk, SqlxStore};

    pub fn asked() -> bool {
        test_servers::postgres_url().is_some()
    }

    pub async fn desk(settings: &[&str]) -> (SqlxStore, Desk) {
        super::desk(test_servers::postgres_url().expect("a server"), settings).await
    }
}

pub mod mysql {
    use super::{Desk, SqlxStore};

    pub fn asked() -> bool {
        test_servers::mysql_url().is_some()
    }

    pub async fn desk(settings: &[&str]) -> (SqlxStore, Desk) {
        super::desk(test_servers::mysql_url().expect("a server"), settings).await
    }
}
