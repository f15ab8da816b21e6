//! One connection while somebody works with it.

use crate::{error::Error, names::Names, row::Row, value::Value};
#[cfg(feature = "mysql")]
use sqlx::mysql::{MySql, MySqlConnection};
#[cfg(feature = "postgres")]
use sqlx::postgres::{PgConnection, Postgres};
use sqlx::{AssertSqlSafe, Executor as _};
use std::time::Duration;

/// A borrowed connection of either kind.
pub(crate) enum Link<'c> {
    #[cfg(feature = "postgres")]
    Postgres(&'c mut PgConnection),
    #[cfg(feature = "mysql")]
    MySql(&'c mut MySqlConnection),
}

/// Runs statements one after the other. Each is written out for the desk's own tables and given so much time.
pub(crate) struct Session<'c> {
    link: Link<'c>,
    pub(crate) names: &'c Names,
    patience: Duration,
}

/// Hands each value over as its type.
macro_rules! bound {
    ($database:ty, $sql:expr, $values:expr) => {{
        let mut query = sqlx::query::<$database>(AssertSqlSafe($sql));
        for value in $values {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Id(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
                Value::Flag(value) => query.bind(value),
            };
        }
        query
    }};
}

impl<'c> Session<'c> {
    pub(crate) fn new(link: Link<'c>, names: &'c Names, patience: Duration) -> Self {
        Self { link, names, patience }
    }

    /// Changes rows, and answers how many.
    pub(crate) async fn change(&mut self, sql: &str, values: Vec<Value>) -> Result<u64, Error> {
        let sql = self.names.write_out(sql);
        let work = async {
            Ok(match &mut self.link {
                #[cfg(feature = "postgres")]
                Link::Postgres(link) => bound!(Postgres, sql, values).execute(&mut **link).await?.rows_affected(),
                #[cfg(feature = "mysql")]
                Link::MySql(link) => bound!(MySql, sql, values).execute(&mut **link).await?.rows_affected(),
            })
        };
        within(self.patience, work).await
    }

    /// Changes rows that must be there: where none is found, something has changed since the decision was made.
    pub(crate) async fn must_change(&mut self, sql: &str, values: Vec<Value>) -> Result<(), Error> {
        if self.change(sql, values).await? == 0 { Err(Error::Conflict) } else { Ok(()) }
    }

    /// Every row that a statement finds.
    pub(crate) async fn rows(&mut self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>, Error> {
        let sql = self.names.write_out(sql);
        let work = async {
            Ok(match &mut self.link {
                #[cfg(feature = "postgres")]
                Link::Postgres(link) => {
                    let rows = bound!(Postgres, sql, values).fetch_all(&mut **link).await?;
                    rows.into_iter().map(Row::Postgres).collect()
                }
                #[cfg(feature = "mysql")]
                Link::MySql(link) => {
                    let rows = bound!(MySql, sql, values).fetch_all(&mut **link).await?;
                    rows.into_iter().map(Row::MySql).collect()
                }
            })
        };
        within(self.patience, work).await
    }

    /// The one row that a statement finds, if it does.
    pub(crate) async fn row(&mut self, sql: &str, values: Vec<Value>) -> Result<Option<Row>, Error> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Statements without parameters, as they are when written out: those that begin and end transactions, and the steps
    /// of the schema.
    pub(crate) async fn run(&mut self, sql: &str) -> Result<(), Error> {
        let sql = self.names.write_out(sql);
        let work = async {
            match &mut self.link {
                #[cfg(feature = "postgres")]
                Link::Postgres(link) => link.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop)?,
                #[cfg(feature = "mysql")]
                Link::MySql(link) => link.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop)?,
            }
            Ok(())
        };
        within(self.patience, work).await
    }
}

/// The server has a limit of its own, set as the connection was made. This one is for a server that says nothing at all.
async fn within<T>(patience: Duration, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let late = |_| Error::Late("the server did not answer in time");
    tokio::time::timeout(patience, work).await.map_err(late)?
}
