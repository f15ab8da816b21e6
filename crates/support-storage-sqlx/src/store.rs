//! The store itself: what it shares, and how work gets to a connection.

use crate::{
    OpenError, SqlxOptions, commit,
    error::{Error, Kind},
    migrations::TABLES,
    names::Names,
    pool::Pool,
    replica::{self, Replica},
    scrub,
    session::{Link, Session},
    stats::notes::Folding,
};
use async_trait::async_trait;
use std::{
    fmt,
    future::Future,
    hash::{BuildHasher as _, RandomState},
    pin::Pin,
    sync::Arc,
    time::Duration,
};
use support_core::ports::{ChangeSet, Store, StoreError};

/// A store on a database server. Clones share its connections.
#[derive(Clone)]
pub struct SqlxStore {
    pub(crate) primary: Pool,
    pub(crate) replica: Option<Replica>,
    pub(crate) names: Arc<Names>,
    pub(crate) folding: Arc<Folding>,
}

/// A transaction of the host, of either kind of server: `&mut *transaction` of `sqlx` turns into one.
pub struct HostTransaction<'c>(Link<'c>);

#[cfg(feature = "postgres")]
impl<'c> From<&'c mut sqlx::PgConnection> for HostTransaction<'c> {
    fn from(link: &'c mut sqlx::PgConnection) -> Self {
        Self(Link::Postgres(link))
    }
}

#[cfg(feature = "mysql")]
impl<'c> From<&'c mut sqlx::MySqlConnection> for HostTransaction<'c> {
    fn from(link: &'c mut sqlx::MySqlConnection) -> Self {
        Self(Link::MySql(link))
    }
}

/// How often a piece of work is begun that meets others on its way.
const ATTEMPTS: u32 = 24;

/// A piece of work under way, on a borrowed session.
pub(crate) type Doing<'s, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 's>>;

/// Reads on a connection of the primary, or of the named pool.
macro_rules! read {
    ($pool:expr, |$session:ident| $work:expr) => {{
        let mut attempts = 0;
        loop {
            let done = async {
                let mut taken = $pool.take().await?;
                let found = {
                    let $session = &mut taken.session();
                    $work.await
                };
                taken.finish(found)
            }
            .await;
            match done {
                // A connection that was lost while it lay idle says so at its next use. A read changes nothing, so it is
                // asked again on another.
                Err(error) if attempts == 0 && $pool.may_go_better(&error) => attempts += 1,
                done => break done.map_err(support_core::ports::StoreError::from),
            }
        }
    }};
}
pub(crate) use read;

/// Reads from a follower where there is one to ask, and from the primary where that one is away.
macro_rules! read_near {
    ($store:expr, $follower:expr, |$session:ident| $work:expr) => {{
        let near = match $follower {
            Some(follower) => match $crate::store::read!(follower, |$session| $work) {
                Err(support_core::ports::StoreError::Unavailable(_)) => None,
                done => Some(done),
            },
            None => None,
        };
        match near {
            Some(done) => done,
            None => $crate::store::read!($store.primary, |$session| $work),
        }
    }};
}
pub(crate) use read_near;

impl SqlxStore {
    /// Opens the database at `url`, and brings the tables of the desk up to date. For more choices, see [`SqlxOptions`].
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(url: impl Into<String>) -> Result<Self, OpenError> {
        SqlxOptions::new(url).open().await
    }

    pub(crate) fn new(primary: Pool, replica: Option<Replica>, names: Arc<Names>) -> Self {
        Self { primary, replica, names, folding: Arc::default() }
    }

    /// Applies a change set inside a transaction of the host, so that an order and its ticket come into being together.
    ///
    /// ```no_run
    /// # async fn together(
    /// #     store: support_storage_sqlx::SqlxStore,
    /// #     orders: sqlx::PgPool,
    /// #     changes: support_core::ports::ChangeSet,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut tx = orders.begin().await?;
    /// sqlx::query("INSERT INTO orders (id) VALUES (7)").execute(&mut *tx).await?;
    /// store.commit_in(&mut *tx, &changes).await?;
    /// tx.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Store::commit`]. After a conflict nothing of the change set is left in the transaction, and the host may decide
    /// again and go on, unless its transaction reads a snapshot that never moves. After [`StoreError::Unavailable`] (the
    /// server gave the transaction up, or did not answer) it must be rolled back. On MySQL the session has to be strict
    /// (`sql_mode`), or the server shortens what does not fit.
    pub async fn commit_in<'c>(
        &self,
        transaction: impl Into<HostTransaction<'c>>,
        changes: &ChangeSet,
    ) -> Result<(), StoreError> {
        let HostTransaction(link) = transaction.into();
        let mut session = Session::new(link, &self.names, Duration::from_mins(1));
        let plan = commit::plan(&self.names, changes)?;
        session.run("SAVEPOINT support_desk").await.map_err(StoreError::from)?;
        // Outside of a transaction MySQL takes note of no savepoint, and would keep what is written half-way.
        session.run("ROLLBACK TO SAVEPOINT support_desk").await.map_err(StoreError::from)?;
        if let Err(error) = commit::run(&mut session, &plan).await {
            let lost = |_| StoreError::unavailable("the transaction is in doubt and must be rolled back");
            session.run("ROLLBACK TO SAVEPOINT support_desk").await.map_err(lost)?;
            return Err(error.into());
        }
        session.run("RELEASE SAVEPOINT support_desk").await.map_err(StoreError::from)?;
        self.wrote(&replica::writers(changes));
        self.fold_after(plan.notes);
        Ok(())
    }

    /// Does `work`, which is everything or nothing, and begins it again while others are in its way. Once begun it is
    /// done, even if nobody waits for it any more: a connection that is left in the middle of something is lost.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl for<'s> Fn(&'s mut Session<'_>) -> Doing<'s, T> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        let pool = self.primary.clone();
        let task = async move {
            let began = tokio::time::Instant::now();
            let mut attempt = 0;
            loop {
                attempt += 1;
                let done = attempt_on(&pool, &work).await;
                match done {
                    Err(error)
                        if error.kind() == Kind::Collision
                            && attempt < ATTEMPTS
                            && began.elapsed() < pool.patience() =>
                    {
                        pause(attempt).await;
                    }
                    done => return done,
                }
            }
        };
        let done = tokio::spawn(task).await.map_err(|_| Error::Interrupted)?;
        Ok(done?)
    }
}

async fn attempt_on<T>(
    pool: &Pool,
    work: &(impl for<'s> Fn(&'s mut Session<'_>) -> Doing<'s, T> + Send + Sync),
) -> Result<T, Error> {
    let mut taken = pool.take().await?;
    let done = work(&mut taken.session()).await;
    let done = taken.finish(done);
    if let Err(error) = &done {
        pool.is_lost(error);
    }
    done
}

/// Waits a while, and not as long as whoever met at the same place.
async fn pause(attempt: u32) {
    let longest = 2_u64 << attempt.min(6);
    let share = RandomState::new().hash_one(attempt) % longest;
    tokio::time::sleep(Duration::from_millis(1 + share)).await;
}

impl fmt::Debug for SqlxStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlxStore").field("connections", &self.primary.size()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqlxStore {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        let plan = commit::plan(&self.names, &changes)?;
        let (noted, writers) = (plan.notes, replica::writers(&changes));
        // Before it is done, because a caller who goes away does not come back to it.
        self.wrote(&writers);
        self.write(move |session| {
            let plan = plan.clone();
            Box::pin(async move { commit::whole(session, &plan).await })
        })
        .await?;
        self.wrote(&writers);
        self.fold_after(noted);
        Ok(())
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        Ok(scrub::scrub(self, &TABLES).await?)
    }
}
