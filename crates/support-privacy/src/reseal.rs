//! Rotation: every ticket's row under the current key, one batch after another.

use crate::SealedStore;
use support_core::{
    domain::{
        access::TicketScope,
        id::TicketId,
        ticket::{Cursor, Sort, SortKey, Ticket, TicketFilter, TicketQuery},
    },
    ports::{ChangeSet, Store, StoreError, Write},
};

/// How often a ticket is read again that somebody changed in between. Whoever keeps changing it seals it too.
const TRIES: u32 = 4;

/// How far a [walk](SealedStore::reseal) over all tickets has come. The default is its beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resealing {
    /// How many tickets were looked at.
    pub seen: u64,
    /// How many of them were written anew.
    pub resealed: u64,
    /// How many were being changed each time that they were looked at: the next walk meets them again.
    pub busy: u64,
    /// Which could not be opened. Their rows were left alone.
    pub unreadable: Vec<TicketId>,
    walk: Walk,
    after: Option<Cursor>,
}

/// Tickets that are deleted stand in lists of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Walk {
    #[default]
    Kept,
    Deleted,
    Done,
}

impl Resealing {
    /// Whether the walk has come to its end.
    pub fn is_done(&self) -> bool {
        self.walk == Walk::Done
    }

    /// Whether it has, and every ticket's row is sealed under the current key: older keys can go.
    pub fn is_complete(&self) -> bool {
        self.is_done() && self.busy == 0 && self.unreadable.is_empty()
    }
}

enum Outcome {
    Resealed,
    Fine,
    Busy,
    Unreadable,
}

impl<S: Store> SealedStore<S> {
    /// Looks at the next `batch` tickets and writes those anew whose values are in clear or under another key than the
    /// current one. Everything else about them stays, but that `version` rises by one.
    ///
    /// The desk may run meanwhile, and the walk may break off and begin anew: what is done is met and left alone.
    ///
    /// ```
    /// # use support_core::ports::{Store, StoreError};
    /// # use support_privacy::{Resealing, SealedStore};
    /// async fn rotate<S: Store>(store: &SealedStore<S>) -> Result<Resealing, StoreError> {
    ///     let mut walk = Resealing::default();
    ///     while !walk.is_done() {
    ///         walk = store.reseal(walk, 100).await?;
    ///     }
    ///     Ok(walk)
    /// }
    /// ```
    ///
    /// # Errors
    /// Those of the wrapped store. A ticket that does not open is no error: it is counted, and the walk goes on.
    pub async fn reseal(&self, mut walk: Resealing, batch: u32) -> Result<Resealing, StoreError> {
        if walk.is_done() {
            return Ok(walk);
        }
        let query = TicketQuery {
            reader: None,
            scope: TicketScope::All,
            filter: TicketFilter { deleted: walk.walk == Walk::Deleted, ..TicketFilter::default() },
            sort: Sort { key: SortKey::Created, ascending: true },
            after: walk.after,
            skip: 0,
            limit: batch.max(1),
        };
        let page = self.inner().tickets(&query).await?;
        for row in &page.items {
            walk.seen += 1;
            match self.reseal_ticket(row.id).await? {
                Outcome::Resealed => walk.resealed += 1,
                Outcome::Busy => walk.busy += 1,
                Outcome::Unreadable => walk.unreadable.push(row.id),
                Outcome::Fine => {}
            }
        }
        walk.after = page.items.last().map(|row| row.cursor(SortKey::Created));
        if !page.more {
            walk.after = None;
            walk.walk = if walk.walk == Walk::Kept { Walk::Deleted } else { Walk::Done };
        }
        Ok(walk)
    }

    async fn reseal_ticket(&self, id: TicketId) -> Result<Outcome, StoreError> {
        for _ in 0..TRIES {
            let Some(row) = self.inner().ticket(id).await? else { return Ok(Outcome::Fine) };
            let sealed = match self.keys().open_ticket(row.clone()) {
                Ok(ticket) => self.keys().seal_ticket(ticket),
                Err(StoreError::Corrupt { .. }) => return Ok(Outcome::Unreadable),
                Err(error) => return Err(error),
            };
            // Equal values are sealed alike, so a row that is as it should be comes out as it went in.
            if sealed == row {
                return Ok(Outcome::Fine);
            }
            match self.inner().commit(replacing(sealed)).await {
                Ok(()) => return Ok(Outcome::Resealed),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Outcome::Busy)
    }
}

fn replacing(ticket: Ticket) -> ChangeSet {
    let read = ticket.version;
    let writes = vec![Write::UpdateTicket { ticket: Box::new(ticket), read }];
    ChangeSet { writes, ..ChangeSet::default() }
}
