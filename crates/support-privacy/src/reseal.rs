//! Rotation: every row under the current key, one batch after another.

use crate::SealedStore;
use support_core::{
    domain::{
        access::TicketScope,
        document::{Document, DocumentKind},
        id::TicketId,
        ticket::{Cursor, Sort, SortKey, Ticket, TicketFilter, TicketQuery},
    },
    ports::{
        ChangeSet, Store, StoreError, Write,
        archive::{Place, Record, RecordKind},
    },
};
use uuid::Uuid;

/// How often a row is read again that somebody changed in between. Whoever keeps changing it seals it too.
const TRIES: u32 = 4;

/// How far a [walk](SealedStore::reseal) over all tickets and documents has come. The default is its beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resealing {
    /// How many tickets were looked at, and documents that can hold something sealed.
    pub seen: u64,
    /// How many of them were written anew.
    pub resealed: u64,
    /// How many were being changed each time that they were looked at: the next walk meets them again.
    pub busy: u64,
    /// Which tickets could not be opened. Their rows were left alone.
    pub unreadable: Vec<TicketId>,
    /// Which documents could not be opened. Their rows were left alone.
    pub unreadable_documents: Vec<(DocumentKind, Uuid)>,
    walk: Walk,
    after: Option<Cursor>,
    behind: Option<Place>,
}

/// Tickets that are deleted stand in lists of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Walk {
    #[default]
    Kept,
    Deleted,
    Documents,
    Done,
}

impl Resealing {
    /// Whether the walk has come to its end.
    pub fn is_done(&self) -> bool {
        self.walk == Walk::Done
    }

    /// Whether it has, and every row is sealed under the current key: older keys can go.
    pub fn is_complete(&self) -> bool {
        self.is_done() && self.busy == 0 && self.unreadable.is_empty() && self.unreadable_documents.is_empty()
    }

    /// Whether the row could be opened.
    fn count(&mut self, outcome: Outcome) -> bool {
        self.seen += 1;
        match outcome {
            Outcome::Resealed => self.resealed += 1,
            Outcome::Busy => self.busy += 1,
            Outcome::Fine => {}
            Outcome::Unreadable => return false,
        }
        true
    }
}

#[derive(Clone, Copy)]
enum Outcome {
    Resealed,
    Fine,
    Busy,
    Unreadable,
}

impl<S: Store> SealedStore<S> {
    /// Looks at the next `batch` tickets or documents and writes those anew whose values are in clear or under another key
    /// than the current one. Everything else about them stays, but that `version` rises by one.
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
    /// Those of the wrapped store. A row that does not open is no error: it is counted, and the walk goes on.
    pub async fn reseal(&self, mut walk: Resealing, batch: u32) -> Result<Resealing, StoreError> {
        match walk.walk {
            Walk::Kept | Walk::Deleted => self.reseal_tickets(&mut walk, batch.max(1)).await?,
            Walk::Documents => self.reseal_documents(&mut walk, batch.max(1)).await?,
            Walk::Done => {}
        }
        Ok(walk)
    }

    async fn reseal_tickets(&self, walk: &mut Resealing, batch: u32) -> Result<(), StoreError> {
        let query = TicketQuery {
            reader: None,
            scope: TicketScope::All,
            filter: TicketFilter { deleted: walk.walk == Walk::Deleted, ..TicketFilter::default() },
            sort: Sort { key: SortKey::Created, ascending: true },
            after: walk.after,
            skip: 0,
            limit: batch,
        };
        let page = self.inner().tickets(&query).await?;
        for row in &page.items {
            if !walk.count(self.reseal_ticket(row.id).await?) {
                walk.unreadable.push(row.id);
            }
        }
        walk.after = page.items.last().map(|row| row.cursor(SortKey::Created));
        if !page.more {
            walk.after = None;
            walk.walk = if walk.walk == Walk::Kept { Walk::Deleted } else { Walk::Documents };
        }
        Ok(())
    }

    async fn reseal_documents(&self, walk: &mut Resealing, batch: u32) -> Result<(), StoreError> {
        let page = self.inner().records(RecordKind::Documents, walk.behind.as_ref(), batch).await?;
        let Some((last, _)) = page.last() else {
            walk.behind = None;
            walk.walk = Walk::Done;
            return Ok(());
        };
        walk.behind = Some(last.clone());
        for (_, record) in &page {
            let Record::Document(row) = record else { continue };
            if row.kind.personal().is_empty() {
                continue;
            }
            if !walk.count(self.reseal_document(row.kind, row.id).await?) {
                walk.unreadable_documents.push((row.kind, row.id));
            }
        }
        Ok(())
    }

    async fn reseal_ticket(&self, id: TicketId) -> Result<Outcome, StoreError> {
        for _ in 0..TRIES {
            let Some(row) = self.inner().ticket(id).await? else { return Ok(Outcome::Fine) };
            let opened = self.keys().open_ticket(row.clone());
            let sealed = opened.map(|ticket| self.keys().seal_ticket(ticket));
            if let Some(outcome) = self.replace(&row, sealed, replacing).await? {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Busy)
    }

    async fn reseal_document(&self, kind: DocumentKind, id: Uuid) -> Result<Outcome, StoreError> {
        for _ in 0..TRIES {
            let Some(row) = self.inner().document(kind, id).await? else { return Ok(Outcome::Fine) };
            let opened = self.keys().open_document(row.clone());
            let sealed = opened.map(|document| self.keys().seal_document(document));
            if let Some(outcome) = self.replace(&row, sealed, replacing_document).await? {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Busy)
    }

    /// Writes a row as it should be; none where somebody was faster.
    async fn replace<T: PartialEq>(
        &self,
        row: &T,
        sealed: Result<T, StoreError>,
        write: fn(T) -> Write,
    ) -> Result<Option<Outcome>, StoreError> {
        let sealed = match sealed {
            Ok(sealed) => sealed,
            Err(StoreError::Corrupt { .. }) => return Ok(Some(Outcome::Unreadable)),
            Err(error) => return Err(error),
        };
        // Equal values are sealed alike, so a row that is as it should be comes out as it went in.
        if sealed == *row {
            return Ok(Some(Outcome::Fine));
        }
        match self.inner().commit(ChangeSet { writes: vec![write(sealed)], ..ChangeSet::default() }).await {
            Ok(()) => Ok(Some(Outcome::Resealed)),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn replacing(ticket: Ticket) -> Write {
    let read = ticket.version;
    Write::UpdateTicket { ticket: Box::new(ticket), read }
}

fn replacing_document(document: Document) -> Write {
    let (read, before) = (document.version, Box::new(document.placement.clone()));
    Write::PutDocument { document: Box::new(document), read, before }
}
