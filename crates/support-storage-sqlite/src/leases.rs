//! Leases.

use crate::{
    SqliteStore,
    error::Error,
    row::{Fields, count, id_value, one, signed, time_value},
};
use async_trait::async_trait;
use rusqlite::{Connection, params};
use support_core::ports::{
    StoreError,
    leases::{Lease, LeaseRequest, LeaseStore},
    spans::not_before,
};

#[async_trait]
impl LeaseStore for SqliteStore {
    async fn take_lease(&self, wanted: &LeaseRequest) -> Result<Option<Lease>, StoreError> {
        let asked = wanted.clone();
        let token = self.writer.run(move |conn| take(conn, &asked)).await?;
        Ok(token.map(|token| Lease { job: wanted.job.clone(), token, until: wanted.until }))
    }

    async fn return_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        let lease = lease.clone();
        self.writer.run(move |conn| give_back(conn, &lease)).await
    }
}

/// The token, where the lease is free or the holder's own. In one statement, as two who ask at once are told apart by it.
fn take(conn: &Connection, wanted: &LeaseRequest) -> Result<Option<u64>, Error> {
    let sql = "INSERT INTO support_leases (job, holder, token, until) VALUES (?1, ?2, 1, ?4) \
               ON CONFLICT (job) DO UPDATE \
               SET token = token + (until <= ?3), holder = excluded.holder, until = excluded.until \
               WHERE until <= ?3 OR holder = excluded.holder RETURNING job, token";
    // Rounded so that no lease ends before its time.
    let (now, until) = (time_value(wanted.now), time_value(not_before(wanted.until)));
    one(conn, sql, params![wanted.job, id_value(wanted.holder), now, until], |row| {
        let mut row = Fields::new("support_leases", row);
        row.read("job", |_| Ok(()))?;
        row.read("token", count)
    })
}

fn give_back(conn: &Connection, lease: &Lease) -> Result<(), Error> {
    conn.prepare_cached("UPDATE support_leases SET until = 0 WHERE job = ?1 AND token = ?2")?
        .execute(params![lease.job, signed(lease.token)?])?;
    Ok(())
}

/// Fails unless the lease is still the one of this token.
pub(crate) fn require(conn: &Connection, job: &str, token: u64) -> Result<(), Error> {
    let holds = conn
        .prepare_cached("SELECT 1 FROM support_leases WHERE job = ?1 AND token = ?2")?
        .exists(params![job, signed(token)?])?;
    if holds { Ok(()) } else { Err(Error::Conflict) }
}
