//! A server that follows the first one, and who may read from it.

use crate::{SqlxStore, pool::Pool};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use support_core::{domain::ticket::TicketQuery, ports::ChangeSet};
use tokio::time::Instant;
use uuid::Uuid;

/// How many writers are remembered before those whose time has come are looked for.
const MANY: usize = 4_096;

/// Connections to a follower, and who wrote so lately that it may not know of it yet.
#[derive(Clone)]
pub(crate) struct Replica {
    pool: Pool,
    lag: Duration,
    wrote: Arc<Mutex<HashMap<Uuid, Instant>>>,
}

impl Replica {
    pub(crate) fn new(pool: Pool, lag: Duration) -> Self {
        Self { pool, lag, wrote: Arc::default() }
    }

    fn note(&self, writers: &[Uuid]) {
        let now = Instant::now();
        let mut wrote = self.wrote.lock().unwrap_or_else(PoisonError::into_inner);
        if wrote.len() > MANY {
            wrote.retain(|_, at| now.duration_since(*at) <= self.lag);
        }
        wrote.extend(writers.iter().map(|writer| (*writer, now)));
    }

    fn knows_all_of(&self, reader: Uuid) -> bool {
        let wrote = self.wrote.lock().unwrap_or_else(PoisonError::into_inner);
        wrote.get(&reader).is_none_or(|at| at.elapsed() > self.lag)
    }
}

/// Who is behind a change set. Whoever has no id counts as one.
pub(crate) fn writers(changes: &ChangeSet) -> Vec<Uuid> {
    changes.events.iter().map(|event| event.actor.id.unwrap_or_default()).collect()
}

impl SqlxStore {
    /// Who may be asked for figures: they are of a whole desk, and nobody looks in them for what they just did.
    pub(crate) fn for_figures(&self) -> Option<&Pool> {
        self.replica.as_ref().map(|replica| &replica.pool)
    }

    /// Who may be asked for a list.
    pub(crate) fn for_list(&self, query: &TicketQuery) -> Option<&Pool> {
        let replica = self.replica.as_ref()?;
        query.reader.filter(|reader| replica.knows_all_of(*reader)).map(|_| &replica.pool)
    }

    /// Remembers who wrote, until a follower knows of it.
    pub(crate) fn wrote(&self, writers: &[Uuid]) {
        if let Some(replica) = &self.replica {
            replica.note(writers);
        }
    }
}
