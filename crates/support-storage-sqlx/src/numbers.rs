//! Counters for ticket numbers.

use crate::{
    SqlxStore,
    commit::{Must, Step},
    error::Error,
    names::Dialect,
    row::Fields,
    session::Session,
    value::{signed, values},
};
use async_trait::async_trait;
use std::collections::BTreeMap;
use support_core::ports::{StoreError, numbers::NumberStore};

#[async_trait]
impl NumberStore for SqlxStore {
    async fn reserve_numbers(&self, series: &str, count: u32) -> Result<u64, StoreError> {
        let series = series.to_owned();
        self.write(move |session| {
            let series = series.clone();
            Box::pin(async move { reserve(session, &series, count).await })
        })
        .await
    }
}

async fn reserve(session: &mut Session<'_>, series: &str, wanted: u32) -> Result<u64, Error> {
    let last = if session.names.dialect.choose(true, false) {
        let sql = "INSERT INTO {counters} AS c (series, last) VALUES (?, ?) \
                   ON CONFLICT (series) DO UPDATE SET last = c.last + excluded.last RETURNING series, last";
        session.row(sql, values![series, wanted]).await?
    } else {
        session.run("BEGIN").await?;
        let last = raise(session, series, wanted).await;
        session.run(if last.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
        last?
    };
    let last = last.ok_or(sqlx::Error::RowNotFound)?;
    let mut row = Fields::new("counters", &last);
    row.skip();
    let last: u64 = row.count("last")?;
    // Every row grew from nothing by what was taken, so the sum is never below its last part.
    Ok(last.saturating_sub(u64::from(wanted)) + 1)
}

/// Sees to it that series have come as far as that.
pub(crate) fn restore<'s>(
    dialect: Dialect,
    counters: impl IntoIterator<Item = (&'s str, u64)>,
) -> Result<Option<Step>, Error> {
    // One statement cannot change a row twice.
    let mut highest = BTreeMap::<&str, u64>::new();
    for (series, last) in counters {
        let known = highest.entry(series).or_default();
        *known = last.max(*known);
    }
    if highest.is_empty() {
        return Ok(None);
    }
    let rows = vec!["(?, ?)"; highest.len()].join(", ");
    let sql = dialect.choose(
        format!(
            "INSERT INTO {{counters}} AS c (series, last) VALUES {rows} \
             ON CONFLICT (series) DO UPDATE SET last = greatest(c.last, excluded.last)"
        ),
        format!(
            "INSERT INTO {{counters}} (series, last) VALUES {rows} \
             ON DUPLICATE KEY UPDATE last = greatest(last, VALUES(last))"
        ),
    );
    let mut values = Vec::with_capacity(highest.len() * 2);
    for (series, last) in highest {
        values.extend(values![series, signed(last)?]);
    }
    Ok(Some(Step::new(sql, values, Must::Anything)))
}

/// The row is locked by its change, so what is read behind it is what was written.
async fn raise(session: &mut Session<'_>, series: &str, wanted: u32) -> Result<Option<crate::row::Row>, Error> {
    let sql = "INSERT INTO {counters} (series, last) VALUES (?, ?) ON DUPLICATE KEY UPDATE last = last + VALUES(last)";
    session.change(sql, values![series, wanted]).await?;
    session.row("SELECT series, last FROM {counters} WHERE series = ? LOCK IN SHARE MODE", values![series]).await
}
