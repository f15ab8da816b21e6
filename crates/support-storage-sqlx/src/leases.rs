//! Leases.

use crate::{
    SqlxStore,
    commit::Step,
    error::Error,
    names::Dialect,
    row::Fields,
    session::Session,
    value::{signed, values},
};
use async_trait::async_trait;
use std::sync::Arc;
use support_core::ports::{
    StoreError,
    leases::{Lease, LeaseRequest, LeaseStore},
    spans::not_before,
};

#[async_trait]
impl LeaseStore for SqlxStore {
    async fn take_lease(&self, wanted: &LeaseRequest) -> Result<Option<Lease>, StoreError> {
        let asked = Arc::new(wanted.clone());
        let take = self.write(move |session| {
            let asked = Arc::clone(&asked);
            Box::pin(async move { take(session, &asked).await })
        });
        let token = take.await?;
        Ok(token.map(|token| Lease { job: wanted.job.clone(), token, until: wanted.until }))
    }

    async fn return_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        let (job, token) = (lease.job.clone(), signed(lease.token)?);
        self.write(move |session| {
            let job = job.clone();
            Box::pin(async move {
                session.change("UPDATE {leases} SET until = 0 WHERE job = ? AND token = ?", values![job, token]).await
            })
        })
        .await
        .map(drop)
    }
}

/// The token, where the lease is free or the holder's own.
async fn take(session: &mut Session<'_>, wanted: &LeaseRequest) -> Result<Option<u64>, Error> {
    // Rounded so that no lease ends before its time.
    let (now, until) = (wanted.now.timestamp_millis(), not_before(wanted.until).timestamp_millis());
    let (job, holder) = (wanted.job.as_str(), wanted.holder);
    if session.names.dialect.choose(true, false) {
        let sql = "INSERT INTO {leases} AS l (job, holder, token, until) VALUES (?, ?, 1, ?) \
                   ON CONFLICT (job) DO UPDATE SET token = l.token + CASE WHEN l.until <= ? THEN 1 ELSE 0 END, \
                   holder = excluded.holder, until = excluded.until \
                   WHERE l.until <= ? OR l.holder = excluded.holder RETURNING job, token";
        let row = session.row(sql, values![job, holder, until, now, now]).await?;
        return row.as_ref().map(token).transpose();
    }
    session.run("BEGIN").await?;
    let taken = take_locked(session, wanted, now, until).await;
    session.run(if taken.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    taken
}

/// Reads the row while nobody else can, and writes it.
async fn take_locked(
    session: &mut Session<'_>,
    wanted: &LeaseRequest,
    now: i64,
    until: i64,
) -> Result<Option<u64>, Error> {
    let (job, holder) = (wanted.job.as_str(), wanted.holder);
    let fresh = "INSERT INTO {leases} (job, holder, token, until) VALUES (?, ?, 0, 0) ON DUPLICATE KEY UPDATE job = VALUES(job)";
    session.change(fresh, values![job, holder]).await?;
    let sql = "UPDATE {leases} SET token = token + (until <= ?), holder = ?, until = ? \
               WHERE job = ? AND (until <= ? OR holder = ?)";
    if session.change(sql, values![now, holder, until, job, now, holder]).await? == 0 {
        return Ok(None);
    }
    let row = session.row("SELECT job, token FROM {leases} WHERE job = ? LOCK IN SHARE MODE", values![job]).await?;
    row.as_ref().map(token).transpose()
}

fn token(row: &crate::row::Row) -> Result<u64, Error> {
    let mut row = Fields::new("leases", row);
    row.skip();
    row.count("token")
}

/// Finds something only if the lease is still the one of this token, and keeps it from becoming another's; where `alone`,
/// also others of the same token from doing anything under it.
pub(crate) fn holds(dialect: Dialect, job: &str, token: u64, alone: bool) -> Result<Step, Error> {
    let lock = if alone { "FOR UPDATE" } else { dialect.choose("FOR SHARE", "LOCK IN SHARE MODE") };
    let sql = format!("SELECT 1 FROM {{leases}} WHERE job = ? AND token = ? {lock}");
    Ok(Step::find(sql, values![job, signed(token)?]))
}
